package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// option is one way on from a place: a transition of Spin, and where it leads.
type option struct {
	node   *machine.Node   // what is done; nil at a start
	guards []*machine.Term // over the state before
	needs  []string        // guards that are no terms
	sets   []steps.Update  // of globals and registers, over the state before
	counts []string        // statements about what is kept beside the state
	first  string          // a rendezvous that it begins with
	last   string          // a rendezvous that it ends with
	to     *point          // nil: the activation has ended
}

// paths gives an option for every leaf of a flow.
func paths(f *steps.Flow, o option) []*option {
	if f.If == nil {
		o.to = f.To
		o.sets = append(slices.Clip(o.sets), f.Sets...)
		return []*option{&o}
	}
	yes, no := o, o
	yes.guards = append(slices.Clip(o.guards), f.If)
	no.guards = append(slices.Clip(o.guards), machine.Truth(machine.Not, f.If))
	return append(paths(f.Then, yes), paths(f.Else, no)...)
}

// with puts what is known of registers into an option; nil if its guards fail then.
func (o option) with(known values) *option {
	var guards []*machine.Term
	for _, g := range o.guards {
		switch g = steps.Put(g, known); {
		case g.Op != machine.Constant:
			guards = append(guards, g)
		case g.Val == 0:
			return nil
		}
	}
	o.guards = guards
	o.sets = slices.Clone(o.sets)
	for i, u := range o.sets {
		o.sets[i].Term = steps.Put(u.Term, known)
	}
	return &o
}

// values are terms by the places whose values they are.
type values = map[machine.Loc]*machine.Term

// addOptions finds the ways on from every point of a role.
func (w *writer) addOptions(r *role) {
	for _, pt := range r.proc.Points {
		for _, s := range pt.Steps {
			for _, o := range paths(s.Then, option{node: s.Node, guards: s.Guards, sets: s.Updates}) {
				if o.to == nil {
					w.end(r, o)
				}
				r.options[pt] = append(r.options[pt], w.spawning(r, s, o)...)
			}
		}
	}
}

// end puts everything back as it was before the activation.
func (w *writer) end(r *role, o *option) {
	for _, reg := range r.proc.Registers {
		if r.written[reg.Index] {
			o.sets = append(o.sets, steps.Update{Loc: machine.RegLoc(reg.Index), Term: &machine.Term{Type: reg.Type, Val: reg.First}})
		}
	}
	w.begun(r, o, false)
}

// begun keeps what stands beside the state: whether an item runs, how many activations there are, and whether
// one that was spawned is back.
func (w *writer) begun(r *role, o *option, yes bool) {
	if l := w.runningOf(r); l != 0 && w.globals[l] {
		o.sets = append(o.sets, steps.Update{Loc: l, Term: machine.Bool(yes)})
	}
	if w.living[r.proc.Process] {
		name, sign := w.names.living[r.proc.Process], "-"
		if yes {
			sign = "+"
		}
		o.counts = append(o.counts, fmt.Sprintf("%s = %s %s 1", name, name, sign))
	}
	if r.kind == machine.SpawnedSlot {
		o.counts = append(o.counts, fmt.Sprintf("spawned_live[%s] = %v", r.self, yes))
	}
}

// runningOf is the global that tells whether the item of a worker's role runs; 0 for other roles, which no
// such global is.
func (w *writer) runningOf(r *role) machine.Loc {
	if r.kind != machine.WorkerSlot {
		return 0
	}
	return machine.Loc(w.m.Works[r.proc.Work].Running)
}

// spawning adds to an option what a spawn statement does: it hands over to the process that waits, or leaves
// the bounds of the instance if that is not back yet.
func (w *writer) spawning(r *role, s *steps.Step, o *option) []*option {
	if s.Spawned == nil {
		return []*option{o}
	}
	place := r.places[slices.Index(r.spawns, s.Spawned)]
	out := *o
	out.needs = append(slices.Clip(o.needs), "spawned_live["+place+"]")
	out.counts = append(slices.Clip(o.counts), "assert(!spawned_live["+place+"])")
	child := w.m.Process(w.m.Spawned(r.slots[0], s.Spawned))
	given := w.given(child, s.Spawn)
	if len(given) == 0 {
		return nil // of a type without values
	}
	var all []*option
	for _, known := range given {
		for i, leaf := range paths(child.Entry, option{guards: known.guards}) {
			if leaf = leaf.with(known.values); leaf == nil {
				continue
			}
			next := *o
			next.guards = append(slices.Clip(o.guards), leaf.guards...)
			next.needs = append(slices.Clip(o.needs), "!spawned_live["+place+"]")
			next.last = fmt.Sprintf("spawned[%s]!%s", place, w.message(r, i, child, known.values))
			all = append(all, &next)
		}
	}
	return append(all, &out)
}

