package validate

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/validate/story"
)

// subject follows one remote processor through the trace.
type subject struct {
	v  *Validator
	m  *machine.Machine
	id *ident

	cur     *set // the explanations; nil before the first record
	tier    tier // what was assumed of the start
	history []*rec
	past    []moment // the last records
	log     []*rec   // all records, as long as they are few; nil once that cannot be used any more
	whole   bool     // history holds everything since the start

	midlife bool         // activations that nobody has seen may be at work
	seenCtx map[int]bool // threads seen since then
	cons    [][]value    // the demands of machine.FrameMark
	line    int          // of the record being explained
	group   []*rec       // records of one time
	tangle  *tangle      // too many of them
	trial   *trial       // after a rejection
	noisy   bool         // a rejection was reported and the subject has not been quiet since

	own map[int]machine.Val // device constants that a kernel log alone has shown

	cost      int // assumptions so far
	settledIn int // records until features are learned again

	from, to int  // lines between which its names were its own; 0: since before the trace, to its end
	birth    *rec // its registration
	gone     *rec // its removal, or the last record of it
	holds    bool // the wakeup sources may have been active when it was born
	mixed    *rec // a registration under a name that somebody else may bear

	records   int
	findings  []*Finding
	broke     bool             // a finding of error level was told and is listed no more
	open      map[int]*Finding // by judgement: what still is so
	overflow  bool
	adrift    bool // a kernel log alone has left too much open
	lost      *rec // the last loss
	gaveUpAt  int  // line of the first record without an explanation in mid-life, 0: none
	unjudged  int  // line of the first judgement that was passed over in mid-life, 0: none
	ambiguous int  // records that other subjects could have made as well
	rejected  int
	skipped   int  // rejections that were only counted
	edged     bool // an edge of a wakeup source was recorded
	took      bool // the wakeup source, before the state became unknown
	notes     []string
	last      *rec

	stays, relaxes int // pm calls seen

	ons        int         // activations of the wakeup source seen
	base       int         // how many the device counted before them
	counted    bool        // base is known
	began      spot        // of the section in which the device told its state at the start
	selfChecks []SelfCheck // what the device contradicts

	told      []*rec  // what its account has
	refusedBy *rec    // the first record that nothing explained
	assumed   []*note // by what explained the records before it
	trails    []trail // by machine.Trans

	story *story.Teller

	take1, drop, queued mention
	lastFn              map[int]string
}

// tier is how much is assumed of the state in which a capture begins.
type tier int

const (
	born    tier = iota // as the spec says that a subject begins
	healthy             // nothing at work, nothing wrong
	quiet               // nothing at work
	unknown             // nothing
)

const (
	maxHistory = 64 // records after which the start is no longer in question
	trialLen   = 20 // records that decide how to go on after a rejection
)

func newSubject(v *Validator, id *ident) *subject {
	x := &subject{
		v: v, m: v.m, id: id, whole: true, log: []*rec{}, seenCtx: map[int]bool{}, open: map[int]*Finding{}, lastFn: map[int]string{},
		own: map[int]machine.Val{}, story: story.New(&v.log),
	}
	x.begins(v.startTier())
	return x
}

// begins puts the subject at a start.
func (x *subject) begins(t tier) {
	x.past = nil
	x.lostTrails()
	x.tier = t
	x.midlife = t == unknown
	clear(x.seenCtx)
	x.cur = x.start(t)
}

func (x *subject) vis() *table {
	return x.v.table(x.id.root().wake != "" || len(x.id.root().other) > 0)
}

// seen tells what a node leaves, for an activation with these flags.
func (x *subject) seen(n *machine.Node, mark machine.Val) visibility {
	t := x.vis()
	if mark&markLenient != 0 && t.probe[n.ID] && t.node[n.ID] == mustShow {
		return mayShow
	}
	return t.node[n.ID]
}

// allowed tells whether a feature may have a value, by what other subjects have shown.
func (x *subject) allowed(g int, val machine.Val) bool {
	k, ok := x.v.known[g]
	return !ok || k.val == val
}

