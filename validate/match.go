package validate

import (
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// matchSet gives the explanations of a closed set that also explain r. With optional, an explanation
// in which the thread of r is not at work on this subject may also stay as it is.
func (x *subject) matchSet(closed *set, r *rec, optional bool) *set {
	out := newSet(x.m)
	for _, e := range closed.list {
		x.match(e, r, func(n *exp) { out.add(n) })
		if optional && x.frameOf(e.s, r.ctx) < 0 {
			out.add(e.fork())
		}
	}
	return out
}

// match hands the successors of e by r to emit.
func (x *subject) match(e *exp, r *rec, emit func(*exp)) {
	for _, e := range x.arrive(e, r) {
		mine := x.frameOf(e.s, r.ctx)
		for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
			task := int(e.s[off+machine.FrameTask])
			if task != r.ctx && (task != 0 || mine >= 0 && !x.nests(e.s, off, r)) {
				continue
			}
			x.take(e, off, r, emit)
		}
		if mine < 0 || level(r.Context) < 0 || r.ctx == 0 {
			x.begin(e, r, mine >= 0 && r.ctx != 0, emit)
		}
	}
}

// arrive judges what the mere arrival of a record of r's thread says: values that its probes read must
// have been seen by now, and interrupts of its CPU that it is not in are over.
func (x *subject) arrive(e *exp, r *rec) []*exp {
	if r.ctx == 0 {
		return []*exp{e}
	}
	lv := level(r.Context)
	for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
		t := e.s[off+machine.FrameTask]
		if t == 0 {
			continue
		}
		if c := x.v.ctxs[t]; lv >= 0 && c.level > lv && c.cpu == r.CPU {
			return nil
		}
		if int(t) == r.ctx && e.s[off+machine.FrameMark]>>markConBits != 0 {
			return x.force(e, off, r)
		}
	}
	return []*exp{e}
}

// force is for a value that was not seen until the thread's next record: it can only have been that
// of a variable of which nothing is known.
func (x *subject) force(e *exp, off int, r *rec) []*exp {
	mark := e.s[off+machine.FrameMark]
	for i, v := range x.cons[mark>>markConBits-1] {
		if mark>>(markSatBits+i)&1 != 0 {
			continue
		}
		if e.s[v.loc] != machine.Open {
			return nil
		}
		n := e.fork()
		if val, ok := x.decode(n.s, v); ok {
			n.s[v.loc] = val
			x.meetFrame(n.s, off)
			return x.arrive(n, r)
		}
		return nil
	}
	return []*exp{e}
}

// frameOf gives the topmost activation of a thread, or −1.
func (x *subject) frameOf(s machine.State, ctx int) int {
	if ctx == 0 {
		return -1
	}
	for off := x.m.NumGlobals; off < len(s); off += x.m.FrameSize {
		if int(s[off+machine.FrameTask]) == ctx {
			return off
		}
	}
	return -1
}

// nests tells whether the activation at off may run on top of another one of the same thread: only in
// interrupt context, and only where the record does not say that it ran in process context.
func (x *subject) nests(s machine.State, off int, r *rec) bool {
	return level(r.Context) != 0 && !x.m.Nodes[s[off+machine.FramePC]].Root.Sleeps
}

// take lets the activation at off make the record r.
func (x *subject) take(e *exp, off int, r *rec, emit func(*exp)) {
	for _, edge := range x.m.Micro[e.s[off+machine.FramePC]] {
		if x.fits(edge.Node, r) {
			x.takeEdge(e, off, edge, r, emit)
		}
	}
}

// takeEdge takes one edge for r, in every variant of e that it needs.
func (x *subject) takeEdge(e *exp, off int, edge *machine.Edge, r *rec, emit func(*exp)) {
	n, eff, variants, ok := x.step(e, off, edge)
	if !ok {
		return
	}
	for _, v := range variants {
		x.takeEdge(v, off, edge, r, emit)
	}
	if n != nil && edgeFits(r, eff) {
		x.after(e, n, off, edge.Node, r, emit)
	}
}

// edgeFits tells whether what happened to the wakeup source is what the record says.
func edgeFits(r *rec, eff machine.Effect) bool {
	switch r.Kind {
	case traces.EdgeOn:
		return eff.Edge > 0
	case traces.EdgeOff:
		return eff.Edge < 0
	}
	return eff.Edge == 0
}

