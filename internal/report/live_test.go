package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/validate"
)

func leak(until *int) *validate.Finding {
	at := 106.5
	return &validate.Finding{
		Kind: validate.Unbalanced, Detail: "leaked", Severity: validate.Error, Line: 12, Until: until, Time: &at, Task: "kworker/0:1-7",
		Message: "remoteproc0 (modem) is left awake: \x1b[31mnobody lets go",
	}
}

func TestLiveText(t *testing.T) {
	var b strings.Builder
	l, err := NewLive("text", &b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	until := 40
	for _, n := range []validate.News{
		{Subject: "remoteproc0", Aliases: []string{"modem"}, Finding: leak(nil)},
		{Subject: "remoteproc0", Aliases: []string{"modem"}, Over: true, Finding: leak(&until)},
	} {
		if err := l.News("<device>", n); err != nil {
			t.Fatal(err)
		}
	}
	want := `<device>:12: remoteproc0 (modem) is left awake: \x1b[31mnobody lets go [leaked]
	in kworker/0:1-7, at 106.500000 s
<device>:40: remoteproc0 (modem): what began at line 12 is over [leaked]
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLiveJSON(t *testing.T) {
	var b strings.Builder
	l, err := NewLive("json", &b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	until := 40
	l.News("<stdin>", validate.News{Subject: "remoteproc0", Finding: leak(nil)})
	l.News("<stdin>", validate.News{Subject: "remoteproc0", Over: true, Finding: leak(&until)})
	l.Trace(&validate.Result{Trace: "<stdin>", Verdict: validate.Violates})
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for i, want := range []string{
		`{"event":"finding","trace":"<stdin>","news":{"subject":"remoteproc0","aliases":[],"over":false,"finding":{"kind":"unbalanced","detail":"leaked","severity":"error","line":12,"until":null,`,
		`{"event":"over","trace":"<stdin>","news":{"subject":"remoteproc0","aliases":[],"over":true,"finding":{"kind":"unbalanced","detail":"leaked","severity":"error","line":12,"until":40,`,
		`{"event":"result","trace":"<stdin>","result":{"trace":"<stdin>","verdict":"violates","reasons":[],`,
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) || strings.Contains(lines[i], "null,\"related") || strings.Contains(lines[i], "\x1b") {
			t.Errorf("line %d: got %s\nwant %s", i+1, lines, want)
		}
	}
	if _, err := NewLive("xml", &b, Options{}); err == nil {
		t.Error("xml is no format")
	}
}

// TestOfItself checks what is told of a capture's own description.
func TestOfItself(t *testing.T) {
	for want, c := range map[string]validate.Capture{
		"not to its end": {},
		"complete, at rest at the end; kernel 6.1.0; aarch64; clock boot; made for remoteproc; its probes missed 3 hits": {
			Kernel: "6.1.0", Machine: "aarch64", Clock: "boot", Spec: "remoteproc", Complete: true, Quiet: true, Missed: 3,
		},
		"complete, not known to be at rest at the end; its probes missed 1 hit": {Complete: true, Missed: 1},
	} {
		if got := ofItself(&c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
