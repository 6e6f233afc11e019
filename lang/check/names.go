package check

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// place says where an expression stands, and so what it may read.
type place struct {
	what  string  // "an invariant", for messages
	kinds kindSet // the kinds of value that may be read
	body  *body   // names of a process; nil outside of bodies
	state bool    // x.held and its like may be read
}

// kindSet is a set of ObjKind.
type kindSet uint32

func kinds(list ...ObjKind) kindSet {
	var s kindSet
	for _, k := range list {
		s |= 1 << k
	}
	return s
}

func (s kindSet) has(k ObjKind) bool { return s&(1<<k) != 0 }

// static is a place whose value does not change while the machine runs: consts, members and more kinds.
func (c *checker) static(what string, more ...ObjKind) place {
	return place{what: what, kinds: kinds(ConstObj, MemberObj, OkObj, ErrnoObj) | kinds(more...)}
}

// predicate is a place for a predicate on states.
func (c *checker) predicate(what string) place {
	p := c.static(what, FeatureObj, DeviceObj, VarObj)
	p.state = true
	return p
}

// inBody is a place in the body of a process.
func (c *checker) inBody(b *body, what string) place {
	p := c.predicate(what)
	p.kinds |= kinds(ParamObj, LocalObj)
	p.body = b
	return p
}

// lookup finds the object of a name, locals first; nil if there is none.
func (c *checker) lookup(name string, b *body) *Object {
	if b != nil {
		if obj := b.visible(name); obj != nil {
			return obj
		}
	}
	if obj := c.info.scope[name]; obj != nil {
		return obj
	}
	if name == "ok" {
		return &Object{Kind: OkObj, Name: name, Type: Type{Kind: ResultType}}
	}
	if number, ok := errnos[name]; ok {
		return &Object{Kind: ErrnoObj, Name: name, Type: Type{Kind: ResultType}, Index: number}
	}
	return nil
}

// universal gives the one object of ok or of an errno, which have no declaration.
func (c *checker) universal(obj *Object) *Object {
	if obj.Kind != OkObj && obj.Kind != ErrnoObj {
		return obj
	}
	if known := c.builtin[obj.Name]; known != nil {
		return known
	}
	c.builtin[obj.Name] = obj
	return obj
}

// read resolves a name in an expression; nil after a report.
func (c *checker) read(id *lang.Ident, p place) *Object {
	obj := c.lookup(id.Name, p.body)
	if obj == nil {
		c.unknown(id, p)
		return nil
	}
	obj = c.universal(obj)
	c.info.Uses[id] = obj
	c.reads[obj] = true
	c.used[obj] = true
	if p.kinds.has(obj.Kind) {
		return obj
	}
	if !valueKinds.has(obj.Kind) {
		c.errorf("name", id, fieldHint(obj), "%s is %s and has no value", id.Name, kindOf(obj))
		return nil
	}
	c.errorf("name", id, "", "%s may read only %s, %s is %s", p.what, p.kinds, id.Name, obj.Kind)
	return nil
}

var valueKinds = kinds(MemberObj, ConstObj, FeatureObj, DeviceObj, VarObj, ParamObj, LocalObj, ErrnoObj, OkObj)

// String lists the declared kinds of the set, for messages.
func (s kindSet) String() string {
	plural := []struct {
		kind ObjKind
		name string
	}{
		{ConstObj, "consts"},
		{FeatureObj, "features"},
		{DeviceObj, "device constants"},
		{VarObj, "variables"},
		{ParamObj, "parameters"},
		{LocalObj, "locals"},
	}
	var names []string
	for _, p := range plural {
		if s.has(p.kind) {
			names = append(names, p.name)
		}
	}
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// fieldHint says which predicate an object without a value has.
func fieldHint(obj *Object) string {
	fields := fieldsOf(obj)
	if len(fields) == 0 {
		return ""
	}
	return "write " + obj.Name + "." + strings.Join(fields, " or "+obj.Name+".")
}

// unknown reports a name that nothing declares.
func (c *checker) unknown(id *lang.Ident, p place) {
	if p.body != nil && p.body.declares(id.Name) {
		c.errorf("name", id, "move its `local` before this, into this block or one around it",
			"%s is not known here", id.Name)
		return
	}
	var names []string
	if p.body != nil {
		names = p.body.names()
	}
	for _, obj := range c.objects() {
		if p.kinds.has(obj.Kind) {
			names = append(names, obj.Name)
		}
	}
	c.errorf("name", id, c.didYouMean(id.Name, names), "%s is not declared", id.Name)
}

// use resolves a name that must be of one of some kinds; nil after a report.
func (c *checker) use(id *lang.Ident, want ...ObjKind) *Object {
	if id == nil {
		return nil
	}
	obj := c.info.scope[id.Name]
	if obj == nil {
		hint := c.didYouMean(id.Name, c.namesOf(want...))
		c.errorf("name", id, hint, "there is no %s %s", bare(want), id.Name)
		return nil
	}
	c.info.Uses[id] = obj
	if !slices.Contains(want, obj.Kind) {
		c.errorAlso("name", id, obj.Ident, "declared here", "%s is %s, not %s", id.Name, obj.Kind, joined(want))
		return nil
	}
	c.used[obj] = true
	return obj
}

func joined(want []ObjKind) string {
	names := make([]string, len(want))
	for i, k := range want {
		names[i] = k.String()
	}
	return strings.Join(names, " or ")
}

// bare names kinds without their articles.
func bare(want []ObjKind) string {
	s := strings.ReplaceAll(" "+joined(want), " an ", " ")
	return strings.TrimSpace(strings.ReplaceAll(s, " a ", " "))
}

// body is what the checker knows of one process while it walks its statements.
type body struct {
	proc   *Process
	blocks []map[string]*Object // visible locals, innermost last; blocks[0] holds the parameters
	locals map[string]*Object   // every local so far, visible or not
	later  map[string]bool      // every name that some `local` of the body declares
	labels []*Object            // in order
	calls  []*call              // every call and spawn of the body
}

// call is one call or spawn.
type call struct {
	to    *Process
	stmt  lang.Stmt
	spawn bool
}

func (b *body) visible(name string) *Object {
	for i := len(b.blocks) - 1; i >= 0; i-- {
		if obj := b.blocks[i][name]; obj != nil {
			return obj
		}
	}
	return nil
}

func (b *body) declares(name string) bool { return b.later[name] }

// names lists what is visible, sorted.
func (b *body) names() []string {
	var names []string
	for _, block := range b.blocks {
		for name := range block {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (b *body) open()  { b.blocks = append(b.blocks, map[string]*Object{}) }
func (b *body) close() { b.blocks = b.blocks[:len(b.blocks)-1] }

// declareLocal makes a parameter or a local visible. Shadowing is an error, so that a name means one
// thing in a process.
func (c *checker) declareLocal(b *body, obj *Object) {
	if !c.nameable(obj) {
		return
	}
	other := b.locals[obj.Name]
	if other == nil {
		other = c.info.scope[obj.Name]
	}
	if other != nil {
		c.errorAlso("name", obj.Ident, other.Ident, "it stands here first",
			"%s is declared already, as %s", obj.Name, other.Kind)
		return
	}
	b.locals[obj.Name] = obj
	b.blocks[len(b.blocks)-1][obj.Name] = obj
	c.info.Defs[obj.Ident] = obj
}
