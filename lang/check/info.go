// Package check gives a parsed module its meaning before anything runs: the variant merged over its
// bases, names resolved, types and bounds checked, locks followed along every path.
//
// The tree is left as it is; what was learned stands in Info, keyed by node.
package check

import "github.com/rprocspec/rprocspec/lang"

// ObjKind says what a name stands for.
type ObjKind uint8

// The kinds of object.
const (
	EnumObj    ObjKind = iota // an enum type
	MemberObj                 // a member of an enum
	ConstObj                  // const
	FeatureObj                // feature
	DeviceObj                 // device
	VarObj                    // var
	MutexObj                  // mutex or spinlock
	WakeupObj                 // wakeup
	WorkObj                   // work
	ProcessObj                // process or procedure
	ParamObj                  // parameter of a process
	LocalObj                  // local of a process
	ErrnoObj                  // EINTR, EINVAL, …: a bad result
	OkObj                     // ok: the good result
	LabelObj                  // label of a statement
)

// Object is what a name stands for. Objects are compared by pointer.
type Object struct {
	Kind  ObjKind
	Name  string
	Type  Type      // of a value: consts, features, devices, vars, params, locals, members, errnos
	Decl  lang.Node // where it is declared; nil for ErrnoObj and OkObj
	Ident *lang.Ident
	Index int      // MemberObj: position in Enum.Members; ErrnoObj: the number, such as 22
	Enum  *Enum    // MemberObj and EnumObj
	Value int      // ConstObj: its value
	Proc  *Process // ProcessObj, and the owner of ParamObj, LocalObj and LabelObj
}

// TypeKind is the kind of a Type.
type TypeKind uint8

// The kinds of type.
const (
	NoType TypeKind = iota
	BoolType
	IntType // a range
	EnumType
	ResultType // ok, or a failure with an errno or without one
)

// Type is the type of a value. Bool is 0 and 1; an enum's values are indexes into Enum.Members
// (not the numbers that C gives, which depend on features); a result is 0 for ok, −errno, or
// AnyErrno for a failure without one.
type Type struct {
	Kind   TypeKind
	Enum   *Enum
	Lo, Hi int // IntType: inclusive bounds
}

// AnyErrno is the result value of a bare `fail`.
const AnyErrno = -4096

// Enum is an enum with everything that variants appended.
type Enum struct {
	Object  *Object
	Name    string
	Members []*Member
}

// Member is one member. Its C number is the count of members before it whose If holds.
type Member struct {
	Object *Object
	Name   string
	Text   string    // how logs print it
	If     lang.Expr // over features and consts; nil: always there
	Index  int
}

// Process is a process or a procedure after merging.
type Process struct {
	Object *Object
	Decl   *lang.Process
	Name   string
	Params []*Object
	Locals []*Object  // every local of the body, in order of declaration
	Work   *Object    // the work item that runs it, or nil
	Calls  []*Process // what its body calls or spawns, each once, in order
}

// KernelProfile is a kernel declaration: values by feature. Features that a variant fixed have that
// value, whatever the declaration says; features that it leaves open are missing.
type KernelProfile struct {
	Name   string
	Doc    string
	Decl   *lang.Kernel
	Values map[*Object]int
}

// Replacement is a declaration of a base that a module overrides, or drops: then New is a *lang.Drop.
type Replacement struct{ Old, New lang.Decl }

// Info is a checked module: the merged declarations in the order of the base first, and the side tables.
type Info struct {
	Module  *lang.Module   // the module that was asked for
	Chain   []*lang.Module // from the base to Module
	Name    string
	Doc     string
	Subject string

	Enums     []*Enum
	Consts    []*Object
	Features  []*Object
	Devices   []*Object
	Kernels   []*KernelProfile
	Vars      []*Object       // Decl is *lang.Var
	Mutexes   []*Object       // Decl is *lang.Mutex
	Wakeups   []*Object       // Decl is *lang.Wakeup
	Works     []*Object       // Decl is *lang.Work
	Processes []*Process      // processes and procedures
	Fixed     map[*Object]int // features closed by `fix`
	Replaced  []Replacement   // what Module itself overrides and drops, in the order in which it does

	Transitions    map[*Object][]*lang.Edge // by variable; base edges first
	TransitionVars []*Object                // the keys, in order
	Balances       []*lang.Balance
	Properties     []*lang.Property // invariants, temporal properties and deadlines
	Explore        *lang.Explore
	Scenarios      []*lang.Scenario
	Expects        []*lang.Expect

	// Uses gives the object of every identifier that refers to one (Name.ID, Field.X, Lock.Mutex, …).
	Uses map[*lang.Ident]*Object
	// Defs gives the object that an identifier declares.
	Defs map[*lang.Ident]*Object
	// Types gives the type of every expression.
	Types map[lang.Expr]Type
	// Protected gives, for a variable that is only ever written with one mutex held, that mutex.
	Protected map[*Object]*Object
	// Patterns gives the parts of every log pattern.
	Patterns map[*lang.StringLit][]Part

	scope map[string]*Object
}

// Lookup finds a top-level object by name, or nil.
func (in *Info) Lookup(name string) *Object { return in.scope[name] }
