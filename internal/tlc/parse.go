package tlc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// node is an expression.
type node struct {
	op   string // "name", "number", "string", or an operator; see the parser
	text string // of a name or string
	num  int
	args []*node
	sym  *symbol   // of a name, once it is resolved
	syms []*symbol // that a quantifier, a function or LET binds
	line int
	file string
}

// symbol is a declared name.
type symbol struct {
	name   string
	kind   symbolKind
	params []*symbol
	body   *node // of a definition
	index  int   // of a variable
	val    *Value
	line   int
	level  level
}

type symbolKind uint8

const (
	constantSymbol symbolKind = iota
	variableSymbol
	definitionSymbol
	boundSymbol // a parameter, or what a quantifier binds
	builtinSymbol
)

// parser reads a module. A token that stands no further right than the list that is being read ends what is read.
type parser struct {
	lexer
	tok   token
	limit int // column of the innermost list
}

func newParser(file, src string) *parser {
	p := &parser{lexer: lexer{file: file, src: src, line: 1, col: 1}}
	for i, c := range []byte(src) {
		if c > 0x7e || c < ' ' && c != '\n' {
			p.line = strings.Count(src[:i], "\n") + 1
			p.fail("a character that is not ASCII, or a tab")
		}
	}
	p.advance()
	return p
}

func (p *parser) advance() { p.tok = p.lexer.next() }

func (p *parser) fail(format string, args ...any) {
	panic(&Error{p.file, p.tok.line, fmt.Sprintf(format, args...)})
}

// is tells whether an operator comes next.
func (p *parser) is(op string) bool {
	return p.tok.kind == opToken && p.tok.text == op && p.tok.col > p.limit
}

func (p *parser) accept(op string) bool {
	if !p.is(op) {
		return false
	}
	p.advance()
	return true
}

func (p *parser) expect(op string) {
	if !p.accept(op) {
		p.fail("%q where %q should be", p.tok.text, op)
	}
}

func (p *parser) name() string {
	if p.tok.kind != nameToken || p.tok.col <= p.limit {
		p.fail("%q where a name should be", p.tok.text)
	}
	s := p.tok.text
	p.advance()
	return s
}

func (p *parser) node(op string, args ...*node) *node {
	return &node{op: op, args: args, line: p.tok.line, file: p.file}
}

