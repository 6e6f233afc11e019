package check

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// scenarios checks the schedules and what the checker explores.
func (c *checker) scenarios() {
	if x := c.info.Explore; x != nil {
		c.explore(x)
	}
	for _, s := range c.info.Scenarios {
		for _, start := range s.Starts {
			c.start(start)
		}
		c.script(s)
	}
}

func (c *checker) explore(x *lang.Explore) {
	for _, s := range x.Starts {
		c.start(s)
	}
	seen := map[*Object]bool{}
	for _, s := range x.Spawns {
		obj := c.use(s.Process, ProcessObj)
		if obj == nil {
			continue
		}
		if seen[obj] {
			c.errorf("scenario", s, "", "%s is spawned twice here", obj.Name)
		}
		seen[obj] = true
		c.spawnCount(s, obj.Proc)
	}
}

func (c *checker) spawnCount(s *lang.SpawnCount, p *Process) {
	c.startable(s.Process, p)
	if p.Work != nil {
		c.errorAlso("scenario", s.Process, p.Work.Ident, "it stands here",
			"%s is the body of work %s: it runs when that is queued", p.Name, p.Work.Name)
	}
	if s.Count < 1 || s.Count > maxSpawns {
		c.errorf("scenario", s, "", "%s * %d: the count must be 1 to %d", p.Name, s.Count, maxSpawns)
	}
}

// maxSpawns bounds the slots of one process; the search would not end long before.
const maxSpawns = 64

// start checks one conjunction of `name = value` and `name in { … }`.
func (c *checker) start(s *lang.Start) {
	seen := map[string]bool{}
	for _, cond := range s.Conds {
		id := c.startCond(cond, VarObj, DeviceObj, FeatureObj)
		if id == nil {
			continue
		}
		if seen[id.Name] {
			c.errorf("scenario", cond, "", "%s is given twice in one start", id.Name)
		}
		seen[id.Name] = true
	}
}

// startCond checks one condition on a value of some kinds and gives its name; nil after a report.
func (c *checker) startCond(cond lang.Expr, of ...ObjKind) *lang.Ident {
	c.info.Types[cond] = Type{Kind: BoolType}
	var x lang.Expr
	var values []lang.Expr
	switch e := cond.(type) {
	case *lang.Binary:
		if e.Op == "==" {
			x, values = e.X, []lang.Expr{e.Y}
		}
	case *lang.In:
		x, values = e.X, e.Set
	}
	name, ok := x.(*lang.Name)
	if !ok {
		c.errorf("scenario", cond, "write `name = value` or `name in { … }`", "only values can be given here")
		return nil
	}
	obj := c.use(name.ID, of...)
	for _, v := range values {
		c.bind(obj, v)
	}
	if obj == nil {
		return nil
	}
	c.info.Types[x] = obj.Type
	c.fixedElsewhere(obj, values, cond)
	return name.ID
}

// fixedElsewhere reports a start that contradicts a `fix`.
func (c *checker) fixedElsewhere(obj *Object, values []lang.Expr, cond lang.Expr) {
	fixed, ok := c.info.Fixed[obj]
	if !ok {
		return
	}
	possible := slices.ContainsFunc(values, func(e lang.Expr) bool {
		v, ok := c.info.Const(e)
		return !ok || v == fixed
	})
	if !possible {
		c.errorf("scenario", cond, "", "%s is fixed to another value", obj.Name)
	}
}

// script checks the lines of a scenario: each continues a thread or lets it run a process.
func (c *checker) script(s *lang.Scenario) {
	last := map[string]*Process{} // by thread
	stopped := map[string]bool{}
	for _, l := range s.Lines {
		p, ok := c.lineProcess(l, last, stopped)
		if p != nil {
			last[nameOf(l.Thread)] = p
			c.choices(l, p)
		}
		stopped[nameOf(l.Thread)] = l.Until != nil || !ok
		if l.Until != nil {
			c.until(l, p)
		}
	}
}

// lineProcess gives the process that a line runs or continues; nil and false after a report.
func (c *checker) lineProcess(l *lang.ScenarioLine, last map[string]*Process, stopped map[string]bool) (*Process, bool) {
	thread := nameOf(l.Thread)
	if l.Process == nil {
		if !stopped[thread] {
			c.errorf("scenario", l, "let an earlier line of the thread stop with `until`", "thread %s has nothing to continue", thread)
			return nil, false
		}
		return last[thread], true
	}
	obj := c.use(l.Process, ProcessObj)
	for i, e := range l.Args {
		t := c.expr(e, c.static("an argument in a scenario"))
		if obj != nil && i < len(obj.Proc.Params) {
			c.assignable(obj.Proc.Params[i].Type, e, t, obj.Proc.Params[i].Name)
		}
	}
	if obj == nil {
		return nil, false
	}
	c.startable(l.Process, obj.Proc)
	if n := len(obj.Proc.Params); len(l.Args) > 0 && len(l.Args) != n {
		c.errorf("type", l.Process, "leave out all of them to have any value", "%s takes %d arguments, this gives %d", obj.Name, n, len(l.Args))
	}
	return obj.Proc, true
}

// until resolves where a line stops: a called function, a label, or a value of a variable.
func (c *checker) until(l *lang.ScenarioLine, p *Process) {
	name, ok := l.Until.(*lang.Name)
	if !ok {
		c.startCond(l.Until, VarObj)
		return
	}
	if p == nil {
		return
	}
	var found []*Object
	var names []string
	for _, q := range c.expanded(p) {
		for _, l := range append([]*Object{q.Object}, c.bodyOf[q].labels...) {
			if l == p.Object {
				continue
			}
			names = append(names, l.Name)
			if l.Name == name.ID.Name {
				found = append(found, l)
			}
		}
	}
	if len(found) == 0 {
		c.errorf("name", name, c.didYouMean(name.ID.Name, names),
			"%s reaches no function or label %s", p.Name, name.ID.Name)
		return
	}
	if len(found) > 1 {
		c.errorAlso("name", name, found[1].Ident, "and here", "%s has several labels %s", p.Name, name.ID.Name)
	}
	c.info.Uses[name.ID] = found[0]
}

// choices checks `choosing f fails`.
func (c *checker) choices(l *lang.ScenarioLine, p *Process) {
	for _, ch := range l.Choosing {
		obj := c.use(ch.Func, ProcessObj)
		switch {
		case obj == nil:
		case !obj.Proc.Decl.Result:
			c.errorAlso("scenario", ch.Func, obj.Ident, "declared here without `-> result`", "%s has no result: it cannot fail or succeed", obj.Name)
		case !slices.Contains(c.expanded(p), obj.Proc):
			c.errorf("scenario", ch.Func, "", "%s never calls %s", p.Name, obj.Name)
		}
	}
}

// expanded gives p and every process that its body calls, directly or not, in order of the calls.
func (c *checker) expanded(p *Process) []*Process {
	list := []*Process{p}
	for i := 0; i < len(list); i++ {
		for _, call := range c.bodyOf[list[i]].calls {
			if !call.spawn && !slices.Contains(list, call.to) {
				list = append(list, call.to)
			}
		}
	}
	return list
}
