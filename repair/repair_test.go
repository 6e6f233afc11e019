package repair_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/repair"
	"github.com/rprocspec/rprocspec/spec"
)

// leak holds the bug of the thread in small: the handler that finds it stopped does not let go.
const leak = `module leak
subject s

enum State { UP, DOWN, BROKEN }

var state: State = UP
mutex m
wakeup awake
work handler runs handle

balance awake held by report, handler

process report {
  stay_awake awake
  queue handler
}

process handle {
  lock m
  if state == DOWN {
    unlock m
    return
  }
  unlock m
  relax awake
}

process stop {
  lock m
  state := DOWN
  unlock m
}

explore { spawn report * 1, stop * 1 }

scenario stopped {
  irq:  report
  user: stop
  work: handle
  expect balanced awake
}

scenario quiet {
  irq:  report
  work: handle
  expect balanced awake
}
`

// find looks for repairs of a spec given as text.
func find(t *testing.T, src string, opt repair.Options) *repair.Result {
	t.Helper()
	m, err := lang.Parse("test.rps", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(m, nil)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	res, err := repair.Find(context.Background(), info, map[string][]byte{"test.rps": []byte(src)}, opt)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// lines tells the repairs in short.
func lines(res *repair.Result) []string {
	var all []string
	for _, r := range res.Repairs {
		all = append(all, strings.Repeat("*", r.Rank)+" "+r.String())
	}
	return all
}

func TestScenario(t *testing.T) {
	res := find(t, leak, repair.Options{})
	if diff := cmp.Diff([]string{"stopped"}, res.Targets); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if res.Tried != res.Edits || res.Bounded != "" || !res.Certain() {
		t.Errorf("%d of %d tried, bounded %q, certain %v", res.Tried, res.Edits, res.Bounded, res.Certain())
	}
	r := res.Repairs[0]
	if got := r.String(); got != "insert `relax awake` in handle at line 22" || r.Rank != 1 {
		t.Fatalf("the best is %s, rank %d; all:\n%s", got, r.Rank, strings.Join(lines(res), "\n"))
	}
	if diff := cmp.Diff([]string{"stopped", "balance awake"}, r.Mends); diff != "" {
		t.Errorf("it mends (-want +got):\n%s", diff)
	}
	if len(r.Disturbs)+len(r.Warns)+len(r.Leaves)+len(r.Unseen) > 0 || !r.Explored {
		t.Errorf("it disturbs %v, warns of %v, leaves %v, unseen %v, explored %v", r.Disturbs, r.Warns, r.Leaves, r.Unseen, r.Explored)
	}
	if len(r.Also) != 1 || r.Also[0].Line() != 21 {
		t.Errorf("the same can be done %v, want at line 21 too", r.Also)
	}
}

// TestPremature: to let go when stopping mends the scenario, but it lets go too early. That ranks behind.
func TestPremature(t *testing.T) {
	res := find(t, leak, repair.Options{For: "stopped"})
	i := slices.IndexFunc(res.Repairs, func(r *repair.Repair) bool { return r.Process == "stop" && r.What == "relax awake" })
	if i < 0 {
		t.Fatalf("no relax in stop among\n%s", strings.Join(lines(res), "\n"))
	}
	r := res.Repairs[i]
	if r.Rank < 2 || !slices.Contains(r.Warns, "premature awake (warning)") || !slices.Contains(r.Leaves, "balance awake") {
		t.Errorf("rank %d, warns of %v, leaves %v", r.Rank, r.Warns, r.Leaves)
	}
}

func TestProperty(t *testing.T) {
	res := find(t, leak, repair.Options{For: "balance awake"})
	if len(res.Repairs) == 0 || !res.Certain() {
		t.Fatal("nothing was found")
	}
	for _, r := range res.Repairs {
		if !slices.Contains(r.Mends, "balance awake") || slices.Contains(r.Leaves, "stopped") {
			t.Errorf("%s mends %v, leaves %v", r, r.Mends, r.Leaves)
		}
	}
	if got := res.Repairs[0].String(); got != "insert `relax awake` in handle at line 22" {
		t.Errorf("the best is %s", got)
	}
}

// forgets has a handler that forgets a state.
const forgets = `module forgets
subject s
enum State { UP, DOWN, BROKEN }
var state: State = DOWN
wakeup awake
work handler runs handle
balance awake held by report, handler
process report { stay_awake awake; queue handler }
process handle {
  if state == UP { relax awake }
  if state in { BROKEN } { relax awake }
}
scenario down {
  irq:  report
  work: handle
  expect balanced awake
}
`

func TestGuard(t *testing.T) {
	res := find(t, forgets, repair.Options{})
	got := lines(res)
	for _, want := range []string{
		"extend a guard of handle to `state in { UP, DOWN }`, line 10",
		"extend a guard of handle to `state in { BROKEN, DOWN }`, line 11",
	} {
		if !slices.ContainsFunc(got, func(l string) bool { return l == "* "+want }) {
			t.Errorf("not of the first rank: %s; all:\n%s", want, strings.Join(got, "\n"))
		}
	}
}

func TestRemove(t *testing.T) {
	src := `module m
subject s
var n: 0..2 = 0
wakeup awake
invariant asleep: n == 2 => !awake.active
explore { spawn p * 1 }
process p {
  stay_awake awake
  n := 1
  relax awake
  stay_awake awake
  n := 2
}
`
	res := find(t, src, repair.Options{})
	if !slices.Contains(lines(res), "* remove `stay_awake awake` from p, line 11") {
		t.Errorf("not found; all:\n%s", strings.Join(lines(res), "\n"))
	}
}

// TestApply: the edits of a result, made in the text, mend what they say.
func TestApply(t *testing.T) {
	for _, r := range find(t, leak, repair.Options{}).Repairs {
		for _, e := range append([]*repair.Edit{r.Edit}, r.Also...) {
			again := find(t, string(e.Apply([]byte(leak))), repair.Options{For: "stopped"})
			if len(again.Targets) > 0 {
				t.Errorf("%s: stopped is still violated", e)
			}
		}
	}
}

func TestNothing(t *testing.T) {
	whole := strings.Replace(leak, "    return\n", "    relax awake\n    return\n", 1)
	if res := find(t, whole, repair.Options{}); len(res.Targets) > 0 || len(res.Repairs) > 0 {
		t.Errorf("to mend %v, %d repairs, want none", res.Targets, len(res.Repairs))
	}
	hopeless := "module m\nsubject s\nvar n: 0..1 = 0\nwakeup awake\ninvariant never: n == 0\nexplore { spawn p * 1 }\nprocess p { n := 1 }\n"
	res := find(t, hopeless, repair.Options{})
	if len(res.Targets) != 1 || len(res.Repairs) > 0 || res.Tried != 4 || res.Certain() {
		t.Errorf("%v: %d edits tried, %d help", res.Targets, res.Tried, len(res.Repairs))
	}
}

func TestRefused(t *testing.T) {
	m, err := lang.Parse("test.rps", []byte(leak))
	if err != nil {
		t.Fatal(err)
	}
	info, _ := check.Module(m, nil)
	for name, opt := range map[string]repair.Options{
		`no scenario and no property "stoped"`: {For: "stoped"},
		"so none is called v6":                 {Kernel: "v6"},
	} {
		if _, err := repair.Find(context.Background(), info, nil, opt); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one about %s", err, name)
		}
	}
}

// TestShort: the end of ctx gives what was found until then, and says so.
func TestShort(t *testing.T) {
	m, err := lang.Parse("test.rps", []byte(leak))
	if err != nil {
		t.Fatal(err)
	}
	info, _ := check.Module(m, nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res, err := repair.Find(ctx, info, map[string][]byte{"test.rps": []byte(leak)}, repair.Options{})
	if err != nil || res.Bounded != "interrupt" || res.Tried != 0 || res.Certain() {
		t.Errorf("%v, %+v", err, res)
	}
}

// TestUndecided: what a bounded exploration did not find violated is not taken for sound.
func TestUndecided(t *testing.T) {
	res := find(t, leak, repair.Options{For: "balance awake", MaxStates: 1})
	if len(res.Targets) > 0 || res.Bounded != "limit of 1 states" {
		t.Errorf("targets %v, bounded %q", res.Targets, res.Bounded)
	}
	if res := find(t, leak, repair.Options{For: "quiet", MaxStates: 1}); res.Bounded != "" {
		t.Errorf("a scenario that holds: bounded %q", res.Bounded)
	}
}

// TestMerged: in the kernel of the thread, the patch that was merged is alone in the first rank, and what
// it leaves broken is named.
func TestMerged(t *testing.T) {
	if testing.Short() {
		t.Skip("explores the shipped spec")
	}
	m, err := spec.Load("remoteproc")
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(m, spec.Load)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	src, _ := spec.Source("remoteproc")
	opt := repair.Options{Kernel: "v6_0", For: "stop_before_handler", MaxStates: 20_000, Best: 2}
	res, err := repair.Find(context.Background(), info, map[string][]byte{m.File: src}, opt)
	if err != nil {
		t.Fatal(err)
	}
	r := res.Repairs[0]
	line := strings.Split(string(src), "\n")[r.Line()-2]
	if r.What != "relax awake" || r.Process != "rproc_crash_handler_work" || strings.TrimSpace(line) != "if relax_when_offline { relax awake }" {
		t.Errorf("the best is %s, behind %q", r, line)
	}
	if res.Repairs[1].Rank == 1 {
		t.Errorf("%s is of the first rank too", res.Repairs[1])
	}
	if !slices.Contains(r.Mends, "fail_case_2") || len(r.Disturbs) > 0 {
		t.Errorf("it mends %v, disturbs %v", r.Mends, r.Disturbs)
	}
	for _, want := range []string{"recovery_disabled_twice", "stop_fails", "detach_before_handler"} {
		if !slices.Contains(r.Leaves, want) {
			t.Errorf("it leaves %v, want %s among them", r.Leaves, want)
		}
	}
}
