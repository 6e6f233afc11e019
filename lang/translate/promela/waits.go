package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// deadlock is the claim that not everybody who is at work waits for ever: that somebody else is at work and can go
// on, or an item can be started. What the environment might start is no help.
func (w *writer) deadlock() *claim {
	const about = "While an activation is live, something goes on that is no start by the environment."
	name := w.names.take("deadlock")
	var macros, waits, rests []string
	for _, r := range w.roles {
		wait := w.waitMacro(r)
		if wait != "" {
			macros = append(macros, wait)
		}
		for _, s := range r.slots {
			rest := w.resting(r, w.pid(s))
			if wait != "" {
				at := fmt.Sprintf("%s(%d)", w.blocked[r], w.pid(s))
				waits = append(waits, at)
				rest = at + " || " + rest
			}
			rests = append(rests, "("+rest+")")
		}
	}
	if len(waits) == 0 {
		return always(name, about+" Here nobody ever waits.", "true")
	}
	stuck := w.names.take("stuck")
	waiting := strings.Join(waits, " || ")
	if len(waits) > 1 {
		waiting = "(" + waiting + ")"
	}
	macros = append(macros, fmt.Sprintf("%s (%s && %s)", stuck, waiting, strings.Join(rests, " && ")))
	return always(name, about, "!"+stuck, macros...)
}

// resting writes that a process has nothing to do: no activation is live, and no item is pending for it.
func (w *writer) resting(r *role, pid int) string {
	at := fmt.Sprintf("%s[%d]@%s", r.name, pid, idle)
	switch r.kind {
	case machine.OnceSlot:
		return fmt.Sprintf("%s || %s[%d]@%s", at, r.name, pid, done)
	case machine.WorkerSlot:
		return at + " && !" + w.names.globals[machine.Loc(w.m.Works[r.proc.Work].Pending)]
	}
	return at
}

// which is the parameter of a macro that asks about one of several processes.
const which = "which"

// waitMacro defines where and when an activation waits; "" if it never does.
func (w *writer) waitMacro(r *role) string {
	var at []string
	for _, p := range r.proc.Points {
		if !w.mayWait(r, p) {
			continue
		}
		parts := []string{fmt.Sprintf("%s[%s]@%s", r.name, which, r.labels[p])}
		for _, g := range ways(r.options[p]) {
			parts = append(parts, w.operand(machine.Truth(machine.Not, g), w.remote(r, which), compared))
		}
		at = append(at, strings.Join(parts, " && "))
	}
	switch len(at) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("%s(%s) (%s)", w.blocked[r], which, at[0])
	}
	return fmt.Sprintf("%s(%s) ((%s))", w.blocked[r], which, strings.Join(at, ") || ("))
}

// ways gives what lets an activation go on, for each option. Whether a spawned process is back decides between
// two ways and stops nobody.
func ways(os []*option) []*machine.Term {
	var all []*machine.Term
	for _, o := range os {
		if len(o.needs) > 0 && o.last == "" {
			continue
		}
		all = append(all, conjunction(o.guards))
	}
	return all
}

// conjunction is that all of the terms hold.
func conjunction(ts []*machine.Term) *machine.Term {
	if len(ts) == 0 {
		return machine.Bool(true)
	}
	all := ts[0]
	for _, t := range ts[1:] {
		all = machine.Truth(machine.And, all, t)
	}
	return all
}

// mayWait tells whether an activation can be at p and have no way on: whether the guards leave a case open.
func (w *writer) mayWait(r *role, p *point) bool {
	gs := ways(r.options[p])
	if len(gs) == 0 {
		return true
	}
	any := gs[0]
	for _, g := range gs[1:] {
		any = machine.Truth(machine.Or, any, g)
	}
	return !tautology(any)
}

// tautology tells whether a condition always holds, whatever its comparisons and flags are. Of one with many it
// says no.
func tautology(t *machine.Term) bool {
	const most = 10
	atoms := map[string]bool{}
	holds(t, atoms)
	var keys []string
	for k := range atoms {
		keys = append(keys, k)
	}
	if len(keys) > most {
		return false
	}
	for n := range 1 << len(keys) {
		for i, k := range keys {
			atoms[k] = n>>i&1 == 1
		}
		if !holds(t, atoms) {
			return false
		}
	}
	return true
}

// holds evaluates a condition over its atoms. Those that are not known yet are added, as false.
func holds(t *machine.Term, atoms map[string]bool) bool {
	arg := func(i int) bool { return holds(t.Args[i], atoms) }
	switch t.Op {
	case machine.Constant:
		return t.Val == 1
	case machine.Not:
		return !arg(0)
	case machine.And:
		a, b := arg(0), arg(1)
		return a && b
	case machine.Or:
		a, b := arg(0), arg(1)
		return a || b
	case machine.Implies:
		a, b := arg(0), arg(1)
		return !a || b
	case machine.Ne, machine.Ge, machine.Gt:
		return !holds(&machine.Term{Op: opposite[t.Op], Args: t.Args}, atoms)
	}
	k := key(t)
	v := atoms[k]
	atoms[k] = v
	return v
}

// key is a text that tells a term from others.
func key(t *machine.Term) string {
	s := fmt.Sprint(t.Op, t.Val, t.Loc)
	if t.Proc != nil {
		s += t.Proc.Name
	}
	for _, a := range t.Args {
		s += "(" + key(a) + ")"
	}
	return s
}

// mark finds the points that claims ask for.
func (w *writer) mark() {
	w.keepers, w.blocked = map[keeping]string{}, map[*role]string{}
	for _, r := range w.roles {
		for _, p := range r.proc.Points {
			if w.mayWait(r, p) {
				r.marked[p] = true
			}
		}
		if len(r.marked) > 0 {
			w.blocked[r] = w.names.take("waits_" + r.name)
		}
		for _, b := range w.m.Balances {
			for _, p := range r.proc.Points {
				if slices.Contains(b.Procs, r.proc.Proc) && w.isResponsible(b, p) != "false" {
					r.marked[p] = true
				}
			}
		}
	}
}
