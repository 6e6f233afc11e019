package lang

import "github.com/rprocspec/rprocspec/lang/diag"

// Node is anything in the tree that has a place in the source.
type Node interface {
	Pos() diag.Pos // first byte
	End() diag.Pos // first byte after
	node()
}

// base carries the span of a node and closes the interface.
type base struct{ diag.Span }

func (b *base) Pos() diag.Pos { return b.Start }
func (b *base) End() diag.Pos { return b.Span.End }
func (b *base) node()         {}

// Ident is a name where it is written: in a declaration or in a use of one.
type Ident struct {
	base
	Name string
}

// Comment is one // comment, without its slashes. Doc comments (///) are kept with their declaration.
type Comment struct {
	base
	Text string
}

// Module is one file.
type Module struct {
	base
	File     string
	Doc      string // the /// lines before `module`, newline separated
	Name     *Ident
	Extends  *Ident // nil for a module of its own
	Decls    []Decl
	Comments []*Comment // every // comment of the file, in order of position

	source []byte  // what was parsed
	tokens []token // all of it but white space, for Format; nil if it did not parse
}

// Decl is a declaration at the top level of a module.
type Decl interface {
	Node
	// DocText is the /// comment before the declaration, newline separated, "" without one.
	DocText() string
	decl()
}

// declBase carries what all declarations share.
type declBase struct {
	base
	Doc string
}

func (d *declBase) DocText() string { return d.Doc }
func (d *declBase) decl()           {}

type (
	// Subject is `subject rproc`: what the machine describes one of.
	Subject struct {
		declBase
		Name *Ident
	}

	// Enum is `enum Name { A, B if cond, C "text" }` or `enum Name extends { … }`.
	Enum struct {
		declBase
		Name    *Ident
		Extends bool
		Members []*EnumMember
	}

	// EnumMember is one member; Text is how logs print it (default: the name), If leaves it out when false.
	EnumMember struct {
		base
		Name *Ident
		Text string // "" when not written
		If   Expr   // nil: always there
	}

	// ConstDecl is `const name: Type = value`.
	ConstDecl struct {
		declBase
		Name  *Ident
		Type  *Type
		Value Expr
	}

	// Feature is `feature name: Type`: one choice per kernel.
	Feature struct {
		declBase
		Name *Ident
		Type *Type
	}

	// Device is `device name: Type`: one choice per processor.
	Device struct {
		declBase
		Name *Ident
		Type *Type
	}

	// Kernel is `kernel name { feature = value, … }`.
	Kernel struct {
		declBase
		Name     *Ident
		Bindings []*Binding
	}

	// Binding is `name = value` in a kernel, a start or a fix.
	Binding struct {
		base
		Name  *Ident
		Value Expr
	}

	// Var is `var name: Type [= value]`; without a value any value of the type is initial.
	Var struct {
		declBase
		Name *Ident
		Type *Type
		Init Expr
	}

	// Mutex is `mutex name`, or `spinlock name` with Spin set.
	Mutex struct {
		declBase
		Name *Ident
		Spin bool
	}

	// Wakeup is `wakeup name [counted] [if cond]`.
	Wakeup struct {
		declBase
		Name    *Ident
		Counted bool
		If      Expr
	}

	// Work is `work name runs process`.
	Work struct {
		declBase
		Name *Ident
		Runs *Ident
	}

	// Transitions is `transitions var [extends] { edges }`.
	Transitions struct {
		declBase
		Var     *Ident
		Extends bool
		Edges   []*Edge
	}

	// Edge is `[warning] A | B -> C | D [if cond]`, with `<->` for both ways. An empty From or To is `any`.
	Edge struct {
		base
		Warning bool
		From    []*Ident
		To      []*Ident
		Both    bool
		If      Expr
	}

	// Process is `process f(params) [-> result] [begins s] [ends s] [unobserved] { … }`, or a procedure.
	Process struct {
		declBase
		Procedure  bool
		Name       *Ident
		Params     []*Param
		Result     bool
		Begins     *Ident
		Ends       *Ident
		Unobserved bool
		Body       *Block
	}

	// Param is `name: Type`.
	Param struct {
		base
		Name *Ident
		Type *Type
	}

	// Balance is `[warning] balance w held by a, b [unless expr]`.
	Balance struct {
		declBase
		Warning bool
		Wakeup  *Ident
		Held    []*Ident
		Unless  Expr
	}

	// Property is `[warning] invariant|property|deadline name: expr`.
	// A deadline's expression is a LeadsTo with Within set.
	Property struct {
		declBase
		Kind    PropertyKind
		Warning bool
		Name    *Ident
		Expr    Expr
	}

	// Explore is `explore { start …; spawn … }`: the finite instance for the checker.
	Explore struct {
		declBase
		Starts []*Start
		Spawns []*SpawnCount
	}

	// Start is one `start state in {…}, power = 1` line: a conjunction.
	Start struct {
		base
		Conds []Expr // each `name = value` (Binary with "==") or `name in {…}`
	}

	// SpawnCount is `process * n`.
	SpawnCount struct {
		base
		Process *Ident
		Count   int
	}

	// Scenario is a schedule that a reviewer draws, and what is expected of it.
	Scenario struct {
		declBase
		Name   *Ident
		Starts []*Start
		Lines  []*ScenarioLine
		Expect []*Outcome // usually one
	}

	// ScenarioLine is `thread: process [until label] [choosing f fails]` or `thread: continue …`.
	ScenarioLine struct {
		base
		Thread   *Ident
		Process  *Ident // nil for continue
		Args     []Expr
		Until    Expr // nil; a Name for a label or called function; `state = X` as a Binary "=="
		Choosing []*Choice
	}

	// Choice is `f fails` or `f succeeds`.
	Choice struct {
		base
		Func  *Ident
		Fails bool
	}

	// Outcome is what is expected: balanced w, leak w, holds NAME, violates NAME, impossible.
	// NAME may be `balance w` or `transitions v`.
	Outcome struct {
		base
		Kind    OutcomeKind
		Name    *Ident // nil for impossible
		Section string // "", "balance" or "transitions": what kind of thing Name names
	}

	// Expect is `expect [scenario] outcome [in kernel | in *]`.
	Expect struct {
		declBase
		Scenario *Ident // nil: of the explored space
		Outcome  *Outcome
		In       *Ident // nil: every kernel, as `in *`
	}

	// Drop is `drop name`.
	Drop struct {
		declBase
		Name *Ident
	}

	// Fix is `fix feature = value`.
	Fix struct {
		declBase
		Name  *Ident
		Value Expr
	}
)

