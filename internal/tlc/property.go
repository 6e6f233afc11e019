package tlc

import "slices"

// Holds tells whether a definition that a configuration may name holds: an invariant, or a property.
func (g *Graph) Holds(name string) (yes bool, err error) {
	defer asError(&err)
	s := g.m.definition(name)
	if s.level <= stateLevel {
		return g.invariant(s.body), nil
	}
	return g.formula(s.body), nil
}

// invariant looks at every state, those included that a constraint leaves out: so does TLC.
func (g *Graph) invariant(n *node) bool {
	for _, s := range g.states {
		if !g.m.truth(n, nil, s, nil) {
			return false
		}
	}
	for _, s := range g.outside {
		if !g.m.truth(n, nil, s, nil) {
			return false
		}
	}
	return true
}

// strip passes parentheses and definitions.
func strip(n *node) *node {
	for {
		switch {
		case n.op == "()":
			n = n.args[0]
		case n.op == "name" && n.sym.kind == definitionSymbol && len(n.args) == 0 && n.sym.level == temporalLevel:
			n = n.sym.body
		default:
			return n
		}
	}
}

// formula judges the forms of temporal formula that TLC takes.
func (g *Graph) formula(n *node) bool {
	n = strip(n)
	switch n.op {
	case `/\`:
		for _, a := range n.args {
			if !g.formula(a) {
				return false
			}
		}
		return true
	case "~>":
		return g.leadsTo(n.args[0], n.args[1])
	case "<>_":
		if in := strip(n.args[0]); in.op == "[]_" {
			return !g.lasso(nil, nil, in.args[0])
		}
		return !g.lasso(func(i int) bool { return g.level[i] == 1 }, n.args[0], nil)
	case "[]_":
		in := strip(n.args[0])
		switch {
		case in.op == "action":
			return g.always(in)
		case in.op == "<>_":
			return !g.lasso(nil, in.args[0], nil)
		case in.op == "=>" && strip(in.args[1]).op == "<>_":
			return g.leadsTo(in.args[0], strip(in.args[1]).args[0])
		}
		return g.invariant(n.args[0])
	}
	fail(n, "a formula of this form is not judged")
	return false
}

// always judges [][A]_v over all steps.
func (g *Graph) always(n *node) bool {
	for i, s := range g.states {
		for _, j := range g.next[i] {
			if !g.m.truth(n, nil, s, g.states[j]) {
				return false
			}
		}
	}
	for _, o := range g.out {
		if o[0] >= 0 && !g.m.truth(n, nil, g.states[o[0]], g.outside[o[1]]) {
			return false
		}
	}
	return true
}

func (g *Graph) leadsTo(p, q *node) bool {
	return !g.lasso(func(i int) bool { return g.m.truth(p, nil, g.states[i], nil) }, q, nil)
}

// lasso looks for a fair behaviour that from some state of trigger on is never in avoid, and again and again not in
// again. nil: any state, nothing to avoid, no condition.
func (g *Graph) lasso(trigger func(i int) bool, avoid, again *node) bool {
	region := make([]bool, len(g.states))
	var work []int
	for i, s := range g.states {
		region[i] = avoid == nil || !g.m.truth(avoid, nil, s, nil)
	}
	in := make([]bool, len(g.states))
	for i := range g.states {
		if region[i] && (trigger == nil || trigger(i)) {
			in[i] = true
			work = append(work, i)
		}
	}
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		for _, j := range g.next[i] {
			if region[j] && !in[j] {
				in[j] = true
				work = append(work, j)
			}
		}
	}
	for _, c := range g.components(in) {
		if again != nil && !slices.ContainsFunc(c, func(i int) bool { return !g.m.truth(again, nil, g.states[i], nil) }) {
			continue
		}
		if g.fair(c) {
			return true
		}
	}
	return false
}

// fair tells whether a behaviour that goes round in a component, through all of it, is fair. A state alone is a
// component, too: a behaviour may stutter.
func (g *Graph) fair(c []int) bool {
	inside := map[int]bool{}
	for _, i := range c {
		inside[i] = true
	}
	for k := range g.m.fair {
		if !g.meets(k, c, inside) {
			return false
		}
	}
	return true
}

// meets tells whether a condition is met: its action is disabled somewhere, or taken.
func (g *Graph) meets(k int, c []int, inside map[int]bool) bool {
	for _, i := range c {
		enabled := false
		taken := false
		f := g.m.fair[k]
		g.m.successors(f.action, f.env, g.states[i], func(t state) {
			if slices.Equal(t, g.states[i]) {
				return // a step that changes nothing is none of <A>_vars
			}
			enabled = true
			if j, ok := g.ids[key(t)]; ok && inside[j] {
				taken = true
			}
		})
		if !enabled || taken {
			return true
		}
	}
	return false
}

// components gives the strongly connected components of a part of the graph, by Tarjan's algorithm.
func (g *Graph) components(in []bool) [][]int {
	t := &tarjan{g: g, in: in, index: make([]int, len(in)), low: make([]int, len(in)), on: make([]bool, len(in))}
	for i := range in {
		if in[i] && t.index[i] == 0 {
			t.visit(i)
		}
	}
	return t.found
}

type tarjan struct {
	g          *Graph
	in, on     []bool
	index, low []int
	stack      []int
	count      int
	found      [][]int
}

// visit goes depth first from a state, without recursion: behaviours are long.
func (t *tarjan) visit(root int) {
	type frame struct{ at, next int }
	enter := func(i int) frame {
		t.count++
		t.index[i], t.low[i], t.on[i] = t.count, t.count, true
		t.stack = append(t.stack, i)
		return frame{at: i}
	}
	calls := []frame{enter(root)}
	for len(calls) > 0 {
		f := &calls[len(calls)-1]
		if f.next < len(t.g.next[f.at]) {
			j := t.g.next[f.at][f.next]
			f.next++
			switch {
			case !t.in[j]:
			case t.index[j] == 0:
				calls = append(calls, enter(j))
			case t.on[j]:
				t.low[f.at] = min(t.low[f.at], t.index[j])
			}
			continue
		}
		i := f.at
		calls = calls[:len(calls)-1]
		if len(calls) > 0 {
			up := calls[len(calls)-1].at
			t.low[up] = min(t.low[up], t.low[i])
		}
		if t.low[i] == t.index[i] {
			t.pop(i)
		}
	}
}

func (t *tarjan) pop(i int) {
	at := len(t.stack) - 1
	for t.stack[at] != i {
		at--
	}
	c := slices.Clone(t.stack[at:])
	t.stack = t.stack[:at]
	for _, j := range c {
		t.on[j] = false
	}
	t.found = append(t.found, c)
}
