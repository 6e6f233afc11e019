package validate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

// edges makes a trace of a crash that is reported and handled, with wakeup events of other devices
// around it, and leaves out some of the events. cpus, if given, are the CPUs of the events.
func edges(leaveOut ...int) []byte {
	var b bytes.Buffer
	b.WriteString("# tracer: nop\n#\n")
	n, counter := 0, uint32(0x100000)
	line := func(cpu int, text string) {
		n++
		fmt.Fprintf(&b, "            a-%-7d [%03d] .....     1.%06d: %s\n", 10+cpu, cpu, n, text)
	}
	edge := func(cpu int, on bool, name string) {
		kind, step := "deactivate", uint32(0xffff)
		if on {
			kind, step = "activate", 1
		}
		counter += step
		for _, i := range leaveOut {
			if i == n+1 {
				n++
				return
			}
		}
		line(cpu, fmt.Sprintf("wakeup_source_%s: %s state=0x%x", kind, name, counter))
	}
	edge(0, true, "alarmtimer")
	edge(0, false, "alarmtimer")
	edge(1, true, "4080000.remoteproc")
	line(1, "workqueue_queue_work: work struct=000000001 function=rproc_crash_handler_work workqueue=w req_cpu=4 cpu=-1")
	line(1, "console: remoteproc remoteproc0: crash detected in modem: type watchdog")
	edge(0, true, "eventpoll")
	line(2, "workqueue_execute_start: work struct 000000001: function rproc_crash_handler_work")
	line(2, "console: remoteproc remoteproc0: handling crash #1 in modem")
	line(2, "console: remoteproc remoteproc0: recovering modem")
	edge(0, false, "eventpoll")
	line(2, "console: remoteproc remoteproc0: stopped remote processor modem")
	line(2, "console: remoteproc remoteproc0: remote processor modem is now up")
	edge(2, false, "4080000.remoteproc")
	line(2, "workqueue_execute_end: work struct 000000001: function rproc_crash_handler_work")
	edge(0, true, "alarmtimer")
	edge(0, false, "alarmtimer")
	edge(0, true, "alarmtimer")
	edge(0, false, "alarmtimer")
	return b.Bytes()
}

// TestCounter: an event that is missing is noticed by the counter of the others, wherever it is not the
// first or the last, and what was open there is unknown.
func TestCounter(t *testing.T) {
	m := compile(t, "remoteproc")
	for _, tt := range []struct {
		out     []int
		lost    int
		verdict validate.Verdict
	}{
		{nil, 0, validate.Conforms},
		{[]int{1}, 0, validate.Conforms},         // before anything of ours
		{[]int{2}, 1, validate.Conforms},         // the same
		{[]int{3}, 1, validate.Inconclusive},     // the report's own
		{[]int{6}, 1, validate.Inconclusive},     // another device's: only the counter knows
		{[]int{6, 10}, 2, validate.Inconclusive}, // two of them
		{[]int{13}, 1, validate.Inconclusive},    // the release: no leak is told
		{[]int{16}, 1, validate.Conforms},        // after everything of ours
		{[]int{18}, 0, validate.Conforms},        // nothing comes after it
	} {
		res := run(t, m, "edges", edges(tt.out...), validate.Options{})
		if res.Verdict != tt.verdict || res.Records.Lost != tt.lost {
			t.Errorf("without %v: %s, %d lost, want %s, %d: %v", tt.out, res.Verdict, res.Records.Lost, tt.verdict, tt.lost, res.Reasons)
		}
		noFalseError(t, fmt.Sprint("without ", tt.out), false, res)
		if res.Verdict == validate.Inconclusive && !strings.Contains(strings.Join(res.Reasons, "\n"), "missing between lines ") {
			t.Errorf("without %v: %q", tt.out, res.Reasons)
		}
	}
}

// A user who filtered the events by name says so, and gets an answer.
func TestCounterFiltered(t *testing.T) {
	m := compile(t, "remoteproc")
	out := []int{1, 2, 6, 10, 15, 16, 17, 18}
	data := edges(out...)
	if res := run(t, m, "filtered", data, validate.Options{}); res.Verdict != validate.Inconclusive {
		t.Errorf("without a word: %s", res.Verdict)
	}
	res := run(t, m, "filtered", data, validate.Options{Probes: map[string]string{"edges": "on"}})
	if res.Verdict != validate.Conforms || res.Records.Lost != 0 || !strings.Contains(strings.Join(res.Notes, "\n"), "missing between lines") {
		t.Errorf("with edges=on: %s, %d lost, %q", res.Verdict, res.Records.Lost, res.Notes)
	}
}

// Where only activate was recorded, the counter shows that there were deactivations: no leak is told.
func TestCounterOneKind(t *testing.T) {
	res := run(t, compile(t, "remoteproc"), "activate only", edges(2, 10, 13, 16, 18), validate.Options{})
	if !deactivateOff(res) || res.Records.Lost != 0 {
		t.Errorf("%s, %d lost: %v", res.Verdict, res.Records.Lost, res.Reasons)
	}
	noFalseError(t, "activate only", false, res)
}

