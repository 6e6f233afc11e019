package validate

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// Lives
//
// A processor that is removed and bound again is another one that bears the same names. What registers it, a
// process with `begins`, ends the life before: that is judged as a trace is at its end, and the next life
// begins as the specification says that a subject begins. That rests on having seen the removal. Where a
// registration is all that there is, the line may be a repeated one, the name may be that of two
// processors, or records may be missing: then the next life begins with nothing known.

// living gives the life of x that r belongs to: the next one where r begins it, nil where r comes from one that
// is over.
func (v *Validator) living(x *subject, r *rec) *subject {
	for _, i := range r.displaces {
		before := v.subject(i.root())
		if !before.over() {
			before.endLife(r)
		}
		x.follows(before, r)
	}
	if v.births(r) && !x.over() {
		x.flush()
		if x.repeats(r) {
			v.counts.Skipped++
			return nil
		}
		x = x.born(r)
	}
	if x.over() {
		v.counts.Skipped++
		v.noteOnce(fmt.Sprintf("over %s %d", x.title(), x.to), fmt.Sprintf("line %d: %s comes from %s, whose name another processor has since line %d; such records are not judged",
			r.Line, r.what(), x.title(), x.to))
		return nil
	}
	if v.removes(r) {
		x.gone = r
	}
	return x
}

// follows lets a subject of which nothing was seen begin where another one ends that bore one of its names.
func (x *subject) follows(before *subject, r *rec) {
	x.from = r.Line
	if x.last == nil && before.gone != nil {
		x.holds = x.holds || !before.letGo()
		x.begins(born)
	}
}

// over tells whether another life has begun under the names of the subject.
func (x *subject) over() bool { return x.to > 0 }

// repeats tells whether r is the line of the registration once more, as where a log was pasted or printed twice.
func (x *subject) repeats(r *rec) bool {
	was := x.birth
	return r.Kind == traces.Log && was != nil && was == x.last && was.Text == r.Text && was.Time == r.Time
}

// born gives the life that a registration belongs to.
func (x *subject) born(r *rec) *subject {
	lived := x.last != nil || x.began.line > 0 || x.gone != nil
	said := r.Kind == traces.Log && x.birth != nil && x.birth.Kind == traces.Enter && x.gone == nil
	if !lived || said { // the first life, or the line of this one
		x.birth = r
		return x
	}
	return x.successor(r)
}

// successor ends the life of x and begins the next one.
func (x *subject) successor(r *rec) *subject {
	x.endLife(r)
	y := newSubject(x.v, x.id.root())
	y.birth, y.from = r, r.Line
	y.holds = !x.letGo()
	x.id.root().sub = y
	x.v.subjects = append(x.v.subjects, y)
	why := ""
	switch {
	case x.gone == nil && r.Kind == traces.Enter && !r.announced:
		y.adrift, y.mixed = true, r
	case x.gone == nil:
		why = "it is registered again, and nothing shows that it was removed"
	case !x.canRest():
		why = "it is registered again, and something of the life before may still be at work"
	}
	if why == "" {
		y.begins(born)
	} else {
		y.lost = r.doubt(why)
		y.begins(unknown)
	}
	x.v.forgetLives()
	return y
}

// canRest tells whether all that was seen allows that nothing of the subject is at work any more. A removal that has come to where
// the wakeup source is destroyed is one of a driver that does not do that.
func (x *subject) canRest() bool {
	return (!x.midlife || x.v.logOnly()) && slices.ContainsFunc(x.cur.list, func(e *exp) bool {
		for _, w := range x.m.Works {
			if p := e.s[w.Pending]; p != 0 && p != machine.Open {
				return false
			}
		}
		return x.frames(e, func(n *machine.Node) bool { return n.Kind == machine.Destroy })
	})
}

// frames tells whether all activations are at nodes that are so.
func (x *subject) frames(e *exp, so func(*machine.Node) bool) bool {
	for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
		if !so(x.m.Nodes[e.s[off+machine.FramePC]]) {
			return false
		}
	}
	return true
}

// doubt makes a loss of what is known at r.
func (r *rec) doubt(why string) *rec {
	return &rec{Record: &traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: r.Time, Line: r.Line,
		Reason: fmt.Sprintf("line %d: %s", r.Line, why),
	}, work: -1, said: true}
}

// endLife judges the subject as at the end of a trace: r is of the next one.
func (x *subject) endLife(r *rec) {
	x.flush()
	x.endTrial()
	x.to = r.Line
	if x.cur = x.end(); x.last != nil {
		x.settle(x.last)
	}
	x.endOpen()
	x.past, x.history, x.whole = nil, nil, false
	x.story.Again(r.Line)
}

// endOpen ends the findings that last: with the subject, what it was about is gone.
func (x *subject) endOpen() {
	for i, f := range x.open {
		line := x.to
		f.Until = &line
		delete(x.open, i)
	}
}

