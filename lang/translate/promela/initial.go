package promela

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// initial writes the process that chooses an initial state and starts all others.
func (w *writer) initial() string {
	out := &text{}
	out.WriteString("\ninit\n{\n")
	if len(w.m.Inits) == 0 {
		out.comment(1, "There is no initial state.")
		out.line(1, "false", "")
		out.WriteString("}\n")
		return out.String()
	}
	out.line(1, "atomic {", "")
	if len(w.roles) == 0 {
		out.line(2, "true;", "")
	}
	w.choose(out, 2, w.m.Inits, w.varying(w.m.Inits))
	for _, r := range w.roles {
		for _, s := range r.slots {
			out.line(2, w.run(r, s)+";", "")
		}
	}
	out.line(1, "}", "")
	out.label(done)
	out.line(1, "stutter", "")
	out.WriteString("}\n")
	return out.String()
}

// run starts the process of a slot.
func (w *writer) run(r *role, slot int) string {
	var args []string
	if r.kind == machine.SpawnedSlot {
		args = append(args, fmt.Sprint(w.place(slot)))
	}
	for _, n := range r.spawns {
		args = append(args, fmt.Sprint(w.place(w.m.Spawned(slot, n))))
	}
	return fmt.Sprintf("run %s(%s)", r.name, join(args))
}

// varying lists the globals that differ between states and are there at all.
func (w *writer) varying(states []machine.State) []*machine.Global {
	var all []*machine.Global
	for _, g := range w.m.Vars {
		if w.globals[machine.Loc(g.Index)] && len(valuesOf(states, g)) > 1 {
			all = append(all, g)
		}
	}
	return all
}

// choose writes a choice among states, which differ in some globals: those whose values do not hang on the others
// each by itself, the rest by the values of the first.
func (w *writer) choose(out *text, depth int, states []machine.State, differ []*machine.Global) {
	var rest []*machine.Global
	for _, g := range differ {
		if !independent(states, g, differ) {
			rest = append(rest, g)
			continue
		}
		out.line(depth, "if", "")
		for _, v := range valuesOf(states, g) {
			out.line(depth, ":: "+w.gets(g, v), "")
		}
		out.line(depth, "fi;", "")
	}
	if len(rest) == 0 {
		return
	}
	out.line(depth, "if", "")
	for _, v := range valuesOf(states, rest[0]) {
		some := slices.DeleteFunc(slices.Clone(states), func(s machine.State) bool { return s[rest[0].Index] != v })
		way, open := ":: "+w.gets(rest[0], v), []*machine.Global{}
		for _, g := range rest[1:] {
			if vs := valuesOf(some, g); len(vs) == 1 {
				way += "; " + w.gets(g, vs[0])
			} else {
				open = append(open, g)
			}
		}
		if len(open) == 0 {
			out.line(depth, way, "")
			continue
		}
		out.line(depth, way+" ->", "")
		w.choose(out, depth+1, some, open)
	}
	out.line(depth, "fi;", "")
}

// gets writes that a global takes a value.
func (w *writer) gets(g *machine.Global, v machine.Val) string {
	return w.names.globals[machine.Loc(g.Index)] + " = " + w.expr(&machine.Term{Type: g.Object.Type, Val: v}, w.outside)
}

// independent tells whether each value of g occurs with all that the others are.
func independent(states []machine.State, g *machine.Global, differ []*machine.Global) bool {
	others, both := map[string]bool{}, map[string]bool{}
	for _, s := range states {
		k := ""
		for _, o := range differ {
			if o != g {
				k += fmt.Sprint(s[o.Index], " ")
			}
		}
		others[k] = true
		both[fmt.Sprint(k, ": ", s[g.Index])] = true
	}
	return len(both) == len(others)*len(valuesOf(states, g))
}
