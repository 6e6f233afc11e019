package merge

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/traces"
)

// list is a reader of records at hand.
type list struct {
	recs []traces.Record
	info traces.Info
}

func (l *list) Info() *traces.Info { return &l.info }

func (l *list) Read(r *traces.Record) error {
	if len(l.recs) == 0 {
		return io.EOF
	}
	args := r.Args
	*r = l.recs[0]
	r.Args = args
	l.recs = l.recs[1:]
	l.info.Records++
	return nil
}

// file makes records from words "TIME:TEXT", each a line of its own; a lone TEXT has no time. A text in
// capitals is a log line, "LOST" a loss, "BEGIN" another trace.
func file(cpu int, words string) *list {
	l := &list{info: traces.Info{Format: "ftrace", Clock: "seconds"}}
	for i, w := range strings.Fields(words) {
		r := traces.Record{Kind: traces.Enter, CPU: cpu, PID: 1, Line: i + 1, Time: traces.NoTime}
		time, text, ok := strings.Cut(w, ":")
		if !ok {
			text = w
		} else if _, err := fmt.Sscan(time, &r.Time); err != nil {
			panic(err)
		}
		switch r.Text = text; {
		case text == "LOST":
			r.Kind = traces.Lost
		case text == "BEGIN":
			r.Kind = traces.Begin
		case text == strings.ToUpper(text):
			r.Kind = traces.Log
		}
		l.recs = append(l.recs, r)
		l.info.Lines++
	}
	return l
}

// texts reads everything and gives "TEXT@LINE" of every record.
func texts(r traces.Reader) (string, error) {
	var out []string
	var rec traces.Record
	for {
		if err := r.Read(&rec); err != nil {
			return strings.Join(out, " "), err
		}
		out = append(out, fmt.Sprintf("%s@%d", rec.Text, rec.Line))
	}
}

func merged(t *testing.T, once bool, words ...string) (*Reader, error) {
	t.Helper()
	var parts []Part
	for i, w := range words {
		l := file(i, w)
		parts = append(parts, Part{Name: fmt.Sprintf("cpu%d", i), Reader: l, Lines: l.info.Lines})
	}
	return New(parts, once)
}

func TestMerge(t *testing.T) {
	for _, tt := range []struct {
		name  string
		words []string
		want  string
	}{
		{"by time", []string{"1:a 4:d", "2:b 3:c"}, "a@1 b@3 c@4 d@2"},
		{"one time, by file", []string{"5:a 5:b", "5:c"}, "a@1 b@2 c@3"},
		{"a loss stays with what came before it", []string{"1:a LOST 9:d", "2:b"}, "a@1 LOST@2 b@4 d@3"},
		{"a loss at the start", []string{"5:b", "LOST 1:a"}, "LOST@2 a@3 b@1"},
		{"an empty file", []string{"", "1:a"}, "a@1"},
		{"nothing", []string{"", ""}, ""},
		{"three", []string{"3:c", "1:a", "2:b"}, "a@2 b@3 c@1"},
	} {
		m, err := merged(t, false, tt.words...)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := texts(m); got != tt.want || err != io.EOF {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, err, tt.want)
		}
		if i := m.Info(); i.Lines != len(strings.Fields(strings.Join(tt.words, " "))) || i.Format != "ftrace" {
			t.Errorf("%s: %+v", tt.name, i)
		}
	}
}

func TestOnce(t *testing.T) {
	m, err := merged(t, true, "1:X 2:f 2:Y 3:X", "")
	if err != nil {
		t.Fatal(err)
	}
	m.parts[0].index = 0
	if got, _ := texts(m); got != "X@1 f@2 Y@3 X@4" {
		t.Errorf("one file: %s", got)
	}
	// The same line on the same CPU in two buffers.
	a, b := file(0, "1:a 2:X 2:Y 4:d"), file(0, "2:X 2:Y 2:Y2 3:c 4:d")
	m, err = New([]Part{{"a", a, 4}, {"b", b, 5}}, true)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := texts(m); got != "a@1 X@2 Y@3 Y2@7 c@8 d@4 d@9" {
		t.Errorf("two files: %s", got)
	}
}

func TestMergeErrors(t *testing.T) {
	m, err := merged(t, false, "1:a", "1:b 2:BEGIN 3:c")
	if err != nil {
		t.Fatal(err)
	}
	_, err = texts(m)
	var bad *traces.FormatError
	if !errors.As(err, &bad) || bad.File != "cpu1" || bad.Line != 2 || bad.Hint == "" {
		t.Errorf("%v", err)
	}
}

func TestShared(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"1:X 2:Y", "1:X 3:Y", 1},
		{"1:X", "1:Z", 0},
		{"1:x", "1:x", 0}, // a call says little
		{"X", "X", 0},     // no time
	} {
		p, err := ReadPrints(file(0, tt.a))
		if err != nil {
			t.Fatal(err)
		}
		q, err := ReadPrints(file(0, tt.b))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Shared(q); got != tt.want {
			t.Errorf("%s and %s: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
	p, _ := ReadPrints(file(0, "1:X"))
	q, _ := ReadPrints(file(1, "1:X"))
	if p.Shared(q) != 0 {
		t.Error("another CPU is another line")
	}
}

// sameClock gives the lines of a log the times that they have in the trace, by a clock of its own, and makes both nanoseconds.
func sameClock(log, trace *list) {
	for i := range trace.recs {
		r := &trace.recs[i]
		if r.Time != traces.NoTime {
			r.Time *= 1e9
		}
		for j := range log.recs {
			if l := &log.recs[j]; l.Text == r.Text && r.Kind == traces.Log {
				l.Time = r.Time - 5_000_123_000
			}
		}
	}
}

// Lines of a log go where the trace has nothing between two marks, and nowhere else.
func TestWithLog(t *testing.T) {
	for _, tt := range []struct {
		name, trace, log, want string
		none                   bool
	}{
		{"between two marks", "1:a 2:M 3:N 4:b", "M P Q N", "a@1 M@2 P@6 Q@7 N@3 b@4", false},
		{"a record between", "1:a 2:M 2:x 3:N 4:b", "M P Q N", "a@1 M@2 x@3 N@4 b@5", false},
		{"a loss between", "2:M LOST 3:N", "M P N", "M@1 LOST@2 N@3", false},
		{"before and behind all marks", "2:M 3:N", "P M N Q", "M@1 N@2", false},
		{"a mark between is skipped", "1:M 2:O 3:N", "M P O Q N", "M@1 P@5 O@2 Q@7 N@3", false},
		{"a line that is there twice is no mark", "1:M 2:M 3:N", "M M P N", "M@1 M@2 N@3", true},
		{"one that the trace has more than once", "1:M 2:R 3:R 4:N", "M R P R N", "M@1 R@2 R@3 N@4", false},
		{"nothing in common", "1:M", "P Q", "M@1", true},
		{"the other way round", "1:M 2:N", "N P M", "M@1 N@2", true},
	} {
		log, trace := file(0, tt.log), file(0, tt.trace)
		sameClock(log, trace)
		lines, err := ReadLines(log, "log")
		if err != nil {
			t.Fatal(err)
		}
		marks, err := lines.Marks(&list{recs: slices.Clone(trace.recs), info: trace.info})
		if err != nil {
			t.Fatal(err)
		}
		if none := marks.Why() != ""; none != tt.none {
			t.Errorf("%s: %q", tt.name, marks.Why())
		}
		got, err := texts(NewWithLog(trace, marks, trace.info.Lines))
		if got != tt.want || err != io.EOF {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}
