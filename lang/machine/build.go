package machine

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// builder makes the graph of every process, backwards: a statement is built for the node that comes
// after it, so that branches share what follows them.
type builder struct {
	m       *Machine
	diags   *diag.List
	maxRegs int
	full    bool // there are too many nodes: nothing more is inlined
}

// maxNodes bounds a machine: calls that are inlined in calls can double it with every function.
const maxNodes = 1 << 16

var resultType = check.Type{Kind: check.ResultType}

// env is what a statement is built in: a function that is being inlined into a root process.
type env struct {
	compiler
	root   *Proc
	fn     *check.Process
	inWork bool
	nested bool
	atomic bool
	ret    func(v *Value, at diag.Span) *Node // where a return goes; v is nil without result
}

// processes builds all roots.
func (b *builder) processes() {
	m := b.m
	for _, p := range m.Info.Processes {
		if p.Decl.Procedure {
			continue
		}
		r := &Proc{Process: p, Index: len(m.Procs), Work: -1}
		m.Procs = append(m.Procs, r)
		m.procs[p] = r
	}
	for i, w := range m.Works {
		decl := w.Object.Decl.(*lang.Work)
		w.Proc = m.procs[m.Info.Uses[decl.Runs].Proc]
		w.Proc.Work = i
	}
	for _, w := range m.Wakeups {
		if cond := w.Object.Decl.(*lang.Wakeup).If; cond != nil {
			w.If = (&compiler{m: m}).cond(cond)
		}
	}
	for _, r := range m.Procs {
		b.root(r)
	}
}

// root builds the graph of one activation: its records, its body, and its end.
func (b *builder) root(r *Proc) {
	e := &env{compiler: compiler{m: b.m, scope: &scope{regs: map[*check.Object]int{}}}, root: r, fn: r.Process, inWork: r.Work >= 0}
	b.alloc(e, r.Process)
	for i := range r.Process.Params {
		r.Params = append(r.Params, i)
	}
	span := diag.Span{Start: r.Decl.End(), End: r.Decl.End()}
	tail := b.node(e, End, span, nil)
	if r.Decl.Ends != nil {
		tail = b.node(e, Destroy, span, tail)
	}
	if r.Work >= 0 {
		tail = b.node(e, ObsWorkEnd, span, tail)
		tail.Work = r.Work
	}
	e.ret = b.returner(e, func(*Value) *Node { return tail })
	head := b.enter(e, b.body(e))
	if r.Work >= 0 {
		head = b.node(e, ObsWorkStart, head.Span, head)
		head.Work = r.Work
	}
	r.Entry = head
	b.maxRegs = max(b.maxRegs, len(r.Regs))
}

// alloc gives registers to the parameters and locals of p.
func (b *builder) alloc(e *env, p *check.Process) []int {
	var regs []int
	for _, o := range append(append([]*check.Object{}, p.Params...), p.Locals...) {
		n := len(e.root.Regs)
		e.root.Regs = append(e.root.Regs, o.Type)
		e.root.RegObjects = append(e.root.RegObjects, o)
		e.scope.regs[o] = n
		regs = append(regs, n)
	}
	return regs
}

// returner makes the function exits of e's function; equal constant results share one.
func (b *builder) returner(e *env, after func(*Value) *Node) func(*Value, diag.Span) *Node {
	cache := map[Val]*Node{}
	return func(v *Value, at diag.Span) *Node {
		key := Val(1) // void
		if v != nil && v.Const {
			key = v.Eval(nil, nil)
		}
		if v == nil || v.Const {
			if n := cache[key]; n != nil {
				return n
			}
		}
		n := after(v)
		if !e.fn.Decl.Unobserved {
			n = b.node(e, ObsExit, at, n)
			n.Result = v
		}
		if v == nil || v.Const {
			cache[key] = n
		}
		return n
	}
}

func (b *builder) enter(e *env, body *Node) *Node {
	if e.fn.Decl.Unobserved {
		return body
	}
	return b.node(e, ObsEnter, identSpan(e.fn.Decl.Name), body)
}

// body builds the body of e's function, falling off its end included.
func (b *builder) body(e *env) *Node {
	d := e.fn.Decl
	end := diag.Span{Start: d.End(), End: d.End()}
	var k *Node
	if d.Result {
		k = e.ret(constValue(0, resultType), end)
	} else {
		k = e.ret(nil, end)
	}
	return b.block(e, d.Body.Stmts, k)
}

