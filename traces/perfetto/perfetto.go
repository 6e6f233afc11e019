// Package perfetto reads the protobuf traces of Perfetto: the ftrace events in them.
//
// A trace is a row of packets. Those of one writer form a sequence; the one that reads ftrace puts
// what it took from one CPU's buffer into a bundle. Three things make that different from a text:
//
// Order. Bundles hold the events of one CPU, in order. The writer goes from CPU to CPU, in order of
// their numbers, and begins anew: a round. Events are sorted by time in a window of the last 131,072
// or more. One that comes later than the window allows is left out and reported as lost.
//
// Losses. lost_events, previous_bundle_end_timestamp, previous_packet_dropped, parse errors of
// bundles, discarded chunks and a cut file all say that events of one CPU are missing while those of
// other CPUs, at the same time, are there. Judged alone, these could mean anything. So the whole
// interval in which some CPU may be missing becomes one Lost record, and what other CPUs did in it is
// left out. Such a gap begins at the last event of that CPU, or, if it was idle, where the last round
// but one ended: when a round begins, everything before the end of the last one is in the buffers,
// and it is read in it.
//
// Names. Pointers are replaced by numbers that mean something within one round only. If the trace was
// recorded with symbolize_ksyms, those of functions have names. Those of work items never have, so
// Record.Work stays empty. Tasks are named by sched_switch events and by the process tree.
//
// There are no lines: Record.Line counts the records that are given, Others left out, from 1.
package perfetto

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/zlib"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/traces"
)

// Reader reads one trace. It implements traces.Reader.
type Reader struct {
	file   *stream
	inner  *stream // compressed packets that are being read
	name   string
	opt    traces.Options
	info   traces.Info
	packet packet
	number int // packets so far

	static  []*layout // of events with a message of their own, by number
	sources map[uint64]*source
	machine uint64 // whose kernel is read
	tasks   tasks
	window  window
	hints   hints
	gaps    int   // gaps that are open
	last    int64 // time of the latest record
	recent  []event
	line    int
	orphans bool // packets were damaged before the first source began
	noted   bool
	done    error
}

// New reads the trace r; name stands for it in errors.
func New(r io.Reader, name string, opt traces.Options) (*Reader, error) {
	t := &Reader{
		file: newStream(r, -1), name: name, opt: opt,
		sources: map[uint64]*source{}, tasks: tasks{}, static: staticLayouts(), last: math.MinInt64, window: window{limit: windowEvents},
	}
	t.info.Format, t.info.Clock = "Perfetto", "seconds"
	return t, nil
}

func staticLayouts() []*layout {
	all := make([]*layout, eventKprobe+1)
	for n, l := range layouts {
		l.kind = kindOf(&l)
		all[n] = &l
	}
	all[eventGeneric], all[eventKprobe] = genericLayout, kprobeLayout
	return all
}

// Info tells what was read so far. Lines counts ftrace events, Bad.Line packets.
func (t *Reader) Info() *traces.Info { return &t.info }

// Read fills r with the next record. After the last it gives io.EOF, or a *traces.FormatError if
// the trace has no ftrace event.
func (t *Reader) Read(r *traces.Record) error {
	for {
		for t.window.ready() {
			if t.give(t.window.take(), r) {
				return nil
			}
		}
		if t.done != nil {
			return t.finish()
		}
		t.fill()
	}
}

// fill reads packets until the window is full or the trace ends.
func (t *Reader) fill() {
	for !t.window.full() && t.done == nil {
		t.done = t.step()
	}
	t.window.sort(t.done != nil)
}

// step reads one packet.
func (t *Reader) step() error {
	in := t.file
	if t.inner != nil {
		in = t.inner
	}
	err := in.next(&t.packet)
	switch d, damaged := err.(*damage); {
	case err == nil:
		t.number++
		return t.take(&t.packet)
	case damaged:
		t.number++
		return t.damaged(d)
	case err == io.EOF && t.inner != nil:
		t.inner = nil
		return nil
	case err == io.EOF:
		return t.end()
	case t.inner != nil:
		return t.damaged(&damage{t.inner.base, "compressed packets: " + err.Error(), true})
	}
	return fmt.Errorf("%s: byte %d: reading: %w", t.name, t.file.offset(), err)
}

// damaged goes on after packets that cannot be read. What they held is lost.
func (t *Reader) damaged(d *damage) error {
	t.malformed(d.Error())
	if d.end && t.inner == nil {
		t.cutEnd("damaged")
		return t.end()
	}
	if d.end {
		t.inner = nil
	}
	t.holesEverywhere("damaged")
	return nil
}

func (t *Reader) malformed(why string) {
	t.info.Malformed++
	if len(t.info.Bad) < traces.MaxBad {
		t.info.Bad = append(t.info.Bad, traces.BadLine{Line: t.number, Why: why, Text: "left out"})
	}
}

