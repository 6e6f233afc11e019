package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/graph"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// fit refuses flags that a notation does not take.
func (t *translation) fit(to string) error {
	drawn := to == "dot" || to == "mermaid"
	switch {
	case t.vars != "" && to != "dot":
		return fmt.Errorf("translate: --vars is for --to dot, not %s", to)
	case t.show != "" && !drawn:
		return fmt.Errorf("translate: --show is for --to dot and mermaid, not %s", to)
	case t.trace != "" && !drawn && to != "tla":
		return fmt.Errorf("translate: --trace is for --to tla, dot and mermaid, not %s", to)
	case t.show != "" && t.trace != "":
		return errors.New("translate: --show and --trace paint the same edges: give one of them")
	case t.trace != "" && t.vars != "":
		return errors.New("translate: --trace paints the intent, which --vars does not draw")
	case t.subject != "" && t.trace == "":
		return errors.New("translate: --subject names a processor of a trace: give --trace FILE as well")
	}
	return nil
}

// writeMermaid writes the intent.
func writeMermaid(t *translation) ([]textFile, error) {
	gs, err := t.intents()
	if err != nil {
		return nil, err
	}
	var files []textFile
	for _, g := range gs {
		files = append(files, textFile{g.Name + ".mmd", g.Mermaid()})
	}
	return files, nil
}

// writeDOT writes the intent and the processes, or the states in some variables.
func writeDOT(t *translation) ([]textFile, error) {
	if t.vars != "" {
		g, err := t.states()
		if err != nil {
			return nil, err
		}
		return []textFile{{g.Name + ".dot", g.DOT()}}, nil
	}
	var gs []*graph.Graph
	if len(t.info.TransitionVars) > 0 {
		var err error
		if gs, err = t.intents(); err != nil {
			return nil, err
		}
	}
	g, err := t.processes()
	switch {
	case err == nil:
		gs = append(gs, g)
	case !errors.Is(err, machine.ErrNothing) || len(gs) == 0:
		return nil, err
	}
	var files []textFile
	for _, g := range gs {
		files = append(files, textFile{g.Name + ".dot", g.DOT()})
	}
	return files, nil
}

// intents draws what variables are meant to do, with what a behaviour or a trace took of it.
func (t *translation) intents() ([]*graph.Graph, error) {
	if len(t.info.TransitionVars) == 0 {
		return nil, fmt.Errorf("%s says nothing of how a variable is meant to change: it has no transitions", t.info.Name)
	}
	gs, err := graph.Intents(t.machine, t.kernel)
	if err != nil {
		return nil, err
	}
	var changes []painted
	var title []string
	switch {
	case t.show != "":
		changes, err = t.shownChanges()
		title = []string{t.show}
	case t.trace != "":
		changes, title, err = t.tracedChanges()
	}
	if err != nil {
		return nil, err
	}
	for i, g := range gs {
		g.Title = append(g.Title, title...)
		for _, c := range changes {
			if c.variable == t.machine.Trans[i] {
				typ := c.variable.Object.Type
				g.Paint(machine.ValueText(typ, c.from), machine.ValueText(typ, c.to), c.when)
			}
		}
	}
	return gs, nil
}

// painted is one change of a variable.
type painted struct {
	variable *machine.Transitions
	from, to machine.Val
	when     string
}

// shown finds the behaviour of --show, as a run of what was explored or of the scenario.
func (t *translation) shown() (*modelcheck.Trace, *machine.Instance, error) {
	all, err := t.behaviours()
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for _, b := range all {
		names = append(names, b.name)
		if b.name != t.show {
			continue
		}
		in, err := t.machine.Instance(t.kernel)
		for _, sc := range t.info.Scenarios {
			if sc.Name.Name == t.show {
				in, err = t.machine.InstanceOf(t.kernel, t.machine.ScenarioSpawns(sc), sc.Starts)
			}
		}
		if err != nil {
			return nil, nil, err
		}
		run, err := exactRun(b.trace, in)
		return run, in, err
	}
	return nil, nil, fmt.Errorf("%s has no behaviour %s to show: it holds, or nothing bears that name; there are %s", t.info.Name, t.show,
		strings.Join(names, ", "))
}

// exactRun gives a behaviour in the steps of an instance.
func exactRun(b *modelcheck.Trace, in *machine.Instance) (*modelcheck.Trace, error) {
	file, err := b.Behaviour()
	if err != nil {
		return nil, err
	}
	f, err := modelcheck.Follow(context.Background(), in, file, modelcheck.FollowOptions{Run: true})
	if err != nil {
		return nil, err
	}
	if f.Run == nil {
		return nil, errors.New("the behaviour leaves the bounds of a type before its end")
	}
	return f.Run, nil
}

func (t *translation) shownChanges() ([]painted, error) {
	run, _, err := t.shown()
	if err != nil {
		return nil, err
	}
	var all []painted
	for i, st := range run.Steps {
		for _, v := range t.machine.Trans {
			if a, b := st.Before[v.Global], st.After[v.Global]; a != b {
				all = append(all, painted{v, a, b, fmt.Sprintf("step %d", i+1)})
			}
		}
	}
	return all, nil
}

