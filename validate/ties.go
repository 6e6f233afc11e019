package validate

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/traces"
)

const (
	// maxPlaces bounds the orders that are looked at for records of one time: a place is how far each
	// CPU has come. Records of one time are few, unless the clock is coarse or stands still.
	maxPlaces = 400
	// maxTie bounds records of one time on one CPU that are kept to wait for another CPU.
	maxTie = 4096
)

// observe takes the next record of the subject. Records of one time are collected: between CPUs their
// order in the file is not the order in which they happened.
func (x *subject) observe(r *rec, optional bool) {
	if len(x.group) > 0 && (optional || !r.timed() || r.Time != x.group[0].Time) {
		x.flush()
	}
	if optional || !r.timed() {
		x.process(r, optional)
		return
	}
	if x.tangle != nil {
		x.tangle.add(x, r)
		return
	}
	x.group = append(x.group, r)
	switch {
	case len(x.group) > 8 && !oneCPU(x.group) && places(byCPU(x.group)) > maxPlaces:
		x.tangle = &tangle{}
		for _, r := range x.group {
			x.tangle.add(x, r)
		}
		x.group = x.group[:1]
	case len(x.group) == maxTie:
		x.flush()
	}
}

// tangle is a run of records of one time, on several CPUs, of which there are too many to try all orders.
type tangle struct{ n, from, to int }

func (t *tangle) add(x *subject, r *rec) {
	if t.n++; t.n == 1 {
		t.from = r.Line
	}
	t.to = r.Line
	x.records++
	x.v.counts.Bound++
}

// untangle goes on from an unknown state.
func (x *subject) untangle() {
	t := x.tangle
	x.tangle = nil
	x.lose(&rec{Record: &traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Line: t.to,
		Reason: fmt.Sprintf("lines %d to %d: %d records bear one time, on several CPUs, and their order is not known", t.from, t.to, t.n),
	}, work: -1, said: true})
}

// flush explains the collected records, in every order that keeps each CPU's own.
func (x *subject) flush() {
	group := x.group
	x.group = nil
	switch {
	case x.tangle != nil:
		x.untangle()
	case len(group) < 2 || x.trial != nil || x.cur == nil || oneCPU(group):
		x.inTurn(group)
	default:
		x.anyOrder(group)
	}
}

func (x *subject) inTurn(group []*rec) {
	for _, r := range group {
		x.process(r, false)
	}
}

func (x *subject) anyOrder(group []*rec) {
	union := x.interleave(group)
	if x.overflow || union.empty() {
		x.overflow = false
		x.inTurn(group)
		return
	}
	for _, r := range group {
		x.records++
		x.v.counts.Bound++
		x.bound(r)
		x.keep(r)
		x.last = r
		x.cur = union
		x.remember(r)
		x.seenCtx[r.ctx] = true
		if r.Kind == traces.Log {
			x.v.level(r)
		}
	}
	x.advance(union, group[len(group)-1])
}

// interleave gives the explanations after all records of a group. It goes from place to place, a place
// being how many records of each CPU have been explained, and keeps one set for each.
func (x *subject) interleave(group []*rec) *set {
	queues := byCPU(group)
	sets := make([]*set, places(queues))
	sets[0] = x.cur
	for at := range sets {
		if at == len(sets)-1 || sets[at].empty() {
			continue
		}
		closed := x.closure(sets[at], true)
		sets[at] = nil
		rest, stride := at, 1
		for _, q := range queues {
			if i := rest % (len(q) + 1); i < len(q) {
				x.line = q[i].Line
				sets[at+stride] = x.union(sets[at+stride], x.matchSet(closed, q[i], false))
			}
			rest /= len(q) + 1
			stride *= len(q) + 1
		}
	}
	return sets[len(sets)-1]
}

func (x *subject) union(a, b *set) *set {
	if a == nil {
		return b
	}
	for _, e := range b.list {
		a.add(e)
	}
	return a
}

// byCPU splits a group, each part in the order of the file.
func byCPU(group []*rec) [][]*rec {
	var cpus []int
	var queues [][]*rec
	for _, r := range group {
		i := slices.Index(cpus, r.CPU)
		if i < 0 {
			i = len(cpus)
			cpus, queues = append(cpus, r.CPU), append(queues, nil)
		}
		queues[i] = append(queues[i], r)
	}
	return queues
}

// places counts the places of interleave.
func places(queues [][]*rec) int {
	n := 1
	for _, q := range queues {
		n *= len(q) + 1
		if n > maxPlaces {
			return n
		}
	}
	return n
}

func oneCPU(rs []*rec) bool {
	for _, r := range rs {
		if r.CPU != rs[0].CPU {
			return false
		}
	}
	return true
}
