package check

import "github.com/rprocspec/rprocspec/lang"

// text writes an expression for messages.
func text(e lang.Expr) string { return lang.ExprString(e) }

// typeText writes a type, for comparing those of two modules.
func typeText(t *lang.Type) string {
	switch {
	case t == nil:
		return ""
	case t.Name != nil:
		return t.Name.Name
	}
	return text(t.Lo) + ".." + text(t.Hi)
}
