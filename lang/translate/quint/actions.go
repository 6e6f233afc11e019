package quint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// inAction is where terms of the activation self stand.
func (w *writer) inAction(p *steps.Process) scope {
	return scope{writer: w, reg: func(r int) text { return word("locals.get(self)." + w.where[p.Registers[r]].name) }}
}

// begun is where terms stand of an activation that begins with these parameters.
func (w *writer) begun(p *steps.Process, args map[int]text) scope {
	return scope{writer: w, reg: func(r int) text {
		if t := args[r]; t != nil {
			return t
		}
		return w.valueText(p.Registers[r].Type, p.Registers[r].First)
	}}
}

// writeProcess writes how a process begins, everything that it does, and the action that is any of it.
func (w *writer) writeProcess(p *steps.Process) {
	w.banner(p.Name)
	if doc := docOf(p.Object); doc != "" {
		w.printf("\n")
		w.remark(doc)
	}
	if w.hasSlot(p, machine.OnceSlot) {
		w.printf("\n")
		w.call(p)
	}
	for _, k := range w.m.Works {
		if k.Proc == p.Proc {
			w.printf("\n")
			w.start(p, k)
		}
	}
	var names []string
	for _, pt := range p.Points {
		for _, st := range pt.Steps {
			if name := w.actions[st]; !slices.Contains(names, name) {
				names = append(names, name)
				w.action(p, pt, st)
			}
		}
	}
	var steps []text
	for _, name := range names {
		steps = append(steps, w.invocation(p, name))
	}
	w.printf("\n  // Any step of %s.\n", p.Name)
	w.printf("  action %s(self: str): bool = %s\n", w.process[p], block("any", steps).broken(2))
}

func (w *writer) hasSlot(p *steps.Process, kind machine.SlotKind) bool {
	return slices.ContainsFunc(p.Slots, func(i int) bool { return w.m.Slots[i].Kind == kind })
}

// call writes the beginning of an activation that the environment calls.
func (w *writer) call(p *steps.Process) {
	names, args := w.parameters(p)
	w.remark(p.Name + " is called.")
	w.all(w.calls[p], names, []text{
		word(fmt.Sprintf("%s.get(self) == %q", w.pc, idle)),
		w.become(w.enter(p, w.begun(p, args), args, word("now"), word("self"))),
	})
}

// parameters names the parameters of a process as those of an action, with their types.
func (w *writer) parameters(p *steps.Process) ([]string, map[int]text) {
	var names []string
	args := map[int]text{}
	for _, r := range p.Params {
		name := w.names.local(p.Registers[r].Name)
		names = append(names, fmt.Sprintf("%s: %s", name, w.typeName(p.Registers[r].Type)))
		args[r] = word(name)
	}
	return names, args
}

// start writes the beginning of a work item.
func (w *writer) start(p *steps.Process, k *machine.Work) {
	slot := k.Object.Name
	w.remark(fmt.Sprintf("A worker takes %s and runs %s.", slot, p.Name))
	after := record("now", field(w.global(w.m.Globals[k.Pending]), word("false")))
	w.printf("  action %s: bool = %s\n", w.starts[k.Object], block("all", []text{
		word(w.global(w.m.Globals[k.Pending])),
		word(fmt.Sprintf("%s.get(%q) == %q", w.pc, slot, idle)),
		w.become(w.enter(p, w.begun(p, nil), nil, after, str(slot))),
	}).broken(2))
}

// enter puts an activation at the first place of its process.
func (w *writer) enter(p *steps.Process, sc scope, args map[int]text, after, self text) text {
	return w.flow(p, p.Entry, sc, after, self, func(sets []steps.Update) text {
		var fields []text
		for i, r := range p.Registers {
			v, ok := args[i]
			for _, u := range sets {
				if u.Loc.Reg() == i {
					v, ok = sc.cond(u.Term), true
				}
			}
			if ok {
				fields = append(fields, field(w.where[r].name, v))
			}
		}
		if len(fields) == 0 {
			return nil
		}
		return record("AT_REST", fields...)
	})
}

// become makes an action of a next state.
func (w *writer) become(after text) text { return call("become", after) }

// all writes an action of conjuncts over self and other parameters.
func (w *writer) all(name string, params []string, items []text) {
	var ps []text
	for _, p := range append([]string{"self: str"}, params...) {
		ps = append(ps, word(p))
	}
	w.printf("  action %s%s: bool = %s\n", name, fit(group(list{sep: ", ", items: ps}), 2, 9+len(name), 14), block("all", items).broken(2))
}

// tested gives the first of two steps that are the two sides of one test, whose action holds both; nil if a step is
// no side of one.
func tested(pt *steps.Point, st *steps.Step) *steps.Step {
	if st.Node.Kind != machine.Test || st.Node != pt.Node || len(pt.Steps) != 2 || pt.Steps[0].Node != pt.Steps[1].Node {
		return nil
	}
	return pt.Steps[0]
}

// action writes what is done at once.
func (w *writer) action(p *steps.Process, pt *steps.Point, st *steps.Step) {
	sc := w.inAction(p)
	w.printf("\n")
	w.remark(w.says(st))
	items := []text{word(fmt.Sprintf("%s.get(self) == %q", w.pc, w.points[pt]))}
	if tested(pt, st) == nil {
		for _, g := range st.Guards {
			items = append(items, sc.cond(g))
		}
	}
	var params []string
	if n := spawned(st); n != nil {
		params, items = w.spawn(p, st, n, items)
	} else {
		items = append(items, w.become(w.after(p, pt, st, sc)))
	}
	w.all(w.actions[st], params, items)
}

