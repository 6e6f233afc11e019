package quint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
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

// helpers writes what the actions are made of.
func (w *writer) helpers() {
	w.banner("how actions change it")
	var types, now, become []text
	for _, f := range w.fields() {
		types = append(types, field(f[0], word(f[1])))
		now = append(now, field(f[0], word(f[0])))
		become = append(become, word(f[0]+"' = after."+f[0]))
	}
	w.printf("\n")
	if len(w.locals) > 0 {
		w.localsType()
	}
	w.printf("  type Vars = %s\n\n", fit(record("", types...), 2, 14, 0))
	w.printf("  /// The state as it is.\n")
	w.define("val now: Vars", record("", now...))
	w.printf("\n  /// The next state is this one.\n")
	w.printf("  action become(after: Vars): bool = %s\n", block("all", become).broken(2))
	w.slotNames()
	w.moves()
}

func (w *writer) localsType() {
	var types, rest []text
	for _, l := range w.locals {
		types = append(types, field(l.name, word(w.typeName(l.reg.Type))))
		rest = append(rest, field(l.name, w.valueText(l.reg.Type, l.reg.First)))
	}
	w.printf("  type Locals = %s\n\n", fit(record("", types...), 2, 16, 0))
	w.printf("  /// What parameters and locals are while there is no activation.\n")
	w.define("pure val AT_REST: Locals", record("", rest...))
	w.printf("\n")
}

// slotNames writes the sets of slots.
func (w *writer) slotNames() {
	w.printf("\n")
	w.doc("Slots are places for activations. The environment calls a process once in each of CALLED; in that of a work item " +
		"a worker runs it whenever it is pending.")
	var called, others []string
	for i := range w.m.Slots {
		if w.m.Slots[i].Kind == machine.OnceSlot {
			called = append(called, w.slots[i])
		} else {
			others = append(others, w.slots[i])
		}
	}
	w.define("pure val CALLED: Set[str]", strs(called))
	all := text(word("CALLED"))
	if len(others) > 0 {
		all = chain{word("CALLED.union("), strs(others), word(")")}
	}
	w.define("pure val SLOTS: Set[str]", all)
	if w.partly() {
		w.printf("\n  /// Those in which something is called from the initial states on. The others are of scenarios.\n")
		w.define("pure val EXPLORED: Set[str]", strs(w.exploredNames()))
	}
	if w.spawning() {
		w.children()
	}
}

// children writes which slot a statement that spawns fills.
func (w *writer) children() {
	for _, n := range w.spawns() {
		var pairs []text
		for i := range w.m.Slots {
			if s := &w.m.Slots[i]; s.Kind == machine.SpawnedSlot && s.Node == n {
				pairs = append(pairs, word(fmt.Sprintf("%q -> %q", w.slots[s.Spawner], w.slots[i])))
			}
		}
		w.printf("\n")
		w.doc(fmt.Sprintf("Where an activation goes that %s spawns in line %d, by the slot of who does.", n.Func.Name, n.Span.Start.Line))
		w.define(fmt.Sprintf("pure val %s: str -> str", w.child[n]), call("Map", pairs...))
	}
}

// spawns lists the statements that spawn.
func (w *writer) spawns() []*machine.Node {
	var all []*machine.Node
	for i := range w.m.Slots {
		if s := &w.m.Slots[i]; s.Kind == machine.SpawnedSlot && !slices.Contains(all, s.Node) {
			all = append(all, s.Node)
		}
	}
	return all
}

// moves writes how activations go on.
func (w *writer) moves() {
	w.printf("\n  /// The activation in a slot goes on at another place.\n")
	w.printf("  pure def goes(after: Vars, self: str, where: str): Vars =\n    { ...after, %s: after.%s.set(self, where) }\n", w.pc, w.pc)
	if len(w.locals) > 0 {
		w.printf("\n  /// Its parameters and locals change.\n")
		w.printf("  pure def keeps(after: Vars, self: str, mine: Locals): Vars =\n    { ...after, locals: after.locals.set(self, mine) }\n")
	}
	w.printf("\n  /// It ends.\n  pure def ends(after: Vars, self: str): Vars =\n    ")
	end := fmt.Sprintf("after.goes(self, if (CALLED.contains(self)) %q else %q)", done, idle)
	if len(w.locals) > 0 {
		end += ".keeps(self, AT_REST)"
	}
	w.printf("%s\n", end)
	w.printf("\n  /// Whether there is an activation in a slot.\n")
	w.printf("  def live(self: str): bool = not(Set(%q, %q).contains(%s.get(self)))\n", idle, done, w.pc)
	if w.hasRuns() || w.partly() {
		w.printf("\n  /// Nothing has begun, and of what is called only this ever will.\n")
		w.printf("  pure def idle_but(slots: Set[str]): str -> str =\n    SLOTS.mapBy(s => if (CALLED.exclude(slots).contains(s)) %q else %q)\n", done, idle)
	}
}

// partly tells whether there are slots that only scenarios use.
func (w *writer) partly() bool { return len(w.explored) < w.onceSlots() }

func (w *writer) onceSlots() int {
	n := 0
	for i := range w.m.Slots {
		if w.m.Slots[i].Kind == machine.OnceSlot {
			n++
		}
	}
	return n
}

// initial writes the initial states: for every start line of explore its choices, as far as they do not depend
// on each other.
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
		ways = append(ways, w.beginnings(inits)...)
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

// beginnings writes initial states: one group of choices if they are independent, else each by itself.
func (w *writer) beginnings(inits []machine.State) []string {
	if len(inits) == 0 {
		return nil
	}
	if product(inits) == len(inits) {
		return []string{w.beginning(inits)}
	}
	var all []string
	for _, s := range inits {
		all = append(all, w.beginning([]machine.State{s}))
	}
	return all
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

// product is how many states there would be if all choices were independent.
func product(states []machine.State) int {
	n := 1
	for i := range states[0] {
		n *= len(values(states, i))
	}
	return n
}

func (w *writer) beginning(inits []machine.State) string {
	var b strings.Builder
	var fields []text
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
		fields = append(fields, field(w.global(g), v))
	}
	fields = append(fields, w.atRest(word("EXPLORED"), len(w.explored))...)
	fmt.Fprintf(&b, "become(%s)\n", record("", fields...).broken(0))
	return b.String()
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
