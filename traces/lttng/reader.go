// Package lttng reads the text that babeltrace and babeltrace2 print of LTTng kernel traces:
//
//	[STAMP] (+DELTA) HOST EVENT: { cpu_id = N }, { CONTEXT }, { FIELDS }
//
// Events have names of their own there (power_wakeup_source_activate, printk_console). LTTng records
// functions as addresses without names, so of work items nothing is known; probes are known by the
// name that their user gave them. A thread is known if the context has its tid, or if task switches
// were recorded. What was discarded, babeltrace tells on its standard error only.
package lttng

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// Reader reads one trace. It implements traces.Reader.
type Reader struct {
	lines *line.Reader
	name  string
	opt   traces.Options
	info  traces.Info
	head  head

	running map[int]task // by CPU, as task switches told
	losses  []loss       // told, and not reached
	ahead   *traces.Record
	unended bool // the last line had a string without an end: the next may belong to it
	day     int64
	last    int64
	told    bool // a loss was told
	tids    int  // records with a thread
	blind   int  // records without one
	done    error
}

// task is what runs on a CPU.
type task struct {
	pid  int
	comm string
}

// loss is a time in which events of some CPU were discarded.
type loss struct {
	from, to int64
	n        int
	begun    bool
}

// New reads the text r; name stands for it in errors.
func New(r io.Reader, name string, opt traces.Options) (*Reader, error) {
	t := &Reader{lines: line.NewReader(r), name: name, opt: opt, running: map[int]task{}, last: traces.NoTime}
	t.info.Format, t.info.Clock = "babeltrace", clockNames[noClock]
	return t, nil
}

// Info tells what was read so far.
func (t *Reader) Info() *traces.Info { return &t.info }

// Read fills r with the next record. After the last it gives io.EOF, or a *traces.FormatError if
// not one line was understood.
func (t *Reader) Read(r *traces.Record) error {
	if t.ahead != nil {
		*r, t.ahead = *t.ahead, nil
		return nil
	}
	for t.done == nil {
		text, err := t.lines.Next()
		if err != nil {
			t.done = t.end(err)
			break
		}
		t.info.Lines++
		if t.line(text, r) {
			return nil
		}
	}
	return t.done
}

func (t *Reader) end(err error) error {
	if err != io.EOF {
		return fmt.Errorf("%s:%d: reading: %w", t.name, t.lines.Num(), err)
	}
	if t.info.Records == 0 && t.info.Malformed > 0 {
		bad := t.info.Bad[0]
		return &traces.FormatError{
			File: t.name, Line: bad.Line, Looks: fmt.Sprintf("no trace: not one of %d lines was understood", t.info.Lines),
			Why: bad.Why, Hint: "give the output of `babeltrace2 DIR` without options for fields and names",
		}
	}
	t.notes()
	return err
}

func (t *Reader) notes() {
	if t.blind > 0 && t.tids == 0 {
		t.info.Notes = append(t.info.Notes, "no record tells its thread: record with `lttng add-context -k -t tid -t procname`, or sched_switch")
	}
	if !t.told && t.info.Records > 0 {
		t.info.Notes = append(t.info.Notes, "babeltrace tells discarded events on its standard error only: `babeltrace2 DIR >FILE 2>&1` keeps that")
	}
}

// line reads one line and tells whether it made a record to return.
func (t *Reader) line(text []byte, r *traces.Record) bool {
	switch {
	case t.lossLine(text):
		return t.due(traces.NoTime, r)
	case !t.head.split(text):
		t.aside(text)
		return false
	}
	t.info.Records++
	if t.lines.Cut() {
		t.malformed(text, "line longer than 1 MiB, its end was dropped")
	}
	t.tick()
	return t.event(r)
}

// aside reads a line that is no event: the rest of a message as a rule.
func (t *Reader) aside(text []byte) {
	if len(bytes.TrimSpace(text)) == 0 || t.unended {
		return
	}
	why := "no event: no `[TIME] … EVENT: { … }`"
	if bytes.HasPrefix(text, []byte("timestamp = ")) {
		why = "fields with all names (babeltrace --names all) are not read"
	}
	t.malformed(text, why)
}

const badText = 200 // bytes of a bad line that are kept

func (t *Reader) malformed(text []byte, why string) {
	t.info.Malformed++
	if len(t.info.Bad) < traces.MaxBad {
		t.info.Bad = append(t.info.Bad, traces.BadLine{Line: t.lines.Num(), Why: why, Text: string(text[:min(len(text), badText)])})
	}
}

const halfDay = 12 * 3600 * 1e9

// tick follows the clock. A time of day that falls back by hours is the next day.
func (t *Reader) tick() {
	h := &t.head
	if name := clockNames[h.clock]; t.info.Clock != name {
		if t.info.Clock != clockNames[noClock] {
			t.info.Notes = append(t.info.Notes, fmt.Sprintf("line %d: timestamps change from %s to %s", t.lines.Num(), t.info.Clock, name))
		}
		t.info.Clock = name
	}
	if h.clock == daytime {
		if h.time += t.day; t.last != traces.NoTime && h.time < t.last-halfDay {
			t.day += 2 * halfDay
			h.time += 2 * halfDay
		}
	}
	t.last = h.time
}

// event fills r from t.head. Losses that were told for times up to now come before.
func (t *Reader) event(r *traces.Record) bool {
	given := t.fill(r)
	if !given {
		return false
	}
	var lost traces.Record
	if !t.due(r.Time, &lost) {
		return true
	}
	t.ahead = r.Clone()
	*r = lost
	return true
}

// lossLine reads "WARNING: Tracer discarded 7 events between [A] and [B] in …", and the like of
// babeltrace 1.
func (t *Reader) lossLine(text []byte) bool {
	_, rest, ok := bytes.Cut(text, []byte("Tracer "))
	if !ok || len(text) > 0 && text[0] == '[' && !bytes.HasPrefix(text, []byte("[warning]")) || !bytes.Contains(rest, []byte("discarded")) {
		return false
	}
	l := loss{from: traces.NoTime, to: traces.NoTime, n: count(rest)}
	if _, between, ok := bytes.Cut(rest, []byte(" between ")); ok {
		var from, to head
		if after, ok := from.stamp(between); ok {
			if after, ok = bytes.CutPrefix(after, []byte(" and ")); ok {
				if _, ok = to.stamp(after); ok {
					l.from, l.to = from.time, to.time
				}
			}
		}
	}
	t.losses, t.told = append(t.losses, l), true
	t.info.Lost += max(l.n, 1)
	return true
}

// due makes a Lost record of the first loss that begins or ends before a time. With NoTime it is one
// whose beginning is past already, or of which no time is known.
func (t *Reader) due(now int64, r *traces.Record) bool {
	for i := range t.losses {
		l := &t.losses[i]
		switch {
		case !l.begun && (l.from == traces.NoTime || l.from <= max(now, t.last)):
			l.begun = true
			*r = t.lost(max(l.from, t.last), l.n)
		case l.begun && l.to <= now:
			*r = t.lost(now, 0)
		default:
			continue
		}
		if l.begun && l.to <= max(now, t.last) {
			t.losses = append(t.losses[:i], t.losses[i+1:]...)
		}
		clear(t.running)
		return true
	}
	return false
}

func (t *Reader) lost(at int64, n int) traces.Record {
	return traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: at, Line: t.lines.Num(), LostN: n, Reason: "discarded",
	}
}
