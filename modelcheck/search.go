package modelcheck

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// search is one breadth-first exploration: states are expanded in the order of the steps to them. Workers
// expand the states of one distance, in batches; what they find is then merged in order, so that numbers
// do not depend on who was first.
type search struct {
	sp    *space
	opt   *Options
	store *store
	items []*item
	first []violation // by item
	stop  violation   // deadlock
	out   violation   // bounds left

	front       [][]uint32 // the states to be expanded, by steps
	transitions int
	steps       int    // of the states that are expanded
	executed    []bool // by node
	terminals   []uint32
	begun, told time.Time
	bounded     string
}

// violation is where an item was first violated: in a state, or by the move of it with that number.
type violation struct {
	yes   bool
	id    uint32
	move  int // −1: the state itself
	steps int
}

// beats tells whether v is there, and takes fewer steps than another violation.
func (v violation) beats(o violation) bool { return v.yes && (!o.yes || v.steps < o.steps) }

// batch is a piece of a level.
const batch = 512

// expansion is what a worker makes of a batch.
type expansion struct {
	keys   []byte // of the successors that are new, or reached in fewer steps, in order
	hashes []uint64
	from   []uint32
	steps  []int
	bad    []violation // by item: the first of this batch
	stop   violation
	out    violation
	ends   []uint32 // states in which nothing must go on
	moves  int
}

// Explore searches the instance that m's explore block names. A bound that is reached, or the end of
// ctx, gives an answer with the verdict Bounded for what is open then. The error is about the options.
func Explore(ctx context.Context, m *machine.Machine, opt Options) (*Exploration, error) {
	sp, err := newSpace(m, &opt)
	if err != nil {
		return nil, err
	}
	s, err := newSearch(sp, &opt)
	if err != nil {
		return nil, err
	}
	s.run(ctx)
	s.temporal(ctx)
	return s.result(), nil
}

