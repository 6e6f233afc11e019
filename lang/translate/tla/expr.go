package tla

import (
	"strconv"
	"strings"
)

// width is how far a line goes.
const width = 100

// expr is an expression of TLA+: it can be written in one line, or laid out over several.
type expr interface {
	flat() string
	level() int              // how tightly it binds: a weaker operand stands in parentheses
	lines(room int) []string // in at most room columns as far as it can be broken
}

// How tightly operators bind, loosest first. TLA+ has no order between some of them; where a reader would have
// to look it up, operands stand in parentheses.
const (
	quantLevel = iota // IF, LET, \E, \A: as far to the right as possible
	leadsLevel
	impliesLevel
	junctionLevel
	notLevel
	compareLevel
	setLevel
	sumLevel
	minusLevel
	atomLevel
)

// atom is a name, a literal, or a text that needs no parentheses.
type atom string

func (a atom) flat() string       { return string(a) }
func (a atom) level() int         { return atomLevel }
func (a atom) lines(int) []string { return []string{string(a)} }

func number(n int) expr {
	if n < 0 {
		return raw{strconv.Itoa(n), minusLevel}
	}
	return atom(strconv.Itoa(n))
}

func text(s string) expr { return atom(`"` + s + `"`) }

// raw is a text of which only the level is known.
type raw struct {
	text string
	at   int
}

func (r raw) flat() string       { return r.text }
func (r raw) level() int         { return r.at }
func (r raw) lines(int) []string { return []string{r.text} }

// inside writes an operand in one line, in parentheses if it binds no tighter than at.
func inside(e expr, at int) string {
	if e.level() <= at {
		return "(" + e.flat() + ")"
	}
	return e.flat()
}

// operation is an operator between two operands, or before one.
type operation struct {
	op   string
	at   int
	a, b expr // a is nil for a prefix
}

func (o operation) flat() string {
	if o.a == nil {
		return o.op + inside(o.b, o.at)
	}
	return inside(o.a, o.at) + " " + o.op + " " + inside(o.b, o.at)
}

func (o operation) level() int { return o.at }

// lines breaks after the operator, or within the right operand.
func (o operation) lines(room int) []string {
	if fits(o, room) {
		return []string{o.flat()}
	}
	if o.a == nil {
		return wrapped(o.op, o.b, o.at, room)
	}
	left := wrapped("", o.a, o.at, room)
	if len(left) > 1 && o.a.level() > o.at {
		left = wrapped("", o.a, atomLevel, room) // what follows a list in its last line would belong to its last item
	}
	left[len(left)-1] += " " + o.op
	head := left[len(left)-1] + " "
	if right := wrapped(head, o.b, o.at, room); len(left) == 1 && len(head) < room/2 && longest(right) <= room {
		return right
	}
	return append(left, indent("  ", wrapped("", o.b, o.at, room-2))...)
}

// wrapped lays out an operand behind a head, in parentheses where needed.
func wrapped(head string, e expr, at, room int) []string {
	tail := ""
	if e.level() <= at {
		head, tail = head+"(", ")"
	}
	ls := hang(head, e.lines(room-len(head)-len(tail)))
	ls[len(ls)-1] += tail
	return ls
}

// hang puts lines behind a head: the first beside it, the others below its end.
func hang(head string, ls []string) []string {
	out := []string{head + ls[0]}
	return append(out, indent(strings.Repeat(" ", len(head)), ls[1:])...)
}

func indent(by string, ls []string) []string {
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = by + l
	}
	return out
}

func longest(ls []string) int {
	n := 0
	for _, l := range ls {
		n = max(n, len(l))
	}
	return n
}

func fits(e expr, room int) bool { return len(e.flat()) <= room }

// junction is a conjunction or disjunction of several.
type junction struct {
	op    string // /\ or \/
	items []expr
}

