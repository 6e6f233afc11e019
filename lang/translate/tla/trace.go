package tla

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// Capture is what a validator has bound to one subject of a trace.
type Capture struct {
	Name    string // of the trace
	Subject string
	Records []Record
	Refused int                   // number of the first record that has no explanation, −1 if there is none
	Start   map[int][]machine.Val // what features, device constants and variables may be before the first record
	Quiet   bool                  // wakeup sources may be active and invariants broken then
	// Must and May tell, by node, whose records the capture has: always, or where none is missing.
	Must, May map[int]bool
	On, Off   bool // the capture has the edges of wakeup sources
}

// Record is a record with the nodes that make such records.
type Record struct {
	Line   int
	Time   int64 // nanoseconds
	Thread string
	Nodes  []*machine.Node
}

// Trace writes a specification as the processes of a capture run it, and a module that explains the capture's records
// by it. The error says what of the capture cannot be told so.
func Trace(m *machine.Machine, opt Options, c Capture) ([]File, error) {
	if err := explainable(c); err != nil {
		return nil, err
	}
	t := &tracing{Capture: c}
	in, err := t.instance(m, opt.Kernel)
	if err != nil {
		return nil, err
	}
	t.writer = newWriter(steps.Observed(in), opt)
	t.mc = t.name + "Trace"
	for _, n := range []string{
		"Trace", "Goal", "Thread", "Enabled", "Goes", "n", "Free", "May", "InTurn", "Takes", "Passes", "Silently", "Records", "Maybe", "Shows",
		"Misses", "Begins", "Ends", "Edge", "Spawns", "begun", "Alias", "Not_explained", "TraceInit", "TraceNext", "TraceSpec", "traceVars", "i", "owed", "ahead", "by", "shown", "r", "k", "q", "s", "before", "after", "mark",
	} {
		t.names.used[n] = true
	}
	for g, gl := range m.Globals {
		if gl.Havoc && slices.Contains(t.m.Vars, gl) {
			t.setter(g)
		}
	}
	module := t.module()
	t.children()
	t.bound = t.constantBindings()
	trace := t.part(t.traceModule)
	files := []File{{t.name + ".tla", module}, {t.mc + ".tla", trace}, {t.mc + ".cfg", t.part(func() { t.traceConfig(len(c.Records)) })}}
	if c.Refused >= 0 {
		files = append(files, File{t.mc + "_refused.cfg", t.part(func() { t.traceConfig(c.Refused) })})
	}
	return files, nil
}

// explainable refuses what the module cannot tell.
func explainable(c Capture) error {
	if len(c.Records) == 0 {
		return fmt.Errorf("%s: no record of it was bound to %s: there is nothing to explain", c.Name, c.Subject)
	}
	for _, r := range c.Records {
		own := func(n *machine.Node) bool {
			return c.Must[n.ID] || c.May[n.ID] || n.Kind == machine.Awake || n.Kind == machine.Relax || n.Kind == machine.Destroy
		}
		if !slices.ContainsFunc(r.Nodes, own) {
			return fmt.Errorf("%s:%d: nothing in the specification makes this record", c.Name, r.Line)
		}
	}
	return nil
}

// tracing writes a capture.
type tracing struct {
	*writer
	Capture
	calls []threadCall
	kids  map[*machine.Node][][2]string // by statement: who spawns whom
}

// threadCall is a call that a thread may make.
type threadCall struct {
	id, thread string
	slot       int
}

// instance gives every process that a record may show an activation, the work items, and what these spawn.
func (t *tracing) instance(m *machine.Machine, kernel string) (*machine.Instance, error) {
	in := &machine.Instance{Machine: m, Kernel: kernel}
	for _, p := range m.Procs {
		if p.Work < 0 && !p.Decl.Unobserved && t.shows(p) {
			in.Slots = append(in.Slots, machine.Slot{Kind: machine.OnceSlot, Proc: p, First: len(in.Slots)})
		}
	}
	for i, w := range m.Works {
		in.Slots = append(in.Slots, machine.Slot{Kind: machine.WorkerSlot, Proc: w.Proc, Work: i})
	}
	for i := 0; i < len(in.Slots) && len(in.Slots) < machine.MaxSlots; i++ {
		for _, n := range m.Nodes[1:] {
			if n.Kind == machine.Spawn && n.Root == in.Slots[i].Proc {
				in.Slots = append(in.Slots, machine.Slot{Kind: machine.SpawnedSlot, Proc: n.Proc, Spawner: i, Node: n})
			}
		}
	}
	for i := range in.Slots {
		in.Slots[i].Off = m.NumGlobals + i*m.FrameSize
	}
	var err error
	in.Inits, err = m.Initials(kernel, nil)
	t.narrow(in)
	return in, err
}

