package lang

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rprocspec/rprocspec/lang/diag"
)

func (g *exploreG) tree(c *converter, d declBase) Decl {
	out := &Explore{declBase: d, Starts: c.starts(g.Starts)}
	for _, s := range g.Spawns {
		out.Spawns = append(out.Spawns, &SpawnCount{
			base: s.base(), Process: s.Process.ident(), Count: c.count(s.Count),
		})
	}
	return out
}

func (c *converter) count(g *numberG) int {
	n, err := atoi(lexer.Token{Value: g.Text, Pos: g.Pos})
	if err != nil {
		c.errorf(g.span(), "the number %s is too large", g.Text)
	}
	return n
}

func (c *converter) starts(list []*startG) []*Start {
	var out []*Start
	for _, s := range list {
		start := &Start{base: s.base()}
		for _, cond := range s.Conds {
			start.Conds = append(start.Conds, cond.tree())
		}
		out = append(out, start)
	}
	return out
}

// tree makes `x = v` into x == v: a start is a predicate over states.
func (g *condG) tree() Expr {
	if g.Set != nil {
		out := &In{X: nameOf(g.Name), Set: g.Set}
		out.Span = g.span()
		return out
	}
	return equal(g.span(), g.Name, g.Value)
}

func equal(span diag.Span, name *nameG, value Expr) Expr {
	out := &Binary{Op: "==", X: nameOf(name), Y: value}
	out.Span = span
	return out
}

func nameOf(g *nameG) *Name {
	out := &Name{ID: g.ident()}
	out.Span = g.span()
	return out
}

func (g *scenarioG) tree(c *converter, d declBase) Decl {
	out := &Scenario{declBase: d, Name: g.Name.ident(), Starts: c.starts(g.Starts)}
	for _, line := range g.Lines {
		out.Lines = append(out.Lines, line.tree())
	}
	for _, e := range g.Expect {
		out.Expect = append(out.Expect, e.tree())
	}
	return out
}

func (g *lineG) tree() *ScenarioLine {
	out := &ScenarioLine{
		base: g.base(), Process: g.Process.ident(), Args: g.Args.list(),
		Thread: &Ident{base: g.Thread.base(), Name: g.Thread.Text},
	}
	if g.Until != nil {
		out.Until = g.Until.tree()
	}
	for _, ch := range g.Choosing {
		out.Choosing = append(out.Choosing, &Choice{base: ch.base(), Func: ch.Func.ident(), Fails: ch.Word == "fails"})
	}
	return out
}

func (g *untilG) tree() Expr {
	if g.Value == nil {
		return nameOf(g.Name)
	}
	return equal(g.span(), g.Name, g.Value)
}

func (g *outcomeG) tree() *Outcome {
	out := &Outcome{base: g.base(), Kind: Impossible, Section: g.Section}
	switch g.OfWake {
	case "balanced":
		out.Kind, out.Name = Balanced, g.Wakeup.ident()
	case "leak":
		out.Kind, out.Name = Leak, g.Wakeup.ident()
	}
	switch g.OfName {
	case "holds":
		out.Kind, out.Name = Holds, g.Name.ident()
	case "violates":
		out.Kind, out.Name = Violates, g.Name.ident()
	}
	return out
}

func (g *expectG) tree(_ *converter, d declBase) Decl {
	return &Expect{declBase: d, Scenario: g.Scenario.ident(), Outcome: g.Outcome.tree(), In: g.In.ident()}
}
