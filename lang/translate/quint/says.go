package quint

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// says tells what a step does: where it stands in the spec, and the statement.
func (w *writer) says(st *steps.Step) string {
	n := st.Node
	where := fmt.Sprintf("%s:%d: ", fileName(n.Span.Start), n.Span.Start.Line)
	info := w.m.Info
	switch n.Kind {
	case machine.Test:
		return where + "if " + n.Cond.Text
	case machine.Await:
		return where + "await " + n.Cond.Text
	case machine.Assign:
		return where + w.assignment(n.Span)
	case machine.Lock:
		return where + "lock " + info.Mutexes[n.Mutex].Name
	case machine.Unlock:
		return where + "unlock " + info.Mutexes[n.Mutex].Name
	case machine.Awake:
		return where + "stay_awake " + info.Wakeups[n.Wakeup].Name
	case machine.Relax:
		return where + "relax " + info.Wakeups[n.Wakeup].Name
	case machine.Queue:
		return where + "queue " + info.Works[n.Work].Name
	case machine.Cancel:
		return where + "cancel " + info.Works[n.Work].Name
	case machine.Log:
		return where + fmt.Sprintf("log %s %q", n.Level, n.Patterns[0].Text)
	case machine.Event:
		return where + "event " + n.Text
	case machine.Spawn:
		return where + "spawn " + n.Proc.Name
	case machine.Destroy:
		return where + "the wakeup sources are destroyed"
	case machine.Atomic:
		return where + "atomic"
	}
	return where + "the end"
}

func fileName(p diag.Pos) string { return p.File[strings.LastIndexByte(p.File, '/')+1:] }

// assignment writes the statement at a place.
func (w *writer) assignment(at diag.Span) string {
	var parts []string
	for _, p := range w.m.Info.Processes {
		lang.Walk(p.Decl, func(n lang.Node) bool {
			if a, ok := n.(*lang.Assign); ok && (diag.Span{Start: a.Pos(), End: a.End()}) == at && parts == nil {
				for i, t := range a.Targets {
					parts = append(parts, t.Name+" := "+lang.ExprString(a.Values[i]))
				}
			}
			return true
		})
	}
	return strings.Join(parts, ", ")
}
