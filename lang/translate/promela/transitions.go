package promela

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// transitions gives the claim that a variable changes along its edges only and, if some edges only warn, that it
// does not change along these.
func (w *writer) transitions(t *machine.Transitions) []*claim {
	name := "transitions_" + t.Object.Name
	all := []*claim{w.edges(t, name, machine.Forbidden, "transitions "+t.Object.Name+": no edge that is not listed is taken.")}
	if slices.ContainsFunc(w.m.Info.Transitions[t.Object], func(e *lang.Edge) bool { return e.Warning }) {
		all = append(all, w.edges(t, name+"_warning", machine.Warned, "warning transitions "+t.Object.Name+": no warning edge is taken."))
	}
	return all
}

// edges is the claim that no change of t is judged so. It looks at the value of one state, then of the next; the
// first step leads to the initial states.
func (w *writer) edges(t *machine.Transitions, name string, bad machine.Permit, about string) *claim {
	c := &claim{name: w.names.take(name), about: about, never: []string{"true;", "do", ":: true"}}
	g := w.m.Globals[t.Global]
	for from := range g.Object.Type.Enum.Members {
		var to []string
		for v := range g.Object.Type.Enum.Members {
			when := w.when(func(s machine.State) bool {
				return v != from && t.Check(machine.Val(from), machine.Val(v), s) == bad
			})
			is := w.expr(equals(g, machine.Val(v)), w.outside)
			switch when {
			case "false":
			case "true":
				to = append(to, is)
			default:
				to = append(to, "("+is+" && "+when+")")
			}
		}
		if len(to) > 0 {
			c.never = append(c.never, ":: "+w.expr(equals(g, machine.Val(from)), w.outside)+" -> ("+strings.Join(to, " || ")+") -> break")
		}
	}
	c.never = append(c.never, "od")
	return c
}
