package quint_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/quint"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// explored is what a module does by what stands in it.
type explored struct {
	states, moves int
	violated      map[string]bool // by name
}

// explore walks over all states of a module; false if they are too many.
func explore(text string, limit int) (x explored, ok bool) {
	m := mparse(text)
	x.violated = map[string]bool{}
	known := map[string]bool{}
	var queue []map[string]mval
	add := func(s map[string]mval) {
		if !m.within(s) {
			x.violated["bounds"] = true
			return
		}
		if k := keyed("", s); !known[k] {
			known[k] = true
			queue = append(queue, s)
			m.judge(s, x.violated)
		}
	}
	for _, s := range m.successors("init", nil) {
		add(s)
	}
	for i := 0; i < len(queue); i++ {
		if len(queue) > limit {
			return x, false
		}
		for _, t := range m.successors("step", queue[i]) {
			x.moves++
			m.judgeStep(queue[i], t, x.violated)
			add(t)
		}
	}
	x.states = len(queue)
	return x, true
}

func (m *mmodule) within(s map[string]mval) bool {
	return m.defs["bounds"] == nil || (&mstate{m, s, nil}).bool(m.defs["bounds"].body, nil)
}

// judge notes which vals of truth are false.
func (m *mmodule) judge(s map[string]mval, violated map[string]bool) {
	for name, d := range m.defs {
		if d.kind != "val" || violated[name] || d.params != nil {
			continue
		}
		if v, is := (&mstate{m, s, nil}).eval(d.body, nil).(bool); is && !v {
			violated[name] = true
		}
	}
}

// judgeStep notes which of the properties that speak of changes a step violates.
func (m *mmodule) judgeStep(s, t map[string]mval, violated map[string]bool) {
	for name, d := range m.defs {
		if d.kind == "temporal" && strings.HasPrefix(name, "transitions_") && !(&mstate{m, s, t}).bool(d.body, nil) {
			violated[name] = true
		}
	}
}

// agree holds a module against the checker; false if it has too many states.
func agree(t *testing.T, m *machine.Machine, kernel string, limit int) bool {
	t.Helper()
	_, text, err := quint.Module(m, quint.Options{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	got, ok := explore(text, limit)
	if !ok {
		return false
	}
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: kernel, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.states != x.States || got.moves != x.Transitions {
		t.Errorf("%d states, %d steps; the checker has %d, %d", got.states, got.moves, x.States, x.Transitions)
	}
	judged := maps.Clone(got.violated)
	for _, j := range x.Judgements {
		name := strings.ReplaceAll(j.Title(), " ", "_")
		switch {
		case j.Kind == modelcheck.Temporal, j.Kind == modelcheck.Transitions && j.Severity > 0:
			continue
		case j.Kind == modelcheck.Deadlock:
			name = "deadlock_free"
		case mparse(text).defs[name+"_"] != nil:
			name += "_" // a word of Quint
		}
		if violated := j.Verdict == modelcheck.Violated; got.violated[name] != violated {
			t.Errorf("%s: violated is %v, the checker says %s", name, got.violated[name], j.Verdict)
		}
		delete(judged, name)
	}
	for name := range judged {
		t.Errorf("%s is violated, of which the checker does not know", name)
	}
	return true
}

// TestRandom explores the modules of generated specifications: the same states and steps as the checker's, and the
// same verdicts.
func TestRandom(t *testing.T) {
	want := 120
	if testing.Short() {
		want = 40
	}
	spectest.Each(t, 1, want, func(m *machine.Machine) bool { return agree(t, m, "", 400) })
}

// small are instances of shipped specifications, in everything that generated ones have not.
const small = `module small extends %s
explore {
  start %s, has_wakeup = true, can_stop = true, can_detach = true, attach_on_recovery = false, recovery_disabled = false
  spawn %s
}
`

// TestShipped does the same with small instances of shipped specifications.
func TestShipped(t *testing.T) {
	for _, tt := range []struct{ spec, start, spawn, kernel string }{
		{"remoteproc", "state = RUNNING, power = 1", "rproc_report_crash * 1", ""},
		{"remoteproc", "state = RUNNING, power = 1", "rproc_report_crash * 1, rproc_shutdown * 1", "v6_0"},
		{"remoteproc_wake_count", "state = RUNNING, power = 1", "rproc_report_crash * 1", "v6_0"},
		{"remoteproc", "state = RUNNING, power = 1", "rproc_del * 1", "v7_3"},
		{"remoteproc", "state in { OFFLINE, DETACHED }, power = 0", "rproc_add * 1", "v7_3"},
	} {
		if tt.kernel != "v6_0" && testing.Short() {
			continue
		}
		m, err := spectest.Compile(fmt.Sprintf(small, tt.spec, tt.start, tt.spawn))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range m.Info.Kernels {
			if (tt.kernel == "" || tt.kernel == k.Name) && !agree(t, m, k.Name, 5000) {
				t.Errorf("%s in %s: too many states", tt.spec, k.Name)
			}
		}
	}
}

// TestOdd does the same with specifications of what generated ones have not.
func TestOdd(t *testing.T) {
	for name, src := range odd {
		t.Run(name, func(t *testing.T) {
			m, err := spectest.Compile(src)
			if err != nil {
				t.Fatal(err)
			}
			if !agree(t, m, "", 3000) {
				t.Error("too many states")
			}
		})
	}
}
