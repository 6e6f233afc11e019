package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/validate"
)

// maxFindings bounds the findings of one trace in a text that is not verbose.
const maxFindings = 20

// text prints for people: the verdict first, then findings as compilers do, then what was seen.
type text struct {
	w       io.Writer
	opt     Options
	printed int // traces so far
}

func (t *text) Trace(res *validate.Result) error {
	p := &page{color: t.opt.Color}
	if t.printed++; t.printed > 1 && !t.opt.Brief {
		p.WriteString("\n")
	}
	all := collect(res)
	p.headline(res, all)
	if res.Verdict != validate.Violates {
		p.reasons(res, "")
	}
	p.findings(res, all, t.opt.Verbose)
	if res.Verdict == validate.Violates {
		p.reasons(res, "undecided: ")
	}
	if !t.opt.Brief {
		p.subjects(res, t.opt.Verbose)
		p.kernels(res, t.opt)
		p.coverage(res, t.opt.Verbose)
	}
	_, err := io.WriteString(t.w, p.String())
	return err
}

func (t *text) Unreadable(string, error) error { return nil } // the caller tells it on standard error

func (t *text) Close(sum Summary) error {
	if sum.Total() < 2 {
		return nil
	}
	_, err := fmt.Fprintln(t.w, sum)
	return err
}

// reasons prints what the trace does not decide; beside a violation that is of second rank.
func (p *page) reasons(res *validate.Result, prefix string) {
	for _, r := range grouped(res) {
		p.line("\t%s%s", prefix, r)
	}
}

// grouped gives why a trace does not decide; what holds for several subjects is said once.
func grouped(res *validate.Result) []string {
	var order []string
	names := map[string][]string{}
	for _, r := range res.Reasons {
		why, of := r, ""
		for _, s := range res.Subjects {
			if rest, ok := strings.CutPrefix(r, s.Title()+": "); ok {
				why, of = rest, s.Title()
			}
		}
		if _, seen := names[why]; !seen {
			order = append(order, why)
		}
		names[why] = append(names[why], of)
	}
	for i, why := range order {
		if of := names[why]; of[0] != "" {
			order[i] = strings.Join(of, ", ") + ": " + why
		}
	}
	return order
}

// found is a finding with its subject.
type found struct {
	*validate.Finding
	of *validate.SubjectResult
}

// collect gives all findings of a trace in the order of its lines.
func collect(res *validate.Result) []found {
	var all []found
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			all = append(all, found{f, s})
		}
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.Line, b.Line) })
	return all
}

func (p *page) headline(res *validate.Result, all []found) {
	switch res.Verdict {
	case validate.Violates:
		p.line("%s: %s %s%s", title(res), p.verdict(res.Verdict, "VIOLATES"), res.Spec, worst(all))
	case validate.Conforms:
		p.line("%s: %s %s%s", title(res), p.verdict(res.Verdict, "CONFORMS"), "to "+res.Spec, extent(res, all))
	default:
		p.line("%s: %s %s%s", title(res), p.verdict(res.Verdict, "INCONCLUSIVE"), "about "+res.Spec, worst(all))
	}
}

// title names a trace, and which one it is of several in one file.
func title(res *validate.Result) string {
	if res.Part == 0 {
		return res.Trace
	}
	return fmt.Sprintf("%s, trace %d in it, from line %d", res.Trace, res.Part, res.FirstLine)
}

// extent says how much a conforming trace showed.
func extent(res *validate.Result, all []found) string {
	s := fmt.Sprintf(": %s, %s", count(len(res.Subjects), "subject"), count(res.Records.Bound, "record"))
	if n := tally(all)[validate.Warning]; n > 0 {
		s += ", " + count(n, "warning")
	}
	return s
}

// worst names the finding to look at first, in plain words, and counts the other errors.
func worst(all []found) string {
	errors := slices.DeleteFunc(slices.Clone(all), func(f found) bool { return f.Severity != validate.Error })
	if len(errors) == 0 {
		return ""
	}
	w := slices.MinFunc(errors, func(a, b found) int { return cmp.Compare(rank(a), rank(b)) })
	s := ": " + plain(w)
	if n := len(errors) - 1; n > 0 {
		s += " (and " + count(n, "more error") + ")"
	}
	return s
}

// rank puts a leak that lasts to the end of the trace first; the rest stays in order of lines.
func rank(f found) int {
	if f.Kind == validate.Unbalanced && f.Detail == "leaked" && f.Until == nil {
		return 0
	}
	return 1
}

