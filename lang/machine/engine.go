package machine

import (
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// Predicate compiles a state predicate: a part of a property, without temporal operators.
func (m *Machine) Predicate(e lang.Expr) *Cond { return (&compiler{m: m}).cond(e) }

// Fill writes the line that p stands for in state s for the registers f. What stands for anything
// becomes "0".
func (p *Pattern) Fill(s State, f []Val, name string) string {
	var b strings.Builder
	for i := range p.parts {
		switch pt := &p.parts[i]; pt.kind {
		case check.LiteralPart:
			b.WriteString(pt.lit)
		case check.SubjectPart:
			b.WriteString(name)
		case check.ValuePart:
			b.WriteString(printed(pt.typ, pt.value(s, f)))
		case check.AnyPart:
			b.WriteByte('0')
		}
	}
	return b.String()
}

func (p *part) value(s State, f []Val) Val {
	if p.loc.IsReg() {
		return f[p.loc.Reg()]
	}
	return s[p.loc]
}
