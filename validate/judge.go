package validate

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// judgement is one thing that an explanation can break; its number is a bit of exp.pend and exp.hold.
type judgement struct {
	kind     FindingKind
	detail   string
	severity Severity
	balance  *machine.Balance
	prop     *machine.Property
	trans    *machine.Transitions
}

// name names the judgement in a sentence.
func (j *judgement) name() string {
	switch {
	case j.balance != nil:
		return "balance of " + j.balance.Decl.Wakeup.Name
	case j.trans != nil:
		return "transitions of " + j.detail
	}
	return j.detail
}

// maxJudgements is how many bits there are.
const maxJudgements = 32

// judgements lists what the spec judges, leaks first.
func judgements(m *machine.Machine) []*judgement {
	var js []*judgement
	for _, b := range m.Balances {
		sev := Error
		if b.Decl.Warning {
			sev = Warning
		}
		js = append(js, &judgement{kind: Unbalanced, detail: "leaked", severity: sev, balance: b},
			&judgement{kind: Unbalanced, detail: "premature", severity: Warning, balance: b})
	}
	for _, p := range m.Props {
		if p.Decl.Kind != lang.Invariant {
			continue
		}
		sev := Error
		if p.Decl.Warning {
			sev = Warning
		}
		js = append(js, &judgement{kind: BadInvariant, detail: p.Decl.Name.Name, severity: sev, prop: p})
	}
	for _, t := range m.Trans {
		js = append(js, &judgement{kind: BadTransition, detail: t.Object.Name, severity: Error, trans: t},
			&judgement{kind: BadTransition, detail: t.Object.Name, severity: Warning, trans: t})
	}
	return js
}

// judge gives the bits of what is broken in s.
func (x *subject) judge(s machine.State) uint32 {
	var bits uint32
	for i, j := range x.v.judgements {
		broken := false
		switch {
		case j.balance != nil && j.detail == "leaked":
			broken = x.m.Leaked(j.balance, s)
		case j.balance != nil:
			broken = x.m.Premature(j.balance, s)
		case j.prop != nil:
			broken = j.prop.Cond.Holds(s, nil) == 0
		}
		if broken {
			bits |= 1 << i
		}
	}
	return bits
}

// rejudge judges the step from e to n at node.
func (x *subject) rejudge(e, n *exp, node *machine.Node) {
	n.hold = x.judge(n.s)
	fresh := n.hold &^ e.hold
	for i, j := range x.v.judgements {
		if j.trans == nil {
			continue
		}
		p := j.trans.Check(e.s[j.trans.Global], n.s[j.trans.Global], n.s)
		if p == machine.Forbidden && j.severity == Error || p == machine.Warned && j.severity == Warning {
			fresh |= 1 << i
		}
	}
	if fresh != 0 {
		n.pend |= fresh
		n.at = node
		n.line = x.line
	}
}

// settle reports what every explanation has broken by now, and ends findings that no longer hold.
func (x *subject) settle(r *rec) {
	if x.cur.empty() {
		return
	}
	if r != nil {
		x.follow(r)
	}
	all := ^uint32(0)
	line := 0
	for _, e := range x.cur.list {
		all &= e.pend
		line = max(line, e.line)
	}
	if r != nil {
		x.close(r)
	}
	if all == 0 {
		return
	}
	if n := len(x.past); n > 0 {
		x.past[n-1].settled |= all
	}
	for i, j := range x.v.judgements {
		if all&(1<<i) != 0 {
			x.found(i, j, r, line)
		}
	}
	old := x.cur
	x.cur = newSet(x.m)
	for _, e := range old.list {
		e.pend &^= all
		x.cur.add(e)
	}
}

// close ends the findings whose matter is over in every explanation: the source let go of, the
// invariant restored.
func (x *subject) close(r *rec) {
	for i, f := range x.open {
		j := x.v.judgements[i]
		over := true
		for _, e := range x.cur.list {
			if j.detail == "leaked" {
				over = over && e.s[x.m.Wakeups[j.balance.Wakeup].Global] == 0
			} else {
				over = over && e.hold&(1<<i) == 0
			}
		}
		if over {
			line := r.Line
			f.Until = &line
			delete(x.open, i)
		}
	}
}

// found makes the finding of judgement i.
func (x *subject) found(i int, j *judgement, r *rec, line int) {
	if (x.midlife || x.v.logOnly()) && j.detail != "leaked" {
		if j.severity == Error && x.unjudged == 0 {
			x.unjudged = max(line, 1)
		}
		return
	}
	if old := x.open[i]; old != nil && j.trans == nil {
		x.again(old, r, line)
		return
	}
	f := &Finding{Kind: j.kind, Detail: j.detail, Severity: j.severity, Line: line, Assumed: []string{}, Related: []Related{}, ns: traces.NoTime}
	if r != nil {
		f.Line, f.Task, f.ns = r.Line, r.task(), r.Time
	}
	e := x.cur.cheapest()[0]
	x.explain(f, j, e)
	for _, n := range e.assumptions() {
		f.Assumed = append(f.Assumed, fmt.Sprintf("line %d: %s", n.line, n.text))
	}
	x.findings = append(x.findings, f)
	if j.trans == nil {
		x.open[i] = f
	}
}

