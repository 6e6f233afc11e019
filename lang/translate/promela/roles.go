package promela

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

type point = steps.Point

// The places where no activation is. Spin takes a process that ends there, or at `end`, for a good end.
const (
	idle = "end_idle"
	done = "end_done"
)

// role is a process that comes to life in one way: a proctype. A process that can be started in several ways
// has a role for each.
type role struct {
	proc  *steps.Process
	kind  machine.SlotKind
	slots []int

	written map[int]bool    // registers that ever have another value than the first
	spawns  []*machine.Node // its spawn statements
	starts  []*option
	options map[*point][]*option
	marked  map[*point]bool // points that a claim asks for

	name   string
	names  *names
	regs   map[int]string
	labels map[*point]string
	self   string   // SpawnedSlot: its own place in `spawned`
	places []string // by spawn statement: the place of what it starts
}

// base is the name that a role would like.
func (r *role) base() string {
	if r.kind == machine.SpawnedSlot {
		return r.proc.Name + "_spawned"
	}
	return r.proc.Name
}

// findRoles finds the slots that can ever come to life, and sorts them by role.
func (w *writer) findRoles() {
	alive := w.alive()
	for i := range w.m.Slots {
		s := &w.m.Slots[i]
		if !alive[i] {
			continue
		}
		r := w.role(w.m.Process(i), s.Kind)
		r.slots = append(r.slots, i)
	}
	for _, r := range w.roles {
		w.findWritten(r)
	}
}

// role finds or makes the role of a process.
func (w *writer) role(p *steps.Process, k machine.SlotKind) *role {
	i := slices.IndexFunc(w.roles, func(r *role) bool { return r.proc == p && r.kind == k })
	if i < 0 {
		i = len(w.roles)
		r := &role{proc: p, kind: k, written: map[int]bool{}, options: map[*point][]*option{}, marked: map[*point]bool{}}
		for _, pt := range p.Points {
			for _, s := range pt.Steps {
				if s.Spawned != nil && !slices.Contains(r.spawns, s.Spawned) {
					r.spawns = append(r.spawns, s.Spawned)
				}
			}
		}
		w.roles = append(w.roles, r)
	}
	return w.roles[i]
}

// alive tells which slots can come to life: those of the environment, and what live ones queue and spawn.
func (w *writer) alive() []bool {
	alive := make([]bool, len(w.m.Slots))
	for changed := true; changed; {
		changed = false
		for i := range w.m.Slots {
			if !alive[i] && w.canStart(alive, i) {
				alive[i], changed = true, true
			}
		}
	}
	return alive
}

func (w *writer) canStart(alive []bool, slot int) bool {
	s := &w.m.Slots[slot]
	switch s.Kind {
	case machine.OnceSlot:
		return w.combinations(w.m.Process(slot)) > 0
	case machine.SpawnedSlot:
		return alive[s.Spawner] && slices.ContainsFunc(w.m.Process(s.Spawner).Points, func(p *point) bool {
			return slices.ContainsFunc(p.Steps, func(st *steps.Step) bool { return st.Spawned == s.Node })
		})
	}
	for i, yes := range alive {
		if yes && queues(w.m.Process(i), machine.Loc(w.m.Works[s.Work].Pending)) {
			return true
		}
	}
	return false
}

// queues tells whether a process ever makes an item pending.
func queues(p *steps.Process, pending machine.Loc) bool {
	for _, pt := range p.Points {
		for _, s := range pt.Steps {
			if slices.ContainsFunc(s.Updates, func(u steps.Update) bool { return u.Loc == pending && !isFalse(u.Term) }) {
				return true
			}
		}
	}
	return false
}

func isFalse(t *machine.Term) bool { return t.Op == machine.Constant && t.Val == 0 }

