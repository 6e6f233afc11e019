package modelcheck_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// A second opinion: an explorer that walks the syntax tree with explicit continuations and keeps states
// as strings in a map. It shares nothing with package machine, and knows no reductions.

// cont is what an activation still has to do. Its identity is its program point.
type cont struct {
	stmt lang.Stmt // nil for the rest
	call *lang.Call
	edge bool          // the end of a function: its environment goes
	wait *check.Object // until this work item does not run
	at   int           // where that is written
	pick *[2]lang.Stmt // and then one of these
	took bool
	next *cont
}

// act is a live activation.
type act struct {
	k    *cont
	proc *check.Process
	envs []map[*check.Object]int // of the functions that it is in
	own  map[*check.Object]bool  // mutexes
}

// bstate is a whole state. Slots are idle, live or done.
type bstate struct {
	vals    map[*check.Object]int // constants, variables, mutexes, wakeup sources
	pending map[*check.Object]bool
	slots   []bslot
}

type bslot struct {
	phase int // 0 idle, 1 live, 2 done
	act   *act
}

type brute struct {
	info  *check.Info
	procs []*check.Process // by slot; workers last
	works []*check.Object
	once  int // slots that the environment starts
}

func newBrute(info *check.Info) *brute {
	b := &brute{info: info}
	for _, s := range info.Explore.Spawns {
		for range s.Count {
			b.procs = append(b.procs, info.Uses[s.Process].Proc)
		}
	}
	b.once = len(b.procs)
	for _, w := range info.Works {
		b.works = append(b.works, w)
		b.procs = append(b.procs, info.Uses[w.Decl.(*lang.Work).Runs].Proc)
	}
	return b
}

func (b *brute) clone(s *bstate) *bstate {
	c := &bstate{vals: map[*check.Object]int{}, pending: map[*check.Object]bool{}, slots: slices.Clone(s.slots)}
	for o, v := range s.vals {
		c.vals[o] = v
	}
	for o, v := range s.pending {
		c.pending[o] = v
	}
	for i := range c.slots {
		if a := c.slots[i].act; a != nil {
			n := &act{k: a.k, proc: a.proc, own: map[*check.Object]bool{}}
			for o := range a.own {
				n.own[o] = true
			}
			for _, e := range a.envs {
				m := map[*check.Object]int{}
				for o, v := range e {
					m[o] = v
				}
				n.envs = append(n.envs, m)
			}
			c.slots[i].act = n
		}
	}
	return c
}

func (b *brute) key(s *bstate) string {
	var w strings.Builder
	for _, list := range [][]*check.Object{b.info.Features, b.info.Devices, b.info.Vars, b.info.Mutexes, b.info.Wakeups} {
		for _, o := range list {
			fmt.Fprintf(&w, "%d ", s.vals[o])
		}
	}
	for _, o := range b.works {
		fmt.Fprintf(&w, "%v ", s.pending[o])
	}
	for _, sl := range s.slots {
		fmt.Fprintf(&w, "|%d", sl.phase)
		if sl.act == nil {
			continue
		}
		for k := sl.act.k; k != nil; k = k.next {
			if k.stmt != nil {
				fmt.Fprintf(&w, ",%d", k.stmt.Pos().Offset)
			} else {
				fmt.Fprintf(&w, ",%v%d%v", k.edge, k.at, k.took)
			}
		}
		for _, e := range sl.act.envs {
			var parts []string
			for o, v := range e {
				parts = append(parts, fmt.Sprintf("%d=%d", o.Decl.Pos().Offset, v))
			}
			slices.Sort(parts)
			fmt.Fprint(&w, parts)
		}
	}
	return w.String()
}

