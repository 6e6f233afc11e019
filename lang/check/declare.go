package check

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// declare makes the objects of the merged declarations and fills the lists of Info.
// Names first, then types and values, which may refer to names declared later.
func (c *checker) declare() {
	for _, e := range c.entries {
		c.declareEntry(e)
	}
	c.constants()
	c.typeValues()
	c.memberConditions()
	c.signatures()
	c.works()
	c.fixes()
	c.kernels()
}

// declareEntry makes the object of one declaration and puts it into its list.
func (c *checker) declareEntry(e *entry) {
	in := c.info
	switch d := e.decl.(type) {
	case *lang.Subject:
		in.Subject = nameOf(d.Name)
	case *lang.Enum:
		c.declareEnum(e, d)
	case *lang.ConstDecl:
		in.Consts = c.define(in.Consts, ConstObj, d.Name, d)
	case *lang.Feature:
		in.Features = c.define(in.Features, FeatureObj, d.Name, d)
	case *lang.Device:
		in.Devices = c.define(in.Devices, DeviceObj, d.Name, d)
	case *lang.Var:
		in.Vars = c.define(in.Vars, VarObj, d.Name, d)
	case *lang.Mutex:
		in.Mutexes = c.define(in.Mutexes, MutexObj, d.Name, d)
	case *lang.Wakeup:
		in.Wakeups = c.define(in.Wakeups, WakeupObj, d.Name, d)
	case *lang.Work:
		in.Works = c.define(in.Works, WorkObj, d.Name, d)
	case *lang.Process:
		c.declareProcess(d)
	case *lang.Balance:
		in.Balances = append(in.Balances, d)
	case *lang.Property:
		in.Properties = append(in.Properties, d)
	case *lang.Explore:
		in.Explore = d
	case *lang.Scenario:
		in.Scenarios = append(in.Scenarios, d)
	case *lang.Expect:
		in.Expects = append(in.Expects, d)
	case *lang.Kernel, *lang.Transitions:
		// need values: kernels, transitions
	default:
		panic(fmt.Sprintf("check: unexpected declaration %T", d))
	}
}

// define makes a top-level object and appends it to its list.
func (c *checker) define(list []*Object, kind ObjKind, id *lang.Ident, d lang.Node) []*Object {
	obj := &Object{Kind: kind, Name: nameOf(id), Decl: d, Ident: id}
	if !c.enter(obj) {
		return list
	}
	return append(list, obj)
}

// enter puts an object into the global scope; false after a report.
func (c *checker) enter(obj *Object) bool {
	if obj.Ident == nil || !c.nameable(obj) {
		return false
	}
	if other := c.info.scope[obj.Name]; other != nil {
		c.errorAlso("name", obj.Ident, other.Ident, "it stands here first",
			"%s is declared already, as %s", obj.Name, other.Kind)
		return false
	}
	c.info.scope[obj.Name] = obj
	c.info.Defs[obj.Ident] = obj
	return true
}

// nameable reports names that mean something else in the language.
func (c *checker) nameable(obj *Object) bool {
	reserved := ""
	switch _, errno := errnos[obj.Name]; {
	case errno:
		reserved = "an errno"
	case obj.Name == "ok":
		reserved = "the good result"
	case obj.Name == "bool" || obj.Name == "result":
		reserved = "a type"
	case obj.Name == "_" || obj.Name == "name":
		reserved = "a placeholder of log patterns"
	default:
		return true
	}
	c.errorf("name", obj.Ident, "choose another name", "%s is %s", obj.Name, reserved)
	return false
}

// declareEnum makes an enum with its members and those that variants append.
func (c *checker) declareEnum(e *entry, d *lang.Enum) {
	obj := &Object{Kind: EnumObj, Name: nameOf(d.Name), Decl: d, Ident: d.Name}
	enum := &Enum{Object: obj, Name: obj.Name}
	obj.Enum = enum
	obj.Type = Type{Kind: EnumType, Enum: enum}
	if !c.enter(obj) {
		return
	}
	c.info.Enums = append(c.info.Enums, enum)
	c.declareMembers(enum, d.Members)
	for _, x := range e.extras {
		x := x.(*lang.Enum)
		c.info.Uses[x.Name] = obj
		c.declareMembers(enum, x.Members)
	}
	if len(enum.Members) == 0 {
		c.errorf("type", d, "", "enum %s has no members", enum.Name)
	}
}

func (c *checker) declareMembers(enum *Enum, members []*lang.EnumMember) {
	for _, d := range members {
		index := len(enum.Members)
		obj := &Object{
			Kind: MemberObj, Name: nameOf(d.Name), Type: enum.Object.Type, Decl: d,
			Ident: d.Name, Index: index, Enum: enum,
		}
		if !c.enter(obj) {
			continue
		}
		text := d.Text
		if text == "" {
			text = obj.Name
		}
		enum.Members = append(enum.Members,
			&Member{Object: obj, Name: obj.Name, Text: text, If: d.If, Index: index})
	}
}

// memberConditions checks the conditions of members, once the features have types.
func (c *checker) memberConditions() {
	for _, enum := range c.info.Enums {
		for _, m := range enum.Members {
			if m.If != nil {
				c.condition(m.If, c.static("the condition of an enum member", FeatureObj))
			}
		}
	}
}