func newSearch(sp *space, opt *Options) (*search, error) {
	all, err := items(sp.m)
	if err != nil {
		return nil, err
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	s := &search{
		sp: sp, opt: opt, items: all, first: make([]violation, len(all)), store: newStore(sp.pack.bytes),
		executed: make([]bool, len(sp.m.Nodes)), begun: time.Now(),
	}
	s.told = s.begun
	return s, nil
}

// run expands the states in the order of the steps to them.
func (s *search) run(ctx context.Context) {
	s.initial()
	for d := 0; d < len(s.front) && s.bounded == ""; d++ {
		s.expandFront(ctx, d)
	}
}

func (s *search) initial() {
	key := make([]byte, s.sp.pack.bytes)
	for _, init := range s.sp.inits {
		s.sp.pack.pack(init, key)
		s.add(key, s.store.hash(key), noParent, 0)
	}
}

// add notes that a state can be reached in so many steps.
func (s *search) add(key []byte, hash uint64, parent uint32, steps int) {
	id, news := s.store.insert(key, hash, parent, steps)
	if !news {
		return
	}
	for len(s.front) <= steps {
		s.front = append(s.front, nil)
	}
	s.front[steps] = append(s.front[steps], id)
}

// expandFront expands the states that are reached in so many steps and in no fewer.
func (s *search) expandFront(ctx context.Context, steps int) {
	const round = 32 * batch // the same for any number of workers: bounds are looked at in between
	ids := slices.DeleteFunc(s.front[steps], func(id uint32) bool { return int(s.store.steps[id]) != steps })
	s.front[steps] = nil
	for ; len(ids) > 0; ids = ids[min(round, len(ids)):] {
		s.steps = steps
		for _, x := range s.expandAll(ids[:min(round, len(ids))]) {
			s.merge(x)
		}
		if s.bounded = s.bound(ctx); s.bounded != "" {
			return
		}
	}
}

// expandAll expands states in parallel; the results are in order.
func (s *search) expandAll(ids []uint32) []*expansion {
	out := make([]*expansion, (len(ids)+batch-1)/batch)
	var next atomic.Int32
	var wg sync.WaitGroup
	executed := make([][]bool, min(s.opt.Workers, len(out)))
	for w := range executed {
		executed[w] = make([]bool, len(s.executed))
		wg.Go(func() {
			wk := newWorker(s, executed[w])
			for i := int(next.Add(1)) - 1; i < len(out); i = int(next.Add(1)) - 1 {
				out[i] = wk.expand(ids[i*batch : min((i+1)*batch, len(ids))])
			}
		})
	}
	wg.Wait()
	for _, ex := range executed {
		for n, yes := range ex {
			s.executed[n] = s.executed[n] || yes
		}
	}
	return out
}

// worker expands batches.
type worker struct {
	s        *search
	st       *stepper
	state    State
	key      []byte
	executed []bool
	x        *expansion
	id       uint32
	moves    int
	fair     bool
}

func newWorker(s *search, executed []bool) *worker {
	w := &worker{s: s, st: newStepper(s.sp), state: s.sp.blank(), key: make([]byte, s.sp.pack.bytes), executed: executed}
	w.st.taken = w.taken
	return w
}

func (w *worker) expand(ids []uint32) *expansion {
	n := 2 * batch // of successors, at first
	if w.x != nil {
		n = len(w.x.hashes) + batch/4
	}
	w.x = &expansion{
		bad: make([]violation, len(w.s.items)), keys: make([]byte, 0, n*len(w.key)), hashes: make([]uint64, 0, n),
		from: make([]uint32, 0, n), steps: make([]int, 0, n),
	}
	for _, id := range ids {
		w.one(id)
	}
	return w.x
}

// one judges a state and finds its successors.
func (w *worker) one(id uint32) {
	w.s.sp.pack.unpack(w.s.store.key(id), w.state)
	w.id, w.moves, w.fair = id, 0, false
	for i, it := range w.s.items {
		if it.state != nil && w.open(i) && it.state(w.state) {
			w.x.bad[i] = violation{true, id, -1, w.s.steps}
		}
	}
	w.st.each(w.state, w.move)
	w.x.moves += w.moves
	if w.fair {
		return
	}
	w.x.ends = append(w.x.ends, id)
	for i := range w.s.sp.in.Slots {
		if v := (violation{true, id, -1, w.s.steps + w.s.sp.owed(w.state)}); w.state[w.s.sp.in.Slots[i].Off] > 0 && v.beats(w.x.stop) {
			w.x.stop = v
		}
	}
}

// open tells whether a violation of an item here could be the first.
func (w *worker) open(i int) bool {
	at := violation{yes: true, steps: w.s.steps}
	return at.beats(w.s.first[i]) && at.beats(w.x.bad[i])
}

// behind is a violation by the next move, or by what is taken at once behind it, n steps later.
func (w *worker) behind(n int) violation {
	late := int(w.state[w.s.sp.in.Slots[w.st.mover].Off+machine.FrameMark])
	return violation{true, w.id, w.moves, w.s.steps + late + 1 + n}
}

// taken looks at what a step does.
func (w *worker) taken(e *machine.Edge, n int, before, after State) {
	w.executed[e.Node.ID] = true
	for _, p := range e.Path {
		w.executed[p.Node.ID] = true
	}
	if e.Node.Kind != machine.Assign && e.Path == nil {
		return
	}
	v := w.behind(n)
	for i, it := range w.s.items {
		if it.edge != nil && v.beats(w.s.first[i]) && v.beats(w.x.bad[i]) && it.edge(before, after) {
			w.x.bad[i] = v
		}
	}
}

// move looks at one successor.
func (w *worker) move(mv move, t State) bool {
	v := w.behind(0)
	w.moves++
	w.fair = w.fair || mv.fair()
	w.s.sp.sort(t)
	if w.st.pos >= 0 || w.s.sp.pack.pack(t, w.key) >= 0 {
		if v.beats(w.x.out) {
			w.x.out = v
		}
		return true
	}
	h := w.s.store.hash(w.key)
	if id, known, _ := w.s.store.find(w.key, h); known && int(w.s.store.steps[id]) <= v.steps {
		return true
	}
	w.x.keys = append(w.x.keys, w.key...)
	w.x.hashes = append(w.x.hashes, h)
	w.x.from = append(w.x.from, w.id)
	w.x.steps = append(w.x.steps, v.steps)
	return true
}

// merge adds what one batch found.
func (s *search) merge(x *expansion) {
	w := s.store.width
	for i, h := range x.hashes {
		s.add(x.keys[i*w:(i+1)*w], h, x.from[i], x.steps[i])
	}
	for i, v := range x.bad {
		if v.beats(s.first[i]) {
			s.first[i] = v
		}
	}
	if x.stop.beats(s.stop) {
		s.stop = x.stop
	}
	if x.out.beats(s.out) {
		s.out = x.out
	}
	s.terminals = append(s.terminals, x.ends...)
	s.transitions += x.moves
}

// interrupted is the bound that is reached when nobody waits for the answer any more.
const interrupted = "interrupt"

// ended words why no more time is given.
func (s *search) ended(ctx context.Context) string {
	if t := s.opt.Timeout; t > 0 && time.Since(s.begun) >= t && !errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Sprintf("timeout of %v", t)
	}
	return interrupted
}

