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

// nameProperties names what must hold, and what is made for it.
func (w *writer) nameProperties() {
	for _, p := range w.m.Props {
		if p.Decl.Kind != lang.Deadline {
			w.holds[p.Decl.Name.Name] = w.names.take(p.Decl.Name.Name)
		}
	}
	for _, b := range w.m.Balances {
		name := w.m.Wakeups[b.Wakeup].Object.Name
		for _, kind := range []string{"balance", "premature", "answers"} {
			w.holds[kind+" "+name] = w.names.take(kind + "_" + name)
		}
	}
	for _, t := range w.m.Trans {
		for _, kind := range []string{"transitions", "warned", "edges", "warnings"} {
			w.holds[kind+" "+t.Object.Name] = w.names.take(kind + "_" + t.Object.Name)
		}
	}
}

// next writes the next-state relation: who can do something, one line for every slot.
func (w *writer) next() {
	w.banner("what happens")
	w.bounds()
	var ways []text
	for i, name := range w.slots {
		s, p := &w.m.Slots[i], w.m.Process(i)
		switch {
		case !w.acts(i):
			continue
		case s.Kind == machine.OnceSlot:
			ways = append(ways, w.freely(p, w.calls[p], fmt.Sprintf("%q", name)))
		case s.Kind == machine.WorkerSlot:
			ways = append(ways, word(w.starts[w.m.Works[s.Work].Object]))
		}
		ways = append(ways, word(fmt.Sprintf("%s(%q)", w.process[p], name)))
	}
	w.printf("\n  /// One step of one activation, or the beginning of one.\n")
	step := block("any", ways)
	if len(ways) == 0 {
		step = word("false")
	}
	if w.bounded() {
		step = block("all", []text{word("bounds"), step})
	}
	w.printf("  action step: bool = %s\n", step.broken(2))
	w.fairness()
}

// acts tells whether something may happen in a slot, from an initial state of explore on.
func (w *writer) acts(slot int) bool {
	if w.m.Slots[slot].Kind == machine.OnceSlot {
		return w.explored[slot]
	}
	return slices.Contains(w.live, w.m.Process(slot))
}

// bounded tells whether a state can leave its types.
func (w *writer) bounded() bool { return len(w.limits()) > 0 }

// limits lists what holds within the bounds.
func (w *writer) limits() []text {
	var all []text
	between := func(x string, lo, hi int) {
		all = append(all, word(fmt.Sprintf("%d <= %s", lo, x)), word(fmt.Sprintf("%s <= %d", x, hi)))
	}
	for _, g := range w.m.Vars {
		switch {
		case w.m.Counted(g):
			between(w.global(g), 0, machine.MaxCount)
		case g.Kind == machine.VarGlobal && g.Object.Type.Kind == check.IntType:
			between(w.global(g), g.Object.Type.Lo, g.Object.Type.Hi)
		}
	}
	for _, l := range w.locals {
		if t := l.reg.Type; t.Kind == check.IntType {
			x := "locals.get(s)." + l.name
			all = append(all, word(fmt.Sprintf("SLOTS.forall(s => %d <= %s and %s <= %d)", t.Lo, x, x, t.Hi)))
		}
	}
	if w.spawning() {
		all = append(all, word("not(respawned)"))
	}
	return all
}

func (w *writer) bounds() {
	if !w.bounded() {
		return
	}
	w.printf("\n")
	w.doc("All values are within their types. What has left them is a mistake in the model: nothing comes after it.")
	w.printf("  val bounds: bool = %s\n", block("and", w.limits()).broken(2))
}

// state writes an invariant, which speaks of states within their bounds only.
func (w *writer) state(name string, body text) {
	if w.bounded() {
		body = list{open: "bounds implies (", end: ")", brokenOpen: "bounds implies (", brokenEnd: ")", items: []text{body}}
	}
	w.define(fmt.Sprintf("val %s: bool", name), body)
}

// fairness writes that what can always go on does so some time.
func (w *writer) fairness() {
	var fair []text
	for i, name := range w.slots {
		s, p := &w.m.Slots[i], w.m.Process(i)
		if !w.acts(i) {
			continue
		}
		fair = append(fair, word(fmt.Sprintf("%s(%q).weakFair(now)", w.process[p], name)))
		if s.Kind == machine.WorkerSlot {
			fair = append(fair, word(fmt.Sprintf("%s.weakFair(now)", w.starts[w.m.Works[s.Work].Object])))
		}
	}
	w.printf("\n  /// Nobody stands still for ever who could always go on. The environment need not call anything.\n")
	if len(fair) == 0 {
		fair = []text{word("true")}
	}
	w.printf("  temporal fairness: bool = %s\n", block("and", fair).broken(2))
}

