package check

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// bodies checks the statements of every process and procedure.
func (c *checker) bodies() {
	for _, p := range c.info.Processes {
		c.body(p)
	}
}

func (c *checker) body(p *Process) {
	b := &body{proc: p, locals: map[string]*Object{}, later: map[string]bool{}}
	c.bodyOf[p] = b
	each(p.Decl, func(l *lang.Local) { b.later[nameOf(l.Name)] = true })
	c.life(p)
	b.open()
	for _, param := range p.Params {
		c.declareLocal(b, param)
	}
	if p.Decl.Body != nil {
		c.block(b, p.Decl.Body)
	}
	b.close()
}

// life checks `begins s` and `ends s`.
func (c *checker) life(p *Process) {
	for _, id := range []*lang.Ident{p.Decl.Begins, p.Decl.Ends} {
		switch {
		case id == nil:
		case c.info.Subject == "":
			c.errorf("name", id, "declare `subject "+id.Name+"`", "there is no subject %s", id.Name)
		case id.Name != c.info.Subject:
			c.errorf("name", id, "write "+c.info.Subject, "%s is not the subject", id.Name)
		case p.Decl.Procedure:
			c.errorf("type", id, "make it a process", "a procedure cannot begin or end %s", id.Name)
		}
	}
}

func (c *checker) block(b *body, block *lang.Block) {
	b.open()
	defer b.close()
	for _, s := range block.Stmts {
		c.stmt(b, s)
	}
}

// branch checks the statement of an `else`, which is a scope of its own.
func (c *checker) branch(b *body, s lang.Stmt) {
	if s == nil {
		return
	}
	b.open()
	defer b.close()
	c.stmt(b, s)
}

func (c *checker) stmt(b *body, s lang.Stmt) {
	switch s := s.(type) {
	case *lang.Block:
		c.block(b, s)
	case *lang.Assign:
		c.assign(b, s)
	case *lang.If:
		c.ifCond(b, s.Cond)
		c.block(b, s.Then)
		c.branch(b, s.Else)
	case *lang.Either:
		for _, branch := range s.Branches {
			c.block(b, branch)
		}
	case *lang.Lock:
		c.use(s.Mutex, MutexObj)
		c.branch(b, s.Else)
	case *lang.Unlock:
		c.use(s.Mutex, MutexObj)
	case *lang.StayAwake:
		c.use(s.Wakeup, WakeupObj)
	case *lang.Relax:
		c.use(s.Wakeup, WakeupObj)
	case *lang.Queue:
		c.use(s.Work, WorkObj)
	case *lang.Cancel:
		c.use(s.Work, WorkObj)
	case *lang.Await:
		c.condition(s.Cond, c.inBody(b, "the condition of an await"))
	case *lang.Log:
		c.log(b, s)
	case *lang.Event:
		c.event(b, s)
	case *lang.Atomic:
		c.block(b, s.Body)
	case *lang.Call:
		c.callStmt(b, s)
	case *lang.Return:
		c.returnStmt(b, s)
	case *lang.Fail:
		c.failStmt(b, s)
	case *lang.Skip:
	case *lang.Spawn:
		c.spawnStmt(b, s)
	case *lang.Local:
		c.local(b, s)
	case *lang.Labeled:
		c.label(b, s)
	default:
		panic(fmt.Sprintf("check: unexpected statement %T", s))
	}
}

// assign checks `a := x, b := y`. Targets are not read.
func (c *checker) assign(b *body, s *lang.Assign) {
	if len(s.Targets) != len(s.Values) {
		c.errorf("type", s, "", "%d targets but %d values", len(s.Targets), len(s.Values))
		return
	}
	seen := map[*Object]bool{}
	for i, id := range s.Targets {
		t := c.expr(s.Values[i], c.inBody(b, "a value"))
		obj := c.target(b, id)
		if obj == nil {
			continue
		}
		if seen[obj] {
			c.errorf("type", id, "", "%s is assigned twice in one step", obj.Name)
		}
		seen[obj] = true
		c.assignable(obj.Type, s.Values[i], t, obj.Name)
	}
}

// target resolves what is assigned to; nil after a report.
func (c *checker) target(b *body, id *lang.Ident) *Object {
	obj := c.lookup(id.Name, b)
	if obj == nil {
		c.unknown(id, place{kinds: kinds(VarObj), body: b})
		return nil
	}
	obj = c.universal(obj)
	c.info.Uses[id] = obj
	if obj.Kind != VarObj && obj.Kind != LocalObj {
		c.errorf("type", id, "", "%s is %s: only variables and locals can be assigned", id.Name, kindOf(obj))
		return nil
	}
	c.used[obj] = true
	return obj
}

// ifCond checks the condition of an `if`; `cancel w` may be the whole of one.
func (c *checker) ifCond(b *body, cond lang.Expr) {
	if x, ok := lang.Unparen(cond).(*lang.CancelExpr); ok {
		c.use(x.Work, WorkObj)
		for e := cond; ; e = e.(*lang.Paren).X {
			c.info.Types[e] = Type{Kind: BoolType}
			if e == lang.Expr(x) {
				return
			}
		}
	}
	c.condition(cond, c.inBody(b, "the condition of an if"))
}

