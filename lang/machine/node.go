package machine

import (
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// NodeKind says what a node of a process graph does.
type NodeKind uint8

// The kinds of node. The first three are control and never a stop; the Obs kinds are places where a
// kernel records something and nothing changes; the rest are steps.
const (
	Branch NodeKind = iota // If over constants, parameters and locals
	Choice                 // either
	Set                    // a register takes a value: a result that a call returns

	ObsEnter     // function Func is entered
	ObsExit      // function Func returns Result
	ObsCall      // a primitive's kernel function (Text) is entered
	ObsQueued    // the work item that was queued one node before reached its workqueue
	ObsWorkStart // workqueue_execute_start
	ObsWorkEnd   // workqueue_execute_end

	Test    // an if that reads a variable or a primitive
	Assign  // variables and registers, at once
	Lock    // take Mutex, when it is free
	Unlock  // give Mutex back
	Awake   // pm_stay_awake() of Wakeup
	Relax   // pm_relax() of Wakeup
	Queue   // queue_work() of Work
	Cancel  // take a pending item away; Reg gets whether there was one
	Await   // go on when Cond holds
	Log     // print one of Patterns
	Event   // any other record
	Atomic  // Paths, each a sequence of nodes done at once
	Spawn   // start an activation of Proc
	Destroy // the subject has ended: its wakeup sources are destroyed
	End     // the activation ends
)

// IsStep reports whether a node of this kind is a step of the model.
func (k NodeKind) IsStep() bool { return k >= Test }

// IsObs reports whether a node of this kind is only seen, not done.
func (k NodeKind) IsObs() bool { return k >= ObsEnter && k <= ObsWorkEnd }

// Node is a node of a process graph.
type Node struct {
	ID   int
	Kind NodeKind
	Span diag.Span      // the statement
	Func *check.Process // the function whose body the statement stands in
	Root *Proc          // the process whose graph the node belongs to

	Next *Node   // where it goes on
	Else *Node   // Branch, Test: when the condition is false
	Alts []*Node // Choice

	Cond     *Cond // Branch, Test, Await
	Mutex    int   // Lock, Unlock: index into Machine.Mutexes
	Wakeup   int   // Awake, Relax, ObsCall: index into Machine.Wakeups
	Work     int   // Queue, Cancel, ObsQueued, ObsWork*: index into Machine.Works
	Reg      int   // Set, Cancel: register, −1: none
	Value    *Value
	Assigns  []Assignment
	Level    string // Log
	Patterns []*Pattern
	Text     string   // ObsCall: the kernel function; Event: its name
	Args     []*Value // Spawn
	Fields   []Field  // Event
	Result   *Value   // ObsExit: nil for a function without result
	Proc     *Proc    // Spawn
	Paths    [][]*Edge
	// Nested: the node stands in a process that the root calls, not in the root's own functions.
	Nested bool
}

// Assignment is one `target := value` of an Assign node.
type Assignment struct {
	Loc   Loc
	Value *Value
}

// Loc is a place of a state: a global if it is ≥ 0, else register ^Loc of the frame.
type Loc int

// IsReg reports whether l is a register.
func (l Loc) IsReg() bool { return l < 0 }

// Reg gives the register number of l.
func (l Loc) Reg() int { return int(^l) }

// RegLoc gives the place of a register.
func RegLoc(r int) Loc { return Loc(^r) }

// Pre is one thing that happens on the way to a stop: a guard, or a register taking a value.
type Pre struct {
	Guard *Conj // nil: Reg := Value
	Reg   int
	Value *Value
}

// Edge is one way out of a program point: past Pre to Node, under Guards, and on to To.
type Edge struct {
	From   *Node
	Pre    []Pre
	Node   *Node
	Guards []*Conj // of a Test: the conjuncts of its condition, or of its negation
	To     *Node   // nil after End
	Path   []*Edge // of an Atomic: what is done at once
}
