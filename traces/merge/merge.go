// Package merge reads several files of one recording as one trace.
//
// Files whose records bear the same clock, such as those of the CPUs of one ring buffer, are merged by
// time; of records of one time that of the earlier file comes first, which says nothing about their
// order. Lines are counted through all files, in the order in which the files are given, so that a
// line number stands for one line of one file.
package merge

import (
	"container/heap"
	"errors"
	"fmt"
	"io"

	"github.com/rprocspec/rprocspec/traces"
)

// Part is one file of a recording.
type Part struct {
	Name   string
	Reader traces.Reader
	Lines  int // of the file; the lines of the next part are counted from there
}

// Reader merges parts. It implements traces.Reader.
type Reader struct {
	parts []*part
	queue queue
	last  *part // whose record was given last
	once  map[print]bool
	info  traces.Info
}

// part is a file with the record that comes next in it.
type part struct {
	Part
	index  int
	before int // lines of the parts before it
	next   traces.Record
	at     int64 // where next belongs: its time, or that of the record before it
}

// New merges parts by time. With once, a record that stands in several of them is given once.
func New(parts []Part, once bool) (*Reader, error) {
	m := &Reader{}
	if once {
		m.once = map[print]bool{}
	}
	before := 0
	for i, p := range parts {
		x := &part{Part: p, index: i, before: before, at: traces.NoTime}
		before += p.Lines
		m.parts = append(m.parts, x)
		if err := m.advance(x); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// advance reads the next record of a part and puts the part in its place.
func (m *Reader) advance(p *part) error {
	err := p.Reader.Read(&p.next)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	case p.next.Kind == traces.Begin:
		return &traces.FormatError{
			File: p.Name, Line: p.next.Line, Looks: "several traces in one file",
			Why:  "which of them belongs to which trace of the other files is not known",
			Hint: "split it, and give files that were read at one time",
		}
	}
	p.at = max(p.at, p.next.Time)
	heap.Push(&m.queue, p)
	return nil
}

// Read fills r with the next record.
func (m *Reader) Read(r *traces.Record) error {
	for {
		if m.last != nil {
			if err := m.advance(m.last); err != nil {
				return err
			}
			m.last = nil
		}
		if len(m.queue) == 0 {
			return io.EOF
		}
		p := heap.Pop(&m.queue).(*part)
		m.last = p
		if m.once != nil && !m.first(&p.next) {
			continue
		}
		*r = p.next
		r.Line += p.before
		return nil
	}
}

// first tells whether a record has not been given before. Only the latest ones are remembered: equal
// records have equal times.
func (m *Reader) first(r *traces.Record) bool {
	key, ok := printOf(r)
	if !ok {
		return true
	}
	for k := range m.once {
		if k.time != key.time {
			clear(m.once)
		}
		break
	}
	if m.once[key] {
		return false
	}
	m.once[key] = true
	return true
}

// Info tells what was read so far, of all parts together.
func (m *Reader) Info() *traces.Info {
	info := traces.Info{}
	for _, p := range m.parts {
		i := p.Reader.Info()
		if info.Format == "" || info.Clock == "none" {
			info.Format, info.Tracer, info.Clock, info.ClockName = i.Format, i.Tracer, i.Clock, i.ClockName
		}
		info.CPUs = max(info.CPUs, i.CPUs)
		info.Lines += i.Lines
		info.Records += i.Records
		info.Malformed += i.Malformed
		info.Lost += i.Lost
		info.Duplicate += i.Duplicate
		for _, b := range i.Bad {
			if b.Line += p.before; len(info.Bad) < traces.MaxBad {
				info.Bad = append(info.Bad, b)
			}
		}
		for _, n := range i.Notes {
			info.Notes = append(info.Notes, fmt.Sprintf("%s: %s", p.Name, n))
		}
	}
	m.info = info
	return &m.info
}

// queue has the parts by the time of their next record.
type queue []*part

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(*part)) }

func (q queue) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].index < q[j].index
}

func (q *queue) Pop() any {
	old := *q
	p := old[len(old)-1]
	*q = old[:len(old)-1]
	return p
}
