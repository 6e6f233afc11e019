package tlc

import (
	"fmt"
	"slices"
	"strings"
)

// level says what an expression may be used for.
type level uint8

const (
	constantLevel level = iota
	stateLevel
	actionLevel
	temporalLevel
)

// standard are the operators of the standard modules that are known here, with how many arguments they take.
var standard = map[string]map[string]int{
	"Naturals":   {"Nat": 0},
	"Integers":   {"Nat": 0, "Int": 0},
	"FiniteSets": {"Cardinality": 1, "IsFiniteSet": 1},
	"Sequences":  {"Len": 1, "Head": 1, "Tail": 1, "Append": 2, "Seq": 1, "SubSeq": 3},
	"TLC":        {"TLCGet": 1, "TLCSet": 2, "PrintT": 1, "Print": 2, "Assert": 2, "ToString": 1},
}

// arithmetic are the operators that Naturals brings, and minus as a sign that Integers does.
var arithmetic = []string{"+", "-", "*", "..", "<", ">", "<=", ">="}

// resolver finds what names stand for, in the order of the text: TLA+ knows no name before it is declared.
type resolver struct {
	globals map[string]*symbol
	scope   []*symbol
	extends map[string]bool
	vars    []*symbol
	decls   []*symbol
	files   map[string]string
	seen    map[string]bool
}

func fail(n *node, format string, args ...any) {
	panic(&Error{n.file, n.line, fmt.Sprintf(format, args...)})
}

func newResolver(files map[string]string) *resolver {
	r := &resolver{globals: map[string]*symbol{}, extends: map[string]bool{}, files: files, seen: map[string]bool{}}
	for _, n := range []string{"BOOLEAN", "STRING", "TRUE", "FALSE"} {
		r.globals[n] = &symbol{name: n, kind: builtinSymbol}
	}
	return r
}

// module resolves a module behind those that it extends.
func (r *resolver) module(name string) {
	if r.seen[name] {
		return
	}
	r.seen[name] = true
	if ops, ok := standard[name]; ok {
		r.extends[name] = true
		for op, n := range ops {
			s := &symbol{name: op, kind: builtinSymbol}
			for range n {
				s.params = append(s.params, &symbol{})
			}
			r.globals[op] = s
		}
		return
	}
	src, ok := r.files[name+".tla"]
	if !ok {
		panic(&Error{name + ".tla", 0, "there is no such module"})
	}
	m := parseModule(name+".tla", src)
	for _, e := range m.extends {
		r.module(e)
	}
	for _, s := range m.decls {
		r.declare(m, s)
	}
}

// declare resolves a declaration and makes it known.
func (r *resolver) declare(m *module, s *symbol) {
	r.fresh(s, m.file)
	switch s.kind {
	case variableSymbol:
		s.index, s.level = len(r.vars), stateLevel
		r.vars = append(r.vars, s)
	case definitionSymbol:
		r.definition(s, m.file)
	}
	r.globals[s.name] = s
	r.decls = append(r.decls, s)
}

// fresh refuses a name that is known: TLA+ hides nothing.
func (r *resolver) fresh(s *symbol, file string) {
	if r.lookup(s.name) != nil {
		panic(&Error{file, s.line, s.name + " is declared twice"})
	}
	if strings.HasPrefix(s.name, "WF_") || strings.HasPrefix(s.name, "SF_") {
		panic(&Error{file, s.line, s.name + " is no name"})
	}
}

func (r *resolver) lookup(name string) *symbol {
	for i := len(r.scope) - 1; i >= 0; i-- {
		if r.scope[i].name == name {
			return r.scope[i]
		}
	}
	return r.globals[name]
}

func (r *resolver) definition(s *symbol, file string) {
	depth := len(r.scope)
	for _, p := range s.params {
		r.fresh(p, file)
		r.scope = append(r.scope, p)
	}
	s.level = r.expr(s.body)
	r.scope = r.scope[:depth]
}

// expr resolves an expression and gives its level.
func (r *resolver) expr(n *node) level {
	switch n.op {
	case "name":
		return r.name(n)
	case "'":
		if l := r.expr(n.args[0]); l > stateLevel {
			fail(n, "a prime on what has a prime")
		}
		return actionLevel
	case "UNCHANGED_":
		if r.expr(n.args[0]) > stateLevel {
			fail(n, "UNCHANGED of an action")
		}
		return actionLevel
	case "ENABLED_":
		r.expr(n.args[0])
		return stateLevel
	case "WF":
		return r.fairness(n)
	case "[]_", "<>_", "~>":
		return r.temporal(n)
	case "LET":
		return r.let(n)
	case `\E`, `\A`, "function", "filter", "map":
		return r.binding(n)
	}
	if slices.Contains(arithmetic, n.op) && !r.extends["Naturals"] && !r.extends["Integers"] || n.op == "-_" && !r.extends["Integers"] {
		fail(n, "%s needs a module that is not extended", n.op)
	}
	return r.all(n.args)
}

func (r *resolver) all(ns []*node) level {
	l := constantLevel
	for _, a := range ns {
		l = max(l, r.expr(a))
	}
	return l
}

func (r *resolver) name(n *node) level {
	n.sym = r.lookup(n.text)
	if n.sym == nil {
		fail(n, "%s is not declared", n.text)
	}
	if len(n.args) != len(n.sym.params) {
		fail(n, "%s takes %d arguments, not %d", n.text, len(n.sym.params), len(n.args))
	}
	return max(n.sym.level, r.all(n.args))
}

func (r *resolver) fairness(n *node) level {
	if r.lookup(n.text) == nil {
		fail(n, "%s is not declared", n.text)
	}
	n.sym = r.lookup(n.text)
	if r.all(n.args) > actionLevel {
		fail(n, "fairness of what is no action")
	}
	return temporalLevel
}

// temporal resolves a temporal operator; an action may stand only in [A]_v.
func (r *resolver) temporal(n *node) level {
	for _, a := range n.args {
		if r.expr(a) == actionLevel && a.op != "action" {
			fail(n, "an action where a predicate should be")
		}
	}
	return temporalLevel
}

func (r *resolver) let(n *node) level {
	depth, l := len(r.scope), constantLevel
	for _, s := range n.syms {
		r.fresh(s, n.file)
		r.definition(s, n.file)
		r.scope = append(r.scope, s)
		l = max(l, s.level)
	}
	l = max(l, r.all(n.args))
	r.scope = r.scope[:depth]
	return l
}

// binding resolves a bound name: its set is read outside of it.
func (r *resolver) binding(n *node) level {
	l := r.expr(n.args[0])
	s := n.syms[0]
	r.fresh(s, n.file)
	r.scope = append(r.scope, s)
	l = max(l, r.all(n.args[1:]))
	r.scope = r.scope[:len(r.scope)-1]
	return l
}
