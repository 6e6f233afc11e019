package story

import (
	"strconv"

	"github.com/rprocspec/rprocspec/traces/rproc"
)

// Report tells that rproc_report_crash() was entered; kind is the type of the crash, "" if the probe does
// not show it. Its line comes later, and is of the same report.
func (t *Teller) Report(line int, time int64, kind string) {
	t.owed++
	t.report(at{line, time, "rproc_report_crash()"}, kind)
}

// HandlerStarts tells that the handler's function began.
func (t *Teller) HandlerStarts(line int, _ int64) {
	if c := t.crash; c != nil && c.handled == 0 {
		c.started = line
		return
	} else if c != nil && t.queued != nil { // the one before has returned
		c.ended = line
		t.endCrash(t.over(c))
		t.crash.started = line
	}
}

// Recovery tells that rproc_trigger_recovery() was entered. Without lines that is how a handler shows that
// it handles a crash.
func (t *Teller) Recovery(line int, time int64) {
	if c := t.crash; c != nil && c.started > 0 && c.handled == 0 && c.recovering == 0 {
		c.handled, c.recovering, c.byCall = line, line, true
		c.add(at{line, time, "rproc_trigger_recovery()"})
		t.state(Crashed, line)
	}
}

// over is the outcome of a crash that nobody handles any more, and of whose end nothing is shown.
func (t *Teller) over(c *Episode) Outcome {
	switch {
	case c.recovering > 0:
		return NotShown
	case c.halted > 0:
		return Stopped
	case c.handled > 0:
		return NotRecov
	}
	return Unhandled
}

// HandlerEnds tells that the handler's function returned.
func (t *Teller) HandlerEnds(line int, time int64) {
	t.handlerEnds(at{line, time, "the handler returned"})
}

// Removed tells that rproc_del() returned.
func (t *Teller) Removed(line int, time int64) {
	t.removed(at{line, time, "rproc_del() returned"})
}

// calls are the functions whose end tells what a line would tell.
var calls = map[string]struct {
	mark         string
	done, failed rproc.Kind
}{
	"rproc_stop":     {"down", rproc.Stopped, rproc.StopFailed},
	"rproc_start":    {"up", rproc.Up, rproc.StartFailed},
	"__rproc_attach": {"up", rproc.Attached, rproc.AttachFailed},
	"__rproc_detach": {"down", rproc.Detached, rproc.DetachFailed},
}

// Enter tells that a function was entered.
func (t *Teller) Enter(fn string) {
	if c, ok := calls[fn]; ok {
		t.called[c.mark], t.called["failed"] = false, false
	}
}

// Exit tells that a function returned. What a line has told since it was entered is not told again.
func (t *Teller) Exit(line int, time int64, fn string, ret int) {
	c, ok := calls[fn]
	if !ok {
		return
	}
	a := at{line, time, fn + "() returned " + strconv.Itoa(ret)}
	switch {
	case ret == 0 && !t.called[c.mark]:
		if c.mark == "up" {
			t.comes(a, c.done)
		} else {
			t.goes(a, c.done)
		}
	case ret < 0 && !t.called["failed"]:
		t.failed(a, rproc.Line{Kind: c.failed, Errno: ret})
	}
	t.called[c.mark], t.called["failed"] = true, true
}
