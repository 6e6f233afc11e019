package steps_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// runner explores a Model by what it says alone: guards, updates and flows.
type runner struct {
	*steps.Model
	places map[*steps.Point]machine.Val
	seen   map[string]bool
	queue  []machine.State
	moves  int
	outs   int
}

const done = -1

// count gives the number of states, and of steps taken, of an instance; ok is false beyond a limit.
func count(model *steps.Model, limit int) (states, moves, outs int, ok bool) {
	in := model.Instance
	r := &runner{Model: model, places: map[*steps.Point]machine.Val{}, seen: map[string]bool{}}
	for _, p := range r.Procs {
		for _, pt := range p.Points {
			r.places[pt] = machine.Val(pt.Node.ID) // conditions over P.running look at frames
		}
	}
	for _, init := range in.Inits {
		s := make(machine.State, in.Size())
		copy(s, init)
		for i := range in.Slots {
			r.rest(s, i, 0)
		}
		r.add(s)
	}
	for i := 0; i < len(r.queue) && i < limit; i++ {
		for slot := range in.Slots {
			r.slot(r.queue[i], slot)
		}
	}
	return len(r.queue), r.moves, r.outs, len(r.queue) <= limit
}

// rest puts a slot where no activation is, its registers at their first values.
func (r *runner) rest(s machine.State, slot int, pc machine.Val) {
	off := r.Slots[slot].Off
	clear(s[off : off+r.FrameSize])
	s[off] = pc
	for _, reg := range r.Process(slot).Registers {
		s[off+machine.FrameRegs+reg.Index] = reg.First
	}
	if sl := &r.Slots[slot]; sl.Kind == machine.WorkerSlot {
		s[r.Works[sl.Work].Running] = 0
	}
}

func (r *runner) add(s machine.State) {
	if !r.inside(s) {
		r.outs++
		return
	}
	key := make([]byte, 0, 4*len(s))
	for _, v := range s {
		key = binary.LittleEndian.AppendUint32(key, uint32(v))
	}
	if !r.seen[string(key)] {
		r.seen[string(key)] = true
		r.queue = append(r.queue, s)
	}
}

// inside tells whether all values are within their types.
func (r *runner) inside(s machine.State) bool {
	in := func(l machine.Loc, p *machine.Proc, v machine.Val) bool { return slices.Contains(r.Domain(l, p, s), v) }
	for _, g := range r.Vars {
		if g.Kind == machine.VarGlobal && !in(machine.Loc(g.Index), nil, s[g.Index]) {
			return false
		}
	}
	for _, w := range r.Wakeups {
		if s[w.Global] > machine.MaxCount {
			return false
		}
	}
	for i := range r.Slots {
		for _, reg := range r.Process(i).Registers {
			v := s[r.Slots[i].Off+machine.FrameRegs+reg.Index]
			if reg.Type.Kind == check.IntType && !in(machine.RegLoc(reg.Index), r.Slots[i].Proc, v) {
				return false
			}
		}
	}
	return true
}

func (r *runner) frame(s machine.State, slot int) []machine.Val {
	off := r.Slots[slot].Off
	return s[off+machine.FrameRegs : off+r.FrameSize]
}

func (r *runner) slot(s machine.State, slot int) {
	sl := &r.Slots[slot]
	switch pc := s[sl.Off]; {
	case pc > 0:
		for _, pt := range r.Process(slot).Points {
			if r.places[pt] == pc {
				for _, st := range pt.Steps {
					r.step(s, slot, st)
				}
			}
		}
	case sl.Kind == machine.WorkerSlot && s[r.Works[sl.Work].Pending] == 1:
		t := slices.Clone(s)
		t[r.Works[sl.Work].Pending] = 0
		r.start(t, slot, nil, r.moved)
	case sl.Kind == machine.OnceSlot && pc == 0:
		r.start(s, slot, nil, r.moved)
	}
}

func (r *runner) moved(s machine.State) {
	r.moves++
	r.add(s)
}

// start begins an activation with every choice of the parameters that args leave open.
func (r *runner) start(s machine.State, slot int, args []machine.Val, then func(machine.State)) {
	p := r.Process(slot)
	if len(args) < len(p.Params) {
		for _, v := range r.Domain(machine.RegLoc(p.Params[len(args)]), p.Proc, s) {
			r.start(s, slot, append(args[:len(args):len(args)], v), then)
		}
		return
	}
	t := slices.Clone(s)
	r.rest(t, slot, 0)
	for i, reg := range p.Params {
		r.frame(t, slot)[reg] = args[i]
	}
	r.flow(t, t, slot, p.Entry)
	then(t)
}

