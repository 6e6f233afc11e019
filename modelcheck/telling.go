package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// telling chooses among the ways to follow the script the one that a reader should see. The first found is the
// shortest, but often one in which there is nothing to release, or a call that was interrupted at once.
func (r *runner) telling(intended []*Outcome) (t *Trace, broken int) {
	item, ends := r.shown(intended)
	best, worth := -1, [3]int{}
	for _, e := range ends {
		w := r.worth(e)
		if best < 0 || slices.Compare(w[:], worth[:]) < 0 {
			best, worth = e, w
		}
	}
	if best < 0 {
		return nil, 0
	}
	t = r.trace(best)
	if item != nil {
		broken = t.breaks(item)
	}
	return t, broken
}

// breaks gives the number of the first step after which an item is violated, 0 if there is none.
func (t *Trace) breaks(it *item) int {
	for i, st := range t.Steps {
		if it.state != nil && it.state(st.After) || it.edge != nil && st.Edge != nil && it.edge(st.Before, st.After) {
			return i + 1
		}
	}
	return 0
}

// shown lists the ends to choose from: those that violate what the scenario says first of what ought to be
// and is not, with that; else all.
func (r *runner) shown(intended []*Outcome) (*item, []int) {
	for _, o := range intended {
		i := r.item(o.Decl)
		if o.Verdict != Violated || i < 0 {
			continue
		}
		return r.items[i], slices.DeleteFunc(slices.Clone(r.ends), func(e int) bool { return !r.violates(r.points[e], i) })
	}
	return nil, r.ends
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
