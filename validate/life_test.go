package validate_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/validate"
)

// scene writes what a kernel with 74ee3b2f5767 (or, old, without it) records of processors that live more than once.
type scene struct {
	lines []string
	ms    int
	task  int // of what is done now
	old   bool
	gen   int // of the addresses of work items, which change with every binding
	count int // of the wakeup events
	awake bool
}

// bearer is a processor by its names.
type bearer struct{ device, name, parent string }

var modem = bearer{"remoteproc0", "modem", "4080000.remoteproc"}

// next is something that begins after a while.
func (s *scene) next() {
	s.task++
	s.ms += 10
}

func (s *scene) rec(task, flags, format string, args ...any) {
	s.ms++
	s.lines = append(s.lines, fmt.Sprintf("%16s-%d [000] %s %d.%03d000: ", task, s.task, flags, 100+s.ms/1000, s.ms%1000)+fmt.Sprintf(format, args...))
}

// work is the address of a processor's work item.
func (s *scene) work(b bearer) int { return 0xa000 + s.gen*256 + int(b.parent[0]) }

func (s *scene) call(fn string, b bearer, args string) {
	s.rec("sh", ".....", "%s: (%s+0x0/0x90) name=%q%s", fn, fn, b.name, args)
}

func (s *scene) ret(fn string, ret int) {
	s.rec("sh", ".....", "%s_ret: (caller+0x4c/0x120 <- %s) ret=%d", fn, fn, ret)
}

func (s *scene) say(b bearer, format string, args ...any) {
	s.rec("sh", "d....", "console: remoteproc %s: %s", b.device, fmt.Sprintf(format, args...))
}

// wake takes or lets go of the wakeup source: that is recorded if it changes.
func (s *scene) wake(task, flags string, b bearer, awake bool) {
	if s.awake == awake {
		return
	}
	what, step := "deactivate", 0xffff
	if awake {
		what, step = "activate", 1
	}
	s.awake = awake
	s.count += step
	s.rec(task, flags, "wakeup_source_%s: %s state=0x%x", what, b.parent, s.count)
}

func (s *scene) boot(b bearer) {
	s.next()
	s.call("rproc_boot", b, "")
	s.say(b, "powering up %s", b.name)
	s.say(b, "Booting fw image a.mbn, size 4096")
	s.say(b, "remote processor %s is now up", b.name)
	s.ret("rproc_boot", 0)
}

func (s *scene) shutdown(b bearer) {
	s.call("rproc_shutdown", b, "")
	s.say(b, "stopped remote processor %s", b.name)
	s.ret("rproc_shutdown", 0)
}

func (s *scene) report(b bearer) {
	s.next()
	s.rec("irq/24", "d.h..", "rproc_report_crash: (rproc_report_crash+0x0/0x90) name=%q type=1", b.name)
	s.rec("irq/24", "d.h..", "pm_stay_awake: (pm_stay_awake+0x0/0x50) dev=%q", b.parent)
	s.wake("irq/24", "d.h..", b, true)
	queue := func() {
		s.rec("irq/24", "d.h..", "workqueue_queue_work: work struct=%016x function=rproc_crash_handler_work workqueue=rproc_recovery_wq req_cpu=8192 cpu=-1", s.work(b))
	}
	if !s.old {
		queue()
	}
	s.rec("irq/24", "d.h..", "console: remoteproc %s: crash detected in %s: type watchdog", b.device, b.name)
	if s.old {
		queue()
	}
}

// handler handles a crash; what is printed and whether it lets go are the caller's.
func (s *scene) handler(b bearer, body func(), relax bool) {
	s.next()
	s.rec("kworker/u8:1", ".....", "workqueue_execute_start: work struct %016x: function rproc_crash_handler_work", s.work(b))
	s.rec("kworker/u8:1", ".....", "rproc_crash_handler_work: (rproc_crash_handler_work+0x0/0x118) name=%q", b.name)
	body()
	if relax {
		s.rec("kworker/u8:1", ".....", "pm_relax: (pm_relax+0x0/0x50) dev=%q", b.parent)
		s.wake("kworker/u8:1", "d....", b, false)
	}
	s.rec("kworker/u8:1", ".....", "workqueue_execute_end: work struct %016x: function rproc_crash_handler_work", s.work(b))
}

