package tracedat

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// streams opens the data of all CPUs of all buffers.
func (t *Reader) streams() error {
	if t.text && t.cpus() == 0 {
		return &traces.FormatError{
			Looks: "a trace.dat file of trace-cmd that holds the text of a latency tracer", Why: "it has no records",
			Hint: "run `trace-cmd report FILE` and give its output",
		}
	}
	if len(t.buffers) == 0 {
		return &damage{at: t.size, what: "no option leads to a buffer: the recording was not finished"}
	}
	if err := t.oneClock(); err != nil {
		return err
	}
	var m memory
	rank := 0
	for _, b := range t.buffers {
		for _, d := range b.cpus {
			s, err := t.stream(b, d, &m)
			if err != nil {
				return err
			}
			s.rank = rank
			t.merge.push(s)
			rank++
		}
	}
	return nil
}

// cpus counts those that recorded something.
func (f *file) cpus() (n int) {
	for _, b := range f.buffers {
		for _, d := range b.cpus {
			if d.size > 0 {
				n++
			}
		}
	}
	return n
}

// oneClock takes the clock from the buffers, where they have one of their own. Buffers whose clocks differ
// cannot be merged, and one alone is not the trace.
func (f *file) oneClock() error {
	var used []*buffer
	for _, b := range f.buffers {
		for _, d := range b.cpus {
			if d.size > 0 {
				used = append(used, b)
				break
			}
		}
	}
	for i, b := range used {
		if b.clock != used[0].clock {
			return &traces.FormatError{
				Looks: "a trace.dat file of trace-cmd", Hint: "record all instances with one clock (trace-cmd record -C boot)",
				Why: fmt.Sprintf("%s has the clock %s and %s the clock %s: nothing tells how their records follow each other", used[0].title(), used[0].clock, b.title(), b.clock),
			}
		}
		if i == 0 && b.clock != "" {
			f.clock.name = b.clock
		}
	}
	if len(used) > 1 {
		f.note("records of %d buffers are read together: %s", len(used), titles(used))
	}
	return nil
}

func (b *buffer) title() string {
	if b.name == "" {
		return "the top buffer"
	}
	return "instance " + b.name
}

func titles(all []*buffer) string {
	var names []string
	for _, b := range all {
		names = append(names, b.title())
	}
	return strings.Join(names, ", ")
}

// stream opens the data of one CPU and looks at its first item.
func (t *Reader) stream(b *buffer, d cpuData, m *memory) (*stream, error) {
	pages, err := t.pagesOf(b, d, m)
	if err != nil {
		return nil, err
	}
	s := &stream{cpu: d.cpu, pages: pages, order: t.order, lay: t.layout, size: b.page}
	if err := t.unmarked(s, b, d); err != nil {
		return nil, err
	}
	return s, s.advance()
}

// unmarked reckons with losses that the counters of a CPU tell and its pages may not. Overwritten events
// are marked at the next page that was read; where no page has a mark, they were at the beginning. Events
// without room are marked nowhere. The kernel gives up the rest of a page then, so they are missing
// between pages, or after the last.
func (t *Reader) unmarked(s *stream, b *buffer, d cpuData) error {
	n := t.stats.all[statsKey{b.name, d.cpu}]
	if n.dropped > 0 {
		s.leaky = true
		t.info.Lost += int(min(n.dropped, 1<<31))
	}
	if n.overrun == 0 {
		return nil
	}
	marked, err := t.marked(b, d)
	if s.lossy = !marked; s.lossy {
		t.info.Lost += int(min(n.overrun, 1<<31))
	}
	return err
}

// marked tells whether any page of a CPU has a mark of lost events.
func (t *Reader) marked(b *buffer, d cpuData) (bool, error) {
	pages, err := t.pagesOf(b, d, new(memory))
	if err != nil {
		return false, err
	}
	var p page
	for {
		raw, err := pages.next()
		switch {
		case err != nil && !isDamage(err):
			return false, nil // its end; what is wrong is told when it is read
		case err != nil:
			continue
		}
		if p.load(raw, t.order, t.layout, b.page) == nil && p.gap {
			return true, nil
		}
	}
}
