// Package graph draws a specification: what `transitions` means a variable to do, the processes as graphs of their
// steps, and what others have found out as groups of states. A Graph is written in the language of Graphviz or
// of Mermaid.
//
// Edges can be painted, with what a counterexample or a trace took.
package graph

import (
	"fmt"
	"slices"
	"strings"
)

// Graph is what is drawn.
type Graph struct {
	Name     string   // an identifier; the name of the file without its ending
	Title    []string // lines above the drawing
	Clusters []Cluster
	Nodes    []*Node
	Edges    []*Edge
}

// Cluster is a frame around nodes.
type Cluster struct{ ID, Label string }

// Node is a box.
type Node struct {
	ID      string // unique; any text
	Label   string // may have several lines
	Cluster string // ID of the frame, "" for none
	Initial bool   // an arrow out of nowhere leads to it
	Dim     bool   // never reached
	Painted bool
}

// Edge is an arrow.
type Edge struct {
	From, To string // IDs of nodes
	Label    string
	Dashed   bool     // allowed with a warning
	Dotted   bool     // no step of its own: what it causes elsewhere
	Dim      bool     // never taken
	Painted  []string // when it was taken, such as a number of a step or of a line
}

// maxTimes is how many of the times at which an edge was taken stand beside it.
const maxTimes = 4

// Paint notes that an edge was taken. One that is not there is drawn in: it was not meant.
func (g *Graph) Paint(from, to, when string) {
	i := slices.IndexFunc(g.Edges, func(e *Edge) bool { return e.From == from && e.To == to && !e.Dashed })
	if i < 0 {
		i = slices.IndexFunc(g.Edges, func(e *Edge) bool { return e.From == from && e.To == to })
	}
	if i < 0 {
		i = len(g.Edges)
		g.Edges = append(g.Edges, &Edge{From: from, To: to, Label: "not meant", Dashed: true})
	}
	g.Edges[i].take(when)
	g.Visit(from)
	g.Visit(to)
}

// Visit notes that something has come to a node.
func (g *Graph) Visit(id string) {
	for _, n := range g.Nodes {
		if n.ID == id {
			n.Painted, n.Dim = true, false
		}
	}
}

func (e *Edge) take(when string) {
	if !slices.Contains(e.Painted, when) {
		e.Painted = append(e.Painted, when)
	}
	e.Dim = false
}

// text is what stands beside an edge, as lines.
func (e *Edge) text() []string {
	var all []string
	if e.Label != "" {
		all = strings.Split(e.Label, "\n")
	}
	if n := len(e.Painted); n > maxTimes {
		return append(all, fmt.Sprintf("%s, and %d more", strings.Join(e.Painted[:maxTimes], ", "), n-maxTimes))
	}
	if len(e.Painted) > 0 {
		return append(all, strings.Join(e.Painted, ", "))
	}
	return all
}
