package quint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// head writes what the file is, and how to use it.
func (w *writer) head() {
	info := w.m.Info
	for _, l := range filled(strings.TrimSpace(info.Doc), width-4) {
		w.printf("%s\n", strings.TrimRight("/// "+l, " "))
	}
	if info.Doc != "" {
		w.printf("///\n")
	}
	kernel := "for all values of its features"
	if w.opt.Kernel != "" {
		kernel = "in kernel " + w.opt.Kernel
	}
	for _, l := range filled(fmt.Sprintf("Written by rprocspec from the specification %s, %s.", info.Name, kernel), width-4) {
		w.printf("/// %s\n", l)
	}
	w.printf("///\n")
	w.printf("///   quint typecheck %s.qnt\n", w.name)
	if w.hasRuns() {
		w.printf("///   quint test --max-samples 1 %s.qnt\n", w.name)
	}
	w.printf("///   quint run --max-steps 60 --invariant deadlock_free %s.qnt\n", w.name)
}

// enums writes the types of the spec, and of results where there are any.
func (w *writer) enums() {
	for i, e := range w.m.Info.Enums {
		if i > 0 {
			w.printf("\n")
		}
		var all []text
		for _, m := range e.Members {
			all = append(all, word(w.members[m.Object]))
		}
		w.doc(docOf(e.Object))
		w.printf("  type %s =%s\n", w.types[e], alternatives(all))
	}
	if len(w.results) == 0 {
		return
	}
	var vals []machine.Val
	for v := range w.results {
		vals = append(vals, v)
	}
	slices.Sort(vals)
	var all []text
	for _, v := range slices.Backward(vals) {
		all = append(all, word(w.results[v]))
	}
	if len(w.m.Info.Enums) > 0 {
		w.printf("\n")
	}
	w.doc("How a function ends.")
	w.printf("  type Result =%s\n", alternatives(all))
}

// alternatives writes the cases of a sum type.
func alternatives(all []text) string {
	flat := list{sep: " | ", items: all}.flat()
	if len(flat) < width-20 && len(all) > 1 { // a single name would be another type
		return " " + flat
	}
	var b strings.Builder
	for _, t := range all {
		b.WriteString("\n    | " + t.flat())
	}
	return b.String()
}

// typeName names a type.
func (w *writer) typeName(t check.Type) string {
	switch t.Kind {
	case check.EnumType:
		return w.types[t.Enum]
	case check.IntType:
		return "int"
	case check.ResultType:
		w.result(0)
		return "Result"
	}
	return "bool"
}

// globalType is the type of the variable for a global.
func (w *writer) globalType(g *machine.Global) string {
	switch {
	case w.m.Counted(g):
		return "int"
	case g.Kind > machine.VarGlobal:
		return "bool"
	}
	return w.typeName(g.Object.Type)
}

// global names the variable or constant for a global.
func (w *writer) global(g *machine.Global) string { return w.globals[g] }

func (w *writer) constants() {
	if len(w.m.Consts) > 0 {
		w.banner("what does not change")
	}
	for _, c := range w.m.Consts {
		o := c.Global.Object
		w.printf("\n")
		w.doc(docOf(o))
		w.define(fmt.Sprintf("pure val %s: %s", w.global(c.Global), w.typeName(o.Type)), w.valueText(o.Type, c.Val))
	}
}

func (w *writer) variables() {
	w.banner("state")
	for _, g := range w.m.Vars {
		w.printf("\n")
		w.doc(w.about(g))
		w.printf("  var %s: %s\n", w.global(g), w.globalType(g))
	}
	w.printf("\n")
	w.doc(fmt.Sprintf("Where the activation of every slot stands: before what the action of that name does, %q without one, "+
		"%q when it has ended and does not come again.", idle, done))
	w.printf("  var %s: str -> str\n", w.pc)
	if len(w.locals) > 0 {
		w.printf("\n")
		w.doc("Parameters and locals of the activations. Those that a process has not are as they are at rest.")
		w.printf("  var locals: str -> Locals\n")
	}
	if w.spawning() {
		w.printf("\n")
		w.doc("An activation was spawned while the one before it was still live: more than is modelled.")
		w.printf("  var respawned: bool\n")
	}
}

// about says what a variable is, if the spec does not.
func (w *writer) about(g *machine.Global) string {
	doc := strings.TrimSpace(docOf(g.Object))
	kind := ""
	switch g.Kind {
	case machine.MutexGlobal:
		kind = "Whether it is held."
	case machine.WakeupGlobal:
		if kind = "Whether it is active."; w.m.Counted(g) {
			kind = "How often it is held active."
		}
	case machine.PendingGlobal:
		kind = "Whether it is pending."
	case machine.EndedGlobal:
		return "Whether the subject has ended, and its wakeup sources with it."
	case machine.VarGlobal:
		if t := g.Object.Type; t.Kind == check.IntType {
			kind = fmt.Sprintf("From %d to %d.", t.Lo, t.Hi)
		}
	}
	return strings.TrimSpace(doc + "\n" + kind)
}

// local is a field of Locals, which registers of several processes share.
type local struct {
	name string
	reg  *steps.Register
}

// shareLocals finds a field for every register: one of the same name and type is shared.
func (w *writer) shareLocals() {
	used := map[string]*local{}
	for _, p := range w.live {
		for _, r := range p.Registers {
			name := w.names.local(r.Name)
			for used[name] != nil && !sameType(used[name].reg.Type, r.Type) {
				name = w.names.local(p.Name + "_" + name)
			}
			if used[name] == nil {
				used[name] = &local{name, r}
				w.locals = append(w.locals, used[name])
			}
			w.where[r] = used[name]
		}
	}
}

func sameType(a, b check.Type) bool {
	return a.Kind == b.Kind && a.Enum == b.Enum && a.Lo == b.Lo && a.Hi == b.Hi
}

// spawning tells whether some statement spawns.
func (w *writer) spawning() bool {
	return slices.ContainsFunc(w.m.Slots, func(s machine.Slot) bool { return s.Kind == machine.SpawnedSlot })
}

// fields lists the variables with their types.
func (w *writer) fields() (all [][2]string) {
	for _, g := range w.m.Vars {
		all = append(all, [2]string{w.global(g), w.globalType(g)})
	}
	all = append(all, [2]string{w.pc, "str -> str"})
	if len(w.locals) > 0 {
		all = append(all, [2]string{"locals", "str -> Locals"})
	}
	if w.spawning() {
		all = append(all, [2]string{"respawned", "bool"})
	}
	return all
}