func (b *builder) node(e *env, kind NodeKind, span diag.Span, next *Node) *Node {
	n := &Node{ID: len(b.m.Nodes), Kind: kind, Span: span, Func: e.fn, Root: e.root, Next: next, Reg: -1, Nested: e.nested}
	b.m.Nodes = append(b.m.Nodes, n)
	return n
}

func (b *builder) block(e *env, stmts []lang.Stmt, k *Node) *Node {
	for i := len(stmts) - 1; i >= 0; i-- {
		k = b.stmt(e, stmts[i], k)
	}
	return k
}

func (b *builder) stmt(e *env, s lang.Stmt, k *Node) *Node {
	span := diag.Span{Start: s.Pos(), End: s.End()}
	switch x := s.(type) {
	case *lang.Block:
		return b.block(e, x.Stmts, k)
	case *lang.Skip, *lang.Local:
		return k
	case *lang.Labeled:
		n := b.stmt(e, x.Stmt, k)
		b.m.label(e.root, x.Label.Name, n)
		return n
	case *lang.If:
		return b.branch(e, x, k)
	case *lang.Either:
		n := b.node(e, Choice, span, nil)
		for _, br := range x.Branches {
			n.Alts = append(n.Alts, b.block(e, br.Stmts, k))
		}
		return n
	case *lang.Lock:
		return b.lock(e, x, k)
	case *lang.Call:
		return b.call(e, x, k)
	case *lang.Return:
		if x.Value != nil {
			return e.ret(e.value(x.Value), span)
		}
		if e.fn.Decl.Result {
			return e.ret(constValue(0, resultType), span)
		}
		return e.ret(nil, span)
	case *lang.Fail:
		errno := Val(check.AnyErrno)
		if x.Errno != nil {
			errno = Val(-b.m.Info.Uses[x.Errno].Index)
		}
		return e.ret(constValue(errno, resultType), span)
	case *lang.Atomic:
		return b.atomic(e, x, k)
	}
	return b.simple(e, s, span, k)
}

// simple builds the statements that are one node.
func (b *builder) simple(e *env, s lang.Stmt, span diag.Span, k *Node) *Node {
	switch x := s.(type) {
	case *lang.Assign:
		n := b.node(e, Assign, span, k)
		for i, t := range x.Targets {
			n.Assigns = append(n.Assigns, Assignment{e.loc(t), e.value(x.Values[i])})
		}
		return n
	case *lang.Unlock:
		n := b.node(e, Unlock, span, k)
		n.Mutex = b.m.mutex(x.Mutex)
		return n
	case *lang.StayAwake:
		return b.wakeup(e, Awake, "pm_stay_awake", x.Wakeup, span, k)
	case *lang.Relax:
		return b.wakeup(e, Relax, "pm_relax", x.Wakeup, span, k)
	case *lang.Queue:
		obs := b.node(e, ObsQueued, span, k)
		n := b.node(e, Queue, span, obs)
		n.Work = b.m.workIndex(x.Work)
		obs.Work = n.Work
		return n
	case *lang.Cancel:
		return b.cancel(e, x.Work, span, -1, k)
	case *lang.Await:
		n := b.node(e, Await, span, k)
		n.Cond = e.cond(x.Cond)
		e.root.Sleeps = true
		return n
	case *lang.Log:
		n := b.node(e, Log, span, k)
		n.Level = x.Level
		for _, p := range x.Patterns {
			n.Patterns = append(n.Patterns, e.pattern(p))
		}
		return n
	case *lang.Event:
		n := b.node(e, Event, span, k)
		n.Text = x.Name.Name
		for _, a := range x.Args {
			n.Fields = append(n.Fields, e.field(a))
		}
		return n
	case *lang.Spawn:
		n := b.node(e, Spawn, span, k)
		n.Proc = b.m.procs[b.m.Info.Uses[x.Process].Proc]
		for _, a := range x.Args {
			n.Args = append(n.Args, e.value(a))
		}
		return n
	}
	panic(fmt.Sprintf("machine: statement %T", s))
}

