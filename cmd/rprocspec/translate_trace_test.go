package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/tlc"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// accountOf validates a trace that has one subject.
func accountOf(t *testing.T, m *machine.Machine, kernel, text string) *validate.Account {
	t.Helper()
	all := accounts(t, m, kernel, text)
	if len(all) != 1 {
		t.Fatalf("%d subjects", len(all))
	}
	return all[0]
}

// accounts validates a trace.
func accounts(t *testing.T, m *machine.Machine, kernel, text string) []*validate.Account {
	t.Helper()
	r, err := open.Reader(strings.NewReader(text), "trace", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{app: &app{}, machine: m, opt: validate.Options{Kernel: kernel}}
	if err := j.records("trace", &stream{Reader: r}, func(*validate.Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return j.last.Accounts()
}

// secondOpinion explains an account in TLA+, beginning in one of the given states, and tells how many records a behaviour
// makes: all of them, or those before the first that is refused.
func secondOpinion(t *testing.T, m *machine.Machine, kernel string, a *validate.Account, start map[string]machine.Val, goal int) bool {
	t.Helper()
	c := tla.Capture{Name: "trace", Subject: a.Subject, Refused: a.Refused, Start: map[int][]machine.Val{}, Must: a.Must, May: a.May, From: a.From, On: a.On, Off: a.Off}
	for g, vs := range a.Start {
		c.Start[g] = vs
		if v, ok := start[m.Globals[g].Object.Name]; ok && slices.Contains(vs, v) {
			c.Start[g] = []machine.Val{v}
		}
	}
	for _, r := range a.Records {
		c.Records = append(c.Records, tla.Record{Line: r.Line, Time: r.Time, Thread: r.Thread, Nodes: r.Nodes})
	}
	files, err := tla.Trace(m, tla.Options{Kernel: kernel}, c)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Name] = f.Text
		for i, l := range strings.Split(f.Text, "\n") {
			if len(l) > 100 && strings.HasSuffix(f.Name, ".tla") {
				t.Errorf("%s:%d has %d columns: %s", f.Name, i+1, len(l), l)
			}
		}
	}
	cfg := m.Info.Name + "Trace.cfg"
	texts[cfg] = strings.Replace(texts[cfg], fmt.Sprintf("Goal = %d\n", len(c.Records)), fmt.Sprintf("Goal = %d\n", goal), 1)
	model, err := tlc.Load(texts, cfg)
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := model.Find(400_000, "Not_explained", "Alias")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestTraceTLA holds what TLA+ says of traces against what the validator says: runs of scenarios, and the same with one
// line missing.
func TestTraceTLA(t *testing.T) {
	accepted, refused := 0, 0
	for _, tt := range []struct{ spec, kernel, scenario string }{
		{"remoteproc", "v6_2", "stop_before_handler"},
		{"remoteproc", "v6_0", "fail_case_1_possible"},
	} {
		m := compiled(t, tt.spec)
		i := slices.IndexFunc(m.Info.Scenarios, func(s *lang.Scenario) bool { return s.Name.Name == tt.scenario })
		r, err := modelcheck.RunScenario(m, tt.kernel, m.Info.Scenarios[i])
		if err != nil {
			t.Fatal(err)
		}
		start := map[string]machine.Val{}
		for _, g := range m.Globals {
			if g.Kind == machine.DeviceGlobal || g.Kind == machine.VarGlobal {
				start[g.Object.Name] = r.Run.Initial[g.Index]
			}
		}
		lines := strings.Split(r.Run.Ftrace(), "\n")
		for cut := -1; cut < len(lines); cut++ {
			text := slices.Clone(lines)
			if cut >= 0 {
				if strings.HasPrefix(text[cut], "#") || strings.TrimSpace(text[cut]) == "" || cut%3 != 0 || testing.Short() && cut%9 != 0 {
					continue
				}
				text = slices.Delete(text, cut, cut+1)
			}
			a := accountOf(t, m, tt.kernel, strings.Join(text, "\n"))
			if len(a.Doubts) > 0 {
				if cut < 0 {
					t.Errorf("%s: %q", tt.scenario, a.Doubts)
				}
				continue
			}
			if a.Refused < 0 {
				accepted++
				if !secondOpinion(t, m, tt.kernel, a, start, len(a.Records)) {
					t.Errorf("%s without line %d: TLA+ does not explain it", tt.scenario, cut+1)
				}
				continue
			}
			refused++
			if !secondOpinion(t, m, tt.kernel, a, start, a.Refused) || secondOpinion(t, m, tt.kernel, a, start, a.Refused+1) {
				t.Errorf("%s without line %d: TLA+ does not refuse line %d", tt.scenario, cut+1, a.Records[a.Refused].Line)
			}
		}
	}
	t.Logf("%d accepted, %d refused", accepted, refused)
	if accepted < 2 || refused < 2 {
		t.Errorf("only %d traces are accepted, and %d refused", accepted, refused)
	}
}

// TestTraceExample gives the second opinion that README and docs/tla.md promise, on the example there: a trace of a kernel
// that is none of the profiles.
func TestTraceExample(t *testing.T) {
	const trace = "../../examples/stop-before-handler/trace.txt"
	dir := t.TempDir()
	h, stderr := fake(io.Discard)
	if code := run([]string{"translate", "--to", "tla", "--trace", trace, "remoteproc", "-o", dir}, h); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	const said = "trace.txt: the trace proves holds_awake = true since line 16, log_before_queue = false since line 19, relax_when_offline = false since line 25; it leaves open, and v7_3 has, attach = as_attached, "
	if doc, err := os.ReadFile("../../docs/tla.md"); err != nil || !strings.Contains(string(doc), "rprocspec: "+said) || !strings.Contains(stderr.String(), said) {
		t.Errorf("docs/tla.md shows another output than %q: %v", stderr, err)
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 3 {
		t.Errorf("files %q", files)
	}
	l, err := mustLoad("remoteproc")
	if err != nil {
		t.Fatal(err)
	}
	tr := &translation{loaded: l, machine: compiled(t, "remoteproc"), trace: trace, app: &app{host: h}}
	a, _, err := tr.told()
	if err != nil {
		t.Fatal(err)
	}
	if a.Refused >= 0 || !explained(t, tr.machine, "", a) {
		t.Errorf("refused %d: TLA+ does not explain it", a.Refused)
	}
}

// TestTraceCaptures holds TLA+ against the validator on real captures: what it explains from a healthy start, TLA+ does.
func TestTraceCaptures(t *testing.T) {
	const dir = "../../../shared/captures"
	kernels := map[string]string{
		"6.1.192-x86_64-v60": "v6_0", "6.1.192-x86_64-stock": "v6_1_190", "6.12.117-arm64-debian": "v6_12", "6.1.0-56-arm64-debian": "v6_2",
	}
	names := []string{"S0.events.txt", "S0.kprobe.txt", "S1a.function.txt", "S2a.events.txt", "S1b.kprobe.txt", "S0.fgraphx.txt", "S0.funconly.txt"}
	if testing.Short() {
		names = names[:1]
	}
	m := compiled(t, "remoteproc")
	tried := 0
	for folder, kernel := range kernels {
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(dir, folder, name))
			if err != nil {
				continue
			}
			a := accountOf(t, m, kernel, string(text))
			if len(a.Doubts) > 0 || a.Refused >= 0 {
				continue
			}
			tried++
			if !explained(t, m, kernel, a) {
				t.Errorf("%s/%s in %s: TLA+ does not explain it", folder, name, kernel)
			}
		}
	}
	if tried == 0 {
		t.Skip("no capture is there that can be told in TLA+")
	}
	t.Logf("%d captures", tried)
}

// explained tries some usual states of a processor as the start of a capture.
func explained(t *testing.T, m *machine.Machine, kernel string, a *validate.Account) bool {
	t.Helper()
	state := m.Globals[m.Global("state")].Object.Type.Enum
	for _, start := range []struct {
		state string
		power machine.Val
	}{{"RUNNING", 1}, {"OFFLINE", 0}, {"ATTACHED", 1}, {"DETACHED", 0}} {
		i := slices.IndexFunc(state.Members, func(x *check.Member) bool { return x.Name == start.state })
		vals := map[string]machine.Val{
			"state": machine.Val(i), "power": start.power, "has_wakeup": 1, "can_stop": 1, "can_detach": 1, "attach_on_recovery": 0, "recovery_disabled": 0,
		}
		if secondOpinion(t, m, kernel, a, vals, len(a.Records)) {
			return true
		}
	}
	return false
}
