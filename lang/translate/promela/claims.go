package promela

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// claim is a property, as a run of pan takes it by its name.
type claim struct {
	name   string
	about  string   // what the specification says of it
	macros []string // that it is written with
	ltl    string   // the formula; "" if it is a never claim
	never  []string // the body of one
	fair   bool     // it needs weak fairness
}

// longest is how long the text of a formula may be that is given to Spin as ltl; its own reader has room for
// about twice as much of what it makes of it.
const longest = 800

// claims lists the properties in the order of `rprocspec check`. Before them stands the claim that says nothing:
// pan takes the first never claim if no other is named.
func (w *writer) claims() ([]*claim, error) {
	all := []*claim{{name: "states", about: "Nothing, to count the states.", never: []string{"do", ":: true", "od"}}}
	for _, p := range w.m.Props {
		switch p.Decl.Kind {
		case lang.Invariant:
			all = append(all, w.invariant(p))
		case lang.Temporal:
			c, err := w.temporal(p.Decl)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
	}
	for _, b := range w.m.Balances {
		all = append(all, w.balance(b), w.premature(b))
	}
	for _, t := range w.m.Trans {
		all = append(all, w.transitions(t)...)
	}
	return append(all, w.deadlock()), nil
}

// always is a claim that something holds in every state, with the macros that it is written with.
func always(name, about, formula string, macros ...string) *claim {
	c := &claim{name: name, about: about, macros: macros}
	if len(formula)+len(strings.Join(macros, "")) > longest {
		c.never = []string{"do", ":: assert(" + formula + ")", "od"}
	} else {
		c.ltl = "[] (" + formula + ")"
	}
	return c
}

// aboutProperty gives the doc comment of a property, and what it is in the specification.
func aboutProperty(d *lang.Property, word string) string {
	if d.Warning {
		word = "warning " + word
	}
	return strings.TrimSpace(prose(d.Doc) + "\n" + fmt.Sprintf("%s %s: %s", word, d.Name.Name, lang.ExprString(d.Expr)))
}

func (w *writer) invariant(p *machine.Property) *claim {
	return always(w.names.take(p.Decl.Name.Name), aboutProperty(p.Decl, "invariant"), w.predicate(p.Decl.Expr))
}

// predicate writes a state predicate of a claim.
func (w *writer) predicate(e lang.Expr) string {
	return w.expr(w.m.Close(w.m.Predicate(e).Term), w.outside)
}

// balance is the claim that nothing is leaked.
func (w *writer) balance(b *machine.Balance) *claim {
	src := w.m.Wakeups[b.Wakeup]
	parts := w.responsible(b)
	held := w.names.globals[machine.Loc(src.Global)]
	var text string
	switch {
	case src.Counted && len(parts) == 0:
		text = held + " > 0"
	case src.Counted:
		text = held + " > " + strings.Join(parts, " + ")
	default:
		text = strings.Join(append([]string{held}, negated(parts)...), " && ")
	}
	if b.Unless != nil {
		text = "!(" + w.expr(w.m.Close(b.Unless.Term), w.outside) + ") && (" + text + ")"
	}
	leaked := w.names.take("leaked_" + src.Object.Name)
	macros := append(w.responsibility(b), fmt.Sprintf("%s (%s)", leaked, text))
	return always(w.names.take("balance_"+src.Object.Name), aboutBalance(b), "!"+leaked, macros...)
}

func aboutBalance(b *machine.Balance) string {
	var held []string
	for _, h := range b.Decl.Held {
		held = append(held, h.Name)
	}
	text := "balance " + b.Decl.Wakeup.Name + " held by " + strings.Join(held, ", ")
	if b.Decl.Unless != nil {
		text += " unless " + lang.ExprString(b.Decl.Unless)
	}
	if b.Decl.Warning {
		text = "warning " + text
	}
	return strings.TrimSpace(prose(b.Decl.Doc) + "\n" + text)
}

func negated(parts []string) []string {
	all := make([]string, len(parts))
	for i, p := range parts {
		all[i] = "!" + p
	}
	return all
}

// responsible lists who may be responsible for a source: pending items, and processes.
func (w *writer) responsible(b *machine.Balance) []string {
	var parts []string
	for _, i := range b.Works {
		parts = append(parts, w.names.globals[machine.Loc(w.m.Works[i].Pending)])
	}
	for _, r := range w.heldBy(b) {
		for _, s := range r.slots {
			parts = append(parts, fmt.Sprintf("%s(%d)", w.keeper(b, r), w.pid(s)))
		}
	}
	return parts
}

// heldBy lists the roles of a balance that are responsible somewhere.
func (w *writer) heldBy(b *machine.Balance) []*role {
	return slices.DeleteFunc(slices.Clone(w.roles), func(r *role) bool {
		return !slices.Contains(b.Procs, r.proc.Proc) || !slices.ContainsFunc(r.proc.Points, func(p *point) bool {
			return w.isResponsible(b, p) != "false"
		})
	})
}

// keeping is a role of a balance.
type keeping struct {
	*machine.Balance
	*role
}

// keeper is the name of the macro that tells whether an activation is responsible.
func (w *writer) keeper(b *machine.Balance, r *role) string {
	key := keeping{b, r}
	if w.keepers[key] == "" {
		w.keepers[key] = w.names.take("holds_" + w.m.Wakeups[b.Wakeup].Object.Name + "_" + r.name)
	}
	return w.keepers[key]
}

// responsibility defines, for every role of a balance, at which points it is responsible.
func (w *writer) responsibility(b *machine.Balance) []string {
	var macros []string
	for _, r := range w.heldBy(b) {
		var at []string
		for _, p := range r.proc.Points {
			switch c := w.isResponsible(b, p); c {
			case "false":
			case "true":
				at = append(at, fmt.Sprintf("%s[%s]@%s", r.name, which, r.labels[p]))
			default:
				at = append(at, fmt.Sprintf("(%s[%s]@%s && %s)", r.name, which, r.labels[p], c))
			}
		}
		macros = append(macros, fmt.Sprintf("%s(%s) (%s)", w.keeper(b, r), which, strings.Join(at, " || ")))
	}
	return macros
}

// isResponsible writes for which constants an activation at p is responsible.
func (w *writer) isResponsible(b *machine.Balance, p *point) string {
	return w.when(func(s machine.State) bool { return w.m.Responsible(b, p.Node, s) })
}

// premature is the claim that no item that answers for a source waits while that is inactive.
func (w *writer) premature(b *machine.Balance) *claim {
	src := w.m.Wakeups[b.Wakeup]
	waits := machine.Bool(false)
	for _, i := range b.Works {
		waits = machine.Truth(machine.Or, waits, active(w.m.Works[i].Pending))
	}
	off := machine.Truth(machine.Not, active(src.Global))
	early := machine.Truth(machine.And, machine.Truth(machine.And, off, w.exists(src)), waits)
	about := "warning: an item that answers for " + src.Object.Name + " waits while it is inactive"
	return always(w.names.take("premature_"+src.Object.Name), about, w.expr(w.m.Close(machine.Truth(machine.Not, early)), w.outside))
}

func active(global int) *machine.Term {
	return &machine.Term{Op: machine.Active, Type: machine.Bool(true).Type, Loc: machine.Loc(global)}
}

// exists says when a wakeup source is there.
func (w *writer) exists(src *machine.Wakeup) *machine.Term {
	t := machine.Bool(true)
	if src.If != nil {
		t = src.If.Term
	}
	if w.m.Ended >= 0 {
		t = machine.Truth(machine.And, t, machine.Truth(machine.Not, active(w.m.Ended)))
	}
	return t
}

// textOf writes the claims.
func textOf(claims []*claim) string {
	out := &text{}
	for _, c := range claims {
		out.WriteString("\n")
		out.comment(0, c.about)
		for _, m := range c.macros {
			out.macro(m)
		}
		if c.ltl != "" {
			out.line(0, "ltl "+c.name+" { "+c.ltl+" }", "")
			continue
		}
		out.WriteString("never " + c.name + " {\n")
		for _, l := range c.never {
			out.line(1, l, "")
		}
		out.WriteString("}\n")
	}
	return out.String()
}

// macro writes a definition, over several lines if need be.
func (t *text) macro(m string) {
	for first, rest, indent := "#define "+m, "", ""; ; first, indent = rest, "\t" {
		first, rest = cut(first, width-tab-2)
		if rest == "" {
			t.WriteString(indent + first + "\n")
			return
		}
		t.WriteString(indent + first + " \\\n")
	}
}
