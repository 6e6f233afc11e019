package doc

import (
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// state tells what the machine remembers, and how it is meant to change.
func (b *builder) state() {
	in := b.info
	if len(in.Vars)+len(in.Mutexes)+len(in.Wakeups)+len(in.Works)+len(in.Enums) == 0 {
		return
	}
	b.section("state", "State")
	for _, v := range in.TransitionVars {
		b.transitions(v)
	}
	b.add(heading{level: 3, id: "sec.variables", text: say("Variables, locks, wakeup sources, work items")})
	var items []def
	for _, group := range [][]*check.Object{in.Vars, in.Mutexes, in.Wakeups, in.Works} {
		for _, o := range group {
			items = append(items, def{id: o.Name, term: b.oneLine(o.Decl), note: b.note(o.Decl), body: b.about(o)})
		}
	}
	b.add(defs{items: items})
	b.enums()
}

// about gives the doc comment of a variable and the lock that protects it.
func (b *builder) about(o *check.Object) []block {
	body := b.prose(Of(o))
	if m := b.info.Protected[o]; m != nil {
		body = append(body, para{say("Written only with ").plus(name(m), say(" held."))})
	}
	return body
}

// enums lists the types that variables and constants have.
func (b *builder) enums() {
	if len(b.info.Enums) == 0 {
		return
	}
	b.add(heading{level: 3, id: "sec.types", text: say("Types")})
	var items []def
	for _, e := range b.info.Enums {
		body := append(b.prose(Of(e.Object)), para{b.members(e)})
		items = append(items, def{id: e.Name, term: codeText("enum " + e.Name), note: b.note(e.Object.Decl), body: body})
	}
	b.add(defs{items: items})
}

// members lists the values of an enum, with what logs call them and when they exist.
func (b *builder) members(e *check.Enum) text {
	var all []text
	for _, m := range e.Members {
		t := codeText(m.Name)
		if m.Text != "" && m.Text != m.Name {
			t = t.plus(say(` ("` + clean(m.Text) + `")`))
		}
		if m.If != nil {
			t = t.plus(say(" if "), b.oneLine(m.If))
		}
		all = append(all, t)
	}
	return joined(all, ", ")
}

// transitions draws what a variable is meant to do, and lists it.
func (b *builder) transitions(v *check.Object) {
	b.add(heading{level: 3, id: "transitions." + v.Name, text: say("How ").plus(name(v), say(" may change"))})
	for _, t := range b.transitionDecls(v) {
		b.add(b.prose(t.DocText())...)
	}
	b.add(para{say("Any other change is a violation.")})
	b.add(b.intent(v)...)
	t := table{head: []text{say("from"), nil, say("to"), say("only if"), nil}}
	for _, e := range b.info.Transitions[v] {
		t.rows = append(t.rows, b.edge(e))
	}
	b.add(t)
}

// transitionDecls lists the declarations that the edges of a variable come from.
func (b *builder) transitionDecls(v *check.Object) []*lang.Transitions {
	var all []*lang.Transitions
	for _, m := range b.info.Chain {
		for _, d := range m.Decls {
			t, ok := d.(*lang.Transitions)
			if !ok || t.Var.Name != v.Name {
				continue
			}
			if !t.Extends {
				all = nil
			}
			all = append(all, t)
		}
	}
	return all
}

// edge is a row of the table of transitions, as it is written: states that share an edge share a row.
func (b *builder) edge(e *lang.Edge) []text {
	arrow, cond, notes := "→", text(nil), []string{}
	if e.Both {
		arrow = "↔"
	}
	if e.If != nil {
		cond = b.oneLine(e.If)
	}
	if e.Warning {
		notes = append(notes, "warning")
	}
	if b.own(e) {
		notes = append(notes, "new here")
	}
	return []text{states(e.From), say(arrow), states(e.To), cond, say(strings.Join(notes, ", "))}
}

// states are the states at one end of an edge.
func states(ids []*lang.Ident) text {
	if len(ids) == 0 {
		return say("any")
	}
	var names []string
	for _, id := range ids {
		names = append(names, id.Name)
	}
	return codeText(strings.Join(names, " | "))
}
