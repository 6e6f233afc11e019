package promela

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// when writes for which features and device constants something is true: "true", "false", or a condition over
// those that init chooses.
func (w *writer) when(is func(machine.State) bool) string {
	if w.cases == nil {
		w.findCases()
	}
	return w.decide(w.cases, w.open, is)
}

// findCases finds the features and device constants that init chooses, and an initial state for every choice.
func (w *writer) findCases() {
	for _, g := range w.m.Vars {
		if g.Kind <= machine.DeviceGlobal {
			w.open = append(w.open, g)
		}
	}
	if len(w.m.Inits) == 0 {
		w.cases = []machine.State{w.first()}
		return
	}
	seen := map[string]bool{}
	for _, s := range w.m.Inits {
		k := ""
		for _, g := range w.open {
			k += fmt.Sprint(s[g.Index], " ")
		}
		if !seen[k] {
			w.cases = append(w.cases, s)
		}
		seen[k] = true
	}
}

// decide writes a condition, by the constants that decide it.
func (w *writer) decide(states []machine.State, open []*machine.Global, is func(machine.State) bool) string {
	yes := is(states[0])
	if !slices.ContainsFunc(states, func(s machine.State) bool { return is(s) != yes }) {
		return strconv.FormatBool(yes)
	}
	g := decides(states, open, is)
	var parts, texts, conds []string
	for _, v := range valuesOf(states, g) {
		some := slices.DeleteFunc(slices.Clone(states), func(s machine.State) bool { return s[g.Index] != v })
		rest := slices.DeleteFunc(slices.Clone(open), func(o *machine.Global) bool { return o == g })
		texts = append(texts, w.operand(equals(g, v), w.outside, signed))
		conds = append(conds, w.decide(some, rest, is))
	}
	sure := slices.Index(conds, "true")
	for i, c := range conds {
		switch {
		case c == "true":
			parts = append(parts, texts[i])
		case c != "false" && sure >= 0 && len(conds) == 2: // the other value is settled
			parts = append(parts, c)
		case c != "false":
			parts = append(parts, "("+texts[i]+" && "+c+")")
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

// equals is that a global has a value.
func equals(g *machine.Global, v machine.Val) *machine.Term {
	t := &machine.Term{Op: machine.Read, Type: g.Object.Type, Loc: machine.Loc(g.Index)}
	switch {
	case t.Type.Kind == check.BoolType && v == 0:
		return machine.Truth(machine.Not, t)
	case t.Type.Kind == check.BoolType:
		return t
	}
	return machine.Truth(machine.Eq, t, &machine.Term{Type: t.Type, Val: v})
}

// decides finds a constant to tell cases apart by: the one whose values leave the fewest cases undecided.
func decides(states []machine.State, open []*machine.Global, is func(machine.State) bool) *machine.Global {
	var best *machine.Global
	least := len(states) + 1
	for _, g := range open {
		count := map[machine.Val][2]int{}
		for _, s := range states {
			c := count[s[g.Index]]
			if is(s) {
				c[1]++
			} else {
				c[0]++
			}
			count[s[g.Index]] = c
		}
		mixed := 0
		for _, c := range count {
			if c[0] > 0 && c[1] > 0 {
				mixed += c[0] + c[1]
			}
		}
		if len(count) > 1 && mixed < least {
			best, least = g, mixed
		}
	}
	return best
}

// valuesOf lists the values that g has in the states, in the order of the numbers.
func valuesOf(states []machine.State, g *machine.Global) []machine.Val {
	var vs []machine.Val
	for _, s := range states {
		if !slices.Contains(vs, s[g.Index]) {
			vs = append(vs, s[g.Index])
		}
	}
	slices.Sort(vs)
	return vs
}
