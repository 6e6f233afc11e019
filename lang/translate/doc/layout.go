package doc

import (
	"math"
	"slices"

	"github.com/rprocspec/rprocspec/lang/translate/graph"
)

// A state diagram is laid out on an ellipse: no line between two states goes through a third one. Which state
// stands where is found by exchanging two as long as fewer lines cross.

// point is a place in a drawing, in its own units.
type point struct{ x, y float64 }

func (p point) plus(q point) point               { return point{p.x + q.x, p.y + q.y} }
func (p point) times(f float64) point            { return point{p.x * f, p.y * f} }
func (p point) between(q point, t float64) point { return p.times(1 - t).plus(q.times(t)) }

// rect is a box by its middle.
type rect struct {
	mid  point
	w, h float64
}

// has tells whether a point lies in the box or on its border.
func (r rect) has(p point) bool {
	return math.Abs(p.x-r.mid.x) <= r.w/2 && math.Abs(p.y-r.mid.y) <= r.h/2
}

// meets tells how much of two boxes is one upon the other.
func (r rect) meets(o rect) float64 {
	dx := (r.w+o.w)/2 - math.Abs(r.mid.x-o.mid.x)
	dy := (r.h+o.h)/2 - math.Abs(r.mid.y-o.mid.y)
	if dx <= 0 || dy <= 0 {
		return 0
	}
	return dx * dy
}

// The measures of a drawing.
const (
	letter    = 7.9 // width of a letter
	boxHeight = 36
	margin    = 14
)

// spot is where a state stands: its box, and its place around the ellipse, which begins at the top left and goes
// clockwise.
type spot struct {
	rect
	at   int
	side point // along the ellipse, clockwise, of length 1
}

// layout places the states around the origin, in the order of the graph.
func layout(g *graph.Graph) []spot {
	n := len(g.Nodes)
	spots := make([]spot, n)
	widest := 0.0
	for i, node := range g.Nodes {
		spots[i].rect = rect{w: float64(len(node.ID))*letter + 28, h: boxHeight}
		widest = max(widest, spots[i].w)
	}
	ry := max(80, float64(n)*30)
	rx := min(max(130, float64(n)*widest*0.32), max(1.45*ry, 1.3*widest))
	if n == 1 {
		rx, ry = 0, 0
	}
	for at, s := range order(g) {
		angle := (float64(at)/float64(n))*2*math.Pi - math.Pi/2 - math.Pi/float64(n)
		spots[s].at = at
		spots[s].mid = point{rx * math.Cos(angle), ry * math.Sin(angle)}
		side := point{-rx * math.Sin(angle), ry * math.Cos(angle)}
		spots[s].side = side.times(1 / max(1, math.Hypot(side.x, side.y)))
	}
	return spots
}

// end is one end of an arrow at a state.
type end struct {
	arrow int
	out   bool
	far   int // how far around the ellipse the other end is
}

// ports says where every arrow begins and ends: the ends at a state stand side by side, in the order in which
// their other ends stand around the ellipse, so that they do not cross on the way.
func ports(g *graph.Graph, spots []spot) (from, to []point) {
	number := numbers(g)
	ends := make([][]end, len(spots))
	for i, e := range g.Edges {
		x, y := number[e.From], number[e.To]
		n := len(spots)
		ends[x] = append(ends[x], end{i, true, (spots[y].at - spots[x].at + n) % n})
		ends[y] = append(ends[y], end{i, false, (spots[x].at - spots[y].at + n) % n})
	}
	from, to = make([]point, len(g.Edges)), make([]point, len(g.Edges))
	for s, all := range ends {
		slices.SortStableFunc(all, func(a, b end) int { return a.compare(b) })
		for k, e := range all {
			p := spots[s].port(k, len(all))
			if e.out {
				from[e.arrow] = p
			} else {
				to[e.arrow] = p
			}
		}
	}
	return from, to
}

