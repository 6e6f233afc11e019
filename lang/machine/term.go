package machine

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// Op is what a Term does.
type Op uint8

// The operators. Conditional is of translators only, which put what a step did into expressions.
const (
	Constant Op = iota // Val
	Read               // the value at Loc
	Active             // whether what is at Loc is not 0: a mutex held, a source active, an item pending or running
	Living             // whether an activation of Proc is live

	Not
	Neg
	And
	Or
	Implies
	Eq
	Ne
	Lt
	Le
	Gt
	Ge
	Add
	Sub
	In          // whether Args[0] is one of the others
	Conditional // Args[1] if Args[0], else Args[2]
)

// Term is an expression with its names resolved: what values and conditions are compiled from, and what
// translators write in other notations.
type Term struct {
	Op   Op
	Type check.Type
	Val  Val            // Constant
	Loc  Loc            // Read, Active
	Proc *check.Process // Living
	Args []*Term
}

var binaryOps = map[string]Op{
	"&&": And, "||": Or, "=>": Implies, "==": Eq, "!=": Ne, "<": Lt, "<=": Le, ">": Gt, ">=": Ge, "+": Add, "-": Sub,
}

var boolean = check.Type{Kind: check.BoolType}

// Bool gives the term of a truth value.
func Bool(v bool) *Term { return &Term{Op: Constant, Type: boolean, Val: truth(v)} }

// Truth gives a term of truth values.
func Truth(op Op, args ...*Term) *Term { return &Term{Op: op, Type: boolean, Args: args} }

// term resolves the names of an expression.
func (c *compiler) term(e lang.Expr) *Term {
	t := c.resolve(e)
	if known := c.m.Info.Types[e]; known.Kind != check.NoType {
		t.Type = known
	}
	return t
}

func (c *compiler) resolve(e lang.Expr) *Term {
	switch x := e.(type) {
	case *lang.Paren:
		return c.term(x.X)
	case *lang.IntLit:
		return &Term{Val: Val(x.Value)}
	case *lang.BoolLit:
		return Bool(x.Value)
	case *lang.Name:
		return c.named(c.m.Info.Uses[x.ID])
	case *lang.Field:
		return c.field(x)
	case *lang.Unary:
		return &Term{Op: map[string]Op{"!": Not, "-": Neg}[x.Op], Args: []*Term{c.term(x.X)}}
	case *lang.Binary:
		return &Term{Op: binaryOps[x.Op], Args: []*Term{c.term(x.X), c.term(x.Y)}}
	case *lang.In:
		t := &Term{Op: In, Args: []*Term{c.term(x.X)}}
		for _, e := range x.Set {
			t.Args = append(t.Args, c.term(e))
		}
		return t
	}
	panic(fmt.Sprintf("machine: expression %T", e))
}

func (c *compiler) named(o *check.Object) *Term {
	t := &Term{Type: o.Type}
	switch o.Kind {
	case check.MemberObj:
		t.Val = Val(o.Index)
		return t
	case check.ConstObj:
		t.Val = Val(o.Value)
		return t
	case check.OkObj:
		return t
	case check.ErrnoObj:
		t.Val = Val(-o.Index)
		return t
	case check.ParamObj, check.LocalObj:
		r, ok := c.scope.regs[o]
		if !ok {
			panic("machine: no register for " + o.Name)
		}
		t.Op, t.Loc = Read, RegLoc(r)
		return t
	}
	g, ok := c.m.globals[o]
	if !ok {
		panic("machine: no global for " + o.Name)
	}
	if v, fixed := c.m.Info.Fixed[o]; fixed {
		t.Val = Val(v)
		return t
	}
	t.Op, t.Loc = Read, Loc(g)
	return t
}

func (c *compiler) field(x *lang.Field) *Term {
	o := c.m.Info.Uses[x.X]
	if o.Kind == check.ProcessObj {
		return &Term{Op: Living, Type: boolean, Proc: o.Proc}
	}
	g := c.m.globals[o]
	switch x.Field.Name {
	case "exists":
		return c.exists(o)
	case "running":
		g = c.m.work(o).Running
	}
	return &Term{Op: Active, Type: boolean, Loc: Loc(g)}
}

