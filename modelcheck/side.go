package modelcheck

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// silent is the label of a step of which nothing can be seen.
const silent int32 = -1

// arc is a step with what can be seen of it.
type arc struct {
	label int32
	to    uint32
	mv    move
}

// setStep is a step of a side that was made deterministic: an event, and the set after it.
type setStep struct {
	label int32
	set   int32
}

// side is one of the machines that are compared. It keeps states by number, and sets of them, closed
// under silent steps, by number. Activations keep their places: they can be told apart.
type side struct {
	sp     *space
	kernel string
	st     *stepper
	store  *store
	labels *labels
	names  []string // of the slots
	key    []byte

	arcs  [][]arc // by state; nil: not computed yet
	sets  [][]uint32
	ids   map[string]int32
	steps [][]setStep // by set; nil: not computed yet
}

func newSide(sp *space, kernel string, l *labels) *side {
	s := &side{
		sp: sp, kernel: kernel, st: newStepper(sp), store: newStore(sp.pack.bytes), labels: l,
		key: make([]byte, sp.pack.bytes), ids: map[string]int32{},
	}
	count, seen := map[*machine.Proc]int{}, map[*machine.Proc]int{}
	for i := range sp.in.Slots {
		count[sp.in.Slots[i].Proc]++
	}
	for i := range sp.in.Slots {
		p := sp.in.Slots[i].Proc
		seen[p]++
		name := p.Name
		if count[p] > 1 {
			name = fmt.Sprintf("%s#%d", name, seen[p])
		}
		s.names = append(s.names, name)
	}
	return s
}

// start gives the set of the initial states.
func (s *side) start() int32 {
	var ids []uint32
	for _, init := range s.sp.inits {
		if id, ok := s.state(init); ok {
			ids = append(ids, id)
		}
	}
	return s.set(ids)
}

// state numbers a state, false if it is out of bounds.
func (s *side) state(t State) (uint32, bool) {
	if s.st.pos >= 0 || s.sp.pack.pack(t, s.key) >= 0 {
		return 0, false
	}
	id, fresh := s.store.insert(s.key, s.store.hash(s.key), noParent, 0)
	if fresh {
		s.arcs = append(s.arcs, nil)
	}
	return id, true
}

// unpack gives the state of a number.
func (s *side) unpack(id uint32) State {
	t := s.sp.blank()
	s.sp.pack.unpack(s.store.key(id), t)
	return t
}

// out gives the steps out of a state.
func (s *side) out(id uint32) []arc {
	if s.arcs[id] != nil {
		return s.arcs[id]
	}
	from := s.unpack(id)
	all := []arc{}
	s.st.each(from, func(mv move, t State) bool {
		seen := s.visible(from, t, mv)
		if to, ok := s.state(t); ok {
			for _, l := range seen {
				all = append(all, arc{l, to, mv})
			}
		}
		return true
	})
	s.arcs[id] = all
	return all
}

// set numbers the set of these states and of what follows silently.
func (s *side) set(ids []uint32) int32 {
	in := map[uint32]bool{}
	for i := 0; i < len(ids); i++ {
		if in[ids[i]] {
			continue
		}
		in[ids[i]] = true
		for _, a := range s.out(ids[i]) {
			if a.label == silent && !in[a.to] {
				ids = append(ids, a.to)
			}
		}
	}
	slices.Sort(ids)
	ids = slices.Clip(slices.Compact(ids))
	var key []byte
	last := uint32(0)
	for _, id := range ids {
		key = binary.AppendUvarint(key, uint64(id-last))
		last = id
	}
	n, ok := s.ids[string(key)]
	if !ok {
		n = int32(len(s.sets))
		s.ids[string(key)] = n
		s.sets = append(s.sets, ids)
		s.steps = append(s.steps, nil)
	}
	return n
}

// after gives the events out of a set, sorted by label, each with the set after it.
func (s *side) after(set int32) []setStep {
	if s.steps[set] != nil {
		return s.steps[set]
	}
	to := map[int32][]uint32{}
	var seen []int32
	for _, id := range s.sets[set] {
		for _, a := range s.out(id) {
			if a.label == silent {
				continue
			}
			if to[a.label] == nil {
				seen = append(seen, a.label)
			}
			to[a.label] = append(to[a.label], a.to)
		}
	}
	slices.Sort(seen)
	steps := []setStep{}
	for _, l := range seen {
		steps = append(steps, setStep{l, s.set(to[l])})
	}
	s.steps[set] = steps
	return steps
}

