package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says how much a Diagnostic weighs.
type Severity uint8

// The severities. Only an Error makes a List fail.
const (
	Error Severity = iota
	Warning
)

// String gives "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Related is another place that helps to understand a Diagnostic, and why it does.
type Related struct {
	Span    Span
	Message string
}

// Diagnostic is one finding about a source.
type Diagnostic struct {
	Span     Span
	Severity Severity
	Code     string // short and stable, such as "syntax" or "unknown-name"; "" for none
	Message  string // what is wrong, and why; no final full stop
	Hint     string // what to do about it; "" for none
	Related  []Related
}

// String gives the first line of the printed form: file:line:col: message [code].
func (d Diagnostic) String() string {
	var b strings.Builder
	if pos := d.Span.String(); pos != "" {
		b.WriteString(pos + ": ")
	}
	if d.Severity == Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(d.Message)
	if d.Code != "" {
		b.WriteString(" [" + d.Code + "]")
	}
	return b.String()
}

// List collects diagnostics. The zero value is ready to use.
//
// A List is an error, so that a function may return one and its caller may take it apart again with
// errors.As. Return l.Err() and never a List itself: an empty List in an error is not nil.
type List []Diagnostic

// Add appends d.
func (l *List) Add(d Diagnostic) { *l = append(*l, d) }

// Errorf appends an error. The result points into the list, for setting Hint or Related at once;
// it is good until the next change of the list.
func (l *List) Errorf(span Span, code, format string, args ...any) *Diagnostic {
	return l.addf(Error, span, code, format, args)
}

// Warnf appends a warning; see Errorf for the result.
func (l *List) Warnf(span Span, code, format string, args ...any) *Diagnostic {
	return l.addf(Warning, span, code, format, args)
}

func (l *List) addf(sev Severity, span Span, code, format string, args []any) *Diagnostic {
	l.Add(Diagnostic{Span: span, Severity: sev, Code: code, Message: fmt.Sprintf(format, args...)})
	return &(*l)[len(*l)-1]
}

// HasErrors reports whether the list holds more than warnings.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Err gives the whole list as an error, or nil if it holds no error.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error gives the first error of the list and the number of others, on one line.
func (l List) Error() string {
	first, count := "no errors", 0
	for _, d := range l.sorted() {
		if d.Severity != Error {
			continue
		}
		if count++; count == 1 {
			first = d.String()
		}
	}
	if count > 1 {
		return fmt.Sprintf("%s (and %d more)", first, count-1)
	}
	return first
}

// Sort puts the list in order of file and place, and drops what says the same thing of the same place
// twice. Entries of one place keep the order in which they were added, errors before warnings.
func (l *List) Sort() {
	slices.SortStableFunc(*l, compare)
	seen := make(map[string]bool, len(*l))
	*l = slices.DeleteFunc(*l, func(d Diagnostic) bool {
		key := d.String()
		dup := seen[key]
		seen[key] = true
		return dup
	})
}

// sorted gives a sorted and de-duplicated copy.
func (l List) sorted() List {
	out := slices.Clone(l)
	out.Sort()
	return out
}

func compare(a, b Diagnostic) int {
	return cmp.Or(a.Span.Start.Compare(b.Span.Start), cmp.Compare(a.Severity, b.Severity))
}