// process explains one record.
func (x *subject) process(r *rec, optional bool) {
	if r.Kind == traces.Lost {
		x.lose(r)
		return
	}
	x.records++
	x.v.counts.Bound++
	if r.Kind == traces.Log && x.v.logOnly() {
		x.proves(r)
	}
	if x.adrift {
		return
	}
	if r.Kind == traces.Log {
		defer x.v.level(r)
	}
	x.keep(r)
	x.last = r
	if optional {
		x.log = nil
	}
	if x.trial != nil {
		x.try(r, optional)
		return
	}
	x.line = r.Line
	closed := x.closure(x.cur, true)
	if x.overflow {
		x.widen(r)
		return
	}
	next := x.matchSet(closed, r, optional)
	if next.empty() && x.bornUnseen(closed) {
		x.goOn(r, "this can only come from the next life of the processor, whose registration was not recorded")
		x.takeUp(r)
		return
	}
	if next.empty() && r.Kind != traces.Log { // of a line alone, an earlier beginning is the better explanation
		next = newSet(x.m)
		x.missed(closed, r, next)
	}
	if next.empty() && !x.overflow && x.restart() {
		return
	}
	if next.empty() && r.Kind == traces.Log {
		next = newSet(x.m)
		x.missed(closed, r, next)
	}
	if next.empty() && !x.overflow {
		next = x.repair(closed, r)
	}
	if next.empty() && x.overflow {
		x.widen(r)
		return
	}
	if next.empty() && (x.midlife || x.v.logOnly()) {
		x.giveUp(r)
		return
	}
	if next.empty() && x.v.kinds.assumesOff() {
		next = x.unrecordedOff(r)
	}
	if next.empty() {
		x.reject(closed, r)
		return
	}
	x.cur = next
	x.remember(r)
	x.pass(moment{closed: closed, r: r})
	x.advance(next, r)
}

// keep remembers the records since the start, as long as they may question it.
func (x *subject) keep(r *rec) {
	x.edged = x.edged || r.Kind == traces.EdgeOn || r.Kind == traces.EdgeOff
	x.bound(r)
	x.question(r)
}

// question lets r question the start.
func (x *subject) question(r *rec) {
	if x.log != nil && len(x.log) < maxLog {
		x.log = append(x.log, r)
	}
	if !x.whole {
		return
	}
	if len(x.history) == maxHistory {
		x.whole, x.history = false, nil
		return
	}
	x.history = append(x.history, r)
}

// advance makes next the explanations after r.
func (x *subject) advance(next *set, r *rec) {
	x.cur = next
	x.seenCtx[r.ctx] = true
	if (x.noisy || x.midlife) && x.quietNow() {
		x.noisy, x.midlife = false, false
	}
	x.learn(r)
	x.settle(r)
}

// quietNow tells whether nothing is at work in any explanation.
func (x *subject) quietNow() bool {
	for _, e := range x.cur.list {
		if len(e.s) > x.m.NumGlobals || x.pending(e.s) {
			return false
		}
	}
	return true
}

// pending tells whether a work item may be pending.
func (x *subject) pending(s machine.State) bool {
	for _, w := range x.m.Works {
		if s[w.Pending] != 0 {
			return true
		}
	}
	return false
}

// learn takes notice of features that every explanation agrees on. What rests on a fresh assumption
// has to stand the test of some more records first.
func (x *subject) learn(r *rec) {
	if x.midlife {
		return
	}
	if c := x.cur.cheapest()[0].cost; c > x.cost {
		x.cost, x.settledIn = c, trialLen
	}
	if x.settledIn > 0 {
		x.settledIn--
		return
	}
	for g, gl := range x.m.Globals {
		if gl.Kind != machine.FeatureGlobal {
			break
		}
		if _, ok := x.v.known[g]; ok {
			continue
		}
		v := x.cur.list[0].s[g]
		if v == machine.Open {
			continue
		}
		same := true
		for _, e := range x.cur.list {
			same = same && e.s[g] == v
		}
		if same {
			x.v.decide(g, v, r, x)
		}
	}
}