func (s *scene) recovery(b bearer) {
	s.report(b)
	s.handler(b, func() {
		s.say(b, "handling crash #1 in %s", b.name)
		s.say(b, "recovering %s", b.name)
		s.say(b, "stopped remote processor %s", b.name)
		s.say(b, "remote processor %s is now up", b.name)
	}, true)
}

// leak is the use case of the thread: the processor is shut down before the handler runs, which forgets to let go.
func (s *scene) leak(b bearer) {
	s.report(b)
	s.next()
	s.shutdown(b)
	s.handler(b, func() {}, false)
}

func (s *scene) del(b bearer, up bool) {
	s.next()
	s.call("rproc_del", b, "")
	if up {
		s.shutdown(b)
	} else {
		s.call("rproc_shutdown", b, "")
		s.ret("rproc_shutdown", -22)
	}
	s.ret("rproc_del", 0)
	s.say(b, "releasing %s", b.name)
	s.gen++
}

func (s *scene) add(b bearer) {
	s.next()
	s.call("rproc_add", b, "")
	s.say(b, "%s is available", b.name)
	s.ret("rproc_add", 0)
}

// twice is the life that most drivers know: bound, used, unbound, bound and used again.
func twice(b bearer) *scene {
	s := &scene{task: 900}
	s.boot(b)
	s.recovery(b)
	s.del(b, true)
	s.add(b)
	s.boot(b)
	s.recovery(b)
	return s
}

// text is the trace, without the lines that hold one of some texts.
func (s *scene) text(drop ...string) []byte {
	lines := slices.DeleteFunc(slices.Clone(s.lines), func(l string) bool {
		return slices.ContainsFunc(drop, func(d string) bool { return strings.Contains(l, d) })
	})
	return []byte("# tracer: nop\n#\n" + strings.Join(lines, "\n") + "\n")
}

// told sums up every life: its names, verdict, state, and findings above info; "open" ones last to the end of the
// trace, "ended" ones to the end of the life.
func told(res *validate.Result) []string {
	var all []string
	for _, s := range res.Subjects {
		life := strings.TrimRight(strings.NewReplacer("line ", "").Replace(s.Life()), "0123456789 ")
		if s.FromLine > 0 && s.UntilLine > 0 {
			life = "between"
		}
		line := strings.Join(strings.Fields(fmt.Sprintf("%s %s: %s, %v", s.Name, life, s.Verdict, s.Final["state"])), " ")
		for _, f := range s.Findings {
			if f.Severity == validate.Note {
				continue
			}
			line += "; " + f.Detail
			switch {
			case f.Until == nil:
				line += " open"
			case *f.Until == s.UntilLine:
				line += " ended"
			}
		}
		all = append(all, line)
	}
	return all
}

