package custom

import (
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// all reads a text to its end.
func all(t testing.TB, text string, opt traces.Options, exprs ...string) ([]*traces.Record, *traces.Info, error) {
	t.Helper()
	f, err := Parse(exprs)
	if err != nil {
		t.Fatal(err)
	}
	r := New(strings.NewReader(text), "f", f, opt)
	var recs []*traces.Record
	for {
		var rec traces.Record
		if err := r.Read(&rec); err != nil {
			return recs, r.Info(), err
		}
		if len(rec.Args) == 0 {
			rec.Args = nil
		}
		recs = append(recs, rec.Clone())
	}
}

// none is a record in which nothing is known but what a test says.
func none(change func(r *traces.Record)) *traces.Record {
	r := &traces.Record{CPU: -1, PID: -1, Time: traces.NoTime, Line: 1, Source: traces.Tracepoint}
	change(r)
	return r
}

// TestLines has a line of every shape and the record that it makes.
func TestLines(t *testing.T) {
	const probe = `^(?P<ns>\d+) (?P<cpu>\d+) (?P<pid>\d+) (?P<comm>.{1,15}?) (?P<event>\S+)(?: (?P<args>.*))?$`
	for _, tt := range []struct {
		name, line string
		exprs      []string
		want       *traces.Record
	}{
		{
			"bpftrace kprobe", `1234567890 1 27 kworker/u4:2 kprobe:rproc_stop name="modem" state=2`,
			[]string{probe},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Time, r.CPU, r.PID, r.Comm = traces.Enter, traces.Kprobe, 1234567890, 1, 27, "kworker/u4:2"
				r.Event, r.Func = "rproc_stop", "rproc_stop"
				r.Args = []traces.Arg{{Name: "name", Value: "modem", Quote: true}, {Name: "state", Value: "2"}}
			}),
		},
		{
			"bpftrace kretprobe", `5 0 1 sh kretprobe:rproc_boot ret=-22`,
			[]string{probe},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Time, r.CPU, r.PID, r.Comm = traces.Exit, traces.Kprobe, 5, 0, 1, "sh"
				r.Event, r.Func, r.Args = "rproc_boot", "rproc_boot", []traces.Arg{{Name: "ret", Value: "-22"}}
			}),
		},
		{
			"fentry with module", `5 0 1 sh fentry:vmlinux:rproc_boot`,
			[]string{probe},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Time, r.CPU, r.PID, r.Comm = traces.Enter, traces.Kprobe, 5, 0, 1, "sh"
				r.Event, r.Func = "rproc_boot", "rproc_boot"
			}),
		},
		{
			"wakeup source", `12.5 tracepoint:power:wakeup_source_activate 4080000.remoteproc 0x10001`,
			[]string{`(?P<time>\S+) (?P<event>\S+) (?P<name>\S+) (?P<counter>\S+)`},
			none(func(r *traces.Record) {
				r.Kind, r.Time, r.Event, r.Name, r.Counter, r.HasCtr = traces.EdgeOn, 12500000000, "wakeup_source_activate", "4080000.remoteproc", 0x10001, true
			}),
		},
		{
			"wakeup source by its arguments", `5 0 1 sh tracepoint:power:wakeup_source_deactivate name=a.b state=0x20000`,
			[]string{probe},
			none(func(r *traces.Record) {
				r.Kind, r.Time, r.CPU, r.PID, r.Comm, r.Event = traces.EdgeOff, 5, 0, 1, "sh", "wakeup_source_deactivate"
				r.Name, r.Counter, r.HasCtr = "a.b", 0x20000, true
			}),
		},
		{
			"work by its arguments", `5 0 1 sh tracepoint:workqueue:workqueue_queue_work work=ffff8881 function=f+0`,
			[]string{probe},
			none(func(r *traces.Record) {
				r.Kind, r.Time, r.CPU, r.PID, r.Comm, r.Event, r.Work, r.Func = traces.Queue, 5, 0, 1, "sh", "workqueue_queue_work", "ffff8881", "f"
			}),
		},
		{
			"a name without quotes", `5 0 1 sh kprobe:pm_relax name=a.b`,
			[]string{probe},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Time, r.CPU, r.PID, r.Comm, r.Event, r.Func = traces.Enter, traces.Kprobe, 5, 0, 1, "sh", "pm_relax", "pm_relax"
				r.Args = []traces.Arg{{Name: "name", Value: "a.b", Quote: true}}
			}),
		},
		{
			"work", `w 00000000cc776873 rproc_crash_handler_work.isra.0`,
			[]string{`^w (?P<work>\S+) (?P<func>\S+) => kind=start`},
			none(func(r *traces.Record) {
				r.Kind, r.Work, r.Func = traces.Start, "00000000cc776873", "rproc_crash_handler_work"
			}),
		},
		{
			"work without address", `w (____ptrval____) f+0x10`,
			[]string{`^w (?P<work>\S+) (?P<func>\S+) => kind=end`},
			none(func(r *traces.Record) { r.Kind, r.Func = traces.End, "f" }),
		},
		{
			"a tool's own words", `[7.000001] SSR: modem crashed (watchdog)`,
			[]string{`^\[(?P<time>[\d.]+)\] SSR: (?P<name>\w+) crashed \((?P<arg_why>\w+)\) => kind=enter func=rproc_report_crash context=hardirq`},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Context, r.Time, r.Func = traces.Enter, traces.Kprobe, traces.HardIRQ, 7000001000, "rproc_report_crash"
				r.Args = []traces.Arg{{Name: "name", Value: "modem", Quote: true}, {Name: "why", Value: "watchdog"}}
			}),
		},
		{
			"a text alone is a log line", `remoteproc remoteproc0: recovering modem`,
			[]string{`(?P<text>.*)`},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Driver, r.Device, r.Text = traces.Log, traces.KernelLog, "remoteproc", "remoteproc0", "recovering modem"
			}),
		},
		{
			"console", `3 console: [ 1.0] remoteproc remoteproc0: recovering modem`,
			[]string{`(?P<ms>\d+) (?P<event>\w+): (?P<text>.*)`},
			none(func(r *traces.Record) {
				r.Kind, r.Time, r.Event, r.Driver, r.Device, r.Text = traces.Log, 3000000, "console", "remoteproc", "remoteproc0", "recovering modem"
			}),
		},
		{
			"log of a device", `err remoteproc3 recovering modem`,
			[]string{`(?P<level>\w+) (?P<device>\w+) (?P<text>.*) => kind=log`},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Level, r.Device, r.Text = traces.Log, traces.KernelLog, "err", "remoteproc3", "recovering modem"
			}),
		},
		{
			"mark", `MARK hello`,
			[]string{`MARK (?P<text>.*) => kind=mark`},
			none(func(r *traces.Record) { r.Kind, r.Source, r.Text = traces.Mark, traces.Marker, "hello" }),
		},
		{
			"an event of the spec", `t:rproc_qcom:rproc_qcom_event modem: ssr: start`,
			[]string{`(?P<event>\S+) (?P<text>.*)`},
			none(func(r *traces.Record) {
				r.Kind, r.Event, r.Text = traces.Event, "rproc_qcom_event", "modem: ssr: start"
			}),
		},
		{
			"the first that fits counts", `x modem`,
			[]string{`^y (?P<text>.*)`, `^x (?P<name>\w+) => kind=enter func=a`, `(?P<text>.*)`},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Func, r.Args = traces.Enter, traces.Kprobe, "a", []traces.Arg{{Name: "name", Value: "modem", Quote: true}}
			}),
		},
		{
			"flags of ftrace", `d.h1. f`,
			[]string{`(?P<context>\S+) (?P<func>\w+) => kind=enter`},
			none(func(r *traces.Record) {
				r.Kind, r.Source, r.Context, r.Func = traces.Enter, traces.Kprobe, traces.HardIRQ, "f"
			}),
		},
	} {
		recs, info, err := all(t, tt.line+"\n", traces.Options{Events: map[string]bool{"rproc_qcom_event": true}}, tt.exprs...)
		if err != io.EOF || len(recs) != 1 {
			t.Errorf("%s: %d records, %v, %+v", tt.name, len(recs), err, info.Bad)
			continue
		}
		if diff := cmp.Diff(tt.want, recs[0]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
}

func TestMalformed(t *testing.T) {
	const expr = `^(?P<time>\S+) (?P<cpu>\S+) (?P<pid>\S+) (?P<context>\S+) (?P<kind>\w+) ?(?P<func>\w*) ?(?P<name>\S*) ?(?P<counter>\S*)$`
	for line, why := range map[string]string{
		"x":                                "no --format-regexp fits",
		"a 0 0 irq enter f":                `time "a" is no number`,
		"1. 0 0 irq enter f":               `time "1." is no number`,
		"1.5 x 0 irq enter f":              `cpu "x" is no number`,
		"1.5 0 -1 irq enter f":             `pid "-1" is no number`,
		"1.5 0 0 often enter f":            `context "often"`,
		"1.5 0 0 irq enters f":             `kind "enters" is none of enter, exit`,
		"1.5 0 0 irq enter":                "no function: name a group func",
		"1.5 0 0 irq activate":             "no wakeup source: name a group name",
		"1.5 0 0 irq activate f x 0xfffff": "",
		"1.5 0 0 irq activate f x 0xg":     `counter "0xg" is no number`,
		"99999999999999999999 0 0 irq log": "is no number",
		"9999999999.5 0 0 irq log":         "is no number",
	} {
		_, info, err := all(t, "1.5 0 0 irq enter f\n"+line+"\n", traces.Options{}, expr)
		if err != io.EOF {
			t.Errorf("%s: %v", line, err)
		}
		switch {
		case why == "" && info.Malformed == 0:
		case info.Malformed != 1 || !strings.Contains(info.Bad[0].Why, why) || why == "" || info.Bad[0].Line != 2:
			t.Errorf("%s: %+v, want %q", line, info, why)
		}
	}
}

func TestAside(t *testing.T) {
	recs, info, err := all(t, "Attaching 5 probes...\n# comment\n\n1.0 f\nLost 7 events\n2.0 f\n", traces.Options{}, `^(?P<time>\d+\.\d+) (?P<func>\w+)$ => kind=enter`)
	if err != io.EOF || len(recs) != 3 || recs[1].Kind != traces.Lost || recs[1].LostN != 7 || info.Lost != 7 || info.Malformed != 0 || info.Lines != 6 {
		t.Errorf("%d records, %+v, %v", len(recs), info, err)
	}
	_, info, err = all(t, "one\ntwo\n", traces.Options{}, `(?P<time>\d+) (?P<text>.*)`)
	var bad *traces.FormatError
	if !errors.As(err, &bad) || bad.Line != 1 || info.Malformed != 2 || !strings.Contains(bad.Hint, `"one"`) {
		t.Errorf("%v, %+v", err, info)
	}
	if _, _, err = all(t, "", traces.Options{}, `(?P<text>.*)`); err != io.EOF {
		t.Errorf("empty: %v", err)
	}
}

func TestSkipOther(t *testing.T) {
	recs, info, err := all(t, "a x\nsched_switch x\n", traces.Options{SkipOther: true}, `(?P<event>\w+) (?P<text>.*)`)
	if err != io.EOF || len(recs) != 1 || recs[0].Kind != traces.Switch || info.Records != 2 {
		t.Errorf("%d records, %+v, %v", len(recs), info, err)
	}
}

func TestParseErrors(t *testing.T) {
	for expr, want := range map[string]string{
		`(?P<time>`:                          "it is no regular expression: missing closing )",
		`(?P<tiem>\d+) (?P<text>.*)`:         `there is no group "tiem"; groups are time, ns, us`,
		`(?P<arg_>\d+) (?P<text>.*)`:         `there is no group "arg_"`,
		`(?P<time>\d+)`:                      "nothing in it tells what kind of record a line is",
		`(?P<time>\d+) => kind=entre`:        "kind=entre: kinds are enter, exit",
		`(?P<time>\d+) => kind`:              `stands "kind": give GROUP=VALUE`,
		`(?P<time>\d+) => kind=enter tim=3`:  `there is no group "tim"`,
		`(?P<kind>\w+) => kind=enter`:        "it has kind twice",
		`(?P<text>.*) (?P<text>.*)`:          "it has text twice",
		`(?P<func>\w+) => kind=enter =value`: "give GROUP=VALUE",
	} {
		_, err := Parse([]string{expr})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "\"") {
			t.Errorf("%s: %v, want %q", expr, err, want)
		}
	}
	_, err := Parse([]string{`(?P<tiem>\d+) (?P<text>.*)`})
	var unknown *UnknownGroupError
	if !errors.As(err, &unknown) || unknown.Name != "tiem" || len(unknown.Groups) < 10 {
		t.Errorf("%v", err)
	}
	for _, g := range Groups() {
		if !known(g.Name) {
			t.Errorf("%s is told of, but not known", g.Name)
		}
	}
}

