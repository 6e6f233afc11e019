package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// Contradiction is something that was said from outside and that the trace shows to be wrong. An answer
// that rests on it would be worth nothing.
type Contradiction struct {
	Line int // that shows it
	Text string
}

func (c *Contradiction) Error() string { return fmt.Sprintf("line %d: %s", c.Line, c.Text) }

// Err gives the first contradiction between the options and the trace so far, as a *Contradiction; nil
// if there is none.
func (v *Validator) Err() error {
	if v.wrong == nil {
		return nil
	}
	return v.wrong
}

// contradict notes that r shows something that was said to be wrong.
func (v *Validator) contradict(r *rec, format string, args ...any) {
	if v.wrong == nil {
		v.wrong = &Contradiction{r.Line, fmt.Sprintf(format, args...)}
	}
}

// denied tells of a record of a kind that was not recorded, as the user says.
func (v *Validator) denied(r *rec) {
	for _, kind := range probeKinds(r) {
		if v.opt.Probes[kind] == "off" {
			v.contradict(r, "this record (%s) contradicts --probes %s=off: leave that out, or give the trace that it is about", r.what(), kind)
		}
	}
}

// probeKinds gives the names by which Options.Probes speaks of records like r.
func probeKinds(r *rec) []string {
	switch r.Kind {
	case traces.Enter:
		if r.call != "" {
			return []string{"calls"}
		}
		return []string{"enter", "enter:" + r.fn}
	case traces.Exit:
		return []string{"exit", "exit:" + r.fn}
	case traces.EdgeOn, traces.EdgeOff:
		return []string{"edges"}
	case traces.Queue, traces.Start:
		return []string{"work"}
	case traces.End:
		return []string{"end"}
	case traces.Event:
		return []string{"event", "event:" + r.Event}
	case traces.Log:
		return []string{"log"}
	}
	return nil
}

// clash notes that an alias holds two names of one sort, which are of two processors.
func (v *Validator) clash(r *rec, n, sort string, i *ident) {
	set := v.alias(i)
	if r == nil || set == nil {
		return
	}
	other := i.root().device
	if sort == "wake" {
		other = i.root().wake
	}
	what := map[string]string{"device": "devices", "wake": "wakeup sources"}[sort]
	v.contradict(r, "--alias %s joins two processors: %s and %s are %s of their own; give each processor's names in an --alias of its own",
		strings.Join(set, "="), other, n, what)
}

// differ is for a record that holds names of two processors, as far as was known.
func (v *Validator) differ(r *rec, a, b *ident) {
	for _, x := range []struct{ a, b, sort string }{{a.device, b.device, "device"}, {a.wake, b.wake, "wake"}} {
		if x.a == "" || x.b == "" || x.a == x.b {
			continue
		}
		if v.alias(a) != nil {
			v.clash(r, x.b, x.sort, a)
		} else {
			v.clash(r, x.a, x.sort, b)
		}
	}
}

// alias gives the names of the first alias that holds a name of i.
func (v *Validator) alias(i *ident) []string {
	for _, set := range v.opt.Aliases {
		for _, n := range set {
			if a := v.idents[n]; a != nil && a.root() == i.root() {
				return set
			}
		}
	}
	return nil
}

// unseenEvents lists probe events that were given and that did not occur.
func (v *Validator) unseenEvents() []string {
	return slices.DeleteFunc(sortedKeys(v.opt.Events), func(n string) bool { return v.fired[n] })
}

// unseenAliases lists names that were given and that no record bears: most likely they are misspelt.
func (v *Validator) unseenAliases() []string {
	var names []string
	for _, set := range v.opt.Aliases {
		for _, n := range set {
			if !v.borne[n] {
				names = append(names, n)
			}
		}
	}
	return names
}
