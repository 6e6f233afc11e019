package tracedat

import (
	"fmt"

	"github.com/rprocspec/rprocspec/traces"
)

// event reads an event.
func (t *Reader) event(s *stream, r *traces.Record) bool {
	t.info.Records++
	t.nextLine()
	p := payload{s.cur.data, t.order}
	id, ok := p.uint(field{size: 2})
	e := t.formats[int(id)]
	if !ok || e == nil {
		t.malformed(fmt.Sprintf("an event of type %d, which no format in the file describes", id))
		e = &unknown
	}
	t.extra = t.callers(e, p)
	named := t.named(e)
	if e.kind == traces.Other && t.opt.SkipOther && !named {
		t.learn(e, p)
		t.info.Lines = t.num + t.extra
		return false
	}
	t.common(s, r, e, p)
	t.learn(e, p)
	if e.fill != nil {
		t.fill(r, e, p)
	}
	if named {
		t.payload(r, e, p)
	}
	t.leaf(s, r, e, p)
	t.info.Lines = t.num + t.extra
	return r.Kind != traces.Other || !t.opt.SkipOther
}

// unknown is an event without a format. The first fields of all events are the same.
var unknown = event{decoder: decoder{source: traces.Tracepoint, flags: field{offset: 2, size: 1}, pid: field{offset: 4, size: 4}}}

// learn takes the names of tasks from scheduler events, for those that have none.
func (t *Reader) learn(e *event, p payload) {
	for _, k := range e.tasks {
		pid, ok := p.uint(k.pid)
		if !ok || t.comms.known(int(int32(pid))) {
			continue
		}
		if comm, ok := p.text(k.comm); ok {
			t.comms.add(int(int32(pid)), comm)
		}
	}
}

// common fills what every record has.
func (t *Reader) common(s *stream, r *traces.Record, e *event, p payload) {
	*r = traces.Record{
		Kind: e.kind, Source: e.source, CPU: s.cpu, PID: -1, Event: e.name, Line: t.num,
		Time: t.clock.time(s.cur.stamp), Args: r.Args[:0],
	}
	if pid, ok := p.uint(e.pid); ok {
		r.PID = int(int32(pid))
		r.Comm = t.comms.of(r.PID)
	}
	if flags, ok := p.uint(e.flags); ok {
		r.Context = context(flags)
	}
}

// The bits of common_flags that tell the context.
const (
	flagHard = 0x08
	flagSoft = 0x10
	flagNMI  = 0x40
)

func context(flags uint64) traces.Context {
	switch {
	case flags&flagNMI != 0:
		return traces.NMI
	case flags&flagHard != 0:
		return traces.HardIRQ
	case flags&flagSoft != 0:
		return traces.SoftIRQ
	}
	return traces.Process
}

// fill reads what the event has of its own. One that is too short for its format, or whose format lacks
// what it should have, is malformed.
func (t *Reader) fill(r *traces.Record, e *event, p payload) {
	switch {
	case e.lack != "":
		t.malformed("the format of " + e.name + " has no field " + e.lack)
	case !e.fill(t, r, e, p):
		t.malformed("a record of " + e.name + " that is too short for its format")
	default:
		return
	}
	r.Kind = traces.Other
}

// entry is the entry of a function of which nothing more was recorded yet.
type entry struct {
	fn, pid uint64
	line    int
}

// leaf keeps the lines in step with trace-cmd report, which prints a function that calls no other on one.
func (t *Reader) leaf(s *stream, r *traces.Record, e *event, p payload) {
	last := s.entry
	s.entry = entry{}
	if r.Source != traces.FuncTracer || e.name == "function" {
		return
	}
	fn, _ := p.uint(e.a)
	pid, _ := p.uint(e.pid)
	switch {
	case r.Kind == traces.Enter:
		s.entry = entry{fn, pid, t.num}
	case last.line > 0 && last.fn == fn && last.pid == pid:
		r.Line = last.line
		t.num--
	}
}