func (b *builder) branch(e *env, x *lang.If, k *Node) *Node {
	then := b.block(e, x.Then.Stmts, k)
	els := k
	if x.Else != nil {
		els = b.stmt(e, x.Else, k)
	}
	span := diag.Span{Start: x.Cond.Pos(), End: x.Cond.End()}
	if c, ok := lang.Unparen(x.Cond).(*lang.CancelExpr); ok {
		return b.cancelIf(e, c.Work, span, then, els)
	}
	cond := e.cond(x.Cond)
	kind := b.branchKind(cond)
	if readsPrimitive(x.Cond) {
		kind = Test
	}
	n := b.node(e, kind, span, then)
	n.Cond, n.Else = cond, els
	return n
}

// branchKind tells whether an if is a step: it is if it reads a variable or a primitive.
func (b *builder) branchKind(c *Cond) NodeKind {
	for _, l := range c.Reads {
		if !l.IsReg() && b.m.Globals[l].Kind >= VarGlobal {
			return Test
		}
	}
	return Branch
}

// readsPrimitive tells whether a condition asks for `m.held`, `P.running` and the like.
func readsPrimitive(e lang.Expr) bool {
	found := false
	lang.Walk(e, func(n lang.Node) bool {
		_, field := n.(*lang.Field)
		found = found || field
		return !found
	})
	return found
}

func (b *builder) lock(e *env, x *lang.Lock, k *Node) *Node {
	span := diag.Span{Start: x.Pos(), End: x.End()}
	n := b.node(e, Lock, span, k)
	n.Mutex = b.m.mutex(x.Mutex)
	if !b.m.Info.Mutexes[n.Mutex].Decl.(*lang.Mutex).Spin {
		e.root.Sleeps = true
	}
	if !x.Interruptible || e.inWork {
		return n
	}
	c := b.node(e, Choice, span, nil)
	c.Alts = []*Node{n, b.stmt(e, x.Else, k)}
	return c
}

func (b *builder) wakeup(e *env, kind NodeKind, fn string, w *lang.Ident, span diag.Span, k *Node) *Node {
	n := b.node(e, kind, span, k)
	for i, x := range b.m.Wakeups {
		if x.Object == b.m.Info.Uses[w] {
			n.Wakeup = i
		}
	}
	obs := b.node(e, ObsCall, span, n)
	obs.Text, obs.Wakeup = fn, n.Wakeup
	return obs
}

// cancel builds cancel_work_sync(): take the item away, then wait until it does not run.
func (b *builder) cancel(e *env, w *lang.Ident, span diag.Span, reg int, k *Node) *Node {
	i := b.m.workIndex(w)
	running := &Term{Op: Active, Type: boolean, Loc: Loc(b.m.Works[i].Running)}
	v := b.m.newValue(Truth(Not, running), span, "!"+w.Name+".running")
	wait := b.node(e, Await, span, k)
	wait.Cond = &Cond{Value: *v, Then: []*Conj{{Value: *v}}}
	n := b.node(e, Cancel, span, wait)
	n.Work, n.Reg = i, reg
	e.root.Sleeps = true
	return n
}

func (b *builder) cancelIf(e *env, w *lang.Ident, span diag.Span, then, els *Node) *Node {
	reg := len(e.root.Regs)
	e.root.Regs = append(e.root.Regs, boolean)
	e.root.RegObjects = append(e.root.RegObjects, nil)
	v := b.m.newValue(&Term{Op: Read, Type: boolean, Loc: RegLoc(reg)}, span, "cancel "+w.Name)
	cond := &Cond{Value: *v, Then: []*Conj{{Value: *v}}, Else: []*Conj{negated(v)}}
	reset := func(k *Node) *Node { return b.set(e, reg, constValue(0, boolean), k) }
	br := b.node(e, Branch, span, reset(then))
	br.Cond, br.Else = cond, reset(els)
	return b.cancel(e, w, span, reg, br)
}

func (b *builder) set(e *env, reg int, v *Value, k *Node) *Node {
	n := b.node(e, Set, v.Span, k)
	n.Reg, n.Value = reg, v
	return n
}