// Of is the kind of thing that an outcome names, as Section: `balanced w` and `leak w` speak of a balance.
func (o *Outcome) Of() string {
	if o.Kind == Balanced || o.Kind == Leak {
		return "balance"
	}
	return o.Section
}

// Title names what an outcome speaks of: owned, balance awake, transitions state; "" for impossible.
func (o *Outcome) Title() string {
	switch {
	case o.Name == nil:
		return ""
	case o.Of() == "":
		return o.Name.Name
	}
	return o.Of() + " " + o.Name.Name
}

// PropertyKind tells the three property declarations apart.
type PropertyKind int

// The kinds of property.
const (
	Invariant PropertyKind = iota
	Temporal
	Deadline
)

// OutcomeKind is one of the outcomes that an expectation names.
type OutcomeKind int

// The outcomes.
const (
	Balanced OutcomeKind = iota
	Leak
	Holds
	Violates
	Impossible
)

// Type is `bool`, `result`, `lo..hi` or the name of an enum.
type Type struct {
	base
	Name *Ident // bool, result or an enum; nil for a range
	Lo   Expr
	Hi   Expr
}

// Stmt is a statement of a body.
type Stmt interface {
	Node
	stmt()
}

type stmtBase struct{ base }

func (*stmtBase) stmt() {}

