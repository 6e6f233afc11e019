package check

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// statics checks what the declarations of variables, wakeup sources and transitions say.
func (c *checker) statics() {
	for _, v := range c.info.Vars {
		if init := v.Decl.(*lang.Var).Init; init != nil {
			c.bind(v, init)
		}
	}
	for _, w := range c.info.Wakeups {
		if cond := w.Decl.(*lang.Wakeup).If; cond != nil {
			c.condition(cond, c.static("the condition of a wakeup source", FeatureObj, DeviceObj))
		}
	}
	for _, e := range c.entries {
		if d, ok := e.decl.(*lang.Transitions); ok {
			c.transitions(e, d)
		}
	}
	for _, b := range c.info.Balances {
		c.balance(b)
	}
}

// transitions collects the edges of one variable.
func (c *checker) transitions(e *entry, d *lang.Transitions) {
	obj := c.use(d.Var, VarObj)
	if obj == nil {
		return
	}
	if obj.Type.Kind != EnumType {
		if obj.Type.Kind != NoType {
			c.errorf("type", d.Var, "", "transitions need a variable of an enum, %s is %s", obj.Name, obj.Type.phrase())
		}
		return
	}
	edges := slices.Clone(d.Edges)
	for _, x := range e.extras {
		x := x.(*lang.Transitions)
		c.info.Uses[x.Var] = obj
		edges = append(edges, x.Edges...)
	}
	for _, edge := range edges {
		c.edge(obj, edge)
	}
	c.info.TransitionVars = append(c.info.TransitionVars, obj)
	c.info.Transitions[obj] = edges
}

func (c *checker) edge(v *Object, e *lang.Edge) {
	for _, ids := range [][]*lang.Ident{e.From, e.To} {
		seen := map[string]bool{}
		for _, id := range ids {
			if seen[id.Name] {
				c.errorf("name", id, "", "%s stands here twice", id.Name)
			}
			seen[id.Name] = true
			c.edgeMember(v, id)
		}
	}
	if e.If != nil {
		c.condition(e.If, c.static("the condition of an edge", FeatureObj, DeviceObj))
	}
}

func (c *checker) edgeMember(v *Object, id *lang.Ident) {
	enum := v.Type.Enum
	obj := c.info.scope[id.Name]
	if obj != nil && obj.Kind == MemberObj && obj.Enum == enum {
		c.info.Uses[id] = obj
		return
	}
	var names []string
	for _, m := range enum.Members {
		names = append(names, m.Name)
	}
	c.errorf("name", id, c.didYouMean(id.Name, names), "%s is not a member of %s", id.Name, enum.Name)
}

// balance checks `balance w held by …`. Who neither relaxes w nor queues a holder can never be
// responsible for it.
func (c *checker) balance(d *lang.Balance) {
	w := c.use(d.Wakeup, WakeupObj)
	var held []*Object
	for _, id := range d.Held {
		h := c.use(id, ProcessObj, WorkObj)
		switch {
		case h == nil:
		case slices.Contains(held, h):
			c.errorf("name", id, "", "%s stands here twice", id.Name)
		case h.Kind == ProcessObj && h.Proc.Decl.Procedure:
			c.errorf("type", id, "name the processes that call it", "%s is a procedure: only processes and work items hold", id.Name)
		default:
			held = append(held, h)
		}
	}
	if d.Unless != nil {
		c.condition(d.Unless, c.predicate("`unless`"))
	}
	if w != nil && !c.failed() {
		c.holders(d, w, held)
	}
}

// holders warns of holders that can never let go.
func (c *checker) holders(d *lang.Balance, w *Object, held []*Object) {
	for _, id := range d.Held {
		h := c.info.Uses[id]
		p := h.Proc
		if h.Kind == WorkObj {
			if p = c.runs(h); p == nil {
				continue
			}
		}
		if !c.letsGo(p, w, held, map[*Process]bool{}) {
			c.warnf("property", id, "leave it out, or let it relax "+w.Name,
				"%s cannot hold %s: it neither relaxes it nor queues another holder", id.Name, w.Name)
		}
	}
}

// runs gives the process of a work item.
func (c *checker) runs(w *Object) *Process {
	if obj := c.info.Uses[w.Decl.(*lang.Work).Runs]; obj != nil {
		return obj.Proc
	}
	return nil
}

// letsGo reports whether p, or what it calls, relaxes w or queues a holder.
func (c *checker) letsGo(p *Process, w *Object, held []*Object, seen map[*Process]bool) bool {
	if seen[p] {
		return false
	}
	seen[p] = true
	found := false
	each(p.Decl, func(s lang.Stmt) {
		switch s := s.(type) {
		case *lang.Relax:
			found = found || c.info.Uses[s.Wakeup] == w
		case *lang.Queue:
			found = found || slices.Contains(held, c.info.Uses[s.Work])
		case *lang.Call:
			found = found || c.letsGo(c.info.Uses[s.Func].Proc, w, held, seen)
		}
	})
	return found
}
