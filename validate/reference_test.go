package validate_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/traces"
)

// model is a slow second reading of a specification, made to check the validator against: it walks the
// tree statement by statement, over plain worlds, and shares no code with the compiled machine.
type model struct {
	info  *check.Info
	fixed map[*check.Object]int // features and device constants
	slot  map[*check.Object]int // vars, mutexes, wakeups and works in a world
	regs  map[*check.Object]int // params and locals in an activation
	size  int
	kinds *refKinds
	conts map[contKey]*cont
	over  bool // the budget is used up
	left  int  // worlds that may still be looked at
}

// unk is a value that is not known: only captures that begin in the middle of things have any.
const unk = -1 << 14

// The states of a work item, and the offset of its running flag.
const (
	idleWork = 0
	pending  = 1
	entering = 2 // marked pending, its record not made
)

// world is one possible situation: globals by slot, activations, and what probes demand to see.
type world struct {
	g    []int
	acts []*act
	due  []demand
}

// demand is a value that a probe of a thread read: it must be there before the thread's next record.
type demand struct{ ctx, slot, val int }

// act is one activation. It is never changed once it is in a world.
type act struct {
	root   *check.Process
	k      *cont
	task   int // context of its records, 0: none yet
	ret    int // result under way to a function's exit
	regs   []int
	missed bool // probes of it may have been missed
}

// cont is where an activation goes on: one thing to do, and what comes after it. Equal ones are one.
type cont struct {
	contKey
	id int
}

type contKey struct {
	do   doing
	stmt lang.Stmt
	fn   *check.Process
	call *lang.Call
	next *cont
}

type doing uint8

const (
	doEnd doing = iota
	doStmt
	doEnter
	doExit
	doCalled // a primitive's kernel function is entered
	doEffect // what the primitive does
	doLock
	doQueued
	doIdle // wait until a work item does not run
	doWorkStart
	doWorkEnd
	doDestroy
)

// event is what a step may leave in a trace; Kind is traces.Other for nothing.
type event struct {
	kind traces.Kind
	fn   string
	call bool
	work *check.Object
	log  *lang.Log
	proc *check.Process // enter: the function
	top  bool           // enter: of the activation itself
	ret  int
	void bool
}

// move is one step: the world after it and the activation that took it, nil if that has ended.
type move struct {
	w  *world
	a  *act
	ev event
}

func newModel(info *check.Info, fixed map[string]int, budget int) *model {
	m := &model{
		info: info, fixed: map[*check.Object]int{}, slot: map[*check.Object]int{}, regs: map[*check.Object]int{},
		conts: map[contKey]*cont{}, left: budget,
	}
	for _, o := range slices.Concat(info.Features, info.Devices) {
		v, ok := fixed[o.Name]
		if f, closed := info.Fixed[o]; closed {
			v, ok = f, true
		}
		if !ok {
			panic("reference: no value for " + o.Name)
		}
		m.fixed[o] = v
	}
	for _, o := range slices.Concat(info.Vars, info.Mutexes, info.Wakeups) {
		m.slot[o] = m.size
		m.size++
	}
	for _, o := range info.Works {
		m.slot[o] = m.size
		m.size += 2
	}
	for _, p := range info.Processes {
		for _, o := range slices.Concat(p.Params, p.Locals) {
			m.regs[o] = len(m.regs)
		}
	}
	return m
}

func (m *model) cont(k contKey) *cont {
	c := m.conts[k]
	if c == nil {
		c = &cont{k, len(m.conts) + 1}
		m.conts[k] = c
	}
	return c
}

func (w *world) clone() *world {
	return &world{slices.Clone(w.g), slices.Clone(w.acts), slices.Clone(w.due)}
}

func (a *act) with(k *cont) *act {
	n := *a
	n.regs, n.k = slices.Clone(a.regs), k
	return &n
}

func (a *act) key() string {
	b := []byte(fmt.Sprintf("%d.%d.%d.%t", a.k.id, a.task, a.ret, a.missed))
	for _, r := range a.regs {
		b = binary.AppendVarint(b, int64(r))
	}
	return string(b)
}

