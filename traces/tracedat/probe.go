package tracedat

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/funcname"
)

// The events of kprobes and their like have the probed address in fields of fixed names, before those of
// the user, and a print fmt that shows all of them:
//
//	"(%lx) name=\"%s\" state=%u", REC->__probe_ip, __get_str(name), REC->state
//	"(%lx <- %lx) ret=%d", REC->__probe_func, REC->__probe_ret_ip, REC->ret
//
// An argument has the name of its field, so only how it is printed is taken from there. Events without an
// address (eprobes) are none of a function.

// arg is how one argument of a probe event is printed.
type arg struct {
	field
	before, after string // around the value: 0x, quotes
	verb          byte   // d, u, x, c, s; p for an address and the name of what is there
	quote         bool
}

// probe recognises a probe event.
func (d *decoder) probe(e *event) bool {
	ret := false
	d.a, ret = e.field("__probe_func")
	if !ret {
		var ok bool
		if d.a, ok = e.field("__probe_ip"); !ok {
			return false
		}
	}
	d.kind, d.source, d.fill = traces.Enter, traces.Kprobe, (*Reader).probe
	if ret {
		d.kind = traces.Exit
	}
	format := printFormat(e.print)
	for _, f := range e.fields {
		if !strings.HasPrefix(f.name, "__probe_") && !strings.HasPrefix(f.name, "common_") {
			d.args = append(d.args, argOf(f, format))
		}
	}
	return true
}

// printFormat takes the format string out of a print fmt.
func printFormat(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return ""
	}
	var b strings.Builder
	for i := 1; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// argOf finds the conversion of an argument: what stands behind " NAME=" up to the next blank. Of an
// array it is that of the first element.
func argOf(f field, format string) arg {
	a := arg{field: f, verb: 'u'}
	if f.signed {
		a.verb = 'd'
	}
	_, conv, ok := strings.Cut(format, " "+f.name+"=")
	conv, _, _ = strings.Cut(conv, " ")
	if f.array && f.where == here {
		conv = strings.Trim(conv, "{}")
		conv, _, _ = strings.Cut(conv, ",")
	}
	before, rest, found := strings.Cut(conv, "%")
	if !ok || !found || rest == "" {
		if f.where != here {
			a.verb = 's'
		}
		return a
	}
	rest = strings.TrimLeft(rest, "#0123456789lhLqzjt")
	if a.before = before; rest == "" {
		return a
	}
	a.verb = rest[0]
	if a.after = rest[1:]; a.verb == 'p' && len(rest) > 1 {
		a.verb, a.after = 'p', rest[2:]
	}
	if a.quote = a.before == `"` && a.after == `"`; a.quote {
		a.before, a.after = "", ""
	}
	return a
}

// probe fills a record of kind Enter or Exit. A probe in the middle of a function is Other: it tells
// nothing about entry or return.
func (t *Reader) probe(r *traces.Record, e *event, p payload) bool {
	addr, ok := p.uint(e.a)
	s, offset, found := t.symbols.find(addr)
	switch {
	case found && offset <= funcname.MaxEntry:
		r.Func = funcname.Base(s.name)
	case found && !s.module:
		r.Kind = traces.Other
	}
	if r.Func == "" {
		r.Addr = strconv.FormatUint(addr, 16)
	}
	for i := range e.args {
		if value, there := t.value(&e.args[i], p); there {
			r.Args = append(r.Args, traces.Arg{Name: e.args[i].name, Value: value, Quote: e.args[i].quote})
		}
	}
	return ok
}

// value prints an argument. false: the kernel could not read it.
func (t *Reader) value(a *arg, p payload) (string, bool) {
	switch {
	case a.verb == 's' || a.where != here:
		b, ok := p.data(a.field)
		text, _ := p.text(a.field)
		return text, ok && len(b) > 0 && text != "(fault)" && text != "(null)"
	case a.array:
		return t.list(a, p)
	}
	n, ok := p.uint(a.field)
	if !ok {
		return "", false
	}
	return a.before + t.number(a, n, a.size) + a.after, true
}

// widths are the sizes in bytes of the types that a probe can have arrays of.
var widths = map[string]int{
	"u8": 1, "s8": 1, "x8": 1, "char": 1, "u16": 2, "s16": 2, "x16": 2, "u32": 4, "s32": 4, "x32": 4,
	"u64": 8, "s64": 8, "x64": 8,
}

// list prints an array: {1,2,3}.
func (t *Reader) list(a *arg, p payload) (string, bool) {
	b, ok := p.data(a.field)
	width := widths[a.decl]
	if !ok || width == 0 || len(b)%width != 0 {
		return "", false
	}
	var parts []string
	for ; len(b) > 0; b = b[width:] {
		parts = append(parts, a.before+t.number(a, number(b[:width], p.order), width)+a.after)
	}
	return "{" + strings.Join(parts, ",") + "}", true
}

// number prints one number of so many bytes.
func (t *Reader) number(a *arg, n uint64, width int) string {
	switch a.verb {
	case 'd', 'i':
		shift := 64 - 8*width
		return strconv.FormatInt(int64(n<<shift)>>shift, 10)
	case 'x':
		return strconv.FormatUint(n, 16)
	case 'c':
		return string([]byte{byte(n)})
	case 'p':
		if s, offset, ok := t.symbols.find(n); ok {
			return fmt.Sprintf("%s+0x%x", s.name, offset)
		}
		return "0x" + strconv.FormatUint(n, 16)
	}
	return strconv.FormatUint(n, 10)
}
