package promela

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// layout arranges the points of a role as a person would: what only one way leads to stands in it, ways that meet
// again meet behind `fi`, and what leads elsewhere jumps there.
type layout struct {
	w     *writer
	r     *role
	out   *text
	order map[*point]int // bodies have no loops, so there is one
	ahead []*point       // points that come behind what is being written, innermost last
	done  map[*point]bool
	jumps map[*point]bool // points that are jumped to; complete when everything was written once
}

// body writes the body of a role. Where labels are needed is known only when all is written, so it is
// written twice.
func (w *writer) body(r *role) string {
	l := &layout{w: w, r: r, jumps: map[*point]bool{}}
	l.sort()
	for range 2 {
		l.out, l.done, l.ahead = &text{}, map[*point]bool{}, nil
		l.whole()
	}
	return l.out.String()
}

// sort numbers the points so that every step goes forward.
func (l *layout) sort() {
	var back []*point
	seen := map[*point]bool{nil: true}
	var visit func(os []*option)
	visit = func(os []*option) {
		for _, o := range slices.Backward(os) {
			if !seen[o.to] {
				seen[o.to] = true
				visit(l.r.options[o.to])
				back = append(back, o.to)
			}
		}
	}
	visit(l.r.starts)
	l.order = map[*point]int{}
	for i, p := range back {
		l.order[p] = len(back) - i
	}
}

// end is the point at which an activation ends, nil if none does.
func (l *layout) end() *point {
	for p := range l.order {
		if p.Node.Kind == machine.End {
			return p
		}
	}
	return nil
}

// whole writes the start, the body, and the end.
func (l *layout) whole() {
	end := l.end()
	l.ahead = append(l.ahead, end)
	l.out.label(idle)
	if len(l.r.starts) == 0 {
		l.out.line(1, "false", "")
		return
	}
	l.block(1, l.branch(1, l.r.starts, end, false), end)
	l.ahead = nil
	l.block(1, end, nil)
	if l.r.kind == machine.OnceSlot {
		l.out.label(done)
		l.out.line(1, "false", "")
	} else {
		l.out.line(1, "goto "+idle, "")
	}
}

// block writes from p on, until what follows behind it comes, or something that stands elsewhere.
func (l *layout) block(depth int, p, behind *point) {
	for p != nil && p != behind {
		if l.elsewhere(p) {
			l.out.line(depth, l.jump(p)+";", "")
			return
		}
		l.done[p] = true
		p = l.point(depth, p, behind)
	}
}

// elsewhere tells whether a point stands at another place of the text than here.
func (l *layout) elsewhere(p *point) bool { return l.done[p] || slices.Contains(l.ahead, p) }

// jump writes that something else comes next; nil stands for what comes when an activation has ended.
func (l *layout) jump(p *point) string {
	switch {
	case p == nil && l.r.kind == machine.OnceSlot:
		return "goto " + done
	case p == nil:
		return "goto " + idle
	}
	l.jumps[p] = true
	return "goto " + l.r.labels[p]
}

// point writes a point, and gives the one to go on with.
func (l *layout) point(depth int, p, behind *point) *point {
	if l.jumps[p] || l.r.marked[p] {
		l.out.label(l.r.labels[p])
	}
	os := l.r.options[p]
	switch {
	case len(os) == 0:
		l.out.line(depth, "false;", note(p.Node))
		return nil
	case len(os) > 1:
		return l.branch(depth, os, behind, twoSided(p))
	}
	s := l.w.statement(l.r, os[0])
	if l.jumps[p] && s.isBlock() { // Spin lets nothing jump to a d_step
		l.out.line(depth, "if", "")
		l.out.statement(depth, ":: ", s, "", note(os[0].node))
		l.out.line(depth, "fi;", "")
	} else {
		l.out.statement(depth, "", s, ";", note(os[0].node))
	}
	if os[0].to == nil && p.Node.Kind != machine.End { // an activation may end as one branch of a choice
		l.out.line(depth, l.jump(nil)+";", "")
	}
	return os[0].to
}