// key tells worlds apart.
func (w *world) key() string {
	var b []byte
	for _, v := range w.g {
		b = binary.AppendVarint(b, int64(v))
	}
	keys := make([]string, len(w.acts))
	for i, a := range w.acts {
		keys[i] = a.key()
	}
	sort.Strings(keys)
	for _, k := range keys {
		b = append(append(b, k...), '/')
	}
	for _, d := range w.due {
		b = fmt.Appendf(b, "%d=%d@%d,", d.slot, d.val, d.ctx)
	}
	return string(b)
}

// start gives the activations of p at their beginning: one for every choice of its parameters.
func (m *model) start(p *check.Process) []*act {
	k := m.cont(contKey{do: doEnd})
	if p.Decl.Ends != nil {
		k = m.cont(contKey{do: doDestroy, next: k})
	}
	if p.Work != nil {
		k = m.cont(contKey{do: doWorkEnd, fn: p, next: k})
	}
	k = m.body(p, nil, k)
	if p.Work != nil {
		k = m.cont(contKey{do: doWorkStart, fn: p, next: k})
	}
	as := []*act{{root: p, k: k, regs: m.first()}}
	for _, o := range p.Params {
		var next []*act
		for _, a := range as {
			for _, v := range m.domain(o.Type) {
				n := a.with(a.k)
				n.regs[m.regs[o]] = v
				next = append(next, n)
			}
		}
		as = next
	}
	var out []*act
	for _, a := range as {
		out = append(out, m.settle(a)...)
	}
	return out
}

// first gives the registers at the start.
func (m *model) first() []int {
	r := make([]int, len(m.regs))
	for o, i := range m.regs {
		if o.Type.Kind == check.IntType {
			r[i] = o.Type.Lo
		}
	}
	return r
}

// body is f from its entry to its exit.
func (m *model) body(f *check.Process, call *lang.Call, next *cont) *cont {
	k := m.cont(contKey{do: doExit, fn: f, call: call, next: next})
	k = m.cont(contKey{do: doStmt, stmt: f.Decl.Body, fn: f, next: k})
	return m.cont(contKey{do: doEnter, fn: f, call: call, next: k})
}

// domain lists the values of a type.
func (m *model) domain(t check.Type) []int {
	var vs []int
	switch t.Kind {
	case check.EnumType:
		for i, mem := range t.Enum.Members {
			if m.exists(mem) {
				vs = append(vs, i)
			}
		}
	case check.IntType:
		for v := t.Lo; v <= t.Hi; v++ {
			vs = append(vs, v)
		}
	case check.ResultType:
		vs = []int{0, check.AnyErrno}
	default:
		vs = []int{0, 1}
	}
	return vs
}

func (m *model) exists(mem *check.Member) bool {
	if mem.If == nil {
		return true
	}
	v, _ := m.eval(mem.If, nil, nil)
	return v != 0
}

// settle passes over what is no step: choices, calls, returns, tests of constants and locals, and
// records that this capture does not have. It gives every way to go on; doEnd is one of them.
func (m *model) settle(a *act) []*act {
	switch a.k.do {
	case doEnter:
		if !m.kinds.on("enter:"+a.k.fn.Name) || a.k.fn.Decl.Unobserved {
			return m.settle(a.with(a.k.next))
		}
	case doExit:
		if !m.kinds.on("exit:"+a.k.fn.Name) || a.k.fn.Decl.Unobserved {
			return m.leave(a)
		}
	case doCalled:
		if !m.kinds.on("call:" + primitive(a.k.stmt)) {
			return m.settle(a.with(a.k.next))
		}
	case doWorkStart:
		if !m.kinds.on("start") {
			return m.settle(a.with(a.k.next))
		}
	case doWorkEnd:
		if !m.kinds.on("end") {
			return m.settle(a.with(a.k.next))
		}
	case doStmt:
		return m.settleStmt(a)
	}
	return []*act{a}
}

