package validate

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// SelfCheck is a disagreement between what the trace explains and what the device itself reported. One of
// them is wrong, so there is no verdict.
type SelfCheck struct {
	Name   string `json:"name"`   // the variable or wakeup source, or activations
	Trace  any    `json:"trace"`  // as the trace explains it
	Device any    `json:"device"` // as the device reported it
	Line   int    `json:"line"`   // of the mark
}

// witness takes notice of what the device says of its state. It was read at some moment since the mark
// that begins the section; if anything of the subject was recorded since, there is no telling which of
// the states it was.
func (x *subject) witness(r *rec) {
	x.flush()
	x.endTrial()
	x.countActivations(r)
	if x.adrift || len(r.truth) == 0 || x.busySince(r) {
		return
	}
	x.line = r.Line
	if x.last == nil && (x.began.line == 0 || x.began == r.since) {
		x.began = r.since
		x.beginAs(r)
	}
	all := x.moments(x.cur, r)
	if x.overflow {
		x.overflow = false // too much is possible to be contradicted
		return
	}
	if x.midlife {
		x.believe(all, r)
		return
	}
	if x.checkSelf(all, r) {
		return
	}
	x.question(r)
	x.past = nil // what was unseen before is in question no more
	x.cur = agreeing(x, all, r)
	x.learn(r)
	x.settle(r)
}

// busySince tells whether anything of the subject was recorded since the section began in which r was read.
func (x *subject) busySince(r *rec) bool { return x.last != nil && r.since.before(x.last) }

// moments gives every state of the time in which the device was read.
func (x *subject) moments(cur *set, r *rec) *set {
	all := x.closure(cur, false)
	if !r.rest {
		return all
	}
	if quiet := x.atRest(all); !quiet.empty() {
		return quiet
	}
	return all
}

// atRest keeps the explanations in which nothing is at work; of work items of which nothing was known, that is
// known then.
func (x *subject) atRest(in *set) *set {
	out := newSet(x.m)
next:
	for _, e := range in.list {
		n := e.fork()
		for _, w := range x.m.Works {
			for _, g := range []int{w.Pending, w.Running} {
				if n.s[g] == machine.Open {
					n.s[g] = 0
				}
			}
			if n.s[w.Pending] != 0 {
				continue next
			}
		}
		if len(n.s) == x.m.NumGlobals {
			n.hold = x.judge(n.s)
			out.add(n)
		}
	}
	return out
}

// beginAs chooses the least assumption about the start that allows what the device said before anything
// happened.
func (x *subject) beginAs(r *rec) {
	was := x.tier
	for x.tier < unknown && !x.overflow && agreeing(x, x.moments(x.cur, r), r).empty() {
		x.begins(x.tier + 1)
		x.replay(x.history)
	}
	if x.tier != was {
		x.note("line %d: the capture began in the middle of things: the device reports a state that nothing healthy leaves behind", r.Line)
	}
}

// believe is for a time in which activations that nobody has seen may be at work: what the device says is
// then the only thing known for sure.
func (x *subject) believe(all *set, r *rec) {
	next := agreeing(x, all, r)
	if next.empty() {
		x.unknownFrom()
		next = agreeing(x, x.moments(x.cur, r), r)
	}
	if next.empty() {
		x.contradicted(x.agreed(all.cheapest()), r)
		return
	}
	x.cur, x.log, x.whole, x.history, x.past = next, nil, false, nil, nil
}

// agreeing keeps the explanations that allow what the device says, which is then known in them.
func agreeing(x *subject, in *set, r *rec) *set {
	out := newSet(x.m)
next:
	for _, e := range in.list {
		n := e.fork()
		for _, t := range r.truth {
			if n.s[t.global] != machine.Open && n.s[t.global] != t.val {
				continue next
			}
			n.s[t.global] = t.val
		}
		if !x.sensible(n.s) {
			continue
		}
		n.hold = x.judge(n.s)
		out.add(n)
	}
	return out
}

// checkSelf compares what the cheapest explanations agree on with what the device says, and tells whether
// they contradict each other.
func (x *subject) checkSelf(all *set, r *rec) bool {
	known := x.agreed(all.cheapest())
	n := len(x.selfChecks)
	for _, t := range r.truth {
		name := x.m.Globals[t.global].Name()
		if is := x.plain(t.global, t.val); known[name] != "unknown" && known[name] != is {
			x.selfChecks = append(x.selfChecks, SelfCheck{Name: name, Trace: known[name], Device: is, Line: r.Line})
		}
	}
	if len(x.selfChecks) > n {
		return true
	}
	if !agreeing(x, all, r).empty() {
		return false
	}
	x.contradicted(known, r)
	return true
}

// contradicted notes that nothing which explains the trace allows what the device says.
func (x *subject) contradicted(known map[string]any, r *rec) {
	for _, t := range r.truth {
		name := x.m.Globals[t.global].Name()
		x.selfChecks = append(x.selfChecks, SelfCheck{Name: name, Trace: known[name], Device: x.plain(t.global, t.val), Line: r.Line})
	}
}

// countActivations compares how often the wakeup source became active, as the device counts it, with the
// records of that.
func (x *subject) countActivations(r *rec) {
	if r.activations < 0 {
		return
	}
	if !x.counted {
		x.counted, x.base = true, r.activations-x.ons
	}
	if seen := x.base + x.ons; seen != r.activations && !x.busySince(r) && x.lost == nil && x.v.kinds.use("edge on").on() {
		x.selfChecks = append(x.selfChecks, SelfCheck{Name: "activations", Trace: x.ons, Device: r.activations - x.base, Line: r.Line})
		x.base = r.activations - x.ons
	}
}

// selfCheck words the disagreements as reasons, and takes the verdict back.
func (x *subject) selfCheck(res *SubjectResult) {
	res.SelfCheck = append([]SelfCheck{}, x.selfChecks...)
	for _, c := range x.selfChecks {
		res.Verdict = Inconclusive
		trace := fmt.Sprintf("the trace explains %s = %v", c.Name, c.Trace)
		if c.Trace == "unknown" {
			trace = fmt.Sprintf("nothing that explains the trace allows what the device says of %s", c.Name)
		}
		res.Reasons = append(res.Reasons, fmt.Sprintf("self-check: %s, but the device itself reported %v (line %d): records are missing, the spec is not that of this kernel, or this tool is wrong",
			trace, c.Device, c.Line))
	}
}
