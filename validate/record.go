package validate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/mark"
)

// rec is a record that concerns the specification, with what was found out about it.
type rec struct {
	*traces.Record
	fn     string // Enter, Exit: the kernel function
	call   string // pm_stay_awake or pm_relax, if fn is one of them
	ctx    int    // where it ran: index into Validator.ctxs, 0: not known
	work   int    // Queue, Start, End: index into Machine.Works
	hits   map[string]*machine.Match
	hit    string                 // the patterns of hits, as one string
	shown  map[int]*machine.Shown // Event: by the node whose event it fits
	values []value                // arguments that show variables
	params []value                // arguments that show parameters, Loc a parameter's position
	ret    *int                   // Exit: the value returned
	span   *ident                 // the span of records of one activation that it belongs to
	own    *ident                 // the name that it carries itself
	said   bool                   // Lost: Reason is a sentence
	hole   bool                   // Lost: the counter of the wakeup events shows it, no line of the trace
	ends   *rec                   // EdgeOn, EdgeOff: the hole that it is the first event behind
	aside  bool                   // it is for stories only
	begins bool                   // Lost: another trace begins here

	announced bool     // Enter, of a registration: its line has come
	displaces []*ident // of a registration: who had its names before

	// of a mark in which the capture describes itself
	mark        *mark.Mark
	truth       []truth // what the device reports
	since       spot    // after which it was read
	rest        bool    // nothing was at work then
	activations int     // how often the wakeup source has become active, −1: not told
}

// value is a variable or parameter and the number that a probe read.
type value struct {
	loc int
	num int
}

// level is the depth of interruption of a context; -1: not known.
func level(c traces.Context) int {
	switch c {
	case traces.Process:
		return 0
	case traces.SoftIRQ:
		return 1
	case traces.HardIRQ:
		return 2
	case traces.NMI:
		return 3
	}
	return -1
}

// ctx is a thread of control: a task, or an interrupt level of a CPU.
type ctx struct {
	name  string // as reports print it
	cpu   int
	level int // of an interrupt; 0: a task
}

// task prints who made r.
func (r *rec) task() string {
	if r.PID < 0 && r.Comm == "" {
		return ""
	}
	if r.Comm == "" {
		return "task " + strconv.Itoa(r.PID)
	}
	return fmt.Sprintf("%s-%d", r.Comm, r.PID)
}

// what describes r in a message.
func (r *rec) what() string {
	switch r.Kind {
	case traces.Enter:
		return r.fn + "()"
	case traces.Exit:
		if r.ret != nil {
			return fmt.Sprintf("return %d of %s()", *r.ret, r.fn)
		}
		return "return of " + r.fn + "()"
	case traces.EdgeOn:
		return "wakeup_source_activate " + r.Name
	case traces.EdgeOff:
		return "wakeup_source_deactivate " + r.Name
	case traces.Queue:
		return "workqueue_queue_work " + r.fn
	case traces.Start:
		return "workqueue_execute_start " + r.fn
	case traces.End:
		return "workqueue_execute_end " + r.fn
	case traces.Log:
		return strconv.Quote(r.Text)
	case traces.Event:
		return fmt.Sprintf("%s %q", r.Event, r.Text)
	}
	return r.Event
}

// bind makes a rec of a record that may concern the machine; nil if it does not.
func (v *Validator) bind(r *traces.Record) *rec {
	out := &rec{fn: r.Func, work: -1}
	switch r.Kind {
	case traces.Enter, traces.Exit:
		if v.opt.Events[r.Event] != "" {
			v.fired[r.Event] = true
		}
		if out.fn == "" {
			out.fn = v.guess(r)
		}
		if calls[out.fn] {
			if r.Kind == traces.Exit {
				return nil // what the call did has been seen by then
			}
			out.call = out.fn
		} else if !v.functions[out.fn] {
			return nil
		}
	case traces.EdgeOn, traces.EdgeOff:
	case traces.Queue, traces.Start, traces.End:
		i, ok := v.bodies[r.Func]
		if !ok {
			return nil
		}
		out.work = i
	case traces.Log:
		if out.hits = v.logHits(r.Text); out.hits == nil {
			if out.aside = aside(r); !out.aside {
				return nil
			}
		}
		out.hit = strings.Join(sortedKeys(out.hits), "\n")
	case traces.Event:
		if out.shown = v.eventHits(r); out.shown == nil {
			return nil
		}
		out.hit = fmt.Sprint(slices.Sorted(maps.Keys(out.shown)))
	case traces.Lost, traces.Begin:
	case traces.Mark:
		if out.mark = v.parseMark(r); out.mark == nil {
			return nil
		}
	default:
		return nil
	}
	if out.Record = r.Clone(); r.Kind == traces.Begin {
		out.Kind, out.begins = traces.Lost, true // nothing of what came before holds for certain
	}
	out.ctx = v.context(r)
	if r.Kind != traces.Event { // what its fields mean, the event statement says
		v.arguments(out)
	}
	return out
}

// calls are the kernel functions of the primitives.
var calls = map[string]bool{"pm_stay_awake": true, "pm_relax": true}

// logHits matches a line against every pattern of the spec.
func (v *Validator) logHits(text string) map[string]*machine.Match {
	var hits map[string]*machine.Match
	for _, p := range v.patterns {
		if m, ok := p.Match(text); ok {
			if hits == nil {
				hits = map[string]*machine.Match{}
			}
			hits[p.Text] = &m
		}
	}
	return hits
}