func primitive(s lang.Stmt) string {
	if _, ok := s.(*lang.StayAwake); ok {
		return "pm_stay_awake"
	}
	return "pm_relax"
}

func (m *model) settleStmt(a *act) []*act {
	k := a.k
	at := func(s lang.Stmt, next *cont) *cont {
		return m.cont(contKey{do: doStmt, stmt: s, fn: k.fn, next: next})
	}
	switch s := k.stmt.(type) {
	case *lang.Block:
		next := k.next
		for i := len(s.Stmts) - 1; i >= 0; i-- {
			next = at(s.Stmts[i], next)
		}
		return m.settle(a.with(next))
	case *lang.Skip, *lang.Local:
		return m.settle(a.with(k.next))
	case *lang.Labeled:
		return m.settle(a.with(at(s.Stmt, k.next)))
	case *lang.Either:
		var out []*act
		for _, b := range s.Branches {
			out = append(out, m.settle(a.with(at(b, k.next)))...)
		}
		return out
	case *lang.Lock:
		out := []*act{a.with(m.cont(contKey{do: doLock, stmt: s, fn: k.fn, next: k.next}))}
		if s.Interruptible && a.root.Work == nil {
			out = append(out, m.settle(a.with(at(s.Else, k.next)))...)
		}
		return out
	case *lang.StayAwake, *lang.Relax:
		eff := m.cont(contKey{do: doEffect, stmt: s, fn: k.fn, next: k.next})
		return m.settle(a.with(m.cont(contKey{do: doCalled, stmt: s, fn: k.fn, next: eff})))
	case *lang.Call:
		callee := m.info.Uses[s.Func].Proc
		n := a.with(m.body(callee, s, k.next))
		for i, x := range s.Args {
			n.regs[m.regs[callee.Params[i]]], _ = m.eval(x, nil, a)
		}
		return m.settle(n)
	case *lang.Return, *lang.Fail:
		return m.settle(m.returns(a, s))
	case *lang.If:
		if m.shared(s.Cond) {
			return []*act{a}
		}
		return m.branch(a, s)
	}
	return []*act{a}
}

// branch decides an if over constants and registers.
func (m *model) branch(a *act, s *lang.If) []*act {
	v, need := m.eval(s.Cond, nil, a)
	if need != nil {
		var out []*act
		for _, v := range m.domain(need.Type) {
			n := a.with(a.k)
			n.regs[m.regs[need]] = v
			out = append(out, m.branch(n, s)...)
		}
		return out
	}
	return m.settle(a.with(m.side(a.k, s, v != 0)))
}

func (m *model) side(k *cont, s *lang.If, then bool) *cont {
	switch {
	case then:
		return m.cont(contKey{do: doStmt, stmt: s.Then, fn: k.fn, next: k.next})
	case s.Else != nil:
		return m.cont(contKey{do: doStmt, stmt: s.Else, fn: k.fn, next: k.next})
	}
	return k.next
}

// shared tells whether a condition reads what others may change.
func (m *model) shared(e lang.Expr) bool {
	found := false
	lang.Walk(e, func(n lang.Node) bool {
		switch x := n.(type) {
		case *lang.CancelExpr, *lang.Field:
			found = true
		case *lang.Name:
			found = found || m.info.Uses[x.ID].Kind == check.VarObj
		}
		return true
	})
	return found
}

// returns goes to the exit of the function that a is in.
func (m *model) returns(a *act, s lang.Stmt) *act {
	k := a.k
	for k.do != doExit {
		k = k.next
	}
	n := a.with(k)
	switch s := s.(type) {
	case *lang.Return:
		n.ret = 0
		if s.Value != nil {
			v, need := m.eval(s.Value, nil, a)
			if n.ret = v; need != nil {
				n.ret = unk
			}
		}
	case *lang.Fail:
		n.ret = check.AnyErrno
		if s.Errno != nil {
			n.ret = -m.info.Uses[s.Errno].Index
		}
	}
	return n
}

