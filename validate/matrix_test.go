package validate_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/validate"
)

// truth is what the kernel's own structures said of one processor after a capture.
type truth struct {
	awake        bool
	state, power string
	name, wakeup string
}

// readTruth reads truth.tsv: by capture, by subject.
func readTruth(t *testing.T) map[string]map[string]truth {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t, "captures"), "truth.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rd := csv.NewReader(f)
	rd.Comma = '\t'
	rows, err := rd.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]truth{}
	for _, r := range rows[1:] {
		if out[r[0]] == nil {
			out[r[0]] = map[string]truth{}
		}
		out[r[0]][r[1]] = truth{r[4] == "1", r[6], r[7], r[2], r[3]}
	}
	return out
}

// specFor names the spec of a capture's kernel: two of them run designs of the thread.
func specFor(capture string) string {
	switch {
	case strings.Contains(capture, "-arnaud/"):
		return "remoteproc_quick_patch"
	case strings.Contains(capture, "-failed/"):
		return "remoteproc_recovery_failed_as_coded"
	}
	return "remoteproc"
}

// TestMatrix holds every recorded capture against its ground truth.
func TestMatrix(t *testing.T) {
	truths := readTruth(t)
	var names []string
	for n := range truths {
		names = append(names, n)
	}
	sort.Strings(names)
	var table []string
	for _, n := range names {
		data, err := os.ReadFile(filepath.Join(shared(t, "captures"), n+".txt"))
		if err != nil || strings.Contains(n, "stress") {
			continue // kept in another form: see TestStress
		}
		scenario, format, _ := strings.Cut(filepath.Base(n), ".")
		res, err := runErr(compile(t, specFor(n)), n, bytes.NewReader(data), validate.Options{})
		var refused *traces.FormatError
		if errors.As(err, &refused) {
			if refused.Hint == "" || format != "fgraph" && format != "latency" {
				t.Errorf("%s: refused without need or help: %v", n, err)
			}
			table = append(table, fmt.Sprintf("%-46s refused", n))
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", n, err)
			continue
		}
		if res.Records.Malformed > 0 {
			t.Errorf("%s: %d malformed lines", n, res.Records.Malformed)
		}
		for _, s := range res.Subjects {
			tr, known := truths[n][s.Name]
			table = append(table, fmt.Sprintf("%-46s %-12s %-12s %s awake=%v power=%v | %+v", n, s.Name, s.Verdict, s.Final["state"], s.Final["awake"], s.Final["power"], tr))
			if known {
				compare(t, n, format, s, tr)
			}
			expect(t, n, scenario, format, s)
		}
	}
	t.Logf("%d rows\n%s", len(table), strings.Join(table, "\n"))
}

// compare holds what is concluded of a subject against the truth: it may be unknown, never wrong.
func compare(t *testing.T, n, format string, s *validate.SubjectResult, tr truth) {
	t.Helper()
	final := func(name string) (string, bool) {
		v := fmt.Sprint(s.Final[name])
		return v, v != "unknown"
	}
	if v, ok := final("awake"); ok && v != fmt.Sprint(tr.awake) {
		t.Errorf("%s: %s: awake %s, truth %v", n, s.Name, v, tr.awake)
	}
	if v, ok := final("state"); ok && !strings.EqualFold(v, tr.state) && !(v == "RECOVERY_FAILED" && tr.state == "6") {
		t.Errorf("%s: %s: state %s, truth %s", n, s.Name, v, tr.state)
	}
	if v, ok := final("power"); ok && v != tr.power {
		t.Errorf("%s: %s: power %s, truth %s", n, s.Name, v, tr.power)
	}
	if leaked := openLeak(s); leaked != tr.awake && decides(format) {
		t.Errorf("%s: %s: leaked %v, truth %v", n, s.Name, leaked, tr.awake)
	}
	if decides(format) && format != "events" {
		if _, ok := final("state"); !ok {
			t.Errorf("%s: %s: state unknown, truth %s", n, s.Name, tr.state)
		}
	}
}

// decides tells whether a format shows enough to tell a leak: all but the function tracer alone.
func decides(format string) bool { return format != "funconly" }

func openLeak(s *validate.SubjectResult) bool {
	for _, f := range s.Findings {
		if f.Detail == "leaked" && f.Until == nil {
			return true
		}
	}
	return false
}

