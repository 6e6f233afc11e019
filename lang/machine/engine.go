package machine

import (
	"strconv"
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
		switch pt := &p.parts[i]; pt.hole {
		case literal:
			b.WriteString(pt.lit)
		case nameHole:
			b.WriteString(name)
		case valueHole:
			b.WriteString(pt.value(s, f))
		case anyHole:
			b.WriteByte('0')
		}
	}
	return b.String()
}

func (p *part) value(s State, f []Val) string {
	var v Val
	if p.loc.IsReg() {
		v = f[p.loc.Reg()]
	} else {
		v = s[p.loc]
	}
	if p.typ.Kind == check.EnumType && v >= 0 && int(v) < len(p.enum.Members) {
		return p.enum.Members[v].Text
	}
	return strconv.Itoa(int(v))
}
