package check

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// declKey identifies a declaration across modules: a variant's replaces the base's with the same key.
type declKey struct{ kind, name string }

// entry is a declaration that survived merging.
type entry struct {
	key    declKey
	decl   lang.Decl
	extras []lang.Decl // what `enum E extends` and `transitions x extends` append
	from   int         // index into Info.Chain
}

// follow fills Info.Chain with m and its bases, the furthest base first.
func (c *checker) follow(load Loader) {
	m := c.info.Module
	chain := []*lang.Module{m}
	seen := map[string]bool{nameOf(m.Name): true}
	for m.Extends != nil {
		id := m.Extends
		if seen[id.Name] {
			c.errorAlso("merge", c.info.Module.Extends, id, "the circle closes here", "what %s extends goes in a circle", c.info.Name)
			break
		}
		seen[id.Name] = true
		if m = c.load(load, id); m == nil {
			break
		}
		chain = append(chain, m)
	}
	slices.Reverse(chain)
	c.info.Chain = chain
}

// load gets one base; nil after a report.
func (c *checker) load(load Loader, id *lang.Ident) *lang.Module {
	if load == nil {
		c.errorf("merge", id, "", "module %s is not available here: nothing was given to load it from", id.Name)
		return nil
	}
	m, err := load(id.Name)
	if err != nil {
		c.errorf("merge", id, "", "cannot load module %s: %v", id.Name, err)
		return nil
	}
	if m == nil {
		c.errorf("merge", id, "", "there is no module %s", id.Name)
	}
	return m
}

// merge lays the modules of the chain over each other.
func (c *checker) merge() {
	for i, m := range c.info.Chain {
		c.drops(i, m)
		for _, d := range m.Decls {
			c.addDecl(i, d)
		}
		c.extends(i, m)
		for _, d := range m.Decls {
			if x, ok := d.(*lang.Expect); ok {
				c.addExpect(i, x)
			}
		}
	}
}

// keyOf gives the key of a plain declaration; false for those that only change others.
func keyOf(d lang.Decl) (declKey, bool) {
	switch d := d.(type) {
	case *lang.Subject:
		return declKey{"subject", ""}, true
	case *lang.Enum:
		return declKey{"enum", nameOf(d.Name)}, !d.Extends
	case *lang.ConstDecl:
		return declKey{"const", nameOf(d.Name)}, true
	case *lang.Feature:
		return declKey{"feature", nameOf(d.Name)}, true
	case *lang.Device:
		return declKey{"device", nameOf(d.Name)}, true
	case *lang.Kernel:
		return declKey{"kernel", nameOf(d.Name)}, true
	case *lang.Var:
		return declKey{"var", nameOf(d.Name)}, true
	case *lang.Mutex:
		return declKey{"mutex", nameOf(d.Name)}, true
	case *lang.Wakeup:
		return declKey{"wakeup", nameOf(d.Name)}, true
	case *lang.Work:
		return declKey{"work", nameOf(d.Name)}, true
	case *lang.Transitions:
		return declKey{"transitions", nameOf(d.Var)}, !d.Extends
	case *lang.Process:
		return declKey{"process", nameOf(d.Name)}, true
	case *lang.Balance:
		return declKey{"balance", nameOf(d.Wakeup)}, true
	case *lang.Property:
		return declKey{"property", nameOf(d.Name)}, true
	case *lang.Explore:
		return declKey{"explore", ""}, true
	case *lang.Scenario:
		return declKey{"scenario", nameOf(d.Name)}, true
	}
	return declKey{}, false
}

// addDecl adds a declaration of module i, or puts it in the place of the base's.
func (c *checker) addDecl(i int, d lang.Decl) {
	key, ok := keyOf(d)
	if !ok {
		return
	}
	e := c.index[key]
	if e == nil {
		e = &entry{key: key, decl: d, from: i}
		c.index[key] = e
		c.entries = append(c.entries, e)
		return
	}
	if e.from == i {
		c.errorAlso("merge", d, e.decl, "it stands here first", "%s is declared twice", describe(key))
		return
	}
	c.replace(e, i, d)
}

