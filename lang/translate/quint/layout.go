package quint

import (
	"strings"
	"unicode/utf8"
)

// width is the longest line that is written where there is a choice.
const width = 100

// text is a piece of Quint that is written on one line if it fits, and else broken where it can be.
type text interface {
	// flat writes it on one line.
	flat() string
	// broken writes it over several lines: the first one goes on a line that has begun, the others are indented
	// by so much.
	broken(indent int) string
}

// word is a text that cannot be broken.
type word string

func (w word) flat() string      { return string(w) }
func (w word) broken(int) string { return string(w) }

// list is items between brackets. Broken, it may stand in other brackets, with an item on every line.
type list struct {
	open, sep, end        string
	brokenOpen, brokenEnd string
	items                 []text
	last                  string // behind the last item of a broken list
	packed                bool   // as many items on a line as go there
}

func (l list) flat() string {
	var parts []string
	for _, it := range l.items {
		parts = append(parts, it.flat())
	}
	return l.open + strings.Join(parts, l.sep) + l.end
}

func (l list) broken(indent int) string {
	var b strings.Builder
	b.WriteString(l.brokenOpen)
	column := width
	for i, it := range l.items {
		more := ","
		if i == len(l.items)-1 {
			more = l.last
		}
		if flat := it.flat(); l.packed && column+2+utf8.RuneCountInString(flat) <= width {
			b.WriteString(" " + flat + more)
			column += 2 + utf8.RuneCountInString(flat)
			continue
		}
		b.WriteString(newline(indent + 2))
		t := fit(it, indent+2, indent+2, 1)
		b.WriteString(t + more)
		column = indent + 3 + utf8.RuneCountInString(t)
	}
	return b.String() + newline(indent) + l.brokenEnd
}

// dots is a value and methods that are called one after the other.
type dots struct {
	value   text
	methods []text
}

func (d dots) flat() string {
	s := d.value.flat()
	for _, m := range d.methods {
		s += m.flat()
	}
	return s
}

func (d dots) broken(indent int) string {
	if v, ok := d.value.(word); ok && len(d.methods) == 1 {
		return string(v) + d.methods[0].broken(indent)
	}
	s := fit(d.value, indent, indent, 0)
	for _, m := range d.methods {
		s += newline(indent+2) + fit(m, indent+2, indent+2, 1)
	}
	return s
}

// infix is an operator between two sides.
type infix struct {
	left  text
	op    string
	right text
}

func (x infix) flat() string { return x.left.flat() + " " + x.op + " " + x.right.flat() }

func (x infix) broken(indent int) string {
	return fit(x.left, indent, indent, len(x.op)+1) + newline(indent+2) + x.op + " " + fit(x.right, indent+2, indent+3+len(x.op), 1)
}

// lines is a block of what stands one below the other.
type lines []text

func (l lines) flat() string {
	var parts []string
	for _, t := range l {
		parts = append(parts, t.flat())
	}
	return "{ " + strings.Join(parts, " ") + " }"
}

func (l lines) broken(indent int) string {
	s := "{"
	for _, t := range l {
		s += newline(indent+2) + fit(t, indent+2, indent+2, 0)
	}
	return s + newline(indent) + "}"
}

// chain is pieces without anything in between, such as a call and its argument. Only its last list is broken.
type chain []text

func (c chain) flat() string {
	var b strings.Builder
	for _, t := range c {
		b.WriteString(t.flat())
	}
	return b.String()
}

func (c chain) broken(indent int) string {
	last := len(c) - 1
	for last > 0 {
		if _, ok := c[last].(word); !ok {
			break
		}
		last--
	}
	var b strings.Builder
	for i, t := range c {
		if i == last {
			b.WriteString(t.broken(indent))
		} else {
			b.WriteString(t.flat())
		}
	}
	return b.String()
}

// choice is an if with both sides.
type choice struct{ cond, yes, no text }

func (c choice) flat() string {
	return "if (" + c.cond.flat() + ") " + c.yes.flat() + " else " + c.no.flat()
}

func (c choice) broken(indent int) string {
	cond := "if (" + fit(c.cond, indent, indent+4, 1) + ")"
	no := "else " + fit(c.no, indent, indent+5, 0)
	if _, again := c.no.(choice); !again {
		no = "else" + newline(indent+2) + fit(c.no, indent+2, indent+2, 0)
	}
	return cond + newline(indent+2) + fit(c.yes, indent+2, indent+2, 0) + newline(indent) + no
}

func newline(indent int) string { return "\n" + strings.Repeat(" ", indent) }

// fit writes a text on a line that has so many columns already, and to which so many come.
func fit(t text, indent, column, more int) string {
	if s := t.flat(); column+utf8.RuneCountInString(s)+more <= width {
		return s
	}
	return t.broken(indent)
}

// call is a function with its arguments.
func call(name string, args ...text) text {
	return list{open: name + "(", sep: ", ", end: ")", brokenOpen: name + "(", brokenEnd: ")", items: args}
}

// broken is a list that is never on one line.
type broken struct{ list }

func (b broken) flat() string { return b.list.broken(0) }

func (b broken) broken(indent int) string { return b.list.broken(indent) }

// grouped is something in parentheses, or in braces of its own where it is broken.
type grouped struct{ text }

func (g grouped) flat() string { return "(" + g.text.flat() + ")" }

func (g grouped) broken(indent int) string {
	if l, ok := g.text.(list); ok && strings.HasSuffix(l.brokenOpen, "{") {
		return g.text.broken(indent)
	}
	return call("", g.text).broken(indent)
}

// group puts parentheses around something.
func group(t text) text { return grouped{t} }

// block is an all, any, and or or in braces.
func block(name string, items []text) text {
	return list{open: name + " { ", sep: ", ", end: " }", brokenOpen: name + " {", brokenEnd: "}", items: items, last: ","}
}

// record is a record, or what is changed in one.
func record(base string, fields ...text) list {
	if base != "" {
		fields = append([]text{word("..." + base)}, fields...)
	}
	return list{open: "{ ", sep: ", ", end: " }", brokenOpen: "{", brokenEnd: "}", items: fields, last: ","}
}

func field(name string, v text) text { return chain{word(name + ": "), v} }

// set is a set of the given elements.
func set(elements ...text) text { return call("Set", elements...) }

// strs is a set of strings.
func strs(all []string) text {
	var elements []text
	for _, s := range all {
		elements = append(elements, str(s))
	}
	return list{open: "Set(", sep: ", ", end: ")", brokenOpen: "Set(", brokenEnd: ")", items: elements, packed: true}
}

func str(s string) text { return word(`"` + s + `"`) }
