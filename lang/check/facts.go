package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// path is a way through the bodies: the mutexes that it holds and what it assumes. Paths are shared
// and never changed; the methods that change one give a copy.
type path struct {
	held    []hold
	facts   map[string]fact
	atomic  bool // in an atomic block, which has logged, spawned and queued this
	logged  bool
	spawned bool
	queued  []*Object
	cached  string
}

// hold is a mutex that is held, and where it was locked.
type hold struct {
	id    int
	mutex *Object
	at    lang.Node
}

// fact is an assumption: a condition over values that do not change by themselves, and its truth. Its
// key holds the tokens of the objects that it is about.
type fact struct {
	holds bool
	text  string    // as a person would write it
	cond  lang.Expr // nil if it is the value of an object
}

func newPath() *path { return &path{facts: map[string]fact{}} }

func (p *path) clone() *path {
	q := *p
	q.cached = ""
	return &q
}

// key is equal for paths between which no later statement can tell.
func (p *path) key() string {
	if p.cached == "" {
		p.cached = p.keyWithout("")
	}
	return p.cached
}

// keyWithout is the key of the path without one fact.
func (p *path) keyWithout(without string) string {
	var b strings.Builder
	fmt.Fprint(&b, p.atomic, p.logged, p.spawned)
	for _, w := range p.queued {
		b.WriteString(" " + w.Name)
	}
	for _, h := range p.held {
		fmt.Fprint(&b, " ", h.id)
	}
	for _, k := range slices.Sorted(maps.Keys(p.facts)) {
		if k != without {
			fmt.Fprint(&b, "|", k, p.facts[k].holds)
		}
	}
	return b.String()
}

func (p *path) holds(m *Object) *hold {
	for i := range p.held {
		if p.held[i].mutex == m {
			return &p.held[i]
		}
	}
	return nil
}

// spinning gives a spinlock that is held, or nil.
func (p *path) spinning() *hold {
	for i := range p.held {
		if p.held[i].mutex.Decl.(*lang.Mutex).Spin {
			return &p.held[i]
		}
	}
	return nil
}

// since gives a path that came back from a call with the places where its caller locked: its
// own may come from another call, followed before.
func (p *path) since(caller *path) *path {
	q := p.clone()
	q.held = slices.Clone(p.held)
	for i, h := range q.held {
		if before := caller.holds(h.mutex); before != nil {
			q.held[i].at = before.at
		}
	}
	return q
}

// take adds a mutex; held stays sorted, for the key.
func (p *path) take(h hold) *path {
	q := p.clone()
	q.held = append(slices.Clone(p.held), h)
	slices.SortFunc(q.held, func(a, b hold) int { return a.id - b.id })
	return q
}

func (p *path) unlock(m *Object) *path {
	q := p.clone()
	q.held = slices.DeleteFunc(slices.Clone(p.held), func(h hold) bool { return h.mutex == m })
	return q
}

func (p *path) leaveAtomic() *path {
	q := p.clone()
	q.atomic, q.logged, q.spawned, q.queued = false, false, false, nil
	return q
}

// with adds facts.
func (p *path) with(facts map[string]fact) *path {
	if len(facts) == 0 {
		return p
	}
	q := p.clone()
	q.facts = maps.Clone(p.facts)
	maps.Copy(q.facts, facts)
	return q
}

// only keeps the facts whose keys satisfy keep.
func (p *path) only(keep func(string) bool) *path {
	q := p.clone()
	q.facts = maps.Clone(p.facts)
	maps.DeleteFunc(q.facts, func(k string, _ fact) bool { return !keep(k) })
	return q
}

// when tells what the path assumes, as " when a and !b"; "" if nothing.
func (p *path) when() string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(p.facts)) {
		f := p.facts[k]
		switch {
		case f.holds:
			all = append(all, f.text)
		case strings.ContainsRune(f.text, ' '):
			all = append(all, "!("+f.text+")")
		default:
			all = append(all, "!"+f.text)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return " when " + strings.Join(all, " and ")
}

// isLocal reports whether a fact speaks of a parameter or a local.
func isLocal(key string) bool { return strings.Contains(key, "#l") }

func isGlobal(key string) bool { return !isLocal(key) }

// id numbers objects in order of their first use.
func (f *flow) id(obj *Object) int {
	n, ok := f.ids[obj]
	if !ok {
		n = len(f.ids)
		f.ids[obj] = n
	}
	return n
}

// token stands for an object in the keys of facts.
func (f *flow) token(obj *Object) string {
	scope := "g"
	if obj.Kind == ParamObj || obj.Kind == LocalObj {
		scope = "l"
	}
	return fmt.Sprintf("#%s%d#", scope, f.id(obj))
}

// stable reports whether an expression reads only what does not change by itself.
func (f *flow) stable(e lang.Expr) bool {
	ok := true
	each(e, func(e lang.Expr) {
		switch e := e.(type) {
		case *lang.Field, *lang.CancelExpr:
			ok = false
		case *lang.Name:
			obj := f.c.info.Uses[e.ID]
			ok = ok && obj != nil && obj.Kind != VarObj
		}
	})
	return ok
}

// condKey is the key of the fact that a stable condition holds: its text and what that reads.
func (f *flow) condKey(e lang.Expr) string {
	key := text(lang.Unparen(e))
	each(e, func(n *lang.Name) { key += f.token(f.c.info.Uses[n.ID]) })
	return key
}

// valueKey is the key of the fact that obj has value v.
func (f *flow) valueKey(obj *Object, v int) string {
	return fmt.Sprintf("%s=%d", f.token(obj), v)
}

// valueText writes that fact.
func valueText(obj *Object, v int) string {
	switch obj.Type.Kind {
	case BoolType:
		return obj.Name
	case EnumType:
		return obj.Name + " == " + obj.Type.Enum.Members[v].Name
	case ResultType:
		return obj.Name + " == " + resultText(v)
	}
	return fmt.Sprintf("%s == %d", obj.Name, v)
}

// resultText writes the value of a result.
func resultText(v int) string {
	if v == 0 {
		return "ok"
	}
	for _, name := range errnoNames() {
		if errnos[name] == -v {
			return name
		}
	}
	return "a failure"
}

// is adds the fact that obj has, or has not, value v.
func (f *flow) is(p *path, obj *Object, v int, holds bool) *path {
	if obj.Type.Kind == BoolType && v == 0 {
		v, holds = 1, !holds
	}
	if obj.Type.Kind == EnumType && (v < 0 || v >= len(obj.Type.Enum.Members)) {
		return p
	}
	return p.with(map[string]fact{f.valueKey(obj, v): {holds, valueText(obj, v), nil}})
}

// forget drops what is known of obj.
func (f *flow) forget(p *path, obj *Object) *path {
	token := f.token(obj)
	return p.only(func(k string) bool { return !strings.Contains(k, token) })
}

// set makes v the value of obj.
func (f *flow) set(p *path, obj *Object, v int) *path {
	return f.is(f.forget(p, obj), obj, v, true)
}

// value gives the value of obj on a path, if it is known.
func (f *flow) value(obj *Object, p *path) (int, bool) {
	if obj.Type.Kind == BoolType {
		known, ok := p.facts[f.valueKey(obj, 1)]
		return truth(known.holds), ok
	}
	prefix := f.token(obj) + "="
	for k, known := range p.facts {
		if v, ok := strings.CutPrefix(k, prefix); ok && known.holds {
			n, err := strconv.Atoi(v)
			return n, err == nil
		}
	}
	return 0, false
}
