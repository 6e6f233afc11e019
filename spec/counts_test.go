package spec_test

import (
	"context"
	"flag"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/spec"
)

var counts = flag.Bool("counts", false, "explore every instance of the manifest that has a count; takes most of an hour")

// cheap is how many states are counted without -counts.
const cheap = 4_000_000

// TestManifestCounts counts the states of the instances again. The initial states of all are counted, the whole of the
// cheap ones.
func TestManifestCounts(t *testing.T) {
	whole := 0
	for _, e := range manifest(t) {
		m := spectest.Shipped(t, e.Name)
		for _, c := range e.Counts {
			if !knows(m.Info, c.Kernel) {
				t.Errorf("%s has no kernel %s", e.Name, c.Kernel)
				continue
			}
			in, err := m.Instance(c.Kernel)
			if err != nil {
				t.Fatal(err)
			}
			if len(in.Inits) != c.Initial {
				t.Errorf("%s in %s: %d initial states, the manifest has %d", e.Name, c.Kernel, len(in.Inits), c.Initial)
			}
			if *counts || !testing.Short() && c.States < cheap && whole < 1 {
				whole++
				count(t, e.Name, c)
			}
		}
	}
}

func knows(info *check.Info, kernel string) bool {
	for _, k := range info.Kernels {
		if k.Name == kernel {
			return true
		}
	}
	return false
}

// count explores one instance.
func count(t *testing.T, name string, c spec.Count) {
	t.Helper()
	x, err := modelcheck.Explore(context.Background(), spectest.Shipped(t, name), modelcheck.Options{Kernel: c.Kernel, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if x.States != c.States || x.Depth != c.Depth {
		t.Errorf("%s in %s: %d states, depth %d; the manifest has %d, %d", name, c.Kernel, x.States, x.Depth, c.States, c.Depth)
	}
}
