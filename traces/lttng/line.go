package lttng

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// clock is how timestamps are written.
type clock uint8

const (
	noClock clock = iota
	seconds
	date
	daytime
	cycles
)

var clockNames = [...]string{"none", "seconds", "date", "date", "integer"}

// head is an event line cut into its parts. All slices point into the line.
type head struct {
	time   int64
	clock  clock
	name   []byte
	groups []byte // from the first brace on
}

// split cuts a line into time, name and fields. It fails on what is no event.
func (h *head) split(text []byte) bool {
	rest, ok := h.stamp(text)
	if !ok || len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	before, _, ok := bytes.Cut(rest, []byte(": {"))
	if !ok {
		return false
	}
	h.groups = rest[len(before)+2:]
	h.name = before[bytes.LastIndexByte(before, ' ')+1:]
	return len(h.name) > 0
}

// stamp reads "[TIME]" in each of the forms and gives what stands behind it.
func (h *head) stamp(text []byte) (rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '[' {
		return nil, false
	}
	inner, rest, ok := bytes.Cut(text[1:], []byte{']'})
	if !ok {
		return nil, false
	}
	whole, frac, point := bytes.Cut(inner, []byte{'.'})
	switch {
	case !point:
		h.clock = cycles
		h.time, ok = number(inner)
		return rest, ok
	case len(frac) != 9:
		return nil, false
	case bytes.IndexByte(whole, ':') < 0:
		h.clock = seconds
		h.time, ok = number(whole)
	case len(whole) == len("15:04:05"):
		h.clock = daytime
		h.time, ok = civil("15:04:05", whole)
	default:
		h.clock = date
		h.time, ok = civil(time.DateTime, whole)
	}
	nano, good := number(frac)
	if !ok || !good || h.time >= math.MaxInt64/int64(time.Second) {
		return nil, false
	}
	h.time = h.time*1e9 + nano
	return rest, true
}

// civil reads a date or a time of day, in seconds.
func civil(layout string, b []byte) (int64, bool) {
	t, err := time.Parse(layout, string(b))
	if err != nil || len(b) != len(layout) {
		return 0, false
	}
	if layout == time.DateTime {
		return t.Unix(), t.Year() >= 1970 && t.Year() <= 2200
	}
	return int64(t.Hour())*3600 + int64(t.Minute())*60 + int64(t.Second()), true
}

// number reads decimal digits and nothing else.
func number(b []byte) (int64, bool) {
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	return n, err == nil
}

// count reads the number of "discarded 7 events", 0 if there is none.
func count(b []byte) int {
	_, b, _ = bytes.Cut(b, []byte("discarded "))
	digits, _, _ := bytes.Cut(b, []byte{' '})
	n, ok := number(digits)
	if !ok || n > math.MaxInt32 {
		return 0
	}
	return int(n)
}

// field is one "name = value".
type field struct {
	name   []byte
	value  []byte // of strings: what stands between the quotes, as it stands there
	quoted bool
}

// group reads "{ a = 1, b = "x" }" into fields and gives what stands behind it. open tells that the line
// ended before the group did. ok is false for fields without names.
func group(fields []field, b []byte) (_ []field, rest []byte, open, ok bool) {
	b = bytes.TrimPrefix(b, []byte{'{'})
	for {
		b = bytes.TrimLeft(b, " ,")
		if len(b) == 0 {
			return fields, nil, true, true
		}
		if b[0] == '}' {
			return fields, b[1:], false, true
		}
		name, after, found := bytes.Cut(b, []byte(" = "))
		if !found || !ident(name) {
			return fields, nil, false, false
		}
		f := field{name: name}
		f.value, f.quoted, b, open = value(after)
		if fields = append(fields, f); open {
			return fields, nil, true, true
		}
	}
}

// ident tells whether b may be the name of a field.
func ident(b []byte) bool {
	for _, c := range b {
		if c != '_' && c-'0' > 9 && c|0x20-'a' > 25 {
			return false
		}
	}
	return len(b) > 0
}

// value reads a number, a string, or what stands in brackets.
func value(b []byte) (v []byte, quoted bool, rest []byte, open bool) {
	if len(b) == 0 {
		return nil, false, nil, true
	}
	switch b[0] {
	case '"':
		end := quote(b)
		if end < 0 {
			return b[1:], true, nil, true
		}
		return b[1:end], true, b[end+1:], false
	case '(', '[', '{':
		end := balance(b)
		if end < 0 {
			return b, false, nil, true
		}
		return b[:end], false, b[end:], false
	}
	end := bytes.IndexAny(b, ", }")
	if end < 0 {
		return b, false, nil, true
	}
	return b[:end], false, b[end:], false
}

// quote finds the end of a string. babeltrace2 escapes quotes; babeltrace 1 does not, so a quote
// counts only if what follows is what may follow a value.
func quote(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '\\':
			i++
		case b[i] == '"' && ends(b[i+1:]):
			return i
		}
	}
	return -1
}

// ends tells whether b may follow a string.
func ends(b []byte) bool {
	for _, p := range [...]string{" }", " ]", " :"} {
		if after, ok := bytes.CutPrefix(b, []byte(p)); ok {
			return len(after) == 0 || after[0] == ',' || after[0] == ' '
		}
	}
	b, ok := bytes.CutPrefix(b, []byte(", "))
	if !ok {
		return false
	}
	name, _, ok := bytes.Cut(b, []byte(" = "))
	return ok && (ident(name) || len(name) > 0 && name[0] == '[')
}

// balance finds the end of "( … )", "[ … ]" or "{ … }", strings and brackets in it included.
func balance(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			end := quote(b[i:])
			if end < 0 {
				return -1
			}
			i += end
		}
	}
	return -1
}
