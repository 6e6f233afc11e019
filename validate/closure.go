package validate

import (
	"github.com/rprocspec/rprocspec/lang/machine"
)

// maxSet bounds a set of explanations; beyond it the subject becomes unknown.
const maxSet = 200_000

// maxLogSet is the bound for a kernel log alone: more explanations make its answer no better, see
// logonly.go.
const maxLogSet = 4000

func (v *Validator) maxSet() int {
	if v.logOnly() {
		return maxLogSet
	}
	return maxSet
}

// closure adds to a set what can have happened without a record. With reduce, an explanation in which
// some activation can only go on by itself, unseen and without any influence on others, is replaced by
// what it becomes (Lipton's reduction); without, everything on the way is kept.
func (x *subject) closure(in *set, reduce bool) *set {
	out := newSet(x.m)
	work := append([]*exp(nil), in.list...)
	seen := newSet(x.m)
	for len(work) > 0 {
		e := work[len(work)-1]
		work = work[:len(work)-1]
		x.meet(e.s)
		if !seen.add(e) {
			continue
		}
		if len(seen.list) > x.v.maxSet() {
			x.overflow = true
			return out
		}
		next, keep := x.silent(e, reduce)
		if keep {
			out.add(e)
		}
		work = append(work, next...)
	}
	return out
}

// silent lists the silent successors of e; keep tells whether e itself still counts.
func (x *subject) silent(e *exp, reduce bool) (next []*exp, keep bool) {
	if reduce {
		for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
			if next, ok := x.eager(e, off); ok {
				return next, false
			}
		}
	}
	for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
		ns, split := x.silentFrame(e, off)
		if split {
			return ns, false
		}
		next = append(next, ns...)
	}
	for i := range x.m.Works {
		next = append(next, x.dequeue(e, i)...)
	}
	return next, true
}

// silentFrame takes every silent step of one activation. split tells that the results replace e.
func (x *subject) silentFrame(e *exp, off int) (next []*exp, split bool) {
	for _, edge := range x.m.Micro[e.s[off+machine.FramePC]] {
		if x.seen(edge.Node, e.s[off+machine.FrameMark]) == mustShow {
			continue
		}
		n, eff, variants, ok := x.step(e, off, edge)
		if !ok {
			continue
		}
		if variants != nil {
			return variants, true
		}
		if eff.Edge > 0 && x.vis().on == mustShow || eff.Edge < 0 && x.vis().off == mustShow {
			continue
		}
		next = append(next, n)
	}
	return next, false
}

// dequeue lets a worker take a pending item; its execute_start comes later.
func (x *subject) dequeue(e *exp, work int) []*exp {
	if !x.m.CanStart(e.s, work) {
		return nil // an item of which nothing is known starts where a record shows it
	}
	n := e.fork()
	off := x.addFrame(n)
	x.m.StartWork(n.s, work, off)
	x.rejudge(e, n, nil)
	return []*exp{n}
}

// eager gives the successors of e by one activation alone, if all that it can do next is silent,
// touches nothing that others see, and can wait for nobody.
func (x *subject) eager(e *exp, off int) ([]*exp, bool) {
	pc := e.s[off+machine.FramePC]
	mark := e.s[off+machine.FrameMark]
	ways := 0
	for _, edge := range x.m.Micro[pc] {
		v, l := x.m.Way(e.s, off, edge)
		if v == 0 {
			continue
		}
		if v == machine.Open {
			return x.split(e, off, l), true
		}
		if x.seen(edge.Node, mark) != silentStep || !x.mover(edge.Node, e.s[off+machine.FrameHeld]) {
			return nil, false
		}
		ways++
	}
	if ways == 0 {
		return nil, false
	}
	var next []*exp
	for _, edge := range x.m.Micro[pc] {
		n, _, variants, ok := x.step(e, off, edge)
		if variants != nil {
			return variants, true
		}
		if ok {
			next = append(next, n)
		}
	}
	return next, len(next) > 0
}

// mover tells whether a silent step commutes with whatever other activations do.
func (x *subject) mover(n *machine.Node, held machine.Val) bool {
	switch n.Kind {
	case machine.Unlock, machine.End:
		return true
	case machine.Test:
		for _, l := range n.Cond.Reads {
			if !x.private(l, held) {
				return false
			}
		}
		return true
	case machine.Assign:
		for _, a := range n.Assigns {
			if !x.private(a.Loc, held) || !a.Loc.IsReg() && x.v.watched[a.Loc] {
				return false
			}
			for _, l := range a.Value.Reads {
				if !x.private(l, held) {
					return false
				}
			}
		}
		return true
	}
	return n.Kind.IsObs()
}

// private tells whether nobody else can change or see the place: a register, a constant, a variable
// whose mutex is held, one of which no value is kept, or one that only the end of the subject writes
// (what a removal that nobody saw did in between is not looked for).
func (x *subject) private(l machine.Loc, held machine.Val) bool {
	if l.IsReg() {
		return true
	}
	g := x.m.Globals[l]
	if g.Kind < machine.VarGlobal || g.Havoc || x.v.endsOnly[g.Index] {
		return true
	}
	if g.Kind != machine.VarGlobal {
		return false
	}
	i, ok := x.v.guardedBy[g.Index]
	return ok && held&(1<<i) != 0
}
