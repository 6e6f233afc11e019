package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// findRelevant finds, for every process, the registers on which anything but a record depends: those
// that a condition, an assignment or the argument of a spawn reads, and those that such a register
// gets its value from.
func findRelevant(m *machine.Machine) [][]bool {
	all := make([][]bool, len(m.Procs))
	for i, p := range m.Procs {
		all[i] = make([]bool, len(p.Regs))
	}
	for changed := true; changed; {
		changed = false
		for _, n := range m.Nodes[1:] {
			rel := all[n.Root.Index]
			for _, r := range decisive(n, rel) {
				changed = changed || !rel[r]
				rel[r] = true
			}
		}
	}
	return all
}

// decisive lists the registers that n reads and that matter, if those in rel do.
func decisive(n *machine.Node, rel []bool) []int {
	var regs []int
	read := func(ls []machine.Loc) { regs = append(regs, regsOf(ls)...) }
	if n.Cond != nil {
		read(n.Cond.Reads)
	}
	switch n.Kind {
	case machine.Set:
		if rel[n.Reg] {
			read(n.Value.Reads)
		}
	case machine.Assign:
		for _, a := range n.Assigns {
			if !a.Loc.IsReg() || rel[a.Loc.Reg()] {
				read(a.Value.Reads)
			}
		}
	case machine.Spawn:
		for _, a := range n.Args {
			read(a.Reads)
		}
	}
	for _, p := range n.Paths {
		for _, e := range p {
			regs = append(regs, decisiveEdge(e, rel)...)
		}
	}
	return regs
}

// decisiveEdge is decisive for what an atomic block passes.
func decisiveEdge(e *machine.Edge, rel []bool) []int {
	var regs []int
	for _, p := range e.Pre {
		switch {
		case p.Guard != nil:
			regs = append(regs, regsOf(p.Guard.Reads)...)
		case rel[p.Reg]:
			regs = append(regs, regsOf(p.Value.Reads)...)
		}
	}
	for _, g := range e.Guards {
		regs = append(regs, regsOf(g.Reads)...)
	}
	return append(regs, decisive(e.Node, rel)...)
}

func regsOf(ls []machine.Loc) []int {
	var regs []int
	for _, l := range ls {
		if l.IsReg() {
			regs = append(regs, l.Reg())
		}
	}
	return regs
}

// liveness finds, for every node, the registers whose value may still be needed there.
type liveness struct {
	relevant [][]bool
	at       [][]int // by node ID; nil: not computed yet
}

// dead lists the registers of p's frame that nothing will read from n on.
func (l *liveness) dead(n *machine.Node) []int {
	live := l.live(n)
	var regs []int
	for r := range n.Root.Regs {
		if !slices.Contains(live, r) {
			regs = append(regs, r)
		}
	}
	return regs
}

// live gives the live registers of n, sorted. Bodies have no loops.
func (l *liveness) live(n *machine.Node) []int {
	if n == nil {
		return nil
	}
	if l.at[n.ID] != nil {
		return l.at[n.ID]
	}
	set := map[int]bool{}
	for _, next := range append([]*machine.Node{n.Next, n.Else}, n.Alts...) {
		for _, r := range l.live(next) {
			set[r] = true
		}
	}
	for _, r := range written(n) {
		delete(set, r)
	}
	for _, r := range decisive(n, l.relevant[n.Root.Index]) {
		set[r] = true
	}
	regs := make([]int, 0, len(set))
	for r := range set {
		regs = append(regs, r)
	}
	slices.Sort(regs)
	l.at[n.ID] = regs
	return regs
}

// written lists the registers that n always sets.
func written(n *machine.Node) []int {
	switch {
	case (n.Kind == machine.Set || n.Kind == machine.Cancel) && n.Reg >= 0:
		return []int{n.Reg}
	case n.Kind == machine.Assign:
		var regs []int
		for _, a := range n.Assigns {
			if a.Loc.IsReg() {
				regs = append(regs, a.Loc.Reg())
			}
		}
		return regs
	}
	return nil
}
