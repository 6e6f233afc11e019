package modelcheck

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// maxWidth is the width of a drawing: it must survive a mail.
const maxWidth = 100

// Draw writes the behaviour as a reviewer would in a mail: a column for every thread of control, a line
// for every step with the function and the line of the spec, and what the step changed. It is plain
// ASCII but for what the spec holds, and at most 100 columns wide.
func (t *Trace) Draw() string {
	d := &drawing{t: t}
	d.wrap("starts with ", t.describe(t.Initial))
	d.head()
	for i, st := range t.Steps {
		if i == t.Loop {
			d.line("    -- from here on again and again:")
		}
		d.step(i+1, st)
	}
	if t.Loop == len(t.Steps) {
		d.line("    -- and so it stays")
	}
	_, end := t.last()
	d.wrap("ends with ", t.describe(end))
	return d.String()
}

// drawing is the text so far.
type drawing struct {
	strings.Builder
	t *Trace
}

func (d *drawing) line(s string) { d.WriteString(strings.TrimRight(s, " ") + "\n") }

// wrap writes a list behind a title, in lines that are not too long.
func (d *drawing) wrap(title string, items []string) {
	s := title
	for i, it := range items {
		if i < len(items)-1 {
			it += ","
		}
		if width(s)+1+width(it) > maxWidth {
			d.line(s)
			s = strings.Repeat(" ", len(title))
		}
		if !strings.HasSuffix(s, " ") {
			s += " "
		}
		s += it
	}
	d.line(s)
}

func width(s string) int { return utf8.RuneCountInString(s) }

// Columns begin this far from each other; texts run on to the right.
func (d *drawing) indent(thread int) int {
	step := max(4, min(16, 48/max(1, len(d.t.Threads))))
	for _, n := range d.t.Threads {
		step = max(step, len(n)+1)
	}
	return 5 + thread*min(step, 60/max(1, len(d.t.Threads)))
}

func (d *drawing) head() {
	s := ""
	for i, n := range d.t.Threads {
		s = pad(s, d.indent(i)) + n
	}
	d.line(s)
}

