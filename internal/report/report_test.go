package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/validate"
	"github.com/rprocspec/rprocspec/validate/story"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// leaky is the stop-before-handler race as an old kernel shows it.
func leaky() *validate.Result {
	at := 24.227661
	return &validate.Result{
		Trace: "trace.txt", Verdict: validate.Violates, Spec: "remoteproc",
		Features: map[string]*validate.FeatureResult{
			"relax_when_offline": {Value: false, Line: 1203, Subject: "remoteproc0"},
			"log_before_queue":   {Value: true, Line: 1191, Subject: "remoteproc0"},
			"deleting_flag":      {Value: "open"},
			"attach_by_work":     {Value: "open"},
			"shutdown_checks":    {Value: true, Given: true},
		},
		Kernels: []string{"v5_15", "v6_0"},
		Reasons: []string{"remoteproc1: deadline recovers: the clock does not count seconds"},
		Subjects: []*validate.SubjectResult{
			{
				Name: "remoteproc0", Aliases: []string{"modem", "rproc-dummy.0"}, Verdict: validate.Violates,
				Final: map[string]any{"power": 0, "state": "OFFLINE", "awake": true, "deleting": "unknown"},
				Findings: []*validate.Finding{
					{
						Kind: validate.Unbalanced, Detail: "leaked", Severity: validate.Error, Line: 1203, Time: &at,
						Task: "kworker/u4:1-29", Message: "rproc_crash_handler_work returned without pm_relax",
						Assumed: []string{"assuming that pm_relax was recorded; --probes calls=on|off settles it"},
						Related: []validate.Related{
							{Line: 1190, Message: "taken here by rproc_report_crash in irq/24-q6v5-31"},
							{Line: 1201, Message: "last responsible: rproc_crash_handler_work"},
						},
					},
					{
						Kind: validate.BadInvariant, Detail: "startable", Severity: validate.Warning, Line: 1200,
						Message: "remoteproc0 is OFFLINE with power = 1",
					},
				},
				Story: &story.Story{
					Text: "1 crash, stopped before it was recovered; off since line 1200", End: story.Off, EndLine: 1200, Crashes: 1,
					Episodes: []*story.Episode{{
						Kind: story.Crash, Outcome: story.Stopped, Line: 1190, Last: 1200, Type: "watchdog", Reports: 1, Said: "watchdog without message",
						Steps: []story.Step{{Line: 1190, What: "crash detected in modem: type watchdog"}, {Line: 1200, What: "stopped remote processor modem"}},
						Text:  "crash (watchdog), stopped at line 1200 before it was handled",
					}},
				},
				Records: 34, Notes: []string{"joined with modem by the log line 1191"},
			},
			{
				Name: "remoteproc1", Aliases: []string{"adsp"}, Verdict: validate.Conforms,
				Final: map[string]any{"state": "unknown"}, Records: 2,
			},
		},
		Records: validate.RecordCounts{Lines: 1300, Read: 1280, Bound: 36, Skipped: 1244, Malformed: 1, Lost: 2},
		Format:  "ftrace", Clock: "seconds",
		Sources: []*validate.SourceUse{
			{Kind: "enter rproc_shutdown", Use: "missable", Why: "seen", Count: 2},
			{Kind: "wakeup edges", Use: "exact", Why: "seen", Count: 3},
			{Kind: "workqueue_execute_end", Use: "exact", Why: "seen", Count: 40},
			{Kind: "enter rproc_boot", Use: "missable", Why: "assumed with enter rproc_shutdown"},
			{Kind: "exit rproc_boot", Use: "off", Why: "never seen"},
			{Kind: "exit rproc_shutdown", Use: "off", Why: "never seen"},
			{Kind: "exit rproc_attach", Use: "off", Why: "never seen"},
			{Kind: "exit rproc_detach", Use: "off", Why: "never seen"},
		},
		BadLines: []validate.BadLine{{Line: 77, Why: "no timestamp", Text: "garbage \x1b[31m\xff"}},
		Notes:    []string{"3 records of devices that no subject claims"},
	}
}

