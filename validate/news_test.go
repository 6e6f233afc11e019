package validate_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// follow validates a trace as who follows it does, who waits until nothing has come for a while, and gives
// what was told.
func follow(t *testing.T, m *machine.Machine, data []byte) (*validate.Result, []string) {
	t.Helper()
	rd, err := open.Reader(bytes.NewReader(data), "x", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := validate.New(m, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	told, last := []string{}, int64(0)
	var r traces.Record
	for err = rd.Read(&r); err == nil; err = rd.Read(&r) {
		if r.Time-last > 5e6 {
			v.Flush(0)
		}
		last = r.Time
		v.Observe(&r)
		for _, n := range v.News(rd.Info().Clock) {
			if n.Finding.Line > r.Line {
				t.Errorf("line %d is told at line %d", n.Finding.Line, r.Line)
			}
			told = append(told, headlines(n)...)
		}
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	res := v.Close("x", rd.Info())
	for _, n := range v.News(rd.Info().Clock) {
		told = append(told, headlines(n)...)
	}
	return res, told
}

// headlines sums up what is told: that something is so, that it is over, or both.
func headlines(n validate.News) []string {
	s := fmt.Sprintf("%s %s %s line %d", n.Subject, n.Finding.Kind, n.Finding.Detail, n.Finding.Line)
	all := []string{s}
	if n.Over {
		all = nil
	}
	if n.Finding.Until != nil {
		all = append(all, fmt.Sprintf("%s until %d", s, *n.Finding.Until))
	}
	return all
}

// whole lists the same of a trace that was read at once.
func whole(res *validate.Result) []string {
	all := []string{}
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			all = append(all, headlines(validate.News{Subject: s.Name, Finding: f})...)
		}
	}
	return all
}

// TestNews checks that a capture that describes itself gives the same answer piece by piece, and that
// nothing is told late, twice, or of another line.
func TestNews(t *testing.T) {
	n := 0
	described(t, func(name string, data []byte, truths map[string]truth) {
		m := compile(t, specFor(name))
		h := header(t, name)
		for device, tr := range truths {
			h = append(h, fmt.Sprintf("names device=%s name=%s parent=%s", device, tr.name, tr.wakeup))
		}
		data = describe(data, append(h, "ready"), ending(truths, asItIs))
		res := run(t, m, name, data, validate.Options{})
		got, told := follow(t, m, data)
		want := whole(res)
		slices.Sort(want)
		slices.Sort(told)
		told = slices.DeleteFunc(told, func(s string) bool { return strings.Contains(s, "unpaired") })
		want = slices.DeleteFunc(want, func(s string) bool { return strings.Contains(s, "unpaired") })
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("%s (-read at once +followed):\n%s", name, diff)
		}
		if diff := cmp.Diff(verdicts(res), verdicts(got)); diff != "" {
			t.Errorf("%s: verdicts (-read at once +followed):\n%s", name, diff)
		}
		n += len(told)
	})
	if n < 10 {
		t.Errorf("only %d findings", n)
	}
}

// crashLoop writes a trace of n crashes, each reported, handled and accompanied by threads and wakeup sources
// that never come again.
func crashLoop(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		fmt.Fprint(w, "# tracer: nop\n#\n")
		time, pid := 1, 100
		line := func(pid int, flags, text string, args ...any) {
			fmt.Fprintf(w, "  task-%d [000] %s %d.%06d: %s\n", pid, flags, time/1e6, time%1e6, fmt.Sprintf(text, args...))
			time += 10
		}
		mark := func(text string) { line(50, ".....", "tracing_mark_write: rprocspec/1 %s", text) }
		mark("begin id=x spec=remoteproc")
		for _, e := range allEvents {
			mark(e)
		}
		mark("names device=remoteproc0 name=modem parent=4080000.remoteproc")
		mark("truth device=remoteproc0 state=running awake=0")
		mark("ready")
		for i := range n {
			pid += 3
			line(pid, ".....", "wakeup_source_activate: source%d state=%#x", i, 2*i<<16|1) // ended and in progress
			line(pid, ".....", "wakeup_source_deactivate: source%d state=%#x", i, (2*i+1)<<16)
			line(pid+1, "d.h..", "wakeup_source_activate: 4080000.remoteproc state=%#x", (2*i+1)<<16|1)
			line(pid+1, "d.h..", "workqueue_queue_work: work struct=00000000%08x function=rproc_crash_handler_work workqueue=w req_cpu=1 cpu=-1", i/100)
			line(pid+1, "d.h..", "console: remoteproc remoteproc0: crash detected in modem: type watchdog")
			line(pid+2, ".....", "workqueue_execute_start: work struct 00000000%08x: function rproc_crash_handler_work", i/100)
			for _, text := range []string{"handling crash #1 in modem", "recovering modem", "stopped remote processor modem", "remote processor modem is now up"} {
				line(pid+2, ".....", "console: remoteproc remoteproc0: %s", text)
			}
			last := []string{fmt.Sprintf("wakeup_source_deactivate: 4080000.remoteproc state=%#x", (2*i+2)<<16), fmt.Sprintf("workqueue_execute_end: work struct 00000000%08x: function rproc_crash_handler_work", i/100)}
			if i == n-5 { // no kernel lets go after the handler has ended
				slices.Reverse(last)
			}
			line(pid+2, ".....", "%s", last[0])
			line(pid+2, ".....", "%s", last[1])
		}
		w.Close()
	}()
	return r
}

// TestForever follows a trace without end: what is remembered stays small, and every finding is told.
func TestForever(t *testing.T) {
	rd, err := open.Reader(crashLoop(1000), "x", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := validate.New(compile(t, "remoteproc"), validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v.Keep(500)
	most, told := 0, map[string]int{}
	var r traces.Record
	for i := 0; rd.Read(&r) == nil; i++ {
		v.Observe(&r)
		if i%10 == 0 {
			v.Flush(0)
			for _, n := range v.News("seconds") {
				told[string(n.Finding.Kind)]++
			}
			most = max(most, v.Kept())
		}
	}
	if most > 5000 {
		t.Errorf("%d things are remembered", most)
	}
	res := v.Close("x", rd.Info())
	if told["rejected"] != 1 || res.Verdict != validate.Violates {
		t.Errorf("told %v; %s", told, res.Verdict)
	}
	t.Logf("at most %d things remembered, told %v, %+v", most, told, res.Records)
}
