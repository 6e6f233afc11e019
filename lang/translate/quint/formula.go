package quint

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// transitions writes the edges that a variable may take, and that it takes no others.
func (w *writer) transitions(t *machine.Transitions) {
	o := t.Object
	g := w.m.Globals[t.Global]
	name, edges, warnings := w.global(g), w.holds["edges "+o.Name], w.holds["warnings "+o.Name]
	plain, warned := w.edges(w.m.Info.Transitions[o])
	w.printf("\n")
	w.doc(fmt.Sprintf("What %s is meant to do.", o.Name))
	params := fmt.Sprintf("(before: %s, later: %s): bool", w.typeName(o.Type), w.typeName(o.Type))
	w.printf("  def %s%s = %s\n", edges, params, block("or", plain).broken(2))
	if len(warned) > 0 {
		w.printf("\n  /// What it does beyond that: a warning.\n")
		w.printf("  def %s%s = %s\n", warnings, params, block("or", warned).broken(2))
	}
	w.printf("\n")
	w.doc(fmt.Sprintf("%s changes along these edges only.", o.Name))
	w.expected(o.Name, "transitions")
	same := word(fmt.Sprintf("next(%s) == %s", name, name))
	ways := []text{same, word(fmt.Sprintf("%s(%s, next(%s))", edges, name, name))}
	strict, _ := junction("or", ways)
	if len(warned) > 0 {
		ways = append(ways, word(fmt.Sprintf("%s(%s, next(%s))", warnings, name, name)))
	}
	loose, _ := junction("or", ways)
	w.define(fmt.Sprintf("temporal %s: bool", w.holds["transitions "+o.Name]), call("always", loose))
	if len(warned) > 0 {
		w.printf("\n  /// The same without what only warns.\n")
		w.define(fmt.Sprintf("temporal %s: bool", w.holds["warned "+o.Name]), call("always", strict))
	}
}

// edges writes the edges of a transitions block, those that only warn apart.
func (w *writer) edges(list []*lang.Edge) (plain, warned []text) {
	for _, e := range list {
		ways := [][2][]*lang.Ident{{e.From, e.To}}
		if e.Both {
			ways = append(ways, [2][]*lang.Ident{e.To, e.From})
		}
		for _, way := range ways {
			var conds []text
			for i, who := range []string{"before", "later"} {
				if c := w.oneOf(who, way[i]); c != nil {
					conds = append(conds, c)
				}
			}
			if e.If != nil {
				conds = append(conds, w.global0().expr(w.m.Predicate(e.If).Term, compar))
			}
			if len(conds) == 0 {
				conds = []text{word("true")}
			}
			if e.Warning {
				warned = append(warned, both(conds...))
			} else {
				plain = append(plain, both(conds...))
			}
		}
	}
	if len(plain) == 0 {
		plain = []text{word("false")}
	}
	return plain, warned
}

// oneOf is that a value is one of some members, nil for any.
func (w *writer) oneOf(who string, ids []*lang.Ident) text {
	var all []text
	for _, id := range ids {
		all = append(all, word(w.members[w.m.Info.Uses[id]]))
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return chain{word(who + " == "), all[0]}
	}
	return chain{set(all...), word(".contains(" + who + ")")}
}

// formula writes a temporal property, with parentheses if it is looser than wanted.
func (w *writer) formula(e lang.Expr, want int) text {
	if !lang.IsTemporal(e) {
		return w.global0().expr(w.m.Predicate(e).Term, want)
	}
	x, has := w.temporal(e)
	if has < want {
		return group(x)
	}
	return x
}

func (w *writer) temporal(e lang.Expr) (text, int) {
	switch x := e.(type) {
	case *lang.Paren:
		return w.formula(x.X, compar), compar
	case *lang.Unary:
		name := map[string]string{"[]": "always", "<>": "eventually", "!": "not"}[x.Op]
		return call(name, w.formula(x.X, loose)), tight
	case *lang.Binary:
		if x.Op == "~>" {
			return call("always", infix{w.formula(x.X, compar), "implies", call("eventually", w.formula(x.Y, loose))}), tight
		}
		op := map[string]string{"&&": "and", "||": "or", "=>": "implies"}[x.Op]
		return infix{w.formula(x.X, compar), op, w.formula(x.Y, compar)}, loose
	}
	panic(fmt.Sprintf("quint: formula %T", e))
}
