package validate

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// repair explains a record by a process that this capture would not have shown: just before the record,
// then two of them, then one at some earlier time.
func (x *subject) repair(closed *set, r *rec) *set {
	out := newSet(x.m)
	hidden := x.closure(x.hidden(closed, r), true)
	x.matchInto(out, hidden, r)
	if out.empty() && len(hidden.list) > 0 && !x.overflow {
		x.matchInto(out, x.closure(x.hidden(hidden, r), true), r)
	}
	for i := len(x.past) - 1; i >= 0 && out.empty() && !x.overflow; i-- {
		out = x.rerun(i, r)
	}
	if x.overflow { // what was found is a part, and a part proves nothing
		return newSet(x.m)
	}
	return out
}

func (x *subject) matchInto(out, closed *set, r *rec) {
	for _, e := range closed.list {
		x.match(e, r, func(n *exp) { out.add(n) })
	}
}

// moment is a record of the recent past and the closed set that it was matched in.
type moment struct {
	closed  *set
	r       *rec
	settled uint32 // judgements that were reported at r
}

// maxPast is how many records back an unseen process is looked for.
const maxPast = 64

// pass remembers a moment, and forgets the oldest: of many, and of so many explanations that looking there
// would take too long.
func (x *subject) pass(m moment) {
	x.past = append(x.past, m)
	n := 0
	for i := len(x.past) - 1; i >= 0; i-- {
		if n += len(x.past[i].closed.list); len(x.past)-i > maxPast || n > maxSet && i < len(x.past)-1 {
			x.past = append(x.past[:0], x.past[i+1:]...)
			return
		}
	}
}

// rerun lets a process run unseen before a record of the recent past, and explains what came since.
func (x *subject) rerun(i int, r *rec) *set {
	cur := x.closure(x.hidden(x.past[i].closed, x.past[i].r), true)
	for j, m := range append(x.past[i:len(x.past):len(x.past)], moment{r: r}) {
		if j > 0 {
			cur = x.closure(cur, true)
		}
		next := newSet(x.m)
		for _, e := range cur.list {
			x.match(e, m.r, func(n *exp) {
				if x.agreesWithKnown(n) {
					n.pend &^= m.settled
					next.add(n)
				}
			})
		}
		if cur = next; cur.empty() || x.overflow {
			break
		}
	}
	return cur
}

// agreesWithKnown tells whether e has no feature value that has been refuted since.
func (x *subject) agreesWithKnown(e *exp) bool {
	for g, k := range x.v.known {
		if e.s[g] != machine.Open && e.s[g] != k.val {
			return false
		}
	}
	return true
}

// missed assumes that probes in the interrupt which r runs in were hit inside another probe: then the
// kernel drops them and counts them in kprobe_profile only.
func (x *subject) missed(closed *set, r *rec, out *set) {
	if level(r.Context) == 0 || r.ctx == 0 {
		return
	}
	for _, e := range closed.list {
		if off := x.frameOf(e.s, r.ctx); off >= 0 && level(r.Context) > 0 {
			n := e.fork()
			n.s[off+machine.FrameMark] |= markLenient
			n.assume(r.Line, fmt.Sprintf("a probe of %s was missed in interrupt context", x.m.Nodes[n.s[off+machine.FramePC]].Root.Name))
			x.rest(n, r, out)
			continue
		}
		for _, p := range x.m.Procs {
			if p.Work >= 0 || p.Sleeps || p.Decl.Unobserved || !x.vis().probe[p.Entry.ID] {
				continue
			}
			n := e.fork()
			off := x.place(n, p)
			n.s[off+machine.FrameMark] |= markLenient
			n.assume(r.Line, fmt.Sprintf("the probe on %s was missed in interrupt context", p.Name))
			x.until(n, off, r, false, func(n *exp) { out.add(n) })
		}
	}
}

// rest matches r against what e becomes silently.
func (x *subject) rest(e *exp, r *rec, out *set) {
	one := newSet(x.m)
	one.add(e)
	for _, e := range x.closure(one, true).list {
		x.match(e, r, func(n *exp) { out.add(n) })
	}
}

