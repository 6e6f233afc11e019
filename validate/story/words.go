package story

import (
	"fmt"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

// File is what is known of the file as a whole at its end.
type File struct {
	Lines   int   // how many it has
	Last    int64 // the latest time in it, NoTime: none
	Seconds bool  // times count nanoseconds
	Coarse  bool  // all of them are whole seconds
}

// Close ends the story and puts it into words.
func (t *Teller) Close(f File) *Story {
	if c := t.crash; c != nil {
		t.finish(c, t.left(c))
	}
	if t.queued != nil {
		t.finish(t.queued, Unhandled)
	}
	if t.op != nil {
		t.finish(t.op, open(t.op))
	}
	s := t.story
	s.Episodes = append([]*Episode{}, t.story.Episodes...)
	for i, e := range s.Episodes {
		e.measure(f)
		e.missing(t.log)
		e.Text = e.words(f, t.log)
		e.unseen(s.Episodes[:i])
	}
	if !f.Seconds {
		s.Shortest, s.Loop = nil, false
	}
	s.End, s.EndLine = t.now, t.nowLine
	if c := t.crash; c != nil && c.Outcome == Open {
		s.End, s.EndLine = Recovering, c.recovering
	}
	if s.End == Unknown {
		s.EndLine = 0
	}
	s.Text = s.words(t.log, f)
	return &s
}

// left is the outcome of a crash that is open at the end.
func (t *Teller) left(c *Episode) Outcome {
	switch {
	case c.oops > 0:
		return Interrupted
	case c.recovering > 0:
		return Open
	case c.halted > 0:
		return Stopped
	case c.handled > 0:
		return NotRecov
	}
	return Unhandled
}

func open(e *Episode) Outcome {
	if e.oops > 0 {
		return Interrupted
	}
	return Open
}

// measure gives the time that an episode took.
func (e *Episode) measure(f File) {
	if f.Seconds && e.from != traces.NoTime && e.to != traces.NoTime && e.to >= e.from && e.Last > e.Line {
		d := float64(e.to-e.from) / float64(time.Second)
		e.Seconds = &d
	}
}

// unseen says which crashes between this one and the last before it the log does not show.
func (e *Episode) unseen(before []*Episode) {
	if e.Number == 0 {
		return
	}
	first := 0
	for i := len(before) - 1; i >= 0; i-- {
		if before[i].Kind == Registration {
			break
		}
		if first = before[i].Number; first > 0 {
			break
		}
	}
	if n := e.Number - first - 1; n > 0 {
		e.Text += fmt.Sprintf("; %s before it %s not shown", numbers(first+1, e.Number-1), verb(n))
	}
}

func numbers(a, b int) string {
	if a == b {
		return fmt.Sprintf("#%d", a)
	}
	return fmt.Sprintf("#%d to #%d", a, b)
}

func verb(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// words puts an episode into words.
func (e *Episode) words(f File, log *Log) string {
	var s string
	switch e.Kind {
	case Crash, Recovery:
		s = e.name() + ", " + e.crashWords(f, log)
	default:
		s = e.opWords(f)
	}
	if e.oops > 0 && e.Outcome != Interrupted {
		s += fmt.Sprintf("; meanwhile the kernel failed at line %d: %s", e.oops, e.oopsText)
	}
	if len(e.Missing) > 0 {
		s += "; not shown: " + strings.Join(e.Missing, ", ")
	}
	return s
}

// name names a crash.
func (e *Episode) name() string {
	switch {
	case e.Kind == Recovery && e.during != nil:
		return "the recovery of " + e.during.short() + ", asked for"
	case e.Kind == Recovery:
		return "a recovery of a crash that is not shown"
	}
	s := "crash"
	if e.Number > 0 {
		s += fmt.Sprintf(" #%d", e.Number)
	}
	if e.Type != "" {
		s += " (" + e.Type + ")"
	}
	if e.Reports > 1 {
		s += fmt.Sprintf(", reported %d times", e.Reports)
	}
	if e.early > 0 {
		s += fmt.Sprintf(", %s at line %d before it was handled", e.what(e.early), e.early)
	}
	if d := e.during; d != nil {
		s += ", reported while " + d.short() + " was being handled"
	}
	return s
}

// what says what happened at a line where the processor was stopped or detached.
func (e *Episode) what(line int) string {
	for _, s := range e.Steps {
		if s.Line == line && strings.Contains(s.What, "detach") {
			return "detached"
		}
	}
	return "stopped"
}

// short names a crash in a few words.
func (e *Episode) short() string {
	if e.Number > 0 {
		return fmt.Sprintf("#%d", e.Number)
	}
	return fmt.Sprintf("that of line %d", e.Line)
}

func (e *Episode) crashWords(f File, log *Log) string {
	switch e.Outcome {
	case Recovered:
		how := map[bool]string{true: "recovered", false: "recovered by attaching again"}[e.rebooted]
		return how + e.took(f)
	case Failed:
		return fmt.Sprintf("its recovery failed in %s: %s", e.step, e.Reason)
	case Stopped:
		return e.stoppedWords()
	case NotRecov:
		return "handled, but no recovery of it follows" + e.rest(f, log, false)
	case Open:
		return fmt.Sprintf("its recovery began at line %d", e.recovering) + e.stoppedIn() + e.rest(f, log, true)
	case NotShown:
		return fmt.Sprintf("over before line %d, how is not shown", e.ended)
	case Interrupted:
		if e.why != "" {
			return fmt.Sprintf("and at line %d %s", e.ended, e.why)
		}
		return fmt.Sprintf("and at line %d the kernel failed while it was being handled: %s", e.oops, e.oopsText)
	}
	if e.returned > 0 {
		return fmt.Sprintf("which its handler, over at line %d, did not handle", e.returned)
	}
	return "no handler line follows" + e.rest(f, log, false)
}

// stoppedWords says who was faster than the handler.
func (e *Episode) stoppedWords() string {
	switch {
	case e.why != "":
		return fmt.Sprintf("not recovered: %s at line %d", e.why, e.ended)
	case e.handled == 0:
		return fmt.Sprintf("%s at line %d before it was handled", e.what(e.halted), e.halted)
	}
	return fmt.Sprintf("not recovered but %s at line %d", e.what(e.halted), e.halted)
}

// stoppedIn says how far a recovery has come.
func (e *Episode) stoppedIn() string {
	if e.halted == 0 {
		return ""
	}
	return fmt.Sprintf(" and came to the stop at line %d", e.halted)
}

// rest says how much of the log follows on what has no end in it.
func (e *Episode) rest(f File, log *Log, info bool) string {
	n := f.Lines - e.Last
	switch {
	case n <= 0:
		return "; there the log ends"
	case info && !log.Info:
		return "; the log shows no lines of level info, so its success would not be shown either"
	case f.Seconds && f.Last != traces.NoTime && e.to != traces.NoTime && f.Last-e.to >= int64(time.Second):
		return fmt.Sprintf("; the log goes on for %s and %s", lines(n), f.seconds(float64(f.Last-e.to)/float64(time.Second)))
	}
	return fmt.Sprintf("; the log ends %s later", lines(n))
}

func lines(n int) string {
	if n == 1 {
		return "1 line"
	}
	return fmt.Sprintf("%d lines", n)
}

func (e *Episode) took(f File) string {
	if e.Seconds == nil || *e.Seconds < 0.0005 { // a clock that does not tell lines apart
		return ""
	}
	return " in " + f.seconds(*e.Seconds)
}

// seconds prints a time, with three figures where the clock has them.
func (f File) seconds(s float64) string {
	digits := 3
	switch {
	case f.Coarse:
		return fmt.Sprintf("about %.0f s", s)
	case s >= 100:
		digits = 0
	case s >= 10:
		digits = 1
	case s >= 1:
		digits = 2
	}
	return fmt.Sprintf("%.*f s", digits, s)
}

// done are the words for what was done.
var done = map[Kind][2]string{
	Registration: {"registered", "registering it"}, Boot: {"booted", "a boot"}, Attach: {"attached", "an attach"},
	Stop: {"stopped", "a stop"}, Detach: {"detached", "a detach"}, Removal: {"removed", "a removal"}, Request: {"", "a request"},
}

func (e *Episode) opWords(f File) string {
	w := done[e.Kind]
	switch e.Outcome {
	case Done:
		return w[0] + e.took(f)
	case Failed:
		return w[1] + " failed: " + e.Reason
	case Interrupted:
		switch {
		case e.why != "":
			return fmt.Sprintf("%s began, and at line %d %s", w[1], e.ended, e.why)
		case e.oops > 0:
			return fmt.Sprintf("%s began, and at line %d the kernel failed: %s", w[1], e.oops, e.oopsText)
		}
		return w[1] + " was interrupted by a signal: " + e.Steps[0].What
	}
	return w[1] + " began, and no end of it is shown" + e.rest(f, &Log{Info: true}, false)
}

// words puts a story into a sentence.
func (s *Story) words(log *Log, f File) string {
	var parts []string
	if s.Crashes > 0 {
		parts = append(parts, s.count())
	}
	if s.Loop {
		parts = append(parts, fmt.Sprintf("a crash loop, at its shortest %s from one to the next", f.seconds(*s.Shortest)))
	}
	return strings.Join(append(parts, s.ending(log)), "; ")
}

func (s *Story) count() string {
	n := "1 crash"
	if s.Crashes > 1 {
		n = fmt.Sprintf("%d crashes", s.Crashes)
	}
	switch {
	case s.Crashes == 1:
		return n + ", " + s.single()
	case s.Recovered == 2 && s.Crashes == 2:
		return n + ", both recovered"
	case s.Recovered == s.Crashes:
		return n + ", all recovered"
	case s.Recovered == 0:
		return n + ", not shown to be recovered"
	}
	return fmt.Sprintf("%s, %d of them recovered", n, s.Recovered)
}

// single says how the only crash ended.
func (s *Story) single() string {
	if s.Recovered > 0 {
		return "recovered"
	}
	for _, e := range s.Episodes {
		switch {
		case e.Kind == Crash && e.Outcome == Failed:
			return "its recovery failed"
		case e.Kind == Crash && e.Outcome == Stopped:
			return "stopped before it was recovered"
		case e.Kind == Crash && e.Outcome == Unhandled:
			return "not shown to be handled"
		}
	}
	return "not shown to be recovered"
}

func (s *Story) ending(log *Log) string {
	since := fmt.Sprintf(" since line %d", s.EndLine)
	switch s.End {
	case Registered:
		return "registered" + since + ", neither booted nor attached as far as shown"
	case Recovering:
		return "in a recovery" + since
	case Unknown:
		if !log.Info {
			return "how it ends is not shown: there are no lines of level info"
		}
		return "how it ends is not shown"
	}
	return string(s.End) + since
}
