package validate

import (
	"slices"
	"unsafe"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// Flags in machine.FrameMark.
const (
	markLenient = 1 << 0 // probes of this activation may have been missed
	markHidden  = 1 << 1 // started without a record of its own
	markSatBits = 4      // from here: which values of its constraint have been met
	markConBits = 8      // from here: number of its constraint, counted from 1
)

// note is one assumption of an explanation, newest first.
type note struct {
	text string
	line int
	prev *note
}

// exp is one explanation of what was seen so far: a state, and what it has broken.
type exp struct {
	s     machine.State
	pend  uint32 // judgements broken and not reported yet; part of its identity
	hold  uint32 // judgements broken in s
	cost  int    // assumed records and unseen processes
	notes *note
	at    *machine.Node // where the last judgement broke
	line  int           // while which record
	awoke bool          // it took a wakeup source, or one that answers for it was at work
	owed  *Finding      // what to report unless a record shows the removal that it assumes
}

// fork copies e for a step.
func (e *exp) fork() *exp {
	n := *e
	n.s = slices.Clone(e.s)
	return &n
}

// assume adds an assumption.
func (e *exp) assume(line int, text string) {
	e.cost++
	e.notes = &note{text: text, line: line, prev: e.notes}
}

// assumptions lists the notes of e, oldest first.
func (e *exp) assumptions() []*note {
	var ns []*note
	for n := e.notes; n != nil; n = n.prev {
		ns = append(ns, n)
	}
	slices.Reverse(ns)
	return ns
}

// set is a set of explanations, in order of arrival; equal ones are one, the cheapest.
type set struct {
	m     *machine.Machine
	index map[string]*exp
	list  []*exp
	key   []byte
}

func newSet(m *machine.Machine) *set { return &set{m: m, index: map[string]*exp{}} }

// add puts e in and reports whether it, or its lower cost, is new. It takes e over.
func (x *set) add(e *exp) bool {
	e.s = normal(x.m, e.s)
	x.key = append(x.key[:0], unsafe.Slice((*byte)(unsafe.Pointer(&e.s[0])), len(e.s)*int(unsafe.Sizeof(e.s[0])))...)
	x.key = append(x.key, byte(e.pend), byte(e.pend>>8), byte(e.pend>>16), byte(e.pend>>24))
	if old := x.index[string(x.key)]; old != nil {
		old.awoke = old.awoke || e.awoke
		if e.cost >= old.cost {
			return false
		}
		old.cost, old.notes, old.at, old.owed = e.cost, e.notes, e.at, e.owed
		return true
	}
	x.index[string(x.key)] = e
	x.list = append(x.list, e)
	return true
}

func (x *set) empty() bool { return x == nil || len(x.list) == 0 }

// cheapest gives the explanations of least cost.
func (x *set) cheapest() []*exp {
	best, out := 0, []*exp(nil)
	for _, e := range x.list {
		if out == nil || e.cost < best {
			best, out = e.cost, out[:0]
		}
		if e.cost == best {
			out = append(out, e)
		}
	}
	return out
}

// normal drops ended frames of s and sorts the others, so that equal states are equal bytes.
func normal(m *machine.Machine, s machine.State) machine.State {
	fs, end := m.FrameSize, m.NumGlobals
	for off := m.NumGlobals; off < len(s); off += fs {
		if s[off+machine.FramePC] == 0 {
			continue
		}
		if end != off {
			copy(s[end:end+fs], s[off:off+fs])
		}
		for at := end; at > m.NumGlobals && slices.Compare(s[at:at+fs], s[at-fs:at]) < 0; at -= fs {
			for i := 0; i < fs; i++ {
				s[at+i], s[at-fs+i] = s[at-fs+i], s[at+i]
			}
		}
		end += fs
	}
	return s[:end]
}

// addFrame appends an empty frame to e and gives its offset.
func (x *subject) addFrame(e *exp) int {
	off := len(e.s)
	e.s = append(e.s, make([]machine.Val, x.m.FrameSize)...)
	return off
}

// split gives the variants of e in which the place l is decided. off is the frame of a register.
func (x *subject) split(e *exp, off int, l machine.Loc) []*exp {
	var root *machine.Proc
	at := int(l)
	if l.IsReg() {
		root = x.m.Nodes[e.s[off+machine.FramePC]].Root
		at = off + machine.FrameRegs + l.Reg()
	}
	var out []*exp
	for _, v := range x.m.Domain(l, root, e.s) {
		if !l.IsReg() && !x.allowed(int(l), v) {
			continue
		}
		n := e.fork()
		n.s[at] = v
		n.hold = x.judge(n.s)
		if !x.sensible(n.s) {
			continue
		}
		if fresh := n.hold &^ e.hold; fresh != 0 && !l.IsReg() && x.m.Globals[l].Kind <= machine.DeviceGlobal {
			// What a constant says was so all the time; only judging it had to wait.
			n.pend |= fresh
			n.line = x.line
			if off > 0 {
				n.at = x.m.Nodes[e.s[off+machine.FramePC]]
			}
		}
		out = append(out, n)
	}
	return out
}

// step takes an edge for the frame at off of e, which it leaves alone. ok is false if the edge is not
// enabled; otherwise either next is the successor or variants are what e has to be split into first.
func (x *subject) step(e *exp, off int, edge *machine.Edge) (next *exp, eff machine.Effect, variants []*exp, ok bool) {
	n := e.fork()
	v, l, eff := x.m.Exec(n.s, off, edge, machine.Split)
	switch v {
	case 0:
		return nil, eff, nil, false
	case machine.Open:
		variants := x.split(e, off, l)
		return nil, eff, variants, len(variants) > 0
	}
	if edge.Node.Kind == machine.ObsQueued {
		x.m.Insert(n.s, edge.Node.Work)
	}
	n.awoke = n.awoke || edge.Node.Kind == machine.Awake || x.v.answers[edge.Node.Root]
	if eff.Spawn != nil {
		at := x.addFrame(n)
		x.m.Start(n.s, at, eff.Spawn.Proc)
	}
	x.rejudge(e, n, edge.Node)
	return n, eff, nil, true
}