// eval evaluates an expression; booleans are 0 and 1.
func (b *brute) eval(s *bstate, a *act, e lang.Expr) int {
	yes := func(v bool) int {
		if v {
			return 1
		}
		return 0
	}
	switch x := e.(type) {
	case *lang.Paren:
		return b.eval(s, a, x.X)
	case *lang.Field:
		return yes(b.field(s, x))
	case *lang.In:
		v := b.eval(s, a, x.X)
		return yes(slices.ContainsFunc(x.Set, func(m lang.Expr) bool { return b.eval(s, a, m) == v }))
	case *lang.Unary:
		v := b.eval(s, a, x.X)
		if x.Op == "!" {
			return 1 - v
		}
		return -v
	case *lang.Binary:
		l, r := b.eval(s, a, x.X), b.eval(s, a, x.Y)
		return map[string]int{
			"&&": l & r, "||": l | r, "=>": (1 - l) | r, "==": yes(l == r), "!=": yes(l != r), "<": yes(l < r),
			"<=": yes(l <= r), ">": yes(l > r), ">=": yes(l >= r), "+": l + r, "-": l - r,
		}[x.Op]
	case *lang.Name:
		o := b.info.Uses[x.ID]
		if v, ok := b.info.Const(e); ok {
			return v
		}
		if a != nil {
			if v, ok := a.envs[len(a.envs)-1][o]; ok {
				return v
			}
		}
		return s.vals[o]
	}
	v, ok := b.info.Const(e)
	if !ok {
		panic(fmt.Sprintf("brute: %T", e))
	}
	return v
}

func (b *brute) field(s *bstate, x *lang.Field) bool {
	o := b.info.Uses[x.X]
	switch {
	case o.Kind == check.WorkObj && x.Field.Name == "pending":
		return s.pending[o]
	case x.Field.Name == "exists":
		cond := o.Decl.(*lang.Wakeup).If
		return cond == nil || b.eval(s, nil, cond) == 1
	case o.Kind == check.WorkObj:
		return s.slots[b.once+slices.Index(b.works, o)].phase == 1
	case o.Kind == check.ProcessObj:
		return slices.ContainsFunc(s.slots, func(sl bslot) bool { return sl.phase == 1 && sl.act.proc == o.Proc })
	}
	return s.vals[o] != 0
}

// reads reports whether a condition reads a variable or a primitive: whether its test is a step.
func (b *brute) reads(e lang.Expr) bool {
	found := false
	lang.Walk(e, func(n lang.Node) bool {
		switch x := n.(type) {
		case *lang.Field:
			found = found || b.info.Uses[x.X].Kind != check.ProcessObj
		case *lang.Name:
			found = found || b.info.Uses[x.ID].Kind == check.VarObj
		}
		return true
	})
	return found
}

func first(t check.Type) int {
	if t.Kind == check.IntType {
		return t.Lo
	}
	return 0
}

// enter gives the environment of a function.
func enter(p *check.Process) map[*check.Object]int {
	env := map[*check.Object]int{}
	for _, o := range append(slices.Clone(p.Params), p.Locals...) {
		env[o] = first(o.Type)
	}
	return env
}

func push(stmts []lang.Stmt, k *cont) *cont {
	for i := len(stmts) - 1; i >= 0; i-- {
		k = &cont{stmt: stmts[i], next: k}
	}
	return k
}

func block(s lang.Stmt, k *cont) *cont {
	if s == nil {
		return k
	}
	return &cont{stmt: s, next: k}
}

// settle passes what is no step.
func (b *brute) settle(s *bstate, a *act) {
	for a.k != nil {
		k := a.k
		switch x := k.stmt.(type) {
		case nil:
			if k.wait != nil {
				return
			}
			if k.pick != nil {
				a.k = block(k.pick[1], k.next)
				if k.took {
					a.k = block(k.pick[0], k.next)
				}
				continue
			}
			b.leave(s, a, 0)
		case *lang.Block:
			a.k = push(x.Stmts, k.next)
		case *lang.Skip, *lang.Local:
			a.k = k.next
		case *lang.Labeled:
			a.k = block(x.Stmt, k.next)
		case *lang.Call:
			b.call(s, a, x)
		case *lang.Return:
			v := 0
			if x.Value != nil {
				v = b.eval(s, a, x.Value)
			}
			b.leave(s, a, v)
		case *lang.Fail:
			v := check.AnyErrno
			if x.Errno != nil {
				v = -b.info.Uses[x.Errno].Index
			}
			b.leave(s, a, v)
		case *lang.If:
			if _, ok := x.Cond.(*lang.CancelExpr); ok || b.reads(x.Cond) {
				return
			}
			a.k = b.branch(x, k.next, b.eval(s, a, x.Cond) == 1)
		default:
			return
		}
	}
}

