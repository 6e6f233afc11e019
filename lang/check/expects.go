package check

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// addExpect adds an expectation of module i. One of a variant replaces those of its bases about the
// same scenario and kernel; without a kernel it speaks of every kernel and replaces them all.
// Expectations of the explored space stand beside each other, one per property and kernel.
func (c *checker) addExpect(i int, x *lang.Expect) {
	if x.Outcome == nil {
		return
	}
	var twice *lang.Expect
	c.entries = slices.DeleteFunc(c.entries, func(e *entry) bool {
		old, ok := e.decl.(*lang.Expect)
		if !ok || !sameTopic(old, x) {
			return false
		}
		if e.from == i {
			if nameOf(old.In) == nameOf(x.In) && sameClaim(old, x) {
				twice = old
			}
			return false
		}
		return x.In == nil || nameOf(old.In) == x.In.Name
	})
	if twice != nil {
		c.errorAlso("merge", x, twice, "it stands here first", "this is expected twice")
		return
	}
	c.entries = append(c.entries, &entry{key: declKey{"expect", ""}, decl: x, from: i})
}

// sameTopic reports whether two expectations are about the same thing: a scenario, or one property
// of the explored space.
func sameTopic(a, b *lang.Expect) bool {
	if a.Scenario != nil || b.Scenario != nil {
		return a.Scenario != nil && b.Scenario != nil && a.Scenario.Name == b.Scenario.Name
	}
	return sameName(a.Outcome, b.Outcome)
}

// sameClaim reports whether two expectations of one topic answer the same question.
func sameClaim(a, b *lang.Expect) bool {
	return sameName(a.Outcome, b.Outcome)
}

func sameName(a, b *lang.Outcome) bool {
	return nameOf(a.Name) == nameOf(b.Name) && a.Of() == b.Of()
}

// dropExpects takes away the expectations that gone reports.
func (c *checker) dropExpects(gone func(*lang.Expect) bool) {
	c.entries = slices.DeleteFunc(c.entries, func(e *entry) bool {
		x, ok := e.decl.(*lang.Expect)
		return ok && gone(x)
	})
}

// expectations checks what is expected, in scenarios and outside them.
func (c *checker) expectations() {
	for _, s := range c.info.Scenarios {
		for _, o := range s.Expect {
			c.outcome(o)
		}
	}
	for _, x := range c.info.Expects {
		c.expect(x)
	}
}

func (c *checker) expect(x *lang.Expect) {
	if x.In != nil && c.index[declKey{"kernel", x.In.Name}] == nil {
		c.errorf("name", x.In, c.didYouMean(x.In.Name, c.keysOf("kernel")), "there is no kernel %s", x.In.Name)
	}
	c.outcome(x.Outcome)
	if x.Scenario != nil {
		if c.index[declKey{"scenario", x.Scenario.Name}] == nil {
			c.errorf("name", x.Scenario, c.didYouMean(x.Scenario.Name, c.keysOf("scenario")),
				"there is no scenario %s", x.Scenario.Name)
		}
		return
	}
	if k := x.Outcome.Kind; k != lang.Holds && k != lang.Violates {
		c.errorf("property", x.Outcome, "write `expect violates …`, or name the scenario",
			"of the explored space only `holds` and `violates` can be expected")
	}
	if c.info.Explore == nil {
		c.errorf("property", x, "add `explore { … }`, or name a scenario",
			"nothing is explored of which this could be expected")
	}
}

// outcome checks what one outcome names.
func (c *checker) outcome(o *lang.Outcome) {
	if o == nil || o.Kind == lang.Impossible || o.Name == nil {
		return
	}
	switch o.Of() {
	case "balance":
		c.must(o, WakeupObj, "balance")
	case "transitions":
		c.must(o, VarObj, "transitions")
	default:
		c.propertyOutcome(o)
	}
}

// must reports an outcome about a balance or transitions that nobody declared.
func (c *checker) must(o *lang.Outcome, kind ObjKind, section string) {
	obj := c.use(o.Name, kind)
	if obj == nil {
		return
	}
	if key := (declKey{section, obj.Name}); c.index[key] == nil {
		c.errorf("name", o, "", "there is no %s", describe(key))
	}
}

func (c *checker) propertyOutcome(o *lang.Outcome) {
	name := o.Name.Name
	e := c.index[declKey{"property", name}]
	if e != nil {
		if p, ok := e.decl.(*lang.Property); ok && p.Kind == lang.Deadline {
			c.errorf("property", o, "", "%s is a deadline: only traces judge it", name)
		}
		return
	}
	for _, section := range []string{"balance", "transitions"} {
		if c.index[declKey{section, name}] != nil {
			c.errorf("name", o.Name, "write `"+section+" "+name+"`", "there is no invariant or property %s", name)
			return
		}
	}
	c.errorf("name", o.Name, c.didYouMean(name, c.keysOf("property")), "there is no invariant or property %s", name)
}
