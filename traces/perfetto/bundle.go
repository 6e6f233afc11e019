package perfetto

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/traces"
)

// bundle is an FtraceEventBundle without its events.
type bundle struct {
	cpu      uint32
	lost     bool
	clock    uint64
	previous int64 // where the bundle before ended, 0: this is the first
	tells    bool  // previous is known
	lastRead int64
	errors   []int64 // times of pages that could not be read
	compact  []byte
	first    int64 // the earliest event
	last     int64 // the latest event
}

// bundle uses what one CPU recorded.
func (t *Reader) bundle(s *source, p *packet) {
	b := bundle{first: math.MaxInt64, last: math.MinInt64}
	if err := t.frame(s, p.ftrace, &b); err != nil {
		t.malformed(fmt.Sprintf("byte %d: ftrace bundle: %v", p.at, err))
		t.hole(s, "damaged")
		return
	}
	t.hints.clock(b.clock)
	c := t.cpu(s, b.cpu)
	if b.lost || c.unsafe || len(b.errors) > 0 || b.tells && b.previous > c.last {
		c.irqs, c.softs = 0, 0
	}
	bad := t.events(s, c, p.ftrace, &b)
	t.compact(s, &b)
	if bad != nil {
		t.malformed(fmt.Sprintf("byte %d: ftrace bundle: %v", p.at, bad))
		t.hole(s, "damaged")
	}
	t.gapsBefore(s, c, &b)
	t.gapsWithin(c, &b)
	s.oldest, s.newest = min(s.oldest, b.first), max(s.newest, b.last)
	c.last, c.round, c.seen = max(c.last, b.last), s.rounds, true
}

// frame reads all but the events: some of it stands behind them.
func (t *Reader) frame(s *source, data []byte, b *bundle) error {
	for len(data) > 0 {
		f, rest, err := consume(data)
		if err != nil {
			return err
		}
		data = rest
		switch f.number {
		case bundleCPU:
			b.cpu = uint32(f.num)
		case bundleLost:
			b.lost = f.num != 0
		case bundleClock:
			b.clock = f.num
		case bundlePrevious:
			b.previous, b.tells = int64(f.num), true
		case bundleLastRead:
			b.lastRead = int64(f.num)
		case bundleError:
			b.errors = append(b.errors, errorTime(f.text))
		case bundleCompact:
			b.compact = f.text
		case bundleDescriptors:
			s.describe(f.text)
		}
	}
	return nil
}

func errorTime(b []byte) int64 {
	for len(b) > 0 {
		var f wire
		if f, b, _ = consume(b); f.number == errorTimestamp {
			return int64(f.num)
		}
	}
	return 0
}

// gapsBefore finds what is missing between the last event of a CPU and those of the bundle b.
func (t *Reader) gapsBefore(s *source, c *cpu, b *bundle) {
	s.tells = s.tells || b.tells || b.lastRead > 0
	before := max(b.previous, b.lastRead)
	switch {
	case c.unsafe && b.first < math.MaxInt64:
		t.gap(c.last, b.first, "lost")
		c.unsafe = false
	case b.lost && b.first == math.MaxInt64:
		c.unsafe = true
	case b.lost:
		t.gap(s.safe(c), b.first, "lost")
	case !c.seen && before > 0 && (s.rounds <= 2 || before >= s.oldest):
		t.gap(math.MinInt64, before, "overwritten")
	}
	if c.seen && b.tells && b.previous > c.last {
		t.gap(c.last, b.previous, "dropped")
	}
}

// gapsWithin is for pages that could not be read: events are missing somewhere behind their time.
func (t *Reader) gapsWithin(c *cpu, b *bundle) {
	for _, at := range b.errors {
		t.gap(max(at, c.last), b.last, "unreadable")
		c.unsafe = true
	}
}

// events adds the events of a bundle to the window.
func (t *Reader) events(s *source, c *cpu, data []byte, b *bundle) error {
	for len(data) > 0 {
		f, rest, err := consume(data)
		if err != nil {
			return err
		}
		data = rest
		if f.number != bundleEvent {
			continue
		}
		if err := t.event(s, c, f.text, b); err != nil {
			return err
		}
	}
	return nil
}

