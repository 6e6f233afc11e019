package modelcheck

import (
	"context"
	"math"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// Temporal properties are judged on the states that the search has found. A behaviour violates a goal
// if it comes into the goal's region and stays there for ever, fairly: either it stops where nothing
// must go on, or it goes round in a strongly connected part of the region in which every activation and
// every pending item that could always go on does so. Activations of the environment run once, so they
// stand still in every cycle: taking equal ones for each other does not touch fairness.

// temporal judges every formula. An interrupt leaves those open that no violation is known of, as a bound of the search
// does.
func (s *search) temporal(ctx context.Context) {
	if s.opt.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, s.begun.Add(s.opt.Timeout))
		defer cancel()
	}
	for _, it := range s.items {
		if it.formula == nil {
			continue
		}
		for _, g := range it.formula.goals {
			l := &lassos{s: s, goal: g, ctx: ctx, st: newStepper(s.sp), key: make([]byte, s.sp.pack.bytes), state: s.sp.blank(), next: s.sp.blank()}
			if t := l.find(); t != nil {
				it.Verdict, it.Trace = Violated, t
				it.Trace.Property = it.Title()
				it.Detail = l.detail
				break
			}
		}
		if s.bounded == "" && ctx.Err() != nil {
			s.bounded = s.ended(ctx)
		}
		if s.bounded != "" && it.Verdict != Violated {
			it.Verdict = Bounded
		}
	}
}

// lassos looks for a violation of one goal.
type lassos struct {
	s      *search
	goal   goal
	ctx    context.Context
	st     *stepper
	key    []byte
	state  State
	next   State
	inside map[uint32]uint32 // the region that was entered: the state before, noParent at the trigger
	order  []uint32
	detail string
}

func (l *lassos) load(id uint32) State {
	l.s.sp.pack.unpack(l.s.store.key(id), l.state)
	return l.state
}

// find gives a lasso, or nil.
func (l *lassos) find() *Trace {
	if l.goal.enter || l.s.sp.cyclic() {
		l.enter()
	}
	if t := l.halts(); t != nil {
		return t
	}
	if l.s.sp.cyclic() {
		return l.cycles()
	}
	return nil
}

// look is after how many states an interrupt is looked for.
const look = 4096

// enter finds the states that can be reached in the region from a trigger, breadth first.
func (l *lassos) enter() {
	l.inside = map[uint32]uint32{}
	for id := range uint32(l.s.store.n) {
		if l.goal.atStart && l.s.store.parent[id] != noParent {
			continue
		}
		if s := l.load(id); l.goal.trigger(s) && l.goal.region(s) {
			l.inside[id] = noParent
			l.order = append(l.order, id)
		}
	}
	for i := 0; i < len(l.order) && (i%look > 0 || l.ctx.Err() == nil); i++ {
		id := l.order[i]
		l.successors(id, func(_ move, to uint32) {
			if _, ok := l.inside[to]; !ok {
				l.inside[to] = id
				l.order = append(l.order, to)
			}
		})
	}
}

// successors calls yield for every move from a state to one of the region that the search knows.
func (l *lassos) successors(id uint32, yield func(mv move, to uint32)) {
	l.s.sp.pack.unpack(l.s.store.key(id), l.next)
	l.st.each(l.next, func(mv move, t State) bool {
		l.s.sp.sort(t)
		if l.st.pos >= 0 || l.s.sp.pack.pack(t, l.key) >= 0 || !l.goal.region(t) {
			return true
		}
		if to, ok, _ := l.s.store.find(l.key, l.s.store.hash(l.key)); ok {
			yield(mv, to)
		}
		return true
	})
}

// halts looks for a state of the region in which nothing must go on.
func (l *lassos) halts() *Trace {
	best, length := noParent, math.MaxInt
	for _, id := range l.s.terminals {
		s := l.load(id)
		if !l.goal.region(s) || !l.goal.seek(s) {
			continue
		}
		if l.inside != nil {
			if _, ok := l.inside[id]; !ok {
				continue
			}
		}
		if n := l.length(id) + l.s.sp.owed(s); n < length {
			best, length = id, n
		}
	}
	if best == noParent {
		return nil
	}
	way := l.way(best)
	t, end := l.s.follow(way, len(way)-1)
	t.Loop = end
	t.name(l.s.sp)
	l.detail = "nothing needs to happen any more: it stays so for ever"
	return t.Trace
}

// length is the number of steps to a state; within the region every move is taken for one.
func (l *lassos) length(id uint32) int {
	n := 0
	for ; l.inside != nil && l.inside[id] != noParent; id = l.inside[id] {
		n++
	}
	return n + int(l.s.store.steps[id])
}

// way gives the states from an initial one to id: to the trigger, and on within the region.
func (l *lassos) way(id uint32) []uint32 {
	if l.inside == nil {
		return l.s.store.path(id)
	}
	var tail []uint32
	for l.inside[id] != noParent {
		tail = append(tail, id)
		id = l.inside[id]
	}
	slices.Reverse(tail)
	return append(l.s.store.path(id), tail...)
}

