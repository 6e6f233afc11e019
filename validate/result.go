package validate

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/validate/story"
)

// Verdict is the answer about one trace or one subject.
type Verdict string

// The verdicts.
const (
	// Conforms: no cheapest explanation of the trace breaks an error-level property, and what the
	// properties hang on was recorded.
	Conforms Verdict = "conforms"
	// Violates: every explanation breaks an error-level property, or none explains a record.
	Violates Verdict = "violates"
	// Inconclusive: the trace does not decide; Reasons say why and what would.
	Inconclusive Verdict = "inconclusive"
)

// FindingKind is the kind of a finding.
type FindingKind string

// The kinds of finding.
const (
	Rejected      FindingKind = "rejected"   // no explanation of a record
	BadTransition FindingKind = "transition" // an edge that `transitions` does not list
	Unbalanced    FindingKind = "unbalanced" // leaked, premature or unpaired
	BadInvariant  FindingKind = "invariant"
	Overdue       FindingKind = "deadline"
)

// Severity of a finding.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "info"
)

// Related is a place that explains a finding.
type Related struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// Finding is one thing found in a trace. It stands at the record where it became definite.
type Finding struct {
	Kind     FindingKind `json:"kind"`
	Detail   string      `json:"detail"` // leaked, premature, unpaired, or the name of the property, or the step refused
	Severity Severity    `json:"severity"`
	Line     int         `json:"line"`
	Until    *int        `json:"until"` // line at which it ended, null if it did not
	Time     *float64    `json:"time"`  // seconds; null if the clock does not count seconds
	Task     string      `json:"task"`  // comm-pid, "" where the format has none
	Assumed  []string    `json:"assumed"`
	Message  string      `json:"message"`
	Related  []Related   `json:"related"`

	ns   int64 // the record's time in units of the trace's clock
	told bool  // News has given it
}

// FeatureResult is what the trace says of a feature.
type FeatureResult struct {
	Value   any    `json:"value"`             // bool, int or member name; "open" when undecided
	Line    int    `json:"line,omitempty"`    // where it was decided; 0 when given from outside
	Subject string `json:"subject,omitempty"` // by whom
	Given   bool   `json:"given,omitempty"`   // fixed by --kernel, --feature or the spec
}

// SubjectResult is the answer about one subject.
type SubjectResult struct {
	Name    string   `json:"name"`    // device name where known, else the best name there is
	Aliases []string `json:"aliases"` // its other names
	// FromLine and UntilLine bound one of several lives under a name: the line of its registration, 0 if it lived
	// when the trace began, and that of the next one's, 0 for the last.
	FromLine  int            `json:"from_line,omitempty"`
	UntilLine int            `json:"until_line,omitempty"`
	Verdict   Verdict        `json:"verdict"`
	Reasons   []string       `json:"reasons"`
	Final     map[string]any `json:"final"` // variables, wakeup sources (bool); "unknown" where explanations differ
	Findings  []*Finding     `json:"findings"`
	// SelfCheck is what the device itself reported otherwise; the verdict is inconclusive then.
	SelfCheck []SelfCheck  `json:"self_check"`
	Records   int          `json:"records"` // records bound to it
	Story     *story.Story `json:"story"`   // what its lines and calls tell, in order
	Notes     []string     `json:"notes"`   // assumptions, joins, ambiguities worth telling
}

// Life tells which of several lives under its names a subject is, such as "until line 32"; "" if there is one.
func (s *SubjectResult) Life() string { return life(s.FromLine, s.UntilLine) }

// Title is the name of the subject with its life.
func (s *SubjectResult) Title() string { return strings.TrimSpace(s.Name + " " + s.Life()) }

func life(from, until int) string {
	switch {
	case from > 0 && until > 0:
		return fmt.Sprintf("from line %d until line %d", from, until)
	case from > 0:
		return fmt.Sprintf("from line %d", from)
	case until > 0:
		return fmt.Sprintf("until line %d", until)
	}
	return ""
}

// RecordCounts counts the lines of a trace by what became of them.
type RecordCounts struct {
	Lines     int `json:"lines"`
	Read      int `json:"read"`
	Bound     int `json:"bound"`
	Skipped   int `json:"skipped"`
	Malformed int `json:"malformed"`
	Lost      int `json:"lost"`
}

// BadLine is a line that was not understood.
type BadLine struct {
	Line int    `json:"line"`
	Why  string `json:"why"`
	Text string `json:"text"`
}

// SourceUse says how one kind of record was treated in this capture.
type SourceUse struct {
	Kind  string `json:"kind"`  // such as "enter rproc_shutdown", "wakeup edges", "workqueue_execute_end", "log err"
	Use   string `json:"use"`   // exact, missable, lossy or off
	Why   string `json:"why"`   // seen, given, assumed with its family, never seen
	Count int    `json:"count"` // records seen
}

// File is one of several files whose lines are counted through.
type File struct {
	Name      string `json:"name"`
	FirstLine int    `json:"first_line"`
	Lines     int    `json:"lines"`
}

// Capture is what a capture says of itself, in marks (docs/capture.md).
type Capture struct {
	ID       string `json:"id"`
	Kernel   string `json:"kernel"`  // release
	Machine  string `json:"machine"` // as uname -m says
	Spec     string `json:"spec"`    // that it was made for
	Clock    string `json:"clock"`   // of the tracer, such as boot
	Complete bool   `json:"complete"`
	Quiet    bool   `json:"quiet"`  // nothing ran any more at its end
	Missed   int    `json:"missed"` // hits that its probes missed
}

// Result is the answer about one trace.
type Result struct {
	Trace string `json:"trace"`
	// Part and FirstLine are set where a file holds several traces, one after the other, each of which
	// has an answer of its own: its number from 1, and its first line.
	Part      int `json:"part,omitempty"`
	FirstLine int `json:"first_line,omitempty"`
	// Files is set where the trace was read from several files.
	Files     []File                    `json:"files,omitempty"`
	Verdict   Verdict                   `json:"verdict"`
	Reasons   []string                  `json:"reasons"`
	Spec      string                    `json:"spec"`
	Features  map[string]*FeatureResult `json:"features"`
	Kernels   []string                  `json:"kernels"` // profiles that agree with every decided feature
	Subjects  []*SubjectResult          `json:"subjects"`
	Records   RecordCounts              `json:"records"`
	Format    string                    `json:"format"`
	Clock     string                    `json:"clock"`
	ClockName string                    `json:"clock_name,omitempty"`
	Sources   []*SourceUse              `json:"sources"`
	BadLines  []BadLine                 `json:"bad_lines"`
	Capture   *Capture                  `json:"capture,omitempty"` // absent: it says nothing of itself
	Notes     []string                  `json:"notes"`             // what was skipped, joined or guessed, for the file as a whole
}
