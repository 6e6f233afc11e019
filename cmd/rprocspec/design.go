package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// interruptible gives a context that ends with an interrupt, and after a time if that is above zero.
func interruptible(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	if timeout <= 0 {
		return ctx, stop
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	return ctx, func() { cancel(); stop() }
}

// designOf reads SPEC or SPEC@KERNEL. Without @ the kernel is the one given, else the last of the spec.
func designOf(design, given string) (m *machine.Machine, kernel string, err error) {
	name, kernel, ok := strings.Cut(design, "@")
	m, err = compileSpec(name)
	switch {
	case err != nil || ok:
		return m, kernel, err
	case given != "":
		return m, given, nil
	}
	return m, lastProfile(m), nil
}

// lastProfile is the kernel of a spec that is meant where none is named; "" if it has none.
func lastProfile(m *machine.Machine) string {
	names := profiles(m)
	return names[len(names)-1]
}

// compileSpec loads a spec and compiles it.
func compileSpec(name string) (*machine.Machine, error) {
	_, m, err := loadCompiled(name)
	return m, err
}

// loadCompiled loads a spec and compiles it, for those who need its text as well.
func loadCompiled(name string) (*loaded, *machine.Machine, error) {
	l, err := mustLoad(name)
	if err != nil {
		return nil, nil, err
	}
	m, err := machine.Compile(l.info)
	return l, m, because(name, err)
}

// profiles lists the kernels of a spec; one without any is checked for all values of its features.
func profiles(m *machine.Machine) []string {
	var names []string
	for _, k := range m.Info.Kernels {
		names = append(names, k.Name)
	}
	if len(names) == 0 {
		return []string{""}
	}
	return names
}
