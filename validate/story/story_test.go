package story

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/rproc"
)

// play tells lines to a new story, one second after the other. A line that begins with "!" is no line of
// the core: "!oops", "!begin", "!lost", "!end", "!enter F", "!exit F N", "!report", "!said X"; "+N" lets N
// seconds pass.
func play(lines []string, timed bool) *Story {
	t := New(&Log{})
	now := int64(0)
	for i, l := range lines {
		n := i + 1
		now += int64(time.Second)
		at := now
		if !timed {
			at = traces.NoTime
		}
		word, rest, _ := strings.Cut(l, " ")
		switch word {
		case "!oops":
			t.Oops(n, "Oops: 0000")
		case "!begin":
			t.Begin(n, "another boot begins")
		case "!lost":
			t.Lost(n)
		case "!start":
			t.HandlerStarts(n, at)
		case "!recovery":
			t.Recovery(n, at)
		case "!end":
			t.HandlerEnds(n, at)
		case "!report":
			t.Report(n, at, rest)
		case "!enter":
			t.Enter(rest)
		case "!exit":
			var fn string
			var ret int
			fmt.Sscan(rest, &fn, &ret)
			t.Exit(n, at, fn, ret)
		case "!removed":
			t.Removed(n, at)
		case "!again":
			t.Again(n)
		case "!said":
			t.Said(n, rest)
		default:
			var pass int64
			if c, err := fmt.Sscanf(l, "+%d", &pass); c == 1 && err == nil {
				now += pass * int64(time.Second)
				continue
			}
			if line, ok := rproc.Parse(l); ok {
				t.Line(n, at, line, l)
			}
		}
	}
	return t.Close(File{Lines: len(lines), Last: now, Seconds: timed})
}

const (
	crash   = "crash detected in a: type watchdog"
	handle  = "handling crash #1 in a"
	handle2 = "handling crash #2 in a"
	recover = "recovering a"
	stopped = "stopped remote processor a"
	up      = "remote processor a is now up"
	power   = "powering up a"
	image   = "Booting fw image a.mbn, size 7"
	avail   = "a is available"
)