// infix gives the precedence of binary operators.
var infix = map[string]int{
	"=>": 1, "<=>": 2, "~>": 2, `/\`: 3, `\/`: 3, "=": 5, "#": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, `\in`: 5, `\notin`: 5,
	`\subseteq`: 5, "@@": 6, ":>": 7, `\cup`: 8, `\cap`: 8, `\`: 8, "..": 9, "+": 10, "-": 11, "*": 13, `\o`: 13,
}

// prefix gives that of operators before their operand; a weaker operator ends it.
var prefix = map[string]int{
	"~": 4, "[]": 4, "<>": 4, "ENABLED": 4, "UNCHANGED": 4, "SUBSET": 8, "UNION": 8, "DOMAIN": 9, "-": 12,
}

var associative = []string{`/\`, `\/`, `\cup`, `\cap`, "+", "*", "@@", "-", `\o`}

// expr reads an expression.
func (p *parser) expr() *node { return p.binary(0) }

// binary reads operators that bind tighter than at.
func (p *parser) binary(at int) *node {
	left := p.unary()
	last, lastOp := 100, ""
	for p.tok.kind == opToken && p.tok.col > p.limit {
		op := p.tok.text
		n, ok := infix[op]
		if !ok || n <= at {
			return left
		}
		if n == last && (op != lastOp || !slices.Contains(associative, op)) {
			p.fail("%s beside %s needs parentheses", op, lastOp)
		}
		if n > last {
			p.fail("internal: precedence")
		}
		x := p.node(op)
		p.advance()
		x.args = []*node{left, p.binary(n)}
		left, last, lastOp = x, n, op
	}
	return left
}

// unary reads a prefix operator, a list, or what reaches as far as it can.
func (p *parser) unary() *node {
	if p.tok.kind == opToken && p.tok.col > p.limit {
		switch op := p.tok.text; op {
		case `/\`, `\/`:
			return p.list(op)
		case "IF":
			return p.conditional()
		case "CASE":
			return p.cases()
		case `\E`, `\A`:
			return p.quantifier(op)
		case "LET":
			return p.let()
		}
		if n, ok := prefix[p.tok.text]; ok {
			x := p.node(p.tok.text + "_")
			p.advance()
			x.args = []*node{p.binary(n - 1)}
			return x
		}
	}
	return p.postfix(p.primary())
}

// list reads a list of conjuncts or disjuncts, one below the other.
func (p *parser) list(op string) *node {
	x := p.node(op)
	col, outer := p.tok.col, p.limit
	for p.tok.kind == opToken && p.tok.text == op && p.tok.col == col {
		p.limit = outer
		p.advance()
		p.limit = col
		x.args = append(x.args, p.expr())
	}
	p.limit = outer
	return x
}

func (p *parser) conditional() *node {
	x := p.node("IF")
	p.advance()
	c := p.expr()
	p.expect("THEN")
	a := p.expr()
	p.expect("ELSE")
	x.args = []*node{c, a, p.expr()}
	return x
}

// cases reads CASE; OTHER is the name "OTHER".
func (p *parser) cases() *node {
	x := p.node("CASE")
	p.advance()
	for {
		if p.is("OTHER") {
			x.args = append(x.args, p.node("OTHER"))
			p.advance()
		} else {
			x.args = append(x.args, p.expr())
		}
		p.expect("->")
		x.args = append(x.args, p.expr())
		if !p.accept("[]") {
			return x
		}
	}
}

func (p *parser) quantifier(op string) *node {
	x := p.node(op)
	p.advance()
	x.syms, x.args = p.binder()
	p.expect(":")
	x.args = append(x.args, p.expr())
	return x
}

// binder reads name \in set.
func (p *parser) binder() ([]*symbol, []*node) {
	s := &symbol{name: p.name(), kind: boundSymbol, line: p.tok.line}
	p.expect(`\in`)
	return []*symbol{s}, []*node{p.expr()}
}

func (p *parser) let() *node {
	x := p.node("LET")
	p.advance()
	for !p.accept("IN") {
		x.syms = append(x.syms, p.definition())
	}
	x.args = []*node{p.expr()}
	return x
}

// definition reads name(params) == expression.
func (p *parser) definition() *symbol {
	s := &symbol{line: p.tok.line, kind: definitionSymbol}
	s.name = p.name()
	if p.accept("(") {
		for {
			s.params = append(s.params, &symbol{name: p.name(), kind: boundSymbol})
			if !p.accept(",") {
				break
			}
		}
		p.expect(")")
	}
	p.expect("==")
	s.body = p.expr()
	return s
}

// postfix reads what follows an operand: primes, fields, arguments of functions.
func (p *parser) postfix(x *node) *node {
	for {
		switch {
		case p.is("'"):
			y := p.node("'", x)
			p.advance()
			x = y
		case p.is("."):
			p.advance()
			x = p.node(".", x)
			x.text = p.name()
		case p.is("["):
			p.advance()
			x = p.node("apply", x, p.expr())
			p.expect("]")
		default:
			return x
		}
	}
}

func (p *parser) primary() *node {
	if p.tok.kind == endToken || p.tok.col <= p.limit {
		p.fail("an expression is missing before %q", p.tok.text)
	}
	t := p.tok
	switch t.kind {
	case numberToken:
		x := p.node("number")
		x.num, _ = strconv.Atoi(t.text)
		p.advance()
		return x
	case stringToken:
		x := p.node("string")
		x.text = t.text
		p.advance()
		return x
	case nameToken:
		return p.reference()
	}
	switch t.text {
	case "(":
		p.advance()
		x := p.expr()
		p.expect(")")
		return p.group(x)
	case "{":
		return p.set()
	case "<<":
		x := p.node("tuple")
		p.advance()
		x.args = p.items(">>")
		return x
	case "[":
		return p.bracket()
	case "@":
		x := p.node("@")
		p.advance()
		return x
	}
	p.fail("%q begins no expression", t.text)
	return nil
}

// group marks what stands in parentheses, so that it is one operand.
func (p *parser) group(x *node) *node {
	y := p.node("()", x)
	return y
}

// reference reads a name with its arguments, or a fairness condition.
func (p *parser) reference() *node {
	x := p.node("name")
	x.text = p.tok.text
	p.advance()
	if v, ok := strings.CutPrefix(x.text, "WF_"); ok {
		x.op, x.text = "WF", v
		p.expect("(")
		x.args = []*node{p.expr()}
		p.expect(")")
		return x
	}
	if strings.HasPrefix(x.text, "SF_") {
		p.fail("SF_ is not read here")
	}
	if p.is("(") {
		p.advance()
		x.args = p.items(")")
	}
	return x
}

// items reads expressions up to a closing bracket.
func (p *parser) items(shut string) []*node {
	var all []*node
	if p.accept(shut) {
		return nil
	}
	for {
		all = append(all, p.expr())
		if !p.accept(",") {
			break
		}
	}
	p.expect(shut)
	return all
}

// set reads {a, b}, {x \in S : p} and {e : x \in S}.
func (p *parser) set() *node {
	x := p.node("set")
	p.advance()
	if p.accept("}") {
		return x
	}
	first := p.expr()
	switch {
	case p.accept(":"):
		if first.op == `\in` && first.args[0].op == "name" && len(first.args[0].args) == 0 {
			x.op = "filter"
			x.syms = []*symbol{{name: first.args[0].text, kind: boundSymbol}}
			x.args = []*node{first.args[1], p.expr()}
		} else {
			x.op = "map"
			syms, sets := p.binder()
			x.syms, x.args = syms, append(sets, first)
		}
		p.expect("}")
		return x
	case p.accept(","):
		x.args = append([]*node{first}, p.items("}")...)
		return x
	}
	p.expect("}")
	x.args = []*node{first}
	return x
}

// bracket reads a function, a record, a set of either, an update, or an action.
func (p *parser) bracket() *node {
	x := p.node("")
	p.advance()
	first := p.expr()
	switch {
	case p.is("|->") && first.op == `\in`:
		p.advance()
		x.op = "function"
		x.syms = []*symbol{{name: first.args[0].text, kind: boundSymbol}}
		x.args = []*node{first.args[1], p.expr()}
	case p.is("|->"):
		x.op = "record"
		p.fields(x, first, "|->")
	case p.is(":"):
		x.op = "records"
		p.fields(x, first, ":")
	case p.accept("->"):
		x.op = "functions"
		x.args = []*node{first, p.expr()}
	case p.accept("EXCEPT"):
		x.op = "EXCEPT"
		x.args = []*node{first}
		p.updates(x)
	case p.accept("]_"):
		x.op = "action"
		x.args = []*node{first}
		y := p.node("name")
		y.text = p.name()
		x.args = append(x.args, y)
		return x
	default:
		p.fail("%q in brackets", p.tok.text)
	}
	p.expect("]")
	return x
}

// fields reads the fields of a record; names are strings.
func (p *parser) fields(x *node, first *node, sign string) {
	for {
		if first.op != "name" || len(first.args) > 0 {
			p.fail("a field must have a name")
		}
		key := p.node("string")
		key.text = first.text
		p.expect(sign)
		x.args = append(x.args, key, p.expr())
		if !p.accept(",") {
			return
		}
		first = p.postfix(p.primary())
	}
}

// updates reads !.a = x and ![i] = x, one step deep or more: args are path nodes and values in turn.
func (p *parser) updates(x *node) {
	for {
		p.expect("!")
		path := p.node("path")
		for {
			if p.accept(".") {
				key := p.node("string")
				key.text = p.name()
				path.args = append(path.args, key)
			} else if p.accept("[") {
				path.args = append(path.args, p.expr())
				p.expect("]")
			} else {
				break
			}
		}
		p.expect("=")
		x.args = append(x.args, path, p.expr())
		if !p.accept(",") {
			return
		}
	}
}

// module is what stands in a file.
type module struct {
	name    string
	extends []string
	decls   []*symbol
	file    string
}

// parseModule reads a module, whose name must be that of its file.
func parseModule(file, src string) *module {
	p := newParser(file, src)
	m := &module{file: file}
	p.expect("----")
	p.expect("MODULE")
	m.name = p.name()
	p.expect("----")
	if m.name+".tla" != file {
		p.fail("module %s stands in %s", m.name, file)
	}
	if p.accept("EXTENDS") {
		m.extends = p.declared()
	}
	for !p.is("====") {
		switch {
		case p.accept("CONSTANT"), p.accept("CONSTANTS"):
			m.declare(p, constantSymbol)
		case p.accept("VARIABLE"), p.accept("VARIABLES"):
			m.declare(p, variableSymbol)
		case p.accept("----"):
		default:
			m.decls = append(m.decls, p.definition())
		}
	}
	return m
}

func (p *parser) declared() []string {
	names := []string{p.name()}
	for p.accept(",") {
		names = append(names, p.name())
	}
	return names
}

func (m *module) declare(p *parser, kind symbolKind) {
	for _, n := range p.declared() {
		m.decls = append(m.decls, &symbol{name: n, kind: kind, line: p.tok.line})
	}
}
