package lttng

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// named knows events under the names that lttng-modules gives them, and the kernel's own.
func named(name string) traces.Kind {
	for _, system := range []string{"power_", "printk_"} {
		name = strings.TrimPrefix(name, system)
	}
	if name == "lttng_logger" {
		return traces.Mark
	}
	return traces.TracepointKind(name)
}

// kind finds what an event is. Probes have the names that their user gave them and the fields ip, and of
// functions parent_ip.
func (h *head) kind() traces.Kind {
	if k := named(string(h.name)); k != traces.Other {
		return k
	}
	i := bytes.LastIndex(h.groups, []byte("{ ip = 0x"))
	switch {
	case i < 0:
		return traces.Other
	case !bytes.Contains(h.groups[i:], []byte(", parent_ip = 0x")):
		return traces.Enter
	case bytes.HasSuffix(h.name, []byte("_entry")):
		return traces.Enter
	case bytes.HasSuffix(h.name, []byte("_exit")), bytes.HasSuffix(h.name, []byte("_return")):
		return traces.Exit
	}
	return traces.Other
}

// fill fills r from t.head and tells whether to return it.
func (t *Reader) fill(r *traces.Record) bool {
	t.unended = false
	kind := t.head.kind()
	if kind == traces.Other && len(t.opt.Events) > 0 && t.opt.Events[string(t.head.name)] {
		kind = traces.Event
	}
	if kind == traces.Other && t.opt.SkipOther {
		t.unended = bytes.Count(t.head.groups, []byte{'"'})%2 != 0
		return false
	}
	context, payload, ok := t.groups()
	if !ok {
		t.malformed(t.head.groups, "the fields have no names (babeltrace --names) or are cut")
		return false
	}
	*r = traces.Record{
		Kind: kind, Source: traces.Tracepoint, CPU: -1, PID: -1, Time: t.head.time, Line: t.lines.Num(),
		Event: string(t.head.name), Args: r.Args[:0],
	}
	t.context(r, context)
	t.payload(r, payload)
	return true
}

// groups reads the fields: those of the last group are the event's own.
func (t *Reader) groups() (context, payload []field, ok bool) {
	for b := t.head.groups; len(b) > 0; {
		context = append(context, payload...)
		payload, b, t.unended, ok = group(nil, b)
		if !ok {
			return nil, nil, false
		}
		after, more := bytes.CutPrefix(b, []byte(", "))
		if len(b) > 0 && (!more || !bytes.HasPrefix(after, []byte{'{'})) {
			return nil, nil, false
		}
		b = after
	}
	return context, payload, true
}

// context finds CPU and task.
func (t *Reader) context(r *traces.Record, fields []field) {
	for _, f := range fields {
		switch string(f.name) {
		case "cpu_id":
			r.CPU = integer(f.value, -1)
		case "tid":
			r.PID = integer(f.value, -1)
		case "procname":
			r.Comm = text(f.value)
		}
	}
	if now, ok := t.running[r.CPU]; ok && r.PID < 0 {
		r.PID, r.Comm = now.pid, now.comm
	}
	if r.PID < 0 {
		t.blind++
	} else {
		t.tids++
	}
}

func (t *Reader) payload(r *traces.Record, fields []field) {
	switch r.Kind {
	case traces.EdgeOn, traces.EdgeOff:
		edge(r, fields)
	case traces.Queue, traces.Start, traces.End:
		if v, ok := find(fields, "work"); ok {
			r.Work = strings.ToLower(string(v))
		}
	case traces.Log:
		v, _ := find(fields, "msg")
		driver, device, msg := printk.Split(printk.TrimTime(firstLine(v)))
		r.Driver, r.Device, r.Text = string(driver), string(device), string(msg)
	case traces.Mark:
		v, _ := find(fields, "msg")
		r.Source, r.Text = traces.Marker, string(firstLine(v))
	case traces.Event:
		event(r, fields)
	case traces.Switch:
		t.switches(r, fields)
	case traces.Enter, traces.Exit:
		v, _ := find(fields, "ip")
		r.Source, r.Addr = traces.Kprobe, strings.ToLower(strings.TrimPrefix(string(v), "0x"))
	}
}

// event keeps the fields of a tracepoint that the caller asked for by its name.
func event(r *traces.Record, fields []field) {
	var texts []string
	for _, f := range fields {
		r.Args = append(r.Args, traces.Arg{Name: string(f.name), Value: text(f.value)})
		texts = append(texts, text(f.value))
	}
	r.Text = strings.Join(texts, ": ")
}

func edge(r *traces.Record, fields []field) {
	v, _ := find(fields, "name")
	r.Name = text(v)
	if v, ok := find(fields, "state"); ok {
		n, err := strconv.ParseUint(string(v), 0, 64)
		r.Counter, r.HasCtr = uint32(n), err == nil
	}
}

// switches notes what runs next on the CPU.
func (t *Reader) switches(r *traces.Record, fields []field) {
	if v, ok := find(fields, "prev_tid"); ok && r.PID < 0 {
		r.PID = integer(v, -1)
		comm, _ := find(fields, "prev_comm")
		r.Comm = text(comm)
	}
	delete(t.running, r.CPU)
	if v, ok := find(fields, "next_tid"); ok && r.CPU >= 0 && len(t.running) < maxCPUs {
		comm, _ := find(fields, "next_comm")
		t.running[r.CPU] = task{integer(v, -1), text(comm)}
	}
}

const maxCPUs = 1 << 13

func find(fields []field, name string) ([]byte, bool) {
	for _, f := range fields {
		if string(f.name) == name {
			return f.value, true
		}
	}
	return nil, false
}

func integer(b []byte, none int) int {
	n, err := strconv.ParseInt(string(b), 0, 32)
	if err != nil {
		return none
	}
	return int(n)
}

// text undoes the escapes of babeltrace2.
func text(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	var out []byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			i++
			switch b[i] {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case '"', '\\':
				c = b[i]
			default:
				out = append(out, c)
				c = b[i]
			}
		}
		out = append(out, c)
	}
	return string(out)
}

// firstLine cuts a message that goes on, as it does in a text of several lines.
func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut([]byte(text(b)), []byte{'\n'})
	return line
}
