package modelcheck

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// view is what a behaviour of another tool shows of the states of an instance.
type view struct {
	in      *machine.Instance
	opt     *FollowOptions
	globals []shown
	pc      []string // path of the variable with the places
	slots   []seen
	ignored []string // variables of the file that are not compared, with the reason
	missing []string // globals that the file does not show
}

// shown is a global that the file shows, under a path of fields.
type shown struct {
	global *machine.Global
	path   []string
}

// observation is one state of the file.
type observation struct {
	vals   []machine.Val // by view.globals; machine.Open for a value that the global never has
	texts  []string      // as the file has them
	places []*spot       // by view.slots
}

// newView finds out which variables of a file are which of the spec.
func newView(in *machine.Instance, b *itf.Trace, opt *FollowOptions) (*view, error) {
	v := &view{in: in, opt: opt}
	leaves := v.leaves(b)
	used := map[string]bool{}
	for _, g := range in.Globals {
		if leaf := leafOf(leaves, g.Name()); leaf != "" && !used[leaf] {
			used[leaf] = true
			v.globals = append(v.globals, shown{g, strings.Split(leaf, pathSep)})
		} else {
			v.missing = append(v.missing, g.Name())
		}
	}
	pc := leafOf(leaves, in.PlacesName())
	if pc != "" && !used[pc] {
		used[pc] = true
		v.places(b, strings.Split(pc, pathSep))
	} else {
		v.missing = append(v.missing, in.PlacesName())
	}
	v.ignore(leaves, used)
	if len(v.globals) == 0 {
		return nil, fmt.Errorf("no variable of the file is one of %s: it has %s; --name theirs=ours tells which is which",
			in.Info.Name, strings.Join(mapped(slices.Sorted(maps.Keys(leaves)), spoken), ", "))
	}
	return v, nil
}

// ignore lists what is not compared: variables as a whole where nothing of them is.
func (v *view) ignore(leaves map[string]string, used map[string]bool) {
	partly := map[string]bool{}
	for l := range used {
		partly[strings.Split(l, pathSep)[0]] = true
	}
	for _, l := range slices.Sorted(maps.Keys(leaves)) {
		name := strings.Split(l, pathSep)[0]
		if partly[name] {
			name = spoken(l)
		}
		if text := name + ": " + v.why(l); !used[l] && !slices.Contains(v.ignored, text) {
			v.ignored = append(v.ignored, text)
		}
	}
}

// why says why a variable is not compared.
func (v *view) why(leaf string) string {
	if slices.Contains(v.opt.Ignore, spoken(leaf)) || slices.Contains(v.opt.Ignore, strings.Split(leaf, pathSep)[0]) {
		return "not to be compared"
	}
	return "nothing of " + v.in.Info.Name + " bears that name"
}

func mapped(list []string, f func(string) string) []string {
	var out []string
	for _, s := range list {
		out = append(out, f(s))
	}
	return out
}

// pathSep stands between a variable and the fields of the records in it; it is in no name.
const pathSep = "\x00"

// spoken writes a path for people.
func spoken(path string) string { return strings.ReplaceAll(path, pathSep, ".") }

// leaves gives the variables of a file, and the fields of those that are records in the first state, each
// with the name to look for; "" if it is to be ignored.
func (v *view) leaves(b *itf.Trace) map[string]string {
	all := map[string]string{}
	var walk func(path string, x itf.Value)
	walk = func(path string, x itf.Value) {
		name := spoken(path)
		if ours, ok := v.opt.Names[name]; ok {
			all[path] = ours
			return
		}
		if slices.Contains(v.opt.Ignore, name) {
			all[path] = ""
			return
		}
		if _, ok := x.(itf.Set); ok && v.memberships(path, all) {
			return
		}
		rec, isRecord := x.(itf.Record)
		if f, ok := function(x); ok && !isRecord && leafName(path) != v.in.PlacesName() {
			rec, isRecord = f, true
		}
		if _, tagged := variant(x); !isRecord || tagged || len(rec) == 0 || leafName(path) == v.in.PlacesName() {
			all[path] = name
			return
		}
		for f, y := range rec {
			walk(path+pathSep+f, y)
		}
	}
	for _, name := range slices.Concat(b.Params, b.Vars) {
		walk(name, b.States[0].Values[name])
	}
	return all
}

// memberships adds a leaf for everything that a set can have in it, if it is one of those in which TLA+ keeps what is
// held, active, pending or running.
func (v *view) memberships(path string, all map[string]string) bool {
	kinds := map[string]machine.GlobalKind{
		"held": machine.MutexGlobal, "active": machine.WakeupGlobal, "pending": machine.PendingGlobal, "running": machine.RunningGlobal,
	}
	kind, ok := kinds[leafName(path)]
	for _, g := range v.in.Globals {
		if ok && g.Kind == kind && !v.in.Counted(g) {
			leaf := path + pathSep + g.Object.Name
			all[leaf] = spoken(leaf)
		}
	}
	return ok
}

// leafName is the last part of a path, without what notations put around it.
func leafName(path string) string { return plainName(path[strings.LastIndex(path, pathSep)+1:]) }

// variant gives the tag of a value of a sum type.
func variant(x itf.Value) (string, bool) {
	rec, ok := x.(itf.Record)
	if !ok || len(rec) > 2 {
		return "", false
	}
	tag, ok := rec["tag"].(itf.String)
	_, has := rec["value"]
	return string(tag), ok && (has || len(rec) == 1)
}

