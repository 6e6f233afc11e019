package modelcheck_test

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// bruteAnswer is what the reference explorer found: counts, and for every property that is violated the
// length of a shortest counterexample, 0 if a lasso, whose length is no promise.
type bruteAnswer struct {
	states, depth, moves int
	violated             map[string]int
}

type bnode struct {
	s     *bstate
	depth int
	next  []blink
}

type blink struct {
	to    int
	slot  int
	start bool
	env   bool
}

// explore searches the whole instance, up to a number of states; false if there are more.
func (b *brute) explore(limit int) (*bruteAnswer, bool) {
	ans := &bruteAnswer{violated: map[string]int{}}
	var nodes []*bnode
	known := map[string]int{}
	add := func(s *bstate, depth int) int {
		k := b.key(s)
		if i, ok := known[k]; ok {
			return i
		}
		known[k] = len(nodes)
		nodes = append(nodes, &bnode{s: s, depth: depth})
		b.judge(s, depth-1, ans)
		return len(nodes) - 1
	}
	for _, s := range b.initial() {
		add(s, 1)
	}
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		ans.depth = max(ans.depth, n.depth)
		for _, t := range b.next(n.s) {
			ans.moves++
			b.judgeStep(n.s, t.s, n.depth, ans)
			if t.wrong != "" {
				ans.violate("bounds", n.depth)
				continue
			}
			n.next = append(n.next, blink{add(t.s, n.depth+1), t.slot, t.start, t.env})
		}
		if len(nodes) > limit {
			return nil, false
		}
	}
	ans.states = len(nodes)
	for _, n := range nodes {
		if live := slices.ContainsFunc(n.s.slots, func(sl bslot) bool { return sl.phase == 1 }); live && len(n.fair()) == 0 && !b.leavesBounds(n.s) {
			ans.violate("deadlock", n.depth-1)
		}
	}
	b.temporal(nodes, ans)
	return ans, true
}

// leavesBounds reports whether some fair step goes on, out of the bounds.
func (b *brute) leavesBounds(s *bstate) bool {
	return slices.ContainsFunc(b.next(s), func(t succ) bool { return t.wrong != "" && !t.env })
}

func (n *bnode) fair() []blink {
	return slices.DeleteFunc(slices.Clone(n.next), func(l blink) bool { return l.env })
}

func (a *bruteAnswer) violate(name string, length int) {
	if old, ok := a.violated[name]; !ok || length < old {
		a.violated[name] = length
	}
}

// initial lists the initial states.
func (b *brute) initial() []*bstate {
	starts := b.info.Explore.Starts
	if len(starts) == 0 {
		starts = []*lang.Start{{}}
	}
	var all []*bstate
	for _, st := range starts {
		list := []*bstate{{vals: map[*check.Object]int{}, pending: map[*check.Object]bool{}, slots: make([]bslot, len(b.procs))}}
		for _, objs := range [][]*check.Object{b.info.Features, b.info.Devices, b.info.Vars} {
			for _, o := range objs {
				var next []*bstate
				for _, s := range list {
					for _, v := range b.first(o, st) {
						t := b.clone(s)
						t.vals[o] = v
						next = append(next, t)
					}
				}
				list = next
			}
		}
		all = append(all, list...)
	}
	return all
}

func (b *brute) first(o *check.Object, st *lang.Start) []int {
	for _, c := range st.Conds {
		switch x := c.(type) {
		case *lang.Binary:
			if b.info.Uses[x.X.(*lang.Name).ID] == o {
				v, _ := b.info.Const(x.Y)
				return []int{v}
			}
		case *lang.In:
			if b.info.Uses[x.X.(*lang.Name).ID] == o {
				var vs []int
				for _, e := range x.Set {
					v, _ := b.info.Const(e)
					vs = append(vs, v)
				}
				return vs
			}
		}
	}
	if d, ok := o.Decl.(*lang.Var); ok && d.Init != nil {
		v, _ := b.info.Const(d.Init)
		return []int{v}
	}
	return domain(o.Type)
}

// judge checks what is said of single states.
func (b *brute) judge(s *bstate, length int, ans *bruteAnswer) {
	for _, p := range b.info.Properties {
		if p.Kind == lang.Invariant && b.eval(s, nil, p.Expr) == 0 {
			ans.violate(p.Name.Name, length)
		}
	}
	for _, d := range b.info.Balances {
		w := b.info.Uses[d.Wakeup]
		there := w.Decl.(*lang.Wakeup).If == nil || b.eval(s, nil, w.Decl.(*lang.Wakeup).If) == 1
		unless := d.Unless != nil && b.eval(s, nil, d.Unless) == 1
		n := b.responsible(s, d, w)
		if v := s.vals[w]; v > 0 && !unless && (n == 0 || w.Decl.(*lang.Wakeup).Counted && n < v) {
			ans.violate("balance "+w.Name, length)
		}
		for _, h := range d.Held {
			if o := b.info.Uses[h]; o.Kind == check.WorkObj && s.pending[o] && s.vals[w] == 0 && there {
				ans.violate("premature "+w.Name, length)
			}
		}
	}
}

