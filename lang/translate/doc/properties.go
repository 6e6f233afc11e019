package doc

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// properties tells what must hold, in words and as it is written, and in which kernels it is known not to.
func (b *builder) properties() {
	if len(b.info.Balances)+len(b.info.Properties) == 0 {
		return
	}
	b.section("properties", "What must hold")
	b.add(list{b.kinds()})
	b.expectations()
	for _, x := range b.info.Balances {
		b.property("balance "+x.Wakeup.Name, "balance."+x.Wakeup.Name, balanceWords(x), x)
	}
	for _, p := range b.info.Properties {
		b.property(p.Name.Name, "property."+p.Name.Name, propertyWords(p), p)
	}
	for _, v := range b.info.TransitionVars {
		if lines := b.expected("transitions " + v.Name); len(lines) > 0 {
			title := say("transitions ").plus(name(v))
			b.add(heading{level: 3, id: "property." + v.Name, text: title}, para{say("The ").plus(
				text{{text: "edges", to: "transitions." + v.Name}}, say(" are all that may happen."))}, list{lines})
		}
	}
}

// expectations is the table of what is expected in which kernel.
func (b *builder) expectations() {
	kernels := b.columns(func(k string) bool {
		return slices.ContainsFunc(b.in.Expected, func(e Expected) bool { return e.Kernel == k })
	})
	t := table{head: []text{say("property")}}
	for _, k := range kernels {
		t.head = append(t.head, kernelHead(k))
	}
	for _, e := range b.in.Expected {
		if !slices.ContainsFunc(t.rows, func(r []text) bool { return r[0].String() == e.Title }) {
			t.rows = append(t.rows, b.expectedRow(e.Title, kernels))
		}
	}
	if len(t.rows) == 0 {
		return
	}
	b.add(para{say("What the specification expects of an exploration, and ").plus(codeText("rprocspec check"),
		say(" holds it to: that a property holds, or, for a bug that is known, that it fails. Warnings without an expectation are not listed."))}, t)
}

// expectedRow is a property in all kernels.
func (b *builder) expectedRow(title string, kernels []string) []text {
	row := []text{{{text: title, to: b.propertyID(title)}}}
	for _, k := range kernels {
		row = append(row, expectedCell(b.want(b.in.Expected, title, k)))
	}
	return row
}

// expectedCell is an expectation in a word; a dash where there is none.
func expectedCell(want string) text {
	switch want {
	case "holds":
		return text{{kind: good, text: "holds"}}
	case "violated":
		return text{{kind: bad, text: "fails"}}
	}
	return text{{kind: dim, text: "–"}}
}

// want is what is expected of a property in a kernel, "" if nothing is.
func (b *builder) want(all []Expected, title, kernel string) string {
	for _, e := range all {
		if e.Title == title && e.Kernel == kernel {
			return e.Want
		}
	}
	return ""
}

// propertyID is where a property is told of.
func (b *builder) propertyID(title string) string {
	kind, of, ok := strings.Cut(title, " ")
	switch {
	case !ok:
		return "property." + title
	case kind == "balance":
		return "balance." + of
	case kind == "transitions":
		return "property." + of
	}
	return ""
}

// property is a section of its own.
func (b *builder) property(title, id, kind string, decl lang.Decl) {
	b.add(heading{level: 3, id: id, text: say(title), note: b.note(decl)})
	b.add(b.prose(decl.DocText())...)
	b.add(para{say(kind)})
	b.add(b.decl(decl)...)
	if lines := b.expected(title); len(lines) > 0 {
		b.add(list{lines})
	}
}

