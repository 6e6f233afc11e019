// Package traces turns recorded traces, whatever their format, into one kind of record.
//
// It knows formats and nothing of specifications: which record matters is decided by its reader.
package traces

// Kind says what a record tells.
type Kind uint8

// The kinds of record. Other is an event that was understood as an event but has no meaning here.
const (
	Other   Kind = iota
	Enter        // function Func was entered
	Exit         // function Func returned
	EdgeOn       // wakeup source Name became active (power:wakeup_source_activate)
	EdgeOff      // wakeup source Name became inactive
	Queue        // work item Work with function Func was queued
	Start        // its function began to run (workqueue_execute_start)
	End          // its function returned (workqueue_execute_end)
	Log          // a kernel log line, Text without prefixes that the format adds
	Mark         // tracing_mark_write, Text
	Lost         // records are missing here, see Lost
	Switch       // sched_switch: the task of the record left its CPU
	Event        // an event that Options.Events names: Event, and its payload in Text or Args
	Begin        // another trace begins here: what follows need not belong to what came before
)

// Kinds is how many kinds there are.
const Kinds = int(Begin) + 1

// TracepointKind gives the kind of a static tracepoint of the kernel; Other if it does not matter here.
func TracepointKind(name string) Kind {
	switch name {
	case "wakeup_source_activate":
		return EdgeOn
	case "wakeup_source_deactivate":
		return EdgeOff
	case "workqueue_queue_work":
		return Queue
	case "workqueue_execute_start":
		return Start
	case "workqueue_execute_end":
		return End
	case "console":
		return Log
	case "sched_switch":
		return Switch
	}
	return Other
}

// Source is what made a record; it decides how far absence can be trusted.
type Source uint8

// The sources.
const (
	NoSource   Source = iota
	Tracepoint        // static events, printk:console included
	Kprobe            // kprobe, kretprobe, fprobe, uprobe-like probe events: nested hits are dropped
	FuncTracer        // function and function_graph tracer
	KernelLog         // dmesg, journals, consoles: any line may be missing
	Marker            // tracing_mark_write
	Synthetic         // made by the reader itself (losses)
)

// Context is the context that a record ran in.
type Context uint8

// The contexts, by the third flag character of ftrace. NoContext: the format does not tell.
const (
	NoContext Context = iota
	Process
	SoftIRQ
	HardIRQ
	NMI
)

// Arg is one name=value of a probe event.
type Arg struct {
	Name  string
	Value string // as printed, strings without their quotes
	Quote bool   // it was printed in quotes
}

// Record is one thing that a kernel recorded. A reader fills the same Record again and again;
// whoever keeps one must Clone it.
type Record struct {
	Kind    Kind
	Source  Source
	Context Context
	CPU     int // -1: not known
	PID     int // -1: not known; 0: the idle task of CPU
	Comm    string
	Time    int64 // in units of the trace's clock (ns for clocks in seconds); NoTime: none
	Line    int   // 1-based line of the file where the record begins; of Perfetto: number of the record
	Event   string
	Func    string // Enter, Exit, Queue, Start, End: the function, without offset, module and .cold suffix; "" if only an address was printed
	Addr    string // Enter, Exit: the probed address where no symbol was printed
	Work    string // Queue, Start, End: address of the item as printed; "" for (____ptrval____)
	Name    string // EdgeOn, EdgeOff: the wakeup source
	Counter uint32 // EdgeOn, EdgeOff: the state=0x… value
	HasCtr  bool   // EdgeOn, EdgeOff: Counter was printed
	Text    string // Log, Mark; Event: the payload as printed
	Level   string // Log: err, info, … where the format tells; else ""
	Device  string // Log: the device of a `driver device: ` prefix, such as remoteproc0; else ""
	Driver  string // Log: the driver name of that prefix; else ""
	Args    []Arg
	LostN   int    // Lost: how many, 0: unknown number
	Reason  string // Lost: overwritten, lost, dropped, …; Begin: what shows it
}

// NoTime is the Time of a record without one.
const NoTime = int64(-1) << 63

// Clone gives a copy that shares nothing with r.
func (r *Record) Clone() *Record {
	c := *r
	c.Args = append([]Arg(nil), r.Args...)
	return &c
}

// Arg gives the value of the named argument.
func (r *Record) Arg(name string) (Arg, bool) {
	for _, a := range r.Args {
		if a.Name == name {
			return a, true
		}
	}
	return Arg{}, false
}

// Info is what a reader learned of the file as a whole; complete after Read returned io.EOF.
type Info struct {
	Format    string // ftrace, trace-cmd report, dmesg, …
	Tracer    string // of the "# tracer:" header line
	Clock     string // seconds, integer, date or none: how timestamps are written
	ClockName string // the clock itself, such as boot or perf, where the format tells; else ""
	CPUs      int    // CPUs of the machine, where a header tells; else 0
	Lines     int    // lines of the file; of Perfetto: ftrace events; of a trace.dat: lines of its report
	Records   int    // lines understood as records (Other included)
	Malformed int    // lines that were not understood
	Bad       []BadLine
	Lost      int // records known to be lost; unknown numbers count 1
	Duplicate int // exact duplicates dropped (kernel logs)
	Notes     []string
}

// BadLine is a line that was not understood. At most MaxBad are kept.
type BadLine struct {
	Line int
	Why  string
	Text string
}

// MaxBad bounds Info.Bad.
const MaxBad = 5

// Reader gives the records of one trace in file order.
type Reader interface {
	// Read fills r with the next record; io.EOF at the end. Strings in r stay valid; r.Args is reused.
	Read(r *Record) error
	// Info tells what was read so far.
	Info() *Info
}
