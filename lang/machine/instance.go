package machine

import (
	"errors"
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
)

// SlotKind says how activations come into a slot.
type SlotKind uint8

// The kinds of slot.
const (
	OnceSlot    SlotKind = iota // the environment starts one, once: `spawn P * n` of explore
	WorkerSlot                  // a worker runs a work item, again and again
	SpawnedSlot                 // a `spawn` statement starts one when the last one has ended
)

// MaxSlots bounds the activations of an instance.
const MaxSlots = 64

// MaxCount bounds a counted wakeup source; beyond it an instance has left its bounds.
const MaxCount = 63

// Slot is a place for activations of one process: a frame of every state.
type Slot struct {
	Kind SlotKind
	Proc *Proc
	Off  int // of its frame

	Work    int   // WorkerSlot: which item
	First   int   // OnceSlot: the first slot of the same `spawn`
	Spawner int   // SpawnedSlot: whose statement
	Node    *Node // SpawnedSlot: the statement
}

// Instance is what `explore` makes of a machine: finitely many activations, and initial states.
type Instance struct {
	*Machine
	Kernel string // that closes the features, "" for none
	Slots  []Slot
	Inits  []State // globals only
}

// ErrNothing is for modules without `explore`.
var ErrNothing = errors.New("there is nothing to explore: add `explore { … }`")

// Instance gives the instance that `explore` describes, in the given kernel; "" takes all values of the
// features.
func (m *Machine) Instance(kernel string) (*Instance, error) {
	x := m.Info.Explore
	if x == nil {
		return nil, ErrNothing
	}
	in := &Instance{Machine: m, Kernel: kernel}
	if err := in.addSlots(x); err != nil {
		return nil, err
	}
	var err error
	in.Inits, err = m.Initials(kernel, x.Starts)
	return in, err
}

// addSlots lays out the frames: the explored activations as they are written, the work items, and one
// for every spawn statement of any of these.
func (in *Instance) addSlots(x *lang.Explore) error {
	for _, s := range x.Spawns {
		p := in.Proc(s.Process.Name)
		first := len(in.Slots)
		for range s.Count {
			in.add(Slot{Kind: OnceSlot, Proc: p, First: first})
		}
	}
	for i, w := range in.Works {
		in.add(Slot{Kind: WorkerSlot, Proc: w.Proc, Work: i})
	}
	for i := 0; i < len(in.Slots); i++ {
		for _, n := range in.Nodes[1:] {
			if n.Kind == Spawn && n.Root == in.Slots[i].Proc {
				in.add(Slot{Kind: SpawnedSlot, Proc: n.Proc, Spawner: i, Node: n})
			}
		}
		if len(in.Slots) > MaxSlots {
			return fmt.Errorf("%s: %d activations are more than the %d that can be explored: give smaller counts",
				x.Pos(), len(in.Slots), MaxSlots)
		}
	}
	return nil
}

func (in *Instance) add(s Slot) {
	s.Off = in.NumGlobals + len(in.Slots)*in.FrameSize
	in.Slots = append(in.Slots, s)
}

// Size is the number of values of a whole state.
func (in *Instance) Size() int { return in.NumGlobals + len(in.Slots)*in.FrameSize }

// Spawned gives the slot that a spawn statement of a slot fills.
func (in *Instance) Spawned(by int, n *Node) int {
	for i := range in.Slots {
		if s := &in.Slots[i]; s.Kind == SpawnedSlot && s.Spawner == by && s.Node == n {
			return i
		}
	}
	panic("machine: no slot for " + n.Span.String())
}
