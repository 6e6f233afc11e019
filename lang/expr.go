package lang

import (
	"strconv"
	"time"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// Binding strengths of the operators, loosest first.
const (
	leadsToPrec = iota + 1
	impliesPrec
	orPrec
	andPrec
	temporalPrec
	comparePrec
	addPrec
	unaryPrec
)

// binaryPrec gives the strength of a binary operator, 0 for all other tokens.
func binaryPrec(op string) int {
	switch op {
	case "~>":
		return leadsToPrec
	case "=>":
		return impliesPrec
	case "||":
		return orPrec
	case "&&":
		return andPrec
	case "==", "!=", "<", "<=", ">", ">=", "in":
		return comparePrec
	case "+", "-":
		return addPrec
	}
	return 0
}

// parseExpr is participle's way into the expressions: it takes as many tokens as make one. Without a
// token that may begin one it says NextMatch.
func parseExpr(in *lexer.PeekingLexer) (Expr, error) {
	p := &exprParser{in: in, typ: lexing().typ}
	if !p.begins() {
		return nil, participle.NextMatch
	}
	return p.binary(leadsToPrec)
}

// exprParser climbs over the operators by their strength. Its depth is bounded by maxDepth.
type exprParser struct {
	in    *lexer.PeekingLexer
	typ   map[string]lexer.TokenType
	depth int
}

func (p *exprParser) begins() bool {
	t := p.in.Peek()
	switch t.Type {
	case p.typ["Ident"], p.typ["Number"], p.typ["Duration"]:
		return true
	}
	switch t.Value {
	case "(", "!", "-", "[]", "<>", "true", "false", "cancel":
		return true
	}
	return false
}

// binary parses operators of strength least and up.
func (p *exprParser) binary(least int) (Expr, error) {
	x, err := p.unary()
	for err == nil {
		op := p.in.Peek()
		prec := binaryPrec(op.Value)
		if prec == 0 || prec < least {
			break
		}
		if err := p.noChain(x, *op); err != nil {
			return nil, err
		}
		p.in.Next()
		x, err = p.right(x, op.Value, prec)
	}
	return x, err
}

// right parses what follows an operator and joins it with x.
func (p *exprParser) right(x Expr, op string, prec int) (Expr, error) {
	if op == "in" {
		return p.inSet(x)
	}
	next := prec + 1
	if op == "=>" {
		next = prec
	}
	y, err := p.binary(next)
	if err != nil {
		return nil, err
	}
	out := &Binary{Op: op, X: x, Y: y}
	if op == "~>" && p.in.Peek().Value == "within" {
		if out.Within, err = p.within(); err != nil {
			return nil, err
		}
	}
	out.Span = p.from(x)
	return out, nil
}

// noChain refuses `a < b < c` and `p ~> q ~> r`, which would not mean what they seem to.
func (p *exprParser) noChain(x Expr, op lexer.Token) error {
	prec := binaryPrec(op.Value)
	if prec != comparePrec && prec != leadsToPrec {
		return nil
	}
	switch x := x.(type) {
	case *Binary:
		if binaryPrec(x.Op) != prec {
			return nil
		}
	case *In:
		if prec != comparePrec {
			return nil
		}
	default:
		return nil
	}
	return &syntaxError{tok: op, msg: "comparisons and ~> do not chain", hint: "join them with &&, or put one in parentheses"}
}

// inSet parses the set behind `in`.
func (p *exprParser) inSet(x Expr) (Expr, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	out := &In{X: x}
	for {
		y, err := p.binary(leadsToPrec)
		if err != nil {
			return nil, err
		}
		out.Set = append(out.Set, y)
		if p.in.Peek().Value != "," {
			break
		}
		p.in.Next()
	}
	if err := p.expect("}", ","); err != nil {
		return nil, err
	}
	out.Span = p.from(x)
	return out, nil
}

// within parses `within 30s` and gives the nanoseconds.
func (p *exprParser) within() (int64, error) {
	p.in.Next()
	t := *p.in.Peek()
	if t.Type != p.typ["Duration"] {
		return 0, p.unexpected("a duration such as 30s or 500ms")
	}
	d, err := time.ParseDuration(t.Value)
	if err != nil || d <= 0 {
		return 0, &syntaxError{tok: t, msg: "the duration " + t.Value + " is out of range"}
	}
	p.in.Next()
	return int64(d), nil
}

// unary parses an operand with what stands before it. The temporal operators take a whole comparison.
func (p *exprParser) unary() (Expr, error) {
	p.depth++
	defer func() { p.depth-- }()
	op := *p.in.Peek()
	if p.depth > maxDepth {
		return nil, &syntaxError{tok: op, msg: "the expression is nested too deeply"}
	}
	least := unaryPrec
	switch op.Value {
	case "!", "-":
	case "[]", "<>":
		least = comparePrec
	default:
		return p.primary()
	}
	p.in.Next()
	x, err := p.binary(least)
	if err != nil {
		return nil, err
	}
	out := &Unary{Op: op.Value, X: x}
	out.Span = p.since(op)
	return out, nil
}

func (p *exprParser) primary() (Expr, error) {
	t := *p.in.Peek()
	switch {
	case t.Type == p.typ["Ident"]:
		return p.name()
	case t.Type == p.typ["Number"]:
		return p.number()
	case t.Value == "true" || t.Value == "false":
		p.in.Next()
		out := &BoolLit{Value: t.Value == "true"}
		out.Span = p.since(t)
		return out, nil
	case t.Value == "cancel":
		return p.cancel()
	case t.Value == "(":
		return p.paren()
	}
	return nil, p.unexpected("an expression")
}

func (p *exprParser) name() (Expr, error) {
	id := p.ident()
	if p.in.Peek().Value != "." {
		out := &Name{ID: id}
		out.Span = id.Span
		return out, nil
	}
	p.in.Next()
	if p.in.Peek().Type != p.typ["Ident"] {
		return nil, p.unexpected("a field such as held, running, pending or active")
	}
	out := &Field{X: id, Field: p.ident()}
	out.Span = diag.Span{Start: id.Pos(), End: out.Field.End()}
	return out, nil
}

func (p *exprParser) ident() *Ident {
	t := *p.in.Next()
	id := &Ident{Name: t.Value}
	id.Span = p.since(t)
	return id
}

func (p *exprParser) number() (Expr, error) {
	t := *p.in.Next()
	n, err := atoi(t)
	out := &IntLit{Value: n}
	out.Span = p.since(t)
	return out, err
}

// atoi reads a number. What the lexer has complained about already is 0.
func atoi(t lexer.Token) (int, error) {
	n, err := strconv.ParseInt(t.Value, 10, 32)
	if numErr, ok := err.(*strconv.NumError); ok && numErr.Err == strconv.ErrRange {
		return 0, &syntaxError{tok: t, msg: "the number " + t.Value + " is too large"}
	}
	return int(n), nil
}

func (p *exprParser) cancel() (Expr, error) {
	t := *p.in.Next()
	if p.in.Peek().Type != p.typ["Ident"] {
		return nil, p.unexpected("the name of a work item")
	}
	out := &CancelExpr{Work: p.ident()}
	out.Span = p.since(t)
	return out, nil
}

func (p *exprParser) paren() (Expr, error) {
	open := *p.in.Next()
	x, err := p.binary(leadsToPrec)
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	out := &Paren{X: x}
	out.Span = p.since(open)
	return out, nil
}

// expect takes op. others are what else would have been right, for the error.
func (p *exprParser) expect(op string, others ...string) error {
	if p.in.Peek().Value != op {
		want := []string{strconv.Quote(op)}
		for _, o := range others {
			want = append(want, strconv.Quote(o))
		}
		return p.unexpected(want...)
	}
	p.in.Next()
	return nil
}

func (p *exprParser) unexpected(want ...string) error {
	return &syntaxError{tok: *p.in.Peek(), want: want}
}

// from is the span from x to the last token taken, since the one from t.
func (p *exprParser) from(x Expr) diag.Span {
	return diag.Span{Start: x.Pos(), End: place(p.in.RawPeek().Pos)}
}

func (p *exprParser) since(t lexer.Token) diag.Span {
	return diag.Span{Start: place(t.Pos), End: place(p.in.RawPeek().Pos)}
}
