package validate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rprocspec/rprocspec/traces/mark"
	"github.com/rprocspec/rprocspec/validate"
)

var stampedLine = regexp.MustCompile(`(?m)^ .*\] \S{5} +([\d.]+): `)

// describe puts a description around a capture that has none: header before its first event, end behind
// its last one.
func describe(data []byte, header, end []string) []byte {
	at := stampedLine.FindSubmatchIndex(data)
	all := stampedLine.FindAllSubmatch(data, -1)
	var out bytes.Buffer
	out.Write(data[:at[0]])
	put := func(marks []string, time []byte) {
		for _, m := range marks {
			fmt.Fprintf(&out, "              sh-1       [000] .....   %s: tracing_mark_write: rprocspec/%d %s\n", time, mark.Version, m)
		}
	}
	put(header, all[0][1])
	out.Write(data[at[0]:])
	put(end, all[len(all)-1][1])
	return out.Bytes()
}

var allEvents = []string{
	"on event=power:wakeup_source_activate by=tracepoint", "on event=power:wakeup_source_deactivate by=tracepoint",
	"on event=workqueue:workqueue_queue_work by=tracepoint", "on event=workqueue:workqueue_execute_start by=tracepoint",
	"on event=workqueue:workqueue_execute_end by=tracepoint", "on event=printk:console by=tracepoint",
}

var probeDef = regexp.MustCompile(`(?m)^ok +([pr]):rp/(\S+) (\S+)`)

// header describes how a recorded capture was made, by the list of its probes that is kept beside it.
func header(t *testing.T, capture string) []string {
	t.Helper()
	h := append([]string{"begin id=x kernel=6.1.192 spec=remoteproc", "clock name=local"}, allEvents...)
	if strings.HasSuffix(capture, ".kprobe") {
		files, _ := filepath.Glob(filepath.Join(shared(t, "captures"), filepath.Dir(capture), "probes-*.txt"))
		if len(files) == 0 {
			t.Skip("no list of probes for", capture)
		}
		list, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range probeDef.FindAllSubmatch(list, -1) {
			way, by := "enter", "kprobe"
			if string(m[1]) == "r" {
				way, by = "exit", "kretprobe"
			}
			h = append(h, fmt.Sprintf("on %s=%s by=%s event=rp:%s", way, m[3], by, m[2]))
		}
	}
	return h
}

// ending is the end of a description, with the truth about every processor.
func ending(truths map[string]truth, change func(device string, tr truth) truth) []string {
	end := []string{"end id=x", "quiet value=yes"}
	for _, device := range slices.Sorted(keys(truths)) {
		tr := change(device, truths[device])
		end = append(end, fmt.Sprintf("truth device=%s state=%s awake=%v", device, tr.state, tr.awake))
	}
	return append(end, "done id=x")
}

func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func asItIs(_ string, tr truth) truth { return tr }

// described lists the recorded captures to which a description can be added.
func described(t *testing.T, f func(name string, data []byte, truths map[string]truth)) {
	t.Helper()
	for n, truths := range readTruth(t) {
		scenario, format, _ := strings.Cut(filepath.Base(n), ".")
		data, err := os.ReadFile(filepath.Join(shared(t, "captures"), n+".txt"))
		if format != "kprobe" && format != "events" || err != nil || strings.Contains(scenario, "stress") {
			continue
		}
		f(n, data, truths)
	}
}

// TestDescribed holds captures that say what they recorded, and what the device itself reported at the
// end, against the truth: nothing of what was reported may stay unknown.
func TestDescribed(t *testing.T) {
	n := 0
	described(t, func(name string, data []byte, truths map[string]truth) {
		n++
		plain := verdicts(run(t, compile(t, specFor(name)), name, data, validate.Options{}))
		data = describe(data, append(header(t, name), "ready"), ending(truths, asItIs))
		res := run(t, compile(t, specFor(name)), name, data, validate.Options{})
		if res.Capture == nil || !res.Capture.Complete || !res.Capture.Quiet {
			t.Errorf("%s: description %+v", name, res.Capture)
		}
		if len(res.Subjects) != len(truths) {
			t.Errorf("%s: %d processors, want %d", name, len(res.Subjects), len(truths))
		}
		for _, s := range res.Subjects {
			tr := truths[s.Name]
			if len(s.SelfCheck) > 0 {
				t.Errorf("%s: %s: %+v", name, s.Name, s.SelfCheck)
			}
			if s.Final["awake"] != tr.awake || s.Final["state"] == "unknown" {
				t.Errorf("%s: %s: awake %v, state %v; truth %+v", name, s.Name, s.Final["awake"], s.Final["state"], tr)
			}
			compare(t, name, "kprobe", s, tr)
			switch before, seen := plain[s.Name]; {
			case s.Verdict == validate.Inconclusive:
				t.Errorf("%s: %s: inconclusive: %v", name, s.Name, s.Reasons)
			case !seen && (s.Records != 0 || s.Verdict != validate.Conforms):
				t.Errorf("%s: %s: %s after %d records; without a description there were none", name, s.Name, s.Verdict, s.Records)
			case seen && before != validate.Inconclusive && before != s.Verdict:
				t.Errorf("%s: %s: %s, without a description %s", name, s.Name, s.Verdict, before)
			}
		}
	})
	t.Log(n, "captures")
}