// tracedChanges validates the trace, and gives the changes that it shows.
func (t *translation) tracedChanges() ([]painted, []string, error) {
	v, err := t.validated()
	if err != nil {
		return nil, nil, because(t.trace, err)
	}
	var all []painted
	var subjects []string
	for _, c := range v.Changes() {
		if !slices.Contains(subjects, c.Subject) {
			subjects = append(subjects, c.Subject)
		}
		if t.subject == "" || t.subject == c.Subject {
			all = append(all, painted{c.Variable, c.From, c.To, fmt.Sprintf("line %d", c.Line)})
		}
	}
	switch {
	case len(all) == 0 && t.subject != "" && len(subjects) > 0:
		return nil, nil, fmt.Errorf("%s: no change of %s is certain; there are changes of %s", t.trace, t.subject, strings.Join(subjects, ", "))
	case t.subject != "":
		subjects = []string{t.subject}
	}
	return all, []string{strings.TrimSuffix(t.trace+": "+strings.Join(subjects, ", "), ": ")}, nil
}

// processes draws the processes, with what is reached if a kernel is given, and what a behaviour takes.
func (t *translation) processes() (*graph.Graph, error) {
	in, err := t.machine.Instance(t.kernel)
	if err != nil {
		return nil, err
	}
	var run *modelcheck.Trace
	if t.show != "" {
		if run, in, err = t.shown(); err != nil {
			return nil, err
		}
	}
	var reached graph.Reached
	if t.closed() == nil && t.show == "" {
		q, err := t.quotient(nil)
		if err != nil {
			return nil, err
		}
		reached = graph.Reached{Points: q.Points, Edges: q.Taken}
	}
	model := steps.New(in)
	g := graph.Processes(model, reached)
	if run != nil {
		g.Title = append(g.Title, t.show)
		paintProcesses(g, model, run)
	}
	return g, nil
}

// paintProcesses paints the places and steps of a run, by their numbers.
func paintProcesses(g *graph.Graph, m *steps.Model, run *modelcheck.Trace) {
	id := func(slot int, s machine.State) string {
		p := m.Process(slot)
		for _, pt := range p.Points {
			if pc := s[m.Slots[slot].Off]; pc > 0 && pt.Node == m.Nodes[pc] {
				return graph.PointID(p, pt)
			}
		}
		return ""
	}
	for i, st := range run.Steps {
		from, to := id(st.Slot, st.Before), id(st.Slot, st.After)
		switch {
		case from != "" && to != "":
			g.Paint(from, to, fmt.Sprint(i+1))
		default:
			g.Visit(from + to)
		}
	}
}

// quotient explores what explore names.
func (t *translation) quotient(vars []string) (*modelcheck.Quotient, error) {
	if err := t.closed(); err != nil {
		return nil, err
	}
	ctx, stop := interruptible(context.Background(), 0)
	defer stop()
	q, err := modelcheck.NewQuotient(ctx, t.machine, modelcheck.Options{Kernel: t.kernel, MaxStates: translateStates}, vars)
	if err == nil && q.Bounded != "" {
		err = fmt.Errorf("%s is too large to be drawn: %s; give a smaller explore", t.info.Name, q.Bounded)
	}
	return q, err
}

// states draws what is explored, in some variables.
func (t *translation) states() (*graph.Graph, error) {
	names := strings.FieldsFunc(t.vars, func(r rune) bool { return r == ',' || r == ' ' })
	q, err := t.quotient(names)
	if err != nil {
		return nil, err
	}
	g := &graph.Graph{Name: t.info.Name + "_states", Title: []string{
		fmt.Sprintf("%s%s by %s", t.info.Name, inKernel(t.kernel), strings.Join(names, ", ")),
	}}
	for i := range q.Groups {
		g.Nodes = append(g.Nodes, &graph.Node{ID: groupText(q, q.Groups[i].Values), Label: groupText(q, q.Groups[i].Values), Initial: q.Groups[i].Initial})
	}
	for _, st := range q.Steps {
		from, to := g.Nodes[st.From].ID, g.Nodes[st.To].ID
		if n := len(g.Edges); n > 0 && g.Edges[n-1].From == from && g.Edges[n-1].To == to {
			g.Edges[n-1].Label += "\n" + st.Proc.Name
			continue
		}
		g.Edges = append(g.Edges, &graph.Edge{From: from, To: to, Label: st.Proc.Name})
	}
	if t.show == "" {
		return g, nil
	}
	g.Title = append(g.Title, t.show)
	return g, t.paintStates(g, q)
}

// groupText writes the values of a group, one on a line.
func groupText(q *modelcheck.Quotient, vals []machine.Val) string {
	var lines []string
	for i, g := range q.Vars {
		lines = append(lines, g.Name()+" = "+globalText(g, vals[i]))
	}
	return strings.Join(lines, "\n")
}

// globalText writes the value of a global as specifications do.
func globalText(g *machine.Global, v machine.Val) string {
	switch {
	case g.Kind <= machine.VarGlobal:
		return machine.ValueText(g.Object.Type, v)
	case v > 1:
		return fmt.Sprint(v) // a source that counts
	}
	return fmt.Sprint(v != 0)
}

// paintStates paints the way of a behaviour. What a scenario does beyond what is explored is drawn in.
func (t *translation) paintStates(g *graph.Graph, q *modelcheck.Quotient) error {
	run, _, err := t.shown()
	if err != nil {
		return err
	}
	of := func(s machine.State) string {
		var vals []machine.Val
		for _, v := range q.Vars {
			vals = append(vals, s[v.Index])
		}
		id := groupText(q, vals)
		if !slices.ContainsFunc(g.Nodes, func(n *graph.Node) bool { return n.ID == id }) {
			g.Nodes = append(g.Nodes, &graph.Node{ID: id, Label: id + "\n(not explored)"})
		}
		return id
	}
	at := of(run.Initial)
	g.Visit(at)
	for i, st := range run.Steps {
		if next := of(st.After); next != at {
			g.Paint(at, next, fmt.Sprintf("step %d", i+1))
			at = next
		}
	}
	return nil
}