func quiet() *validate.Result {
	return &validate.Result{
		Trace: "clean.txt", Verdict: validate.Conforms, Spec: "remoteproc",
		Features: map[string]*validate.FeatureResult{"relax_when_offline": {Value: "open"}},
		Kernels:  []string{"v6_0", "v6_2"},
		Subjects: []*validate.SubjectResult{{
			Name: "remoteproc0", Verdict: validate.Conforms, Records: 9,
			Final: map[string]any{"state": "RUNNING", "awake": false, "power": 1},
		}},
		Records: validate.RecordCounts{Lines: 12, Read: 12, Bound: 9, Skipped: 3},
		Format:  "ftrace", Clock: "seconds",
		Sources: []*validate.SourceUse{{Kind: "wakeup edges", Use: "exact", Why: "seen", Count: 2}},
	}
}

func undecided() *validate.Result {
	return &validate.Result{
		Trace: "func.txt", Verdict: validate.Inconclusive, Spec: "remoteproc",
		Reasons: []string{
			"remoteproc0: balance awake: the end of rproc_crash_handler_work was not recorded; --probes end=on|off decides",
			"records were lost at line 7",
			"remoteproc1: balance awake: the end of rproc_crash_handler_work was not recorded; --probes end=on|off decides",
		},
		Subjects: []*validate.SubjectResult{
			{
				Name: "remoteproc0", Verdict: validate.Inconclusive,
				Reasons: []string{"balance awake: the end of rproc_crash_handler_work was not recorded; --probes end=on|off decides"},
			},
			{Name: "remoteproc1", Verdict: validate.Inconclusive, Reasons: []string{"held awake since line 4"}},
		},
	}
}

// TestLongStory checks that a story of many episodes shows the first and the last, and says so.
func TestLongStory(t *testing.T) {
	res := quiet()
	s := &story.Story{Text: "much", LeftOut: 1000}
	for i := range 30 {
		s.Episodes = append(s.Episodes, &story.Episode{Kind: story.Boot, Outcome: story.Done, Line: i + 1, Last: i + 1, Text: "booted"})
	}
	res.Subjects[0].Story = s
	for verbose, want := range map[bool][]string{false: {"line 4: booted\n      … and 1022 more; --verbose shows them\n      line 27: booted\n"}, true: {"line 5: booted", "line 26: booted"}} {
		var out bytes.Buffer
		r, err := New("text", &out, Options{Verbose: verbose})
		if err == nil {
			err = r.Trace(res)
		}
		for _, w := range want {
			if err != nil || !strings.Contains(out.String(), w) {
				t.Errorf("verbose %t: %v, no %q in\n%s", verbose, err, w, &out)
			}
		}
	}
}

// hostile has control characters wherever a trace can put them.
func hostile() *validate.Result {
	const bad = "a\x1b]0;owned\x07\u009b2J\u202eb\xff\nc\r"
	return &validate.Result{
		Trace: bad, Verdict: validate.Violates, Spec: bad, Reasons: []string{bad}, Kernels: []string{bad},
		Features: map[string]*validate.FeatureResult{bad: {Value: bad, Line: 1, Subject: bad}, "g": {Value: bad, Given: true}, bad + "o": {Value: "open"}},
		Subjects: []*validate.SubjectResult{{
			Name: bad, Aliases: []string{bad}, Verdict: validate.Violates, Reasons: []string{bad},
			Final: map[string]any{bad: bad, "o" + bad: "unknown"},
			Story: &story.Story{Text: bad, End: story.Unknown, Episodes: []*story.Episode{{Kind: story.Crash, Outcome: story.Failed, Line: 1, Last: 2, Said: bad, Reason: bad, Text: bad, Steps: []story.Step{{Line: 1, What: bad}}}}},
			Findings: []*validate.Finding{{
				Kind: validate.BadInvariant, Detail: bad, Severity: validate.Error, Line: 3, Task: bad + "-1", Message: bad,
				Assumed: []string{bad}, Related: []validate.Related{{Line: 2, Message: bad}},
			}},
			Notes: []string{bad},
		}},
		Format: bad, Clock: bad, Notes: []string{bad},
		Sources:  []*validate.SourceUse{{Kind: bad, Use: "exact", Why: bad}},
		BadLines: []validate.BadLine{{Line: 1, Why: bad, Text: bad}},
	}
}

