package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// moveKind says what a move is.
type moveKind uint8

const (
	stepMove  moveKind = iota // an activation takes a step
	startMove                 // the environment starts an activation
	workMove                  // a worker takes a pending item
)

// move is one way out of a state.
type move struct {
	kind moveKind
	slot int
	edge *machine.Edge // stepMove
}

// fair reports whether the move cannot be put off for ever.
func (mv *move) fair() bool { return mv.kind != startMove }

// stepper finds the moves of states. It is for one goroutine.
type stepper struct {
	sp  *space
	t   State
	pos int // where a value left its bounds, −1: nowhere

	mover int // the slot that moves
	// taken sees every step of an activation: number 0, and those that are taken at once behind it. After it
	// control is not settled yet, and before it there may be only the globals.
	taken func(e *machine.Edge, n int, before, after State)
}

func newStepper(sp *space) *stepper { return &stepper{sp: sp, t: make(State, sp.size), pos: -1} }

// each calls yield for every move of s in order, with the state that it leads to. That state belongs
// to the stepper: it is good until yield returns. yield gives false to stop.
func (st *stepper) each(s State, yield func(mv move, t State) bool) {
	for i := range st.sp.in.Slots {
		if !st.slot(s, i, yield) {
			return
		}
	}
}

func (st *stepper) slot(s State, i int, yield func(mv move, t State) bool) bool {
	st.mover = i
	sl := &st.sp.in.Slots[i]
	switch pc := s[sl.Off+machine.FramePC]; {
	case pc > 0:
		return st.steps(s, i, yield)
	case sl.Kind == machine.WorkerSlot:
		if !st.sp.m.CanStart(s, sl.Work) {
			return true
		}
		copy(st.t, s)
		st.sp.m.StartWork(st.t, sl.Work, sl.Off)
		return st.arrive(i, move{kind: workMove, slot: i}, yield)
	case sl.Kind == machine.OnceSlot && pc == 0:
		if !st.sp.exact && i > sl.First && s[st.sp.in.Slots[i-1].Off] == 0 {
			return true // as the one before it
		}
		return st.start(s, i, yield)
	}
	return true
}

// start lets the environment start an activation, with every choice of its parameters.
func (st *stepper) start(s State, i int, yield func(mv move, t State) bool) bool {
	sl := &st.sp.in.Slots[i]
	for _, args := range st.sp.parameters(sl.Proc, s) {
		copy(st.t, s)
		st.sp.m.Start(st.t, sl.Off, sl.Proc)
		for j, v := range args {
			st.t[sl.Off+machine.FrameRegs+sl.Proc.Params[j]] = v
		}
		if !st.arrive(i, move{kind: startMove, slot: i}, yield) {
			return false
		}
	}
	return true
}

// steps takes every step that the activation in slot i can take.
func (st *stepper) steps(s State, i int, yield func(mv move, t State) bool) bool {
	sl := &st.sp.in.Slots[i]
	for _, e := range st.sp.m.Steps[s[sl.Off+machine.FramePC]] {
		copy(st.t, s)
		ok, _, eff := st.sp.m.Exec(st.t, sl.Off, e, machine.Whole)
		if ok != 1 {
			continue
		}
		if st.taken != nil {
			st.taken(e, 0, s, st.t)
		}
		mv := move{kind: stepMove, slot: i, edge: e}
		switch {
		case eff.Spawn != nil:
			if !st.spawn(i, eff.Spawn, mv, yield) {
				return false
			}
		case eff.Ended:
			if sl.Kind == machine.OnceSlot {
				st.t[sl.Off+machine.FramePC] = done
			}
			if !yield(mv, st.t) {
				return false
			}
		case !st.arrive(i, mv, yield):
			return false
		}
	}
	return true
}

// arrive settles slot i, takes the steps that are taken at once, and hands the state on.
func (st *stepper) arrive(i int, mv move, yield func(mv move, t State) bool) bool {
	st.settle(i)
	return yield(mv, st.t)
}

func (st *stepper) settle(i int) {
	off := st.sp.in.Slots[i].Off
	st.sp.settle(st.t, off)
	st.sp.hurry(st.t, off, st.taken)
}

// spawn starts the activation that a spawn statement of slot i asks for, with every choice of the
// parameters that it leaves open. While the last one is live there is no place: it is not started,
// and the bounds of the instance are left.
func (st *stepper) spawn(i int, n *machine.Node, mv move, yield func(mv move, t State) bool) bool {
	sl, by := &st.sp.in.Slots[st.sp.in.Spawned(i, n)], &st.sp.in.Slots[i]
	if st.t[sl.Off+machine.FramePC] != 0 {
		st.pos = sl.Off
		defer func() { st.pos = -1 }()
		return st.arrive(i, mv, yield)
	}
	var given []machine.Val
	for _, a := range n.Args {
		given = append(given, a.Eval(st.t, st.t[by.Off+machine.FrameRegs:by.Off+st.sp.m.FrameSize]))
	}
	choices := [][]machine.Val{given}
	if len(n.Args) == 0 {
		choices = st.sp.parameters(sl.Proc, st.t)
	}
	from := slices.Clone(st.t)
	for _, args := range choices {
		copy(st.t, from)
		st.sp.m.Start(st.t, sl.Off, sl.Proc)
		for j, v := range args {
			st.t[sl.Off+machine.FrameRegs+sl.Proc.Params[j]] = v
		}
		st.settle(st.sp.in.Spawned(i, n))
		if !st.arrive(i, mv, yield) {
			return false
		}
	}
	return true
}
