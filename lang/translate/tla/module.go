package tla

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// module writes Name.tla. The actions are written first: they tell which helpers there must be.
func (w *writer) module() string {
	actions := w.part(w.processes)
	properties := w.part(w.properties)
	head := w.part(func() {
		w.head()
		w.constants()
		w.types()
		w.variables()
		w.activations()
		w.initial()
	})
	helpers := w.part(w.helperOperators)
	next := w.part(w.next)
	return rule(w.name) + head + helpers + actions + next + properties + strings.Repeat("=", width) + "\n"
}

// part gives what write writes.
func (w *writer) part(write func()) string {
	old := w.String()
	w.Reset()
	write()
	s := w.String()
	w.Reset()
	w.WriteString(old)
	return s
}

// rule is the first line of a module.
func rule(name string) string {
	title := " MODULE " + name + " "
	n := max(4, (width-len(title))/2)
	return strings.Repeat("-", n) + title + strings.Repeat("-", max(4, width-n-len(title))) + "\n"
}

func (w *writer) head() {
	w.remark("", w.m.Info.Doc)
	if strings.TrimSpace(w.m.Info.Doc) != "" {
		w.line(`\*`)
	}
	w.remark("", "Written by `rprocspec translate --to tla` from "+w.m.Info.Name+`. An action is one step of the kernel. What stands between two
steps, such as calls, returns, and tests of constants and locals, belongs to the step before it.
The statement that an action stands for is told by function and line.`)
	w.line(`\*`)
	w.remark("", w.mc+".tla makes a finite instance of it, and says how to check it.")
	extends := "Integers"
	if w.helpers["Cardinality"] {
		extends += ", FiniteSets"
	}
	w.line("EXTENDS " + extends)
}

// constants declares the features and devices that do not vary, and the activations.
func (w *writer) constants() {
	var names, docs []string
	for _, c := range w.m.Consts {
		names, docs = append(names, w.globals[c.Global.Index]), append(docs, docOf(c.Global.Object.Decl))
	}
	if len(names) > 0 {
		w.heading("what differs between kernels, and between devices")
		w.declare("CONSTANTS", names, docs)
	}
	names, docs = nil, nil
	for _, p := range w.procList {
		if n := w.procs[p]; n.calls != "" {
			names, docs = append(names, n.calls), append(docs, "The calls of "+p.Name+"() that the environment may make, each of them once.")
		}
	}
	for _, n := range w.spawnNodes() {
		names = append(names, w.spawns[n])
		docs = append(docs, "What "+w.statement(n)+" at "+position(n.Span.Start)+" starts, by the activation that executes it.")
	}
	if len(names) > 0 {
		w.heading("the instance")
		w.declare("CONSTANTS", names, docs)
	}
}

// spawnNodes lists the statements that spawn, in order of their names.
func (w *writer) spawnNodes() []*machine.Node {
	var nodes []*machine.Node
	for n := range w.spawns {
		nodes = append(nodes, n)
	}
	slices.SortFunc(nodes, func(a, b *machine.Node) int { return strings.Compare(w.spawns[a], w.spawns[b]) })
	return nodes
}

// declare writes names with their comments.
func (w *writer) declare(word string, names, docs []string) {
	w.line(word)
	for i, n := range names {
		w.remark("  ", docs[i])
		if i < len(names)-1 {
			n += ","
		}
		w.line("  " + n)
	}
}

// types defines the enums that something has, and Result.
func (w *writer) types() {
	used := w.usedEnums()
	var later []*check.Enum
	for _, e := range used {
		if w.overVariables(e) {
			later = append(later, e)
		}
	}
	if len(used) > 0 || w.results {
		w.heading("types")
	}
	for _, e := range used {
		if !slices.Contains(later, e) {
			w.enum(e)
		}
	}
	if w.results {
		w.line(`\* What a function returns: "error" is any errno.`)
		w.define(w.resultSet, set(w.resultValues()...))
	}
	w.later = later
}

func (w *writer) resultValues() []expr {
	var names []string
	for _, n := range w.errnos {
		names = append(names, n)
	}
	slices.Sort(names)
	items := []expr{text("ok"), text("error")}
	for _, n := range names {
		items = append(items, text(n))
	}
	return items
}