// visible lists the labels of a step: one, or one for each line that a log may print.
func (s *side) visible(from, to State, mv move) []int32 {
	texts := []string{""}
	see := func(alts ...string) {
		var all []string
		for _, t := range texts {
			for _, a := range alts {
				if t != "" {
					a = t + ", " + a
				}
				all = append(all, a)
			}
		}
		texts = all
	}
	switch mv.kind {
	case startMove:
		see("is called")
	case workMove:
		see("starts")
	}
	s.edges(from, to, see)
	if mv.edge != nil {
		said(mv.edge, see)
	}
	if texts[0] == "" {
		return []int32{silent}
	}
	var ids []int32
	for _, t := range texts {
		ids = append(ids, s.labels.id(Event{s.names[mv.slot], t}))
	}
	return ids
}

// edges sees what a step does to wakeup sources and work items.
func (s *side) edges(from, to State, see func(...string)) {
	for _, w := range s.sp.m.Wakeups {
		switch a, b := from[w.Global] != 0, to[w.Global] != 0; {
		case !a && b:
			see(w.Object.Name + " becomes active")
		case a && !b:
			see(w.Object.Name + " becomes inactive")
		}
	}
	for _, w := range s.sp.m.Works {
		if from[w.Pending] == 0 && to[w.Pending] != 0 {
			see("queues " + w.Object.Name)
		}
	}
}

// said sees what a step says by itself.
func said(e *machine.Edge, see func(...string)) {
	switch n := e.Node; n.Kind {
	case machine.Log:
		var lines []string
		for _, p := range n.Patterns {
			lines = append(lines, fmt.Sprintf("log %s %s", n.Level, strconv.Quote(p.Text)))
		}
		see(lines...)
	case machine.Event:
		see("event " + n.Text)
	case machine.End:
		see("ends")
	}
	for _, p := range e.Path {
		if p.Node.Kind != machine.End {
			said(p, see)
		}
	}
}

// way is how a run came somewhere: with so many events of the word.
type way struct {
	id   uint32
	seen int
	from int
	mv   move
}

// runOf finds a shortest run of a word that the side has.
func (s *side) runOf(word []int32) *Trace {
	type place struct {
		id   uint32
		seen int
	}
	var ways []way
	known := map[place]bool{}
	add := func(w way) {
		if p := (place{w.id, w.seen}); !known[p] {
			known[p] = true
			ways = append(ways, w)
		}
	}
	for _, init := range s.sp.inits {
		if id, ok := s.state(init); ok {
			add(way{id: id, from: -1})
		}
	}
	for i := 0; i < len(ways); i++ {
		w := ways[i]
		if w.seen == len(word) {
			return s.trace(ways, i)
		}
		for _, a := range s.out(w.id) {
			switch a.label {
			case silent:
				add(way{a.to, w.seen, i, a.mv})
			case word[w.seen]:
				add(way{a.to, w.seen + 1, i, a.mv})
			}
		}
	}
	panic("modelcheck: a word has lost its run")
}

// trace makes a behaviour of a way.
func (s *side) trace(ways []way, at int) *Trace {
	t := &Trace{Module: s.sp.m.Info.Name, Kernel: s.kernel, Loop: -1, m: s.sp.m, in: s.sp.in}
	for w := ways[at]; w.from >= 0; w = ways[w.from] {
		sl := &s.sp.in.Slots[w.mv.slot]
		t.Steps = append(t.Steps, &Step{
			Kind: stepKinds[w.mv.kind], Thread: w.mv.slot, Proc: sl.Proc, Edge: w.mv.edge,
			Before: s.unpack(ways[w.from].id), After: s.unpack(w.id), off: sl.Off, Slot: w.mv.slot,
		})
		at = w.from
	}
	t.Initial = s.unpack(ways[at].id)
	slices.Reverse(t.Steps)
	t.name(s.sp)
	return t
}
