// Package rv writes what a specification intends as deterministic automata for the kernel's own runtime verification:
// in the part of dot that `rvgen monitor -c da -t per_obj` reads line by line, and beside it, in words, the glue
// that has to be written by hand.
//
// A state of an automaton is a value of a variable with `transitions`, together with whether each wakeup source of a
// balance is held. Events are the changes of both, and that nobody is left who would let go. The automaton begins in a
// state of its own, out of which a processor is taken up where it is met: what rvgen calls a start event.
package rv

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Monitor is one automaton.
type Monitor struct {
	Name string // of the monitor, and of its files
	DOT  string // for rvgen
	Glue string // what to do by hand, and what the monitor leaves out
}

// maxName is how long the kernel lets names of monitors, states and events be.
const maxName = 31

// Monitors gives an automaton for every variable with `transitions`, the first one with the balances of wakeup
// sources; if there is no such variable, one of the balances alone. A kernel closes the features. The error says what
// the class of automata cannot express.
func Monitors(m *machine.Machine, kernel string) ([]Monitor, error) {
	if _, err := machine.Profile(m.Info, kernel); err != nil {
		return nil, err
	}
	w := &writer{m: m, kernel: kernel}
	w.balances()
	var all []Monitor
	for i := range m.Trans {
		mon, err := w.monitor(m.Trans[i])
		if err != nil {
			return nil, err
		}
		all = append(all, mon)
		w.held = nil
	}
	if len(all) > 0 {
		return all, nil
	}
	if len(w.held) == 0 {
		return nil, errors.Join(fmt.Errorf("%s has nothing that a deterministic automaton can express: no transitions, and no balance of a kind that it can hold",
			m.Info.Name), w.why())
	}
	mon, err := w.monitor(nil)
	return []Monitor{mon}, err
}

// why joins the reasons for what is left out.
func (w *writer) why() error {
	if len(w.left) == 0 {
		return nil
	}
	return errors.New(strings.Join(w.left, "; "))
}

// writer makes the monitors of one spec.
type writer struct {
	m      *machine.Machine
	kernel string
	held   []*machine.Balance // that the next automaton has
	left   []string           // what no automaton has, with the reason
}

// balances chooses the balances that an automaton can hold.
func (w *writer) balances() {
	for _, b := range w.m.Balances {
		k := w.m.Wakeups[b.Wakeup]
		switch name := k.Object.Name; {
		case k.Counted:
			w.left = append(w.left, fmt.Sprintf("balance %s: the source counts, and an automaton has no numbers", name))
		case b.Unless != nil:
			w.left = append(w.left, fmt.Sprintf("balance %s: `unless %s` is a guard, and an automaton has none", name, b.Unless.Text))
		default:
			w.held = append(w.held, b)
		}
	}
}

// automaton is deterministic: a state has one edge for an event at most.
type automaton struct {
	name    string
	initial string
	states  []string // without the initial one
	edges   []edge
}

type edge struct{ from, event, to string }

// values lists the values of a variable that exist in the kernel, with their indexes.
func (w *writer) values(t *machine.Transitions) (names []string, vals []machine.Val, s machine.State, err error) {
	s, _ = w.m.Closed(w.kernel) // the kernel was looked up before
	for i, mem := range t.Object.Type.Enum.Members {
		switch w.m.Member(t.Object.Type.Enum, i, s) {
		case 1:
			names, vals = append(names, mem.Name), append(vals, machine.Val(i))
		case machine.Open:
			return nil, nil, nil, fmt.Errorf("whether %s has %s hangs on features that are open%s", t.Object.Name, mem.Name, w.closeThem())
		}
	}
	return names, vals, s, nil
}

func (w *writer) closeThem() string {
	var names []string
	for _, k := range w.m.Info.Kernels {
		names = append(names, k.Name)
	}
	if w.kernel != "" || len(names) == 0 {
		return ""
	}
	return ": give --kernel, one of " + strings.Join(names, ", ")
}

// monitor makes the automaton of a variable, or of the balances alone.
func (w *writer) monitor(t *machine.Transitions) (Monitor, error) {
	a := &automaton{name: w.name(t), initial: "unknown"}
	names, vals, s, err := []string{""}, []machine.Val{0}, machine.State(nil), error(nil)
	if t != nil {
		if names, vals, s, err = w.values(t); err == nil {
			err = w.decided(t, s)
		}
	}
	if err != nil {
		return Monitor{}, err
	}
	for slices.Contains(names, a.initial) {
		a.initial += "_"
	}
	holds := 1 << len(w.held)
	for i, from := range names {
		a.edges = append(a.edges, edge{a.initial, event("begin", from), w.state(from, 0)})
		for h := range holds {
			a.states = append(a.states, w.state(from, h))
			for j, to := range names {
				if i != j && t.Check(vals[i], vals[j], s) != machine.Forbidden {
					a.edges = append(a.edges, edge{w.state(from, h), event(t.Object.Name, to), w.state(to, h)})
				}
			}
			w.obligations(a, from, h)
		}
	}
	if err := a.check(); err != nil {
		return Monitor{}, err
	}
	return Monitor{a.name, a.dot(), w.glue(a, t, names)}, nil
}