// replace overrides a base's declaration.
func (c *checker) replace(e *entry, i int, d lang.Decl) {
	if p, ok := d.(*lang.Process); ok {
		c.sameSignature(e.decl.(*lang.Process), p)
	}
	if s, ok := d.(*lang.Scenario); ok && len(s.Expect) > 0 {
		c.dropExpects(func(x *lang.Expect) bool { return nameOf(x.Scenario) == e.key.name })
	}
	if i == len(c.info.Chain)-1 {
		c.info.Replaced = append(c.info.Replaced, Replacement{e.decl, d})
	}
	e.decl, e.extras, e.from = d, nil, i
}

// sameSignature reports a variant's process that callers of the base's could not call.
func (c *checker) sameSignature(old, new *lang.Process) {
	const hint = "a variant keeps parameters and result; give a changed function a name of its own"
	if old.Result != new.Result {
		c.errorHintAlso("merge", new.Name, hint, old.Name, "the base declares it here",
			"%s %s, the base's %s", new.Name.Name, has(new.Result), has(old.Result))
		return
	}
	same := func(a, b *lang.Param) bool { return typeText(a.Type) == typeText(b.Type) }
	if !slices.EqualFunc(old.Params, new.Params, same) {
		c.errorHintAlso("merge", new.Name, hint, old.Name, "the base declares it here",
			"the parameters of %s differ from the base's", new.Name.Name)
	}
}

func has(result bool) string {
	if result {
		return "has a result"
	}
	return "has no result"
}

// extends appends what module i adds to enums and transitions.
func (c *checker) extends(i int, m *lang.Module) {
	for _, d := range m.Decls {
		switch d := d.(type) {
		case *lang.Enum:
			if d.Extends {
				c.extend(declKey{"enum", nameOf(d.Name)}, d.Name, d)
			}
		case *lang.Transitions:
			if d.Extends {
				c.extend(declKey{"transitions", nameOf(d.Var)}, d.Var, d)
			}
		}
	}
}

func (c *checker) extend(key declKey, id *lang.Ident, d lang.Decl) {
	e := c.index[key]
	if e == nil {
		c.errorf("merge", id, c.didYouMean(key.name, c.keysOf(key.kind)), "no base has %s to extend", describe(key))
		return
	}
	e.extras = append(e.extras, d)
}

// drops takes away what module i drops. Where a balance or transitions bears the name of what it
// speaks of, that is what goes first: nothing could be said about an object that is not there.
func (c *checker) drops(i int, m *lang.Module) {
	for _, d := range m.Decls {
		if d, ok := d.(*lang.Drop); ok {
			c.drop(i, d)
		}
	}
}

func (c *checker) drop(i int, d *lang.Drop) {
	name := nameOf(d.Name)
	e := c.named(name)
	if e == nil {
		c.errorf("merge", d, c.didYouMean(name, c.keysOf("")), "no base has anything called %s to drop", name)
		return
	}
	delete(c.index, e.key)
	c.entries = slices.DeleteFunc(c.entries, func(x *entry) bool { return x == e })
	c.dropExpects(func(x *lang.Expect) bool { return speaksOf(x, e.key) })
	if i == len(c.info.Chain)-1 {
		c.info.Replaced = append(c.info.Replaced, Replacement{e.decl, d})
	}
}

// named finds what `drop name` takes away.
func (c *checker) named(name string) *entry {
	var found *entry
	for _, e := range c.entries {
		if e.key.name != name || e.key.kind == "expect" {
			continue
		}
		if found == nil || e.key.kind == "balance" || e.key.kind == "transitions" {
			found = e
		}
	}
	return found
}

// speaksOf reports whether an expectation is about the scenario or the property key.
func speaksOf(x *lang.Expect, key declKey) bool {
	if key.kind == "scenario" {
		return nameOf(x.Scenario) == key.name
	}
	if x.Outcome == nil || nameOf(x.Outcome.Name) != key.name {
		return false
	}
	switch key.kind {
	case "balance", "transitions":
		return x.Outcome.Of() == key.kind
	case "property":
		return x.Outcome.Of() == ""
	}
	return false
}

// keysOf lists the names of one kind, or of all, for hints.
func (c *checker) keysOf(kind string) []string {
	var names []string
	for _, e := range c.entries {
		if (kind == "" || e.key.kind == kind) && e.key.name != "" {
			names = append(names, e.key.name)
		}
	}
	return names
}

func describe(key declKey) string {
	if key.name == "" {
		return key.kind
	}
	return key.kind + " " + key.name
}
