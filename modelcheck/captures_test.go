package modelcheck

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
)

// Every capture is a behaviour of the machine that the checker explores: what a real kernel recorded of
// one processor (lines of the core, edges of the wakeup source, the work item queued, begun and ended),
// in its order and with nothing else of these kinds in between, is a word of the explored instance. The
// instance starts as many activations as the capture shows entries.

// captured is what a capture shows of one processor.
type captured struct {
	words []string
	calls map[string]int // entries of the functions that users and drivers call
}

// The processors of the captures: device, name, wakeup source.
var captureNames = [][3]string{
	{"remoteproc0", "modem", "rproc-dummy.0"},
	{"remoteproc1", "adsp", "rproc-dummy.1"},
	{"remoteproc2", "m4", "rproc-dummy.2"},
	{"remoteproc3", "cm33", "rproc-dummy.3"},
}

// readCaptured reads a capture that concerns one processor only; false if it concerns several, or none.
func readCaptured(t *testing.T, file string, m *machine.Machine) (captured, bool) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := ftrace.New(f, file, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := captured{calls: map[string]int{}}
	who := map[int]bool{}
	var rec traces.Record
	for {
		err := r.Read(&rec)
		if errors.Is(err, io.EOF) {
			return c, len(who) == 1
		}
		if err != nil {
			t.Fatal(err)
		}
		c.record(&rec, m, who)
	}
}

func (c *captured) record(rec *traces.Record, m *machine.Machine, who map[int]bool) {
	const handler = "rproc_crash_handler_work"
	is := func(name string, i int) bool {
		at := slices.IndexFunc(captureNames, func(n [3]string) bool { return n[i] == name })
		if at >= 0 {
			who[at] = true
		}
		return at >= 0
	}
	switch {
	case rec.Kind == traces.EdgeOn && is(rec.Name, 2):
		c.words = append(c.words, "awake becomes active")
	case rec.Kind == traces.EdgeOff && is(rec.Name, 2):
		c.words = append(c.words, "awake becomes inactive")
	case rec.Kind == traces.Queue && rec.Func == handler:
		c.words = append(c.words, "queues crash_handler")
	case rec.Kind == traces.Start && rec.Func == handler:
		c.words = append(c.words, handler+" starts")
	case rec.Kind == traces.End && rec.Func == handler:
		c.words = append(c.words, handler+" ends")
	case rec.Kind == traces.Log && is(rec.Device, 0):
		if line := lineOf(m, rec.Text); line != "" {
			c.words = append(c.words, line)
		}
	case rec.Kind == traces.Enter:
		c.calls[rec.Func]++
	}
}

// lineOf gives the label of a log line: its level and pattern.
func lineOf(m *machine.Machine, text string) string {
	for _, n := range m.Nodes[1:] {
		for _, p := range n.Patterns {
			if _, ok := p.Match(text); ok {
				return fmt.Sprintf("log %s %q", n.Level, p.Text)
			}
		}
	}
	return ""
}

// accepts follows words through the explored instance, and gives how many of them it can follow.
func accepts(t *testing.T, m *machine.Machine, kernel string, words []string) int {
	t.Helper()
	sp, err := newSpace(m, &Options{Kernel: kernel, allSteps: true})
	if err != nil {
		t.Fatal(err)
	}
	l := &labels{ids: map[Event]int32{}}
	s := newSide(sp, kernel, l)
	in := map[uint32]bool{}
	for _, init := range sp.inits {
		if id, ok := s.state(init); ok {
			in[id] = true
		}
	}
	for n, w := range words {
		in = closure(s, in)
		next := map[uint32]bool{}
		for id := range in {
			for _, a := range s.out(id) {
				if l.word(a.label) == w {
					next[a.to] = true
				}
			}
		}
		if len(next) == 0 {
			return n
		}
		in = next
	}
	return len(words)
}

// closure adds what follows without a word.
func closure(s *side, in map[uint32]bool) map[uint32]bool {
	ids := slices.Collect(maps.Keys(in))
	for i := 0; i < len(ids); i++ {
		for _, a := range s.out(ids[i]) {
			if s.labels.word(a.label) == "" && !in[a.to] {
				in[a.to] = true
				ids = append(ids, a.to)
			}
		}
	}
	return in
}

