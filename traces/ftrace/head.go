package ftrace

import (
	"bytes"
	"math"
	"strings"
	"time"
)

// clock is how a trace writes its timestamps.
type clock uint8

const (
	noClock clock = iota
	seconds
	integer
	date
)

var clockNames = [...]string{"none", "seconds", "integer", "date"}

// form is the form of the event part of a line.
type form uint8

const (
	named  form = iota // NAME: BODY
	caller             // FUNC <-CALLER
	bare               // FUNC, with options/print-parent off
	remark             // <stack trace>, #1 context …, UNKNOWN TYPE n
	opened             // function_graph: FUNC() {
	leaf               // FUNC();
	closed             // } /* FUNC */
)

// head is an event line cut into its parts. All slices point into the line.
type head struct {
	comm  []byte
	flags []byte
	name  []byte // named: the event; caller, bare: the function as printed
	body  []byte // named: the payload without leading blanks; caller: after "<-"; opened, leaf: arguments
	ret   []byte // leaf, closed: the value returned, if printed
	took  int64  // leaf: how long it ran, in ns
	pid   int
	cpu   int
	time  int64
	clock clock
	form  form
}

// maxTask bounds where the task of a line ends: a comm has at most 15 bytes, and the name of a trace
// instance before it 255. It keeps strange long lines from being searched over and over.
const maxTask = 512

// tracefs reads a line of trace, trace_pipe or trace-cmd report:
//
//	COMM-PID [(TGID)] [CPU] [FLAGS] TIME: EVENT
//
// The comm may hold anything, this pattern included. So the leftmost match that leaves something
// like an event wins; never the last one, because payloads may hold the pattern as well.
func (h *head) tracefs(text []byte) bool {
	start := text[:min(len(text), maxTask)]
	for at := 0; ; {
		i := bytes.IndexByte(start[at:], '-')
		if i < 0 {
			return false
		}
		at += i + 1
		if at < len(text) && digit(text[at]) && h.afterDash(text, at) {
			h.comm = comm(text[:at-1])
			return true
		}
	}
}

// comm drops the padding and the instance that trace-cmd report prints in front of the 16 columns
// of the comm ("NAME:  ").
func comm(b []byte) []byte {
	if len(b) > 17 {
		if buffer := bytes.TrimRight(b[:len(b)-16], " "); len(buffer) > 1 && buffer[len(buffer)-1] == ':' {
			b = b[len(b)-16:]
		}
	}
	return bytes.TrimLeft(b, " \t")
}

func (h *head) afterDash(text []byte, at int) bool {
	pid, at, ok := number(text, at)
	if !ok {
		return false
	}
	h.pid = int(pid)
	next := blanks(text, at)
	if next == at || next == len(text) {
		return false
	}
	if text[next] == '(' {
		if next, ok = tgid(text, next); !ok {
			return false
		}
	}
	return h.fromCPU(text, next)
}

// tgid steps over "(  1234) " or "(-------) ".
func tgid(text []byte, at int) (int, bool) {
	at = blanks(text, at+1)
	start := at
	for at < len(text) && (digit(text[at]) || text[at] == '-') {
		at++
	}
	if at == start || at == len(text) || text[at] != ')' {
		return at, false
	}
	next := blanks(text, at+1)
	return next, next > at+1
}

func (h *head) fromCPU(text []byte, at int) bool {
	var ok bool
	if h.cpu, at, ok = cpu(text, at); !ok {
		return false
	}
	h.flags = nil
	next, ok := h.stamp(text, at)
	if !ok {
		if at, ok = h.irqFlags(text, at); !ok {
			return false
		}
		if next, ok = h.stamp(text, at); !ok {
			return false
		}
	}
	return h.event(text[next:])
}

// cpu reads "[001] ".
func cpu(text []byte, at int) (n, next int, ok bool) {
	if at >= len(text) || text[at] != '[' {
		return 0, at, false
	}
	id, end, ok := number(text, at+1)
	if !ok || end-at < 4 || end == len(text) || text[end] != ']' {
		return 0, at, false
	}
	next = blanks(text, end+1)
	return int(id), next, next > end+1
}

// irqFlags reads 3 to 8 characters: their number grew over the years.
func (h *head) irqFlags(text []byte, at int) (int, bool) {
	end := at
	for end < len(text) && text[end] > ' ' && text[end] <= '~' && text[end] != ':' && text[end] != '"' {
		end++
	}
	next := blanks(text, end)
	if end-at < 3 || end-at > 8 || next == end {
		return at, false
	}
	h.flags = text[at:end]
	return next, true
}

// stamp reads the time and the blanks after it.
func (h *head) stamp(text []byte, at int) (int, bool) {
	if at < len(text) && text[at] == '"' {
		return h.dateStamp(text, at)
	}
	n, at, ok := number(text, at)
	if !ok || at == len(text) {
		return at, false
	}
	h.time, h.clock = n, integer
	if text[at] == '.' {
		if at, ok = h.fraction(text, at+1); !ok {
			return at, false
		}
	}
	if at == len(text) || text[at] != ':' {
		return at, false
	}
	next := blanks(text, at+1)
	return next, next > at+1
}