// plain says in a few words what a finding means and where it stands.
func plain(f found) string {
	name, line := subjectName(f.of), fmt.Sprintf(", line %d", f.Line)
	switch {
	case f.Kind == validate.Unbalanced && f.Detail == "leaked" && f.Until != nil:
		return fmt.Sprintf("%s was left awake from line %d to line %d", name, f.Line, *f.Until)
	case f.Kind == validate.Unbalanced && f.Detail == "leaked":
		return fmt.Sprintf("%s is left awake since line %d", name, f.Line)
	case f.Kind == validate.Unbalanced && f.Detail == "premature":
		return name + " is let go too early" + line
	case f.Kind == validate.Unbalanced:
		return name + " has calls that do not pair" + line
	case f.Kind == validate.BadTransition:
		return name + " changes its " + cmp.Or(f.Detail, "state") + " in a way that the spec does not allow" + line
	case f.Kind == validate.BadInvariant:
		return name + " breaks " + cmp.Or(f.Detail, "an invariant") + line
	case f.Kind == validate.Overdue:
		return name + " misses the deadline " + f.Detail + line
	}
	return name + " does what the spec cannot explain" + line
}

// subjectName gives a subject with the first of its other names.
func subjectName(s *validate.SubjectResult) string {
	if len(s.Aliases) == 0 {
		return s.Name
	}
	return fmt.Sprintf("%s (%s)", s.Name, s.Aliases[0])
}

func tally(all []found) map[validate.Severity]int {
	n := map[validate.Severity]int{}
	for _, f := range all {
		n[f.Severity]++
	}
	return n
}

func (p *page) findings(res *validate.Result, all []found, verbose bool) {
	shown := all
	if !verbose {
		shown = pick(all, maxFindings)
	}
	for _, f := range shown {
		p.finding(res.Trace, f)
	}
	if len(shown) < len(all) {
		p.line("\tand %d more%s; --verbose shows them", len(all)-len(shown), leftOut(all, shown))
	}
}

// pick gives the n most severe findings, the first of equal ones, in order of lines.
func pick(all []found, n int) []found {
	if len(all) <= n {
		return all
	}
	order := func(s validate.Severity) int {
		return slices.Index([]validate.Severity{validate.Error, validate.Warning, validate.Note}, s)
	}
	by := slices.Clone(all)
	slices.SortStableFunc(by, func(a, b found) int { return cmp.Compare(order(a.Severity), order(b.Severity)) })
	by = by[:n]
	slices.SortStableFunc(by, func(a, b found) int { return cmp.Compare(a.Line, b.Line) })
	return by
}

// leftOut says what the findings are that are not shown, such as " (2 errors, 12 infos)".
func leftOut(all, shown []found) string {
	a, s := tally(all), tally(shown)
	var parts []string
	for _, sev := range []validate.Severity{validate.Error, validate.Warning, validate.Note} {
		if n := a[sev] - s[sev]; n > 0 {
			parts = append(parts, count(n, string(sev)))
		}
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (p *page) finding(trace string, f found) {
	msg := f.Message
	if !strings.Contains(msg, f.of.Name) {
		msg = f.of.Name + ": " + msg
	}
	p.line("%s: %s%s [%s]", at(trace, f.Line), p.severity(f.Severity), msg, code(f.Finding))
	if w := where(f.Finding); w != "" {
		p.line("\t%s", w)
	}
	for _, r := range f.Related {
		p.line("\t%s: %s", at(trace, r.Line), r.Message)
	}
	for _, a := range f.Assumed {
		p.line("\tassuming: %s", strings.TrimPrefix(a, "assuming "))
	}
}

// at gives a place in a trace.
func at(trace string, line int) string {
	if line == 0 {
		return trace
	}
	return fmt.Sprintf("%s:%d", trace, line)
}

// code names the kind of a finding, such as leaked, or invariant owned.
func code(f *validate.Finding) string {
	switch {
	case f.Kind == validate.Rejected || f.Detail == "":
		return string(f.Kind)
	case f.Kind == validate.Unbalanced:
		return f.Detail
	}
	return string(f.Kind) + " " + f.Detail
}

// where says who did it and when, as far as the trace tells and the message does not.
func where(f *validate.Finding) string {
	var parts []string
	if f.Task != "" && !strings.Contains(f.Message, f.Task) {
		parts = append(parts, "in "+f.Task)
	}
	if f.Time != nil {
		parts = append(parts, fmt.Sprintf("at %.6f s", *f.Time))
	}
	if f.Until != nil {
		parts = append(parts, fmt.Sprintf("until line %d", *f.Until))
	}
	return strings.Join(parts, ", ")
}
