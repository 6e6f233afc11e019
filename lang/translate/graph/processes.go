package graph

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// Reached is what an exploration has come to; nil maps leave open what it did.
type Reached struct {
	Points map[*machine.Node]bool // before which an activation stood
	Edges  map[*machine.Edge]bool // that were taken
}

// Processes draws the processes of an instance, each in a frame of its own: a box for every place where an
// activation stops, and an arrow for every step. Dotted arrows lead from what queues or spawns to what begins by that.
// What the exploration has not reached is faint.
func Processes(m *steps.Model, reached Reached) *Graph {
	d := &processes{m: m, reached: reached}
	d.g = &Graph{Name: m.Info.Name + "_processes", Title: []string{"processes of " + m.Info.Name + in(m.Kernel)}}
	for _, p := range m.Procs {
		d.process(p)
	}
	return d.g
}

type processes struct {
	m       *steps.Model
	reached Reached
	g       *Graph
}

// PointID is the ID of the node for a program point in a graph of Processes.
func PointID(p *steps.Process, pt *steps.Point) string { return p.Name + " " + pt.Name }

func (d *processes) process(p *steps.Process) {
	d.g.Clusters = append(d.g.Clusters, Cluster{p.Name, p.Name})
	first := map[*steps.Point]bool{}
	for _, pt := range leaves(p.Entry) {
		first[pt] = true
	}
	for _, pt := range p.Points {
		d.g.Nodes = append(d.g.Nodes, &Node{
			ID: PointID(p, pt), Label: fmt.Sprintf("%s:%d\n%s", pt.Node.Func.Name, pt.Node.Span.Start.Line, d.says(pt.Node)),
			Cluster: p.Name, Initial: first[pt] && d.called(p),
			Dim: d.reached.Points != nil && !d.reached.Points[pt.Node],
		})
	}
	for _, pt := range p.Points {
		for _, st := range pt.Steps {
			d.step(p, pt, st)
		}
	}
}

// called tells whether the environment starts p, and not a worker or another process.
func (d *processes) called(p *steps.Process) bool {
	for _, i := range p.Slots {
		if d.m.Slots[i].Kind == machine.OnceSlot {
			return true
		}
	}
	return false
}

// leaves lists the places that a flow may lead to.
func leaves(f *steps.Flow) []*steps.Point {
	switch {
	case f.If != nil:
		return append(leaves(f.Then), leaves(f.Else)...)
	case f.To == nil:
		return nil
	}
	return []*steps.Point{f.To}
}

func (d *processes) step(p *steps.Process, pt *steps.Point, st *steps.Step) {
	dim := d.reached.Edges != nil && !d.reached.Edges[st.Edge]
	drawn := map[*steps.Point]bool{}
	for _, to := range leaves(st.Then) {
		if !drawn[to] {
			drawn[to] = true
			d.g.Edges = append(d.g.Edges, &Edge{From: PointID(p, pt), To: PointID(p, to), Label: d.label(pt, st), Dim: dim})
		}
	}
	for _, n := range parts(st) {
		d.causes(p, pt, n, dim)
	}
}

// parts lists the statements that a step carries out.
func parts(st *steps.Step) []*machine.Node {
	if st.Edge.Path == nil {
		return []*machine.Node{st.Node}
	}
	var all []*machine.Node
	for _, e := range st.Edge.Path {
		all = append(all, e.Node)
	}
	return all
}

// causes draws what begins elsewhere by a statement.
func (d *processes) causes(p *steps.Process, pt *steps.Point, n *machine.Node, dim bool) {
	var begun *machine.Proc
	switch n.Kind {
	case machine.Queue:
		begun = d.m.Works[n.Work].Proc
	case machine.Spawn:
		begun = n.Proc
	default:
		return
	}
	for _, q := range d.m.Procs {
		if q.Proc != begun {
			continue
		}
		for _, to := range leaves(q.Entry)[:1] {
			d.g.Edges = append(d.g.Edges, &Edge{From: PointID(p, pt), To: PointID(q, to), Dotted: true, Dim: dim})
		}
	}
}

// label says which way a step goes: the side of a test, or what is chosen.
func (d *processes) label(pt *steps.Point, st *steps.Step) string {
	label := ""
	if st.Node != pt.Node {
		label = d.says(st.Node)
	}
	if st.Node.Kind == machine.Test {
		side := "no"
		if len(st.Edge.Guards) > 0 && st.Edge.Guards[0] == st.Node.Cond.Then[0] {
			side = "yes"
		}
		label = strings.TrimPrefix(label+": "+side, ": ")
	}
	return label
}

// says tells what is done at a node, not too long.
func (d *processes) says(n *machine.Node) string {
	switch n.Kind {
	case machine.Log:
		return short(fmt.Sprintf("log %q", n.Patterns[0].Text))
	case machine.Destroy:
		return "its wakeup sources are destroyed"
	case machine.End:
		return "end"
	}
	return short(d.m.Statement(n))
}

// longest is how long a text may be.
const longest = 48

func short(s string) string {
	if r := []rune(s); len(r) > longest {
		return string(r[:longest-1]) + "…"
	}
	return s
}