// findWritten finds the registers that a process changes.
func (w *writer) findWritten(r *role) {
	for _, reg := range r.proc.Params {
		r.written[reg] = true
	}
	var flow func(f *steps.Flow)
	flow = func(f *steps.Flow) {
		if f.If != nil {
			flow(f.Then)
			flow(f.Else)
		}
		for _, u := range f.Sets {
			r.written[u.Loc.Reg()] = true
		}
	}
	flow(r.proc.Entry)
	for _, pt := range r.proc.Points {
		for _, s := range pt.Steps {
			flow(s.Then)
		}
	}
}

// pid is the number that Spin gives the process of a slot; init has 0.
func (w *writer) pid(slot int) int {
	n := 0
	for _, r := range w.roles {
		for _, s := range r.slots {
			if n++; s == slot {
				return n
			}
		}
	}
	return 0
}

// place is the index in `spawned` of a slot that a spawn statement fills.
func (w *writer) place(slot int) int {
	n := 0
	for _, r := range w.roles {
		for _, s := range r.slots {
			switch {
			case s == slot:
				return n
			case r.kind == machine.SpawnedSlot:
				n++
			}
		}
	}
	return n
}

// findReads finds the globals and counters that have to be there because something reads them.
func (w *writer) findReads() {
	w.living = map[*check.Process]bool{}
	for _, g := range w.m.Vars {
		if len(valuesOf(w.m.Inits, g)) > 1 { // what nobody reads tells states apart all the same
			w.globals[machine.Loc(g.Index)] = true
		}
	}
	for _, r := range w.roles {
		w.readFlow(r.proc.Entry)
		for _, pt := range r.proc.Points {
			for _, s := range pt.Steps {
				w.read(s.Guards...)
				w.read(s.Spawn...)
				w.readUpdates(s.Updates)
				w.readFlow(s.Then)
			}
		}
		if r.kind == machine.WorkerSlot {
			w.globals[machine.Loc(w.m.Works[r.proc.Work].Pending)] = true
		}
	}
	w.readProperties()
}

func (w *writer) readFlow(f *steps.Flow) {
	if f.If != nil {
		w.read(f.If)
		w.readFlow(f.Then)
		w.readFlow(f.Else)
	}
	w.readUpdates(f.Sets)
}

func (w *writer) readUpdates(us []steps.Update) {
	for _, u := range us {
		w.read(u.Term)
		if !u.Loc.IsReg() {
			w.globals[u.Loc] = true
		}
	}
}

// read notes what terms read.
func (w *writer) read(ts ...*machine.Term) {
	for _, t := range ts {
		switch {
		case (t.Op == machine.Read || t.Op == machine.Active) && !t.Loc.IsReg():
			w.globals[t.Loc] = true
		case t.Op == machine.Living:
			w.living[t.Proc] = true
		}
		w.read(t.Args...)
	}
}

// readProperties notes what claims read.
func (w *writer) readProperties() {
	for _, p := range w.m.Props {
		w.readFormula(p.Decl.Expr)
	}
	for _, b := range w.m.Balances {
		w.globals[machine.Loc(w.m.Wakeups[b.Wakeup].Global)] = true
		if b.Unless != nil {
			w.read(w.m.Close(b.Unless.Term))
		}
		for _, i := range b.Works {
			w.globals[machine.Loc(w.m.Works[i].Pending)] = true
		}
		w.read(w.m.Close(w.exists(w.m.Wakeups[b.Wakeup])))
	}
	for _, t := range w.m.Trans {
		w.globals[machine.Loc(t.Global)] = true
	}
}

// readFormula notes what the state predicates of a formula read.
func (w *writer) readFormula(e lang.Expr) {
	if !lang.IsTemporal(e) {
		w.read(w.m.Close(w.m.Predicate(e).Term))
		return
	}
	switch x := lang.Unparen(e).(type) {
	case *lang.Unary:
		w.readFormula(x.X)
	case *lang.Binary:
		w.readFormula(x.X)
		w.readFormula(x.Y)
	}
}
