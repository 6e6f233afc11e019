package quint_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// mval is a value: bool, int, string, mlabel, mset, mmap or mrec.
type (
	mval   any
	mlabel string
	mset   []mval
	mmap   map[string]mval // by strings
	mrec   map[string]mval
	mfunc  struct {
		params []string
		body   *mnode
		env    map[string]mval
	}
)

// mkey writes a value so that equal ones are written alike.
func mkey(v mval) string {
	switch x := v.(type) {
	case mmap:
		return keyed("map", x)
	case mrec:
		return keyed("rec", x)
	case mset:
		var all []string
		for _, e := range x {
			all = append(all, mkey(e))
		}
		slices.Sort(all)
		return "set" + strings.Join(slices.Compact(all), ",")
	}
	return fmt.Sprintf("%T %v", v, v)
}

func keyed(what string, m map[string]mval) string {
	var b strings.Builder
	b.WriteString(what)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		b.WriteString("|" + k + "=" + mkey(m[k]))
	}
	return b.String()
}

// mstate evaluates in a state, with the next one for what is primed.
type mstate struct {
	*mmodule
	now, then map[string]mval
}

func (s *mstate) bool(n *mnode, env map[string]mval) bool { return s.eval(n, env).(bool) }

func (s *mstate) eval(n *mnode, env map[string]mval) mval {
	switch n.op {
	case "int":
		i, _ := strconv.Atoi(n.name)
		return i
	case "str":
		return n.name
	case "name":
		return s.named(n.name, env)
	case "lambda":
		return mfunc{n.keys, n.args[0], env}
	case "if":
		if s.bool(n.args[0], env) {
			return s.eval(n.args[1], env)
		}
		return s.eval(n.args[2], env)
	case "and":
		return !slices.ContainsFunc(n.args, func(a *mnode) bool { return !s.bool(a, env) })
	case "or":
		return slices.ContainsFunc(n.args, func(a *mnode) bool { return s.bool(a, env) })
	case "field":
		r, ok := s.eval(n.args[0], env).(mrec)[n.name]
		if !ok {
			panic("no field " + n.name)
		}
		return r
	case "record":
		return s.record(n, env)
	case "map":
		m := mmap{}
		for i := 0; i < len(n.args); i += 2 {
			m[s.eval(n.args[i], env).(string)] = s.eval(n.args[i+1], env)
		}
		return m
	case "infix":
		return s.infix(n, env)
	case "call":
		return s.call(n, env)
	}
	panic("no value: " + n.op)
}

func (s *mstate) named(name string, env map[string]mval) mval {
	if v, ok := env[name]; ok {
		return v
	}
	if v, ok := s.now[name]; ok {
		return v
	}
	switch {
	case name == "true" || name == "false":
		return name == "true"
	case name == "Bool":
		return mset{false, true}
	case s.labels[name]:
		return mlabel(name)
	case s.defs[name] == nil:
		panic("nothing is called " + name)
	}
	return s.eval(s.defs[name].body, nil)
}

func (s *mstate) record(n *mnode, env map[string]mval) mval {
	r := mrec{}
	for i, k := range n.keys {
		v := s.eval(n.args[i], env)
		if k == "..." {
			maps.Copy(r, v.(mrec))
			continue
		}
		r[k] = v
	}
	return r
}