// kinds explains the kinds of property that there are.
func (b *builder) kinds() []text {
	words := []string{
		"An invariant must be true in every state that can be reached.",
		"A temporal property must be true of every behaviour in which nobody who can go on waits for ever: " +
			"`[]` is always, `<>` eventually, `~>` leads to.",
		"A deadline: what stands right of `~>` must follow what stands left of it in time. It is for traces; explorations have no clock.",
	}
	var all []text
	if len(b.info.Balances) > 0 {
		all = append(all, b.inline("A balance: while the wakeup source is active, somebody of those named must be on a way that still lets "+
			"go of it or hands it on. It is leaked where the last of them gives that up."))
	}
	for kind, w := range words {
		if slices.ContainsFunc(b.info.Properties, func(p *lang.Property) bool { return int(p.Kind) == kind }) {
			all = append(all, b.inline(w))
		}
	}
	return all
}

func propertyWords(p *lang.Property) string {
	return kindWords(p.Warning, [...]string{lang.Invariant: "Invariant", lang.Temporal: "Temporal property", lang.Deadline: "Deadline"}[p.Kind])
}

func balanceWords(x *lang.Balance) string { return kindWords(x.Warning, "Balance") }

// kindWords says what kind of property something is, and whether it only warns.
func kindWords(warning bool, kind string) string {
	if warning {
		return kind + ", whose violation is only a warning."
	}
	return kind + "."
}

// expected says what is expected of a property where it is not that it holds, with the reasons that stand beside
// the expectations in the text.
func (b *builder) expected(title string) []text {
	return b.expectLines(func(x *lang.Expect) bool { return x.Scenario == nil && x.Outcome.Title() == title })
}

// expectLines lists some of the expectations as they are written, each reason once.
func (b *builder) expectLines(of func(x *lang.Expect) bool) []text {
	var all []text
	last := ""
	for _, x := range b.info.Expects {
		t := b.oneLine(x)
		if !of(x) || !b.concerns(x) || len(t) == 0 {
			continue
		}
		if n := b.note(x); n != "" {
			t = t.plus(say(" (" + n + ")"))
		}
		if why := b.reason(x); why.String() != last {
			last = why.String()
			t = t.plus(say(": "), why)
		}
		all = append(all, t)
	}
	return all
}

// concerns tells whether an expectation is about a kernel of the document.
func (b *builder) concerns(x *lang.Expect) bool {
	return x.In == nil || b.in.Kernel == "" || x.In.Name == b.in.Kernel
}

// reason is the comment of an expectation: its own, or the plain one above the lines that it stands in.
func (b *builder) reason(x *lang.Expect) text {
	doc := x.DocText()
	if doc == "" {
		doc = b.commentAbove(x)
	}
	return b.inline(strings.Join(strings.Fields(doc), " "))
}

// commentAbove finds the // lines that end right above the lines of expectations of which x is one.
func (b *builder) commentAbove(x *lang.Expect) string {
	m := b.module(x.Pos().File)
	if m == nil {
		return ""
	}
	line := x.Pos().Line
	for i := slices.Index(m.Decls, lang.Decl(x)) - 1; i >= 0 && m.Decls[i].End().Line == line-1; i-- {
		if _, ok := m.Decls[i].(*lang.Expect); !ok {
			return ""
		}
		line = m.Decls[i].Pos().Line
	}
	var lines []string
	for i := len(m.Comments) - 1; i >= 0; i-- {
		if c := m.Comments[i]; c.Pos().Line == line-1-len(lines) {
			lines = append(lines, strings.TrimSpace(c.Text))
		}
	}
	slices.Reverse(lines)
	return strings.Join(lines, " ")
}

// module is the one of a file.
func (b *builder) module(file string) *lang.Module {
	for _, m := range b.info.Chain {
		if m.File == file {
			return m
		}
	}
	return nil
}

// comments gives the doc comments of a process, its own first, then those of what it overrides.
func (b *builder) comments(p *check.Process) []string {
	all := []string{p.Decl.DocText()}
	for i := len(b.info.Chain) - 1; i >= 0; i-- {
		for _, d := range b.info.Chain[i].Decls {
			if x, ok := d.(*lang.Process); ok && x != p.Decl && x.Name.Name == p.Name {
				all = append(all, x.DocText())
			}
		}
	}
	return all
}