func TestStories(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  []string // the sentence, then the episodes
	}{
		{"a boot", []string{avail, power, image, up}, []string{"up since line 4", "1-1 registered", "2-4 booted in 2.00 s"}},
		{"a boot that fails", []string{avail, power, "request_firmware failed: -2", "Boot failed: -2"}, []string{
			"off since line 3", "1-1 registered", "2-4 a boot failed: request_firmware failed: -2",
		}},
		{"a boot of which the error line is lost", []string{power, "Boot failed: -2"}, []string{"how it ends is not shown", "1-2 a boot failed: Boot failed: -2"}},
		{"a boot without end", []string{power, image, "+5"}, []string{"how it ends is not shown", "1-2 a boot began, and no end of it is shown; the log goes on for 1 line and 6.00 s"}},
		{"a boot refused", []string{"can't boot deleting rproc a"}, []string{"how it ends is not shown: there are no lines of level info", "1-1 a boot failed: can't boot deleting rproc a"}},
		{"a signal", []string{up, "can't lock rproc a: -4"}, []string{"up since line 1", "1-1 booted", "2-2 a request was interrupted by a signal: can't lock rproc a: -4"}},
		{"an attach", []string{"attaching to a", "remote processor a is now attached"}, []string{"attached since line 2", "1-2 attached in 1.00 s"}},
		{"an attach that fails", []string{avail, "attaching to a", "can't attach to rproc a: -5"}, []string{"detached since line 3", "1-1 registered", "2-3 an attach failed: can't attach to rproc a: -5"}},
		{"a recovery", []string{crash, handle, recover, stopped, up}, []string{"1 crash, recovered; up since line 5", "1-5 crash #1 (watchdog), recovered in 4.00 s"}},
		{"a recovery of an old kernel", []string{crash, handle, recover, stopped, power, image, up}, []string{"1 crash, recovered; up since line 7", "1-7 crash #1 (watchdog), recovered in 6.00 s"}},
		{"a recovery, info lines hidden", []string{crash, handle, recover, "x"}, []string{
			"1 crash, not shown to be recovered; in a recovery since line 3",
			"1-3 crash #1 (watchdog), its recovery began at line 3; the log shows no lines of level info, so its success would not be shown either",
		}},
		{"a recovery, cut off", []string{up, crash, handle, recover, stopped}, []string{
			"1 crash, not shown to be recovered; in a recovery since line 4", "1-1 booted",
			"2-5 crash #1 (watchdog), its recovery began at line 4 and came to the stop at line 5; there the log ends",
		}},
		{"some lines missing", []string{up, handle, stopped, up}, []string{"1 crash, recovered; up since line 4", "1-1 booted", "2-4 crash #1, recovered in 2.00 s; not shown: crash detected, recovering"}},
		{"the stop is missing", []string{up, crash, recover, up}, []string{"1 crash, recovered; up since line 4", "1-1 booted", "2-4 crash (watchdog), recovered in 2.00 s; not shown: handling crash, stopped"}},
		{"the start fails", []string{crash, handle, recover, stopped, "can't start rproc a: -22"}, []string{"1 crash, its recovery failed; off since line 4", "1-5 crash #1 (watchdog), its recovery failed in starting: can't start rproc a: -22"}},
		{"the stop fails", []string{crash, handle, recover, "can't stop rproc: -22"}, []string{"1 crash, its recovery failed; crashed since line 4", "1-4 crash #1 (watchdog), its recovery failed in stopping: can't stop rproc: -22"}},
		{"the firmware is gone", []string{crash, handle, recover, stopped, "request_firmware failed: -2"}, []string{"1 crash, its recovery failed; off since line 4", "1-5 crash #1 (watchdog), its recovery failed in loading the firmware: request_firmware failed: -2"}},
		{"an attach recovery", []string{crash, handle, recover, "detached remote processor a", "remote processor a is now attached"}, []string{"1 crash, recovered; attached since line 5", "1-5 crash #1 (watchdog), recovered by attaching again in 4.00 s"}},
		{"an attach recovery that fails", []string{crash, handle, recover, "detached remote processor a", "can't attach to rproc a: -5"}, []string{"1 crash, its recovery failed; detached since line 4", "1-5 crash #1 (watchdog), its recovery failed in attaching: can't attach to rproc a: -5"}},
		{"stopped before the handler", []string{crash, stopped}, []string{"1 crash, stopped before it was recovered; off since line 2", "1-2 crash (watchdog), stopped at line 2 before it was handled"}},
		{"stopped before the handler, then booted", []string{crash, stopped, power, up}, []string{"1 crash, stopped before it was recovered; up since line 4", "1-2 crash (watchdog), stopped at line 2 before it was handled", "3-4 booted in 1.00 s"}},
		{"detached before the handler, and recovered all the same", []string{crash, "detached remote processor a", handle, recover, stopped, up}, []string{
			"1 crash, recovered; up since line 6", "1-6 crash #1 (watchdog), detached at line 2 before it was handled, recovered in 5.00 s",
		}},
		{"detached and not handled", []string{crash, "detached remote processor a"}, []string{"1 crash, stopped before it was recovered; detached since line 2", "1-2 crash (watchdog), detached at line 2 before it was handled"}},
		{"not recovered but stopped", []string{crash, handle, stopped, power, image, up}, []string{"1 crash, stopped before it was recovered; up since line 6", "1-3 crash #1 (watchdog), not recovered but stopped at line 3", "4-6 booted in 2.00 s"}},
		{"no handler", []string{up, crash, "x"}, []string{"1 crash, not shown to be handled; up since line 1", "1-1 booted", "2-2 crash (watchdog), no handler line follows; the log goes on for 1 line and 1.00 s"}},
		{"the handler prints before the report", []string{up, handle, crash, recover, stopped, up}, []string{"1 crash, recovered; up since line 6", "1-1 booted", "2-6 crash #1 (watchdog), recovered in 4.00 s"}},
		{"a report long after the handler's line", []string{up, handle, recover, stopped, crash, up}, []string{
			"2 crashes, 1 of them recovered; up since line 6", "1-1 booted", "2-6 crash #1, recovered in 4.00 s; not shown: crash detected",
			"5-5 crash (watchdog), reported while #1 was being handled, no handler line follows; the log goes on for 1 line and 1.00 s",
		}},
		{"a head that is cut off in a handler", []string{handle, crash, recover, stopped, up}, []string{
			"2 crashes, 1 of them recovered; up since line 5", "1-5 crash #1, recovered in 4.00 s; not shown: crash detected",
			"2-2 crash (watchdog), reported while #1 was being handled, no handler line follows; the log goes on for 3 lines and 3.00 s",
		}},
		{"recovery disabled", []string{crash, handle}, []string{"1 crash, not shown to be recovered; crashed since line 2", "1-2 crash #1 (watchdog), handled, but no recovery of it follows; there the log ends"}},
		{"recovery asked for later", []string{crash, handle, recover, stopped, up}, []string{"1 crash, recovered; up since line 5", "1-5 crash #1 (watchdog), recovered in 4.00 s"}},
		{"a recovery of an earlier crash", []string{recover, stopped, up}, []string{"up since line 3", "1-3 a recovery of a crash that is not shown, recovered in 2.00 s"}},
		{"reports before the handler", []string{crash, crash, crash, handle, recover, stopped, up}, []string{"1 crash, recovered; up since line 7", "1-7 crash #1 (watchdog), reported 3 times, recovered in 6.00 s"}},
		{"a report in a recovery", []string{crash, handle, recover, crash, stopped, up, handle2, recover, stopped, up}, []string{
			"2 crashes, both recovered; up since line 10", "1-6 crash #1 (watchdog), recovered in 5.00 s", "4-10 crash #2 (watchdog), reported while #1 was being handled, recovered in 6.00 s",
		}},
		{"a loop", []string{crash, handle, recover, stopped, up, crash, handle2, recover, stopped, up, crash, "handling crash #3 in a", recover, stopped, up}, []string{
			"3 crashes, all recovered; a crash loop, at its shortest 5.00 s from one to the next; up since line 15",
			"1-5 crash #1 (watchdog), recovered in 4.00 s", "6-10 crash #2 (watchdog), recovered in 4.00 s", "11-15 crash #3 (watchdog), recovered in 4.00 s",
		}},
		{"three crashes and no loop", []string{crash, handle, recover, stopped, up, "+100", crash, handle2, recover, stopped, up, "+100", crash, "handling crash #3 in a", recover, stopped, up}, []string{
			"3 crashes, all recovered; up since line 17",
			"1-5 crash #1 (watchdog), recovered in 4.00 s", "7-11 crash #2 (watchdog), recovered in 4.00 s", "13-17 crash #3 (watchdog), recovered in 4.00 s",
		}},
		{"crashes are left out", []string{crash, handle, recover, up, crash, "handling crash #5 in a", recover, up}, []string{
			"2 crashes, both recovered; up since line 8", "1-4 crash #1 (watchdog), recovered in 3.00 s; not shown: stopped", "5-8 crash #5 (watchdog), recovered in 3.00 s; not shown: stopped; #2 to #4 before it are not shown",
		}},
		{"an Oops", []string{up, crash, handle, recover, "!oops"}, []string{"1 crash, not shown to be recovered; crashed since line 4", "1-1 booted", "2-4 crash #1 (watchdog), and at line 5 the kernel failed while it was being handled: Oops: 0000"}},
		{"an Oops beside a recovery", []string{crash, handle, recover, "!oops", stopped, up}, []string{"1 crash, recovered; up since line 6", "1-6 crash #1 (watchdog), recovered in 5.00 s; meanwhile the kernel failed at line 4: Oops: 0000"}},
		{"a reboot", []string{crash, handle, recover, "!begin", avail, power, up}, []string{"1 crash, not shown to be recovered; up since line 7", "1-3 crash #1 (watchdog), and at line 4 another boot begins", "5-5 registered", "6-7 booted in 1.00 s"}},
		{"the same number after a reboot", []string{crash, handle, recover, stopped, up, "!begin", avail, crash, handle, recover, stopped, up}, []string{
			"2 crashes, both recovered; up since line 12", "1-5 crash #1 (watchdog), recovered in 4.00 s", "7-7 registered", "8-12 crash #1 (watchdog), recovered in 4.00 s",
		}},
		{"removed", []string{up, crash, stopped, "releasing a"}, []string{"1 crash, stopped before it was recovered; removed since line 4", "1-1 booted", "2-3 crash (watchdog), not recovered: it was removed at line 4", "4-4 removed"}},
		{"removed by a call", []string{up, stopped, "!removed", "x", "releasing a"}, []string{"removed since line 3", "1-1 booted", "2-2 stopped", "3-5 removed in 2.00 s"}},
		{"bound again", []string{crash, handle, recover, "!again"}, []string{"1 crash, not shown to be recovered; crashed since line 3", "1-3 crash #1 (watchdog), and at line 4 it was registered again"}},
		{"the firmware speaks", []string{"!said fatal error received: x", crash}, []string{"1 crash, not shown to be handled; how it ends is not shown: there are no lines of level info", "2-2 crash (watchdog), no handler line follows; there the log ends"}},
		{"probes and lines", []string{"!report watchdog", crash, "!start", handle, recover, "!enter rproc_stop", stopped, "!exit rproc_stop 0", "!enter rproc_start", up, "!exit rproc_start 0", "!end"}, []string{"1 crash, recovered; up since line 10", "1-10 crash #1 (watchdog), recovered in 9.00 s"}},
		{"probes alone", []string{"!report watchdog", "!start", "!recovery", "!enter rproc_stop", "!exit rproc_stop 0", "!enter rproc_start", "!exit rproc_start -5", "!end"}, []string{"1 crash, its recovery failed; off since line 5", "1-7 crash (watchdog), its recovery failed in starting: rproc_start() returned -5"}},
		{"a handler that does nothing", []string{"!report watchdog", "!start", "!end"}, []string{"1 crash, not shown to be handled; how it ends is not shown: there are no lines of level info", "1-1 crash (watchdog), which its handler, over at line 3, did not handle"}},
		{"recovery disabled, twice", []string{crash, "!start", handle, "!end", crash, "!start", "!end", recover, stopped, up}, []string{
			"2 crashes, 1 of them recovered; up since line 10", "1-3 crash #1 (watchdog), handled, but no recovery of it follows; the log goes on for 7 lines and 7.00 s",
			"5-5 crash (watchdog), which its handler, over at line 7, did not handle", "8-10 the recovery of #1, asked for, recovered in 2.00 s",
		}},
	} {
		s := play(c.lines, true)
		got := []string{s.Text}
		for _, e := range s.Episodes {
			got = append(got, fmt.Sprintf("%d-%d %s", e.Line, e.Last, e.Text))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What was pasted twice, or printed twice by a console without times, is told once.
func TestRepeated(t *testing.T) {
	block := []string{crash, handle, recover, stopped, up}
	for name, lines := range map[string][]string{
		"pasted twice":         append(slices.Clone(block), block...),
		"every line twice":     {crash, crash, handle, handle, recover, recover, stopped, stopped, up, up},
		"echoed in the middle": {crash, handle, crash, handle, recover, stopped, up},
	} {
		s := play(lines, false)
		if s.Crashes != 1 || s.End != Up || s.Recovered != 1 || s.Loop {
			t.Errorf("%s: %s: %s", name, s.Text, telling(s))
		}
	}
}

func telling(s *Story) (all []string) {
	for _, e := range s.Episodes {
		all = append(all, e.Text)
	}
	return all
}

// Without a clock no time is told, and no loop.
func TestNoClock(t *testing.T) {
	s := play([]string{crash, handle, recover, stopped, up, crash, handle2, recover, stopped, up, crash, "handling crash #3 in a", recover, stopped, up}, false)
	if s.Loop || s.Shortest != nil || s.Episodes[0].Seconds != nil || strings.Contains(s.Text, " s ") {
		t.Errorf("%s", s.Text)
	}
}

// A clock of whole seconds is not made finer than it is.
func TestCoarse(t *testing.T) {
	te := New(&Log{})
	for i, l := range []string{crash, handle, recover, stopped, up} {
		line, _ := rproc.Parse(l)
		te.Line(i+1, int64(i)*int64(time.Second), line, l)
	}
	s := te.Close(File{Lines: 5, Last: 4e9, Seconds: true, Coarse: true})
	if got := s.Episodes[0].Text; got != "crash #1 (watchdog), recovered in about 4 s" {
		t.Error(got)
	}
}

// Whatever comes in whatever order, a story stays within its bounds and its lines.
func TestAnyOrder(t *testing.T) {
	words := []string{
		crash, handle, handle2, "handling crash #3 in a", recover, stopped, up, power, image, avail, "attaching to a", "remote processor a is now attached",
		"detached remote processor a", "can't stop rproc: -22", "can't start rproc a: -22", "can't attach to rproc a: -5", "Boot failed: -22", "releasing a", "can't lock rproc a: -4",
		"!oops", "!begin", "!lost", "!start", "!end", "!recovery", "!report watchdog", "!enter rproc_stop", "!exit rproc_stop 0", "!exit rproc_start -5", "!exit rproc_start 0", "!removed", "!again",
	}
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 7))
		lines := make([]string, 1+r.IntN(60))
		if seed%100 == 0 {
			lines = make([]string, 1500)
		}
		for i := range lines {
			lines[i] = words[r.IntN(len(words))]
		}
		s := play(lines, seed%2 == 0)
		if s.Recovered > s.Crashes || len(s.Episodes) > keepFirst+keepLast || s.Text == "" || s.EndLine > len(lines) {
			t.Fatalf("seed %d: %+v", seed, s)
		}
		for _, e := range s.Episodes {
			if e.Text == "" || e.Outcome == "" || e.Line < 1 || e.Last < e.Line || e.Last > len(lines) || len(e.Steps) == 0 || len(e.Steps) > maxSteps || e.Outcome == Failed && e.Reason == "" {
				t.Fatalf("seed %d: %+v", seed, e)
			}
		}
		b, err := json.Marshal(s)
		if err != nil || strings.Contains(string(b), `"episodes":null`) || strings.Contains(string(b), `"missing":null`) || strings.Contains(string(b), `"steps":null`) {
			t.Fatalf("seed %d: %v, %s", seed, err, b)
		}
	}
}

func TestIsOops(t *testing.T) {
	for text, want := range map[string]bool{
		"Internal error: synchronous external abort: 0000000096000210 [#1] SMP":                true,
		"Unable to handle kernel NULL pointer dereference at virtual address 0000000000000000": true,
		"Kernel panic - not syncing: Fatal exception":                                          true,
		"BUG: kernel NULL pointer dereference, address: 0000000000000000":                      true,

		"remoteproc: no Oops here": false,
		"":                         false,
	} {
		if IsOops(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}
