package validate_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/spec"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/traces/timeline"
	"github.com/rprocspec/rprocspec/validate"
)

var (
	machines   = map[string]*machine.Machine{}
	machinesMu sync.Mutex
)

// compile gives the machine of a shipped spec.
func compile(t testing.TB, name string) *machine.Machine {
	t.Helper()
	machinesMu.Lock()
	defer machinesMu.Unlock()
	if m := machines[name]; m != nil {
		return m
	}
	mod, err := spec.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(mod, spec.Load)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	m, err := machine.Compile(info)
	if err != nil {
		t.Fatal(err)
	}
	machines[name] = m
	return m
}

// run validates a trace given as bytes.
func run(t testing.TB, m *machine.Machine, name string, data []byte, opt validate.Options) *validate.Result {
	t.Helper()
	res, err := runErr(m, name, bytes.NewReader(data), opt)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return res
}

func runErr(m *machine.Machine, name string, in io.Reader, opt validate.Options) (*validate.Result, error) {
	events := map[string]bool{}
	for _, e := range m.Events() {
		events[e] = true
	}
	rd, err := open.Reader(in, name, traces.Options{SkipOther: true, Events: events})
	if err != nil {
		return nil, err
	}
	rd = timeline.New(rd, name)
	v, err := validate.New(m, opt)
	if err != nil {
		return nil, err
	}
	var r traces.Record
	for {
		err := rd.Read(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		v.Observe(&r)
	}
	return v.Close(name, rd.Info()), nil
}

// shared gives the folder of recorded captures, and skips the test where it is not at hand.
func shared(t testing.TB, parts ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{"..", "..", "shared"}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no recorded captures at %s", dir)
	}
	return dir
}