// take uses a packet.
func (t *Reader) take(p *packet) error {
	if p.tree != nil && p.machine == t.machine {
		t.tasks.tree(p.tree)
	}
	if p.traceStats != nil {
		t.traceStats(p.traceStats)
	}
	switch {
	case p.compressed != nil:
		return t.unpack(p)
	case p.ftrace != nil || p.stats != nil || p.interned != nil || t.sources[p.sequence] != nil:
		t.sequence(p)
	}
	return nil
}

// unpack goes on with the packets that p holds, compressed.
func (t *Reader) unpack(p *packet) error {
	if t.inner != nil {
		return t.damaged(&damage{at: p.at, why: "compressed packets within compressed packets"})
	}
	r, err := zlib.NewReader(bytes.NewReader(p.compressed))
	if err != nil {
		return t.damaged(&damage{at: p.at, why: "compressed packets: " + err.Error()})
	}
	t.inner = newStream(r, p.at)
	return nil
}

// sequence uses a packet of a sequence that may hold ftrace events.
func (t *Reader) sequence(p *packet) {
	s := t.sources[p.sequence]
	if s == nil {
		if p.ftrace == nil && p.stats == nil && !hasSymbols(p.interned) {
			return
		}
		s = t.source(p)
	}
	if s == nil || p.machine != t.machine {
		t.hints.machines++
		return
	}
	if p.dropped && !p.first && s.packets > 0 {
		clear(s.symbols)
		s.stale = true
		t.hole(s, "dropped")
	}
	s.packets++
	if p.cleared {
		clear(s.symbols)
		s.stale = false
	}
	s.intern(p.interned)
	if p.stats != nil {
		t.hints.ftraceStats(p.stats)
	}
	if p.ftrace != nil {
		t.bundle(s, p)
	}
}

// maxSources bounds the sequences with ftrace events: there is one per instance that was recorded.
const maxSources = 256

// source begins a sequence.
func (t *Reader) source(p *packet) *source {
	if len(t.sources) == 0 {
		t.machine = p.machine
	}
	if len(t.sources) >= maxSources {
		t.malformed(fmt.Sprintf("byte %d: more than %d sequences hold ftrace events", p.at, maxSources))
		t.cutEnd("damaged")
		return nil
	}
	s := newSource(len(t.sources))
	t.sources[p.sequence] = s
	if t.orphans {
		t.orphans = false
		t.hole(s, "damaged")
	}
	return s
}

// end ends the trace.
func (t *Reader) end() error {
	for _, s := range t.sources {
		t.closeHoles(s, true)
		for _, c := range s.cpus {
			if c.unsafe {
				t.open(c.last, "lost")
			}
		}
	}
	t.tail()
	switch {
	case t.info.Lines > 0:
		return io.EOF
	case t.info.Malformed > 0:
		return &traces.FormatError{
			File: t.name, Looks: "a damaged Perfetto trace", Why: t.info.Bad[0].Why,
			Hint: "take it from the device again",
		}
	}
	return &traces.FormatError{
		File: t.name, Looks: "a Perfetto trace without ftrace events",
		Why:  fmt.Sprintf("none of its %d packets holds what a kernel recorded", t.number),
		Hint: "record with the data source linux.ftrace, the events power/wakeup_source_activate, power/wakeup_source_deactivate, workqueue/*, printk/console, and symbolize_ksyms: true",
	}
}

// tail makes the gaps that only the statistics at the end of a trace tell of.
func (t *Reader) tail() {
	if t.hints.discards > 0 || t.hints.unflushed {
		t.cutEnd("discarded")
	}
	for _, s := range t.sources {
		if t.hints.overwrites > 0 && !s.tells {
			t.gap(math.MinInt64, s.begin()+1, "overwritten")
		}
	}
}

// finish completes what is told of the trace and gives the error that ended it.
func (t *Reader) finish() error {
	if !t.noted {
		t.noted = true
		t.info.Notes = t.hints.notes()
	}
	return t.done
}

// consume cuts the next field off b. A nil rest after an error ends every loop over fields.
func consume(b []byte) (f wire, rest []byte, err error) {
	n, typ, size := protowire.ConsumeTag(b)
	if size < 0 {
		return f, nil, protowire.ParseError(size)
	}
	f.number, f.typ, rest = n, typ, b[size:]
	switch typ {
	case protowire.VarintType:
		f.num, size = protowire.ConsumeVarint(rest)
	case protowire.BytesType:
		f.text, size = protowire.ConsumeBytes(rest)
	default:
		size = protowire.ConsumeFieldValue(n, typ, rest)
	}
	if size < 0 {
		return f, nil, protowire.ParseError(size)
	}
	return f, rest[size:], nil
}

// wire is one field on the wire: a number or, for length-delimited ones, bytes.
type wire struct {
	number protowire.Number
	typ    protowire.Type
	num    uint64
	text   []byte
}
