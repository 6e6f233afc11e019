package report

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/rprocspec/rprocspec/validate"
)

// maxSubjects bounds the subjects listed in a text that is not verbose.
const maxSubjects = 16

// unknown is the value of a field on which the explanations differ.
const unknown = "unknown"

func (p *page) subjects(res *validate.Result, verbose bool) {
	for i, s := range res.Subjects {
		if i == maxSubjects && !verbose {
			p.line("  and %d more subjects; --verbose shows them", len(res.Subjects)-i)
			return
		}
		p.subject(s, res.Reasons, verbose)
	}
}

// subject tells of one subject; reasons that stand with the verdict already are left out.
func (p *page) subject(s *validate.SubjectResult, told []string, verbose bool) {
	name := s.Name
	if len(s.Aliases) > 0 {
		name += " (" + strings.Join(s.Aliases, ", ") + ")"
	}
	if life := s.Life(); life != "" {
		name += " " + life
	}
	p.line("  %s %s; %s; %s", name, p.verdict(s.Verdict, string(s.Verdict)), final(s.Final, verbose), count(s.Records, "record"))
	p.story(s.Story, verbose)
	for _, r := range s.Reasons {
		if !slices.Contains(told, s.Title()+": "+r) && !slices.Contains(told, r) {
			p.line("\t%s", r)
		}
	}
	for i, n := range s.Notes {
		if i == 3 && !verbose {
			p.line("\tand %d more notes; --verbose shows them", len(s.Notes)-i)
			return
		}
		p.line("\tnote: %s", n)
	}
}

// mainFields are what everybody asks for first.
var mainFields = [...]string{"state", "awake", "power"}

// final gives the state at the end in one line, the main fields first. Which of the others are
// unknown is told in a verbose text only.
func final(fields map[string]any, verbose bool) string {
	var known, open []string
	for _, k := range fieldOrder(fields) {
		switch {
		case fields[k] != unknown:
			known = append(known, fmt.Sprintf("%s = %v", k, fields[k]))
		case verbose || slices.Contains(mainFields[:], k):
			open = append(open, k)
		}
	}
	s := "ends with " + strings.Join(known, ", ")
	if len(known) == 0 {
		return "its state at the end is unknown"
	}
	if len(open) > 0 {
		s += "; unknown: " + strings.Join(open, ", ")
	}
	return s
}

