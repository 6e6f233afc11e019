package check

import (
	"slices"

	"github.com/rprocspec/rprocspec/internal/spell"
	"github.com/rprocspec/rprocspec/lang"
)

// unused warns of declarations that nothing needs, and of features that an override made useless.
func (c *checker) unused() {
	in := c.info
	for _, e := range in.Enums {
		if !c.used[e.Object] {
			c.unusedf(e.Object, "nothing is of enum %s", e.Name)
		}
	}
	for _, list := range [][]*Object{in.Consts, in.Features, in.Devices, in.Vars} {
		for _, obj := range list {
			c.unread(obj)
		}
	}
	for _, list := range [][]*Object{in.Mutexes, in.Wakeups} {
		for _, obj := range list {
			if !c.used[obj] {
				c.unusedf(obj, "nothing uses %s", obj.Name)
			}
		}
	}
	c.unusedWork()
	c.unusedProcesses()
}

func (c *checker) unusedf(obj *Object, format string, args ...any) {
	c.warnf("unused", obj.Ident, "use it or take it out", format, args...)
}

func (c *checker) unread(obj *Object) {
	_, ordered := c.info.Transitions[obj]
	if c.reads[obj] || ordered {
		return
	}
	if obj.Kind == FeatureObj {
		if _, fixed := c.info.Fixed[obj]; fixed {
			return
		}
		if !c.ours(obj.Ident) {
			c.overridden(obj)
			return
		}
	}
	c.unusedf(obj, "nothing reads %s", obj.Name)
}

// overridden warns of a feature that only overridden code of the bases read.
func (c *checker) overridden(feature *Object) {
	for _, r := range c.info.Replaced {
		if mentions(r.Old, feature.Name) {
			c.warnf("unused", declName(r.New), "add `fix "+feature.Name+" = …` to say which kernels this is for",
				"nothing reads feature %s any more: it was read by what this overrides", feature.Name)
			return
		}
	}
}

// mentions reports whether the code of a declaration reads name.
func mentions(d lang.Decl, name string) bool {
	found := false
	each(d, func(n *lang.Name) { found = found || nameOf(n.ID) == name })
	return found
}

// declName gives the name of a declaration that can replace another, else the declaration.
func declName(d lang.Decl) lang.Node {
	var id *lang.Ident
	switch d := d.(type) {
	case *lang.Process:
		id = d.Name
	case *lang.Property:
		id = d.Name
	case *lang.Balance:
		id = d.Wakeup
	case *lang.Wakeup:
		id = d.Name
	case *lang.Enum:
		id = d.Name
	case *lang.Transitions:
		id = d.Var
	case *lang.Drop:
		id = d.Name
	}
	if id == nil {
		return d
	}
	return id
}

func (c *checker) unusedWork() {
	queued := map[*Object]bool{}
	for _, p := range c.info.Processes {
		each(p.Decl, func(q *lang.Queue) { queued[c.info.Uses[q.Work]] = true })
	}
	for _, w := range c.info.Works {
		if !queued[w] {
			c.unusedf(w, "nothing queues work %s: it never runs", w.Name)
		}
	}
}

func (c *checker) unusedProcesses() {
	var called []*Process
	for _, p := range c.info.Processes {
		called = append(called, p.Calls...)
	}
	bases := c.baseProcesses()
	for _, p := range c.info.Processes {
		if c.misspelt(p, bases) {
			continue
		}
		if p.Decl.Procedure && !slices.Contains(called, p) {
			c.unusedf(p.Object, "nothing calls procedure %s", p.Name)
		}
		for _, l := range p.Locals {
			if !c.reads[l] {
				c.unusedf(l, "nothing reads local %s", l.Name)
			}
		}
	}
}

// misspelt warns of a process that nothing refers to and that bears nearly the name of a base's: it was
// meant to override that one. What calls the other knows its name.
func (c *checker) misspelt(p *Process, bases []string) bool {
	near := spell.Misspelt(p.Name, bases)
	if near == "" || !c.ours(p.Object.Ident) || slices.Contains(bases, p.Name) || c.used[p.Object] {
		return false
	}
	if slices.ContainsFunc(p.Calls, func(q *Process) bool { return q.Name == near }) {
		return false
	}
	what := "process"
	if p.Decl.Procedure {
		what = "procedure"
	}
	c.warnf("unused", p.Object.Ident, "did you mean "+near+"?", "nothing refers to %s, and it overrides nothing: no base has a %s of this name", p.Name, what)
	return true
}

// baseProcesses lists the processes and procedures of the bases, which a variant may override.
func (c *checker) baseProcesses() []string {
	var names []string
	for _, m := range c.info.Chain[:len(c.info.Chain)-1] {
		for _, d := range m.Decls {
			if p, ok := d.(*lang.Process); ok {
				names = append(names, nameOf(p.Name))
			}
		}
	}
	return names
}
