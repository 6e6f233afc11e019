package machine

// Effect is what a step did beside changing the state.
type Effect struct {
	Edge   int8  // wakeup source: +1 it became active, −1 inactive
	Wakeup int   // which
	Queued bool  // the work item was not pending before
	Spawn  *Node // the Spawn node: the engine has to place the activation
	Ended  bool  // the activation is over; its frame has pc 0
}

// Mode tells Exec what a step is.
type Mode uint8

// The modes.
const (
	Whole Mode = iota // as the model counts steps
	Split             // as records show them: a queued item is Inserting until its record
)

// Exec takes edge e for the activation whose frame begins at off, in place. It gives 1 when done, 0
// when e is not enabled (s may be spoilt in its registers), and Open with the place to decide first.
func (m *Machine) Exec(s State, off int, e *Edge, mode Mode) (Val, Loc, Effect) {
	var eff Effect
	f := s[off+FrameRegs : off+m.FrameSize]
	if v, l := m.pass(s, f, e); v != 1 {
		return v, l, eff
	}
	if e.Path != nil {
		return m.execPath(s, off, e, mode)
	}
	v, l := m.do(s, off, f, e.Node, mode, &eff)
	if v != 1 {
		return v, l, eff
	}
	m.arrive(s, off, e, mode, &eff)
	return 1, 0, eff
}

// arrive sets the program point after e.
func (m *Machine) arrive(s State, off int, e *Edge, mode Mode, eff *Effect) {
	switch {
	case eff.Ended:
		clear(s[off : off+m.FrameSize])
	case mode == Split && e.Node.Kind == Queue && !eff.Queued:
		s[off+FramePC] = Val(e.To.Next.ID)
	default:
		s[off+FramePC] = Val(e.To.ID)
	}
}

// pass evaluates the guards of e and sets the registers on the way.
func (m *Machine) pass(s State, f []Val, e *Edge) (Val, Loc) {
	for i := range e.Pre {
		p := &e.Pre[i]
		if p.Guard == nil {
			f[p.Reg] = p.Value.eval(s, f)
			continue
		}
		if v, l := m.guard(p.Guard, s, f); v != 1 {
			return v, l
		}
	}
	for _, g := range e.Guards {
		if v, l := m.guard(g, s, f); v != 1 {
			return v, l
		}
	}
	return 1, 0
}

// guard evaluates one conjunct; what hangs on a havoc variable may go either way.
func (m *Machine) guard(g *Conj, s State, f []Val) (Val, Loc) {
	v := g.eval(s, f)
	if v != Open {
		return v, 0
	}
	if l, ok := m.OpenLoc(&g.Value, s, f); ok {
		return Open, l
	}
	return 1, 0
}

// Refusal gives the first conjunct of e that is false in s, or nil.
func (m *Machine) Refusal(s State, off int, e *Edge) *Conj {
	f := append([]Val(nil), s[off+FrameRegs:off+m.FrameSize]...)
	for i := range e.Pre {
		p := &e.Pre[i]
		if p.Guard == nil {
			f[p.Reg] = p.Value.eval(s, f)
		} else if p.Guard.eval(s, f) == 0 {
			return p.Guard
		}
	}
	for _, g := range e.Guards {
		if g.eval(s, f) == 0 {
			return g
		}
	}
	return nil
}

// do carries out a node.
func (m *Machine) do(s State, off int, f []Val, n *Node, mode Mode, eff *Effect) (Val, Loc) {
	switch n.Kind {
	case Assign:
		m.assign(s, f, n)
	case Lock:
		g := m.Mutexes[n.Mutex]
		if s[g] == 1 {
			return 0, 0
		}
		s[g] = 1
		s[off+FrameHeld] |= 1 << n.Mutex
	case Unlock:
		s[m.Mutexes[n.Mutex]] = 0
		s[off+FrameHeld] &^= 1 << n.Mutex
	case Awake, Relax:
		return m.wake(s, n, mode, eff)
	case Queue:
		return m.queue(s, n, mode, eff)
	case Cancel:
		return m.cancel(s, f, n)
	case Spawn:
		eff.Spawn = n
	case Destroy:
		return m.destroy(s, eff)
	case End:
		if n.Root.Work >= 0 {
			s[m.Works[n.Root.Work].Running] = 0
		}
		eff.Ended = true
	}
	return 1, 0
}

func (m *Machine) assign(s State, f []Val, n *Node) {
	if len(n.Assigns) == 1 {
		m.store(s, f, n.Assigns[0].Loc, n.Assigns[0].Value.eval(s, f))
		return
	}
	vals := make([]Val, len(n.Assigns))
	for i, a := range n.Assigns {
		vals[i] = a.Value.eval(s, f)
	}
	for i, a := range n.Assigns {
		m.store(s, f, a.Loc, vals[i])
	}
}

func (m *Machine) store(s State, f []Val, l Loc, v Val) {
	switch {
	case l.IsReg():
		f[l.Reg()] = v
	case s[l] == Open && m.Globals[l].Havoc:
	default:
		s[l] = v
	}
}

// exists tells whether a wakeup source is there.
func (m *Machine) exists(w *Wakeup, s State) (Val, Loc) {
	if m.Ended >= 0 && s[m.Ended] == 1 {
		return 0, 0
	}
	return m.hasSource(w, s)
}