// usedEnums lists the enums of variables, constants and registers.
func (w *writer) usedEnums() []*check.Enum {
	used := map[*check.Enum]bool{}
	for _, g := range w.m.Globals {
		if g.Kind <= machine.VarGlobal && g.Object.Type.Kind == check.EnumType {
			used[g.Object.Type.Enum] = true
		}
	}
	for _, p := range w.procList {
		for _, t := range p.Regs {
			if t.Kind == check.EnumType {
				used[t.Enum] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(w.m.Info.Enums), func(e *check.Enum) bool { return !used[e] })
}

// overVariables tells whether an enum's members hang on features that are variables here.
func (w *writer) overVariables(e *check.Enum) bool {
	for _, m := range e.Members {
		if m.If == nil {
			continue
		}
		for _, l := range w.m.Predicate(m.If).Reads {
			if slices.Contains(w.m.Vars, w.m.Globals[l]) {
				return true
			}
		}
	}
	return false
}

// enum defines the set of the members that there are.
func (w *writer) enum(e *check.Enum) {
	w.remark("", docOf(e.Object.Decl))
	parts := []expr{w.members(e, func(m *check.Member) bool { return m.If == nil })}
	for _, m := range e.Members {
		if m.If != nil {
			c := w.term(w.m.Predicate(m.If).Term, nil)
			parts = append(parts, choice{c, set(text(m.Name)), set()})
		}
	}
	w.define(w.enums[e], unions(parts))
}

// variables declares the variables, with the comments of the specification.
func (w *writer) variables() {
	w.heading("state")
	var names, docs []string
	add := func(name, doc string) { names, docs = append(names, name), append(docs, doc) }
	for _, g := range w.m.Vars {
		switch {
		case g.Kind <= machine.DeviceGlobal:
			add(w.globals[g.Index], docOf(g.Object.Decl)+"\nChosen in the beginning; it never changes.")
		case g.Kind == machine.VarGlobal:
			add(w.globals[g.Index], docOf(g.Object.Decl))
		}
	}
	about := map[string]string{
		"held": "The locks that are held", "active": "The wakeup sources that are active",
		"holds": "How often every counted wakeup source is held", "pending": "The work items that wait for a worker",
		"ended": "The subject is gone, and its wakeup sources with it",
	}
	for _, v := range []string{"held", "active", "holds", "pending", "ended"} {
		if gs := w.primitives(v); len(gs) > 0 {
			var list []string
			for _, g := range gs {
				list = append(list, w.m.Globals[g].Object.Name)
			}
			if v == "ended" {
				add(v, about[v]+".")
				continue
			}
			add(v, about[v]+", of "+strings.Join(list, ", ")+".")
		}
	}
	add("pc", `What every activation does next: a statement by its name, "idle" before it begins, "done" after its end.`)
	if w.registers {
		add("frame", "The parameters and locals of every activation.")
	}
	w.declare("VARIABLES", names, docs)
	w.line("")
	for _, g := range w.groups() {
		if len(g.vars) > 1 || g.vars[0] != g.name {
			w.define(g.name, tuple(atoms(g.vars)...))
		}
	}
	w.define("vars", w.varsTuple())
	for _, e := range w.later {
		w.line("")
		w.enum(e)
	}
}

func atoms(names []string) []expr {
	var all []expr
	for _, n := range names {
		all = append(all, atom(n))
	}
	return all
}

// activations defines the sets of activations.
func (w *writer) activations() {
	w.line("")
	for _, p := range w.bySpawner() {
		n := w.procs[p]
		if n.slots == "" {
			continue
		}
		var parts []expr
		if n.calls != "" {
			parts = append(parts, atom(n.calls))
		}
		if w.has(p, machine.WorkerSlot) {
			parts = append(parts, set(text(w.worker(p))))
		}
		for _, node := range w.spawnNodes() {
			if by := w.spawner(node); node.Proc == p.Proc && by != nil {
				parts = append(parts, raw{"{" + w.spawns[node] + `[self] : self \in ` + w.slotsOf(by).flat() + "}", atomLevel})
			}
		}
		w.define(n.slots, unions(parts))
	}
	var sets, workers []expr
	for _, p := range w.procList {
		if item, only := w.onlyWorker(p); only {
			workers = append(workers, text(item))
		} else {
			sets = append(sets, w.slotsOf(p))
		}
	}
	if len(workers) > 0 {
		sets = append(sets, set(workers...))
	}
	w.define("Activations", unions(sets))
}

// spawner is the process that a spawn statement stands in.
func (w *writer) spawner(n *machine.Node) *steps.Process {
	for _, p := range w.procList {
		if p.Proc == n.Root {
			return p
		}
	}
	return nil
}

// bySpawner lists the processes, each behind those that spawn it.
func (w *writer) bySpawner() []*steps.Process {
	var order []*steps.Process
	var visit func(p *steps.Process)
	visit = func(p *steps.Process) {
		if slices.Contains(order, p) {
			return
		}
		for _, n := range w.spawnNodes() {
			if by := w.spawner(n); n.Proc == p.Proc && by != nil && by != p {
				visit(by)
			}
		}
		order = append(order, p)
	}
	for _, p := range w.procList {
		visit(p)
	}
	return order
}

// initial defines what holds at the start, and the types.
func (w *writer) initial() {
	for _, p := range w.procList {
		n := w.procs[p]
		if n.fresh == "" {
			continue
		}
		var fields []expr
		for _, r := range p.Registers {
			fields = append(fields, named{n.fields[r.Index] + " |->", w.value(r.Type, r.First)})
		}
		w.define(n.fresh, record(fields...))
	}
	w.heading("the beginning")
	w.line(`\* Nothing is at work.`)
	w.define("Quiet", conj(w.quiet()))
	w.line("")
	var items []expr
	for _, g := range w.m.Vars {
		if g.Kind <= machine.VarGlobal {
			items = append(items, w.initially(g))
		}
	}
	w.define("Init", conj(append(items, atom("Quiet"))))
	w.line("")
	w.define("TypeOK", conj(w.typeOK()))
}

func (w *writer) quiet() []expr {
	var items []expr
	for _, v := range []string{"held", "active", "pending"} {
		if len(w.primitives(v)) > 0 {
			items = append(items, compare(atom(v), "=", set()))
		}
	}
	if len(w.primitives("holds")) > 0 {
		items = append(items, compare(atom("holds"), "=", raw{`[w \in ` + w.names2("holds").flat() + " |-> 0]", atomLevel}))
	}
	if len(w.primitives("ended")) > 0 {
		items = append(items, compare(atom("ended"), "=", falsity))
	}
	items = append(items, compare(atom("pc"), "=", raw{`[self \in Activations |-> "idle"]`, atomLevel}))
	if w.registers {
		items = append(items, compare(atom("frame"), "=", list{"[", "]", []expr{bound{`self \in Activations |->`, w.frames0()}}}))
	}
	return items
}

// frames0 is the frame of an activation before it begins.
func (w *writer) frames0() expr {
	var arms []arm
	all := true
	for _, p := range w.procList {
		n := w.procs[p]
		if n.fresh == "" {
			all = false
			continue
		}
		item, only := w.onlyWorker(p)
		if only {
			arms = append(arms, arm{compare(atom("self"), "=", text(item)), atom(n.fresh)})
		} else {
			arms = append(arms, arm{compare(atom("self"), `\in`, w.slotsOf(p)), atom(n.fresh)})
		}
	}
	if all && len(arms) == 1 {
		return arms[0].value
	}
	if !all {
		arms = append(arms, arm{atom("OTHER"), tuple()})
	}
	return cases{arms}
}

// names2 is the set of the names of what a variable stands for.
func (w *writer) names2(v string) expr {
	var items []expr
	for _, g := range w.primitives(v) {
		items = append(items, text(w.m.Globals[g].Object.Name))
	}
	return set(items...)
}

// initially says what a variable is at the start, where an instance says nothing of it.
func (w *writer) initially(g *machine.Global) expr {
	v := atom(w.globals[g.Index])
	if val, ok := w.m.Info.Fixed[g.Object]; ok {
		return compare(v, "=", w.value(g.Object.Type, machine.Val(val)))
	}
	if e := initOf(g.Object); e != nil {
		val, _ := w.m.Info.Const(e)
		return compare(v, "=", w.value(g.Object.Type, machine.Val(val)))
	}
	return compare(v, `\in`, w.typeSet(g.Object.Type, false))
}

func (w *writer) typeOK() []expr {
	var items []expr
	for _, g := range w.m.Vars {
		if g.Kind <= machine.VarGlobal {
			items = append(items, compare(atom(w.globals[g.Index]), `\in`, w.typeSet(g.Object.Type, false)))
		}
	}
	for _, v := range []string{"held", "active", "pending"} {
		if len(w.primitives(v)) > 0 {
			items = append(items, compare(atom(v), `\subseteq`, w.names2(v)))
		}
	}
	if len(w.primitives("holds")) > 0 {
		items = append(items, compare(atom("holds"), `\in`, raw{"[" + w.names2("holds").flat() + " -> 0.." + number(machine.MaxCount).flat() + "]", atomLevel}))
	}
	if len(w.primitives("ended")) > 0 {
		items = append(items, compare(atom("ended"), `\in`, atom("BOOLEAN")))
	}
	items = append(items, compare(atom("pc"), `\in`, raw{"[Activations -> STRING]", atomLevel}))
	for _, p := range w.procList {
		n := w.procs[p]
		if n.fresh == "" {
			continue
		}
		var fields []expr
		for _, r := range p.Registers {
			fields = append(fields, named{n.fields[r.Index] + " :", w.typeSet(r.Type, true)})
		}
		if item, only := w.onlyWorker(p); only {
			items = append(items, compare(atom(`frame["`+item+`"]`), `\in`, record(fields...)))
			continue
		}
		items = append(items, bound{`\A self \in ` + w.slotsOf(p).flat() + " :", compare(atom("frame[self]"), `\in`, record(fields...))})
	}
	return items
}

// processes writes the actions of every process.
func (w *writer) processes() {
	for _, p := range w.procList {
		n := w.procs[p]
		w.heading(p.Name + "()")
		w.remark("", p.Decl.Doc)
		if strings.TrimSpace(p.Decl.Doc) != "" {
			w.line("")
		}
		if n.calls != "" {
			w.line(`\* The environment calls it.`)
			w.define(n.called+"(self)", w.call(p))
			w.line("")
		}
		if n.starts != "" {
			w.line(`\* A worker takes the item.`)
			w.define(n.starts, w.start(p))
			w.line("")
		}
		n.done = w.actions(p)
		for _, a := range n.done {
			w.line(`\* ` + shorten(a.comment, width-3))
			w.define(a.name+"(self)", a.body)
			w.line("")
			n.actions = append(n.actions, a.name)
		}
		var steps []expr
		for _, a := range n.actions {
			steps = append(steps, call(a, atom("self")))
		}
		w.line(`\* A step of it.`)
		w.define(n.step+"(self)", some(steps...))
	}
}

// next puts the actions together.
func (w *writer) next() {
	w.heading("behaviours")
	var moves, fair []expr
	for _, p := range w.procList {
		n := w.procs[p]
		if n.starts != "" {
			moves = append(moves, atom(n.starts))
			fair = append(fair, call("WF_vars", atom(n.starts)))
		}
		if n.calls != "" {
			moves = append(moves, bound{`\E self \in ` + n.calls + " :", call(n.called, atom("self"))})
		}
		step := call(n.step, atom("self"))
		if item, only := w.onlyWorker(p); only {
			step = call(n.step, text(item))
			moves, fair = append(moves, step), append(fair, call("WF_vars", step))
			continue
		}
		moves = append(moves, bound{`\E self \in ` + w.slotsOf(p).flat() + " :", step})
		fair = append(fair, bound{`\A self \in ` + w.slotsOf(p).flat() + " :", call("WF_vars", step)})
	}
	w.define("Next", junction{`\/`, moves})
	w.line("")
	w.line(`\* Whoever is at work goes on, and what is pending is started. Nobody has to call anything.`)
	w.define("Fairness", conj(fair))
	w.line("")
	w.line(`Spec == Init /\ [][Next]_vars /\ Fairness`)
}

// onlyWorker tells whether a process runs as a work item only, and as which.
func (w *writer) onlyWorker(p *steps.Process) (string, bool) {
	if w.has(p, machine.WorkerSlot) && w.kinds(p) == 1 {
		return w.worker(p), true
	}
	return "", false
}

// properties writes what is checked.
func (w *writer) properties() {
	w.heading("what must hold")
	for i, p := range w.props {
		if i > 0 {
			w.line("")
		}
		if !strings.HasPrefix(p.title, "balance ") && !strings.HasPrefix(p.title, "transitions ") {
			w.remark("", p.doc)
		}
		p.define(p)
	}
}
