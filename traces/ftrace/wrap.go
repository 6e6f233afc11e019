package ftrace

import (
	"bytes"
	"io"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// Mail programs break lines at about 72 columns, and the lines of a trace are longer:
//
//	        rdummy/0-1377    [000] d.h3.   132.348517: wakeup_source_activate:
//	rproc-dummy.0 state=0xe0001
//
// A broken event says something else than the whole one, so such lines are joined before they are read. That
// a trace was broken is known by events at its beginning that lack their end and have it in the next line.

// unwrap gives r with its lines joined if start, its beginning, shows that they were broken.
func unwrap(r io.Reader, start []byte) io.Reader {
	width := wrapWidth(start)
	if width == 0 {
		return r
	}
	return &rejoin{lines: line.NewReader(r), width: width}
}

// maxWrap is a width at which no mail program breaks lines: the events of traces are shorter.
const maxWrap = 130

// wrapWidth gives the width at which the lines of a trace were broken, 0 if they were not.
func wrapWidth(start []byte) int {
	var last []byte
	width, broken := 0, false
	for text := range bytes.Lines(start) {
		text = unquoted(bytes.TrimRight(text, "\r\n"))
		if len(text) > 0 && text[0] != '#' {
			width = max(width, len(text))
		}
		broken = broken || rest(text) && (lacksEnd(last) || lacksArgs(last, text))
		last = text
	}
	if !broken || width > maxWrap {
		return 0
	}
	return width
}

// lacksEnd tells whether a line is an event that has lost its end for certain.
func lacksEnd(text []byte) bool {
	var h head
	switch {
	case !looksLikeEvent(text):
		return false
	case !eventLine(&h, text):
		return bytes.HasSuffix(bytes.TrimRight(text, " "), []byte{':'}) // TIME:
	}
	kind := staticKind(h.name)
	return h.form == named && (h.short(kind) || len(h.body) == 0 && kind != traces.Mark && kind != traces.Log)
}

// lacksArgs tells whether a line is the event of a probe, and the next one begins with its arguments.
func lacksArgs(text, next []byte) bool {
	var h head
	return looksLikeEvent(text) && eventLine(&h, text) && h.form == named && bytes.HasPrefix(h.body, []byte{'('}) && fieldName(next, 0) > 0
}

// rest tells whether a line may be the end of the one before it.
func rest(text []byte) bool {
	trimmed := bytes.TrimLeft(text, " \t")
	return len(trimmed) > 0 && trimmed[0] != '#' && !looksLikeEvent(text) && !lossStart(text) &&
		!bytes.HasPrefix(trimmed, []byte("=> ")) && !bytes.HasPrefix(trimmed, []byte("-----"))
}

// rejoin joins broken lines. Every line that was joined to another leaves an empty one, so that the
// others keep their numbers.
type rejoin struct {
	lines  *line.Reader
	width  int
	joined []byte // the line so far
	last   int    // length of the part of it that was read last; 0: none was
	ends   int    // how many lines it was
	out    []byte
	err    error
}

func (j *rejoin) Read(p []byte) (int, error) {
	for len(j.out) == 0 && j.err == nil {
		text, err := j.lines.Next()
		if err != nil {
			j.flush()
			j.err = err
			break
		}
		j.take(unquoted(text))
	}
	n := copy(p, j.out)
	j.out = j.out[n:]
	if n == 0 && len(p) > 0 {
		return 0, j.err
	}
	return n, nil
}

// take joins a line to the one before it if it would not have fitted there.
func (j *rejoin) take(text []byte) {
	trimmed := bytes.TrimLeft(text, " \t")
	first, _ := word(trimmed)
	if j.last+1+len(first) > j.width && looksLikeEvent(j.joined) && rest(text) {
		j.joined = append(append(j.joined, ' '), trimmed...)
	} else {
		j.flush()
		j.joined = append(j.joined[:0], text...)
	}
	j.last, j.ends = len(text), j.ends+1
}

// flush gives the line that is complete.
func (j *rejoin) flush() {
	if j.ends == 0 {
		return
	}
	j.out = append(j.out, j.joined...)
	for range j.ends {
		j.out = append(j.out, '\n')
	}
	j.ends = 0
}
