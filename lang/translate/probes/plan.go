// Package probes derives from a specification the smallest capture that decides it, and writes recipes for
// it: a shell script for tracefs, and what other tools take.
//
// A specification says what a kernel records of each step. Whatever a log line or a static tracepoint
// shows needs no probe; a probe is needed on a function that changes something on a path of which
// nothing is recorded. plan.go finds these, layout.go says where their arguments are, define.go how a
// kernel is told so, and one file for each tool writes it down.
package probes

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Plan is what a capture needs to decide a spec.
type Plan struct {
	Spec      string
	Subject   string
	Events    []string // static tracepoints, as GROUP:EVENT
	Functions []*Function
	Judged    []Judged

	info *check.Info
	mach *machine.Machine
}

// Function is a kernel function of the spec.
type Function struct {
	Name   string
	Sets   []string // variables that it changes on a path of which nothing is recorded
	Work   string   // the work item whose body it is, "" for others
	Result bool     // it returns a result
	Primed bool     // it belongs to the smallest capture
	Params []string // names of its parameters in the spec, which follow the subject
	Call   bool     // pm_stay_awake() or pm_relax()
}

// Judged is a property, and what decides it.
type Judged struct {
	Name   string
	Probes []string // functions of which it needs probes; none: tracepoints are enough
	Never  string   // why no capture decides it; "" if some does
}

// The static events by what a spec makes them say.
var (
	wakeupEvents = []string{"power:wakeup_source_activate", "power:wakeup_source_deactivate"}
	workEvents   = []string{"workqueue:workqueue_queue_work", "workqueue:workqueue_execute_start", "workqueue:workqueue_execute_end"}
	logEvents    = []string{"printk:console"}
)

// New derives the plan of a spec.
func New(m *machine.Machine) *Plan {
	p := &Plan{Spec: m.Info.Name, Subject: m.Info.Subject, info: m.Info, mach: m}
	p.events()
	p.functions()
	p.judge()
	return p
}

func (p *Plan) events() {
	if len(p.info.Wakeups) > 0 {
		p.Events = append(p.Events, wakeupEvents...)
	}
	if len(p.info.Works) > 0 {
		p.Events = append(p.Events, workEvents...)
	}
	for _, proc := range p.info.Processes {
		if logs(proc.Decl.Body) {
			p.Events = append(p.Events, logEvents...)
			return
		}
	}
}

func logs(b *lang.Block) bool {
	found := false
	lang.Walk(b, func(n lang.Node) bool {
		_, is := n.(*lang.Log)
		found = found || is
		return !found
	})
	return found
}

// functions lists what can be probed. The smallest capture has those that change something unseen, and
// the bodies of work items: of these a probe tells the processor where nothing else does.
func (p *Plan) functions() {
	paths := newPaths(p)
	for _, proc := range p.info.Processes {
		if proc.Decl.Unobserved || p.wrapper(proc) {
			continue
		}
		f := &Function{Name: proc.Name, Result: proc.Decl.Result, Sets: paths.unseen(proc)}
		if proc.Work != nil {
			f.Work = proc.Work.Name
		}
		for _, o := range proc.Params {
			f.Params = append(f.Params, o.Name)
		}
		f.Primed = len(f.Sets) > 0 || proc.Work != nil && p.reached(proc)
		p.Functions = append(p.Functions, f)
	}
	if len(p.info.Wakeups) > 0 {
		p.Functions = append(p.Functions, &Function{Name: "pm_stay_awake", Call: true}, &Function{Name: "pm_relax", Call: true})
	}
}

// wrapper tells whether proc bears no name of a kernel function: the spec says so by giving it a call and
// nothing that a kernel does by itself but its own log lines. A probe on such a name finds no symbol, or
// one of several.
func (p *Plan) wrapper(proc *check.Process) bool {
	return len(proc.Decl.Body.Stmts) == 1 && proc.Work == nil && wraps(proc.Decl.Body.Stmts[0])
}

func wraps(s lang.Stmt) bool {
	call, ok := s.(*lang.Call)
	return ok && call.Else != nil
}

// reached tells whether some process queues the work item of proc.
func (p *Plan) reached(proc *check.Process) bool {
	found := false
	for _, other := range p.info.Processes {
		lang.Walk(other.Decl.Body, func(n lang.Node) bool {
			if q, ok := n.(*lang.Queue); ok && p.info.Uses[q.Work] == proc.Work {
				found = true
			}
			return !found
		})
	}
	return found
}

// judge says of every property what decides it.
func (p *Plan) judge() {
	for _, b := range p.info.Balances {
		p.Judged = append(p.Judged, Judged{Name: "balance " + b.Wakeup.Name})
	}
	for _, o := range p.info.TransitionVars {
		p.Judged = append(p.Judged, Judged{Name: "transitions " + o.Name, Probes: p.setters(map[string]bool{o.Name: true})})
	}
	for _, prop := range p.info.Properties {
		j := Judged{Name: prop.Name.Name}
		if prop.Kind == lang.Invariant {
			j.Probes = p.setters(p.reads(prop.Expr))
		} else {
			j.Never = "traces are not judged by it"
		}
		p.Judged = append(p.Judged, j)
	}
}

// reads gives the variables that an expression is about.
func (p *Plan) reads(e lang.Expr) map[string]bool {
	vars := map[string]bool{}
	lang.Walk(e, func(n lang.Node) bool {
		if id, ok := n.(*lang.Ident); ok {
			if o := p.info.Uses[id]; o != nil && o.Kind == check.VarObj {
				vars[o.Name] = true
			}
		}
		return true
	})
	return vars
}

// setters gives the functions that change one of the variables unseen.
func (p *Plan) setters(vars map[string]bool) []string {
	var fs []string
	for _, f := range p.Functions {
		if slices.ContainsFunc(f.Sets, func(v string) bool { return vars[v] }) {
			fs = append(fs, f.Name)
		}
	}
	return fs
}