// narrow makes features that the trace or the kernel decides constants.
func (t *tracing) narrow(in *machine.Instance) {
	for g, gl := range in.Globals {
		if vs := t.Start[g]; gl.Kind <= machine.DeviceGlobal && len(vs) == 1 {
			for _, s := range in.Inits {
				s[g] = vs[0]
			}
		}
	}
}

// shows tells whether an activation of p may have begun in the capture: its entry was recorded, or what it does without
// an entry on record.
func (t *tracing) shows(p *machine.Proc) bool {
	entry := p.Entry
	for _, r := range t.Records {
		for _, n := range r.Nodes {
			if n.Root == p && (!t.Must[entry.ID] || n == entry) && !(n.Nested && !t.Must[entry.ID]) {
				return true
			}
		}
	}
	return false
}

// threadCalls lists the calls that threads may make: for every thread and process as many as records admit.
func (t *tracing) threadCalls() []threadCall {
	var all []threadCall
	for i := range t.m.Slots {
		s := &t.m.Slots[i]
		if s.Kind != machine.OnceSlot {
			continue
		}
		count := map[string]int{}
		for _, r := range t.Records {
			if slices.ContainsFunc(r.Nodes, func(n *machine.Node) bool {
				return n.Root == s.Proc && (n == s.Proc.Entry || !t.Must[s.Proc.Entry.ID])
			}) {
				count[r.Thread]++
				all = append(all, threadCall{fmt.Sprintf("%s: %s#%d", plainText(r.Thread), s.Proc.Name, count[r.Thread]), r.Thread, i})
			}
		}
	}
	return all
}

