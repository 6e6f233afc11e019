package story

import (
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/rproc"
)

// Log is what a trace shows of the log as a whole, for all processors: a line that is missing means
// little where no line of its level is there.
type Log struct {
	Info bool // a line of level info has been shown
}

// Teller follows one processor.
type Teller struct {
	log   *Log
	story Story

	now     End
	nowLine int

	crash  *Episode // being handled
	queued *Episode // reported meanwhile
	op     *Episode // a boot, attach, stop or detach
	last   *Episode // the crash before
	echo   *Episode // its lines are being repeated
	said   Step     // what the firmware said last
	prev   at       // the last line

	owed   int             // reports that a probe showed and of which the line has not come
	called map[string]bool // what lines said since a call was entered
	times  []int64         // of the last crashes
	row    int             // crashes in a row
}

// New begins a story.
func New(log *Log) *Teller {
	return &Teller{log: log, now: Unknown, called: map[string]bool{}}
}

// at is a record: its line, time and words.
type at struct {
	line int
	time int64
	what string
}

// Line tells a line of the core.
func (t *Teller) Line(line int, time int64, l rproc.Line, text string) {
	a := at{line, time, text}
	if !l.Kind.Failed() && l.Kind != rproc.Crash && l.Kind != rproc.Handling && l.Kind != rproc.Recovering {
		t.log.Info = true
	}
	same := a.what == t.prev.what && a.time == t.prev.time && l.Kind != rproc.Crash
	if t.prev = a; same || t.repeats(l, a) {
		return
	}
	switch l.Kind {
	case rproc.Crash:
		if t.owed > 0 {
			t.owed--
			t.typed(l.Type)
			return
		}
		t.report(a, l.Type)
	case rproc.Handling:
		t.handling(a, l.Number)
	case rproc.Recovering:
		t.recovering(a)
	case rproc.Available:
		t.registered(a)
	case rproc.Releasing:
		t.removed(a)
	case rproc.PoweringUp, rproc.Attaching, rproc.Booting:
		t.begins(a, l.Kind)
	case rproc.Up, rproc.Attached:
		t.called["up"] = true
		t.comes(a, l.Kind)
	case rproc.Stopped, rproc.Detached:
		t.called["down"] = true
		t.goes(a, l.Kind)
	default:
		t.called["failed"] = true
		t.failed(a, l)
	}
}

// repeats tells whether a line repeats one of the crash before: logs without times hold lines twice that
// a program printed or somebody pasted twice. The number of a crash shows it.
func (t *Teller) repeats(l rproc.Line, a at) bool {
	if l.Kind == rproc.Handling && l.Number > 0 {
		for _, e := range []*Episode{t.crash, t.last} {
			if e != nil && e.Number == l.Number && e.handledAt == a.time {
				t.forget(e)
				t.echo = e
				return true
			}
		}
	}
	if t.echo == nil {
		return false
	}
	for _, s := range t.echo.Steps {
		if s.What == a.what {
			return true
		}
	}
	t.echo = nil
	return false
}

// forget drops the crash that was begun with a line that repeats one of e.
func (t *Teller) forget(e *Episode) {
	for _, p := range []**Episode{&t.queued, &t.crash} {
		n := len(t.story.Episodes)
		if *p == nil || *p == e || n == 0 || t.story.Episodes[n-1] != *p {
			continue
		}
		t.story.Episodes = t.story.Episodes[:n-1]
		if (*p).Kind == Crash {
			t.story.Crashes--
		}
		*p = nil
	}
}

// episode begins an episode.
func (t *Teller) episode(k Kind, a at) *Episode {
	e := &Episode{Kind: k, Line: a.line, from: a.time, to: traces.NoTime, Missing: []string{}, Steps: []Step{}}
	e.add(a)
	eps := &t.story.Episodes
	if len(*eps) == keepFirst+keepLast {
		copy((*eps)[keepFirst:], (*eps)[keepFirst+1:])
		*eps = (*eps)[:len(*eps)-1]
		t.story.LeftOut++
	}
	*eps = append(*eps, e)
	return e
}

// maxSteps bounds the lines of one episode.
const maxSteps = 40