// fits tells whether a node makes records like r.
func (x *subject) fits(n *machine.Node, r *rec) bool {
	switch n.Kind {
	case machine.ObsEnter:
		return r.Kind == traces.Enter && r.call == "" && r.fn == n.Func.Name
	case machine.ObsExit:
		return r.Kind == traces.Exit && r.fn == n.Func.Name
	case machine.ObsCall:
		return r.Kind == traces.Enter && r.call == n.Text
	case machine.ObsQueued:
		return r.Kind == traces.Queue && r.work == n.Work
	case machine.ObsWorkStart:
		return r.Kind == traces.Start && r.work == n.Work
	case machine.ObsWorkEnd:
		return r.Kind == traces.End && r.work == n.Work
	case machine.Awake:
		return r.Kind == traces.EdgeOn
	case machine.Relax, machine.Destroy:
		return r.Kind == traces.EdgeOff
	case machine.Log:
		return r.Kind == traces.Log && hit(n, r) != nil
	case machine.Event:
		return r.Kind == traces.Event && r.shown[n.ID] != nil
	}
	return false
}

func hit(n *machine.Node, r *rec) *machine.Match {
	for _, p := range n.Patterns {
		if m := r.hits[p.Text]; m != nil {
			return m
		}
	}
	return nil
}

// after finishes a match: what the record says beside its kind must fit the state n, which e became.
func (x *subject) after(e, n *exp, off int, node *machine.Node, r *rec, emit func(*exp)) {
	if n.s[off+machine.FramePC] == 0 { // it ended with this step
		emit(n)
		return
	}
	n.s[off+machine.FrameTask] = machine.Val(r.ctx)
	if n.s[off+machine.FrameMark]&markHidden != 0 {
		n.s[off+machine.FrameMark] &^= markHidden
		n.owed = nil
	}
	switch node.Kind {
	case machine.Log:
		if !bindAll(n.s, off, hit(node, r).Values) {
			return
		}
	case machine.Event:
		if !x.bindShown(n.s, off, r.shown[node.ID]) {
			return
		}
	case machine.ObsEnter:
		if !x.bindParams(n.s, off, node, r) {
			return
		}
	case machine.ObsExit:
		if !returned(node, r, e, off, x.m) {
			return
		}
	}
	x.constrain(n, off, r, emit)
}

// bindAll sets the registers and variables that a line shows, where they are open, else compares.
func bindAll(s machine.State, off int, bs []machine.Bound) bool {
	for _, b := range bs {
		if !b.OK {
			continue
		}
		at := int(b.Loc)
		if b.Loc.IsReg() {
			at = off + machine.FrameRegs + b.Loc.Reg()
		}
		if s[at] == machine.Open {
			s[at] = b.Val
		} else if s[at] != b.Val {
			return false
		}
	}
	return true
}

// bindShown holds the values that an event shows against the state after it. A place that is open takes
// the value; a text that is no value of the type says nothing.
func (x *subject) bindShown(s machine.State, off int, shown *machine.Shown) bool {
	if !bindAll(s, off, shown.Values) {
		return false
	}
	f := s[off+machine.FrameRegs : off+x.m.FrameSize]
	for _, sh := range shown.Fields {
		val, number, ok := machine.ReadValue(sh.Value.Type, sh.Text)
		if ok && number {
			val, ok = x.decodeType(s, sh.Value.Type, int(val))
		}
		if !ok {
			continue
		}
		switch is := sh.Value.Eval(s, f); {
		case is == val:
		case is != machine.Open:
			return false
		case sh.Value.Term.Op == machine.Read:
			bindAll(s, off, []machine.Bound{{Loc: sh.Value.Term.Loc, Val: val, OK: true}})
		}
	}
	return true
}

// bindParams sets the parameters of an activation from the arguments of its entry record.
func (x *subject) bindParams(s machine.State, off int, node *machine.Node, r *rec) bool {
	if node.Func != node.Root.Process {
		return true
	}
	for _, p := range r.params {
		at := off + machine.FrameRegs + node.Root.Params[p.loc]
		v, ok := x.decodeType(s, node.Root.Regs[node.Root.Params[p.loc]], p.num)
		if ok && s[at] == machine.Open {
			s[at] = v
		}
	}
	return true
}

