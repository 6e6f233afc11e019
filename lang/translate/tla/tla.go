// Package tla writes a specification in TLA+: a module of its own, one that makes the finite instance of `explore` out
// of it, and configurations for TLC.
//
// What an instance does it takes from package steps; here it is only written down. An activation is a string, its
// place is pc[self], its parameters and locals are the record frame[self]. Mutexes that are held, wakeup sources that
// are active and work items that are pending are sets of names, so that one helper operator a primitive is enough, and
// that helper says what else stays as it is.
package tla

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// File is a text to be written under a name.
type File struct{ Name, Text string }

// Verdict is what is known of a property of the instance.
type Verdict struct {
	Title    string // as `expect` names it: owned, balance awake, transitions state, deadlock
	Warning  bool   // of transitions: the one about warning edges
	Violated bool
	Detail   string // one line, such as "in 17 steps"
}

// Options are what the specification itself does not tell.
type Options struct {
	Kernel   string            // profile that closes the features; "" leaves them open
	Sources  map[string][]byte // texts of the modules by file, for comments; may be nil
	Verdicts []Verdict         // what has no verdict is taken to hold
}

// Files translates the instance that `explore` describes.
func Files(m *machine.Machine, opt Options) ([]File, error) {
	in, err := m.Instance(opt.Kernel)
	if err != nil {
		return nil, err
	}
	w := newWriter(steps.New(in), opt)
	module := w.module()
	files := []File{{w.name + ".tla", module}, {w.mc + ".tla", w.instance()}}
	return append(files, w.configs()...), nil
}

// writer writes one instance.
type writer struct {
	m       *steps.Model
	opt     Options
	name    string // of the module
	mc      string // of the module of the instance
	names   *names
	globals []string // features, devices and variables by index
	enums   map[*check.Enum]string
	errnos  map[machine.Val]string
	roots   map[string]int // in how many processes a function's statements stand
	labels  map[*steps.Point]string
	procs   map[*steps.Process]*procNames
	spawns  map[*machine.Node]string // constants that say which activation a statement spawns
	helpers map[string]bool          // helper operators that are used

	results   bool // some register holds a result
	resultSet string
	registers bool // some process has any
	props     []*property
	starting  string // operators of the instance
	spec      string
	procList  []*steps.Process // those that something in the instance can bring to life
	later     []*check.Enum    // enums whose members hang on variables
	bound     []binding
	fields    string         // the tuple of the subject's variables
	setters   map[int]string // operators that change one variable, by global
	strings.Builder
}

// procNames are the names that belong to a process.
type procNames struct {
	calls   string // the constant set of activations that the environment starts, "" if it starts none
	slots   string // the set of all activations
	step    string // the disjunction of its actions
	called  string // the action that starts one of calls
	starts  string // the action of the worker
	fresh   string // the record of the first values of its registers, "" if it has none
	actions []string
	done    []action // what they are
	fields  []string // of the frame, by register
}

// ours are the names that every module has, whatever the specification calls its own things.
var ours = strings.Fields(`Init Next Spec Fairness TypeOK NoDeadlock Bounds Quiet vars pc frame held active holds
ended pending self child a v w m to f At Goto GotoWith Live Lock Unlock Held StayAwake Relax Active StayAwakeCounted RelaxCounted
Queue Cancel Pending NoEffect DestroySources Sources Activations Works Mutexes Wakeups Counted primitives chosen Waits Result`)

func newWriter(m *steps.Model, opt Options) *writer {
	w := &writer{
		m: m, opt: opt, names: newNames(), enums: map[*check.Enum]string{}, errnos: map[machine.Val]string{},
		roots: map[string]int{}, labels: map[*steps.Point]string{}, procs: map[*steps.Process]*procNames{},
		spawns: map[*machine.Node]string{}, helpers: map[string]bool{}, setters: map[int]string{}, resultSet: "Result",
	}
	w.name = moduleName(m.Info.Name)
	w.mc = "MC" + w.name
	for _, n := range ours {
		w.names.used[n] = true
	}
	w.findLive()
	w.findErrnos()
	w.countRoots()
	w.nameGlobals()
	w.nameProcesses()
	w.nameProperties()
	w.starting, w.spec = w.names.take("MCInit"), w.names.take("MCSpec")
	return w
}

// moduleName is the name of a module, other than those that come with TLA+.
func moduleName(s string) string {
	switch s {
	case "Integers", "Naturals", "Reals", "FiniteSets", "Sequences", "TLC", "Bags", "RealTime", "Json", "Randomization", "TLCExt", "Toolbox":
		return s + "_spec"
	}
	if n := field(s); n != s {
		return n
	}
	return identifier(s)
}

func (w *writer) nameGlobals() {
	for _, g := range w.m.Globals {
		name := ""
		if g.Kind <= machine.VarGlobal {
			name = w.names.take(g.Object.Name)
		}
		w.globals = append(w.globals, name)
	}
	for _, e := range w.m.Info.Enums {
		w.enums[e] = w.names.take(e.Name)
	}
}

