// Package itf reads and writes behaviours in the Informal Trace Format of Apalache and Quint, as ADR-015 of
// Apalache describes it: a JSON object with the names of the variables, a list of states that give each of
// them a value, and, for a behaviour that goes on for ever, the state that comes after the last one again.
package itf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// Trace is a behaviour.
type Trace struct {
	Meta   map[string]any // free comments on the whole, of JSON's kinds; nil if there are none
	Params []string       // constants: only the first state has to give them
	Vars   []string
	States []State
	Loop   int // number of the state that comes after the last one again; −1 if nothing is said of that
}

// State is a value for every variable. Line is where it begins in the file that it was read from, 0 if it was not.
type State struct {
	Line   int
	Meta   map[string]any
	Values map[string]Value
}

// Value is one of Bool, String, Int, List, Tuple, Set, Map, Record and Opaque.
type Value interface{ value() }

// The kinds of value.
type (
	Bool   bool
	String string
	Int    string // decimal, without a sign but −, without leading zeros
	List   []Value
	Tuple  []Value
	Set    []Value    // in the order of the file
	Map    [][2]Value // a function, as pairs of argument and value
	Record map[string]Value
	Opaque string // what the tool that wrote the file could not write down, in its words
)

func (Bool) value()   {}
func (String) value() {}
func (Int) value()    {}
func (List) value()   {}
func (Tuple) value()  {}
func (Set) value()    {}
func (Map) value()    {}
func (Record) value() {}
func (Opaque) value() {}

// Integer gives the value of a number.
func Integer(n int) Int { return Int(strconv.Itoa(n)) }

// Kind says in words what a value is.
func Kind(v Value) string {
	switch v.(type) {
	case Bool:
		return "a truth value"
	case String:
		return "a string"
	case Int:
		return "a number"
	case List:
		return "a list"
	case Tuple:
		return "a tuple"
	case Set:
		return "a set"
	case Map:
		return "a function"
	case Record:
		return "a record"
	}
	return "nothing that can be read"
}

// marshal writes a truth value, string, list or record as JSON's own, and all others as an object with
// one field that begins with #.
func marshal(v Value) any {
	switch x := v.(type) {
	case Bool:
		return bool(x)
	case String:
		return string(x)
	case Int:
		return map[string]string{"#bigint": string(x)}
	case List:
		return all(x)
	case Tuple:
		return map[string]any{"#tup": all(x)}
	case Set:
		return map[string]any{"#set": all(x)}
	case Map:
		pairs := [][2]any{}
		for _, p := range x {
			pairs = append(pairs, [2]any{marshal(p[0]), marshal(p[1])})
		}
		return map[string]any{"#map": pairs}
	case Record:
		fields := map[string]any{}
		for name, f := range x {
			fields[name] = marshal(f)
		}
		return fields
	case Opaque:
		return map[string]string{"#unserializable": string(x)}
	}
	panic(fmt.Sprintf("itf: value %T", v))
}

func all(vs []Value) []any {
	list := []any{}
	for _, v := range vs {
		list = append(list, marshal(v))
	}
	return list
}

// Marshal writes the behaviour, with a line for every state. Meta has to be of kinds that JSON knows.
func (t *Trace) Marshal() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if t.Meta != nil {
		if err := field(&b, "#meta", t.Meta); err != nil {
			return nil, err
		}
	}
	if len(t.Params) > 0 {
		if err := field(&b, "params", t.Params); err != nil {
			return nil, err
		}
	}
	if err := field(&b, "vars", append([]string{}, t.Vars...)); err != nil {
		return nil, err
	}
	if t.Loop >= 0 {
		fmt.Fprintf(&b, "\"loop\":%d,\n", t.Loop)
	}
	b.WriteString(`"states":[`)
	for i := range t.States {
		if err := t.States[i].write(&b, i); err != nil {
			return nil, err
		}
	}
	b.WriteString("\n]}\n")
	return b.Bytes(), nil
}

func field(b *bytes.Buffer, name string, v any) error {
	text, err := json.Marshal(v)
	fmt.Fprintf(b, "%q:%s,\n", name, text)
	return err
}

func (s *State) write(b *bytes.Buffer, i int) error {
	if i > 0 {
		b.WriteByte(',')
	}
	object := map[string]any{}
	for name, v := range s.Values {
		object[name] = marshal(v)
	}
	if s.Meta != nil {
		object["#meta"] = s.Meta
	}
	text, err := json.Marshal(object)
	b.WriteByte('\n')
	b.Write(text)
	return err
}
