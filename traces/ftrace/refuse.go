package ftrace

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
)

// refusal is a form of output that is not read, and how to get one that is.
type refusal struct {
	match  func(text []byte) bool
	header bool // counts only below the header of a trace: many a text would match
	error  traces.FormatError
}

// refusals are tried on every line of the beginning of a file in which nothing was understood.
var refusals = [...]refusal{
	{toolError, false, traces.FormatError{Looks: "an error message of trace-cmd", Why: "it is not a report", Hint: "run `trace-cmd report -t` again, without the filter it complains about"}},
	{latencyHeader, false, latencyError},
	{latencyLine, false, latencyError},
	{latencyVerbose, false, latencyError},
	{reportLatency, false, traces.FormatError{Looks: "the latency form of trace-cmd report (-l)", Why: "task names are cut to 8 characters and the CPU is joined to the flags", Hint: "run `trace-cmd report -t` without -l"}},
	{graphFlags, false, optionError("function_graph in latency format", "the columns are others, and task names cut", "latency-format")},
	{graphUntimed, false, traces.FormatError{Looks: "output of the function_graph tracer without durations", Why: "nothing tells when a call that made no others returned", Hint: "run `echo 1 > options/funcgraph-duration` in /sys/kernel/tracing and read the trace again"}},
	{graphNoCPU, false, traces.FormatError{Looks: "output of the function_graph tracer without the CPU", Why: "nothing tells what ran at the same time", Hint: "run `echo 1 > options/funcgraph-cpu` in /sys/kernel/tracing and read the trace again"}},
	{graphLine, false, traces.FormatError{Looks: "output of the function_graph tracer without time and task", Why: "nothing tells the order across CPUs, or who made a call", Hint: "run `echo 1 > options/funcgraph-abstime; echo 1 > options/funcgraph-proc` in /sys/kernel/tracing and read the trace again"}},
	{binaryLine, false, optionError("binary output (option bin)", "the records are not text", "bin")},
	{hexLine, true, optionError("hexadecimal output (option hex)", "events have numbers in place of names", "hex")},
	{rawLine, true, optionError("raw output (option raw)", "events have numbers in place of names", "raw")},
	{unknownType, false, optionError("output with option fields", "markers and functions are printed as UNKNOWN TYPE", "fields")},
	{fieldsLine, false, optionError("output with option fields", "functions of work items and probes are printed as numbers", "fields")},
	{perfColumns, false, traces.FormatError{Looks: "perf script without time or CPU", Why: "nothing tells the order across CPUs", Hint: "run `perf script --ns -F comm,tid,cpu,time,event,trace` and give its output"}},
	{noContext, true, traces.FormatError{Looks: "events without task, CPU and time (option context-info off)", Why: "the order across CPUs is lost", Hint: "run `echo 1 > options/context-info` in /sys/kernel/tracing and read the trace again"}},
}

var latencyError = optionError("latency format", "times are relative and task names cut to 8 characters", "latency-format")

func optionError(looks, why, option string) traces.FormatError {
	return traces.FormatError{
		Looks: looks, Why: why,
		Hint: "run `echo 0 > options/" + option + "` in /sys/kernel/tracing and read the trace again",
	}
}

// Refuse recognises traces that cannot be read by their beginning: nothing in it is understood and
// it has the marks of a known form. nil: nothing speaks against reading on.
func Refuse(start []byte) *traces.FormatError {
	if understood(start) {
		return nil
	}
	inTrace, n := false, 0
	for text := range bytes.Lines(start) {
		text = bytes.TrimRight(text, "\r\n")
		n++
		inTrace = inTrace || bytes.HasPrefix(text, []byte("# tracer:"))
		if bad := refuseLine(text, inTrace); bad != nil {
			bad.Line = n
			return bad
		}
	}
	return nil
}

// understood tells whether start has an event line, and none of which the fields are printed.
func understood(start []byte) bool {
	var h head
	inReport, any := false, false // trace-cmd report -R prints fields, too
	for text := range bytes.Lines(start) {
		text = bytes.TrimRight(text, "\r\n")
		inReport = inReport || bytes.HasPrefix(text, []byte("cpus="))
		switch {
		case !eventLine(&h, text), h.form == remark && unknownType(text):
		case !inReport && h.fields():
			return false
		default:
			any = true
		}
	}
	return any
}

// fieldsLine matches an event of which the fields are printed by name and not as the event prints them.
func fieldsLine(text []byte) bool {
	var h head
	return h.tracefs(text) && h.fields()
}

// fields tells whether an event of tracefs, which has flags, is printed so.
func (h *head) fields() bool {
	if h.form != named || h.flags == nil {
		return false
	}
	switch staticKind(h.name) {
	case traces.EdgeOn, traces.EdgeOff:
		return bytes.HasPrefix(h.body, []byte("name=")) && bytes.Contains(h.body, []byte(" state="))
	case traces.Queue, traces.Start, traces.End:
		return bytes.HasPrefix(h.body, []byte("work="))
	}
	return bytes.HasPrefix(h.body, []byte("__probe_ip=")) || bytes.HasPrefix(h.body, []byte("__probe_func="))
}

