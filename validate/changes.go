package validate

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// Change is a change of a variable that a trace shows: at the record before, every cheapest explanation has the one
// value, and at Line all have the other. What lies between two records that do not tell is not known.
type Change struct {
	Subject  string
	Variable *machine.Transitions // one that has `transitions`
	From, To machine.Val
	Line     int
}

// trail is what a subject has shown of one variable.
type trail struct {
	last  machine.Val // Open before the first value, and where the thread was lost
	moves []Change
}

// follow notes at which records the values of variables with transitions change.
func (x *subject) follow(r *rec) {
	if len(x.trails) < len(x.m.Trans) {
		x.lostTrails()
	}
	best := x.cur.cheapest()
	for i, t := range x.m.Trans {
		v := common(best, t.Global)
		tr := &x.trails[i]
		if v == machine.Open || v == tr.last {
			continue
		}
		if tr.last != machine.Open {
			tr.moves = append(slices.Clip(tr.moves), Change{Variable: t, From: tr.last, To: v, Line: r.Line})
		}
		tr.last = v
	}
}

// common is the value that all explanations have, Open if there is none.
func common(es []*exp, g int) machine.Val {
	if len(es) == 0 || slices.ContainsFunc(es, func(e *exp) bool { return e.s[g] != es[0].s[g] }) {
		return machine.Open
	}
	return es[0].s[g]
}

// lostTrails is for a beginning: what was before is not joined with what comes.
func (x *subject) lostTrails() {
	trails := make([]trail, len(x.m.Trans))
	for i := range trails {
		trails[i].last = machine.Open
		if i < len(x.trails) {
			trails[i].moves = x.trails[i].moves
		}
	}
	x.trails = trails
}

// Changes lists the changes of all variables with transitions, of all subjects, in the order of the trace. Call it
// after Close.
func (v *Validator) Changes() []Change {
	var all []Change
	for _, x := range v.subjects {
		for _, t := range x.trails {
			for _, c := range t.moves {
				c.Subject = x.id.names()[0]
				all = append(all, c)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Change) int { return a.Line - b.Line })
	return all
}
