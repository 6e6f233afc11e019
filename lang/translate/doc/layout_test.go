package doc

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang/translate/graph"
)

// someGraph is a graph with n states and about as many arrows as a machine has.
func someGraph(r *rand.Rand, n int) *graph.Graph {
	g := &graph.Graph{}
	for i := range n {
		g.Nodes = append(g.Nodes, &graph.Node{ID: strings.Repeat("S", 2+r.IntN(14)) + fmt.Sprint(i)})
	}
	for range r.IntN(3*n + 1) {
		a, b := r.IntN(n), r.IntN(n)
		if a != b {
			label := []string{"", "if x", "if longer_than_that == 1"}[r.IntN(3)]
			g.Edges = append(g.Edges, &graph.Edge{From: g.Nodes[a].ID, To: g.Nodes[b].ID, Label: label, Dashed: r.IntN(4) == 0})
		}
	}
	return g
}

// TestLayout: no state stands upon another, arrows begin and end at the boxes, and are long enough to be seen.
func TestLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n <= 26; n++ {
		g := someGraph(r, n)
		spots := layout(g)
		for i, a := range spots {
			for j, b := range spots[:i] {
				if a.meets(b.rect) > 0 {
					t.Errorf("of %d states %d and %d stand upon each other: %+v, %+v", n, i, j, a.rect, b.rect)
				}
			}
		}
		d := &svg{Graph: g, spots: spots}
		for i, c := range d.curves() {
			e := g.Edges[i]
			checkEnd(t, g, spots, e.From, c.from)
			checkEnd(t, g, spots, e.To, c.to)
			if math.Hypot(c.to.x-c.from.x, c.to.y-c.from.y) < 8 {
				t.Errorf("of %d states: %v is not to be seen: %+v", n, e, c)
			}
		}
	}
}

// checkEnd checks that a point lies on the border of the box of a state.
func checkEnd(t *testing.T, g *graph.Graph, spots []spot, state string, p point) {
	t.Helper()
	for i, n := range g.Nodes {
		b := spots[i].rect
		wide := rect{b.mid, b.w + 4, b.h + 4}
		if n.ID == state && !wide.has(p) {
			t.Errorf("an arrow at %s does not touch its box: %+v, %+v", state, p, b)
		}
		if inner := (rect{b.mid, b.w - 4, b.h - 4}); inner.has(p) {
			t.Errorf("an arrow of %s ends within %s", state, n.ID)
		}
	}
}

// TestOrder: where a placement without crossings is a swap away, it is found, and nothing gets worse.
func TestOrder(t *testing.T) {
	ring := &graph.Graph{
		Nodes: []*graph.Node{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}},
		Edges: []*graph.Edge{{From: "a", To: "c"}, {From: "c", To: "b"}, {From: "b", To: "d"}, {From: "d", To: "a"}},
	}
	at := make([]int, 4)
	for p, s := range order(ring) {
		at[s] = p
	}
	if c := cost(links(ring), at); c != 4 {
		t.Errorf("a ring of four costs %d, want 4", c)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		g := someGraph(r, 9)
		as, found := make([]int, 9), make([]int, 9)
		for i := range as {
			as[i] = i
		}
		for p, s := range order(g) {
			found[s] = p
		}
		if cost(links(g), found) > cost(links(g), as) {
			t.Errorf("order made it worse: %v", found)
		}
	}
}

// TestCaption: conditions that are short stand beside their arrows, else letters that the caption explains.
func TestCaption(t *testing.T) {
	g := &graph.Graph{
		Nodes: []*graph.Node{{ID: "a"}, {ID: "b"}},
		Edges: []*graph.Edge{{From: "a", To: "b", Label: "if x", Dashed: true}, {From: "b", To: "a", Label: "if a_long_condition && y"}},
	}
	d := &svg{Graph: g, keys: keys(g)}
	if got := d.caption().String(); got != "Dashed: allowed, but warned of. a: only if x. b: only if a_long_condition && y. " {
		t.Errorf("caption %q", got)
	}
	g.Edges = g.Edges[:1]
	d.keys = keys(g)
	if got := d.keys["if x"]; got != "if x" {
		t.Errorf("label %q", got)
	}
	if got := d.caption().String(); got != "Dashed: allowed, but warned of. " {
		t.Errorf("caption %q", got)
	}
	if got := letters(27); got != "b2" {
		t.Errorf("letter %q", got)
	}
}

// TestGather: arrows from all other states to one become one, others stay.
func TestGather(t *testing.T) {
	g := &graph.Graph{}
	for i := range 5 {
		g.Nodes = append(g.Nodes, &graph.Node{ID: fmt.Sprint(i), Initial: i > 0})
		if i > 0 {
			g.Edges = append(g.Edges, &graph.Edge{From: fmt.Sprint(i), To: "0", Label: "if x"}, &graph.Edge{From: "0", To: fmt.Sprint(i), Dashed: i > 1})
		}
	}
	gather(g)
	single(g)
	var got []string
	for _, e := range g.Edges {
		got = append(got, tell(e))
	}
	want := "any state → 0 if x|0 → 1|0 → 2 (warning)|0 → 3 (warning)|0 → 4 (warning)"
	if strings.Join(got, "|") != want || g.Nodes[5].ID != anyState {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, n := range g.Nodes {
		if n.Initial {
			t.Errorf("of several initial states, %s is marked", n.ID)
		}
	}
}
