package ftrace

import (
	"bytes"
	"strconv"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/funcname"
)

// A probe event is known by the place that its payload begins with, whatever its name:
//
//	(rproc_report_crash+0x0/0x1a8 [mod]) name="modem"   kprobe, fprobe
//	(state_store+0x60/0xf8 <- rproc_boot) ret=-22       return probe in tracefs: caller, function
//	(ffffffff813cc670)                                  trace-cmd, perf: only the address
//	(ffffffff813cceb0 <- ffffffff8107beef)              return probe there: function, caller
//	(power.wakeup_source_activate) name="x"             eprobe: no function at all

// place is one side of a probe's address part.
type place struct {
	text   []byte
	offset uint64
	at     bool // text has an offset
	addr   bool // text is a bare address
}

// places cuts the address part. ret tells whether there are two places, ok whether it is one at all.
func places(body []byte) (left, right place, ret, ok bool) {
	end := bytes.IndexByte(body, ')')
	if end < 2 || end+1 < len(body) && body[end+1] != ' ' {
		return left, right, false, false
	}
	l, r, ret := bytes.Cut(body[1:end], []byte(" <- "))
	left, ok = parsePlace(l)
	if ret && ok {
		right, ok = parsePlace(r)
	}
	return left, right, ret, ok
}

// parsePlace reads "f", "f+0x10/0x20 [mod]" or "ffffffff813cc670".
func parsePlace(b []byte) (p place, ok bool) {
	b, _, _ = bytes.Cut(b, []byte(" ["))
	name, off, at := bytes.Cut(b, []byte("+0x"))
	p = place{text: name, at: at, addr: !at && isAddr(b)}
	if at {
		off, _, _ = bytes.Cut(off, []byte{'/'})
		n, err := strconv.ParseUint(string(off), 16, 64)
		if err != nil {
			return p, false
		}
		p.offset = n
	}
	return p, ident(name)
}

// isAddr tells an address from a name made of the letters a to f.
func isAddr(b []byte) bool {
	hex, ok := bytes.CutPrefix(b, []byte("0x"))
	if !ok && len(hex) < 8 {
		return false
	}
	for _, c := range hex {
		if !digit(c) && c|0x20-'a' > 5 {
			return false
		}
	}
	return len(hex) > 0
}

func (p place) entry() bool { return !p.at || p.offset == 0 }

// probeKind tells what a payload in parentheses is. Probes in the middle of a function are Other:
// they tell nothing about entry or return.
func probeKind(body []byte) traces.Kind {
	left, _, ret, ok := places(body)
	switch {
	case !ok:
		return traces.Other
	case ret:
		return traces.Exit
	case left.addr || left.at && left.offset <= funcname.MaxEntry:
		return traces.Enter
	}
	return traces.Other
}

// probe fills a record of kind Enter or Exit from a probe event.
func (t *Reader) probe(r *traces.Record) {
	left, right, ret, _ := places(t.head.body)
	f := left
	if ret {
		f = t.returned(left, right)
	}
	r.Source = traces.Kprobe
	if f.addr {
		r.Addr = t.texts.get(f.text)
	} else {
		r.Func = t.funcName(f.text)
	}
	t.args(r, t.head.body[bytes.IndexByte(t.head.body, ')')+1:])
}

// returned picks the function of a return probe. The side that is an entry is the function: the
// other one is a return address. Where that does not tell, the tool decides.
func (t *Reader) returned(left, right place) place {
	switch {
	case left.addr && right.addr:
		if t.dialect == tracefs && bytes.HasPrefix(left.text, []byte("0x")) {
			return right
		}
		return left
	case left.entry() != right.entry() && left.entry():
		return left
	case left.entry() != right.entry() || t.dialect == tracefs || t.dialect == unknown:
		return right
	}
	return left
}

// funcName gives the bare name of a function as printed, "" for an address.
func (t *Reader) funcName(b []byte) string {
	if isAddr(b) {
		return ""
	}
	return t.texts.get(funcname.Base(b))
}

// args reads ` name="modem" type=1 list={1,2}`.
func (t *Reader) args(r *traces.Record, text []byte) {
	for {
		text = bytes.TrimLeft(text, " ")
		eq := bytes.IndexByte(text, '=')
		if eq < 0 {
			return
		}
		if gap := bytes.LastIndexByte(text[:eq], ' '); gap >= 0 {
			text, eq = text[gap+1:], eq-gap-1 // a word without value, such as [mod] after a symbol
		}
		value, quote, rest := argValue(text[eq+1:])
		t.arg(r, text[:eq], value, quote)
		text = rest
	}
}

// argValue cuts one value. Strings end at a quote before a blank or the end: the kernel escapes nothing.
func argValue(b []byte) (value []byte, quote bool, rest []byte) {
	if len(b) > 0 && b[0] == '"' {
		if end := closing(b, '"'); end > 0 {
			return b[1:end], true, b[end+1:]
		}
	}
	if len(b) > 0 && b[0] == '{' {
		if end := closing(b, '}'); end > 0 {
			return b[:end+1], false, b[end+1:]
		}
	}
	value, rest = word(b)
	return value, false, rest
}

func closing(b []byte, mark byte) int {
	for at := 1; at < len(b); at++ {
		i := bytes.IndexByte(b[at:], mark)
		if i < 0 {
			return -1
		}
		if at += i; at+1 == len(b) || b[at+1] == ' ' {
			return at
		}
	}
	return -1
}

// arg adds an argument, unless the kernel could not read it.
func (t *Reader) arg(r *traces.Record, name, value []byte, quote bool) {
	if string(value) == "(null)" || string(value) == "(fault)" {
		return
	}
	r.Args = append(r.Args, traces.Arg{Name: t.texts.get(name), Value: t.texts.get(value), Quote: quote})
}