// properties writes what must hold.
func (w *writer) properties() {
	w.banner("what must hold")
	w.deadlock()
	for _, b := range w.m.Balances {
		w.balance(b)
	}
	for _, t := range w.m.Trans {
		w.transitions(t)
	}
	for _, p := range w.m.Props {
		w.printf("\n")
		if p.Decl.Kind == lang.Deadline {
			w.remark(strings.TrimSpace(p.Decl.DocText() + fmt.Sprintf("\nThe deadline %s, %s, needs clocks, which this model has not.",
				p.Decl.Name.Name, lang.ExprString(p.Decl.Expr))))
			continue
		}
		w.doc(p.Decl.DocText())
		w.expected(p.Decl.Name.Name, "")
		switch p.Decl.Kind {
		case lang.Invariant:
			w.state(w.holds[p.Decl.Name.Name], w.global0().cond(p.Cond.Term))
		case lang.Temporal:
			body := infix{word("fairness"), "implies", w.formula(p.Decl.Expr, compar)}
			w.define(fmt.Sprintf("temporal %s: bool", w.holds[p.Decl.Name.Name]), body)
		}
	}
}

// expected says of a property what the spec knows of it.
func (w *writer) expected(name, section string) {
	for _, x := range slices.Backward(w.m.Info.Expects) {
		if x.Scenario != nil || x.Outcome.Name == nil || x.Outcome.Name.Name != name || x.Outcome.Section != section ||
			x.In != nil && x.In.Name != w.opt.Kernel {
			continue
		}
		if x.In == nil && w.expectedHere(name, section) {
			continue
		}
		if x.Outcome.Kind == lang.Violates {
			w.remark("Known to be violated.")
		}
		return
	}
}

// expectedHere tells whether something is expected of a property in this kernel and not only in all.
func (w *writer) expectedHere(name, section string) bool {
	return slices.ContainsFunc(w.m.Info.Expects, func(x *lang.Expect) bool {
		return x.Scenario == nil && x.Outcome.Name != nil && x.Outcome.Name.Name == name && x.Outcome.Section == section &&
			x.In != nil && x.In.Name == w.opt.Kernel
	})
}

// deadlock writes where activations have to wait, and that they do not all do so for ever.
func (w *writer) deadlock() {
	var waits []text
	for _, p := range w.live {
		for _, pt := range p.Points {
			if c := w.blocked(p, pt); c != nil {
				waits = append(waits, both(word(fmt.Sprintf("%s.get(self) == %q", w.pc, w.points[pt])), c))
			}
		}
	}
	if len(waits) == 0 {
		waits = []text{word("false")}
	}
	w.printf("\n  /// Whether the activation in a slot is before something that it has to wait for.\n")
	w.printf("  def waits(self: str): bool = %s\n", block("or", waits).broken(2))
	stuck := []text{word("SLOTS.exists(s => live(s))"), word("SLOTS.forall(s => live(s) implies waits(s))")}
	for _, k := range w.m.Works {
		if !slices.ContainsFunc(w.live, func(p *steps.Process) bool { return p.Proc == k.Proc }) {
			continue
		}
		stuck = append(stuck, word(fmt.Sprintf("not(%s and %s.get(%q) == %q)", w.global(w.m.Globals[k.Pending]), w.pc, k.Object.Name, idle)))
	}
	w.printf("\n  /// Never does all that is live wait, with nothing else to happen but calls by the environment.\n")
	w.state("deadlock_free", call("not", both(stuck...)))
}

// blocked is when an activation at a point has to wait, nil if never.
func (w *writer) blocked(p *steps.Process, pt *steps.Point) text {
	sc := w.inAction(p)
	var ways []text
	for i, st := range pt.Steps {
		if len(st.Guards) == 0 || bothSides(pt.Steps[:i], st) {
			return nil
		}
		var conds []text
		for _, g := range st.Guards {
			conds = append(conds, sc.expr(g, compar))
		}
		ways = append(ways, parens(both(conds...)))
	}
	if len(pt.Steps) == 1 && len(pt.Steps[0].Guards) == 1 {
		g := pt.Steps[0].Guards[0]
		if g.Op == machine.Not {
			return sc.expr(g.Args[0], compar)
		}
		return call("not", sc.cond(g))
	}
	some, _ := junction("or", ways)
	if len(ways) == 0 {
		return word("true")
	}
	return call("not", some)
}

// bothSides tells whether a step is the other side of the test of an earlier one, which comes after the same
// choices: one of the two can always be taken.
func bothSides(before []*steps.Step, st *steps.Step) bool {
	return slices.ContainsFunc(before, func(o *steps.Step) bool {
		return o.Node.Kind == machine.Test && o.Node == st.Node && free(o.Edge) && free(st.Edge)
	})
}

// free tells whether nothing hangs on the way to a step.
func free(e *machine.Edge) bool {
	return !slices.ContainsFunc(e.Pre, func(p machine.Pre) bool { return p.Guard != nil })
}

func parens(t text) text {
	if l, ok := t.(list); ok && l.open == "" && l.sep != "" {
		return group(t)
	}
	return t
}
