package validate

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// title names the subject in a message.
func (x *subject) title() string {
	names := x.id.names()
	if len(names) > 1 {
		return fmt.Sprintf("%s (%s)", names[0], names[1])
	}
	return names[0]
}

// show prints a value of a global.
func (x *subject) show(g int, v machine.Val) string { return fmt.Sprint(x.plain(g, v)) }

// plain gives a value of a global as JSON has it: a bool, a number, a member's name, or "unknown".
func (x *subject) plain(g int, v machine.Val) any {
	gl := x.m.Globals[g]
	switch {
	case v == machine.Open:
		return "unknown"
	case gl.Kind == machine.WakeupGlobal && !x.m.Counted(gl):
		return v != 0
	case gl.Kind > machine.VarGlobal:
		return int(v)
	}
	return plainType(gl.Object.Type, v)
}

func plainType(t check.Type, v machine.Val) any {
	switch t.Kind {
	case check.BoolType:
		return v != 0
	case check.EnumType:
		return t.Enum.Members[v].Name
	}
	return int(v)
}

// values prints what a condition reads, as far as the cheapest explanations agree.
func (x *subject) values(c *machine.Cond) string {
	var parts []string
	seen := map[machine.Loc]bool{}
	known := x.agreed(x.cur.cheapest())
	for _, l := range c.Reads {
		if l.IsReg() || seen[l] || x.m.Globals[l].Kind != machine.VarGlobal {
			continue
		}
		seen[l] = true
		if v := known[x.m.Globals[l].Name()]; v != "unknown" {
			parts = append(parts, fmt.Sprintf("%s is %v", x.m.Globals[l].Name(), v))
		}
	}
	return strings.Join(parts, ", ")
}

// shortPos prints a position of a spec without its directory.
func shortPos(p diag.Pos) string {
	return fmt.Sprintf("%s:%d", filepath.Base(p.File), p.Line)
}

func firstSentence(doc string) string {
	doc = strings.Join(strings.Fields(doc), " ")
	if i := strings.Index(doc, ". "); i >= 0 {
		doc = doc[:i]
	}
	return strings.TrimSuffix(doc, ".")
}

// describe says what a node would record next.
func describe(n *machine.Node) string {
	at := fmt.Sprintf(" (%s)", shortPos(n.Span.Start))
	switch n.Kind {
	case machine.ObsEnter:
		return n.Func.Name + "()" + at
	case machine.ObsExit:
		return "return of " + n.Func.Name + "()" + at
	case machine.ObsCall:
		return n.Text + "()" + at
	case machine.ObsQueued:
		return "workqueue_queue_work" + at
	case machine.ObsWorkStart:
		return "workqueue_execute_start of " + n.Root.Name
	case machine.ObsWorkEnd:
		return "workqueue_execute_end of " + n.Root.Name
	case machine.Awake:
		return "wakeup_source_activate" + at
	case machine.Relax:
		return "wakeup_source_deactivate" + at
	case machine.Log:
		return fmt.Sprintf("%q%s", n.Patterns[0].Text, at)
	case machine.Event:
		return n.Text + at
	}
	return n.Func.Name + at
}

func lowerFirst(s string) string {
	return strings.ToLower(s[:1]) + s[1:]
}