// crowded has more findings and subjects than fit on a screen.
func crowded() *validate.Result {
	res := quiet()
	res.Trace, res.Verdict = "stress.txt", validate.Violates
	res.Subjects = nil
	for i := range 18 {
		s := &validate.SubjectResult{Name: fmt.Sprintf("remoteproc%d", i), Verdict: validate.Violates}
		for j, sev := range []validate.Severity{validate.Note, validate.Error} {
			until := 100*i + 50
			s.Findings = append(s.Findings, &validate.Finding{
				Kind: validate.Unbalanced, Detail: "leaked", Severity: sev, Line: 100*i + j + 1, Until: &until,
				Message: s.Name + " is held",
			})
		}
		res.Subjects = append(res.Subjects, s)
	}
	return res
}

func facts() Spec {
	return Spec{
		Features: map[string]string{"relax_when_offline": "11c7f9e3131a: the handler lets go of a stopped processor"},
		Kernels: []Kernel{
			{"v6_0", map[string]string{"relax_when_offline": "false", "log_before_queue": "true"}},
			{"v6_2", map[string]string{"relax_when_offline": "true", "log_before_queue": "true"}},
			{"v6_12", map[string]string{"relax_when_offline": "true", "log_before_queue": "true"}},
			{"v7_3", map[string]string{"relax_when_offline": "true", "log_before_queue": "false"}},
		},
	}
}

func TestText(t *testing.T) {
	none := leaky()
	none.Kernels = nil
	warned := leaky()
	warned.Verdict, warned.Subjects[0].Findings = validate.Conforms, warned.Subjects[0].Findings[1:]
	for _, tt := range []struct {
		name string
		opt  Options
		res  []*validate.Result
	}{
		{"leaky", Options{}, []*validate.Result{leaky()}},
		{"leaky-verbose", Options{Verbose: true}, []*validate.Result{leaky()}},
		{"leaky-color", Options{Color: true}, []*validate.Result{leaky()}},
		{"clean", Options{}, []*validate.Result{quiet()}},
		{"undecided", Options{}, []*validate.Result{undecided()}},
		{"several", Options{Brief: true}, []*validate.Result{leaky(), quiet(), undecided()}},
		{"crowded", Options{}, []*validate.Result{crowded()}},
		{"mixture", Options{}, []*validate.Result{none}},
		{"warned", Options{}, []*validate.Result{warned}},
		{"lives", Options{}, []*validate.Result{lives()}},
		{"hostile", Options{Verbose: true}, []*validate.Result{hostile()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.opt.Spec = facts()
			golden(t, tt.name+".txt", render(t, "text", tt.opt, tt.res))
		})
	}
}

// lives is a processor that was bound three times.
func lives() *validate.Result {
	until := 40
	awake := &validate.Finding{Kind: validate.Unbalanced, Detail: "leaked", Severity: validate.Error, Line: 31, Until: &until, Message: "remoteproc0 (modem) is left awake"}
	life := func(from, until int, v validate.Verdict, fs ...*validate.Finding) *validate.SubjectResult {
		return &validate.SubjectResult{
			Name: "remoteproc0", Aliases: []string{"modem"}, FromLine: from, UntilLine: until, Verdict: v, Records: 9, Findings: fs,
			Final: map[string]any{"state": "OFFLINE", "awake": false, "power": "unknown"},
		}
	}
	last := life(90, 0, validate.Inconclusive)
	last.Reasons = []string{"records were lost at line 95"}
	return &validate.Result{
		Trace: "lives.txt", Verdict: validate.Violates, Spec: "remoteproc", Records: validate.RecordCounts{Lines: 120, Read: 27, Bound: 27},
		Reasons:  []string{"remoteproc0 from line 90: records were lost at line 95"},
		Subjects: []*validate.SubjectResult{life(0, 40, validate.Violates, awake), life(40, 90, validate.Conforms), last},
	}
}

