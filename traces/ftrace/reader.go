// Package ftrace reads the text that the kernel's tracer and its tools print: the tracefs files
// trace and trace_pipe, trace-cmd report, and perf script.
//
// A line is read once, left to right, by hand-written scanning; reader_oracle_test.go holds the
// same grammar as regular expressions and checks that both agree.
package ftrace

import (
	"bytes"
	"fmt"
	"io"
	"math"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// dialect is the tool that printed a trace. The first event line decides between tracefs and perf.
type dialect uint8

const (
	unknown dialect = iota
	tracefs
	report // trace-cmd report: lines as in tracefs, return probes as in perf
	perf
	graph // function_graph with time and task
)

// Reader reads one trace. It implements traces.Reader.
type Reader struct {
	lines *line.Reader
	name  string
	opt   traces.Options
	info  traces.Info
	texts interner
	head  head

	dialect  dialect
	clock    clock
	flagless bool // flags mean nothing
	follows  bool // the last record may go on in lines without prefix: it holds free text
	open     calls
	leaves   []traces.Record // returns of leaf calls whose time has not come
	queue    []traces.Record // read but not given
	done     error
}

// New reads the trace r; name stands for it in errors. It refuses output that holds too little to
// be read, such as latency format, with a *traces.FormatError that says what to change.
func New(r io.Reader, name string, opt traces.Options) (*Reader, error) {
	start, r, err := line.Peek(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if bad := Refuse(start); bad != nil {
		bad.File = name
		return nil, bad
	}
	if _, live := r.(line.Live); !live {
		r = unwrap(r, start)
	}
	t := &Reader{lines: line.NewReader(r), name: name, opt: opt, open: calls{}}
	t.info.Format, t.info.Clock = "ftrace", clockNames[noClock]
	return t, nil
}

// Info tells what was read so far.
func (t *Reader) Info() *traces.Info { return &t.info }

// Read fills r with the next record. After the last it gives io.EOF, or a *traces.FormatError if
// not one line was understood.
func (t *Reader) Read(r *traces.Record) error {
	for t.done == nil && len(t.queue) == 0 {
		text, err := t.lines.Next()
		if err != nil {
			t.done = t.end(err)
			t.due(&traces.Record{Time: math.MaxInt64})
			break
		}
		t.info.Lines++
		if t.line(text, r) && t.inOrder(r) {
			return nil
		}
	}
	if len(t.queue) == 0 {
		return t.done
	}
	*r = t.queue[0]
	t.queue = t.queue[1:]
	return nil
}

// inOrder tells whether r comes next. Otherwise it goes to the queue, behind returns of leaf calls
// that were earlier.
func (t *Reader) inOrder(r *traces.Record) bool {
	if len(t.leaves) == 0 || !t.due(r) {
		return true
	}
	t.queue = append(t.queue, *r.Clone())
	return false
}

// end turns the error of the stream into that of the trace.
func (t *Reader) end(err error) error {
	if err != io.EOF {
		return fmt.Errorf("%s:%d: reading: %w", t.name, t.lines.Num(), err)
	}
	if t.info.Records > 0 || t.info.Malformed == 0 {
		return err
	}
	bad := t.info.Bad[0]
	return &traces.FormatError{
		File: t.name, Line: bad.Line, Looks: "no trace: not one of " + fmt.Sprint(t.info.Lines) + " lines was understood",
		Why: bad.Why, Hint: "give the text of tracefs trace or trace_pipe, of `trace-cmd report -t` or of `perf script --ns`",
		NoTrace: t.info.Tracer == "",
	}
}

// line reads one line and tells whether it made a record to return.
func (t *Reader) line(text []byte, r *traces.Record) bool {
	text = unquoted(colourless(text))
	if len(text) > 0 && text[0] == '#' {
		return t.header(text, r)
	}
	if !t.split(text) {
		if head := inner(text); head != nil {
			return t.header(head, r)
		}
		return t.aside(text, r)
	}
	t.info.Records++
	if t.head.clock != t.clock {
		t.newClock()
	}
	if t.lines.Cut() {
		t.malformed(text, "line longer than 1 MiB, its end was dropped")
	}
	given := t.event(r)
	if given && r.Kind == traces.Lost && r.Reason == damaged {
		t.info.Records--
		t.malformed(text, "the event is cut short")
	}
	return given
}

// inner finds a line of the header behind blanks, as in a code block; one that matters also behind the time
// that a terminal program puts before every line.
func inner(text []byte) []byte {
	if plain := bytes.TrimLeft(text, " \t"); len(plain) > 0 && plain[0] == '#' {
		return plain
	}
	for _, head := range [...]string{"# tracer: ", "# entries-in-buffer/"} {
		if i := bytes.Index(text, []byte(head)); i > 0 {
			return text[i:]
		}
	}
	return nil
}

// colourless drops the escapes of terminals, such as grep prints around what it finds. Such colours are put
// back at the end; the name of a task may hold others.
func colourless(text []byte) []byte {
	if !bytes.Contains(text, []byte("\x1b[0m")) && !bytes.Contains(text, []byte("\x1b[m")) {
		return text
	}
	for {
		i := bytes.IndexByte(text, 0x1b)
		if i < 0 {
			return text
		}
		end := i + 1
		if end < len(text) && text[end] == '[' {
			for end++; end < len(text) && !letter(text[end]); end++ {
			}
			end = min(end+1, len(text))
		}
		text = append(bytes.Clone(text[:i]), text[end:]...)
	}
}

// unquoted drops the "> " marks of a mail. No line of a trace begins so, since comms stand in a column.
func unquoted(text []byte) []byte {
	for len(text) > 0 && text[0] == '>' {
		text = bytes.TrimPrefix(text[1:], []byte{' '})
	}
	return text
}

// split cuts an event line, in the dialect that the first one decided on.
func (t *Reader) split(text []byte) bool {
	switch t.dialect {
	case perf:
		return t.head.perf(text)
	case graph:
		return t.head.graph(text)
	case unknown:
		return t.decide(text)
	}
	if !t.head.tracefs(text) {
		return false
	}
	t.head.reportGraph()
	return true
}

func (t *Reader) decide(text []byte) bool {
	switch {
	case t.head.tracefs(text):
		t.dialect = tracefs
	case t.head.perf(text):
		t.dialect, t.info.Format, t.info.ClockName = perf, "perf script", "perf"
	case t.head.graph(text):
		t.dialect, t.info.Format = graph, "function_graph"
	default:
		return false
	}
	return true
}

func (t *Reader) newClock() {
	if t.clock != noClock {
		t.note(fmt.Sprintf("line %d: timestamps change from %s to %s", t.lines.Num(), clockNames[t.clock], clockNames[t.head.clock]))
	}
	t.clock = t.head.clock
	t.info.Clock = clockNames[t.clock]
}

const maxNotes = 20

func (t *Reader) note(s string) {
	if len(t.info.Notes) < maxNotes {
		t.info.Notes = append(t.info.Notes, s)
	}
}

const badText = 200 // bytes of a bad line that are kept

func (t *Reader) malformed(text []byte, why string) {
	t.info.Malformed++
	if len(t.info.Bad) < traces.MaxBad {
		t.info.Bad = append(t.info.Bad, traces.BadLine{
			Line: t.lines.Num(), Why: why, Text: string(text[:min(len(text), badText)]),
		})
	}
}
