package validate

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// keepAtLeast is how many threads and names are remembered before those that no explanation needs any more
// are forgotten. A trace of weeks has any number of both.
const keepAtLeast = 1 << 16

// forgetOld drops threads and names that nothing depends on. What it costs is that the past can no longer be
// questioned: nothing unseen is looked for before this record.
func (v *Validator) forgetOld() {
	if len(v.ctxIndex)+len(v.idents) < v.memory {
		return
	}
	live := map[int]bool{}
	for _, x := range v.subjects {
		x.closePast()
		if !x.over() {
			x.threads(live)
		}
	}
	for key, i := range v.ctxIndex {
		if !live[i] {
			delete(v.ctxIndex, key)
			v.forgetThread(i)
		}
	}
	for name, i := range v.idents {
		if r := i.root(); !r.ours && r.sub == nil && len(r.other) == 0 {
			delete(v.idents, name)
			delete(v.borne, name)
			delete(v.joins, r)
		}
	}
	clear(v.said)
	v.memory = max(v.memory, 2*(len(v.ctxIndex)+len(v.idents)))
}

func (v *Validator) forgetThread(i int) {
	delete(v.spans, i)
	for _, x := range v.subjects {
		delete(x.seenCtx, i)
		delete(x.lastFn, i)
	}
	v.freeCtxs = append(v.freeCtxs, i)
}

// closePast lets go of the records that might still be explained anew.
func (x *subject) closePast() {
	x.flush()
	x.past, x.log, x.history, x.whole = nil, nil, nil, false
	for _, s := range x.sets() {
		for _, e := range s.list {
			for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
				if e.s[off+machine.FrameMark]>>markConBits != 0 {
					return
				}
			}
		}
	}
	x.cons = nil
}

// sets gives the sets of explanations that the subject goes on with.
func (x *subject) sets() []*set {
	all := []*set{}
	if x.cur != nil {
		all = append(all, x.cur)
	}
	if x.trial != nil {
		for _, w := range x.trial.ways {
			all = append(all, w.set)
		}
	}
	return all
}

// threads marks the threads that are at work in some explanation.
func (x *subject) threads(live map[int]bool) {
	for _, s := range x.sets() {
		for _, e := range s.list {
			for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
				live[int(e.s[off+machine.FrameTask])] = true
			}
		}
	}
	if x.trial != nil {
		live[x.trial.rejected.ctx] = true
		for _, r := range x.trial.buffer {
			live[r.ctx] = true
		}
	}
}

// maxNotes bounds the notes of a trace, and those of a subject.
const maxNotes = 200

// note adds a note of the subject.
func (x *subject) note(format string, args ...any) {
	if len(x.notes) < maxNotes {
		x.notes = append(x.notes, fmt.Sprintf(format, args...))
	}
}