// call inlines a function.
func (b *builder) call(e *env, x *lang.Call, k *Node) *Node {
	callee := b.m.Info.Uses[x.Func].Proc
	if b.tooLarge(x, callee) {
		return k
	}
	in := &env{
		compiler: compiler{m: b.m, scope: &scope{regs: map[*check.Object]int{}}},
		root:     e.root, fn: callee, inWork: e.inWork, nested: e.nested || !callee.Decl.Procedure, atomic: e.atomic,
	}
	regs := b.alloc(in, callee)
	failed := k
	if x.Else != nil {
		failed = b.stmt(e, x.Else, k)
	}
	in.ret = b.returner(in, func(v *Value) *Node { return b.result(e, x, v, regs, k, failed) })
	head := b.enter(in, b.body(in))
	for i := len(x.Args) - 1; i >= 0; i-- {
		head = b.set(e, regs[i], e.value(x.Args[i]), head)
	}
	return head
}

// tooLarge reports, once, that a call comes on top of too many nodes.
func (b *builder) tooLarge(x *lang.Call, callee *check.Process) bool {
	if len(b.m.Nodes) <= maxNodes || b.full {
		return b.full
	}
	b.full = true
	b.diags.Errorf(diag.Span{Start: x.Pos(), End: x.End()}, "limit",
		"what is called is inlined, and with %s here that makes more than %d program points", callee.Name, maxNodes).Hint = "call less in functions that are called often"
	return true
}

// result builds what happens to the result v of a call: it is kept, tested, or ignored.
func (b *builder) result(e *env, x *lang.Call, v *Value, regs []int, k, failed *Node) *Node {
	reset := func(n *Node) *Node {
		for _, r := range regs {
			n = b.set(e, r, constValue(First(e.root.Regs[r]), e.root.Regs[r]), n)
		}
		return n
	}
	var n *Node
	switch {
	case v == nil || x.Else == nil:
		n = reset(k)
	case v.Const && v.Eval(nil, nil) == 0:
		n = reset(k)
	case v.Const:
		n = reset(failed)
	default:
		n = b.node(e, Branch, v.Span, reset(k))
		n.Cond, n.Else = b.m.okCond(v), reset(failed)
	}
	if x.Target != nil && v != nil {
		n = b.set(e, e.loc(x.Target).Reg(), v, n)
	}
	return n
}

// okCond is the condition that a result is a good one.
func (m *Machine) okCond(v *Value) *Cond {
	ok := m.newValue(Truth(Eq, v.Term, &Term{Type: v.Term.Type}), v.Span, v.Text+" == ok")
	return &Cond{Value: *ok, Then: []*Conj{{Value: *ok}}, Else: []*Conj{negated(ok)}}
}

// atomic builds the body apart and keeps every path through it as one step.
func (b *builder) atomic(e *env, x *lang.Atomic, k *Node) *Node {
	span := diag.Span{Start: x.Pos(), End: x.End()}
	in := *e
	in.atomic = true
	in.ret = func(_ *Value, at diag.Span) *Node {
		b.diags.Errorf(at, "atomic", "an atomic block cannot return from its function")
		return k
	}
	stop := b.node(e, End, span, nil)
	entry := b.block(&in, x.Body.Stmts, stop)
	n := b.node(e, Atomic, span, k)
	n.Paths = b.m.paths(entry, stop)
	return n
}

func (c *compiler) loc(id *lang.Ident) Loc { return c.place(c.m.Info.Uses[id]) }

// place gives the place of a variable, constant, parameter or local.
func (c *compiler) place(o *check.Object) Loc {
	if r, ok := c.scope.regs[o]; ok {
		return RegLoc(r)
	}
	return Loc(c.m.globals[o])
}

func constValue(v Val, t check.Type) *Value {
	term := &Term{Val: v, Type: t}
	return &Value{Const: true, Term: term, Type: t, eval: constant(v), Text: fmt.Sprint(v)}
}

func identSpan(id *lang.Ident) diag.Span { return diag.Span{Start: id.Pos(), End: id.End()} }

func (m *Machine) mutex(id *lang.Ident) int {
	for i, o := range m.Info.Mutexes {
		if o == m.Info.Uses[id] {
			return i
		}
	}
	panic("machine: mutex " + id.Name)
}

func (m *Machine) workIndex(id *lang.Ident) int {
	for i, w := range m.Works {
		if w.Object == m.Info.Uses[id] {
			return i
		}
	}
	panic("machine: work " + id.Name)
}