func fieldOrder(fields map[string]any) []string {
	var first, rest []string
	for _, k := range mainFields {
		if _, ok := fields[k]; ok {
			first = append(first, k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(first, k) {
			rest = append(rest, k)
		}
	}
	return append(first, rest...)
}

// kernels says which profiles agree with the trace, and what of it decides between them.
func (p *page) kernels(res *validate.Result, opt Options) {
	var open, given []string
	var proven []string
	for _, name := range slices.Sorted(maps.Keys(res.Features)) {
		f := res.Features[name]
		switch {
		case f.Value == "open":
			open = append(open, name)
		case f.Given:
			given = append(given, fmt.Sprintf("%s = %v", name, f.Value))
		default:
			proven = append(proven, name)
		}
	}
	if len(res.Subjects) == 0 {
		return // nothing was learned
	}
	p.profiles(res, len(proven) > 0, opt)
	for _, name := range proven {
		p.line("    %s", provenBy(name, res.Features[name], opt.Spec))
	}
	if len(given) > 0 && opt.Verbose {
		p.list("  given:", given)
	}
	if len(open) > 0 {
		p.list("  not decided by this trace:", open)
	}
}

// profiles prints the line about the kernel profiles of the spec.
func (p *page) profiles(res *validate.Result, decided bool, opt Options) {
	switch {
	case len(res.Kernels) > 0:
		p.list("  kernels that agree:", res.Kernels)
	case decided && len(opt.Spec.Kernels) > 0:
		p.line("  kernels that agree: none; a mixture, as backports make them")
	}
}

// commit is an abbreviated commit id at the start of a feature's doc comment.
var commit = regexp.MustCompile(`^[0-9a-f]{12}\b`)

// provenBy gives the line about a feature that the trace decides.
func provenBy(name string, f *validate.FeatureResult, spec Spec) string {
	s := fmt.Sprintf("%s = %v", name, f.Value)
	if f.Line > 0 {
		s += fmt.Sprintf(", since line %d", f.Line)
	}
	if f.Subject != "" {
		s += " (" + strings.Trim(f.Subject, "()") + ")"
	}
	var about []string
	if id := commit.FindString(spec.Features[name]); id != "" {
		if has, ok := f.Value.(bool); ok {
			about = append(about, map[bool]string{true: "has ", false: "lacks "}[has]+id)
		}
	}
	if like := alike(name, f.Value, spec.Kernels); like != "" {
		about = append(about, "as "+like)
	}
	if len(about) == 0 {
		return s
	}
	return s + ": " + strings.Join(about, ", ")
}

// alike names the profiles that give the feature this value, or those that do not if they are fewer.
func alike(feature string, value any, kernels []Kernel) string {
	var like, unlike []string
	for _, k := range kernels {
		if k.Values[feature] == fmt.Sprint(value) {
			like = append(like, k.Name)
		} else {
			unlike = append(unlike, k.Name)
		}
	}
	switch {
	case len(like) > 1 && len(unlike) == 0:
		return "all profiles"
	case len(like) > len(unlike)+1:
		return "all but " + strings.Join(unlike, ", ")
	}
	return strings.Join(like, ", ")
}

// coverage says what of the file was used, and how far absence could be trusted.
func (p *page) coverage(res *validate.Result, verbose bool) {
	r := res.Records
	p.line("  %s: %d read, %d bound, %d skipped, %d malformed, %d lost%s", count(r.Lines, "line"),
		r.Read, r.Bound, r.Skipped, r.Malformed, r.Lost, origin(res))
	if c := res.Capture; c != nil {
		p.line("  the capture says of itself: %s", ofItself(c))
	}
	if len(res.Files) > 0 {
		p.list("  lines are counted through:", counted(res.Files))
	}
	for _, b := range res.BadLines {
		p.line("    %s: %s", at(res.Trace, b.Line), strings.TrimSuffix(b.Why+": "+b.Text, ": "))
	}
	if verbose {
		p.sourceTable(res.Sources)
	} else {
		p.sources(res.Sources)
	}
	for i, n := range res.Notes {
		if i == 3 && !verbose {
			p.line("  and %d more notes; --verbose shows them", len(res.Notes)-i)
			return
		}
		p.line("  note: %s", n)
	}
}

// ofItself sums up a capture's own description.
func ofItself(c *validate.Capture) string {
	s := "not to its end"
	switch {
	case c.Complete && c.Quiet:
		s = "complete, at rest at the end"
	case c.Complete:
		s = "complete, not known to be at rest at the end"
	}
	for _, f := range [][2]string{{"kernel ", c.Kernel}, {"", c.Machine}, {"clock ", c.Clock}, {"made for ", c.Spec}} {
		if f[1] != "" {
			s += "; " + f[0] + f[1]
		}
	}
	if c.Missed > 0 {
		s += "; its probes missed " + count(c.Missed, "hit")
	}
	return s
}

// counted gives the files of a trace with the lines that are theirs.
func counted(files []validate.File) []string {
	var names []string
	for _, f := range files {
		names = append(names, fmt.Sprintf("%s (%d to %d)", f.Name, f.FirstLine, f.FirstLine+f.Lines-1))
	}
	return names
}

// origin gives format and clock in parentheses, as far as known.
func origin(res *validate.Result) string {
	var parts []string
	if res.Format != "" {
		parts = append(parts, res.Format)
	}
	switch {
	case res.ClockName != "":
		parts = append(parts, fmt.Sprintf("clock: %s, in %s", res.ClockName, res.Clock))
	case res.Clock != "":
		parts = append(parts, "clock: "+res.Clock)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// uses are the ways in which a kind of record is treated, in the words of the report.
var uses = []struct{ use, words string }{
	{"exact", "recorded:"},
	{"missable", "recorded by probes, which may miss one in an interrupt:"},
	{"lossy", "recorded with gaps:"},
	{"off", "not recorded:"},
}

// sources lists the kinds of record by how they were treated. Kinds that differ only in the function
// are told together.
func (p *page) sources(all []*validate.SourceUse) {
	by := map[string][]*validate.SourceUse{}
	for _, s := range all {
		by[s.Use] = append(by[s.Use], s)
	}
	for _, u := range uses {
		if len(by[u.use]) > 0 {
			p.list("  "+u.words, kinds(by[u.use]))
		}
	}
}

// tracepoints are the names under which a kernel records a kind.
var tracepoints = map[string]string{
	"edge on": "wakeup_source_activate", "edge off": "wakeup_source_deactivate",
	"queue": "workqueue_queue_work", "start": "workqueue_execute_start", "end": "workqueue_execute_end",
	"log": "other log lines",
}

// word says what a kind of record is, as somebody calls it who records it.
func word(kind string) string {
	if name, ok := tracepoints[kind]; ok {
		return name
	}
	what, of, _ := strings.Cut(kind, " ")
	switch what {
	case "enter":
		return "calls of " + of + "()"
	case "exit":
		return "returns of " + of + "()"
	case "call":
		return of + "()"
	case "log":
		return "log lines (" + of + ")"
	case "event":
		return of
	}
	return kind
}

// kinds gives the names of some kinds of record, functions of one kind together.
func kinds(some []*validate.SourceUse) []string {
	var order []string
	funcs := map[string][]string{}
	for _, s := range some {
		what, fn, ok := strings.Cut(s.Kind, " ")
		if !ok || what != "enter" && what != "exit" && what != "log" {
			what, fn = word(s.Kind), ""
		}
		if fn == "" && strings.HasPrefix(s.Why, "assumed") {
			what += " (" + s.Why + ")"
		}
		if _, seen := funcs[what]; !seen {
			order = append(order, what)
		}
		funcs[what] = append(funcs[what], fn)
	}
	verbs := map[string]string{"enter": "calls", "exit": "returns"}
	for i, what := range order {
		switch fs := funcs[what]; {
		case what == "log":
			order[i] = "log lines (" + strings.Join(fs, ", ") + ")"
		case len(fs) > 3:
			order[i] = fmt.Sprintf("%s of %d functions", verbs[what], len(fs))
		case fs[0] != "":
			order[i] = verbs[what] + " of " + and(fs)
		}
	}
	return order
}

// and joins a few names in a sentence.
func and(names []string) string {
	n := len(names) - 1
	if n < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:n], ", ") + " and " + names[n]
}

// used gives the words for a use without what leads to a list.
func used(use string) string {
	for _, u := range uses {
		if u.use == use {
			words, _, _ := strings.Cut(strings.TrimSuffix(u.words, ":"), ",")
			return words
		}
	}
	return use
}

// sourceTable lists every kind of record with its count and the reason of its treatment.
func (p *page) sourceTable(all []*validate.SourceUse) {
	tw := tabwriter.NewWriter(p, 0, 8, 2, ' ', 0)
	for _, s := range all {
		fmt.Fprintf(tw, "    %s\t%s\t%d\t%s\n", Clean(word(s.Kind)), Clean(used(s.Use)), s.Count, Clean(s.Why))
	}
	tw.Flush()
}