func (s *mstate) infix(n *mnode, env map[string]mval) mval {
	a := s.eval(n.args[0], env)
	switch n.name {
	case "and":
		return a.(bool) && s.bool(n.args[1], env)
	case "or":
		return a.(bool) || s.bool(n.args[1], env)
	case "implies":
		return !a.(bool) || s.bool(n.args[1], env)
	}
	b := s.eval(n.args[1], env)
	if fmt.Sprintf("%T", a) != fmt.Sprintf("%T", b) {
		panic(fmt.Sprintf("%T %s %T", a, n.name, b))
	}
	switch n.name {
	case "==":
		return mkey(a) == mkey(b)
	case "!=":
		return mkey(a) != mkey(b)
	}
	x, y := a.(int), b.(int)
	return map[string]mval{"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "+": x + y, "-": x - y}[n.name]
}

// call calls a definition of the module or what Quint has.
func (s *mstate) call(n *mnode, env map[string]mval) mval {
	if n.name == "next" {
		return (&mstate{s.mmodule, s.then, nil}).eval(n.args[0], env)
	}
	var args []mval
	for _, a := range n.args {
		args = append(args, s.eval(a, env))
	}
	if d := s.defs[n.name]; d != nil {
		return s.eval(d.body, bound(d.params, args))
	}
	switch n.name {
	case "not":
		return !args[0].(bool)
	case "neg":
		return -args[0].(int)
	case "Set":
		return mset(args)
	case "to":
		var all mset
		for i := args[0].(int); i <= args[1].(int); i++ {
			all = append(all, i)
		}
		return all
	case "always":
		return args[0]
	}
	if m, ok := args[0].(mmap); ok {
		return s.mapCall(n.name, m, args)
	}
	return s.setCall(n.name, args[0].(mset), args)
}

func bound(params []string, args []mval) map[string]mval {
	if len(params) != len(args) {
		panic(fmt.Sprintf("%d arguments for %v", len(args), params))
	}
	env := map[string]mval{}
	for i, p := range params {
		env[p] = args[i]
	}
	return env
}

func (s *mstate) mapCall(name string, m mmap, args []mval) mval {
	old, ok := m[args[1].(string)]
	if !ok {
		panic(name + ": nothing at " + args[1].(string))
	}
	switch name {
	case "get":
		return old
	case "set":
		m = maps.Clone(m)
		m[args[1].(string)] = args[2]
		return m
	}
	panic("no function " + name)
}

func (s *mstate) setCall(name string, set mset, args []mval) mval {
	has := func(v mval) bool { return slices.ContainsFunc(set, func(e mval) bool { return mkey(e) == mkey(v) }) }
	apply := func(e mval) mval { return s.apply(args[1].(mfunc), e) }
	switch name {
	case "contains":
		return has(args[1])
	case "union":
		return slices.Concat(set, slices.DeleteFunc(slices.Clone(args[1].(mset)), has))
	case "exclude":
		return slices.DeleteFunc(slices.Clone(set), func(e mval) bool {
			return slices.ContainsFunc(args[1].(mset), func(x mval) bool { return mkey(x) == mkey(e) })
		})
	case "exists":
		return slices.ContainsFunc(set, func(e mval) bool { return apply(e).(bool) })
	case "forall":
		return !slices.ContainsFunc(set, func(e mval) bool { return !apply(e).(bool) })
	case "filter":
		return slices.DeleteFunc(slices.Clone(set), func(e mval) bool { return !apply(e).(bool) })
	case "size":
		return len(set)
	case "mapBy":
		m := mmap{}
		for _, e := range set {
			m[e.(string)] = apply(e)
		}
		return m
	}
	panic("no function " + name)
}

func (s *mstate) apply(f mfunc, v mval) mval {
	env := maps.Clone(f.env)
	if env == nil {
		env = map[string]mval{}
	}
	env[f.params[0]] = v
	return s.eval(f.body, env)
}

// act gives what an action assigns, in every way in which it can be taken after what is assigned already.
func (s *mstate) act(n *mnode, env, done map[string]mval) []map[string]mval {
	switch n.op {
	case "all":
		ways := []map[string]mval{done}
		for _, a := range n.args {
			var next []map[string]mval
			for _, w := range ways {
				next = append(next, s.act(a, env, w)...)
			}
			ways = next
		}
		return ways
	case "any":
		var ways []map[string]mval
		for _, a := range n.args {
			ways = append(ways, s.act(a, env, done)...)
		}
		return ways
	case "nondet":
		var ways []map[string]mval
		for _, v := range s.eval(n.args[0].args[0], env).(mset) {
			inner := maps.Clone(env)
			if inner == nil {
				inner = map[string]mval{}
			}
			inner[n.name] = v
			ways = append(ways, s.act(n.args[1], inner, done)...)
		}
		return ways
	case "assign":
		if _, twice := done[n.name]; twice {
			panic(n.name + " is assigned twice")
		}
		w := maps.Clone(done)
		w[n.name] = s.eval(n.args[0], env)
		return []map[string]mval{w}
	case "if":
		if s.bool(n.args[0], env) {
			return s.act(n.args[1], env, done)
		}
		return s.act(n.args[2], env, done)
	case "name", "call":
		if d := s.defs[n.name]; d != nil && d.kind == "action" {
			var args []mval
			for _, a := range n.args {
				args = append(args, s.eval(a, env))
			}
			return s.act(d.body, bound(d.params, args), done)
		}
	}
	if s.bool(n, env) {
		return []map[string]mval{done}
	}
	return nil
}

// successors gives the states after one, or the initial ones.
func (m *mmodule) successors(action string, now map[string]mval) []map[string]mval {
	s := &mstate{m, now, nil}
	var all []map[string]mval
	for _, w := range s.act(m.defs[action].body, nil, map[string]mval{}) {
		if len(w) != len(m.vars) {
			panic(fmt.Sprintf("%d of %d variables are assigned", len(w), len(m.vars)))
		}
		all = append(all, w)
	}
	return all
}
