package machine

import (
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// Field is one argument of an event: a value that a field of its record shows, or a pattern of what it
// prints.
type Field struct {
	Value   *Value
	Pattern *Pattern
}

func (e *env) field(x lang.Expr) Field {
	if lit, ok := x.(*lang.StringLit); ok {
		return Field{Pattern: e.pattern(lit)}
	}
	return Field{Value: e.value(x)}
}

// separator stands between fields that are printed without names.
const separator = ": "

// Shown is what a record shows of an event.
type Shown struct {
	Match          // of the patterns
	Fields []Shows // of the values
}

// Shows is a value of an event and the text that stood for it.
type Shows struct {
	Value *Value
	Text  string
}

// Show fits what a record of the node's event prints to its fields. values are the fields where they are
// printed with names; else the text is cut at ": ", and the last field takes what is left.
func (n *Node) Show(text string, values []string) (*Shown, bool) {
	s := &Shown{}
	if len(n.Fields) == 1 && n.Fields[0].Pattern != nil {
		if m, ok := n.Fields[0].Pattern.Match(text); ok {
			s.Match = m
			return s, true
		}
	}
	if values == nil && len(n.Fields) > 0 {
		if strings.HasSuffix(text, ":") {
			text += " " // an empty last field whose blank got lost
		}
		values = strings.SplitN(text, separator, len(n.Fields))
	}
	if len(values) < len(n.Fields) {
		return nil, false
	}
	for i, f := range n.Fields {
		if f.Pattern == nil {
			s.Fields = append(s.Fields, Shows{f.Value, values[i]})
			continue
		}
		m, ok := f.Pattern.Match(values[i])
		if !ok || m.Name != "" && s.Name != "" && m.Name != s.Name {
			return nil, false
		}
		if m.Name != "" {
			s.Name = m.Name
		}
		s.Values = append(s.Values, m.Values...)
	}
	return s, true
}

// Print gives what a kernel would print of the node's event in a state, for the subject of this name.
func (n *Node) Print(s State, f []Val, name string) string {
	var parts []string
	for _, x := range n.Fields {
		if x.Pattern != nil {
			parts = append(parts, x.Pattern.Fill(s, f, name))
		} else {
			parts = append(parts, ValueText(x.Value.Type, x.Value.Eval(s, f)))
		}
	}
	return strings.Join(parts, separator)
}

// Events lists the tracepoints that the machine's event statements name.
func (m *Machine) Events() []string {
	var names []string
	seen := map[string]bool{}
	for _, n := range m.Nodes[1:] {
		if n.Kind == Event && !seen[n.Text] {
			seen[n.Text] = true
			names = append(names, n.Text)
		}
	}
	return names
}

// ReadValue reads a value as an event prints it: a number, or of an enum a member's text or name in any
// case. number tells that it is a number, which for an enum counts the members that the kernel has.
func ReadValue(t check.Type, text string) (v Val, number, ok bool) {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 0, 32); err == nil {
		return Val(n), true, true
	}
	if t.Kind == check.EnumType {
		for i, mem := range t.Enum.Members {
			if strings.EqualFold(mem.Text, text) || strings.EqualFold(mem.Name, text) {
				return Val(i), false, true
			}
		}
		return 0, false, false
	}
	v, ok = parseValue(t, text)
	return v, true, ok
}