// plainName takes away what notations put around names: the module before ::, what stands for a dot, and _ behind
// words that are reserved there.
func plainName(name string) string {
	if i := strings.LastIndex(name, "::"); i >= 0 {
		name = name[i+2:]
	}
	return strings.TrimRight(strings.ReplaceAll(name, ".", "_"), "_")
}

// leafOf gives the leaf for a name of the spec, "" if there is none: one of the same name, else one whose name
// is written otherwise, else one within a record that holds the whole state.
func leafOf(leaves map[string]string, name string) string {
	tests := []func(leaf string) bool{
		func(leaf string) bool { return leaf == name },
		func(leaf string) bool { return plainName(leaf) == plainName(name) },
		func(leaf string) bool {
			_, rest, ok := strings.Cut(leaf, ".")
			return ok && plainName(rest) == plainName(name)
		},
		func(leaf string) bool { // what is pending and the like, and whether the subject has ended
			what, who, ok := strings.Cut(leaf, ".")
			return ok && who+"."+what == name || strings.HasSuffix(name, "."+plainName(leaf)) && plainName(leaf) == "ended"
		},
	}
	for _, same := range tests {
		for _, path := range slices.Sorted(maps.Keys(leaves)) {
			if leaves[path] != "" && same(leaves[path]) {
				return path
			}
		}
	}
	return ""
}

// at follows a path of fields, arguments of functions and elements of sets.
func at(values map[string]itf.Value, path []string) (itf.Value, bool) {
	var x itf.Value = itf.Record(values)
	for _, f := range path {
		if set, ok := x.(itf.Set); ok {
			x = itf.Bool(slices.ContainsFunc(set, func(e itf.Value) bool { s, is := e.(itf.String); return is && string(s) == f }))
			continue
		}
		rec, ok := function(x)
		if !ok || rec[f] == nil {
			return nil, false
		}
		x = rec[f]
	}
	return x, true
}

// observe reads state i of a file. The error is about values that are of another kind than the spec's.
func (v *view) observe(name string, b *itf.Trace, i int) (*observation, error) {
	s := &b.States[i]
	fail := func(path []string, what string) error {
		return &itf.Error{File: name, Line: s.Line, Path: fmt.Sprintf("$.states[%d].%s", i, strings.Join(path, ".")), What: what}
	}
	o := &observation{}
	for _, g := range v.globals {
		x, ok := at(s.Values, g.path)
		if !ok {
			return nil, fail(g.path, "this is missing, although the first state has it")
		}
		val, err := v.val(g.global, x)
		if err != nil {
			return nil, fail(g.path, err.Error()+"; --ignore "+strings.Join(g.path, ".")+" leaves it out")
		}
		o.vals = append(o.vals, val)
		o.texts = append(o.texts, text(x))
	}
	var missing string
	if o.places, missing = v.observePlaces(s.Values); missing != "" {
		return nil, fail(v.pc, missing+" is missing, although the first state has it")
	}
	return o, nil
}

// val reads a value of a global: machine.Open if the global never has it.
func (v *view) val(g *machine.Global, x itf.Value) (machine.Val, error) {
	switch {
	case isNumber(v.in.Machine, g):
		n, ok := x.(itf.Int)
		if !ok {
			return 0, v.kind(g, x, "a number")
		}
		if i, err := strconv.ParseInt(string(n), 10, 32); err == nil {
			return machine.Val(i), nil
		}
		return machine.Open, nil
	case g.Kind > machine.VarGlobal || g.Object.Type.Kind == check.BoolType:
		t, ok := x.(itf.Bool)
		if !ok {
			return 0, v.kind(g, x, "a truth value")
		}
		return machine.Val(truth(bool(t))), nil
	}
	word, ok := variant(x)
	if s, isString := x.(itf.String); isString {
		word, ok = string(s), true
	}
	if !ok {
		return 0, v.kind(g, x, "a member of "+g.Object.Type.Enum.Name)
	}
	return member(g.Object.Type.Enum, word), nil
}

func (v *view) kind(g *machine.Global, x itf.Value, want string) error {
	return errors.New("this is " + itf.Kind(x) + ", but " + g.Name() + " of " + v.in.Info.Name + " is " + want)
}

// member gives the index of a member, also as Apalache names the values of a type of its own, CRASHED_OF_STATE.
func member(e *check.Enum, word string) machine.Val {
	short, _, _ := strings.Cut(word, "_OF_")
	for _, w := range []string{word, strings.TrimRight(word, "_"), short} {
		for i, m := range e.Members {
			if m.Name == w {
				return machine.Val(i)
			}
		}
	}
	return machine.Open
}

// text writes a value on a line.
func text(x itf.Value) string {
	switch y := x.(type) {
	case itf.Bool:
		return strconv.FormatBool(bool(y))
	case itf.String:
		return string(y)
	case itf.Int:
		return string(y)
	}
	if tag, ok := variant(x); ok {
		return tag
	}
	return itf.Kind(x)
}

// shows tells whether a state is one that the file shows so.
func (v *view) shows(o *observation, s State) bool {
	for i, g := range v.globals {
		if s[g.global.Index] != o.vals[i] {
			return false
		}
	}
	for i, k := range v.slots {
		if !v.stands(o.places[i], s, k.slot) {
			return false
		}
	}
	return true
}
