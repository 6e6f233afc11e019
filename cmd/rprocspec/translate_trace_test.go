package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/tlc"
	"github.com/rprocspec/rprocspec/lang"
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
	r, err := open.Reader(strings.NewReader(text), "trace", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{app: &app{}, machine: m, opt: validate.Options{Kernel: kernel}}
	if _, err := j.records("trace", r); err != nil {
		t.Fatal(err)
	}
	all := j.last.Accounts()
	if len(all) != 1 {
		t.Fatalf("%d subjects", len(all))
	}
	return all[0]
}

// secondOpinion explains an account in TLA+, beginning in one of the given states, and tells how many records a behaviour
// makes: all of them, or those before the first that is refused.
func secondOpinion(t *testing.T, m *machine.Machine, kernel string, a *validate.Account, start map[string]machine.Val, goal int) bool {
	t.Helper()
	c := tla.Capture{Name: "trace", Subject: a.Subject, Refused: a.Refused, Start: map[int][]machine.Val{}, Must: a.Must, May: a.May, On: a.On, Off: a.Off}
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
