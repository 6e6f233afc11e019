package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// header writes what the file is, and how it is run.
func (w *writer) header(out *text, claims []*claim) {
	title := w.m.Info.Name
	if w.m.Kernel != "" {
		title += " in " + w.m.Kernel
	}
	parts := []string{title + ", as `rprocspec translate --to promela` writes it."}
	if doc := prose(w.m.Info.Doc); doc != "" {
		parts = append(parts, doc)
	}
	out.comment(0, strings.Join(append(parts, w.usage(claims)...), "\n\n"))
}

// usage says how Spin is run on the file.
func (w *writer) usage(claims []*claim) []string {
	var safe, fair []string
	for _, c := range claims {
		if c.fair {
			fair = append(fair, "  ./pan -m1000000 -n -a -f -N "+c.name)
		} else {
			safe = append(safe, "  ./pan -m1000000 -n -a -N "+c.name)
		}
	}
	parts := []string{
		"To check it, with every step and every state that the specification has:",
		fmt.Sprintf("  spin -o1 -o2 -o3 -a %s\n  cc -O2 -DNOREDUCE%s -o pan pan.c\n%s", w.file, w.vector(), strings.Join(safe, "\n")),
		"Look at `states` first. It stores the states that `rprocspec check --exact` counts and one more, in which init " +
			"has not chosen an initial state yet. It has no error unless a value leaves its type, in an assertion within a " +
			"process; then no other run says anything about the specification. Elsewhere an error is a violation, and `spin -t -p " +
			w.file + "` shows it.",
	}
	if len(fair) == 0 {
		return parts
	}
	return append(parts,
		"Liveness is under weak fairness, but nobody has to start: with -DFAIR who has not started may go on waiting.",
		fmt.Sprintf("  spin -DFAIR -o1 -o2 -o3 -a %s\n  cc -O2 -DNOREDUCE%s -DNFAIR=%d -o pan pan.c\n%s", w.file, w.vector(), w.nfair(), strings.Join(fair, "\n")))
}

// nfair is how many bytes Spin needs for the flags of fairness: two for every process, init and claim among them,
// and some more.
func (w *writer) nfair() int {
	n := 2
	for _, r := range w.roles {
		n += len(r.slots)
	}
	return (n + 5) / 4
}

// vector tells the compiler how large a state may get, if that may be more than Spin provides for: at most four bytes
// for every value, and some for every process and for itself.
func (w *writer) vector() string {
	const provided = 1024
	n := 100 + 4*len(w.globals)
	for _, r := range w.roles {
		n += len(r.slots) * (24 + 4*(len(r.regs)+len(r.places)))
	}
	size := provided
	for size < n {
		size *= 2
	}
	if size == provided {
		return ""
	}
	return fmt.Sprintf(" -DVECTORSZ=%d", size)
}

// declarations writes types and variables.
func (w *writer) declarations(out *text) {
	w.types(out)
	for _, k := range []struct {
		kind  machine.GlobalKind
		title string
	}{
		{machine.FeatureGlobal, "Features: they differ between kernels, and never change."},
		{machine.DeviceGlobal, "Constants of the processor."},
		{machine.VarGlobal, "Variables."},
		{machine.MutexGlobal, "Mutexes: whether they are held."},
		{machine.WakeupGlobal, "Wakeup sources: whether they are active, or how often they are held."},
		{machine.PendingGlobal, "Work items: whether they are pending."},
		{machine.RunningGlobal, "Work items: whether they run, which follows from the processes."},
		{machine.EndedGlobal, "Whether the subject has ended, and its wakeup sources with it."},
	} {
		w.globalsOf(out, k.kind, k.title)
	}
	w.beside(out)
}