func verdicts(res *validate.Result) map[string]validate.Verdict {
	out := map[string]validate.Verdict{}
	for _, s := range res.Subjects {
		out[s.Name] = s.Verdict
	}
	return out
}

// TestSelfCheck reports a false truth at the end: that must be told, with both values, and there must be
// no verdict.
func TestSelfCheck(t *testing.T) {
	lie := map[string]func(truth) truth{
		"awake": func(tr truth) truth { tr.awake = !tr.awake; return tr },
		"state": func(tr truth) truth { tr.state = "suspended"; return tr },
	}
	for what, change := range lie {
		described(t, func(name string, data []byte, truths map[string]truth) {
			m := compile(t, specFor(name))
			victim := run(t, m, name, data, validate.Options{}).Subjects[0].Name
			data = describe(data, append(header(t, name), "ready"), ending(truths, func(device string, tr truth) truth {
				if device == victim {
					return change(tr)
				}
				return tr
			}))
			for _, s := range run(t, m, name, data, validate.Options{}).Subjects {
				if (s.Name == victim) != (len(s.SelfCheck) > 0) {
					t.Errorf("%s: %s of %s: %+v", name, what, s.Name, s.SelfCheck)
				}
				if s.Name == victim {
					checkLie(t, name, what, s)
				}
			}
		})
	}
}

func checkLie(t *testing.T, name, what string, s *validate.SubjectResult) {
	t.Helper()
	for _, c := range s.SelfCheck {
		told := fmt.Sprintf("self-check: the trace explains %s = %v, but the device itself reported %v", c.Name, c.Trace, c.Device)
		if c.Name != what || c.Trace == c.Device || !strings.Contains(strings.Join(s.Reasons, "\n"), told) {
			t.Errorf("%s: %+v in %q", name, c, s.Reasons)
		}
	}
	if s.Verdict != validate.Inconclusive {
		t.Errorf("%s: %s: %s in spite of a false %s", name, s.Name, s.Verdict, what)
	}
}

// idle is a description without any record: header and end, each with what the device says.
func idle(header, end string) []byte {
	marks := []string{
		"begin id=x kernel=6.1.192 spec=remoteproc", strings.Join(allEvents, "\n"),
		"names device=remoteproc0 name=modem parent=4080000.remoteproc has_wakeup=true", header, "ready",
		"end id=x", "quiet value=yes", end, "done id=x",
	}
	var b bytes.Buffer
	b.WriteString("# tracer: nop\n#\n")
	for i, m := range strings.Split(strings.Join(marks, "\n"), "\n") {
		if m != "" {
			fmt.Fprintf(&b, "  sh-1 [000] ..... %d.000000: tracing_mark_write: rprocspec/1 %s\n", i+1, m)
		}
	}
	return b.Bytes()
}

