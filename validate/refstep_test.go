package validate_test

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/traces"
)

// moves lists the steps of activation i of w. If something must be decided first, it gives w in every
// variant of that instead.
func (m *model) moves(w *world, i int) (ms []move, variants []*world) {
	a := w.acts[i]
	k := a.k
	obs := func(ev event) []move {
		return m.arrive(w.clone(), i, m.settle(a.with(k.next)), ev)
	}
	switch k.do {
	case doEnd:
		n := w.clone()
		if o := a.root.Work; o != nil {
			n.g[m.slot[o]+1] = 0
		}
		n.acts = slices.Delete(n.acts, i, i+1)
		return []move{{w: n}}, nil
	case doEnter:
		return obs(event{kind: traces.Enter, fn: k.fn.Name, proc: k.fn, top: k.call == nil}), nil
	case doExit:
		ev := event{kind: traces.Exit, fn: k.fn.Name, ret: a.ret, void: !k.fn.Decl.Result}
		return m.arrive(w.clone(), i, m.leave(a), ev), nil
	case doCalled:
		return obs(event{kind: traces.Enter, fn: primitive(k.stmt), call: true}), nil
	case doWorkStart:
		return obs(event{kind: traces.Start, work: k.fn.Work}), nil
	case doWorkEnd:
		return obs(event{kind: traces.End, work: k.fn.Work}), nil
	case doEffect:
		return m.effect(w, i)
	case doDestroy:
		return m.destroy(w, i)
	case doLock:
		g := m.slot[m.info.Uses[k.stmt.(*lang.Lock).Mutex]]
		if w.g[g] == 1 {
			return nil, nil
		}
		n := w.clone()
		n.g[g] = 1
		return m.arrive(n, i, m.settle(a.with(k.next)), event{}), nil
	case doQueued:
		o := m.info.Uses[k.stmt.(*lang.Queue).Work]
		n := w.clone()
		if n.g[m.slot[o]] == entering {
			n.g[m.slot[o]] = pending
		}
		return m.arrive(n, i, m.settle(a.with(k.next)), event{kind: traces.Queue, work: o}), nil
	case doIdle:
		o := m.cancelled(k.stmt)
		if w.g[m.slot[o]+1] == unk {
			return nil, m.decide(w, m.slot[o]+1, []int{0, 1})
		}
		if w.g[m.slot[o]+1] == 1 {
			return nil, nil
		}
		return obs(event{}), nil
	}
	return m.statement(w, i)
}

// arrive puts what became of activation i into w, which it takes over.
func (m *model) arrive(w *world, i int, as []*act, ev event) []move {
	var ms []move
	for _, a := range as {
		n := w.clone()
		if a.k.do == doEnd && a.root.Work == nil {
			n.acts = slices.Delete(n.acts, i, i+1)
			ms = append(ms, move{n, nil, ev})
			continue
		}
		n.acts[i] = a
		ms = append(ms, move{n, a, ev})
	}
	return ms
}

// decide gives w with every value at slot g.
func (m *model) decide(w *world, g int, vals []int) []*world {
	var out []*world
	for _, v := range vals {
		n := w.clone()
		n.g[g] = v
		out = append(out, n)
	}
	return out
}

// need is decide for what an expression could not do without.
func (m *model) need(w *world, i int, o *check.Object) []*world {
	if g, ok := m.slot[o]; ok {
		if o.Kind == check.VarObj {
			return m.decide(w, g, m.domain(o.Type))
		}
		if o.Kind == check.WorkObj {
			var out []*world
			for _, n := range m.decide(w, g, []int{0, 1}) {
				out = append(out, m.decide(n, g+1, []int{0, 1})...)
			}
			return out
		}
		return m.decide(w, g, []int{0, 1})
	}
	var out []*world
	for _, v := range m.domain(o.Type) {
		n := w.clone()
		n.acts[i] = n.acts[i].with(n.acts[i].k)
		n.acts[i].regs[m.regs[o]] = v
		out = append(out, n)
	}
	return out
}

// effect is what pm_stay_awake() or pm_relax() does.
func (m *model) effect(w *world, i int) ([]move, []*world) {
	a := w.acts[i]
	on := false
	var id *lang.Ident
	switch s := a.k.stmt.(type) {
	case *lang.StayAwake:
		on, id = true, s.Wakeup
	case *lang.Relax:
		id = s.Wakeup
	}
	o := m.info.Uses[id]
	decl := o.Decl.(*lang.Wakeup)
	n := w.clone()
	ev := event{}
	if there, _ := m.evalIf(decl.If); there {
		g := m.slot[o]
		old := n.g[g]
		if old == unk {
			return nil, m.decide(w, g, []int{0, 1})
		}
		switch {
		case on && decl.Counted:
			n.g[g]++
		case on:
			n.g[g] = 1
		case decl.Counted:
			n.g[g] = max(old-1, 0)
		default:
			n.g[g] = 0
		}
		ev = edge(old, n.g[g])
	}
	return m.arrive(n, i, m.settle(a.with(a.k.next)), ev), nil
}

func edge(old, now int) event {
	switch {
	case old == 0 && now > 0:
		return event{kind: traces.EdgeOn}
	case old > 0 && now == 0:
		return event{kind: traces.EdgeOff}
	}
	return event{}
}

func (m *model) evalIf(e lang.Expr) (bool, *check.Object) {
	if e == nil {
		return true, nil
	}
	v, need := m.eval(e, nil, nil)
	return v != 0, need
}

