package modelcheck

import (
	"fmt"
	"slices"
)

// What comes again for ever is looked for in the graph of the states of the instance beside the states of the
// file's loop: a part of it in which every state can be reached from every other, that has all states of the
// loop, and in which what could always go on does so.

// spin is that graph.
type spin struct {
	f     *follower
	first int // state of the file where the loop begins
	size  int // of the loop
	known map[spinNode]int
	nodes []spinNode
	out   [][]spinEdge
	fair  [][]demand // what can go on, by node
}

type spinNode struct {
	at  int // state of the loop
	key string
}

type spinEdge struct {
	to int
	by demand // slot −1: nothing is done
}

// all lists the nodes.
func (sp *spin) all() []int {
	var all []int
	for n := range sp.out {
		all = append(all, n)
	}
	return all
}

func (sp *spin) successors(n int) []int {
	var all []int
	for _, e := range sp.out[n] {
		all = append(all, e.to)
	}
	return all
}

// loop judges whether the loop of the file can be followed for ever, from the states where it begins.
func (f *follower) loop(begin *layer) {
	sp := &spin{f: f, first: f.file.Loop, size: len(f.obs) - f.file.Loop, known: map[spinNode]int{}}
	for _, k := range begin.keys {
		sp.node(spinNode{0, k})
	}
	for i := 0; i < len(sp.nodes); i++ {
		if f.bound(i) {
			return
		}
		sp.expand(i)
	}
	around, unfair := false, ""
	for comp := range components(sp.all(), sp.successors) {
		if !sp.goesRound(comp) {
			continue
		}
		around = true
		if unfair = sp.unfair(comp); unfair == "" {
			return
		}
	}
	f.res.Verdict, f.res.Again, f.res.At = Violated, true, f.file.Loop
	f.res.Detail = "no behaviour comes from the last state to it again and again"
	if around {
		f.res.Detail = "the steps are possible, but not for ever: " + unfair + " could always go on, and never does"
	}
}

func (sp *spin) node(n spinNode) int {
	i, ok := sp.known[n]
	if !ok {
		i = len(sp.nodes)
		sp.known[n] = i
		sp.nodes = append(sp.nodes, n)
		sp.f.res.States++
		sp.f.memory += int64(len(n.key)) + 2*nodeSize
	}
	return i
}

// expand finds the edges out of a node.
func (sp *spin) expand(i int) {
	n, f := sp.nodes[i], sp.f
	next := (n.at + 1) % sp.size
	here, there := f.obs[sp.first+n.at], f.obs[sp.first+next]
	s := f.state(n.key)
	var out []spinEdge
	var fair []demand
	if f.view.shows(there, s) {
		out = append(out, spinEdge{sp.node(spinNode{next, n.key}), demand{slot: -1}})
	}
	if n.key[0] != outsideMark {
		f.st.each(s, func(mv move, t State) bool {
			d := demand{mv.slot, mv.kind}
			if mv.fair() && !slices.Contains(fair, d) {
				fair = append(fair, d)
			}
			if f.view.shows(here, t) {
				out = append(out, spinEdge{sp.node(spinNode{n.at, f.key(t)}), d})
			}
			if sp.size > 1 && f.view.shows(there, t) {
				out = append(out, spinEdge{sp.node(spinNode{next, f.key(t)}), d})
			}
			return true
		})
	}
	sp.out, sp.fair = append(sp.out, out), append(sp.fair, fair)
}

// goesRound tells whether a strongly connected part has all states of the loop, and a way round.
func (sp *spin) goesRound(comp []int) bool {
	seen := make([]bool, sp.size)
	for _, i := range comp {
		seen[sp.nodes[i].at] = true
	}
	return !slices.Contains(seen, false) && (len(comp) > 1 || slices.ContainsFunc(sp.out[comp[0]], func(e spinEdge) bool { return e.to == comp[0] }))
}

// unfair names an activation or item that could go on everywhere in a part and does not; "" if there is none.
func (sp *spin) unfair(comp []int) string {
	in := map[int]bool{}
	for _, i := range comp {
		in[i] = true
	}
	for _, d := range sp.fair[comp[0]] {
		always, taken := true, false
		for _, i := range comp {
			always = always && slices.Contains(sp.fair[i], d)
			taken = taken || slices.ContainsFunc(sp.out[i], func(e spinEdge) bool { return e.by == d && in[e.to] })
		}
		if always && !taken {
			return sp.named(d)
		}
	}
	return ""
}

func (sp *spin) named(d demand) string {
	name := sp.f.sp.in.Names()[d.slot]
	if d.kind == workMove {
		return fmt.Sprintf("the pending item %s", name)
	}
	return name
}