func deactivateOff(res *validate.Result) bool {
	for _, s := range res.Sources {
		if s.Kind == "edge off" {
			return s.Use == "off"
		}
	}
	return false
}

// The numbers of two CPUs may stand in the other order: that is no loss. A line that is changed is.
func TestCounterOrder(t *testing.T) {
	m := compile(t, "remoteproc")
	data := edges()
	swapped := bytes.ReplaceAll(data, []byte("activate: eventpoll state=0x110002"), []byte("activate: eventpoll state=0xTMP"))
	swapped = bytes.ReplaceAll(swapped, []byte("4080000.remoteproc state=0x110001"), []byte("4080000.remoteproc state=0x110002"))
	swapped = bytes.ReplaceAll(swapped, []byte("0xTMP"), []byte("0x110001"))
	if bytes.Equal(swapped, data) {
		t.Fatal("nothing was swapped")
	}
	if res := run(t, m, "swapped", swapped, validate.Options{}); res.Verdict != validate.Conforms || res.Records.Lost != 0 {
		t.Errorf("swapped: %s, %d lost: %v", res.Verdict, res.Records.Lost, res.Reasons)
	}
	changed := bytes.ReplaceAll(data, []byte("eventpoll state=0x110002"), []byte("eventpoll state=0x710002"))
	if res := run(t, m, "changed", changed, validate.Options{}); res.Verdict != validate.Inconclusive || res.Records.Lost == 0 {
		t.Errorf("changed: %s, %d lost", res.Verdict, res.Records.Lost)
	}
}

// recorded lists all captures at hand that have wakeup events.
func recorded(t *testing.T) map[string][]byte {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	for _, dir := range []string{"captures/*", "logs/*"} {
		more, _ := filepath.Glob(filepath.Join("..", "..", "shared", dir, "*.txt"))
		files = append(files, more...)
	}
	all := map[string][]byte{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("wakeup_source_")) && !strings.HasSuffix(f, ".ws.txt") {
			all[f] = data
		}
	}
	if len(all) == 0 {
		t.Fatal("no captures")
	}
	return all
}

// TestCounterCaptures: no capture of a real kernel lacks a wakeup event, and one taken out of it is
// noticed and accuses nobody.
func TestCounterCaptures(t *testing.T) {
	m := compile(t, "remoteproc")
	files, taken := 0, 0
	for name, data := range recorded(t) {
		res, err := runErr(m, name, bytes.NewReader(data), validate.Options{})
		if err != nil {
			continue // refused, such as the latency format
		}
		files++
		if said := strings.Join(append(res.Notes, res.Reasons...), "\n"); strings.Contains(said, "missing between lines") {
			t.Errorf("%s: a loss that is none: %s", name, said)
		}
		if specFor(name) != "remoteproc" {
			continue
		}
		before := res.Records.Lost
		lines := bytes.SplitAfter(data, []byte("\n"))
		var at []int
		for i, l := range lines {
			if bytes.Contains(l, []byte(": wakeup_source_")) {
				at = append(at, i)
			}
		}
		for k, i := range at {
			if k == 0 || k == len(at)-1 || testing.Short() && (files+k)%7 != 0 {
				continue
			}
			taken++
			what := fmt.Sprintf("%s without line %d", name, i+1)
			without := bytes.Join([][]byte{bytes.Join(lines[:i], nil), bytes.Join(lines[i+1:], nil)}, nil)
			res := run(t, m, what, without, validate.Options{})
			if res.Records.Lost == before && !deactivateOff(res) {
				t.Errorf("%s: not noticed", what)
			}
			noFalseError(t, what, strings.Contains(name, "v60") || strings.Contains(name, "S8b") || strings.Contains(name, "S3a"), res)
		}
	}
	t.Logf("%d files without a loss; %d events taken out, all noticed", files, taken)
}

// TestCounterStress takes events out of a capture with races everywhere: all are noticed, and none makes
// a record of the others look wrong.
func TestCounterStress(t *testing.T) {
	if testing.Short() {
		t.Skip("8,000 records")
	}
	const name = "6.1.192-x86_64-v60/stress2.kprobe.txt.xz"
	whole := unpack(t, filepath.Join(shared(t, "captures"), name))
	without, n := thinned(whole[:bytes.LastIndexByte(whole[:1<<20], '\n')+1], 300)
	res := run(t, compile(t, "remoteproc_rig"), name, without, validate.Options{})
	if res.Records.Lost != n || n == 0 {
		t.Errorf("%s: %d of %d events taken out were noticed", name, res.Records.Lost, n)
	}
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			if f.Kind == validate.Rejected {
				t.Errorf("%s without %d events:%d: %s", name, n, f.Line, f.Message)
			}
		}
	}
}

// thinned leaves out one wakeup event in every so many.
func thinned(data []byte, every int) (out []byte, n int) {
	seen := 0
	for _, l := range bytes.SplitAfter(data, []byte("\n")) {
		if bytes.Contains(l, []byte(": wakeup_source_")) {
			if seen++; seen%every == 0 {
				n++
				continue
			}
		}
		out = append(out, l...)
	}
	return out, n
}