func (b *brute) branch(x *lang.If, k *cont, yes bool) *cont {
	if yes {
		return push(x.Then.Stmts, k)
	}
	return block(x.Else, k)
}

func (b *brute) call(s *bstate, a *act, x *lang.Call) {
	p := b.info.Uses[x.Func].Proc
	env := enter(p)
	for i, e := range x.Args {
		env[p.Params[i]] = b.eval(s, a, e)
	}
	a.k = push(p.Decl.Body.Stmts, &cont{edge: true, call: x, next: a.k.next})
	a.envs = append(a.envs, env)
}

// leave returns from the function that a is in.
func (b *brute) leave(s *bstate, a *act, v int) {
	for a.k != nil && !a.k.edge {
		a.k = a.k.next
	}
	if a.k == nil {
		a.envs = a.envs[:1] // the process itself: only its end is left
		return
	}
	x := a.k.call
	a.k = a.k.next
	a.envs = a.envs[:len(a.envs)-1]
	if x.Target != nil {
		a.envs[len(a.envs)-1][b.info.Uses[x.Target]] = v
	}
	if v != 0 && x.Else != nil {
		a.k = block(x.Else, a.k)
	}
}

// succ is a successor: what moved, and whether it had to.
type succ struct {
	s     *bstate
	slot  int
	start bool // of a worker
	env   bool
	wrong string
}

// next lists the successors of a state, in no particular order.
func (b *brute) next(s *bstate) []succ {
	var all []succ
	for i, sl := range s.slots {
		switch {
		case sl.phase == 1:
			for _, t := range b.steps(s, i) {
				all = append(all, succ{s: t, slot: i, wrong: b.outside(t)})
			}
		case i >= b.once:
			if w := b.works[i-b.once]; s.pending[w] {
				t := b.clone(s)
				t.pending[w] = false
				b.begin(t, i, nil)
				all = append(all, succ{s: t, slot: i, start: true})
			}
		case sl.phase == 0:
			for _, args := range b.arguments(b.procs[i]) {
				t := b.clone(s)
				b.begin(t, i, args)
				all = append(all, succ{s: t, slot: i, env: true})
			}
		}
	}
	return all
}

func (b *brute) arguments(p *check.Process) [][]int {
	all := [][]int{nil}
	for _, o := range p.Params {
		var next [][]int
		for _, a := range all {
			for _, v := range domain(o.Type) {
				next = append(next, append(slices.Clone(a), v))
			}
		}
		all = next
	}
	return all
}

func domain(t check.Type) []int {
	var vs []int
	switch t.Kind {
	case check.IntType:
		for v := t.Lo; v <= t.Hi; v++ {
			vs = append(vs, v)
		}
	case check.EnumType:
		for i := range t.Enum.Members {
			vs = append(vs, i)
		}
	default:
		vs = []int{0, 1}
	}
	return vs
}

func (b *brute) begin(s *bstate, i int, args []int) {
	p := b.procs[i]
	a := &act{proc: p, k: push(p.Decl.Body.Stmts, nil), envs: []map[*check.Object]int{enter(p)}, own: map[*check.Object]bool{}}
	for j, v := range args {
		a.envs[0][p.Params[j]] = v
	}
	s.slots[i] = bslot{1, a}
	b.settle(s, a)
}

// outside names the variable or local that has left its bounds.
func (b *brute) outside(s *bstate) string {
	bad := func(o *check.Object, v int) bool {
		return o.Type.Kind == check.IntType && (v < o.Type.Lo || v > o.Type.Hi)
	}
	for _, o := range b.info.Vars {
		if bad(o, s.vals[o]) {
			return o.Name
		}
	}
	for _, sl := range s.slots {
		if sl.act == nil {
			continue
		}
		for _, e := range sl.act.envs {
			for o, v := range e {
				if bad(o, v) {
					return o.Name
				}
			}
		}
	}
	return ""
}