// hidden lets one process run that this capture would not have shown, in every explanation, up to
// where it has changed something unseen.
func (x *subject) hidden(closed *set, r *rec) *set {
	out := newSet(x.m)
	var owed *Finding
	for _, e := range closed.list {
		for _, p := range x.m.Procs {
			if p.Work >= 0 || x.v.idle[p] || x.v.wrapper[p] || !p.Decl.Unobserved && x.v.shows(p) == mustShow {
				continue
			}
			n := e.fork()
			off := x.place(n, p)
			n.s[off+machine.FrameMark] |= markHidden
			n.assume(r.Line, fmt.Sprintf("%s ran unseen before this line", p.Name))
			if p.Decl.Ends != nil && n.owed == nil {
				if owed == nil {
					owed = x.rejection(closed, r)
					owed.Assumed = append(owed.Assumed, fmt.Sprintf("%s did not run: nothing recorded it (a probe on it settles that)", p.Name))
				}
				n.owed = owed
			}
			x.alone(n, off, e.s, out)
		}
	}
	return out
}

// alone runs the activation at off by itself and silently, and adds what it became as soon as some
// variable, source or item is not as it was.
func (x *subject) alone(e *exp, off int, was machine.State, out *set) {
	x.runAlone(e, off, func(e *exp) bool {
		if !x.changed(was, e.s) {
			return false
		}
		out.add(e)
		return true
	}, func(*exp, *machine.Edge) {})
}

// changed tells whether a variable, wakeup source or work item differs; deciding what was open is no
// change.
func (x *subject) changed(was, is machine.State) bool {
	for g, gl := range x.m.Globals {
		if gl.Kind >= machine.VarGlobal && gl.Kind != machine.MutexGlobal && was[g] != machine.Open && was[g] != is[g] {
			return true
		}
	}
	return false
}

// trial is the time after a rejection in which the ways to go on are tried.
type trial struct {
	rejected *rec
	buffer   []*rec
	ways     []way
}

type way struct {
	set  *set
	note string
}

// reject reports a record that no explanation has, and tries how to go on.
func (x *subject) reject(closed *set, r *rec) {
	x.rejected++
	x.refuse(closed, r)
	if x.noisy {
		x.skipped++
	} else {
		f := x.rejection(closed, r)
		if with := x.blame(); with != "" {
			f.Message += "; it would be possible with " + with + ", which " + x.v.excluder() + " excludes"
		}
		x.findings = append(x.findings, f)
	}
	x.noisy = true
	t := &trial{rejected: r}
	t.ways = append(t.ways, way{x.without(closed, r), "it went on without the record"})
	if m := x.missing(closed, r); !m.empty() && !x.overflow {
		t.ways = append(t.ways, way{m, "it went on as if one record before it were missing"})
	}
	x.trial, x.overflow = t, false
	x.whole, x.history = false, nil
}

// without goes on as if r had not come; but what an edge says of the wakeup source is so, whoever caused it.
func (x *subject) without(closed *set, r *rec) *set {
	if r.Kind != traces.EdgeOn && r.Kind != traces.EdgeOff || len(x.m.Wakeups) != 1 {
		return closed
	}
	out := newSet(x.m)
	for _, e := range closed.list {
		n := e.fork()
		n.s[x.m.Wakeups[0].Global] = 0
		if r.Kind == traces.EdgeOn {
			n.s[x.m.Wakeups[0].Global] = 1
		}
		n.hold = x.judge(n.s)
		out.add(n)
	}
	return out
}

// missing assumes one record before r that is not in the trace.
func (x *subject) missing(closed *set, r *rec) *set {
	skipped := newSet(x.m)
	for _, e := range closed.list {
		for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
			for _, edge := range x.m.Micro[e.s[off+machine.FramePC]] {
				if n, _, variants, ok := x.step(e, off, edge); ok && variants == nil {
					skipped.add(n)
				}
			}
		}
	}
	return x.matchSet(x.closure(skipped, true), r, false)
}

// try gives a record to every way that is still open.
func (x *subject) try(r *rec, optional bool) {
	t := x.trial
	t.buffer = append(t.buffer, r)
	x.line = r.Line
	var left []way
	for _, w := range t.ways {
		closed := x.closure(w.set, true)
		next := x.matchSet(closed, r, optional)
		if next.empty() {
			next = newSet(x.m)
			x.missed(closed, r, next)
		}
		if !next.empty() && !x.overflow {
			left = append(left, way{next, w.note})
		}
		x.overflow = false
	}
	t.ways = left
	if len(left) == 0 || len(t.buffer) >= trialLen {
		x.endTrial()
	}
}

