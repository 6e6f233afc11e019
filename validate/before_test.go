package validate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

// stuck gives a recorded leak as it looks on a device that was awake already: the kernel records no edge then.
func stuck(t *testing.T, more ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "6.1.192-x86_64-v60", "S2a.kprobe.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range strings.SplitAfter(string(data), "\n") {
		switch {
		case strings.Contains(l, "wakeup_source_activate"), strings.Contains(l, "quiesce"):
			continue
		case strings.Contains(l, ": shutdown: "):
			lines = append(lines, more...)
			more = nil
		}
		lines = append(lines, l)
	}
	return []byte(strings.Join(lines, ""))
}

// TestStuckBefore holds that a device which may have been awake all the time is not called fine.
func TestStuckBefore(t *testing.T) {
	others := []string{
		"          <idle>-0       [001] d.h3.   100.100000: wakeup_source_activate: other.0 state=0x160001\n",
		"          <idle>-0       [001] d.h3.   100.100100: wakeup_source_deactivate: other.0 state=0x170000\n",
	}
	for _, tt := range []struct {
		name    string
		data    []byte
		opt     validate.Options
		verdict validate.Verdict
		reason  string
	}{
		{name: "sources of others are recorded", data: stuck(t, others...), verdict: validate.Inconclusive, reason: "it was active already or there is none"},
		{name: "edges are said to be recorded", data: stuck(t), opt: validate.Options{Probes: map[string]string{"edges": "on"}}, verdict: validate.Inconclusive, reason: "it was active already or there is none"},
		{name: "no source is recorded", data: stuck(t), verdict: validate.Inconclusive, reason: "no wakeup_source event"},
		{name: "the source is known to be there", data: stuck(t, others...), opt: validate.Options{Features: map[string]string{"has_wakeup": "true"}}, verdict: validate.Violates},
		{name: "it is known not to be there", data: stuck(t, others...), opt: validate.Options{Features: map[string]string{"has_wakeup": "false"}}, verdict: validate.Conforms},
	} {
		res := run(t, compile(t, "remoteproc"), tt.name, tt.data, tt.opt)
		if res.Verdict != tt.verdict || len(res.Subjects) != 1 {
			t.Errorf("%s: %s, want %s; %v", tt.name, res.Verdict, tt.verdict, res.Reasons)
			continue
		}
		s := res.Subjects[0]
		if !strings.Contains(strings.Join(s.Reasons, "\n"), tt.reason) {
			t.Errorf("%s: no %q in %q", tt.name, tt.reason, s.Reasons)
		}
		for _, f := range s.Findings {
			if f.Detail == "unpaired" && tt.verdict != validate.Conforms {
				t.Errorf("%s: %s", tt.name, f.Message)
			}
		}
	}
}

// TestBegunLate begins recorded leaks later and later: what came before is not known then, and nothing may be said of
// the wakeup source that is not so.
func TestBegunLate(t *testing.T) {
	for _, name := range []string{"S2a.kprobe", "S2a.events", "S2a.function", "S8b.kprobe", "S8b.function"} {
		capture := "6.1.192-x86_64-v60/" + name
		data, err := os.ReadFile(filepath.Join("testdata", capture+".txt"))
		if err != nil {
			data, err = os.ReadFile(filepath.Join("..", "..", "shared", "captures", capture+".txt"))
		}
		if err != nil {
			t.Log(err)
			continue
		}
		var head, body []string
		for _, l := range strings.SplitAfter(string(data), "\n") {
			switch {
			case strings.HasPrefix(l, "#"):
				head = append(head, l)
			case !strings.Contains(l, "quiesce"):
				body = append(body, l)
			}
		}
		for cut := range body[:len(body)-1] {
			begunLate(t, fmt.Sprintf("%s from record %d on", capture, cut), strings.Join(head, "")+strings.Join(body[cut:], ""))
		}
	}
}

// begunLate validates a trace of which the modem is awake at the end.
func begunLate(t *testing.T, name, text string) {
	t.Helper()
	res, err := runErr(compile(t, "remoteproc"), name, strings.NewReader(text), validate.Options{})
	if err != nil {
		return // nothing but what is none of ours
	}
	for _, s := range res.Subjects {
		if s.Name == "remoteproc0" && s.Final["awake"] == false {
			t.Errorf("%s: %s, awake = false", name, s.Verdict)
		}
	}
}

// TestForced holds that a kernel which the trace refutes does not agree with it, however it is explained.
func TestForced(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "6.1.192-x86_64-stock", "S0.kprobe.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for kernel, want := range map[string]validate.Verdict{
		"v6_1_190": validate.Conforms, "v7_3": validate.Conforms, "v6_0": validate.Inconclusive, "v6_2": validate.Inconclusive, "v5_10": validate.Inconclusive,
	} {
		res := run(t, compile(t, "remoteproc"), kernel, data, validate.Options{Kernel: kernel})
		reasons := strings.Join(res.Subjects[0].Reasons, "\n")
		if res.Verdict != want || want == validate.Inconclusive && !strings.Contains(reasons, "log_before_queue = false nothing has to be assumed") {
			t.Errorf("%s: %s, want %s; %s", kernel, res.Verdict, want, reasons)
		}
	}
}