// steps lists what the activation in slot i can do.
func (b *brute) steps(s *bstate, i int) []*bstate {
	k := s.slots[i].act.k
	if k == nil {
		t := b.clone(s)
		t.slots[i] = bslot{phase: 2}
		if i >= b.once {
			t.slots[i].phase = 0
		}
		return []*bstate{t}
	}
	var out []*bstate
	do := func(f func(t *bstate, a *act)) {
		t := b.clone(s)
		a := t.slots[i].act
		a.k = k.next
		f(t, a)
		b.settle(t, a)
		out = append(out, t)
	}
	if k.wait != nil {
		if s.slots[b.once+slices.Index(b.works, k.wait)].phase != 1 {
			do(func(_ *bstate, a *act) {
				if k.pick != nil {
					a.k = &cont{pick: k.pick, took: k.took, next: k.next}
				}
			})
		}
		return out
	}
	b.stmt(s, i, k, do, &out)
	return out
}

// stmt carries out the statement that an activation has come to.
func (b *brute) stmt(s *bstate, i int, k *cont, do func(func(*bstate, *act)), out *[]*bstate) {
	switch x := k.stmt.(type) {
	case *lang.Either:
		for _, br := range x.Branches {
			t := b.clone(s)
			t.slots[i].act.k = push(br.Stmts, k.next)
			*out = append(*out, b.settledSteps(t, i)...)
		}
	case *lang.Lock:
		m := b.info.Uses[x.Mutex]
		if s.vals[m] == 0 {
			do(func(t *bstate, _ *act) { t.vals[m] = 1 })
		}
		if x.Interruptible && b.procs[i].Work == nil {
			t := b.clone(s)
			t.slots[i].act.k = block(x.Else, k.next)
			*out = append(*out, b.settledSteps(t, i)...)
		}
	case *lang.Unlock:
		do(func(t *bstate, _ *act) { t.vals[b.info.Uses[x.Mutex]] = 0 })
	case *lang.StayAwake:
		do(func(t *bstate, _ *act) { b.wake(t, b.info.Uses[x.Wakeup], 1) })
	case *lang.Relax:
		do(func(t *bstate, _ *act) { b.wake(t, b.info.Uses[x.Wakeup], -1) })
	case *lang.Queue:
		do(func(t *bstate, _ *act) { t.pending[b.info.Uses[x.Work]] = true })
	case *lang.Cancel:
		do(func(t *bstate, a *act) { b.cancel(t, a, x, b.info.Uses[x.Work], nil) })
	case *lang.Await:
		if b.eval(s, s.slots[i].act, x.Cond) == 1 {
			do(func(*bstate, *act) {})
		}
	case *lang.Log, *lang.Event:
		do(func(*bstate, *act) {})
	case *lang.Assign:
		do(func(t *bstate, a *act) { b.assign(t, a, x) })
	case *lang.If:
		if c, ok := x.Cond.(*lang.CancelExpr); ok {
			do(func(t *bstate, a *act) { b.cancel(t, a, x, b.info.Uses[c.Work], &[2]lang.Stmt{x.Then, x.Else}) })
			return
		}
		do(func(t *bstate, a *act) { a.k = b.branch(x, k.next, b.eval(t, a, x.Cond) == 1) })
	default:
		panic(fmt.Sprintf("brute: statement %T", x))
	}
}

// settledSteps lists the first steps of a branch that was chosen.
func (b *brute) settledSteps(t *bstate, i int) []*bstate {
	b.settle(t, t.slots[i].act)
	return b.steps(t, i)
}

func (b *brute) wake(s *bstate, w *check.Object, d int) {
	decl := w.Decl.(*lang.Wakeup)
	if decl.If != nil && b.eval(s, nil, decl.If) == 0 {
		return
	}
	v := max(0, s.vals[w]+d)
	if !decl.Counted {
		v = min(v, 1)
	}
	s.vals[w] = v
}

func (b *brute) cancel(s *bstate, a *act, at lang.Node, w *check.Object, pick *[2]lang.Stmt) {
	a.k = &cont{wait: w, at: at.Pos().Offset, pick: pick, took: pick != nil && s.pending[w], next: a.k}
	s.pending[w] = false
}

func (b *brute) assign(s *bstate, a *act, x *lang.Assign) {
	var vals []int
	for _, e := range x.Values {
		vals = append(vals, b.eval(s, a, e))
	}
	for j, t := range x.Targets {
		o := b.info.Uses[t]
		if o.Kind == check.VarObj {
			s.vals[o] = vals[j]
		} else {
			a.envs[len(a.envs)-1][o] = vals[j]
		}
	}
}
