package steps

import (
	"maps"
	"slices"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// tracer carries out the graph of one process with terms for values.
type tracer struct {
	m *Model
	p *Process
}

// trace finds the points of the process, from its entry on.
func (t *tracer) trace() {
	t.p.Entry = t.settle(t.p.Proc.Entry, t.before(), nil)
	for i := 0; i < len(t.p.Points); i++ {
		pt := t.p.Points[i]
		for _, e := range t.m.Machine.Steps[pt.Node.ID] {
			if s := t.step(pt, e); s != nil {
				pt.Steps = append(pt.Steps, s)
			}
		}
	}
	t.p.name()
}

// before is what is known of the state before a step.
func (t *tracer) before() environment {
	env := environment{}
	maps.Copy(env, t.m.closed)
	return env
}

// point gives the point at a node.
func (t *tracer) point(n *machine.Node) *Point {
	pt := t.p.byNode[n]
	if pt == nil {
		pt = &Point{Node: n}
		t.p.byNode[n] = pt
		t.p.Points = append(t.p.Points, pt)
	}
	return pt
}

// step carries out an edge; nil if its guards contradict each other.
func (t *tracer) step(from *Point, e *machine.Edge) *Step {
	s := &Step{From: from, Node: e.Node, Edge: e}
	env := t.before()
	if !t.pass(s, env, e) {
		return nil
	}
	for _, p := range e.Path {
		if !t.pass(s, env, p) || p.Node.Kind != machine.End && !t.do(s, env, p.Node) {
			return nil
		}
	}
	if e.Path == nil && !t.do(s, env, e.Node) {
		return nil
	}
	for _, g := range t.m.Vars {
		if v, ok := env[machine.Loc(g.Index)]; ok {
			s.Updates = append(s.Updates, Update{machine.Loc(g.Index), v})
		}
	}
	s.Then = &Flow{}
	if e.Node.Kind != machine.End {
		s.Then = t.settle(e.To, env, nil)
	}
	return s
}

// pass adds the guards of an edge, and sets registers on the way.
func (t *tracer) pass(s *Step, env environment, e *machine.Edge) bool {
	for i := range e.Pre {
		if p := &e.Pre[i]; p.Guard == nil {
			env[machine.RegLoc(p.Reg)] = env.value(p.Value.Term)
		} else if !s.guard(env, p.Guard.Term) {
			return false
		}
	}
	return !slices.ContainsFunc(e.Guards, func(c *machine.Conj) bool { return !s.guard(env, c.Term) })
}

// guard adds a guard; false if it never holds.
func (s *Step) guard(env environment, term *machine.Term) bool {
	v := env.value(term)
	if v.Op != machine.Constant {
		s.Guards = append(s.Guards, v)
	}
	return v.Op != machine.Constant || v.Val == 1
}

// do carries out a node, as Machine.Exec does; false if it never can.
func (t *tracer) do(s *Step, env environment, n *machine.Node) bool {
	switch n.Kind {
	case machine.Assign:
		vals := make([]*machine.Term, len(n.Assigns))
		for i, a := range n.Assigns {
			vals[i] = env.value(a.Value.Term)
		}
		for i, a := range n.Assigns {
			env[a.Loc] = vals[i]
		}
	case machine.Lock:
		l := machine.Loc(t.m.Mutexes[n.Mutex])
		ok := s.guard(env, machine.Truth(machine.Not, active(l)))
		env[l] = machine.Bool(true)
		return ok
	case machine.Unlock:
		env[machine.Loc(t.m.Mutexes[n.Mutex])] = machine.Bool(false)
	case machine.Awake, machine.Relax:
		t.wake(env, n)
	case machine.Queue:
		env[machine.Loc(t.m.Works[n.Work].Pending)] = machine.Bool(true)
	case machine.Cancel:
		l := machine.Loc(t.m.Works[n.Work].Pending)
		if n.Reg >= 0 {
			env[machine.RegLoc(n.Reg)] = env.value(active(l))
		}
		env[l] = machine.Bool(false)
	case machine.Spawn:
		s.Spawned, s.Spawn = n, nil
		for _, a := range n.Args {
			s.Spawn = append(s.Spawn, env.value(a.Term))
		}
	case machine.Destroy:
		for _, w := range t.m.Wakeups {
			env[machine.Loc(w.Global)] = t.level(w, 0)
		}
		env[machine.Loc(t.m.Ended)] = machine.Bool(true)
	}
	return true
}

// wake makes a source active or inactive, if it exists.
func (t *tracer) wake(env environment, n *machine.Node) {
	w := t.m.Wakeups[n.Wakeup]
	l := machine.Loc(w.Global)
	old := env.value(t.source(w))
	next := t.level(w, 0)
	one := &machine.Term{Val: 1, Type: old.Type}
	switch {
	case n.Kind == machine.Awake && w.Counted:
		next = simplify(&machine.Term{Op: machine.Add, Type: old.Type, Args: []*machine.Term{old, one}})
	case n.Kind == machine.Awake:
		next = t.level(w, 1)
	case w.Counted:
		less := &machine.Term{Op: machine.Sub, Type: old.Type, Args: []*machine.Term{old, one}}
		next = either(machine.Truth(machine.Gt, old, t.level(w, 0)), less, t.level(w, 0))
	}
	if w.If != nil {
		next = either(env.value(w.If.Term), next, old)
	}
	if t.m.Ended >= 0 {
		next = either(env.value(active(machine.Loc(t.m.Ended))), old, next)
	}
	env[l] = next
}

// source reads a wakeup source: a truth value, or its count.
func (t *tracer) source(w *machine.Wakeup) *machine.Term {
	return &machine.Term{Op: machine.Read, Type: wakeupType(w), Loc: machine.Loc(w.Global)}
}

func (t *tracer) level(w *machine.Wakeup, v machine.Val) *machine.Term {
	return &machine.Term{Val: v, Type: wakeupType(w)}
}

// wakeupType is the type of the value that stands for a source.
func wakeupType(w *machine.Wakeup) check.Type {
	if w.Counted {
		return check.Type{Kind: check.IntType, Hi: machine.MaxCount}
	}
	return check.Type{Kind: check.BoolType}
}

// settle passes the control from n on, up to the next step or free choice.
func (t *tracer) settle(n *machine.Node, env environment, passed []*machine.Node) *Flow {
	for {
		switch {
		case n.Kind == machine.Branch:
			c := env.value(n.Cond.Term)
			switch {
			case c.Op != machine.Constant:
				f := &Flow{If: c, Then: t.settle(n.Next, maps.Clone(env), passed), Else: t.settle(n.Else, maps.Clone(env), passed)}
				return f.merged(t.m.observed)
			case c.Val == 1:
				n = n.Next
			default:
				n = n.Else
			}
		case n.Kind == machine.Set:
			env[machine.RegLoc(n.Reg)] = env.value(n.Value.Term)
			n = n.Next
		case n.Kind.IsObs():
			passed = append(passed[:len(passed):len(passed)], n)
			n = n.Next
		default:
			return &Flow{To: t.point(n), Sets: env.registers(t.p), Passed: passed}
		}
	}
}

// merged is f, or what both sides of it come to if that is the same.
func (f *Flow) merged(observed bool) *Flow {
	a, b := f.Then, f.Else
	if a.If != nil || b.If != nil || a.To != b.To || len(a.Sets) != len(b.Sets) || observed && !slices.Equal(a.Passed, b.Passed) {
		return f
	}
	for i := range a.Sets {
		if a.Sets[i].Loc != b.Sets[i].Loc || !a.Sets[i].Term.Equal(b.Sets[i].Term) {
			return f
		}
	}
	return a
}