func pad(s string, to int) string {
	if n := to - width(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s + " "
}

// changesAt is where changes stand if the text before them lets them.
const changesAt = 62

func (d *drawing) step(n int, st *Step) {
	left := pad(fmt.Sprintf("%3d", n), d.indent(st.Thread)) + d.text(st)
	right := strings.Join(d.t.changes(st), ", ")
	switch {
	case right == "":
		d.line(cut(left, maxWidth))
	case width(left) < changesAt && changesAt+width(right) <= maxWidth:
		d.line(pad(left, changesAt) + right)
	case width(left)+2+width(right) <= maxWidth:
		d.line(left + "  " + right)
	default:
		d.line(cut(left, maxWidth))
		d.line(pad("", max(5, min(changesAt, maxWidth-width(right)))) + cut(right, maxWidth-6))
	}
}

// cut shortens what is too long for a line.
func cut(s string, to int) string {
	if width(s) <= to {
		return s
	}
	return string([]rune(s)[:to-3]) + "..."
}

// text says what a step does: rproc_stop:375 state := OFFLINE.
func (d *drawing) text(st *Step) string {
	at, what := d.parts(st)
	return strings.TrimPrefix(at+" "+what, " ")
}

// parts gives the place of a step, "" where an activation starts or ends, and what it does.
func (d *drawing) parts(st *Step) (at, what string) {
	switch st.Kind {
	case StartStep:
		return "", fmt.Sprintf("%s() is called%s", st.Proc.Name, d.arguments(st))
	case WorkStep:
		return "", fmt.Sprintf("a worker starts %s()", st.Proc.Name)
	}
	n := st.Edge.Node
	if n.Kind == machine.End {
		return "", n.Root.Name + "() returns"
	}
	return d.place(n), d.statement(st, n)
}

// place names a statement, and its file where that is not the one of the spec: lines of a variant and of its base
// look alike.
func (d *drawing) place(n *machine.Node) string {
	if base := n.Span.Start; base.File != d.t.m.Info.Module.File {
		return fmt.Sprintf("%s (%s:%d)", n.Func.Name, shortFile(base), base.Line)
	}
	return place(n)
}

func (d *drawing) arguments(st *Step) string {
	var parts []string
	for i, r := range st.Proc.Params {
		v := st.After[st.off+machine.FrameRegs+r]
		parts = append(parts, fmt.Sprintf("%s = %s", st.Proc.Process.Params[i].Name, machine.ValueText(st.Proc.Regs[r], v)))
	}
	if len(parts) == 0 {
		return ""
	}
	return " with " + strings.Join(parts, ", ")
}

// statement writes what a node does.
func (d *drawing) statement(st *Step, n *machine.Node) string {
	switch n.Kind {
	case machine.Test:
		answer := "no"
		if len(st.Edge.Guards) > 0 && st.Edge.Guards[0] == n.Cond.Then[0] {
			answer = "yes"
		}
		return d.t.m.Statement(n) + ": " + answer
	case machine.Atomic:
		return "atomic { ... }"
	case machine.Destroy:
		return "the wakeup sources are destroyed"
	}
	return d.t.m.Statement(n)
}

// changes says what a step did to variables, wakeup sources and work items.
func (t *Trace) changes(st *Step) []string {
	var all []string
	for _, g := range t.m.Globals {
		a, b := st.Before[g.Index], st.After[g.Index]
		switch {
		case a == b:
		case g.Kind == machine.VarGlobal:
			all = append(all, fmt.Sprintf("%s: %s -> %s", g.Name(), machine.ValueText(g.Object.Type, a), machine.ValueText(g.Object.Type, b)))
		case g.Kind == machine.WakeupGlobal:
			all = append(all, t.wakeupText(g, b))
		case g.Kind == machine.PendingGlobal && b == 1:
			all = append(all, g.Object.Name+" is pending")
		}
	}
	if len(all) == 0 && st.Edge != nil {
		all = t.idle(st)
	}
	return all
}

// idle says of a primitive that it did nothing.
func (t *Trace) idle(st *Step) []string {
	n := st.Edge.Node
	switch n.Kind {
	case machine.Awake, machine.Relax:
		g := t.m.Globals[t.m.Wakeups[n.Wakeup].Global]
		if n.Kind == machine.Awake && st.After[g.Index] != 0 {
			return []string{"it is active already"}
		}
		return []string{"no effect"}
	case machine.Queue:
		return []string{"it is pending already"}
	}
	return nil
}

func (t *Trace) wakeupText(g *machine.Global, v machine.Val) string {
	switch {
	case t.m.Counted(g):
		return fmt.Sprintf("%s: %d", g.Name(), v)
	case v == 0:
		return g.Name() + " is released"
	}
	return g.Name() + " is active"
}

// describe lists the values of a state that differ between states: device constants, open features,
// variables and wakeup sources, and what is pending.
func (t *Trace) describe(s State) []string {
	closed, _ := machine.Profile(t.m.Info, t.Kernel)
	var all []string
	for _, g := range t.m.Globals {
		v := s[g.Index]
		switch g.Kind {
		case machine.FeatureGlobal:
			_, inKernel := closed[g.Object]
			_, fixed := t.m.Info.Fixed[g.Object]
			if inKernel || fixed {
				continue
			}
			fallthrough
		case machine.DeviceGlobal, machine.VarGlobal:
			all = append(all, fmt.Sprintf("%s = %s", g.Name(), machine.ValueText(g.Object.Type, v)))
		case machine.WakeupGlobal:
			if v != 0 {
				all = append(all, t.wakeupText(g, v))
			}
		case machine.PendingGlobal:
			if v != 0 {
				all = append(all, g.Object.Name+" pending")
			}
		}
	}
	return all
}
