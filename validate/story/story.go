// Package story tells what the records of one remote processor show, as somebody would who reads the log
// from top to bottom: booted, crashed, recovered after so many seconds, failed to start with this error.
//
// It judges nothing. Its facts are lines: each episode names those that it was read from, and says which
// lines that one would expect are not there. A console at a low loglevel prints errors only, so that the
// absence of "now up" is no failure; a log may end at any point.
//
// Lines of the core are the main source (package rproc). Where a trace has probes, the entry of
// rproc_report_crash() and the ends of the handler and of the calls that change the state tell more; what
// both tell is told once.
package story

// End is how a processor is left at the end of the records.
type End string

// The ends. They are what the last line that tells says; what happened after it without a line is not
// known.
const (
	Unknown    End = "unknown"
	Registered End = "registered" // added to the core; not booted or attached as far as shown
	Off        End = "off"
	Up         End = "up"
	Attached   End = "attached"
	Detached   End = "detached"
	Crashed    End = "crashed"    // a crash was handled, and no recovery follows
	Recovering End = "recovering" // a recovery began and no end of it is shown
	Removed    End = "removed"
)

// Kind says what an episode is about.
type Kind string

// The kinds of episode.
const (
	Registration Kind = "registration"
	Boot         Kind = "boot"
	Attach       Kind = "attach"
	Stop         Kind = "stop"
	Detach       Kind = "detach"
	Crash        Kind = "crash"
	Recovery     Kind = "recovery" // asked for by hand, or of a crash before the first line
	Removal      Kind = "removal"
	Request      Kind = "request" // a boot or stop that came to nothing before it began
)

// Outcome says how an episode ended.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"        // of all but crashes and recoveries
	Recovered   Outcome = "recovered"   // up or attached again
	Failed      Outcome = "failed"      // Reason says why
	Stopped     Outcome = "stopped"     // a crash: stopped, detached or removed by somebody, not recovered
	Unhandled   Outcome = "unhandled"   // a crash: reported, and no handler line follows
	NotRecov    Outcome = "crashed"     // a crash: handled, and no recovery follows
	Open        Outcome = "open"        // begun, and no end of it is shown
	Interrupted Outcome = "interrupted" // the kernel itself failed, or another boot began
	NotShown    Outcome = "not shown"   // over, as a later line proves, but how is not shown
)

// Step is a line of an episode.
type Step struct {
	Line int    `json:"line"`
	What string `json:"what"`
}

// Episode is one thing that happened.
type Episode struct {
	Kind    Kind     `json:"kind"`
	Outcome Outcome  `json:"outcome"`
	Line    int      `json:"line"`    // the first
	Last    int      `json:"last"`    // the last
	Type    string   `json:"type"`    // of a crash: watchdog, fatal error, …; "" if not shown
	Number  int      `json:"number"`  // of a crash: the kernel's count; 0 if not shown
	Reports int      `json:"reports"` // of a crash: how often it was reported before it was handled
	Said    string   `json:"said"`    // what the firmware said, as its driver prints it; "" if nothing
	Reason  string   `json:"reason"`  // the line that says why it failed; "" if it did not
	Seconds *float64 `json:"seconds"` // from the first to the last line; null if the clock does not tell
	Missing []string `json:"missing"` // lines that belong to it and are not shown
	Steps   []Step   `json:"steps"`
	Text    string   `json:"text"` // in words

	from, to   int64 // times of the first and last line, NoTime: none
	handled    int   // line of "handling crash", or of the first that proves it
	handledAt  int64
	awaits     bool // the line of its report, which may come late
	recovering int  // line of "recovering"
	byCall     bool // a probe and no line shows that
	halted     int  // line of "stopped" or "detached"
	early      int  // line of a stop or detach before it was handled
	started    int  // line where the handler's function began
	returned   int  // line where the handler's function ended
	oops       int  // line at which the kernel failed meanwhile
	oopsText   string
	during     *Episode // the crash whose handler ran when this one was reported; of a recovery: its crash
	ended      int      // line of what ended it from outside, for Interrupted and NotShown
	why        string
	step       string // what failed
	rebooted   bool   // recovered by stop and start; else by detach and attach
}

// Story is what the records of one processor tell.
type Story struct {
	Text      string     `json:"text"` // in a sentence
	End       End        `json:"end"`
	EndLine   int        `json:"end_line"`
	Crashes   int        `json:"crashes"`   // crashes reported or handled
	Recovered int        `json:"recovered"` // of them, shown to be recovered
	Loop      bool       `json:"loop"`      // three or more in a row, each within a minute of the one before
	Shortest  *float64   `json:"shortest"`  // seconds between two crashes; null if the clock does not tell
	Episodes  []*Episode `json:"episodes"`
	LeftOut   int        `json:"left_out"` // episodes in the middle that are not kept
}

// keepFirst and keepLast bound the episodes of a story: a trace may be weeks long.
const (
	keepFirst = 100
	keepLast  = 100
)
