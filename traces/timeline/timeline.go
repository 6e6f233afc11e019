// Package timeline watches the clock of a trace while it is read.
//
// A ring buffer is in the order of its times, CPU by CPU. A trace in which they go back is two traces
// in one file, or one that somebody cut, sorted or merged; what a record means depends on what came
// before it, so nothing may be concluded across such a place. This reader marks it:
//
//	back by a second or more          Begin: another trace
//	back on one CPU, or an integer    Lost: what was open is not known any more
//	back between CPUs, by less        nothing but a note: whoever explains the records puts them in order
//
// Records of equal time are normal, since times are printed in microseconds. A long run of them is a
// clock that stands still, and is noted.
package timeline

import (
	"fmt"
	"slices"
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

const (
	maxBack = int64(time.Second) // going back further than that is another trace
	maxCPUs = 4096               // beyond them CPUs are taken for one
	longRun = 50                 // records of one time that are worth a note
)

// MaxParts bounds how many traces a file may hold. What goes back in time more often is not in the
// order of time at all.
const MaxParts = 100

// Reader gives the records of another reader, with a Begin or Lost record where time goes back. It
// implements traces.Reader.
type Reader struct {
	src  traces.Reader
	name string
	held *traces.Record // read, but comes after a mark
	log  bool           // there are lines of a kernel log

	latest int64   // the latest time of this part
	onCPU  []int64 // the last time of each CPU; 0 is for records that name none
	parts  int
	lost   int // marks of kind Lost
	late   int // records earlier than one of another CPU before them
	lateAt int // line of the first
	run    run
	long   run // the longest one
}

// run is a run of records of one time.
type run struct {
	time       int64
	n          int
	from, to   int // lines
	cpu        int
	severalCPU bool
}

// New watches src; name stands for it in errors.
func New(src traces.Reader, name string) *Reader {
	t := &Reader{src: src, name: name}
	t.reset()
	return t
}

// Read fills r with the next record. What is in no order of time at all is refused with a
// *traces.FormatError.
func (t *Reader) Read(r *traces.Record) error {
	if t.held != nil {
		*r = *t.held
		t.held = nil
		return nil
	}
	if err := t.src.Read(r); err != nil {
		return err
	}
	t.log = t.log || r.Source == traces.KernelLog
	switch {
	case r.Kind == traces.Begin && !t.log: // its boots are a log's own matter
		return t.begin(r.Line)
	case r.Time == traces.NoTime, r.Source == traces.KernelLog:
		return nil
	}
	if mark := t.watch(r); mark != nil {
		t.held = r.Clone()
		*r = *mark
		if r.Kind == traces.Begin {
			return t.begin(r.Line)
		}
	}
	return nil
}

// begin forgets what came before another trace.
func (t *Reader) begin(line int) error {
	if t.parts++; t.parts >= MaxParts {
		return &traces.FormatError{
			File: t.name, Line: line, Looks: "a file that is not in the order of time",
			Why:  fmt.Sprintf("time goes back, or a header stands again, %d times up to here", t.parts),
			Hint: "give the trace as the kernel wrote it, or its parts one by one",
		}
	}
	held := t.held
	t.reset()
	if t.held = held; held != nil {
		t.seen(held)
	}
	return nil
}

func (t *Reader) reset() {
	t.endRun()
	t.latest, t.onCPU, t.run = traces.NoTime, t.onCPU[:0], run{time: traces.NoTime}
}

// watch takes notice of the time of r and gives the record that marks a jump back before it.
func (t *Reader) watch(r *traces.Record) *traces.Record {
	back, same := t.latest-r.Time, r.Time < *t.last(r.CPU)
	if r.Time >= t.latest {
		back = 0
	}
	t.seen(r)
	integer := back > 0 && t.src.Info().Clock == "integer"
	switch {
	case back == 0:
		return nil
	case integer && same, !integer && back >= maxBack:
		return mark(traces.Begin, r, "time goes back"+by(back, integer))
	case integer || same:
		t.lost++
		t.latest, t.onCPU = r.Time, t.onCPU[:0]
		*t.last(r.CPU) = r.Time
		return mark(traces.Lost, r, "time goes back"+by(back, integer))
	}
	if t.late++; t.lateAt == 0 {
		t.lateAt = r.Line
	}
	return nil
}

func (t *Reader) seen(r *traces.Record) {
	t.latest = max(t.latest, r.Time)
	*t.last(r.CPU) = r.Time
	t.equal(r)
}

// last gives the place of the last time of a CPU.
func (t *Reader) last(cpu int) *int64 {
	i := min(max(cpu, -1), maxCPUs) + 1
	for len(t.onCPU) <= i {
		t.onCPU = append(t.onCPU, traces.NoTime)
	}
	return &t.onCPU[i]
}

// equal counts records of one time.
func (t *Reader) equal(r *traces.Record) {
	if r.Time != t.run.time {
		t.endRun()
		t.run = run{time: r.Time, from: r.Line, cpu: r.CPU}
	}
	t.run.n++
	t.run.to = r.Line
	t.run.severalCPU = t.run.severalCPU || r.CPU != t.run.cpu
}

func (t *Reader) endRun() {
	if t.run.n > t.long.n {
		t.long = t.run
	}
}

func mark(kind traces.Kind, r *traces.Record, why string) *traces.Record {
	return &traces.Record{
		Kind: kind, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Line: r.Line, Reason: why,
	}
}

// by says how far time went back, as far as the clock tells.
func by(back int64, integer bool) string {
	if integer {
		return fmt.Sprintf(" by %d", back)
	}
	return " by " + time.Duration(back).String()
}

// Info tells what was read so far; the notes have what is strange about the clock.
func (t *Reader) Info() *traces.Info {
	info := *t.src.Info()
	info.Lost += t.lost
	if t.held != nil {
		info.Records-- // it has not been given
	}
	info.Notes = slices.Concat(info.Notes, t.notes())
	return &info
}

func (t *Reader) notes() []string {
	var notes []string
	if t.late > 0 {
		notes = append(notes, fmt.Sprintf("line %d: earlier than a record of another CPU before it (%d such lines): records are taken in the order of their times", t.lateAt, t.late))
	}
	t.endRun()
	if long := t.long; long.n >= longRun {
		s := fmt.Sprintf("lines %d to %d: %d records bear one time; the clock stands still or is coarse", long.from, long.to, long.n)
		if long.severalCPU {
			s += ", and the order between CPUs is not known"
		}
		notes = append(notes, s)
	}
	return notes
}