func TestJSON(t *testing.T) {
	out := render(t, "json", Options{}, []*validate.Result{leaky(), quiet(), undecided(), lives()})
	golden(t, "results.json", out)
	for line := range strings.Lines(out) {
		for _, may := range []string{"until", "time", "shortest", "seconds"} {
			line = strings.ReplaceAll(line, `"`+may+`":null`, "")
		}
		if strings.Contains(line, ":null") {
			t.Errorf("null where a list or an object belongs: %s", line)
		}
	}
}

func TestJSONUnreadable(t *testing.T) {
	var b bytes.Buffer
	r, _ := New("json", &b, Options{})
	if err := r.Unreadable("x\xff", errors.New("no trace")); err != nil {
		t.Fatal(err)
	}
	want := `{"trace":"x\ufffd","verdict":null,"error":"no trace"}` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestHostile checks that no output lets a control character through, and that JSON stays valid.
func TestHostile(t *testing.T) {
	for _, format := range Formats() {
		for _, opt := range []Options{{}, {Verbose: true}, {Brief: true}} {
			out := render(t, format, opt, []*validate.Result{hostile()})
			if !utf8.ValidString(out) {
				t.Errorf("%s %+v: not UTF-8: %q", format, opt, out)
			}
			if i := strings.IndexAny(out, "\x1b\x07\r\u009b\u202e\x00\x7f"); i >= 0 {
				t.Errorf("%s %+v: control character at byte %d of %q", format, opt, i, out)
			}
			if format == "json" && !json.Valid([]byte(out)) {
				t.Errorf("not JSON: %q", out)
			}
		}
	}
}

// TestJSONRoundTrip checks that what is escaped beyond encoding/json reads back as it was.
func TestJSONRoundTrip(t *testing.T) {
	want := "\u009b \u202e \x7f \U000e0001 ü \u2028 <&>"
	var b bytes.Buffer
	r, _ := New("json", &b, Options{})
	if err := r.Trace(&validate.Result{Trace: want}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Trace string }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Trace != want {
		t.Errorf("got %q, want %q from %s", got.Trace, want, b.String())
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain":             "plain",
		"irq/24-q6v5 wdo":   "irq/24-q6v5 wdo",
		"\x1b[2J":           `\x1b[2J`,
		"a\tb\nc":           `a\tb\nc`,
		"\xff\xfe":          `\xff\xfe`,
		"\x7f":              `\x7f`,
		"ü 漢":               "ü 漢",
		"\u009b":            `\x9b`,
		"\u202e":            `\u202e`,
		"\U000e0001":        `\U000e0001`,
		"\ufffd":            "\ufffd",
		"C:\\x1b literally": "C:\\x1b literally",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSummary(t *testing.T) {
	var s Summary
	for _, v := range []validate.Verdict{"conforms", "conforms", "violates", "inconclusive"} {
		s.Add(v)
	}
	s.Unreadable = 2
	want := "6 traces: 2 conform, 1 violates, 1 inconclusive, 2 unreadable"
	if got := s.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUnknownFormat(t *testing.T) {
	_, err := New("yaml", nil, Options{})
	if err == nil || !strings.Contains(err.Error(), "text, json") {
		t.Errorf("error %v does not list the formats", err)
	}
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteError(t *testing.T) {
	for _, format := range Formats() {
		r, _ := New(format, failing{}, Options{})
		if err := r.Trace(quiet()); err == nil {
			t.Errorf("%s: a failed write is not told", format)
		}
	}
}

func render(t *testing.T, format string, opt Options, all []*validate.Result) string {
	t.Helper()
	var b bytes.Buffer
	r, err := New(format, &b, opt)
	if err != nil {
		t.Fatal(err)
	}
	var sum Summary
	for _, res := range all {
		if err := r.Trace(res); err != nil {
			t.Fatal(err)
		}
		sum.Add(res.Verdict)
	}
	if err := r.Close(sum); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it)\n%s", file, diff)
	}
}
