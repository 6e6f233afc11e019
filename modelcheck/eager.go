package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Partial-order reduction. Many steps of an activation are nobody else's business: a log line, a test of
// what only the holder of a lock may write. Such a step can always be taken once it is reached, commutes with whatever others do in between, and changes no property. So the
// search takes it at once, with the step that leads to it: every behaviour of the model is one of these
// with steps in another order (Lipton, Reduction, CACM 1975). It can never be put off for ever in a fair
// behaviour either, and bodies have no loops, so that cycles and temporal properties stay as they are.
//
// Lengths stay as well: a step that was taken at once is counted when its activation goes on, and not at
// all where it does not. A frame carries how many there are, see machine.FrameMark.

// eagerFinder knows what the processes of an instance write and what properties ask for.
type eagerFinder struct {
	sp         *space
	runs       map[*machine.Proc]bool
	written    map[machine.Loc]bool // variables
	predicates []*machine.Cond      // of properties
	held       map[*machine.Proc]holding
	consts     []State // initial states, with what may change open
}

// findEager marks the steps that are taken at once, by node and edge.
func (sp *space) findEager() {
	f := &eagerFinder{sp: sp, runs: map[*machine.Proc]bool{}, written: map[machine.Loc]bool{}, held: map[*machine.Proc]holding{}}
	f.survey()
	sp.eager = make([][]bool, len(sp.m.Nodes))
	for _, n := range sp.m.Nodes[1:] {
		if !f.runs[n.Root] || !f.quiet(n) {
			continue
		}
		for _, e := range sp.m.Steps[n.ID] {
			sp.eager[n.ID] = append(sp.eager[n.ID], f.keepsResponsibility(e))
		}
	}
}

func (f *eagerFinder) survey() {
	m := f.sp.m
	for i := range f.sp.in.Slots {
		p := f.sp.in.Slots[i].Proc
		f.runs[p] = true
		f.held[p] = f.sp.heldBy(p)
	}
	for _, n := range m.Nodes[1:] {
		if f.runs[n.Root] {
			f.writes(n)
		}
	}
	for _, p := range m.Info.Properties {
		if p.Kind != lang.Deadline { // only traces are judged by it
			f.parts(p.Expr)
		}
	}
	for _, b := range m.Balances {
		if b.Unless != nil {
			f.predicates = append(f.predicates, b.Unless)
		}
	}
	for _, init := range f.sp.inits {
		s := slices.Clone(init)
		for _, g := range m.Globals {
			if g.Kind > machine.DeviceGlobal && (g.Kind != machine.VarGlobal || f.written[machine.Loc(g.Index)]) {
				s[g.Index] = machine.Open
			}
		}
		f.consts = append(f.consts, s)
	}
}

func (f *eagerFinder) writes(n *machine.Node) {
	for _, a := range n.Assigns {
		f.written[a.Loc] = true
	}
	for _, p := range n.Paths {
		for _, e := range p {
			f.writes(e.Node)
		}
	}
}

// parts collects the predicates that a formula is made of.
func (f *eagerFinder) parts(e lang.Expr) {
	if !lang.IsTemporal(e) {
		f.predicates = append(f.predicates, f.sp.m.Predicate(e))
		return
	}
	switch x := e.(type) {
	case *lang.Paren:
		f.parts(x.X)
	case *lang.Unary:
		f.parts(x.X)
	case *lang.Binary:
		f.parts(x.X)
		f.parts(x.Y)
	}
}

// quiet tells whether the steps of a node can always be taken, touch nothing of others, and show in no
// property but, perhaps, a balance.
func (f *eagerFinder) quiet(n *machine.Node) bool {
	switch n.Kind {
	case machine.Log, machine.Event:
		return true
	case machine.Test:
		return f.decided(n.Cond) || !living(n.Cond.Term) && f.own(n, n.Cond.Reads)
	case machine.Assign:
		return !slices.ContainsFunc(n.Assigns, func(a machine.Assignment) bool {
			return living(a.Value.Term) || !f.own(n, a.Value.Reads) || !f.own(n, []machine.Loc{a.Loc}) || f.shows(n, a.Loc)
		})
	}
	return false
}

// decided tells whether constants alone decide a condition over globals.
func (f *eagerFinder) decided(c *machine.Cond) bool {
	if slices.ContainsFunc(c.Reads, machine.Loc.IsReg) || living(c.Term) {
		return false
	}
	return !slices.ContainsFunc(f.consts, func(s State) bool { return c.Holds(s, nil) == machine.Open })
}

// living tells whether a term asks which processes live.
func living(t *machine.Term) bool {
	return t.Op == machine.Living || slices.ContainsFunc(t.Args, living)
}

// own tells whether nobody else can write these places while an activation is at n.
func (f *eagerFinder) own(n *machine.Node, places []machine.Loc) bool {
	return !slices.ContainsFunc(places, func(l machine.Loc) bool { return !f.mine(n, l) })
}

func (f *eagerFinder) mine(n *machine.Node, l machine.Loc) bool {
	switch {
	case l.IsReg() || f.sp.m.Globals[l].Kind <= machine.DeviceGlobal:
		return true
	case f.sp.m.Globals[l].Kind != machine.VarGlobal:
		return false
	}
	return f.guardedAt(n, l) >= 0 || !f.written[l]
}

// guardedAt gives the mutex that n is under and that everybody needs to write a variable, −1 if there is
// none.
func (f *eagerFinder) guardedAt(n *machine.Node, l machine.Loc) int {
	at := f.held[n.Root].at
	i := slices.Index(f.sp.m.Info.Mutexes, f.sp.m.Info.Protected[f.sp.m.Globals[l].Object])
	if i < 0 || at == nil || at[n.ID]>>i&1 == 0 {
		return -1
	}
	return i
}

