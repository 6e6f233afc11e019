package machine

import (
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// evalFunc evaluates in a state s for the registers f. Truth is 0 and 1; Open propagates.
type evalFunc func(s State, f []Val) Val

// Value is a compiled expression.
type Value struct {
	Const bool // it reads nothing: Eval gives the same always
	Reads []Loc
	Span  diag.Span
	Text  string
	Type  check.Type
	Term  *Term // what it is compiled from
	eval  evalFunc
}

// Eval gives the value in s for the frame registers f (which may be nil if it reads none).
func (v *Value) Eval(s State, f []Val) Val { return v.eval(s, f) }

// Conj is one conjunct of a condition, with the place where it is written.
type Conj struct {
	Value
	Negated bool // it is the negation of what stands at Span
}

// Cond is a condition as its conjuncts, and as the conjuncts of its negation.
type Cond struct {
	Value
	Then, Else []*Conj
}

// Holds evaluates c: 1, 0 or Open.
func (c *Cond) Holds(s State, f []Val) Val { return c.eval(s, f) }

// OpenLoc finds the first place that v reads and that is Open in s or f. Havoc globals are passed
// over: there is nothing to decide for good. ok is false if there is none.
func (m *Machine) OpenLoc(v *Value, s State, f []Val) (Loc, bool) {
	for _, l := range v.Reads {
		if l.IsReg() {
			if f != nil && f[l.Reg()] == Open {
				return l, true
			}
		} else if s[l] == Open && !m.Globals[l].Havoc {
			return l, true
		}
	}
	return 0, false
}

// Domain gives the values that a place can take: bool, members whose If is not false, or a range.
func (m *Machine) Domain(l Loc, p *Proc, s State) []Val {
	if l.IsReg() {
		return m.typeDomain(p.Regs[l.Reg()], s)
	}
	g := m.Globals[l]
	if g.Kind > VarGlobal {
		return []Val{0, 1}
	}
	return m.typeDomain(g.Object.Type, s)
}

func (m *Machine) typeDomain(t check.Type, s State) []Val {
	switch t.Kind {
	case check.EnumType:
		var vs []Val
		for i := range t.Enum.Members {
			if m.Member(t.Enum, i, s) != 0 {
				vs = append(vs, Val(i))
			}
		}
		return vs
	case check.IntType:
		var vs []Val
		for i := range Values(t) {
			vs = append(vs, Val(int64(t.Lo)+int64(i)))
		}
		return vs
	case check.ResultType:
		return []Val{0, check.AnyErrno}
	}
	return []Val{0, 1}
}

// Values is how many values a type has, whatever the features are; of results, that are known without the errnos.
func Values(t check.Type) uint64 {
	switch t.Kind {
	case check.EnumType:
		return uint64(len(t.Enum.Members))
	case check.IntType:
		return uint64(int64(t.Hi) - int64(t.Lo) + 1)
	}
	return 2
}

// First is the value that registers of type t have before they are set.
func First(t check.Type) Val {
	if t.Kind == check.IntType {
		return Val(t.Lo)
	}
	return 0
}

// scope resolves names while a graph is built: registers of the function that is being inlined.
type scope struct {
	regs map[*check.Object]int
}

type compiler struct {
	m     *Machine
	scope *scope
}

func (c *compiler) value(e lang.Expr) *Value {
	v := c.m.newValue(c.term(e), diag.Span{Start: e.Pos(), End: e.End()}, lang.ExprString(e))
	v.Type = c.m.Info.Types[e]
	return v
}

// newValue compiles a term.
func (m *Machine) newValue(t *Term, span diag.Span, text string) *Value {
	v := &Value{Reads: t.reads(), Span: span, Text: text, Type: t.Type, Term: t, eval: m.compile(t)}
	v.Const = t.constant()
	return v
}

// negated is the conjunct that says the contrary of v.
func negated(v *Value) *Conj {
	cj := &Conj{Value: *v, Negated: true}
	cj.Term, cj.eval = Truth(Not, v.Term), negate(v.eval)
	return cj
}

func (c *compiler) cond(e lang.Expr) *Cond {
	return &Cond{Value: *c.value(e), Then: c.conjuncts(e, false), Else: c.conjuncts(e, true)}
}

// conjuncts splits e, or its negation, at the top-level conjunctions.
func (c *compiler) conjuncts(e lang.Expr, neg bool) []*Conj {
	switch x := e.(type) {
	case *lang.Paren:
		return c.conjuncts(x.X, neg)
	case *lang.Unary:
		if x.Op == "!" {
			return c.conjuncts(x.X, !neg)
		}
	case *lang.Binary:
		if x.Op == "&&" && !neg || x.Op == "||" && neg {
			return append(c.conjuncts(x.X, neg), c.conjuncts(x.Y, neg)...)
		}
		if x.Op == "=>" && neg {
			return append(c.conjuncts(x.X, false), c.conjuncts(x.Y, true)...)
		}
	}
	v := c.value(e)
	if !neg {
		return []*Conj{{Value: *v}}
	}
	cj := negated(v)
	cj.Text = "!(" + cj.Text + ")"
	return []*Conj{cj}
}

func not(v Val) Val {
	if v == Open {
		return Open
	}
	return 1 - v
}

func truth(b bool) Val {
	if b {
		return 1
	}
	return 0
}

func constant(v Val) evalFunc { return func(State, []Val) Val { return v } }

// Member tells whether member i of e exists under the features of s: 1, 0 or Open.
func (m *Machine) Member(e *check.Enum, i int, s State) Val {
	if e.Members[i].If == nil {
		return 1
	}
	return m.memberCond(e.Members[i]).Holds(s, nil)
}

// Number gives the C number of member i of e under the features of s, or the count of all members for
// i = len(e.Members). If that depends on an Open feature, it gives the feature's place and false.
func (m *Machine) Number(e *check.Enum, i int, s State) (int, Loc, bool) {
	n := 0
	for j := 0; j < i; j++ {
		switch m.Member(e, j, s) {
		case 1:
			n++
		case Open:
			l, _ := m.OpenLoc(&m.memberCond(e.Members[j]).Value, s, nil)
			return 0, l, false
		}
	}
	return n, 0, true
}

func (m *Machine) memberCond(mem *check.Member) *Cond { return m.members[mem] }

// compileMembers compiles the conditions of all enum members.
func (m *Machine) compileMembers() {
	for _, e := range m.Info.Enums {
		for _, mem := range e.Members {
			if mem.If != nil {
				m.members[mem] = (&compiler{m: m}).cond(mem.If)
			}
		}
	}
}

func (m *Machine) work(o *check.Object) *Work {
	for _, w := range m.Works {
		if w.Object == o {
			return w
		}
	}
	return nil
}
