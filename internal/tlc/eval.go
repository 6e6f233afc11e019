package tlc

import (
	"errors"
	"slices"
)

// env is what bound names stand for, innermost first.
type env struct {
	sym  *symbol
	val  *Value // nil: node in outer, not evaluated yet, or body of a LET
	node *node
	in   *env
	next *env
}

func (e *env) find(s *symbol) *env {
	for ; e != nil; e = e.next {
		if e.sym == s {
			return e
		}
	}
	return nil
}

// state is a value for every variable, nil where it has none yet.
type state []*Value

// eval evaluates in a state, and in the next one where there are primes.
func (m *Model) eval(n *node, e *env, s, t state) *Value {
	switch n.op {
	case "()":
		return m.eval(n.args[0], e, s, t)
	case "number":
		return m.pool.integer(n.num)
	case "string":
		return m.pool.str(n.text)
	case "name":
		return m.named(n, e, s, t)
	case "'":
		return m.eval(n.args[0], e, t, nil)
	case "@":
		return e.find(atSymbol).val
	case `/\`:
		for _, a := range n.args {
			if !m.truth(a, e, s, t) {
				return m.pool.no
			}
		}
		return m.pool.yes
	case `\/`:
		for _, a := range n.args {
			if m.truth(a, e, s, t) {
				return m.pool.yes
			}
		}
		return m.pool.no
	case "~_":
		return m.pool.boolean(!m.truth(n.args[0], e, s, t))
	case "=>":
		return m.pool.boolean(!m.truth(n.args[0], e, s, t) || m.truth(n.args[1], e, s, t))
	case "<=>":
		return m.pool.boolean(m.truth(n.args[0], e, s, t) == m.truth(n.args[1], e, s, t))
	case "=", "#":
		return m.pool.boolean(m.equal(n, e, s, t) == (n.op == "="))
	case `\in`, `\notin`:
		return m.pool.boolean(m.member(n.args[1], e, m.eval(n.args[0], e, s, t), s, t) == (n.op == `\in`))
	case `\subseteq`:
		return m.pool.boolean(m.subset(n, e, s, t))
	case "IF":
		if m.truth(n.args[0], e, s, t) {
			return m.eval(n.args[1], e, s, t)
		}
		return m.eval(n.args[2], e, s, t)
	case "CASE":
		return m.eval(m.arm(n, e, s, t), e, s, t)
	case "LET":
		return m.eval(n.args[0], lets(n, e), s, t)
	case `\E`, `\A`:
		return m.quantified(n, e, s, t)
	case "UNCHANGED_":
		return m.pool.boolean(m.eval(n.args[0], e, s, t) == m.eval(n.args[0], e, t, nil))
	case "action":
		return m.pool.boolean(m.eval(n.args[1], e, s, nil) == m.eval(n.args[1], e, t, nil) || m.truth(n.args[0], e, s, t))
	}
	return m.construct(n, e, s, t)
}

func lets(n *node, e *env) *env {
	for _, d := range n.syms {
		e = &env{sym: d, next: e}
	}
	return e
}

func (m *Model) truth(n *node, e *env, s, t state) bool {
	v := m.eval(n, e, s, t)
	if v.kind != boolKind {
		fail(n, "%s is no truth value", v)
	}
	return v == m.pool.yes
}

func (m *Model) equal(n *node, e *env, s, t state) bool {
	a, b := m.eval(n.args[0], e, s, t), m.eval(n.args[1], e, s, t)
	m.guard(n, func() { mustCompare(a, b) })
	return a == b
}

// guard gives the place to what goes wrong in the pool.
func (m *Model) guard(n *node, f func()) {
	defer func() {
		if r := recover(); r != nil {
			if s, ok := r.(string); ok {
				fail(n, "%s", s)
			}
			panic(r)
		}
	}()
	f()
}

// named evaluates a name.
func (m *Model) named(n *node, e *env, s, t state) *Value {
	y := n.sym
	switch y.kind {
	case variableSymbol:
		if s == nil || s[y.index] == nil {
			fail(n, "%s is read before it has a value", y.name)
		}
		return s[y.index]
	case constantSymbol:
		return m.constant(n, y)
	case boundSymbol:
		b := e.find(y)
		if b == nil {
			fail(n, "internal: %s is not bound", y.name)
		}
		if b.val != nil {
			return b.val
		}
		v := m.eval(b.node, b.in, s, t)
		return v
	case builtinSymbol:
		return m.builtin(n, e, s, t)
	}
	if y.level == constantLevel && len(y.params) == 0 && e.find(y) == nil {
		if y.val == nil {
			y.val = m.eval(y.body, nil, nil, nil)
		}
		return y.val
	}
	return m.eval(y.body, m.bind(n, y, e), s, t)
}

func (m *Model) constant(n *node, y *symbol) *Value {
	if y.val == nil {
		fail(n, "the constant %s has no value", y.name)
	}
	return y.val
}

// bind gives the environment of a definition's body: its parameters stand for what was given. A definition of LET sees
// what is bound around it.
func (m *Model) bind(n *node, y *symbol, e *env) *env {
	var in *env
	if b := e.find(y); b != nil {
		in = b
	}
	for i, p := range y.params {
		in = &env{sym: p, node: n.args[i], in: e, next: in}
	}
	return in
}

func (m *Model) builtin(n *node, e *env, s, t state) *Value {
	var args []*Value
	for _, a := range n.args {
		args = append(args, m.eval(a, e, s, t))
	}
	switch n.text {
	case "TRUE":
		return m.pool.yes
	case "FALSE":
		return m.pool.no
	case "BOOLEAN":
		return m.pool.set([]*Value{m.pool.no, m.pool.yes})
	case "Cardinality":
		m.want(n, args[0], setKind)
		return m.pool.integer(len(args[0].elems))
	case "Len", "Head", "Tail", "Append", "SubSeq":
		return m.sequence(n, args)
	}
	fail(n, "%s cannot be evaluated", n.text)
	return nil
}

// items lists a sequence.
func (m *Model) items(n *node, v *Value) []*Value {
	m.want(n, v, functionKind)
	all := make([]*Value, len(v.elems))
	for i, arg := range v.elems {
		if arg.kind != intKind || arg.num < 1 || arg.num > len(all) {
			fail(n, "%s is no sequence", v)
		}
		all[arg.num-1] = v.vals[i]
	}
	return all
}

// sequence applies an operator of the module Sequences.
func (m *Model) sequence(n *node, args []*Value) *Value {
	all := m.items(n, args[0])
	switch n.text {
	case "Len":
		return m.pool.integer(len(all))
	case "Append":
		return m.pool.tuple(append(all, args[1]))
	case "SubSeq":
		m.want(n, args[1], intKind)
		m.want(n, args[2], intKind)
		if args[1].num > args[2].num {
			return m.pool.tuple(nil)
		}
		if args[1].num < 1 || args[2].num > len(all) {
			fail(n, "SubSeq goes beyond the sequence")
		}
		return m.pool.tuple(all[args[1].num-1 : args[2].num])
	}
	if len(all) == 0 {
		fail(n, "%s of an empty sequence", n.text)
	}
	if n.text == "Head" {
		return all[0]
	}
	return m.pool.tuple(all[1:])
}

func (m *Model) want(n *node, v *Value, k kind) {
	if v.kind != k {
		fail(n, "%s is not %s", v, kindNames[k])
	}
}

// arm finds the case that applies.
func (m *Model) arm(n *node, e *env, s, t state) *node {
	for i := 0; i < len(n.args); i += 2 {
		if n.args[i].op == "OTHER" || m.truth(n.args[i], e, s, t) {
			return n.args[i+1]
		}
	}
	fail(n, "no case applies")
	return nil
}

func (m *Model) quantified(n *node, e *env, s, t state) *Value {
	for _, v := range m.elements(n.args[0], e, s, t) {
		if m.truth(n.args[1], &env{sym: n.syms[0], val: v, next: e}, s, t) == (n.op == `\E`) {
			return m.pool.boolean(n.op == `\E`)
		}
	}
	return m.pool.boolean(n.op == `\A`)
}

// elements enumerates a set.
func (m *Model) elements(n *node, e *env, s, t state) []*Value {
	v := m.eval(n, e, s, t)
	m.want(n, v, setKind)
	return v.elems
}

// body looks through parentheses and definitions for what a set is made by, so that infinite sets need not be.
func (m *Model) body(n *node, e *env) (*node, *env) {
	for {
		switch {
		case n.op == "()":
			n = n.args[0]
		case n.op == "name" && n.sym.kind == definitionSymbol:
			n, e = n.sym.body, m.bind(n, n.sym, e)
		case n.op == "name" && n.sym.kind == boundSymbol:
			b := e.find(n.sym)
			if b == nil || b.val != nil {
				return n, e
			}
			n, e = b.node, b.in
		default:
			return n, e
		}
	}
}

// member tells whether v is in the set that n makes.
func (m *Model) member(n *node, e *env, v *Value, s, t state) bool {
	n, e = m.body(n, e)
	switch n.op {
	case "name":
		switch n.text {
		case "STRING":
			return v.kind == stringKind
		case "Int":
			return v.kind == intKind
		case "Nat":
			return v.kind == intKind && v.num >= 0
		}
	case "SUBSET_":
		m.want(n, v, setKind)
		return !slices.ContainsFunc(v.elems, func(x *Value) bool { return !m.member(n.args[0], e, x, s, t) })
	case "functions":
		m.want(n, v, functionKind)
		dom := m.eval(n.args[0], e, s, t)
		return slices.Equal(dom.elems, v.elems) &&
			!slices.ContainsFunc(v.vals, func(x *Value) bool { return !m.member(n.args[1], e, x, s, t) })
	case "records":
		return m.recordMember(n, e, v, s, t)
	case `\cup`:
		return m.member(n.args[0], e, v, s, t) || m.member(n.args[1], e, v, s, t)
	}
	set := m.eval(n, e, s, t)
	m.want(n, set, setKind)
	if len(set.elems) > 0 {
		m.guard(n, func() { mustCompare(set.elems[0], v) })
	}
	_, ok := set.at(v)
	return ok
}

func (m *Model) recordMember(n *node, e *env, v *Value, s, t state) bool {
	m.want(n, v, functionKind)
	if len(v.elems) != len(n.args)/2 {
		return false
	}
	for i := 0; i < len(n.args); i += 2 {
		at, ok := v.at(m.pool.str(n.args[i].text))
		if !ok || !m.member(n.args[i+1], e, v.vals[at], s, t) {
			return false
		}
	}
	return true
}

func (m *Model) subset(n *node, e *env, s, t state) bool {
	for _, x := range m.elements(n.args[0], e, s, t) {
		if !m.member(n.args[1], e, x, s, t) {
			return false
		}
	}
	return true
}

// construct evaluates what makes sets, functions and numbers.
func (m *Model) construct(n *node, e *env, s, t state) *Value {
	p := m.pool
	switch n.op {
	case "set", "tuple":
		vals := m.evalAll(n.args, e, s, t)
		if n.op == "tuple" {
			return p.tuple(vals)
		}
		return m.makeSet(n, vals)
	case "record":
		var keys, vals []*Value
		for i := 0; i < len(n.args); i += 2 {
			keys, vals = append(keys, p.str(n.args[i].text)), append(vals, m.eval(n.args[i+1], e, s, t))
		}
		return p.function(keys, vals)
	case "function", "filter", "map":
		return m.comprehension(n, e, s, t)
	case "apply", ".":
		return m.apply(n, e, s, t)
	case "EXCEPT":
		return m.except(n, e, s, t)
	case "DOMAIN_":
		f := m.eval(n.args[0], e, s, t)
		m.want(n, f, functionKind)
		return p.set(f.elems)
	case "UNION_":
		var all []*Value
		for _, x := range m.elements(n.args[0], e, s, t) {
			m.want(n, x, setKind)
			all = append(all, x.elems...)
		}
		return m.makeSet(n, all)
	case "-_":
		v := m.eval(n.args[0], e, s, t)
		m.want(n, v, intKind)
		return p.integer(-v.num)
	case `\cup`, `\cap`, `\`:
		return m.setOperation(n, e, s, t)
	case `\o`:
		a, b := m.items(n, m.eval(n.args[0], e, s, t)), m.items(n, m.eval(n.args[1], e, s, t))
		return p.tuple(append(a[:len(a):len(a)], b...))
	case "ENABLED_":
		yes := false
		m.branches(n.args[0], e, s, make(state, len(m.vars)), func(state) { yes = true })
		return p.boolean(yes)
	case "+", "-", "*", "<", ">", "<=", ">=", "..":
		return m.arithmetic(n, e, s, t)
	}
	fail(n, "%s cannot be evaluated", n.op)
	return nil
}

func (m *Model) makeSet(n *node, vals []*Value) (v *Value) {
	m.guard(n, func() { v = m.pool.set(vals) })
	return v
}

func (m *Model) evalAll(ns []*node, e *env, s, t state) []*Value {
	vals := make([]*Value, len(ns))
	for i, a := range ns {
		vals[i] = m.eval(a, e, s, t)
	}
	return vals
}

func (m *Model) comprehension(n *node, e *env, s, t state) *Value {
	var args, vals []*Value
	for _, x := range m.elements(n.args[0], e, s, t) {
		in := &env{sym: n.syms[0], val: x, next: e}
		if n.op == "filter" {
			if m.truth(n.args[1], in, s, t) {
				args = append(args, x)
			}
			continue
		}
		args, vals = append(args, x), append(vals, m.eval(n.args[1], in, s, t))
	}
	switch n.op {
	case "filter":
		return m.makeSet(n, args)
	case "map":
		return m.makeSet(n, vals)
	}
	return m.pool.function(args, vals)
}

func (m *Model) apply(n *node, e *env, s, t state) *Value {
	f := m.eval(n.args[0], e, s, t)
	m.want(n, f, functionKind)
	var arg *Value
	if n.op == "." {
		arg = m.pool.str(n.text)
	} else {
		arg = m.eval(n.args[1], e, s, t)
	}
	i, ok := f.at(arg)
	if !ok {
		fail(n, "%s is not in the domain of %s", arg, f)
	}
	return f.vals[i]
}

// atSymbol is what @ stands for.
var atSymbol = &symbol{name: "@"}

func (m *Model) except(n *node, e *env, s, t state) *Value {
	f := m.eval(n.args[0], e, s, t)
	for i := 1; i < len(n.args); i += 2 {
		f = m.update(n, f, n.args[i].args, n.args[i+1], e, s, t)
	}
	return f
}

func (m *Model) update(n *node, f *Value, path []*node, to *node, e *env, s, t state) *Value {
	if len(path) == 0 {
		return m.eval(to, &env{sym: atSymbol, val: f, next: e}, s, t)
	}
	m.want(n, f, functionKind)
	arg := m.eval(path[0], e, s, t)
	i, ok := f.at(arg)
	if !ok {
		fail(n, "%s is not in the domain of %s", arg, f)
	}
	return m.pool.except(f, i, m.update(n, f.vals[i], path[1:], to, e, s, t))
}

func (m *Model) setOperation(n *node, e *env, s, t state) *Value {
	a, b := m.elements(n.args[0], e, s, t), m.elements(n.args[1], e, s, t)
	if n.op == `\cup` {
		return m.makeSet(n, append(slices.Clone(a), b...))
	}
	var keep []*Value
	for _, x := range a {
		if slices.Contains(b, x) == (n.op == `\cap`) {
			keep = append(keep, x)
		}
	}
	return m.makeSet(n, keep)
}

func (m *Model) arithmetic(n *node, e *env, s, t state) *Value {
	x, y := m.eval(n.args[0], e, s, t), m.eval(n.args[1], e, s, t)
	m.want(n, x, intKind)
	m.want(n, y, intKind)
	a, b := x.num, y.num
	switch n.op {
	case "+":
		return m.pool.integer(a + b)
	case "-":
		return m.pool.integer(a - b)
	case "*":
		return m.pool.integer(a * b)
	case "<":
		return m.pool.boolean(a < b)
	case ">":
		return m.pool.boolean(a > b)
	case "<=":
		return m.pool.boolean(a <= b)
	case ">=":
		return m.pool.boolean(a >= b)
	}
	var all []*Value
	for i := a; i <= b; i++ {
		all = append(all, m.pool.integer(i))
	}
	return m.pool.set(all)
}

// asError turns what panics into an error.
func asError(err *error) {
	switch r := recover().(type) {
	case nil:
	case *Error:
		*err = r
	case string:
		*err = errors.New(r)
	default:
		panic(r)
	}
}
