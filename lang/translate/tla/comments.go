package tla

import (
	"path"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// spelled are characters that have a usual spelling in ASCII. Tools for TLA+ may refuse others, in comments too.
var spelled = strings.NewReplacer("“", `"`, "”", `"`, "„", `"`, "‘", "'", "’", "'", "–", "-", "—", "--", "…", "...",
	"→", "->", "←", "<-", "≤", "<=", "≥", ">=", "≠", "/=", "×", "x", "·", "*", "ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss",
	"é", "e", "è", "e", "á", "a", "ñ", "n", "\t", " ")

// ascii spells a text in ASCII; what has no spelling becomes a question mark.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r >= ' ' && r < 0x7f {
			return r
		}
		return '?'
	}, spelled.Replace(s))
}

// oneLine makes one line of a text.
func oneLine(s string) string { return ascii(strings.Join(strings.Fields(s), " ")) }

// remark writes a doc comment as comments of TLA+: paragraphs and items of lists are filled, indented lines stay.
func (w *writer) remark(by, doc string) {
	doc = strings.TrimSpace(ascii(doc))
	if doc == "" {
		return
	}
	for _, p := range paragraphs(doc) {
		for _, l := range fill(p, width-len(by)-3) {
			w.line(strings.TrimRight(by+`\* `+l, " "))
		}
	}
}

// paragraphs joins the lines of a text that belong together; an empty line is a paragraph of its own.
func paragraphs(doc string) []string {
	var all []string
	fresh := true
	for _, l := range strings.Split(doc, "\n") {
		l = strings.TrimRight(l, " ")
		item := strings.HasPrefix(l, "- ")
		kept := strings.HasPrefix(l, " ") && (len(all) == 0 || !strings.HasPrefix(all[len(all)-1], "- "))
		if fresh || item || kept || l == "" {
			all = append(all, l)
		} else {
			all[len(all)-1] += " " + strings.TrimSpace(l)
		}
		fresh = kept || l == ""
	}
	return all
}

// fill breaks a paragraph into lines; those of an item of a list hang below its first word.
func fill(p string, room int) []string {
	if strings.HasPrefix(p, " ") {
		return []string{p}
	}
	by := ""
	if strings.HasPrefix(p, "- ") {
		by = "  "
	}
	var ls []string
	for len(p) > room {
		at := strings.LastIndex(p[:room+1], " ")
		if at <= len(by) {
			break
		}
		ls = append(ls, p[:at])
		p = by + p[at+1:]
	}
	return append(ls, p)
}

// heading begins a part of the module.
func (w *writer) heading(s string) {
	w.line("")
	w.line(`\* ` + strings.Repeat("-", 4) + " " + s + " " + strings.Repeat("-", max(4, width-len(s)-9)))
	w.line("")
}

func (w *writer) line(s string) { w.WriteString(s + "\n") }

// define writes an operator.
func (w *writer) define(head string, body expr) {
	if one := head + " == " + body.flat(); len(one) <= width && !isList(body) {
		w.line(one)
		return
	}
	w.line(head + " ==")
	ls := body.lines(width - 2)
	if j, ok := body.(junction); ok {
		ls = j.list(width - 2)
	}
	for _, l := range ls {
		w.line("  " + l)
	}
}

// isList tells whether an expression is to be written as a list even if it is short.
func isList(e expr) bool {
	switch x := e.(type) {
	case junction:
		return x.op == `/\` || len(x.items) > 2
	case bound:
		return isList(x.body)
	}
	return false
}

// comment says which statement of which kernel function an action is.
func (w *writer) comment(n *machine.Node) string {
	return n.Func.Name + "(), " + position(n.Span.Start) + ": " + w.statement(n)
}

func position(p diag.Pos) string { return path.Base(p.File) + ":" + number(p.Line).flat() }

// statement is the text of a node in the specification, in one line.
func (w *writer) statement(n *machine.Node) string {
	switch n.Kind {
	case machine.End:
		return "it returns"
	case machine.Destroy:
		return "its wakeup sources are destroyed"
	case machine.Test:
		return oneLine("if " + n.Cond.Text)
	case machine.Await:
		if n.Cond.Span == n.Span && !strings.HasPrefix(w.text(n.Span), "await") {
			return oneLine(w.text(n.Span) + " waits until " + n.Cond.Text)
		}
	}
	if s := oneLine(w.text(n.Span)); s != "" {
		return s
	}
	return w.verb(n)
}

// text gives a stretch of the source as it is written, "" if the source is not there.
func (w *writer) text(s diag.Span) string {
	src := w.opt.Sources[s.Start.File]
	if s.Start.Offset < 0 || s.Start.Offset >= s.End.Offset || s.End.Offset > len(src) {
		return ""
	}
	return string(src[s.Start.Offset:s.End.Offset])
}

// shorten keeps a comment in one line.
func shorten(s string, room int) string {
	if len(s) <= room {
		return s
	}
	return s[:room-4] + " ..."
}

// docOf is the doc comment of a declaration.
func docOf(n lang.Node) string {
	if d, ok := n.(lang.Decl); ok {
		return d.DocText()
	}
	return ""
}