// twoSided tells whether a point does nothing but test a condition, so that one side is the other's `else`.
func twoSided(p *point) bool {
	return p.Node.Kind == machine.Test && len(p.Steps) == 2
}

// branch writes several ways on, and gives the point to go on with behind them.
func (l *layout) branch(depth int, os []*option, behind *point, test bool) *point {
	next := l.meet(os, behind)
	l.out.line(depth, "if", "")
	ahead := l.ahead
	l.ahead = slices.Clip(l.ahead)
	for p := range l.reach(next, nil) { // all of that comes behind the ways
		l.ahead = append(l.ahead, p)
	}
	for i, o := range os {
		s, at := l.w.statement(l.r, o), note(o.node)
		if i == 1 && test && len(os) == 2 && s.isTest() && l.w.statement(l.r, os[0]).isTest() {
			s.guard, at = "else", ""
		}
		l.way(depth, o, s, at, next)
	}
	l.ahead = ahead
	if os[0].node == nil && l.r.kind == machine.OnceSlot {
		l.out.line(depth, "unstarted", "")
	}
	l.out.line(depth, "fi;", "")
	return next
}

// way writes one of several ways on.
func (l *layout) way(depth int, o *option, s statement, note string, next *point) {
	switch {
	case o.to == next && next != nil:
		l.out.statement(depth, ":: ", s, "", note)
	case o.to == nil || l.elsewhere(o.to):
		l.out.statement(depth, ":: ", s, " -> "+l.jump(o.to), note)
	default:
		l.out.statement(depth, ":: ", s, " ->", note)
		l.block(depth+1, o.to, next)
	}
}

// Ways that are this short stand in the branch that leads to them; where one is longer, it goes on behind.
const (
	short = 4
	long  = 4
)

// meet finds where several ways meet again, and what is to be written behind them: that point, or the longest of the
// ways, if the others are short; nil if there is nothing.
func (l *layout) meet(os []*option, behind *point) *point {
	count := map[*point]int{}
	for _, o := range os {
		for p := range l.reach(o.to, nil) {
			count[p]++
		}
	}
	var meet *point
	for p, n := range count {
		if n > 1 && (p == behind || !l.elsewhere(p)) && (meet == nil || n > count[meet] || n == count[meet] && l.order[p] < l.order[meet]) {
			meet = p
		}
	}
	next, main := l.longest(os, meet, behind)
	if meet == nil {
		return next
	}
	others := map[*point]bool{}
	for _, o := range os {
		for p := range l.reach(o.to, meet) {
			others[p] = others[p] || !main[p]
		}
	}
	n := 0
	for _, other := range others {
		if other {
			n++
		}
	}
	if len(main) < long || n > short && meet.Node.Kind != machine.End {
		return meet
	}
	return next
}

// longest finds the way with the most points before meet, and these.
func (l *layout) longest(os []*option, meet, behind *point) (next *point, main map[*point]bool) {
	for _, o := range os {
		if o.to == nil || o.to != behind && l.elsewhere(o.to) {
			continue
		}
		if ps := l.reach(o.to, meet); next == nil || len(ps) > len(main) {
			next, main = o.to, ps
		}
	}
	return next, main
}

// reach finds the points that are still to be written on the ways from p to stop: behind them comes what stands
// elsewhere, which counts, but is not passed.
func (l *layout) reach(p, stop *point) map[*point]bool {
	found := map[*point]bool{}
	var walk func(p *point)
	walk = func(p *point) {
		if p == nil || p == stop || found[p] {
			return
		}
		found[p] = true
		if l.elsewhere(p) {
			return
		}
		for _, o := range l.r.options[p] {
			walk(o.to)
		}
	}
	walk(p)
	return found
}

// note says where in the specification a step is.
func note(n *machine.Node) string {
	if n == nil || n.Kind == machine.End {
		return ""
	}
	return sourceOf(n.Func.Name, n.Span.Start.Line)
}
