package modelcheck_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/modelcheck"
)

// lamp has one process of three steps (the start, the assignment, the end), twice.
const lamp = `module lamp
subject s
var n: 0..2 = 0
invariant dark: n < 2
property lit: <> n > 0
explore { spawn on * 2 }
process on { n := n + 1 }
`

// TestCount: every activation is idle, before its assignment, behind it, or done, and n is the number of
// those that are past it: 4 × 4 states with a move for each that is not done, 4 · 2 · 3 moves. When the two
// are alike, 10 states remain, with 15 moves less the start of the second before the first.
func TestCount(t *testing.T) {
	m := compile(t, lamp)
	for _, tt := range []struct {
		exact                      bool
		states, transitions, depth int
	}{{true, 16, 24, 7}, {false, 10, 14, 7}} {
		x := explore(t, m, modelcheck.Options{Exact: tt.exact})
		got := []int{x.States, x.Transitions, x.Depth, x.Initial}
		if diff := cmp.Diff([]int{tt.states, tt.transitions, tt.depth, 1}, got); diff != "" {
			t.Errorf("exact %v: states, transitions, depth, initial (-want +got):\n%s", tt.exact, diff)
		}
		if j := judgement(t, x, "dark"); j.Verdict != modelcheck.Violated || j.Trace.Len() != 4 {
			t.Errorf("dark is %s", j.Verdict)
		}
		if j := judgement(t, x, "lit"); j.Verdict != modelcheck.Violated || j.Trace.Len() != 0 {
			t.Errorf("lit is %s: the environment need not start anything", j.Verdict)
		}
		if x.StateBits != 2+2*2 {
			t.Errorf("%d bits a state, want 2 for n and 2 for every activation", x.StateBits)
		}
	}
}

// TestUnexecuted: what no behaviour reaches is told.
func TestUnexecuted(t *testing.T) {
	m := compile(t, `module m
subject s
var x: bool = false
explore { spawn p * 1 }
process p {
  if x { x := false }
  x := true
}
`)
	x := explore(t, m, modelcheck.Options{})
	if len(x.Unexecuted) != 1 || x.Unexecuted[0].Start.Line != 6 || x.Unexecuted[0].Start.Col != 10 {
		t.Errorf("never executed: %v, want the assignment of line 6", x.Unexecuted)
	}
	if len(x.Executed) != 2 {
		t.Errorf("executed: %v", x.Executed)
	}
}

// TestDeadlock: two locks in two orders.
func TestDeadlock(t *testing.T) {
	m := compile(t, `module m
subject s
mutex a
mutex b
explore { spawn p * 1, q * 1 }
process p { lock a; lock b; unlock b; unlock a }
process q { lock b; lock a; unlock a; unlock b }
`)
	x := explore(t, m, modelcheck.Options{Exact: true})
	j := judgement(t, x, "deadlock")
	if j.Verdict != modelcheck.Violated || j.Trace.Len() != 4 {
		t.Fatalf("deadlock: %s", j.Verdict)
	}
	if !strings.Contains(j.Detail, "p:6") || !strings.Contains(j.Detail, "q:7") {
		t.Errorf("the detail names not both that wait: %s", j.Detail)
	}
}

// TestBounds: a variable that leaves its bounds ends there, and is told.
func TestBounds(t *testing.T) {
	m := compile(t, `module m
subject s
var n: 0..1 = 0
explore { spawn p * 2 }
process p { n := n + 1 }
`)
	j := judgement(t, explore(t, m, modelcheck.Options{}), "bounds")
	if j.Verdict != modelcheck.Violated || j.Trace.Len() != 4 || !strings.Contains(j.Detail, "n becomes 2") {
		t.Errorf("bounds: %s: %s", j.Verdict, j.Detail)
	}
}

// spin queues itself for ever.
const spin = `module spin
subject s
var on: bool = false
var go: bool = false
work w runs again
property blinks: [] <> on
property settles: <> [] !on
property starts: w.pending ~> go
explore { spawn kick * 1 }
process kick { queue w }
process again {
  on := !on
  go := true
  queue w
}
`

