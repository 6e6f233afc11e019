package machine

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang/check"
)

// ValueText writes a value of a type as specifications do; a failure without an errno is "failed".
func ValueText(t check.Type, v Val) string {
	switch {
	case t.Kind == check.BoolType && v == 0:
		return "false"
	case t.Kind == check.BoolType && v == 1:
		return "true"
	case t.Kind == check.EnumType && v >= 0 && int(v) < len(t.Enum.Members):
		return t.Enum.Members[v].Name
	case t.Kind == check.ResultType && v == 0:
		return "ok"
	case t.Kind == check.ResultType && v == check.AnyErrno:
		return "failed"
	}
	return fmt.Sprint(v)
}

// PlacesName is what behaviours and translations call the places of activations: pc, unless the spec has a
// variable of that name.
func (m *Machine) PlacesName() string {
	for _, g := range m.Globals {
		if g.Name() == "pc" {
			return "places"
		}
	}
	return "pc"
}
