package tla

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// initOf is the initial value of a variable's declaration, or nil.
func initOf(o *check.Object) lang.Expr {
	if d, ok := o.Decl.(*lang.Var); ok {
		return d.Init
	}
	return nil
}

// instance writes MCName.tla.
func (w *writer) instance() string {
	return w.part(func() {
		w.WriteString(rule(w.mc))
		w.remark("", w.about())
		w.line("EXTENDS " + w.name)
		w.line("")
		w.bound = w.bindings()
		for _, b := range w.bound {
			if b.def != "" {
				w.line(b.def)
				w.line("")
			}
		}
		w.line(`\* The start lines of explore.`)
		w.define(w.starting, conj(w.start0()))
		w.line("")
		w.line(w.spec + " == " + w.starting + ` /\ [][Next]_vars /\ Fairness`)
		w.guardInvariants()
		w.line(strings.Repeat("=", width))
	})
}

// about says what the instance is and how to run it.
func (w *writer) about() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The instance of %s that its `explore` names", w.m.Info.Name)
	if w.opt.Kernel != "" {
		fmt.Fprintf(&b, ", in kernel %s", w.opt.Kernel)
		if doc := kernelDoc(w.m.Info, w.opt.Kernel); doc != "" {
			fmt.Fprintf(&b, ":\n%s", doc)
		} else {
			b.WriteString(".")
		}
	} else {
		b.WriteString(", for all values of the features that no start closes.")
	}
	fmt.Fprintf(&b, "\n\nTo count its states and check what holds:\n\n  java -cp tla2tools.jar tlc2.TLC -workers 1 %s\n\n", w.mc)
	fmt.Fprintf(&b, "TLC and `rprocspec check --exact` find the same states, depth and verdicts. With more workers TLC is faster, but may tell another depth.\n")
	bad := w.violated()
	if len(bad) == 0 {
		return b.String()
	}
	fmt.Fprintf(&b, "\nWhat is violated stands in configurations of its own, so that it does not end the count. The same, with -config\n\n")
	for _, p := range bad {
		fmt.Fprintf(&b, "  %s\n", w.violation(p))
	}
	return b.String()
}

// binding gives a constant its value in a configuration; def is a definition of the module if it needs one.
type binding struct{ name, sign, value, def string }

func (w *writer) bindings() []binding {
	all := w.constantBindings()
	for _, p := range w.procList {
		n := w.procs[p]
		if n.calls == "" {
			continue
		}
		var items []expr
		for _, s := range p.Slots {
			if w.m.Slots[s].Kind == machine.OnceSlot {
				items = append(items, text(w.activation(s)))
			}
		}
		all = append(all, binding{name: n.calls, sign: "=", value: set(items...).flat()})
	}
	for _, n := range w.spawnNodes() {
		b := binding{name: w.spawns[n], value: w.children(n)}
		b.substitute(w.names.take("MC_" + b.name))
		all = append(all, b)
	}
	return all
}

// constantBindings are those of features and device constants.
func (w *writer) constantBindings() []binding {
	var all []binding
	for _, c := range w.m.Consts {
		b := binding{name: w.globals[c.Global.Index], sign: "=", value: w.value(c.Global.Object.Type, c.Val).flat()}
		if strings.HasPrefix(b.value, "-") {
			b.substitute(w.names.take("MC_" + b.name)) // configurations have no negative numbers
		}
		all = append(all, b)
	}
	return all
}

func (b *binding) substitute(name string) {
	b.def = name + " == " + b.value
	b.sign, b.value = "<-", name
}

// children writes the function from activations to what a statement of theirs spawns.
func (w *writer) children(n *machine.Node) string {
	var from []expr
	var cases []string
	for i := range w.m.Slots {
		s := &w.m.Slots[i]
		if s.Kind != machine.SpawnedSlot || s.Node != n {
			continue
		}
		by := text(w.activation(s.Spawner))
		from = append(from, by)
		cases = append(cases, "self = "+by.flat()+" -> "+text(w.activation(i)).flat())
	}
	return `[self \in ` + set(from...).flat() + " |->\n     CASE " + strings.Join(cases, "\n       [] ") + "]"
}

