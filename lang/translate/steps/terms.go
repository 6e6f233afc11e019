package steps

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// environment holds the values that places have got since the state before the step, over that state.
type environment map[machine.Loc]*machine.Term

// value writes t over the state before the step.
func (env environment) value(t *machine.Term) *machine.Term {
	switch t.Op {
	case machine.Read:
		if v, ok := env[t.Loc]; ok {
			return v
		}
		return t
	case machine.Active:
		if v, ok := env[t.Loc]; ok {
			return nonzero(v)
		}
		return t
	case machine.Constant, machine.Living:
		return t
	}
	c := *t
	c.Args = make([]*machine.Term, len(t.Args))
	for i, a := range t.Args {
		c.Args[i] = env.value(a)
	}
	return simplify(&c)
}

// registers lists the registers that have got another value than they had.
func (env environment) registers(p *Process) []Update {
	var all []Update
	for i := range p.Regs {
		l := machine.RegLoc(i)
		if v, ok := env[l]; ok && (v.Op != machine.Read || v.Loc != l) {
			all = append(all, Update{l, v})
		}
	}
	return all
}

func active(l machine.Loc) *machine.Term {
	return &machine.Term{Op: machine.Active, Type: boolean, Loc: l}
}

var boolean = machine.Bool(true).Type

// nonzero tells whether a value is not 0; truth values are themselves.
func nonzero(v *machine.Term) *machine.Term {
	if v.Type.Kind == boolean.Kind {
		return v
	}
	return simplify(machine.Truth(machine.Gt, v, &machine.Term{Type: v.Type}))
}

// either is a term that is one of two, by a condition.
func either(c, a, b *machine.Term) *machine.Term {
	return simplify(&machine.Term{Op: machine.Conditional, Type: a.Type, Args: []*machine.Term{c, a, b}})
}

// simplify evaluates what is constant, and drops what decides nothing. The arguments are simple.
func simplify(t *machine.Term) *machine.Term {
	isConst := func(i int, v machine.Val) bool { return t.Args[i].Op == machine.Constant && t.Args[i].Val == v }
	switch {
	case !slices.ContainsFunc(t.Args, func(a *machine.Term) bool { return a.Op != machine.Constant }):
		return &machine.Term{Type: t.Type, Val: new(machine.Machine).Eval(t, nil, nil)}
	case t.Op == machine.Not && t.Args[0].Op == machine.Not:
		return t.Args[0].Args[0]
	case t.Op == machine.And:
		return connective(t, 1)
	case t.Op == machine.Or:
		return connective(t, 0)
	case t.Op == machine.Implies && (isConst(0, 0) || isConst(1, 1)):
		return machine.Bool(true)
	case t.Op == machine.Implies && isConst(0, 1):
		return t.Args[1]
	case t.Op == machine.Conditional && t.Args[0].Op == machine.Constant:
		return t.Args[2-t.Args[0].Val]
	case t.Op == machine.Conditional && t.Args[1].Equal(t.Args[2]):
		return t.Args[1]
	}
	return t
}

// connective simplifies a conjunction (neutral 1) or disjunction (neutral 0).
func connective(t *machine.Term, neutral machine.Val) *machine.Term {
	for i, a := range t.Args {
		switch {
		case a.Op != machine.Constant:
		case a.Val == neutral:
			return t.Args[1-i]
		default:
			return a
		}
	}
	return t
}
