package ftrace

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rprocspec/rprocspec/traces"
)

// lineTests has one line of every shape and the record that it makes; a nil record: none.
var lineTests = []struct {
	name    string
	dialect dialect
	line    string
	want    *traces.Record
}{
	{
		"kprobe", tracefs, `        rdummy/0-591     [000] d.h..   949.275578: report_crash: (rproc_report_crash+0x0/0x90 [remoteproc]) name="modem" state=2 type=1`,
		&traces.Record{
			Kind: traces.Enter, Source: traces.Kprobe, Context: traces.HardIRQ, PID: 591, Comm: "rdummy/0", Time: 949275578000, Event: "report_crash", Func: "rproc_report_crash",
			Args: []traces.Arg{{Name: "name", Value: "modem", Quote: true}, {Name: "state", Value: "2"}, {Name: "type", Value: "1"}},
		},
	},
	{
		"kretprobe", tracefs, `   sh-589     [000] .....   949.488894: shutdown_ret: (state_store+0x98/0xa0 <- rproc_shutdown) ret=-22`,
		&traces.Record{Kind: traces.Exit, Source: traces.Kprobe, Context: traces.Process, PID: 589, Comm: "sh", Time: 949488894000, Event: "shutdown_ret", Func: "rproc_shutdown", Args: []traces.Arg{{Name: "ret", Value: "-22"}}},
	},
	{
		"unreadable and odd arguments", tracefs, `my proc-[1]-7   [001] ...1. 1.000001: x: (f.cold+0x4/0x9) a=(fault) b="(null)" s="x "y", z" l={1,2 ,3} c=state_store+0x60 [remoteproc] d=`,
		&traces.Record{
			Kind: traces.Enter, Source: traces.Kprobe, Context: traces.Process, CPU: 1, PID: 7, Comm: "my proc-[1]", Time: 1000001000, Event: "x", Func: "f",
			Args: []traces.Arg{{Name: "s", Value: `x "y", z`, Quote: true}, {Name: "l", Value: "{1,2 ,3}"}, {Name: "c", Value: "state_store+0x60"}, {Name: "d"}},
		},
	},
	{
		"probe inside a function", tracefs, ` a-1 [000] .... 1.000001: mid: (rproc_boot+0x40/0x100) x=1`,
		&traces.Record{PID: 1, Comm: "a", Context: traces.Process, Source: traces.Tracepoint, Time: 1000001000, Event: "mid"},
	},
	{
		"eprobe", tracefs, ` a-1 [000] .... 1.000001: wk: (power.wakeup_source_activate) name="x"`,
		&traces.Record{PID: 1, Comm: "a", Context: traces.Process, Source: traces.Tracepoint, Time: 1000001000, Event: "wk"},
	},
	{
		"address in trace-cmd", report, `              sh-219   [000]    70.608587: shutdown:             (ffffd35ce941a7a4) name="modem"`,
		&traces.Record{Kind: traces.Enter, Source: traces.Kprobe, PID: 219, Comm: "sh", Time: 70608587000, Event: "shutdown", Addr: "ffffd35ce941a7a4", Args: []traces.Arg{{Name: "name", Value: "modem", Quote: true}}},
	},
	{
		"return in trace-cmd: function first", report, `sh-219   [000]    70.926797: i_stop_ret:           (ffffd35ce94191c0 <- ffffd35ce941a810) ret=0`,
		&traces.Record{Kind: traces.Exit, Source: traces.Kprobe, PID: 219, Comm: "sh", Time: 70926797000, Event: "i_stop_ret", Addr: "ffffd35ce94191c0", Args: []traces.Arg{{Name: "ret", Value: "0"}}},
	},
	{
		"return in trace-cmd with symbols", report, `sh-219   [000]    70.926797: i_stop_ret: (rproc_stop+0x0 <- rproc_shutdown+0x6c) ret=0`,
		&traces.Record{Kind: traces.Exit, Source: traces.Kprobe, PID: 219, Comm: "sh", Time: 70926797000, Event: "i_stop_ret", Func: "rproc_stop", Args: []traces.Arg{{Name: "ret", Value: "0"}}},
	},
	{
		"instance, nanoseconds, print", report, `rprocspec_fmt:      my proc-[1]-13015 [000]  1370.239182600: print:                tracing_mark_write: odd comm`,
		&traces.Record{Kind: traces.Mark, Source: traces.Marker, PID: 13015, Comm: "my proc-[1]", Time: 1370239182600, Event: "print", Text: "odd comm"},
	},
	{
		"raw fields and difference", report, `  kworker/u8:1-32    [000]  1369.880057: (+77)    workqueue_execute_start:  work=0xffffffff8313e440 function=flush_memcg_stats_dwork`,
		&traces.Record{Kind: traces.Start, Source: traces.Tracepoint, PID: 32, Comm: "kworker/u8:1", Time: 1369880057000, Event: "workqueue_execute_start", Work: "0xffffffff8313e440", Func: "flush_memcg_stats_dwork"},
	},
	{
		"not parsed by trace-cmd", report, `  a-32    [000]  1.880057: wakeup_source_activate: [FAILED TO PARSE] name=4080000.remoteproc state=0x90001`,
		&traces.Record{Kind: traces.EdgeOn, Source: traces.Tracepoint, PID: 32, Comm: "a", Time: 1880057000, Event: "wakeup_source_activate", Name: "4080000.remoteproc", Counter: 0x90001, HasCtr: true},
	},
	{
		"function in trace-cmd", report, `  a-32    [000]  1.880057: function:             rproc_stop <-- rproc_shutdown`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, PID: 32, Comm: "a", Time: 1880057000, Func: "rproc_stop"},
	},
	{
		"graph in trace-cmd", report, `  a-32    [000]  1.880057: funcgraph_entry:                   |  rproc_stop() {`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, PID: 32, Comm: "a", Time: 1880057000, Func: "rproc_stop"},
	},
	{
		"function", tracefs, `    kworker/u8:1-32      [001] .....  1304.616185: rproc_stop.isra.0 <-rproc_trigger_recovery.cold`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, Context: traces.Process, CPU: 1, PID: 32, Comm: "kworker/u8:1", Time: 1304616185000, Func: "rproc_stop"},
	},
	{
		"function with arguments", tracefs, ` a-32 [001] ..s.. 1.616185: rproc_report_crash(rproc=0xffff888, type=2) <-f+0x10/0x20`,
		&traces.Record{
			Kind: traces.Enter, Source: traces.FuncTracer, Context: traces.SoftIRQ, CPU: 1, PID: 32, Comm: "a", Time: 1616185000, Func: "rproc_report_crash",
			Args: []traces.Arg{{Name: "rproc", Value: "0xffff888"}, {Name: "type", Value: "2"}},
		},
	},
	{
		"function without parent", tracefs, ` a-32 [001] ..... 1.616185: rproc_stop [remoteproc]`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, Context: traces.Process, CPU: 1, PID: 32, Comm: "a", Time: 1616185000, Func: "rproc_stop"},
	},
	{
		"wakeup source with blanks", tracefs, `<idle>-0 [001] d.h6 "2015-05-28 19:50:27.636508" wakeup_source_activate: [timer fd] state=0 state=0x176d0003`,
		&traces.Record{Kind: traces.EdgeOn, Source: traces.Tracepoint, Context: traces.HardIRQ, CPU: 1, Comm: "<idle>", Time: 1432842627636508000, Event: "wakeup_source_activate", Name: "[timer fd] state=0", Counter: 0x176d0003, HasCtr: true},
	},
	{
		"work without address", tracefs, ` a-1 (   1371) [000] dNZ2.  1.000002: workqueue_queue_work: work struct=(____ptrval____) function=rproc_crash_handler_work [remoteproc] workqueue=w req_cpu=4 cpu=-1`,
		&traces.Record{Kind: traces.Queue, Source: traces.Tracepoint, Context: traces.NMI, PID: 1, Comm: "a", Time: 1000002000, Event: "workqueue_queue_work", Func: "rproc_crash_handler_work"},
	},
	{
		"end of work without function", tracefs, ` a-1 (-------) [000] .N..  1.000002: workqueue_execute_end: work struct 00000000adbb4d08`,
		&traces.Record{Kind: traces.End, Source: traces.Tracepoint, Context: traces.Process, PID: 1, Comm: "a", Time: 1000002000, Event: "workqueue_execute_end", Work: "00000000adbb4d08"},
	},
	{
		"activate is not queue", tracefs, ` a-1 [000] ....  1.000002: workqueue_activate_work: work struct 00000000adbb4d08 function=f `,
		&traces.Record{Source: traces.Tracepoint, Context: traces.Process, PID: 1, Comm: "a", Time: 1000002000, Event: "workqueue_activate_work"},
	},
	{
		"no flags, tick clock", tracefs, `     kworker/1:0-5647    [001]       130533: workqueue_execute_end: work struct 00000000d6f86174: function f+0x0/0x10`,
		&traces.Record{Kind: traces.End, Source: traces.Tracepoint, CPU: 1, PID: 5647, Comm: "kworker/1:0", Time: 130533, Event: "workqueue_execute_end", Work: "00000000d6f86174", Func: "f"},
	},
	{
		"console of an old core", tracefs, ` a-1 [000] d....  1.000002: console: [    1.234567]  remoteproc1: crash detected in ipu: type mmufault`,
		&traces.Record{Kind: traces.Log, Source: traces.Tracepoint, Context: traces.Process, PID: 1, Comm: "a", Time: 1000002000, Event: "console", Device: "remoteproc1", Text: "crash detected in ipu: type mmufault"},
	},
	{
		"comm that looks like the pattern", tracefs, ` x-1 [000] 5-12   [003] d..2.  1.000002: sched_switch: prev_comm=a-1 [000] 2: b ==> next_comm=c`,
		&traces.Record{Kind: traces.Switch, Source: traces.Tracepoint, Context: traces.Process, CPU: 3, PID: 12, Comm: "x-1 [000] 5", Time: 1000002000, Event: "sched_switch"},
	},
	{
		"perf", perf, ` kworker/0:0H-kb    10 [000]  1403.233339571: workqueue:workqueue_execute_start: work struct 0xffff88810245c440: function blk_mq_run_work_fn`,
		&traces.Record{Kind: traces.Start, Source: traces.Tracepoint, PID: 10, Comm: "kworker/0:0H-kb", Time: 1403233339571, Event: "workqueue_execute_start", Work: "0xffff88810245c440", Func: "blk_mq_run_work_fn"},
	},
	{
		"perf with pid and tid", perf, `  my task 12 651/652   [001]   128.513356:    1 rp:report_crash: (ffffffff813cc670) name="modem"`,
		&traces.Record{Kind: traces.Enter, Source: traces.Kprobe, CPU: 1, PID: 652, Comm: "my task 12", Time: 128513356000, Event: "report_crash", Addr: "ffffffff813cc670", Args: []traces.Arg{{Name: "name", Value: "modem", Quote: true}}},
	},
	{
		"loss in perf", perf, `  swapper 0 [001]   128.513356: PERF_RECORD_LOST lost 12`,
		&traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: 1, Comm: "swapper", Time: 128513356000, LostN: 12, Reason: "lost"},
	},
	{
		"graph", graph, `  908.945885 |   0)  kworker-444   |               |      rproc_stop(rproc=0x1) {`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, PID: 444, Comm: "kworker", Time: 908945885000, Func: "rproc_stop", Args: []traces.Arg{{Name: "rproc", Value: "0x1"}}},
	},
	{
		"return in the graph", graph, `  909.221249 |   1)  kworker-444   | @ 170655.0 us |      } /* rproc_start = 0xfffffffb */`,
		&traces.Record{Kind: traces.Exit, Source: traces.FuncTracer, CPU: 1, PID: 444, Comm: "kworker", Time: 909221249000, Func: "rproc_start", Args: []traces.Arg{{Name: "ret", Value: "0xfffffffb"}}},
	},
	{
		"event in the graph", graph, `  909.221380 |   0)    <idle>-0    |               |      /* wakeup_source_deactivate: rproc-dummy.0 state=0x810000 */`,
		&traces.Record{Kind: traces.EdgeOff, Source: traces.Tracepoint, Comm: "<idle>", Time: 909221380000, Event: "wakeup_source_deactivate", Name: "rproc-dummy.0", Counter: 0x810000, HasCtr: true},
	},
	{
		"graph of a module", graph, `  909.221380 |   1)  kworker-444   |   0.123 us    |      rproc_stop [remoteproc](rproc=0x1); /* <-rproc_shutdown+0x1/0x2 ret=-22 */`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, CPU: 1, PID: 444, Comm: "kworker", Time: 909221380000, Func: "rproc_stop", Args: []traces.Arg{{Name: "rproc", Value: "0x1"}}},
	},
	{
		"entry in the graph of a module", graph, `  909.221380 |   1)  kworker-444   |               |      rproc_stop [remoteproc]() {`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, CPU: 1, PID: 444, Comm: "kworker", Time: 909221380000, Func: "rproc_stop"},
	},
	{
		"mark in the graph", graph, `  909.221380 |   0)    sh-7    |               |  /* rprocspec/1 ready */`,
		&traces.Record{Kind: traces.Mark, Source: traces.Marker, PID: 7, Comm: "sh", Time: 909221380000, Event: "tracing_mark_write", Text: "rprocspec/1 ready"},
	},
	{
		"mark of one word in the graph", graph, `  909.221380 |   0)    sh-7    |               |  /* rproc_boot <-here */`,
		&traces.Record{Kind: traces.Mark, Source: traces.Marker, PID: 7, Comm: "sh", Time: 909221380000, Event: "tracing_mark_write", Text: "rproc_boot <-here"},
	},
	{
		"mark with option sym-offset", tracefs, ` a-32 [001] ..... 1.616185: tracing_mark_write+0x1f/0x30: hello`,
		&traces.Record{Kind: traces.Mark, Source: traces.Marker, Context: traces.Process, CPU: 1, PID: 32, Comm: "a", Time: 1616185000, Event: "tracing_mark_write+0x1f/0x30", Text: "hello"},
	},
	{
		"mark with option sym-addr", tracefs, ` a-32 [001] ..... 1.616185: tracing_mark_write <ffffffff813cc670>: a <-b`,
		&traces.Record{Kind: traces.Mark, Source: traces.Marker, Context: traces.Process, CPU: 1, PID: 32, Comm: "a", Time: 1616185000, Event: "tracing_mark_write", Text: "a <-b"},
	},
	{
		"function with option sym-addr", tracefs, ` a-32 [001] ..... 1.616185: rproc_stop+0x0/0x90 <ffffffff813cc670> <-rproc_shutdown+0x40/0x100 <ffffffff813cc6b0>`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, Context: traces.Process, CPU: 1, PID: 32, Comm: "a", Time: 1616185000, Func: "rproc_stop"},
	},
	{
		"mark in trace-cmd, its writer without a name", report, `   a-32    [000]  1.880057: print:                ffffffff8119a2f0s: a: b`,
		&traces.Record{Kind: traces.Mark, Source: traces.Marker, PID: 32, Comm: "a", Time: 1880057000, Event: "print", Text: "a: b"},
	},
	{
		"print of a function in trace-cmd", report, `   a-32    [000]  1.880057: print:                rproc_stop: a: b`,
		&traces.Record{Source: traces.Tracepoint, PID: 32, Comm: "a", Time: 1880057000, Event: "print"},
	},
	{
		"function with arguments in trace-cmd", report, `  a-32    [000]  1.880057: function:             rproc_stop(rproc=0x1, crashed=0) <-- rproc_shutdown`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, PID: 32, Comm: "a", Time: 1880057000, Func: "rproc_stop", Args: []traces.Arg{{Name: "rproc", Value: "0x1"}, {Name: "crashed", Value: "0"}}},
	},
	{
		"flags in trace-cmd", report, `  a-32    [000] d.h2.  1.880057: wakeup_source_activate: x state=0x1`,
		&traces.Record{Kind: traces.EdgeOn, Source: traces.Tracepoint, Context: traces.HardIRQ, PID: 32, Comm: "a", Time: 1880057000, Event: "wakeup_source_activate", Name: "x", Counter: 1, HasCtr: true},
	},
	{
		"flags of lazy preemption, old tgid", tracefs, `  a-32    (-----) [000] bLh2.3.1  1.880057: wakeup_source_activate: x state=0x1`,
		&traces.Record{Kind: traces.EdgeOn, Source: traces.Tracepoint, Context: traces.HardIRQ, PID: 32, Comm: "a", Time: 1880057000, Event: "wakeup_source_activate", Name: "x", Counter: 1, HasCtr: true},
	},
	{
		"symbol behind an event of perf", perf, ` sh  1375 [001]   132.348460: power:wakeup_source_activate: a b state=0xe0001 ffffffff81234567 wakeup_source_activate+0x12 ([kernel.kallsyms])`,
		&traces.Record{Kind: traces.EdgeOn, Source: traces.Tracepoint, CPU: 1, PID: 1375, Comm: "sh", Time: 132348460000, Event: "wakeup_source_activate", Name: "a b", Counter: 0xe0001, HasCtr: true},
	},
	{
		"task unknown to perf", perf, `  :-1    -1 [001]   132.348460: power:wakeup_source_activate: a state=0x1`,
		&traces.Record{Kind: traces.EdgeOn, Source: traces.Tracepoint, CPU: 1, PID: -1, Comm: ":-1", Time: 132348460000, Event: "wakeup_source_activate", Name: "a", Counter: 1, HasCtr: true},
	},
	{"a record of perf's own", perf, `            sh  1375 [000]     0.000000: PERF_RECORD_MMAP -1/0: [0xffffffff81000000(0x1) @ 0]: x [kernel.kallsyms]_text`, nil},
	{"a word of perf", perf, `Check IO/CPU overload!`, nil},
	{"the tracer has failed", tracefs, `#          MAY BE MISSING FUNCTION EVENTS`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Reason: "corrupted"}},
	{"losses in an instance", report, `rprocspec_fmt:  CPU:1 [7 EVENTS DROPPED]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: 1, PID: -1, Time: traces.NoTime, LostN: 7, Reason: "dropped"}},
	{"losses behind a terminal's time", tracefs, `[2026-11-23 07:08:41] CPU:1 [LOST 5 EVENTS]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: 1, PID: -1, Time: traces.NoTime, LostN: 5, Reason: "lost"}},
	{"overwritten, behind a terminal's time", tracefs, `[2026-11-23 07:08:41] # entries-in-buffer/entries-written: 10/70   #P:2`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 60, Reason: "overwritten"}},
	{"a page of the buffer", report, `CPU:0 [SUBBUFFER START]`, nil},
	{
		"coloured", tracefs, "\x1b[0m  my task-32 [001] ..... 1.616185: \x1b[01;31m\x1b[Krproc_stop\x1b[m\x1b[K <-f\x1b[0m\x1b",
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, Context: traces.Process, CPU: 1, PID: 32, Comm: "my task", Time: 1616185000, Func: "rproc_stop"},
	},
	{"losses, quoted", tracefs, `> > CPU:1 [LOST 5 EVENTS]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: 1, PID: -1, Time: traces.NoTime, LostN: 5, Reason: "lost"}},
	{"overwritten, in a code block", tracefs, `    # entries-in-buffer/entries-written: 10/70   #P:2`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 60, Reason: "overwritten"}},
	{"overwritten, quoted", tracefs, `>     # entries-in-buffer/entries-written: 10/70   #P:2`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 60, Reason: "overwritten"}},
	{
		"quoted", tracefs, `>>  my task-32 [001] ..... 1.616185: rproc_stop <-f`,
		&traces.Record{Kind: traces.Enter, Source: traces.FuncTracer, Context: traces.Process, CPU: 1, PID: 32, Comm: "my task", Time: 1616185000, Func: "rproc_stop"},
	},
	{"losses", tracefs, `CPU:1 [LOST 60 EVENTS]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: 1, PID: -1, Time: traces.NoTime, LostN: 60, Reason: "lost"}},
	{"a mark in a comment", perf, `# rprocspec/1 ready `, &traces.Record{Kind: traces.Mark, Source: traces.Marker, CPU: -1, PID: -1, Time: traces.NoTime, Text: "rprocspec/1 ready"}},
	{"losses, no number", tracefs, `CPU:0 [LOST EVENTS]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, PID: -1, Time: traces.NoTime, Reason: "lost"}},
	{"losses in trace-cmd", report, `CPU0 has 12 events missing`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, PID: -1, Time: traces.NoTime, LostN: 12, Reason: "dropped"}},
	{"drops in trace-cmd", report, `CPU:1 [7 EVENTS DROPPED]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: 1, PID: -1, Time: traces.NoTime, LostN: 7, Reason: "dropped"}},
	{"drops, no number", report, `[EVENTS DROPPED]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Reason: "dropped"}},
	{"losses of perf", perf, `LOST 7 events!`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 7, Reason: "lost"}},
	{"lost chunks", perf, `Processed 9 events and lost 2 chunks!`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 2, Reason: "lost"}},
	{"line too big", tracefs, `[LINE TOO BIG]`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 1, Reason: "too big"}},
	{"overwritten", tracefs, `# entries-in-buffer/entries-written: 10/70   #P:2`, &traces.Record{Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, LostN: 60, Reason: "overwritten"}},
	{"complete", tracefs, `# entries-in-buffer/entries-written: 70/70   #P:2`, nil},
	{"start of a CPU", tracefs, `##### CPU 1 buffer started ####`, nil},
	{"stack", tracefs, ` => rproc_shutdown`, nil},
	{"call chain", perf, "\tffffffff813cc670 rproc_report_crash+0x0 ([kernel.kallsyms])", nil},
	{"task switch in the graph", graph, ` 0)    sh-3620     =>  kworker-444  `, nil},
	{"empty", tracefs, ``, nil},
}

