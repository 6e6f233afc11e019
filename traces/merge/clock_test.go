package merge

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
	"github.com/rprocspec/rprocspec/traces/klog"
)

// TestUnproven holds the rule about distances between clocks against cases at its edges.
func TestUnproven(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	at := func(times ...time.Duration) (all []pair) {
		for i := 0; i < len(times); i += 2 {
			all = append(all, pair{fmt.Sprint("line ", i/2), i/2 + 1, times[i], times[i+1]})
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		pairs []pair
		res   time.Duration
		want  string // "" for proven
	}{
		{"one distance", at(0, 7*ms, 250*ms, 257*ms), us, ""},
		{"printed some time after", at(0, 7*ms, 250*ms, 257*ms+400*us, 900*ms, 907*ms+20*us), us, ""},
		{"too long after", at(0, 7*ms, 250*ms, 257*ms+600*us), us, "from its line 1 (line 0) to its line 2 (line 1) it counts 250ms, and the trace 250.6ms"},
		{"too early", at(0, 7*ms, 250*ms, 256*ms), us, "it counts 250ms, and the trace 249ms"},
		{"one of many does not fit", at(0, 7*ms, 250*ms, 257*ms, 300*ms, 320*ms, 400*ms, 407*ms), us, "another boot"},
		{"a crystal's error", at(0, 7*ms, 100*time.Second, 100*time.Second+17*ms), us, ""},
		{"more than that", at(0, 7*ms, 100*time.Second, 100*time.Second+18*ms), us, "another boot"},
		{"close together", at(0, 7*ms, 10*ms, 17*ms), us, "are within 10ms, as they would be in any other boot: one distance between the clocks needs lines that are 10.02ms apart"},
		{"just far enough", at(0, 7*ms, 10*ms+20*us, 17*ms+20*us), us, ""},
		{"one line", at(0, 7*ms), us, "are within 0s"},
		{"coarse times", at(0, 7*ms, 10*time.Second, 10*time.Second), time.Second, "needs lines that are 20.01s apart"},
		{"coarse times, far apart", at(0, 7*ms, 30*time.Second, 30*time.Second+900*ms), time.Second, ""},
		{"no times", nil, us, "none has a time"},
	} {
		if got := unproven(tt.pairs, tt.res); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestResolution(t *testing.T) {
	for want, times := range map[time.Duration][]int64{
		time.Second: {5e9, 0, traces.NoTime}, time.Microsecond: {5e9, 1234567000}, 10 * time.Millisecond: {10_010_000_000, 3e9}, 1: {1, 5e9},
	} {
		l := &Lines{}
		for _, at := range times {
			l.recs = append(l.recs, &traces.Record{Time: at})
		}
		if got := l.resolution(); got != want {
			t.Errorf("%v: %v, want %v", times, got, want)
		}
	}
}

// TestForeignLogs ties the traces of one scenario in several kernels to the logs of all of them: each takes its own. Only in
// that of the stock kernel one line came 1.2 ms late.
func TestForeignLogs(t *testing.T) {
	const dir = "../../../shared/captures"
	logs, _ := filepath.Glob(filepath.Join(dir, "*", "S2a.kprobe.dmesg.txt"))
	if len(logs) < 2 {
		t.Skip("no captures")
	}
	for _, log := range logs {
		file := strings.TrimSuffix(log, ".dmesg.txt") + ".txt"
		for _, other := range logs {
			why := tied(t, file, other)
			late := strings.Contains(log, "-stock")
			if own := log == other; (why == "") != (own && !late) {
				t.Errorf("%s and %s: %q", file, other, why)
			}
		}
	}
}

// tied says why a log does not belong to a trace; "" if it does.
func tied(t *testing.T, trace, log string) string {
	t.Helper()
	l, err := os.Open(log)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	kr, err := klog.New(l, log, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines, err := ReadLines(kr, log)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := ftrace.New(f, trace, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := lines.Marks(tr)
	if err != nil {
		t.Fatal(err)
	}
	return m.Why()
}