// returned tells whether a function may have returned what the record shows.
func returned(node *machine.Node, r *rec, e *exp, off int, m *machine.Machine) bool {
	if r.ret == nil || node.Result == nil {
		return true
	}
	switch v := node.Result.Eval(e.s, e.s[off+machine.FrameRegs:off+m.FrameSize]); v {
	case machine.Open:
		return true
	case 0:
		return *r.ret >= 0
	case check.AnyErrno:
		return *r.ret < 0
	default:
		return *r.ret == int(v)
	}
}

// constrain demands that the variables which r shows have their value now or before the thread's next
// record, and hands on what is left.
func (x *subject) constrain(n *exp, off int, r *rec, emit func(*exp)) {
	n.s[off+machine.FrameMark] &= 1<<markSatBits - 1
	if len(r.values) == 0 {
		emit(n)
		return
	}
	for _, v := range r.values {
		if l, ok := x.numbered(n.s, v); !ok {
			for _, s := range x.split(n, off, l) {
				x.constrain(s, off, r, emit)
			}
			return
		}
	}
	n.s[off+machine.FrameMark] |= machine.Val(x.constraint(r)) << markConBits
	if x.guess(n.s, r) {
		g := n.fork()
		for _, v := range r.values {
			if val, ok := x.decode(g.s, v); ok && g.s[v.loc] == machine.Open {
				g.s[v.loc] = val
			}
		}
		x.meetFrame(g.s, off)
		emit(g)
		if len(n.s) == x.m.NumGlobals+x.m.FrameSize {
			return // nobody else is there to write another value before it was read
		}
	}
	x.meetFrame(n.s, off)
	emit(n)
}

// guess tells whether r shows a variable of which nothing was known.
func (x *subject) guess(s machine.State, r *rec) bool {
	for _, v := range r.values {
		if s[v.loc] == machine.Open {
			return true
		}
	}
	return false
}

// constraint numbers the values that r demands.
func (x *subject) constraint(r *rec) int {
	vs := r.values
	if len(vs) > markConBits-markSatBits {
		vs = vs[:markConBits-markSatBits]
	}
	for i, c := range x.cons {
		if len(c) == len(vs) && sameValues(c, vs) {
			return i + 1
		}
	}
	x.cons = append(x.cons, vs)
	return len(x.cons)
}

func sameValues(a, b []value) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// numbered tells whether the number of v can be read under the features of s; else which to decide.
func (x *subject) numbered(s machine.State, v value) (machine.Loc, bool) {
	t := x.m.Globals[v.loc].Object.Type
	if t.Kind != check.EnumType {
		return 0, true
	}
	for i, mem := range t.Enum.Members {
		if i > v.num {
			break
		}
		if mem.If != nil {
			_, l, ok := x.m.Number(t.Enum, len(t.Enum.Members), s)
			return l, ok
		}
	}
	return 0, true
}

// decode gives the value that a number stands for under the features of s.
func (x *subject) decode(s machine.State, v value) (machine.Val, bool) {
	return x.decodeType(s, x.m.Globals[v.loc].Object.Type, v.num)
}

func (x *subject) decodeType(s machine.State, t check.Type, num int) (machine.Val, bool) {
	if t.Kind != check.EnumType {
		return machine.Val(num), true
	}
	n := 0
	for i := range t.Enum.Members {
		if x.m.Member(t.Enum, i, s) == 0 {
			continue
		}
		if n == num {
			return machine.Val(i), true
		}
		n++
	}
	return 0, false
}

// meet clears every demand for a value that s satisfies.
func (x *subject) meet(s machine.State) {
	for off := x.m.NumGlobals; off < len(s); off += x.m.FrameSize {
		if s[off+machine.FrameMark]>>markConBits != 0 {
			x.meetFrame(s, off)
		}
	}
}

func (x *subject) meetFrame(s machine.State, off int) {
	mark := s[off+machine.FrameMark]
	all := true
	for i, v := range x.cons[mark>>markConBits-1] {
		if mark>>(markSatBits+i)&1 != 0 {
			continue
		}
		if val, ok := x.decode(s, v); ok && s[v.loc] == val {
			mark |= 1 << (markSatBits + i)
		} else {
			all = false
		}
	}
	if all {
		mark &= 1<<markSatBits - 1
	}
	s[off+machine.FrameMark] = mark
}