// judgeStep checks what is said of changes.
func (b *brute) judgeStep(from, to *bstate, length int, ans *bruteAnswer) {
	for _, o := range b.info.TransitionVars {
		u, v := from.vals[o], to.vals[o]
		if u == v {
			continue
		}
		plain, warned := false, false
		for _, e := range b.info.Transitions[o] {
			fits := b.among(e.From, u) && b.among(e.To, v) || e.Both && b.among(e.From, v) && b.among(e.To, u)
			if fits && (e.If == nil || b.eval(to, nil, e.If) == 1) {
				plain, warned = plain || !e.Warning, warned || e.Warning
			}
		}
		if !plain && !warned {
			ans.violate("transitions "+o.Name, length)
		}
	}
}

func (b *brute) among(ids []*lang.Ident, v int) bool {
	return len(ids) == 0 || slices.ContainsFunc(ids, func(id *lang.Ident) bool { return b.info.Uses[id].Index == v })
}

// responsible counts who still answers for w.
func (b *brute) responsible(s *bstate, d *lang.Balance, w *check.Object) int {
	n := 0
	var procs []*check.Process
	works := map[*check.Object]bool{}
	for _, h := range d.Held {
		o := b.info.Uses[h]
		if o.Kind == check.WorkObj {
			works[o] = true
			procs = append(procs, b.info.Uses[o.Decl.(*lang.Work).Runs].Proc)
			if s.pending[o] {
				n++
			}
		} else {
			procs = append(procs, o.Proc)
		}
	}
	for _, sl := range s.slots {
		if sl.phase == 1 && slices.Contains(procs, sl.act.proc) && b.letsGo(s, sl.act.k, w, works) {
			n++
		}
	}
	return n
}

// letsGo reports whether some way through k relaxes w or queues one of works. Variables, parameters and
// locals close no way, constants do.
func (b *brute) letsGo(s *bstate, k *cont, w *check.Object, works map[*check.Object]bool) bool {
	if k == nil {
		return false
	}
	after := func(next *cont) bool { return b.letsGo(s, next, w, works) }
	if k.stmt == nil {
		if k.pick != nil {
			return after(block(k.pick[0], k.next)) || after(block(k.pick[1], k.next))
		}
		return after(k.next)
	}
	switch x := k.stmt.(type) {
	case *lang.Relax:
		if b.info.Uses[x.Wakeup] == w {
			return true
		}
	case *lang.Queue:
		if works[b.info.Uses[x.Work]] {
			return true
		}
	case *lang.Block:
		return after(push(x.Stmts, k.next))
	case *lang.If:
		return b.open(s, x.Cond, true) && after(push(x.Then.Stmts, k.next)) || b.open(s, x.Cond, false) && after(block(x.Else, k.next))
	case *lang.Either:
		return slices.ContainsFunc(x.Branches, func(br *lang.Block) bool { return after(push(br.Stmts, k.next)) })
	case *lang.Call:
		body := b.info.Uses[x.Func].Proc.Decl.Body.Stmts
		return after(push(body, &cont{edge: true, call: x, next: k.next}))
	case *lang.Return, *lang.Fail:
		for k = k.next; k != nil && !k.edge; k = k.next {
		}
		if k == nil {
			return false
		}
		if _, fails := x.(*lang.Fail); fails && k.call.Else != nil {
			return after(block(k.call.Else, k.next))
		}
		return after(k.next)
	case *lang.Lock:
		if x.Interruptible && after(block(x.Else, k.next)) {
			return true
		}
	}
	return after(k.next)
}

// open reports whether constants let a condition be true, or false: none of the parts that have to be so,
// together, is otherwise by constants alone.
func (b *brute) open(s *bstate, e lang.Expr, want bool) bool {
	switch x := e.(type) {
	case *lang.Paren:
		return b.open(s, x.X, want)
	case *lang.Unary:
		if x.Op == "!" {
			return b.open(s, x.X, !want)
		}
	case *lang.Binary:
		switch {
		case x.Op == "&&" && want, x.Op == "||" && !want:
			return b.open(s, x.X, want) && b.open(s, x.Y, want)
		case x.Op == "=>" && !want:
			return b.open(s, x.X, true) && b.open(s, x.Y, false)
		}
	}
	return !b.constant(e) || (b.eval(s, nil, e) == 1) == want
}