// nameProcesses names what belongs to processes, then their points: those of the statements of a process come before
// those that it calls.
func (w *writer) nameProcesses() {
	for _, p := range w.procList {
		n := &procNames{step: w.names.take(p.Name)}
		w.procs[p] = n
		if w.has(p, machine.OnceSlot) {
			n.calls, n.called = w.names.take(p.Name+"_calls"), w.names.take(p.Name+"_is_called")
		}
		if w.has(p, machine.WorkerSlot) {
			n.starts = w.names.take(w.m.Info.Works[p.Work].Name + "_starts")
		}
		if w.kinds(p) > 1 || w.has(p, machine.SpawnedSlot) {
			n.slots = w.names.take(p.Name + "_activations")
		}
		if len(p.Registers) > 0 {
			w.registers = true
			n.fresh = w.names.take(p.Name + "_fresh")
		}
		for _, r := range p.Registers {
			w.results = w.results || r.Type.Kind == check.ResultType
			n.fields = append(n.fields, field(r.Name))
		}
	}
	for _, p := range w.procList {
		for _, pt := range p.Points {
			w.labels[pt] = w.names.take(w.base(p, pt.Node))
		}
		w.nameSpawns(p)
	}
}

// nameSpawns names the constants that lead from an activation to those that it spawns.
func (w *writer) nameSpawns(p *steps.Process) {
	for _, pt := range p.Points {
		for _, st := range pt.Steps {
			if st.Node.Kind == machine.Spawn && w.spawns[st.Node] == "" {
				w.spawns[st.Node] = w.names.take(w.base(p, st.Node) + "_child")
			}
		}
	}
}

// findLive finds the processes that can come to life: those that the environment starts, and what they spawn or queue.
func (w *writer) findLive() {
	live := map[*machine.Proc]bool{}
	var visit func(p *machine.Proc)
	visit = func(p *machine.Proc) {
		if live[p] {
			return
		}
		live[p] = true
		for _, n := range w.m.Nodes[1:] {
			for _, at := range nodes(n) {
				switch {
				case n.Root != p:
				case at.Kind == machine.Spawn:
					visit(at.Proc)
				case at.Kind == machine.Queue:
					visit(w.m.Works[at.Work].Proc)
				}
			}
		}
	}
	for i := range w.m.Slots {
		if w.m.Slots[i].Kind == machine.OnceSlot {
			visit(w.m.Slots[i].Proc)
		}
	}
	for _, p := range w.m.Procs {
		if live[p.Proc] {
			w.procList = append(w.procList, p)
		}
	}
}

// nodes gives a node, and those of an atomic block.
func nodes(n *machine.Node) []*machine.Node {
	all := []*machine.Node{n}
	for _, p := range n.Paths {
		for _, e := range p {
			all = append(all, e.Node)
		}
	}
	return all
}

// works tells whether somebody runs a work item.
func (w *writer) works(item *check.Object) bool {
	for _, p := range w.procList {
		if w.has(p, machine.WorkerSlot) && w.m.Info.Works[p.Work] == item {
			return true
		}
	}
	return false
}

func (w *writer) has(p *steps.Process, kind machine.SlotKind) bool {
	for _, s := range p.Slots {
		if w.m.Slots[s].Kind == kind {
			return true
		}
	}
	return false
}

// kinds counts the kinds of slot of a process.
func (w *writer) kinds(p *steps.Process) int {
	n := 0
	for _, k := range []machine.SlotKind{machine.OnceSlot, machine.WorkerSlot, machine.SpawnedSlot} {
		if w.has(p, k) {
			n++
		}
	}
	return n
}

// slotsOf is the set of the activations of a process.
func (w *writer) slotsOf(p *steps.Process) expr {
	n := w.procs[p]
	switch {
	case n.slots != "":
		return atom(n.slots)
	case n.calls != "":
		return atom(n.calls)
	}
	return set(text(w.worker(p)))
}

// worker is the activation of a work item: it bears the item's name.
func (w *writer) worker(p *steps.Process) string { return w.m.Info.Works[p.Work].Name }

// activation names the activation in a slot.
func (w *writer) activation(slot int) string {
	s := &w.m.Slots[slot]
	switch s.Kind {
	case machine.OnceSlot:
		return fmt.Sprintf("%s#%d", s.Proc.Name, slot-s.First+1+w.before(slot))
	case machine.WorkerSlot:
		return w.m.Info.Works[s.Work].Name
	}
	name := w.activation(s.Spawner) + "/" + s.Proc.Name
	if n := w.siblings(slot); n > 1 {
		name += fmt.Sprintf("#%d", n)
	}
	return name
}

// before counts the activations of the same process that an earlier part of `explore` asks for.
func (w *writer) before(slot int) int {
	n := 0
	for i := range w.m.Slots[:w.m.Slots[slot].First] {
		if w.m.Slots[i].Kind == machine.OnceSlot && w.m.Slots[i].Proc == w.m.Slots[slot].Proc {
			n++
		}
	}
	return n
}

// siblings numbers the activations of one process that one activation spawns.
func (w *writer) siblings(slot int) int {
	n := 0
	for i := range w.m.Slots[:slot+1] {
		s := &w.m.Slots[i]
		if s.Kind == machine.SpawnedSlot && s.Spawner == w.m.Slots[slot].Spawner && s.Proc == w.m.Slots[slot].Proc {
			n++
		}
	}
	return n
}

// use notes that a helper operator is used, and applies it.
func (w *writer) use(helper string, args ...expr) expr {
	w.helpers[helper] = true
	return call(helper, args...)
}
