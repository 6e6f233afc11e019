package promela_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/promela"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/spec"
)

// compare holds what Spin says of an instance against the checker: the number of states, and every verdict. It
// gives what they disagree about, "" for nothing.
func compare(t testing.TB, m *machine.Machine, kernel string) string {
	t.Helper()
	in, err := m.Instance(kernel)
	if err != nil {
		t.Fatal(err)
	}
	text, err := promela.Text(in, "model.pml")
	if err != nil {
		t.Fatal(err)
	}
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: kernel, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	p, err := spin(t, text, true)
	if err != nil {
		return err.Error()
	}
	f, err := p.run("states", false)
	left := verdict(x, modelcheck.Bounds, "", diag.Error) == modelcheck.Violated
	switch {
	case err != nil:
		return err.Error()
	case f.violated != left:
		return fmt.Sprintf("bounds left: %v; Spin says %v", left, f.violated)
	case left:
		return "" // nothing else is about the specification
	case f.states != x.States+1:
		return fmt.Sprintf("%d states; Spin stores %d, which should be one more", x.States, f.states)
	}
	return compareVerdicts(p, m, x)
}

// compareVerdicts runs every claim. They stand in the file as the checker judges them.
func compareVerdicts(p *pan, m *machine.Machine, x *modelcheck.Exploration) string {
	rest := p.claims[1:]
	var diffs []string
	for _, q := range questions(m) {
		want := verdict(x, q.kind, q.name, q.severity) == modelcheck.Violated
		f, err := p.run(rest[0], q.kind == modelcheck.Temporal)
		switch {
		case err != nil:
			diffs = append(diffs, err.Error())
		case f.violated != want:
			diffs = append(diffs, fmt.Sprintf("%s (%s %s) violated: %v; Spin says %v", rest[0], q.kind, q.name, want, f.violated))
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		diffs = append(diffs, fmt.Sprintf("claims about nothing: %v", rest))
	}
	return strings.Join(diffs, "\n")
}

// question is what a claim should be about.
type question struct {
	kind     modelcheck.Kind
	name     string
	severity diag.Severity
}

// questions lists what is to be asked of a module, in order.
func questions(m *machine.Machine) []question {
	var qs []question
	for _, p := range m.Props {
		switch p.Decl.Kind {
		case lang.Invariant:
			qs = append(qs, question{modelcheck.Invariant, p.Decl.Name.Name, 0})
		case lang.Temporal:
			qs = append(qs, question{modelcheck.Temporal, p.Decl.Name.Name, 0})
		}
	}
	for _, b := range m.Balances {
		name := m.Wakeups[b.Wakeup].Object.Name
		qs = append(qs, question{modelcheck.Balance, name, 0}, question{modelcheck.Premature, name, 0})
	}
	for _, tr := range m.Trans {
		qs = append(qs, question{modelcheck.Transitions, tr.Object.Name, diag.Error})
		if slices.ContainsFunc(m.Info.Transitions[tr.Object], func(e *lang.Edge) bool { return e.Warning }) {
			qs = append(qs, question{modelcheck.Transitions, tr.Object.Name, diag.Warning})
		}
	}
	return append(qs, question{modelcheck.Deadlock, "", 0})
}

// verdict is what the checker says. A warning edge that is never taken is not told at all.
func verdict(x *modelcheck.Exploration, k modelcheck.Kind, name string, s diag.Severity) modelcheck.Verdict {
	for _, j := range x.Judgements {
		if j.Kind == k && j.Name == name && (k != modelcheck.Transitions || j.Severity == s) {
			return j.Verdict
		}
	}
	return modelcheck.Holds
}

// tooLarge tells whether an instance is more than a test should take.
func tooLarge(m *machine.Machine, kernel string, states int) bool {
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: kernel, Exact: true, MaxStates: states})
	return err != nil || x.Bounded != ""
}

// TestRandom compares generated specifications.
func TestRandom(t *testing.T) {
	tools(t)
	want := 300
	if testing.Short() {
		want = 40
	}
	seeds := make(chan uint64)
	go func() {
		defer close(seeds)
		for seed := uint64(1); want > 0; seed++ {
			if m, err := spectest.Compile(spectest.Random(seed)); err == nil && !tooLarge(m, "", 3000) {
				seeds <- seed
				want--
			}
		}
	}()
	for w := range 2 {
		t.Run(fmt.Sprint("worker ", w), func(t *testing.T) {
			t.Parallel()
			for seed := range seeds {
				compareSource(t, fmt.Sprint("seed ", seed), spectest.Random(seed))
			}
		})
	}
}