// word is a label without its thread, "" if a capture does not show it.
func (l *labels) word(label int32) string {
	if label == silent {
		return ""
	}
	e := l.all[label]
	switch {
	case e.What == "is called":
		return ""
	case e.What == "starts" || e.What == "ends":
		if e.Thread != "rproc_crash_handler_work" {
			return ""
		}
		return e.Thread + " " + e.What
	}
	return e.What
}

// explored is an instance with the activations of a capture, from every state that a processor rests in.
const explored = `module explored extends %s
%s
explore {
  start state in { OFFLINE, RUNNING, ATTACHED, DETACHED, CRASHED }, power in { 0, 1 }, has_wakeup = true, can_stop = true, can_detach = true
  spawn %s
}
`

// design says which specification and profile a kernel of the captures is.
func design(dir string) (spec, fix, kernel string) {
	spec, kernel = "remoteproc", "v6_1_190"
	switch {
	case strings.Contains(dir, "v60"):
		fix = "fix relax_when_offline = false"
	case strings.Contains(dir, "arnaud"):
		spec = "remoteproc_quick_patch"
	case strings.Contains(dir, "failed"):
		spec = "remoteproc_recovery_failed_as_coded"
	case strings.Contains(dir, "6.12"):
		kernel = "v6_12"
	}
	return spec, fix, kernel
}

// instance compiles the instance of a capture, with more activations than it shows if asked for.
func (c *captured) instance(t *testing.T, dir, more string) (*machine.Machine, string) {
	t.Helper()
	spec, fix, kernel := design(dir)
	var spawn []string
	for _, f := range []string{"rproc_report_crash", "rproc_boot", "rproc_shutdown", "rproc_detach"} {
		if n := c.calls[f]; n > 0 {
			spawn = append(spawn, fmt.Sprintf("%s * %d", f, n))
		}
	}
	m, err := spectest.Compile(fmt.Sprintf(explored, spec, fix, strings.Join(spawn, ", ")+more))
	if err != nil {
		t.Fatal(err)
	}
	return m, kernel
}

// follow tells whether a capture is a behaviour; if not, which word is the first that is none. That somebody
// sets recovery_disabled, and asks for a recovery, is tried where it is no behaviour without.
func (c *captured) follow(t *testing.T, dir string) (int, bool) {
	t.Helper()
	for _, more := range []string{"", ", driver_sets_recovery * 1, rproc_trigger_recovery * 1"} {
		m, kernel := c.instance(t, dir, more)
		n := accepts(t, m, kernel, c.words)
		if n == len(c.words) || more != "" || c.calls["rproc_trigger_recovery"] == 0 {
			return n, n == len(c.words)
		}
	}
	return 0, false
}

func TestCaptures(t *testing.T) {
	files, _ := filepath.Glob("../../shared/captures/*/*.kprobe.txt")
	if len(files) == 0 {
		t.Skip("the captures are not there: nothing to follow")
	}
	if testing.Short() {
		files = files[:8]
	}
	base := spectest.Shipped(t, "remoteproc")
	followed := 0
	for _, file := range files {
		c, one := readCaptured(t, file, base)
		if !one || len(c.words) == 0 || strings.Contains(file, "nowake") {
			continue
		}
		followed++
		dir := filepath.Base(filepath.Dir(file))
		if n, ok := c.follow(t, dir); !ok {
			t.Errorf("%s: no behaviour goes on with word %d of %d, %s", file, n+1, len(c.words), c.words[n])
		}
		if i := slices.IndexFunc(c.words, func(w string) bool { return strings.Contains(w, "handling crash") }); i >= 0 {
			c.words = slices.Delete(c.words, i, i+1)
			m, kernel := c.instance(t, dir, "")
			if accepts(t, m, kernel, c.words) == len(c.words) {
				t.Errorf("%s: without the handler's line it is a behaviour as well", file)
			}
		}
	}
	if followed < 5 {
		t.Errorf("only %d captures concern one processor", followed)
	}
}
