package ftrace

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// broken breaks the lines of a trace at blanks, as mail programs do, and puts quote before every one.
func broken(text string, width int, quote string) string {
	var out strings.Builder
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		for len(l) > width && l[0] != '#' {
			i := strings.LastIndexByte(l[:width+1], ' ')
			if i < 40 || strings.TrimSpace(l[:i]) == "" {
				break
			}
			out.WriteString(quote + strings.TrimRight(l[:i], " ") + "\n")
			l = strings.TrimLeft(l[i:], " ")
		}
		out.WriteString(quote + l + "\n")
	}
	return out.String()
}

const wrapTrace = `# tracer: nop
#
# entries-in-buffer/entries-written: 20/20   #P:2
#
              sh-1375    [000] .....   132.226199: shutdown: (rproc_shutdown+0x0/0xd0) name="modem" state=2
        rdummy/0-1377    [000] d.h..   132.348459: report_crash: (rproc_report_crash+0x0/0x90) name="modem" state=2 type=1
        rdummy/0-1377    [000] d.h3.   132.348517: wakeup_source_activate: rproc-dummy.0 state=0xe0001
        rdummy/0-1377    [000] d.h2.   132.348544: workqueue_queue_work: work struct=(____ptrval____) function=rproc_crash_handler_work workqueue=rproc_recovery_wq req_cpu=4 cpu=-1
        rdummy/0-1377    [000] d.h..   132.348668: console: remoteproc remoteproc0: crash detected in modem: type watchdog
    kworker/u4:3-31      [001] .....   132.348922: workqueue_execute_start: work struct (____ptrval____): function rproc_crash_handler_work
CPU:0 [LOST 5 EVENTS]
              sh-1375    [000] .....   132.551043: i_stop_ret: (rproc_shutdown+0x69/0xd0 <- rproc_stop) ret=0
              sh-1375    [000] .....   132.551044: rproc_stop <-rproc_shutdown
    kworker/u4:3-31      [001] d..2.   132.551494: wakeup_source_deactivate: rproc-dummy.0 state=0xf0000
a prompt of the shell
`

// wrapLines gives the records of a trace without their lines.
func wrapLines(t *testing.T, text string) (all []traces.Record, info *traces.Info) {
	t.Helper()
	recs, info := readAll(t, strings.NewReader(text))
	for _, r := range recs {
		r.Line = 0
		all = append(all, *r)
	}
	return all, info
}

// A trace whose lines were broken has the records of the whole one.
func TestWrapped(t *testing.T) {
	want, _ := wrapLines(t, wrapTrace)
	for width := 66; width <= 120; width++ {
		for _, quote := range []string{"", "> ", ">> "} {
			text := broken(wrapTrace, width, quote)
			got, info := wrapLines(t, text)
			if diff := cmp.Diff(want, got); diff != "" || info.Malformed > 1 || info.Lines != strings.Count(text, "\n") {
				t.Fatalf("width %d, %+v (-want +got):\n%s\n%s", width, info, diff, text)
			}
		}
	}
	recs, _ := readAll(t, strings.NewReader(broken(wrapTrace, 72, "")))
	if last := recs[len(recs)-1]; last.Kind != traces.EdgeOff || last.Line != strings.Count(broken(wrapTrace, 72, ""), "\n")-2 {
		t.Errorf("the last record is %+v", last)
	}
}

// What shows that a trace was broken, and what does not.
func TestWrapEvidence(t *testing.T) {
	const event = " a-1 [000] .... 1.000001: "
	for text, want := range map[string]bool{
		event + "boot:\n(rproc_boot+0x0/0x80) name=\"modem\"\n":     true,
		event + "boot: (rproc_boot+0x0/0x80)\nname=\"modem\" a=1\n": true,
		event + "wakeup_source_activate: a\nstate=0x1\n":            true,
		event + "\nwakeup_source_activate: a state=0x1\n":           true,
		event + "console:\nsecond\n":                                false,
		event + "tracing_mark_write:\nsecond\n":                     false,
		event + "boot:\n" + event + "f <-g\n":                       false,
		event + "boot: (rproc_boot+0x0/0x80)\nroot@host:~#\n":       false,
		event + "boot:\n => f\n":                                    false,
	} {
		if got := wrapWidth([]byte(text)) > 0; got != want {
			t.Errorf("%q: broken = %t", text, got)
		}
	}
}

// No trace as a tool printed it is taken for a broken one.
func TestNotWrapped(t *testing.T) {
	var files []string
	for _, dir := range []string{"captures/*", "logs/*"} {
		more, _ := filepath.Glob(filepath.Join(shared, dir, "*.txt"))
		files = append(files, more...)
	}
	more, _ := filepath.Glob("testdata/*.txt")
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := wrapWidth(text[:min(len(text), 1<<16)]); n != 0 {
			t.Errorf("%s: taken for broken at %d columns", file, n)
		}
	}
	for _, text := range []string{
		" a-1 [000] .... 1.000001: wakeup_source_activate: x state=0x1\nsecond\n",
		fmt.Sprintf(" a-1 [000] .... 1.000001: wakeup_source_activate:\nx\n a-1 [000] .... 1.000002: x: %0140d\n", 1),
	} {
		if n := wrapWidth([]byte(text)); n != 0 {
			t.Errorf("%q: taken for broken at %d columns", text, n)
		}
	}
}
