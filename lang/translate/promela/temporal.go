package promela

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
)

// begun is true from the initial states on, where init has started the processes. In the state before, variables
// have values that another initial state may not have.
const begun = "_nr_pr > 1"

// temporal is the claim of a temporal property.
func (w *writer) temporal(d *lang.Property) (*claim, error) {
	f := w.formula(d.Expr)
	if f == "" {
		return nil, fmt.Errorf("%s: property %s: %s is a form that is not translated: use [] p, <> p, [] <> p, <> [] p, p ~> q, "+
			"[] (p => <> q), and && between them, with p and q free of temporal operators", d.Expr.Pos(), d.Name.Name, lang.ExprString(d.Expr))
	}
	if len(f) > longest {
		return nil, fmt.Errorf("%s: property %s is %d characters long as a formula; Spin can read %d: make it shorter, or a variable of a part",
			d.Expr.Pos(), d.Name.Name, len(f), longest)
	}
	return &claim{name: w.names.take(d.Name.Name), about: aboutProperty(d, "property"), ltl: f, fair: true}, nil
}

// formula writes a temporal formula; "" if its form is none of those that are checked.
func (w *writer) formula(e lang.Expr) string {
	switch x := lang.Unparen(e).(type) {
	case *lang.Binary:
		switch {
		case x.Op == "&&":
			a, b := w.formula(x.X), w.formula(x.Y)
			if a == "" || b == "" {
				return ""
			}
			return "(" + a + ") && (" + b + ")"
		case x.Op == "~>" && !lang.IsTemporal(x.X) && !lang.IsTemporal(x.Y):
			return w.leadsTo(x.X, x.Y)
		}
	case *lang.Unary:
		return w.unary(x)
	}
	return ""
}

// unary writes a formula that begins with [] or <>.
func (w *writer) unary(x *lang.Unary) string {
	in := lang.Unparen(x.X)
	switch {
	case !lang.IsTemporal(x):
		return ""
	case !lang.IsTemporal(in) && x.Op == "[]":
		return "[] (" + w.predicate(in) + ")"
	case !lang.IsTemporal(in):
		return "<> (" + begun + " && (" + w.predicate(in) + "))"
	}
	switch y := in.(type) {
	case *lang.Unary:
		switch {
		case x.Op == y.Op:
			return w.unary(y)
		case !lang.IsTemporal(y.X):
			return x.Op + " " + y.Op + " (" + w.predicate(y.X) + ")"
		}
	case *lang.Binary:
		to, ok := lang.Unparen(y.Y).(*lang.Unary)
		switch {
		case x.Op == "[]" && y.Op == "~>":
			return w.formula(y)
		case x.Op == "[]" && y.Op == "=>" && ok && to.Op == "<>" && !lang.IsTemporal(y.X) && !lang.IsTemporal(to.X):
			return w.leadsTo(y.X, to.X)
		}
	}
	return ""
}

func (w *writer) leadsTo(p, q lang.Expr) string {
	return fmt.Sprintf("[] (%s && (%s) -> <> (%s))", begun, w.predicate(p), w.predicate(q))
}
