package lang

import (
	"strconv"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// converter turns what the grammar caught into the public tree, and reports what the grammar lets through.
type converter struct {
	errs *diag.List
	docs func(offset int) string // the /// comment before the declaration at offset
}

// declG is a declaration as the grammar caught it.
type declG interface {
	tree(c *converter, d declBase) Decl
	span() diag.Span
}

func (a *at) span() diag.Span { return diag.Span{Start: place(a.Pos), End: place(a.EndPos)} }

func (a *at) base() base { return base{a.span()} }

func (n *nameG) ident() *Ident {
	if n == nil {
		return nil
	}
	return &Ident{base: n.base(), Name: n.Text}
}

func idents(names []*nameG) []*Ident {
	var out []*Ident
	for _, n := range names {
		out = append(out, n.ident())
	}
	return out
}

func (c *converter) decl(g declG) Decl {
	span := g.span()
	return g.tree(c, declBase{base: base{span}, Doc: c.docs(span.Start.Offset)})
}

func (c *converter) errorf(span diag.Span, format string, args ...any) *diag.Diagnostic {
	return c.errs.Errorf(span, codeSyntax, format, args...)
}

// header is `module a extends b` on its way into a Module.
type header struct {
	declBase
	Name, Extends *Ident
}

func (g *moduleG) tree(_ *converter, d declBase) Decl {
	return &header{d, g.Name.ident(), g.Extends.ident()}
}

func (g *subjectG) tree(_ *converter, d declBase) Decl {
	return &Subject{declBase: d, Name: g.Name.ident()}
}

func (g *enumG) tree(c *converter, d declBase) Decl {
	out := &Enum{declBase: d, Name: g.Name.ident(), Extends: g.Extends}
	for _, m := range g.Members {
		member := &EnumMember{base: m.base(), Name: m.Name.ident(), If: m.If}
		if m.Text != nil {
			member.Text = c.unquote(m.Text)
			if member.Text == "" {
				c.errorf(m.Text.span(), "the text of %s is empty", m.Name.Text).Hint = "leave it out to print the name"
			}
		}
		out.Members = append(out.Members, member)
	}
	return out
}

func (g *constG) tree(c *converter, d declBase) Decl {
	return &ConstDecl{declBase: d, Name: g.Name.ident(), Type: g.Type.tree(), Value: g.Value}
}

func (g *featureG) tree(c *converter, d declBase) Decl {
	if g.Word == "device" {
		return &Device{declBase: d, Name: g.Name.ident(), Type: g.Type.tree()}
	}
	return &Feature{declBase: d, Name: g.Name.ident(), Type: g.Type.tree()}
}

func (g *kernelG) tree(_ *converter, d declBase) Decl {
	out := &Kernel{declBase: d, Name: g.Name.ident()}
	for _, b := range g.Bindings {
		out.Bindings = append(out.Bindings, &Binding{base: b.base(), Name: b.Name.ident(), Value: b.Value})
	}
	return out
}

func (g *varG) tree(_ *converter, d declBase) Decl {
	return &Var{declBase: d, Name: g.Name.ident(), Type: g.Type.tree(), Init: g.Init}
}

func (g *mutexG) tree(_ *converter, d declBase) Decl {
	return &Mutex{declBase: d, Name: g.Name.ident(), Spin: g.Word == "spinlock"}
}

func (g *wakeupG) tree(_ *converter, d declBase) Decl {
	return &Wakeup{declBase: d, Name: g.Name.ident(), Counted: g.Counted, If: g.If}
}

func (g *workG) tree(_ *converter, d declBase) Decl {
	return &Work{declBase: d, Name: g.Name.ident(), Runs: g.Runs.ident()}
}

func (g *transitionsG) tree(_ *converter, d declBase) Decl {
	out := &Transitions{declBase: d, Var: g.Var.ident(), Extends: g.Extends}
	for _, e := range g.Edges {
		out.Edges = append(out.Edges, &Edge{
			base: e.base(), Warning: e.Warning, From: idents(e.From.Names), To: idents(e.To.Names),
			Both: e.Arrow == "<->", If: e.If,
		})
	}
	return out
}

func (g *processG) tree(c *converter, d declBase) Decl {
	out := &Process{
		declBase: d, Procedure: g.Word == "procedure", Name: g.Name.ident(), Result: g.Result,
		Begins: g.Begins.ident(), Ends: g.Ends.ident(), Unobserved: g.Unobserved, Body: c.block(g.Body),
	}
	for _, p := range g.Params {
		out.Params = append(out.Params, &Param{base: p.base(), Name: p.Name.ident(), Type: p.Type.tree()})
	}
	return out
}

func (g *typeG) tree() *Type {
	return &Type{base: g.base(), Name: g.Name.ident(), Lo: g.Lo, Hi: g.Hi}
}

func (g *balanceG) tree(_ *converter, d declBase) Decl {
	return &Balance{declBase: d, Warning: g.Warning, Wakeup: g.Wakeup.ident(), Held: idents(g.Held), Unless: g.Unless}
}

func (g *propertyG) tree(c *converter, d declBase) Decl {
	out := &Property{declBase: d, Warning: g.Warning, Name: g.Name.ident(), Expr: g.Expr}
	switch g.Word {
	case "property":
		out.Kind = Temporal
	case "deadline":
		out.Kind = Deadline
	}
	c.checkWithin(out)
	return out
}

// checkWithin sees to it that deadlines, and only they, name a time.
func (c *converter) checkWithin(p *Property) {
	root, _ := p.Expr.(*Binary)
	bounded := root != nil && root.Op == "~>" && root.Within > 0
	if p.Kind == Deadline && !bounded {
		c.errorf(diag.Span{Start: p.Expr.Pos(), End: p.Expr.End()}, "the deadline %s has no time", p.Name.Name).Hint = "write p ~> q within 30s"
	}
	Walk(p.Expr, func(n Node) bool {
		if b, ok := n.(*Binary); ok && b.Within > 0 && (p.Kind != Deadline || b != root) {
			c.errorf(b.Span, "only a deadline may say within, at its end").Hint =
				"declare it as deadline " + p.Name.Name + ": p ~> q within 30s"
		}
		return true
	})
}

func (g *dropG) tree(_ *converter, d declBase) Decl {
	return &Drop{declBase: d, Name: g.Name.ident()}
}

func (g *fixG) tree(_ *converter, d declBase) Decl {
	return &Fix{declBase: d, Name: g.Binding.Name.ident(), Value: g.Binding.Value}
}

// unquote gives the value of a text. The lexer has complained about unclosed ones already.
func (c *converter) unquote(g *textG) string {
	s, err := strconv.Unquote(g.Text)
	if err != nil && len(g.Text) > 1 && g.Text[len(g.Text)-1] == '"' {
		c.errorf(g.span(), "the text has an unknown escape").Hint = `write \" for a quote and \\ for a backslash`
	}
	return s
}