func (b *brute) constant(e lang.Expr) bool {
	only := true
	lang.Walk(e, func(n lang.Node) bool {
		switch x := n.(type) {
		case *lang.Field, *lang.CancelExpr:
			only = false
		case *lang.Name:
			switch b.info.Uses[x.ID].Kind {
			case check.VarObj, check.ParamObj, check.LocalObj:
				only = false
			}
		}
		return true
	})
	return only
}

// temporal judges [] <> p, <> [] p, <> p and p ~> q by brute force: for every state whether a fair
// behaviour can stay in a region for ever from there.
func (b *brute) temporal(nodes []*bnode, ans *bruteAnswer) {
	holds := func(i int, e lang.Expr) bool { return b.eval(nodes[i].s, nil, e) == 1 }
	for _, p := range b.info.Properties {
		if p.Kind != lang.Temporal {
			continue
		}
		var trigger, region, seek func(i int) bool
		all := func(int) bool { return true }
		switch x := p.Expr.(type) {
		case *lang.Binary: // p ~> q
			region = func(i int) bool { return !holds(i, x.Y) }
			trigger = func(i int) bool { return holds(i, x.X) && region(i) }
			seek = all
		case *lang.Unary:
			in, nested := x.X.(*lang.Unary)
			switch {
			case nested && x.Op == "[]" && in.Op == "<>":
				region = func(i int) bool { return !holds(i, in.X) }
				trigger, seek = region, all
			case nested && x.Op == "<>" && in.Op == "[]":
				trigger, region = all, all
				seek = func(i int) bool { return !holds(i, in.X) }
			default: // <> p
				region = func(i int) bool { return !holds(i, x.X) }
				trigger = func(i int) bool { return nodes[i].depth == 1 && region(i) }
				seek = all
			}
		}
		for i := range nodes {
			if trigger(i) && b.stays(nodes, i, region, seek) {
				ans.violate(p.Name.Name, 0)
				break
			}
		}
	}
}

// stays reports whether from i a fair behaviour stays in region for ever and meets seek again and again.
func (b *brute) stays(nodes []*bnode, i int, region, seek func(int) bool) bool {
	for j := range reachable(nodes, i, region) {
		comp := map[int]bool{}
		for k := range reachable(nodes, j, region) {
			if reachable(nodes, k, region)[j] {
				comp[k] = true
			}
		}
		if b.fairIn(nodes, comp, seek) {
			return true
		}
	}
	return false
}

func reachable(nodes []*bnode, i int, region func(int) bool) map[int]bool {
	seen, todo := map[int]bool{i: true}, []int{i}
	for len(todo) > 0 {
		j := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, l := range nodes[j].next {
			if region(l.to) && !seen[l.to] {
				seen[l.to] = true
				todo = append(todo, l.to)
			}
		}
	}
	return seen
}

// fairIn reports whether going round in comp, or standing still in it, neglects nobody.
func (b *brute) fairIn(nodes []*bnode, comp map[int]bool, seek func(int) bool) bool {
	sought := false
	for i := range comp {
		sought = sought || seek(i)
	}
	for slot := range b.procs {
		for _, start := range []bool{false, true} {
			always, taken := true, false
			for i := range comp {
				here := false
				for _, t := range b.next(nodes[i].s) {
					here = here || t.slot == slot && t.start == start && !t.env
				}
				always = always && here
				for _, l := range nodes[i].next {
					taken = taken || l.slot == slot && l.start == start && !l.env && comp[l.to]
				}
			}
			if always && !taken {
				return false
			}
		}
	}
	return sought
}

// compareAnswers says where an exploration and the reference differ; counts only if exact.
func compareAnswers(m *machine.Machine, want *bruteAnswer, x *modelcheck.Exploration, exact bool) []string {
	var diffs []string
	differ := func(what string, w, g int) {
		if w != g {
			diffs = append(diffs, what+": want "+itoa(w)+", got "+itoa(g))
		}
	}
	if exact {
		differ("states", want.states, x.States)
		if x.Transitions > want.moves { // branches of an either that begin alike are one step
			differ("transitions", want.moves, x.Transitions)
		}
		differ("depth", want.depth, x.Depth)
	} else if x.States > want.states || x.Depth > want.depth {
		differ("states with reductions", want.states, x.States)
		differ("depth with reductions", want.depth, x.Depth)
	}
	for _, j := range x.Judgements {
		if j.Kind == modelcheck.Transitions && j.Severity != 0 {
			continue
		}
		length, bad := want.violated[j.Title()]
		if bad != (j.Verdict == modelcheck.Violated) {
			diffs = append(diffs, j.Title()+" is "+string(j.Verdict))
		} else if bad && j.Kind != modelcheck.Temporal {
			differ("length of "+j.Title(), length, j.Trace.Len())
		}
	}
	return diffs
}
