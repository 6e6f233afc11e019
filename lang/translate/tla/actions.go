package tla

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// action is a named action of a process.
type action struct {
	name    string
	comment string
	body    expr
	steps   []*steps.Step // one, or the two sides of a test
}

// actions writes what an activation of p can do, statement by statement.
func (w *writer) actions(p *steps.Process) []action {
	var all []action
	for _, pt := range p.Points {
		for i := 0; i < len(pt.Steps); i++ {
			st := pt.Steps[i]
			a := action{comment: w.comment(st.Node)}
			if i+1 < len(pt.Steps) && complementary(st, pt.Steps[i+1]) {
				i++
				a.steps, a.body = pt.Steps[i-1:i+1], w.test(p, st, pt.Steps[i])
			} else {
				a.steps, a.body = pt.Steps[i:i+1], w.step(p, st)
			}
			a.name = w.actionName(p, pt, st)
			all = append(all, a)
		}
	}
	return all
}

// actionName is that of the place, or of the statement where a place offers several.
func (w *writer) actionName(p *steps.Process, pt *steps.Point, st *steps.Step) string {
	if (pt.Node == st.Node || tries(pt.Node)) && st == pt.Steps[0] {
		return w.labels[pt]
	}
	return w.names.take(w.base(p, st.Node))
}

// complementary tells whether two steps are the two sides of one test, reached in the same way.
func complementary(a, b *steps.Step) bool {
	x, y := a.Edge, b.Edge
	if a.Node != b.Node || a.Node.Kind != machine.Test || len(x.Pre) != len(y.Pre) {
		return false
	}
	for i := range x.Pre {
		if x.Pre[i].Guard != y.Pre[i].Guard || x.Pre[i].Reg != y.Pre[i].Reg || x.Pre[i].Value != y.Pre[i].Value {
			return false
		}
	}
	return sameConds(x.Guards, a.Node.Cond.Then) && sameConds(y.Guards, a.Node.Cond.Else) && len(a.Guards) > 0 && len(b.Guards) > 0
}

func sameConds(a, b []*machine.Conj) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// test writes both sides of a test as one action.
func (w *writer) test(p *steps.Process, yes, no *steps.Step) expr {
	n := 0
	for n < len(yes.Guards) && n < len(no.Guards) && yes.Guards[n].Equal(no.Guards[n]) {
		n++
	}
	regs := w.reading(p)
	items := []expr{w.at(yes)}
	items = append(items, w.guards(yes.Guards[:n], regs)...)
	items = append(items, choice{all(w.guards(yes.Guards[n:], regs)...), w.goes(p, yes.Then), w.goes(p, no.Then)}, w.use("NoEffect"))
	if c, ok := items[len(items)-2].(choice); ok {
		if merged := w.decided(p, c.c, yes, no); merged != nil {
			items[len(items)-2] = merged
		}
	}
	return conj(items)
}

// decided writes a test that leaves registers alone as one Goto.
func (w *writer) decided(p *steps.Process, c expr, yes, no *steps.Step) expr {
	if sets(yes.Then) || sets(no.Then) || yes.Then.If != nil || no.Then.If != nil {
		return nil
	}
	return w.use("Goto", atom("self"), choice{c, w.place(p, yes.Then), w.place(p, no.Then)})
}