// decided refuses what an automaton would need guards for.
func (w *writer) decided(t *machine.Transitions, s machine.State) error {
	for _, e := range w.m.Info.Transitions[t.Object] {
		if e.If == nil || w.m.Predicate(e.If).Holds(s, nil) != machine.Open {
			continue
		}
		what := "features that are open"
		for _, r := range w.m.Predicate(e.If).Reads {
			if w.m.Globals[r].Kind == machine.DeviceGlobal {
				what = "the device constant " + w.m.Globals[r].Name() + ", and an automaton has no guards"
			}
		}
		return fmt.Errorf("%s: an edge of %s hangs on `%s`: %s%s", e.Pos(), t.Object.Name, lang.ExprString(e.If), what, w.closeThem())
	}
	return nil
}

// event joins two words to an identifier.
func event(a, b string) string { return strings.Trim(a+"_"+b, "_") }

// state names a state: the value, and for every source whether it is held, by bits.
func (w *writer) state(value string, held int) string {
	name := value
	for i, b := range w.held {
		word := "idle"
		if held>>i&1 == 1 {
			word = "held"
		}
		if len(w.held) > 1 {
			word = w.source(b) + "_" + word
		}
		name = event(name, word)
	}
	return name
}

func (w *writer) source(b *machine.Balance) string { return w.m.Wakeups[b.Wakeup].Object.Name }

// obligations adds what becomes of sources: they are taken, they are let go, and when nobody is left who would let go,
// they must have been.
func (w *writer) obligations(a *automaton, value string, held int) {
	here := w.state(value, held)
	for i, b := range w.held {
		source := w.source(b)
		if held>>i&1 == 0 {
			a.edges = append(a.edges, edge{here, event(source, "on"), w.state(value, held|1<<i)}, edge{here, event(source, "quiet"), here})
		} else {
			a.edges = append(a.edges, edge{here, event(source, "off"), w.state(value, held&^(1<<i))})
		}
	}
}

// name names the monitor by the subject, and the variable.
func (w *writer) name(t *machine.Transitions) string {
	name := w.m.Info.Subject
	if name == "" {
		name = w.m.Info.Name
	}
	if t != nil {
		return event(name, t.Object.Name)
	}
	return event(name, "balance")
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// check refuses what rvgen or the kernel would misread.
func (a *automaton) check() error {
	names := append([]string{a.name, a.initial}, a.states...)
	next := map[[2]string]string{}
	for _, e := range a.edges {
		names = append(names, e.event)
		if to, twice := next[[2]string{e.from, e.event}]; twice && to != e.to {
			return fmt.Errorf("the automaton %s is not deterministic: %s leads from %s to %s and to %s", a.name, e.event, e.from, to, e.to)
		}
		next[[2]string{e.from, e.event}] = e.to
	}
	for _, n := range names {
		switch {
		case !identifier.MatchString(n), strings.HasPrefix(n, "__init_"):
			return fmt.Errorf("the automaton %s would need the name %s, which rvgen misreads", a.name, n)
		case len(n) > maxName:
			return fmt.Errorf("the automaton %s would need the name %s, which is longer than the %d characters that the kernel takes", a.name, n, maxName)
		}
	}
	if !slices.Equal(slices.Compact(slices.Sorted(slices.Values(a.states))), slices.Sorted(slices.Values(a.states))) {
		return fmt.Errorf("two states of the automaton %s would have one name", a.name)
	}
	return nil
}

// dot writes the automaton as rvgen reads it: the nodes one below the other, the initial one twice, then one line that
// is passed over, then labels and edges, each with a blank before its last bracket, up to the first line that begins
// otherwise. There is no empty line, and no comment.
func (a *automaton) dot() string {
	var b strings.Builder
	b.WriteString("digraph state_automaton {\n\tcenter = true;\n\tsize = \"7,11\";\n")
	fmt.Fprintf(&b, "\t{node [shape = plaintext, style=invis, label=\"\"] \"__init_%s\"};\n", a.initial)
	fmt.Fprintf(&b, "\t{node [shape = doublecircle] \"%s\"};\n", a.initial)
	for _, s := range a.states {
		fmt.Fprintf(&b, "\t{node [shape = circle] \"%s\"};\n", s)
	}
	fmt.Fprintf(&b, "\t\"__init_%s\" -> \"%s\";\n", a.initial, a.initial)
	for _, s := range append([]string{a.initial}, a.states...) {
		fmt.Fprintf(&b, "\t\"%s\" [label = \"%s\"];\n", s, s)
		for _, e := range a.between(s) {
			fmt.Fprintf(&b, "\t\"%s\" -> \"%s\" [ label = \"%s\" ];\n", e.from, e.to, e.event)
		}
	}
	fmt.Fprintf(&b, "\t{ rank = min ;\n\t\t\"__init_%s\";\n\t\t\"%s\";\n\t}\n}\n", a.initial, a.initial)
	return b.String()
}

// between gives the edges out of a state, those to one target together.
func (a *automaton) between(s string) []edge {
	var all []edge
	for _, e := range a.edges {
		if e.from != s {
			continue
		}
		if i := slices.IndexFunc(all, func(o edge) bool { return o.to == e.to }); i >= 0 {
			all[i].event += `\n` + e.event
			continue
		}
		all = append(all, e)
	}
	return all
}