func (c *checker) callStmt(b *body, s *lang.Call) {
	obj := c.use(s.Func, ProcessObj)
	if obj != nil {
		c.call(b, s, obj.Proc, false)
		c.arguments(b, s.Func, obj.Proc, s.Args)
		if !obj.Proc.Decl.Result && (s.Else != nil || s.Target != nil) {
			c.errorAlso("type", s.Func, obj.Ident, "declared here without `-> result`",
				"%s has no result: it cannot fail", obj.Name)
		}
	} else {
		c.arguments(b, s.Func, nil, s.Args)
	}
	if s.Target != nil {
		c.callTarget(b, s.Target)
	}
	c.branch(b, s.Else)
}

func (c *checker) callTarget(b *body, id *lang.Ident) {
	obj := c.target(b, id)
	if obj != nil && obj.Type.Kind != ResultType && obj.Type.Kind != NoType {
		c.errorf("type", id, "declare `local "+id.Name+": result`", "%s is %s, it cannot keep a result", id.Name, obj.Type.phrase())
	}
}

// call records one call or spawn of the body.
func (c *checker) call(b *body, s lang.Stmt, to *Process, spawn bool) {
	b.calls = append(b.calls, &call{to, s, spawn})
	if !slices.Contains(b.proc.Calls, to) {
		b.proc.Calls = append(b.proc.Calls, to)
	}
}

// arguments checks the arguments of a call; to is nil if nobody knows what is called.
func (c *checker) arguments(b *body, at lang.Node, to *Process, args []lang.Expr) {
	for i, e := range args {
		t := c.expr(e, c.inBody(b, "an argument"))
		if to != nil && i < len(to.Params) {
			c.assignable(to.Params[i].Type, e, t, to.Params[i].Name)
		}
	}
	if to != nil && len(args) != len(to.Params) {
		c.errorAlso("type", at, to.Object.Ident, "declared here", "%s takes %d arguments, this gives %d", to.Name, len(to.Params), len(args))
	}
}

// spawnStmt checks `spawn P`; without arguments the parameters are chosen freely.
func (c *checker) spawnStmt(b *body, s *lang.Spawn) {
	obj := c.use(s.Process, ProcessObj)
	if obj == nil {
		c.arguments(b, s.Process, nil, s.Args)
		return
	}
	c.call(b, s, obj.Proc, true)
	c.startable(s.Process, obj.Proc)
	if len(s.Args) > 0 {
		c.arguments(b, s.Process, obj.Proc, s.Args)
	}
}

// startable reports procedures where only a process can start.
func (c *checker) startable(id *lang.Ident, p *Process) {
	if p.Decl.Procedure {
		c.errorAlso("type", id, p.Object.Ident, "declared here", "%s is a procedure: only processes start on their own", p.Name)
	}
}

func (c *checker) returnStmt(b *body, s *lang.Return) {
	if s.Value == nil {
		return
	}
	t := c.expr(s.Value, c.inBody(b, "a returned value"))
	if !b.proc.Decl.Result {
		c.noResult(b, s, "return a value")
		return
	}
	c.assignable(Type{Kind: ResultType}, s.Value, t, "what "+b.proc.Name+" returns")
}

func (c *checker) noResult(b *body, at lang.Node, what string) {
	c.errorAlso("type", at, b.proc.Object.Ident, "declared here without `-> result`",
		"%s has no result: it cannot %s", b.proc.Name, what)
}

func (c *checker) failStmt(b *body, s *lang.Fail) {
	if !b.proc.Decl.Result {
		c.noResult(b, s, "fail")
	}
	if s.Errno == nil {
		return
	}
	obj := c.lookup(s.Errno.Name, nil)
	if obj == nil || obj.Kind != ErrnoObj {
		c.errorf("name", s.Errno, c.didYouMean(s.Errno.Name, errnoNames()), "%s is not an errno of Linux", s.Errno.Name)
		return
	}
	c.info.Uses[s.Errno] = c.universal(obj)
}

func (c *checker) local(b *body, s *lang.Local) {
	obj := &Object{Kind: LocalObj, Name: nameOf(s.Name), Type: c.resolve(s.Type), Decl: s, Ident: s.Name, Proc: b.proc}
	b.proc.Locals = append(b.proc.Locals, obj)
	c.declareLocal(b, obj)
}

// label checks `name: stmt`. Labels live beside the other names, but must not look like a function,
// which `until` may name as well.
func (c *checker) label(b *body, s *lang.Labeled) {
	obj := &Object{Kind: LabelObj, Name: nameOf(s.Label), Decl: s, Ident: s.Label, Proc: b.proc}
	other := c.info.scope[obj.Name]
	if other != nil && other.Kind != ProcessObj {
		other = nil
	}
	for _, l := range b.labels {
		if l.Name == obj.Name {
			other = l
		}
	}
	if other != nil {
		c.errorAlso("name", s.Label, other.Ident, "it stands here first", "%s is declared already, as %s", obj.Name, kindOf(other))
	} else {
		b.labels = append(b.labels, obj)
		c.info.Defs[s.Label] = obj
	}
	c.stmt(b, s.Stmt)
}
