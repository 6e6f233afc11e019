package diag

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// at gives the span of one column.
func at(file string, line, col int) Span {
	p := Pos{File: file, Line: line, Col: col}
	q := p
	q.Col++
	return Span{Start: p, End: q}
}

func TestPositions(t *testing.T) {
	for _, tt := range []struct {
		pos  Pos
		want string
	}{
		{Pos{}, ""},
		{Pos{File: "a.rps"}, "a.rps"},
		{Pos{Line: 3, Col: 4}, "3:4"},
		{Pos{File: "a.rps", Line: 3, Col: 4}, "a.rps:3:4"},
	} {
		if got := tt.pos.String(); got != tt.want {
			t.Errorf("%#v: %q, want %q", tt.pos, got, tt.want)
		}
	}
}

func TestPrint(t *testing.T) {
	var l List
	l.Errorf(at("b.rps", 1, 1), "syntax", "last")
	l.Warnf(at("a.rps", 12, 3), "", "no code, %d%%", 5)
	d := l.Errorf(at("a.rps", 12, 3), "unknown-name", "unknown name %q", "sate")
	d.Hint = `did you mean "state"?`
	d.Related = []Related{{Span: at("a.rps", 4, 5), Message: "declared here"}, {Message: "nowhere"}}
	l.Errorf(at("a.rps", 9, 1), "syntax", "twice")
	l.Errorf(at("a.rps", 9, 1), "syntax", "twice")
	l.Add(Diagnostic{Message: "without a place"})
	want := `without a place
a.rps:9:1: twice [syntax]
a.rps:12:3: unknown name "sate" [unknown-name]
	hint: did you mean "state"?
	a.rps:4:5: declared here
	nowhere
a.rps:12:3: warning: no code, 5%
b.rps:1:1: last [syntax]
`
	var b strings.Builder
	if err := (Printer{}).Print(&b, l); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Errorf("printed (-want +got):\n%s", d)
	}
	if len(l) != 6 || l[0].Message != "last" {
		t.Error("printing changed the list")
	}
}

func TestPrintIsCapped(t *testing.T) {
	var l List
	for i := range 34 {
		l.Errorf(at("a.rps", i+1, 1), "syntax", "error %d", i)
	}
	for _, tt := range []struct {
		max, lines int
		last       string
	}{
		{0, 21, "and 14 more"},
		{33, 34, "and 1 more"},
		{34, 34, "a.rps:34:1: error 33 [syntax]"},
		{-1, 34, "a.rps:34:1: error 33 [syntax]"},
	} {
		var b strings.Builder
		if err := (Printer{Max: tt.max}).Print(&b, l); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(b.String()), "\n")
		if len(lines) != tt.lines || lines[len(lines)-1] != tt.last {
			t.Errorf("Max %d: %d lines, the last %q; want %d, %q", tt.max, len(lines), lines[len(lines)-1], tt.lines, tt.last)
		}
	}
}

type failingWriter struct{}

var errFull = errors.New("disk full")

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }

func TestPrintReportsWriteErrors(t *testing.T) {
	l := List{{Message: "x"}}
	if err := (Printer{}).Print(failingWriter{}, l); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}

func TestListAsError(t *testing.T) {
	var l List
	if l.HasErrors() || l.Err() != nil {
		t.Error("an empty list is an error")
	}
	l.Warnf(at("a.rps", 1, 1), "style", "only a warning")
	if l.HasErrors() || l.Err() != nil {
		t.Error("a warning is an error")
	}
	l.Errorf(at("a.rps", 3, 1), "syntax", "second")
	l.Errorf(at("a.rps", 2, 1), "syntax", "first")
	err := fmt.Errorf("vet: %w", l.Err())
	if want := "vet: a.rps:2:1: first [syntax] (and 1 more)"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	var back List
	if !errors.As(err, &back) || len(back) != 3 {
		t.Errorf("the list comes back as %v", back)
	}
}

func TestSeverity(t *testing.T) {
	if Error.String() != "error" || Warning.String() != "warning" {
		t.Errorf("severities are called %s and %s", Error, Warning)
	}
}
