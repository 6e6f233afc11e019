// Package promela writes the instance of a module in Promela, for Spin.
//
// Every slot that can ever come to life is a process that never ends: it waits at end_idle, and a work item's
// goes back there. A step of the module is one transition of Spin (a statement, a d_step, or an atomic with
// one way through), control that is no step takes none, and what only depends on the rest of a state
// (whether an item runs, say) is kept in variables of its own where something reads it. So pan, without its
// reductions, stores the states of `rprocspec check --exact` and one more: the one before init has chosen among
// the initial states, which are not told apart there.
//
// Properties are claims of their own, one of which a run of pan takes: `ltl` where Spin can hold the formula,
// else a never claim. Bounds are assertions in the steps. The module's scenarios and deadlines have no
// counterpart.
package promela

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// width is how wide the text gets, but for words that cannot be broken.
const width = 100

// Text gives the instance as a Promela file of that name. The error is about what Spin cannot hold.
func Text(in *machine.Instance, file string) (string, error) {
	w := &writer{m: steps.Closed(in), file: file, globals: map[machine.Loc]bool{}, enums: map[*check.Enum]bool{}, results: map[machine.Val]bool{}}
	w.findRoles()
	w.findReads()
	w.name()
	if err := w.tooMany(); err != nil {
		return "", err
	}
	for _, r := range w.roles {
		w.addOptions(r)
		r.starts = w.starts(r)
	}
	w.mark()
	claims, err := w.claims()
	if err != nil {
		return "", err
	}
	body := w.processes() + w.initial() + textOf(claims)
	var out text
	w.header(&out, claims)
	w.declarations(&out)
	if err := w.tooLarge(); err != nil {
		return "", err
	}
	return out.String() + body, nil
}

// writer is a translation under way.
type writer struct {
	m     *steps.Model
	file  string
	roles []*role
	names *names

	globals map[machine.Loc]bool    // that something reads or writes
	living  map[*check.Process]bool // that something asks for activations of
	enums   map[*check.Enum]bool    // that occur in what was written
	results map[machine.Val]bool    // likewise
	cases   []machine.State         // an initial state for every choice of the constants that are open
	open    []*machine.Global       // these constants
	keepers map[keeping]string      // macros that tell whether an activation is responsible
	blocked map[*role]string        // macros that tell whether one waits
	temps   int                     // values that are kept aside within a step, at most
}

// tooMany refuses processes that can start in more ways than there is room for.
func (w *writer) tooMany() error {
	for _, r := range w.roles {
		if n := w.combinations(r.proc); n > maxStarts {
			return fmt.Errorf("%s: %s can start with %d combinations of parameters; Promela gets a line for each, and at most %d: make the types smaller",
				r.proc.Decl.Pos(), r.proc.Name, n, maxStarts)
		}
	}
	return nil
}

// combinations counts the choices of parameters that a process may have, as far as a count tells anything.
func (w *writer) combinations(p *steps.Process) int {
	n := 1
	for _, reg := range p.Params {
		switch t := p.Regs[reg]; t.Kind {
		case check.IntType:
			n *= t.Hi - t.Lo + 1
		default:
			n *= len(w.domain(p, reg))
		}
		n = min(n, 1<<20)
	}
	return n
}

// tooLarge refuses enums that occur and have more members than Spin can hold.
func (w *writer) tooLarge() error {
	for _, e := range w.m.Info.Enums {
		if w.enums[e] && len(e.Members) > maxMembers {
			return fmt.Errorf("%s: enum %s has %d members; Spin can hold %d", e.Object.Decl.Pos(), e.Name, len(e.Members), maxMembers)
		}
	}
	return nil
}

const (
	maxStarts  = 256
	maxMembers = 255 // of an mtype
)

// first is an initial state, or one like it.
func (w *writer) first() machine.State {
	if len(w.m.Inits) > 0 {
		return w.m.Inits[0]
	}
	return make(machine.State, w.m.NumGlobals)
}

// quote makes a Promela text, cut where it gets long.
func quote(s string) string {
	const most = 48
	if r := []rune(s); len(r) > most {
		s = string(r[:most-3]) + "..."
	}
	s = strings.NewReplacer(`\`, `\\`, `"`, `'`, "%", "%%", "\n", " ", "\t", " ", "{{", "{").Replace(s)
	return `"` + s + `\n"`
}
