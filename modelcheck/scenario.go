package modelcheck

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// ScenarioResult is the answer about one scenario in one kernel.
type ScenarioResult struct {
	Name     string
	Decl     *lang.Scenario
	Possible bool   // some run follows the script
	Run      *Trace // a shortest one, nil if there is none
	Blocked  string // where the script cannot be followed, if it is impossible
	States   int
	Reached  uint64     // digest of the values that the globals take together: equal if these are the same
	Outcomes []*Outcome // what is expected in this kernel, and what is
	Intended []*Outcome // what the scenario itself says that ought to be, whatever is expected
	// Telling is the run to show a reader: one that violates what ought to be if any does; of these, one with
	// all wakeup sources that there can be, in which as few functions fail as possible, and a shortest of those.
	// It is nil if there is no run.
	Telling *Trace
	// Broken is the step of Telling, counted from 1, after which that is violated; 0 if it is not, or in no step by itself.
	Broken int
}

// Shown gives the run to show where one is asked for: the first that violates what is expected, with that, else one
// that only follows the script; nil if there is none.
func (r *ScenarioResult) Shown() (*Trace, *Outcome) {
	for _, o := range r.Outcomes {
		if o.Trace != nil {
			return o.Trace, o
		}
	}
	return r.Run, nil
}

// Outcome is one thing that is expected of a scenario.
type Outcome struct {
	Decl       *lang.Outcome
	Verdict    Verdict // of the property named: holds, violated or impossible
	Detail     string
	Trace      *Trace // a run that violates it
	Unexpected bool
}

// Text writes the expectation as the module does: balanced awake, violates owned, impossible.
func (o *Outcome) Text() string { return outcomeText(o.Decl) }

func outcomeText(d *lang.Outcome) string {
	words := map[lang.OutcomeKind]string{
		lang.Balanced: "balanced", lang.Leak: "leak", lang.Holds: "holds", lang.Violates: "violates", lang.Impossible: "impossible",
	}
	text := words[d.Kind]
	if d.Section != "" {
		text += " " + d.Section
	}
	if d.Name != nil {
		text += " " + d.Name.Name
	}
	return text
}

// maxRunStates bounds the runs of one scenario.
const maxRunStates = 1 << 20

// RunScenario follows the script of a scenario in a kernel ("" for any), over every choice that it leaves
// free, and judges what the module expects of it there.
func RunScenario(m *machine.Machine, kernel string, sc *lang.Scenario) (*ScenarioResult, error) {
	return RunScenarioFrom(m, kernel, sc, func(State) bool { return true })
}

// RunScenarioFrom is RunScenario from those initial states only that keep accepts.
func RunScenarioFrom(m *machine.Machine, kernel string, sc *lang.Scenario, keep func(State) bool) (*ScenarioResult, error) {
	if err := narrow(m); err != nil {
		return nil, err
	}
	inits, err := m.Initials(kernel, sc.Starts)
	if err != nil {
		return nil, err
	}
	inits = slices.DeleteFunc(inits, func(s State) bool { return !keep(s) })
	all, err := items(m)
	if err != nil {
		return nil, err
	}
	r := &runner{script: newScript(m, sc), items: all, kernel: kernel, known: map[string]bool{}}
	if err := r.run(inits, sc); err != nil {
		return nil, err
	}
	res := &ScenarioResult{Name: sc.Name.Name, Decl: sc, Possible: len(r.ends) > 0, States: len(r.points), Reached: r.reached()}
	if res.Possible {
		res.Run = r.trace(r.ends[0])
	} else {
		res.Blocked = r.blocked(sc)
	}
	for _, d := range expectedOf(m.Info, sc, kernel) {
		res.Outcomes = append(res.Outcomes, r.outcome(d))
	}
	for _, d := range sc.Expect {
		res.Intended = append(res.Intended, r.outcome(d))
	}
	res.Telling, res.Broken = r.telling(res.Intended)
	return res, nil
}

// point is where a run can be: in the line'th line, under way or before it.
type point struct {
	s      State
	line   int
	moving bool
	broken uint64 // items violated so far
	armed  uint64 // goals whose trigger was met in the region that the run has not left
	from   int    // the point before, −1: none
	mi     micro  // how it was left; node is nil for the start of a line
}

