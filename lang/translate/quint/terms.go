package quint

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// How tightly an expression holds together.
const (
	loose  = iota // if, implies, or, and: in parentheses within anything else
	compar        // ==, <
	sum           // +, −
	tight         // calls, names, values
)

// scope says how the places of a state are written where a term stands.
type scope struct {
	*writer
	reg    func(r int) text         // a register
	chosen map[*machine.Global]text // globals that are no variables yet
}

// expr is a term as Quint, with parentheses if it is looser than wanted.
func (sc scope) expr(t *machine.Term, want int) text {
	x, has := sc.bare(t)
	if has < want {
		return group(x)
	}
	return x
}

// cond is a term where anything may stand.
func (sc scope) cond(t *machine.Term) text { return sc.expr(t, loose) }

func (sc scope) bare(t *machine.Term) (text, int) {
	switch t.Op {
	case machine.Constant:
		return sc.value(t.Type, t.Val)
	case machine.Read:
		if t.Loc.IsReg() {
			return sc.reg(t.Loc.Reg()), tight
		}
		g := sc.m.Globals[t.Loc]
		if v := sc.chosen[g]; v != nil {
			return v, tight
		}
		return word(sc.global(g)), tight
	case machine.Active:
		return sc.active(sc.m.Globals[t.Loc])
	case machine.Living:
		return sc.living(t.Proc), tight
	case machine.Not:
		return sc.negation(t.Args[0])
	case machine.Neg:
		return chain{word("-"), sc.expr(t.Args[0], tight)}, sum
	case machine.And, machine.Or:
		return sc.junction(t)
	case machine.Implies:
		return infix{sc.expr(t.Args[0], compar), "implies", sc.expr(t.Args[1], compar)}, loose
	case machine.In:
		var all []text
		for _, a := range t.Args[1:] {
			all = append(all, sc.cond(a))
		}
		return chain{set(all...), word(".contains("), sc.cond(t.Args[0]), word(")")}, tight
	case machine.Conditional:
		return sc.conditional(t)
	}
	return sc.infix(t)
}

var opposites = map[machine.Op]machine.Op{
	machine.Eq: machine.Ne, machine.Ne: machine.Eq, machine.Lt: machine.Ge, machine.Ge: machine.Lt, machine.Gt: machine.Le,
	machine.Le: machine.Gt,
}

// negation says the contrary of a comparison, or that something is not.
func (sc scope) negation(t *machine.Term) (text, int) {
	if op, ok := opposites[t.Op]; ok {
		contrary := *t
		contrary.Op = op
		return sc.infix(&contrary)
	}
	if t.Op == machine.Active {
		switch g := sc.m.Globals[t.Loc]; {
		case g.Kind == machine.RunningGlobal:
			return word(sc.place(g) + " == " + fmt.Sprintf("%q", idle)), compar
		case sc.m.Counted(g):
			return word(sc.global(g) + " == 0"), compar
		}
	}
	return call("not", sc.cond(t)), tight
}

// conditional writes one of two values; where one of them is known, of truth values, as a connective.
func (sc scope) conditional(t *machine.Term) (text, int) {
	c, a, b := t.Args[0], t.Args[1], t.Args[2]
	known := func(x *machine.Term) bool { return x.Op == machine.Constant && x.Type.Kind == check.BoolType }
	no := func(x *machine.Term) *machine.Term {
		if x.Op == machine.Not {
			return x.Args[0]
		}
		return machine.Truth(machine.Not, x)
	}
	switch {
	case known(a) && a.Val == 1:
		return sc.bare(machine.Truth(machine.Or, b, c))
	case known(a):
		return sc.bare(machine.Truth(machine.And, b, no(c)))
	case known(b) && b.Val == 1:
		return sc.bare(machine.Truth(machine.Or, a, no(c)))
	case known(b):
		return sc.bare(machine.Truth(machine.And, a, c))
	}
	return choice{sc.cond(c), sc.expr(a, compar), sc.expr(b, compar)}, loose
}

var infixes = map[machine.Op]string{
	machine.Eq: "==", machine.Ne: "!=", machine.Lt: "<", machine.Le: "<=", machine.Gt: ">", machine.Ge: ">=",
	machine.Add: "+", machine.Sub: "-",
}

func (sc scope) infix(t *machine.Term) (text, int) {
	op, ok := infixes[t.Op]
	if !ok {
		panic(fmt.Sprintf("quint: operator %d", t.Op))
	}
	left, right, is := sum, sum, compar
	if t.Op == machine.Add || t.Op == machine.Sub {
		left, right, is = sum, tight, sum
	}
	return infix{sc.expr(t.Args[0], left), op, sc.expr(t.Args[1], right)}, is
}

// junction writes nested conjunctions, or disjunctions, as one.
func (sc scope) junction(t *machine.Term) (text, int) {
	var items []text
	var walk func(u *machine.Term)
	walk = func(u *machine.Term) {
		if u.Op == t.Op {
			walk(u.Args[0])
			walk(u.Args[1])
			return
		}
		items = append(items, sc.expr(u, compar))
	}
	walk(t)
	return junction(map[machine.Op]string{machine.And: "and", machine.Or: "or"}[t.Op], items)
}

// junction joins texts that hold together at least as comparisons do.
func junction(op string, items []text) (text, int) {
	if len(items) == 1 {
		return items[0], compar
	}
	return list{sep: " " + op + " ", brokenOpen: op + " {", brokenEnd: "}", items: items, last: ","}, loose
}

// both joins conditions by and.
func both(items ...text) text { t, _ := junction("and", items); return t }

// value writes a constant.
func (w *writer) value(t check.Type, v machine.Val) (text, int) {
	switch t.Kind {
	case check.EnumType:
		return word(w.members[t.Enum.Members[v].Object]), tight
	case check.ResultType:
		return word(w.result(v)), tight
	case check.BoolType:
		return word(fmt.Sprint(v != 0)), tight
	}
	if v < 0 {
		return word(fmt.Sprint(v)), sum
	}
	return word(fmt.Sprint(v)), tight
}

// valueText writes a constant where anything may stand.
func (w *writer) valueText(t check.Type, v machine.Val) text { x, _ := w.value(t, v); return x }

// active tells whether something is not 0.
func (w *writer) active(g *machine.Global) (text, int) {
	switch {
	case g.Kind == machine.RunningGlobal:
		return word(fmt.Sprintf("%s != %q", w.place(g), idle)), compar
	case w.m.Counted(g):
		return word(w.global(g) + " > 0"), compar
	}
	return word(w.global(g)), tight
}

// place is where the worker of an item is that a RunningGlobal is of.
func (w *writer) place(g *machine.Global) string {
	return fmt.Sprintf("%s.get(%q)", w.pc, g.Object.Name)
}

// living tells whether an activation of a process is live.
func (w *writer) living(p *check.Process) text {
	var names []string
	for _, s := range w.m.SlotsOf(p) {
		names = append(names, w.slots[s])
	}
	return chain{strs(names), word(".exists(s => live(s))")}
}
