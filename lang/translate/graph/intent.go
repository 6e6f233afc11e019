package graph

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Intents draws for every variable with `transitions` what it is meant to do: its values, and the edges between them,
// those that only warn dashed. A kernel closes the features; conditions that are left open stand beside the edges.
// Nodes have the values as their IDs. The error is about the kernel.
func Intents(m *machine.Machine, kernel string) ([]*Graph, error) {
	s, err := m.Closed(kernel)
	if err != nil {
		return nil, err
	}
	var all []*Graph
	for _, o := range m.Info.TransitionVars {
		all = append(all, (&intent{m: m, s: s, of: o}).draw(kernel))
	}
	return all, nil
}

// intent is the drawing of one variable.
type intent struct {
	m  *machine.Machine
	s  machine.State
	of *check.Object
	g  *Graph
}

func (d *intent) draw(kernel string) *Graph {
	d.g = &Graph{Name: d.m.Info.Name + "_" + d.of.Name, Title: []string{d.of.Name + " of " + d.m.Info.Name + in(kernel)}}
	first := d.initial(kernel)
	for i, mem := range d.of.Type.Enum.Members {
		if d.m.Member(d.of.Type.Enum, i, d.s) != 0 {
			d.g.Nodes = append(d.g.Nodes, &Node{ID: mem.Name, Label: mem.Name, Initial: slices.Contains(first, machine.Val(i))})
		}
	}
	for _, e := range d.m.Info.Transitions[d.of] {
		d.edge(e, e.From, e.To)
		if e.Both {
			d.edge(e, e.To, e.From)
		}
	}
	d.tidy()
	return d.g
}

func in(kernel string) string {
	if kernel == "" {
		return ""
	}
	return " in " + kernel
}

// initial lists the values with which explore begins.
func (d *intent) initial(kernel string) []machine.Val {
	if d.m.Info.Explore == nil {
		return nil
	}
	inits, _ := d.m.Initials(kernel, d.m.Info.Explore.Starts) // the kernel was looked up before
	var all []machine.Val
	for _, s := range inits {
		for _, g := range d.m.Globals {
			if g.Object == d.of {
				all = append(all, s[g.Index])
			}
		}
	}
	return all
}

// edge draws what one edge of the text stands for, unless the kernel excludes it.
func (d *intent) edge(e *lang.Edge, from, to []*lang.Ident) {
	label := ""
	if e.If != nil {
		switch d.m.Predicate(e.If).Holds(d.s, nil) {
		case 0:
			return
		case machine.Open:
			label = "if " + lang.ExprString(e.If)
		}
	}
	for _, a := range d.members(from) {
		for _, b := range d.members(to) {
			if a != b {
				d.g.Edges = append(d.g.Edges, &Edge{From: a, To: b, Label: label, Dashed: e.Warning})
			}
		}
	}
}

// members lists the values that an end of an edge stands for.
func (d *intent) members(ids []*lang.Ident) []string {
	var all []string
	for _, n := range d.g.Nodes {
		if len(ids) == 0 || slices.ContainsFunc(ids, func(id *lang.Ident) bool { return id.Name == n.ID }) {
			all = append(all, n.ID)
		}
	}
	return all
}

// tidy leaves out edges that another one makes moot: the same one without a condition, or one that does not warn.
func (d *intent) tidy() {
	var keep []*Edge
	for i, e := range d.g.Edges {
		moot := slices.ContainsFunc(d.g.Edges, func(o *Edge) bool {
			return o.From == e.From && o.To == e.To && o != e && o.Label == "" && (!o.Dashed || e.Dashed) &&
				(e.Label != "" || e.Dashed != o.Dashed || slices.Index(d.g.Edges, o) < i)
		})
		if !moot {
			keep = append(keep, e)
		}
	}
	d.g.Edges = keep
}