var (
	slowTime  = regexp.MustCompile(`^(\d+)(?:\.(\d+))?$`)
	slowProbe = regexp.MustCompile(`(?s)^(kprobe|k|kfunc|fentry|f|kretprobe|kr|kretfunc|fexit|fr):(?:.*:)?([^:]*)$`)
)

// FuzzCustom reads any text in a format that has every group, and holds times and probe names against
// regular expressions.
func FuzzCustom(f *testing.F) {
	const expr = `^(?P<time>\S*) (?P<cpu>\S*) (?P<pid>\S*) (?P<event>\S*) (?P<context>\S*) (?P<name>\S*) (?P<counter>\S*) ?(?P<args>.*)$`
	f.Add("1.5 0 1 kprobe:f irq modem 0x1 a=1 b=\"x\"\n")
	f.Add("Lost 3 events\n# x\nAttaching 1 probe...\n")
	f.Add("1 0 0 tracepoint:power:wakeup_source_activate d.h1. x 0x10001 \n")
	f.Fuzz(func(t *testing.T, text string) {
		recs, info, err := all(t, text, traces.Options{}, expr)
		var bad *traces.FormatError
		if err != io.EOF && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		if info.Records+info.Malformed > info.Lines || len(info.Bad) > traces.MaxBad || len(recs) > info.Records {
			t.Fatalf("%d records, %+v", len(recs), info)
		}
		for _, word := range strings.Fields(text) {
			checkWord(t, word)
		}
	})
}

func checkWord(t *testing.T, word string) {
	t.Helper()
	_, clock, err := seconds(word)
	m := slowTime.FindStringSubmatch(word)
	if err == nil && m == nil {
		t.Fatalf("%q is read as a time", word)
	}
	if m != nil && len(m[1]) <= 9 && (err != nil || (clock == "seconds") != (m[2] != "")) {
		t.Fatalf("%q: %q, %v", word, clock, err)
	}
	kind, fn, _ := event(word)
	if p := slowProbe.FindStringSubmatch(word); (p != nil) != (kind == traces.Enter || kind == traces.Exit) || p != nil && p[2] != fn {
		t.Fatalf("%q: kind %d, function %q, want %q", word, kind, fn, p)
	}
}