// shows tells whether a property may notice when n writes a place: unless it says the same whatever the
// place holds, as long as the mutex over it is held. Transitions are judged where the step is taken, and
// see the values of a variable under a mutex in the same order always.
func (f *eagerFinder) shows(n *machine.Node, l machine.Loc) bool {
	if l.IsReg() {
		return false
	}
	mutex := f.guardedAt(n, l)
	for _, p := range f.predicates {
		if slices.Contains(p.Reads, l) && (mutex < 0 || !f.blind(p, mutex)) {
			return true
		}
	}
	return false
}

// blind tells whether a predicate does not change while a mutex is held.
func (f *eagerFinder) blind(p *machine.Cond, mutex int) bool {
	for _, s := range f.consts {
		s = append(slices.Clone(s[:f.sp.m.NumGlobals]), make(State, len(s)-f.sp.m.NumGlobals)...)
		s[f.sp.m.Mutexes[mutex]] = 1
		if living(p.Term) || p.Holds(s, nil) == machine.Open {
			return false
		}
	}
	return true
}

// keepsResponsibility tells whether an activation that takes e answers for the same wakeup sources as
// before, whatever the constants are.
func (f *eagerFinder) keepsResponsibility(e *machine.Edge) bool {
	for _, b := range f.sp.m.Balances {
		for _, s := range f.consts {
			before := f.sp.m.Responsible(b, e.From, s)
			if slices.ContainsFunc(f.sp.stops(e.To, s), func(n *machine.Node) bool { return f.sp.m.Responsible(b, n, s) != before }) {
				return false
			}
		}
	}
	return true
}

// stops lists the nodes where the control that begins at n can come to rest, as far as the constants of s
// tell. A nil state tells nothing.
func (sp *space) stops(n *machine.Node, s State) []*machine.Node {
	switch {
	case n.Kind == machine.Branch:
		v := machine.Open
		if s != nil && !slices.ContainsFunc(n.Cond.Reads, machine.Loc.IsReg) {
			v = n.Cond.Holds(s, nil)
		}
		var all []*machine.Node
		if v != 0 {
			all = sp.stops(n.Next, s)
		}
		if v != 1 {
			all = append(all, sp.stops(n.Else, s)...)
		}
		return all
	case n.Kind == machine.Set || n.Kind.IsObs():
		return sp.stops(n.Next, s)
	}
	return []*machine.Node{n}
}

// marks lists for every node of p how many steps may have been taken at once on the way to it.
func (sp *space) marks(p *machine.Proc) [][]machine.Val {
	at := make([][]machine.Val, len(sp.m.Nodes))
	var arrive func(n *machine.Node, count machine.Val)
	arrive = func(n *machine.Node, count machine.Val) {
		for _, stop := range sp.stops(n, nil) {
			if slices.Contains(at[stop.ID], count) {
				continue
			}
			at[stop.ID] = append(at[stop.ID], count)
			for i, e := range sp.m.Steps[stop.ID] {
				switch {
				case e.To == nil:
				case sp.eager[stop.ID] != nil && sp.eager[stop.ID][i]:
					arrive(e.To, count+1)
				default:
					arrive(e.To, 0)
				}
			}
		}
	}
	arrive(p.Entry, 0)
	return at
}

// hurry takes the steps of the activation at off that are taken at once, and notes how many they are. each
// sees them one by one: the first is number 1, of the states before it there are only the globals.
func (sp *space) hurry(s State, off int, each func(e *machine.Edge, n int, before, after State)) {
	if sp.eager == nil {
		return
	}
	n := 0
	for e := sp.next(s, off); e != nil; e = sp.next(s, off) {
		n++
		if each == nil {
			sp.m.Exec(s, off, e, machine.Whole)
		} else {
			before := slices.Clone(s[:sp.m.NumGlobals])
			sp.m.Exec(s, off, e, machine.Whole)
			each(e, n, before, s)
		}
		sp.settle(s, off)
	}
	s[off+machine.FrameMark] = machine.Val(n)
}

// next gives the step of the activation at off that is taken at once, nil if there is none.
func (sp *space) next(s State, off int) *machine.Edge {
	eager := sp.eager[s[off+machine.FramePC]]
	f := s[off+machine.FrameRegs : off+sp.m.FrameSize]
	for i, yes := range eager {
		e := sp.m.Steps[s[off+machine.FramePC]][i]
		if !slices.ContainsFunc(e.Guards, func(g *machine.Conj) bool { return g.Eval(s, f) != 1 }) {
			if yes && sp.stays(s, f, e) {
				return e
			}
			return nil
		}
	}
	return nil
}

// stays tells whether what e assigns stays within its bounds.
func (sp *space) stays(s State, f []machine.Val, e *machine.Edge) bool {
	for _, a := range e.Node.Assigns {
		var typ check.Type
		if a.Loc.IsReg() {
			typ = e.Node.Root.Regs[a.Loc.Reg()]
		} else {
			typ = sp.m.Globals[a.Loc].Object.Type
		}
		if v := int(a.Value.Eval(s, f)); typ.Kind == check.IntType && (v < typ.Lo || v > typ.Hi) {
			return false
		}
	}
	return true
}

// owed is the number of steps that activations have taken at once and that are not counted yet.
func (sp *space) owed(s State) int {
	n := 0
	for i := range sp.in.Slots {
		n += int(s[sp.in.Slots[i].Off+machine.FrameMark])
	}
	return n
}
