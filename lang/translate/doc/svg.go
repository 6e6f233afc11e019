package doc

import (
	"fmt"
	"html"
	"slices"

	"github.com/rprocspec/rprocspec/lang/translate/graph"
)

// figure draws a state diagram, with what its letters mean below.
func (w *htmlWriter) figure(x figure) {
	if len(x.graph.Nodes) == 0 {
		return
	}
	w.graphs++
	d := &svg{Graph: x.graph, title: x.title, marker: fmt.Sprintf("arrow%d", w.graphs), keys: keys(x.graph)}
	w.printf("<figure>\n%s", d.draw())
	if c := d.caption(); len(c) > 0 {
		w.printf("<figcaption>%s</figcaption>\n", w.inline(c))
	}
	w.printf("</figure>\n")
}

// maxLabel is how long a condition may be to stand beside its arrow; for longer ones letters do.
const maxLabel = 19

// keys gives every condition what stands beside its arrows: itself where all are short, else a letter.
func keys(g *graph.Graph) map[string]string {
	var labels []string
	short := true
	for _, e := range g.Edges {
		if e.Label != "" && !slices.Contains(labels, e.Label) {
			labels = append(labels, e.Label)
			short = short && len(e.Label) <= maxLabel
		}
	}
	keys := map[string]string{}
	for i, l := range labels {
		keys[l] = l
		if !short {
			keys[l] = letters(i)
		}
	}
	return keys
}

// letters counts a, b, …, z, a2, …
func letters(i int) string {
	s := string(rune('a' + i%26))
	if i >= 26 {
		s += fmt.Sprint(i/26 + 1)
	}
	return s
}

// svg is a drawing in the making.
type svg struct {
	*graph.Graph
	title  string
	marker string
	keys   map[string]string
	spots  []spot
	labels []rect // that have a place
	text   string
	low    point // corners of what is drawn
	high   point
}

func (d *svg) printf(format string, args ...any) { d.text += fmt.Sprintf(format, args...) }

// draw writes arrows first, then their labels, then the states: what comes later covers what is below.
func (d *svg) draw() string {
	d.spots = layout(d.Graph)
	d.printf("<defs><marker id=\"%s\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">"+
		"<path class=\"head\" d=\"M0,1 L10,5 L0,9 z\"/></marker></defs>\n", d.marker)
	d.first()
	curves := d.curves()
	for i, e := range d.Edges {
		d.line(e, curves[i])
	}
	for i, e := range d.Edges {
		d.label(e, curves[i])
	}
	for i, n := range d.Nodes {
		d.state(n.ID, d.spots[i].rect)
	}
	size := d.high.plus(d.low.times(-1))
	return fmt.Sprintf("<svg viewBox=\"%.0f %.0f %.0f %.0f\" width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-label=\"%s; the table below says the same\">\n%s</svg>\n",
		d.low.x-margin, d.low.y-margin, size.x+2*margin, size.y+2*margin, size.x+2*margin, size.y+2*margin, html.EscapeString(d.title), d.text)
}

// reach makes room for a point.
func (d *svg) reach(p point) {
	d.low = point{min(d.low.x, p.x), min(d.low.y, p.y)}
	d.high = point{max(d.high.x, p.x), max(d.high.y, p.y)}
}

// first draws an arrow out of nowhere to the state that is the only initial one, from outside.
func (d *svg) first() {
	i := slices.IndexFunc(d.Nodes, func(n *graph.Node) bool { return n.Initial })
	if i < 0 {
		return
	}
	b := d.spots[i].rect
	from := point{b.mid.x, b.mid.y - boxHeight/2 - 30}
	if b.mid.y > 0 {
		from.y = b.mid.y + boxHeight/2 + 30
	}
	c := join(rect{mid: from}, b, from, b.mid, 0)
	d.reach(from)
	d.printf("<circle class=\"head\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n", from.x, from.y)
	d.printf("<path class=\"line\" marker-end=\"url(#%s)\" d=\"M%.1f,%.1f L%.1f,%.1f\"/>\n", d.marker, c.from.x, c.from.y, c.to.x, c.to.y)
}

// curves draws the arrows, with a slight bend that keeps there and back apart.
func (d *svg) curves() []curve {
	from, to := ports(d.Graph, d.spots)
	var all []curve
	at := numbers(d.Graph)
	for i, e := range d.Edges {
		x, y := at[e.From], at[e.To]
		all = append(all, join(d.spots[x].rect, d.spots[y].rect, from[i], to[i], 0.05))
	}
	return all
}

// line draws an arrow. Its title is what a pointer, or a screen reader, gets of it.
func (d *svg) line(e *graph.Edge, c curve) {
	class := "line"
	if e.Dashed {
		class = "line warning"
	}
	d.printf("<path class=\"%s\" marker-end=\"url(#%s)\" d=\"M%.1f,%.1f Q%.1f,%.1f %.1f,%.1f\"><title>%s</title></path>\n",
		class, d.marker, c.from.x, c.from.y, c.bend.x, c.bend.y, c.to.x, c.to.y, html.EscapeString(tell(e)))
}

// tell tells an arrow in a line.
func tell(e *graph.Edge) string {
	s := e.From + " → " + e.To
	if e.Label != "" {
		s += " " + e.Label
	}
	if e.Dashed {
		s += " (warning)"
	}
	return s
}

// label puts the condition of an arrow where it hides least, rather near the middle.
func (d *svg) label(e *graph.Edge, c curve) {
	key := d.keys[e.Label]
	if key == "" {
		return
	}
	size := rect{w: float64(len([]rune(key)))*letter + 8, h: 18}
	best, least := rect{}, -1.0
	for _, t := range []float64{0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8} {
		at := rect{c.at(t), size.w, size.h}
		if over := d.hidden(at); least < 0 || over < least {
			best, least = at, over
		}
	}
	d.labels = append(d.labels, best)
	d.printf("<rect class=\"halo\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\"/>", best.mid.x-best.w/2, best.mid.y-best.h/2, best.w, best.h)
	d.printf("<text class=\"key\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", best.mid.x, best.mid.y+4.5, html.EscapeString(key))
}

// hidden tells how much of what is there a label would hide.
func (d *svg) hidden(at rect) float64 {
	sum := 0.0
	for _, r := range d.labels {
		sum += at.meets(r)
	}
	for _, s := range d.spots {
		sum += at.meets(s.rect)
	}
	return sum
}

// state draws a box with a name.
func (d *svg) state(name string, b rect) {
	d.reach(b.mid.plus(point{-b.w / 2, -b.h / 2}))
	d.reach(b.mid.plus(point{b.w / 2, b.h / 2}))
	class := "state"
	if name == anyState {
		class = "state any"
	}
	d.printf("<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.0f\" rx=\"9\"/>", class, b.mid.x-b.w/2, b.mid.y-b.h/2, b.w, b.h)
	d.printf("<text class=\"name\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", b.mid.x, b.mid.y+4.5, html.EscapeString(name))
}

// caption explains what is in the drawing.
func (d *svg) caption() text {
	var t text
	if slices.ContainsFunc(d.Edges, func(e *graph.Edge) bool { return e.Dashed }) {
		t = t.plus(say("Dashed: allowed, but warned of. "))
	}
	done := map[string]bool{}
	for _, e := range d.Edges {
		if key := d.keys[e.Label]; key != "" && !done[key] && key != e.Label {
			done[key] = true
			t = t.plus(text{{kind: strong, text: key}}, say(": only if "), codeText(condition(e)), say(". "))
		}
	}
	return t
}