// destroy is the end of a subject's wakeup sources.
func (m *model) destroy(w *world, i int) ([]move, []*world) {
	n := w.clone()
	ev := event{}
	for _, o := range m.info.Wakeups {
		g := m.slot[o]
		if w.g[g] == unk {
			return nil, m.decide(w, g, []int{0, 1})
		}
		if e := edge(w.g[g], 0); e.kind != traces.Other {
			ev = e
		}
		n.g[g] = 0
	}
	return m.arrive(n, i, m.settle(w.acts[i].with(w.acts[i].k.next)), ev), nil
}

// cancelled is the work item of a cancel statement, or of an if over one.
func (m *model) cancelled(s lang.Stmt) *check.Object {
	switch s := s.(type) {
	case *lang.Cancel:
		return m.info.Uses[s.Work]
	case *lang.If:
		var o *check.Object
		lang.Walk(s.Cond, func(n lang.Node) bool {
			if c, ok := n.(*lang.CancelExpr); ok {
				o = m.info.Uses[c.Work]
			}
			return true
		})
		return o
	}
	return nil
}

// statement takes the statements that are steps.
func (m *model) statement(w *world, i int) ([]move, []*world) {
	a := w.acts[i]
	next := func(n *world) []move { return m.arrive(n, i, m.settle(a.with(a.k.next)), event{}) }
	switch s := a.k.stmt.(type) {
	case *lang.Assign:
		return m.assign(w, i, s)
	case *lang.Unlock:
		n := w.clone()
		n.g[m.slot[m.info.Uses[s.Mutex]]] = 0
		return next(n), nil
	case *lang.If:
		if o := m.cancelled(s); o != nil {
			return m.cancel(w, i, o)
		}
		v, need := m.eval(s.Cond, w, a)
		if need != nil {
			return nil, m.need(w, i, need)
		}
		return m.arrive(w.clone(), i, m.settle(a.with(m.side(a.k, s, v != 0))), event{}), nil
	case *lang.Queue:
		return m.queue(w, i, s)
	case *lang.Cancel:
		return m.cancel(w, i, m.cancelled(s))
	case *lang.Await:
		v, need := m.eval(s.Cond, w, a)
		if need != nil {
			return nil, m.need(w, i, need)
		}
		if v == 0 {
			return nil, nil
		}
		return next(w.clone()), nil
	case *lang.Log:
		return m.arrive(w.clone(), i, m.settle(a.with(a.k.next)), event{kind: traces.Log, log: s}), nil
	case *lang.Event:
		return next(w.clone()), nil
	case *lang.Spawn:
		var ms []move
		for _, b := range m.start(m.info.Uses[s.Process].Proc) {
			for _, mv := range next(w.clone()) {
				mv.w.acts = append(mv.w.acts, b)
				ms = append(ms, mv)
			}
		}
		return ms, nil
	}
	panic(fmt.Sprintf("reference: statement %T", a.k.stmt))
}

func (m *model) assign(w *world, i int, s *lang.Assign) ([]move, []*world) {
	a := w.acts[i]
	n := w.clone()
	b := a.with(a.k.next)
	for j, t := range s.Targets {
		v, need := m.eval(s.Values[j], w, a)
		if need != nil {
			return nil, m.need(w, i, need)
		}
		if o := m.info.Uses[t]; o.Kind == check.VarObj {
			n.g[m.slot[o]] = v
		} else {
			b.regs[m.regs[o]] = v
		}
	}
	return m.arrive(n, i, m.settle(b), event{}), nil
}

func (m *model) queue(w *world, i int, s *lang.Queue) ([]move, []*world) {
	a := w.acts[i]
	o := m.info.Uses[s.Work]
	g := m.slot[o]
	n := w.clone()
	k := a.k.next
	switch w.g[g] {
	case unk:
		return nil, m.decide(w, g, []int{0, 1})
	case idleWork:
		n.g[g] = pending
		if m.kinds.on("queue") {
			n.g[g] = entering
			k = m.cont(contKey{do: doQueued, stmt: s, fn: a.k.fn, next: k})
		}
	}
	return m.arrive(n, i, m.settle(a.with(k)), event{}), nil
}

// cancel takes a pending item away, then waits until it does not run.
func (m *model) cancel(w *world, i int, o *check.Object) ([]move, []*world) {
	a := w.acts[i]
	g := m.slot[o]
	switch w.g[g] {
	case unk:
		return nil, m.decide(w, g, []int{0, 1})
	case entering:
		return nil, nil
	}
	n := w.clone()
	had := n.g[g] == pending
	n.g[g] = idleWork
	next := a.k.next
	if s, ok := a.k.stmt.(*lang.If); ok {
		next = m.side(a.k, s, had)
	}
	k := m.cont(contKey{do: doIdle, stmt: a.k.stmt, fn: a.k.fn, next: next})
	return m.arrive(n, i, m.settle(a.with(k)), event{}), nil
}

// workers lets workers take items that are, or may be, pending. That is silent: what is recorded is the
// start of the function.
func (m *model) workers(w *world) (ws []*world) {
	for _, o := range m.info.Works {
		g := m.slot[o]
		p, r := w.g[g], w.g[g+1]
		if p == idleWork || p == entering || r == 1 {
			continue
		}
		for _, a := range m.start(m.runs(o)) {
			n := w.clone()
			n.g[g], n.g[g+1] = idleWork, 1
			n.acts = append(n.acts, a)
			ws = append(ws, n)
		}
	}
	return ws
}

func (m *model) runs(o *check.Object) *check.Process {
	return m.info.Uses[o.Decl.(*lang.Work).Runs].Proc
}