// add adds a line.
func (e *Episode) add(a at) {
	if len(e.Steps) < maxSteps {
		e.Steps = append(e.Steps, Step{a.line, a.what})
	}
	e.Last = a.line
	if a.time != traces.NoTime {
		e.to = a.time
	}
}

// state notes what a line says of the state.
func (t *Teller) state(s End, line int) { t.now, t.nowLine = s, line }

// begins is for the first lines of a boot or an attach. Kernels up to 4.9 print them in a recovery too.
func (t *Teller) begins(a at, k rproc.Kind) {
	kind := Boot
	if k == rproc.Attaching {
		kind = Attach
	}
	switch {
	case t.crash != nil && t.crash.recovering > 0:
		t.crash.add(a)
	case t.op != nil && t.op.Kind == kind && (k == rproc.Booting || t.op.Steps[0].What == a.what && k != rproc.PoweringUp):
		t.op.add(a)
	default:
		t.stoppedFirst(a.line)
		t.endOp(Open)
		t.op = t.episode(kind, a)
	}
}

// comes is for a processor that is up or attached.
func (t *Teller) comes(a at, k rproc.Kind) {
	kind, s := Boot, Up
	if k == rproc.Attached {
		kind, s = Attach, Attached
	}
	defer t.state(s, a.line)
	c := t.crash
	t.meanwhile()
	switch {
	case t.op != nil && t.op.Kind == kind:
		t.op.add(a)
		t.endOp(Done)
	case c != nil && (c.handled > 0 || c.recovering > 0 || c.halted > 0):
		c.add(a)
		c.rebooted = k == rproc.Up
		t.endCrash(Recovered)
	default:
		t.endOp(Open)
		t.op = t.episode(kind, a)
		t.endOp(Done)
	}
}

// goes is for a processor that was stopped or detached: in a recovery, or by somebody.
func (t *Teller) goes(a at, k rproc.Kind) {
	kind, s := Stop, Off
	if k == rproc.Detached {
		kind, s = Detach, Detached
	}
	defer t.state(s, a.line)
	if t.crash != nil && t.crash.halted == 0 {
		t.meanwhile()
		t.crash.halted = a.line
		t.crash.add(a)
		return
	}
	t.stoppedFirst(a.line)
	t.endOp(Open)
	t.op = t.episode(kind, a)
	t.endOp(Done)
}

// meanwhile notes that a crash was reported while the one before was being handled: more of that has come.
func (t *Teller) meanwhile() {
	if t.queued != nil {
		t.queued.during = t.crash
	}
}

// stoppedFirst ends a crash after which somebody stopped the processor: only a recovery goes on from a
// stop without the lines of a boot.
func (t *Teller) stoppedFirst(line int) {
	if c := t.crash; c != nil && c.halted > 0 && c.recovering == 0 {
		c.ended = line
		t.endCrash(Stopped)
	}
}

// failed is for an error line.
func (t *Teller) failed(a at, l rproc.Line) {
	switch l.Kind {
	case rproc.NotLocked:
		t.finish(t.episode(Request, a), Interrupted)
		return
	case rproc.Deleted:
		e := t.episode(Boot, a)
		e.Reason = a.what
		t.finish(e, Failed)
		return
	case rproc.BootFailed:
		if eps := t.story.Episodes; t.op == nil && len(eps) > 0 && eps[len(eps)-1].Kind == Boot && eps[len(eps)-1].Outcome == Failed {
			eps[len(eps)-1].add(a)
			return
		}
	}
	kind, step := failures[l.Kind].kind, failures[l.Kind].step
	if c := t.crash; c != nil && (c.recovering > 0 || c.handled > 0 && (t.op == nil || c.halted > 0)) {
		t.meanwhile()
		c.add(a)
		c.Reason, c.step = a.what, step
		t.failedIn(l.Kind, a.line)
		t.endCrash(Failed)
		return
	}
	if t.op == nil || t.op.Kind != kind && !(t.op.Kind == Attach && kind == Boot) {
		t.endOp(Open)
		t.op = t.episode(kind, a)
	} else {
		t.op.add(a)
	}
	t.op.Reason, t.op.step = a.what, step
	t.op.leaves(t, a.line)
	t.endOp(Failed)
}

