package lttng

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rprocspec/rprocspec/traces"
)

func readAll(t testing.TB, text string, opt traces.Options) (recs []*traces.Record, info *traces.Info, err error) {
	t.Helper()
	in, err := New(strings.NewReader(text), "test", opt)
	if err != nil {
		t.Fatal(err)
	}
	var r traces.Record
	for err == nil {
		if err = in.Read(&r); err == nil {
			recs = append(recs, r.Clone())
		}
	}
	return recs, in.Info(), err
}

func file(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// lineTests has one line for every shape.
var lineTests = []struct {
	name, line string
	want       traces.Record
}{
	{
		"activate", `[1700001000.000001000] (+0.000000500) board power_wakeup_source_activate: { cpu_id = 3 }, { tid = 700, procname = "rdummy/0" }, { name = "rproc-dummy.0", state = 393217 }`,
		traces.Record{Kind: traces.EdgeOn, CPU: 3, PID: 700, Comm: "rdummy/0", Time: 1700001000000001000, Name: "rproc-dummy.0", Counter: 0x60001, HasCtr: true},
	},
	{
		"deactivate, no host, no delta", `[00:00:01.000000002] wakeup_source_deactivate: { cpu_id = 0 }, { name = "a b, {c}", state = 0x10 }`,
		traces.Record{Kind: traces.EdgeOff, PID: -1, Time: 1000000002, Name: "a b, {c}", Counter: 16, HasCtr: true},
	},
	{
		"queue, all header fields", `[2023-11-14 22:30:00.000002000] (+?.?????????) board:kernel:TRACE_DEBUG (13) workqueue_queue_work: { cpu_id = 1 }, { pid = 5, tid = 6 }, { work = 0xFFFF888012345678, function = 0xFFFFFFFF81234567, req_cpu = 2 }`,
		traces.Record{Kind: traces.Queue, CPU: 1, PID: 6, Time: 1700001000000002000, Work: "0xffff888012345678"},
	},
	{
		"start, cycles", `[00000001000000002000] board workqueue_execute_start: { cpu_id = 1 }, { work = 0xFFFF888012345678, function = 0xFFFFFFFF81234567 }`,
		traces.Record{Kind: traces.Start, CPU: 1, PID: -1, Time: 1000000002000, Work: "0xffff888012345678"},
	},
	{
		"end", `[1.000000001] h workqueue_execute_end: { cpu_id = 1 }, { work = 0x1 }`,
		traces.Record{Kind: traces.End, CPU: 1, PID: -1, Time: 1000000001, Work: "0x1"},
	},
	{
		"console, escaped", `[1.000000001] h printk_console: { cpu_id = 1 }, { msg = "remoteproc remoteproc0: crash detected in \"m\": type\twatchdog\n" }`,
		traces.Record{Kind: traces.Log, CPU: 1, PID: -1, Time: 1000000001, Driver: "remoteproc", Device: "remoteproc0", Text: "crash detected in \"m\": type\twatchdog"},
	},
	{
		"console, not escaped", `[1.000000001] h console: { cpu_id = 1 }, { msg = "remoteproc remoteproc0: crash detected in "m": type" }`,
		traces.Record{Kind: traces.Log, CPU: 1, PID: -1, Time: 1000000001, Driver: "remoteproc", Device: "remoteproc0", Text: `crash detected in "m": type`},
	},
	{
		"console that goes on", `[1.000000001] h console: { cpu_id = 1 }, { msg = "first`,
		traces.Record{Kind: traces.Log, CPU: 1, PID: -1, Time: 1000000001, Text: "first"},
	},
	{
		"mark", `[1.000000001] h lttng_logger: { cpu_id = 1 }, { msg = "a mark, with = and "quotes" }" }`,
		traces.Record{Kind: traces.Mark, Source: traces.Marker, CPU: 1, PID: -1, Time: 1000000001, Text: `a mark, with = and "quotes" }`},
	},
	{
		"switch", `[1.000000001] h sched_switch: { cpu_id = 1 }, { prev_comm = "a", prev_tid = 7, prev_state = ( "TASK_RUNNING" : container = 0 ), next_comm = "b", next_tid = 8 }`,
		traces.Record{Kind: traces.Switch, CPU: 1, PID: 7, Comm: "a", Time: 1000000001},
	},
	{
		"probe", `[1.000000001] h my_probe: { cpu_id = 1 }, { ip = 0xFFFFFFFF81200010 }`,
		traces.Record{Kind: traces.Enter, Source: traces.Kprobe, CPU: 1, PID: -1, Time: 1000000001, Addr: "ffffffff81200010"},
	},
	{
		"function", `[1.000000001] h stop_entry: { cpu_id = 1 }, { ip = 0xFFFFFFFF81200010, parent_ip = 0xFFFFFFFF81100010 }`,
		traces.Record{Kind: traces.Enter, Source: traces.Kprobe, CPU: 1, PID: -1, Time: 1000000001, Addr: "ffffffff81200010"},
	},
	{
		"return", `[1.000000001] h stop_exit: { cpu_id = 1 }, { ip = 0xFFFFFFFF81200010, parent_ip = 0xFFFFFFFF81100010 }`,
		traces.Record{Kind: traces.Exit, Source: traces.Kprobe, CPU: 1, PID: -1, Time: 1000000001, Addr: "ffffffff81200010"},
	},
	{
		"nested", `[1.000000001] h irq: { cpu_id = 1 }, { procname = "x" }, { ret = [ [0] = 1, [1] = 2 ], nested = { a = 7, b = "in, {ner}" }, e = ( "A" : container = 1 ) }`,
		traces.Record{CPU: 1, PID: -1, Comm: "x", Time: 1000000001},
	},
	{"empty", `[1.000000001] h e: { cpu_id = 1 }, { }`, traces.Record{CPU: 1, PID: -1, Time: 1000000001}},
}

func TestLines(t *testing.T) {
	for _, c := range lineTests {
		recs, info, err := readAll(t, c.line+"\n", traces.Options{})
		if err != io.EOF || len(recs) != 1 || info.Malformed > 0 {
			t.Errorf("%s: %d records, %v, %+v", c.name, len(recs), err, info)
			continue
		}
		c.want.Line = 1
		if c.want.Source == traces.NoSource {
			c.want.Source = traces.Tracepoint
		}
		if diff := cmp.Diff(&c.want, recs[0], cmpopts.EquateEmpty(), cmpopts.IgnoreFields(traces.Record{}, "Event")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestForms reads what babeltrace 1 and 2 print of one trace: the records are the same, but for the
// losses, which one of them was not asked for, and the date.
func TestForms(t *testing.T) {
	same := cmp.Options{cmpopts.EquateEmpty(), cmpopts.IgnoreFields(traces.Record{}, "Line")}
	base, info, err := readAll(t, file(t, "babeltrace2.txt"), traces.Options{})
	if err != io.EOF || len(base) != 17 || info.Malformed > 0 || info.Clock != "seconds" || len(info.Notes) != 1 {
		t.Fatalf("%d records, %v, %+v", len(base), err, info)
	}
	for name, shift := range map[string]int64{"babeltrace1.txt": 0, "babeltrace2-day.txt": 1699920000e9} {
		recs, info, err := readAll(t, file(t, name), traces.Options{})
		var plain []*traces.Record
		for _, r := range recs {
			if r.Kind != traces.Lost {
				r.Time += shift
				plain = append(plain, r)
			}
		}
		if err != io.EOF || info.Malformed > 0 || info.Lost != 7 || info.Clock != "date" || len(info.Notes) > 0 {
			t.Errorf("%s: %v, %+v", name, err, info)
		}
		if diff := cmp.Diff(base, plain, same); diff != "" {
			t.Errorf("%s (-babeltrace2 +this):\n%s", name, diff)
		}
	}
}

// TestLoss: a loss stands where its time begins and where it ends, wherever its line is.
func TestLoss(t *testing.T) {
	for name, lines := range map[string]int{"babeltrace1.txt": 1, "babeltrace2-day.txt": 1} {
		recs, _, _ := readAll(t, file(t, name), traces.Options{})
		var got []string
		for _, r := range recs[14:] {
			if r.Kind == traces.Lost {
				got = append(got, fmt.Sprint("lost ", r.LostN))
			} else {
				got = append(got, r.Event)
			}
		}
		want := "lost 7|power_wakeup_source_activate|empty|lost 0|empty"
		if strings.Join(got, "|") != want || lines != 1 {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	recs, info, _ := readAll(t, "[1.000000000] h e: { cpu_id = 0 }, { }\nWARNING: Tracer may have discarded events\n[2.000000000] h e: { cpu_id = 0 }, { }\n", traces.Options{})
	if len(recs) != 3 || recs[1].Kind != traces.Lost || info.Lost != 1 {
		t.Errorf("%d records, %+v", len(recs), info)
	}
}

// TestRunning: task switches tell who runs, until something is lost.
func TestRunning(t *testing.T) {
	recs, info, _ := readAll(t, `[1.000000001] h e: { cpu_id = 1 }, { }
[1.000000002] h sched_switch: { cpu_id = 1 }, { prev_comm = "a", prev_tid = 7, next_comm = "b", next_tid = 8 }
[1.000000003] h e: { cpu_id = 1 }, { }
[1.000000004] h e: { cpu_id = 0 }, { }
WARNING: Tracer discarded 3 events between [1.000000004] and [1.000000004] in trace
[1.000000005] h e: { cpu_id = 1 }, { }
`, traces.Options{})
	var pids []int
	for _, r := range recs {
		pids = append(pids, r.PID)
	}
	if diff := cmp.Diff([]int{-1, 7, 8, -1, -1, -1}, pids); diff != "" || info.Lost != 3 {
		t.Errorf("%+v (-want +got):\n%s", info, diff)
	}
}

// TestMidnight: a time of day that falls back is the next day.
func TestMidnight(t *testing.T) {
	recs, _, _ := readAll(t, "[23:59:59.000000000] h e: { cpu_id = 0 }, { }\n[00:00:01.000000000] h e: { cpu_id = 0 }, { }\n[00:00:02.000000000] h e: { cpu_id = 0 }, { }\n", traces.Options{})
	if len(recs) != 3 || recs[1].Time-recs[0].Time != 2e9 || recs[2].Time-recs[1].Time != 1e9 {
		t.Errorf("%v %v %v", recs[0], recs[1], recs[2])
	}
}

func TestBad(t *testing.T) {
	for text, want := range map[string]string{
		"hello\n": "no event",
		"timestamp = 22:30:00.000001000, delta = +0, name = x, event.fields = { }\n": "with all names",
		"[1.000000001] h e: { 0 }, { 700, \"x\" }\n":                                 "have no names",
	} {
		_, _, err := readAll(t, text, traces.Options{})
		var bad *traces.FormatError
		if text[0] == '[' {
			_, info, _ := readAll(t, text, traces.Options{})
			if info.Malformed != 1 || !strings.Contains(info.Bad[0].Why, want) {
				t.Errorf("%q: %+v", text, info)
			}
			continue
		}
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "test:1:") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSkipOther(t *testing.T) {
	recs, info, _ := readAll(t, file(t, "babeltrace1.txt"), traces.Options{SkipOther: true})
	for _, r := range recs {
		if r.Kind == traces.Other {
			t.Errorf("%+v", r)
		}
	}
	if len(recs) < 10 || info.Records != 17 || info.Malformed > 0 {
		t.Errorf("%d records, %+v", len(recs), info)
	}
}

func TestSniff(t *testing.T) {
	if n := Lines([]byte(file(t, "babeltrace2.txt"))); n != 17 {
		t.Errorf("%d lines", n)
	}
	for _, text := range []string{"", "[    1.000001] remoteproc remoteproc0: { cpu_id = 0 }", "  a-1 [000] .... 1.000001: f: { cpu_id = 1 }"} {
		if Lines([]byte(text)) != 0 {
			t.Errorf("%q is taken for babeltrace", text)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	text := strings.Repeat(file(b, "babeltrace2.txt"), 100)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		in, err := New(bytes.NewReader([]byte(text)), "bench", traces.Options{SkipOther: true})
		if err != nil {
			b.Fatal(err)
		}
		var r traces.Record
		for err == nil {
			err = in.Read(&r)
		}
	}
}
