package check

import (
	"fmt"
	"math"

	"github.com/rprocspec/rprocspec/lang"
)

// bound limits every sum of numbers, which the parser keeps to 32 bits, so that arithmetic on bounds
// cannot overflow.
const bound = math.MaxInt32

// String names the kind as diagnostics do.
func (k ObjKind) String() string {
	return [...]string{
		EnumObj: "an enum", MemberObj: "a member of an enum", ConstObj: "a const", FeatureObj: "a feature",
		DeviceObj: "a device constant", VarObj: "a variable", MutexObj: "a mutex", WakeupObj: "a wakeup source",
		WorkObj: "a work item", ProcessObj: "a process", ParamObj: "a parameter", LocalObj: "a local",
		ErrnoObj: "an errno", OkObj: "the good result", LabelObj: "a label",
	}[k]
}

// String gives the type as it is written in a specification.
func (t Type) String() string {
	switch t.Kind {
	case BoolType:
		return "bool"
	case IntType:
		return fmt.Sprintf("%d..%d", t.Lo, t.Hi)
	case EnumType:
		return t.Enum.Name
	case ResultType:
		return "result"
	}
	return "unknown"
}

// phrase names a type in a sentence.
func (t Type) phrase() string {
	switch t.Kind {
	case BoolType:
		return "a bool"
	case IntType:
		if t.Lo == t.Hi {
			return "a number"
		}
		return "a number in " + t.String()
	case EnumType:
		return "of enum " + t.Enum.Name
	case ResultType:
		return "a result"
	}
	return "unknown"
}

// resolve gives the type that is written; the zero Type after a report.
func (c *checker) resolve(t *lang.Type) Type {
	if t == nil {
		return Type{}
	}
	if t.Name == nil {
		return c.rangeType(t)
	}
	switch t.Name.Name {
	case "bool":
		return Type{Kind: BoolType}
	case "result":
		return Type{Kind: ResultType}
	}
	if c.info.scope[t.Name.Name] == nil {
		names := append(c.namesOf(EnumObj), "bool", "result")
		c.errorf("name", t.Name, c.didYouMean(t.Name.Name, names), "there is no type %s", t.Name.Name)
		return Type{}
	}
	if obj := c.use(t.Name, EnumObj); obj != nil {
		return obj.Type
	}
	return Type{}
}

// rangeType folds the bounds of lo..hi.
func (c *checker) rangeType(t *lang.Type) Type {
	if t.Lo == nil || t.Hi == nil {
		return Type{}
	}
	lo, ok1 := c.bounds(t.Lo)
	hi, ok2 := c.bounds(t.Hi)
	if !ok1 || !ok2 {
		return Type{}
	}
	if lo > hi {
		c.errorf("type", t, "write the lower bound first", "the range %d..%d is empty", lo, hi)
		return Type{}
	}
	return Type{Kind: IntType, Lo: lo, Hi: hi}
}

func (c *checker) bounds(e lang.Expr) (int, bool) {
	typ := c.expr(e, c.static("a bound"))
	if typ.Kind == NoType {
		return 0, false
	}
	if typ.Kind != IntType {
		c.errorf("type", e, "", "a bound must be a number, this is %s", typ.phrase())
		return 0, false
	}
	return c.info.Const(e)
}

// constState is how far a const was resolved.
type constState uint8

const (
	constNew constState = iota
	constBusy
	constDone
)

// constants resolves every const; one may use others, in any order.
func (c *checker) constants() {
	for _, obj := range c.info.Consts {
		c.constant(obj)
	}
}

// constant gives a const its type and value, when it is first needed.
func (c *checker) constant(obj *Object) {
	switch c.consts[obj] {
	case constDone:
		return
	case constBusy:
		c.errorf("type", obj.Ident, "", "const %s needs its own value", obj.Name)
		c.consts[obj] = constDone
		return
	}
	c.consts[obj] = constBusy
	d := obj.Decl.(*lang.ConstDecl)
	typ := c.valueType(d.Type, "a const")
	if c.consts[obj] == constDone {
		return // the type needed the value
	}
	obj.Type = typ
	obj.Value, _ = c.bind(obj, d.Value)
	c.consts[obj] = constDone
}

