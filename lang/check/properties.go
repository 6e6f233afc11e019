package check

import "github.com/rprocspec/rprocspec/lang"

// properties checks invariants, temporal properties and deadlines.
func (c *checker) properties() {
	for _, p := range c.info.Properties {
		switch p.Kind {
		case lang.Invariant:
			c.condition(p.Expr, c.predicate("an invariant"))
		case lang.Temporal:
			c.temporalProperty(p)
		case lang.Deadline:
			c.deadline(p)
		}
	}
}

func (c *checker) temporalProperty(p *lang.Property) {
	if !lang.IsTemporal(p.Expr) {
		c.errorf("property", p.Expr, "write `[] …`, `<> …` or `… ~> …`, or make it an invariant",
			"property %s has no temporal operator and would speak of the first state only", p.Name.Name)
	}
	c.temporal(p.Expr, c.predicate("a property"))
}

// temporal checks a formula: temporal operators and connectives over state predicates.
func (c *checker) temporal(e lang.Expr, p place) {
	if !lang.IsTemporal(e) {
		c.condition(e, p)
		return
	}
	c.info.Types[e] = Type{Kind: BoolType}
	switch e := e.(type) {
	case *lang.Paren:
		c.temporal(e.X, p)
	case *lang.Unary:
		if e.Op == "-" {
			c.errorf("type", e, "", "- needs numbers, %s is a formula", text(e.X))
		}
		c.temporal(e.X, p)
	case *lang.Binary:
		c.temporalBinary(e, p)
	}
}

func (c *checker) temporalBinary(e *lang.Binary, p place) {
	switch e.Op {
	case "~>", "&&", "||", "=>":
	default:
		c.errorf("property", e, "", "%s cannot join formulas", e.Op)
	}
	c.temporal(e.X, p)
	c.temporal(e.Y, p)
}

// deadline checks `p ~> q within t`; the parser has seen to it that it is one.
func (c *checker) deadline(p *lang.Property) {
	e, ok := p.Expr.(*lang.Binary)
	if !ok || e.Op != "~>" {
		c.condition(p.Expr, c.predicate("a deadline"))
		return
	}
	c.info.Types[e] = Type{Kind: BoolType}
	c.condition(e.X, c.predicate("a deadline"))
	c.condition(e.Y, c.predicate("a deadline"))
}
