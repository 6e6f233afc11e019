package modelcheck_test

import (
	"context"
	"flag"
	"strconv"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

func itoa(n int) string { return strconv.Itoa(n) }

// specs is how many generated specs TestRandom tries: go test ./modelcheck -run Random -args -specs 5000.
var specs = flag.Int("specs", 150, "generated specs that TestRandom tries")

// TestRandom holds the search against the reference on generated specs: counts without reductions,
// verdicts and lengths always, and everything alike for any number of workers.
func TestRandom(t *testing.T) {
	want := *specs
	if testing.Short() {
		want = 40
	}
	violations := map[string]int{}
	tried := 0
	for seed := uint64(1); tried < want; seed++ {
		src := spectest.Random(seed)
		m, err := spectest.Compile(src)
		if err != nil {
			if seed > uint64(20*want) {
				t.Fatalf("hardly any spec is well-formed, the last because of %v", err)
			}
			continue
		}
		ref, ok := newBrute(m.Info).explore(400)
		if !ok {
			continue
		}
		tried++
		for name := range ref.violated {
			violations[name]++
		}
		agree(t, seed, src, m, ref)
		if t.Failed() {
			return
		}
	}
	for _, name := range []string{"small", "quiet", "again", "calm", "never", "answer", "balance w", "premature w", "transitions x", "transitions k", "tidy", "soon", "deadlock", "bounds"} {
		if !testing.Short() && (violations[name] == 0 || violations[name] == tried) {
			t.Errorf("%s is violated in %d of %d specs: the specs show nothing about it", name, violations[name], tried)
		}
	}
	t.Logf("%d specs, violated: %v", tried, violations)
}

func agree(t *testing.T, seed uint64, src string, m *machine.Machine, ref *bruteAnswer) {
	t.Helper()
	for _, opt := range []modelcheck.Options{{Exact: true, Workers: 1}, {Exact: true, Workers: 3}, {Workers: 1}, {Workers: 3}} {
		x, err := modelcheck.Explore(context.Background(), m, opt)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		for _, d := range compareAnswers(m, ref, x, opt.Exact) {
			t.Errorf("seed %d, exact %v, %d workers: %s", seed, opt.Exact, opt.Workers, d)
		}
	}
	if t.Failed() {
		t.Logf("%s", src)
	}
}
