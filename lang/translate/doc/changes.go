package doc

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// changes shows what a variant makes of its base: in a line each, then function by function.
func (b *builder) changes() {
	if !b.isVariant() {
		return
	}
	b.section("changes", "What it changes")
	b.add(list{b.changeLines()})
	b.effects()
	for _, r := range b.info.Replaced {
		b.change(r)
	}
	for _, d := range b.info.Module.Decls {
		b.addition(d)
	}
}

// changeLines says of every declaration of the module, but for the expectations, what it does to the base.
func (b *builder) changeLines() []text {
	var all []text
	for _, d := range b.info.Module.Decls {
		if t := b.changeLine(d); t != nil {
			if about := b.inline(firstSentence(d.DocText())); len(about) > 0 {
				t = t.plus(say(": "), about)
			}
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return []text{say("Nothing but what is expected.")}
	}
	return all
}

// changeLine says what a declaration does to the base, nil if that is not told here.
func (b *builder) changeLine(d lang.Decl) text {
	switch d := d.(type) {
	case *lang.Expect:
		return nil
	case *lang.Fix:
		return b.fixLine(d)
	case *lang.Drop:
		return say("dropped: ").plus(codeText(d.Name.Name))
	}
	word := "new: "
	switch {
	case b.replaces(d) != nil:
		word = "changed: "
	case appends(d):
		word = "extended: "
	}
	return say(word).plus(text{{kind: code, text: b.brief(d), to: b.changeID(d)}})
}

// brief is a declaration in a few words: all of it if it fits in a line, else what it is and its name.
func (b *builder) brief(d lang.Decl) string {
	if s := b.source(d.Pos(), d.End()); s != "" && len(s) <= 60 && !strings.Contains(s, "\n") {
		return s
	}
	kind, of := described(d)
	return strings.TrimSpace(kind + " " + of)
}

// firstSentence is the beginning of a doc comment, on one line.
func firstSentence(doc string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(doc), "\n\n")
	first = strings.Join(strings.Fields(first), " ")
	if i := strings.Index(first, ". "); i >= 0 {
		return first[:i+1]
	}
	return first
}

// fixLine says what a feature is in the base.
func (b *builder) fixLine(d *lang.Fix) text {
	t := say("fixed: ").plus(codeText(d.Name.Name + " = " + lang.ExprString(d.Value)))
	o := b.info.Lookup(d.Name.Name)
	if o == nil {
		return t
	}
	var values []string
	by := map[string][]string{}
	for _, k := range b.kernels {
		if v, ok := b.baseValue(k, d.Name.Name); ok && v != lang.ExprString(d.Value) {
			if by[v] == nil {
				values = append(values, v)
			}
			by[v] = append(by[v], k.Name)
		}
	}
	if len(values) == 0 {
		return t.plus(say(", as it is in all kernels here"))
	}
	var other []text
	for _, v := range values {
		other = append(other, codeText(v).plus(say(" "), b.inKernels(by[v])))
	}
	return t.plus(say(", which was "), joined(other, ", "))
}

// baseValue is what a profile says of a feature, whatever is fixed.
func (b *builder) baseValue(k *check.KernelProfile, feature string) (string, bool) {
	for _, x := range k.Decl.Bindings {
		if x.Name.Name == feature {
			return lang.ExprString(x.Value), true
		}
	}
	return "", false
}

// replaces gives the declaration of the base that d overrides, nil if there is none.
func (b *builder) replaces(d lang.Decl) lang.Decl {
	i := slices.IndexFunc(b.info.Replaced, func(r check.Replacement) bool { return r.New == d })
	if i < 0 {
		return nil
	}
	return b.info.Replaced[i].Old
}

// appends tells whether a declaration goes on with one of the base.
func appends(d lang.Decl) bool {
	switch d := d.(type) {
	case *lang.Enum:
		return d.Extends
	case *lang.Transitions:
		return d.Extends
	}
	return false
}

// changeID is where a change is shown: among the changes, or in the section of what is new. Two declarations of
// one name are told apart by what they are.
func (b *builder) changeID(d lang.Decl) string {
	kind, of := described(d)
	if b.replaces(d) == nil {
		switch kind {
		case "process", "procedure":
			return of
		case "balance", "property", "scenario":
			return kind + "." + of
		case "invariant", "deadline":
			return "property." + of
		}
	}
	return "change." + kind + "." + of
}

// change shows the difference to what was, or what was if it is gone.
func (b *builder) change(r check.Replacement) {
	kind, of := described(r.Old)
	title := say(strings.TrimSpace(kind + " " + of))
	if drop, ok := r.New.(*lang.Drop); ok {
		b.add(heading{level: 3, id: "change." + kind + "." + of, text: title, note: "dropped"})
		b.add(b.prose(drop.DocText())...)
		b.add(b.patch(r.Old, nil)...)
		return
	}
	b.add(heading{level: 3, id: b.changeID(r.New), text: title, note: "changed"})
	if p, ok := r.New.(*lang.Process); ok {
		b.add(para{b.places(b.processOf(p))})
	}
	b.add(b.prose(r.New.DocText())...)
	b.add(b.patch(r.Old, r.New)...)
}

// processOf gives the process that a declaration became.
func (b *builder) processOf(d *lang.Process) *check.Process {
	for _, p := range b.info.Processes {
		if p.Decl == d {
			return p
		}
	}
	return &check.Process{Name: d.Name.Name, Decl: d} // it was overridden in its turn
}

// patch is the difference between two declarations, of which one may be nil.
func (b *builder) patch(old, new lang.Decl) []block {
	was, is := b.source(old.Pos(), old.End()), ""
	to, line := diffLine{'+', "+++ /dev/null"}, 0
	if new != nil {
		is = b.source(new.Pos(), new.End())
		to.text, line = "+++ "+filepath.Base(new.Pos().File), new.Pos().Line
	}
	if was == "" || new != nil && is == "" {
		return nil
	}
	var lines []diffLine
	if body := unified(splitLines(was), splitLines(is), old.Pos().Line, line); len(body) > 0 {
		lines = append([]diffLine{{'@', "--- " + filepath.Base(old.Pos().File)}, {'@', to.text}}, body...)
	}
	if len(lines) == 0 {
		return []block{para{say("Nothing but its comment.")}}
	}
	return []block{patch{lines}}
}

// splitLines gives no line for no text, so that a patch against nothing has none.
func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// addition shows what a module declares that no base has. Processes, properties and scenarios have their own sections.
func (b *builder) addition(d lang.Decl) {
	switch d.(type) {
	case *lang.Expect, *lang.Fix, *lang.Drop, *lang.Process, *lang.Property, *lang.Balance, *lang.Scenario:
		return
	}
	if b.replaces(d) != nil {
		return
	}
	note := "new"
	if appends(d) {
		note = "extended"
	}
	kind, of := described(d)
	b.add(heading{level: 3, id: b.changeID(d), text: say(strings.TrimSpace(kind + " " + of)), note: note})
	b.add(b.prose(d.DocText())...)
	b.add(b.decl(d)...)
}
