package modelcheck

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Trace is a behaviour: an initial state and the steps from it.
type Trace struct {
	Module   string
	Kernel   string
	Property string   // what it violates or shows
	Threads  []string // the columns: irq1, kworker, user
	Initial  State
	Steps    []*Step
	// Loop is the number of the step that comes after the last one again, for ever. It is len(Steps) if
	// nothing comes any more, and −1 if the behaviour just ends here.
	Loop int

	fine []micro // of a scenario, which runs in them

	m        *machine.Machine
	in       *machine.Instance // that was explored
	scenario *lang.Scenario    // that was run
}

// StepKind says what a step of a Trace is.
type StepKind uint8

// The kinds of step.
const (
	NodeStep  StepKind = iota // an activation executes a statement
	StartStep                 // the environment starts an activation
	WorkStep                  // a worker takes a pending item
)

// Step is one step of a Trace.
type Step struct {
	Kind          StepKind
	Thread        int           // whose column
	Proc          *machine.Proc // what the activation runs
	Edge          *machine.Edge // NodeStep
	Before, After State
	off           int // of the frame
	Slot          int // of the instance that was explored, or of that of the scenario
}

// Len is the number of steps: what "length" means in every report.
func (t *Trace) Len() int { return len(t.Steps) }

// Functions names the functions that the behaviour runs through, each once, in the order in which it
// comes to them.
func (t *Trace) Functions() []string {
	var names []string
	for _, mi := range t.micros() {
		if name := mi.node.Func.Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// replayer turns a way through the store into a behaviour. It goes without reductions, so that every
// parameter and result has a value, every activation keeps its place, and what the search took at once is
// taken when the activation goes on.
type replayer struct {
	sp    *space // the one that was searched
	plain space
	st    *stepper
	key   []byte
	tmp   State
}

func newReplayer(sp *space) *replayer {
	r := &replayer{sp: sp, plain: *sp, key: make([]byte, sp.pack.bytes), tmp: make(State, sp.size)}
	r.plain.exact, r.plain.dead, r.plain.eager = true, nil, nil
	r.st = newStepper(&r.plain)
	return r
}

// canonical gives the key under which the search knows s, false if it cannot be packed.
func (r *replayer) canonical(s State) ([]byte, bool) {
	copy(r.tmp, s)
	for i := range r.sp.in.Slots {
		off := r.sp.in.Slots[i].Off
		if pc := r.tmp[off]; pc > 0 {
			r.sp.settle(r.tmp, off)
			r.sp.hurry(r.tmp, off, nil)
		}
	}
	r.sp.sort(r.tmp)
	ok := r.sp.pack.pack(r.tmp, r.key) < 0
	return r.key, ok
}

// wanted accepts a move of the replayer.
type wanted func(mv move, from, to State) bool

// step appends the first step out of s that want accepts, behind those of its activation that are still
// to be taken, and gives the state after it.
func (r *replayer) step(t *Trace, s State, want wanted) (State, bool) {
	var after State
	for i := range r.sp.in.Slots {
		way, from := r.late(s, i)
		r.st.slot(from, i, func(mv move, to State) bool {
			if !want(mv, from, to) {
				return true
			}
			after = slices.Clone(to)
			t.Steps = append(append(t.Steps, way...), r.asStep(mv, from, after))
			return false
		})
		if after != nil {
			return after, true
		}
	}
	return nil, false
}

func (r *replayer) asStep(mv move, before, after State) *Step {
	sl := &r.sp.in.Slots[mv.slot]
	return &Step{
		Kind: stepKinds[mv.kind], Thread: mv.slot, Proc: sl.Proc, Edge: mv.edge, Before: before, After: after, off: sl.Off, Slot: mv.slot,
	}
}

// late gives the steps of slot i that the search took at once and that are still to be taken in s, and the
// state after them.
func (r *replayer) late(s State, i int) ([]*Step, State) {
	var way []*Step
	off := r.sp.in.Slots[i].Off
	for r.sp.eager != nil && s[off] > 0 && r.sp.next(s, off) != nil {
		r.st.slot(s, i, func(mv move, to State) bool {
			after := slices.Clone(to)
			way = append(way, r.asStep(mv, s, after))
			s = after
			return false
		})
	}
	return way, s
}

// whole takes what is still to be taken, of all activations.
func (r *replayer) whole(t *Trace, s State) State {
	for i := range r.sp.in.Slots {
		var way []*Step
		way, s = r.late(s, i)
		t.Steps = append(t.Steps, way...)
	}
	return s
}

var stepKinds = map[moveKind]StepKind{stepMove: NodeStep, startMove: StartStep, workMove: WorkStep}

// replay is a behaviour in the making, and where it is.
type replay struct {
	*Trace
	r   *replayer
	cur State
}

// follow replays the states of these numbers. The first must be initial. From the one at place whole on,
// no step is left for later; mark is how many steps lead to it.
func (s *search) follow(ids []uint32, whole int) (rp *replay, mark int) {
	rp = &replay{r: newReplayer(s.sp), cur: s.sp.blank()}
	s.sp.pack.unpack(s.store.key(ids[0]), rp.cur)
	rp.Trace = &Trace{Module: s.sp.m.Info.Name, Kernel: s.opt.Kernel, Initial: slices.Clone(rp.cur), Loop: -1, m: s.sp.m, in: s.sp.in}
	for i, id := range ids {
		if i > 0 {
			rp.step(rp.r.is(s.store.key(id)))
		}
		if i >= whole {
			rp.cur = rp.r.whole(rp.Trace, rp.cur)
		}
		if i == whole {
			mark = len(rp.Steps)
		}
	}
	return rp, mark
}

func (rp *replay) step(want wanted) {
	next, ok := rp.r.step(rp.Trace, rp.cur, want)
	if !ok {
		panic("modelcheck: a behaviour has lost its way")
	}
	rp.cur = next
}

// change goes on by n steps of one activation, the last of which changes what edge looks for.
func (rp *replay) change(edge func(from, to State) bool, n int) {
	for i := range rp.r.sp.in.Slots {
		way, from := rp.r.late(rp.cur, i)
		found := false
		rp.r.st.slot(from, i, func(mv move, to State) bool {
			after := slices.Clone(to)
			behind, _ := rp.r.late(after, i)
			all := append(append(slices.Clone(way), rp.r.asStep(mv, from, after)), behind...)
			if found = len(all) >= n && edge(all[n-1].Before, all[n-1].After); found {
				rp.Steps = append(rp.Steps, all[:n]...)
			}
			return !found
		})
		if found {
			return
		}
	}
	panic("modelcheck: a violation has lost its step")
}

// is accepts the moves to the state of a key.
func (r *replayer) is(key []byte) wanted {
	return func(_ move, _, to State) bool {
		k, ok := r.canonical(to)
		return ok && r.st.pos < 0 && bytes.Equal(k, key)
	}
}

// outside accepts the moves that leave the bounds.
func (r *replayer) outside(_ move, _, to State) bool {
	_, ok := r.canonical(to)
	return !ok || r.st.pos >= 0
}

// trace gives the behaviour of a violation of an item.
func (s *search) trace(it *item, v violation) *Trace {
	ids := s.store.path(v.id)
	whole := len(ids)
	if it.Kind == Deadlock {
		whole--
	}
	rp, _ := s.follow(ids, whole)
	switch {
	case v.move >= 0 && it.edge != nil:
		rp.change(it.edge, v.steps-len(rp.Steps))
	case v.move >= 0:
		rp.step(rp.r.outside)
	}
	rp.name(s.sp)
	rp.Property = it.Title()
	return rp.Trace
}

// name names the threads, and leaves out those that do nothing.
func (t *Trace) name(sp *space) {
	var names []string
	for i := range sp.in.Slots {
		names = append(names, sp.threadName(i))
	}
	column := map[int]int{}
	for _, st := range t.Steps {
		c, ok := column[st.Thread]
		if !ok {
			c = len(t.Threads)
			column[st.Thread] = c
			t.Threads = append(t.Threads, names[st.Thread])
		}
		st.Thread = c
	}
	number(t.Threads)
}

// threadName names the context that a slot's activations run in.
func (sp *space) threadName(i int) string {
	s := &sp.in.Slots[i]
	switch {
	case s.Kind == machine.WorkerSlot:
		return "kworker"
	case s.Proc.Sleeps:
		return "user"
	}
	return "irq"
}

// number tells equal names apart: irq1, irq2.
func number(names []string) {
	count, seen := map[string]int{}, map[string]int{}
	for _, n := range names {
		count[n]++
	}
	for i, n := range names {
		if count[n] > 1 {
			seen[n]++
			names[i] = fmt.Sprintf("%s%d", n, seen[n])
		}
	}
}

// stuck says what every live activation of a deadlock waits for.
func (sp *space) stuck(s State) string {
	var parts []string
	for i := range sp.in.Slots {
		if pc := s[sp.in.Slots[i].Off]; pc > 0 {
			parts = append(parts, place(sp.m.Nodes[pc]))
		}
	}
	return "nobody can go on: " + strings.Join(parts, ", ")
}

// outside says which bound the last step of a behaviour left.
func (sp *space) outside(s State) string {
	tmp := slices.Clone(s)
	pos := sp.pack.pack(tmp, make([]byte, sp.pack.bytes))
	switch {
	case pos < 0:
		return "an activation is spawned while the one before it is still live: only one is explored"
	case pos < sp.m.NumGlobals:
		g := sp.m.Globals[pos]
		if g.Kind == machine.WakeupGlobal {
			return fmt.Sprintf("%s counts up to %d, beyond %d", g.Name(), s[pos], machine.MaxCount)
		}
		return fmt.Sprintf("%s becomes %s, which its type %s does not have", g.Name(), machine.ValueText(g.Object.Type, s[pos]), g.Object.Type)
	}
	i := (pos - sp.m.NumGlobals) / sp.m.FrameSize
	r := pos - sp.in.Slots[i].Off - machine.FrameRegs
	return fmt.Sprintf("a local of %s becomes %d, which its type %s does not have", sp.in.Slots[i].Proc.Name, s[pos], sp.in.Slots[i].Proc.Regs[r])
}

// coverage lists the statements of everything that could start: what was executed, and what never was.
// A statement that is inlined in several places counts once.
func (s *search) coverage() (executed, never []diag.Span) {
	starts := map[*machine.Proc]bool{}
	for i := range s.sp.in.Slots {
		starts[s.sp.in.Slots[i].Proc] = true
	}
	state := map[diag.Span]bool{}
	for _, n := range s.sp.m.Nodes[1:] {
		if starts[n.Root] && n.Kind.IsStep() && n.Kind != machine.End && n.Kind != machine.Destroy {
			state[n.Span] = state[n.Span] || s.executed[n.ID]
		}
	}
	for span, yes := range state {
		if yes {
			executed = append(executed, span)
		} else {
			never = append(never, span)
		}
	}
	sortSpans(executed)
	sortSpans(never)
	return executed, never
}

func sortSpans(spans []diag.Span) {
	slices.SortFunc(spans, func(a, b diag.Span) int { return a.Start.Compare(b.Start) })
}

// shortFile names the file of a position without its directory.
func shortFile(p diag.Pos) string { return filepath.Base(p.File) }

// place names a statement: function and line.
func place(n *machine.Node) string { return fmt.Sprintf("%s:%d", n.Func.Name, n.Span.Start.Line) }

// last gives the states before and after the last step; both are the initial one if there is none.
func (t *Trace) last() (before, after State) {
	if len(t.Steps) == 0 {
		return t.Initial, t.Initial
	}
	st := t.Steps[len(t.Steps)-1]
	return st.Before, st.After
}