// plainText is a text that may stand in a string of TLA+.
func plainText(s string) string {
	return strings.NewReplacer(`"`, "'", `\`, "/", "\n", " ").Replace(ascii(s))
}

// children names what activations spawn.
func (t *tracing) children() {
	t.calls = t.threadCalls()
	t.kids = map[*machine.Node][][2]string{}
	ids := map[*machine.Proc][]string{}
	for _, c := range t.calls {
		p := t.m.Slots[c.slot].Proc
		ids[p] = append(ids[p], c.id)
	}
	for i, s := range t.m.Slots {
		switch s.Kind {
		case machine.WorkerSlot:
			ids[s.Proc] = append(ids[s.Proc], t.activation(i))
		case machine.SpawnedSlot:
			if t.kids[s.Node] != nil {
				continue
			}
			for _, by := range ids[s.Node.Root] {
				kid := fmt.Sprintf("%s/%s#%d", by, s.Proc.Name, i)
				t.kids[s.Node] = append(t.kids[s.Node], [2]string{by, kid})
				ids[s.Proc] = append(ids[s.Proc], kid)
			}
		}
	}
}

// mark names a kind of record.
func (t *tracing) mark(n *machine.Node) string {
	switch n.Kind {
	case machine.ObsEnter:
		return "enter " + n.Func.Name
	case machine.ObsExit:
		return "exit " + n.Func.Name
	case machine.ObsCall:
		return "call " + n.Text
	case machine.ObsQueued:
		return "queue " + t.m.Info.Works[n.Work].Name
	case machine.ObsWorkStart:
		return "start " + t.m.Info.Works[n.Work].Name
	case machine.ObsWorkEnd:
		return "end " + t.m.Info.Works[n.Work].Name
	case machine.Awake:
		return "edge on"
	case machine.Relax, machine.Destroy:
		return "edge off"
	}
	return "log " + position(n.Span.Start)
}

func (t *tracing) visible(n *machine.Node) bool { return t.Must[n.ID] || t.May[n.ID] }

// marks lists what passing nodes leaves in the capture.
func (t *tracing) marks(ns []*machine.Node) []expr {
	var all []expr
	for _, n := range ns {
		if t.visible(n) {
			all = append(all, text(t.mark(n)))
		}
	}
	return all
}

// passed writes the marks that a flow leaves behind it.
func (t *tracing) passed(f *steps.Flow, regs scope) expr {
	if f.If != nil {
		return either(t.term(f.If, regs), t.passed(f.Then, regs), t.passed(f.Else, regs))
	}
	if len(f.Passed) > 0 && f.Passed[0].Kind == machine.ObsQueued {
		rest := tuple(t.marks(f.Passed[1:])...)
		return either(t.use("Pending", text(t.m.Info.Works[f.Passed[0].Work].Name)), rest, tuple(t.marks(f.Passed)...))
	}
	return tuple(t.marks(f.Passed)...)
}

// ways lists the sequences of marks on the ways from a choice to a node.
func (t *tracing) ways(from, to *machine.Node) []string {
	found := map[string]bool{}
	seen := 0
	var walk func(n *machine.Node, ms []expr)
	walk = func(n *machine.Node, ms []expr) {
		if n == nil || seen > 1000 {
			return
		}
		seen++
		if n == to {
			found[tuple(ms...).flat()] = true
			return
		}
		switch {
		case n.Kind == machine.Choice:
			for _, a := range n.Alts {
				walk(a, ms)
			}
		case n.Kind == machine.Branch:
			walk(n.Next, ms)
			walk(n.Else, ms)
		case n.Kind == machine.Set:
			walk(n.Next, ms)
		case n.Kind.IsObs():
			if t.visible(n) {
				if t.May[n.ID] {
					walk(n.Next, ms)
				}
				ms = append(ms[:len(ms):len(ms)], text(t.mark(n)))
			}
			walk(n.Next, ms)
		}
	}
	walk(from, nil)
	var all []string
	for s := range found {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
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

// traceProcess writes what an activation of p does and shows, and gives the moves of all of them.
func (t *tracing) traceProcess(p *steps.Process) expr {
	n := t.procs[p]
	t.heading(p.Name + "()")
	var moves []expr
	owe := func(self string, regs scope) expr {
		return compare(atom("owed'"), "=", except("owed", named{"![" + self + "] =", t.passed(p.Entry, regs)}))
	}
	if n.calls != "" {
		regs := func(r int) expr { return atom("frame'[self]." + n.fields[r]) }
		name := t.names.take("Begin_" + p.Name)
		t.define(name+"(self)", conj([]expr{call(n.called, atom("self")), call("Begins", atom("self")), owe("self", regs)}))
		t.line("")
		moves = append(moves, bound{`\E self \in ` + n.calls + " :", call(name, atom("self"))})
	}
	if n.starts != "" {
		item := `"` + t.worker(p) + `"`
		name := t.names.take("Begin_" + t.worker(p))
		queued := raw{`\A a \in Activations : \A k \in 1..Len(owed[a]) : owed[a][k] # "queue ` + t.worker(p) + `"`, quantLevel}
		t.define(name, conj([]expr{
			queued, atom(n.starts), owe(item, t.reading(p)), raw{"UNCHANGED <<i, ahead, by, shown>>", minusLevel},
		}))
		t.line("")
		moves = append(moves, atom(name))
	}
	forAll := func(e func(self expr) expr) expr {
		if item, only := t.onlyWorker(p); only {
			return e(text(item))
		}
		return bound{`\E self \in ` + t.slotsOf(p).flat() + " :", e(atom("self"))}
	}
	ahead, steps := t.traceSteps(p)
	name := t.names.take("Step_" + p.Name)
	t.define(name+"(self)", steps)
	if len(ahead) > 0 {
		show := t.names.take("Ahead_" + p.Name)
		t.line("")
		t.line(`\* What it may show before it takes the next step.`)
		ways := t.names.take("Ways_" + p.Name)
		t.define(ways+"(self)", cases{append(ahead, arm{atom("OTHER"), set()})})
		t.define(show+"(self)", t.showsAhead(ways))
		return some(append(moves, forAll(func(self expr) expr { return some(call(name, self), call(show, self)) }))...)
	}
	return some(append(moves, forAll(func(self expr) expr { return call(name, self) }))...)
}

