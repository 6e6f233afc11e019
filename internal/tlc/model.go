// Package tlc is a small reader and checker of TLA+, for tests of what is written in it.
//
// It knows the subset that the translator writes, reads nothing but the texts, and evaluates as the documentation of
// TLC says that TLC does: actions from left to right, a primed variable getting its value by the first = or \in that
// names it, and an error where one is read too early, where one gets none, and where values of different kinds are
// compared. It refuses what TLC's parser would refuse: unknown names, wrong numbers of arguments, names declared twice,
// operators that need parentheses, a prime in a predicate.
package tlc

import (
	"fmt"
	"slices"
	"strings"
)

// Model is a module with the values of its constants.
type Model struct {
	pool    *pool
	globals map[string]*symbol
	vars    []*symbol
	init    []*node
	next    *node
	sub     *node       // the subscript of [Next]_sub
	fair    []condition // fairness
	con     []*node
	Config  *config
}

// condition is weak fairness of an action.
type condition struct {
	action *node
	env    *env
}

// Load reads a module and its configuration from texts by file name.
func Load(files map[string]string, cfg string) (m *Model, err error) {
	defer asError(&err)
	src, ok := files[cfg]
	if !ok {
		return nil, fmt.Errorf("%s: there is no such configuration", cfg)
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(strings.TrimSuffix(cfg, ".cfg"), "_refused"), "_violates_")
	r := newResolver(files)
	r.module(name)
	m = &Model{pool: newPool(), globals: r.globals, vars: r.vars, Config: parseConfig(cfg, src)}
	m.bindConstants(r)
	m.specification()
	m.checkNames()
	return m, nil
}

// bindConstants gives every constant its value, and refuses values of what is no constant.
func (m *Model) bindConstants(r *resolver) {
	for name := range m.Config.constants {
		m.constantSymbol(name)
	}
	for name := range m.Config.subst {
		m.constantSymbol(name)
	}
	for _, s := range r.decls {
		if s.kind != constantSymbol {
			continue
		}
		if n := m.Config.constants[s.name]; n != nil {
			r.expr(n)
			s.val = m.eval(n, nil, nil, nil)
		} else if m.Config.subst[s.name] == "" {
			panic(&Error{m.Config.file, 0, s.name + " has no value"})
		}
	}
	for name, def := range m.Config.subst {
		d := m.globals[def]
		if d == nil || d.kind != definitionSymbol || len(d.params) > 0 || d.level != constantLevel {
			panic(&Error{m.Config.file, 0, def + " is no constant definition"})
		}
		m.globals[name].val = m.eval(d.body, nil, nil, nil)
	}
}

func (m *Model) constantSymbol(name string) {
	if s := m.globals[name]; s == nil || s.kind != constantSymbol {
		panic(&Error{m.Config.file, 0, name + " is no constant"})
	}
}

func (m *Model) definition(name string) *symbol {
	s := m.globals[name]
	if s == nil || s.kind != definitionSymbol || len(s.params) > 0 {
		panic(&Error{m.Config.file, 0, name + " is not defined"})
	}
	return s
}

// checkNames looks for what the configuration names.
func (m *Model) checkNames() {
	for _, n := range m.Config.Invariants {
		if m.definition(n).level > stateLevel {
			panic(&Error{m.Config.file, 0, n + " is no predicate of states"})
		}
	}
	for _, n := range m.Config.Properties {
		m.definition(n)
	}
	for _, n := range m.Config.Constraint {
		m.con = append(m.con, m.definition(n).body)
	}
}

// specification takes Init /\ [][Next]_vars /\ fairness apart.
func (m *Model) specification() {
	m.part(m.definition(m.Config.spec).body, nil)
	if m.next == nil || len(m.init) == 0 {
		panic(&Error{m.Config.file, 0, m.Config.spec + " is no specification"})
	}
}

