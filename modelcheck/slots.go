package modelcheck

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// slotKind says how activations come into a slot.
type slotKind uint8

const (
	onceSlot    slotKind = iota // the environment starts one, once: `spawn P * n` of explore
	workerSlot                  // a worker runs a work item, again and again
	spawnedSlot                 // a `spawn` statement starts one when the last one has ended
)

// done is the program point of a onceSlot whose activation has ended.
const done machine.Val = -1

// maxSlots bounds the activations of an instance.
const maxSlots = 64

// slot is a place for activations of one process: a frame of every state.
type slot struct {
	kind slotKind
	proc *machine.Proc
	off  int // of its frame

	work    int           // workerSlot: which item
	first   int           // onceSlot: the first slot of the same `spawn`
	spawner int           // spawnedSlot: whose statement
	node    *machine.Node // spawnedSlot: the statement
}

// addSlots lays out the frames: the explored activations as they are written, the work items, and one
// for every spawn statement of any of these.
func (sp *space) addSlots(x *lang.Explore) error {
	for _, s := range x.Spawns {
		p := sp.m.Proc(s.Process.Name)
		first := len(sp.slots)
		for range s.Count {
			sp.add(slot{kind: onceSlot, proc: p, first: first})
		}
	}
	for i, w := range sp.m.Works {
		sp.add(slot{kind: workerSlot, proc: w.Proc, work: i})
	}
	for i := 0; i < len(sp.slots); i++ {
		for _, n := range sp.m.Nodes[1:] {
			if n.Kind == machine.Spawn && n.Root == sp.slots[i].proc {
				sp.add(slot{kind: spawnedSlot, proc: n.Proc, spawner: i, node: n})
			}
		}
		if len(sp.slots) > maxSlots {
			return fmt.Errorf("%s: %d activations are more than the %d that can be explored: give smaller counts",
				x.Pos(), len(sp.slots), maxSlots)
		}
	}
	return nil
}

func (sp *space) add(s slot) {
	s.off = sp.m.NumGlobals + len(sp.slots)*sp.m.FrameSize
	sp.slots = append(sp.slots, s)
}

// spawned gives the slot that a spawn statement of a slot fills.
func (sp *space) spawned(by int, n *machine.Node) *slot {
	for i := range sp.slots {
		if s := &sp.slots[i]; s.kind == spawnedSlot && s.spawner == by && s.node == n {
			return s
		}
	}
	panic("modelcheck: no slot for " + n.Span.String())
}

// parameters lists the assignments that an activation of p may start with, for its parameters in order.
// Parameters that decide nothing have their first value, unless the search is exact.
func (sp *space) parameters(p *machine.Proc, s State) [][]machine.Val {
	all := [][]machine.Val{nil}
	for _, r := range p.Params {
		dom := sp.m.Domain(machine.RegLoc(r), p, s)
		if !sp.exact && !sp.relevant[p.Index][r] {
			dom = []machine.Val{machine.First(p.Regs[r])}
		}
		var next [][]machine.Val
		for _, a := range all {
			for _, v := range dom {
				next = append(next, append(a[:len(a):len(a)], v))
			}
		}
		all = next
	}
	return all
}