// exists asks whether a wakeup source is there: by its own condition, until the subject has ended.
func (c *compiler) exists(o *check.Object) *Term {
	t := Bool(true)
	if e := o.Decl.(*lang.Wakeup).If; e != nil {
		t = c.term(e)
	}
	if c.m.Ended < 0 {
		return t
	}
	return Truth(And, t, Truth(Not, &Term{Op: Active, Type: boolean, Loc: Loc(c.m.Ended)}))
}

// reads lists the places that t reads, in order.
func (t *Term) reads() []Loc {
	if t.Op == Read || t.Op == Active {
		return []Loc{t.Loc}
	}
	var all []Loc
	for _, a := range t.Args {
		all = append(all, a.reads()...)
	}
	return all
}

// constant tells whether t has the same value in all states.
func (t *Term) constant() bool {
	return t.Op != Read && t.Op != Active && t.Op != Living && !slices.ContainsFunc(t.Args, func(a *Term) bool { return !a.constant() })
}

// compile gives the function that evaluates t.
func (m *Machine) compile(t *Term) evalFunc {
	switch t.Op {
	case Constant:
		return constant(t.Val)
	case Read:
		return read(t.Loc)
	case Active:
		l := t.Loc
		return func(s State, _ []Val) Val {
			if s[l] == Open {
				return Open
			}
			return truth(s[l] != 0)
		}
	case Living:
		return m.living(t.Proc)
	}
	args := make([]evalFunc, len(t.Args))
	for i, a := range t.Args {
		args[i] = m.compile(a)
	}
	return operation(t.Op, args)
}

func read(l Loc) evalFunc {
	if l.IsReg() {
		r := l.Reg()
		return func(_ State, f []Val) Val { return f[r] }
	}
	return func(s State, _ []Val) Val { return s[l] }
}

// living tells whether an activation of p is live, by its frames.
func (m *Machine) living(p *check.Process) evalFunc {
	return func(s State, _ []Val) Val {
		for off := m.NumGlobals; off < len(s); off += m.FrameSize {
			if pc := s[off+FramePC]; pc > 0 && m.Nodes[pc].Root.Process == p {
				return 1
			}
		}
		return 0
	}
}

func operation(op Op, args []evalFunc) evalFunc {
	switch op {
	case Not:
		return negate(args[0])
	case And:
		return and(args[0], args[1])
	case Or:
		return negate(and(negate(args[0]), negate(args[1])))
	case Implies:
		return negate(and(args[0], negate(args[1])))
	case In:
		return in(args[0], args[1:])
	case Conditional:
		return conditional(args[0], args[1], args[2])
	case Neg:
		return func(s State, f []Val) Val {
			if v := args[0](s, f); v != Open {
				return -v
			}
			return Open
		}
	}
	a, b, do := args[0], args[1], arith(op)
	return func(s State, f []Val) Val {
		p, q := a(s, f), b(s, f)
		if p == Open || q == Open {
			return Open
		}
		return do(p, q)
	}
}

func conditional(c, a, b evalFunc) evalFunc {
	return func(s State, f []Val) Val {
		switch c(s, f) {
		case 1:
			return a(s, f)
		case 0:
			return b(s, f)
		}
		return Open
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

func arith(op Op) func(a, b Val) Val {
	switch op {
	case Eq:
		return func(a, b Val) Val { return truth(a == b) }
	case Ne:
		return func(a, b Val) Val { return truth(a != b) }
	case Lt:
		return func(a, b Val) Val { return truth(a < b) }
	case Le:
		return func(a, b Val) Val { return truth(a <= b) }
	case Gt:
		return func(a, b Val) Val { return truth(a > b) }
	case Ge:
		return func(a, b Val) Val { return truth(a >= b) }
	case Add:
		return func(a, b Val) Val { return a + b }
	case Sub:
		return func(a, b Val) Val { return a - b }
	}
	panic(fmt.Sprintf("machine: operator %d", op))
}

func in(v evalFunc, set []evalFunc) evalFunc {
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

// Eval gives the value of t in state s for the registers f; what it reads may be Open.
func (m *Machine) Eval(t *Term, s State, f []Val) Val { return m.compile(t)(s, f) }

// Equal tells whether two terms are written alike.
func (t *Term) Equal(u *Term) bool {
	return t.Op == u.Op && t.Val == u.Val && t.Loc == u.Loc && t.Proc == u.Proc && slices.EqualFunc(t.Args, u.Args, (*Term).Equal)
}
