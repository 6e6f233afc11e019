package quint_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A small reader of the part of Quint that modules here are written in. It shares nothing with the writer, so
// that what is explored is what stands there.

// mnode is an expression, or a statement of a block.
type mnode struct {
	op   string // name, int, str, call, field, record, lambda, if, all, any, and, or, block, nondet, assign, infix …
	name string
	args []*mnode
	keys []string // of a record; parameters of a lambda
}

// mdef is a definition.
type mdef struct {
	kind   string
	params []string
	body   *mnode
}

type mmodule struct {
	name   string
	vars   []string
	defs   map[string]*mdef
	labels map[string]bool // of sum types
}

var tokenRE = regexp.MustCompile(`//[^\n]*|\s+|"[^"\n]*"|[0-9]+|[A-Za-z_][A-Za-z0-9_]*|\.\.\.|=>|->|==|!=|<=|>=|[-+<>=(){}\[\],.:'|]`)

type mparser struct {
	toks []string
	at   int
}

// mparse reads a module; it panics where the text is none.
func mparse(text string) *mmodule {
	p := &mparser{}
	for i := 0; i < len(text); {
		loc := tokenRE.FindStringIndex(text[i:])
		if loc == nil || loc[0] != 0 {
			panic(fmt.Sprintf("no token at %.40q", text[i:]))
		}
		if t := text[i : i+loc[1]]; strings.TrimSpace(t) != "" && !strings.HasPrefix(t, "//") {
			p.toks = append(p.toks, t)
		}
		i += loc[1]
	}
	return p.module()
}

func (p *mparser) peek() string {
	if p.at < len(p.toks) {
		return p.toks[p.at]
	}
	return ""
}

func (p *mparser) take() string {
	t := p.peek()
	p.at++
	return t
}

func (p *mparser) want(t string) {
	if got := p.take(); got != t {
		panic(fmt.Sprintf("%q where %q should be, after %v", got, t, p.toks[max(0, p.at-8):p.at]))
	}
}

func (p *mparser) has(t string) bool {
	if p.peek() == t {
		p.at++
		return true
	}
	return false
}

func (p *mparser) module() *mmodule {
	m := &mmodule{defs: map[string]*mdef{}, labels: map[string]bool{}}
	p.want("module")
	m.name = p.take()
	p.want("{")
	for !p.has("}") {
		p.decl(m)
	}
	return m
}

func (p *mparser) decl(m *mmodule) {
	switch kind := p.take(); kind {
	case "type":
		p.take()
		p.want("=")
		if p.peek() == "{" {
			p.typ()
			return
		}
		for more := true; more; more = p.has("|") {
			p.has("|")
			m.labels[p.take()] = true
		}
	case "var":
		m.vars = append(m.vars, p.take())
		p.want(":")
		p.typ()
	case "pure":
		name := p.toks[p.at+1]
		p.decl(m)
		m.defs[name].kind = "pure"
	case "val", "def", "action", "temporal", "run":
		name, d := p.take(), &mdef{kind: kind}
		if p.has("(") {
			for !p.has(")") {
				d.params = append(d.params, p.take())
				p.want(":")
				p.typ()
				p.has(",")
			}
		}
		if p.has(":") {
			p.typ()
		}
		p.want("=")
		d.body = p.expr()
		if m.defs[name] != nil {
			panic(name + " is defined twice")
		}
		m.defs[name] = d
	default:
		panic("no declaration: " + kind)
	}
}

// typ passes over a type.
func (p *mparser) typ() {
	switch t := p.take(); t {
	case "{", "(":
		for end := map[string]string{"{": "}", "(": ")"}[t]; !p.has(end); p.has(",") {
			if t == "{" {
				p.take()
				p.want(":")
			}
			p.typ()
		}
	default:
		if p.has("[") {
			p.typ()
			p.want("]")
		}
	}
	if p.has("->") {
		p.typ()
	}
}

var levels = [][]string{{"implies"}, {"or"}, {"and"}, {"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}}

func (p *mparser) expr() *mnode { return p.infix(0) }

func (p *mparser) infix(level int) *mnode {
	if level == len(levels) {
		return p.postfix()
	}
	left := p.infix(level + 1)
	for {
		op := p.peek()
		if !slices.Contains(levels[level], op) {
			return left
		}
		p.at++
		left = &mnode{op: "infix", name: op, args: []*mnode{left, p.infix(level + 1)}}
	}
}

func (p *mparser) postfix() *mnode {
	n := p.primary()
	for p.has(".") {
		name := p.take()
		if !p.has("(") {
			n = &mnode{op: "field", name: name, args: []*mnode{n}}
			continue
		}
		n = &mnode{op: "call", name: name, args: append([]*mnode{n}, p.items(")")...)}
	}
	return n
}

func (p *mparser) items(end string) []*mnode {
	var all []*mnode
	for !p.has(end) {
		all = append(all, p.expr())
		if p.has(",") && p.peek() == end && end == ")" {
			panic("a comma before )")
		}
	}
	return all
}

func (p *mparser) primary() *mnode {
	t := p.take()
	switch {
	case t == "(":
		n := p.expr()
		p.want(")")
		return n
	case t == "{":
		return p.braces()
	case t == "-":
		return &mnode{op: "call", name: "neg", args: []*mnode{p.postfix()}}
	case t == "if":
		p.want("(")
		c := p.expr()
		p.want(")")
		a := p.expr()
		p.want("else")
		return &mnode{op: "if", args: []*mnode{c, a, p.expr()}}
	case slices.Contains([]string{"all", "any", "and", "or"}, t) && p.has("{"):
		return &mnode{op: t, args: p.items("}")}
	case t[0] == '"':
		return &mnode{op: "str", name: strings.Trim(t, `"`)}
	case t[0] >= '0' && t[0] <= '9':
		return &mnode{op: "int", name: t}
	case p.has("=>"):
		return &mnode{op: "lambda", keys: []string{t}, args: []*mnode{p.expr()}}
	case p.has("'"):
		p.want("=")
		return &mnode{op: "assign", name: t, args: []*mnode{p.expr()}}
	case t == "Map" && p.has("("):
		return &mnode{op: "map", args: p.pairs()}
	case p.has("("):
		return &mnode{op: "call", name: t, args: p.items(")")}
	}
	return &mnode{op: "name", name: t}
}

// braces reads a record, or a block that ends in an expression.
func (p *mparser) braces() *mnode {
	if p.peek() == "..." || p.at+1 < len(p.toks) && p.toks[p.at+1] == ":" {
		r := &mnode{op: "record"}
		for !p.has("}") {
			key := "..."
			if !p.has("...") {
				key = p.take()
				p.want(":")
			}
			r.keys, r.args = append(r.keys, key), append(r.args, p.expr())
			p.has(",")
		}
		return r
	}
	if p.has("nondet") {
		name := p.take()
		p.want("=")
		n := &mnode{op: "nondet", name: name, args: []*mnode{p.expr()}}
		n.args = append(n.args, p.braces())
		return n
	}
	n := p.expr()
	p.want("}")
	return n
}

// pairs reads the arguments of a Map.
func (p *mparser) pairs() []*mnode {
	var all []*mnode
	for !p.has(")") {
		all = append(all, p.expr())
		p.want("->")
		all = append(all, p.expr())
		p.has(",")
	}
	return all
}
