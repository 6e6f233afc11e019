package modelcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// The names of the one subject in a written trace, and the address of its first work item.
const (
	subjectDevice = "remoteproc0"
	subjectName   = "rproc0"
	subjectSource = "rproc.0"
	workAddress   = 0x5eed0000
)

const ftraceHeader = `# tracer: nop
#
# entries-in-buffer/entries-written: %d/%d   #P:%d
#
#                                _-----=> irqs-off/BH-disabled
#                               / _----=> need-resched
#                              | / _---=> hardirq/softirq
#                              || / _--=> preempt-depth
#                              ||| / _-=> migrate-disable
#                              |||| /     delay
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
`

// Ftrace writes the behaviour as tracefs would show it in its file trace, had it happened in a kernel with
// a kprobe and a kretprobe on every function, and with the events of wakeup sources, workqueues and
// the console. The thread that took the last step runs on to its end, as far as it can, so that what is
// wrong is on record.
func (t *Trace) Ftrace() string {
	w := &ftraceWriter{t: t}
	way := t.micros()
	for i := range way {
		w.micro(&way[i])
	}
	w.finish()
	return fmt.Sprintf(ftraceHeader, len(w.lines), len(w.lines), max(1, len(t.Threads))) + strings.Join(w.lines, "")
}

type ftraceWriter struct {
	t       *Trace
	lines   []string
	counter uint32 // of all wakeup events, as the kernel counts them
}

// finish lets the last thread run on.
func (w *ftraceWriter) finish() {
	way := w.t.micros()
	if len(way) == 0 {
		return
	}
	last := way[len(way)-1]
	s := slices.Clone(last.after)
	for s[last.off] > 0 {
		next := micros(w.t.m, s, last.off)
		if len(next) == 0 || next[0].effect.Spawn != nil {
			return
		}
		next[0].thread = last.thread
		w.micro(&next[0])
		s = next[0].after
	}
}

// micro writes what a kernel records of one movement.
func (w *ftraceWriter) micro(mi *micro) {
	n := mi.node
	switch n.Kind {
	case machine.ObsEnter:
		w.event(mi, n.Func.Name, "(%s+0x0/0x0) name=%q%s", n.Func.Name, subjectName, w.arguments(mi))
	case machine.ObsExit:
		w.event(mi, n.Func.Name+"_ret", "(%s+0x0/0x0 <- %s)%s", w.caller(n), n.Func.Name, w.result(mi))
	case machine.ObsCall:
		w.event(mi, n.Text, "(%s+0x0/0x0) dev=%q", n.Text, subjectSource)
	case machine.ObsWorkStart:
		w.event(mi, "workqueue_execute_start", "work struct %016x: function %s", workAddress+n.Work*64, n.Root.Name)
	case machine.ObsWorkEnd:
		w.event(mi, "workqueue_execute_end", "work struct %016x: function %s", workAddress+n.Work*64, n.Root.Name)
	case machine.Log:
		w.log(mi, n)
	case machine.Event:
		w.printed(mi, n)
	}
	if mi.edge != nil {
		w.effects(mi)
		for _, p := range mi.edge.Path {
			switch p.Node.Kind {
			case machine.Log:
				w.log(mi, p.Node)
			case machine.Event:
				w.printed(mi, p.Node)
			}
		}
	}
}

// effects writes the records of what a step did to wakeup sources and work items.
func (w *ftraceWriter) effects(mi *micro) {
	m := w.t.m
	for i, wk := range m.Wakeups {
		name := subjectSource
		if i > 0 {
			name = fmt.Sprintf("%s.%d", subjectSource, i)
		}
		switch a, b := mi.before[wk.Global] != 0, mi.after[wk.Global] != 0; {
		case !a && b:
			w.counter++
			w.event(mi, "wakeup_source_activate", "%s state=0x%x", name, w.counter)
		case a && !b:
			w.counter += 0xffff
			w.event(mi, "wakeup_source_deactivate", "%s state=0x%x", name, w.counter)
		}
	}
	for i, wk := range m.Works {
		if mi.before[wk.Pending] == 0 && mi.after[wk.Pending] == 1 {
			w.event(mi, "workqueue_queue_work", "work struct=%016x function=%s workqueue=rproc_recovery_wq req_cpu=8192 cpu=-1",
				workAddress+i*64, wk.Proc.Name)
		}
	}
}

func (w *ftraceWriter) log(mi *micro, n *machine.Node) {
	f := mi.before[mi.off+machine.FrameRegs : mi.off+w.t.m.FrameSize]
	w.event(mi, "console", "remoteproc %s: %s", subjectDevice, n.Patterns[0].Fill(mi.before, f, subjectName))
}

// printed writes the record of an event statement.
func (w *ftraceWriter) printed(mi *micro, n *machine.Node) {
	f := mi.before[mi.off+machine.FrameRegs : mi.off+w.t.m.FrameSize]
	w.event(mi, n.Text, "%s", n.Print(mi.before, f, subjectName))
}

// arguments writes what the probe of a function reads: its parameters and the variables of the subject,
// members by their numbers.
func (w *ftraceWriter) arguments(mi *micro) string {
	n, m := mi.node, w.t.m
	var b strings.Builder
	if n.Func == n.Root.Process { // of a called function, registers are not told apart from its caller's
		for i, r := range n.Root.Params {
			w.argument(&b, n.Root.Process.Params[i], mi.before[mi.off+machine.FrameRegs+r], mi.before)
		}
	}
	for _, g := range m.Globals {
		if g.Kind == machine.VarGlobal {
			w.argument(&b, g.Object, mi.before[g.Index], mi.before)
		}
	}
	return b.String()
}

func (w *ftraceWriter) argument(b *strings.Builder, o *check.Object, v machine.Val, s State) {
	n := int(v)
	if o.Type.Kind == check.EnumType {
		n, _, _ = w.t.m.Number(o.Type.Enum, n, s)
	}
	fmt.Fprintf(b, " %s=%d", o.Name, n)
}

// caller names the function that a return probe shows as the one returned to.
func (w *ftraceWriter) caller(n *machine.Node) string {
	switch {
	case n.Func != n.Root.Process:
		return n.Root.Name
	case n.Root.Work >= 0:
		return "process_one_work"
	}
	return "ksys_write"
}

// result writes the value of a return probe; a failure without an errno is EIO.
func (w *ftraceWriter) result(mi *micro) string {
	if mi.node.Result == nil {
		return ""
	}
	v := mi.node.Result.Eval(mi.before, mi.before[mi.off+machine.FrameRegs:mi.off+w.t.m.FrameSize])
	if v == check.AnyErrno {
		v = -5
	}
	return fmt.Sprintf(" ret=%d", v)
}

// event appends a line. Every thread has a CPU of its own.
func (w *ftraceWriter) event(mi *micro, name, format string, args ...any) {
	thread := w.t.Threads[mi.thread]
	task, flags := fmt.Sprintf("sh-%d", 1001+mi.thread), "....."
	switch {
	case strings.HasPrefix(thread, "kworker"):
		task = fmt.Sprintf("kworker/u4:%d-%d", mi.thread, 101+mi.thread)
	case !mi.node.Root.Sleeps:
		task, flags = "<idle>-0", "d.h1."
	}
	at := 100_000_000 + 10*len(w.lines)
	w.lines = append(w.lines, fmt.Sprintf("%16s%-7s [%03d] %s %5d.%06d: %s: %s\n",
		task[:strings.LastIndexByte(task, '-')], task[strings.LastIndexByte(task, '-'):],
		mi.thread, flags, at/1_000_000, at%1_000_000, name, fmt.Sprintf(format, args...)))
}