func (m *Model) part(n *node, e *env) {
	switch {
	case n.op == "()":
		m.part(n.args[0], e)
	case n.op == `/\`:
		for _, a := range n.args {
			m.part(a, e)
		}
	case n.op == "[]_" && n.args[0].op == "action" && m.next == nil:
		m.next, m.sub = n.args[0].args[0], n.args[0].args[1]
	case n.op == "WF":
		m.fair = append(m.fair, condition{n.args[0], e})
	case n.op == `\A`:
		for _, v := range m.elements(n.args[0], e, nil, nil) {
			m.part(n.args[1], &env{sym: n.syms[0], val: v, next: e})
		}
	case n.op == "name" && n.sym.kind == definitionSymbol && n.sym.level == temporalLevel:
		m.part(n.sym.body, m.bind(n, n.sym, e))
	case m.next == nil:
		m.init = append(m.init, n)
	default:
		fail(n, "this part of a specification is not understood")
	}
}

// Graph is what can be reached.
type Graph struct {
	m       *Model
	states  []state
	from    []int // the state that it was found from, -1 for initial ones
	level   []int // an initial state has 1
	next    [][]int
	outside []state // successors that the constraint leaves out
	out     [][2]int
	ids     map[string]int
	initial int
}

// States, Depth and Initial count as TLC reports them.
func (g *Graph) States() int  { return len(g.states) }
func (g *Graph) Initial() int { return g.initial }
func (g *Graph) Depth() int {
	if len(g.level) == 0 {
		return 0
	}
	return slices.Max(g.level)
}

// ErrLimit tells that a graph is larger than asked for.
var ErrLimit = fmt.Errorf("more states than the limit")

// Explore enumerates the states, at most limit of them.
func (m *Model) Explore(limit int) (g *Graph, err error) {
	defer asError(&err)
	g = &Graph{m: m, ids: map[string]int{}}
	m.conjuncts(m.init, nil, nil, make(state, len(m.vars)), func(t state) {
		for i, v := range t {
			if v == nil {
				panic(&Error{m.Config.file, 0, m.vars[i].name + " has no initial value"})
			}
		}
		g.add(t, -1, 1)
	})
	g.initial = len(g.states)
	for i := 0; i < len(g.states); i++ {
		if len(g.states) > limit {
			return nil, ErrLimit
		}
		g.next = append(g.next, nil)
		m.successors(m.next, nil, g.states[i], func(t state) {
			if to := g.add(t, i, g.level[i]+1); to >= 0 && !slices.Contains(g.next[i], to) {
				g.next[i] = append(g.next[i], to)
			}
		})
	}
	return g, nil
}

func key(s state) string {
	b := make([]byte, 0, 4*len(s))
	for _, v := range s {
		b = append(b, byte(v.id), byte(v.id>>8), byte(v.id>>16), byte(v.id>>24))
	}
	return string(b)
}

// add gives the number of a state, -1 if the constraint leaves it out.
func (g *Graph) add(t state, from, level int) int {
	k := key(t)
	if id, ok := g.ids[k]; ok {
		return id
	}
	for _, c := range g.m.con {
		if !g.m.truth(c, nil, t, nil) {
			g.outside = append(g.outside, t)
			g.out = append(g.out, [2]int{from, len(g.outside) - 1})
			return -1
		}
	}
	id := len(g.states)
	g.ids[k] = id
	g.states = append(g.states, t)
	g.from, g.level = append(g.from, from), append(g.level, level)
	return id
}

// Find looks for a state, breadth first, that a predicate is not true of: TLC would report it as a violated invariant.
// It gives the value of a definition in the last state that was looked at.
func (m *Model) Find(limit int, inv, show string) (found bool, value string, err error) {
	defer asError(&err)
	p, d := m.definition(inv), m.definition(show)
	g := &Graph{m: m, ids: map[string]int{}}
	last := state(nil)
	look := func(t state, from int) bool {
		if n := len(g.states); g.add(t, from, 1) == n {
			last = t
			found = found || !m.truth(p.body, nil, t, nil)
		}
		return found
	}
	m.conjuncts(m.init, nil, nil, make(state, len(m.vars)), func(t state) { look(t, -1) })
	for i := 0; i < len(g.states) && !found; i++ {
		if len(g.states) > limit {
			return false, "", ErrLimit
		}
		m.successors(m.next, nil, g.states[i], func(t state) {
			if !found {
				look(t, i)
			}
		})
	}
	if last == nil {
		return false, "", nil
	}
	return found, m.eval(d.body, nil, last, nil).String(), nil
}
