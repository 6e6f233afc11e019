package check

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// condition checks an expression that must be a bool without temporal operators.
func (c *checker) condition(e lang.Expr, p place) {
	c.isBool(e, c.expr(e, p), p.what)
}

func (c *checker) isBool(e lang.Expr, t Type, what string) {
	if t.Kind != BoolType && t.Kind != NoType {
		c.errorf("type", e, "", "%s must be true or false, %s is %s", what, text(e), t.phrase())
	}
}

// expr checks an expression and records its type; the zero Type after a report.
func (c *checker) expr(e lang.Expr, p place) Type {
	t := c.exprType(e, p)
	c.info.Types[e] = t
	return t
}

func (c *checker) exprType(e lang.Expr, p place) Type {
	switch e := e.(type) {
	case *lang.Name:
		return c.nameType(e, p)
	case *lang.Field:
		return c.field(e, p)
	case *lang.IntLit:
		return Type{Kind: IntType, Lo: e.Value, Hi: e.Value}
	case *lang.BoolLit:
		return Type{Kind: BoolType}
	case *lang.Unary:
		return c.unary(e, p)
	case *lang.Binary:
		return c.binary(e, p)
	case *lang.In:
		return c.in(e, p)
	case *lang.Paren:
		return c.expr(e.X, p)
	case *lang.CancelExpr:
		c.use(e.Work, WorkObj)
		c.errorf("type", e, "write `if cancel w { … }`", "`cancel` is a step of its own: it can only stand alone in an `if`")
	case *lang.StringLit:
		c.errorf("type", e, "", "a text has no value here")
	default:
		panic(fmt.Sprintf("check: unexpected expression %T", e))
	}
	return Type{}
}

func (c *checker) nameType(e *lang.Name, p place) Type {
	obj := c.read(e.ID, p)
	if obj == nil {
		return Type{}
	}
	if obj.Kind == ConstObj {
		c.constant(obj)
		if t := obj.Type; t.Kind == IntType {
			return Type{Kind: IntType, Lo: obj.Value, Hi: obj.Value}
		}
	}
	return obj.Type
}

// fieldsOf lists the predicates that an object has.
func fieldsOf(obj *Object) []string {
	switch {
	case obj.Kind == MutexObj:
		return []string{"held"}
	case obj.Kind == WakeupObj:
		return []string{"active", "exists"}
	case obj.Kind == WorkObj:
		return []string{"pending", "running"}
	case obj.Kind == ProcessObj && !obj.Proc.Decl.Procedure:
		return []string{"running"}
	}
	return nil
}

// field checks x.held and its like.
func (c *checker) field(e *lang.Field, p place) Type {
	obj := c.use(e.X, MutexObj, WakeupObj, WorkObj, ProcessObj)
	if obj == nil {
		return Type{}
	}
	c.reads[obj] = true
	fields := fieldsOf(obj)
	if !slices.Contains(fields, nameOf(e.Field)) {
		c.errorf("name", e.Field, fieldHint(obj), "%s is %s and has no %s", obj.Name, kindOf(obj), nameOf(e.Field))
		return Type{}
	}
	if !p.state {
		c.errorf("name", e, "", "%s may read only %s, not %s", p.what, p.kinds, text(e))
		return Type{}
	}
	return Type{Kind: BoolType}
}

// kindOf is the kind of an object, with procedures told from processes.
func kindOf(obj *Object) string {
	if obj.Kind == ProcessObj && obj.Proc.Decl.Procedure {
		return "a procedure"
	}
	return obj.Kind.String()
}

func (c *checker) unary(e *lang.Unary, p place) Type {
	t := c.expr(e.X, p)
	switch e.Op {
	case "-":
		if !c.isInt(e.X, t, e.Op) {
			return Type{}
		}
		return c.limited(e, -int64(t.Hi), -int64(t.Lo))
	case "!":
		c.isBool(e.X, t, "the operand of !")
	default:
		c.errorf("property", e, "", "%s can only stand in a `property`", e.Op)
	}
	return Type{Kind: BoolType}
}

func (c *checker) isInt(e lang.Expr, t Type, op string) bool {
	if t.Kind != IntType && t.Kind != NoType {
		c.errorf("type", e, "", "%s needs numbers, %s is %s", op, text(e), t.phrase())
	}
	return t.Kind == IntType
}

// limited gives the type of arithmetic, and reports if it leaves the bounds of numbers. An int may have no
// more than these 32 bits.
func (c *checker) limited(e lang.Expr, lo, hi int64) Type {
	if lo < -bound || hi > bound {
		c.errorf("type", e, "", "this can become too large a number")
		return Type{}
	}
	return Type{Kind: IntType, Lo: int(lo), Hi: int(hi)}
}

func (c *checker) binary(e *lang.Binary, p place) Type {
	x, y := c.expr(e.X, p), c.expr(e.Y, p)
	boolean := Type{Kind: BoolType}
	switch e.Op {
	case "&&", "||", "=>":
		c.isBool(e.X, x, "an operand of "+e.Op)
		c.isBool(e.Y, y, "an operand of "+e.Op)
	case "==", "!=":
		c.comparable(e.X, e.Y, x, y)
	case "<", "<=", ">", ">=":
		c.isInt(e.X, x, e.Op)
		c.isInt(e.Y, y, e.Op)
	case "+", "-":
		return c.sum(e, x, y)
	default:
		c.errorf("property", e, "", "%s can only stand in a `property` or a `deadline`", e.Op)
	}
	return boolean
}

func (c *checker) sum(e *lang.Binary, x, y Type) Type {
	okX, okY := c.isInt(e.X, x, e.Op), c.isInt(e.Y, y, e.Op)
	if !okX || !okY {
		return Type{}
	}
	if e.Op == "+" {
		return c.limited(e, int64(x.Lo)+int64(y.Lo), int64(x.Hi)+int64(y.Hi))
	}
	return c.limited(e, int64(x.Lo)-int64(y.Hi), int64(x.Hi)-int64(y.Lo))
}

func (c *checker) in(e *lang.In, p place) Type {
	x := c.expr(e.X, p)
	seen := map[int]bool{}
	for _, m := range e.Set {
		t := c.expr(m, p)
		c.comparable(e.X, m, x, t)
		if v, ok := c.info.Const(m); ok && t.Kind == x.Kind {
			if seen[v] {
				c.warnf("type", m, "", "%s stands in this set twice", text(m))
			}
			seen[v] = true
		}
	}
	return Type{Kind: BoolType}
}
