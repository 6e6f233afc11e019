package modelcheck

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// item is a property under search.
type item struct {
	*Judgement
	state   func(s State) bool        // whether s violates it
	edge    func(from, to State) bool // whether the step does
	formula *formula
	detail  func(from, to State) string
}

func severity(warning bool) diag.Severity {
	if warning {
		return diag.Warning
	}
	return diag.Error
}

// maxItems bounds what can be judged at once, and the goals of its formulas: a run keeps them as bits of a word.
const maxItems = 64

// items lists what a search judges, in the order of the module: errors of the model itself come last.
func items(m *machine.Machine) ([]*item, error) {
	var all []*item
	goals := 0
	for _, p := range m.Props {
		switch p.Decl.Kind {
		case lang.Invariant:
			all = append(all, invariant(m, p))
		case lang.Temporal:
			f, err := newFormula(m, p.Decl)
			if err != nil {
				return nil, err
			}
			goals += len(f.goals)
			all = append(all, &item{Judgement: judgement(Temporal, p.Decl.Name.Name, p.Decl.Warning), formula: f, state: f.broken})
		}
	}
	for _, b := range m.Balances {
		all = append(all, balance(m, b)...)
	}
	for _, t := range m.Trans {
		all = append(all, transitions(t)...)
	}
	if len(all) > maxItems || goals > maxItems {
		return nil, fmt.Errorf("%s has %d properties, with %d goals of temporal ones; at most %d of both can be checked at once",
			m.Info.Name, len(all), goals, maxItems)
	}
	return all, nil
}

func judgement(k Kind, name string, warning bool) *Judgement {
	return &Judgement{Kind: k, Name: name, Severity: severity(warning), Verdict: Holds}
}

func invariant(m *machine.Machine, p *machine.Property) *item {
	return &item{
		Judgement: judgement(Invariant, p.Decl.Name.Name, p.Decl.Warning),
		state:     func(s State) bool { return p.Cond.Holds(s, nil) != 1 },
		detail: func(_, _ State) string {
			return fmt.Sprintf("%s:%d: %s is false", shortFile(p.Decl.Expr.Pos()), p.Decl.Expr.Pos().Line, p.Cond.Text)
		},
	}
}

func balance(m *machine.Machine, b *machine.Balance) []*item {
	name := m.Wakeups[b.Wakeup].Object.Name
	return []*item{
		{
			Judgement: judgement(Balance, name, b.Decl.Warning),
			state:     func(s State) bool { return m.Leaked(b, s) },
			detail: func(_, s State) string {
				if w := m.Wakeups[b.Wakeup]; w.Counted {
					return fmt.Sprintf("%s is leaked: it is held %d times, more often than those who are left would let go", name, s[w.Global])
				}
				return name + " is leaked: it is active, and nobody is left who would relax it"
			},
		},
		{
			Judgement: judgement(Premature, name, true),
			state:     func(s State) bool { return m.Premature(b, s) },
			detail: func(_, s State) string {
				return name + " is inactive although a work item that answers for it is pending"
			},
		},
	}
}

// transitions gives an item for what is forbidden, and one for what only warns, if any edge does.
func transitions(t *machine.Transitions) []*item {
	permit := func(p machine.Permit) func(from, to State) bool {
		return func(from, to State) bool {
			return from[t.Global] != to[t.Global] && t.Check(from[t.Global], to[t.Global], to) == p
		}
	}
	change := func(how string) func(from, to State) string {
		return func(from, to State) string {
			return fmt.Sprintf("%s goes from %s to %s, which %s", t.Object.Name,
				machine.ValueText(t.Object.Type, from[t.Global]), machine.ValueText(t.Object.Type, to[t.Global]), how)
		}
	}
	return []*item{
		{
			Judgement: judgement(Transitions, t.Object.Name, false),
			edge:      permit(machine.Forbidden), detail: change("no edge allows"),
		},
		{
			Judgement: judgement(Transitions, t.Object.Name, true),
			edge:      permit(machine.Warned), detail: change("a warning edge allows"),
		},
	}
}