// cyclic reports whether a behaviour can come back to a state: only if a worker, or an activation that
// is spawned, queues or spawns something. Everything else moves forward once.
func (sp *space) cyclic() bool {
	for _, n := range sp.m.Nodes[1:] {
		if n.Kind != machine.Queue && n.Kind != machine.Spawn {
			continue
		}
		for i := range sp.in.Slots {
			if sp.in.Slots[i].Kind != machine.OnceSlot && sp.in.Slots[i].Proc == n.Root {
				return true
			}
		}
	}
	return false
}

// cycles looks for a fair cycle in the region that was entered.
func (l *lassos) cycles() *Trace {
	next := func(id uint32) (all []uint32) {
		l.successors(id, func(_ move, to uint32) { all = append(all, to) })
		return all
	}
	for part := range components(l.order, next) {
		if t := l.component(part); t != nil || l.ctx.Err() != nil {
			return t
		}
	}
	return nil
}

// demand is one fairness constraint: an activation's next step, or the start of a pending item.
type demand struct {
	slot int
	kind moveKind
}

// link is a move within a component.
type link struct {
	from, to uint32
	by       demand
}

// component checks one strongly connected part, and gives a fair lasso through it if there is one.
func (l *lassos) component(comp []uint32) *Trace {
	slices.Sort(comp)
	in := map[uint32]bool{}
	for _, id := range comp {
		in[id] = true
	}
	var links []link
	enabled := map[demand]map[uint32]bool{}
	for _, id := range comp {
		for _, d := range l.demands(id) {
			if enabled[d] == nil {
				enabled[d] = map[uint32]bool{}
			}
			enabled[d][id] = true
		}
		l.successors(id, func(mv move, to uint32) {
			if in[to] {
				links = append(links, link{id, to, demand{mv.slot, mv.kind}})
			}
		})
	}
	if len(links) == 0 {
		return nil
	}
	way, ok := l.waypoints(comp, links, enabled)
	if !ok {
		return nil
	}
	return l.lasso(way, links)
}

// demands lists what can go on in a state, by fairness constraint.
func (l *lassos) demands(id uint32) []demand {
	var all []demand
	l.s.sp.pack.unpack(l.s.store.key(id), l.next)
	l.st.each(l.next, func(mv move, _ State) bool {
		if d := (demand{mv.slot, mv.kind}); mv.fair() && !slices.Contains(all, d) {
			all = append(all, d)
		}
		return true
	})
	return all
}

// waypoints lists the links that a cycle has to take so that it is fair and comes by seek; a link from
// a state to itself of kind startMove only says that the state is to be visited.
func (l *lassos) waypoints(comp []uint32, links []link, enabled map[demand]map[uint32]bool) ([]link, bool) {
	visit := func(id uint32) link { return link{id, id, demand{-1, startMove}} }
	i := slices.IndexFunc(comp, func(id uint32) bool { return l.goal.seek(l.load(id)) })
	if i < 0 {
		return nil, false
	}
	way := []link{visit(comp[i])}
	for slot := range l.s.sp.in.Slots {
		for _, kind := range []moveKind{stepMove, workMove} {
			d := demand{slot, kind}
			if len(enabled[d]) < len(comp) {
				i := slices.IndexFunc(comp, func(id uint32) bool { return !enabled[d][id] })
				way = append(way, visit(comp[i]))
				continue
			}
			i := slices.IndexFunc(links, func(k link) bool { return k.by == d })
			if i < 0 {
				return nil, false
			}
			way = append(way, links[i])
		}
	}
	return way, true
}

// lasso makes the behaviour that goes to the component and round by all waypoints.
func (l *lassos) lasso(way []link, links []link) *Trace {
	out := map[uint32][]uint32{}
	for _, k := range links {
		out[k.from] = append(out[k.from], k.to)
	}
	first := way[0].from
	ids := l.way(first)
	loop, cur := len(ids)-1, first
	for _, w := range way[1:] {
		ids = append(ids, route(out, cur, w.from)...)
		if cur = w.from; w.by.slot >= 0 {
			ids = append(ids, w.to)
			cur = w.to
		}
	}
	ids = append(ids, route(out, cur, first)...)
	if len(ids)-1 == loop { // one state was enough for all: take any way round
		to := out[first][0]
		ids = append(append(ids, to), route(out, to, first)...)
	}
	t, mark := l.s.follow(ids, loop)
	t.Loop = mark
	t.name(l.s.sp)
	l.detail = "the last steps repeat for ever"
	return t.Trace
}

// route gives the states of a shortest way, without its beginning.
func route(out map[uint32][]uint32, from, to uint32) []uint32 {
	before := map[uint32]uint32{from: from}
	queue := []uint32{from}
	for i := 0; i < len(queue) && queue[i] != to; i++ {
		for _, n := range out[queue[i]] {
			if _, ok := before[n]; !ok {
				before[n] = queue[i]
				queue = append(queue, n)
			}
		}
	}
	var ids []uint32
	for at := to; at != from; at = before[at] {
		ids = append(ids, at)
	}
	slices.Reverse(ids)
	return ids
}
