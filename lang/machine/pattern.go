package machine

import (
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
	lit  string
	hole holeKind
	loc  Loc
	enum *check.Enum
	typ  check.Type
}

type holeKind uint8

const (
	literal holeKind = iota
	nameHole
	valueHole
	anyHole
)

// pattern compiles a log pattern: {name}, {x}, {_}, and {{ for a brace.
func (e *env) pattern(lit *lang.StringLit) *Pattern {
	p := &Pattern{Text: lit.Value}
	s := lit.Value
	add := func(text string) {
		if n := len(p.parts); n > 0 && p.parts[n-1].hole == literal {
			p.parts[n-1].lit += text
		} else if text != "" {
			p.parts = append(p.parts, part{lit: text})
		}
	}
	for s != "" {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			add(s)
			break
		}
		add(s[:i])
		s = s[i:]
		if strings.HasPrefix(s, "{{") {
			add("{")
			s = s[2:]
			continue
		}
		j := strings.IndexByte(s, '}')
		if j < 0 {
			add(s)
			break
		}
		p.parts = append(p.parts, e.hole(s[1:j]))
		s = s[j+1:]
	}
	return p
}

func (e *env) hole(name string) part {
	switch name {
	case "name":
		return part{hole: nameHole}
	case "_":
		return part{hole: anyHole}
	}
	for o, r := range e.scope.regs {
		if o.Name == name {
			return part{hole: valueHole, loc: RegLoc(r), enum: o.Type.Enum, typ: o.Type}
		}
	}
	if g := e.m.Global(name); g >= 0 {
		t := e.m.Globals[g].Object.Type
		return part{hole: valueHole, loc: Loc(g), enum: t.Enum, typ: t}
	}
	return part{hole: anyHole}
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
	if pt.hole == literal {
		return strings.HasPrefix(line, pt.lit) && p.match(line[len(pt.lit):], i+1, m)
	}
	for n := 0; n <= len(line); n++ {
		if n == 0 && pt.hole == nameHole {
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
	switch pt.hole {
	case nameHole:
		m.Name = text
	case valueHole:
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
