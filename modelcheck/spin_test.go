package modelcheck_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rprocspec/rprocspec/lang/translate/promela"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// BenchmarkSpin holds the search beside pan, compiled with cc -O2, on the same instance: remoteproc in v6_0. All that
// can be reached, without reductions (states/s, bytes a state), with each one's own; and the time to the first
// counterexample of a safety and of a liveness property. Spin's is any, ours a shortest one.
func BenchmarkSpin(b *testing.B) {
	for _, tool := range []string{"spin", "cc"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skip(tool + " is not installed: nothing is held beside it")
		}
	}
	m := shipped(b, "remoteproc")
	in, err := m.Instance("v6_0")
	if err != nil {
		b.Fatal(err)
	}
	text, err := promela.Text(in, "model.pml")
	if err != nil {
		b.Fatal(err)
	}
	for _, bb := range []struct {
		name string
		opt  modelcheck.Options
	}{
		{"all/rprocspec-exact", modelcheck.Options{Exact: true}},
		{"all/rprocspec-exact-1-worker", modelcheck.Options{Exact: true, Workers: 1}},
		{"all/rprocspec", modelcheck.Options{}},
		{"first-safety/rprocspec", modelcheck.Options{Until: "balance awake"}},
		{"first-safety/rprocspec-exact", modelcheck.Options{Exact: true, Until: "balance awake"}},
		{"first-liveness/rprocspec", modelcheck.Options{}}, // judged when all is explored
	} {
		bb.opt.Kernel = "v6_0"
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				x := explore(b, m, bb.opt)
				report(b, x.States, x.Duration, float64(x.Memory))
			}
		})
	}
	const states = "-DSAFETY -DNOCLAIM"
	for _, bb := range []struct{ name, spin, cc, pan string }{
		{"all/pan-noreduce", "", "-DNOREDUCE " + states, "-E"},
		{"all/pan", "", states, "-E"},
		{"first-safety/pan-noreduce", "", "-DNOREDUCE", "-a -N balance_awake"},
		{"first-liveness/pan-noreduce", "-DFAIR", "-DNOREDUCE -DNFAIR=3", "-a -f -N lets_go"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			dir := verifier(b, text, bb.spin, bb.cc)
			for b.Loop() {
				begun := time.Now()
				out := command(b, dir, "./pan", "-n -m100000 -w24 "+bb.pan)
				report(b, int(number(b, stored, out)), time.Since(begun), number(b, memory, out)*1e6)
			}
		})
	}
}

// report tells the figures of one search.
func report(b *testing.B, states int, took time.Duration, bytes float64) {
	b.ReportMetric(float64(states), "states")
	b.ReportMetric(float64(states)/took.Seconds(), "states/s")
	b.ReportMetric(bytes/float64(states), "bytes/state")
	b.ReportMetric(float64(took.Milliseconds()), "ms")
}

var (
	stored = regexp.MustCompile(`(?m)^\s*(\d+) states, stored`)
	memory = regexp.MustCompile(`(?m)^\s*([\d.]+)\s+total actual memory usage`)
)

func number(b *testing.B, line *regexp.Regexp, out string) float64 {
	b.Helper()
	found := line.FindStringSubmatch(out)
	if found == nil {
		b.Fatalf("pan says:\n%s", out)
	}
	n, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// verifier compiles pan in a directory of its own.
func verifier(b *testing.B, text, spin, cc string) string {
	b.Helper()
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "model.pml"), []byte(text), 0o666); err != nil {
		b.Fatal(err)
	}
	command(b, dir, "spin", spin+" -o1 -o2 -o3 -a model.pml")
	command(b, dir, "cc", cc+" -w -O2 -o pan pan.c")
	return dir
}

func command(b *testing.B, dir, name, args string) string {
	b.Helper()
	c := exec.Command(name, strings.Fields(args)...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	if err != nil {
		b.Fatal(fmt.Errorf("%s %s: %w\n%s", name, args, err, out))
	}
	return string(out)
}
