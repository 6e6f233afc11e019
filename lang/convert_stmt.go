package lang

import "github.com/rprocspec/rprocspec/lang/diag"

// stmtG is a statement as the grammar caught it.
type stmtG interface {
	stmt(c *converter, b stmtBase) Stmt
	span() diag.Span
}

func (c *converter) stmt(g stmtG) Stmt { return g.stmt(c, stmtBase{base{g.span()}}) }

func (c *converter) block(g *blockG) *Block {
	out := &Block{stmtBase: stmtBase{g.base()}}
	for _, s := range g.Stmts {
		out.Stmts = append(out.Stmts, c.stmt(s))
	}
	return out
}

// orElse gives the statement of an else, or a plain nil.
func (c *converter) orElse(g *elseG) Stmt {
	switch {
	case g == nil:
		return nil
	case g.Block != nil:
		return c.block(g.Block)
	}
	return c.stmt(g.Stmt)
}

func (g *argsG) list() []Expr {
	if g == nil {
		return nil
	}
	return g.List
}

func (g *ifG) stmt(c *converter, b stmtBase) Stmt {
	out := &If{stmtBase: b, Cond: g.Cond, Then: c.block(g.Then)}
	switch {
	case g.If != nil:
		out.Else = c.stmt(g.If)
	case g.Else != nil:
		out.Else = c.block(g.Else)
	}
	return out
}

func (g *eitherG) stmt(c *converter, b stmtBase) Stmt {
	out := &Either{stmtBase: b}
	for _, branch := range g.Branches {
		out.Branches = append(out.Branches, c.block(branch))
	}
	return out
}

func (g *lockG) stmt(c *converter, b stmtBase) Stmt {
	if g.Interruptible != (g.Else != nil) {
		c.errorf(g.span(), "interruptible and else belong together").Hint = "write lock m, or lock m interruptible else fail EINTR"
	}
	return &Lock{stmtBase: b, Mutex: g.Mutex.ident(), Interruptible: g.Interruptible, Else: c.orElse(g.Else)}
}

func (g *simpleG) stmt(_ *converter, b stmtBase) Stmt {
	switch id := g.Object.ident(); g.Verb {
	case "unlock":
		return &Unlock{stmtBase: b, Mutex: id}
	case "stay_awake":
		return &StayAwake{stmtBase: b, Wakeup: id}
	case "relax":
		return &Relax{stmtBase: b, Wakeup: id}
	case "queue":
		return &Queue{stmtBase: b, Work: id}
	default:
		return &Cancel{stmtBase: b, Work: id}
	}
}

func (g *awaitG) stmt(_ *converter, b stmtBase) Stmt { return &Await{stmtBase: b, Cond: g.Cond} }

func (g *logG) stmt(c *converter, b stmtBase) Stmt {
	texts := g.OneOf
	if g.Text != nil {
		texts = []*textG{g.Text}
	}
	out := &Log{stmtBase: b, Level: g.Level, OneOf: g.Text == nil}
	for _, t := range texts {
		out.Patterns = append(out.Patterns, c.text(t))
	}
	return out
}

func (g *eventG) stmt(c *converter, b stmtBase) Stmt {
	out := &Event{stmtBase: b, Name: g.Name.ident()}
	for _, f := range g.Args {
		if f.Text != nil {
			out.Args = append(out.Args, c.text(f.Text))
		} else {
			out.Args = append(out.Args, f.Value)
		}
	}
	return out
}

func (c *converter) text(t *textG) *StringLit {
	lit := &StringLit{Value: c.unquote(t)}
	lit.Span = t.span()
	return lit
}

func (g *atomicG) stmt(c *converter, b stmtBase) Stmt {
	return &Atomic{stmtBase: b, Body: c.block(g.Body)}
}

func (g *returnG) stmt(_ *converter, b stmtBase) Stmt { return &Return{stmtBase: b, Value: g.Value} }

func (g *failG) stmt(_ *converter, b stmtBase) Stmt {
	return &Fail{stmtBase: b, Errno: g.Errno.ident()}
}

func (g *skipG) stmt(_ *converter, b stmtBase) Stmt { return &Skip{stmtBase: b} }

func (g *spawnG) stmt(_ *converter, b stmtBase) Stmt {
	return &Spawn{stmtBase: b, Process: g.Process.ident(), Args: g.Args.list()}
}

func (g *localG) stmt(_ *converter, b stmtBase) Stmt {
	return &Local{stmtBase: b, Name: g.Name.ident(), Type: g.Type.tree()}
}

func (g *namedG) stmt(c *converter, b stmtBase) Stmt {
	switch {
	case g.Label != nil:
		return &Labeled{stmtBase: b, Label: g.Name.ident(), Stmt: c.stmt(g.Label)}
	case g.Call != nil:
		return c.call(b, nil, g.Name, g.Call)
	case g.Rest.Func != nil:
		return c.call(b, g.Name.ident(), g.Rest.Func, g.Rest.Call)
	}
	out := &Assign{stmtBase: b, Targets: []*Ident{g.Name.ident()}, Values: []Expr{g.Rest.Value}}
	for _, m := range g.Rest.More {
		out.Targets = append(out.Targets, m.Name.ident())
		out.Values = append(out.Values, m.Value)
	}
	return out
}

func (c *converter) call(b stmtBase, target *Ident, f *nameG, tail *callTailG) Stmt {
	return &Call{stmtBase: b, Target: target, Func: f.ident(), Args: tail.Args.list(), Else: c.orElse(tail.Else)}
}