// lifeTests are traces of processors that live more than once, and what is said of each life.
var lifeTests = []struct {
	name, kernel string
	trace        func() []byte
	want         []string
	reason       string // of the verdict, a part of it
}{
	{
		name:  "bound again",
		trace: func() []byte { return twice(modem).text() },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "bound again, 6.12", kernel: "v6_12",
		trace: func() []byte { return twice(modem).text() },
		want:  []string{"remoteproc0 until: conforms, OFFLINE", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "bound again, 6.2", kernel: "v6_2",
		trace: func() []byte { return older(modem).text() },
		want:  []string{"remoteproc0 until: conforms, DELETED", "remoteproc0 from: conforms, DELETED"},
	},
	{
		name: "bound again, 5.10", kernel: "v5_10",
		trace: func() []byte { return older(modem).text() },
		want:  []string{"remoteproc0 until: conforms, DELETED", "remoteproc0 from: conforms, DELETED"},
	},
	{
		name:  "the removal is not recorded, but that it is released",
		trace: func() []byte { return twice(modem).text("rproc_del", "rproc_shutdown") },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name:  "the removal is recorded, not that it is released",
		trace: func() []byte { return twice(modem).text("releasing") },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name:   "nothing shows the removal",
		trace:  func() []byte { return twice(modem).text("rproc_del", "releasing") },
		want:   []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: inconclusive, RUNNING"},
		reason: "remoteproc0 from line 25: line 25: it is registered again, and nothing shows that it was removed",
	},
	{
		name:  "the registration is a line only",
		trace: func() []byte { return twice(modem).text("rproc_add") },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name:  "the registration is a call only",
		trace: func() []byte { return twice(modem).text("console") },
		want:  []string{"modem until: inconclusive, unknown", "modem from: conforms, unknown"},
	},
	{
		name:   "neither is recorded",
		trace:  func() []byte { return twice(modem).text("rproc_add", "console") },
		want:   []string{"modem : inconclusive, unknown"},
		reason: "line 19: this can only come from the next life of the processor",
	},
	{
		name:   "a call only, and no removal: two processors may bear the name",
		trace:  func() []byte { return twice(modem).text("rproc_del", "console") },
		want:   []string{"modem until: inconclusive, unknown", "modem from: inconclusive, unknown"},
		reason: "modem from line 16: line 16: it is registered again, and nothing shows that it was removed: two processors may bear its name",
	},
	{
		name:   "the line is missing although lines are exact",
		trace:  func() []byte { return twice(modem).text("rproc_add", "is available") },
		want:   []string{"remoteproc0 : inconclusive, RUNNING"},
		reason: "this can only come from the next life",
	},
	{
		name: "no names in probes",
		trace: func() []byte {
			return bytes.ReplaceAll(bytes.ReplaceAll(twice(modem).text(), []byte(`name="modem"`), nil), []byte(`dev="4080000.remoteproc"`), nil)
		},
		want: []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "functions only",
		trace: func() []byte {
			return bytes.ReplaceAll(bytes.ReplaceAll(twice(modem).text("console", "wakeup_source", "workqueue"), []byte(`name="modem"`), nil), []byte(`dev="4080000.remoteproc"`), nil)
		},
		want: []string{"(unnamed) until: inconclusive, unknown", "(unnamed) from: inconclusive, unknown"},
	},
	{
		name: "tracepoints only",
		trace: func() []byte {
			return twice(modem).text("rproc_boot", "rproc_shutdown", "rproc_report_crash:", "rproc_crash_handler_work:", "rproc_del", "rproc_add", "pm_")
		},
		want: []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name:  "kernel log",
		trace: func() []byte { return twice(modem).log() },
		want:  []string{"remoteproc0 until: inconclusive, unknown", "remoteproc0 from: inconclusive, unknown"},
	},
	{
		name:  "kernel log of three lives",
		trace: func() []byte { return thrice(modem).log() },
		want:  []string{"remoteproc0 until: inconclusive, unknown", "remoteproc0 between: inconclusive, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name:  "three lives",
		trace: func() []byte { return thrice(modem).text() },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 between: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "a leak in the first life", kernel: "v6_0",
		trace: func() []byte { return leaky(1, true).text() },
		want:  []string{"remoteproc0 until: violates, DELETED; leaked", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "a leak in the first life, source lives on", kernel: "v6_0",
		trace: func() []byte { return leaky(1, false).text() },
		want:  []string{"remoteproc0 until: violates, DELETED; leaked ended", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "a leak in the second life", kernel: "v6_0",
		trace: func() []byte { return leaky(2, true).text() },
		want:  []string{"remoteproc0 until: conforms, DELETED", "remoteproc0 from: violates, OFFLINE; leaked open"},
	},
	{
		name: "a leak in both", kernel: "v6_0",
		trace: func() []byte { return leaky(3, true).text() },
		want:  []string{"remoteproc0 until: violates, DELETED; leaked", "remoteproc0 from: violates, OFFLINE; leaked open"},
	},
	{
		name: "a leak in the first life, removal not shown", kernel: "v6_0",
		trace: func() []byte { return leaky(1, false).text("rproc_del", "releasing") },
		want:  []string{"remoteproc0 until: violates, unknown; leaked ended", "remoteproc0 from: inconclusive, RUNNING"},
	},
	{
		name:  "the line is there twice",
		trace: func() []byte { return doubled(twice(modem).text(), "is available") },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING"},
	},
	{
		name: "a boot in the second life without a boot before",
		trace: func() []byte {
			s := &scene{task: 900}
			s.boot(modem)
			s.recovery(modem)
			s.del(modem, true)
			s.add(modem)
			s.task++
			s.shutdown(modem)
			return s.text()
		},
		want: []string{"remoteproc0 until: conforms, unknown", `remoteproc0 from: violates, unknown; "stopped remote processor modem" open`},
	},
	{
		name:  "the trace begins with a registration",
		trace: func() []byte { s := &scene{task: 900}; s.add(modem); s.boot(modem); s.recovery(modem); return s.text() },
		want:  []string{"remoteproc0 : conforms, RUNNING"},
	},
	{
		name: "records are lost before the registration",
		trace: func() []byte {
			return bytes.Replace(twice(modem).text(), []byte("              sh-905 "), []byte("CPU:0 [LOST 84 EVENTS]\n              sh-905 "), 1)
		},
		want:   []string{"remoteproc0 until: inconclusive, unknown", "remoteproc0 from: inconclusive, RUNNING"},
		reason: "remoteproc0 until line 29: records were lost at line 28",
	},
	{
		name: "the removal is among what was lost",
		trace: func() []byte {
			return bytes.Replace(twice(modem).text("rproc_del", "rproc_shutdown", "releasing"), []byte("              sh-905 "), []byte("CPU:0 [LOST 84 EVENTS]\n              sh-905 "), 1)
		},
		want: []string{"remoteproc0 until: inconclusive, unknown", "remoteproc0 from: inconclusive, RUNNING"},
	},
	{
		name:  "two processors change their numbers",
		trace: func() []byte { return swapped().text() },
		want:  []string{"remoteproc0 until: conforms, unknown", "remoteproc0 from: conforms, RUNNING", "remoteproc1 until: conforms, unknown", "remoteproc1 from: conforms, RUNNING"},
	},
	{
		name:  "two processors change their numbers, log",
		trace: func() []byte { return swapped().log() },
		want:  []string{"remoteproc0 until: inconclusive, unknown", "remoteproc0 from: inconclusive, unknown", "remoteproc1 until: inconclusive, unknown", "remoteproc1 from: inconclusive, unknown"},
	},
	{
		name:  "two processors of one name",
		trace: func() []byte { return namesakes().text() },
		want:  []string{"remoteproc0 : inconclusive, OFFLINE; startable open", "remoteproc1 : inconclusive, unknown"},
	},
	{
		name:  "two processors of one name, without lines",
		trace: func() []byte { return namesakes().text("console") },
		want:  []string{"imx-rproc until: inconclusive, unknown", "imx-rproc from: inconclusive, unknown"},
	},
	{
		name:  "functions without names, and one of two removed",
		trace: func() []byte { return pair(false).text("console") },
		want:  []string{"adsp : inconclusive, unknown", "modem until: inconclusive, unknown", "modem from: conforms, unknown"},
	},
	{
		name:  "functions without names, and two removed",
		trace: func() []byte { return pair(true).text("console") },
		want:  []string{"adsp : inconclusive, unknown", "modem : inconclusive, unknown"},
	},
	{
		name: "the number changes",
		trace: func() []byte {
			s := &scene{task: 900}
			s.boot(modem)
			s.recovery(modem)
			s.del(modem, true)
			b := modem
			b.device = "remoteproc4"
			s.add(b)
			s.boot(b)
			s.recovery(b)
			return s.text()
		},
		want: []string{"remoteproc0 until: conforms, unknown", "remoteproc4 from: conforms, RUNNING"},
	},
	{
		name: "the handler is still at work", kernel: "v6_2",
		trace:  func() []byte { return across().text() },
		want:   []string{"remoteproc0 until: conforms, DELETED", "remoteproc0 from: inconclusive, RUNNING"},
		reason: "something of the life before may still be at work",
	},
}

// older is twice in a kernel without 74ee3b2f5767.
func older(b bearer) *scene {
	s := &scene{task: 900, old: true}
	for range 2 {
		if s.ms > 0 {
			s.add(b)
		}
		s.boot(b)
		s.recovery(b)
		s.del(b, true)
	}
	return s
}

func thrice(b bearer) *scene {
	s := twice(b)
	s.del(b, true)
	s.add(b)
	s.boot(b)
	return s
}

// leaky leaks in the first life, the second, or both; in the end the driver destroys the wakeup source, or not.
func leaky(in int, destroys bool) *scene {
	s := &scene{task: 900, old: true}
	for i := range 2 {
		if i > 0 {
			s.add(modem)
		}
		s.boot(modem)
		if in&(1<<i) == 0 {
			s.recovery(modem)
		} else {
			s.leak(modem)
		}
		if i > 0 {
			break
		}
		s.del(modem, in&(1<<i) == 0)
		if destroys && in&(1<<i) != 0 {
			s.wake("sh", "d....", modem, false)
		}
	}
	return s
}

// swapped removes two processors and binds them the other way round.
func swapped() *scene {
	s := &scene{task: 900}
	adsp := bearer{"remoteproc1", "adsp", "3000000.remoteproc"}
	s.boot(modem)
	s.boot(adsp)
	s.recovery(modem)
	s.recovery(adsp)
	s.del(modem, true)
	s.del(adsp, true)
	m, a := modem, adsp
	m.device, a.device = a.device, m.device
	s.add(a)
	s.add(m)
	s.boot(a)
	s.boot(m)
	s.recovery(a)
	s.recovery(m)
	return s
}

// pair is two processors that are used, of which one or both are bound again while registrations bear no name.
func pair(both bool) *scene {
	s := &scene{task: 900}
	adsp := bearer{"remoteproc1", "adsp", "3000000.remoteproc"}
	s.boot(modem)
	s.boot(adsp)
	s.recovery(modem)
	s.recovery(adsp)
	s.del(modem, true)
	if both {
		s.del(adsp, true)
		s.add(adsp)
	}
	s.add(modem)
	s.boot(modem)
	s.recovery(modem)
	for i, l := range s.lines {
		if strings.Contains(l, "rproc_add: ") {
			s.lines[i] = l[:strings.Index(l, " name=")]
		}
	}
	return s
}

// namesakes are two processors of one name, of which the second one is bound later.
func namesakes() *scene {
	s := &scene{task: 900}
	a, b := bearer{"remoteproc0", "imx-rproc", "a.cm7"}, bearer{"remoteproc1", "imx-rproc", "b.cm7"}
	s.boot(a)
	s.add(b)
	s.boot(b)
	s.task++
	s.shutdown(a)
	s.task++
	s.shutdown(b)
	return s
}

// across is a handler that goes on while its processor is removed and bound again, as kernels without
// 74ee3b2f5767 allow.
func across() *scene {
	s := &scene{task: 900, old: true}
	s.boot(modem)
	s.report(modem)
	s.handler(modem, func() {
		s.say(modem, "handling crash #1 in %s", modem.name)
		kworker := s.task
		s.task += 10
		s.call("rproc_del", modem, "")
		s.ret("rproc_del", 0)
		s.say(modem, "releasing %s", modem.name)
		s.add(modem)
		s.task = kworker
	}, true)
	s.task += 20
	s.boot(modem)
	return s
}

// doubled repeats the lines that hold a text.
func doubled(trace []byte, text string) []byte {
	var b bytes.Buffer
	for l := range bytes.Lines(trace) {
		b.Write(l)
		if bytes.Contains(l, []byte(text)) {
			b.Write(l)
		}
	}
	return b.Bytes()
}

// log is what dmesg shows of it.
func (s *scene) log() []byte {
	var b bytes.Buffer
	for _, l := range s.lines {
		if before, text, ok := strings.Cut(l, ": console: "); ok {
			fmt.Fprintf(&b, "[  %s] %s\n", before[strings.LastIndexByte(before, ' ')+1:], text)
		}
	}
	return b.Bytes()
}

func TestLives(t *testing.T) {
	m := compile(t, "remoteproc")
	for _, tt := range lifeTests {
		res := run(t, m, tt.name, tt.trace(), validate.Options{Kernel: tt.kernel, Quiet: true})
		if diff := cmp.Diff(tt.want, told(res)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if !strings.Contains(strings.Join(res.Reasons, "\n"), tt.reason) {
			t.Errorf("%s: reasons %q", tt.name, res.Reasons)
		}
		lifeLines(t, tt.name, tt.trace(), res)
	}
}

// lifeLines: one life ends where the next one under its name begins, at the line that registers it.
func lifeLines(t *testing.T, name string, trace []byte, res *validate.Result) {
	t.Helper()
	lines := bytes.Split(trace, []byte("\n"))
	for i, s := range res.Subjects {
		if s.UntilLine > 0 && i+1 < len(res.Subjects) && res.Subjects[i+1].Name == s.Name && slices.Equal(res.Subjects[i+1].Aliases, s.Aliases) && res.Subjects[i+1].FromLine != s.UntilLine {
			t.Errorf("%s: %s ends at line %d, the next life begins at %d", name, s.Name, s.UntilLine, res.Subjects[i+1].FromLine)
		}
		if n := s.FromLine; n > 0 && !bytes.Contains(lines[n-1], []byte("rproc_add: ")) && !bytes.Contains(lines[n-1], []byte(" is available")) {
			t.Errorf("%s: %s begins at %q", name, s.Name, lines[n-1])
		}
	}
}
