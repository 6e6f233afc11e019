package quint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// balance writes who answers for a wakeup source, and that somebody does.
func (w *writer) balance(b *machine.Balance) {
	k := w.m.Wakeups[b.Wakeup]
	name, g := k.Object.Name, w.m.Globals[k.Global]
	answers := w.holds["answers "+name]
	w.printf("\n")
	w.doc(fmt.Sprintf("Whether the activation in a slot is on its way to let %s go, or to hand it on.", name))
	w.printf("  def %s(self: str): bool = %s\n", answers, block("or", w.answering(b)).broken(2))
	w.printf("\n")
	w.doc(b.Decl.DocText())
	w.expected(name, "balance")
	active := word(w.global(g))
	somebody, pending := w.somebody(b, answers)
	if k.Counted {
		active = word(w.global(g) + " > 0")
		somebody = w.many(b, answers, g)
	}
	body := infix{active, "implies", somebody}
	if b.Unless != nil {
		either, _ := junction("or", []text{w.global0().expr(b.Unless.Term, compar), somebody})
		body.right = group(either)
	}
	w.state(w.holds["balance "+name], body)
	w.premature(b, active, pending)
}

// somebody is that an item is pending or an activation answers.
func (w *writer) somebody(b *machine.Balance, answers string) (text, []text) {
	var pending []text
	for _, i := range b.Works {
		pending = append(pending, word(w.global(w.m.Globals[w.m.Works[i].Pending])))
	}
	t, _ := junction("or", append(pending[:len(pending):len(pending)], word(fmt.Sprintf("SLOTS.exists(s => %s(s))", answers))))
	return parens(t), pending
}

// many is that as many answer as the source is held.
func (w *writer) many(b *machine.Balance, answers string, g *machine.Global) text {
	sum := text(word(fmt.Sprintf("SLOTS.filter(s => %s(s)).size()", answers)))
	for _, i := range b.Works {
		sum = infix{sum, "+", word(fmt.Sprintf("(if (%s) 1 else 0)", w.global(w.m.Globals[w.m.Works[i].Pending])))}
	}
	return infix{word(w.global(g)), "<=", sum}
}

// premature writes that no item waits while the source, which is there, is inactive.
func (w *writer) premature(b *machine.Balance, active text, pending []text) {
	name := w.m.Wakeups[b.Wakeup].Object.Name
	w.printf("\n")
	w.doc(fmt.Sprintf("No work item that answers for %s waits while it is inactive: the system could suspend. A warning.", name))
	waiting, _ := junction("or", pending)
	if len(pending) == 0 {
		waiting = word("false")
	}
	there := []text{parens(waiting)}
	if c := w.m.Wakeups[b.Wakeup].If; c != nil {
		there = append(there, w.global0().expr(c.Term, compar))
	}
	if w.m.Ended >= 0 {
		there = append(there, word(fmt.Sprintf("not(%s)", w.global(w.m.Globals[w.m.Ended]))))
	}
	w.state(w.holds["premature "+name], infix{parens(both(there...)), "implies", active})
}

// answering lists the places at which activations answer for a source, those that hang on variables one by one.
func (w *writer) answering(b *machine.Balance) []text {
	var always []string
	var some []text
	for _, p := range w.live {
		if !slices.Contains(b.Procs, p.Proc) {
			continue
		}
		for _, pt := range p.Points {
			switch cond, ok := w.whenResponsible(b, pt.Node); {
			case !ok:
			case cond == nil:
				always = append(always, w.points[pt])
			default:
				some = append(some, both(word(fmt.Sprintf("%s.get(self) == %q", w.pc, w.points[pt])), parens(cond)))
			}
		}
	}
	if len(always) > 0 {
		some = append([]text{chain{strs(always), word(".contains(" + w.pc + ".get(self))")}}, some...)
	}
	if len(some) == 0 {
		some = []text{word("false")}
	}
	return some
}

// whenResponsible tells when an activation at a node answers for a source: false if never, nil if always, else by
// the features and device constants that are no constants here, as few as decide it.
func (w *writer) whenResponsible(b *machine.Balance, n *machine.Node) (text, bool) {
	var yes, no []machine.State
	for _, s := range w.m.Inits {
		if w.m.Responsible(b, n, s) {
			yes = append(yes, s)
		} else {
			no = append(no, s)
		}
	}
	if len(yes) == 0 || len(no) == 0 {
		return nil, len(yes) > 0
	}
	decisive := w.decisive(yes, no)
	var ways []text
	var seen []string
	for _, s := range yes {
		var conds []text
		for _, g := range decisive {
			conds = append(conds, chain{word(w.global(g) + " == "), w.valueText(g.Object.Type, s[g.Index])})
		}
		way := parens(both(conds...))
		if k := way.flat(); !slices.Contains(seen, k) {
			seen = append(seen, k)
			ways = append(ways, way)
		}
	}
	t, _ := junction("or", ways)
	return t, true
}

// decisive finds constants that tell two groups of states apart; those that can be spared are left out.
func (w *writer) decisive(yes, no []machine.State) []*machine.Global {
	var all []*machine.Global
	for _, g := range w.m.Vars {
		if g.Kind <= machine.DeviceGlobal {
			all = append(all, g)
		}
	}
	for i := 0; i < len(all); {
		if less := slices.Delete(slices.Clone(all), i, i+1); apart(yes, no, less) {
			all = less
		} else {
			i++
		}
	}
	return all
}

// apart tells whether no two states of two groups agree in these globals.
func apart(yes, no []machine.State, by []*machine.Global) bool {
	key := func(s machine.State) string {
		var b strings.Builder
		for _, g := range by {
			fmt.Fprint(&b, s[g.Index], " ")
		}
		return b.String()
	}
	seen := map[string]bool{}
	for _, s := range yes {
		seen[key(s)] = true
	}
	return !slices.ContainsFunc(no, func(s machine.State) bool { return seen[key(s)] })
}
