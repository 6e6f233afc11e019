package tla

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

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

// maxWays bounds how many nodes, with what was passed before each, ways() looks at.
const maxWays = 10_000

// ways lists the sequences of marks on the ways from a choice to a node. If there are too many, the capture cannot
// be told: without some of them, less would be explained than can be.
func (t *tracing) ways(from, to *machine.Node) []string {
	type place struct {
		n  *machine.Node
		ms string
	}
	found, seen := map[string]bool{}, map[place]bool{}
	var walk func(n *machine.Node, ms []expr)
	walk = func(n *machine.Node, ms []expr) {
		if n == nil || t.err != nil {
			return
		}
		at := place{n, tuple(ms...).flat()}
		if seen[at] {
			return
		}
		if seen[at] = true; len(seen) > maxWays {
			t.err = fmt.Errorf("%s: too many ways lead on from here to be told in TLA+", from.Span)
		}
		if n == to {
			found[at.ms] = true
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
		case t.Must[n.ID] && t.From[n.ID] > 0:
			return call("Later", self, m, number(t.From[n.ID]), pre, post)
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