// again notes that an open finding happened once more.
func (x *subject) again(f *Finding, r *rec, line int) {
	if r != nil {
		line = r.Line
	}
	const most = 5
	if len(f.Related) < most {
		f.Related = append(f.Related, Related{Line: line, Message: "again, while it was still so"})
	}
}

// explain words the finding of judgement j in explanation e.
func (x *subject) explain(f *Finding, j *judgement, e *exp) {
	switch {
	case j.detail == "leaked":
		x.explainLeak(f, j, e)
	case j.balance != nil:
		w := x.m.Wakeups[j.balance.Wakeup].Object.Name
		work := x.m.Works[j.balance.Works[0]].Object.Name
		f.Message = fmt.Sprintf("%s: %s was released while another report is queued: the wakeup source is inactive with %s pending, the system may suspend over an unhandled crash",
			x.title(), w, work)
		if x.drop.line > 0 {
			f.Related = append(f.Related, Related{x.drop.line, fmt.Sprintf("released here by %s in %s", x.drop.fn, x.drop.task)})
		}
		if x.queued.line > 0 {
			f.Related = append(f.Related, Related{x.queued.line, fmt.Sprintf("%s queued here by %s in %s", work, x.queued.fn, x.queued.task)})
		}
	case j.prop != nil:
		f.Message = fmt.Sprintf("%s breaks %s", x.title(), j.detail)
		if doc := firstSentence(j.prop.Decl.Doc); doc != "" {
			f.Message += fmt.Sprintf(" (%s)", lowerFirst(doc))
		}
		if vs := x.values(j.prop.Cond); vs != "" {
			f.Message += ": " + vs
		}
		f.Message += "; " + lang.ExprString(j.prop.Decl.Expr) + " does not hold"
	case j.trans != nil:
		g := j.trans.Global
		f.Message = fmt.Sprintf("%s: illegal transition of %s to %s", x.title(), j.detail, x.show(g, e.s[g]))
		if j.severity == Warning {
			f.Message = fmt.Sprintf("%s: unusual transition of %s to %s", x.title(), j.detail, x.show(g, e.s[g]))
		}
		if e.at != nil {
			f.Message += fmt.Sprintf(" by %s (%s)", e.at.Func.Name, shortPos(e.at.Span.Start))
		}
	}
}

// explainLeak tells who took the source, who was last responsible, where it was dropped, and what is
// missing.
func (x *subject) explainLeak(f *Finding, j *judgement, e *exp) {
	f.Message = x.title() + " is left awake: "
	if x.take1.line > 0 {
		f.Message += fmt.Sprintf("the pm_stay_awake() at line %d (%s in %s) has no pm_relax()", x.take1.line, x.take1.fn, x.take1.task)
		f.Related = append(f.Related, Related{x.take1.line, fmt.Sprintf("pm_stay_awake() by %s in %s", x.take1.fn, x.take1.task)})
	} else {
		f.Message += fmt.Sprintf("%s is active and nobody will call pm_relax()", j.balance.Decl.Wakeup.Name)
	}
	if e.at != nil {
		f.Message += fmt.Sprintf("; %s, the last that had to call it, went on without at %s", e.at.Root.Name, shortPos(e.at.Span.Start))
	}
	f.Message += "; the device cannot suspend until a later crash is recovered"
	if x.queued.line > 0 && x.queued.line >= x.take1.line {
		f.Related = append(f.Related, Related{x.queued.line, fmt.Sprintf("handed over here to %s", x.m.Works[j.balance.Works[0]].Proc.Name)})
	}
	if x.v.kinds.assumesRelax() && !x.v.kinds.use("edge on").on() {
		f.Assumed = append(f.Assumed, "pm_relax() was recorded, as pm_stay_awake() was (--probes calls=on settles it)")
	}
	if x.v.kinds.assumesOff() {
		f.Assumed = append(f.Assumed, assumedOff)
	}
}

// mention is a place to name in a finding.
type mention struct {
	line     int
	fn, task string
}

// remember keeps the places that findings name.
func (x *subject) remember(r *rec) {
	at := mention{r.Line, "", r.task()}
	if at.task == "" {
		at.task = "a task that the log does not name"
	}
	for _, e := range x.cur.list {
		if off := x.frameOf(e.s, r.ctx); off >= 0 {
			at.fn = x.m.Nodes[e.s[off+machine.FramePC]].Root.Name
			break
		}
	}
	if at.fn == "" {
		at.fn = x.lastFn[r.ctx]
	}
	x.lastFn[r.ctx] = at.fn
	if r.Kind == traces.EdgeOn {
		x.ons++
	}
	switch r.call {
	case "pm_stay_awake":
		x.stays++
	case "pm_relax":
		x.relaxes++
	}
	switch {
	case r.Kind == traces.EdgeOn, r.call == "pm_stay_awake" && x.vis().on != mustShow:
		x.take1 = at
	case r.Kind == traces.EdgeOff:
		x.drop = at
	case r.Kind == traces.Queue:
		x.queued = at
	}
}
