package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// statement is an option written down: when it can be taken, and what it does.
type statement struct {
	block string // d_step, or atomic where there is a rendezvous
	guard string // "" for always
	does  []string
}

// isBlock tells whether it takes several statements of Promela.
func (s statement) isBlock() bool {
	return len(s.does) > 1 || len(s.does) == 1 && s.guard != "" || s.block == "atomic"
}

// isTest tells whether it does nothing but test something.
func (s statement) isTest() bool { return s.guard != "" && len(s.does) == 0 && s.block != "atomic" }

// String gives the statement on one line.
func (s statement) String() string {
	does := strings.Join(s.does, "; ")
	switch {
	case s.guard == "" && does == "":
		return "true"
	case !s.isBlock():
		return s.guard + does
	case s.guard == "":
		return s.block + " { " + does + " }"
	case does == "":
		return s.guard
	}
	return s.block + " { " + s.guard + " -> " + does + " }"
}

// statement writes an option of a role. What it sets is over the state before: bounds are looked at first, and
// nothing is read after it was set.
func (w *writer) statement(r *role, o *option) statement {
	s := statement{block: "d_step", guard: w.guard(r, o), does: w.asserts(r, o.sets)}
	if text := printed(o.node); text != "" {
		s.does = append(s.does, "printf("+quote(text)+")")
	}
	s.does = append(s.does, w.assignments(r, o.sets)...)
	s.does = append(s.does, o.counts...)
	if o.first != "" || o.last != "" {
		s.block = "atomic"
	}
	if o.first != "" {
		s.guard = o.first
	}
	if o.last != "" {
		s.does = append(s.does, o.last)
	}
	return s
}

// guard writes when an option can be taken.
func (w *writer) guard(r *role, o *option) string {
	var terms []*machine.Term
	for _, g := range o.guards {
		for _, g := range flat(g, machine.And) {
			if !slices.ContainsFunc(terms, g.Equal) {
				terms = append(terms, g)
			}
		}
	}
	if len(terms) == 1 && len(o.needs) == 0 {
		return w.expr(terms[0], w.inside(r))
	}
	parts := slices.Clone(o.needs)
	for _, t := range terms {
		parts = append(parts, w.operand(t, w.inside(r), compared))
	}
	return strings.Join(parts, " && ")
}

// printed is what a step prints in a simulation: its log line, or its record.
func printed(n *machine.Node) string {
	switch {
	case n == nil:
		return ""
	case n.Kind == machine.Event:
		return "event " + n.Text
	}
	var texts []string
	for _, p := range n.Patterns {
		texts = append(texts, p.Text)
	}
	return strings.Join(texts, " | ")
}

// assignments writes updates one after the other, each before what it reads is set. Where they go round in a
// ring, as when two variables change places, an old value is kept aside.
func (w *writer) assignments(r *role, sets []steps.Update) []string {
	var all []string
	kept := map[machine.Loc]string{}
	sc := func(l machine.Loc) string {
		if name := kept[l]; name != "" {
			return name
		}
		return w.inside(r)(l)
	}
	for rest := changes(sets); len(rest) > 0; {
		i := slices.IndexFunc(rest, func(u steps.Update) bool { return kept[u.Loc] != "" || !readElsewhere(u.Loc, rest) })
		if i < 0 {
			i = 0
			name := w.scratch(len(kept))
			all = append(all, name+" = "+w.inside(r)(rest[0].Loc))
			kept[rest[0].Loc] = name
		}
		all = append(all, w.inside(r)(rest[i].Loc)+" = "+w.expr(rest[i].Term, sc))
		rest = slices.Delete(rest, i, i+1)
	}
	return all
}

// changes leaves out updates that give a place the value it has.
func changes(sets []steps.Update) []steps.Update {
	return slices.DeleteFunc(slices.Clone(sets), func(u steps.Update) bool {
		return (u.Term.Op == machine.Read || u.Term.Op == machine.Active) && u.Term.Loc == u.Loc
	})
}

// readElsewhere tells whether updates of other places read l.
func readElsewhere(l machine.Loc, sets []steps.Update) bool {
	return slices.ContainsFunc(sets, func(u steps.Update) bool { return u.Loc != l && reads(u.Term, l) })
}

func reads(t *machine.Term, l machine.Loc) bool {
	if t.Op == machine.Read || t.Op == machine.Active {
		return t.Loc == l
	}
	return slices.ContainsFunc(t.Args, func(a *machine.Term) bool { return reads(a, l) })
}

// scratch names the n-th old value that is kept aside within a step.
func (w *writer) scratch(n int) string {
	w.temps = max(w.temps, n+1)
	return scratch + fmt.Sprint(n+1)
}

// asserts writes that what is assigned stays within its type, where the types do not tell.
func (w *writer) asserts(r *role, sets []steps.Update) []string {
	var all []string
	for _, u := range sets {
		t := w.typeAt(r, u.Loc)
		if t.Kind != check.IntType {
			continue
		}
		value := w.operand(u.Term, w.inside(r), summed)
		lo, hi := span(u.Term)
		if lo < t.Lo && !w.counts(u.Loc) { // relax stops at 0
			all = append(all, fmt.Sprintf("assert(%s >= %d)", value, t.Lo))
		}
		if hi > t.Hi {
			all = append(all, fmt.Sprintf("assert(%s <= %d)", value, t.Hi))
		}
	}
	return all
}

// typeAt is the type of a place; a wakeup source that counts is a number.
func (w *writer) typeAt(r *role, l machine.Loc) check.Type {
	switch {
	case l.IsReg():
		return r.proc.Regs[l.Reg()]
	case w.counts(l):
		return check.Type{Kind: check.IntType, Hi: machine.MaxCount}
	case w.m.Globals[l].Kind == machine.VarGlobal:
		return w.m.Globals[l].Object.Type
	}
	return check.Type{Kind: check.BoolType}
}

// counts tells whether a place is a wakeup source that counts.
func (w *writer) counts(l machine.Loc) bool { return !l.IsReg() && w.m.Counted(w.m.Globals[l]) }

// span gives bounds of the value of a number.
func span(t *machine.Term) (lo, hi int) {
	switch t.Op {
	case machine.Constant:
		return int(t.Val), int(t.Val)
	case machine.Neg:
		lo, hi = span(t.Args[0])
		return -hi, -lo
	case machine.Add, machine.Sub, machine.Conditional:
		a, b := t.Args[len(t.Args)-2], t.Args[len(t.Args)-1]
		lo1, hi1 := span(a)
		lo2, hi2 := span(b)
		switch t.Op {
		case machine.Add:
			return lo1 + lo2, hi1 + hi2
		case machine.Sub:
			return lo1 - hi2, hi1 - lo2
		}
		return min(lo1, lo2), max(hi1, hi2)
	}
	return t.Type.Lo, t.Type.Hi
}
