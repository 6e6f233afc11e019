package modelcheck_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/spec"
)

// run gives the result of a scenario.
func run(t testing.TB, m *machine.Machine, kernel, name string) *modelcheck.ScenarioResult {
	t.Helper()
	for _, sc := range m.Info.Scenarios {
		if sc.Name.Name == name {
			r, err := modelcheck.RunScenario(m, kernel, sc)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("there is no scenario %s", name)
	return nil
}

// TestFacts: what was measured on real kernels. The verdicts are those of the scenarios' own words, that
// the wakeup source is balanced or that nobody's processor runs.
func TestFacts(t *testing.T) {
	const leaks, fine = modelcheck.Violated, modelcheck.Holds
	for _, tt := range []struct {
		spec, kernel, scenario string
		want                   modelcheck.Verdict
	}{
		{"remoteproc", "v6_0", "stop_before_handler", leaks},
		{"remoteproc", "v6_0", "fail_case_2", leaks},
		{"remoteproc", "v6_0", "fail_case_1_possible", fine},
		{"remoteproc", "v6_0", "fail_case_1", modelcheck.Impossible},
		{"remoteproc", "v6_2", "stop_before_handler", fine},
		{"remoteproc", "v6_2", "fail_case_2", fine},
		{"remoteproc", "v6_0", "stop_fails", leaks},
		{"remoteproc", "v6_2", "stop_fails", leaks},
		{"remoteproc", "v7_3", "stop_fails", leaks},
		{"remoteproc", "v6_0", "recovery_disabled_twice", leaks},
		{"remoteproc", "v6_2", "recovery_disabled_twice", leaks},
		{"remoteproc", "v7_3", "recovery_disabled_twice", leaks},
		{"remoteproc_quick_patch", "v6_0", "recovery_disabled_twice", fine},
		{"remoteproc_quick_patch", "v6_0", "stop_fails", leaks},
		{"remoteproc", "v6_0", "detach_before_handler", modelcheck.Violated},
		{"remoteproc", "v7_3", "detach_before_handler", modelcheck.Violated},
		{"remoteproc_quick_patch", "v6_0", "detach_before_handler", fine},
		{"remoteproc_recovery_failed", "v6_0", "fail_case_2", fine},
		{"remoteproc_recovery_failed_as_coded", "v6_0", "fail_case_2", leaks},
		{"remoteproc_wake_count", "v6_0", "reports_before_handler", leaks},
	} {
		r := run(t, shipped(t, tt.spec), tt.kernel, tt.scenario)
		if len(r.Intended) != 1 || r.Intended[0].Verdict != tt.want {
			t.Errorf("%s in %s, %s: %s, want %s", tt.spec, tt.kernel, tt.scenario, r.Intended[0].Verdict, tt.want)
		}
	}
}

// TestExpectations: every shipped spec says the truth about its scenarios, in every kernel.
func TestExpectations(t *testing.T) {
	for _, name := range spec.Names() {
		m := shipped(t, name)
		for _, k := range m.Info.Kernels {
			for _, sc := range m.Info.Scenarios {
				r, err := modelcheck.RunScenario(m, k.Name, sc)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range r.Outcomes {
					if o.Unexpected {
						t.Errorf("%s in %s: %s: %s is expected, it is %s", name, k.Name, sc.Name.Name, o.Text(), o.Verdict)
					}
				}
			}
		}
	}
}

// TestRemoteproc explores the core in the kernel of the thread, and the fix in the newest.
func TestRemoteproc(t *testing.T) {
	if testing.Short() {
		t.Skip("explores a million states")
	}
	m := shipped(t, "remoteproc")
	r, err := modelcheck.Check(context.Background(), m, modelcheck.Options{Kernel: "v6_0"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Unexpected() || r.Open() {
		t.Error("something is not as the spec expects")
	}
	got := map[string]int{}
	for _, j := range r.Space.Judgements {
		if j.Trace != nil {
			got[j.Title()] = j.Trace.Len()
		}
	}
	want := map[string]int{
		"owned": 22, "startable": 21, "lets_go": 21, "balance awake": 17, "premature awake": 18, "paired awake": 8,
		"transitions state": 15, "sleeps_after_failure": 36, "awake_after_failure": 22,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lengths of counterexamples (-want +got):\n%s", diff)
	}
}

// TestWorkers: numbers and counterexamples are the same for any number of workers.
func TestWorkers(t *testing.T) {
	m := shipped(t, "remoteproc")
	answer := func(workers int) string {
		x := explore(t, m, modelcheck.Options{Kernel: "v5_10", MaxStates: 200_000, Workers: workers})
		var b strings.Builder
		fmt.Fprintln(&b, x.States, x.Transitions, x.Depth, x.Unexecuted)
		for _, j := range x.Judgements {
			fmt.Fprintln(&b, j.Title(), j.Verdict)
			if j.Trace != nil {
				b.WriteString(j.Trace.Draw())
			}
		}
		return b.String()
	}
	want := answer(1)
	for _, n := range []int{2, 5} {
		if diff := cmp.Diff(want, answer(n)); diff != "" {
			t.Errorf("%d workers (-1 +%d):\n%s", n, n, diff)
		}
	}
}

// TestDraw holds the drawing of the bug of the thread against a file.
func TestDraw(t *testing.T) {
	r := run(t, shipped(t, "remoteproc"), "v6_0", "stop_before_handler")
	got := r.Outcomes[0].Trace.Draw()
	golden(t, "stop_before_handler.txt", got)
	for line := range strings.Lines(got) {
		if n := len(strings.TrimSuffix(line, "\n")); n > 100 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestFaults: a fault that is put into the core is found, in an instance with one report and one user.
func TestFaults(t *testing.T) {
	src, _ := spec.Source("remoteproc")
	small := swap(t, string(src), "spawn rproc_report_crash * 2, rproc_shutdown * 1, rproc_detach * 1, rproc_del * 1",
		"spawn rproc_report_crash * 1, rproc_shutdown * 1")
	before := violated(t, compile(t, small))
	for _, f := range []struct{ name, from, to, finds string }{
		{
			"a relax less", "  if !recovery_disabled { rproc_trigger_recovery() }\n  if holds_awake { relax awake }\n",
			"  if !recovery_disabled { rproc_trigger_recovery() }\n", "balance awake",
		},
		{"the fix less", "    if relax_when_offline { relax awake }\n", "", "balance awake"},
		{"a guard less", "if state == OFFLINE {\n    unlock rproc_lock\n    if relax_when_offline { relax awake }\n    return\n  }", "", "transitions state"},
		{"a wait more", "  if !recovery_disabled { rproc_trigger_recovery() }\n", "  if !recovery_disabled { rproc_trigger_recovery() }\n  await power == 3\n", "deadlock"},
	} {
		after := violated(t, compile(t, swap(t, small, f.from, f.to)))
		if before[f.finds] || !after[f.finds] {
			t.Errorf("%s: %s is violated before: %v, after: %v", f.name, f.finds, before[f.finds], after[f.finds])
		}
	}
}

// swap replaces a piece of a spec that has to be there.
func swap(t *testing.T, src, from, to string) string {
	t.Helper()
	if !strings.Contains(src, from) {
		t.Fatalf("the spec has no %q", from)
	}
	return strings.Replace(src, from, to, 1)
}

func violated(t *testing.T, m *machine.Machine) map[string]bool {
	t.Helper()
	bad := map[string]bool{}
	for _, j := range explore(t, m, modelcheck.Options{Kernel: "v6_2"}).Judgements {
		bad[j.Title()] = j.Verdict == modelcheck.Violated
	}
	return bad
}

// TestLock: what a lock is for shows when it is gone.
func TestLock(t *testing.T) {
	const src = `module m
subject s
var n: 0..2 = 0
var done: 0..2 = 0
mutex m1
invariant counted: done == 2 => n == 2
explore { spawn add * 2 }
process add {
  local i: 0..2
  lock m1
  i := n
  n := i + 1
  unlock m1
  done := done + 1
}
`
	if j := judgement(t, explore(t, compile(t, src), modelcheck.Options{}), "counted"); j.Verdict != modelcheck.Holds {
		t.Errorf("with the lock: %s", j.Verdict)
	}
	bare := strings.NewReplacer("  lock m1\n", "", "  unlock m1\n", "", "mutex m1\n", "").Replace(src)
	if j := judgement(t, explore(t, compile(t, bare), modelcheck.Options{}), "counted"); j.Verdict != modelcheck.Violated {
		t.Errorf("without the lock: %s", j.Verdict)
	}
}

// BenchmarkExplore tells states a second and bytes a state, with reductions.
func BenchmarkExplore(b *testing.B) {
	m := shipped(b, "remoteproc")
	var x *modelcheck.Exploration
	for b.Loop() {
		x = explore(b, m, modelcheck.Options{Kernel: "v6_0"})
	}
	b.ReportMetric(float64(x.States)/x.Duration.Seconds(), "states/s")
	b.ReportMetric(float64(x.Memory)/float64(x.States), "bytes/state")
	b.ReportMetric(float64(x.StateBits), "bits/state")
}
