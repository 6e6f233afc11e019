package perfetto

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// give makes a record of the next entry of the window, and tells whether there is one.
func (t *Reader) give(e *event, r *traces.Record) bool {
	switch {
	case e.what == closes:
		t.gaps--
		return false
	case e.what != given:
		return t.lose(e, r)
	case t.gaps > 0:
		t.hints.inGaps++
		return false
	case e.time < t.last:
		t.hints.late++
		return t.lose(&event{what: loses, time: t.last, fn: "out of order"}, r)
	case len(t.sources) > 1 && t.twice(e):
		t.info.Duplicate++
		t.hints.twice++
		return false
	}
	t.last = e.time
	t.record(e, r)
	return true
}

// lose makes a Lost record, but within a gap, which is one already.
func (t *Reader) lose(e *event, r *traces.Record) bool {
	known := t.gaps > 0
	if e.what == opens {
		t.gaps++
	}
	if known {
		return false
	}
	t.info.Lost++
	*r = traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: max(e.time, t.last),
		Line: t.next(), Args: r.Args[:0], Reason: e.fn,
	}
	return true
}

func (t *Reader) next() int {
	t.line++
	return t.line
}

const (
	maxRecent = 64
	sameEvent = 100_000 // ns that two buffers may differ in the time of one event
)

// twice tells whether e was given already: a trace may hold several instances that recorded it.
func (t *Reader) twice(e *event) bool {
	for i := range t.recent {
		o := &t.recent[i]
		if o.source != e.source && o.cpu == e.cpu && o.pid == e.pid && o.kind == e.kind && e.time-o.time <= sameEvent &&
			(bytes.Equal(o.data, e.data) || e.fn != "" && o.fn == e.fn) {
			t.recent = append(t.recent[:i], t.recent[i+1:]...)
			return true
		}
	}
	if len(t.recent) >= maxRecent {
		t.recent = append(t.recent[:0], t.recent[1:]...)
	}
	t.recent = append(t.recent, *e)
	return false
}

// record is the one place where an event of Perfetto becomes a record.
func (t *Reader) record(e *event, r *traces.Record) {
	*r = traces.Record{
		Kind: e.kind, Source: traces.Tracepoint, Context: e.within, CPU: int(e.cpu), PID: int(e.pid), Comm: t.tasks.of(e.pid),
		Time: e.time, Line: t.line, Event: e.title(), Args: r.Args[:0],
	}
	if e.kind != traces.Other {
		r.Line = t.next()
	}
	switch e.kind {
	case traces.EdgeOn, traces.EdgeOff:
		e.edge(r)
	case traces.Queue, traces.Start, traces.End:
		e.work(r)
	case traces.Log:
		e.log(r)
	case traces.Mark:
		r.Source, r.Text = traces.Marker, string(firstLine(e.text("buf")))
	case traces.Enter, traces.Exit:
		e.call(r)
	case traces.Event:
		e.payload(r)
	}
}

// payload keeps the fields of a tracepoint that the caller asked for by its name.
func (e *event) payload(r *traces.Record) {
	e.arguments(r)
	var texts []string
	for i := range r.Args {
		r.Args[i].Quote = false
		texts = append(texts, r.Args[i].Value)
	}
	r.Text = strings.Join(texts, ": ")
}

// text gives the string field of a name.
func (e *event) text(name string) []byte {
	for f := range e.fields() {
		if f.name == name {
			return f.text
		}
	}
	return nil
}

func (e *event) edge(r *traces.Record) {
	for f := range e.fields() {
		switch f.name {
		case "name":
			r.Name = string(f.text)
		case "state":
			r.Counter, r.HasCtr = uint32(f.num), true
		}
	}
}

// work leaves out the address of the work item where it is a number of the round.
func (e *event) work(r *traces.Record) {
	r.Func = functionName(e.fn)
	for f := range e.fields() {
		if f.name == "work" && inKernel(f.num) {
			r.Work = fmt.Sprintf("0x%x", f.num)
		}
	}
}

// log reads a printk line. Kernels before 5.10 print it with its time.
func (e *event) log(r *traces.Record) {
	driver, device, text := printk.Split(printk.TrimTime(firstLine(e.text("msg"))))
	r.Driver, r.Device, r.Text = string(driver), string(device), string(text)
}

// firstLine cuts text that goes on, as readers of text do.
func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	return bytes.TrimRight(line, "\r")
}

// call fills in the entry or return of a function: of a probe with fields, of one that Perfetto set
// and named by its function, or of the graph tracer.
func (e *event) call(r *traces.Record) {
	switch {
	case e.layout == kprobeLayout:
		r.Source, r.Func = traces.Kprobe, functionName(r.Event)
	case strings.HasPrefix(e.layout.name, "funcgraph_"):
		r.Source, r.Event, r.Func = traces.FuncTracer, "", functionName(e.fn)
		if r.Func == "" {
			r.Kind = traces.Other
		}
	default:
		r.Source = traces.Kprobe
		e.arguments(r)
	}
}

// arguments reads the fields of a probe, the kernel's own first.
func (e *event) arguments(r *traces.Record) {
	for f := range e.fields() {
		switch {
		case f.name == probeIP, f.name == probeFunc:
			r.Addr = strconv.FormatUint(f.num, 16)
		case strings.HasPrefix(f.name, "__probe_"):
		case f.typ == typeString && string(f.text) != "(fault)" && string(f.text) != "(null)":
			r.Args = append(r.Args, traces.Arg{Name: f.name, Value: string(f.text), Quote: true})
		case f.typ == typeInt64:
			r.Args = append(r.Args, traces.Arg{Name: f.name, Value: strconv.FormatInt(int64(f.num), 10)})
		case f.typ == typeUint64:
			r.Args = append(r.Args, traces.Arg{Name: f.name, Value: strconv.FormatUint(f.num, 10)})
		}
	}
}

// functionName drops the suffixes of the parts and clones that compilers make.
func functionName(s string) string {
	s, _, _ = strings.Cut(strings.TrimPrefix(s, "."), ".")
	return s
}