// filter drops the explanations that contradict a feature which another subject has shown.
func (x *subject) filter(g int, v machine.Val, r *rec, by *subject) {
	if x.cur.empty() || x.trial != nil {
		return
	}
	next := newSet(x.m)
	for _, e := range x.cur.list {
		if e.s[g] != machine.Open && e.s[g] != v {
			continue
		}
		n := e.fork()
		n.s[g] = v
		n.hold = x.judge(n.s)
		next.add(n)
	}
	if next.empty() {
		x.note("line %d: %s shows %s = %s, which contradicts what this processor has shown: no single kernel explains both",
			r.Line, by.title(), x.m.Globals[g].Name(), x.show(g, v))
		return
	}
	x.cur = next
	x.settle(nil)
}

// restart questions the start of the capture: if a wider one explains all records so far, it is taken.
func (x *subject) restart() bool {
	if !x.whole || x.tier == unknown || x.tier == born {
		return false
	}
	save := *x
	history := x.history
	for g, k := range x.v.known {
		if k.by == x && !k.sure {
			delete(x.v.known, g)
		}
	}
	for t := x.tier + 1; t <= unknown; t++ {
		x.open, x.lastFn, x.seenCtx = map[int]*Finding{}, map[int]string{}, map[int]bool{}
		x.findings = slices.Clone(save.findings[:0:0])
		x.trails = nil
		x.begins(t)
		if x.replay(history) {
			x.history, x.whole = history, true
			note := "the capture began in the middle of things: wakeup sources or users were not in a healthy state before it"
			if t == unknown {
				note = "the capture began in the middle of things: activations that nobody has seen were at work"
			}
			x.note("%s", note)
			return true
		}
	}
	*x = save
	x.history = history
	return false
}

// replay explains the records again, without repairs and rejections.
func (x *subject) replay(rs []*rec) bool {
	for _, r := range rs {
		x.line = r.Line
		if r.Kind == traces.Mark {
			if x.cur = agreeing(x, x.moments(x.cur, r), r); x.cur.empty() {
				return false
			}
			continue
		}
		next := x.matchSet(x.closure(x.cur, true), r, false)
		if next.empty() || x.overflow {
			x.overflow = false
			return false
		}
		x.cur = next
		x.remember(r)
		x.seenCtx[r.ctx] = true
		x.settle(r)
	}
	return true
}

// lose is for a gap in the trace: nothing is known any more but the features.
func (x *subject) lose(r *rec) {
	if x.adrift {
		return
	}
	x.endTrial()
	x.lost = r
	x.unknownFrom()
}

// widen gives up on a set that has grown too large.
func (x *subject) widen(r *rec) {
	if x.v.logOnly() {
		x.noteTaken()
		x.adrift, x.overflow, x.log = true, false, nil
		x.begins(unknown)
		return
	}
	x.note("line %d: more than %d explanations: state unknown from here", r.Line, maxSet)
	x.unknownFrom()
	x.overflow = false
	x.v.overflows++
}

// giveUp is for a record that has no explanation while activations may be at work that nobody has seen:
// that proves nothing against the processor. It begins anew with this record.
func (x *subject) giveUp(r *rec) {
	if x.gaveUpAt == 0 {
		x.gaveUpAt = r.Line
	}
	x.unknownFrom()
	x.takeUp(r)
}

// takeUp explains r from an unknown state.
func (x *subject) takeUp(r *rec) {
	if next := x.matchSet(x.closure(x.cur, true), r, false); !next.empty() {
		x.cur = next
		x.seenCtx[r.ctx] = true
	}
}

func (x *subject) unknownFrom() {
	x.noteTaken()
	x.log = nil
	x.whole, x.history = false, nil
	x.begins(unknown)
	clear(x.open)
}

// noteTaken keeps in mind that some explanation took the wakeup source, before all of them are dropped.
func (x *subject) noteTaken() {
	for _, e := range x.cur.list {
		x.took = x.took || e.awoke
	}
}