func TestLine(t *testing.T) {
	for _, c := range lineTests {
		t.Run(c.name, func(t *testing.T) {
			recs, info := readLine(t, c.dialect, c.line)
			if info.Malformed != 0 {
				t.Errorf("malformed: %+v", info.Bad)
			}
			if c.want == nil {
				if len(recs) > 0 {
					t.Fatalf("made a record: %+v", recs[0])
				}
				return
			}
			if len(recs) == 0 {
				t.Fatal("made no record")
			}
			c.want.Line = 1
			if diff := cmp.Diff(c.want, recs[0], cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func readLine(t *testing.T, d dialect, text string) ([]*traces.Record, *traces.Info) {
	t.Helper()
	tr, err := New(strings.NewReader(text+"\n"), "test", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tr.dialect = d
	return drain(t, tr), tr.Info()
}

func drain(t *testing.T, tr *Reader) (recs []*traces.Record) {
	t.Helper()
	for {
		var rec traces.Record
		err := tr.Read(&rec)
		if err == io.EOF {
			return recs
		}
		if err != nil {
			t.Fatal(err)
		}
		recs = append(recs, rec.Clone())
	}
}

func TestMalformed(t *testing.T) {
	const good = "  a-1 [000] .... 1.000001: f <-g\n"
	for _, line := range []string{
		"garbage", "  a-1 [000] .... 1.00", "  a-1 [000] .... 1.000001:", "  a-1 [000] .... 1.000001: (", "a-1 [00] 1.000001: e: x",
		"  a-1 [000] .... 99999999999.000001: e: x", "\x00\x01\x02",
	} {
		_, info := readAll(t, strings.NewReader(good+line+"\n"+good))
		if info.Malformed != 1 || info.Records != 2 || info.Bad[0].Line != 2 || info.Bad[0].Text != line || info.Bad[0].Why == "" {
			t.Errorf("%q: %+v", line, info)
		}
	}
	_, info := readAll(t, strings.NewReader(good+strings.Repeat("bad\n", 9)))
	if info.Malformed != 9 || len(info.Bad) != traces.MaxBad {
		t.Errorf("%+v", info)
	}
}

// What is left of an event that cannot be read may have been any event: it counts as lost.
func TestDamaged(t *testing.T) {
	const tracefsLine, reportLine, perfLine, graphLine = " a-1 [000] .... 1.000001: f <-g\n", "cpus=2\n a-1 [000] 1.000001: e: x\n", " a 1 [000] 1.000001: rp:e: x\n", " 1.000001 | 0) a-1 | | f() {\n"
	for _, c := range []struct{ before, line string }{
		{tracefsLine, "  kworker/u4:3-31      [001] d..2.   132.5514"},
		{tracefsLine, "  kworker/u4:3-31      [001] d..2.   132.5514[  140.123456] usb 1-1: new"},
		{tracefsLine, "31      [001] d..2.   132.551494: wakeup_source_deactivate: a state=0x1"},
		{tracefsLine, " a-1 [000] .... 1.000001: wakeup_source_deactivate:"},
		{tracefsLine, " a-1 [000] .... 1.000001: wakeup_source_deactivate: rproc-dummy.0"},
		{tracefsLine, " a-1 [000] .... 1.000001: workqueue_queue_work: work struct=(____ptrval____)"},
		{tracefsLine, " a-1 [000] .... 1.000001: workqueue_execute_start: work struct 0000"},
		{tracefsLine, " a-1 [000] .... 1.000001: workqueue_execute_end: "},
		{tracefsLine, " a-1 [000] .... 1.000001: x: (rproc_report_crash+0x0/0x"},
		{tracefsLine, ` a-1 [000] .... 1.000001: x: (rproc_report_crash+0x0/0xa0) dev="a=" name="mo`},
		{"# tracer: nop\n" + tracefsLine, " a-1 [000] .... 1.000001: wakeup_source_deact"},
		{reportLine, " a-1 [000] 1.000001: wakeup_source_deact"},
		{perfLine, " a 1 [000] 1.0000"},
		{perfLine, " a 1 [000] 1.000001: wakeup_source_deact"},
		{graphLine, "  908.945798 |   0)    <idle>-0    | ! 180.7"},
	} {
		recs, info := readAll(t, strings.NewReader(c.before+c.line+"\n"))
		if info.Malformed != 1 || info.Lost != 1 || info.Records != 1 || info.Bad[0].Text != c.line {
			t.Errorf("%q: %+v", c.line, info)
		}
		if last := recs[len(recs)-1]; last.Kind != traces.Lost || last.Reason != damaged || last.LostN != 1 {
			t.Errorf("%q: %+v", c.line, last)
		}
	}
}

// A message of several lines goes on without prefix; a damaged event line behind it is still seen.
func TestContinuation(t *testing.T) {
	const console = "  a-1 [000] d... 1.000001: console: first\n"
	for text, malformed := range map[string]int{
		console + "second\nthird\n":                            0,
		console + "a-1 [000] .... damaged":                     1,
		console + "  a-1 [000] .... 1.000001: f <-g\nsecond\n": 1,
	} {
		if _, info := readAll(t, strings.NewReader(text)); info.Malformed != malformed {
			t.Errorf("%q: %+v", text, info)
		}
	}
}

func TestNothingUnderstood(t *testing.T) {
	tr, err := New(strings.NewReader("# tracer: nop\nhello\n"), "x.txt", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var r traces.Record
	var bad *traces.FormatError
	if err := tr.Read(&r); !errors.As(err, &bad) || bad.File != "x.txt" || bad.Line != 2 {
		t.Errorf("got %v", err)
	}
	if recs, _ := readAll(t, strings.NewReader("# tracer: nop\n#\n")); len(recs) != 0 {
		t.Errorf("an empty trace has %d records", len(recs))
	}
}

// The return of a leaf call comes when its time has come, but before whatever its CPU did next.
func TestLeafOrder(t *testing.T) {
	recs, info := readAll(t, strings.NewReader(`# tracer: function_graph
    1.000010 |   0)    a-1    | + 20.500 us   |  leaf0(); /* = 0x7 */
    1.000020 |   1)    b-2    |   2.000 us    |  leaf1();
    1.000025 |   1)    b-2    |               |  /* console: x */
    1.000030 |   0)    a-1    |               |  open() {
    1.000040 |   0)    a-1    |   9.000 us    |  }
    1.000050 |   0)    a-1    |   9.000 us    |  }
`))
	var got []string
	for _, r := range recs {
		got = append(got, map[traces.Kind]string{traces.Enter: "+", traces.Exit: "-", traces.Log: "log", traces.Other: "other"}[r.Kind]+r.Func)
	}
	want := []string{"+leaf0", "+leaf1", "-leaf1", "log", "-leaf0", "+open", "-open", "other"}
	if diff := cmp.Diff(want, got); diff != "" || info.Malformed != 0 {
		t.Errorf("%+v (-want +got):\n%s", info, diff)
	}
	if a, ok := recs[4].Arg("ret"); !ok || a.Value != "0x7" || recs[4].Time != 1000030000 {
		t.Errorf("leaf0 returned %+v", recs[4])
	}
}

func TestLongLine(t *testing.T) {
	long := "  a-1 [000] .... 1.000001: console: " + strings.Repeat("x", 3<<20) + "\n"
	recs, info := readAll(t, strings.NewReader(long+"  a-1 [000] .... 1.000002: f <-g\n"))
	if len(recs) != 2 || len(recs[0].Text) > 2<<20 || recs[1].Func != "f" || recs[1].Line != 2 || info.Malformed != 1 {
		t.Errorf("%d records, %d lines, %d malformed", len(recs), info.Lines, info.Malformed)
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(strings.Repeat("  a-1 [000] .... 1.000001: f <-g\n", 3000)), errReader{broken})
	tr, err := New(r, "x.txt", traces.Options{})
	var rec traces.Record
	for err == nil {
		err = tr.Read(&rec)
	}
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "x.txt:3000: ") {
		t.Errorf("got %v", err)
	}
	if tr.Read(&rec) != err {
		t.Error("the error does not stay")
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func TestSkipOther(t *testing.T) {
	trace := string(schedTrace(10)) + "  a-1 [000] .... 1.000002: f <-g\n"
	tr, err := New(strings.NewReader(trace), "x", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	if recs := drain(t, tr); len(recs) != 1 || recs[0].Func != "f" || tr.Info().Records != 11 {
		t.Errorf("%d records, %+v", len(recs), tr.Info())
	}
}
