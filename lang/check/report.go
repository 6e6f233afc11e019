package check

import (
	"github.com/rprocspec/rprocspec/internal/spell"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// The codes of diagnostics name the concern: merge, name, type, flow, lock, log, property, scenario,
// kernel and unused.

// errorf reports an error at a node, with a hint that may be "".
func (c *checker) errorf(code string, at lang.Node, hint, format string, args ...any) {
	c.errors++
	c.list.Errorf(span(at), code, format, args...).Hint = hint
}

// errorAlso reports an error that a second place explains.
func (c *checker) errorAlso(code string, at, other lang.Node, why, format string, args ...any) {
	c.errorHintAlso(code, at, "", other, why, format, args...)
}

func (c *checker) errorHintAlso(code string, at lang.Node, hint string, other lang.Node, why, format string, args ...any) {
	c.errors++
	d := c.list.Errorf(span(at), code, format, args...)
	d.Hint = hint
	d.Related = []diag.Related{{Span: span(other), Message: why}}
}

// warnf reports a warning about the module that was asked for; what its bases have to be told they
// are told when they are checked themselves.
func (c *checker) warnf(code string, at lang.Node, hint, format string, args ...any) {
	if c.ours(at) {
		c.list.Warnf(span(at), code, format, args...).Hint = hint
	}
}

// ours reports whether a node stands in the module that was asked for.
func (c *checker) ours(n lang.Node) bool {
	return n.Pos().File == c.info.Module.File
}

func (c *checker) failed() bool { return c.errors > 0 }

// diagnostics gives what was found, sorted.
func (c *checker) diagnostics() diag.List {
	c.list.Sort()
	return c.list
}

func span(n lang.Node) diag.Span { return diag.Span{Start: n.Pos(), End: n.End()} }

// didYouMean is a hint with the candidate nearest to a name that is not known.
func (c *checker) didYouMean(name string, candidates []string) string {
	if near := spell.Nearest(name, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// namesOf lists the global names of some kinds, in order of declaration.
func (c *checker) namesOf(kinds ...ObjKind) []string {
	var names []string
	for _, obj := range c.objects() {
		for _, k := range kinds {
			if obj.Kind == k {
				names = append(names, obj.Name)
			}
		}
	}
	return names
}

// objects lists the global objects in order of declaration.
func (c *checker) objects() []*Object {
	in := c.info
	var all []*Object
	for _, e := range in.Enums {
		all = append(all, e.Object)
		for _, m := range e.Members {
			all = append(all, m.Object)
		}
	}
	for _, list := range [][]*Object{in.Consts, in.Features, in.Devices, in.Vars, in.Mutexes, in.Wakeups, in.Works} {
		all = append(all, list...)
	}
	for _, p := range in.Processes {
		all = append(all, p.Object)
	}
	return all
}