// TestLasso: a work item that goes on and off for ever, fairly.
func TestLasso(t *testing.T) {
	x := explore(t, compile(t, spin), modelcheck.Options{})
	if j := judgement(t, x, "starts"); j.Verdict != modelcheck.Holds {
		t.Errorf("a pending item starts, by fairness: %s", j.Verdict)
	}
	// Nothing is ever queued: the environment may do without.
	if j := judgement(t, x, "blinks"); j.Verdict != modelcheck.Violated || j.Trace.Len() != 0 || j.Trace.Loop != 0 {
		t.Errorf("blinks: %s", j.Verdict)
	}
	j := judgement(t, x, "settles")
	if j.Verdict != modelcheck.Violated || j.Trace.Loop <= 0 || j.Trace.Loop >= j.Trace.Len() {
		t.Fatalf("settles: %s, want a cycle behind a prefix", j.Verdict)
	}
	if !strings.Contains(j.Trace.Draw(), "-- from here on again and again:") {
		t.Errorf("the drawing has no loop:\n%s", j.Trace.Draw())
	}
	first, last := j.Trace.Steps[j.Trace.Loop].Before, j.Trace.Steps[j.Trace.Len()-1].After
	if diff := cmp.Diff(first, last); diff != "" {
		t.Errorf("the cycle does not close:\n%s", diff)
	}
}

// TestBounded: a bound gives an answer that says so, and what was found before stands.
func TestBounded(t *testing.T) {
	m := shipped(t, "remoteproc")
	for name, opt := range map[string]modelcheck.Options{
		"states": {MaxStates: 30000}, "memory": {MaxMemory: 1 << 20}, "timeout": {Timeout: time.Nanosecond},
	} {
		opt.Kernel = "v6_0"
		x := explore(t, m, opt)
		if x.Bounded == "" || judgement(t, x, "deadlock").Verdict != modelcheck.Bounded {
			t.Errorf("%s: bounded %q", name, x.Bounded)
		}
		if x.Memory > 4<<20 {
			t.Errorf("%s: %d bytes", name, x.Memory)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x, err := modelcheck.Explore(ctx, m, modelcheck.Options{Kernel: "v6_0"})
	if err != nil || x.Bounded == "" {
		t.Errorf("an interrupted search: %v, bounded %q", err, x.Bounded)
	}
}

// blinker goes on and off until somebody stops it.
const blinker = `module blinker
subject s
var on: bool = false
var stopped: bool = false
work w runs again
property settles: <> [] !on
explore { spawn kick * 1, stop * 1 }
process kick { queue w }
process stop { stopped := true }
process again {
  if stopped { on := false } else { on := !on; queue w }
}
`

// patience is a context that ends when it has been asked so often.
type patience struct {
	context.Context
	left int
}

func (p *patience) Err() error {
	if p.left--; p.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestInterrupt: wherever an interrupt comes, what was not found yet is open.
func TestInterrupt(t *testing.T) {
	m := compile(t, blinker)
	for n := range 1000 {
		x, err := modelcheck.Explore(&patience{context.Background(), n}, m, modelcheck.Options{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		switch j := judgement(t, x, "settles"); {
		case j.Verdict == modelcheck.Holds:
			t.Fatalf("interrupted after %d looks: it holds, with a bound %q", n, x.Bounded)
		case j.Verdict == modelcheck.Bounded && x.Bounded == "":
			t.Fatalf("interrupted after %d looks: bounded by nothing", n)
		case x.Bounded == "":
			return
		}
	}
	t.Error("it is always interrupted")
}

// TestTimeout: whenever the time is over, in the search or after it, what was not found yet is open.
func TestTimeout(t *testing.T) {
	m := compile(t, blinker)
	for d := time.Nanosecond; d < time.Hour; d *= 2 {
		x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Workers: 1, Timeout: d})
		if err != nil {
			t.Fatal(err)
		}
		switch j := judgement(t, x, "settles"); {
		case x.Bounded == "" && j.Verdict != modelcheck.Violated:
			t.Fatalf("after %v: %s, bounded by nothing", d, j.Verdict)
		case x.Bounded != "" && j.Verdict == modelcheck.Holds:
			t.Fatalf("after %v: it holds, bounded by %s", d, x.Bounded)
		case x.Bounded != "" && x.Bounded != fmt.Sprintf("timeout of %v", d):
			t.Fatalf("after %v: bounded by %s", d, x.Bounded)
		}
	}
}

func TestRefused(t *testing.T) {
	m := shipped(t, "remoteproc")
	if _, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: "v6"}); err == nil || !strings.Contains(err.Error(), "v6_12") {
		t.Errorf("an unknown kernel: %v", err)
	}
	odd := compile(t, "module m\nsubject s\nvar x: bool = false\nproperty p: <> x || [] !x\nexplore { spawn f * 1 }\nprocess f { x := true }\n")
	if _, err := modelcheck.Explore(context.Background(), odd, modelcheck.Options{}); err == nil || !strings.Contains(err.Error(), "test.rps:4:13") {
		t.Errorf("a formula that cannot be checked: %v", err)
	}
}

// TestWide: every value of a range has a code of its own, and a range that nobody can look through is refused.
func TestWide(t *testing.T) {
	const head = "module m\nsubject s\nvar x: -5..70000 = 32760\n"
	m := compile(t, head+"process up { local n: 0..40000; n := 39000; x := x + n - 2000 }\n"+
		"invariant low: x < 69760\nexplore { spawn up * 1 }\nscenario one {\n  a: up()\n  expect violates low\n}\n")
	for _, exact := range []bool{false, true} {
		x := explore(t, m, modelcheck.Options{Exact: exact})
		if j := judgement(t, x, "low"); j.Verdict != modelcheck.Violated || judgement(t, x, "bounds").Verdict != modelcheck.Holds {
			t.Errorf("exact %v: low is %s, bounds is %s", exact, j.Verdict, judgement(t, x, "bounds").Verdict)
		}
	}
	wide := compile(t, head+"process up(n: 0..2000000000) { if n > 3 { x := 1 } }\ninvariant low: x < 69760\n"+
		"explore { spawn up * 1 }\nscenario one {\n  a: up(4)\n  expect holds low\n}\n")
	const want = "test.rps:4:12: n has 2000000001 values, and at most 1048576 can be looked through"
	if _, err := modelcheck.Explore(context.Background(), wide, modelcheck.Options{}); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("explored: %v", err)
	}
	if _, err := modelcheck.RunScenario(wide, "", wide.Info.Scenarios[0]); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("run: %v", err)
	}
}