// removed keeps the explanations in which the removal has come to its end, which the next registration proves,
// as long as there are some.
func (x *subject) removed(in *set) *set {
	out := newSet(x.m)
	for _, e := range in.list {
		if !x.removing(e) {
			out.add(e.fork())
		}
	}
	if out.empty() {
		return in
	}
	return out
}

// final gives the state at the end. Of a life that is over, that is after its removal, of which there need not be
// a record.
func (x *subject) final(best []*exp) map[string]any {
	ended := func(e *exp) bool { return x.m.Ended < 0 || e.s[x.m.Ended] == 1 }
	if !x.over() || slices.ContainsFunc(best, func(e *exp) bool { return ended(e) || x.removing(e) }) {
		return x.agreed(best)
	}
	in := newSet(x.m)
	for _, e := range best {
		for _, p := range x.m.Procs {
			if p.Decl.Ends != nil {
				n := e.fork()
				x.place(n, p)
				in.add(n)
			}
		}
	}
	after := slices.DeleteFunc(x.closure(in, false).list, func(e *exp) bool { return !ended(e) || x.removing(e) })
	out := x.agreed(after)
	for _, gl := range x.m.Globals {
		if gl.Kind == machine.DeviceGlobal {
			out[gl.Name()] = x.agreed(best)[gl.Name()]
		}
	}
	x.overflow = false
	return out
}

// removing tells whether a process that ends the subject is at work.
func (x *subject) removing(e *exp) bool {
	return !x.frames(e, func(n *machine.Node) bool { return n.Root.Decl.Ends == nil })
}

// letGo tells whether all wakeup sources are known to be inactive. A removal destroys them in the specification;
// a driver may fail to, so only what the capture would have shown counts.
func (x *subject) letGo() bool {
	for _, e := range x.cur.list {
		if x.vis().off != mustShow && (e.awoke || x.took) {
			return false
		}
		for _, w := range x.m.Wakeups {
			if e.s[w.Global] != 0 {
				return false
			}
		}
	}
	return true
}

// bornUnseen tells whether a record that nothing explains may come from the next life: the removal is over, and
// calls of what registers it were not recorded. That its line is missing counts for less than the impossible.
func (x *subject) bornUnseen(closed *set) bool {
	if x.gone == nil || x.m.Ended < 0 {
		return false
	}
	for _, p := range x.m.Procs {
		if p.Decl.Begins != nil && x.v.shows(p) == mustShow {
			return false
		}
	}
	return slices.ContainsFunc(closed.list, func(e *exp) bool {
		return (e.s[x.m.Ended] == 1 || x.removing(e)) && x.frames(e, func(n *machine.Node) bool { return n.Root.Decl.Ends == nil || n.Kind == machine.Destroy })
	})
}

// goOn is for a next life of which neither the beginning nor anything else is known.
func (x *subject) goOn(r *rec, why string) {
	x.gone = nil
	x.lost = r.doubt(why)
	x.unknownFrom()
}

// maxLives is how many lives are listed; of more, the first and the last half.
const maxLives = 200

// unlisted counts the lives that are not listed, by their verdicts.
type unlisted struct {
	n, violate, undecided int
	from, until           int
}

// forgetLives judges a life in the middle for good where there are too many: a trace of weeks may have any
// number.
func (v *Validator) forgetLives() {
	over, at := 0, 0
	for i, x := range v.subjects {
		if !x.over() {
			continue
		}
		if over++; over == maxLives/2+1 {
			at = i
		}
	}
	if over <= maxLives {
		return
	}
	x := v.subjects[at]
	v.subjects = append(v.subjects[:at:at], v.subjects[at+1:]...)
	v.unlisted.add(x.result())
}

func (u *unlisted) add(s *SubjectResult) {
	if u.n++; u.n == 1 || s.UntilLine < u.from {
		u.from = s.UntilLine
	}
	u.until = max(u.until, s.UntilLine)
	switch s.Verdict {
	case Violates:
		u.violate++
	case Inconclusive:
		u.undecided++
	}
}

// String says what became of them.
func (u *unlisted) String() string {
	return fmt.Sprintf("%d more lives of processors, which ended in lines %d to %d, are not listed: %d of them violate the spec, %d are undecided",
		u.n, u.from, u.until, u.violate, u.undecided)
}

// overUnlisted adds what became of the lives that are not listed.
func (v *Validator) overUnlisted(res *Result) {
	switch u := &v.unlisted; {
	case u.n == 0:
		return
	case u.violate > 0:
		res.Verdict = Violates
	case u.undecided > 0 && res.Verdict == Conforms:
		res.Verdict = Inconclusive
		res.Reasons = append(res.Reasons, u.String())
		return
	}
	res.Notes = append(res.Notes, v.unlisted.String())
}
