package validate

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// sensible tells whether a state can be: a wakeup source that is not there is not active.
func (x *subject) sensible(s machine.State) bool {
	for _, w := range x.m.Wakeups {
		if v := s[w.Global]; v != 0 && v != machine.Open && x.m.HasSource(w, s) == 0 {
			return false
		}
	}
	return true
}

// findAnswering finds the bodies of work items that answer for a wakeup source.
func (v *Validator) findAnswering() {
	for _, j := range v.judgements {
		if j.balance == nil {
			continue
		}
		for _, i := range j.balance.Works {
			for _, p := range v.m.Procs {
				if p.Work == i {
					v.answers[p] = true
				}
			}
		}
	}
}

// awakeBefore explains the trace from starts that are healthy but for one thing: wakeup sources are active, and
// nobody is left who would release them, as an earlier leak leaves it. A trace without an edge of the source often
// fits that, too: a kernel records no edge for a source that is active already. It gives what explains the whole
// trace then. ok is false if there is no telling.
func (x *subject) awakeBefore() (ends []*exp, ok bool) {
	if len(x.m.Wakeups) == 0 || x.tier != healthy {
		return nil, true
	}
	if x.log == nil || len(x.log) == maxLog {
		return nil, x.edged
	}
	y := x.afresh()
	for _, e := range x.start(quiet).list {
		if y.wake(e.s); y.sensible(e.s) {
			e.hold = y.judge(e.s)
			y.cur.add(e)
		}
	}
	switch alive, ok := y.rerunLog(x.log); {
	case alive:
		return y.end().cheapest(), !y.adrift
	case x.edged:
		return nil, ok
	}
	y = x.afresh() // does it fail because of the source?
	y.cur = x.start(healthy)
	alive, ok := y.rerunLog(x.log)
	return nil, alive && ok
}

// wake makes the wakeup sources active that nothing says not to be there.
func (x *subject) wake(s machine.State) {
	for _, w := range x.m.Wakeups {
		if s[w.Global] = 0; x.m.HasSource(w, s) != 0 {
			s[w.Global] = 1
		}
	}
}

// afresh gives a subject to explain the same records with.
func (x *subject) afresh() *subject {
	y := &subject{v: x.v, m: x.m, id: x.id, seenCtx: map[int]bool{}, own: x.own}
	y.cur = newSet(x.m)
	return y
}

// rerunLog explains records without repairs and rejections, as far as that goes.
func (x *subject) rerunLog(log []*rec) (alive, ok bool) {
	for _, r := range log {
		x.line = r.Line
		if r.Kind == traces.Mark {
			x.cur = agreeing(x, x.moments(x.cur, r), r)
		} else {
			x.last = r
			x.cur = x.matchSet(x.closure(x.cur, true), r, false)
			x.seenCtx[r.ctx] = true
		}
		if x.cur.empty() || x.overflow {
			return false, !x.overflow
		}
	}
	return true, true
}

// wasAwake doubts a verdict that hangs on the wakeup source having been inactive when the capture began, and gives
// the explanations for which it was not. asked are judgements that are undecided anyway.
func (x *subject) wasAwake(res *SubjectResult, asked uint32) []*exp {
	ends, ok := x.awakeBefore()
	if !ok {
		x.forgetSources(res)
		return nil
	}
	for i, j := range x.v.judgements {
		if j.detail != "leaked" || asked&(1<<i) != 0 {
			continue
		}
		for _, e := range ends {
			if e.pend&(1<<i) != 0 {
				x.doubt(res, x.maybeAwake(j))
				break
			}
		}
	}
	return ends
}

// forgetSources takes back what was told of wakeup sources at the end.
func (x *subject) forgetSources(res *SubjectResult) {
	for _, w := range x.m.Wakeups {
		res.Final[w.Object.Name] = "unknown"
	}
}

