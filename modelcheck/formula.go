package modelcheck

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// predicate is a state predicate. Properties read no registers.
type predicate func(s State) bool

// goal is a way to violate a formula: a behaviour that comes into a state of trigger (or begins in it,
// with atStart), then stays in region for ever, and is in seek again and again.
type goal struct {
	trigger, region, seek predicate
	atStart               bool
	enter                 bool // a state of region does not tell whether trigger was met before
}

// formula is a temporal property, as the ways to violate it.
type formula struct {
	goals []goal
	never []predicate // states that violate it by themselves
}

func anywhere(State) bool { return true }

// broken reports whether a state violates f by itself.
func (f *formula) broken(s State) bool {
	for _, p := range f.never {
		if p(s) {
			return true
		}
	}
	return false
}

// newFormula reads a property. What can be judged is [] p, <> p, [] <> p, <> [] p, p ~> q,
// [] (p => <> q), and conjunctions of these.
func newFormula(m *machine.Machine, d *lang.Property) (*formula, error) {
	f := &formula{}
	if !f.add(m, d.Expr) {
		return nil, fmt.Errorf("%s: property %s: %s is a form that cannot be checked: use [] p, <> p, [] <> p, <> [] p, p ~> q, "+
			"and && between them, with p and q free of temporal operators", d.Expr.Pos(), d.Name.Name, lang.ExprString(d.Expr))
	}
	return f, nil
}

func (f *formula) add(m *machine.Machine, e lang.Expr) bool {
	switch x := e.(type) {
	case *lang.Paren:
		return f.add(m, x.X)
	case *lang.Binary:
		switch {
		case x.Op == "&&":
			return f.add(m, x.X) && f.add(m, x.Y)
		case x.Op == "~>" && !lang.IsTemporal(x.X) && !lang.IsTemporal(x.Y):
			f.leadsTo(m, x.X, x.Y)
			return true
		}
	case *lang.Unary:
		return f.unary(m, x)
	}
	return false
}

// unary adds a formula that begins with [] or <>.
func (f *formula) unary(m *machine.Machine, x *lang.Unary) bool {
	in := lang.Unparen(x.X)
	if !lang.IsTemporal(in) && (x.Op == "[]" || x.Op == "<>") {
		no := negation(m, in)
		if x.Op == "[]" {
			f.never = append(f.never, no)
		} else {
			f.goals = append(f.goals, goal{trigger: no, region: no, seek: anywhere, atStart: true, enter: true})
		}
		return true
	}
	switch y := in.(type) {
	case *lang.Unary:
		return f.nested(m, x.Op, y)
	case *lang.Binary:
		if to, ok := lang.Unparen(y.Y).(*lang.Unary); x.Op == "[]" && y.Op == "=>" && ok && to.Op == "<>" && !lang.IsTemporal(y.X) && !lang.IsTemporal(to.X) {
			f.leadsTo(m, y.X, to.X)
			return true
		}
		if x.Op == "[]" && y.Op == "~>" {
			return f.add(m, y)
		}
	}
	return false
}

// nested adds [] <> p, <> [] p, and those with an operator twice.
func (f *formula) nested(m *machine.Machine, op string, y *lang.Unary) bool {
	switch {
	case op == y.Op:
		return f.unary(m, y)
	case lang.IsTemporal(y.X):
		return false
	}
	no := negation(m, y.X)
	if op == "[]" {
		f.goals = append(f.goals, goal{trigger: no, region: no, seek: anywhere})
	} else {
		f.goals = append(f.goals, goal{trigger: anywhere, region: anywhere, seek: no})
	}
	return true
}

func (f *formula) leadsTo(m *machine.Machine, p, q lang.Expr) {
	from, no := m.Predicate(p), negation(m, q)
	f.goals = append(f.goals, goal{
		trigger: func(s State) bool { return from.Holds(s, nil) == 1 && no(s) },
		region:  no, seek: anywhere, enter: true,
	})
}

func negation(m *machine.Machine, e lang.Expr) predicate {
	c := m.Predicate(e)
	return func(s State) bool { return c.Holds(s, nil) != 1 }
}
