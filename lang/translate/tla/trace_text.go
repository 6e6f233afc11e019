package tla

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// plainText is a text that may stand in a string of TLA+.
func plainText(s string) string {
	return strings.NewReplacer(`"`, "'", `\`, "/", "\n", " ").Replace(ascii(s))
}

// traceModule writes NameTrace.tla.
func (t *tracing) traceModule() {
	t.WriteString(rule(t.mc))
	t.traceAbout()
	t.line("EXTENDS " + t.name + ", Sequences")
	t.line("")
	for _, b := range t.bound {
		if b.def != "" {
			t.line(b.def)
		}
	}
	t.line(`\* How many records are to be explained.`)
	t.line("CONSTANT Goal")
	t.traceRecords()
	t.traceVariables()
	t.traceHelpers()
	var moves []expr
	for _, p := range t.procList {
		moves = append(moves, t.traceProcess(p))
	}
	t.traceNext(moves)
	t.traceAlias()
	t.line(strings.Repeat("=", width))
}

func (t *tracing) traceAbout() {
	doc := fmt.Sprintf(`The records of %[1]s in %[2]s, explained by %[3]s.tla: TLC looks for a behaviour that makes them, in this order, with silent
steps in between. A record that was not bound to %[1]s is left out. Of what records show beside their kind, such as arguments
and results, nothing is asked.

  java -cp tla2tools.jar tlc2.TLC %[4]s

Not_explained is violated: there is such a behaviour, and TLC shows it. No error is found: there is none.`, t.Subject, t.Capture.Name, t.name, t.mc)
	if t.Refused >= 0 {
		doc += fmt.Sprintf(" `rprocspec validate` refuses line %d; with\n\n  -config %s_refused.cfg\n\nTLC shows a behaviour up to the record before it, and what was possible then.", t.Records[t.Refused].Line, t.mc)
	} else {
		doc += " `rprocspec validate` explains all records and assumes nothing."
	}
	if t.Capture.Kernel != "" {
		doc += "\n\n" + t.Capture.Kernel
	}
	t.remark("", doc)
}

// traceRecords writes the records; times are seconds and nanoseconds, since numbers of TLC have 32 bits.
func (t *tracing) traceRecords() {
	t.heading("what was recorded")
	t.line("Trace == <<")
	for i, r := range t.Records {
		var shows []expr
		seen := map[string]bool{}
		for _, n := range r.Nodes {
			if m := t.mark(n); !seen[m] {
				seen[m] = true
				shows = append(shows, text(plainText(m)))
			}
		}
		at := max(r.Time, 0)
		e := record(named{"line |->", number(r.Line)}, named{"at |->", tuple(number(int(at/1e9)), number(int(at%1e9)))},
			named{"by |->", text(plainText(r.Thread))}, named{"shows |->", set(shows...)})
		ls := e.lines(width - 3)
		if i < len(t.Records)-1 {
			ls[len(ls)-1] += ","
		}
		for _, l := range ls {
			t.line("  " + l)
		}
	}
	t.line(">>")
}

func (t *tracing) traceVariables() {
	t.heading("who made it")
	by := []arm{}
	threads := map[string][]expr{}
	var order []string
	for _, c := range t.calls {
		if threads[c.thread] == nil {
			order = append(order, c.thread)
		}
		threads[c.thread] = append(threads[c.thread], text(c.id))
	}
	for _, th := range order {
		by = append(by, arm{compare(atom("self"), `\in`, set(threads[th]...)), text(plainText(th))})
	}
	by = append(by, arm{atom("OTHER"), text("")})
	t.line(`\* Calls of one function by one thread happen one after the other.`)
	t.define("InTurn", set(t.inTurn()...))
	t.line("")
	for _, n := range t.spawnNodes() {
		t.define("Kids_"+t.spawns[n], t.kidsOf(n))
		t.line("")
	}
	t.line("VARIABLES")
	t.remark("  ", "How many records are explained.")
	t.line("  i,")
	t.remark("  ", "What an activation has passed and not shown yet.")
	t.line("  owed,")
	t.remark("  ", "What it has shown of the way that it will go from here.")
	t.line("  ahead,")
	t.remark("  ", `The thread that it runs in, "" while that is not known.`)
	t.line("  by,")
	t.remark("  ", "Whether it has shown anything: one that never does is not looked for.")
	t.line("  shown")
	t.line("")
	t.line("traceVars == <<vars, i, owed, ahead, by, shown>>")
	t.line("")
	t.define("Thread(self)", cases{by})
	t.line("")
	t.define("TraceInit", conj(t.traceInit()))
}

// inTurn lists the calls of one function by one thread, where there are several.
func (t *tracing) inTurn() []expr {
	type key struct {
		thread string
		slot   int
	}
	ids := map[key][]expr{}
	var order []key
	for _, c := range t.calls {
		k := key{c.thread, c.slot}
		if ids[k] == nil {
			order = append(order, k)
		}
		ids[k] = append(ids[k], text(c.id))
	}
	var all []expr
	for _, k := range order {
		if len(ids[k]) > 1 {
			all = append(all, tuple(ids[k]...))
		}
	}
	return all
}

// traceInit says how a capture may begin.
func (t *tracing) traceInit() []expr {
	var items []expr
	for _, g := range t.m.Vars {
		if g.Kind > machine.VarGlobal {
			continue
		}
		var vals []expr
		for _, v := range t.Start[g.Index] {
			vals = append(vals, t.value(g.Object.Type, v))
		}
		items = append(items, compare(atom(t.globals[g.Index]), `\in`, set(vals...)))
	}
	for _, q := range t.quiet() {
		if t.Quiet && q.flat() == "active = {}" {
			q = compare(atom("active"), `\in`, raw{"SUBSET " + t.names2("active").flat(), setLevel})
		}
		items = append(items, q)
	}
	for _, d := range t.m.Props {
		if d.Decl.Kind == lang.Invariant && !d.Decl.Warning && !t.Quiet {
			items = append(items, atom(t.propertyName(d.Decl.Name.Name)))
		}
	}
	start := func(v, val string) expr {
		return compare(atom(v), "=", raw{"[self \\in Activations |-> " + val + "]", atomLevel})
	}
	return append(items, raw{"i = 0", compareLevel}, start("owed", "<<>>"), start("ahead", "<<>>"),
		start("by", "Thread(self)"), start("shown", "FALSE"))
}

// kidsOf is the function from activations to what a statement of theirs spawns.
func (t *tracing) kidsOf(n *machine.Node) expr {
	var from []expr
	var arms []arm
	for _, k := range t.kids[n] {
		from = append(from, text(k[0]))
		arms = append(arms, arm{compare(atom("self"), "=", text(k[0])), text(k[1])})
	}
	if len(arms) == 0 {
		return tuple()
	}
	return list{"[", "]", []expr{bound{`self \in ` + set(from...).flat() + " |->", cases{arms}}}}
}

func (w *writer) propertyName(title string) string {
	for _, p := range w.props {
		if p.title == title {
			return p.name
		}
	}
	return ""
}

// free is the set of the activations that no thread calls.
func (t *tracing) free() expr {
	var sets []expr
	for _, p := range t.procList {
		if n := t.procs[p]; n.calls != "" {
			sets = append(sets, atom(n.calls))
		}
	}
	if len(sets) == 0 {
		return atom("Activations")
	}
	if len(sets) == 1 {
		return without(atom("Activations"), sets[0])
	}
	return without(atom("Activations"), unions(sets))
}

func (t *tracing) traceHelpers() {
	t.define("Free", t.free())
	t.line("")
	var may []expr
	seen := map[string]bool{}
	for _, n := range t.m.Nodes[1:] {
		if m := t.mark(n); t.May[n.ID] && !seen[m] && (n.Kind.IsObs() || n.Kind == machine.Log) {
			seen[m] = true
			may = append(may, text(plainText(m)))
		}
	}
	t.line(`\* Records that may be missing.`)
	t.define("May", set(may...))
	t.WriteString(`
\* The next record is of this kind, and this activation makes it.
Takes(self, mark) ==
  /\ i < Len(Trace)
  /\ mark \in Trace[i + 1].shows
  /\ \/ by[self] = Trace[i + 1].by /\ UNCHANGED by
     \/ /\ by[self] = ""
        /\ \A a \in Activations : Live(a) => by[a] # Trace[i + 1].by
        /\ by' = [by EXCEPT ![self] = Trace[i + 1].by]
  /\ i' = i + 1
  /\ shown' = [shown EXCEPT ![self] = TRUE]

\* A step comes after what was owed, and on the way that was shown; then the next is owed.
Passes(self, before, after) ==
  /\ owed[self] = <<>>
  /\ ahead[self] \in before
  /\ owed' = [owed EXCEPT ![self] = after]
  /\ ahead' = [ahead EXCEPT ![self] = <<>>]

\* A step that leaves no record, one that leaves a record, one that may.
Silently(self, before, after) == Passes(self, before, after) /\ UNCHANGED <<i, by, shown>>
Records(self, mark, before, after) == Passes(self, before, after) /\ Takes(self, mark)
Maybe(self, mark, before, after) ==
  Records(self, mark, before, after) \/ Silently(self, before, after)

\* One that may leave a record, and must once so many are explained: a level of the log is known to
\* be complete from its first line on.
Later(self, mark, n, before, after) ==
  Records(self, mark, before, after) \/ (i < n /\ Silently(self, before, after))

\* A step that starts another activation.
Spawns(self, child, before, after, begun) ==
  /\ owed[self] = <<>>
  /\ ahead[self] \in before
  /\ owed' = [owed EXCEPT ![self] = after, ![child] = begun]
  /\ ahead' = [ahead EXCEPT ![self] = <<>>]
  /\ UNCHANGED <<i, by, shown>>

\* What was passed shows up, or is missing.
Shows(self) ==
  /\ owed[self] # <<>>
  /\ Takes(self, Head(owed[self]))
  /\ owed' = [owed EXCEPT ![self] = Tail(owed[self])]
  /\ UNCHANGED <<vars, ahead>>
Misses(self) ==
  /\ owed[self] # <<>>
  /\ Head(owed[self]) \in May
  /\ owed' = [owed EXCEPT ![self] = Tail(owed[self])]
  /\ UNCHANGED <<vars, i, ahead, by, shown>>

\* A thread begins a call when its next record is due; one call at a time.
Begins(self) ==
  /\ i < Len(Trace)
  /\ by[self] = Trace[i + 1].by
  /\ \A a \in Activations : Live(a) => by[a] # by[self]
  /\ \A q \in InTurn : \A k \in 2..Len(q) : q[k] = self => pc[q[k - 1]] = "done"
  /\ UNCHANGED <<i, ahead, by, shown>>

\* It ends; who has no thread of its own may find another.
Ends(self) ==
  /\ owed[self] = <<>>
  /\ ahead[self] = <<>>
  /\ shown[self] \/ self \in Free
  /\ by' = IF self \in Free THEN [by EXCEPT ![self] = ""] ELSE by
  /\ UNCHANGED <<i, owed, ahead, shown>>
`)
	t.edgeHelper()
}

// edgeHelper defines what a change of a wakeup source shows.
func (t *tracing) edgeHelper() {
	if len(t.m.Wakeups) == 0 {
		return
	}
	var on, off []expr
	for _, s := range t.m.Wakeups {
		g := t.m.Globals[s.Global]
		name := text(g.Object.Name)
		a, b := compare(name, `\in`, atom("active")), compare(name, `\in`, atom("active'"))
		if s.Counted {
			a, b = compare(atom("holds["+name.flat()+"]"), ">", number(0)), compare(atom("holds'["+name.flat()+"]"), ">", number(0))
		}
		on, off = append(on, all2(not(a), b)), append(off, all2(a, not(b)))
	}
	shows := func(yes bool, mark string) expr {
		if yes {
			return raw{`Records(self, "` + mark + `", before, after)`, atomLevel}
		}
		return raw{"Silently(self, before, after)", atomLevel}
	}
	t.line("")
	t.line(`\* A step that may change a wakeup source.`)
	t.define("Edge(self, before, after)", choice{some(on...), shows(t.On, "edge on"), choice{
		some(off...), shows(t.Off, "edge off"), raw{"Silently(self, before, after)", atomLevel},
	}})
}

func (t *tracing) traceNext(moves []expr) {
	t.heading("behaviours")
	items := append(moves, bound{`\E self \in Activations :`, raw{`Shows(self) \/ Misses(self)`, junctionLevel}})
	for g, gl := range t.m.Globals {
		if !gl.Havoc || !slices.Contains(t.m.Vars, gl) {
			continue
		}
		rest := "UNCHANGED <<pc, i, owed, ahead, by, shown>>"
		if t.registers {
			rest = "UNCHANGED <<pc, frame, i, owed, ahead, by, shown>>"
		}
		items = append(items, bound{
			`\E v \in ` + t.typeSet(gl.Object.Type, false).flat() + " :",
			all2(call(t.setter(g), atom("v")), raw{rest, minusLevel}),
		})
	}
	flat := junction{op: `\/`}
	for _, e := range items {
		if j, ok := e.(junction); ok && j.op == `\/` {
			flat.items = append(flat.items, j.items...)
		} else {
			flat.items = append(flat.items, e)
		}
	}
	t.define("TraceNext", flat)
	t.line("")
	t.line(`TraceSpec == TraceInit /\ [][TraceNext]_traceVars`)
	t.line("")
	t.line(`\* Violated by a behaviour that makes as many records as are asked for.`)
	t.line("Not_explained == i < Goal")
}

// traceAlias writes what TLC is to show of a state.
func (t *tracing) traceAlias() {
	t.line("")
	t.line(`\* Which statements an activation could execute, whatever the records say.`)
	var sets []arm
	for _, p := range t.procList {
		var on []expr
		for _, a := range t.procs[p].done {
			on = append(on, named{a.name + " |->", raw{"ENABLED " + a.name + "(self)", minusLevel}})
		}
		name := t.names.take("Enabled_" + p.Name)
		t.define(name+"(self)", record(on...))
		t.line("")
		sets = append(sets, arm{compare(atom("self"), `\in`, t.slotsOf(p)), call(name, atom("self"))})
	}
	t.define("Enabled(self)", cases{sets})
	t.line(`Goes(self) == {n \in DOMAIN Enabled(self) : Enabled(self)[n]}`)
	t.line("")
	t.line(`\* What TLC shows: how far it is, who is at work, and what could be executed next.`)
	fields := []expr{
		named{"explained |->", atom("i")},
		named{"next |->", raw{"IF i < Len(Trace) THEN Trace[i + 1] ELSE <<>>", quantLevel}},
		named{"at |->", raw{`[self \in {a \in Activations : Live(a)} |-> pc[self]]`, atomLevel}},
		named{"owed |->", raw{`[self \in {a \in Activations : owed[a] # <<>>} |-> owed[self]]`, atomLevel}},
		named{"enabled |->", raw{`[self \in {a \in Activations : Live(a)} |-> Goes(self)]`, atomLevel}},
	}
	for _, g := range t.groups() {
		for _, v := range g.vars {
			fields = append(fields, named{field(v) + "_ |->", atom(v)})
		}
	}
	t.define("Alias", record(fields...))
}

// traceConfig writes a configuration that asks for some of the records.
func (t *tracing) traceConfig(goal int) {
	t.line(`\* ` + t.mc + ".tla says what this is.")
	t.line("SPECIFICATION TraceSpec")
	t.line("CHECK_DEADLOCK FALSE")
	t.line("INVARIANT Not_explained")
	t.line("ALIAS Alias")
	t.line("")
	t.line("CONSTANTS")
	t.line("  Goal = " + number(goal).flat())
	for _, b := range t.bound {
		t.line("  " + b.name + " " + b.sign + " " + b.value)
	}
	for _, p := range t.procList {
		if n := t.procs[p]; n.calls != "" {
			var ids []expr
			for _, c := range t.calls {
				if t.m.Slots[c.slot].Proc == p.Proc {
					ids = append(ids, text(c.id))
				}
			}
			t.line("  " + n.calls + " = " + set(ids...).flat())
		}
	}
	for _, n := range t.spawnNodes() {
		t.line("  " + t.spawns[n] + " <- Kids_" + t.spawns[n])
	}
}
