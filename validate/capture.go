package validate

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/mark"
)

// description is what a capture says of itself in marks; docs/capture.md is their grammar.
type description struct {
	info    *Capture
	ready   bool                   // the header is complete: what it does not list was not on
	done    bool                   // so is the end
	listed  map[string]*instrument // by kind of record
	events  map[string]string      // function by probe event
	kindOf  map[string]string      // kind of record by probe event
	section spot                   // the begin or end mark: what the device says after it was read after it
	ended   spot                   // the end mark
	status  string                 // exit code of the command that ran; "" if none is told
	lost    int                    // records that the ring buffer counted as lost
	idents  []*ident               // processors that it names
}

// instrument is what makes one kind of record.
type instrument struct {
	by     string // tracepoint, kprobe, kretprobe, fprobe, …
	missed int    // by its profile, −1: not told
	why    string // why it could not be enabled; "" if it was
}

// returns tells whether it stands on the return of a function. Such probes run out of memory for calls
// that have not returned yet, and then miss calls in any context.
func (i *instrument) returns() bool { return i.by == "kretprobe" || i.by == "fprobe_return" }

// tracepoints are the static events that matter, and the kind of record that each makes.
var tracepoints = map[string]string{
	"power:wakeup_source_activate":      "edge on",
	"power:wakeup_source_deactivate":    "edge off",
	"workqueue:workqueue_queue_work":    "queue",
	"workqueue:workqueue_execute_start": "start",
	"workqueue:workqueue_execute_end":   "end",
	"printk:console":                    "log",
}

// spot is a place in a trace.
type spot struct {
	line int // 0: none
	time int64
}

func spotOf(r *rec) spot { return spot{r.Line, r.Time} }

// before tells whether a place is before a record. Times tell that, and lines where there are none: formats
// that keep each CPU's records together have lines in another order.
func (p spot) before(r *rec) bool {
	if p.time != traces.NoTime && r.timed() && p.time != r.Time {
		return p.time < r.Time
	}
	return p.line < r.Line
}

// truth is a value that the device itself reported.
type truth struct {
	global int
	val    machine.Val
}

// parseMark reads a mark of ours; nil for others, and for what cannot be used.
func (v *Validator) parseMark(r *traces.Record) *mark.Mark {
	if !mark.Ours(r.Text) {
		return nil
	}
	m, err := mark.Parse(r.Text)
	if err != nil {
		v.noteOnce("mark", fmt.Sprintf("line %d: a mark of the capture is not used: %v", r.Line, err))
		return nil
	}
	return &m
}

// another finds the mark with which another capture begins in a batch: what comes before it has to be explained
// by the description of the first. 0: there is none.
func (v *Validator) another(batch []*rec) int {
	id, known := "", v.desc != nil
	if known {
		id = v.desc.info.ID
	}
	for i, r := range batch {
		if r.mark == nil || r.mark.Word != "begin" {
			continue
		}
		if known && i > 0 && r.mark.Get("id") != id {
			return i
		}
		id, known = r.mark.Get("id"), true
	}
	return 0
}

// describe takes one line of a capture's description of itself. What the device reports stays a record; the
// rest says something of the whole and is no record any more.
func (v *Validator) describe(r *rec) {
	m := *r.mark
	if m.Word == "begin" {
		v.beginCapture(m, r)
		return
	}
	if v.desc == nil {
		v.noteOnce("headless", fmt.Sprintf("line %d: the beginning of the capture's description is missing: only its end is used", r.Line))
		v.desc = newDescription(mark.Mark{})
	}
	d := v.desc
	if m.Word == "truth" && v.truths(m, r) {
		return
	}
	r.Kind = traces.Other
	switch m.Word {
	case "clock":
		d.info.Clock = m.Get("name")
	case "on", "off":
		d.list(m)
	case "names":
		v.joinNames(m, r)
	case "ready":
		d.ready = true
		v.kinds.describe(d.listed)
	case "end":
		d.section, d.ended, d.status = spotOf(r), spotOf(r), m.Get("status")
	case "quiet":
		d.info.Quiet = m.Get("value") == "yes"
	case "missed":
		d.miss(m)
	case "cpu":
		d.lose(m)
	case "done":
		d.done, d.ready, d.info.Complete = true, true, true
		v.kinds.describe(d.listed)
	}
}

