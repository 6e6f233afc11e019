// Package steps says what an instance does in terms that other notations can write: for every process its
// program points, and for every point its steps, as guards, updates and where they lead.
//
// It is the machine's graph, carried out with terms for values. What Exec does to a state in place, and
// the control that follows a step up to the next one, stands here over the state before the step: a
// translator only writes it down. Nothing is decided here, and a test runs these terms against the
// checker: the same states, counted exactly.
//
// A state is a value for every global in Model.Vars, and for every slot a place (idle, a Point, or done) and
// the registers of its process. Registers have their first values (Register.First) while a slot is not at a
// Point. Whether a work item runs is no variable: it does while its slot is at a Point.
package steps

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Model is an instance as steps.
type Model struct {
	*machine.Instance
	Procs  []*Process        // with a slot, in the order of their first one
	Consts []Const           // features and devices that have one value in every initial state
	Vars   []*machine.Global // what else a state keeps; whether a work item runs is left out

	observed bool        // flows that pass different records are kept apart
	closed   environment // constants whose values are put in
}

// Const is a global that never changes, and is the same in all initial states.
type Const struct {
	Global *machine.Global
	Val    machine.Val
}

// Process is a process that some slot runs.
type Process struct {
	*machine.Proc
	Slots     []int // of Instance.Slots
	Registers []*Register
	Points    []*Point // in the order of the source
	Entry     *Flow    // where an activation begins, over its parameters
	byNode    map[*machine.Node]*Point
}

// Register is a parameter or local, or one of a function that is inlined.
type Register struct {
	Index int
	Name  string // unique in the process
	Type  check.Type
	First machine.Val
	Param bool
}

// Point is a place where an activation stops: before a step, or before an `either`.
type Point struct {
	Node  *machine.Node
	Name  string // unique in the process: function and what is done there
	Steps []*Step
}

// Step is what an activation does at once.
type Step struct {
	From    *Point
	Node    *machine.Node   // what is done
	Edge    *machine.Edge   // of the machine, that this carries out
	Guards  []*machine.Term // over the state before: all must hold
	Updates []Update        // of globals, over the state before
	Spawned *machine.Node   // the spawn statement that is carried out, nil for none
	Spawn   []*machine.Term // its arguments, none if they are free
	Then    *Flow
}

// Update gives a place a value.
type Update struct {
	Loc  machine.Loc
	Term *machine.Term
}

// Flow is where an activation is after a step: a decision over the state before it, or a leaf.
type Flow struct {
	If         *machine.Term // nil at a leaf
	Then, Else *Flow
	To         *Point   // at a leaf; nil when the activation has ended
	Sets       []Update // at a leaf: registers whose values change; none when it has ended
	// Passed are the places at a leaf where a kernel only records something, in order. Flows that differ in nothing else
	// are merged, unless the model is an observed one.
	Passed []*machine.Node
}

// New gives the steps of an instance.
func New(in *machine.Instance) *Model { return (&Model{Instance: in}).build() }

// Observed gives the steps of an instance with everything that a kernel may record on the way.
func Observed(in *machine.Instance) *Model { return (&Model{Instance: in, observed: true}).build() }

// Closed gives the steps of an instance with the values of its constants put in: terms do not read them, and
// what they close is not there.
func Closed(in *machine.Instance) *Model {
	return (&Model{Instance: in, closed: environment{}}).build()
}

// Close puts the values of the constants into a term, if the model is closed.
func (m *Model) Close(t *machine.Term) *machine.Term { return Put(t, m.closed) }

// Put puts terms where a term reads places, and simplifies it.
func Put(t *machine.Term, values map[machine.Loc]*machine.Term) *machine.Term {
	return environment(values).value(t)
}

func (m *Model) build() *Model {
	m.globals()
	for _, c := range m.Consts {
		if m.closed != nil {
			m.closed[machine.Loc(c.Global.Index)] = &machine.Term{Type: c.Global.Object.Type, Val: c.Val}
		}
	}
	byProc := map[*machine.Proc]*Process{}
	for i := range m.Slots {
		p := m.Slots[i].Proc
		if byProc[p] == nil {
			byProc[p] = &Process{Proc: p, byNode: map[*machine.Node]*Point{}}
			m.Procs = append(m.Procs, byProc[p])
		}
		byProc[p].Slots = append(byProc[p].Slots, i)
	}
	for _, p := range m.Procs {
		p.registers()
		(&tracer{m: m, p: p}).trace()
	}
	return m
}

// globals tells constants and variables apart.
func (m *Model) globals() {
	for _, g := range m.Globals {
		switch {
		case g.Kind == machine.RunningGlobal:
		case g.Kind <= machine.DeviceGlobal && m.same(g):
			m.Consts = append(m.Consts, Const{g, m.first(g)})
		default:
			m.Vars = append(m.Vars, g)
		}
	}
}

// IsConst tells whether g is one of the constants.
func (m *Model) IsConst(g *machine.Global) bool {
	return slices.ContainsFunc(m.Consts, func(c Const) bool { return c.Global == g })
}

// first is the value of g in the first initial state, 0 if there is none.
func (m *Model) first(g *machine.Global) machine.Val {
	if len(m.Inits) == 0 {
		return 0
	}
	return m.Inits[0][g.Index]
}

func (m *Model) same(g *machine.Global) bool {
	for _, s := range m.Inits {
		if s[g.Index] != m.first(g) {
			return false
		}
	}
	return true
}

// Process gives the process of a slot.
func (m *Model) Process(slot int) *Process {
	for _, p := range m.Procs {
		if p.Proc == m.Slots[slot].Proc {
			return p
		}
	}
	panic("steps: a slot without a process")
}

// SlotsOf gives the slots of a process, or none: the activations that `P.running` asks for.
func (m *Model) SlotsOf(p *check.Process) []int {
	for _, q := range m.Procs {
		if q.Proc.Process == p {
			return q.Slots
		}
	}
	return nil
}
