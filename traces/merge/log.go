package merge

import (
	"fmt"
	"io"
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

// A kernel log has a clock of its own, which is not the trace's even where both count seconds since
// boot. What ties the two together are lines that stand in both, in the trace as printk:console events:
// each that is unique in both is a sync mark, if all of them have one distance between the clocks. Of a line of the log between two successive marks the
// place in the trace is proven where the trace has nothing between these marks. Every other line is left
// out, which is sound, for any line of a kernel log may be missing; its names are still worth reading.

// Lines is a kernel log that was read to its end.
type Lines struct {
	name  string
	recs  []*traces.Record
	count map[string]int // by text
	boots bool
	timed bool // its times count seconds
}

// Boots tells whether the log goes over several boots: a trace is of one, and names may change with each.
func (l *Lines) Boots() bool { return l.boots }

// maxLines bounds the lines of a log that is joined with a trace.
const maxLines = 1 << 20

// ReadLines reads a kernel log.
func ReadLines(r traces.Reader, name string) (*Lines, error) {
	l := &Lines{name: name, count: map[string]int{}}
	var rec traces.Record
	for {
		err := r.Read(&rec)
		if err == io.EOF {
			l.timed = timed(r.Info())
			return l, nil
		}
		if err != nil {
			return nil, err
		}
		l.boots = l.boots || rec.Kind == traces.Begin
		if rec.Kind != traces.Log {
			continue
		}
		if len(l.recs) == maxLines {
			return nil, fmt.Errorf("%s: more than %d lines cannot be joined with a trace: give the part that belongs to it", name, maxLines)
		}
		l.recs = append(l.recs, rec.Clone())
		l.count[key(&rec)]++
	}
}

func key(r *traces.Record) string { return r.Device + "\x00" + r.Text }

// Records gives all lines, for what they say beside when: the names in them.
func (l *Lines) Records() []*traces.Record { return l.recs }

// Marks finds the sync marks: lines that the log and the trace both have once. trace is read to its end.
// They are in the order of both, and their times have one distance; if not, there is none.
func (l *Lines) Marks(trace traces.Reader) (*Marks, error) {
	inTrace := map[string]int{}
	var order []string
	times := map[string]int64{}
	var rec traces.Record
	for {
		err := trace.Read(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if k := key(&rec); rec.Kind == traces.Log && l.count[k] > 0 {
			inTrace[k]++
			order = append(order, k)
			times[k] = rec.Time
		}
	}
	m := l.marks(inTrace, order)
	if m.why == "" {
		m.why = unproven(m.pairs(times, timed(trace.Info())), l.resolution())
	}
	if m.why != "" {
		return &Marks{lines: l, why: m.why}, nil
	}
	return m, nil
}

// pairs gives the sync marks with the times that both sides have of them.
func (m *Marks) pairs(times map[string]int64, known bool) []pair {
	var all []pair
	for _, r := range m.lines.recs {
		k := key(r)
		if _, ok := m.at[k]; ok && known && m.lines.timed && r.Time != traces.NoTime && times[k] != traces.NoTime {
			all = append(all, pair{r.Text, r.Line, time.Duration(r.Time), time.Duration(times[k])})
		}
	}
	return all
}

func (l *Lines) marks(inTrace map[string]int, order []string) *Marks {
	m := &Marks{lines: l, at: map[string]int{}}
	last := -1
	place := map[string]int{}
	for i, r := range l.recs {
		place[key(r)] = i
	}
	for _, k := range order {
		if inTrace[k] != 1 || l.count[k] != 1 {
			continue
		}
		if place[k] < last {
			return &Marks{why: "lines that stand in both come in another order in the trace: it is of another boot or another machine"}
		}
		last = place[k]
		m.at[k] = last
	}
	for _, r := range l.recs {
		if inTrace[key(r)] > 0 {
			m.both++
		}
	}
	m.inTrace = inTrace
	if len(m.at) == 0 {
		m.why = "no line of it stands once in the trace as a printk:console event too"
	}
	return m
}

// Marks says which lines of a log stand in a trace as well.
type Marks struct {
	lines   *Lines
	at      map[string]int // sync marks: their place in the log
	inTrace map[string]int
	both    int // lines that stand in both
	placed  int
	why     string
}

// Why says why nothing ties the log to the trace; "" if something does.
func (m *Marks) Why() string { return m.why }

// Say tells what became of the log's lines.
func (m *Marks) Say() string {
	return fmt.Sprintf("%s: %d of %d lines stand in the trace as well; of the others %d lie where the trace has nothing between two such lines and were put there, the rest gave no more than names",
		m.lines.name, m.both, len(m.lines.recs), m.placed)
}

// WithLog is a trace with the lines of a log that have a proven place in it. It implements
// traces.Reader.
type WithLog struct {
	src     traces.Reader
	marks   *Marks
	before  int              // lines of the files before the log
	waiting []*traces.Record // lines behind the last mark, if the next record is the next mark
	next    int              // the place in the log of that next mark
	ready   []*traces.Record
	held    *traces.Record
}

// NewWithLog puts the lines of a log into a trace. before is the number of lines of the files that are
// counted before the log.
func NewWithLog(trace traces.Reader, m *Marks, before int) *WithLog {
	return &WithLog{src: trace, marks: m, before: before, next: -1}
}

// Info tells what was read of the trace.
func (w *WithLog) Info() *traces.Info { return w.src.Info() }

// Read fills r with the next record.
func (w *WithLog) Read(r *traces.Record) error {
	if len(w.ready) > 0 {
		*r = *w.ready[0]
		w.ready = w.ready[1:]
		return nil
	}
	if w.held != nil {
		*r = *w.held
		w.held = nil
		return nil
	}
	if err := w.src.Read(r); err != nil {
		return err
	}
	if w.passive(r) {
		return nil
	}
	place, isMark := w.marks.at[key(r)]
	if isMark = isMark && r.Kind == traces.Log; isMark && place == w.next && len(w.waiting) > 0 {
		w.marks.placed += len(w.waiting)
		w.ready, w.held = w.waiting[1:], r.Clone()
		*r = *w.waiting[0]
	}
	w.waiting, w.next = nil, -1
	if isMark {
		w.behind(place)
	}
	return nil
}

// passive tells of records that no line can stand on the wrong side of.
func (w *WithLog) passive(r *traces.Record) bool {
	return r.Kind == traces.Other || r.Kind == traces.Switch || r.Kind == traces.Mark
}

// behind collects the lines between the mark at a place of the log and the next mark.
func (w *WithLog) behind(place int) {
	for i := place + 1; i < len(w.marks.lines.recs); i++ {
		l := w.marks.lines.recs[i]
		if _, ok := w.marks.at[key(l)]; ok {
			w.next = i
			return
		}
		if w.marks.inTrace[key(l)] > 0 {
			break // a line that the trace has as well, but more than once
		}
		c := l.Clone()
		c.Time, c.Line = traces.NoTime, c.Line+w.before
		w.waiting = append(w.waiting, c)
	}
	w.waiting = nil
}
