package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// processes writes a proctype for every role.
func (w *writer) processes() string {
	out := &text{}
	for _, r := range w.roles {
		w.proctype(out, r)
	}
	return out.String()
}

func (w *writer) proctype(out *text, r *role) {
	out.WriteString("\n")
	out.comment(0, strings.TrimSpace(prose(r.proc.Decl.Doc)+"\n"+w.lives(r)))
	var params []string
	if r.self != "" {
		params = append(params, "byte "+r.self)
	}
	for _, p := range r.places {
		params = append(params, "byte "+p)
	}
	fmt.Fprintf(out, "proctype %s(%s)\n{\n", r.name, strings.Join(params, "; "))
	for _, reg := range r.proc.Registers {
		if r.written[reg.Index] {
			first := w.expr(&machine.Term{Type: reg.Type, Val: reg.First}, nil)
			out.line(1, fmt.Sprintf("%s %s = %s;", w.typeName(reg.Type), r.regs[reg.Index], first), "")
		}
	}
	if len(r.written) > 0 {
		out.WriteString("\n")
	}
	out.WriteString(w.body(r) + "}\n")
}

// lives says how a role comes to life.
func (w *writer) lives(r *role) string {
	switch r.kind {
	case machine.WorkerSlot:
		return "Run by a worker, again and again, when " + w.m.Works[r.proc.Work].Object.Name + " is pending."
	case machine.SpawnedSlot:
		return "Started by a spawn statement, again when it has ended."
	}
	if len(r.slots) > 1 {
		return fmt.Sprintf("Each of %d may start once, or never.", len(r.slots))
	}
	return "May start once, or never."
}

func join(parts []string) string { return strings.Join(parts, ", ") }

// has tells whether some role is of a kind.
func (w *writer) has(k machine.SlotKind) bool {
	return slices.ContainsFunc(w.roles, func(r *role) bool { return r.kind == k })
}