// message writes what is sent to a process: which way its beginning goes, and its parameters.
func (w *writer) message(r *role, leaf int, child *steps.Process, known values) string {
	fields := []string{fmt.Sprint(leaf)}
	for i := range w.parameters() {
		text := "0"
		if i < len(child.Params) {
			text = w.expr(known[machine.RegLoc(child.Params[i])], w.inside(r))
		}
		fields = append(fields, text)
	}
	return strings.Join(fields, ", ")
}

// parameters is how many parameters a process has at most that is spawned.
func (w *writer) parameters() int {
	n := 0
	for _, r := range w.roles {
		if r.kind == machine.SpawnedSlot {
			n = max(n, len(r.proc.Params))
		}
	}
	return n
}

// choice is a choice of parameters, and when it can be made.
type choice struct {
	values values
	guards []*machine.Term
}

// given is what the parameters of a spawned process are: the arguments, or any choice.
func (w *writer) given(p *steps.Process, args []*machine.Term) []choice {
	if len(args) == 0 {
		return w.choices(p)
	}
	c := choice{values: values{}}
	for i, a := range args {
		c.values[machine.RegLoc(p.Params[i])] = a
	}
	return []choice{c}
}

// choices lists the choices of parameters.
func (w *writer) choices(p *steps.Process) []choice {
	all := []choice{{}}
	for _, reg := range p.Params {
		var next []choice
		for _, c := range all {
			for _, m := range w.domain(p, reg) {
				n := choice{values{machine.RegLoc(reg): m.value}, slices.Clip(c.guards)}
				for l, t := range c.values {
					n.values[l] = t
				}
				if m.where != nil {
					n.guards = append(n.guards, m.where)
				}
				next = append(next, n)
			}
		}
		all = next
	}
	return all
}

// member is a value of a type, and when it is one; nil for always.
type member struct {
	value, where *machine.Term
}

// domain lists what a parameter may be.
func (w *writer) domain(p *steps.Process, reg int) []member {
	t := p.Regs[reg]
	var all []member
	if t.Kind != check.EnumType {
		for _, v := range w.m.Domain(machine.RegLoc(reg), p.Proc, w.first()) {
			all = append(all, member{value: &machine.Term{Type: t, Val: v}})
		}
		return all
	}
	for i, m := range t.Enum.Members {
		is := member{value: &machine.Term{Type: t, Val: machine.Val(i)}}
		if m.If != nil {
			is.where = w.m.Close(w.m.Predicate(m.If).Term)
		}
		if is.where == nil || !isFalse(is.where) {
			all = append(all, is)
		}
	}
	return all
}

// starts gives the ways in which an activation of a role begins.
func (w *writer) starts(r *role) []*option {
	var base option
	w.begun(r, &base, true)
	switch r.kind {
	case machine.WorkerSlot:
		pending := machine.Loc(w.m.Works[r.proc.Work].Pending)
		base.guards = []*machine.Term{{Op: machine.Active, Type: machine.Bool(true).Type, Loc: pending}}
		base.sets = append([]steps.Update{{Loc: pending, Term: machine.Bool(false)}}, base.sets...)
	case machine.SpawnedSlot:
		return w.received(r, base)
	}
	var all []*option
	for _, c := range w.choices(r.proc) {
		o := base
		o.guards = append(slices.Clip(base.guards), c.guards...)
		for _, p := range paths(r.proc.Entry, o) {
			if p = p.with(c.values); p != nil {
				p.sets = chosen(r, c, p.sets)
				all = append(all, p)
			}
		}
	}
	return all
}

// chosen puts the choice of parameters before what else is set; what a process sets at once wins.
func chosen(r *role, c choice, sets []steps.Update) []steps.Update {
	var all []steps.Update
	for _, reg := range r.proc.Params {
		l := machine.RegLoc(reg)
		if !slices.ContainsFunc(sets, func(u steps.Update) bool { return u.Loc == l }) {
			all = append(all, steps.Update{Loc: l, Term: c.values[l]})
		}
	}
	return append(all, sets...)
}

// received gives the ways in which a spawned activation begins: the one that sends has chosen.
func (w *writer) received(r *role, base option) []*option {
	var all []*option
	for i, o := range paths(r.proc.Entry, base) {
		fields := []string{fmt.Sprint(i)}
		for j := range w.parameters() {
			name := "_"
			if j < len(r.proc.Params) {
				name = r.regs[r.proc.Params[j]]
			}
			fields = append(fields, name)
		}
		o.guards = nil
		o.first = fmt.Sprintf("spawned[%s]?%s", r.self, strings.Join(fields, ", "))
		all = append(all, o)
	}
	return all
}