// maybeAwake words that it is not known whether a source was left active by an earlier leak, and what would tell.
func (x *subject) maybeAwake(j *judgement) string {
	w := j.balance.Decl.Wakeup.Name
	tells := "record power:wakeup_source_* from before the crash on"
	if x.v.kinds.use("edge on").on() {
		tells = "no event of it was recorded, so it was active already or there is none: /sys/kernel/debug/wakeup_sources tells, and so does a capture by rprocspec"
		if len(x.m.Info.Devices) > 0 {
			tells += "; a device constant can be given with --feature"
		}
	}
	return fmt.Sprintf("not decided: whether the wakeup source (%s) is left active; had it been active when the capture began, as after an earlier leak, it would still be; %s", w, tells)
}

// stretched doubts a verdict that rests on more than a few assumptions, or on one where a wakeup source is active in the
// end: what would release it may have been assumed as well. A spec that is not the kernel's is explained in this way.
func (x *subject) stretched(res *SubjectResult, best []*exp) {
	if len(best) == 0 || best[0].cost == 0 {
		return
	}
	for _, w := range x.m.Wakeups {
		if res.Final[w.Object.Name] != false && x.edged {
			x.doubt(res, fmt.Sprintf("whether the wakeup source (%s) is left active rests on what was assumed, and not on records: the notes tell, --verbose tells all", w.Object.Name))
			return
		}
	}
	if n := best[0].cost; n >= manyAssumptions && n*recordsEach > x.records {
		x.doubt(res, fmt.Sprintf("this is explained only by assuming %d things that no record shows: --verbose tells them; most likely the spec is not that of this kernel, or records are missing", n))
	}
}

// From manyAssumptions on a verdict is in doubt, if there is more than one in recordsEach records.
const (
	manyAssumptions = 3
	recordsEach     = 100
)

// unrecordedOff takes back that wakeup_source_deactivate was recorded, which nothing but wakeup_source_activate spoke
// for, if r fits then: a trace without one of them is told from a kernel that never lets go by nothing else.
func (x *subject) unrecordedOff(r *rec) *set {
	k := x.v.kinds
	k.noOff = r.Line
	k.gen++
	next := x.matchSet(x.closure(x.cur, true), r, false)
	if next.empty() || x.overflow {
		k.noOff, x.overflow = 0, false
		k.gen++
		return newSet(x.m)
	}
	return next
}

// begunAmid doubts the verdict of a trace that begins while unseen activations are at work, and in which the wakeup
// source is not known to be inactive in the end: who would release it may have gone on before.
func (x *subject) begunAmid(res *SubjectResult) {
	for _, w := range x.m.Wakeups {
		if x.tier == unknown && len(res.Reasons) == 0 && res.Final[w.Object.Name] != false {
			x.doubt(res, fmt.Sprintf("the capture began in the middle of things, and whether the wakeup source (%s) is left active hangs on what came before: begin earlier, or before the processor is booted", w.Object.Name))
			return
		}
	}
}

// tooLittle doubts the verdict about a processor of which so little was recorded that nothing is known in the end.
func (x *subject) tooLittle(res *SubjectResult) {
	if len(res.Reasons) > 0 || x.over() || x.records == 0 || len(x.m.Trans)+len(x.m.Wakeups) == 0 {
		return
	}
	for _, t := range x.m.Trans {
		if res.Final[x.m.Globals[t.Global].Name()] != "unknown" {
			return
		}
	}
	for _, w := range x.m.Wakeups {
		if res.Final[w.Object.Name] != "unknown" {
			return
		}
	}
	x.doubt(res, "too little was recorded of it: neither its state nor its wakeup source is known in the end")
}

// forced doubts a verdict that rests on assumptions under features that were given from outside, where others
// explain the trace without any.
func (x *subject) forced(res *SubjectResult, best []*exp) {
	if len(best) == 0 || best[0].cost == 0 {
		return
	}
	with := x.blame()
	if with == "" {
		return
	}
	var assumed []string
	for _, n := range best[0].assumptions() {
		assumed = append(assumed, fmt.Sprintf("line %d: %s", n.line, n.text))
	}
	x.doubt(res, fmt.Sprintf("with %s this is explained only by assuming more than was recorded (%s); with %s nothing has to be assumed: most likely it is another kernel",
		x.v.excluder(), strings.Join(assumed, "; "), with))
}
