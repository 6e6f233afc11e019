package tracedat

import (
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// named tells whether e is a tracepoint that the caller asked for by its name, and of which nothing
// more is known here.
func (t *Reader) named(e *event) bool {
	return e.kind == traces.Other && e.fill == nil && t.opt.Events[e.name]
}

// payload keeps the fields of such an event, in the order of its format.
func (t *Reader) payload(r *traces.Record, e *event, p payload) {
	r.Kind = traces.Event
	var texts []string
	for _, f := range e.fields {
		if strings.HasPrefix(f.name, "common_") {
			continue
		}
		a := argOf(f, "")
		if f.array && strings.Contains(f.decl, "char") {
			a.verb = 's'
		}
		value, there := t.value(&a, p)
		if there {
			r.Args = append(r.Args, traces.Arg{Name: f.name, Value: value})
		}
		texts = append(texts, value)
	}
	r.Text = strings.Join(texts, ": ")
}
