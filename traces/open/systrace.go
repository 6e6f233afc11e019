package open

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zlib"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
	"github.com/rprocspec/rprocspec/traces/internal/line"
	"github.com/rprocspec/rprocspec/traces/klog"
)

// Android wraps the text of tracefs twice. atrace prints a few lines, "TRACE:", and the trace, with -z
// compressed by zlib, and there may be the output of ps behind it. systrace puts that into a page:
//
//	<!-- BEGIN TRACE -->
//	  <script class="trace-data" type="application/text">
//	# tracer: nop
//	…
//	  </script>
//
// with a script of that class for every source of data, of which one is the kernel. Before 2014 lines
// ended in \n\ there, or were a string of JavaScript: var linuxPerfData = "\.

// wrapped reads the trace within such a text. Lines that are no part of it become empty ones, so that
// the others keep their numbers.
type wrapped struct {
	lines  *line.Reader
	state  state
	page   bool // HTML; else atrace alone
	out    []byte
	err    error
	traces int // blocks that hold a kernel's trace
	others int // blocks that hold something else
	ps     bool
}

type state uint8

const (
	outside state = iota
	opening       // in a block of which nothing is known yet
	inTrace
	inOther
)

func (w *wrapped) Read(p []byte) (int, error) {
	for len(w.out) == 0 && w.err == nil {
		var text []byte
		if text, w.err = w.lines.Next(); w.err == nil {
			w.out = append(w.line(text), '\n')
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	if n == 0 {
		return 0, w.err
	}
	return n, nil
}

// line gives what a line holds of the trace.
func (w *wrapped) line(text []byte) []byte {
	closed := false
	if w.page {
		text, closed = w.tags(text)
	}
	text = w.inside(text)
	if closed {
		w.state = outside
	}
	return text
}

// inside gives what a line, or a part of it that stands within a block, holds of the trace.
func (w *wrapped) inside(text []byte) []byte {
	if w.state == outside {
		return nil
	}
	if text = unquoted(text); w.state == opening {
		w.decide(text)
	}
	if w.state != inTrace {
		return nil
	}
	if w.ps = w.ps || processList.Match(text); w.ps {
		return nil
	}
	return bytes.Clone(text)
}

// processList matches the header of what ps prints.
var processList = regexp.MustCompile(`^USER +PID `)

// tags follows the scripts of a page, gives what of a line is in one, and tells whether it ends there.
func (w *wrapped) tags(text []byte) (in []byte, closed bool) {
	if w.state == outside {
		var ok bool
		if text, ok = blockStart(text); !ok {
			return nil, false
		}
		w.state, w.ps = opening, false
	}
	in, _, closed = bytes.Cut(text, []byte("</script>"))
	if closed && len(bytes.TrimSpace(in)) == 0 {
		in = nil
	}
	return in, closed
}

var (
	scriptTag = regexp.MustCompile(`<script\b[^>]*\bclass="trace-data"[^>]*>`)
	perfData  = []byte(`var linuxPerfData = "`)
)

// blockStart gives what of a line stands in the block that it begins.
func blockStart(text []byte) ([]byte, bool) {
	if at := scriptTag.FindIndex(text); at != nil {
		return text[at[1]:], true
	}
	if _, after, ok := bytes.Cut(text, perfData); ok {
		return bytes.TrimSuffix(after, []byte{'\\'}), true
	}
	return nil, false
}

// decide tells by its first line what a block holds; what atrace prints before a trace does not tell.
func (w *wrapped) decide(text []byte) {
	switch trimmed := bytes.TrimSpace(text); {
	case len(trimmed) == 0, string(trimmed) == "TRACE:", bytes.HasPrefix(trimmed, []byte("capturing trace...")):
	case text[0] == '#', ftrace.Events(text) > 0:
		w.state = inTrace
		w.traces++
	default:
		w.state = inOther
		w.others++
	}
}

// unquoted undoes what keeps a line from ending a script or a string: entities, and a \n\ at its end.
func unquoted(text []byte) []byte {
	if t, ok := bytes.CutSuffix(text, []byte(`\n\`)); ok {
		text = []byte(quotes.Replace(string(t)))
	}
	if bytes.IndexByte(text, '&') < 0 || bytes.ContainsAny(text, "<>") { // it has none, or was written as it is
		return text
	}
	return entity.ReplaceAllFunc(text, decode)
}

var (
	quotes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)
	entity = regexp.MustCompile(`&(?:lt|gt|amp|quot|apos|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});`)
)

func decode(b []byte) []byte {
	switch name := string(b[1 : len(b)-1]); name {
	case "lt":
		return []byte{'<'}
	case "gt":
		return []byte{'>'}
	case "amp":
		return []byte{'&'}
	case "quot":
		return []byte{'"'}
	case "apos":
		return []byte{'\''}
	default:
		n, err := strconv.ParseInt(strings.Replace(strings.ToLower(name[1:]), "x", "0x", 1), 0, 32)
		if err != nil || n < ' ' {
			return b
		}
		return utf8.AppendRune(nil, rune(n))
	}
}

// html tells whether text is a page.
func html(text []byte) bool {
	low := bytes.ToLower(text[:min(len(text), 512)])
	return bytes.HasPrefix(low, []byte("<!doctype html")) || bytes.HasPrefix(low, []byte("<html"))
}

// showsLog tells whether a page shows a kernel log, as those of forums and paste services do.
func showsLog(start []byte) bool {
	return !bytes.Contains(start, []byte("trace-data")) && klog.Lines(start) > 0
}

// atraceMark finds the line that stands before the trace in what atrace prints, near its beginning.
var atraceMark = regexp.MustCompile(`^(?:[ -~]*\r*\n){0,20}?TRACE:\r*\n`)

// unwrap gives a reader of the trace that r holds in the clothes of Android, nil if it wears none.
func unwrap(r io.Reader, start []byte, name string, opt traces.Options) (traces.Reader, error) {
	switch mark := atraceMark.Find(start); {
	case html(bytes.TrimSpace(start)) && showsLog(start):
		return nil, nil
	case html(bytes.TrimSpace(start)):
		return page(&wrapped{lines: line.NewReader(r), page: true}, name, opt)
	case mark == nil:
		return nil, nil
	case bytes.HasPrefix(start[len(mark):], []byte{0x78}):
		return compressed(r, mark, name, opt)
	default:
		w := &wrapped{lines: line.NewReader(r), state: opening}
		return page(w, name, opt)
	}
}

// compressed reads what atrace -z prints. Where the output went through a terminal, line ends have
// been changed, in the compressed part too.
func compressed(r io.Reader, mark []byte, name string, opt traces.Options) (traces.Reader, error) {
	if _, err := io.CopyN(io.Discard, r, int64(len(mark))); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if ends := bytes.Count(mark, []byte{'\r'}) / bytes.Count(mark, []byte{'\n'}); ends > 0 {
		r = &lineEnds{r: bufio.NewReader(r), extra: ends}
	}
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: unpacking what stands behind TRACE: %w", name, err)
	}
	before := bytes.Repeat([]byte{'\n'}, bytes.Count(mark, []byte{'\n'}))
	w := &wrapped{lines: line.NewReader(io.MultiReader(bytes.NewReader(before), z)), state: opening}
	return page(w, name, opt)
}

// lineEnds drops the carriage returns that were put before every newline.
type lineEnds struct {
	r     *bufio.Reader
	extra int
}

func (l *lineEnds) Read(p []byte) (n int, err error) {
	for n < len(p) {
		c, err := l.r.ReadByte()
		if err != nil {
			return n, err
		}
		if c == '\r' {
			if next, _ := l.r.Peek(l.extra); len(next) == l.extra && next[l.extra-1] == '\n' && bytes.Count(next, []byte{'\r'}) == l.extra-1 {
				c = '\n'
				if _, err := l.r.Discard(l.extra); err != nil {
					return n, err
				}
			}
		}
		p[n] = c
		n++
	}
	return n, nil
}

// unwrapped is the reader of a wrapped trace.
type unwrapped struct {
	traces.Reader
	from *wrapped
	name string
	told bool
}

func page(w *wrapped, name string, opt traces.Options) (traces.Reader, error) {
	r, err := ftrace.New(w, name, opt)
	if err != nil {
		return nil, err
	}
	return &unwrapped{Reader: r, from: w, name: name}, nil
}

// Read fails at the end if there was no trace.
func (u *unwrapped) Read(r *traces.Record) error {
	err := u.Reader.Read(r)
	if !errors.Is(err, io.EOF) || u.told {
		return err
	}
	if u.from.traces == 0 {
		return u.empty()
	}
	u.told = true
	info := u.Info()
	if u.from.traces > 1 {
		info.Notes = append(info.Notes, fmt.Sprintf("the page holds %d kernel traces: they are read as one", u.from.traces))
	}
	if u.from.others > 0 {
		info.Notes = append(info.Notes, fmt.Sprintf("%d scripts of the page hold other data than the kernel's", u.from.others))
	}
	return err
}

func (u *unwrapped) empty() error {
	if !u.from.page {
		return &traces.FormatError{File: u.name, Looks: "the output of atrace", Why: "no trace stands behind TRACE:", Hint: "run atrace again and look at what it prints before"}
	}
	return &traces.FormatError{
		File: u.name, Looks: "an HTML page", Why: "no <script class=\"trace-data\"> in it holds a kernel's trace",
		Hint: "give a page of systrace, or the trace itself: atrace's output, or for a Chrome trace what `traceconv systrace` makes of it",
	}
}