// flow goes where a flow leads: decided over the state before, changed in t.
func (r *runner) flow(before, t machine.State, slot int, f *steps.Flow) {
	regs := slices.Clone(r.frame(before, slot))
	for f.If != nil {
		if r.Eval(f.If, before, regs) == 1 {
			f = f.Then
		} else {
			f = f.Else
		}
	}
	sl := &r.Slots[slot]
	switch {
	case f.To == nil && sl.Kind == machine.OnceSlot:
		r.rest(t, slot, done)
		return
	case f.To == nil:
		r.rest(t, slot, 0)
		return
	}
	for _, u := range f.Sets {
		r.frame(t, slot)[u.Loc.Reg()] = r.Eval(u.Term, before, regs)
	}
	t[sl.Off] = r.places[f.To]
	if sl.Kind == machine.WorkerSlot {
		t[r.Works[sl.Work].Running] = 1
	}
}

func (r *runner) step(s machine.State, slot int, st *steps.Step) {
	regs := r.frame(s, slot)
	for _, g := range st.Guards {
		if r.Eval(g, s, regs) != 1 {
			return
		}
	}
	t := slices.Clone(s)
	for _, u := range st.Updates {
		t[u.Loc] = r.Eval(u.Term, s, regs)
	}
	r.flow(s, t, slot, st.Then)
	if st.Spawned == nil {
		r.moved(t)
		return
	}
	to := r.Spawned(slot, st.Spawned)
	if s[r.Slots[to].Off] != 0 {
		r.outs++
		r.moves++
		return
	}
	var args []machine.Val
	for _, a := range st.Spawn {
		args = append(args, r.Eval(a, s, regs))
	}
	r.start(t, to, args, r.moved)
}

// agree holds the steps of an instance against the checker.
func agree(t *testing.T, m *machine.Machine, kernel string, limit int) bool {
	t.Helper()
	in, err := m.Instance(kernel)
	if err != nil {
		t.Fatal(err)
	}
	states, moves, outs, ok := count(steps.New(in), limit)
	if !ok {
		return false
	}
	if cs, cm, co, _ := count(steps.Closed(in), limit); cs != states || cm != moves || co != outs {
		t.Errorf("with constants put in: %d states, %d steps, bounds left %d times; without %d, %d, %d", cs, cm, co, states, moves, outs)
	}
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: kernel, Exact: true})
	if err != nil {
		t.Fatal(err)
	}
	left := false
	for _, j := range x.Judgements {
		left = left || j.Kind == modelcheck.Bounds && j.Verdict == modelcheck.Violated
	}
	if states != x.States || moves != x.Transitions || left != (outs > 0) {
		t.Errorf("%d states, %d steps, bounds left %d times; the checker has %d, %d, %v", states, moves, outs, x.States, x.Transitions, left)
	}
	return true
}

// TestRandom runs the steps of generated specifications.
func TestRandom(t *testing.T) {
	want := 300
	if testing.Short() {
		want = 60
	}
	spectest.Each(t, 1, want, func(m *machine.Machine) bool { return agree(t, m, "", 3000) })
}

// TestSpawn: a spawn statement is a step by itself, or a part of one.
func TestSpawn(t *testing.T) {
	for _, tt := range []string{"spawn child(B, n)", "spawn child", "atomic { n := n + 1; spawn child(x, n) }", "atomic { x := C; spawn child }"} {
		m, err := spectest.Compile(`module m
subject s
enum X { A, B, C }
var x: X
var n: 0..3 = 0
explore { spawn parent * 2 }
process parent {
  ` + tt + `
  x := A
}
process child(a: X, i: 0..2) {
  if a == B { n := i }
  if i > 0 { x := a }
}
`)
		if err != nil {
			t.Fatal(err)
		}
		if !agree(t, m, "", 200000) {
			t.Errorf("%s: too many states", tt)
		}
	}
}

// small are instances of shipped specifications that a slow reader can walk.
const small = ` extends %s
explore {
  start state = RUNNING, power = 1, has_wakeup = true, can_stop = true, can_detach = true, attach_on_recovery = false, recovery_disabled = false
  spawn %s
}
`

// TestShipped runs shipped specifications; remoteproc_wake_count has atomic blocks, and rproc_add spawns.
func TestShipped(t *testing.T) {
	for _, tt := range []struct{ spec, spawn, kernel string }{
		{"remoteproc", "rproc_report_crash * 1, rproc_shutdown * 1", ""},
		{"remoteproc_wake_count", "rproc_report_crash * 2", "v6_0"},
		{"remoteproc_pm_runtime", "rproc_report_crash * 2", "v6_0"},
		{"remoteproc", "rproc_report_crash * 1, rproc_del * 1", "v7_3"},
		{"remoteproc", "rproc_add * 1, rproc_report_crash * 1", "v7_3"},
	} {
		src := fmt.Sprintf("module small"+small, tt.spec, tt.spawn)
		if strings.Contains(tt.spawn, "rproc_add") {
			src = strings.Replace(src, "state = RUNNING, power = 1", "state in { OFFLINE, DETACHED }, power = 0", 1)
		}
		m, err := spectest.Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range m.Info.Kernels {
			if (tt.kernel == "" || tt.kernel == k.Name) && !agree(t, m, k.Name, 200000) {
				t.Errorf("%s in %s: too many states", tt.spec, k.Name)
			}
		}
	}
}
