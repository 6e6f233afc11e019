package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// micro is the smallest movement of an activation: past one node, be it a step or only control or a
// place where a kernel records something. Scenarios run in these, and records are written from them.
type micro struct {
	thread int
	off    int // of the frame
	node   *machine.Node
	edge   *machine.Edge // if node is a step
	effect machine.Effect
	before State
	after  State
}

// micros lists the movements of the activation at off, in order.
func micros(m *machine.Machine, s State, off int) []micro {
	n := m.Nodes[s[off+machine.FramePC]]
	goTo := func(to *machine.Node) micro {
		t := slices.Clone(s)
		t[off+machine.FramePC] = machine.Val(to.ID)
		return micro{off: off, node: n, before: s, after: t}
	}
	switch {
	case n.Kind == machine.Branch:
		if n.Cond.Holds(s, s[off+machine.FrameRegs:off+m.FrameSize]) == 1 {
			return []micro{goTo(n.Next)}
		}
		return []micro{goTo(n.Else)}
	case n.Kind == machine.Choice:
		var all []micro
		for _, a := range n.Alts {
			all = append(all, goTo(a))
		}
		return all
	case n.Kind == machine.Set:
		mi := goTo(n.Next)
		f := mi.after[off+machine.FrameRegs : off+m.FrameSize]
		f[n.Reg] = n.Value.Eval(s, f)
		return []micro{mi}
	case n.Kind.IsObs():
		return []micro{goTo(n.Next)}
	}
	return stepMicros(m, s, off, n)
}

func stepMicros(m *machine.Machine, s State, off int, n *machine.Node) []micro {
	var all []micro
	for _, e := range m.Steps[n.ID] {
		t := slices.Clone(s)
		if ok, _, eff := m.Exec(t, off, e, machine.Whole); ok == 1 {
			all = append(all, micro{off: off, node: n, edge: e, effect: eff, before: s, after: t})
		}
	}
	return all
}

// micros gives the movements of a whole behaviour.
func (t *Trace) micros() []micro {
	if t.fine != nil {
		return t.fine
	}
	var all []micro
	for _, st := range t.Steps {
		way := st.micros(t.m)
		for i := range way {
			way[i].thread = st.Thread
		}
		all = append(all, way...)
	}
	return all
}

// micros finds the movements that make up a step: over the choices before it, and over the control
// behind it.
func (st *Step) micros(m *machine.Machine) []micro {
	want := slices.Clone(st.After[st.off : st.off+m.FrameSize])
	want[machine.FramePC] = max(want[machine.FramePC], 0)
	arrived := func(s State) bool {
		return slices.Equal(s[:m.NumGlobals], st.After[:m.NumGlobals]) && slices.Equal(s[st.off:st.off+m.FrameSize], want)
	}
	s := slices.Clone(st.Before)
	switch st.Kind {
	case WorkStep:
		m.StartWork(s, st.Proc.Work, st.off)
	case StartStep:
		m.Start(s, st.off, st.Proc)
		for _, r := range st.Proc.Params {
			s[st.off+machine.FrameRegs+r] = st.After[st.off+machine.FrameRegs+r]
		}
	}
	way, _ := find(m, s, st.off, st.Kind == NodeStep, arrived)
	return way
}

// find searches depth first for a way to a state, with exactly one step on it or with none.
func find(m *machine.Machine, s State, off int, step bool, arrived func(State) bool) ([]micro, bool) {
	if !step && arrived(s) {
		return nil, true
	}
	if s[off+machine.FramePC] <= 0 {
		return nil, false
	}
	n := m.Nodes[s[off+machine.FramePC]]
	if !step && (n.Kind.IsStep() || n.Kind == machine.Choice) {
		return nil, false
	}
	for _, mi := range micros(m, s, off) {
		if rest, ok := find(m, mi.after, off, step && !n.Kind.IsStep(), arrived); ok {
			return append([]micro{mi}, rest...), true
		}
	}
	return nil, false
}