// fraction reads 6 to 9 digits; h.time holds the seconds and becomes nanoseconds.
func (h *head) fraction(text []byte, at int) (int, bool) {
	sec := h.time
	n, end, ok := number(text, at)
	if !ok || end-at < 6 || end-at > 9 || sec >= math.MaxInt64/int64(time.Second) {
		return at, false
	}
	for k := end - at; k < 9; k++ {
		n *= 10
	}
	h.time, h.clock = sec*int64(time.Second)+n, seconds
	return end, true
}

const dateLayout = "2006-01-02 15:04:05.999999999"

// dateStamp reads "2015-05-28 19:50:27.636508" in quotes, as some Android tools print it; no colon
// need follow.
func (h *head) dateStamp(text []byte, at int) (int, bool) {
	inner, _, ok := bytes.Cut(text[at+1:min(len(text), at+34)], []byte{'"'})
	if !ok {
		return at, false
	}
	t, err := time.Parse(dateLayout, string(inner))
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return at, false
	}
	h.time, h.clock = t.UnixNano(), date
	at += len(inner) + 2
	if at < len(text) && text[at] == ':' {
		at++
	}
	next := blanks(text, at)
	return next, next > at
}

// event cuts the rest of a line. It fails on what cannot be an event, so that the search for the
// task can go on behind a comm that looks like one.
func (h *head) event(ev []byte) bool {
	ev = tsDiff(ev)
	if len(ev) == 0 || !startsEvent(ev[0]) {
		return false
	}
	word := len(ev)
	if i := bytes.IndexByte(ev, ' '); i >= 0 {
		word = i
	}
	if word > 1 && ev[word-1] == ':' {
		h.form, h.name, h.body = named, ev[:word-1], bytes.TrimLeft(ev[word:], " ")
		return true
	}
	return h.unnamed(ev, word)
}

// tsDiff drops the "(+77) " of trace-cmd report --ts-diff.
func tsDiff(ev []byte) []byte {
	if len(ev) < 4 || ev[0] != '(' || ev[1] != '+' {
		return ev
	}
	_, at, ok := number(ev, 2)
	if !ok || at == len(ev) || ev[at] != ')' {
		return ev
	}
	return ev[blanks(ev, at+1):]
}

func startsEvent(c byte) bool {
	return letter(c) || c == '_' || c == '.' || c == '<' || c == '#' || c == '0'
}

func (h *head) unnamed(ev []byte, word int) bool {
	if h.addressed(ev, word) {
		return true
	}
	if i := bytes.Index(ev, []byte(" <-")); i > 0 {
		h.form, h.name, h.body = caller, bytes.TrimRight(ev[:i], " "), bytes.TrimLeft(ev[i+3:], " ")
		return true
	}
	h.name, h.body = ev, nil
	if ev[0] == '<' || ev[0] == '#' || bytes.HasPrefix(ev, []byte("UNKNOWN TYPE ")) {
		h.form = remark
		return true
	}
	h.form = bare
	module := bytes.Trim(ev[word:], " \t")
	return symbol(ev[:word]) && (len(module) == 0 || module[0] == '[')
}

// addressed reads "NAME <ffffffff813cc670>: BODY", as marks are printed with option sym-addr.
func (h *head) addressed(ev []byte, word int) bool {
	rest, ok := bytes.CutPrefix(ev[word:], []byte(" <"))
	if !ok {
		return false
	}
	addr, body, ok := bytes.Cut(rest, []byte(">: "))
	if !ok || !isAddr(addr) {
		return false
	}
	h.form, h.name, h.body = named, ev[:word], bytes.TrimLeft(body, " ")
	return true
}

// symbol tells whether b may be the name of a kernel function, offset included.
func symbol(b []byte) bool { return madeOf(b, "_.$+/") }

// ident is symbol without an offset.
func ident(b []byte) bool { return madeOf(b, "_.$") }

// madeOf tells whether b is made of letters, digits and the characters of extra.
func madeOf(b []byte, extra string) bool {
	for _, c := range b {
		if !letter(c) && !digit(c) && strings.IndexByte(extra, c) < 0 {
			return false
		}
	}
	return len(b) > 0
}

func digit(c byte) bool { return c-'0' < 10 }

func letter(c byte) bool { return c|0x20-'a' < 26 }

func blanks(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t') {
		at++
	}
	return at
}

// number reads decimal digits at text[at:]; false if there are none or too many for an int64.
func number(text []byte, at int) (n int64, next int, ok bool) {
	start := at
	for at < len(text) && digit(text[at]) {
		if n > (math.MaxInt64-9)/10 {
			return 0, start, false
		}
		n = n*10 + int64(text[at]-'0')
		at++
	}
	return n, at, at > start
}
