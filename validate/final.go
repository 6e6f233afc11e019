package validate

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// agreed gives the variables and wakeup sources on which all of es agree, else "unknown".
func (x *subject) agreed(es []*exp) map[string]any {
	out := map[string]any{}
	for g, gl := range x.m.Globals {
		if gl.Kind != machine.VarGlobal && gl.Kind != machine.WakeupGlobal && gl.Kind != machine.DeviceGlobal {
			continue
		}
		var val any = "unknown"
		for i, e := range es {
			v := x.plain(g, e.s[g])
			if i == 0 {
				val = v
			} else if val != v {
				val = "unknown"
			}
		}
		out[gl.Name()] = val
	}
	return out
}

// result closes the subject: what is known at the end, and the verdict.
func (x *subject) result() *SubjectResult {
	x.flush()
	x.endTrial()
	names := x.id.names()
	res := &SubjectResult{
		Name: names[0], Aliases: append([]string{}, names[1:]...), Records: x.records,
		Reasons: []string{}, FromLine: x.from, UntilLine: x.to,
	}
	if x.cur = x.end(); x.last != nil {
		x.settle(x.last)
	}
	if x.over() {
		x.endOpen()
	}
	res.Notes = append([]string{}, x.notes...)
	res.Findings = append([]*Finding{}, x.findings...)
	best := x.cur.cheapest()
	res.Final = x.final(best)
	x.collect(res, best)
	if before := x.wasAwake(res, x.verdict(res, best)); len(before) > 0 {
		res.Final = x.final(append(before, best...))
	}
	x.tooLittle(res)
	x.unpaired(res, best)
	return res
}

// end gives what may be so after the last record. If the end of the trace is said to be quiet, only what
// has nothing at work counts, as long as there is such an explanation.
func (x *subject) end() *set {
	end := x.closure(x.cur, false)
	if x.overflow {
		x.widen(x.last)
		return x.cur
	}
	switch {
	case x.over():
		return x.removed(end)
	case !x.quietEnd():
		return end
	}
	quiet := x.atRest(end)
	if quiet.empty() {
		x.note("%s", x.whoSaysQuiet()+" that nothing ran any more at the end, but something does in whatever way the records are explained: it was left out of account")
		return end
	}
	return quiet
}

// collect reports the record that only a removal of the processor explains, if no record of that removal
// came. That it lives again is one.
func (x *subject) collect(res *SubjectResult, best []*exp) {
	if x.over() {
		return
	}
	for _, e := range best {
		if e.owed == nil {
			return
		}
	}
	if len(best) > 0 {
		res.Findings = append(res.Findings, best[0].owed)
		sort.SliceStable(res.Findings, func(i, j int) bool { return res.Findings[i].Line < res.Findings[j].Line })
	}
}

// verdict judges the subject by its findings and by what its cheapest explanations have broken. It gives the
// judgements that are not decided.
func (x *subject) verdict(res *SubjectResult, best []*exp) uint32 {
	res.Verdict = Conforms
	if x.broke {
		res.Verdict = Violates
	}
	for _, f := range res.Findings {
		if f.Severity == Error {
			res.Verdict = Violates
		}
	}
	var some uint32
	awoke := x.took
	for _, e := range best {
		some |= e.pend
		awoke = awoke || e.awoke
	}
	if undecided := some & x.v.errors; undecided != 0 && !x.bySomeStarts(res, undecided) {
		for i, j := range x.v.judgements {
			if undecided&(1<<i) != 0 {
				x.doubt(res, x.undecided(j))
			}
		}
	}
	if awoke && !x.v.wakeups() {
		x.doubt(res, "the trace has a crash but no wakeup source and no pm_stay_awake()/pm_relax() calls: whether the pair is balanced was not recorded; record power:wakeup_source_* (or say --probes edges=on if it was on)")
	}
	if x.lost != nil {
		x.doubt(res, x.lost.loss()+": what was open then is unknown")
	}
	switch {
	case x.mixed != nil:
		x.doubt(res, fmt.Sprintf("line %d: it is registered again, and nothing shows that it was removed: two processors may bear its name, so what follows is not judged; record rproc_del or printk:console", x.mixed.Line))
	case x.adrift:
		x.doubt(res, "a kernel log alone leaves too much open to follow this processor to the end: record power:wakeup_source_*, workqueue:* and printk:console")
	}
	if at := max(x.gaveUpAt, x.unjudged); at > 0 && !x.v.logOnly() {
		x.doubt(res, fmt.Sprintf("from line %d on the records do not fit together, but what was at work when the capture began, or when records were lost, is not known", at))
	}
	if x.v.overflows > 0 {
		x.doubt(res, "too many explanations at once: some of them were dropped")
	}
	if x.ambiguous > 0 {
		x.doubt(res, fmt.Sprintf("%d records could belong to this or to another processor: say --alias, or record names", x.ambiguous))
	}
	if len(best) > 0 && best[0].cost > 0 {
		for _, n := range best[0].assumptions() {
			res.Notes = append(res.Notes, fmt.Sprintf("line %d: assumed: %s", n.line, n.text))
		}
	}
	if x.skipped > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("%d more records were refused before the processor was quiet again", x.skipped))
	}
	if n := x.v.kinds.noOff; n > 0 && x.edged {
		x.doubt(res, fmt.Sprintf("there is no wakeup_source_deactivate up to line %d, which fits only if it was not recorded: whether a wakeup source is left active is not shown; record power:wakeup_source_deactivate, or say --probes edges=on if it was", n))
	}
	x.forced(res, best)
	x.stretched(res, best)
	x.leakedBefore(res, best)
	x.begunAmid(res)
	x.lostUnseen(res)
	x.selfCheck(res)
	return some
}

