package itf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
)

// Bounds of what is read: how deep values are nested, and how long numbers are.
const (
	maxDepth  = 100
	maxDigits = 1000
)

// Error is what is wrong in a file, and where.
type Error struct {
	File string
	Line int
	Path string // JSON path, such as $.states[3].power; "" where the text is no JSON
	What string
}

func (e *Error) Error() string {
	where := ""
	if e.Path != "" {
		where = e.Path + ": "
	}
	return fmt.Sprintf("%s:%d: %s%s", e.File, e.Line, where, e.What)
}

// Read reads a behaviour. Every state gives a value to every variable and, from the first state on, to every
// parameter; names that neither vars nor params lists are kept. An error is an *Error, under the name given.
func Read(name string, text []byte) (*Trace, error) {
	r := &reader{file: name, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	r.dec.UseNumber()
	t, err := r.trace()
	if err != nil {
		return nil, r.located(err)
	}
	return t, nil
}

// reader walks over the tokens of the file.
type reader struct {
	file  string
	text  []byte
	dec   *json.Decoder
	depth int
	at    int // an offset, and the newlines before it
	lines int
}

// located makes an *Error of whatever went wrong.
func (r *reader) located(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var syn *json.SyntaxError
	at := r.dec.InputOffset()
	if errors.As(err, &syn) {
		at = syn.Offset
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, err = int64(len(r.text)), errors.New("the file ends in the middle")
	}
	if len(bytes.TrimSpace(r.text)) == 0 {
		at, err = 0, errors.New("the file is empty")
	}
	return &Error{File: r.file, Line: r.line(at), What: fmt.Sprintf("this is no JSON: %v", err)}
}

func (r *reader) line(offset int64) int {
	at := min(int(offset), len(r.text))
	if at < r.at {
		r.at, r.lines = 0, 0
	}
	r.lines += bytes.Count(r.text[r.at:at], []byte{'\n'})
	r.at = at
	return 1 + r.lines
}

// fail says what is wrong at a path.
func (r *reader) fail(path, format string, args ...any) error {
	return &Error{r.file, r.line(r.dec.InputOffset()), path, fmt.Sprintf(format, args...)}
}

// object reads the fields of an object whose beginning has been read.
func (r *reader) object(path string, field func(name, path string) error) error {
	seen := map[string]bool{}
	for r.dec.More() {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		name := tok.(string) // the decoder lets nothing else pass
		if seen[name] {
			return r.fail(path, "%s stands here twice", name)
		}
		seen[name] = true
		if err := field(name, path+"."+name); err != nil {
			return err
		}
	}
	_, err := r.dec.Token()
	return err
}

// list reads the elements of an array whose beginning has been read.
func (r *reader) list(path string, element func(path string) error) error {
	for i := 0; r.dec.More(); i++ {
		if err := element(fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	_, err := r.dec.Token()
	return err
}

// begin reads a token that has to open an object or an array.
func (r *reader) begin(path string, d json.Delim, want string) error {
	tok, err := r.dec.Token()
	if err != nil {
		return err
	}
	if tok != d {
		return r.fail(path, "this should be %s", want)
	}
	return nil
}

func (r *reader) trace() (*Trace, error) {
	t := &Trace{Loop: -1}
	if err := r.begin("$", '{', "an object with vars and states, as ITF has it"); err != nil {
		return nil, err
	}
	var vars, states bool
	err := r.object("$", func(name, path string) (err error) {
		switch name {
		case "#meta":
			t.Meta, err = r.meta(path)
		case "params":
			t.Params, err = r.names(path)
		case "vars":
			vars = true
			t.Vars, err = r.names(path)
		case "loop":
			t.Loop, err = r.number(path)
		case "states":
			states = true
			t.States, err = r.states(path)
		default:
			err = r.skip()
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case !vars:
		return nil, r.fail("$", "vars is missing, the list of the variables: is this an ITF file?")
	case !states:
		return nil, r.fail("$", "states is missing, the list of the states: is this an ITF file?")
	}
	if _, err := r.dec.Token(); err != io.EOF {
		return nil, r.fail("$", "something stands behind the behaviour; one file holds one")
	}
	return t, r.complete(t)
}

// complete checks what is said in several places of the file.
func (r *reader) complete(t *Trace) error {
	if len(t.States) == 0 {
		return r.fail("$.states", "there is no state; a behaviour has at least one")
	}
	if t.Loop < -1 || t.Loop >= len(t.States) {
		return r.fail("$.loop", "%d is no state: there are 0 to %d", t.Loop, len(t.States)-1)
	}
	for i := range t.States {
		s := &t.States[i]
		for _, p := range t.Params {
			if _, ok := s.Values[p]; !ok && i > 0 {
				s.Values[p] = t.States[0].Values[p]
			}
		}
		for _, v := range slices.Concat(t.Params, t.Vars) {
			if s.Values[v] == nil {
				return r.fail(fmt.Sprintf("$.states[%d]", i), "%s has no value here; every state gives one to all in vars", v)
			}
		}
	}
	return nil
}

func (r *reader) names(path string) ([]string, error) {
	var names []string
	if err := r.begin(path, '[', "a list of names"); err != nil {
		return nil, err
	}
	err := r.list(path, func(path string) error {
		tok, err := r.dec.Token()
		if err != nil {
			return err
		}
		name, ok := tok.(string)
		switch {
		case !ok:
			return r.fail(path, "this should be a name")
		case slices.Contains(names, name):
			return r.fail(path, "%s is listed twice", name)
		case strings.HasPrefix(name, "#"):
			return r.fail(path, "%s is no name: # begins the words of the format", name)
		}
		names = append(names, name)
		return nil
	})
	return names, err
}

func (r *reader) number(path string) (int, error) {
	tok, err := r.dec.Token()
	if err != nil {
		return 0, err
	}
	if n, ok := tok.(json.Number); ok {
		if i, err := n.Int64(); err == nil && i >= 0 && i < 1<<31 {
			return int(i), nil
		}
	}
	return 0, r.fail(path, "this should be the number of a state, from 0 on")
}

func (r *reader) meta(path string) (map[string]any, error) {
	var v any
	if err := r.dec.Decode(&v); err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, r.fail(path, "this should be an object")
	}
	return m, nil
}

func (r *reader) skip() error {
	var v json.RawMessage
	return r.dec.Decode(&v)
}

func (r *reader) states(path string) ([]State, error) {
	var all []State
	if err := r.begin(path, '[', "a list of states"); err != nil {
		return nil, err
	}
	err := r.list(path, func(path string) error {
		if err := r.begin(path, '{', "a state, which is an object"); err != nil {
			return err
		}
		s := State{Line: r.line(r.dec.InputOffset()), Values: map[string]Value{}}
		err := r.object(path, func(name, path string) (err error) {
			if name == "#meta" {
				s.Meta, err = r.meta(path)
				return err
			}
			s.Values[name], err = r.value(path)
			return err
		})
		all = append(all, s)
		return err
	})
	return all, err
}

// value reads an expression.
func (r *reader) value(path string) (Value, error) {
	tok, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	switch x := tok.(type) {
	case bool:
		return Bool(x), nil
	case string:
		return String(x), nil
	case json.Number:
		return r.integer(path, x.String())
	case json.Delim:
		if r.depth++; r.depth > maxDepth {
			return nil, r.fail(path, "values are nested deeper than %d", maxDepth)
		}
		defer func() { r.depth-- }()
		if x == '[' {
			vs, err := r.values(path)
			return List(vs), err
		}
		return r.record(path)
	}
	return nil, r.fail(path, "null is no value of the format")
}

// values reads what stands in an array whose beginning has been read.
func (r *reader) values(path string) ([]Value, error) {
	vs := []Value{}
	err := r.list(path, func(path string) error {
		v, err := r.value(path)
		vs = append(vs, v)
		return err
	})
	return vs, err
}

func (r *reader) integer(path, text string) (Value, error) {
	if len(text) <= maxDigits {
		if n, ok := new(big.Int).SetString(text, 10); ok && text[0] != '+' && !strings.Contains(text, "_") {
			return Int(n.String()), nil
		}
	}
	return nil, r.fail(path, "%.40q is no integer", text)
}

// record reads an object: a record, or what a single field that begins with # makes of it.
func (r *reader) record(path string) (Value, error) {
	rec := Record{}
	var special Value
	n := 0
	err := r.object(path, func(name, path string) (err error) {
		n++
		if strings.HasPrefix(name, "#") && name != "#meta" {
			special, err = r.special(name, path)
			return err
		}
		rec[name], err = r.value(path)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case special != nil && n > 1:
		return nil, r.fail(path, "a field that begins with # stands alone in its object")
	case special != nil:
		return special, nil
	}
	return rec, nil
}

// special reads the value of a field that begins with #.
func (r *reader) special(name, path string) (Value, error) {
	v, err := r.value(path)
	if err != nil {
		return nil, err
	}
	list, isList := v.(List)
	text, isText := v.(String)
	switch {
	case name == "#bigint" && isText:
		return r.integer(path, string(text))
	case name == "#unserializable" && isText:
		return Opaque(text), nil
	case name == "#tup" && isList:
		return Tuple(list), nil
	case name == "#set" && isList:
		return Set(list), nil
	case name == "#map" && isList:
		return r.pairs(list, path)
	case slices.Contains([]string{"#bigint", "#unserializable"}, name):
		return nil, r.fail(path, "this should be a string")
	case slices.Contains([]string{"#tup", "#set", "#map"}, name):
		return nil, r.fail(path, "this should be a list")
	}
	return nil, r.fail(path, "%s is no word of the format: there are #bigint, #tup, #set, #map and #unserializable", name)
}

func (r *reader) pairs(list List, path string) (Value, error) {
	m := Map{}
	for i, v := range list {
		p, ok := v.(List)
		if t, isTuple := v.(Tuple); isTuple {
			p, ok = List(t), true
		}
		if !ok || len(p) != 2 {
			return nil, r.fail(fmt.Sprintf("%s[%d]", path, i), "this should be a pair of an argument and a value")
		}
		m = append(m, [2]Value{p[0], p[1]})
	}
	return m, nil
}