// start0 writes the initial states that the starts of `explore` admit.
func (w *writer) start0() []expr {
	starts := w.m.Info.Explore.Starts
	if len(starts) == 0 {
		starts = []*lang.Start{{}}
	}
	var ways []expr
	for _, s := range starts {
		if e := w.startState(s); e != nil {
			ways = append(ways, e)
		}
	}
	switch len(ways) {
	case 0:
		return []expr{falsity, atom("Quiet")}
	case 1:
		return append(ways[0].(junction).items, atom("Quiet"))
	}
	return []expr{junction{`\/`, ways}, atom("Quiet")}
}

// startState writes one start: its conditions, and the initial values of what it does not name. nil if a feature or
// device constant has another value here.
func (w *writer) startState(s *lang.Start) expr {
	given := map[*check.Object][]expr{}
	for _, c := range s.Conds {
		id, values := machine.Condition(c)
		o := w.m.Info.Uses[id]
		for _, e := range values {
			v, _ := w.m.Info.Const(e)
			given[o] = append(given[o], w.value(o.Type, machine.Val(v)))
		}
	}
	var items []expr
	for _, g := range w.m.Globals {
		if g.Kind > machine.VarGlobal {
			continue
		}
		vals := given[g.Object]
		switch i := w.constant(g); {
		case i < 0:
			items = append(items, w.startValue(g, vals))
		case vals != nil && !slices.Contains(vals, w.value(g.Object.Type, w.m.Consts[i].Val)):
			return nil
		}
	}
	return conj(items)
}

// constant is the number of a constant of the module, or -1.
func (w *writer) constant(g *machine.Global) int {
	for i, c := range w.m.Consts {
		if c.Global == g {
			return i
		}
	}
	return -1
}

// startValue says what a variable is at a start.
func (w *writer) startValue(g *machine.Global, given []expr) expr {
	v := atom(w.globals[g.Index])
	var dom expr
	if val, ok := w.closed(g.Object); ok {
		dom = set(w.value(g.Object.Type, val))
	}
	switch {
	case given == nil && dom == nil:
		return w.initially(g)
	case given == nil:
		return compare(v, `\in`, dom)
	case dom == nil && w.conditionalEnum(g.Object.Type):
		dom = atom(w.enums[g.Object.Type.Enum]) // only the members that there are
	}
	if dom != nil {
		return compare(v, `\in`, operation{`\cap`, setLevel, set(given...), dom})
	}
	if len(given) == 1 {
		return compare(v, "=", given[0])
	}
	return compare(v, `\in`, set(given...))
}

// closed is the value that the kernel or the module gives a feature.
func (w *writer) closed(o *check.Object) (machine.Val, bool) {
	if v, ok := w.m.Info.Fixed[o]; ok {
		return machine.Val(v), true
	}
	for _, k := range w.m.Info.Kernels {
		if k.Name == w.opt.Kernel {
			v, ok := k.Values[o]
			return machine.Val(v), ok
		}
	}
	return 0, false
}

func (w *writer) conditionalEnum(t check.Type) bool {
	return t.Kind == check.EnumType && slices.ContainsFunc(t.Enum.Members, func(m *check.Member) bool { return m.If != nil })
}

// verdict finds what is known of a property.
func (w *writer) verdict(p *property) *Verdict {
	for i := range w.opt.Verdicts {
		if v := &w.opt.Verdicts[i]; v.Title == p.title && (v.Warning == p.warning || !strings.HasPrefix(p.title, "transitions ")) {
			return v
		}
	}
	return nil
}