// leakedBefore doubts a source that nobody will release, but of which no record shows that it was taken:
// the finding would belong to the time before the capture.
func (x *subject) leakedBefore(res *SubjectResult, best []*exp) {
	for i, j := range x.v.judgements {
		all := len(best) > 0 && j.detail == "leaked" && x.open[i] == nil && !x.leftLeaking(res)
		for _, e := range best {
			all = all && e.hold&(1<<i) != 0
		}
		if all {
			w := x.m.Wakeups[j.balance.Wakeup].Object.Name
			x.doubt(res, fmt.Sprintf("%s was active when the capture began, still is, and nobody is seen who would release it: what took it was not recorded", w))
		}
	}
}

// lostUnseen takes the verdict back if the ring buffer counted losses that no record shows: anything may
// be missing anywhere.
func (x *subject) lostUnseen(res *SubjectResult) {
	if d := x.v.desc; d == nil || d.lost == 0 || x.v.lost != nil {
		return
	}
	x.doubt(res, fmt.Sprintf("the capture says that %d records were lost, but not where: what is missing may explain everything; raise the buffer size", x.v.desc.lost))
	res.Verdict = Inconclusive
}

// bySomeStarts tells whether what is undecided hangs on nothing but the state in which the capture began,
// and then names the states that the verdict does not cover.
func (x *subject) bySomeStarts(res *SubjectResult, undecided uint32) bool {
	_, broken, ok := x.byStart(undecided)
	if !ok {
		return false
	}
	var names []string
	for i, j := range x.v.judgements {
		if undecided&(1<<i) != 0 {
			names = append(names, j.name())
		}
	}
	res.Notes = append(res.Notes, fmt.Sprintf("nothing in the trace shows the state before line %d; had the processor been in %s, then %s would not hold",
		x.log[0].Line, strings.Join(x.starts(broken), " or "), strings.Join(names, " and ")))
	return true
}

// starts words the variables of starts: those that differ in one number only are told together.
func (x *subject) starts(es []*exp) []string {
	var order []string
	numbers := map[string][]int{}
	for _, e := range es {
		words, n, numeric := x.wordStart(e)
		if _, seen := numbers[words]; !seen {
			order = append(order, words)
			numbers[words] = nil
		}
		if numeric && !slices.Contains(numbers[words], n) {
			numbers[words] = append(numbers[words], n)
		}
	}
	for i, words := range order {
		order[i] = strings.ReplaceAll(words, numberMark, wordNumbers(numbers[words]))
	}
	const most = 4
	if len(order) > most {
		order = append(order[:most], fmt.Sprintf("%d more states", len(order)-most))
	}
	return order
}

// numberMark stands for a number that several starts differ in.
const numberMark = "\x00"

