package validate

import (
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/rproc"
	"github.com/rprocspec/rprocspec/validate/story"
)

// aside tells whether a line that means nothing to the specification belongs to the story of a processor:
// lines of the core that change no state, what drivers say of their firmware, and that the kernel failed.
func aside(r *traces.Record) bool {
	if r.Kind != traces.Log {
		return false
	}
	if deviceName.MatchString(r.Device) {
		l, ok := rproc.Parse(r.Text)
		return ok && l.Kind != rproc.None
	}
	return r.Device != "" && rproc.Said(r.Text) || story.IsOops(wholeLine(r))
}

// wholeLine is a line with its prefix: "Internal error: Oops" has the form of a device's line.
func wholeLine(r *traces.Record) string {
	if r.Device == "" {
		return r.Text
	}
	return strings.TrimSpace(r.Driver + " " + r.Device + ": " + r.Text)
}

// attachAside finds out whose a line is that only stories know, by the names that hold there.
func (v *Validator) attachAside(r *rec) {
	r.own = v.idents[r.Device]
	v.going(r)
}

// tellAside gives a line that only stories know to those whom it concerns.
func (v *Validator) tellAside(r *rec) {
	v.counts.Skipped++
	id := r.own
	if id == nil {
		id = v.idents[r.Device]
	}
	switch {
	case story.IsOops(wholeLine(r.Record)):
		for _, x := range v.subjects {
			if !x.over() {
				x.story.Oops(r.Line, wholeLine(r.Record))
			}
		}
	case deviceName.MatchString(r.Device):
		if id != nil && id.root().ours {
			if x := v.living(v.subject(id.root()), r); x != nil {
				x.tell(r)
			}
		}
	default:
		v.said[r.Device] = saying{r.Line, r.Text}
	}
}

// saying is what a driver printed last.
type saying struct {
	line int
	text string
}

// tell adds a record to the story of the subject that it surely belongs to.
func (x *subject) tell(r *rec) {
	switch r.Kind {
	case traces.Log:
		if l, ok := rproc.Parse(r.Text); ok && deviceName.MatchString(r.Device) {
			x.firmware()
			x.story.Line(r.Line, r.Time, l, r.Text)
		}
	case traces.Enter:
		if r.fn == "rproc_report_crash" {
			x.firmware()
			x.story.Report(r.Line, r.Time, x.crashType(r))
		}
		if r.fn == "rproc_crash_handler_work" {
			x.story.HandlerStarts(r.Line, r.Time)
		}
		if r.fn == "rproc_trigger_recovery" {
			x.story.Recovery(r.Line, r.Time)
		}
		x.story.Enter(r.fn)
	case traces.Exit:
		if r.fn == "rproc_crash_handler_work" {
			x.story.HandlerEnds(r.Line, r.Time)
		}
		if r.fn == "rproc_del" && (r.ret == nil || *r.ret >= 0) {
			x.story.Removed(r.Line, r.Time)
		}
		if r.ret != nil {
			x.story.Exit(r.Line, r.Time, r.fn, *r.ret)
		}
	case traces.Start:
		if r.Func == "rproc_crash_handler_work" {
			x.story.HandlerStarts(r.Line, r.Time)
		}
	case traces.End:
		if r.Func == "rproc_crash_handler_work" {
			x.story.HandlerEnds(r.Line, r.Time)
		}
	}
}

// tellLoss tells the story that records are missing, or that another trace begins.
func (x *subject) tellLoss(r *rec) {
	if r.begins {
		x.story.Begin(r.Line, "the log begins anew: "+r.Reason)
	} else {
		x.story.Lost(r.Line)
	}
}

// firmware hands on what the driver of this processor has printed, where one of its names tells that it
// is this one's.
func (x *subject) firmware() {
	for _, name := range x.id.names() {
		if s, ok := x.v.said[name]; ok {
			x.story.Said(s.line, s.text)
			delete(x.v.said, name)
		}
	}
}

// crashType gives the type of a report as its probe shows it, "" if it does not.
func (x *subject) crashType(r *rec) string {
	a, ok := r.Arg("type")
	if !ok {
		return ""
	}
	n, ok := number(a.Value)
	if names := [...]string{"mmufault", "watchdog", "fatal error"}; ok && n >= 0 && n < len(names) {
		return names[n]
	}
	return "type " + strconv.Quote(a.Value)
}

// stories ends the stories. The results are in the order of the subjects.
func (v *Validator) stories(res *Result, info *traces.Info) {
	f := story.File{Last: v.latest, Coarse: !v.fine}
	if info != nil {
		f.Lines = info.Lines
		f.Seconds = info.Clock == "seconds" || info.Clock == "date" && info.Format != "dmesg -e" // that has minutes
	}
	for i, x := range v.subjects {
		res.Subjects[i].Story = x.story.Close(f)
	}
}