// bound tells which bound is reached, "" if none, and reports progress.
func (s *search) bound(ctx context.Context) string {
	now := time.Now()
	if s.opt.Progress != nil && now.Sub(s.told) > 200*time.Millisecond {
		s.told = now
		s.opt.Progress(Progress{s.store.n, s.steps + 1, s.memory(), now.Sub(s.begun)})
	}
	switch o := s.opt; {
	case ctx.Err() != nil:
		return s.ended(ctx)
	case o.Until != "" && s.violated(o.Until):
		return "violation of " + o.Until
	case o.Timeout > 0 && now.Sub(s.begun) > o.Timeout:
		return s.ended(context.Background())
	case o.MaxStates > 0 && s.store.n >= o.MaxStates:
		return fmt.Sprintf("limit of %d states", o.MaxStates)
	case o.MaxMemory > 0 && s.store.nextMemory()+int64(cap(s.terminals))*4 >= o.MaxMemory:
		return fmt.Sprintf("limit of %d MB of memory", o.MaxMemory>>20)
	case int64(s.store.n) > maxNumber-1<<24:
		return fmt.Sprintf("limit of %d states", s.store.n)
	case len(s.front) > maxSteps-1<<10:
		return fmt.Sprintf("limit of %d steps", s.steps)
	}
	return ""
}

// violated tells whether a violation of the property of this title has been found.
func (s *search) violated(title string) bool {
	for i, it := range s.items {
		if s.reached(s.first[i]) && it.Title() == title && it.Severity == diag.Error {
			return true
		}
	}
	return title == string(Deadlock) && s.reached(s.stop) || title == string(Bounds) && s.reached(s.out)
}

// reached tells whether no state that is still to be expanded can have a violation of fewer steps.
func (s *search) reached(v violation) bool { return v.yes && v.steps <= s.steps+1 }

func (s *search) memory() int64 { return s.store.memory() + int64(cap(s.terminals))*4 }

// result puts the answer together.
func (s *search) result() *Exploration {
	x := &Exploration{
		States: s.store.n, Initial: len(s.sp.inits), Depth: s.steps + 1, Transitions: s.transitions,
		StateBits: s.sp.pack.bits, Memory: s.memory(), Bounded: s.bounded,
	}
	if x.States == 0 {
		x.Depth = 0
	}
	for i, it := range s.items {
		if it.Kind == Transitions && it.Severity == diag.Warning && !s.first[i].yes {
			continue // no warning edge is taken: nothing to tell
		}
		if it.formula != nil && !s.first[i].yes {
			x.Judgements = append(x.Judgements, it.Judgement)
			continue
		}
		s.conclude(it, s.first[i])
		x.Judgements = append(x.Judgements, it.Judgement)
	}
	for _, it := range s.modelItems() {
		x.Judgements = append(x.Judgements, it.Judgement)
	}
	x.Executed, x.Unexecuted = s.coverage()
	x.Duration = time.Since(s.begun)
	return x
}

// modelItems are deadlock and bounds: what is wrong with the model itself.
func (s *search) modelItems() []*item {
	dead := &item{Judgement: judgement(Deadlock, "", false), detail: func(_, t State) string { return s.sp.stuck(t) }}
	s.conclude(dead, s.stop)
	out := &item{Judgement: judgement(Bounds, "", false), detail: func(_, t State) string { return s.sp.outside(t) }}
	s.conclude(out, s.out)
	return []*item{dead, out}
}

func (s *search) conclude(it *item, v violation) {
	switch {
	case v.yes:
		it.Verdict = Violated
		it.Trace = s.trace(it, v)
		if it.detail != nil {
			it.Detail = it.detail(it.Trace.last())
		}
	case s.bounded != "":
		it.Verdict = Bounded
	}
}