// TestNoSource holds that a kernel which knows no wakeup source does not explain an active one.
func TestNoSource(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "rig", "6.12.117", "leak.args.txt"))
	if err != nil {
		t.Fatal(err)
	}
	awake := strings.ReplaceAll(string(data), "awake=0", "awake=1")
	res := run(t, compile(t, "remoteproc"), "leak", []byte(awake), validate.Options{Kernel: "v5_4"})
	if res.Verdict != validate.Inconclusive {
		t.Errorf("%s: %v", res.Verdict, res.Reasons)
	}
}

// dropped gives a recorded capture of this tree without the lines that have a text, the nth of them if n > 0.
func dropped(t *testing.T, name, text string, n int) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	seen := 0
	for _, l := range strings.SplitAfter(string(data), "\n") {
		if strings.Contains(l, "quiesce") {
			continue
		}
		if strings.Contains(l, text) {
			if seen++; n == 0 || seen == n {
				continue
			}
		}
		lines = append(lines, l)
	}
	if seen == 0 {
		t.Fatalf("%s: no %q", name, text)
	}
	return []byte(strings.Join(lines, ""))
}

// TestDropped leaves out records that a capture may well lack, and holds that no answer rests on them.
func TestDropped(t *testing.T) {
	const stock, v60 = "6.1.192-x86_64-stock/", "6.1.192-x86_64-v60/"
	for _, tt := range []struct {
		name, text string
		n          int
		verdict    validate.Verdict
		awake      any
		reason     string
	}{
		{stock + "S0.kprobe", ": wakeup_source_deactivate: rproc-dummy.0", 0, validate.Inconclusive, false, "fits only if it was not recorded"},
		{stock + "S1b.kprobe", ": wakeup_source_deactivate: rproc-dummy.0", 0, validate.Inconclusive, nil, "fits only if it was not recorded"},
		{stock + "S2a.kprobe", ": relax: ", 0, validate.Conforms, false, ""},
		{v60 + "S2a.kprobe", ": workqueue_execute_start: ", 0, validate.Violates, true, ""},
	} {
		res := run(t, compile(t, "remoteproc"), tt.name, dropped(t, tt.name, tt.text, tt.n), validate.Options{})
		s := res.Subjects[0]
		if reasons := strings.Join(s.Reasons, "\n"); res.Verdict != tt.verdict || !strings.Contains(reasons, tt.reason) {
			t.Errorf("%s without %q: %s, want %s; %s", tt.name, tt.text, res.Verdict, tt.verdict, reasons)
		}
		if tt.awake != nil && s.Final["awake"] != tt.awake {
			t.Errorf("%s without %q: awake = %v in the end, want %v", tt.name, tt.text, s.Final["awake"], tt.awake)
		}
	}
}

var contextColumn = regexp.MustCompile(`(?m)^(.{16}-\d+ +\[\d+\]) \S{5,6}( +\d+\.\d+: )`)

// TestStretched holds that what is explained by one assumption after the other does not conform: here a trace of
// another design, without contexts, in which crashes that no record shows could explain anything.
func TestStretched(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(shared(t, "captures"), "6.1.192-x86_64-failed", "S6b.kprobe.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := contextColumn.ReplaceAllString(string(data), "$1$2")
	if text == string(data) {
		t.Fatal("no flags were taken off")
	}
	res := run(t, compile(t, "remoteproc"), "S6b", []byte(text), validate.Options{})
	if res.Verdict == validate.Conforms {
		t.Errorf("%s, ends with awake = %v; %d records", res.Verdict, res.Subjects[0].Final["awake"], res.Subjects[0].Records)
	}
}

// TestLostStart holds that a start that was lost at the beginning does not hide a leak at the end.
func TestLostStart(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(shared(t, "captures"), "6.1.192-x86_64-stock", "S8b.kprobe.txt"))
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(data), ": workqueue_execute_start: ")
	begin := strings.LastIndexByte(string(data[:at]), '\n') + 1
	end := at + strings.IndexByte(string(data[at:]), '\n') + 1
	text := truthMarks.ReplaceAllString(string(data[:begin])+string(data[end:]), "")
	res := run(t, compile(t, "remoteproc"), "S8b", []byte(text), validate.Options{})
	if res.Verdict == validate.Conforms {
		t.Errorf("%s, ends with awake = %v", res.Verdict, res.Subjects[0].Final["awake"])
	}
}

// truthMarks are the lines in which the rig tells the truth.
var truthMarks = regexp.MustCompile(`(?m)^.*quiesce.*\n`)

// TestEdgeIsSo holds that an edge is believed though the call before it was missed.
func TestEdgeIsSo(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(shared(t, "captures"), "6.1.192-x86_64-stock", "S6b.kprobe.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text := truthMarks.ReplaceAllString(string(data), "")
	at := strings.LastIndex(text, ": relax: ")
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	end := at + strings.IndexByte(text[at:], '\n') + 1
	res := run(t, compile(t, "remoteproc"), "S6b", []byte(text[:begin]+text[end:]), validate.Options{})
	if awake := res.Subjects[0].Final["awake"]; awake != false {
		t.Errorf("%s, ends with awake = %v", res.Verdict, awake)
	}
	for _, f := range res.Subjects[0].Findings {
		if f.Detail == "leaked" {
			t.Errorf("line %d: %s", f.Line, f.Message)
		}
	}
}
