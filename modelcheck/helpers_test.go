package modelcheck_test

import (
	"context"
	"sync"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

var (
	machines   = map[string]*machine.Machine{}
	machinesMu sync.Mutex
)

// shipped compiles a shipped spec, once.
func shipped(t testing.TB, name string) *machine.Machine {
	t.Helper()
	machinesMu.Lock()
	defer machinesMu.Unlock()
	if m := machines[name]; m != nil {
		return m
	}
	m := spectest.Shipped(t, name)
	machines[name] = m
	return m
}

// compile compiles a spec given as text.
func compile(t testing.TB, src string) *machine.Machine {
	t.Helper()
	m, err := spectest.Compile(src)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func explore(t testing.TB, m *machine.Machine, opt modelcheck.Options) *modelcheck.Exploration {
	t.Helper()
	x, err := modelcheck.Explore(context.Background(), m, opt)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// judgement finds what an exploration says of a property.
func judgement(t testing.TB, x *modelcheck.Exploration, title string) *modelcheck.Judgement {
	t.Helper()
	for _, j := range x.Judgements {
		if j.Title() == title {
			return j
		}
	}
	t.Fatalf("nothing is said of %s", title)
	return nil
}