// endTrial goes on with the first way that is left, or from an unknown state.
func (x *subject) endTrial() {
	t := x.trial
	if t == nil {
		return
	}
	x.trial = nil
	if len(t.ways) > 0 {
		x.cur = t.ways[0].set
		last := t.rejected
		if n := len(t.buffer); n > 0 {
			last = t.buffer[n-1]
		}
		for _, r := range append([]*rec{t.rejected}, t.buffer...) {
			x.seenCtx[r.ctx] = true
		}
		x.advance(x.cur, last)
		return
	}
	x.unknownFrom()
	for _, r := range append([]*rec{t.rejected}, t.buffer...) {
		x.line = r.Line
		if x.trial != nil {
			x.try(r, false)
			continue
		}
		next := x.matchSet(x.closure(x.cur, true), r, false)
		if next.empty() {
			x.begins(unknown)
			continue
		}
		x.cur = next
		x.advance(next, r)
	}
}

// rejection words the finding: the record, and what was possible instead.
func (x *subject) rejection(closed *set, r *rec) *Finding {
	f := &Finding{
		Kind: Rejected, Detail: r.fn, Severity: Error, Line: r.Line, Task: r.task(), ns: r.Time,
		Assumed: []string{}, Related: []Related{},
	}
	if r.Kind == traces.Log || f.Detail == "" {
		f.Detail = r.what()
	}
	f.Message = fmt.Sprintf("%s: %s is not possible here", x.title(), r.what())
	if why := x.refusal(closed, r); why != "" {
		f.Message += ": " + why
	}
	if next := x.expected(closed, r); len(next) > 0 {
		f.Message += "; possible instead: " + strings.Join(next, ", or ")
	}
	if x.v.kinds.assumesOff() && strings.Contains(f.Message, "; possible instead: ") && strings.Contains(f.Message, "wakeup_source_deactivate") {
		f.Assumed = append(f.Assumed, assumedOff)
	}
	if known := x.knownValues(closed.cheapest()); len(known) > 0 {
		f.Message += "; known before it: " + strings.Join(known, ", ")
	}
	return f
}

// knownValues words what all of es agree on: variables with transitions and wakeup sources first, then
// other variables, then what is constant.
func (x *subject) knownValues(es []*exp) []string {
	agreed := x.agreed(es)
	var order [3][]string
	for g, gl := range x.m.Globals {
		v, ok := agreed[gl.Name()]
		if !ok || v == "unknown" {
			continue
		}
		i := 0
		switch {
		case gl.Kind == machine.DeviceGlobal:
			i = 2
		case gl.Kind == machine.VarGlobal && !x.v.changes(g):
			i = 1
		}
		order[i] = append(order[i], fmt.Sprintf("%s = %v", gl.Name(), v))
	}
	return slices.Concat(order[0], order[1], order[2])
}

// changes tells whether the spec says how the variable may change.
func (v *Validator) changes(g int) bool {
	for _, t := range v.m.Trans {
		if t.Global == g {
			return true
		}
	}
	return false
}

// refusal names the condition that failed where the record would have fitted.
func (x *subject) refusal(closed *set, r *rec) string {
	for _, e := range closed.cheapest() {
		for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
			if t := int(e.s[off+machine.FrameTask]); t != r.ctx && t != 0 {
				continue
			}
			for _, edge := range x.m.Micro[e.s[off+machine.FramePC]] {
				if !x.fits(edge.Node, r) {
					continue
				}
				if c := x.m.Refusal(e.s, off, edge); c != nil {
					return fmt.Sprintf("it needs %s (%s)", c.Text, shortPos(c.Span.Start))
				}
			}
		}
	}
	return ""
}

// expected lists what the thread of r, or failing that any thread, could have recorded instead.
func (x *subject) expected(closed *set, r *rec) []string {
	for _, any := range []bool{false, true} {
		seen := map[string]bool{}
		for _, e := range closed.cheapest() {
			for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
				if t := int(e.s[off+machine.FrameTask]); !any && (t != r.ctx || t == 0) {
					continue
				}
				for _, edge := range x.m.Micro[e.s[off+machine.FramePC]] {
					n := edge.Node
					shows := x.seen(n, 0) == mustShow || (n.Kind == machine.Awake && x.vis().on == mustShow) || (n.Kind == machine.Relax && x.vis().off == mustShow)
					if v, _ := x.m.Way(e.s, off, edge); shows && v != 0 {
						seen[describe(n)] = true
					}
				}
			}
		}
		if len(seen) > 0 {
			names := sortedKeys(seen)
			if len(names) > 4 {
				names = append(names[:4], fmt.Sprintf("%d more", len(names)-4))
			}
			return names
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	ks := make([]string, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	sort.Strings(ks)
	return ks
}
