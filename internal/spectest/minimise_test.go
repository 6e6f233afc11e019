package spectest_test

import (
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// TestMinimise: what makes a specification bad is left, and nearly nothing else.
func TestMinimise(t *testing.T) {
	cancels := func(src string) bool {
		m, err := spectest.Compile(src)
		if err != nil {
			return false
		}
		for _, n := range m.Nodes[1:] {
			if n.Kind == machine.Cancel {
				return true
			}
		}
		return false
	}
	for seed := uint64(1); ; seed++ {
		src := spectest.Random(seed)
		if !cancels(src) {
			continue
		}
		got := spectest.Minimise(src, cancels)
		if !cancels(got) {
			t.Fatalf("not bad any more:\n%s", got)
		}
		if n := len(strings.Fields(got)); n > 30 || strings.Contains(got, "relax") {
			t.Errorf("seed %d: %d words are left:\n%s", seed, n, got)
		}
		return
	}
}
