package validate_test

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

var eventLine = regexp.MustCompile(`^(.*-\d+ +\[(\d+)\] +\S+ +)(\d+)\.(\d{6})(: .*)$`)

// fixtures gives the captures in testdata by name.
func fixtures(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.ToSlash(f)] = data
	}
	return all
}

// timed is a line with its CPU and time.
type timed struct {
	text string
	cpu  string
	us   int
}

// coarse cuts all times of a trace to a unit, in microseconds, and puts the lines of one time in the
// order of their CPUs, as a kernel with such a clock prints them.
func coarse(t *testing.T, data []byte, unit int) []byte {
	t.Helper()
	header, body := halves(data)
	var lines []timed
	for _, l := range body {
		m := eventLine.FindStringSubmatch(string(l))
		if m == nil {
			t.Fatalf("no event: %s", l)
		}
		sec, _ := strconv.Atoi(m[3])
		us, _ := strconv.Atoi(m[4])
		us = (sec*1000000 + us) / unit * unit
		lines = append(lines, timed{fmt.Sprintf("%s%d.%06d%s", m[1], us/1000000, us%1000000, m[5]), m[2], us})
	}
	slices.SortStableFunc(lines, func(a, b timed) int { return cmp.Or(cmp.Compare(a.us, b.us), cmp.Compare(a.cpu, b.cpu)) })
	for _, l := range lines {
		header = append(header, []byte(l.text))
	}
	return join(header)
}

// TestCoarseClock: records of one time on several CPUs may have happened in any order. Where these are
// too many to try, nothing is concluded.
func TestCoarseClock(t *testing.T) {
	m := compile(t, "remoteproc")
	for name, data := range fixtures(t) {
		want := run(t, m, name, data, validate.Options{})
		for _, unit := range []int{100, 1000, 10_000, 1_000_000_000} {
			what := fmt.Sprintf("%s in units of %d us", name, unit)
			res := run(t, m, what, coarse(t, data, unit), validate.Options{})
			if res.Verdict != want.Verdict && (res.Verdict != validate.Inconclusive || len(res.Reasons) == 0) {
				t.Errorf("%s: %s, want %s or a doubt: %v", what, res.Verdict, want.Verdict, res.Reasons)
			}
			noFalseError(t, what, strings.Contains(name, "v60"), res)
		}
	}
}

// TestStandingClock: of a clock that stands still the order between CPUs is not known, and said so.
func TestStandingClock(t *testing.T) {
	var b bytes.Buffer
	for i := range 60 {
		fmt.Fprintf(&b, " a-%d [%03d] ..... 5.000000: console: remoteproc remoteproc0: crash detected in modem: type watchdog\n", 10+i%2, i%2)
	}
	res := run(t, compile(t, "remoteproc"), "standing", b.Bytes(), validate.Options{})
	if res.Verdict != validate.Inconclusive || !strings.Contains(strings.Join(res.Reasons, "\n"), "bear one time, on several CPUs") {
		t.Errorf("%s: %v", res.Verdict, res.Reasons)
	}
	if res.Records.Bound != 60 || !strings.Contains(strings.Join(res.Notes, "\n"), "the clock stands still") {
		t.Errorf("%d bound, notes %q", res.Records.Bound, res.Notes)
	}
}

// shuffled lets lines of one CPU come up to n lines late.
func shuffled(t *testing.T, data []byte, n int) []byte {
	t.Helper()
	header, body := halves(data)
	for i := 0; i+n < len(body); i += n + 1 {
		at := i
		cpu := eventLine.FindSubmatch(body[at])[2]
		for at+1 < len(body) && at < i+n && !bytes.Equal(eventLine.FindSubmatch(body[at+1])[2], cpu) {
			body[at], body[at+1] = body[at+1], body[at]
			at++
		}
	}
	return join(append(header, body...))
}

// TestLateLines: lines that come after later ones of another CPU, as trace_pipe prints them at times,
// are put where they belong.
func TestLateLines(t *testing.T) {
	m := compile(t, "remoteproc")
	moved := 0
	for name, data := range fixtures(t) {
		if bytes.Contains(data, []byte("quiesce")) {
			data = withoutAnswers(data)
		}
		want := run(t, m, name, data, validate.Options{})
		for n := 1; n < 6; n++ {
			late := shuffled(t, data, n)
			what := fmt.Sprintf("%s, %d lines late", name, n)
			res := run(t, m, what, late, validate.Options{})
			if res.Verdict != want.Verdict {
				t.Errorf("%s: %s, want %s: %v", what, res.Verdict, want.Verdict, res.Reasons)
			}
			if strings.Contains(strings.Join(res.Notes, "\n"), "in the order of their times") {
				moved++
			}
		}
	}
	if moved == 0 {
		t.Error("no line was late")
	}
}

// TestSmallWindow: a window that is full keeps what a late line may still come before.
func TestSmallWindow(t *testing.T) {
	m := compile(t, "remoteproc")
	for name, data := range fixtures(t) {
		want := run(t, m, name, data, validate.Options{})
		for _, limit := range []int{1, 3, 10} {
			res := run(t, m, name, data, validate.Options{Window: limit})
			if res.Verdict == validate.Violates && want.Verdict != validate.Violates {
				t.Errorf("%s, window of %d: %s, want %s", name, limit, res.Verdict, want.Verdict)
			}
		}
	}
}

// TestPartial: of a part of a trace nothing is concluded but what is in it.
func TestPartial(t *testing.T) {
	m := compile(t, "remoteproc")
	for name, data := range fixtures(t) {
		res := run(t, m, name, data, validate.Options{Partial: "only CPU 1", Features: map[string]string{"relax_when_offline": "true"}})
		if res.Verdict != validate.Inconclusive || len(res.Reasons) != 1 || res.Reasons[0] != "only CPU 1" || len(res.Subjects) == 0 {
			t.Errorf("%s: %s, %v", name, res.Verdict, res.Reasons)
		}
		for _, s := range res.Subjects {
			if len(s.Findings) > 0 || s.Final["state"] != "unknown" || s.Verdict != validate.Inconclusive || s.Records == 0 {
				t.Errorf("%s: %+v", name, s)
			}
		}
		for f, r := range res.Features {
			if open := r.Value == "open"; open == (f == "relax_when_offline") {
				t.Errorf("%s: %s = %v", name, f, r.Value)
			}
		}
		if slices.Contains(res.Kernels, "v6_0") || !slices.Contains(res.Kernels, "v7_3") {
			t.Errorf("%s: kernels %v", name, res.Kernels)
		}
	}
}