type (
	// Block is `{ … }`.
	Block struct {
		stmtBase
		Stmts []Stmt
	}

	// Assign is `a := x, b := y`, all at once.
	Assign struct {
		stmtBase
		Targets []*Ident
		Values  []Expr
	}

	// If is `if cond { } else …`; Else is nil, a *Block or an *If.
	If struct {
		stmtBase
		Cond Expr
		Then *Block
		Else Stmt
	}

	// Either is `either { } or { } …`.
	Either struct {
		stmtBase
		Branches []*Block
	}

	// Lock is `lock m [interruptible] [else stmt]`.
	Lock struct {
		stmtBase
		Mutex         *Ident
		Interruptible bool
		Else          Stmt
	}

	// Unlock is `unlock m`.
	Unlock struct {
		stmtBase
		Mutex *Ident
	}

	// StayAwake is `stay_awake w`.
	StayAwake struct {
		stmtBase
		Wakeup *Ident
	}

	// Relax is `relax w`.
	Relax struct {
		stmtBase
		Wakeup *Ident
	}

	// Queue is `queue work`.
	Queue struct {
		stmtBase
		Work *Ident
	}

	// Cancel is `cancel work` as a statement; in a condition it is CancelExpr.
	Cancel struct {
		stmtBase
		Work *Ident
	}

	// Await is `await expr`: wait until it is true.
	Await struct {
		stmtBase
		Cond Expr
	}

	// Log is `log err "…"` or `log err one of "…", "…"`.
	Log struct {
		stmtBase
		Level    string // err, warn, info, debug, …
		OneOf    bool
		Patterns []*StringLit
	}

	// Event is `event name(args)`: any other record that a kernel makes. An argument stands for one of
	// its fields; a *StringLit is a pattern of it, as in a log, anything else its value.
	Event struct {
		stmtBase
		Name *Ident
		Args []Expr
	}

	// Atomic is `atomic { … }`: one step.
	Atomic struct {
		stmtBase
		Body *Block
	}

	// Call is `[x :=] f(args) [else stmt]`.
	Call struct {
		stmtBase
		Target *Ident // nil
		Func   *Ident
		Args   []Expr
		Else   Stmt // nil
	}

	// Return is `return [expr]`.
	Return struct {
		stmtBase
		Value Expr
	}

	// Fail is `fail [ERRNO]`.
	Fail struct {
		stmtBase
		Errno *Ident
	}

	// Skip is `skip`.
	Skip struct{ stmtBase }

	// Spawn is `spawn P(args)`.
	Spawn struct {
		stmtBase
		Process *Ident
		Args    []Expr
	}

	// Local is `local x: Type`.
	Local struct {
		stmtBase
		Name *Ident
		Type *Type
	}

	// Labeled is `name: stmt`.
	Labeled struct {
		stmtBase
		Label *Ident
		Stmt  Stmt
	}
)

// Expr is an expression.
type Expr interface {
	Node
	expr()
}

type exprBase struct{ base }

func (*exprBase) expr() {}

type (
	// Name is a use of a variable, constant, enum member, parameter or local; also `ok` and errnos.
	Name struct {
		exprBase
		ID *Ident
	}

	// Field is `x.held`, `x.running`, `x.pending`, `x.active`.
	Field struct {
		exprBase
		X     *Ident
		Field *Ident
	}

	// IntLit is a number.
	IntLit struct {
		exprBase
		Value int
	}

	// BoolLit is true or false.
	BoolLit struct {
		exprBase
		Value bool
	}

	// StringLit is a pattern of a log or of an event's field; Value is unquoted.
	StringLit struct {
		exprBase
		Value string
	}

	// Unary is `!x`, `-x`, and the temporal `[] x`, `<> x`.
	Unary struct {
		exprBase
		Op string
		X  Expr
	}

	// Binary is `x op y` with op one of || && => == != < <= > >= + - ~> .
	Binary struct {
		exprBase
		Op   string
		X, Y Expr
		// Within bounds a `~>` of a deadline, in nanoseconds; 0 without.
		Within int64
	}

	// In is `x in { a, b }`.
	In struct {
		exprBase
		X   Expr
		Set []Expr
	}

	// CancelExpr is `cancel w` in a condition: whether a pending item was taken away.
	CancelExpr struct {
		exprBase
		Work *Ident
	}

	// Paren is `( x )`, kept for the formatter.
	Paren struct {
		exprBase
		X Expr
	}
)
