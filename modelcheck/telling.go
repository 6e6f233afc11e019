package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// telling chooses among the ways to follow the script the one that a reader should see. The first found is the
// shortest, but often one in which there is nothing to release, or a call that was interrupted at once.
func (r *runner) telling(intended []*Outcome) *Trace {
	best, worth := -1, [3]int{}
	for _, e := range r.shown(intended) {
		w := r.worth(e)
		if best < 0 || slices.Compare(w[:], worth[:]) < 0 {
			best, worth = e, w
		}
	}
	if best < 0 {
		return nil
	}
	return r.trace(best)
}

// shown lists the ends to choose from: those that violate what the scenario says first of what ought to be
// and is not, else all.
func (r *runner) shown(intended []*Outcome) []int {
	for _, o := range intended {
		i := r.item(o.Decl)
		if o.Verdict != Violated || i < 0 {
			continue
		}
		return slices.DeleteFunc(slices.Clone(r.ends), func(e int) bool { return !r.violates(r.points[e], i) })
	}
	return r.ends
}

// worth rates the run that ends in a point, less being better: wakeup sources that are not there, functions
// that fail, movements.
func (r *runner) worth(end int) [3]int {
	w := [3]int{}
	p := r.points[end]
	for ; p.from >= 0; p = r.points[p.from] {
		w[1] += truth(r.failed(&p.mi))
		w[2]++
	}
	for _, x := range r.m.Wakeups {
		w[0] += truth(x.If != nil && x.If.Holds(p.s, nil) != 1)
	}
	return w
}

// failed reports whether a movement is the end of a function that fails.
func (r *runner) failed(mi *micro) bool {
	n := mi.node
	if n == nil || n.Kind != machine.ObsExit || n.Result == nil {
		return false
	}
	f := mi.before[mi.off+machine.FrameRegs : mi.off+r.m.FrameSize]
	return n.Result.Eval(mi.before, f) != 0
}
