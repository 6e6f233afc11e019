// Package modelcheck explores what a compiled module can do, and judges it.
//
// Explore walks every interleaving of the finite instance that `explore` names, breadth first, so that
// the first violation found of a property is a shortest one. Temporal properties are judged on the same
// states afterwards. RunScenario follows the script of one `scenario`. Check does both for one kernel
// and compares with what the module expects.
//
// The search is deterministic: the states are numbered level by level, in the order of the states that
// they follow and of the steps that lead to them, whatever the number of workers. Reductions (dead
// parameters and locals, equal activations taken for each other, steps that nobody notices) keep
// every verdict and the length of every counterexample; Options.Exact switches them off.
//
// There is no output here: a Trace can be drawn, and written as ITF or as the text of an ftrace buffer.
package modelcheck

import (
	"time"

	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Options of a search. The zero value explores everything, for all values of the features.
type Options struct {
	Kernel    string         // kernel profile that closes the features; "" takes all their values
	Exact     bool           // no reductions: the states of language.md, each counted
	Workers   int            // 0: as many as there are processors
	MaxStates int            // 0: no bound
	MaxMemory int64          // bytes for states and tables, 0: no bound
	Timeout   time.Duration  // of one exploration, 0: none
	Progress  func(Progress) // called now and then, never concurrently; nil: not at all
	// Until is the title of a property whose violation ends the search: the rest is then Bounded. "": none.
	// Temporal properties are judged at the end and stop nothing.
	Until string

	allSteps bool // no step is taken at once: the search sees every one
}

// Progress tells how far an exploration is.
type Progress struct {
	States  int
	Depth   int
	Memory  int64 // bytes
	Elapsed time.Duration
}

// Verdict is the answer about one property.
type Verdict string

// The verdicts. Impossible is for scenarios only: no run follows the script.
const (
	Holds      Verdict = "holds"
	Violated   Verdict = "violated"
	Bounded    Verdict = "bounded" // not found in what was explored before a bound ended the search
	Impossible Verdict = "impossible"
)

// Kind is the kind of what is judged.
type Kind string

// The kinds. Premature and Paired belong to a balance and are always warnings. Paired is violated where a
// stay_awake call has no relax call any more, as if the source counted them.
const (
	Invariant   Kind = "invariant"
	Balance     Kind = "balance"
	Premature   Kind = "premature"
	Paired      Kind = "paired"
	Transitions Kind = "transitions"
	Temporal    Kind = "property"
	Deadlock    Kind = "deadlock"
	Bounds      Kind = "bounds"
)

// Judgement is what a search says of one property.
type Judgement struct {
	Kind     Kind
	Name     string // of the property, wakeup source or variable; "" for deadlock and bounds
	Severity diag.Severity
	Verdict  Verdict
	Detail   string // what is wrong in the last state, one line
	Trace    *Trace // a shortest behaviour that violates it; nil unless it is violated
	Expected Verdict
	// Unexpected: the verdict is neither what the module expects nor open. A warning is never unexpected
	// by itself, only where `expect` says otherwise.
	Unexpected bool
}

// Title names what was judged as `expect` does: owned, balance awake, transitions state, deadlock.
func (j *Judgement) Title() string {
	switch {
	case j.Name == "":
		return string(j.Kind)
	case j.Kind == Invariant || j.Kind == Temporal:
		return j.Name
	}
	return string(j.Kind) + " " + j.Name
}

// Exploration is the answer about the explored space.
type Exploration struct {
	States      int // distinct
	Initial     int
	Depth       int // of the deepest state; an initial one has 1
	Transitions int // steps taken, those to known states included
	StateBits   int // information kept of one state
	Memory      int64
	Duration    time.Duration
	Bounded     string // why the search ended early, such as "limit of 1000 states"; "" if it did not
	Judgements  []*Judgement
	// Unexecuted are the statements of processes that could start, which never were executed.
	Unexecuted []diag.Span
	// Executed are the others.
	Executed []diag.Span
}

// Result is the answer about one module in one kernel.
type Result struct {
	Module    string
	Kernel    string       // "" if the features were not closed
	Space     *Exploration // nil without `explore`
	Scenarios []*ScenarioResult
}

// Unexpected reports whether something is not as the module expects.
func (r *Result) Unexpected() bool {
	if r.Space != nil {
		for _, j := range r.Space.Judgements {
			if j.Unexpected {
				return true
			}
		}
	}
	for _, s := range r.Scenarios {
		for _, o := range s.Outcomes {
			if o.Unexpected {
				return true
			}
		}
	}
	return false
}

// Open reports whether a bound left an error-level question without an answer.
func (r *Result) Open() bool {
	if r.Space == nil {
		return false
	}
	for _, j := range r.Space.Judgements {
		if j.Verdict == Bounded && (j.Severity == diag.Error || j.Expected != "") {
			return true
		}
	}
	return false
}

// State is a state of the machine.
type State = machine.State
