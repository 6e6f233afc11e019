package validate_test

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/traces"
)

// match hands every world that w becomes with record r to emit.
func (s *search) match(w *world, r *refRec, emit func(*world)) {
	if w = s.arrive0(w, r); w == nil {
		return
	}
	mine := false
	for _, a := range w.acts {
		mine = mine || r.ctx != 0 && a.task == r.ctx
		if a.task != 0 && r.depth >= 0 && s.depth[a.task] > r.depth && s.cpu[a.task] == r.cpu {
			return // an interrupt of this CPU would still be running
		}
	}
	for i, a := range w.acts {
		if a.task == r.ctx || a.task == 0 && (!mine || r.depth != 0 && !s.sleeps(a.root)) {
			s.take(w, i, r, emit)
		}
	}
	if mine && r.depth >= 0 && r.ctx != 0 {
		return
	}
	nested := mine && r.ctx != 0
	for _, p := range s.info.Processes {
		if p.Decl.Procedure || p.Work != nil || p.Decl.Unobserved || s.sleeps(p) && (nested || r.depth > 0) || !s.factsOf(p).may(s, r) {
			continue
		}
		for _, a := range s.model.start(p) {
			n := w.clone()
			n.acts = append(n.acts, a)
			s.alone(n, len(n.acts)-1, r, map[string]bool{}, emit)
		}
	}
	if s.start0 == nothing && !s.seen[r.ctx] {
		s.amid(w, r, nested, emit)
	}
}

// arrive0 checks the demands of r's thread: what its probes read must have been there by now.
func (s *search) arrive0(w *world, r *refRec) *world {
	for _, d := range w.due {
		if d.ctx != r.ctx || r.ctx == 0 {
			continue
		}
		if w.g[d.slot] != unk {
			return nil
		}
		n := w.clone()
		n.g[d.slot] = d.val
		s.meet(n)
		return s.arrive0(n, r)
	}
	return w
}

// alone runs activation i by itself until it can make r.
func (s *search) alone(w *world, i int, r *refRec, been map[string]bool, emit func(*world)) {
	if k := w.key(); been[k] || s.over {
		return
	} else {
		been[k] = true
	}
	s.left--
	ms, variants := s.moves(w, i)
	for _, v := range variants {
		s.alone(v, i, r, been, emit)
	}
	for _, m := range ms {
		if s.fits(m.ev, r) {
			s.taken(w.acts[i], m, r, emit)
		}
		if m.a != nil && s.visible(m.ev, w.acts[i]) != always {
			s.alone(m.w, i, r, been, emit)
		}
	}
}

// take lets activation i make r.
func (s *search) take(w *world, i int, r *refRec, emit func(*world)) {
	ms, variants := s.moves(w, i)
	for _, v := range variants {
		s.take(v, i, r, emit)
	}
	for _, m := range ms {
		if s.fits(m.ev, r) {
			s.taken(w.acts[i], m, r, emit)
		}
	}
}

func (s *search) fits(ev event, r *refRec) bool {
	if ev.kind != r.kind {
		return false
	}
	switch r.kind {
	case traces.Enter:
		return ev.fn == r.fn && ev.call == r.call
	case traces.Exit:
		if ev.fn != r.fn || ev.void || ev.ret == unk || r.ret == nil {
			return ev.fn == r.fn
		}
		switch ev.ret {
		case 0:
			return *r.ret >= 0
		case check.AnyErrno:
			return *r.ret < 0
		}
		return *r.ret == ev.ret
	case traces.Queue, traces.Start, traces.End:
		return ev.work == r.work
	case traces.Log:
		for _, lit := range ev.log.Patterns {
			if _, ok := fill(s.info.Patterns[lit], r.text); ok {
				return true
			}
		}
		return false
	}
	return true
}

// taken finishes a step that made r: the thread is known now, and what r shows must fit.
func (s *search) taken(old *act, m move, r *refRec, emit func(*world)) {
	if m.a == nil {
		s.demand(m.w, r, emit)
		return
	}
	n := m.a.with(m.a.k)
	n.task = r.ctx
	switch {
	case m.ev.kind == traces.Log:
		if !s.lineFits(n, old, m.ev.log, r.text) {
			return
		}
	case m.ev.kind == traces.Enter && m.ev.top:
		for _, o := range m.ev.proc.Params {
			num, ok := r.params[o.Name]
			if !ok {
				continue
			}
			if v, ok := s.decode(o.Type, num); ok && !set(n, s.regs[o], v) {
				return
			}
		}
	}
	w := m.w.clone()
	w.acts[slices.Index(w.acts, m.a)] = n
	s.demand(w, r, emit)
}