// wordStart words one start, with a mark in place of its last number.
func (x *subject) wordStart(e *exp) (words string, n int, numeric bool) {
	var parts []string
	for g, gl := range x.m.Globals {
		if !x.v.judged[g] || gl.Kind != machine.VarGlobal {
			continue
		}
		text := x.show(g, e.s[g])
		if gl.Object.Type.Kind == check.IntType && e.s[g] != machine.Open && !numeric {
			text, n, numeric = numberMark, int(e.s[g]), true
		}
		parts = append(parts, gl.Name()+" = "+text)
	}
	return strings.Join(parts, ", "), n, numeric
}

// wordNumbers words a set of numbers, such as "-3 to 0".
func wordNumbers(ns []int) string {
	slices.Sort(ns)
	if n := len(ns); n > 2 && ns[n-1]-ns[0] == n-1 {
		return fmt.Sprintf("%d to %d", ns[0], ns[n-1])
	}
	var texts []string
	for _, n := range ns {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, " or ")
}

// doubt gives a reason for an inconclusive verdict; a violation stays one.
func (x *subject) doubt(res *SubjectResult, reason string) {
	res.Reasons = append(res.Reasons, reason)
	if res.Verdict == Conforms {
		res.Verdict = Inconclusive
	}
}

// undecided words that the records can be explained with j broken and without, and what would decide.
func (x *subject) undecided(j *judgement) string {
	missing := ""
	if j.balance != nil {
		k := x.v.kinds
		switch {
		case !k.use("edge on").on():
			missing = "no wakeup_source event is in the trace, so it does not show whether the device has a wakeup source: record power:wakeup_source_*, or say --probes edges=on if it was recorded"
		case !k.use("end").on():
			missing = "the end of the handler was not recorded: record workqueue:workqueue_execute_end or a return probe on it, or say --quiet if nothing ran any more at the end"
		default:
			missing = "the trace ends before it is decided: --quiet says that nothing ran any more"
		}
	}
	if missing == "" {
		missing = "the trace ends before it is decided"
	}
	return fmt.Sprintf("not decided: %s; %s", x.asks(j), missing)
}

// asks words what judgement j is about as a question.
func (x *subject) asks(j *judgement) string {
	switch {
	case j.balance != nil:
		return fmt.Sprintf("whether the wakeup source (%s) is left active", j.balance.Decl.Wakeup.Name)
	case j.trans != nil:
		return fmt.Sprintf("whether %s changed in a way that it must not", j.detail)
	}
	if doc := firstSentence(j.prop.Decl.Doc); doc != "" {
		return fmt.Sprintf("whether %s holds (%s)", j.detail, lowerFirst(doc))
	}
	return fmt.Sprintf("whether %s holds", j.detail)
}

// unpaired tells of calls that do not pair although the source is as it should be: it is a flag.
func (x *subject) unpaired(res *SubjectResult, best []*exp) {
	if x.stays == x.relaxes || x.destroyed(best) || x.leaking() || x.lost != nil || x.last == nil || len(x.m.Wakeups) == 0 {
		return
	}
	if res.Final[x.m.Wakeups[0].Object.Name] != false {
		return
	}
	res.Findings = append(res.Findings, &Finding{
		Kind: Unbalanced, Detail: "unpaired", Severity: Note, Line: x.last.Line, Task: x.last.task(), ns: x.last.Time,
		Assumed: []string{}, Related: []Related{},
		Message: fmt.Sprintf("%s: %d pm_stay_awake() and %d pm_relax() calls; the wakeup source is a flag and ends inactive, so this is no fault", x.title(), x.stays, x.relaxes),
	})
}

// destroyed tells whether the wakeup sources were destroyed: then they ended inactive whatever was called.
func (x *subject) destroyed(best []*exp) bool {
	return x.m.Ended >= 0 && len(best) > 0 && best[0].s[x.m.Ended] == 1
}

// leftLeaking tells whether a leak lasted to the end of a life.
func (x *subject) leftLeaking(res *SubjectResult) bool {
	return x.over() && slices.ContainsFunc(res.Findings, func(f *Finding) bool {
		return f.Detail == "leaked" && f.Until != nil && *f.Until == x.to
	})
}

func (x *subject) leaking() bool {
	for i := range x.open {
		if x.v.judgements[i].detail == "leaked" {
			return true
		}
	}
	return false
}
