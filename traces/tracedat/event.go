package tracedat

import (
	"bytes"
	"strconv"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/funcname"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// fill makes a record of an event's data; false if something that it needs is not there.
type fill func(t *Reader, r *traces.Record, e *event, p payload) bool

// decoder says what the records of an event become. It is found once per format.
type decoder struct {
	kind       traces.Kind
	source     traces.Source
	fill       fill
	a, b       field // the fields that fill needs
	args       []arg // of a probe
	pid, flags field // of the task that made the record
	tasks      []task
	stack      field  // of a stack trace: the callers
	lack       string // a field that the format does not have, though its records need it
}

// task are the fields of a scheduler event that name a task.
type task struct{ pid, comm field }

// known says what becomes of an event that the kernel itself defines.
type known struct {
	kind     traces.Kind
	source   traces.Source
	fill     fill
	a, b     string // fields
	optional bool   // b
}

// static are the tracepoints that matter. A probe event may have the same name: it is known by its fields.
var static = map[string]known{
	"wakeup_source_activate":   {traces.EdgeOn, traces.Tracepoint, (*Reader).edge, "name", "state", false},
	"wakeup_source_deactivate": {traces.EdgeOff, traces.Tracepoint, (*Reader).edge, "name", "state", false},
	"workqueue_queue_work":     {traces.Queue, traces.Tracepoint, (*Reader).work, "work", "function", false},
	"workqueue_execute_start":  {traces.Start, traces.Tracepoint, (*Reader).work, "work", "function", false},
	"workqueue_execute_end":    {traces.End, traces.Tracepoint, (*Reader).work, "work", "function", true},
	"console":                  {traces.Log, traces.Tracepoint, (*Reader).console, "msg", "", true},
	"sched_switch":             {traces.Switch, traces.Tracepoint, (*Reader).bare, "common_pid", "", true},
}

// tracers are those of system ftrace.
var tracers = map[string]known{
	"print":           {traces.Mark, traces.Marker, (*Reader).mark, "ip", "buf", false},
	"function":        {traces.Enter, traces.FuncTracer, (*Reader).function, "ip", "", true},
	"funcgraph_entry": {traces.Enter, traces.FuncTracer, (*Reader).function, "func", "", true},
	"funcgraph_exit":  {traces.Exit, traces.FuncTracer, (*Reader).function, "func", "retval", true},
}

// decoderOf looks at a format.
func decoderOf(e *event) decoder {
	d := decoder{source: traces.Tracepoint}
	if !d.probe(e) {
		table := static
		if e.system == "ftrace" {
			table = tracers
		}
		if k, ok := table[e.name]; ok {
			d.known(e, k)
		}
	}
	d.pid, _ = e.field("common_pid")
	d.flags, _ = e.field("common_flags")
	if e.system == "ftrace" && e.name == "kernel_stack" {
		d.stack, _ = e.field("caller")
	}
	for _, prefix := range [...]string{"prev_", "next_", ""} {
		pid, ok := e.field(prefix + "pid")
		comm, ok2 := e.field(prefix + "comm")
		if ok && ok2 && e.system == "sched" {
			d.tasks = append(d.tasks, task{pid, comm})
		}
	}
	return d
}

func (d *decoder) known(e *event, k known) {
	d.kind, d.source, d.fill = k.kind, k.source, k.fill
	var ok bool
	if d.a, ok = e.field(k.a); !ok {
		d.lack = k.a
	}
	if d.b, ok = e.field(k.b); !ok && !k.optional {
		d.lack = k.b
	}
}

// edge reads an event of a wakeup source.
func (t *Reader) edge(r *traces.Record, e *event, p payload) bool {
	name, ok := p.text(e.a)
	state, ok2 := p.uint(e.b)
	r.Name, r.Counter, r.HasCtr = name, uint32(state), state>>32 == 0
	return ok && ok2
}

// work reads a workqueue event.
func (t *Reader) work(r *traces.Record, e *event, p payload) bool {
	item, ok := p.uint(e.a)
	if item != 0 {
		r.Work = "0x" + strconv.FormatUint(item, 16)
	}
	if e.b.name == "" {
		return ok
	}
	f, ok2 := p.uint(e.b)
	if s, offset, found := t.symbols.find(f); found && offset <= funcname.MaxEntry {
		r.Func = funcname.Base(s.name)
	}
	return ok && ok2
}

// console reads a printk line: of several, the first. Kernels before 5.10 print it with its time.
func (t *Reader) console(r *traces.Record, e *event, p payload) bool {
	b, ok := p.data(e.a)
	driver, device, text := printk.Split(printk.TrimTime(bytes.TrimLeft(t.line(b), " ")))
	r.Driver, r.Device, r.Text = string(driver), string(device), string(text)
	return ok
}

// mark reads a marker. What trace_printk() writes has another address and is none.
func (t *Reader) mark(r *traces.Record, e *event, p payload) bool {
	ip, ok := p.uint(e.a)
	b, ok2 := p.data(e.b)
	text := t.line(b)
	if s, _, found := t.symbols.find(ip); !found || funcname.Base(s.name) != "tracing_mark_write" {
		r.Kind, r.Source = traces.Other, traces.Tracepoint
	} else {
		r.Text = string(text)
	}
	return ok && ok2
}

// line gives the first line of a text and counts the others as lines of the report.
func (t *Reader) line(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	b = bytes.TrimSuffix(b, []byte{'\n'})
	t.extra = bytes.Count(b, []byte{'\n'})
	b, _, _ = bytes.Cut(b, []byte{'\n'})
	return bytes.TrimRight(b, "\r")
}

// callers counts the entries of a stack trace, each of which takes a line of the report. It ends with the
// record, or with an address of ones.
func (t *Reader) callers(e *event, p payload) (n int) {
	long := t.layout.commit.size
	if e.stack.offset == 0 {
		return 0
	}
	for at := e.stack.offset; at+long <= len(p.b); at += long {
		if int32(number(p.b[at:at+long], p.order)) == -1 {
			break
		}
		n++
	}
	return n
}

// bare is for records of which only the kind and the task matter.
func (t *Reader) bare(*traces.Record, *event, payload) bool { return true }

// maxPrologue is how far behind the start of a function the tracers' call may stand.
const maxPrologue = 64

// function reads what the function tracers record.
func (t *Reader) function(r *traces.Record, e *event, p payload) bool {
	addr, ok := p.uint(e.a)
	r.Event = ""
	if s, offset, found := t.symbols.find(addr); found && offset <= maxPrologue {
		r.Func = funcname.Base(s.name)
	}
	if r.Func == "" {
		r.Addr = "0x" + strconv.FormatUint(addr, 16)
	}
	if ret, ok := p.uint(e.b); ok && e.b.name != "" {
		r.Args = append(r.Args, traces.Arg{Name: "ret", Value: "0x" + strconv.FormatUint(ret, 16)})
	}
	return ok
}