// conj keeps a list of conjuncts a list, even of one.
func conj(items []expr) expr {
	var keep []expr
	for _, e := range items {
		if e != expr(truth) {
			keep = append(keep, e)
		}
	}
	return junction{`/\`, keep}
}

func (w *writer) at(st *steps.Step) expr {
	return w.use("At", atom("self"), text(w.labels[st.From]))
}

func (w *writer) guards(terms []*machine.Term, regs scope) []expr {
	var all []expr
	for _, g := range terms {
		all = append(all, w.term(g, regs))
	}
	return all
}

// reading reads the registers of self.
func (w *writer) reading(p *steps.Process) scope {
	return func(r int) expr { return atom("frame[self]." + w.procs[p].fields[r]) }
}

// step writes one step.
func (w *writer) step(p *steps.Process, st *steps.Step) expr {
	regs := w.reading(p)
	items := []expr{w.at(st)}
	guards := st.Guards
	if st.Node.Kind == machine.Lock {
		guards = guards[:len(guards)-1] // Lock says it
	}
	items = append(items, w.guards(guards, regs)...)
	if st.Node.Kind == machine.Spawn {
		return w.spawn(p, st, items)
	}
	effect := w.effect(p, st, regs)
	if len(effect) == 1 && effect[0].flat() == "NoEffect" {
		return conj(append(items, w.goes(p, st.Then), effect[0]))
	}
	return conj(append(append(items, effect...), w.goes(p, st.Then)))
}

// effect writes what a step does to what activations share, by the helper of its primitive.
func (w *writer) effect(p *steps.Process, st *steps.Step, regs scope) []expr {
	n := st.Node
	switch n.Kind {
	case machine.Lock, machine.Unlock:
		return []expr{w.use(map[machine.NodeKind]string{machine.Lock: "Lock", machine.Unlock: "Unlock"}[n.Kind], text(w.m.Info.Mutexes[n.Mutex].Name))}
	case machine.Awake, machine.Relax:
		return []expr{w.use(w.wakeHelper(n), text(w.m.Info.Wakeups[n.Wakeup].Name))}
	case machine.Queue, machine.Cancel:
		return []expr{w.use(map[machine.NodeKind]string{machine.Queue: "Queue", machine.Cancel: "Cancel"}[n.Kind], text(w.m.Info.Works[n.Work].Name))}
	case machine.Destroy:
		if len(w.m.Wakeups) > 0 || w.m.Ended >= 0 {
			return []expr{w.use("DestroySources")}
		}
	case machine.Assign, machine.Atomic:
		return w.updates(st.Updates, regs)
	}
	return []expr{w.use("NoEffect")}
}

func (w *writer) wakeHelper(n *machine.Node) string {
	name := map[machine.NodeKind]string{machine.Awake: "StayAwake", machine.Relax: "Relax"}[n.Kind]
	if w.m.Wakeups[n.Wakeup].Counted {
		name += "Counted"
	}
	return name
}

// goes writes where an activation is after a step, and what its registers are.
func (w *writer) goes(p *steps.Process, f *steps.Flow) expr {
	switch {
	case !sets(f) && !(ends(f) && w.procs[p].fresh != ""):
		return w.use("Goto", atom("self"), w.place(p, f))
	}
	frame := w.frame(p, f, atom("frame[self]"), w.reading(p))
	if _, differ := frame.(choice); f.If != nil && differ {
		return choice{w.term(f.If, w.reading(p)), w.goes(p, f.Then), w.goes(p, f.Else)}
	}
	return w.use("GotoWith", atom("self"), w.place(p, f), frame)
}

// sets tells whether a flow changes registers somewhere.
func sets(f *steps.Flow) bool {
	return f.If != nil && (sets(f.Then) || sets(f.Else)) || f.If == nil && len(f.Sets) > 0
}

// ends tells whether a flow ends the activation somewhere.
func ends(f *steps.Flow) bool {
	return f.If != nil && (ends(f.Then) || ends(f.Else)) || f.If == nil && f.To == nil
}

// place writes the value of pc that a flow leads to.
func (w *writer) place(p *steps.Process, f *steps.Flow) expr { return w.placeBy(p, f, w.reading(p)) }

func (w *writer) placeBy(p *steps.Process, f *steps.Flow, regs scope) expr {
	switch {
	case f.If != nil:
		return either(w.term(f.If, regs), w.placeBy(p, f.Then, regs), w.placeBy(p, f.Else, regs))
	case f.To == nil:
		return w.rest(p)
	}
	return text(w.labels[f.To])
}

// either decides between two expressions, if they differ.
func either(c, a, b expr) expr {
	if a.flat() == b.flat() {
		return a
	}
	return choice{c, a, b}
}

// rest is where an activation is that has ended: one that the environment started never comes back.
func (w *writer) rest(p *steps.Process) expr {
	n := w.procs[p]
	switch {
	case n.calls == "":
		return text("idle")
	case w.kinds(p) == 1:
		return text("done")
	}
	return choice{compare(atom("self"), `\in`, atom(n.calls)), text("done"), text("idle")}
}

// frame writes the registers after a flow, old being those before it.
func (w *writer) frame(p *steps.Process, f *steps.Flow, old expr, regs scope) expr {
	n := w.procs[p]
	switch {
	case f.If != nil:
		return either(w.term(f.If, regs), w.frame(p, f.Then, old, regs), w.frame(p, f.Else, old, regs))
	case f.To == nil:
		return atom(n.fresh)
	case len(f.Sets) == 0:
		return old
	}
	var ups []expr
	for _, u := range f.Sets {
		r := u.Loc.Reg()
		ups = append(ups, named{"!." + n.fields[r] + " =", w.typed(u.Term, p.Regs[r], regs)})
	}
	return except(old.flat(), ups...)
}

// begin writes the place and the registers of an activation that begins with these parameters.
func (w *writer) begin(p *steps.Process, args map[int]expr) (pc, frame expr) {
	n := w.procs[p]
	regs := func(r int) expr {
		if e := args[r]; e != nil {
			return e
		}
		return w.value(p.Regs[r], p.Registers[r].First)
	}
	pc = w.placeBy(p, p.Entry, regs)
	if n.fresh == "" {
		return pc, nil
	}
	old := expr(atom(n.fresh))
	if len(args) > 0 {
		var ups []expr
		for _, r := range p.Params {
			ups = append(ups, named{"!." + n.fields[r] + " =", args[r]})
		}
		old = except(n.fresh, ups...)
	}
	return pc, w.frame(p, p.Entry, old, regs)
}

// parameters binds the parameters of p to any values of their types around body.
func (w *writer) parameters(p *steps.Process, body func(args map[int]expr) expr) expr {
	args := map[int]expr{}
	var heads []string
	taken := map[string]bool{}
	for _, r := range p.Params {
		name := w.boundName(p.Registers[r].Name, taken)
		args[r] = atom(name)
		heads = append(heads, fmt.Sprintf(`\E %s \in %s :`, name, w.typeSet(p.Regs[r], false).flat()))
	}
	e := body(args)
	for i := len(heads) - 1; i >= 0; i-- {
		e = bound{heads[i], e}
	}
	return e
}

// boundName gives a name for a bound variable: one that nothing in the module has.
func (w *writer) boundName(s string, taken map[string]bool) string {
	name := identifier(s)
	for w.names.used[name] || taken[name] {
		name += "_"
	}
	taken[name] = true
	return name
}

// call writes the action by which the environment starts an activation.
func (w *writer) call(p *steps.Process) expr {
	return w.parameters(p, func(args map[int]expr) expr {
		items := []expr{w.use("At", atom("self"), text("idle")), w.enters(p, "self", args), w.use("NoEffect")}
		return conj(items)
	})
}

// enters puts an activation at its beginning.
func (w *writer) enters(p *steps.Process, self string, args map[int]expr) expr {
	pc, frame := w.begin(p, args)
	if frame == nil || frame.flat() == w.procs[p].fresh {
		return w.use("Goto", atom(self), pc) // a frame at rest is fresh
	}
	return w.use("GotoWith", atom(self), pc, frame)
}

// start writes the action of a worker.
func (w *writer) start(p *steps.Process) expr {
	item := w.worker(p)
	return conj([]expr{
		w.use("Pending", text(item)), w.use("At", text(item), text("idle")), w.use("Cancel", text(item)),
		w.enters(p, `"`+item+`"`, nil),
	})
}

// spawn writes a step that starts another activation. Where that one is still live, there is no such step: Bounds
// says so.
func (w *writer) spawn(p *steps.Process, st *steps.Step, items []expr) expr {
	q := w.process(st.Node.Proc)
	child := w.spawns[st.Node] + "[self]"
	items = append(items, compare(atom("pc["+child+"]"), "=", text("idle")))
	regs := w.reading(p)
	both := func(args map[int]expr) expr {
		pc, frame := w.begin(q, args)
		next := except("pc", named{"![self] =", w.place(p, st.Then)}, named{"![" + child + "] =", pc})
		moves := []expr{compare(atom("pc'"), "=", next)}
		if w.registers {
			moves = append(moves, w.frames(p, st, child, frame))
		}
		return conj(moves)
	}
	var body expr
	if len(st.Spawn) > 0 {
		args := map[int]expr{}
		for i, a := range st.Spawn {
			r := q.Params[i]
			args[r] = w.typed(a, q.Regs[r], regs)
			if args[r].level() < atomLevel {
				args[r] = atom("(" + args[r].flat() + ")")
			}
		}
		body = both(args)
	} else {
		body = w.parameters(q, both)
	}
	if j, ok := body.(junction); ok {
		items = append(items, j.items...)
	} else {
		items = append(items, body)
	}
	return conj(append(items, w.use("NoEffect")))
}

// frames writes the registers of an activation that spawns another, and of that one.
func (w *writer) frames(p *steps.Process, st *steps.Step, child string, frame expr) expr {
	var ups []expr
	if sets(st.Then) {
		ups = append(ups, named{"![self] =", w.frame(p, st.Then, atom("frame[self]"), w.reading(p))})
	}
	if frame != nil {
		ups = append(ups, named{"![" + child + "] =", frame})
	}
	if len(ups) == 0 {
		return atom("UNCHANGED frame")
	}
	return compare(atom("frame'"), "=", except("frame", ups...))
}

func (w *writer) process(p *machine.Proc) *steps.Process {
	for _, q := range w.procList {
		if q.Proc == p {
			return q
		}
	}
	panic("tla: no process " + p.Name)
}