func newDescription(m mark.Mark) *description {
	return &description{
		info:   &Capture{ID: m.Get("id"), Kernel: m.Get("kernel"), Machine: m.Get("machine"), Spec: m.Get("spec")},
		listed: map[string]*instrument{}, events: map[string]string{}, kindOf: map[string]string{},
	}
}

// beginCapture starts a description. A second capture in one trace is another one: what happened between
// them is not known.
func (v *Validator) beginCapture(m mark.Mark, r *rec) {
	r.Kind = traces.Other
	if v.desc != nil && v.desc.info.ID != m.Get("id") {
		v.noteOnce("second", fmt.Sprintf("line %d: another capture begins here: nothing is known of the time in between", r.Line))
		r.Kind, r.begins, r.Reason = traces.Lost, true, "another capture"
		v.kinds.describe(nil)
	}
	v.desc = newDescription(m)
	v.desc.section = spotOf(r)
}

// list adds what an "on" mark says was recorded, or an "off" mark says could not be.
func (d *description) list(m mark.Mark) {
	kind, fn := tracepoints[m.Get("event")], ""
	for _, way := range []string{"enter", "exit"} {
		if f := m.Get(way); f != "" {
			kind, fn = way+":"+f, f
			if calls[f] && way == "enter" {
				kind = "call:" + f
			}
		}
	}
	if kind == "" {
		return // an event of no meaning here
	}
	if d.listed[kind] == nil {
		d.listed[kind] = &instrument{by: m.Get("by"), missed: -1}
	}
	if m.Word == "off" {
		d.listed[kind].why = cmp.Or(m.Get("why"), "it could not be enabled")
		return
	}
	if event := m.Get("event"); event != "" && fn != "" {
		d.events[event], d.kindOf[event] = fn, kind
		_, name, _ := strings.Cut(event, ":")
		d.events[name] = fn
	}
}

// miss takes the count of hits that a probe's profile says were missed.
func (d *description) miss(m mark.Mark) {
	n, err := strconv.Atoi(m.Get("missed"))
	if in := d.listed[d.kindOf[m.Get("event")]]; in != nil && err == nil {
		in.missed = max(n, 0)
		d.info.Missed += max(n, 0)
	}
}

// lose takes the counts of a CPU's ring buffer.
func (d *description) lose(m mark.Mark) {
	for _, name := range []string{"overrun", "commit_overrun", "dropped"} {
		if n, err := strconv.Atoi(m.Get(name)); err == nil && n > 0 {
			d.lost += n
		}
	}
}

// joinNames joins the names of one processor, and takes over its constants.
func (v *Validator) joinNames(m mark.Mark, r *rec) {
	var all *ident
	for _, a := range []struct{ attr, sort string }{{"device", "device"}, {"name", "rproc"}, {"parent", "wake"}} {
		n := m.Get(a.attr)
		if n == "" {
			continue
		}
		i := v.name(n, a.sort)
		if all == nil {
			all = i
		} else if !join(all, i) {
			v.noteOnce("names "+n, fmt.Sprintf("line %d: %s is already the name of another processor; not joined with %s", r.Line, n, all.names()[0]))
		}
	}
	if all == nil {
		return
	}
	all.root().ours = true
	v.desc.idents = append(v.desc.idents, all)
	for _, a := range m.Attrs {
		if g := v.m.Global(a.Name); g >= 0 && v.m.Globals[g].Kind == machine.DeviceGlobal {
			if val, ok := v.plainValue(g, a.Value); ok {
				all.root().constant(g, val)
			}
		}
	}
}

