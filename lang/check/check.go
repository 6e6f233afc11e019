package check

import (
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// Loader gives the module that an `extends` names.
type Loader func(name string) (*lang.Module, error)

// Module merges m over the modules that it extends and checks the result.
//
// The list holds everything that was found, in all modules of the chain; warnings are given for m
// only, not again for each of its bases. Info is nil if there are errors. A nil load is right for
// modules that extend nothing.
//
// Constraints between passes: types need the consts, bodies need the parameters of what they call,
// and the path-wise checks need a tree without errors, so they run last and only then.
func Module(m *lang.Module, load Loader) (*Info, diag.List) {
	c := newChecker(m)
	if c.follow(load); c.failed() {
		return nil, c.diagnostics() // without its bases, every second name would be unknown
	}
	c.merge()
	c.declare()
	c.bodies()
	c.statics()
	c.properties()
	c.scenarios()
	c.expectations()
	if c.recursion(); !c.failed() {
		c.reach()
		c.followLocks()
		c.unused()
	}
	if c.failed() {
		return nil, c.diagnostics()
	}
	return c.info, c.diagnostics()
}

// checker holds what the passes hand to each other.
type checker struct {
	info   *Info
	list   diag.List
	errors int

	entries []*entry           // the merged declarations, base first
	index   map[declKey]*entry // the same by kind and name

	consts  map[*Object]constState
	procs   map[*lang.Process]*Process
	bodyOf  map[*Process]*body
	builtin map[string]*Object // ok and the errnos that are used
	reads   map[*Object]bool   // values that something reads
	used    map[*Object]bool   // other objects that something refers to
}

func newChecker(m *lang.Module) *checker {
	return &checker{
		info: &Info{
			Module:      m,
			Name:        nameOf(m.Name),
			Doc:         m.Doc,
			Fixed:       map[*Object]int{},
			Transitions: map[*Object][]*lang.Edge{},
			Uses:        map[*lang.Ident]*Object{},
			Defs:        map[*lang.Ident]*Object{},
			Types:       map[lang.Expr]Type{},
			Patterns:    map[*lang.StringLit][]Part{},
			Protected:   map[*Object]*Object{},
			scope:       map[string]*Object{},
		},
		index:   map[declKey]*entry{},
		consts:  map[*Object]constState{},
		procs:   map[*lang.Process]*Process{},
		bodyOf:  map[*Process]*body{},
		builtin: map[string]*Object{},
		reads:   map[*Object]bool{},
		used:    map[*Object]bool{},
	}
}

// nameOf reads a name that a broken source may lack.
func nameOf(id *lang.Ident) string {
	if id == nil {
		return ""
	}
	return id.Name
}