// runner explores the runs of a script, breadth first.
type runner struct {
	*script
	items  []*item
	kernel string
	points []*point
	known  map[string]bool
	ends   []int // points at which the script is done
	far    int   // the line that was reached
}

func (r *runner) run(inits []State, sc *lang.Scenario) error {
	for _, g := range inits {
		s := make(State, r.size)
		copy(s, g)
		r.add(&point{s: s, from: -1})
	}
	for i := 0; i < len(r.points); i++ {
		if len(r.points) > maxRunStates {
			return fmt.Errorf("%s: scenario %s leaves too much open: more than %d states; give more values in start and choosing",
				sc.Name.Pos(), sc.Name.Name, maxRunStates)
		}
		p := r.points[i]
		switch {
		case p.line == len(r.lines):
			r.ends = append(r.ends, i)
		case !p.moving:
			r.enter(i, p)
		default:
			r.move(i, p)
		}
	}
	return nil
}

// enter begins the line of a point.
func (r *runner) enter(i int, p *point) {
	l := r.lines[p.line]
	for _, s := range r.begin(l, p.s) {
		mi := micro{thread: l.thread, off: l.off, before: p.s, after: s}
		n := &point{s: s, line: p.line, moving: true, broken: p.broken, armed: p.armed, from: i, mi: mi}
		if l.starts && l.stops[r.m.Nodes[s[l.off]]] {
			n.line, n.moving = p.line+1, false
		}
		r.add(n)
	}
}

// move takes every movement of the line of a point.
func (r *runner) move(i int, p *point) {
	l := r.lines[p.line]
	for _, mi := range micros(r.m, p.s, l.off) {
		if !r.follows(l, &mi) {
			continue
		}
		mi.thread = l.thread
		n := &point{line: p.line, moving: true, broken: p.broken, armed: p.armed, from: i, mi: mi}
		n.s = r.place(mi)
		if r.over(l, &mi) {
			n.line, n.moving = p.line+1, false
		} else if n.s[l.off] <= 0 {
			continue // it ended before its stop
		}
		r.edges(n)
		r.add(n)
	}
}

// place gives a spawned activation a frame behind all others: no line runs it.
func (r *runner) place(mi micro) State {
	if mi.effect.Spawn == nil {
		return mi.after
	}
	s := append(slices.Clone(mi.after), make(State, r.m.FrameSize)...)
	r.m.Start(s, len(s)-r.m.FrameSize, mi.effect.Spawn.Proc)
	return s
}

// edges judges the movement to a point.
func (r *runner) edges(n *point) {
	if n.mi.edge == nil {
		return
	}
	for i, it := range r.items {
		if it.edge != nil && it.edge(n.mi.before, n.mi.after) {
			n.broken |= 1 << i
		}
	}
}

// add judges a point, and keeps it if it is new.
func (r *runner) add(p *point) {
	goal := 0
	for i, it := range r.items {
		if it.state != nil && it.state(p.s) {
			p.broken |= 1 << i
		}
		if it.formula == nil {
			continue
		}
		for _, g := range it.formula.goals {
			switch in := g.region(p.s); {
			case !in:
				p.armed &^= 1 << goal
			case g.trigger(p.s) && (!g.atStart || p.from < 0):
				p.armed |= 1 << goal
			}
			goal++
		}
	}
	r.far = max(r.far, p.line)
	if k := p.key(); !r.known[k] {
		r.known[k] = true
		r.points = append(r.points, p)
	}
}

func (p *point) key() string {
	b := binary.AppendUvarint(nil, uint64(p.line)<<1|uint64(truth(p.moving)))
	b = binary.AppendUvarint(b, p.broken)
	b = binary.AppendUvarint(b, p.armed)
	for _, v := range p.s {
		b = binary.AppendVarint(b, int64(v))
	}
	return string(b)
}

