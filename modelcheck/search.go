package modelcheck

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// search is one breadth-first exploration. Workers expand states of the deepest level, in batches;
// what they find is then merged in order, so that numbers do not depend on who was first.
type search struct {
	sp    *space
	opt   *Options
	store *store
	items []*item
	first []violation // by item
	stop  *violation  // deadlock
	out   *violation  // bounds left

	found       uint64 // items violated so far
	transitions int
	depth       int
	executed    []bool // by node
	terminals   []uint32
	begun, told time.Time
	bounded     string
}

// violation is where an item was first violated: in a state, or by the move of it with that number.
type violation struct {
	yes  bool
	id   uint32
	move int // −1: the state itself
}

// batch is a piece of a level.
const batch = 512

// expansion is what a worker makes of a batch.
type expansion struct {
	keys   []byte // of the successors that are not known yet, in order
	hashes []uint64
	from   []uint32
	bad    []uint64 // items that a successor violates, by bits
	edges  []edgeViolation
	stops  []uint32 // deadlocks
	outs   []violation
	ends   []uint32 // states in which nothing must go on
	moves  int
}

type edgeViolation struct {
	item int
	at   violation
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
	if len(all) > 64 {
		return nil, fmt.Errorf("%s has %d properties; at most 64 can be checked at once", sp.m.Info.Name, len(all))
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	s := &search{
		sp: sp, opt: opt, items: all, first: make([]violation, len(all)), store: newStore(sp.pack.bytes),
		executed: make([]bool, len(sp.m.Nodes)), begun: time.Now(), stop: &violation{}, out: &violation{},
	}
	s.told = s.begun
	return s, nil
}

// run searches level by level.
func (s *search) run(ctx context.Context) {
	s.initial()
	lo, hi := 0, s.store.n
	for s.depth = 1; lo < hi && s.bounded == ""; {
		s.level(ctx, lo, hi)
		if lo, hi = hi, s.store.n; lo < hi {
			s.depth++
		}
	}
}

func (s *search) initial() {
	key := make([]byte, s.sp.pack.bytes)
	for _, init := range s.sp.inits {
		s.sp.pack.pack(init, key)
		id, fresh := s.store.insert(key, s.store.hash(key), noParent)
		if fresh {
			s.judged(s.judge(init, ^uint64(0)), id)
		}
	}
}

// level expands the states from lo to hi.
func (s *search) level(ctx context.Context, lo, hi int) {
	const round = 32 * batch // the same for any number of workers: bounds are looked at in between
	for ; lo < hi; lo += round {
		for _, x := range s.expandAll(lo, min(lo+round, hi)) {
			s.merge(x)
		}
		if s.bounded = s.bound(ctx); s.bounded != "" {
			return
		}
	}
}

// expandAll expands states in parallel; the results are in order.
func (s *search) expandAll(lo, hi int) []*expansion {
	out := make([]*expansion, (hi-lo+batch-1)/batch)
	var next atomic.Int32
	var wg sync.WaitGroup
	executed := make([][]bool, min(s.opt.Workers, len(out)))
	for w := range executed {
		executed[w] = make([]bool, len(s.executed))
		wg.Go(func() {
			wk := newWorker(s, executed[w])
			for i := int(next.Add(1)) - 1; i < len(out); i = int(next.Add(1)) - 1 {
				out[i] = wk.expand(lo+i*batch, min(lo+(i+1)*batch, hi))
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
	edges    uint64
}

func newWorker(s *search, executed []bool) *worker {
	return &worker{s: s, st: newStepper(s.sp), state: s.sp.blank(), key: make([]byte, s.sp.pack.bytes), executed: executed}
}

func (w *worker) expand(lo, hi int) *expansion {
	w.x = &expansion{}
	w.edges = 0
	for i, it := range w.s.items {
		if it.edge != nil && !w.s.first[i].yes {
			w.edges |= 1 << i
		}
	}
	for id := lo; id < hi; id++ {
		w.one(uint32(id))
	}
	return w.x
}

// one finds the successors of a state.
func (w *worker) one(id uint32) {
	w.s.sp.pack.unpack(w.s.store.key(id), w.state)
	w.id, w.moves, w.fair = id, 0, false
	w.st.each(w.state, w.move)
	w.x.moves += w.moves
	if w.fair {
		return
	}
	w.x.ends = append(w.x.ends, id)
	for i := range w.s.sp.in.Slots {
		if w.state[w.s.sp.in.Slots[i].Off] > 0 {
			w.x.stops = append(w.x.stops, id)
			return
		}
	}
}

// move looks at one successor.
func (w *worker) move(mv move, t State) bool {
	n := w.moves
	w.moves++
	w.fair = w.fair || mv.fair()
	if mv.edge != nil {
		w.execute(mv.edge)
	}
	for i := range w.s.items {
		if w.edges>>i&1 != 0 && w.s.items[i].edge(w.state, t) {
			w.edges &^= 1 << i
			w.x.edges = append(w.x.edges, edgeViolation{i, violation{true, w.id, n}})
		}
	}
	w.s.sp.sort(t)
	if w.st.pos >= 0 || w.s.sp.pack.pack(t, w.key) >= 0 {
		if len(w.x.outs) == 0 {
			w.x.outs = append(w.x.outs, violation{true, w.id, n})
		}
		return true
	}
	h := w.s.store.hash(w.key)
	if _, known, _ := w.s.store.find(w.key, h); known {
		return true
	}
	w.x.keys = append(w.x.keys, w.key...)
	w.x.hashes = append(w.x.hashes, h)
	w.x.from = append(w.x.from, w.id)
	w.x.bad = append(w.x.bad, w.s.judge(t, ^w.s.found))
	return true
}

func (w *worker) execute(e *machine.Edge) {
	w.executed[e.Node.ID] = true
	for _, p := range e.Path {
		w.executed[p.Node.ID] = true
	}
}

// judge gives the items of mask that s violates by itself.
func (s *search) judge(t State, mask uint64) uint64 {
	var bad uint64
	for i, it := range s.items {
		if mask>>i&1 != 0 && it.state != nil && it.state(t) {
			bad |= 1 << i
		}
	}
	return bad
}

func (s *search) judged(bad uint64, id uint32) {
	for i := range s.items {
		if bad>>i&1 != 0 && !s.first[i].yes {
			s.first[i] = violation{true, id, -1}
			s.found |= 1 << i
		}
	}
}

// merge adds what one batch found.
func (s *search) merge(x *expansion) {
	w := s.store.width
	for i, h := range x.hashes {
		id, fresh := s.store.insert(x.keys[i*w:(i+1)*w], h, x.from[i])
		if fresh && x.bad[i]&^s.found != 0 {
			s.judged(x.bad[i], id)
		}
	}
	for _, e := range x.edges {
		if !s.first[e.item].yes {
			s.first[e.item] = e.at
			s.found |= 1 << e.item
		}
	}
	if len(x.stops) > 0 && !s.stop.yes {
		s.stop = &violation{true, x.stops[0], -1}
	}
	if len(x.outs) > 0 && !s.out.yes {
		s.out = &x.outs[0]
	}
	s.terminals = append(s.terminals, x.ends...)
	s.transitions += x.moves
}

// bound tells which bound is reached, "" if none, and reports progress.
func (s *search) bound(ctx context.Context) string {
	now := time.Now()
	if s.opt.Progress != nil && now.Sub(s.told) > 200*time.Millisecond {
		s.told = now
		s.opt.Progress(Progress{s.store.n, s.depth, s.memory(), now.Sub(s.begun)})
	}
	switch o := s.opt; {
	case ctx.Err() != nil:
		return "interrupted"
	case o.Until != "" && s.violated(o.Until):
		return "violation of " + o.Until
	case o.Timeout > 0 && now.Sub(s.begun) > o.Timeout:
		return fmt.Sprintf("timeout of %v", o.Timeout)
	case o.MaxStates > 0 && s.store.n >= o.MaxStates:
		return fmt.Sprintf("limit of %d states", o.MaxStates)
	case o.MaxMemory > 0 && s.store.nextMemory()+int64(cap(s.terminals))*4 >= o.MaxMemory:
		return fmt.Sprintf("limit of %d MB of memory", o.MaxMemory>>20)
	case s.store.n > maxNumber-1<<24:
		return fmt.Sprintf("limit of %d states", s.store.n)
	}
	return ""
}

// violated tells whether a violation of the property of this title has been found.
func (s *search) violated(title string) bool {
	for i, it := range s.items {
		if s.first[i].yes && it.Title() == title && it.Severity == diag.Error {
			return true
		}
	}
	return title == string(Deadlock) && s.stop.yes || title == string(Bounds) && s.out.yes
}

func (s *search) memory() int64 { return s.store.memory() + int64(cap(s.terminals))*4 }

// result puts the answer together.
func (s *search) result() *Exploration {
	x := &Exploration{
		States: s.store.n, Initial: len(s.sp.inits), Depth: s.depth, Transitions: s.transitions,
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
	s.conclude(dead, *s.stop)
	out := &item{Judgement: judgement(Bounds, "", false), detail: func(_, t State) string { return s.sp.outside(t) }}
	s.conclude(out, *s.out)
	return []*item{dead, out}
}

func (s *search) conclude(it *item, v violation) {
	switch {
	case v.yes:
		it.Verdict = Violated
		it.Trace = s.trace(v, it.lastStep(v))
		it.Trace.Property = it.Title()
		if it.detail != nil {
			it.Detail = it.detail(it.Trace.last())
		}
	case s.bounded != "":
		it.Verdict = Bounded
	}
}

// lastStep accepts the step that violates an item, if it is the step that does.
func (it *item) lastStep(v violation) func(r *replayer) func(mv move, to State) bool {
	switch {
	case v.move < 0:
		return nil
	case it.edge != nil:
		return func(r *replayer) func(mv move, to State) bool {
			return func(_ move, to State) bool { return it.edge(r.from, to) }
		}
	}
	return func(r *replayer) func(mv move, to State) bool {
		return func(_ move, to State) bool {
			_, ok := r.canonical(to)
			return !ok || r.st.pos >= 0
		}
	}
}
