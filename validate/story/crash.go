package story

import (
	"slices"
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

// report is for a crash that was reported.
func (t *Teller) report(a at, kind string) {
	e := t.crash
	switch {
	case e != nil && e.overtook(a):
		e.Reports, e.Type, e.awaits = 1, kind, false
		e.Missing = slices.DeleteFunc(e.Missing, func(m string) bool { return m == detected })
		e.add(a)
		return
	case e != nil && e.handled == 0 && e.halted == 0:
		e.Reports++
		e.add(a)
		return
	case e != nil && t.queued != nil:
		t.queued.Reports++
		t.queued.add(a)
		return
	case e != nil && (e.handled == 0 || e.returned > 0): // nobody is handling it any more
		e.ended = a.line
		t.endCrash(t.over(e))
		fallthrough
	case e == nil:
		t.crash = t.newCrash(a, kind)
		return
	}
	t.queued = t.newCrash(a, kind)
}

// detected is the line of a report.
const detected = "crash detected"

// overtook tells whether a is the report's line of a crash that is being handled: newer kernels print it after they
// have queued the handler, which may be the first to print then. Where nothing was shown of the processor before, the
// line may as well have been cut off.
func (e *Episode) overtook(a at) bool {
	known := a.time != traces.NoTime && e.handledAt != traces.NoTime
	return e.awaits && !(known && a.time-e.handledAt > int64(time.Second))
}

func (t *Teller) newCrash(a at, kind string) *Episode {
	e := t.episode(Crash, a)
	e.Type, e.Reports = kind, 1
	if t.said.Line > 0 {
		e.Said = t.said.What
		t.said = Step{}
	}
	t.count(a.time)
	return e
}

// count counts a crash and looks whether it is one of a loop.
func (t *Teller) count(now int64) {
	t.story.Crashes++
	t.row++
	if n := len(t.times); n > 0 && now != traces.NoTime && t.times[n-1] != traces.NoTime && now >= t.times[n-1] {
		gap := float64(now-t.times[n-1]) / float64(time.Second)
		if t.story.Shortest == nil || gap < *t.story.Shortest {
			t.story.Shortest = &gap
		}
		if gap > loopGap {
			t.row = 1
		}
	} else if n > 0 {
		t.row = 1 // nothing tells how long it was
	}
	t.story.Loop = t.story.Loop || t.row >= 3
	t.times = append(t.times[:0], now)
}

// loopGap is how soon one crash follows the other in a loop, in seconds.
const loopGap = 60

// typed gives the crash that was reported last its type, where a probe did not show it.
func (t *Teller) typed(kind string) {
	for _, e := range []*Episode{t.queued, t.crash} {
		if e != nil {
			if e.Type == "" {
				e.Type = kind
			}
			return
		}
	}
}

// handling is for the line of the handler. A handler that runs proves that the one before has returned.
func (t *Teller) handling(a at, number int) {
	if c := t.crash; c != nil && c.handled > 0 && (c.Number > 0 || c.recovering > 0) {
		c.ended = a.line
		t.endCrash(NotShown)
	}
	if t.crash == nil {
		t.crash = t.newCrash(a, "")
		t.crash.Reports, t.crash.awaits = 0, t.nowLine > 0
		t.crash.Missing = append(t.crash.Missing, detected)
	} else {
		t.crash.add(a)
	}
	c := t.crash
	c.handled, c.handledAt, c.Number = a.line, a.time, number
	c.early, c.halted = c.halted, 0
	t.state(Crashed, a.line)
}

// recovering is for the first line of a recovery.
func (t *Teller) recovering(a at) {
	c := t.crash
	if c != nil && c.recovering > 0 && !c.byCall { // one after the other, so the first is over
		c.ended = a.line
		t.endCrash(NotShown)
		c = t.crash
	}
	if c == nil {
		c = t.episode(Recovery, a)
		if t.last != nil && t.last.Outcome == NotRecov {
			c.during = t.last
		}
		t.crash = c
	} else {
		c.add(a)
	}
	if c.Kind == Crash && c.handled == 0 {
		c.handled = a.line
		c.Missing = append(c.Missing, "handling crash")
	}
	c.recovering, c.byCall = a.line, false
	t.state(Crashed, a.line)
}

// endCrash ends the crash; the one that was reported meanwhile is next.
func (t *Teller) endCrash(o Outcome) {
	c := t.crash
	t.finish(c, o)
	if o == Recovered && (c.Kind == Crash || c.during != nil) {
		t.story.Recovered++
	}
	if c.Kind == Crash && c.Number > 0 {
		t.last = c
	}
	t.crash, t.queued = t.queued, nil
}

// handlerEnds is for the end of the handler's function.
func (t *Teller) handlerEnds(a at) {
	c := t.crash
	if c == nil || c.started == 0 && c.handled == 0 {
		return
	}
	c.returned = a.line
	t.meanwhile()
	switch {
	case c.recovering > 0 || c.handled > 0:
		return // what its lines say is not changed by its end
	case c.halted > 0:
		t.endCrash(Stopped)
	default:
		t.endCrash(Unhandled)
	}
}

// missing lists the lines that a recovery prints and that are not shown.
func (e *Episode) missing(log *Log) {
	if e.Kind != Crash && e.Kind != Recovery || e.Outcome != Recovered && e.Outcome != Failed {
		return
	}
	if e.recovering == 0 && !e.byCall {
		e.Missing = append(e.Missing, "recovering")
	}
	if e.halted == 0 && log.Info && e.step != "stopping" && e.step != "detaching" {
		e.Missing = append(e.Missing, map[bool]string{true: "stopped", false: "detached"}[e.rebooted || e.Outcome == Failed && e.step != "attaching"])
	}
}