// after is the state after a step.
func (w *writer) after(p *steps.Process, pt *steps.Point, st *steps.Step, sc scope) text {
	if t := tested(pt, st); t != nil && st.Guards != nil {
		yes, no := pt.Steps[0], pt.Steps[1]
		f := &steps.Flow{If: conjunction(yes.Guards), Then: yes.Then, Else: no.Then}
		return w.goOn(p, f, sc, w.updated(st, sc))
	}
	return w.goOn(p, st.Then, sc, w.updated(st, sc))
}

func conjunction(ts []*machine.Term) *machine.Term {
	t := ts[0]
	for _, u := range ts[1:] {
		t = machine.Truth(machine.And, t, u)
	}
	return t
}

// updated is the state with what a step does to variables.
func (w *writer) updated(st *steps.Step, sc scope) text {
	var fields []text
	for _, u := range st.Updates {
		if u.Term.Op == machine.Read && u.Term.Loc == u.Loc {
			continue
		}
		fields = append(fields, field(w.global(w.m.Globals[u.Loc]), sc.cond(u.Term)))
	}
	if len(fields) == 0 {
		return word("now")
	}
	return record("now", fields...)
}

// goOn puts the activation self where it is after a step.
func (w *writer) goOn(p *steps.Process, f *steps.Flow, sc scope, after text) text {
	return w.flow(p, f, sc, after, word("self"), func(sets []steps.Update) text {
		var fields []text
		for _, u := range sets {
			fields = append(fields, field(w.where[p.Registers[u.Loc.Reg()]].name, sc.cond(u.Term)))
		}
		if len(fields) == 0 {
			return nil
		}
		return record("locals.get(self)", fields...)
	})
}

// spawned gives the statement of a step that spawns, nil if there is none.
func spawned(st *steps.Step) *machine.Node {
	if st.Node.Kind == machine.Spawn {
		return st.Node
	}
	for _, e := range st.Edge.Path {
		if e.Node.Kind == machine.Spawn {
			return e.Node
		}
	}
	return nil
}

// spawn completes an action that spawns. Parameters that the statement leaves free are parameters of the action.
func (w *writer) spawn(p *steps.Process, st *steps.Step, n *machine.Node, items []text) ([]string, []text) {
	sc, child := w.inAction(p), w.processOf(n.Proc)
	var params []string
	args := map[int]text{}
	if len(st.Spawn) == 0 {
		params, args = w.parameters(child)
	}
	for i, t := range st.Spawn {
		args[child.Params[i]] = sc.cond(t)
	}
	slot := word(fmt.Sprintf("%s.get(self)", w.child[n]))
	mine := w.goOn(p, st.Then, sc, w.updated(st, sc))
	begun := w.enter(child, w.begun(child, args), args, mine, slot)
	over := w.goOn(p, st.Then, sc, w.updatedAnd(st, sc, word("respawned: true")))
	return params, append(items, w.become(choice{
		chain{word(w.pc + ".get("), slot, word(fmt.Sprintf(") == %q", idle))}, begun, over,
	}))
}

func (w *writer) updatedAnd(st *steps.Step, sc scope, more text) text {
	if l, ok := w.updated(st, sc).(list); ok {
		l.items = append(l.items, more)
		return l
	}
	return record("now", more)
}

func (w *writer) processOf(p *machine.Proc) *steps.Process {
	for _, q := range w.m.Procs {
		if q.Proc == p {
			return q
		}
	}
	panic("quint: a process without a slot")
}

// invocation is an action with self, and free choices for its other parameters.
func (w *writer) invocation(p *steps.Process, name string) text {
	for _, pt := range p.Points {
		for _, st := range pt.Steps {
			if n := spawned(st); n != nil && w.actions[st] == name && len(st.Spawn) == 0 {
				return w.freely(w.processOf(n.Proc), name, "self")
			}
		}
	}
	return word(name + "(self)")
}

// freely calls an action with every choice of the parameters of a process.
func (w *writer) freely(p *steps.Process, name, self string) text {
	if len(p.Params) == 0 {
		return word(fmt.Sprintf("%s(%s)", name, self))
	}
	var out lines
	args := []string{self}
	for _, r := range p.Params {
		v := w.names.local(p.Registers[r].Name)
		args = append(args, v)
		out = append(out, chain{word("nondet " + v + " = "), w.domain(p.Registers[r].Type), word(".oneOf()")})
	}
	return append(out, word(fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))))
}

// domain is the set of values of a type. Members of an enum that hang on what is no constant are put in by it.
func (w *writer) domain(t check.Type) text {
	switch t.Kind {
	case check.BoolType:
		return word("Bool")
	case check.IntType:
		return word(fmt.Sprintf("(%d).to(%d)", t.Lo, t.Hi))
	}
	var always []text
	var more chain
	for i, m := range t.Enum.Members {
		name := word(w.members[m.Object])
		exists := func(s machine.State) bool { return w.m.Member(t.Enum, i, s) == 1 }
		switch {
		case !slices.ContainsFunc(w.m.Inits, func(s machine.State) bool { return !exists(s) }):
			always = append(always, name)
		case slices.ContainsFunc(w.m.Inits, exists):
			c := w.global0().cond(w.m.Predicate(m.If).Term)
			more = append(more, word(".union("), choice{c, set(name), word("Set()")}, word(")"))
		}
	}
	return append(chain{set(always...)}, more...)
}

// global0 is where terms stand that read no registers.
func (w *writer) global0() scope {
	return scope{writer: w, reg: func(int) text { panic("quint: a register in a property") }}
}