// compareSource compares a specification given as text, and makes one that is not agreed about smaller.
func compareSource(t *testing.T, what, src string) {
	t.Helper()
	differs := func(src string) string {
		m, err := spectest.Compile(src)
		if err != nil || tooLarge(m, "", 50000) {
			return ""
		}
		return compare(t, m, "")
	}
	diff := differs(src)
	if diff == "" {
		return
	}
	src = spectest.Minimise(src, func(src string) bool { return differs(src) != "" })
	t.Errorf("%s: %s\nthe same with less:\n%s\n%s", what, diff, src, differs(src))
}

// shipped are instances that Spin walks in no time; the specifications and kernels take turns with them.
var shipped = []string{
	"start state = RUNNING, power = 1, has_wakeup = true, can_stop = true\n  spawn rproc_report_crash * 1, rproc_shutdown * 1",
	"start state in { RUNNING, ATTACHED }, power = 1, has_wakeup = true, can_stop = true, can_detach = true\n  spawn rproc_report_crash * 2",
	"start state = ATTACHED, power = 1, can_stop = true\n  spawn rproc_report_crash * 1, rproc_detach * 1",
	"start state = RUNNING, power = 1, can_detach = false\n  spawn rproc_report_crash * 1, rproc_del * 1",
	"start state in { OFFLINE, DETACHED }, power = 0, can_stop = true, can_detach = true, has_wakeup = true\n  spawn rproc_add * 1, rproc_report_crash * 1",
}

// TestShipped compares every shipped specification in several kernels, the base in all.
func TestShipped(t *testing.T) {
	tools(t)
	n := 0
	for _, name := range spec.Names() {
		base := spectest.Shipped(t, name)
		for _, k := range base.Info.Kernels {
			n++
			if name != "remoteproc" && n%2 == 0 || testing.Short() && n%3 != 0 {
				continue
			}
			explore := shipped[n%len(shipped)]
			t.Run(name+" in "+k.Name, func(t *testing.T) {
				t.Parallel()
				m, err := spectest.Compile(fmt.Sprintf("module small extends %s\nexplore {\n  %s\n}\n", name, explore))
				if err != nil {
					t.Fatal(err)
				}
				if diff := compare(t, m, k.Name); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// once are specifications about which Spin and the checker once did not agree, made small, with the reason.
var once = map[string]string{
	"a jump to what is written nowhere, two ways": `
var flag: bool
wakeup w
work job runs worker
explore { spawn q * 1 }
procedure f -> result {
  if flag { log err "flag" }
  if flag { flag := false } else { stay_awake w }
}
process q { queue job }
process worker {
  local r: result
  either { r := f() } or { log err "none" }
  flag := true
}`,
	"a jump to what is written nowhere, an early end": `
var n: -1..2 = 0
wakeup w
explore { spawn q * 1 }
process q {
  local i: 0..1
  either { i := 1 } or { }
  if w.active {
    n := n
    log err "n is {n}"
  } else { stay_awake w }
  await n > 0
}`,
	"an end as one branch of a choice": `
var x: bool = false
explore { spawn p * 1, q * 1 }
procedure f -> result { if x { either { } or { } } }
process p() { f() else return }
process q { }`,
	"a variable that nobody reads": `
var flag: bool
explore { spawn q * 1 }
process q { }`,
	"a fair behaviour that stands still, where pan's stuttering finds no cycle": `
var x: bool = false
var n: 0..2 = 0
mutex m
property calm: <> [] (!x || n > 0)
explore { spawn p * 1, q * 1 }
process p() { n := 0, x := n > 1 || x }
process q {
  lock m interruptible else return
  unlock m
  lock m
  n := 1
  x := true
  unlock m
}`,
}

// TestOnce compares them.
func TestOnce(t *testing.T) {
	for what, src := range once {
		t.Run(what, func(t *testing.T) { compareSource(t, what, "module test\nsubject s"+src) })
	}
}
