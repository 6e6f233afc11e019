package check

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// recursion reports calls that come back to their caller: bodies are inlined.
func (c *checker) recursion() {
	done := map[*Process]bool{}
	for _, p := range c.info.Processes {
		c.findCycle(p, nil, done)
	}
}

// findCycle walks the calls from p; stack holds the calls that led there.
func (c *checker) findCycle(p *Process, stack []*Process, done map[*Process]bool) {
	if done[p] {
		return
	}
	stack = append(stack, p)
	for _, call := range c.bodyOf[p].calls {
		if call.spawn {
			continue
		}
		if i := indexOf(stack, call.to); i >= 0 {
			c.errorf("flow", call.stmt, "", "%s calls itself: %s", call.to.Name, cycle(stack[i:]))
			continue
		}
		c.findCycle(call.to, stack, done)
	}
	done[p] = true
}

func indexOf(list []*Process, p *Process) int {
	for i := range list {
		if list[i] == p {
			return i
		}
	}
	return -1
}

// cycle writes a -> b -> a.
func cycle(list []*Process) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Name + " -> ")
	}
	return b.String() + list[0].Name
}

// reach warns of statements after one that never goes on.
func (c *checker) reach() {
	for _, p := range c.info.Processes {
		each(p.Decl, c.reachBlock)
	}
}

func (c *checker) reachBlock(b *lang.Block) {
	for i, s := range b.Stmts {
		if ends(s) && i+1 < len(b.Stmts) {
			c.warnf("flow", b.Stmts[i+1], "take it out, or the end before it", "this can never be reached")
			return
		}
	}
}

// ends reports whether a statement never goes on with the next one, whatever the values.
func ends(s lang.Stmt) bool {
	switch s := s.(type) {
	case *lang.Return, *lang.Fail:
		return true
	case *lang.Block:
		for _, x := range s.Stmts {
			if ends(x) {
				return true
			}
		}
	case *lang.If:
		return s.Else != nil && ends(s.Then) && ends(s.Else)
	case *lang.Either:
		for _, b := range s.Branches {
			if !ends(b) {
				return false
			}
		}
		return len(s.Branches) > 0
	case *lang.Atomic:
		return ends(s.Body)
	case *lang.Labeled:
		return ends(s.Stmt)
	}
	return false
}

// flow follows every path through the inlined bodies, with the mutexes that it holds and what it
// assumes of features, device constants, parameters and locals.
//
// There are no loops, so a body is a function from paths to paths and ends. Two paths that differ in
// one assumption only are joined again where their branches meet; without that, n features would make
// 2^n paths of every body.
type flow struct {
	c      *checker
	ids    map[*Object]int
	memo   map[string][]end             // what a call makes of a path
	writes map[*Object]map[*Object]bool // mutexes held at every write of a variable so far
	root   *Process
	lost   bool // too many paths: nothing more is known
}

// end is a path that leaves its process.
type end struct {
	*path
	result int       // 0, a negative errno, or AnyErrno
	at     lang.Node // what ended it; nil: the end of the body
}

// paths are the ways on from a statement: to the next one, or out of the process.
type paths struct {
	next []*path
	ends []end
}

func (p *paths) add(q paths) {
	p.next = append(p.next, q.next...)
	p.ends = append(p.ends, q.ends...)
}

// maxPaths bounds the paths that are followed beside each other.
const maxPaths = 128

// followLocks runs every process from its start.
func (c *checker) followLocks() {
	f := &flow{c: c, ids: map[*Object]int{}, memo: map[string][]end{}, writes: map[*Object]map[*Object]bool{}}
	for _, p := range c.info.Processes {
		if !p.Decl.Procedure {
			f.process(p)
		}
	}
	if !f.lost {
		f.protected()
	}
}

// process follows one process and reports mutexes that it keeps.
func (f *flow) process(p *Process) {
	f.root = p
	start := newPath()
	for _, feature := range f.c.info.Features { // in order: it numbers them, and messages are sorted by that
		if v, ok := f.c.info.Fixed[feature]; ok {
			start = f.set(start, feature, v)
		}
	}
	for _, e := range f.run(p, start) {
		for _, h := range e.held {
			f.keeps(p, e, h)
		}
	}
}

// inline follows the body of p from one path. Facts about its parameters are given, those about its
// locals are forgotten at its end.
func (f *flow) inline(p *Process, in *path) []end {
	key := fmt.Sprint(f.id(p.Object), f.root.Work != nil, " ", in.key())
	if known, ok := f.memo[key]; ok {
		return known
	}
	all := f.run(p, in)
	for i := range all {
		all[i].path = all[i].path.only(isGlobal)
	}
	all = f.joinEnds(all)
	f.memo[key] = all
	return all
}

// run follows the body of p to all its ends.
func (f *flow) run(p *Process, in *path) []end {
	out := f.block(p.Decl.Body, []*path{in})
	for _, q := range out.next {
		out.ends = append(out.ends, end{path: q})
	}
	return out.ends
}

