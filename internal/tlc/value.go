package tlc

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kind is what a value is. TLC refuses to compare values of different kinds, and so does this.
type kind uint8

const (
	boolKind kind = iota
	intKind
	stringKind
	setKind
	functionKind // records and tuples, too
)

var kindNames = [...]string{"a truth value", "a number", "a string", "a set", "a function"}

// Value is a value of TLA+. Equal values are one: a pool keeps them.
type Value struct {
	id    uint32
	kind  kind
	num   int
	text  string
	elems []*Value // of a set; of a function, the arguments, in the order of the pool
	vals  []*Value // of a function
}

// pool makes values.
type pool struct {
	byKey map[string]*Value
	key   []byte
	yes   *Value
	no    *Value
}

func newPool() *pool {
	p := &pool{byKey: map[string]*Value{}}
	p.no, p.yes = p.scalar(boolKind, 0, ""), p.scalar(boolKind, 1, "")
	return p
}

// intern gives the value that v is equal to.
func (p *pool) intern(v *Value) *Value {
	p.key = append(p.key[:0], byte(v.kind))
	p.key = binary.AppendVarint(p.key, int64(v.num))
	p.key = append(p.key, v.text...)
	for _, e := range v.elems {
		p.key = binary.LittleEndian.AppendUint32(p.key, e.id)
	}
	for _, e := range v.vals {
		p.key = binary.LittleEndian.AppendUint32(p.key, e.id)
	}
	if old := p.byKey[string(p.key)]; old != nil {
		return old
	}
	v.id = uint32(len(p.byKey))
	p.byKey[string(p.key)] = v
	return v
}

func (p *pool) scalar(k kind, n int, s string) *Value {
	return p.intern(&Value{kind: k, num: n, text: s})
}

func (p *pool) boolean(b bool) *Value {
	if b {
		return p.yes
	}
	return p.no
}

func (p *pool) integer(n int) *Value { return p.scalar(intKind, n, "") }
func (p *pool) str(s string) *Value  { return p.scalar(stringKind, 0, s) }

func byID(a, b *Value) int { return cmp.Compare(a.id, b.id) }

// set makes a set; its elements must be comparable.
func (p *pool) set(elems []*Value) *Value {
	for _, e := range elems[min(1, len(elems)):] {
		mustCompare(elems[0], e)
	}
	elems = slices.Clone(elems)
	slices.SortFunc(elems, byID)
	return p.intern(&Value{kind: setKind, elems: slices.Compact(elems)})
}

// function makes a function from arguments to values.
func (p *pool) function(args, vals []*Value) *Value {
	order := make([]int, len(args))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return byID(args[i], args[j]) })
	v := &Value{kind: functionKind, num: len(args)}
	for _, i := range order {
		v.elems, v.vals = append(v.elems, args[i]), append(v.vals, vals[i])
	}
	return p.intern(v)
}

// tuple makes a sequence.
func (p *pool) tuple(vals []*Value) *Value {
	var args []*Value
	for i := range vals {
		args = append(args, p.integer(i+1))
	}
	return p.function(args, vals)
}

// at gives where an argument is, false if it is none.
func (v *Value) at(arg *Value) (int, bool) { return slices.BinarySearchFunc(v.elems, arg, byID) }

// except gives the function that differs at one argument.
func (p *pool) except(f *Value, i int, val *Value) *Value {
	if f.vals[i] == val {
		return f
	}
	vals := slices.Clone(f.vals)
	vals[i] = val
	return p.intern(&Value{kind: functionKind, num: f.num, elems: f.elems, vals: vals})
}

// mustCompare panics where TLC would refuse to compare.
func mustCompare(a, b *Value) {
	if a.kind != b.kind {
		panic(fmt.Sprintf("%s (%s) is compared with %s (%s)", a, kindNames[a.kind], b, kindNames[b.kind]))
	}
	if a.kind == setKind && len(a.elems) > 0 && len(b.elems) > 0 {
		mustCompare(a.elems[0], b.elems[0])
	}
	if a.kind == functionKind && slices.Equal(a.elems, b.elems) {
		for i := range a.vals {
			mustCompare(a.vals[i], b.vals[i])
		}
	}
}

// String writes a value as TLA+ does.
func (v *Value) String() string {
	switch v.kind {
	case boolKind:
		return strings.ToUpper(strconv.FormatBool(v.num == 1))
	case intKind:
		return strconv.Itoa(v.num)
	case stringKind:
		return strconv.Quote(v.text)
	case setKind:
		var parts []string
		for _, e := range v.elems {
			parts = append(parts, e.String())
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	var parts []string
	for i, e := range v.elems {
		parts = append(parts, e.String()+" :> "+v.vals[i].String())
	}
	slices.Sort(parts)
	return "(" + strings.Join(parts, " @@ ") + ")"
}