// constant notes what a device constant of a processor is; what was told in two ways is not known.
func (i *ident) constant(g int, val machine.Val) {
	if i.consts == nil {
		i.consts = map[int]machine.Val{}
	}
	if old, ok := i.consts[g]; ok && old != val {
		val = machine.Open
	}
	i.consts[g] = val
}

// truths reads what the device says of its state, and tells whether that is a record.
func (v *Validator) truths(m mark.Mark, r *rec) bool {
	if m.Get("device") == "" {
		return false
	}
	r.since, r.rest, r.activations = v.desc.section, v.desc.info.Quiet, -1
	r.PID, r.Comm, r.Name = -1, "", m.Get("device")
	for _, a := range m.Attrs {
		if n, err := strconv.Atoi(a.Value); a.Name == "activations" && err == nil {
			r.activations = n
		}
		g := v.reportable(a.Name)
		if g < 0 {
			continue
		}
		if val, ok := v.plainValue(g, a.Value); ok {
			r.truth = append(r.truth, truth{g, val})
		} else {
			v.noteOnce("truth "+a.Name+a.Value, fmt.Sprintf("line %d: the device reports %s = %s, which %s does not know", r.Line, a.Name, a.Value, v.m.Info.Name))
		}
	}
	return true
}

// reportable finds a variable, or a wakeup source that is a flag, of which a value is kept. −1: there is none.
func (v *Validator) reportable(name string) int {
	for g, gl := range v.m.Globals {
		source := gl.Kind == machine.WakeupGlobal && !gl.Object.Decl.(*lang.Wakeup).Counted
		if gl.Object.Name == name && !gl.Havoc && (source || gl.Kind == machine.VarGlobal) {
			return g
		}
	}
	return -1
}

// plainValue reads a value of a global as people write it.
func (v *Validator) plainValue(g int, text string) (machine.Val, bool) {
	gl := v.m.Globals[g]
	if gl.Kind == machine.WakeupGlobal || gl.Object.Type.Kind == check.BoolType {
		b, err := strconv.ParseBool(text)
		if b {
			return 1, err == nil
		}
		return 0, err == nil
	}
	if gl.Object.Type.Kind == check.EnumType {
		for i, mem := range gl.Object.Type.Enum.Members {
			if strings.EqualFold(mem.Name, text) {
				return machine.Val(i), true
			}
		}
		return 0, false
	}
	n, err := strconv.ParseInt(text, 0, 32)
	return machine.Val(n), err == nil
}

// quietEnd tells whether nothing ran any more when the subject's trace ended.
func (x *subject) quietEnd() bool {
	d := x.v.desc
	return x.v.opt.Quiet || d != nil && d.info.Quiet && (x.last == nil || !d.ended.before(x.last))
}

// whoSaysQuiet names who said so.
func (x *subject) whoSaysQuiet() string {
	if x.v.opt.Quiet {
		return "--quiet says"
	}
	return "the capture says"
}

// addIdle makes subjects of the processors of which the capture knows and nothing was recorded.
func (v *Validator) addIdle() {
	if v.desc == nil {
		return
	}
	for _, i := range v.desc.idents {
		v.subject(i)
	}
}

// describeCapture tells in the result what the capture said of itself, and what is missing of it.
func (v *Validator) describeCapture(res *Result) {
	d := v.desc
	if d == nil {
		return
	}
	res.Capture = d.info
	switch {
	case !d.ready:
		res.Notes = append(res.Notes, "the capture's description of itself breaks off: what was recorded is guessed from the records")
	case !d.done:
		res.Notes = append(res.Notes, "the capture has no end mark: it was cut off, or read while it ran; what its probes missed is not known")
	}
	if n, err := strconv.Atoi(d.status); err == nil && n != 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("line %d: the command that ran under the capture ended with exit code %d: it may not have done what it was meant to do", d.ended.line, n))
	}
	if s := d.info.Spec; s != "" && s != v.m.Info.Name {
		res.Notes = append(res.Notes, fmt.Sprintf("the capture was made for the spec %s: what %s needs beyond that was not recorded", s, v.m.Info.Name))
	}
}
