package modelcheck_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
	"github.com/rprocspec/rprocspec/spec"
)

// written gives a behaviour as it comes back from a file.
func written(t testing.TB, tr *modelcheck.Trace) *itf.Trace {
	t.Helper()
	text, err := tr.ITF()
	if err != nil {
		t.Fatal(err)
	}
	b, err := itf.Read("own.itf.json", text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func follow(t testing.TB, in *machine.Instance, b *itf.Trace, opt modelcheck.FollowOptions) *modelcheck.Following {
	t.Helper()
	f, err := modelcheck.Follow(context.Background(), in, b, opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// accepted fails the test unless a behaviour of our own is accepted.
func accepted(t *testing.T, in *machine.Instance, tr *modelcheck.Trace, what string) {
	t.Helper()
	f := follow(t, in, written(t, tr), modelcheck.FollowOptions{Run: true})
	if f.Verdict != modelcheck.Holds || len(f.Ignored) > 0 || len(f.Missing) > 0 {
		t.Errorf("%s: %s at %d: %s; ignored %q, missing %q; instead %v\n%s", what, f.Verdict, f.At, f.Detail, f.Ignored, f.Missing, f.Instead, tr.Draw())
		return
	}
	if f.Run.Len() > tr.Len() { // two steps of one statement may look alike
		t.Errorf("%s: followed in %d steps, it has %d", what, f.Run.Len(), tr.Len())
	}
}

func instance(t testing.TB, m *machine.Machine, kernel string) *machine.Instance {
	t.Helper()
	in, err := m.Instance(kernel)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func scenarioInstance(t testing.TB, m *machine.Machine, kernel string, sc *lang.Scenario) *machine.Instance {
	t.Helper()
	in, err := m.InstanceOf(kernel, m.ScenarioSpawns(sc), sc.Starts)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestFollowScenarios: every run of every scenario, and every one that violates what is expected of it, is a
// behaviour of the scenario's instance.
func TestFollowScenarios(t *testing.T) {
	for _, name := range spec.Names() {
		m := shipped(t, name)
		for _, k := range m.Info.Kernels {
			if testing.Short() && k.Name != "v6_0" {
				continue
			}
			for _, sc := range m.Info.Scenarios {
				r := run(t, m, k.Name, sc.Name.Name)
				in := scenarioInstance(t, m, k.Name, sc)
				if r.Run != nil {
					accepted(t, in, r.Run, name+" "+k.Name+" "+r.Name)
				}
				for _, o := range r.Outcomes {
					if o.Trace != nil {
						accepted(t, in, o.Trace, name+" "+k.Name+" "+r.Name+" "+o.Text())
					}
				}
			}
		}
	}
}

// TestFollowRandom: every counterexample that the checker finds in generated specs is a behaviour, loops included.
func TestFollowRandom(t *testing.T) {
	seeds, loops := uint64(600), 0
	if testing.Short() {
		seeds = 150
	}
	for seed := range seeds {
		m, err := spectest.Compile(spectest.Random(seed))
		if err != nil {
			continue
		}
		x := explore(t, m, modelcheck.Options{MaxStates: 20000})
		in := instance(t, m, "")
		for _, j := range x.Judgements {
			if j.Trace == nil {
				continue
			}
			accepted(t, in, j.Trace, j.Title())
			if j.Trace.Loop >= 0 && j.Trace.Loop < j.Trace.Len() {
				loops++
			}
			if t.Failed() {
				t.Fatalf("seed %d:\n%s", seed, spectest.Random(seed))
			}
		}
	}
	if loops == 0 {
		t.Error("no behaviour with a loop was found")
	}
}

// TestFollowMutated: a state of a run that is changed or left out is refused there, and nowhere else.
func TestFollowMutated(t *testing.T) {
	m := shipped(t, "remoteproc")
	for _, name := range []string{"stop_before_handler", "reattach_fails"} {
		r := run(t, m, "v6_0", name)
		in := scenarioInstance(t, m, "v6_0", r.Decl)
		refused := func(what string, b *itf.Trace, at int) {
			t.Helper()
			f := follow(t, in, b, modelcheck.FollowOptions{})
			if f.Verdict != modelcheck.Violated || f.At != at || f.Again || f.Detail == "" {
				t.Errorf("%s: %s: %s at %d, want %d", name, what, f.Verdict, f.At, at)
			}
		}
		for i := range r.Run.Len() + 1 {
			b := written(t, r.Run)
			b.States[i].Values["awake"] = !b.States[i].Values["awake"].(itf.Bool)
			refused("a changed wakeup source", b, i)

			b = written(t, r.Run)
			b.States[i].Values["power"] = itf.Integer(17)
			refused("a number that power never is", b, i)

			b = written(t, r.Run)
			b.States[i].Values["state"] = itf.String("BURNT")
			refused("a state that does not exist", b, i)

			if i > 0 && i < r.Run.Len() {
				b = written(t, r.Run)
				b.States = append(b.States[:i:i], b.States[i+1:]...)
				refused("a state that is left out", b, i)
			}
		}
	}
}

// theirs is a spec as somebody might write it in TLA+ for himself: one record, the enum as strings, no mutex.
const theirs = `{"vars":["dev","pc"],"states":[
{"dev":{"state":"RUNNING","users":1,"awake":false},"pc":"L1"},
{"dev":{"state":"RUNNING","users":1,"awake":true},"pc":"L2"},
{"dev":{"state":"RUNNING","users":0,"awake":true},"pc":"L3"},
{"dev":{"state":"OFFLINE","users":0,"awake":true},"pc":"L4"}]}`

// TestFollowTheirs: a behaviour in fewer variables and other names.
func TestFollowTheirs(t *testing.T) {
	m := shipped(t, "remoteproc")
	spawns := []machine.Spawns{{Proc: m.Proc("rproc_report_crash"), Count: 1}, {Proc: m.Proc("rproc_shutdown"), Count: 1}}
	in, err := m.InstanceOf("v6_0", spawns, m.Info.Explore.Starts)
	if err != nil {
		t.Fatal(err)
	}
	read := func(text string) *itf.Trace {
		b, err := itf.Read("theirs", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	opt := modelcheck.FollowOptions{Names: map[string]string{"dev.users": "power"}, Run: true}
	f := follow(t, in, read(theirs), opt)
	if f.Verdict != modelcheck.Holds || f.Run.Len() < 3 {
		t.Fatalf("%s at %d: %s", f.Verdict, f.At, f.Detail)
	}
	if diff := cmp.Diff([]string{"state", "power", "awake"}, f.Compared); diff != "" {
		t.Errorf("compared (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pc: it is not a place for every activation"}, f.Ignored); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
	// The count goes down before the state changes, never together with it.
	f = follow(t, in, read(strings.Replace(theirs, `"RUNNING","users":0`, `"OFFLINE","users":0`, 1)), opt)
	if f.Verdict != modelcheck.Violated || f.At != 2 {
		t.Errorf("%s at %d", f.Verdict, f.At)
	}
	if diff := cmp.Diff([]string{"state: RUNNING -> OFFLINE", "power: 1 -> 0"}, f.Changes); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if len(f.Instead) == 0 || !strings.Contains(f.Instead[0].Step, "power := power - 1") {
		t.Errorf("instead: %v", f.Instead)
	}
	// A first state that is none.
	f = follow(t, in, read(strings.Replace(theirs, `"users":1`, `"users":2`, 1)), opt)
	if f.Verdict != modelcheck.Violated || f.At != 0 || len(f.Instead) == 0 || !cmp.Equal(f.Instead[0].Changes, []string{"power = 1"}) {
		t.Errorf("%s at %d, instead %v", f.Verdict, f.At, f.Instead)
	}
	// Bounds.
	opt.MaxStates = 3
	if f = follow(t, in, read(theirs), opt); f.Verdict != modelcheck.Bounded || f.Bounded != "limit of 3 states" {
		t.Errorf("%s: %s", f.Verdict, f.Bounded)
	}
}

// TestFollowLoop: the lamp need not be switched on, but what has begun goes on.
func TestFollowLoop(t *testing.T) {
	in := instance(t, compile(t, lamp), "")
	for _, tt := range []struct {
		states, detail string
		want           modelcheck.Verdict
	}{
		{`{"n":0}`, "", modelcheck.Holds},
		{`{"n":0},{"n":1}`, "no behaviour comes from the last state to it again and again", modelcheck.Violated},
		{`{"n":0,"pc":{"on_1":"on:7","on_2":"idle"}}`, "the steps are possible, but not for ever: on_1 could always go on, and never does", modelcheck.Violated},
		{`{"n":0,"pc":{"on_1":"idle"}}`, "", modelcheck.Holds},
	} {
		vars := `"n"`
		if strings.Contains(tt.states, "pc") {
			vars += `,"pc"`
			tt.states = `{"n":0,"pc":{"on_1":"idle","on_2":""}},` + tt.states
			if tt.want == modelcheck.Holds {
				tt.states = strings.Replace(tt.states, `,"on_2":""`, "", 1)
			}
		}
		loop := 0
		if strings.Contains(vars, "pc") {
			loop = 1
		}
		b, err := itf.Read("f", fmt.Appendf(nil, `{"vars":[%s],"loop":%d,"states":[%s]}`, vars, loop, tt.states))
		if err != nil {
			t.Fatal(err)
		}
		f := follow(t, in, b, modelcheck.FollowOptions{})
		if f.Verdict != tt.want || f.Detail != tt.detail || f.Again != (tt.want == modelcheck.Violated) {
			t.Errorf("%s: %s at %d: %q", tt.states, f.Verdict, f.At, f.Detail)
		}
	}
}

// TestFollowNames: names as TLA+ and Quint write them are found, and what is not is told.
func TestFollowNames(t *testing.T) {
	m := shipped(t, "remoteproc")
	in := instance(t, m, "v6_0")
	for _, tt := range []struct {
		state, err        string
		ignore            []string
		compared, ignored []string
	}{
		{state: `{"crash_handler_pending":false,"remoteproc::awake":false}`, compared: []string{"awake", "crash_handler.pending"}},
		{state: `{"crash_handler":{"pending":false,"running":false}}`, compared: []string{"crash_handler.pending", "crash_handler.running"}},
		{state: `{"state":{"tag":"RUNNING","value":{"#tup":[]}},"x":1}`, compared: []string{"state"}, ignored: []string{"x: nothing of remoteproc bears that name"}},
		{state: `{"state":"RUNNING_OF_STATE"}`, compared: []string{"state"}},
		{state: `{"s":{"state_":"RUNNING","awake":false}}`, compared: []string{"state", "awake"}},
		{state: `{"state":"RUNNING","rproc_lock":"free"}`, ignore: []string{"rproc_lock"}, compared: []string{"state"}, ignored: []string{"rproc_lock: not to be compared"}},
		{state: `{"state":"RUNNING","rproc_lock":"free"}`, err: "f:1: $.states[0].rproc_lock: this is a string, but rproc_lock of remoteproc is a truth value; --ignore rproc_lock leaves it out"},
		{state: `{"s":{"state":1}}`, err: "f:1: $.states[0].s.state: this is a number, but state of remoteproc is a member of State; --ignore s.state leaves it out"},
		{state: `{"power":"1"}`, err: "f:1: $.states[0].power: this is a string, but power of remoteproc is a number"},
		{state: `{"x":1,"y":{"z":2}}`, err: "no variable of the file is one of remoteproc: it has x, y.z; --name theirs=ours tells which is which"},
		{state: `{"state":"RUNNING","pc":{"a":"idle","rproc_shutdown_1":"rproc_shutdown:1"}}`, compared: []string{"state"}, ignored: []string{"pc: rproc_shutdown:1 is no program point of remoteproc"}},
		{state: `{"state":"RUNNING","pc":{"a":"idle","rproc_shutdown_1":""}}`, compared: []string{"state", "pc"}},
	} {
		var vars []string
		b, err := itf.Read("f", []byte(`{"vars":[],"states":[`+tt.state+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		for v := range b.States[0].Values {
			vars = append(vars, v)
		}
		b.Vars = vars
		f, err := modelcheck.Follow(context.Background(), in, b, modelcheck.FollowOptions{File: "f", Ignore: tt.ignore})
		if err != nil || tt.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), tt.err) || tt.err == "" {
				t.Errorf("%s: %v", tt.state, err)
			}
			continue
		}
		if f.Verdict != modelcheck.Holds {
			t.Errorf("%s: %s: %s", tt.state, f.Verdict, f.Detail)
		}
		if diff := cmp.Diff(tt.compared, f.Compared); diff != "" {
			t.Errorf("%s: compared (-want +got):\n%s", tt.state, diff)
		}
		if diff := cmp.Diff(tt.ignored, f.Ignored); diff != "" {
			t.Errorf("%s: ignored (-want +got):\n%s", tt.state, diff)
		}
	}
}

// asTLA writes a behaviour of our own as the modules of package tla have it: sets of what is held, active and pending,
// activations with #.
func asTLA(b *itf.Trace) *itf.Trace {
	c := &itf.Trace{Vars: []string{"state", "power", "recovery_disabled", "deleting", "held", "active", "pending", "ended", "pc", "frame"}, Loop: b.Loop}
	set := func(s itf.State, names map[string]string) itf.Set {
		all := itf.Set{}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if s.Values[name] == itf.Bool(true) {
				all = append(all, itf.String(names[name]))
			}
		}
		return all
	}
	for _, s := range b.States {
		v := map[string]itf.Value{
			"held":    set(s, map[string]string{"rproc_lock": "rproc_lock", "crash_handler_lock": "crash_handler_lock"}),
			"active":  set(s, map[string]string{"awake": "awake"}),
			"pending": set(s, map[string]string{"crash_handler.pending": "crash_handler", "attach_work.pending": "attach_work"}),
			"ended":   s.Values["rproc.ended"],
			"frame":   itf.Map{{itf.String("rproc_report_crash#1"), itf.Record{"type": itf.String("mmufault")}}},
		}
		for _, name := range c.Vars[:4] {
			v[name] = s.Values[name]
		}
		pc := itf.Map{}
		for _, p := range s.Values["pc"].(itf.Map) {
			key := string(p[0].(itf.String))
			if i := strings.LastIndexByte(key, '_'); i == len(key)-2 {
				key = key[:i] + "#" + key[i+1:]
			}
			pc = append(pc, [2]itf.Value{itf.String(key), p[1]})
		}
		v["pc"] = pc
		c.States = append(c.States, itf.State{Values: v})
	}
	return c
}

// TestFollowTLA: behaviours as TLC and Apalache find them in our own modules.
func TestFollowTLA(t *testing.T) {
	m := shipped(t, "remoteproc")
	r := run(t, m, "v6_0", "stop_before_handler")
	in := scenarioInstance(t, m, "v6_0", r.Decl)
	b := asTLA(written(t, r.Outcomes[0].Trace))
	f := follow(t, in, b, modelcheck.FollowOptions{})
	if f.Verdict != modelcheck.Holds {
		t.Fatalf("%s at %d: %s, instead %v", f.Verdict, f.At, f.Detail, f.Instead)
	}
	want := strings.Fields(`state power recovery_disabled deleting rproc_lock crash_handler_lock awake crash_handler.pending
		attach_work.pending rproc.ended pc`)
	if diff := cmp.Diff(want, f.Compared); diff != "" {
		t.Errorf("compared (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"frame: nothing of remoteproc bears that name"}, f.Ignored); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
	for name, v := range map[string]itf.Value{"active": itf.Set{}, "held": itf.Set{itf.String("rproc_lock")}, "ended": itf.Bool(true)} {
		b := asTLA(written(t, r.Outcomes[0].Trace))
		b.States[3].Values[name] = v
		if f := follow(t, in, b, modelcheck.FollowOptions{}); f.Verdict != modelcheck.Violated || f.At != 3 {
			t.Errorf("%s changed: %s at %d", name, f.Verdict, f.At)
		}
	}
}