// traceSteps writes the actions of p with what they leave in the capture; ahead are the sequences that an activation may
// show before it leaves a place.
func (t *tracing) traceSteps(p *steps.Process) (ahead []arm, all expr) {
	var items, plain []expr
	byPlace := map[string]map[string]bool{}
	var places []string
	for _, a := range t.procs[p].done {
		st := a.steps[0]
		self := atom("self")
		act := call(a.name, self)
		before := []string{"<<>>"}
		if st.From.Node.Kind == machine.Choice {
			before = t.ways(st.From.Node, st.Node)
		}
		place := t.labels[st.From]
		for _, b := range before {
			if b == "<<>>" {
				continue
			}
			if byPlace[place] == nil {
				byPlace[place] = map[string]bool{}
				places = append(places, place)
			}
			byPlace[place][b] = true
		}
		pre := set(atoms(before)...)
		post := t.afterwards(p, a)
		shown := t.leaves(st.Node, pre, post)
		if st.Node.Kind == machine.Spawn {
			shown = t.spawns0(st.Node, pre, post)
		}
		if shown.flat() == "Silently(self, {<<>>}, <<>>)" {
			plain = append(plain, act)
			continue
		}
		items = append(items, all2(act, shown))
	}
	if len(plain) > 0 {
		items = append(items, all2(some(plain...), raw{"Silently(self, {<<>>}, <<>>)", atomLevel}))
	}
	for _, place := range places {
		var seqs []string
		for s := range byPlace[place] {
			seqs = append(seqs, s)
		}
		slices.Sort(seqs)
		ahead = append(ahead, arm{compare(atom("pc[self]"), "=", text(place)), set(atoms(seqs)...)})
	}
	return ahead, junction{`\/`, items}
}

// spawns0 writes what a step leaves that starts another activation: that one owes what it passes at its beginning.
func (t *tracing) spawns0(n *machine.Node, pre, post expr) expr {
	q := t.process(n.Proc)
	child := t.spawns[n] + "[self]"
	begun := t.passed(q.Entry, func(r int) expr { return atom("frame'[" + child + "]." + t.procs[q].fields[r]) })
	return call("Spawns", atom("self"), atom(child), pre, post, begun)
}

func all2(a, b expr) expr { return junction{`/\`, []expr{a, b}} }

// afterwards is what is owed after an action.
func (t *tracing) afterwards(p *steps.Process, a action) expr {
	regs := t.reading(p)
	post := t.passed(a.steps[0].Then, regs)
	if len(a.steps) == 2 {
		yes, no := a.steps[0], a.steps[1]
		n := 0
		for n < len(yes.Guards) && n < len(no.Guards) && yes.Guards[n].Equal(no.Guards[n]) {
			n++
		}
		post = either(all(t.guards(yes.Guards[n:], regs)...), post, t.passed(no.Then, regs))
	}
	return post
}

// leaves writes what a step at a node leaves in the capture.
func (t *tracing) leaves(n *machine.Node, pre, post expr) expr {
	self := atom("self")
	switch n.Kind {
	case machine.End:
		return call("Ends", self)
	case machine.Log:
		switch m := text(plainText(t.mark(n))); {
		case t.Must[n.ID]:
			return call("Records", self, m, pre, post)
		case t.May[n.ID]:
			return call("Maybe", self, m, pre, post)
		}
	case machine.Awake, machine.Relax, machine.Destroy, machine.Atomic:
		if len(t.m.Wakeups) > 0 {
			return call("Edge", self, pre, post)
		}
	}
	return call("Silently", self, pre, post)
}

// showsAhead lets an activation show what lies on one of its ways.
func (t *tracing) showsAhead(ways string) expr {
	return conj([]expr{
		raw{"owed[self] = <<>>", compareLevel},
		bound{`\E s \in ` + ways + "(self) :", conj([]expr{
			raw{"Len(ahead[self]) < Len(s)", compareLevel},
			raw{"SubSeq(s, 1, Len(ahead[self])) = ahead[self]", compareLevel},
			raw{"Takes(self, s[Len(ahead[self]) + 1])", atomLevel},
			raw{"ahead' = [ahead EXCEPT ![self] = SubSeq(s, 1, Len(ahead[self]) + 1)]", compareLevel},
		})},
		raw{"UNCHANGED <<vars, owed>>", minusLevel},
	})
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
