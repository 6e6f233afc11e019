// Package custom reads text in a format that its user describes: with regular expressions whose named
// groups say what stands in a line. It is for what no other reader knows, such as the output of a
// bpftrace program or of a vendor's tool.
package custom

import "slices"

// Group is a named group that an expression may have.
type Group struct{ Name, Meaning string }

// groups are all there are, in the order in which help texts tell of them.
var groups = []Group{
	{"time", "seconds, such as 12.345678; a whole number gives an order and no times"},
	{"ns", "a time as a whole number of nanoseconds; also us and ms"},
	{"us", ""},
	{"ms", ""},
	{"cpu", "number of the CPU; without it lines must be in the order of their times"},
	{"pid", "number of the thread (in bpftrace: tid)"},
	{"comm", "name of the task"},
	{"context", "process, softirq, hardirq or nmi, or ftrace's flags such as d.h1."},
	{"event", "kprobe:FUNC, kretprobe:FUNC, tracepoint:SYSTEM:NAME (in bpftrace: probe), or NAME"},
	{"kind", "in place of event: enter, exit, activate, deactivate, queue, start, end, log, mark, lost"},
	{"func", "the function of an enter, exit, queue, start or end"},
	{"name", "the processor's name; of activate, deactivate and pm_ calls the wakeup source's"},
	{"device", "the processor's device, such as remoteproc0"},
	{"args", "arguments, as name=value name=value; with name, state, work and function as tracepoints have them"},
	{"ret", "what an exit returns"},
	{"counter", "what a wakeup event counts: its state=0x…"},
	{"work", "address of a work item"},
	{"text", "what a log line says, or a mark, or an event of the spec; alone it makes a log line"},
	{"level", "of a log line: err, warn, info"},
	{"lost", "how many records a lost stands for"},
}

// argument is what the name of a group begins with that is an argument by itself: arg_type is type.
const argument = "arg_"

// Groups lists what an expression's groups may be called, and what they mean. Those without a meaning
// belong to the one before.
func Groups() []Group { return slices.Clone(groups) }

func groupNames() []string {
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	return names
}