// expect holds the findings against what the scenario is known to do.
func expect(t *testing.T, n, scenario, format string, s *validate.SubjectResult) {
	t.Helper()
	v60, arnaud := strings.Contains(n, "v60"), strings.Contains(n, "arnaud")
	leaks := v60 && (scenario == "S2a" || scenario == "S2b" || scenario == "S2e" || scenario == "S6b" || scenario == "S9b" && s.Name == "remoteproc0") ||
		scenario == "S8b" && !arnaud || scenario == "S6b" && strings.Contains(n, "failed")
	owned := scenario == "S3a" && !arnaud
	for _, f := range s.Findings {
		switch {
		case f.Severity != validate.Error:
		case f.Detail == "leaked" && leaks, f.Detail == "owned" && owned:
		default:
			t.Errorf("%s:%d: %s: unexpected %s %s: %s", n, f.Line, s.Name, f.Kind, f.Detail, f.Message)
		}
	}
	switch {
	case scenario == "S2anowake" && v60, format == "funconly", scenario == "S7" && format == "function":
		if s.Verdict == validate.Violates || s.Verdict == validate.Inconclusive && len(s.Reasons) == 0 {
			t.Errorf("%s: %s: %s without a reason", n, s.Name, s.Verdict)
		}
	case leaks || owned:
		if s.Verdict != validate.Violates {
			t.Errorf("%s: %s: %s, want violates: %v", n, s.Name, s.Verdict, s.Reasons)
		}
	case s.Verdict != validate.Conforms:
		t.Errorf("%s: %s: %s, want conforms: %v", n, s.Name, s.Verdict, s.Reasons)
	}
	if scenario == "S2e" && v60 && format == "kprobe" {
		if f := s.Findings[0]; f.Detail != "leaked" || f.Until == nil || f.Line != 25 || *f.Until <= f.Line {
			t.Errorf("%s: the leak until the next crash: %+v", n, f)
		}
	}
	if scenario == "S1b" && format == "kprobe" && (len(s.Findings) != 1 || s.Findings[0].Detail != "premature") {
		t.Errorf("%s: no premature release", n)
	}
	if (scenario == "S5b" || scenario == "S6b" && !strings.Contains(n, "failed")) && format == "kprobe" && !has(s, "startable") {
		t.Errorf("%s: a failed recovery leaves a user: no startable", n)
	}
}

func has(s *validate.SubjectResult, detail string) bool {
	for _, f := range s.Findings {
		if f.Detail == detail {
			return true
		}
	}
	return false
}

// TestOtherKernels runs the two designs' captures under the base: what they do differently is refused.
func TestOtherKernels(t *testing.T) {
	for _, tt := range []struct {
		capture string
		line    int
	}{
		{"6.1.192-x86_64-arnaud/S3a.kprobe", 25}, // pm_relax() without "handling crash"
		{"6.1.192-x86_64-arnaud/S8b.kprobe", 0},
		{"6.1.192-x86_64-failed/S6b.kprobe", 42}, // a return although state 6 is no reason for it
	} {
		data, err := os.ReadFile(filepath.Join(shared(t, "captures"), tt.capture+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		res := run(t, compile(t, "remoteproc"), tt.capture, data, validate.Options{})
		found := 0
		for _, s := range res.Subjects {
			for _, f := range s.Findings {
				if f.Kind == validate.Rejected && found == 0 {
					found = f.Line
				}
			}
		}
		if found == 0 || tt.line != 0 && found != tt.line {
			t.Errorf("%s: refused at line %d, want %d", tt.capture, found, tt.line)
		}
	}
}

// TestPublicLogs reads logs that people have posted: none may give a false error.
func TestPublicLogs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "logs", "public"), "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no logs", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res := run(t, compile(t, "remoteproc"), filepath.Base(file), data, validate.Options{})
		for _, s := range res.Subjects {
			for _, f := range s.Findings {
				if f.Severity == validate.Error {
					t.Errorf("%s:%d: %s", filepath.Base(file), f.Line, f.Message)
				}
			}
		}
		if len(res.Subjects) == 0 && !strings.Contains(file, "wakeup-ftrace") {
			t.Errorf("%s: no processor found", filepath.Base(file))
		}
	}
}
