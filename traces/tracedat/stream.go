package tracedat

import (
	"fmt"
	"io"
	"math"
)

// what an item of a stream is.
type what uint8

const (
	anEvent what = iota
	gapBegins
	gapEnds
	harm      // something cannot be read, within a gap
	breaksOff // nothing more can be read of this CPU
	atEnd
)

// item is an event, or one side of a gap.
type item struct {
	what   what
	stamp  uint64
	data   []byte
	lost   int    // gapEnds: how many events, 0: nobody knows
	count  int    // gapEnds: by how much the losses of the file grow
	told   bool   // gapEnds: trace-cmd report has a line for it
	reason string // of a gap
	damage error  // harm, breaksOff: what and where
}

// stream gives what one CPU recorded in one buffer, in its order.
//
// Where events are missing is a gap. It begins behind the last event before it, and ends at the first one
// behind it.
type stream struct {
	rank  int // among streams, where times are equal
	cpu   int
	pages pages
	page  page
	order order
	lay   layout
	size  int // of a page

	cur   item
	queue []item
	taken int    // of the queue
	last  uint64 // the time of the last event
	open  *item  // the gap that no event has ended yet
	begun bool   // a page has been read
	leaky bool   // events may be missing between any two pages, without a mark
	lossy bool   // events are missing before the first one, without a mark
	entry entry
}

// advance moves cur to the next item. The error is one of reading.
func (s *stream) advance() error {
	for s.taken == len(s.queue) {
		s.queue, s.taken = s.queue[:0], 0
		if err := s.fill(); err != nil {
			return err
		}
	}
	s.cur = s.queue[s.taken]
	s.taken++
	return nil
}

// fill puts something into the queue, or moves on to the next page.
func (s *stream) fill() error {
	data, err := s.page.next()
	switch {
	case err != nil:
		s.damaged(err)
	case data != nil:
		s.last = max(s.last, s.page.stamp)
		s.close(s.page.stamp)
		s.queue = append(s.queue, item{stamp: s.page.stamp, data: data})
	default:
		return s.turn()
	}
	return nil
}

// turn goes to the next page.
func (s *stream) turn() error {
	b, err := s.pages.next()
	switch {
	case err == io.EOF:
		s.quiet()
		if s.lossy && !s.begun {
			s.gap(item{reason: "overwritten"})
		}
		s.close(math.MaxUint64) // what was lost may be from any time after the last event
		s.queue = append(s.queue, item{what: atEnd})
	case err == errCut:
		s.queue = append(s.queue, item{what: breaksOff, stamp: s.last, reason: "cut off", damage: s.place(err)})
	case isDamage(err):
		s.damaged(err)
	case err != nil:
		return err
	default:
		s.load(b)
	}
	return nil
}

// load begins a page.
func (s *stream) load(b []byte) {
	err := s.page.load(b, s.order, s.lay, s.size)
	switch {
	case err != nil:
		s.damaged(err)
	case s.page.gap && !s.begun:
		s.gap(item{lost: s.page.lost, count: max(s.page.lost, 1), told: true, reason: "overwritten"})
	case s.page.gap:
		s.gap(item{lost: s.page.lost, count: max(s.page.lost, 1), told: true, reason: "dropped"})
	case s.begun:
		s.quiet()
	case s.lossy:
		s.gap(item{reason: "overwritten"})
	}
	s.begun = true
}

// quiet begins a gap between pages, where events may be missing that no page tells of.
func (s *stream) quiet() {
	if s.leaky {
		s.gap(item{reason: "dropped"})
	}
}

// damaged begins a gap where something cannot be read.
func (s *stream) damaged(err error) {
	s.gap(item{count: 1, reason: "damaged", damage: s.place(err)})
}

// gap begins a gap, or joins one that has begun.
func (s *stream) gap(g item) {
	if s.open == nil {
		s.queue = append(s.queue, item{what: gapBegins, stamp: s.last})
	}
	if g.damage != nil {
		s.queue = append(s.queue, item{what: harm, stamp: s.last, damage: g.damage})
	}
	if s.open == nil {
		s.open = &g
		return
	}
	if s.open.lost == 0 || g.lost == 0 {
		g.lost = -s.open.lost
	}
	s.open.lost += g.lost
	s.open.count += g.count
	s.open.told = s.open.told || g.told
}

// close ends the open gap, if there is one.
func (s *stream) close(stamp uint64) {
	if s.open != nil {
		s.open.what, s.open.stamp, s.open.damage = gapEnds, stamp, nil
		s.queue = append(s.queue, *s.open)
		s.open = nil
	}
}

// place adds to an error where it is.
func (s *stream) place(err error) error {
	if isDamage(err) {
		return err
	}
	return &damage{at: s.pages.where(), what: fmt.Sprintf("CPU %d: %v", s.cpu, err)}
}