// set gives a register a value, or compares.
func set(a *act, reg, v int) bool {
	if a.regs[reg] == unk {
		a.regs[reg] = v
	}
	return a.regs[reg] == v
}

// lineFits compares the values that a line shows.
func (s *search) lineFits(a, old *act, l *lang.Log, text string) bool {
	for _, lit := range l.Patterns {
		vals, ok := fill(s.info.Patterns[lit], text)
		if !ok {
			continue
		}
		for o, t := range vals {
			i, isReg := s.regs[o]
			if !isReg || o.Type.Kind != check.EnumType {
				continue
			}
			for j, mem := range o.Type.Enum.Members {
				if mem.Text == t && old.regs[i] != unk && old.regs[i] != j {
					return false
				}
			}
		}
		return true
	}
	return false
}

// demand notes what r shows of the variables: there now, or before the thread's next record. What is not
// known yet may have that value now, or another one.
func (s *search) demand(w *world, r *refRec, emit func(*world)) {
	w = w.clone()
	w.due = slices.DeleteFunc(w.due, func(d demand) bool { return d.ctx == r.ctx })
	ws := []*world{w}
	for _, v := range r.values {
		val, ok := s.decode(v.v.Type, v.num)
		if !ok {
			val = unk - 1 // no value of this kernel: never met
		}
		g := s.slot[v.v]
		for _, w := range slices.Clone(ws) {
			if w.g[g] == unk && ok {
				ws = append(ws, s.decide(w, g, []int{val})...)
			}
			w.due = append(w.due, demand{r.ctx, g, val})
			slices.SortFunc(w.due, func(a, b demand) int {
				return slices.Compare([]int{a.ctx, a.slot, a.val}, []int{b.ctx, b.slot, b.val})
			})
		}
	}
	for _, w := range ws {
		emit(w)
	}
}

// decode gives the value that a number stands for in this kernel.
func (m *model) decode(t check.Type, num int) (int, bool) {
	if t.Kind != check.EnumType {
		return num, true
	}
	for i, mem := range t.Enum.Members {
		if !m.exists(mem) {
			continue
		}
		if num == 0 {
			return i, true
		}
		num--
	}
	return 0, false
}

// refFacts say what a process and everything that it calls may record.
type refFacts struct {
	sleeps bool
	kinds  map[string]bool
	logs   []*lang.Log
}

func (s *search) sleeps(p *check.Process) bool { return s.factsOf(p).sleeps }

func (s *search) factsOf(p *check.Process) *refFacts {
	if f := s.facts[p]; f != nil {
		return f
	}
	f := &refFacts{kinds: map[string]bool{}}
	s.facts[p] = f
	s.collect(p, f)
	return f
}

func (s *search) collect(p *check.Process, f *refFacts) {
	f.kinds["fn "+p.Name] = true
	f.kinds["work"] = f.kinds["work"] || p.Work != nil
	f.kinds["off"] = f.kinds["off"] || p.Decl.Ends != nil
	lang.Walk(p.Decl.Body, func(n lang.Node) bool {
		switch x := n.(type) {
		case *lang.Lock:
			f.sleeps = f.sleeps || !s.info.Uses[x.Mutex].Decl.(*lang.Mutex).Spin
		case *lang.Cancel, *lang.CancelExpr:
			f.sleeps = true
		case *lang.StayAwake:
			f.kinds["on"], f.kinds["call pm_stay_awake"] = true, true
		case *lang.Relax:
			f.kinds["off"], f.kinds["call pm_relax"] = true, true
		case *lang.Queue:
			f.kinds["queue"] = true
		case *lang.Log:
			f.logs = append(f.logs, x)
		case *lang.Call:
			s.collect(s.info.Uses[x.Func].Proc, f)
		}
		return true
	})
}

// may tells whether such a process can make r at all.
func (f *refFacts) may(s *search, r *refRec) bool {
	switch r.kind {
	case traces.Enter, traces.Exit:
		if r.call {
			return f.kinds["call "+r.fn]
		}
		return f.kinds["fn "+r.fn]
	case traces.EdgeOn:
		return f.kinds["on"]
	case traces.EdgeOff:
		return f.kinds["off"]
	case traces.Queue:
		return f.kinds["queue"]
	case traces.Start, traces.End:
		return f.kinds["work"]
	case traces.Log:
		return slices.ContainsFunc(f.logs, func(l *lang.Log) bool { return s.fits(event{kind: traces.Log, log: l}, r) })
	}
	return false
}