// reached digests which values the globals take together, in any order. Where the activations are does
// not count.
func (r *runner) reached() uint64 {
	all := make([]string, len(r.points))
	for i, p := range r.points {
		var b []byte
		for _, v := range p.s[:r.m.NumGlobals] {
			b = binary.AppendVarint(b, int64(v))
		}
		all[i] = string(b)
	}
	slices.Sort(all)
	h := fnv.New64a()
	for _, k := range slices.Compact(all) {
		io.WriteString(h, k) // a hash takes everything
	}
	return h.Sum64()
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

// violates tells whether the run that ends in p, in which nothing happens any more, violates item i.
func (r *runner) violates(p *point, i int) bool {
	if p.broken>>i&1 != 0 {
		return true
	}
	goal := 0
	for j, it := range r.items {
		if it.formula == nil {
			continue
		}
		for _, g := range it.formula.goals {
			if j == i && p.armed>>goal&1 != 0 && g.seek(p.s) {
				return true
			}
			goal++
		}
	}
	return false
}

// outcome judges one expectation.
func (r *runner) outcome(d *lang.Outcome) *Outcome {
	o := &Outcome{Decl: d, Verdict: Impossible}
	if len(r.ends) > 0 {
		o.Verdict = Holds
		if i := r.item(d); i >= 0 {
			r.judge(o, i)
		}
	}
	switch d.Kind {
	case lang.Balanced, lang.Holds:
		o.Unexpected = o.Verdict != Holds
	case lang.Leak, lang.Violates:
		o.Unexpected = o.Verdict != Violated
	case lang.Impossible:
		o.Unexpected = o.Verdict != Impossible
	}
	return o
}

// judge looks for a run that violates item i.
func (r *runner) judge(o *Outcome, i int) {
	at := slices.IndexFunc(r.ends, func(e int) bool { return r.violates(r.points[e], i) })
	if at < 0 {
		return
	}
	o.Verdict = Violated
	o.Trace = r.trace(r.ends[at])
	o.Trace.Property = r.items[i].Title()
	if r.items[i].detail != nil {
		o.Detail = r.items[i].detail(o.Trace.broken(r.items[i]))
	}
}

// broken gives the states around the step of a run that violates an item first.
func (t *Trace) broken(it *item) (before, after State) {
	for i := range t.fine {
		mi := &t.fine[i]
		if it.state != nil && it.state(mi.after) || it.edge != nil && mi.edge != nil && it.edge(mi.before, mi.after) {
			return mi.before, mi.after
		}
	}
	return t.Initial, t.Initial
}

// item finds what an outcome speaks of, −1 for `impossible`.
func (r *runner) item(d *lang.Outcome) int {
	if d.Name == nil {
		return -1
	}
	return slices.IndexFunc(r.items, func(it *item) bool { return it.is(d) })
}

// is reports whether an outcome speaks of the item. Premature and warning edges have no name there.
func (it *item) is(d *lang.Outcome) bool {
	if d.Name == nil || it.Name != d.Name.Name {
		return false
	}
	switch d.Of() {
	case "balance":
		return it.Kind == Balance
	case "transitions":
		return it.Kind == Transitions && it.Severity == 0
	}
	return it.Kind == Invariant || it.Kind == Temporal
}

// trace gives the run that comes to a point.
func (r *runner) trace(at int) *Trace {
	t := &Trace{Module: r.m.Info.Name, Kernel: r.kernel, Threads: r.threads, Loop: -1, m: r.m, scenario: r.decl}
	var way []*point
	for i := at; i >= 0; i = r.points[i].from {
		way = append(way, r.points[i])
	}
	slices.Reverse(way)
	t.Initial = way[0].s
	for i, p := range way[1:] {
		if st := r.step(way[i], p); st != nil {
			t.Steps = append(t.Steps, st)
		}
		if p.mi.node != nil {
			t.fine = append(t.fine, p.mi)
		}
	}
	return t
}

// step makes the step of a behaviour from a movement, nil if it is none.
func (r *runner) step(from, p *point) *Step {
	l := r.lines[from.line]
	st := &Step{Thread: l.thread, Proc: l.proc, Edge: p.mi.edge, Before: p.mi.before, After: p.s, off: l.off, Slot: l.slot}
	switch {
	case p.mi.edge != nil:
	case p.mi.node != nil || !l.starts:
		return nil
	case l.proc.Work >= 0:
		st.Kind = WorkStep
	default:
		st.Kind = StartStep
	}
	return st
}

// blocked says which line no run gets past.
func (r *runner) blocked(sc *lang.Scenario) string {
	if r.far >= len(sc.Lines) {
		return ""
	}
	l := sc.Lines[r.far]
	what := "continue"
	if l.Process != nil {
		what = l.Process.Name
	}
	return fmt.Sprintf("%s:%d: no run gets past %s: %s", shortFile(l.Pos()), l.Pos().Line, l.Thread.Name, what)
}
