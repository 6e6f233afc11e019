package doc

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/translate/graph"
)

// anyState is the node that stands for every state but the one that an arrow leads to. No member bears the name: it
// is more than one word.
const anyState = "any state"

// manyStates is the number of states from which on arrows from all of them are drawn as one.
const manyStates = 5

// intent draws what a variable is meant to do; nil if the kernel is not there.
func (b *builder) intent(v *check.Object) []block {
	all, err := graph.Intents(b.in.Machine, b.in.Kernel)
	if i := slices.Index(b.info.TransitionVars, v); err == nil {
		g := all[i]
		g.Title = nil // the heading says it
		gather(g)
		single(g)
		return []block{figure{g, "How " + v.Name + " may change"}}
	}
	return nil
}

// gather draws arrows that lead from all other states to one as a single arrow, from a node of its own.
func gather(g *graph.Graph) {
	n := len(g.Nodes)
	if n < manyStates {
		return
	}
	count := map[target]int{}
	for _, e := range g.Edges {
		count[targetOf(e)]++
	}
	var keep []*graph.Edge
	done := map[target]bool{}
	for _, e := range g.Edges {
		switch c := targetOf(e); {
		case count[c] < n-1:
			keep = append(keep, e)
		case !done[c]:
			done[c] = true
			keep = append(keep, &graph.Edge{From: anyState, To: e.To, Label: e.Label, Dashed: e.Dashed})
		}
	}
	if g.Edges = keep; len(done) > 0 {
		g.Nodes = append(g.Nodes, &graph.Node{ID: anyState, Label: anyState})
	}
}

// target is an edge without its beginning.
type target struct {
	to, label string
	dashed    bool
}

func targetOf(e *graph.Edge) target { return target{e.To, e.Label, e.Dashed} }

// single keeps the mark of the initial state only where there is one: several are those of an instance, and no intent.
func single(g *graph.Graph) {
	first := 0
	for _, n := range g.Nodes {
		if n.Initial {
			first++
		}
	}
	for _, n := range g.Nodes {
		n.Initial = n.Initial && first == 1
	}
}

// condition is what stands beside an arrow, without the word before it.
func condition(e *graph.Edge) string { return strings.TrimPrefix(e.Label, "if ") }