// point is a place where an activation that nobody has seen may be at work, with the mutexes it holds.
type point struct {
	p    *check.Process
	k    *cont
	held []int // slots
}

// findPoints walks every process with nothing known, so that every branch is taken.
func (s *search) findPoints() {
	for _, p := range s.info.Processes {
		if p.Decl.Procedure || p.Decl.Unobserved {
			continue
		}
		been := map[string]bool{}
		for _, a := range s.model.start(p) {
			s.walkPoints(point{p: p, k: a.k}, been)
		}
	}
}

func (s *search) walkPoints(pt point, been map[string]bool) {
	w, i := s.placed(&world{g: s.unknownGlobals()}, pt)
	if k := w.key(); been[k] {
		return
	} else {
		been[k] = true
	}
	s.points = append(s.points, pt)
	todo := []*world{w}
	for len(todo) > 0 {
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		ms, variants := s.moves(w, i)
		todo = append(todo, variants...)
		for _, m := range ms {
			if m.a == nil || m.a.k.do == doEnd {
				continue
			}
			next := point{p: pt.p, k: m.a.k}
			for _, o := range s.info.Mutexes {
				if m.w.g[s.slot[o]] == 1 {
					next.held = append(next.held, s.slot[o])
				}
			}
			s.walkPoints(next, been)
		}
	}
}

func (s *search) unknownGlobals() []int {
	g := make([]int, s.size)
	for i := range g {
		g[i] = unk
	}
	return g
}

// placed puts an activation at a point; nil if that cannot be.
func (s *search) placed(w *world, pt point) (*world, int) {
	n := w.clone()
	for _, g := range pt.held {
		if n.g[g] == 1 {
			return nil, 0
		}
		n.g[g] = 1
	}
	if o := pt.p.Work; o != nil {
		if n.g[s.slot[o]+1] == 1 {
			return nil, 0
		}
		n.g[s.slot[o]+1] = 1
	}
	if pt.k.do == doQueued {
		n.g[s.slot[s.info.Uses[pt.k.stmt.(*lang.Queue).Work]]] = entering
	}
	a := &act{root: pt.p, k: pt.k, regs: make([]int, len(s.regs))}
	if pt.k.do == doExit {
		a.ret = unk
	}
	for i := range a.regs {
		a.regs[i] = unk
	}
	n.acts = append(n.acts, a)
	return n, len(n.acts) - 1
}

// amid explains r by an activation that has been at work since before the capture, wherever it was then.
func (s *search) amid(w *world, r *refRec, nested bool, emit func(*world)) {
	for _, pt := range s.points {
		if s.sleeps(pt.p) && (nested || r.depth > 0) || !s.factsOf(pt.p).may(s, r) {
			continue
		}
		if n, i := s.placed(w, pt); n != nil {
			s.alone(n, i, r, map[string]bool{}, emit)
		}
	}
}

// unseen starts one process that this capture would not have shown.
func (s *search) unseen(closed map[string]*world) map[string]*world {
	out := map[string]*world{}
	for _, w := range closed {
		for _, p := range s.info.Processes {
			if p.Decl.Procedure || p.Work != nil || !p.Decl.Unobserved && s.kinds.on("enter:"+p.Name) {
				continue
			}
			for _, a := range s.model.start(p) {
				n := w.clone()
				n.acts = append(n.acts, a)
				s.add(out, n)
			}
		}
	}
	return out
}

// missed assumes that probes of an interrupt were dropped by the kernel.
func (s *search) missed(closed map[string]*world, r *refRec, out map[string]*world) {
	if r.depth == 0 || r.ctx == 0 {
		return
	}
	emit := func(n *world) { s.add(out, n) }
	for _, w := range closed {
		for i, a := range w.acts {
			if a.task != r.ctx || r.depth < 0 {
				continue
			}
			n := w.clone()
			n.acts[i] = a.with(a.k)
			n.acts[i].missed = true
			one := s.closure(map[string]*world{n.key(): n})
			for _, n := range one {
				s.match(n, r, emit)
			}
		}
		for _, p := range s.info.Processes {
			if p.Decl.Procedure || p.Work != nil || p.Decl.Unobserved || s.sleeps(p) || !s.kinds.missable("enter:"+p.Name) {
				continue
			}
			for _, a := range s.model.start(p) {
				n := w.clone()
				b := a.with(a.k)
				b.missed = true
				n.acts = append(n.acts, b)
				s.alone(n, len(n.acts)-1, r, map[string]bool{}, emit)
			}
		}
	}
}