// violated lists the properties that are.
func (w *writer) violated() []*property {
	return slices.DeleteFunc(slices.Clone(w.props), func(p *property) bool {
		v := w.verdict(p)
		return v == nil || !v.Violated
	})
}

// violation is the name of the configuration that shows a violation.
func (w *writer) violation(p *property) string { return w.mc + "_violates_" + p.name + ".cfg" }

// configs writes MCName.cfg, and one for every property that is violated.
func (w *writer) configs() []File {
	bad := w.violated()
	out := slices.ContainsFunc(bad, func(p *property) bool { return p.title == "bounds" })
	files := []File{{w.mc + ".cfg", w.part(func() { w.config(bad, out) })}}
	for _, p := range bad {
		files = append(files, File{w.violation(p), w.part(func() { w.badConfig(p, out) })})
	}
	return files
}

// constantsOf writes what all configurations have.
func (w *writer) constantsOf(out bool) {
	w.line("SPECIFICATION " + w.spec)
	w.line(`\* A deadlock is what no_deadlock says; that everything has ended is none.`)
	w.line("CHECK_DEADLOCK FALSE")
	if out {
		w.line(`\* Values leave their types here: nothing goes on from there, and those states do not count.`)
		w.line("CONSTRAINT TypeOK")
	}
	w.line("")
	w.line("CONSTANTS")
	for _, b := range w.bound {
		w.line("  " + b.name + " " + b.sign + " " + b.value)
	}
	w.line("")
}

// guardInvariants says of every invariant that it need not hold in states that are out of bounds, where there are any:
// TLC looks at them although the constraint leaves them out.
func (w *writer) guardInvariants() {
	if !w.leaves() {
		return
	}
	w.line("")
	w.line(`\* Some values leave their types. Nothing is said of those states but that.`)
	for _, p := range w.props {
		if p.invariant && p.title != "bounds" {
			p.guarded = w.names.take("MC_" + p.name)
			w.line(p.guarded + " == TypeOK => " + p.name)
		}
	}
}

// leaves tells whether the instance is known to leave its bounds.
func (w *writer) leaves() bool {
	return slices.ContainsFunc(w.violated(), func(p *property) bool { return p.title == "bounds" })
}

// config writes what holds, and tells what does not.
func (w *writer) config(bad []*property, out bool) {
	w.line(`\* ` + w.mc + ": the whole count, and what holds. " + w.mc + ".tla says how to run it.")
	w.constantsOf(out)
	var invariants, properties []string
	if !out {
		invariants = append(invariants, "TypeOK")
	}
	for _, p := range w.props {
		switch {
		case slices.Contains(bad, p), p.title == "bounds" && len(w.spawns) == 0: // TypeOK says the same
		case p.invariant:
			invariants = append(invariants, p.checked())
		default:
			properties = append(properties, p.checked())
		}
	}
	w.listed("INVARIANTS", invariants)
	w.listed("PROPERTIES", properties)
	if len(bad) > 0 {
		w.line("")
		w.line(`\* Violated, each in a configuration of its own:`)
	}
	for _, p := range bad {
		s := `\*   ` + p.name
		if p.warning {
			s += " (a warning)"
		}
		if d := w.verdict(p).Detail; d != "" {
			s += ", " + d
		}
		w.line(s)
	}
}

func (w *writer) listed(word string, names []string) {
	if len(names) == 0 {
		return
	}
	w.line(word)
	for _, n := range names {
		w.line("  " + n)
	}
}

// badConfig writes the configuration that ends with a violation.
func (w *writer) badConfig(p *property, out bool) {
	w.line(`\* ` + p.name + " is violated: TLC shows how.")
	w.constantsOf(out)
	word := "PROPERTY"
	if p.invariant {
		word = "INVARIANT"
	}
	w.line(word + " " + p.checked())
}

// checked is the name that a configuration gives.
func (p *property) checked() string {
	if p.guarded != "" {
		return p.guarded
	}
	return p.name
}
