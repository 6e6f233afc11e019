package machine

import (
	"fmt"

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
		for v := t.Lo; v <= t.Hi; v++ {
			vs = append(vs, Val(v))
		}
		return vs
	case check.ResultType:
		return []Val{0, check.AnyErrno}
	}
	return []Val{0, 1}
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
	v := &Value{Span: diag.Span{Start: e.Pos(), End: e.End()}, Text: lang.ExprString(e), Type: c.m.Info.Types[e]}
	v.eval = c.expr(e, &v.Reads)
	v.Const = len(v.Reads) == 0
	return v
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
	cj := &Conj{Value: *c.value(e), Negated: neg}
	if neg {
		inner := cj.eval
		cj.eval = func(s State, f []Val) Val { return not(inner(s, f)) }
		cj.Text = "!(" + cj.Text + ")"
	}
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

// expr compiles e and adds the places that it reads.
func (c *compiler) expr(e lang.Expr, reads *[]Loc) evalFunc {
	switch x := e.(type) {
	case *lang.Paren:
		return c.expr(x.X, reads)
	case *lang.IntLit:
		return constant(Val(x.Value))
	case *lang.BoolLit:
		return constant(truth(x.Value))
	case *lang.Name:
		return c.name(x.ID, reads)
	case *lang.Field:
		return c.field(x, reads)
	case *lang.Unary:
		return c.unary(x, reads)
	case *lang.Binary:
		return c.binary(x, reads)
	case *lang.In:
		return c.in(x, reads)
	}
	panic(fmt.Sprintf("machine: expression %T", e))
}

func (c *compiler) name(id *lang.Ident, reads *[]Loc) evalFunc {
	o := c.m.Info.Uses[id]
	switch o.Kind {
	case check.MemberObj:
		return constant(Val(o.Index))
	case check.ConstObj:
		return constant(Val(o.Value))
	case check.OkObj:
		return constant(0)
	case check.ErrnoObj:
		return constant(Val(-o.Index))
	case check.ParamObj, check.LocalObj:
		r, ok := c.scope.regs[o]
		if !ok {
			panic("machine: no register for " + o.Name)
		}
		*reads = append(*reads, RegLoc(r))
		return func(_ State, f []Val) Val { return f[r] }
	}
	g, ok := c.m.globals[o]
	if !ok {
		panic("machine: no global for " + o.Name)
	}
	if v, fixed := c.m.Info.Fixed[o]; fixed {
		return constant(Val(v))
	}
	*reads = append(*reads, Loc(g))
	return func(s State, _ []Val) Val { return s[g] }
}

func (c *compiler) field(x *lang.Field, reads *[]Loc) evalFunc {
	o := c.m.Info.Uses[x.X]
	if o.Kind == check.ProcessObj {
		return c.running(o.Proc)
	}
	g := c.m.globals[o]
	if o.Kind == check.WorkObj && x.Field.Name == "running" {
		g = c.m.work(o).Running
	}
	*reads = append(*reads, Loc(g))
	return func(s State, _ []Val) Val {
		if s[g] == Open {
			return Open
		}
		return truth(s[g] != 0)
	}
}

// running tells whether an activation of p is live, by its frames.
func (c *compiler) running(p *check.Process) evalFunc {
	m := c.m
	return func(s State, _ []Val) Val {
		for off := m.NumGlobals; off < len(s); off += m.FrameSize {
			if pc := s[off+FramePC]; pc > 0 && m.Nodes[pc].Root.Process == p {
				return 1
			}
		}
		return 0
	}
}

func (c *compiler) unary(x *lang.Unary, reads *[]Loc) evalFunc {
	f := c.expr(x.X, reads)
	switch x.Op {
	case "!":
		return func(s State, r []Val) Val { return not(f(s, r)) }
	case "-":
		return func(s State, r []Val) Val {
			if v := f(s, r); v != Open {
				return -v
			}
			return Open
		}
	}
	panic("machine: operator " + x.Op)
}

func (c *compiler) binary(x *lang.Binary, reads *[]Loc) evalFunc {
	a, b := c.expr(x.X, reads), c.expr(x.Y, reads)
	switch x.Op {
	case "&&":
		return and(a, b)
	case "||":
		return negate(and(negate(a), negate(b)))
	case "=>":
		return negate(and(a, negate(b)))
	}
	op := arith(x.Op)
	return func(s State, f []Val) Val {
		p, q := a(s, f), b(s, f)
		if p == Open || q == Open {
			return Open
		}
		return op(p, q)
	}
}

// and is Kleene's: false wins over Open.
func and(a, b evalFunc) evalFunc {
	return func(s State, f []Val) Val {
		x := a(s, f)
		if x == 0 {
			return 0
		}
		if y := b(s, f); y == 0 || x == 1 {
			return y
		}
		return Open
	}
}

func negate(a evalFunc) evalFunc {
	return func(s State, f []Val) Val { return not(a(s, f)) }
}

func arith(op string) func(a, b Val) Val {
	switch op {
	case "==":
		return func(a, b Val) Val { return truth(a == b) }
	case "!=":
		return func(a, b Val) Val { return truth(a != b) }
	case "<":
		return func(a, b Val) Val { return truth(a < b) }
	case "<=":
		return func(a, b Val) Val { return truth(a <= b) }
	case ">":
		return func(a, b Val) Val { return truth(a > b) }
	case ">=":
		return func(a, b Val) Val { return truth(a >= b) }
	case "+":
		return func(a, b Val) Val { return a + b }
	case "-":
		return func(a, b Val) Val { return a - b }
	}
	panic("machine: operator " + op)
}

func (c *compiler) in(x *lang.In, reads *[]Loc) evalFunc {
	v := c.expr(x.X, reads)
	var set []evalFunc
	for _, e := range x.Set {
		set = append(set, c.expr(e, reads))
	}
	return func(s State, f []Val) Val {
		a, open := v(s, f), false
		if a == Open {
			return Open
		}
		for _, e := range set {
			b := e(s, f)
			if a == b {
				return 1
			}
			open = open || b == Open
		}
		if open {
			return Open
		}
		return 0
	}
}

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
