package tla_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/internal/tlc"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/spec"
)

// translated are the files of an instance, with what the checker says of it.
type translated struct {
	files map[string]string
	main  string // the configuration of the whole count
	x     *modelcheck.Exploration

	verdicts []tla.Verdict
}

// translate writes an instance with the verdicts of the checker, nil if it has more states than limit.
func translate(t *testing.T, m *machine.Machine, kernel string, limit int) *translated {
	t.Helper()
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: kernel, Exact: true, Workers: 1, MaxStates: limit + 1})
	if err != nil {
		t.Fatal(err)
	}
	if x.Bounded != "" {
		return nil
	}
	var vs []tla.Verdict
	for _, j := range x.Judgements {
		vs = append(vs, tla.Verdict{Title: j.Title(), Warning: j.Severity == diag.Warning, Violated: j.Verdict == modelcheck.Violated})
	}
	files, err := tla.Files(m, tla.Options{Kernel: kernel, Verdicts: vs})
	if err != nil {
		t.Fatal(err)
	}
	tr := &translated{files: map[string]string{}, x: x, verdicts: vs}
	for _, f := range files {
		tr.files[f.Name] = f.Text
		if strings.HasSuffix(f.Name, ".cfg") && !strings.Contains(f.Name, "_violates_") {
			tr.main = f.Name
		}
	}
	return tr
}

// agree runs what is emitted, and holds it against the checker. It gives false if there are more states than limit.
func agree(t *testing.T, m *machine.Machine, kernel string, limit int) bool {
	t.Helper()
	tr := translate(t, m, kernel, limit)
	if tr == nil {
		return false
	}
	model, err := tlc.Load(tr.files, tr.main)
	if err != nil {
		t.Errorf("%v", err)
		return true
	}
	g, err := model.Explore(2*limit + 100)
	if err != nil {
		t.Errorf("%v", err)
		return true
	}
	if g.States() != tr.x.States || g.Initial() != tr.x.Initial || g.Depth() != tr.x.Depth {
		t.Errorf("%d states, %d initial, depth %d; the checker has %d, %d, %d", g.States(), g.Initial(), g.Depth(), tr.x.States, tr.x.Initial, tr.x.Depth)
	}
	verdicts(t, tr, model, g)
	return true
}

// verdicts checks that everything in the main configuration holds, and that what stands in another one does not.
func verdicts(t *testing.T, tr *translated, model *tlc.Model, g *tlc.Graph) {
	t.Helper()
	leaves := false
	for _, j := range tr.x.Judgements {
		leaves = leaves || j.Kind == modelcheck.Bounds && j.Verdict == modelcheck.Violated
	}
	check := func(name string, temporal, want bool) {
		got, err := g.Holds(name)
		if err != nil {
			t.Error(err)
		}
		if got != want && !(temporal && leaves) {
			t.Errorf("%s: %v, the checker says %v", name, got, want)
		}
	}
	for _, n := range model.Config.Invariants {
		check(n, false, true)
	}
	for _, n := range model.Config.Properties {
		check(n, !strings.HasPrefix(n, "transitions"), true)
	}
	bad, good := 0, 0
	for name := range tr.files {
		if !strings.Contains(name, "_violates_") {
			continue
		}
		bad++
		v, err := tlc.Load(tr.files, name)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, n := range v.Config.Invariants {
			check(n, false, false)
		}
		for _, n := range v.Config.Properties {
			check(n, !strings.HasPrefix(n, "transitions"), false)
		}
	}
	for _, j := range tr.x.Judgements {
		if j.Verdict == modelcheck.Violated {
			good++
		}
	}
	if bad != good {
		t.Errorf("%d configurations show violations, there are %d", bad, good)
	}
}

// TestRandom runs generated specifications.
func TestRandom(t *testing.T) {
	want := 400
	if testing.Short() {
		want = 60
	}
	spectest.Each(t, 1, want, func(m *machine.Machine) bool { return agree(t, m, "", 800) })
}

// small is an instance of a shipped specification that a slow reader can walk.
const small = `module small extends %s
explore {
  start %s, has_wakeup = true, can_stop = true, can_detach = true, attach_on_recovery = false, recovery_disabled = false
  spawn %s
}
`

// TestShipped runs every shipped specification in small instances; remoteproc_wake_count has atomic blocks.
func TestShipped(t *testing.T) {
	for i, name := range spec.Names() {
		kernels := []string{"v6_0", []string{"v5_4", "v5_10", "v6_2", "v7_3"}[i%4]}
		spawns := "rproc_report_crash * 1, rproc_shutdown * 1"
		if name == "remoteproc" {
			kernels = []string{"v5_4", "v5_10", "v5_15", "v6_0", "v6_2", "v6_1_190", "v6_12", "v7_3"}
		}
		if testing.Short() {
			kernels = kernels[:1]
		}
		for _, k := range kernels {
			shipped(t, name, "state = RUNNING, power = 1", spawns, k)
		}
	}
}

// TestShippedMore runs what the instances of TestShipped have not: two reports at a time, removal, and a processor that
// is added and spawns what boots it.
func TestShippedMore(t *testing.T) {
	shipped(t, "remoteproc", "state in { OFFLINE, DETACHED }, power = 0", "rproc_add * 1", "v7_3")
	if testing.Short() {
		return
	}
	shipped(t, "remoteproc", "state = ATTACHED, power = 1", "rproc_report_crash * 1, rproc_del * 1", "v7_3")
	shipped(t, "remoteproc", "state = ATTACHED, power = 1", "rproc_detach * 1, rproc_report_crash * 1", "v6_12")
	shipped(t, "remoteproc_wake_count", "state = RUNNING, power = 1", "rproc_report_crash * 2", "v6_0")
}

func shipped(t *testing.T, name, start, spawns, kernel string) {
	t.Helper()
	t.Run(name+" "+kernel, func(t *testing.T) {
		m, err := spectest.Compile(fmt.Sprintf(small, name, start, spawns))
		if err != nil {
			t.Fatal(err)
		}
		if !agree(t, m, kernel, 60000) {
			t.Error("too many states")
		}
	})
}
