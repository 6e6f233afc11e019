package traces

import (
	"strconv"
	"strings"
)

// Options change how a trace is read. The zero value gives every record.
type Options struct {
	// SkipOther leaves out records of kind Other. They are still counted in Info.Records, but
	// cost next to nothing: a trace of everything is then read about as fast as it can be copied.
	// Readers that have to hold records to put them in order leave out Switch, too.
	SkipOther bool
	// Events names the tracepoints whose records become Event and not Other, without their system:
	// those that a specification's event statements speak of.
	Events map[string]bool
}

// FormatError says that a file is no readable trace: what it looks like instead, why that cannot
// be used, and what to do about it.
type FormatError struct {
	File  string
	Line  int    // line that tells, 0: the file as a whole
	Looks string // "a trace.dat file of trace-cmd"
	Why   string // "it is binary"
	Hint  string // "run trace-cmd report -t FILE"
	// NoTrace: nothing suggests that it is a recording at all. A reader of a whole directory may
	// pass over such a file; a recording that cannot be read must not get lost that way.
	NoTrace bool
}

// Error gives the whole message in one line.
func (e *FormatError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		b.WriteString(":" + strconv.Itoa(e.Line) + ":1")
	}
	b.WriteString(": " + e.Message())
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

// Message is the error without its place and hint, for those who print these themselves.
func (e *FormatError) Message() string {
	msg := "looks like " + e.Looks
	if e.Why != "" {
		msg += ", which cannot be read: " + e.Why
	}
	return msg
}