// TestIdle validates captures in which nothing happened.
func TestIdle(t *testing.T) {
	const crashed = "truth device=remoteproc0 state=crashed\ntruth device=remoteproc0 awake=1"
	const off, awake, gone = "truth device=remoteproc0 state=offline awake=0 activations=3", "truth device=remoteproc0 state=offline awake=1 activations=4", "truth device=remoteproc0 state=running awake=0 activations=3"
	for _, tt := range []struct {
		name, header, end string
		verdict           validate.Verdict
		check             []validate.SelfCheck
		reason            string
	}{
		{"nothing", off, off, validate.Conforms, nil, ""},
		{"no ground truth", "", "", validate.Conforms, nil, ""},
		{"awake before", awake, awake, validate.Inconclusive, nil, "was active when the capture began, still is"},
		{"awake, who knows since when", "", awake, validate.Inconclusive, nil, "was active when the capture began, still is"},
		{"awake and crashed before", crashed, crashed, validate.Inconclusive, nil, "was active when the capture began, still is"},
		{
			"awake unseen", off, awake, validate.Inconclusive,
			[]validate.SelfCheck{{Name: "activations", Trace: 0, Device: 1, Line: 15}, {Name: "awake", Trace: false, Device: true, Line: 15}},
			"the trace explains awake = false, but the device itself reported true (line 15)",
		},
		{
			"booted unseen", off, gone, validate.Inconclusive,
			[]validate.SelfCheck{{Name: "state", Trace: "OFFLINE", Device: "RUNNING", Line: 15}},
			"state = OFFLINE",
		},
		{"let go unseen", awake, strings.Replace(off, "=3", "=4", 1), validate.Inconclusive, []validate.SelfCheck{{Name: "awake", Trace: true, Device: false, Line: 15}}, "self-check"},
	} {
		res := run(t, compile(t, "remoteproc"), tt.name, idle(tt.header, tt.end), validate.Options{})
		if len(res.Subjects) != 1 {
			t.Fatalf("%s: %d subjects", tt.name, len(res.Subjects))
		}
		s := res.Subjects[0]
		if s.Verdict != tt.verdict || res.Verdict != tt.verdict || !strings.Contains(strings.Join(s.Reasons, "\n"), tt.reason) || len(s.Findings) > 0 {
			t.Errorf("%s: %s %v %v", tt.name, s.Verdict, s.Reasons, s.Findings)
		}
		if diff := cmp.Diff(tt.check, s.SelfCheck, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: self-check (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff([]string{"modem", "4080000.remoteproc"}, s.Aliases); diff != "" {
			t.Errorf("%s: names (-want +got):\n%s", tt.name, diff)
		}
		if s.Final["has_wakeup"] != true {
			t.Errorf("%s: has_wakeup %v", tt.name, s.Final["has_wakeup"])
		}
	}
}

// TestNoDevice validates a capture of a device that has no remote processor.
func TestNoDevice(t *testing.T) {
	data := bytes.ReplaceAll(idle("", ""), []byte("names device=remoteproc0 name=modem parent=4080000.remoteproc has_wakeup=true"), []byte("ignored"))
	res := run(t, compile(t, "remoteproc"), "none", data, validate.Options{})
	if res.Verdict != validate.Inconclusive || len(res.Subjects) > 0 || !strings.Contains(res.Reasons[0], "the device had no remote processor") {
		t.Errorf("%s %v", res.Verdict, res.Reasons)
	}
}

// edit runs S2a of the v60 kernel with a description that is changed line by line.
func edit(t *testing.T, opt validate.Options, change func(mark string) []string) *validate.Result {
	t.Helper()
	const name = "6.1.192-x86_64-v60/S2a.kprobe"
	data, err := os.ReadFile(filepath.Join(shared(t, "captures"), name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	var h, e []string
	for _, m := range append(header(t, name), "ready") {
		h = append(h, change(m)...)
	}
	for _, m := range ending(readTruth(t)[name], asItIs) {
		e = append(e, change(m)...)
	}
	return run(t, compile(t, "remoteproc"), name, describe(data, h, e), opt)
}

func use(res *validate.Result, kind string) string {
	for _, s := range res.Sources {
		if s.Kind == kind {
			return s.Use + ", " + s.Why
		}
	}
	return ""
}

// TestListed checks that the header decides what was on, and the profile of the probes what may be missing.
func TestListed(t *testing.T) {
	for _, tt := range []struct {
		name, kind, want string
		change           func(string) []string
		opt              validate.Options
	}{
		{name: "listed and never seen", kind: "enter rproc_boot", want: "missable, the capture lists it"},
		{name: "not listed", kind: "enter rproc_attach", want: "off, not listed by the capture"},
		{name: "by the user", kind: "enter rproc_boot", want: "off, given", opt: validate.Options{Probes: map[string]string{"enter:rproc_boot": "off"}}},
		{name: "tracepoint", kind: "edge off", want: "exact, the capture lists it"},
		{
			name: "refused", kind: "enter rproc_attach", want: "off, not possible there: inlined",
			change: before("ready", "off enter=rproc_attach why=inlined"),
		},
		{
			name: "nothing missed", kind: "enter rproc_boot", want: "exact, the capture lists it",
			change: before("done", "missed event=rp:boot hits=0 missed=0"),
		},
		{
			name: "missed", kind: "enter rproc_boot", want: "missable, the capture lists it",
			change: before("done", "missed event=rp:boot hits=9 missed=2"),
		},
		{
			name: "not listed and seen", kind: "edge off", want: "missable, not listed by the capture",
			change: func(m string) []string {
				if strings.Contains(m, "deactivate") {
					return nil
				}
				return []string{m}
			},
		},
	} {
		change := tt.change
		if change == nil {
			change = func(m string) []string { return []string{m} }
		}
		if tt.name == "not listed and seen" {
			res := runMarked(t, "6.1.192-x86_64-stock/S2a.kprobe", change)
			if got := use(res, tt.kind); got != tt.want || res.Verdict == validate.Violates {
				t.Errorf("%s: %s is %q, want %q; %s %v", tt.name, tt.kind, got, tt.want, res.Verdict, res.Reasons)
			}
			continue
		}
		res := edit(t, tt.opt, change)
		if got := use(res, tt.kind); got != tt.want {
			t.Errorf("%s: %s is %q, want %q", tt.name, tt.kind, got, tt.want)
		}
		if res.Verdict != validate.Violates {
			t.Errorf("%s: %s %v", tt.name, res.Verdict, res.Reasons)
		}
	}
}

// before puts a mark before another one.
func before(word, more string) func(string) []string {
	return func(m string) []string {
		if strings.HasPrefix(m, word+" ") || m == word {
			return []string{more, m}
		}
		return []string{m}
	}
}

func runMarked(t *testing.T, name string, change func(string) []string) *validate.Result {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(shared(t, "captures"), name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	var h []string
	for _, m := range append(header(t, name), "ready") {
		h = append(h, change(m)...)
	}
	return run(t, compile(t, "remoteproc"), name, describe(data, h, ending(readTruth(t)[name], asItIs)), validate.Options{})
}

// TestBrokenDescription checks that what is damaged, cut off or foreign is told and used no further than it
// goes.
func TestBrokenDescription(t *testing.T) {
	drop := func(words ...string) func(string) []string {
		return func(m string) []string {
			for _, w := range words {
				if strings.HasPrefix(m, w) {
					return nil
				}
			}
			return []string{m}
		}
	}
	for _, tt := range []struct {
		name, note string
		verdict    validate.Verdict
		change     func(string) []string
	}{
		{"whole", "", validate.Violates, drop("nothing")},
		{"no end", "has no end mark", validate.Violates, drop("end", "quiet", "truth", "done")},
		{"header cut off", "breaks off", validate.Violates, drop("ready", "end", "quiet", "truth", "done")},
		{"beginning overwritten", "the beginning of the capture's description is missing", validate.Violates, drop("begin", "clock", "on event", "ready")},
		{"broken mark", "a mark of the capture is not used", validate.Violates, before("ready", `names device="`)},
		{"newer mark", "a mark of the capture is not used", validate.Violates, before("ready", "on\n sh-1 [000] ..... 105.794915: tracing_mark_write: rprocspec/9 on x=1")},
		{"other spec", "was made for the spec power_supply", validate.Violates, func(m string) []string {
			return []string{strings.Replace(m, "spec=remoteproc", "spec=power_supply", 1)}
		}},
		{"names twice", "is already the name of another processor", validate.Violates, before("ready", "names device=remoteproc7 name=x\n sh-1 [000] ..... 105.794915: tracing_mark_write: rprocspec/1 names device=remoteproc8 name=x")},
		{"unknown state", "which remoteproc does not know", validate.Violates, before("done", "truth device=remoteproc0 state=invalid")},
		{"dropped", "", validate.Inconclusive, before("done", "cpu cpu=0 overrun=0 commit_overrun=0 dropped=7")},
		{"not dropped", "", validate.Violates, before("done", "cpu cpu=0 overrun=0 commit_overrun=0 dropped=0")},
		{"a command that failed", "ended with exit code 7", validate.Violates, func(m string) []string {
			return []string{strings.Replace(m, "end id=x", "end id=x status=7", 1)}
		}},
		{"one that did not", "", validate.Violates, func(m string) []string {
			return []string{strings.Replace(m, "end id=x", "end id=x status=0", 1)}
		}},
	} {
		res := edit(t, validate.Options{}, tt.change)
		if res.Verdict != tt.verdict || !strings.Contains(strings.Join(res.Notes, "\n"), tt.note) {
			t.Errorf("%s: %s %v, notes %q", tt.name, res.Verdict, res.Reasons, res.Notes)
		}
		if tt.note == "" && len(res.Notes) > 0 {
			t.Errorf("%s: notes %q", tt.name, res.Notes)
		}
	}
}

// TestTwoCaptures puts two captures in one file: the second is judged by its own description, and nothing is
// concluded about the time between.
func TestTwoCaptures(t *testing.T) {
	one := idle("truth device=remoteproc0 state=offline awake=0", "truth device=remoteproc0 state=offline awake=0")
	two := bytes.ReplaceAll(idle("truth device=remoteproc0 state=running awake=0", "truth device=remoteproc0 state=running awake=0"), []byte("id=x"), []byte("id=y"))
	res := run(t, compile(t, "remoteproc"), "two", append(one, two...), validate.Options{})
	s := res.Subjects[0]
	if len(s.SelfCheck) > 0 || len(s.Findings) > 0 || s.Final["state"] != "RUNNING" || s.Verdict != validate.Inconclusive {
		t.Errorf("%s %v %+v %v", s.Verdict, s.Reasons, s.SelfCheck, s.Final)
	}
	if !strings.Contains(strings.Join(res.Notes, "\n"), "another capture begins here") || res.Capture.ID != "y" {
		t.Errorf("%q, %+v", res.Notes, res.Capture)
	}
}
