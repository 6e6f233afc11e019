package rv

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// width of a line of the glue.
const width = 100

// notes is a text in paragraphs and items.
type notes struct{ strings.Builder }

func (n *notes) para(format string, args ...any) {
	n.fill("", fmt.Sprintf(format, args...))
	n.WriteByte('\n')
}

// item writes what belongs to a word, hanging below it.
func (n *notes) item(word, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(n, "  %s\n", word)
	n.fill("      ", text)
}

func (n *notes) fill(by, text string) {
	line := by
	for _, w := range strings.Fields(text) {
		if len(line)+1+len(w) > width && strings.TrimSpace(line) != "" {
			n.WriteString(strings.TrimRight(line, " ") + "\n")
			line = by
		}
		line += w + " "
	}
	n.WriteString(strings.TrimRight(line, " ") + "\n")
}

// glue says in words what has to be written by hand.
func (w *writer) glue(a *automaton, t *machine.Transitions, values []string) string {
	n := &notes{}
	kernel := ""
	if w.kernel != "" {
		kernel = ", kernel " + w.kernel
	}
	n.para("%s: a monitor for the kernel's runtime verification, from the specification %s%s", a.name, w.m.Info.Name, kernel)
	n.para("This file is for people. rvgen reads %s.dot, which therefore has no comments.", a.name)
	n.WriteString("Make the monitor, in a kernel tree with monitors per object (7.1 and later):\n\n")
	fmt.Fprintf(n, "  rvgen monitor -c da -s %s.dot -t per_obj -n %s\n\n", a.name, a.name)
	n.para("Before that there are no monitors per object; `-t global` then follows a single one (up to 6.16: dot2k -d %s.dot -t global).", a.name)
	n.para("rvgen leaves open what it cannot know. monitor_target is the object: a pointer to struct %s; id a number of it, and every "+
		"handler has to find both. When the object goes, da_destroy_storage(id) goes with it. The kernel has no tracepoints for most of "+
		"what follows, so the handlers hang on kprobes and kretprobes, or on tracepoints that a patch adds:", w.subject())
	n.WriteString("Events:\n\n")
	w.events(n, t, values)
	n.WriteString("\nWhat the monitor says:\n\n")
	w.meaning(n, t)
	n.WriteString("\nWhat it leaves out:\n\n")
	w.leftOut(n, t)
	return n.String()
}

func (w *writer) subject() string {
	if w.m.Info.Subject == "" {
		return w.m.Info.Name
	}
	return w.m.Info.Subject
}

// events says when each event has to be raised.
func (w *writer) events(n *notes, t *machine.Transitions, values []string) {
	sources := ""
	for _, b := range w.held {
		sources += ", while " + w.source(b) + " is not active"
	}
	var begins []string
	for _, v := range values {
		begins = append(begins, event("begin", v))
	}
	is := "when the object is first met"
	if t != nil {
		is += " with this value of " + t.Object.Name
	}
	n.item(strings.Join(begins, "\n  "), "Once, %s%s. Handle it by da_handle_start_run_event().", is, sources)
	if t != nil {
		for _, v := range values {
			n.item(event(t.Object.Name, v), "Whenever %s becomes %s, and was something else before. %s", t.Object.Name, v, w.assigned(t, v))
		}
	}
	for _, b := range w.held {
		s := w.source(b)
		n.item(event(s, "on"), "Tracepoint power:wakeup_source_activate, of the wakeup source that %s stands for.", s)
		n.item(event(s, "off"), "Tracepoint power:wakeup_source_deactivate, of the same. The removal of a source that is active raises it, too.")
		n.item(event(s, "quiet"), "When one of these has ended, none of them is under way for this object any more%s: %s.", w.noneWaits(b), w.holders(b))
	}
}

// assigned lists the functions that give a variable a value.
func (w *writer) assigned(t *machine.Transitions, value string) string {
	var places []string
	for _, p := range w.m.Info.Processes {
		lang.Walk(p.Decl, func(x lang.Node) bool {
			a, ok := x.(*lang.Assign)
			if !ok {
				return true
			}
			for i, target := range a.Targets {
				if w.m.Info.Uses[target] != t.Object {
					continue
				}
				v, known := w.m.Info.Const(a.Values[i])
				if !known || t.Object.Type.Enum.Members[v].Name == value {
					places = append(places, fmt.Sprintf("%s in line %d", p.Name, a.Pos().Line))
				}
			}
			return true
		})
	}
	if len(places) == 0 {
		return "Nothing in the specification does so."
	}
	return "In the specification, by " + strings.Join(slices.Compact(places), ", ") + "."
}

// noneWaits says which items must not be pending.
func (w *writer) noneWaits(b *machine.Balance) string {
	text := ""
	for _, i := range b.Works {
		text += ", and work_pending() is false of " + w.m.Works[i].Object.Name
	}
	return text
}

// holders lists whose end may leave nobody.
func (w *writer) holders(b *machine.Balance) string {
	var all []string
	for _, p := range b.Procs {
		how := "() returns"
		if p.Work >= 0 {
			how = "(), tracepoint workqueue:workqueue_execute_end"
		}
		all = append(all, p.Name+how)
	}
	return strings.Join(all, "; ")
}

// meaning says what a reaction of the monitor means.
func (w *writer) meaning(n *notes, t *machine.Transitions) {
	if t != nil {
		n.item(event(t.Object.Name, "*"), "An edge that `transitions %s` does not have. Edges that only warn there are taken for allowed: an automaton "+
			"knows no warnings.", t.Object.Name)
	}
	for _, b := range w.held {
		n.item(event(w.source(b), "quiet"), "%s is leaked: it is active, and nobody is left who would let it go.", w.source(b))
	}
}

// leftOut lists what the specification demands and the automaton does not.
func (w *writer) leftOut(n *notes, t *machine.Transitions) {
	said := false
	say := func(word, format string, args ...any) {
		n.item(word, format, args...)
		said = true
	}
	for _, reason := range w.left {
		word, why, _ := strings.Cut(reason, ": ")
		say(word, "%s.", strings.ToUpper(why[:1])+why[1:])
	}
	for _, b := range w.held {
		say("premature "+w.source(b), "An item that waits while the source is inactive: queueing is no event here.")
	}
	for _, o := range w.m.Trans {
		if o != t && t != nil {
			say("transitions "+o.Object.Name, "It has a monitor of its own.")
		}
	}
	for _, p := range w.m.Props {
		switch p.Decl.Kind {
		case lang.Invariant:
			say(p.Decl.Name.Name, "An automaton sees the events above, and not what other variables are.")
		case lang.Temporal:
			say(p.Decl.Name.Name, "What has to happen some time, without a bound, is never seen to be missing.")
		case lang.Deadline:
			say(p.Decl.Name.Name, "It needs a clock: a hybrid automaton (7.1 and later) has one.")
		}
	}
	if !said {
		n.WriteString("  nothing\n")
	}
}