// types writes the enums, and names for results.
func (w *writer) types(out *text) {
	for _, e := range w.m.Info.Enums {
		if w.enums[e] {
			var names []string
			for _, m := range e.Members {
				names = append(names, w.names.members[m])
			}
			out.WriteString("\n")
			out.doc(e.Object)
			out.line(0, fmt.Sprintf("mtype:%s = { %s };", w.names.enums[e], join(names)), "")
		}
	}
	if len(w.results) == 0 {
		return
	}
	out.WriteString("\n")
	out.comment(0, "Results: good, bad without an errno, and errnos.")
	var vals []machine.Val
	for v := range w.results {
		vals = append(vals, v)
	}
	slices.Sort(vals)
	for _, v := range slices.Backward(vals) {
		out.line(0, fmt.Sprintf("#define %s (%d)", w.result(v), v), "")
	}
}

// doc writes the doc comment of an object.
func (t *text) doc(o *check.Object) {
	if d, ok := o.Decl.(lang.Decl); ok && strings.TrimSpace(d.DocText()) != "" {
		t.comment(0, prose(d.DocText()))
	}
}

// globalsOf declares the globals of a kind that something reads or writes.
func (w *writer) globalsOf(out *text, k machine.GlobalKind, title string) {
	first := true
	for _, g := range w.m.Globals {
		if g.Kind != k || !w.declared(g) {
			continue
		}
		if first {
			out.WriteString("\n")
			out.comment(0, title)
			first = false
		}
		if k != machine.RunningGlobal && k != machine.EndedGlobal {
			out.doc(g.Object)
		}
		l := machine.Loc(g.Index)
		t := w.typeAt(nil, l)
		if k <= machine.DeviceGlobal {
			t = g.Object.Type
		}
		value := w.expr(&machine.Term{Type: t, Val: w.first()[g.Index]}, nil)
		out.line(0, fmt.Sprintf("%s %s = %s;", w.typeName(t), w.names.globals[l], value), "")
	}
}

// declared tells whether a global is needed. Constants are put in, and items that are never queued do not run.
func (w *writer) declared(g *machine.Global) bool {
	l := machine.Loc(g.Index)
	switch g.Kind {
	case machine.FeatureGlobal, machine.DeviceGlobal:
		return w.globals[l] && !w.m.IsConst(g)
	case machine.RunningGlobal:
		return w.globals[l] && w.runs(l)
	}
	return w.globals[l]
}

// beside declares what is kept beside the state.
func (w *writer) beside(out *text) {
	for _, p := range w.m.Info.Processes {
		if w.living[p] && w.startable(p) {
			out.WriteString("\n")
			out.comment(0, "How many activations of "+p.Name+" are live, which follows from the processes.")
			out.line(0, "byte "+w.names.living[p]+" = 0;", "")
		}
	}
	if w.has(machine.SpawnedSlot) {
		w.spawnDeclarations(out)
	}
	if w.temps > 0 {
		out.WriteString("\n")
		out.comment(0, "Old values while a step changes them; no part of the state.")
		for i := range w.temps {
			out.line(0, fmt.Sprintf("hidden int %s%d;", scratch, i+1), "")
		}
	}
	out.WriteString(`
#ifdef FAIR
#define unstarted :: _nr_pr > 0 -> goto ` + idle + ` /* nobody has to start */
#define stutter do :: _nr_pr > 0 od /* when nothing goes on, it stays so */
#else
#define unstarted
#define stutter false
#endif
`)
}

// spawnDeclarations declares how spawn statements hand over.
func (w *writer) spawnDeclarations(out *text) {
	n := 0
	for _, r := range w.roles {
		if r.kind == machine.SpawnedSlot {
			n += len(r.slots)
		}
	}
	out.WriteString("\n")
	out.comment(0, "What spawn statements start: how it begins, and its parameters; and whether it has not ended yet, which follows from the processes.")
	out.line(0, fmt.Sprintf("chan spawned[%d] = [0] of { byte%s };", n, strings.Repeat(", int", w.parameters())), "")
	out.line(0, fmt.Sprintf("bool spawned_live[%d];", n), "")
}
