// Package machine compiles a checked module into the one meaning that every engine shares.
//
// A process becomes a graph of nodes. Control that is no step of its own (branches over constants and
// locals, either, calls, returns) is folded into the edges; what is left are nodes where something
// happens and nodes where a kernel would only record something. The checker walks Steps, in which the
// latter are passed through; the validator walks Micro, in which it stops at them too. Both tables are
// made from the same graph, and both run it with the same Exec, so they cannot drift apart.
//
// A state is a flat vector: the globals, then one frame for every activation. The machine never
// allocates frames: its engine decides how many there are and where. There is no I/O and no
// goroutine here, and every enumeration is in the order of the source.
package machine

import (
	"math"
	"slices"
	"sync"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// Val is one value of a state.
type Val = int32

// Open stands for a value that is not decided yet: a feature that nothing has read, a variable of
// which a trace has told nothing. The checker has none. Expressions over it follow Kleene's logic.
const Open Val = math.MinInt32

// State is a vector of values: NumGlobals globals, then frames of FrameSize values each.
type State = []Val

// The fixed fields of a frame; registers (parameters and locals) follow at FrameRegs.
const (
	FramePC   = 0 // node where the activation goes on
	FrameHeld = 1 // bit mask of the mutexes that it holds
	FrameTask = 2 // for the engine: the validator's task, 0 in the checker
	FrameMark = 3 // for the engine: the validator's flags, 0 in the checker
	FrameRegs = 4
)

// GlobalKind says what a global of a state is.
type GlobalKind uint8

// The kinds of global, in the order of their indexes.
const (
	FeatureGlobal GlobalKind = iota
	DeviceGlobal
	VarGlobal
	MutexGlobal   // 0 free, 1 held
	WakeupGlobal  // 0 inactive, 1 active; the count if it is counted
	PendingGlobal // of a work item: 0, 1 pending, Inserting
	RunningGlobal // of a work item: 0, 1
	EndedGlobal   // of the subject: 1 when its wakeup sources are destroyed; only if some process ends it
)

// Inserting is the value of a PendingGlobal whose item is marked pending but not yet on its
// workqueue: no worker can start it. Only the validator, which splits steps, reaches it.
const Inserting Val = 2

// Global is one global of a state.
type Global struct {
	Kind   GlobalKind
	Object *check.Object
	Index  int
	// Havoc: an unobserved process may write any value at any time, so the validator keeps no value
	// and every read is a free choice.
	Havoc bool
}

// Name is the name of the global in the spec; for work items with .pending or .running.
func (g *Global) Name() string {
	switch g.Kind {
	case PendingGlobal:
		return g.Object.Name + ".pending"
	case RunningGlobal:
		return g.Object.Name + ".running"
	case EndedGlobal:
		return g.Object.Name + ".ended"
	}
	return g.Object.Name
}

// Proc is a process that can be started by itself: by the environment, by spawn, or by a worker.
type Proc struct {
	*check.Process
	Index  int
	Entry  *Node // first node of an activation that the environment starts
	Work   int   // index into Works of the item that runs it, or −1
	Params []int // registers of its parameters
	Regs   []check.Type
	// RegObjects tells whose registers they are: parameters and locals of the process and of what is
	// inlined into it; nil for the value of a `cancel`.
	RegObjects []*check.Object
	// Sleeps: it takes a mutex or waits, so it never runs in interrupt context.
	Sleeps bool
}

// Machine is a compiled module.
type Machine struct {
	Info    *check.Info
	Globals []*Global
	Procs   []*Proc // processes only; procedures are inlined
	Nodes   []*Node // by ID; IDs start at 1, Nodes[0] is nil
	// Micro and Steps give the edges of a program point, by node ID.
	Micro, Steps [][]*Edge

	NumGlobals int
	FrameSize  int
	Ended      int // global, −1 if nothing ends the subject

	Mutexes  []int // indexes of globals
	Wakeups  []*Wakeup
	Works    []*Work
	Balances []*Balance
	Trans    []*Transitions
	Props    []*Property

	labels  map[labelKey][]*Node
	procs   map[*check.Process]*Proc
	globals map[*check.Object]int
	resp    sync.Map // respKey -> bool
	members map[*check.Member]*Cond
	consts  []constGlobal

	numbered bool // all values of consts together have a number
}

// constGlobal is a feature or a device constant: a global that responsibility may depend on.
type constGlobal struct {
	global int
	first  Val    // the least value
	radix  uint64 // how many values it has, Open included
}

// Wakeup is a wakeup source.
type Wakeup struct {
	Object  *check.Object
	Global  int
	Counted bool
	If      *Cond // nil: always there
}

// Work is a work item.
type Work struct {
	Object  *check.Object
	Pending int // global
	Running int // global
	Proc    *Proc
}

// Property is an invariant; temporal properties and deadlines keep their syntax for their engines.
type Property struct {
	Decl *lang.Property
	Cond *Cond // invariants only
}

// Counted tells whether g is a wakeup source that counts.
func (m *Machine) Counted(g *Global) bool {
	return slices.ContainsFunc(m.Wakeups, func(w *Wakeup) bool { return w.Global == g.Index && w.Counted })
}

// Proc gives the process of that name, or nil.
func (m *Machine) Proc(name string) *Proc {
	for _, p := range m.Procs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Global gives the index of the feature, device constant or variable of that name, or −1.
func (m *Machine) Global(name string) int {
	for _, g := range m.Globals {
		if g.Kind <= VarGlobal && g.Object.Name == name {
			return g.Index
		}
	}
	return -1
}

// Functions lists the names that processes and procedures share with kernel functions, in order of
// declaration, those that no kernel records left out.
func (m *Machine) Functions() []string {
	var fs []string
	for _, p := range m.Info.Processes {
		if !p.Decl.Unobserved {
			fs = append(fs, p.Name)
		}
	}
	return fs
}

// Compile gives the machine of a checked module. It fails only for what exceeds its limits.
func Compile(info *check.Info) (*Machine, error) {
	m := &Machine{
		Info: info, Nodes: []*Node{nil}, labels: map[labelKey][]*Node{},
		procs: map[*check.Process]*Proc{}, globals: map[*check.Object]int{}, members: map[*check.Member]*Cond{},
	}
	m.layout()
	m.compileMembers()
	var list diag.List
	b := &builder{m: m, diags: &list}
	if b.processes(); list.HasErrors() {
		return nil, list.Err()
	}
	m.FrameSize = FrameRegs + b.maxRegs
	b.balances()
	b.transitions()
	b.properties()
	m.expand()
	m.findHavoc()
	return m, nil
}

// layout numbers the globals.
func (m *Machine) layout() {
	add := func(k GlobalKind, o *check.Object) int {
		g := &Global{Kind: k, Object: o, Index: len(m.Globals)}
		m.Globals = append(m.Globals, g)
		if k != RunningGlobal {
			m.globals[o] = g.Index
		}
		if k <= DeviceGlobal {
			m.consts = append(m.consts, constGlobal{g.Index, First(o.Type), Values(o.Type) + 1})
		}
		return g.Index
	}
	for _, o := range m.Info.Features {
		add(FeatureGlobal, o)
	}
	for _, o := range m.Info.Devices {
		add(DeviceGlobal, o)
	}
	for _, o := range m.Info.Vars {
		add(VarGlobal, o)
	}
	for _, o := range m.Info.Mutexes {
		m.Mutexes = append(m.Mutexes, add(MutexGlobal, o))
	}
	for _, o := range m.Info.Wakeups {
		decl := o.Decl.(*lang.Wakeup)
		m.Wakeups = append(m.Wakeups, &Wakeup{Object: o, Global: add(WakeupGlobal, o), Counted: decl.Counted})
	}
	for _, o := range m.Info.Works {
		w := &Work{Object: o, Pending: add(PendingGlobal, o)}
		w.Running = add(RunningGlobal, o)
		m.Works = append(m.Works, w)
	}
	m.Ended = -1
	if slices.ContainsFunc(m.Info.Processes, func(p *check.Process) bool { return p.Decl.Ends != nil }) {
		m.Ended = add(EndedGlobal, &check.Object{Name: m.Info.Subject})
	}
	m.NumGlobals = len(m.Globals)
	m.numbered = m.numberable()
}

type labelKey struct {
	root *Proc
	name string
}

func (m *Machine) label(root *Proc, name string, n *Node) {
	k := labelKey{root, name}
	m.labels[k] = append(m.labels[k], n)
}

// Label gives the program points of p that a label names: a labelled statement, or the entries of a
// function that p calls.
func (m *Machine) Label(p *Proc, name string) []*Node {
	if ns := m.labels[labelKey{p, name}]; ns != nil {
		return ns
	}
	var ns []*Node
	for _, n := range m.Nodes[1:] {
		if n.Kind == ObsEnter && n.Root == p && n.Func.Name == name {
			ns = append(ns, n)
		}
	}
	return ns
}