// HasSource tells whether the subject has a wakeup source while it lives: 1, 0 or Open.
func (m *Machine) HasSource(w *Wakeup, s State) Val {
	v, _ := m.hasSource(w, s)
	return v
}

// hasSource tells whether the subject has a wakeup source while it lives.
func (m *Machine) hasSource(w *Wakeup, s State) (Val, Loc) {
	if w.If == nil {
		return 1, 0
	}
	v := w.If.Holds(s, nil)
	if v == Open {
		l, _ := m.OpenLoc(&w.If.Value, s, nil)
		return Open, l
	}
	return v, 0
}

// wake makes a source active or inactive. In a trace the next life of a subject may begin unseen, so
// there a source can be active again after the end.
func (m *Machine) wake(s State, n *Node, mode Mode, eff *Effect) (Val, Loc) {
	w, exists := m.Wakeups[n.Wakeup], m.exists
	if mode == Split {
		exists = m.hasSource
	}
	if v, l := exists(w, s); v != 1 {
		if v == Open {
			return v, l
		}
		return 1, 0
	}
	old := s[w.Global]
	if old == Open {
		return Open, Loc(w.Global)
	}
	next := Val(0)
	switch {
	case n.Kind == Awake && w.Counted:
		next = old + 1
	case n.Kind == Awake:
		next = 1
	case w.Counted && old > 0:
		next = old - 1
	}
	s[w.Global] = next
	eff.Wakeup = n.Wakeup
	eff.Edge = int8(truth(next != 0) - truth(old != 0))
	return 1, 0
}

func (m *Machine) queue(s State, n *Node, mode Mode, eff *Effect) (Val, Loc) {
	g := m.Works[n.Work].Pending
	switch s[g] {
	case Open:
		return Open, Loc(g)
	case 0:
		eff.Queued = true
		s[g] = 1
		if mode == Split {
			s[g] = Inserting
		}
	}
	return 1, 0
}

func (m *Machine) cancel(s State, f []Val, n *Node) (Val, Loc) {
	g := m.Works[n.Work].Pending
	switch s[g] {
	case Open:
		return Open, Loc(g)
	case Inserting:
		return 0, 0
	}
	if n.Reg >= 0 {
		f[n.Reg] = s[g]
	}
	s[g] = 0
	return 1, 0
}

// destroy makes every wakeup source inactive, for good. Sources of one subject go together; the edge told is
// that of the last one that was active.
func (m *Machine) destroy(s State, eff *Effect) (Val, Loc) {
	for i, w := range m.Wakeups {
		if s[w.Global] == Open {
			return Open, Loc(w.Global)
		}
		if s[w.Global] != 0 {
			eff.Edge, eff.Wakeup = -1, i
		}
		s[w.Global] = 0
	}
	s[m.Ended] = 1
	return 1, 0
}

// execPath takes one path through an atomic block.
func (m *Machine) execPath(s State, off int, e *Edge, mode Mode) (Val, Loc, Effect) {
	var eff Effect
	f := s[off+FrameRegs : off+m.FrameSize]
	for _, p := range e.Path {
		if v, l := m.pass(s, f, p); v != 1 {
			return v, l, eff
		}
		if p.Node.Kind == End {
			break
		}
		if v, l := m.do(s, off, f, p.Node, mode, &eff); v != 1 {
			return v, l, eff
		}
	}
	m.arrive(s, off, e, mode, &eff)
	return 1, 0, eff
}

// Insert ends the queueing of a work item that Queue began in Split mode: a worker may start it now.
func (m *Machine) Insert(s State, work int) {
	if g := m.Works[work].Pending; s[g] == Inserting {
		s[g] = 1
	}
}

// CanStart tells whether a worker may take the item now. Of an item of which it is open whether it is
// pending, it says no; one that may be running may also have finished by now.
func (m *Machine) CanStart(s State, work int) bool {
	w := m.Works[work]
	return s[w.Pending] == 1 && s[w.Running] != 1
}

// StartWork lets a worker take a pending item, in the frame at off.
func (m *Machine) StartWork(s State, work, off int) {
	w := m.Works[work]
	s[w.Pending], s[w.Running] = 0, 1
	m.Start(s, off, w.Proc)
}

// Start places an activation of p at its entry in the frame at off; parameters take their first values.
func (m *Machine) Start(s State, off int, p *Proc) {
	clear(s[off : off+m.FrameSize])
	s[off+FramePC] = Val(p.Entry.ID)
	for i, t := range p.Regs {
		s[off+FrameRegs+i] = First(t)
	}
}

// Way tells whether what is on the way of e (constants, parameters and locals) lets it be taken: 1, 0,
// or Open with the place to decide first. It leaves s as it is, and does not look at e.Guards.
func (m *Machine) Way(s State, off int, e *Edge) (Val, Loc) {
	f := s[off+FrameRegs : off+m.FrameSize]
	for i := range e.Pre {
		p := &e.Pre[i]
		if p.Guard == nil {
			f = append([]Val(nil), f...)
			f[p.Reg] = p.Value.eval(s, f)
			continue
		}
		if v, l := m.guard(p.Guard, s, f); v != 1 {
			return v, l
		}
	}
	return 1, 0
}
