package rv_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// da is what rvgen makes of a file.
type da struct {
	initial string
	states  []string // the initial one first, the others in order
	finals  []string
	events  []string
	next    map[[2]string]string // by state and event
	starts  []string             // events that are possible in the initial state only
}

var cName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// rvgen reads a file line by line, as automata.py of the kernel's tools does, by the rules in the kernel's documentation
// of deterministic automata. It refuses what that would misread.
func rvgen(name, text string) (*da, error) {
	if !strings.HasSuffix(name, ".dot") && !strings.HasSuffix(name, ".gv") {
		return nil, fmt.Errorf("%s does not end in .dot or .gv", name)
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if w := strings.Fields(lines[0]); len(w) < 2 || w[0] != "digraph" || w[1] != "state_automaton" {
		return nil, fmt.Errorf("the first line is %q", lines[0])
	}
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), "{node") })
	if at < 0 {
		return nil, fmt.Errorf("there is no node")
	}
	a := &da{next: map[[2]string]string{}}
	for ; strings.HasPrefix(strings.TrimSpace(lines[at]), "{node"); at++ {
		a.node(lines[at])
	}
	for _, l := range lines[at:] {
		if strings.HasPrefix(strings.TrimSpace(l), "{node") {
			return nil, fmt.Errorf("a node stands behind the others: %q", l)
		}
	}
	at++ // the line of the initial transition is not looked at
	for ; ; at++ {
		switch l := strings.TrimLeft(lines[at], " \t"); {
		case l == "":
			return nil, fmt.Errorf("line %d is empty: 6.12 fails there", at+1)
		case !strings.HasPrefix(l, `"`):
			return a, a.sort()
		default:
			if err := a.edge(l); err != nil {
				return nil, err
			}
		}
	}
}

// node takes the last word of a line for the name of a state.
func (a *da) node(l string) {
	w := strings.Fields(l)
	name := strings.NewReplacer(`"`, "", "};", "", ",", "_").Replace(w[len(w)-1])
	if rest, ok := strings.CutPrefix(name, "__init_"); ok {
		a.initial = rest
		return
	}
	a.states = append(a.states, name)
	if strings.Contains(l, "doublecircle") || strings.Contains(l, "ellipse") {
		a.finals = append(a.finals, name)
	}
}

// edge takes the last word but one for the events.
func (a *da) edge(l string) error {
	w := strings.Fields(l)
	clean := strings.NewReplacer(`"`, "", ",", "_")
	if len(w) < 3 || w[1] != "->" {
		return nil // the label of a state
	}
	if w[len(w)-1] != "];" {
		return fmt.Errorf("there is no blank before the last bracket of %q", l)
	}
	from, to := clean.Replace(w[0]), clean.Replace(w[2])
	for _, ev := range strings.Split(strings.ReplaceAll(w[len(w)-2], `"`, ""), `\n`) {
		if _, twice := a.next[[2]string{from, ev}]; twice {
			return fmt.Errorf("%s has two targets in %s: the second one would win", ev, from)
		}
		a.next[[2]string{from, ev}] = to
		a.events = append(a.events, ev)
	}
	return nil
}

// sort orders states and events, and looks at their names.
func (a *da) sort() error {
	slices.Sort(a.events)
	a.events = slices.Compact(a.events)
	slices.Sort(a.states)
	a.states = slices.Compact(a.states)
	if !slices.Contains(a.states, a.initial) {
		return fmt.Errorf("the initial state %q is no state", a.initial)
	}
	a.states = append([]string{a.initial}, slices.DeleteFunc(a.states, func(s string) bool { return s == a.initial })...)
	if len(a.finals) == 0 {
		a.finals = []string{a.initial}
	}
	for _, n := range slices.Concat(a.states, a.events) {
		if !cName.MatchString(n) || len(n) > 31 {
			return fmt.Errorf("%q is no name for C and the kernel", n)
		}
	}
	for k, to := range a.next {
		if !slices.Contains(a.states, k[0]) || !slices.Contains(a.states, to) {
			return fmt.Errorf("an edge from %s to %s, of which one is no state", k[0], to)
		}
	}
	for _, e := range a.events {
		if states := a.in(e); len(states) == 1 && states[0] == a.initial {
			a.starts = append(a.starts, e)
		}
	}
	return nil
}

// in lists the states in which an event is possible.
func (a *da) in(event string) []string {
	return slices.DeleteFunc(slices.Clone(a.states), func(s string) bool {
		_, ok := a.next[[2]string{s, event}]
		return !ok
	})
}

// run gives the number of the first event that is refused, −1 if none is.
func (a *da) run(events []string) int {
	s := a.initial
	for i, e := range events {
		to, ok := a.next[[2]string{s, e}]
		if !ok {
			return i
		}
		s = to
	}
	return -1
}