// leave comes back from a function: its registers are fresh again, the caller takes the result.
func (m *model) leave(a *act) []*act {
	if a.ret == unk && a.k.call != nil {
		var out []*act
		for _, v := range []int{0, check.AnyErrno} {
			n := a.with(a.k)
			n.ret = v
			out = append(out, m.leave(n)...)
		}
		return out
	}
	n := a.with(a.k.next)
	first := m.first()
	for _, o := range slices.Concat(a.k.fn.Params, a.k.fn.Locals) {
		n.regs[m.regs[o]] = first[m.regs[o]]
	}
	n.ret = 0
	if c := a.k.call; c != nil {
		if c.Target != nil {
			n.regs[m.regs[m.info.Uses[c.Target]]] = a.ret
		}
		if c.Else != nil && a.ret != 0 {
			fn := a.root
			for k := n.k; k != nil; k = k.next {
				if k.do == doExit {
					fn = k.fn
					break
				}
			}
			n.k = m.cont(contKey{do: doStmt, stmt: c.Else, fn: fn, next: n.k})
		}
	}
	return m.settle(n)
}

// eval gives the value of an expression, or the object that has to be decided first.
func (m *model) eval(e lang.Expr, w *world, a *act) (int, *check.Object) {
	switch e := e.(type) {
	case *lang.Paren:
		return m.eval(e.X, w, a)
	case *lang.IntLit:
		return e.Value, nil
	case *lang.BoolLit:
		return bit(e.Value), nil
	case *lang.Name:
		return m.name(m.info.Uses[e.ID], w, a)
	case *lang.Field:
		return m.field(e, w)
	case *lang.Unary:
		v, need := m.eval(e.X, w, a)
		if e.Op == "!" {
			return 1 - v, need
		}
		return -v, need
	case *lang.In:
		x, need := m.eval(e.X, w, a)
		if need != nil {
			return 0, need
		}
		for _, s := range e.Set {
			v, need := m.eval(s, w, a)
			if need != nil || v == x {
				return 1, need
			}
		}
		return 0, nil
	case *lang.Binary:
		return m.binary(e, w, a)
	}
	panic(fmt.Sprintf("reference: expression %T", e))
}

func (m *model) name(o *check.Object, w *world, a *act) (int, *check.Object) {
	v := 0
	switch o.Kind {
	case check.MemberObj:
		return o.Index, nil
	case check.ConstObj:
		return o.Value, nil
	case check.FeatureObj, check.DeviceObj:
		return m.fixed[o], nil
	case check.ErrnoObj:
		return -o.Index, nil
	case check.OkObj:
		return 0, nil
	case check.VarObj:
		v = w.g[m.slot[o]]
	default:
		v = a.regs[m.regs[o]]
	}
	if v == unk {
		return 0, o
	}
	return v, nil
}

func (m *model) field(e *lang.Field, w *world) (int, *check.Object) {
	o := m.info.Uses[e.X]
	if o.Kind == check.ProcessObj {
		n := 0
		for _, a := range w.acts {
			n |= bit(a.root == o.Proc)
		}
		return n, nil
	}
	i := m.slot[o]
	if e.Field.Name == "running" {
		i++
	}
	if w.g[i] == unk {
		return 0, o
	}
	return bit(w.g[i] > 0), nil
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *model) binary(e *lang.Binary, w *world, a *act) (int, *check.Object) {
	x, need := m.eval(e.X, w, a)
	if need != nil {
		return 0, need
	}
	switch {
	case e.Op == "&&" && x == 0, e.Op == "||" && x != 0:
		return x, nil
	case e.Op == "=>" && x == 0:
		return 1, nil
	}
	y, need := m.eval(e.Y, w, a)
	switch e.Op {
	case "&&", "||", "=>":
		return y, need
	case "==":
		return bit(x == y), need
	case "!=":
		return bit(x != y), need
	case "<":
		return bit(x < y), need
	case "<=":
		return bit(x <= y), need
	case ">":
		return bit(x > y), need
	case ">=":
		return bit(x >= y), need
	case "+":
		return x + y, need
	case "-":
		return x - y, need
	}
	panic("reference: operator " + e.Op)
}