func (f *flow) block(b *lang.Block, in []*path) paths {
	out := paths{next: in}
	for _, s := range b.Stmts {
		if len(out.next) == 0 || f.lost {
			break
		}
		step := f.stmt(s, out.next)
		out.next = step.next
		out.ends = append(out.ends, step.ends...)
	}
	return out
}

func (f *flow) stmt(s lang.Stmt, in []*path) paths {
	switch s := s.(type) {
	case nil:
		return paths{next: in}
	case *lang.Block:
		return f.block(s, in)
	case *lang.If:
		return f.branch(s, in)
	case *lang.Either:
		return f.either(s, in)
	case *lang.Lock:
		return f.lock(s, in)
	case *lang.Call:
		return f.call(s, in)
	case *lang.Atomic:
		return f.atomic(s, in)
	case *lang.Return:
		return f.returned(s, in)
	case *lang.Fail:
		return f.failed(s, in)
	case *lang.Labeled:
		return f.stmt(s.Stmt, in)
	}
	next := make([]*path, len(in))
	for i, p := range in {
		next[i] = f.simple(s, p)
	}
	return paths{next: next}
}

// simple follows a statement that goes on to the next one in one way.
func (f *flow) simple(s lang.Stmt, p *path) *path {
	switch s := s.(type) {
	case *lang.Assign:
		return f.assign(s, p)
	case *lang.Unlock:
		return f.unlock(s, p)
	case *lang.Local:
		return f.firstValue(s, p)
	case *lang.Log:
		return f.logs(s, p)
	case *lang.Queue:
		return f.queues(s, p)
	case *lang.Spawn:
		return f.spawns(s, p)
	case *lang.Await:
		f.waits(s, p, "await")
	case *lang.Cancel:
		f.waits(s, p, "cancel")
	}
	return p
}

func (f *flow) branch(s *lang.If, in []*path) paths {
	var yes, no []*path
	for _, p := range in {
		if x, ok := lang.Unparen(s.Cond).(*lang.CancelExpr); ok {
			f.waits(x, p, "cancel")
		}
		v, known := f.eval(s.Cond, p)
		if !known || v != 0 {
			yes = f.feasible(yes, f.assume(s.Cond, true, p))
		}
		if !known || v == 0 {
			no = f.feasible(no, f.assume(s.Cond, false, p))
		}
	}
	var out paths
	if len(yes) > 0 {
		out.add(f.block(s.Then, yes))
	}
	if len(no) > 0 {
		out.add(f.stmt(s.Else, no))
	}
	out.next = f.join(out.next)
	return out
}

// feasible appends a path unless its assumptions contradict each other.
func (f *flow) feasible(list []*path, p *path) []*path {
	if p = f.settle(p); p != nil {
		list = append(list, p)
	}
	return list
}

func (f *flow) either(s *lang.Either, in []*path) paths {
	var out paths
	for _, b := range s.Branches {
		out.add(f.block(b, in))
	}
	out.next = f.join(out.next)
	return out
}

func (f *flow) returned(s *lang.Return, in []*path) paths {
	var out paths
	for _, p := range in {
		v, known := 0, true
		if s.Value != nil {
			v, known = f.eval(s.Value, p)
		}
		out.ends = append(out.ends, end{p, v, s})
		if !known {
			out.ends = append(out.ends, end{p, AnyErrno, s})
		}
	}
	return out
}

func (f *flow) failed(s *lang.Fail, in []*path) paths {
	result := AnyErrno
	if s.Errno != nil {
		result = -f.c.info.Uses[s.Errno].Index
	}
	var out paths
	for _, p := range in {
		out.ends = append(out.ends, end{p, result, s})
	}
	return out
}

// call inlines what is called; its good and its bad ends go on apart.
func (f *flow) call(s *lang.Call, in []*path) paths {
	to := f.c.info.Uses[s.Func].Proc
	var good, bad []*path
	for _, p := range in {
		for _, e := range f.inline(to, f.arguments(s, to, p)) {
			q := e.path.since(p).with(p.only(isLocal).facts)
			if s.Target != nil {
				q = f.set(q, f.c.info.Uses[s.Target], e.result)
			}
			if e.result == 0 {
				good = append(good, q)
			} else {
				bad = append(bad, q)
			}
		}
	}
	out := paths{next: good}
	if len(bad) > 0 {
		out.add(f.stmt(s.Else, bad))
	}
	out.next = f.join(out.next)
	return out
}

// arguments gives the path at the start of a callee: what is known of features and of its parameters.
func (f *flow) arguments(s *lang.Call, to *Process, p *path) *path {
	q := p.only(isGlobal)
	for i, e := range s.Args {
		if v, known := f.eval(e, p); known && i < len(to.Params) {
			q = f.set(q, to.Params[i], v)
		}
	}
	return q
}
