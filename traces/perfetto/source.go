package perfetto

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/traces"
)

// source is one writer of ftrace events and what is known of its CPUs.
type source struct {
	index   int
	packets int
	symbols map[uint64]string // functions by number
	stale   bool              // some of them may have been in dropped packets
	dense   map[protowire.Number]*layout
	cpus    map[uint32]*cpu

	rounds  int
	current uint32   // CPU of the last bundle
	oldest  int64    // earliest event so far
	newest  int64    // latest event so far
	ended   [2]int64 // newest when this round began, and when the one before began
	holes   []hole   // gaps that are open
	tells   bool     // its bundles say where the one before ended
	early   int64    // latest event of the first two rounds
}

// cpu is what is known of one CPU of a source.
type cpu struct {
	last   int64 // its latest event
	round  int   // of its last bundle
	seen   bool
	unsafe bool // events after last are missing, up to those of the next bundle
	irqs   int  // handlers of interrupts that run
	softs  int  // of soft ones
}

// enter follows interrupts by the events that tell of them.
func (c *cpu) enter(n protowire.Number) {
	switch n {
	case irqEntry:
		c.irqs++
	case irqExit:
		c.irqs = max(c.irqs-1, 0)
	case softirqEntry:
		c.softs++
	case softirqExit:
		c.softs = max(c.softs-1, 0)
	case switchEvent: // no handler switches tasks: an exit was missed
		c.irqs, c.softs = 0, 0
	}
}

// context is where an event of c ran, as far as events tell: without one it need not be a task.
func (c *cpu) context() traces.Context {
	switch {
	case c.irqs > 0:
		return traces.HardIRQ
	case c.softs > 0:
		return traces.SoftIRQ
	}
	return traces.NoContext
}

func newSource(index int) *source {
	return &source{
		index: index, symbols: map[uint64]string{}, dense: map[protowire.Number]*layout{},
		cpus: map[uint32]*cpu{}, oldest: math.MaxInt64, newest: math.MinInt64, ended: [2]int64{math.MinInt64, math.MinInt64}, early: math.MinInt64,
	}
}

// maxSymbols and maxCPUs bound what a damaged trace can make grow.
const (
	maxSymbols = 1 << 20
	maxCPUs    = 1 << 13
	maxDense   = 1 << 12
)

// hasSymbols tells whether interned data names kernel functions.
func hasSymbols(b []byte) bool {
	for len(b) > 0 {
		var f wire
		var err error
		if f, b, err = consume(b); err == nil && f.number == internedKernelSymbols {
			return true
		}
	}
	return false
}

// intern learns names of functions.
func (s *source) intern(b []byte) {
	for len(b) > 0 {
		var f wire
		if f, b, _ = consume(b); f.number == internedKernelSymbols {
			s.symbol(f.text)
		}
	}
}

func (s *source) symbol(b []byte) {
	var id uint64
	var name string
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case internedID:
			id = f.num
		case internedText:
			name = string(f.text)
		}
	}
	if id != 0 && name != "" && len(s.symbols) < maxSymbols {
		s.symbols[id] = name
	}
}

// cpu gives what is known of a CPU, and begins a new round where the bundles start over.
func (t *Reader) cpu(s *source, id uint32) *cpu {
	if s.rounds == 0 || id < s.current {
		t.round(s)
	}
	s.current = id
	c := s.cpus[id]
	if c == nil {
		if len(s.cpus) >= maxCPUs {
			clear(s.cpus)
		}
		c = &cpu{last: math.MinInt64}
		s.cpus[id] = c
	}
	return c
}

// round begins a round.
func (t *Reader) round(s *source) {
	t.closeHoles(s, false)
	if s.rounds <= 2 {
		s.early = s.newest
	}
	s.rounds++
	s.ended[1], s.ended[0] = s.ended[0], s.newest
}

// safe is the time up to which nothing of CPU c can be missing, though something behind its last
// event is: the last round found its buffer empty.
func (s *source) safe(c *cpu) int64 {
	if c.seen && c.round >= s.rounds-1 {
		return c.last
	}
	return max(c.last, s.ended[1])
}

// begin is where the trace surely holds all CPUs, if it begins anywhere in a round: with the third.
func (s *source) begin() int64 {
	if s.rounds <= 2 {
		return s.newest
	}
	return s.early
}

// hole is for packets that are missing: bundles of any CPU, of the last round or of this one.
func (t *Reader) hole(s *source, reason string) {
	t.open(s.ended[1], reason)
	s.holes = append(s.holes, hole{s.ended[1], max(s.rounds, 1)})
}

// holesEverywhere is for packets of which is not known who wrote them.
func (t *Reader) holesEverywhere(reason string) {
	t.orphans = len(t.sources) == 0
	for _, s := range t.sources {
		t.hole(s, reason)
	}
}

// hole is a gap of unknown CPUs that was found in a round.
type hole struct {
	from  int64
	round int
}

// closeHoles ends the gaps of hole that were found before the round that ends. In it, and not before,
// every buffer was read after the packets that are missing had been filled.
func (t *Reader) closeHoles(s *source, all bool) {
	kept := s.holes[:0]
	for _, h := range s.holes {
		if !all && h.round >= s.rounds {
			kept = append(kept, h)
			continue
		}
		t.close(max(s.newest, h.from) + 1)
	}
	s.holes = kept
}

// cutEnd is for a trace whose end is missing: its last round is not complete.
func (t *Reader) cutEnd(reason string) {
	from := int64(math.MaxInt64)
	for _, s := range t.sources {
		from = min(from, s.ended[1])
	}
	t.open(from, reason)
}

// open begins a gap, close ends it.
func (t *Reader) open(at int64, reason string) {
	t.window.add(event{what: opens, time: at, fn: reason})
}

func (t *Reader) close(at int64) { t.window.add(event{what: closes, time: at}) }

// gap makes a gap of which both ends are known.
func (t *Reader) gap(from, to int64, reason string) {
	if from >= to {
		t.window.add(event{what: loses, time: from, fn: reason})
		return
	}
	t.open(from, reason)
	t.close(to)
}
