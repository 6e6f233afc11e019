package modelcheck

import (
	"math/bits"
	"slices"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// field is the place of one value of a state in its packed form.
type field struct {
	pos  int // in the state
	bits uint
	vals []machine.Val // by code
	lo   machine.Val
	code []int32 // by value − lo; −1: no value of this place
}

func newField(pos int, vals []machine.Val) field {
	f := field{pos: pos, vals: vals, bits: uint(bits.Len(uint(len(vals) - 1)))}
	f.lo = slices.Min(vals)
	f.code = make([]int32, int64(slices.Max(vals))-int64(f.lo)+1)
	for i := range f.code {
		f.code[i] = -1
	}
	for c, v := range vals {
		f.code[int64(v)-int64(f.lo)] = int32(c)
	}
	return f
}

// encode gives the code of v, or −1.
func (f *field) encode(v machine.Val) int {
	if i := int64(v) - int64(f.lo); i >= 0 && i < int64(len(f.code)) {
		return int(f.code[i])
	}
	return -1
}

// packing is how states become keys: only what cannot be derived, each value in as many bits as its
// domain needs. Mutexes follow from the activations that hold them, a running item from its slot.
type packing struct {
	m       *machine.Machine
	globals []field
	frames  []frameFields
	bits    int
	bytes   int
}

type frameFields struct {
	off     int
	pc      field
	held    field         // of no bits if it follows from the program point
	heldAt  []machine.Val // by node; nil if it does not
	mark    field         // steps that were taken at once; of no bits if they follow from the program point
	markAt  []machine.Val // by node; −1 if it does not
	regs    []field
	running int // global of the item that this slot runs, −1: none
}

// newPacking lays out the states of an instance with these slots and initial states.
func newPacking(sp *space) *packing {
	p := &packing{m: sp.m}
	for g := range sp.m.Globals {
		if vals := sp.globalValues(g); len(vals) > 1 {
			p.globals = append(p.globals, newField(g, vals))
			p.bits += int(p.globals[len(p.globals)-1].bits)
		}
	}
	for i := range sp.in.Slots {
		f := sp.frameFields(&sp.in.Slots[i])
		p.frames = append(p.frames, f)
		p.bits += int(f.pc.bits + f.held.bits + f.mark.bits)
		for _, r := range f.regs {
			p.bits += int(r.bits)
		}
	}
	p.bytes = max(1, (p.bits+7)/8)
	return p
}

// globalValues lists what a global may be; one value, or none, needs no place.
func (sp *space) globalValues(g int) []machine.Val {
	var vals []machine.Val
	known := map[machine.Val]bool{}
	add := func(v machine.Val) {
		if !known[v] {
			known[v] = true
			vals = append(vals, v)
		}
	}
	gl := sp.m.Globals[g]
	for _, s := range sp.inits {
		switch gl.Kind {
		case machine.FeatureGlobal, machine.DeviceGlobal:
			add(s[g])
		case machine.VarGlobal:
			for _, v := range sp.m.Domain(machine.Loc(g), nil, s) {
				add(v)
			}
		case machine.WakeupGlobal, machine.PendingGlobal, machine.EndedGlobal:
			add(0)
			add(1)
		}
	}
	if sp.m.Counted(gl) {
		for v := range machine.Val(machine.MaxCount) {
			add(v + 1)
		}
	}
	return vals
}

func (sp *space) frameFields(s *machine.Slot) frameFields {
	f := frameFields{off: s.Off, running: -1}
	pcs := []machine.Val{0}
	if s.Kind == machine.OnceSlot {
		pcs = append(pcs, done)
	}
	for _, n := range sp.m.Nodes[1:] {
		if n.Root == s.Proc && (n.Kind == machine.Choice || n.Kind.IsStep()) {
			pcs = append(pcs, machine.Val(n.ID))
		}
	}
	f.pc = newField(s.Off+machine.FramePC, pcs)
	masks := sp.heldBy(s.Proc)
	f.heldAt = masks.at
	f.held = newField(s.Off+machine.FrameHeld, masks.all)
	if f.heldAt != nil {
		f.held.bits = 0
	}
	sp.markField(s, &f)
	for r, t := range s.Proc.Regs {
		if sp.exact || sp.relevant[s.Proc.Index][r] {
			f.regs = append(f.regs, newField(s.Off+machine.FrameRegs+r, sp.registerValues(t)))
		}
	}
	if s.Kind == machine.WorkerSlot {
		f.running = sp.m.Works[s.Work].Running
	}
	return f
}

// markField lays out how many steps of an activation were taken at once.
func (sp *space) markField(s *machine.Slot, f *frameFields) {
	vals := []machine.Val{0}
	f.markAt = make([]machine.Val, len(sp.m.Nodes))
	if sp.eager != nil {
		for id, counts := range sp.marks(s.Proc) {
			switch {
			case len(counts) == 0:
			case len(counts) == 1:
				f.markAt[id] = counts[0]
			default:
				f.markAt[id] = -1
				for v := machine.Val(0); v <= slices.Max(counts); v++ {
					if !slices.Contains(vals, v) {
						vals = append(vals, v)
					}
				}
			}
		}
	}
	f.mark = newField(s.Off+machine.FrameMark, vals)
}

// registerValues lists what a register of type t may hold.
func (sp *space) registerValues(t check.Type) []machine.Val {
	var vals []machine.Val
	switch t.Kind {
	case check.EnumType:
		for i := range t.Enum.Members {
			vals = append(vals, machine.Val(i))
		}
	case check.IntType:
		for i := range machine.Values(t) {
			vals = append(vals, machine.Val(int64(t.Lo)+int64(i)))
		}
	case check.ResultType:
		vals = append(vals, 0, check.AnyErrno)
		for _, o := range sp.m.Info.Uses {
			if v := machine.Val(-o.Index); o.Kind == check.ErrnoObj && !slices.Contains(vals, v) {
				vals = append(vals, v)
			}
		}
		slices.Sort(vals)
	default:
		vals = append(vals, 0, 1)
	}
	return vals
}

// holding tells which mutexes a process holds, by node.
type holding struct {
	at  []machine.Val // nil if it depends on the way
	all []machine.Val
}

// heldBy follows the locks of p along its graph.
func (sp *space) heldBy(p *machine.Proc) holding {
	const unseen = -1
	h := holding{at: make([]machine.Val, len(sp.m.Nodes)), all: []machine.Val{0}}
	for i := range h.at {
		h.at[i] = unseen
	}
	type point struct {
		n    *machine.Node
		mask machine.Val
	}
	seen, unique := map[point]bool{}, true
	var walk func(at point)
	walk = func(at point) {
		if at.n == nil || seen[at] {
			return
		}
		seen[at] = true
		unique = unique && (h.at[at.n.ID] == unseen || h.at[at.n.ID] == at.mask)
		h.at[at.n.ID] = at.mask
		if !slices.Contains(h.all, at.mask) {
			h.all = append(h.all, at.mask)
		}
		switch at.n.Kind {
		case machine.Lock:
			at.mask |= 1 << at.n.Mutex
		case machine.Unlock:
			at.mask &^= 1 << at.n.Mutex
		}
		for _, n := range append([]*machine.Node{at.n.Next, at.n.Else}, at.n.Alts...) {
			walk(point{n, at.mask})
		}
	}
	walk(point{p.Entry, 0})
	if !unique {
		h.at = nil
	}
	return h
}

// pack writes s to dst, which has p.bytes bytes. It gives the place of the first value that has no
// code because it left its bounds, or −1.
func (p *packing) pack(s State, dst []byte) int {
	w := bitWriter{dst: dst}
	for i := range p.globals {
		f := &p.globals[i]
		c := f.encode(s[f.pos])
		if c < 0 {
			return f.pos
		}
		w.put(uint64(c), f.bits)
	}
	for i := range p.frames {
		f := &p.frames[i]
		pc := s[f.pc.pos]
		w.put(uint64(f.pc.encode(pc)), f.pc.bits)
		if f.held.bits > 0 {
			w.put(uint64(f.held.encode(s[f.held.pos])), f.held.bits)
		}
		if f.mark.bits > 0 {
			c := 0
			if pc > 0 && f.markAt[pc] < 0 {
				c = f.mark.encode(s[f.mark.pos])
			}
			w.put(uint64(c), f.mark.bits)
		}
		for j := range f.regs {
			r, c := &f.regs[j], 0
			if pc > 0 {
				c = r.encode(s[r.pos])
			}
			if c < 0 {
				return r.pos
			}
			w.put(uint64(c), r.bits)
		}
	}
	w.flush()
	return -1
}

// unpack makes the state of a key over base, a state of the same size with what all states share.
func (p *packing) unpack(key []byte, s State) {
	r := bitReader{src: key}
	for _, g := range p.m.Mutexes {
		s[g] = 0
	}
	for i := range p.globals {
		f := &p.globals[i]
		s[f.pos] = f.vals[r.get(f.bits)]
	}
	for i := range p.frames {
		f := &p.frames[i]
		p.unpackFrame(f, &r, s)
		if f.running >= 0 {
			s[f.running] = 0
			if s[f.pc.pos] > 0 {
				s[f.running] = 1
			}
		}
	}
}

func (p *packing) unpackFrame(f *frameFields, r *bitReader, s State) {
	clear(s[f.off : f.off+p.m.FrameSize])
	pc := f.pc.vals[r.get(f.pc.bits)]
	s[f.pc.pos] = pc
	held := f.held.vals[r.get(f.held.bits)]
	if f.heldAt != nil && pc > 0 {
		held = f.heldAt[pc]
	}
	s[f.held.pos] = held
	if mark := f.mark.vals[r.get(f.mark.bits)]; pc > 0 {
		s[f.mark.pos] = mark
		if f.markAt[pc] >= 0 {
			s[f.mark.pos] = f.markAt[pc]
		}
	}
	for m := 0; held != 0; m, held = m+1, held>>1 {
		if held&1 != 0 {
			s[p.m.Mutexes[m]] = 1
		}
	}
	for j := range f.regs {
		if c := r.get(f.regs[j].bits); pc > 0 {
			s[f.regs[j].pos] = f.regs[j].vals[c]
		}
	}
}

// bitWriter puts codes one behind the other, the low bits first.
type bitWriter struct {
	dst []byte
	acc uint64
	n   uint
}

func (w *bitWriter) put(v uint64, bits uint) {
	w.acc |= v << w.n
	w.n += bits
	for w.n >= 8 {
		w.dst[0] = byte(w.acc)
		w.dst = w.dst[1:]
		w.acc >>= 8
		w.n -= 8
	}
}

func (w *bitWriter) flush() {
	if len(w.dst) > 0 {
		w.dst[0] = byte(w.acc)
	}
}

// bitReader takes them out again.
type bitReader struct {
	src []byte
	acc uint64
	n   uint
}

func (r *bitReader) get(bits uint) uint64 {
	for r.n < bits {
		r.acc |= uint64(r.src[0]) << r.n
		r.src = r.src[1:]
		r.n += 8
	}
	v := r.acc & (1<<bits - 1)
	r.acc >>= bits
	r.n -= bits
	return v
}