// perfColumns matches "sh  1375 [001] power:wakeup_source_activate: …" and "sh  1375   132.348459: power:…".
func perfColumns(text []byte) bool {
	f := bytes.Fields(text[:min(len(text), maxTask)])
	for i := 2; i < len(f); i++ {
		system, name, ok := bytes.Cut(bytes.TrimSuffix(f[i], []byte{':'}), []byte{':'})
		if !ok || f[i][len(f[i])-1] != ':' || !ident(system) || !ident(name) {
			continue
		}
		_, _, isCPU := cpu(append(bytes.Clone(f[i-1]), ' '), 0)
		isTime := bytes.HasSuffix(f[i-1], []byte{':'}) && bytes.Count(f[i-1], []byte{'.'}) == 1 && len(bytes.Trim(f[i-1], "0123456789.:")) == 0
		if thread, ok := numberBefore(f[i-2]); (isCPU || isTime) && ok && (thread == 0 || f[i-2][thread-1] == '/') {
			return true
		}
	}
	return false
}

// Refused counts the lines in start, the beginning of a file, that are of a form that is not read.
func Refused(start []byte) int {
	n, inTrace := 0, false
	for text := range bytes.Lines(start) {
		text = bytes.TrimRight(text, "\r\n")
		inTrace = inTrace || bytes.HasPrefix(text, []byte("# tracer:"))
		if refuseLine(text, inTrace) != nil {
			n++
		}
	}
	return n
}

// refuseLine finds the refusal of one line.
func refuseLine(text []byte, inTrace bool) *traces.FormatError {
	for i := range refusals {
		r := &refusals[i]
		if (inTrace || !r.header) && r.match(text) {
			bad := r.error
			return &bad
		}
	}
	return nil
}

func toolError(text []byte) bool { return bytes.HasPrefix(text, []byte("trace-cmd: ")) }

func latencyHeader(text []byte) bool {
	return bytes.HasPrefix(text, []byte("# ")) && bytes.Contains(text, []byte(" latency trace v1."))
}

// latencyLine matches "bash-10976     0...1. 24143us*: event".
func latencyLine(text []byte) bool {
	before, _, ok := bytes.Cut(text, []byte("us"))
	if !ok || !joinedCPU(before) {
		return false
	}
	rest := text[len(before)+2:]
	return len(rest) > 2 && rest[1] == ':' && rest[2] == ' '
}

// latencyVerbose matches "bash   10981   0 0 00000001 00000000 [4dc6872b] 12.284ms (+19.715ms): event".
func latencyVerbose(text []byte) bool {
	before, _, ok := bytes.Cut(text, []byte("ms (+"))
	return ok && bytes.Contains(before, []byte(" [")) && bytes.Contains(before, []byte("] "))
}

// reportLatency matches "bash-12999   0...1.  1370.237411: event".
func reportLatency(text []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], ':')
		if i < 0 {
			return false
		}
		at += i + 1
		if joinedCPU(text[:at-1]) && at < len(text) && text[at] == ' ' {
			return true
		}
	}
}

// joinedCPU tells whether b ends with "-PID  CPUFLAGS  TIME".
func joinedCPU(b []byte) bool {
	fields := bytes.Fields(b)
	if len(fields) < 3 {
		return false
	}
	task, flags, time := fields[len(fields)-3], fields[len(fields)-2], fields[len(fields)-1]
	start, ok := numberBefore(task)
	if !ok || task[start] != '-' || !digit(flags[0]) || !digit(time[0]) || len(bytes.Trim(time, "0123456789.")) > 0 {
		return false
	}
	rest := bytes.TrimLeft(flags, "0123456789")
	return len(rest) >= 3 && len(rest) <= 8 && len(bytes.Trim(rest, irqChars)) == 0
}

// irqChars are all characters that any kernel prints in the flags.
const irqChars = ".dDbXnNpBLlhHsSzZ0123456789abcdef#"

func binaryLine(text []byte) bool {
	return bytes.IndexByte(text, 0) >= 0 && bytes.Contains(text, []byte("type: "))
}

func hexLine(text []byte) bool {
	f := bytes.Fields(text)
	return len(f) > 3 && len(f[0]) == 8 && len(f[1]) == 8 && len(f[2]) == 16 && isAddr(f[0]) && isAddr(f[1]) && isAddr(f[2])
}

// rawLine matches "11032 1 1305819948531 …": pid, CPU, time.
func rawLine(text []byte) bool {
	f := bytes.Fields(text)
	return len(f) > 3 && text[0] != ' ' && allDigits(f[0]) && allDigits(f[1]) && allDigits(f[2])
}

func allDigits(b []byte) bool { return len(b) > 0 && len(bytes.Trim(b, "0123456789")) == 0 }

func unknownType(text []byte) bool { return bytes.Contains(text, []byte(": UNKNOWN TYPE ")) }

// noContext matches "event: text" and "func <-caller" at the start of a line.
func noContext(text []byte) bool {
	if len(text) == 0 || text[0] == '#' {
		return false
	}
	name, rest := word(text)
	return len(rest) > 0 && (symbol(bytes.TrimSuffix(name, []byte{':'})) && name[len(name)-1] == ':' || bytes.HasPrefix(rest, []byte("<-")))
}
