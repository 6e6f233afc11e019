package machine

import (
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// Pattern is a log line as the spec writes it.
type Pattern struct {
	Text  string // as written
	parts []part
}

// part is a literal, or a hole: the subject's name, a value, or anything.
type part struct {
	kind check.PartKind
	lit  string
	loc  Loc // of a value
	typ  check.Type
}

// pattern finds the places of what a log pattern prints. The value of a const is a text like any other.
func (e *env) pattern(lit *lang.StringLit) *Pattern {
	p := &Pattern{Text: lit.Value}
	for _, x := range e.m.Info.Patterns[lit] {
		pt := part{kind: x.Kind, lit: x.Text}
		switch o := x.Object; {
		case o == nil:
		case o.Kind == check.ConstObj:
			pt.kind, pt.lit = check.LiteralPart, printed(o.Type, Val(o.Value))
		default:
			pt.loc, pt.typ = e.place(o), o.Type
		}
		p.parts = append(p.parts, pt)
	}
	return p
}

// printed writes a value as logs do.
func printed(t check.Type, v Val) string {
	if t.Kind == check.EnumType && v >= 0 && int(v) < len(t.Enum.Members) {
		return t.Enum.Members[v].Text
	}
	return strconv.Itoa(int(v))
}

// Match is what a line says if it fits a pattern.
type Match struct {
	Name   string // what stands for {name}; "" if the pattern has none
	Values []Bound
}

// Bound is a place and the text that stood for its value.
type Bound struct {
	Loc  Loc
	Val  Val
	Text string
	OK   bool // Val is known: the text is a value of the type
}

// Match fits line to p: literals must stand where they are, a hole takes what is between them, the
// shortest first. Holes before the end of the line never are empty.
func (p *Pattern) Match(line string) (Match, bool) {
	var m Match
	ok := p.match(line, 0, &m)
	return m, ok
}

func (p *Pattern) match(line string, i int, m *Match) bool {
	if i == len(p.parts) {
		return line == ""
	}
	pt := &p.parts[i]
	if pt.kind == check.LiteralPart {
		return strings.HasPrefix(line, pt.lit) && p.match(line[len(pt.lit):], i+1, m)
	}
	for n := 0; n <= len(line); n++ {
		if n == 0 && pt.kind == check.SubjectPart {
			continue
		}
		if p.match(line[n:], i+1, m) {
			m.bind(pt, line[:n])
			return true
		}
	}
	return false
}

func (m *Match) bind(pt *part, text string) {
	switch pt.kind {
	case check.SubjectPart:
		m.Name = text
	case check.ValuePart:
		v, ok := parseValue(pt.typ, text)
		m.Values = append(m.Values, Bound{Loc: pt.loc, Val: v, Text: text, OK: ok})
	}
}

// parseValue reads a value as a log prints it.
func parseValue(t check.Type, text string) (Val, bool) {
	switch t.Kind {
	case check.EnumType:
		for i, mem := range t.Enum.Members {
			if mem.Text == text {
				return Val(i), true
			}
		}
		return 0, false
	case check.BoolType:
		switch text {
		case "1", "true":
			return 1, true
		case "0", "false":
			return 0, true
		}
		return 0, false
	}
	n, neg := 0, false
	for i, c := range []byte(text) {
		switch {
		case i == 0 && c == '-' && len(text) > 1:
			neg = true
		case c < '0' || c > '9' || n > 1<<24:
			return 0, false
		default:
			n = n*10 + int(c-'0')
		}
	}
	if neg {
		n = -n
	}
	return Val(n), text != ""
}
