package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/validate"
)

// livesSpec has lives of a processor as scenarios. The first of two ends with its removal, the second begins with its
// registration.
const livesSpec = `module lives extends remoteproc
scenario dies_well {
  start state = RUNNING, power = 1, recovery_disabled = false, attach_on_recovery = false, can_stop = true, has_wakeup = true
  irq:     rproc_report_crash
  kworker: rproc_crash_handler_work choosing rproc_stop succeeds, rproc_start succeeds
  user:    rproc_del choosing rproc_stop succeeds
  expect balanced awake
}
scenario dies_leaking {
  start state = RUNNING, power = 1, recovery_disabled = false, attach_on_recovery = false, can_stop = true, has_wakeup = true
  irq:     rproc_report_crash
  user:    rproc_shutdown choosing rproc_stop succeeds
  kworker: rproc_crash_handler_work
  user:    rproc_del
  expect leak awake
}
scenario lives_well {
  start state = OFFLINE, power = 0, recovery_disabled = false, attach_on_recovery = false, can_stop = true, has_wakeup = true
  probe:   rproc_add
  user:    rproc_boot choosing rproc_boot succeeds
  irq:     rproc_report_crash
  kworker: rproc_crash_handler_work choosing rproc_stop succeeds, rproc_start succeeds
  expect balanced awake
}
scenario lives_leaking {
  start state = OFFLINE, power = 0, recovery_disabled = false, attach_on_recovery = false, can_stop = true, has_wakeup = true
  probe:   rproc_add
  user:    rproc_boot choosing rproc_boot succeeds
  irq:     rproc_report_crash
  user:    rproc_shutdown choosing rproc_stop succeeds
  kworker: rproc_crash_handler_work
  expect leak awake
}
`

// TestCheckedLives: two behaviours that the checker makes, one after the other under the same names, are two lives for
// the validator, and each has the faults that it has alone.
func TestCheckedLives(t *testing.T) {
	m, err := spectest.Compile(livesSpec)
	if err != nil {
		t.Fatal(err)
	}
	for _, kernel := range []string{"v5_10", "v6_0", "v6_2", "v6_12"} {
		for _, first := range []string{"dies_well", "dies_leaking"} {
			for _, second := range []string{"lives_well", "lives_leaking"} {
				a, b := played(t, m, kernel, first), played(t, m, kernel, second)
				text := after(a.Ftrace(), b.Ftrace())
				got := leaks(t, m, kernel, text)
				want := append(leaks(t, m, kernel, a.Ftrace()), leaks(t, m, kernel, b.Ftrace())...)
				if leaky := kernel == "v5_10" || kernel == "v6_0"; !slices.Equal(got, want) || len(got) != 2 || got[0] != (leaky && first == "dies_leaking") || got[1] != (leaky && second == "lives_leaking") {
					t.Errorf("%s: %s, then %s: leaks %v, alone %v\n%s", kernel, first, second, got, want, text)
				}
			}
		}
	}
}

// TestLivesSecondOpinion: what the validator binds to each life is explained in TLA+ by itself, from where that life begins.
func TestLivesSecondOpinion(t *testing.T) {
	m, err := spectest.Compile(livesSpec)
	if err != nil {
		t.Fatal(err)
	}
	text := after(played(t, m, "v6_12", "dies_well").Ftrace(), played(t, m, "v6_12", "lives_well").Ftrace())
	all := accounts(t, m, "v6_12", text)
	if len(all) != 2 {
		t.Fatalf("%d lives", len(all))
	}
	for _, a := range all {
		if len(a.Records) < 10 || len(a.Doubts) > 0 || !explained(t, m, "v6_12", a) {
			t.Errorf("%s: %d records, doubts %q: TLA+ does not explain it", a.Subject, len(a.Records), a.Doubts)
		}
	}
	born := all[0]
	if power := m.Global("power"); !strings.HasPrefix(born.Subject, "remoteproc0 from line ") || !slices.Equal(born.Start[power], []machine.Val{0}) {
		t.Errorf("%s begins with power in %v", born.Subject, born.Start[power])
	}
}

// played gives a behaviour that follows a scenario.
func played(t *testing.T, m *machine.Machine, kernel, name string) *modelcheck.Trace {
	t.Helper()
	for _, sc := range m.Info.Scenarios {
		if sc.Name.Name == name {
			r, err := modelcheck.RunScenario(m, kernel, sc)
			if err != nil {
				t.Fatal(err)
			}
			if r.Run == nil {
				t.Fatalf("%s: %s cannot be followed", kernel, name)
			}
			return r.Run
		}
	}
	t.Fatal("no scenario", name)
	return nil
}

var (
	stamp   = regexp.MustCompile(`(\] \S+ +)(\d+)\.(\d+): `)
	counter = regexp.MustCompile(`state=0x([0-9a-f]+)$`)
)

// after puts one trace behind another: later, and with the wakeup counter going on.
func after(a, b string) string {
	base := 0
	for l := range strings.Lines(a) {
		if m := counter.FindStringSubmatch(strings.TrimSpace(l)); m != nil && strings.Contains(l, "wakeup_source_") {
			n, _ := strconv.ParseInt(m[1], 16, 64)
			base = int(n)
		}
	}
	var out strings.Builder
	for l := range strings.Lines(b) {
		l = strings.TrimSuffix(l, "\n")
		if strings.HasPrefix(l, "#") {
			continue
		}
		l = stamp.ReplaceAllStringFunc(l, func(s string) string {
			m := stamp.FindStringSubmatch(s)
			n, _ := strconv.Atoi(m[2])
			return fmt.Sprintf("%s%d.%s: ", m[1], n+1000, m[3])
		})
		if strings.Contains(l, "wakeup_source_") {
			l = counter.ReplaceAllStringFunc(l, func(s string) string {
				n, _ := strconv.ParseInt(strings.TrimPrefix(s, "state=0x"), 16, 64)
				return fmt.Sprintf("state=0x%x", base+int(n))
			})
		}
		out.WriteString(l + "\n")
	}
	return a + out.String()
}

// leaks tells of every life whether it leaks; what is refused fails the test.
func leaks(t *testing.T, m *machine.Machine, kernel, text string) []bool {
	t.Helper()
	var all []bool
	for _, s := range validatedText(t, m, validate.Options{Kernel: kernel, Quiet: true}, text).Subjects {
		all = append(all, slices.ContainsFunc(s.Findings, func(f *validate.Finding) bool {
			if f.Kind == validate.Rejected {
				t.Errorf("%s: line %d is refused: %s\n%s", kernel, f.Line, f.Message, text)
			}
			return f.Detail == "leaked"
		}))
	}
	return all
}
