package machine

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
)

// ValueText writes a value of a type as specifications do; a failure without an errno is "failed".
func ValueText(t check.Type, v Val) string {
	switch {
	case t.Kind == check.BoolType && v == 0:
		return "false"
	case t.Kind == check.BoolType && v == 1:
		return "true"
	case t.Kind == check.EnumType && v >= 0 && int(v) < len(t.Enum.Members):
		return t.Enum.Members[v].Name
	case t.Kind == check.ResultType && v == 0:
		return "ok"
	case t.Kind == check.ResultType && v == check.AnyErrno:
		return "failed"
	}
	return fmt.Sprint(v)
}

// Statement writes what a node does as specifications do, on one line; "" for what no statement says.
func (m *Machine) Statement(n *Node) string {
	switch n.Kind {
	case Choice:
		return "either"
	case Test:
		return "if " + n.Cond.Text
	case Assign:
		return m.assignment(n)
	case Lock:
		return "lock " + m.Info.Mutexes[n.Mutex].Name
	case Unlock:
		return "unlock " + m.Info.Mutexes[n.Mutex].Name
	case Awake:
		return "stay_awake " + m.Wakeups[n.Wakeup].Object.Name
	case Relax:
		return "relax " + m.Wakeups[n.Wakeup].Object.Name
	case Queue:
		return "queue " + m.Works[n.Work].Object.Name
	case Cancel:
		return "cancel " + m.Works[n.Work].Object.Name
	case Await:
		return "await " + n.Cond.Text
	case Log:
		return fmt.Sprintf("log %s %q", n.Level, n.Patterns[0].Text)
	case Event:
		return "event " + n.Text
	case Atomic:
		return "atomic"
	case Spawn:
		return "spawn " + n.Proc.Name
	}
	return ""
}

// assignment writes the targets of a node with their values.
func (m *Machine) assignment(n *Node) string {
	parts := make([]string, len(n.Assigns))
	for i, a := range n.Assigns {
		o := n.Root.object(a.Loc)
		if o == nil {
			o = m.Globals[a.Loc].Object
		}
		parts[i] = o.Name + " := " + a.Value.Text
	}
	return strings.Join(parts, ", ")
}

// object gives the parameter or local of a register, nil for another place.
func (p *Proc) object(l Loc) *check.Object {
	if !l.IsReg() {
		return nil
	}
	return p.RegObjects[l.Reg()]
}

// PlacesName is what behaviours and translations call the places of activations: pc, unless the spec has a
// variable of that name.
func (m *Machine) PlacesName() string {
	for _, g := range m.Globals {
		if g.Name() == "pc" {
			return "places"
		}
	}
	return "pc"
}
