package machine

import (
	"math/bits"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// Balance says who may hold a wakeup source active.
type Balance struct {
	Decl   *lang.Balance
	Wakeup int
	Works  []int   // work items of H: pending makes them responsible
	Procs  []*Proc // processes of H, bodies of its work items included
	Unless *Cond   // nil: never
	held   map[*Proc]bool
	works  map[int]bool
}

func (b *builder) balances() {
	m := b.m
	for _, d := range m.Info.Balances {
		bal := &Balance{Decl: d, held: map[*Proc]bool{}, works: map[int]bool{}}
		for i, w := range m.Wakeups {
			if w.Object == m.Info.Uses[d.Wakeup] {
				bal.Wakeup = i
			}
		}
		for _, h := range d.Held {
			o := m.Info.Uses[h]
			p := m.procs[o.Proc]
			if o.Kind == check.WorkObj {
				i := m.workIndex(h)
				bal.Works = append(bal.Works, i)
				bal.works[i] = true
				p = m.Works[i].Proc
			}
			bal.Procs = append(bal.Procs, p)
			bal.held[p] = true
		}
		if d.Unless != nil {
			bal.Unless = (&compiler{m: m}).cond(d.Unless)
		}
		m.Balances = append(m.Balances, bal)
	}
}

// Leaked tells whether the source of b is active with nobody responsible for it.
func (m *Machine) Leaked(b *Balance, s State) bool {
	w := m.Wakeups[b.Wakeup]
	if s[w.Global] == 0 || s[w.Global] == Open {
		return false
	}
	if b.Unless != nil && b.Unless.Holds(s, nil) != 0 {
		return false
	}
	if w.Counted {
		return m.responsible(b, s) < int(s[w.Global])
	}
	return m.responsible(b, s) == 0
}

// responsible counts who still is: pending items of H and activations on their way to a relax or a queue.
func (m *Machine) responsible(b *Balance, s State) int {
	n := 0
	for _, w := range b.Works {
		if s[m.Works[w].Pending] != 0 {
			n++
		}
	}
	for off := m.NumGlobals; off < len(s); off += m.FrameSize {
		if pc := s[off+FramePC]; pc > 0 && b.held[m.Nodes[pc].Root] && m.Responsible(b, m.Nodes[pc], s) {
			n++
		}
	}
	return n
}

// Premature tells whether an item of H waits while the source, which exists, is inactive.
func (m *Machine) Premature(b *Balance, s State) bool {
	w := m.Wakeups[b.Wakeup]
	if s[w.Global] != 0 {
		return false
	}
	if v, _ := m.exists(w, s); v != 1 {
		return false
	}
	for _, i := range b.Works {
		if p := s[m.Works[i].Pending]; p == 1 || p == Inserting {
			return true
		}
	}
	return false
}

type respKey struct {
	balance *Balance
	node    int
	consts  uint64
}

// Responsible tells whether an activation at n is on the way to relaxing b's source or to queueing an
// item of H: whether some path does so, under the features and device constants of s. A constant that
// is Open closes no path.
func (m *Machine) Responsible(b *Balance, n *Node, s State) bool {
	consts, ok := m.constants(s)
	if !ok {
		return m.reaches(b, n, s, map[*Node]bool{})
	}
	key := respKey{balance: b, node: n.ID, consts: consts}
	if v, ok := m.resp.Load(key); ok {
		return v.(bool)
	}
	v := m.reaches(b, n, s, map[*Node]bool{})
	m.resp.Store(key, v)
	return v
}

// constants gives a number for the values of the features and device constants in s, another one for others. ok is
// false if there are too many of them, or one has none of its values.
func (m *Machine) constants(s State) (n uint64, ok bool) {
	for _, c := range m.consts {
		digit := uint64(0)
		if v := s[c.global]; v != Open {
			digit = uint64(int64(v)-int64(c.first)) + 1
		}
		if digit >= c.radix {
			return 0, false
		}
		n = n*c.radix + digit
	}
	return n, m.numbered
}

// numberable tells whether every choice of values for the features and device constants can have its number.
func (m *Machine) numberable() bool {
	most := uint64(1)
	for _, c := range m.consts {
		high, low := bits.Mul64(most, c.radix)
		if most = low; high > 0 {
			return false
		}
	}
	return true
}

func (m *Machine) reaches(b *Balance, n *Node, s State, seen map[*Node]bool) bool {
	if n == nil || seen[n] {
		return false
	}
	seen[n] = true
	switch n.Kind {
	case Relax:
		if n.Wakeup == b.Wakeup {
			return true
		}
	case Queue:
		if b.works[n.Work] {
			return true
		}
	case Choice:
		for _, a := range n.Alts {
			if m.reaches(b, a, s, seen) {
				return true
			}
		}
		return false
	case Atomic:
		for _, p := range n.Paths {
			for _, e := range p {
				if e.Node.Kind == Relax && e.Node.Wakeup == b.Wakeup || e.Node.Kind == Queue && b.works[e.Node.Work] {
					return true
				}
			}
		}
	case Branch, Test:
		return m.side(s, n.Cond.Then) && m.reaches(b, n.Next, s, seen) ||
			m.side(s, n.Cond.Else) && m.reaches(b, n.Else, s, seen)
	}
	return m.reaches(b, n.Next, s, seen)
}

// side tells whether a branch can be taken as far as features and device constants decide it.
func (m *Machine) side(s State, guards []*Conj) bool {
	for _, g := range guards {
		if m.overConsts(g) && g.Eval(s, nil) == 0 {
			return false
		}
	}
	return true
}

func (m *Machine) overConsts(g *Conj) bool {
	for _, l := range g.Reads {
		if l.IsReg() || m.Globals[l].Kind > DeviceGlobal {
			return false
		}
	}
	return true
}

// Permit is what `transitions` says of an edge.
type Permit uint8

// What an edge may be. A warning edge is legal but reported.
const (
	Allowed Permit = iota
	Warned
	Forbidden
)

// Transitions is the intent for one variable.
type Transitions struct {
	Object *check.Object
	Global int
	edges  []transEdge
}

type transEdge struct {
	from, to map[Val]bool // nil: any
	warning  bool
	cond     *Cond
}

func (b *builder) transitions() {
	m := b.m
	for _, o := range m.Info.TransitionVars {
		t := &Transitions{Object: o, Global: m.globals[o]}
		for _, e := range m.Info.Transitions[o] {
			te := transEdge{from: m.members2vals(e.From), to: m.members2vals(e.To), warning: e.Warning}
			if e.If != nil {
				te.cond = (&compiler{m: m}).cond(e.If)
			}
			t.edges = append(t.edges, te)
			if e.Both {
				te.from, te.to = te.to, te.from
				t.edges = append(t.edges, te)
			}
		}
		m.Trans = append(m.Trans, t)
	}
}

func (m *Machine) members2vals(ids []*lang.Ident) map[Val]bool {
	if len(ids) == 0 {
		return nil
	}
	vs := map[Val]bool{}
	for _, id := range ids {
		vs[Val(m.Info.Uses[id].Index)] = true
	}
	return vs
}

// Check judges the change from one value to another. An edge whose condition is Open is allowed.
func (t *Transitions) Check(from, to Val, s State) Permit {
	if from == to || from == Open || to == Open {
		return Allowed
	}
	p := Forbidden
	for _, e := range t.edges {
		if e.from != nil && !e.from[from] || e.to != nil && !e.to[to] || e.cond != nil && e.cond.Holds(s, nil) == 0 {
			continue
		}
		if !e.warning {
			return Allowed
		}
		p = Warned
	}
	return p
}

func (b *builder) properties() {
	for _, d := range b.m.Info.Properties {
		p := &Property{Decl: d}
		if d.Kind == lang.Invariant {
			p.Cond = (&compiler{m: b.m}).cond(d.Expr)
		}
		b.m.Props = append(b.m.Props, p)
	}
}
