package validate

import (
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// begin explains r by an activation that starts with it: one whose entry it is, or one that this
// capture shows only from here on. nested: its thread is at work already, so only an interrupt will do.
func (x *subject) begin(e *exp, r *rec, nested bool, emit func(*exp)) {
	for _, p := range x.m.Procs {
		if p.Work >= 0 || p.Decl.Unobserved || p.Sleeps && (nested || level(r.Context) > 0) {
			continue
		}
		if x.v.shows(p) == mustShow && (r.Kind != traces.Enter || r.fn != p.Name) {
			continue
		}
		if !x.leads(p.Entry, r) {
			continue
		}
		n := e.fork()
		off := x.place(n, p)
		x.until(n, off, r, false, emit)
	}
	if x.midlife && !x.seenCtx[r.ctx] {
		x.amid(e, r, nested, emit, func(n *machine.Node) bool { return n.Kind != machine.ObsWorkStart || x.begun(n, e.s) })
		x.onward(e, r, nested, emit)
		return
	}
	if r.Kind == traces.Start || r.Kind == traces.Enter {
		x.amid(e, r, nested, emit, func(n *machine.Node) bool { return x.begun(n, e.s) })
	}
	if r.Kind == traces.EdgeOff {
		x.amid(e, r, nested, emit, func(n *machine.Node) bool { return n.Kind == machine.Destroy })
	}
	if r.Kind == traces.Log {
		x.amid(e, r, nested, emit, func(n *machine.Node) bool { return !n.Nested && x.v.wrapper[n.Root] })
	}
}

// begun tells whether n is the beginning of a work item's body of which s does not know whether it was
// pending.
func (x *subject) begun(n *machine.Node, s machine.State) bool {
	w := n.Root.Work
	return w >= 0 && s[x.m.Works[w].Pending] == machine.Open &&
		(n.Kind == machine.ObsWorkStart || n.Kind == machine.ObsEnter && n.Func == n.Root.Process)
}

// place starts an activation of p with parameters open.
func (x *subject) place(e *exp, p *machine.Proc) int {
	off := x.addFrame(e)
	x.m.Start(e.s, off, p)
	for _, reg := range p.Params {
		e.s[off+machine.FrameRegs+reg] = machine.Open
	}
	return off
}

// until runs the activation at off alone and silently until it can make r. Unless calls is set, what a
// process does that it calls is not its own: the called process explains it better.
func (x *subject) until(e *exp, off int, r *rec, calls bool, emit func(*exp)) {
	x.runAlone(e, off, func(*exp) bool { return false }, func(e *exp, edge *machine.Edge) {
		if x.fits(edge.Node, r) && (calls || !edge.Node.Nested) {
			x.takeEdge(e, off, edge, r, emit)
		}
	})
}

// runAlone runs the activation at off by itself and silently, along every way that it can go. stop is
// asked at every state that it comes to, and ends the way there; pass is shown every edge that leaves a
// state where the way goes on, taken or not.
func (x *subject) runAlone(e *exp, off int, stop func(*exp) bool, pass func(*exp, *machine.Edge)) {
	work := []*exp{e}
	for len(work) > 0 {
		e := work[len(work)-1]
		work = work[:len(work)-1]
		if stop(e) {
			continue
		}
		for _, edge := range x.m.Micro[e.s[off+machine.FramePC]] {
			pass(e, edge)
			if edge.Node.Kind == machine.End || x.seen(edge.Node, e.s[off+machine.FrameMark]) == mustShow {
				continue
			}
			n, eff, variants, ok := x.step(e, off, edge)
			if variants != nil { // they stand for e
				work = append(work, variants...)
				break
			}
			if ok && !(eff.Edge > 0 && x.vis().on == mustShow) && !(eff.Edge < 0 && x.vis().off == mustShow) {
				work = append(work, n)
			}
		}
	}
}

// amid explains r by an activation of which nothing was seen so far, at any place where it makes r: one
// that was at work before, or a wrapper or a removal, whose calls were explained by themselves.
func (x *subject) amid(e *exp, r *rec, nested bool, emit func(*exp), where func(*machine.Node) bool) {
	for _, node := range x.m.Nodes[1:] {
		if x.fits(node, r) && where(node) && x.mayBegin(node, r, nested) {
			x.placeAll(e, node, func(n *exp, off int) { x.take(n, off, r, emit) })
		}
	}
}

// onward explains r by an activation whose last record was before anything was seen: what it did since
// then silently, it may have done just now.
func (x *subject) onward(e *exp, r *rec, nested bool, emit func(*exp)) {
	for _, node := range x.vis().after {
		if x.mayBegin(node, r, nested) && x.leads(node, r) {
			x.placeAll(e, node, func(n *exp, off int) { x.until(n, off, r, true, emit) })
		}
	}
}

func (x *subject) mayBegin(node *machine.Node, r *rec, nested bool) bool {
	return !node.Root.Decl.Unobserved && x.v.reached[node.ID] && !(node.Root.Sleeps && (nested || level(r.Context) > 0))
}

func (x *subject) placeAll(e *exp, node *machine.Node, f func(*exp, int)) {
	for _, held := range x.v.held[node.ID] {
		n := e.fork()
		if off, ok := x.placeAt(n, node, held); ok {
			f(n, off)
		}
	}
}

// leads tells whether a node that makes records like r can be reached from a point without any record
// that must show before it.
func (x *subject) leads(from *machine.Node, r *rec) bool {
	t := x.vis()
	key := lead{from.ID, r.Kind, r.fn, r.hit}
	if yes, ok := t.leads[key]; ok {
		return yes
	}
	seen := map[*machine.Node]bool{}
	var walk func(n *machine.Node) bool
	walk = func(n *machine.Node) bool {
		if n == nil || seen[n] {
			return false
		}
		seen[n] = true
		for _, e := range x.m.Micro[n.ID] {
			if x.fits(e.Node, r) || t.node[e.Node.ID] != mustShow && walk(e.To) {
				return true
			}
		}
		return false
	}
	t.leads[key] = walk(from)
	return t.leads[key]
}

// lead is a question to leads: from which point to what kind of record.
type lead struct {
	from int
	kind traces.Kind
	fn   string
	hit  string
}

// placeAt puts an activation at a node in mid-life, holding mutexes. ok is false if somebody else must
// hold one of them, or runs the same work item.
func (x *subject) placeAt(e *exp, node *machine.Node, held machine.Val) (int, bool) {
	for off := x.m.NumGlobals; off < len(e.s); off += x.m.FrameSize {
		other := x.m.Nodes[e.s[off+machine.FramePC]].Root
		if e.s[off+machine.FrameHeld]&held != 0 || other.Work >= 0 && other.Work == node.Root.Work {
			return 0, false
		}
	}
	for i, g := range x.m.Mutexes {
		if held&(1<<i) == 0 {
			continue
		}
		if e.s[g] == 0 {
			return 0, false
		}
		e.s[g] = 1
	}
	if w := node.Root.Work; w >= 0 {
		if e.s[x.m.Works[w].Running] == 0 && !x.begun(node, e.s) {
			return 0, false
		}
		e.s[x.m.Works[w].Running] = 1
	}
	if node.Kind == machine.ObsQueued {
		e.s[x.m.Works[node.Work].Pending] = machine.Inserting
	}
	off := x.addFrame(e)
	e.s[off+machine.FramePC] = machine.Val(node.ID)
	e.s[off+machine.FrameHeld] = held
	for i := range node.Root.Regs {
		e.s[off+machine.FrameRegs+i] = machine.Open
	}
	e.hold = x.judge(e.s)
	return off, true
}

// statics are facts about the graphs that need no trace.
func (v *Validator) statics() {
	m := v.m
	v.held = make([][]machine.Val, len(m.Nodes))
	v.reached = make([]bool, len(m.Nodes))
	for _, p := range m.Procs {
		v.walkHeld(p.Entry, 0)
		v.wrapper[p] = v.isWrapper(p)
	}
	for o, mu := range m.Info.Protected {
		for i, g := range m.Mutexes {
			if m.Globals[g].Object == mu {
				v.guardedBy[m.Global(o.Name)] = i
			}
		}
	}
	for _, n := range m.Nodes[1:] {
		if n.Kind != machine.Test {
			continue
		}
		for _, l := range n.Cond.Reads {
			if l.IsReg() {
				continue
			}
			i, ok := v.guardedBy[int(l)]
			for _, held := range v.held[n.ID] {
				if !ok || held&(1<<i) == 0 {
					v.watched[l] = true
				}
			}
		}
	}
}

// walkHeld finds the sets of mutexes that an activation may hold at every node.
func (v *Validator) walkHeld(n *machine.Node, held machine.Val) {
	if n == nil {
		return
	}
	for _, h := range v.held[n.ID] {
		if h == held {
			return
		}
	}
	v.held[n.ID] = append(v.held[n.ID], held)
	v.reached[n.ID] = true
	switch n.Kind {
	case machine.Lock:
		held |= 1 << n.Mutex
	case machine.Unlock:
		held &^= 1 << n.Mutex
	case machine.Choice:
		for _, a := range n.Alts {
			v.walkHeld(a, held)
		}
	}
	v.walkHeld(n.Next, held)
	v.walkHeld(n.Else, held)
}

// isWrapper tells whether p adds nothing but its own records to the processes that it calls.
func (v *Validator) isWrapper(p *machine.Proc) bool {
	records := false
	for _, n := range v.m.Nodes[1:] {
		if n.Root != p || n.Nested || !v.reached[n.ID] {
			continue
		}
		switch n.Kind {
		case machine.Log, machine.Event:
			records = true
		case machine.Branch, machine.Choice, machine.Set, machine.Test, machine.End, machine.ObsEnter, machine.ObsExit:
		case machine.Assign:
			for _, a := range n.Assigns {
				if !a.Loc.IsReg() && !v.m.Globals[a.Loc].Havoc {
					return false
				}
			}
		default:
			return false
		}
	}
	return records
}

// shows tells what the entry of p leaves in this capture.
func (v *Validator) shows(p *machine.Proc) visibility {
	return v.table(false).node[p.Entry.ID]
}
