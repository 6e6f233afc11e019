package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// TestCheckedValidate: what the checker finds, written as a trace, is a behaviour for the validator too,
// and it finds the same fault in it.
func TestCheckedValidate(t *testing.T) {
	for _, tt := range []struct {
		spec, kernel, scenario string
		leaks                  bool
	}{
		{"remoteproc", "v6_0", "stop_before_handler", true},
		{"remoteproc", "v6_2", "stop_before_handler", false},
		{"remoteproc", "v6_0", "fail_case_2", true},
		{"remoteproc", "v6_0", "fail_case_1_possible", false},
		{"remoteproc", "v6_0", "stop_fails", true},
		{"remoteproc", "v7_3", "stop_fails", true},
		{"remoteproc", "v7_3", "recovery_disabled_twice", true},
		{"remoteproc_quick_patch", "v6_0", "recovery_disabled_twice", false},
		{"remoteproc", "v6_0", "reattach_fails", false},
	} {
		m := compiled(t, tt.spec)
		for _, sc := range m.Info.Scenarios {
			if sc.Name.Name != tt.scenario {
				continue
			}
			r, err := modelcheck.RunScenario(m, tt.kernel, sc)
			if err != nil {
				t.Fatal(err)
			}
			trace := r.Run
			if tt.leaks {
				trace = r.Intended[0].Trace
			}
			leaks := validated(t, m, tt.kernel, trace, true)["leaked"]
			if leaks != tt.leaks {
				t.Errorf("%s in %s, %s: the validator finds a leak: %v\n%s", tt.spec, tt.kernel, tt.scenario, leaks, trace.Ftrace())
			}
		}
	}
}

// TestExploredValidate does it with the counterexamples of a whole exploration.
func TestExploredValidate(t *testing.T) {
	if testing.Short() {
		t.Skip("explores a million states")
	}
	m := compiled(t, "remoteproc")
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: "v6_0"})
	if err != nil {
		t.Fatal(err)
	}
	for title, detail := range map[string]string{"balance awake": "leaked", "owned": "owned", "transitions state": "state"} {
		for _, j := range x.Judgements {
			if j.Title() == title && j.Severity == diag.Error {
				if found := validated(t, m, "v6_0", j.Trace, false); !found[detail] {
					t.Errorf("%s: the validator finds only %v\n%s", title, found, j.Trace.Ftrace())
				}
			}
		}
	}
}

func compiled(t *testing.T, name string) *machine.Machine {
	t.Helper()
	m, err := compileSpec(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestCapturesShowWhatIsChecked: a capture of a use case shows the fault that the checker finds in it, and
// none where it finds none.
func TestCapturesShowWhatIsChecked(t *testing.T) {
	const shared = "../../../shared/captures"
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the captures are not there: nothing to compare with")
	}
	scenarios := map[string][]string{ // by scenario: captures of it
		"stop_before_handler": {"S2a", "S2b"}, "fail_case_2": {"S6b"}, "fail_case_1_possible": {"S5b"},
		"report_in_recovery": {"S1b"}, "reports_before_handler": {"S1a"}, "recovery_disabled_twice": {"S8b"},
		"detach_before_handler": {"S3a"},
	}
	compared := 0
	for dir, spec := range map[string]string{
		"6.1.192-x86_64-v60":    "module v60 extends remoteproc fix relax_when_offline = false",
		"6.1.192-x86_64-stock":  "module stock extends remoteproc",
		"6.1.192-x86_64-arnaud": "module arnaud extends remoteproc_quick_patch",
		"6.1.192-x86_64-failed": "module failed extends remoteproc_recovery_failed_as_coded",
	} {
		m, err := spectest.Compile(spec)
		if err != nil {
			t.Fatal(err)
		}
		for _, sc := range m.Info.Scenarios {
			for _, capture := range scenarios[sc.Name.Name] {
				text, err := os.ReadFile(filepath.Join(shared, dir, capture+".kprobe.txt"))
				if err != nil {
					continue // this kernel ran only some of them
				}
				compared++
				r, err := modelcheck.RunScenario(m, "v6_1_190", sc)
				if err != nil {
					t.Fatal(err)
				}
				want := r.Intended[0].Verdict == modelcheck.Violated
				found := judged(t, m, validate.Options{}, string(text))
				if got := found["leaked"] || found["owned"]; got != want {
					t.Errorf("%s/%s shows a fault: %v; the checker finds one in %s: %v", dir, capture, got, sc.Name.Name, want)
				}
			}
		}
	}
	if compared < 15 {
		t.Errorf("only %d captures were compared", compared)
	}
}

// validated gives what the validator finds in a behaviour; a rejected record fails the test.
func validated(t *testing.T, m *machine.Machine, kernel string, trace *modelcheck.Trace, quiet bool) map[string]bool {
	t.Helper()
	return judged(t, m, validate.Options{Kernel: kernel, Quiet: quiet}, trace.Ftrace())
}

// validatedText gives the answer about a trace.
func validatedText(t *testing.T, m *machine.Machine, opt validate.Options, text string) *validate.Result {
	t.Helper()
	rd, err := open.Reader(strings.NewReader(text), "behaviour", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v, err := validate.New(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	var rec traces.Record
	for {
		err := rd.Read(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		v.Observe(&rec)
	}
	return v.Close("behaviour", rd.Info())
}

// judged gives the details of what the validator finds in a trace; a rejected record fails the test.
func judged(t *testing.T, m *machine.Machine, opt validate.Options, text string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, s := range validatedText(t, m, opt, text).Subjects {
		for _, f := range s.Findings {
			if f.Kind == validate.Rejected {
				t.Errorf("line %d is rejected: %s\n%s", f.Line, f.Message, text)
			}
			found[f.Detail] = true
		}
	}
	return found
}
