package ftrace

import (
	"bytes"
	"strconv"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// event turns t.head into a record and tells whether to return it.
func (t *Reader) event(r *traces.Record) bool {
	t.follows = false
	t.fill(r)
	return r.Kind != traces.Other || !t.opt.SkipOther
}

// fill fills r from t.head. Of a record to skip it fills the kind only.
func (t *Reader) fill(r *traces.Record) {
	kind := t.kind()
	if t.cutShort(r, kind) {
		return
	}
	if kind == traces.Other && t.opt.SkipOther {
		r.Kind = kind
		return
	}
	t.common(r, kind)
	switch kind {
	case traces.Enter, traces.Exit:
		t.entryOrExit(r)
	case traces.EdgeOn, traces.EdgeOff:
		t.edge(r)
	case traces.Queue, traces.Start, traces.End:
		t.work(r)
	case traces.Log:
		t.console(r)
	case traces.Mark:
		t.mark(r)
	case traces.Lost:
		t.lost(r, t.head.name)
	case traces.Event:
		t.payload(r, rawFields(t.head.body))
	}
}

// payload keeps what an event printed, and its fields where it has the form "name=value name=value":
// a value goes on to the next name, for strings are printed without quotes.
func (t *Reader) payload(r *traces.Record, text []byte) {
	r.Text = string(text)
	for at := fieldName(text, 0); at > 0; {
		next := nextField(text, at)
		t.arg(r, bytes.TrimSpace(text[:at]), bytes.Trim(bytes.TrimSpace(text[at+1:next]), `"`), false)
		text = text[next:]
		at = fieldName(text, 0)
	}
}

// fieldName gives the place of the "=" behind a name that stands at text[at:], or -1.
func fieldName(text []byte, at int) int {
	start := blanks(text, at)
	end := start
	for end < len(text) && (letter(text[end]) || digit(text[end]) || text[end] == '_') {
		end++
	}
	if end == start || end == len(text) || text[end] != '=' {
		return -1
	}
	return end
}

// nextField gives where the field after the one whose "=" stands at eq begins.
func nextField(text []byte, eq int) int {
	for at := eq + 1; at < len(text); at++ {
		if text[at] == ' ' && fieldName(text, at) > 0 {
			return at
		}
	}
	return len(text)
}

func (t *Reader) entryOrExit(r *traces.Record) {
	switch h := &t.head; {
	case h.form >= opened:
		t.graphCall(r)
	case h.form == named && h.body[0] == '(':
		t.probe(r)
	default:
		t.function(r)
	}
}

// kind looks no further than needed to tell the events that matter from the rest.
func (t *Reader) kind() traces.Kind {
	h := &t.head
	switch h.form {
	case caller, bare, opened, leaf:
		return traces.Enter
	case closed:
		return traces.Exit
	case remark:
		return remarkKind(h.name)
	}
	kind := t.namedKind(h.name, h.body)
	if kind == traces.Other && len(t.opt.Events) > 0 && t.opt.Events[string(h.name)] {
		return traces.Event
	}
	return kind
}

func (t *Reader) namedKind(name, body []byte) traces.Kind {
	if kind := staticKind(name); kind != traces.Other && (len(body) > 0 || endsShort(kind)) {
		return kind
	}
	if len(body) == 0 {
		return traces.Other
	}
	if body[0] == '(' {
		return probeKind(body)
	}
	return reportKind(name, body)
}

// staticKind knows the static tracepoints that matter, and marks, which have an offset with option
// sym-offset.
func staticKind(name []byte) traces.Kind {
	if rest, ok := bytes.CutPrefix(name, []byte(markWriter)); ok && (len(rest) == 0 || rest[0] == '+') {
		return traces.Mark
	}
	return traces.TracepointKind(string(name))
}

// markWriter is the function of the kernel that writes marks: its name stands before their text.
const markWriter = "tracing_mark_write"

// endsShort tells whether an event of that kind without a payload is one that was cut.
func endsShort(kind traces.Kind) bool {
	switch kind {
	case traces.EdgeOn, traces.EdgeOff, traces.Queue, traces.Start, traces.End:
		return true
	}
	return false
}

// reportKind knows the events that trace-cmd prints under names of its own.
func reportKind(name, body []byte) traces.Kind {
	switch string(name) {
	case "print":
		if markText(body) != nil {
			return traces.Mark
		}
	case "function":
		return traces.Enter
	}
	return traces.Other
}

func remarkKind(text []byte) traces.Kind {
	if bytes.HasPrefix(text, []byte(perfLost)) {
		return traces.Lost
	}
	return traces.Other
}

// common fills what every record has.
func (t *Reader) common(r *traces.Record, kind traces.Kind) {
	h := &t.head
	*r = traces.Record{
		Kind: kind, Source: traces.Tracepoint, Context: context(h.flags),
		CPU: h.cpu, PID: h.pid, Comm: t.texts.get(h.comm), Time: h.time,
		Line: t.lines.Num(), Args: r.Args[:0],
	}
	if h.form == named {
		r.Event = t.texts.get(h.name)
	}
	if t.flagless {
		r.Context = traces.NoContext
	}
}

// context reads the third flag.
func context(flags []byte) traces.Context {
	if len(flags) < 3 {
		return traces.NoContext
	}
	switch flags[2] {
	case 's':
		return traces.SoftIRQ
	case 'h', 'H':
		return traces.HardIRQ
	case 'z', 'Z':
		return traces.NMI
	}
	return traces.Process
}

func (t *Reader) mark(r *traces.Record) {
	text := t.head.body
	if string(t.head.name) == "print" {
		text = markText(text)
	}
	r.Source, r.Text, t.follows = traces.Marker, string(text), true
}

// markText drops what trace-cmd prints before a marker: its function, or its address where that has no
// name, or with -R field names. It gives nil for a print that is no marker.
func markText(body []byte) []byte {
	if rest, ok := bytes.CutPrefix(body, []byte("ip="+markWriter+" buf=")); ok {
		return rest
	}
	writer, text, ok := bytes.Cut(body, []byte(": "))
	if !ok || staticKind(writer) != traces.Mark && !isAddr(bytes.TrimSuffix(writer, []byte{'s'})) {
		return nil
	}
	return text
}

// edge reads "NAME state=0x870001"; the name may hold blanks. Raw fields are "name=N state=8847361".
func (t *Reader) edge(r *traces.Record) {
	body := rawFields(t.head.body)
	i := bytes.LastIndex(body, []byte(" state="))
	counter, _ := word(bytes.TrimLeft(body[i+7:], " ")) // perf may print an address and its symbol behind it
	n, err := strconv.ParseUint(string(counter), 0, 32)
	r.Name, r.Counter, r.HasCtr = t.texts.get(bytes.TrimPrefix(body[:i], []byte("name="))), uint32(n), err == nil
}

// rawFields drops the mark of trace-cmd for an event whose format it does not know.
func rawFields(body []byte) []byte {
	return bytes.TrimLeft(bytes.TrimPrefix(body, []byte("[FAILED TO PARSE]")), " ")
}

// work reads the three forms of workqueue events:
//
//	work struct=PTR function=F workqueue=W …
//	work struct PTR[: function F]
//	work=PTR function=F …                     (raw fields)
func (t *Reader) work(r *traces.Record) {
	rest := bytes.TrimPrefix(rawFields(t.head.body), []byte("work"))
	rest = bytes.TrimPrefix(rest, []byte(" struct"))
	item, rest := word(bytes.TrimLeft(rest, "= "))
	item = bytes.TrimSuffix(item, []byte{':'})
	if len(item) > 0 && item[0] != '(' {
		r.Work = t.texts.get(item)
	}
	if rest, ok := bytes.CutPrefix(rest, []byte("function")); ok && len(rest) > 1 {
		f, _ := word(rest[1:])
		r.Func = t.funcName(f)
	}
}

// word cuts b at its first blank.
func word(b []byte) (first, rest []byte) {
	if i := bytes.IndexByte(b, ' '); i >= 0 {
		return b[:i], bytes.TrimLeft(b[i:], " ")
	}
	return b, nil
}

// console reads a printk line. Kernels before 5.10 print it with its time.
func (t *Reader) console(r *traces.Record) {
	body := bytes.TrimPrefix(rawFields(t.head.body), []byte("msg="))
	driver, device, text := printk.Split(printk.TrimTime(body))
	r.Driver, r.Device, r.Text = t.texts.get(driver), t.texts.get(device), string(text)
	t.follows = true
}

// function reads what the function tracer printed: "f <-caller", "f(a=1, b=2) <-caller", and in
// trace-cmd report "function:  f <-- caller".
func (t *Reader) function(r *traces.Record) {
	f := t.head.name
	if t.head.form == named {
		f, _, _ = bytes.Cut(t.head.body, []byte(" <-"))
	}
	r.Source, r.Event = traces.FuncTracer, ""
	if i := bytes.IndexByte(f, '('); i > 0 {
		t.callArgs(r, f[i+1:])
		f = f[:i]
	}
	f, _ = word(f)
	if r.Func = t.funcName(f); r.Func == "" {
		r.Addr = t.texts.get(f)
	}
}

// callArgs reads "a=1, b=2)".
func (t *Reader) callArgs(r *traces.Record, list []byte) {
	list = bytes.TrimSuffix(list, []byte{')'})
	for len(list) > 0 {
		arg, rest, _ := bytes.Cut(list, []byte(", "))
		if name, value, ok := bytes.Cut(arg, []byte{'='}); ok {
			t.arg(r, name, value, false)
		}
		list = rest
	}
}
