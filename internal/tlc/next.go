package tlc

import "slices"

// target is where a conjunct may give a variable its value: a prime in an action, the variable itself initially.
func (m *Model) target(n *node, e *env, initial bool) *symbol {
	for {
		switch {
		case n.op == "()":
			n = n.args[0]
		case !initial && n.op == "'":
			return m.variable(n.args[0], e)
		case initial:
			return m.variable(n, e)
		default:
			return nil
		}
	}
}

// variable is the variable that an expression is, through parameters; nil if it is another expression.
func (m *Model) variable(n *node, e *env) *symbol {
	n, _ = m.body(n, e)
	if n.op == "name" && n.sym.kind == variableSymbol {
		return n.sym
	}
	return nil
}

// branches enumerates the states that satisfy n, from left to right, as TLC does: s is the state before, nil for
// initial states, and t what has been found so far. yield gets every t that n is true of.
func (m *Model) branches(n *node, e *env, s, t state, yield func(t state)) {
	switch n.op {
	case "()":
		m.branches(n.args[0], e, s, t, yield)
		return
	case `/\`:
		m.conjuncts(n.args, e, s, t, yield)
		return
	case `\/`:
		for _, a := range n.args {
			m.branches(a, e, s, t, yield)
		}
		return
	case `\E`:
		for _, v := range m.elementsOf(n.args[0], e, s, t) {
			m.branches(n.args[1], &env{sym: n.syms[0], val: v, next: e}, s, t, yield)
		}
		return
	case "IF":
		side := n.args[2]
		if m.holds(n.args[0], e, s, t) {
			side = n.args[1]
		}
		m.branches(side, e, s, t, yield)
		return
	case "CASE":
		a, b := m.states(s, t)
		m.branches(m.arm(n, e, a, b), e, s, t, yield)
		return
	case "LET":
		m.branches(n.args[0], lets(n, e), s, t, yield)
		return
	case "UNCHANGED_":
		m.unchanged(n.args[0], e, s, t, yield)
		return
	case "=":
		if v := m.target(n.args[0], e, s == nil); v != nil {
			a, b := m.states(s, t)
			m.set(n, v, m.eval(n.args[1], e, a, b), t, yield)
			return
		}
	case `\in`:
		if v := m.target(n.args[0], e, s == nil); v != nil && t[v.index] == nil {
			for _, x := range m.elementsOf(n.args[1], e, s, t) {
				m.set(n, v, x, t, yield)
			}
			return
		}
	case "name":
		if m.inside(n, e, s, t, yield) {
			return
		}
	}
	if m.holds(n, e, s, t) {
		yield(t)
	}
}

// inside goes on in the body of what a name stands for.
func (m *Model) inside(n *node, e *env, s, t state, yield func(t state)) bool {
	switch n.sym.kind {
	case definitionSymbol:
		m.branches(n.sym.body, m.bind(n, n.sym, e), s, t, yield)
		return true
	case boundSymbol:
		if b := e.find(n.sym); b != nil && b.val == nil {
			m.branches(b.node, b.in, s, t, yield)
			return true
		}
	}
	return false
}

// states gives what unprimed and primed names read.
func (m *Model) states(s, t state) (state, state) {
	if s == nil {
		return t, nil
	}
	return s, t
}

func (m *Model) holds(n *node, e *env, s, t state) bool {
	a, b := m.states(s, t)
	return m.truth(n, e, a, b)
}

func (m *Model) elementsOf(n *node, e *env, s, t state) []*Value {
	a, b := m.states(s, t)
	return m.elements(n, e, a, b)
}

func (m *Model) conjuncts(ns []*node, e *env, s, t state, yield func(t state)) {
	if len(ns) == 0 {
		yield(t)
		return
	}
	m.branches(ns[0], e, s, t, func(t state) { m.conjuncts(ns[1:], e, s, t, yield) })
}

// set gives a variable its value, or compares if it has one.
func (m *Model) set(n *node, v *symbol, x *Value, t state, yield func(t state)) {
	if old := t[v.index]; old != nil {
		m.guard(n, func() { mustCompare(old, x) })
		if old == x {
			yield(t)
		}
		return
	}
	t = slices.Clone(t)
	t[v.index] = x
	yield(t)
}

// unchanged keeps variables, through tuples and definitions.
func (m *Model) unchanged(n *node, e *env, s, t state, yield func(t state)) {
	n, e = m.body(n, e)
	if n.op == "tuple" {
		m.unchangedAll(n.args, e, s, t, yield)
		return
	}
	v := m.variable(n, e)
	if v == nil {
		fail(n, "UNCHANGED of what is no variable")
	}
	m.set(n, v, s[v.index], t, yield)
}

func (m *Model) unchangedAll(ns []*node, e *env, s, t state, yield func(t state)) {
	if len(ns) == 0 {
		yield(t)
		return
	}
	m.unchanged(ns[0], e, s, t, func(t state) { m.unchangedAll(ns[1:], e, s, t, yield) })
}

// successors calls yield for every state that an action leads to; all variables must have a value then.
func (m *Model) successors(n *node, e *env, s state, yield func(t state)) {
	m.branches(n, e, s, make(state, len(m.vars)), func(t state) {
		for i, v := range t {
			if v == nil {
				fail(n, "a step leaves %s without a value", m.vars[i].name)
			}
		}
		yield(t)
	})
}