// declareProcess makes the object of a process, its parameters still without types.
func (c *checker) declareProcess(d *lang.Process) {
	obj := &Object{Kind: ProcessObj, Name: nameOf(d.Name), Decl: d, Ident: d.Name}
	p := &Process{Object: obj, Decl: d, Name: obj.Name}
	obj.Proc = p
	if !c.enter(obj) {
		return
	}
	c.info.Processes = append(c.info.Processes, p)
	c.procs[d] = p
}

// typeValues gives features, devices and variables their types.
func (c *checker) typeValues() {
	for _, f := range c.info.Features {
		f.Type = c.valueType(f.Decl.(*lang.Feature).Type, "a feature")
	}
	for _, d := range c.info.Devices {
		d.Type = c.valueType(d.Decl.(*lang.Device).Type, "a device constant")
	}
	for _, v := range c.info.Vars {
		v.Type = c.valueType(v.Decl.(*lang.Var).Type, "a variable")
	}
}

// valueType resolves a type that may not be result.
func (c *checker) valueType(t *lang.Type, what string) Type {
	typ := c.resolve(t)
	if typ.Kind == ResultType {
		c.errorf("type", t, "results live in locals", "%s cannot be a result", what)
		return Type{}
	}
	return typ
}

// signatures gives parameters their objects and types.
func (c *checker) signatures() {
	for _, p := range c.info.Processes {
		for _, d := range p.Decl.Params {
			obj := &Object{Kind: ParamObj, Name: nameOf(d.Name), Decl: d, Ident: d.Name, Proc: p}
			obj.Type = c.valueType(d.Type, "a parameter")
			p.Params = append(p.Params, obj)
			c.info.Defs[d.Name] = obj
		}
	}
}

// works ties work items to the processes that they run.
func (c *checker) works() {
	for _, w := range c.info.Works {
		d := w.Decl.(*lang.Work)
		obj := c.use(d.Runs, ProcessObj)
		if obj == nil {
			continue
		}
		p := obj.Proc
		switch {
		case p.Decl.Procedure:
			c.errorf("type", d.Runs, "make it a process", "a work item cannot run procedure %s, which has no activation", p.Name)
		case len(p.Params) > 0:
			c.errorAlso("type", d.Runs, p.Params[0].Ident, "they stand here",
				"a work item cannot run %s: it has parameters, and nobody passes any", p.Name)
		case p.Work != nil:
			c.errorAlso("type", d.Runs, p.Work.Ident, "it stands here", "%s is run by work %s already", p.Name, p.Work.Name)
		default:
			p.Work = w
		}
	}
}

// fixes closes features.
func (c *checker) fixes() {
	for _, m := range c.info.Chain {
		for _, d := range m.Decls {
			if d, ok := d.(*lang.Fix); ok {
				c.fix(d)
			}
		}
	}
}

func (c *checker) fix(d *lang.Fix) {
	obj := c.use(d.Name, FeatureObj)
	value, ok := c.bind(obj, d.Value)
	if obj == nil || !ok {
		return
	}
	c.info.Fixed[obj] = value
}

// bind checks a value given to obj and folds it.
func (c *checker) bind(obj *Object, value lang.Expr) (int, bool) {
	errors := c.errors
	t := c.expr(value, c.static("a fixed value"))
	if obj == nil || c.errors > errors {
		return 0, false
	}
	c.assignable(obj.Type, value, t, obj.Name)
	v, ok := c.info.Const(value)
	return v, ok && c.errors == errors
}

// kernels reads the profiles. A fix holds in every kernel, whatever its profile says.
func (c *checker) kernels() {
	for _, e := range c.entries {
		d, ok := e.decl.(*lang.Kernel)
		if !ok {
			continue
		}
		k := &KernelProfile{Name: nameOf(d.Name), Doc: d.DocText(), Decl: d, Values: map[*Object]int{}}
		c.info.Kernels = append(c.info.Kernels, k)
		c.bindings(k)
		c.leftOpen(k)
		for f, v := range c.info.Fixed {
			k.Values[f] = v
		}
	}
}

func (c *checker) bindings(k *KernelProfile) {
	for _, b := range k.Decl.Bindings {
		obj := c.use(b.Name, FeatureObj)
		v, ok := c.bind(obj, b.Value)
		if obj == nil || !ok {
			continue
		}
		if _, twice := k.Values[obj]; twice {
			c.errorf("name", b, "", "%s is bound twice in kernel %s", obj.Name, k.Name)
		}
		k.Values[obj] = v
	}
}

// leftOpen warns of features that a profile leaves open, at the younger of the two.
func (c *checker) leftOpen(k *KernelProfile) {
	for _, f := range c.info.Features {
		_, bound := k.Values[f]
		_, fixed := c.info.Fixed[f]
		written := slices.ContainsFunc(k.Decl.Bindings, func(b *lang.Binding) bool { return nameOf(b.Name) == f.Name })
		if bound || fixed || written {
			continue
		}
		at := lang.Node(k.Decl.Name)
		if !c.ours(at) {
			at = f.Ident
		}
		c.warnf("kernel", at, "bind "+f.Name+" in the profile, or `fix` it", "kernel %s leaves feature %s open", k.Name, f.Name)
	}
}