// event adds one event to the window, if it is one to give.
func (t *Reader) event(s *source, c *cpu, data []byte, b *bundle) error {
	e := event{cpu: b.cpu, source: s.index}
	for len(data) > 0 {
		f, rest, err := consume(data)
		if err != nil {
			return err
		}
		data = rest
		switch {
		case f.number == eventTimestamp:
			e.time = int64(f.num)
		case f.number == eventPID:
			e.pid = int32(f.num)
		case f.typ == protowire.BytesType && e.layout == nil:
			e.layout, e.data = t.layoutOf(s, f.number), f.text
			c.enter(f.number)
		}
	}
	e.within = c.context()
	b.first, b.last = min(b.first, e.time), max(b.last, e.time)
	t.info.Lines++
	t.info.Records++
	return t.admit(s, &e)
}

// admit completes e and puts it into the window.
func (t *Reader) admit(s *source, e *event) error {
	if err := e.name(); err != nil {
		return err
	}
	t.tasks.learn(e)
	if e.kind == traces.Other && len(t.opt.Events) > 0 && t.opt.Events[e.title()] {
		e.kind = traces.Event
		if err := e.check(); err != nil {
			return err
		}
	}
	if t.opt.SkipOther && (e.kind == traces.Other || e.kind == traces.Switch) {
		return nil
	}
	switch e.kind {
	case traces.Queue, traces.Start, traces.End, traces.Enter, traces.Exit:
		t.resolve(s, e)
	}
	e.data = t.window.hold(e.data)
	t.window.add(*e)
	return nil
}

// resolve looks up the function of e while its number has its meaning.
func (t *Reader) resolve(s *source, e *event) {
	id, ok := e.function()
	if !ok {
		return
	}
	e.fn = s.symbols[id]
	switch {
	case e.fn != "":
		t.hints.named++
	case s.stale:
		t.hints.unnamed++
		t.window.add(event{what: loses, time: e.time, fn: "nameless"})
	default:
		t.hints.unnamed++
	}
}

// compact adds the task switches that stand apart, as arrays. The task that leaves is the one
// that came before, so the first one of a bundle has none.
func (t *Reader) compact(s *source, b *bundle) {
	if b.compact == nil {
		return
	}
	c := readCompact(b.compact)
	e := event{cpu: b.cpu, pid: -1, source: s.index, layout: t.static[switchEvent], kind: traces.Switch, what: given}
	for i, delta := range c.times {
		e.time += int64(delta)
		b.first, b.last = min(b.first, e.time), max(b.last, e.time)
		t.info.Lines++
		t.info.Records++
		if !t.opt.SkipOther {
			t.window.add(e)
		}
		e.pid = c.next(i)
		t.tasks.name(e.pid, c.comm(i))
	}
}

// compact holds the arrays of a CompactSched message.
type compact struct {
	times, pids, indices []uint64
	table                [][]byte
}

func readCompact(b []byte) (c compact) {
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case compactTime:
			c.times = packed(c.times, f)
		case compactNextPID:
			c.pids = packed(c.pids, f)
		case compactNextIndex:
			c.indices = packed(c.indices, f)
		case compactTable:
			c.table = append(c.table, f.text)
		}
	}
	return c
}

// packed reads repeated numbers, packed or not.
func packed(to []uint64, f wire) []uint64 {
	if f.typ == protowire.VarintType {
		return append(to, f.num)
	}
	for b := f.text; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			break
		}
		to, b = append(to, v), b[n:]
	}
	return to
}

func (c *compact) next(i int) int32 {
	if i < len(c.pids) {
		return int32(c.pids[i])
	}
	return -1
}

func (c *compact) comm(i int) []byte {
	if i < len(c.indices) && c.indices[i] < uint64(len(c.table)) {
		return c.table[c.indices[i]]
	}
	return nil
}
