package machine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
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

// Spawns is how often the environment starts a process in an instance.
type Spawns struct {
	Proc  *Proc
	Count int
}

// Instance gives the instance that `explore` describes, in the given kernel; "" takes all values of the
// features.
func (m *Machine) Instance(kernel string) (*Instance, error) {
	x := m.Info.Explore
	if x == nil {
		return nil, ErrNothing
	}
	var spawns []Spawns
	for _, s := range x.Spawns {
		spawns = append(spawns, Spawns{m.Proc(s.Process.Name), s.Count})
	}
	in, err := m.InstanceOf(kernel, spawns, x.Starts)
	if errors.Is(err, errSlots) {
		err = fmt.Errorf("%s: %w", x.Pos(), err)
	}
	return in, err
}

var errSlots = errors.New("give smaller counts")

// InstanceOf gives the instance of other activations and initial states than those of `explore`.
func (m *Machine) InstanceOf(kernel string, spawns []Spawns, starts []*lang.Start) (*Instance, error) {
	closed, err := Profile(m.Info, kernel)
	if err != nil {
		return nil, err
	}
	in, err := m.InstanceWith(closed, spawns, starts)
	if err != nil {
		return nil, err
	}
	in.Kernel = kernel
	return in, nil
}

// InstanceWith is InstanceOf with values of the features that need not be those of a profile.
func (m *Machine) InstanceWith(closed map[*check.Object]int, spawns []Spawns, starts []*lang.Start) (*Instance, error) {
	in := &Instance{Machine: m}
	if err := in.addSlots(spawns); err != nil {
		return nil, err
	}
	var err error
	in.Inits, err = m.InitialsWith(closed, starts)
	return in, err
}

// ScenarioSpawns gives what the environment starts in a scenario: a slot for every line that starts a
// process which is not the body of a work item, in the order of their first lines.
func (m *Machine) ScenarioSpawns(sc *lang.Scenario) []Spawns {
	var all []Spawns
	for _, l := range sc.Lines {
		if l.Process == nil {
			continue
		}
		p := m.Proc(l.Process.Name)
		i := slices.IndexFunc(all, func(s Spawns) bool { return s.Proc == p })
		switch {
		case p.Work >= 0:
		case i >= 0:
			all[i].Count++
		default:
			all = append(all, Spawns{p, 1})
		}
	}
	return all
}

// addSlots lays out the frames: the explored activations as they are written, the work items, and one
// for every spawn statement of any of these.
func (in *Instance) addSlots(spawns []Spawns) error {
	for _, s := range spawns {
		first := len(in.Slots)
		for range s.Count {
			in.add(Slot{Kind: OnceSlot, Proc: s.Proc, First: first})
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
			return fmt.Errorf("%d activations are more than the %d that can be explored: %w", len(in.Slots), MaxSlots, errSlots)
		}
	}
	return nil
}

// Names names the slots, so that behaviours and translations can speak of them: a process and a number, a work
// item, or what is spawned and by whom.
func (in *Instance) Names() []string {
	names, count, used := make([]string, len(in.Slots)), map[*Proc]int{}, map[string]bool{}
	for i := range in.Slots {
		s := &in.Slots[i]
		switch s.Kind {
		case OnceSlot:
			count[s.Proc]++
			names[i] = fmt.Sprintf("%s_%d", s.Proc.Name, count[s.Proc])
		case WorkerSlot:
			names[i] = in.Works[s.Work].Object.Name
		case SpawnedSlot:
			names[i] = s.Proc.Name + "_by_" + names[s.Spawner]
		}
		base := names[i]
		for n := 2; used[names[i]]; n++ {
			names[i] = fmt.Sprintf("%s_%d", base, n)
		}
		used[names[i]] = true
	}
	return names
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
