package check

import (
	"maps"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// eval gives the value of an expression on a path, if what the path assumes decides it.
func (f *flow) eval(e lang.Expr, p *path) (int, bool) {
	v, known := f.evalParts(e, p)
	if known || f.c.info.Types[e].Kind != BoolType || !f.stable(e) {
		return v, known
	}
	assumed, ok := p.facts[f.condKey(e)]
	return truth(assumed.holds), ok
}

func (f *flow) evalParts(e lang.Expr, p *path) (int, bool) {
	switch e := e.(type) {
	case *lang.Paren:
		return f.eval(e.X, p)
	case *lang.Name:
		obj := f.c.info.Uses[e.ID]
		if v, ok := constOf(obj); ok {
			return v, true
		}
		return f.value(obj, p)
	case *lang.Unary:
		v, known := f.eval(e.X, p)
		return foldUnary(e.Op, v, known)
	case *lang.Binary:
		return f.evalBinary(e, p)
	case *lang.In:
		return f.evalIn(e, p)
	}
	return f.c.info.Const(e)
}

func (f *flow) evalBinary(e *lang.Binary, p *path) (int, bool) {
	x, okX := f.eval(e.X, p)
	y, okY := f.eval(e.Y, p)
	switch e.Op {
	case "&&":
		if okX && x == 0 || okY && y == 0 {
			return 0, true
		}
	case "||":
		if okX && x != 0 || okY && y != 0 {
			return 1, true
		}
	case "=>":
		if okX && x == 0 || okY && y != 0 {
			return 1, true
		}
	case "==":
		return f.equal(e.X, e.Y, p)
	case "!=":
		v, known := f.equal(e.X, e.Y, p)
		return 1 - v, known
	}
	if !okX || !okY {
		return 0, false
	}
	return foldBinary(e.Op, x, y)
}

// equal compares two values.
func (f *flow) equal(ex, ey lang.Expr, p *path) (int, bool) {
	x, okX := f.eval(ex, p)
	y, okY := f.eval(ey, p)
	if okX && okY {
		return truth(x == y), true
	}
	obj, v, ok := f.objectIs(ex, ey, p)
	if !ok {
		return 0, false
	}
	assumed, known := p.facts[f.valueKey(obj, v)]
	return truth(assumed.holds), known
}

// objectIs takes a comparison apart into an object that paths follow and a known value.
func (f *flow) objectIs(ex, ey lang.Expr, p *path) (*Object, int, bool) {
	for range 2 {
		if v, known := f.eval(ey, p); known {
			if obj := f.followed(ex); obj != nil {
				return obj, v, true
			}
		}
		ex, ey = ey, ex
	}
	return nil, 0, false
}

// followed gives the object of a name whose value does not change by itself; else nil.
func (f *flow) followed(e lang.Expr) *Object {
	name, ok := lang.Unparen(e).(*lang.Name)
	if !ok {
		return nil
	}
	obj := f.c.info.Uses[name.ID]
	if !kinds(FeatureObj, DeviceObj, ParamObj, LocalObj).has(obj.Kind) {
		return nil
	}
	return obj
}

func (f *flow) evalIn(e *lang.In, p *path) (int, bool) {
	all := true
	for _, m := range e.Set {
		v, known := f.equal(e.X, m, p)
		if known && v != 0 {
			return 1, true
		}
		all = all && known
	}
	return 0, all
}

// assume adds to a path that a condition, which it does not decide, holds or does not hold.
func (f *flow) assume(e lang.Expr, holds bool, p *path) *path {
	switch e := e.(type) {
	case *lang.Paren:
		return f.assume(e.X, holds, p)
	case *lang.Name:
		if obj := f.followed(e); obj != nil {
			return f.is(p, obj, 1, holds)
		}
	case *lang.Unary:
		if e.Op == "!" {
			return f.assume(e.X, !holds, p)
		}
	case *lang.In:
		if !holds {
			return f.assumeNone(e, p)
		}
	case *lang.Binary:
		if q, ok := f.assumeBinary(e, holds, p); ok {
			return q
		}
	}
	if !f.stable(e) {
		return p
	}
	return p.with(map[string]fact{f.condKey(e): {holds, text(e), e}})
}

// settle draws what follows from the assumptions of a path together; nil if they contradict each other.
func (f *flow) settle(p *path) *path {
	for again := true; again; {
		again = false
		for _, k := range slices.Sorted(maps.Keys(p.facts)) {
			known, ok := p.facts[k]
			if !ok || known.cond == nil {
				continue
			}
			rest := p.only(func(x string) bool { return x != k })
			if v, decided := f.evalParts(known.cond, rest); decided {
				if v != truth(known.holds) {
					return nil
				}
				p, again = rest, true
			} else if q := f.assume(known.cond, known.holds, rest); q.key() != p.key() {
				p, again = q, true
			}
		}
	}
	return p
}

// assumeNone assumes that a value is none of a set.
func (f *flow) assumeNone(e *lang.In, p *path) *path {
	for _, m := range e.Set {
		if obj, v, ok := f.objectIs(e.X, m, p); ok {
			p = f.is(p, obj, v, false)
		}
	}
	return p
}

// assumeBinary takes a condition apart where its truth says more of its parts; else ok is false.
func (f *flow) assumeBinary(e *lang.Binary, holds bool, p *path) (q *path, ok bool) {
	left := true // the truth of X that leaves the decision to Y
	switch e.Op {
	case "&&":
	case "||":
		left = false
	case "=>":
		return f.assumeImplies(e, holds, p)
	case "==", "!=":
		if obj, v, ok := f.objectIs(e.X, e.Y, p); ok {
			return f.is(p, obj, v, holds == (e.Op == "==")), true
		}
		return nil, false
	default:
		return nil, false
	}
	if holds == left {
		return f.assume(e.Y, holds, f.assume(e.X, holds, p)), true
	}
	if v, known := f.eval(e.X, p); known && v == truth(left) {
		return f.assume(e.Y, holds, p), true
	}
	if v, known := f.eval(e.Y, p); known && v == truth(left) {
		return f.assume(e.X, holds, p), true
	}
	return nil, false
}

func (f *flow) assumeImplies(e *lang.Binary, holds bool, p *path) (*path, bool) {
	if !holds {
		return f.assume(e.Y, false, f.assume(e.X, true, p)), true
	}
	if v, known := f.eval(e.X, p); known && v != 0 {
		return f.assume(e.Y, true, p), true
	}
	if v, known := f.eval(e.Y, p); known && v == 0 {
		return f.assume(e.X, false, p), true
	}
	return nil, false
}

// assign follows an assignment: all values are read before any target is written.
func (f *flow) assign(s *lang.Assign, p *path) *path {
	q := p
	for i, id := range s.Targets {
		obj := f.c.info.Uses[id]
		if obj.Kind == VarObj {
			f.wrote(obj, p)
			f.memberExists(s.Values[i], p)
			continue
		}
		v, known := f.eval(s.Values[i], p)
		if !known {
			q = f.forget(q, obj)
			continue
		}
		q = f.set(q, obj, v)
	}
	return q
}

// memberExists warns of a value that some kernels lack, on a path that may be taken there.
func (f *flow) memberExists(value lang.Expr, p *path) {
	name, ok := lang.Unparen(value).(*lang.Name)
	if !ok {
		return
	}
	obj := f.c.info.Uses[name.ID]
	if obj.Kind != MemberObj {
		return
	}
	cond := obj.Enum.Members[obj.Index].If
	if cond == nil {
		return
	}
	if v, known := f.eval(cond, p); !known || v == 0 {
		f.c.warnf("flow", value, "assign it in an `if "+text(cond)+"` only",
			"%s is not a member of %s unless %s", obj.Name, obj.Enum.Name, text(cond))
	}
}

// firstValue follows a declaration: a local starts with the first value of its type.
func (f *flow) firstValue(s *lang.Local, p *path) *path {
	obj := f.c.info.Defs[s.Name]
	if obj.Type.Kind == IntType {
		return f.forget(p, obj)
	}
	return f.set(p, obj, 0)
}

// join merges paths between which nothing later can tell, and pairs that differ in one assumption.
func (f *flow) join(list []*path) []*path {
	list = unique(list)
	for again := len(list) > 1; again; {
		again = false
		for _, k := range factKeys(list) {
			if shorter := joinOver(k, list); len(shorter) < len(list) {
				list, again = shorter, true
			}
		}
	}
	return f.limit(list)
}

// limit gives up when there are too many paths; warnings and errors so far stand.
func (f *flow) limit(list []*path) []*path {
	if len(list) <= maxPaths {
		return list
	}
	if !f.lost {
		f.c.warnf("flow", f.root.Decl.Name, "move parts of it into processes of their own",
			"%s has too many paths: its mutexes are not followed to the end", f.root.Name)
	}
	f.lost = true
	return nil
}

func unique(list []*path) []*path {
	seen := map[string]bool{}
	var out []*path
	for _, p := range list {
		if !seen[p.key()] {
			seen[p.key()] = true
			out = append(out, p)
		}
	}
	return out
}

// factKeys lists the assumptions of all paths, sorted.
func factKeys(list []*path) []string {
	all := map[string]bool{}
	for _, p := range list {
		for k := range p.facts {
			all[k] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// joinOver merges the paths that differ in the assumption k only.
func joinOver(k string, list []*path) []*path {
	same := map[string][]*path{}
	for _, p := range list {
		key := p.keyWithout(k)
		same[key] = append(same[key], p)
	}
	var out []*path
	for _, p := range list {
		group := same[p.keyWithout(k)]
		if len(group) == 1 {
			out = append(out, p)
		} else if group[0] == p {
			out = append(out, p.only(func(x string) bool { return x != k }))
		}
	}
	return out
}

// joinEnds joins the ends of a callee that have the same result.
func (f *flow) joinEnds(all []end) []end {
	byResult := map[int][]*path{}
	for _, e := range all {
		byResult[e.result] = append(byResult[e.result], e.path)
	}
	var out []end
	for _, result := range slices.Backward(slices.Sorted(maps.Keys(byResult))) {
		for _, p := range f.join(byResult[result]) {
			out = append(out, end{path: p, result: result})
		}
	}
	return out
}
