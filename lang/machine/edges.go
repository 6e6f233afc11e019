package machine

// expand fills Micro and Steps.
func (m *Machine) expand() {
	m.Micro = make([][]*Edge, len(m.Nodes))
	m.Steps = make([][]*Edge, len(m.Nodes))
	for _, n := range m.Nodes[1:] {
		m.Micro[n.ID] = m.edges(n, true)
		m.Steps[n.ID] = m.edges(n, false)
	}
}

// edges lists the ways from n to the next stops, obs nodes being stops only on request.
func (m *Machine) edges(n *Node, stopAtObs bool) []*Edge {
	x := &expansion{from: n, stopAtObs: stopAtObs}
	x.walk(n, nil, nil)
	return x.edges
}

type expansion struct {
	from      *Node
	stopAtObs bool
	edges     []*Edge
}

// known are the registers whose value follows from what was passed on the way.
type known map[int]Val

func (x *expansion) walk(n *Node, pre []Pre, k known) {
	switch {
	case n.Kind == Branch:
		for _, side := range []struct {
			guards []*Conj
			to     *Node
		}{{n.Cond.Then, n.Next}, {n.Cond.Else, n.Else}} {
			if p, ok := addGuards(pre, side.guards, k); ok {
				x.walk(side.to, p, k)
			}
		}
	case n.Kind == Choice:
		for _, a := range n.Alts {
			x.walk(a, pre, k)
		}
	case n.Kind == Set:
		x.walk(n.Next, append(pre[:len(pre):len(pre)], Pre{Reg: n.Reg, Value: n.Value}), k.with(n.Reg, n.Value))
	case n.Kind.IsObs() && !x.stopAtObs:
		x.walk(n.Next, pre, k)
	default:
		x.stop(n, pre)
	}
}

func (x *expansion) stop(n *Node, pre []Pre) {
	pre = prune(pre)
	switch n.Kind {
	case Test:
		x.add(&Edge{From: x.from, Pre: pre, Node: n, Guards: n.Cond.Then, To: n.Next})
		x.add(&Edge{From: x.from, Pre: pre, Node: n, Guards: n.Cond.Else, To: n.Else})
	case Await:
		x.add(&Edge{From: x.from, Pre: pre, Node: n, Guards: n.Cond.Then, To: n.Next})
	case Atomic:
		for _, p := range n.Paths {
			x.add(&Edge{From: x.from, Pre: pre, Node: n, To: n.Next, Path: p})
		}
	default:
		x.add(&Edge{From: x.from, Pre: pre, Node: n, To: n.Next})
	}
}

// add appends e unless the same edge is there already.
func (x *expansion) add(e *Edge) {
	for _, o := range x.edges {
		if o.Node == e.Node && o.To == e.To && samePre(o.Pre, e.Pre) && sameGuards(o.Guards, e.Guards) && len(o.Path) == 0 && len(e.Path) == 0 {
			return
		}
	}
	x.edges = append(x.edges, e)
}

func samePre(a, b []Pre) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Guard != b[i].Guard || a[i].Reg != b[i].Reg {
			return false
		}
		if a[i].Guard != nil {
			continue
		}
		v, w := a[i].Value, b[i].Value
		if v != w && !(v.Const && w.Const && v.Eval(nil, nil) == w.Eval(nil, nil)) {
			return false
		}
	}
	return true
}

func sameGuards(a, b []*Conj) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// addGuards appends guards; ok is false if one of them is known to fail.
func addGuards(pre []Pre, guards []*Conj, k known) ([]Pre, bool) {
	pre = pre[:len(pre):len(pre)]
	for _, g := range guards {
		switch k.eval(&g.Value) {
		case 0:
			return nil, false
		case 1:
		default:
			pre = append(pre, Pre{Guard: g})
		}
	}
	return pre, true
}

// prune drops register settings that a later one makes moot.
func prune(pre []Pre) []Pre {
	var out []Pre
	for i, p := range pre {
		if p.Guard == nil && p.Value.Const && moot(pre[i+1:], p.Reg) {
			continue
		}
		out = append(out, p)
	}
	return out
}

func moot(rest []Pre, reg int) bool {
	for _, p := range rest {
		v := p.Value
		if p.Guard != nil {
			v = &p.Guard.Value
		}
		for _, l := range v.Reads {
			if l == RegLoc(reg) {
				return false
			}
		}
		if p.Guard == nil && p.Reg == reg {
			return true
		}
	}
	return false
}

func (k known) with(reg int, v *Value) known {
	n := known{}
	for r, x := range k {
		n[r] = x
	}
	delete(n, reg)
	if x := k.eval(v); x != Open {
		n[reg] = x
	}
	return n
}

// eval evaluates v if it reads known registers only, else gives Open.
func (k known) eval(v *Value) Val {
	if v.Const {
		return v.Eval(nil, nil)
	}
	top := 0
	for _, l := range v.Reads {
		if !l.IsReg() {
			return Open
		}
		if _, ok := k[l.Reg()]; !ok {
			return Open
		}
		top = max(top, l.Reg())
	}
	f := make([]Val, top+1)
	for r, x := range k {
		if r <= top {
			f[r] = x
		}
	}
	return v.Eval(nil, f)
}

// paths lists every way from entry to stop as the edges passed.
func (m *Machine) paths(entry, stop *Node) [][]*Edge {
	var all [][]*Edge
	var walk func(n *Node, way []*Edge)
	walk = func(n *Node, way []*Edge) {
		for _, e := range m.edges(n, false) {
			w := append(way[:len(way):len(way)], e)
			if e.Node == stop {
				all = append(all, w)
				continue
			}
			walk(e.To, w)
		}
	}
	walk(entry, nil)
	return all
}

// findHavoc marks the variables that an unobserved process may set to any value at any time.
func (m *Machine) findHavoc() {
	for _, p := range m.Procs {
		if !p.Decl.Unobserved {
			continue
		}
		if g, ok := m.setsAnything(p); ok {
			m.Globals[g].Havoc = true
		}
	}
}

// setsAnything tells whether p does nothing but give one variable each of its values, by choice.
func (m *Machine) setsAnything(p *Proc) (int, bool) {
	g, seen := -1, map[Val]bool{}
	for _, e := range m.Steps[p.Entry.ID] {
		n := e.Node
		if n.Kind != Assign || len(e.Pre) > 0 || len(n.Assigns) != 1 || !n.Assigns[0].Value.Const || n.Assigns[0].Loc.IsReg() || e.To.Kind != End {
			return 0, false
		}
		if g >= 0 && g != int(n.Assigns[0].Loc) {
			return 0, false
		}
		g = int(n.Assigns[0].Loc)
		seen[n.Assigns[0].Value.Eval(nil, nil)] = true
	}
	return g, g >= 0 && len(seen) == len(m.typeDomain(m.Globals[g].Object.Type, m.openState()))
}

// openState is a state of globals, features and devices open.
func (m *Machine) openState() State {
	s := make(State, m.NumGlobals)
	for _, c := range m.consts {
		s[c.global] = Open
	}
	return s
}