// eventHits fits a record of a tracepoint to every event statement that names it.
func (v *Validator) eventHits(r *traces.Record) map[int]*machine.Shown {
	var values []string
	for _, a := range r.Args {
		values = append(values, a.Value)
	}
	var hits map[int]*machine.Shown
	for _, n := range v.events[r.Event] {
		if s, ok := n.Show(r.Text, values); ok {
			if hits == nil {
				hits = map[int]*machine.Shown{}
			}
			hits[n.ID] = s
		}
	}
	if hits == nil && v.events[r.Event] != nil {
		v.noteOnce("event "+r.Event, fmt.Sprintf("line %d: %s %q fits no event statement of the spec; such records are skipped", r.Line, r.Event, r.Text))
	}
	return hits
}

// context numbers the thread of control of r.
func (v *Validator) context(r *traces.Record) int {
	lv := level(r.Context)
	key := ""
	switch {
	case r.PID < 0:
		return 0
	case lv > 0:
		key = fmt.Sprintf("cpu %d/%d", r.CPU, lv)
	case r.PID == 0:
		key = fmt.Sprintf("idle/%d", r.CPU)
	default:
		key = strconv.Itoa(r.PID)
	}
	if i, ok := v.ctxIndex[key]; ok {
		return i
	}
	v.ctxs = append(v.ctxs, ctx{name: key, cpu: r.CPU, level: max(lv, 0)})
	v.ctxIndex[key] = len(v.ctxs) - 1
	return len(v.ctxs) - 1
}

// arguments finds the variables, parameters and return values among the arguments of r.
func (v *Validator) arguments(r *rec) {
	for _, a := range r.Args {
		if a.Quote {
			continue
		}
		n, ok := number(a.Value)
		if !ok {
			continue
		}
		if r.Kind == traces.Exit && (a.Name == "ret" || a.Name == "retval" || a.Name == "arg1") {
			r.ret = &n
			continue
		}
		if g := v.m.Global(a.Name); g >= 0 && v.m.Globals[g].Kind == machine.VarGlobal {
			if plausible(v.m.Globals[g].Object.Type, n) {
				r.values = append(r.values, value{g, n})
			} else {
				v.odd(r, a)
			}
		}
		if p := v.m.Proc(r.fn); p != nil && r.Kind == traces.Enter {
			for i, o := range p.Process.Params {
				if o.Name == a.Name {
					r.params = append(r.params, value{i, n})
				}
			}
		}
	}
}

// plausible tells whether n can be a value of type t in some kernel.
func plausible(t check.Type, n int) bool {
	switch t.Kind {
	case check.EnumType:
		return n >= 0 && n < len(t.Enum.Members)
	case check.BoolType:
		return n == 0 || n == 1
	}
	return true
}

// odd notes an argument that cannot be what its name says: the probe reads a wrong offset.
func (v *Validator) odd(r *rec, a traces.Arg) {
	v.noteOnce("arg "+r.Event+"."+a.Name, fmt.Sprintf("line %d: %s of probe event %s reads %s, which is no value of it; ignored: check the offset in the probe definition",
		r.Line, a.Name, r.Event, a.Value))
}

// number reads a probe argument; unsigned 32 bit values above the sign bit count as negative.
func number(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		u, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return 0, false
		}
		n = int64(u)
	}
	if n > 0x7fffffff && n <= 0xffffffff {
		n = int64(int32(uint32(n)))
	}
	return int(n), true
}

// guess finds the function of a probe event that printed bare addresses, from the event's name:
// given by the user, perf's and tracefs' own forms (p_FUNC_0, FUNC__return), or the one function
// whose name ends in it.
func (v *Validator) guess(r *traces.Record) string {
	if f, ok := v.guesses[r.Event]; ok {
		return f
	}
	f := v.opt.Events[r.Event]
	if f == "" && v.desc != nil {
		f = v.desc.events[r.Event]
	}
	if f == "" {
		f = v.guessName(r.Event)
	}
	v.guesses[r.Event] = f
	return f
}

// guessed tells which probe events were taken for which functions; "" if there are none.
func (v *Validator) guessed() string {
	var pairs []string
	for _, e := range sortedKeys(v.guesses) {
		if f := v.guesses[e]; f != "" && v.opt.Events[e] == "" && f != e && (v.desc == nil || v.desc.events[e] == "") {
			pairs = append(pairs, e+"="+f)
		}
	}
	if pairs == nil {
		return ""
	}
	return "probe events that print only an address are taken for functions by their names (--event says otherwise): " + strings.Join(pairs, ", ")
}

func (v *Validator) guessName(event string) string {
	name := event
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	for _, suffix := range []string{"__return", "_return", "_ret", "_exit", "_entry", "_enter", "_0", "_1"} {
		name = strings.TrimSuffix(name, suffix)
	}
	for _, prefix := range []string{"p_", "r_", "f_", "i_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	if v.functions[name] || calls[name] {
		return name
	}
	name = strings.Replace(name, "do_", "__", 1)
	best := ""
	for _, f := range v.names {
		if !strings.HasSuffix(f, name) && !strings.Contains(f, "_"+name+"_") && !strings.HasPrefix(f, "__") {
			continue
		}
		if strings.TrimPrefix(name, "__") != name != strings.HasPrefix(f, "__") {
			continue
		}
		if !strings.Contains(f, strings.TrimPrefix(name, "__")) {
			continue
		}
		if best == "" || len(f) < len(best) {
			best = f
		}
	}
	return best
}
