package validate

import (
	"fmt"

	"github.com/rprocspec/rprocspec/traces"
)

// Every wakeup event prints a counter of the whole system, as it is after the event: the high half
// counts events that are over, the low half sources that are active. So activate adds 1, deactivate
// adds 0xffff, and 2*high+low grows by one with every event: it is a sequence number, and a jump in it
// is events that went missing without a word, as with overwrite=0. CPUs may write their events in
// another order than they counted, so a number may come a few events late.

const (
	seqBits = 17 // of 2*high+low, each half having 16
	late    = 8  // events that a number may be late
)

// seq is the sequence number of a wakeup event.
func seq(counter uint32) int { return (2*int(counter>>16) + int(counter&0xffff)) & (1<<seqBits - 1) }

// ahead is how far a is ahead of b, negative if it is behind; the numbers wrap.
func ahead(a, b int) int {
	d := (a - b) & (1<<seqBits - 1)
	if d >= 1<<(seqBits-1) {
		d -= 1 << seqBits
	}
	return d
}

// tally follows the counter of the wakeup events.
type tally struct {
	last  *rec   // the last event of the unbroken sequence
	early []*rec // events whose predecessors have not come, in order of their numbers
}

// hole is a place where wakeup events are missing.
type hole struct {
	after, before *rec
	n             int // how many, 0: not known
}

// add takes the next event and gives the holes that are certain by now.
func (t *tally) add(r *rec) []hole {
	if t.last == nil {
		t.last = r
		return nil
	}
	d := ahead(seq(r.Counter), seq(t.last.Counter))
	if d <= 0 { // a number that came before: another counting has begun, or a line was changed
		holes := append(t.end(), hole{after: t.last, before: r})
		t.last = r
		return holes
	}
	t.insert(r)
	holes := t.follow(nil)
	if len(t.early) > late {
		holes = t.follow(append(holes, t.jump()))
	}
	return holes
}

// insert puts an event behind those with smaller numbers.
func (t *tally) insert(r *rec) {
	i := len(t.early)
	for i > 0 && ahead(seq(t.early[i-1].Counter), seq(r.Counter)) > 0 {
		i--
	}
	t.early = append(t.early, nil)
	copy(t.early[i+1:], t.early[i:])
	t.early[i] = r
}

// follow lets the sequence go on as far as the events are there.
func (t *tally) follow(holes []hole) []hole {
	for len(t.early) > 0 && ahead(seq(t.early[0].Counter), seq(t.last.Counter)) <= 1 {
		r := t.early[0]
		if !follows(r, t.last) {
			holes = append(holes, hole{after: t.last, before: r})
		}
		t.last, t.early = r, t.early[1:]
	}
	return holes
}

// follows tells whether the counter of r is what the kind of r makes of the counter before it.
func follows(r, before *rec) bool {
	step := uint32(1)
	if r.Kind == traces.EdgeOff {
		step = 0xffff
	}
	return r.Counter == before.Counter+step
}

// jump gives up waiting for the numbers before the first early event.
func (t *tally) jump() hole {
	r := t.early[0]
	h := hole{after: t.last, before: r, n: ahead(seq(r.Counter), seq(t.last.Counter)) - 1}
	t.last, t.early = r, t.early[1:]
	return h
}

// end gives the holes that are left where no more events come.
func (t *tally) end() []hole {
	var holes []hole
	for len(t.early) > 0 {
		holes = t.follow(append(holes, t.jump()))
	}
	return holes
}

// missing finds the holes in a batch of records. At the end of the trace no number can come late.
func (v *Validator) missing(batch []*rec, atEnd bool) []hole {
	var holes []hole
	for _, r := range batch {
		switch {
		case r.Kind == traces.Lost && r.losesEvents():
			holes = append(holes, v.tally.end()...) // what is missing here has been told
			v.tally = tally{}
		case (r.Kind == traces.EdgeOn || r.Kind == traces.EdgeOff) && r.HasCtr:
			holes = append(holes, v.tally.add(r)...)
		}
	}
	if atEnd {
		holes = append(holes, v.tally.end()...)
	}
	return holes
}

// tear puts a loss into the batch behind the last event before every hole: from there on anything may
// be missing.
func (v *Validator) tear(batch []*rec, holes []hole) []*rec {
	if holes = v.meant(holes); len(holes) == 0 {
		return batch
	}
	lost := map[*rec]*rec{}
	for _, h := range holes {
		v.holes += max(h.n, 1)
		lost[h.after] = h.record()
		h.before.ends = lost[h.after]
	}
	var out []*rec
	for _, r := range batch {
		if out = append(out, r); lost[r] != nil {
			out = append(out, lost[r])
			delete(lost, r)
		}
	}
	for _, h := range holes {
		if r := lost[h.after]; r != nil { // the event before it was explained with an earlier batch
			v.torn = r
			out = append([]*rec{r}, out...)
			delete(lost, h.after)
		}
	}
	return out
}

// fall is for a record of a subject behind a hole: what was open at the hole is not known any more, and
// a subject that is new begins from anything.
func (v *Validator) fall() {
	if v.hole == nil {
		return
	}
	if v.lost = v.hole; len(v.subjects) > 0 {
		v.lose(v.hole)
	}
	v.inside, v.hole = v.hole, nil
}

// close is for the first event behind a hole. What was missing may have been anywhere up to it, so that
// nothing that was seen since then stands. Where no subject has been seen yet, the trace begins here.
func (v *Validator) close(r *rec) {
	switch {
	case r.ends == nil:
	case r.ends == v.inside:
		v.forget(r.ends)
		v.inside = nil
	case r.ends == v.hole && len(v.subjects) == 0:
		v.hole = nil
	}
}

// meant drops the holes that have another reason than a loss: events of one kind were not recorded, or
// the user says that a filter hides those of other devices.
func (v *Validator) meant(holes []hole) []hole {
	if len(holes) == 0 {
		return nil
	}
	k := v.kinds
	switch on, off := k.use("edge on"), k.use("edge off"); {
	case on.by == "given" && on.said == "on" && off.by == "given" && off.said == "on":
		v.noteOnce("holes", fmt.Sprintf("%s; taken for those of other devices, as --probes edges=on says", holes[0]))
		return nil
	case k.listed != nil && on.said == "on" && off.said == "on":
		return holes
	case off.count == 0 && !k.doubled:
		k.doubled = true // wakeup_source_deactivate was not recorded: the counter shows that there were some
		k.gen++
		return nil
	case off.count == 0, on.count == 0:
		return nil
	}
	return holes
}

func (h hole) String() string {
	what := "wakeup events are"
	if h.n == 1 {
		what = "1 wakeup event is"
	} else if h.n > 1 {
		what = fmt.Sprintf("%d wakeup events are", h.n)
	}
	return fmt.Sprintf("%s missing between lines %d and %d, as the counter in their state= shows", what, h.after.Line, h.before.Line)
}

// record makes a loss of a hole.
func (h hole) record() *rec {
	return &rec{Record: &traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime,
		Line: h.after.Line, LostN: h.n, Reason: h.String(),
	}, work: -1, hole: true}
}