// TestTooMany: more than a run can keep is refused, with and without a space that is explored.
func TestTooMany(t *testing.T) {
	const head = "module m\nsubject s\nvar x: bool = false\nprocess f { x := true }\nscenario one {\n  a: f()\n  expect holds last\n}\n"
	invariants, formula := "", "property last: [] <> x"
	for i := range 64 {
		invariants += fmt.Sprintf("invariant i%d: x || !x\n", i)
		formula += " && [] <> x"
	}
	for _, src := range []string{head + invariants + "invariant last: !x\n", head + formula + "\n"} {
		for _, explored := range []string{"", "explore { spawn f * 1 }\n"} {
			_, err := modelcheck.Check(context.Background(), compile(t, src+explored), modelcheck.Options{})
			if err == nil || !strings.Contains(err.Error(), "at most 64") {
				t.Errorf("%v", err)
			}
		}
	}
}

// TestITF: what Apalache's and Quint's readers need is there.
func TestITF(t *testing.T) {
	j := judgement(t, explore(t, compile(t, lamp), modelcheck.Options{}), "dark")
	text, err := j.Trace.ITF()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Vars   []string         `json:"vars"`
		States []map[string]any `json:"states"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"n", "pc"}, doc.Vars); diff != "" {
		t.Errorf("vars (-want +got):\n%s", diff)
	}
	if len(doc.States) != j.Trace.Len()+1 {
		t.Errorf("%d states for %d steps", len(doc.States), j.Trace.Len())
	}
	last := doc.States[len(doc.States)-1]
	if diff := cmp.Diff(map[string]any{"#bigint": "2"}, last["n"]); diff != "" {
		t.Errorf("n at the end (-want +got):\n%s", diff)
	}
}