// all is the conjunction of what is not trivially true.
func all(items ...expr) expr { return junct(`/\`, truth, falsity, items) }

// some is the disjunction of what is not trivially false.
func some(items ...expr) expr { return junct(`\/`, falsity, truth, items) }

var truth, falsity = atom("TRUE"), atom("FALSE")

// junct leaves out neutral items; one that decides makes up the whole.
func junct(op string, neutral, decides atom, items []expr) expr {
	var keep []expr
	for _, e := range items {
		j, same := e.(junction)
		switch {
		case e == expr(neutral):
		case e == expr(decides):
			return decides
		case same && j.op == op:
			keep = append(keep, j.items...)
		default:
			keep = append(keep, e)
		}
	}
	switch len(keep) {
	case 0:
		return neutral
	case 1:
		return keep[0]
	}
	return junction{op, keep}
}

func (j junction) flat() string {
	var parts []string
	for _, e := range j.items {
		parts = append(parts, inside(e, junctionLevel))
	}
	return strings.Join(parts, " "+j.op+" ")
}

func (j junction) level() int { return junctionLevel }

// lines makes a list with the operator before every item.
func (j junction) lines(room int) []string {
	if fits(j, room) {
		return []string{j.flat()}
	}
	return j.list(room)
}

func (j junction) list(room int) []string {
	var ls []string
	for _, e := range j.items {
		ls = append(ls, hang(j.op+" ", e.lines(room-3))...)
	}
	return ls
}

// choice is IF c THEN a ELSE b.
type choice struct{ c, a, b expr }

func (c choice) flat() string {
	return "IF " + c.c.flat() + " THEN " + c.a.flat() + " ELSE " + c.b.flat()
}

func (c choice) level() int { return quantLevel }

func (c choice) lines(room int) []string {
	if fits(c, room) {
		return []string{c.flat()}
	}
	if short := "IF " + c.c.flat() + " THEN " + c.a.flat(); len(short) <= room {
		return append([]string{short}, c.otherwise(room)...)
	}
	ls := hang("IF ", c.c.lines(room-3))
	ls = append(ls, hang("THEN ", c.a.lines(room-5))...)
	return append(ls, hang("ELSE ", c.b.lines(room-5))...)
}

// otherwise writes the ELSE part; one IF after another needs no deeper indentation.
func (c choice) otherwise(room int) []string {
	ls := c.b.lines(room - 5)
	if _, again := c.b.(choice); again {
		ls[0] = "ELSE " + ls[0]
		return ls
	}
	return hang("ELSE ", ls)
}

// bound is a quantifier, or another construct that binds names, before a body.
type bound struct {
	head string // such as \E x \in S :
	body expr
}

func (b bound) flat() string { return b.head + " " + b.body.flat() }
func (b bound) level() int   { return quantLevel }

func (b bound) lines(room int) []string {
	if fits(b, room) {
		return []string{b.flat()}
	}
	return append([]string{b.head}, indent("  ", b.body.lines(room-2))...)
}

// list is items in brackets: a set, a tuple, a record, the arguments of an operator.
type list struct {
	open, shut string
	items      []expr
}

func set(items ...expr) expr   { return list{"{", "}", items} }
func tuple(items ...expr) expr { return list{"<<", ">>", items} }

// call applies an operator.
func call(name string, args ...expr) expr {
	if len(args) == 0 {
		return atom(name)
	}
	return list{name + "(", ")", args}
}

func (l list) flat() string {
	parts := make([]string, len(l.items))
	for i, e := range l.items {
		parts[i] = e.flat()
	}
	return l.open + strings.Join(parts, ", ") + l.shut
}

func (l list) level() int { return atomLevel }

// lines fills lines with short items, and gives long ones lines of their own.
func (l list) lines(room int) []string {
	if fits(l, room) {
		return []string{l.flat()}
	}
	by, head := strings.Repeat(" ", len(l.open)), l.open
	if len(l.open) > room/3 {
		by = "    "
	}
	var ls []string
	for i, e := range l.items {
		tail := ", "
		if i == len(l.items)-1 {
			tail = l.shut
		}
		if len(head)+len(e.flat())+len(strings.TrimRight(tail, " ")) > room && (i > 0 || len(l.open) > 8) && (short(e, room-len(by)) || len(head) > room/3) {
			if i == 0 {
				by = "    "
			}
			ls, head = append(ls, strings.TrimRight(head, " ")), by
		}
		item := hang(head, e.lines(room-len(head)-len(tail)))
		if longest(item) > room && len(head) > 8 {
			ls, head, by = append(ls, strings.TrimRight(head, " ")), "    ", "    "
			item = hang(head, e.lines(room-len(head)-len(tail)))
		}
		ls, head = append(ls, item[:len(item)-1]...), item[len(item)-1]+tail
	}
	return append(ls, head)
}

// short tells whether an item of a list fits into a line of its own.
func short(e expr, room int) bool {
	_, split := e.(choice)
	return !split && fits(e, room)
}

// named is a field of a record constructor: name |-> value, or an update of one.
type named struct {
	head string // with its arrow or equals sign
	val  expr
}

func (n named) flat() string { return n.head + " " + n.value().flat() }
func (n named) level() int   { return quantLevel }
func (n named) lines(room int) []string {
	ls := hang(n.head+" ", n.value().lines(room-len(n.head)-1))
	if longest(ls) > room {
		return append([]string{n.head}, indent("  ", n.value().lines(room-2))...)
	}
	return ls
}

// value is the value, in parentheses where it would be hard to read behind an equals sign.
func (n named) value() expr {
	if l := n.val.level(); strings.HasSuffix(n.head, "=") && l > quantLevel && l <= compareLevel {
		return list{"(", ")", []expr{n.val}}
	}
	return n.val
}

// record writes [a |-> x, b |-> y].
func record(fields ...expr) expr { return list{"[", "]", fields} }

// except writes [f EXCEPT !.a = x].
func except(f string, updates ...expr) expr { return list{"[" + f + " EXCEPT ", "]", updates} }

func not(e expr) expr {
	switch x := e.(type) {
	case operation:
		if op := opposite[x.op]; op != "" && x.a != nil {
			return operation{op, x.at, x.a, x.b}
		}
		if x.op == "~" {
			return x.b
		}
	case atom:
		switch x {
		case truth:
			return falsity
		case falsity:
			return truth
		}
	}
	return operation{op: "~", at: notLevel, b: e}
}

var opposite = map[string]string{
	"=": "#", "#": "=", `\in`: `\notin`, `\notin`: `\in`, "<": ">=", ">=": "<", ">": "<=", "<=": ">",
}

func compare(a expr, op string, b expr) expr { return operation{op, compareLevel, a, b} }
func union(a, b expr) expr                   { return operation{`\cup`, setLevel, a, b} }
func implies(a, b expr) expr                 { return operation{"=>", impliesLevel, a, b} }

// chain joins several operands with one operator that needs no parentheses among them.
type chain struct {
	op    string
	at    int
	items []expr
}

func unions(items []expr) expr {
	switch len(items) {
	case 0:
		return set()
	case 1:
		return items[0]
	}
	return chain{`\cup`, setLevel, items}
}

func (c chain) flat() string {
	var parts []string
	for _, e := range c.items {
		parts = append(parts, inside(e, c.at))
	}
	return strings.Join(parts, " "+c.op+" ")
}

func (c chain) level() int { return c.at }

// lines gives every operand a line, the operator at the end of the one before.
func (c chain) lines(room int) []string {
	if fits(c, room) {
		return []string{c.flat()}
	}
	var ls []string
	for i, e := range c.items {
		item := wrapped("", e, c.at, room-len(c.op)-3)
		if i < len(c.items)-1 {
			item[len(item)-1] += " " + c.op
		}
		if i > 0 {
			item = indent("  ", item)
		}
		ls = append(ls, item...)
	}
	return ls
}

// cases is CASE c -> x [] d -> y.
type cases struct{ arms []arm }

type arm struct{ cond, value expr }

func (c cases) flat() string {
	var parts []string
	for _, a := range c.arms {
		parts = append(parts, a.cond.flat()+" -> "+a.value.flat())
	}
	return "CASE " + strings.Join(parts, " [] ")
}

func (c cases) level() int { return quantLevel }

// lines gives every arm a line.
func (c cases) lines(room int) []string {
	if fits(c, room) {
		return []string{c.flat()}
	}
	var ls []string
	head := "CASE "
	for _, a := range c.arms {
		cond := hang(head, a.cond.lines(room-len(head)-3))
		last := cond[len(cond)-1] + " -> "
		arm := hang(last, a.value.lines(room-len(last)))
		if longest(arm) > room {
			arm = append([]string{strings.TrimRight(last, "-> ")}, hang("     -> ", a.value.lines(room-8))...)
		}
		ls = append(append(ls, cond[:len(cond)-1]...), arm...)
		head = "  [] "
	}
	return ls
}