// leaves notes the state in which a boot or an attach that failed leaves a processor that had just been
// added: only one that is off is powered up, only one that is detached is attached to.
func (e *Episode) leaves(t *Teller, line int) {
	if t.now == Registered && e.Line != line {
		switch e.Kind {
		case Boot:
			t.state(Off, line)
		case Attach:
			t.state(Detached, line)
		}
	}
}

// failures says what a failure is one of.
var failures = map[rproc.Kind]struct {
	kind Kind
	step string
}{
	rproc.LoadFailed:   {Boot, "loading the firmware"},
	rproc.StartFailed:  {Boot, "starting"},
	rproc.AttachFailed: {Attach, "attaching"},
	rproc.StopFailed:   {Stop, "stopping"},
	rproc.DetachFailed: {Detach, "detaching"},
	rproc.BootFailed:   {Boot, "booting"},
}

// failedIn notes the state in which a recovery that failed leaves the processor.
func (t *Teller) failedIn(k rproc.Kind, line int) {
	switch {
	case k == rproc.StopFailed || k == rproc.DetachFailed:
		t.state(Crashed, line)
	case t.crash.halted == 0: // that it was stopped is not shown
		t.state(Unknown, line)
	}
}

// registered is for a processor that was added: whatever was before has ended.
func (t *Teller) registered(a at) {
	t.Again(a.line)
	t.finish(t.episode(Registration, a), Done)
	t.last = nil
	t.state(Registered, a.line)
}

// Again tells that another processor was registered under the same name.
func (t *Teller) Again(line int) { t.cut(line, "it was registered again") }

// removed is for the end of a processor; the line comes when its last user has gone, which a call does not wait for.
func (t *Teller) removed(a at) {
	if eps := t.story.Episodes; t.now == Removed && eps[len(eps)-1].Kind == Removal {
		eps[len(eps)-1].add(a)
		return
	}
	for t.crash != nil {
		t.crash.ended, t.crash.why = a.line, "it was removed"
		t.endCrash(Stopped)
	}
	t.endOp(Open)
	t.finish(t.episode(Removal, a), Done)
	t.state(Removed, a.line)
}

// endOp ends what is going on beside a crash.
func (t *Teller) endOp(o Outcome) {
	if t.op == nil {
		return
	}
	if o == Done || o == Failed {
		t.row = 0
	}
	t.finish(t.op, o)
	t.op = nil
}

func (t *Teller) finish(e *Episode, o Outcome) { e.Outcome = o }

// Lost tells that records are missing here: the state may have changed meanwhile.
func (t *Teller) Lost(line int) {
	t.state(Unknown, line)
}

// Begin tells that the log begins anew.
func (t *Teller) Begin(line int, why string) {
	t.cut(line, why)
	t.state(Unknown, line)
	t.last, t.owed, t.row = nil, 0, 0
}

// cut ends what is open.
func (t *Teller) cut(line int, why string) {
	for _, e := range []*Episode{t.crash, t.queued, t.op} {
		if e != nil {
			e.ended, e.why = line, why
			t.finish(e, Interrupted)
		}
	}
	t.crash, t.queued, t.op, t.echo = nil, nil, nil, nil
}

// Oops tells that the kernel itself failed.
func (t *Teller) Oops(line int, text string) {
	for _, e := range []*Episode{t.crash, t.op} {
		if e != nil && e.oops == 0 {
			e.oops, e.oopsText = line, text
		}
	}
}

// IsOops tells whether a line is one by which a kernel says that it failed itself.
func IsOops(text string) bool {
	for _, p := range oopses {
		if strings.HasPrefix(text, p) {
			return true
		}
	}
	return false
}

var oopses = []string{
	"Internal error: ", "Unable to handle kernel ", "Kernel panic - not syncing", "kernel BUG at ", "Oops: ", "Oops - ",
	"BUG: kernel NULL pointer", "BUG: unable to handle", "general protection fault", "SError Interrupt on CPU", "Bad mode in Error handler",
}

// Said tells what a driver prints of its firmware.
func (t *Teller) Said(line int, text string) { t.said = Step{line, text} }