// assignable reports a value that target cannot take. what names the target.
func (c *checker) assignable(target Type, e lang.Expr, t Type, what string) {
	if target.Kind == NoType || t.Kind == NoType {
		return
	}
	if target.Kind != t.Kind || target.Enum != t.Enum {
		c.errorf("type", e, "", "%s is %s, this value is %s", what, target.phrase(), t.phrase())
		return
	}
	if target.Kind != IntType || t.Hi >= target.Lo && t.Lo <= target.Hi {
		return
	}
	if v, ok := c.info.Const(e); ok {
		c.errorf("type", e, "", "%d is outside the bounds of %s, which are %s", v, what, target)
		return
	}
	c.errorf("type", e, "", "this is always outside the bounds of %s, which are %s", what, target)
}

// comparable reports two values that cannot be equal or unequal, and warns of constants that never are.
func (c *checker) comparable(x, y lang.Expr, tx, ty Type) {
	if tx.Kind == NoType || ty.Kind == NoType {
		return
	}
	if tx.Kind != ty.Kind || tx.Enum != ty.Enum {
		c.errorf("type", y, "", "cannot compare these: %s is %s, %s is %s", text(x), tx.phrase(), text(y), ty.phrase())
		return
	}
	if tx.Kind != IntType || tx.Hi >= ty.Lo && tx.Lo <= ty.Hi {
		return
	}
	c.warnf("type", y, "", "%s is never %s: one is within %s, the other within %s", text(x), text(y), tx, ty)
}

// Const folds an expression over literals, consts, enum members, ok and errnos; false for any other.
// Truth is 1 and falsehood 0; members and results are numbered as Type says.
func (in *Info) Const(e lang.Expr) (int, bool) {
	switch e := e.(type) {
	case *lang.IntLit:
		return e.Value, true
	case *lang.BoolLit:
		return truth(e.Value), true
	case *lang.Paren:
		return in.Const(e.X)
	case *lang.Name:
		return constOf(in.Uses[e.ID])
	case *lang.Unary:
		x, ok := in.Const(e.X)
		return foldUnary(e.Op, x, ok)
	case *lang.Binary:
		x, okX := in.Const(e.X)
		y, okY := in.Const(e.Y)
		if !okX || !okY {
			return 0, false
		}
		return foldBinary(e.Op, x, y)
	case *lang.In:
		return in.constIn(e)
	}
	return 0, false
}

func (in *Info) constIn(e *lang.In) (int, bool) {
	x, ok := in.Const(e.X)
	found := false
	for _, m := range e.Set {
		y, okY := in.Const(m)
		ok = ok && okY
		found = found || x == y
	}
	return truth(found), ok
}

func constOf(obj *Object) (int, bool) {
	if obj == nil {
		return 0, false
	}
	switch obj.Kind {
	case ConstObj:
		return obj.Value, true
	case MemberObj:
		return obj.Index, true
	case ErrnoObj:
		return -obj.Index, true
	case OkObj:
		return 0, true
	}
	return 0, false
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func foldUnary(op string, x int, ok bool) (int, bool) {
	switch op {
	case "!":
		return 1 - x, ok
	case "-":
		return -x, ok
	}
	return 0, false
}

func foldBinary(op string, x, y int) (int, bool) {
	switch op {
	case "+":
		return x + y, true
	case "-":
		return x - y, true
	case "==":
		return truth(x == y), true
	case "!=":
		return truth(x != y), true
	case "<":
		return truth(x < y), true
	case "<=":
		return truth(x <= y), true
	case ">":
		return truth(x > y), true
	case ">=":
		return truth(x >= y), true
	case "&&":
		return x & y, true
	case "||":
		return x | y, true
	case "=>":
		return (1 - x) | y, true
	}
	return 0, false
}
