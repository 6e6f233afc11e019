package lttng

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
)

// Lines counts the lines in start, the beginning of a file, that are events of babeltrace: with a time,
// and a CPU among the fields.
func Lines(start []byte) int {
	n := 0
	var h head
	for text := range bytes.Lines(start) {
		if h.split(bytes.TrimRight(text, "\r\n")) && bytes.HasPrefix(h.groups, []byte("{ cpu_id = ")) {
			n++
		}
	}
	return n
}

// Refuse recognises by its beginning what babeltrace prints with options that leave out the names of fields
// or put names everywhere. nil: nothing speaks against reading on.
func Refuse(start []byte) *traces.FormatError {
	bad := &traces.FormatError{Looks: "output of babeltrace", Hint: "run babeltrace2 without --names and --fields and give its output"}
	var h head
	n := 0
	for text := range bytes.Lines(start) {
		n++
		switch {
		case bytes.HasPrefix(text, []byte("timestamp = ")) && bytes.Contains(text, []byte("packet.context = {")):
			bad.Line, bad.Why = n, "all its parts have names (--names all)"
			return bad
		case h.split(bytes.TrimRight(text, "\r\n")) && nameless(h.groups):
			bad.Line, bad.Why = n, "its fields have no names (--names none)"
			return bad
		}
	}
	return nil
}

// nameless tells whether a first group holds a CPU's number alone.
func nameless(groups []byte) bool {
	cpu, rest, ok := bytes.Cut(bytes.TrimPrefix(groups, []byte("{ ")), []byte(" }"))
	_, digits := number(cpu)
	return ok && digits && bytes.HasPrefix(rest, []byte(", {"))
}
