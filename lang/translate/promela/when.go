package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// when writes for which features and device constants something is true: "true", "false", or a condition over
// those that init chooses.
func (w *writer) when(is func(machine.State) bool) string {
	var open []*machine.Global
	for _, g := range w.m.Vars {
		if g.Kind <= machine.DeviceGlobal {
			open = append(open, g)
		}
	}
	states := w.m.Inits
	if len(states) == 0 {
		states = []machine.State{w.first()}
	}
	seen := map[string]bool{}
	states = slices.DeleteFunc(slices.Clone(states), func(s machine.State) bool {
		k := ""
		for _, g := range open {
			k += fmt.Sprint(s[g.Index], " ")
		}
		old := seen[k]
		seen[k] = true
		return old
	})
	return w.cases(states, open, is)
}

// cases writes a condition, by the constants that decide it.
func (w *writer) cases(states []machine.State, open []*machine.Global, is func(machine.State) bool) string {
	yes := is(states[0])
	if !slices.ContainsFunc(states, func(s machine.State) bool { return is(s) != yes }) {
		if yes {
			return "true"
		}
		return "false"
	}
	g := decides(states, open, is)
	var parts []string
	for _, v := range valuesOf(states, g) {
		some := slices.DeleteFunc(slices.Clone(states), func(s machine.State) bool { return s[g.Index] != v })
		rest := slices.DeleteFunc(slices.Clone(open), func(o *machine.Global) bool { return o == g })
		text := w.operand(equals(g, v), w.outside, atom)
		switch c := w.cases(some, rest, is); c {
		case "false":
		case "true":
			parts = append(parts, text)
		default:
			parts = append(parts, "("+text+" && "+c+")")
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