// compare puts the nearest in clockwise direction first; of two that lead to the same state the one that comes in, which
// is the second one there. Of several that go the same way the order is turned round at the other end.
func (e end) compare(o end) int {
	switch {
	case e.far != o.far:
		return e.far - o.far
	case e.out == o.out && e.out:
		return e.arrow - o.arrow
	case e.out == o.out:
		return o.arrow - e.arrow
	case e.out:
		return 1
	}
	return -1
}

// port is the place of the kth of n ends within the box of a state.
func (s spot) port(k, n int) point {
	room := 0.42 * min(s.w/max(0.01, math.Abs(s.side.x)), s.h/max(0.01, math.Abs(s.side.y)))
	step := min(15, 2*room/max(1, float64(n-1)))
	return s.mid.plus(s.side.times(step * (float64(n-1)/2 - float64(k))))
}

// order gives the states as they stand around the ellipse, by their numbers.
func order(g *graph.Graph) []int {
	at := make([]int, len(g.Nodes)) // place of every state
	for i := range at {
		at[i] = i
	}
	joined := links(g)
	best := cost(joined, at)
	for better := true; better; {
		better = false
		for i := range at {
			for j := range i {
				at[i], at[j] = at[j], at[i]
				if c := cost(joined, at); c < best {
					best, better = c, true
				} else {
					at[i], at[j] = at[j], at[i]
				}
			}
		}
	}
	states := make([]int, len(at))
	for s, p := range at {
		states[p] = s
	}
	return states
}

// numbers gives the states their numbers.
func numbers(g *graph.Graph) map[string]int {
	number := map[string]int{}
	for i, n := range g.Nodes {
		number[n.ID] = i
	}
	return number
}

// links lists the pairs of states that an arrow joins, whatever its direction.
func links(g *graph.Graph) [][2]int {
	number := numbers(g)
	seen := map[[2]int]bool{}
	var all [][2]int
	for _, e := range g.Edges {
		l := [2]int{min(number[e.From], number[e.To]), max(number[e.From], number[e.To])}
		if !seen[l] {
			seen[l] = true
			all = append(all, l)
		}
	}
	return all
}

// cost rates a placement: crossings first, then how far what is joined stands apart.
func cost(links [][2]int, at []int) int {
	sum := 0
	for i, l := range links {
		a, b := min(at[l[0]], at[l[1]]), max(at[l[0]], at[l[1]])
		sum += min(b-a, len(at)-b+a)
		for _, o := range links[:i] {
			c, d := min(at[o[0]], at[o[1]]), max(at[o[0]], at[o[1]])
			if a < c && c < b && b < d || c < a && a < d && d < b {
				sum += 8
			}
		}
	}
	return sum
}

// curve is a line with one bend.
type curve struct{ from, bend, to point }

// at gives the point of a curve at a time between 0, its beginning, and 1, its end.
func (c curve) at(t float64) point {
	return c.from.between(c.bend, t).between(c.bend.between(c.to, t), t)
}

// part cuts a curve.
func (c curve) part(t0, t1 float64) curve {
	from, to := c.at(t0), c.at(t1)
	a := c.from.between(c.bend, t0).between(c.bend.between(c.to, t0), t1)
	return curve{from, a, to}
}

// join draws a line from a place in one box to one in another, from edge to edge, bent by a part of its length.
func join(a, b rect, from, to point, bend float64) curve {
	d := to.plus(from.times(-1))
	normal := point{-d.y, d.x}
	c := curve{from, from.between(to, 0.5).plus(normal.times(bend)), to}
	if a.has(c.at(0.5)) || b.has(c.at(0.5)) {
		return c // there is no room between them
	}
	return c.part(leaves(func(t float64) bool { return a.has(c.at(t)) }, 0), leaves(func(t float64) bool { return b.has(c.at(t)) }, 1))
}

// leaves finds where a curve leaves a box, from one of its ends on: in the middle it is out of it.
func leaves(in func(t float64) bool, from float64) float64 {
	out := 0.5
	for range 30 {
		if t := (from + out) / 2; in(t) {
			from = t
		} else {
			out = t
		}
	}
	return out
}
