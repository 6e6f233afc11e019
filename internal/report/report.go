// Package report prints answers about traces, one formatter per output.
//
// A formatter sees one result after the other and never needs all of them, so that a run over many
// traces is as good as a run over one. It adds no judgement: verdicts, lines and words come from the
// result, and what an output leaves out is a matter of its form.
package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/rprocspec/rprocspec/validate"
)

// Reporter prints the answers of one run, in the order of its inputs.
type Reporter interface {
	// Trace prints the answer about one trace.
	Trace(res *validate.Result) error
	// Unreadable prints that there is no answer about one trace, and why.
	Unreadable(trace string, why error) error
	// Close ends the output; sum counts what was printed.
	Close(sum Summary) error
}

// Options of a Reporter. The zero value gives plain text that fits on a screen.
type Options struct {
	Color   bool // mark verdicts and severities with terminal colours
	Verbose bool // everything: all findings, every kind of record, features that were given
	Brief   bool // only verdicts, findings and reasons: one trace of many
	Spec    Spec
}

// Spec is what a text report tells of the specification beside the answer. All of it is optional.
type Spec struct {
	// Features gives, by name, the first line of a feature's doc comment. If that begins with an
	// abbreviated commit id, this is the change that makes the feature true.
	Features map[string]string
	// Kernels gives the kernel profiles in the order of the specification.
	Kernels []Kernel
}

// Kernel is one kernel profile.
type Kernel struct {
	Name   string
	Values map[string]string // by feature, as they are written
}

// format is one output that New knows.
type format struct {
	name string
	make func(io.Writer, Options) Reporter
}

// formats lists the outputs, the default first.
func formats() []format {
	return []format{
		{"text", func(w io.Writer, o Options) Reporter { return &text{w: w, opt: o} }},
		{"json", func(w io.Writer, _ Options) Reporter { return &jsonLines{w: w} }},
	}
}

// Formats lists the names that New takes, the default first.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// New gives the Reporter of the named format, writing to w.
func New(name string, w io.Writer, opt Options) (Reporter, error) {
	for _, f := range formats() {
		if f.name == name {
			return f.make(w, opt), nil
		}
	}
	return nil, fmt.Errorf("unknown format %q: give one of %s", name, strings.Join(Formats(), ", "))
}

// Summary counts the traces of a run by what became of them.
type Summary struct {
	Conform, Violate, Inconclusive, Unreadable int
	Skipped                                    int // files in folders that are no traces
}

// Add counts one verdict.
func (s *Summary) Add(v validate.Verdict) {
	switch v {
	case validate.Conforms:
		s.Conform++
	case validate.Violates:
		s.Violate++
	default:
		s.Inconclusive++
	}
}

// Total is the number of traces.
func (s Summary) Total() int { return s.Conform + s.Violate + s.Inconclusive + s.Unreadable }

// String says it in one line, such as "3 traces: 2 conform, 1 violates, 0 inconclusive, 0 unreadable".
func (s Summary) String() string {
	line := fmt.Sprintf("%s: %s, %s, %d inconclusive, %d unreadable", count(s.Total(), "trace"),
		verb(s.Conform, "conform"), verb(s.Violate, "violate"), s.Inconclusive, s.Unreadable)
	if s.Skipped > 0 {
		line += fmt.Sprintf("; %s skipped", count(s.Skipped, "other file"))
	}
	return line
}

// count gives a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// verb gives a number with the verb that it takes.
func verb(n int, verb string) string {
	if n == 1 {
		return "1 " + verb + "s"
	}
	return fmt.Sprintf("%d %s", n, verb)
}
