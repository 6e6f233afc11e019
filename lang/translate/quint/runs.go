package quint

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// Run is what happens in one scenario.
type Run struct {
	Scenario *lang.Scenario
	Instance *machine.Instance // of the scenario
	States   []machine.State   // whole states of it, from an initial one on; none if no run follows the script
	Moves    []Move            // between them
	Claims   []Claim
	Blocked  string // why no run follows the script
}

// Move is one step of a run.
type Move struct {
	Slot int           // of the instance
	Edge *machine.Edge // nil where an activation begins
	Args []machine.Val // the parameters, where they are free
}

// Claim is what is expected of a scenario, and whether its run violates it.
type Claim struct {
	Outcome  *lang.Outcome
	Violated bool
}

// hasRuns tells whether there is a run to be written.
func (w *writer) hasRuns() bool {
	for _, r := range w.opt.Runs {
		if len(r.States) > 0 {
			return true
		}
	}
	return false
}

// runs writes a run for every scenario.
func (w *writer) runs() {
	if len(w.opt.Runs) == 0 {
		return
	}
	w.banner("scenarios")
	for i := range w.opt.Runs {
		r := &w.opt.Runs[i]
		w.printf("\n")
		if len(r.States) == 0 {
			w.remark(strings.TrimSpace(r.Scenario.DocText()))
			w.remark(fmt.Sprintf("Scenario %s has no run here. %s", r.Scenario.Name.Name, r.Blocked))
			continue
		}
		w.run(r)
	}
}

// run writes a run: where it begins, and then one action after the other.
func (w *writer) run(r *Run) {
	name := r.Scenario.Name.Name
	start, test := w.names.take("start_"+name), w.names.take(name+"Test")
	w.printf("  action %s: bool = become(%s)\n\n", start, record("", w.beginningOf(r)...).broken(2))
	w.doc(r.Scenario.DocText())
	for _, c := range r.Claims {
		w.remark(claimText(c))
	}
	w.printf("  run %s = %s\n", test, start)
	after := w.expectations(r)
	w.expect(after[0])
	for i, mv := range r.Moves {
		w.printf("    %s\n", fit(call(".then", w.step(r, mv)), 4, 4, 0))
		w.expect(after[i+1])
	}
}

func (w *writer) expect(conds []string) {
	for _, c := range conds {
		w.printf("    .expect(%s)\n", c)
	}
}

func claimText(c Claim) string {
	if c.Violated {
		return "It violates " + c.Outcome.Title() + "."
	}
	return "It keeps " + c.Outcome.Title() + "."
}

// beginningOf gives the values with which a run begins.
func (w *writer) beginningOf(r *Run) []text {
	var fields []text
	for _, g := range w.m.Vars {
		fields = append(fields, field(w.global(g), w.level(g, r.States[0][g.Index])))
	}
	var slots []string
	for i, name := range r.Instance.Names() {
		if r.Instance.Slots[i].Kind == machine.OnceSlot {
			slots = append(slots, name)
		}
	}
	return append(fields, w.atRest(strs(slots), len(slots))...)
}

// step writes a move as a call of an action.
func (w *writer) step(r *Run, mv Move) text {
	slot := &r.Instance.Slots[mv.Slot]
	name := r.Instance.Names()[mv.Slot]
	p := w.processOf(slot.Proc)
	switch {
	case mv.Edge == nil && slot.Kind == machine.WorkerSlot:
		return word(w.starts[r.Instance.Works[slot.Work].Object])
	case mv.Edge == nil:
		return call(w.calls[p], append([]text{str(name)}, w.args(p, mv.Args)...)...)
	}
	for _, pt := range p.Points {
		for _, st := range pt.Steps {
			if st.Edge != mv.Edge {
				continue
			}
			args := []text{str(name)}
			if n := spawned(st); n != nil && len(st.Spawn) == 0 {
				args = append(args, w.args(w.processOf(n.Proc), mv.Args)...)
			}
			return call(w.actions[st], args...)
		}
	}
	panic("quint: a move that is no step of " + p.Name)
}

func (w *writer) args(p *steps.Process, vals []machine.Val) []text {
	var all []text
	for i, r := range p.Params {
		all = append(all, w.valueText(p.Registers[r].Type, vals[i]))
	}
	return all
}

// expectations gives what is asserted after every move, and before the first one: what is claimed of states where it
// is broken first, else at the end, and the two values of a forbidden change. What is claimed of whole behaviours
// no run can assert.
func (w *writer) expectations(r *Run) [][]string {
	after := make([][]string, len(r.States))
	add := func(i int, cond string) { after[i] = append(after[i], cond) }
	last := len(r.States) - 1
	for _, c := range r.Claims {
		name := c.Outcome.Name.Name
		switch broken, must := w.breaks(c.Outcome); {
		case must != "" && !c.Violated:
			add(last, must)
		case must != "":
			for i, s := range r.States {
				if broken(s) {
					add(i, fmt.Sprintf("not(%s)", must))
					break
				}
			}
		case c.Violated && c.Outcome.Section == "transitions":
			w.change(r, name, add)
		}
	}
	return after
}

// breaks gives the state property that an outcome speaks of: what breaks it, and its name; "" if it is none.
func (w *writer) breaks(o *lang.Outcome) (func(machine.State) bool, string) {
	name := o.Name.Name
	if o.Of() == "balance" {
		for _, b := range w.m.Balances {
			if w.m.Wakeups[b.Wakeup].Object.Name == name {
				return func(s machine.State) bool { return w.m.Leaked(b, s) }, w.holds["balance "+name]
			}
		}
	}
	for _, p := range w.m.Props {
		if p.Decl.Name.Name == name && p.Decl.Kind == lang.Invariant && o.Of() == "" {
			return func(s machine.State) bool { return p.Cond.Holds(s, nil) != 1 }, w.holds[name]
		}
	}
	return nil, ""
}

// change asserts the values before and after the first forbidden change of a variable.
func (w *writer) change(r *Run, name string, add func(int, string)) {
	for _, t := range w.m.Trans {
		if t.Object.Name != name {
			continue
		}
		g := w.m.Globals[t.Global]
		for i, s := range r.States[1:] {
			if from := r.States[i][t.Global]; from != s[t.Global] && t.Check(from, s[t.Global], s) == machine.Forbidden {
				add(i, w.global(g)+" == "+w.valueText(g.Object.Type, from).flat())
				add(i+1, w.global(g)+" == "+w.valueText(g.Object.Type, s[t.Global]).flat())
				return
			}
		}
	}
}
