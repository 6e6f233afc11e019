package quint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// initial writes the initial states: for every start line of explore its choices.
func (w *writer) initial() {
	w.banner("the initial states")
	w.printf("\n")
	starts := w.m.Info.Explore.Starts
	if len(starts) == 0 {
		starts = []*lang.Start{{}}
	}
	var ways []string
	for _, st := range starts {
		inits, _ := w.m.Initials(w.opt.Kernel, []*lang.Start{st}) // the kernel was looked up before
		if way := w.beginning(inits); way != "" {
			ways = append(ways, way)
		}
	}
	w.printf("  action init: bool = ")
	switch len(ways) {
	case 0:
		w.printf("false // the start lines of explore admit no state\n")
	case 1:
		w.printf("{\n%s  }\n", indented(ways[0], 4))
	default:
		w.printf("any {\n")
		for _, s := range ways {
			w.printf("    {\n%s    },\n", indented(s, 6))
		}
		w.printf("  }\n")
	}
}

func indented(s string, by int) string {
	var b strings.Builder
	for l := range strings.Lines(s) {
		b.WriteString(strings.Repeat(" ", by) + l)
	}
	return b.String()
}

// values lists what a place is in several states.
func values(states []machine.State, i int) []machine.Val {
	var vals []machine.Val
	for _, s := range states {
		if !slices.Contains(vals, s[i]) {
			vals = append(vals, s[i])
		}
	}
	return vals
}

// beginning writes the initial states of one start line: a choice for every variable that has one. That members of enums
// exist only with some features is all that ties choices together.
func (w *writer) beginning(inits []machine.State) string {
	if len(inits) == 0 {
		return ""
	}
	var b strings.Builder
	var fields []text
	chosen := map[*machine.Global]text{}
	for _, g := range w.m.Vars {
		vals := values(inits, g.Index)
		v := w.level(g, vals[0])
		if len(vals) > 1 {
			name := w.names.local("any_" + w.global(g))
			var all []text
			for _, x := range vals {
				all = append(all, w.level(g, x))
			}
			fmt.Fprintf(&b, "nondet %s = %s.oneOf()\n", name, fit(set(all...), 6, 30, 0))
			v = word(name)
		}
		chosen[g] = v
		fields = append(fields, field(w.global(g), v))
	}
	fields = append(fields, w.atRest(word("EXPLORED"), len(w.explored))...)
	begin := chain{word("become("), broken{record("", fields...)}, word(")")}
	if ties := w.ties(inits, chosen); len(ties) > 0 {
		fmt.Fprintf(&b, "%s\n", block("all", append(ties, begin)).broken(0))
	} else {
		fmt.Fprintf(&b, "%s\n", begin.flat())
	}
	return b.String()
}

// ties lists the conditions under which the chosen values exist together.
func (w *writer) ties(inits []machine.State, chosen map[*machine.Global]text) []text {
	sc := w.global0()
	sc.chosen = chosen
	var all []text
	for _, g := range w.m.Vars {
		vals := values(inits, g.Index)
		if g.Kind > machine.VarGlobal || g.Object.Type.Kind != check.EnumType || len(vals) < 2 {
			continue
		}
		for _, v := range vals {
			mem := g.Object.Type.Enum.Members[v]
			if mem.If == nil || !slices.ContainsFunc(inits, func(s machine.State) bool { return w.m.Member(g.Object.Type.Enum, int(v), s) != 1 }) {
				continue
			}
			is := infix{chosen[g], "==", w.level(g, v)}
			all = append(all, infix{is, "implies", sc.expr(w.m.Predicate(mem.If).Term, compar)})
		}
	}
	return all
}

// level writes the value of a variable.
func (w *writer) level(g *machine.Global, v machine.Val) text {
	if w.m.Counted(g) {
		return word(fmt.Sprint(v))
	}
	if g.Kind > machine.VarGlobal {
		return word(fmt.Sprint(v != 0))
	}
	return w.valueText(g.Object.Type, v)
}

// atRest gives the other variables while nothing has begun.
func (w *writer) atRest(slots text, n int) []text {
	pc := text(word(fmt.Sprintf("SLOTS.mapBy(s => %q)", idle)))
	if n < w.onceSlots() {
		pc = call("idle_but", slots)
	}
	all := []text{field(w.pc, pc)}
	if len(w.locals) > 0 {
		all = append(all, word("locals: SLOTS.mapBy(s => AT_REST)"))
	}
	if w.spawning() {
		all = append(all, word("respawned: false"))
	}
	return all
}

// exploredNames lists the slots of explore that the environment starts.
func (w *writer) exploredNames() []string {
	var all []string
	for i, name := range w.slots {
		if w.explored[i] {
			all = append(all, name)
		}
	}
	return all
}
