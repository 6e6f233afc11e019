package machine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

const source = `module m
subject s
enum State { OFF, GONE if old, ON }
feature old: bool
feature fixed: bool
device has_wakeup: bool
var state: State = OFF
var power: -1..2 = 0
var disabled: bool
mutex  l
wakeup awake if has_wakeup
work   handler runs handle
transitions state {
  OFF -> ON
  warning ON -> OFF
  any -> GONE if old
}
process report {
  stay_awake awake
  queue handler
  log err "crash in {name}, power {power}"
}
process handle {
  lock l
  if state == OFF {
    unlock l
    if fixed { relax awake }
    return
  }
  unlock l
  if !disabled { start() else skip }
  relax awake
}
procedure start -> result {
  either { state := ON } or { log err "no {_} of {name}"; fail EIO }
}
process stop(force: bool) -> result {
  local ret: result
  lock l interruptible else fail EINTR
  if force && state == ON { state := OFF }
  ret := start()
  unlock l
  return ret
}
process sets unobserved { either { disabled := true } or { disabled := false } }
balance awake held by report, handler
invariant sane: state == ON => power >= 0
`

func compile(t *testing.T, src string) *machine.Machine {
	t.Helper()
	mod, err := lang.Parse("m.rps", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(mod, nil)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	m, err := machine.Compile(info)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// state gives a state with the named globals set, features and devices open unless set.
func state(m *machine.Machine, set map[string]machine.Val) machine.State {
	s := make(machine.State, m.NumGlobals)
	for i, g := range m.Globals {
		if g.Kind <= machine.DeviceGlobal {
			s[i] = machine.Open
		}
		if v, ok := set[g.Name()]; ok {
			s[i] = v
		}
	}
	return s
}

// spawn adds an activation of a process and gives its offset.
func spawn(m *machine.Machine, s machine.State, name string) (machine.State, int) {
	off := len(s)
	s = append(s, make(machine.State, m.FrameSize)...)
	m.Start(s, off, m.Proc(name))
	return s, off
}

// edges words the ways out of an activation.
func edges(m *machine.Machine, table [][]*machine.Edge, s machine.State, off int) []string {
	var out []string
	for _, e := range table[s[off+machine.FramePC]] {
		line := 0
		if e.Node.Span.Start.IsValid() {
			line = e.Node.Span.Start.Line
		}
		v, _, _ := m.Exec(append(machine.State(nil), s...), off, e, machine.Whole)
		word := map[machine.Val]string{0: "no", 1: "yes", machine.Open: "open"}[v]
		out = append(out, fmt.Sprintf("%d:%d %s", e.Node.Kind, line, word))
	}
	return out
}

func TestStepsPassThroughRecords(t *testing.T) {
	m := compile(t, source)
	s, off := spawn(m, state(m, nil), "report")
	micro, steps := m.Micro[s[off]], m.Steps[s[off]]
	if len(micro) != 1 || micro[0].Node.Kind != machine.ObsEnter {
		t.Fatalf("Micro of an entry: %v", edges(m, m.Micro, s, off))
	}
	if len(steps) != 1 || steps[0].Node.Kind != machine.Awake {
		t.Fatalf("Steps of an entry: %v", edges(m, m.Steps, s, off))
	}
}

func TestOpenConstantsAreNamed(t *testing.T) {
	m := compile(t, source)
	s, off := spawn(m, state(m, nil), "report")
	v, loc, _ := m.Exec(s, off, m.Steps[s[off]][0], machine.Whole)
	if v != machine.Open || int(loc) != m.Global("has_wakeup") {
		t.Fatalf("stay_awake of an unknown source: %v at %d", v, loc)
	}
	s, off = spawn(m, state(m, map[string]machine.Val{"has_wakeup": 1}), "report")
	v, _, eff := m.Exec(s, off, m.Steps[s[off]][0], machine.Whole)
	if v != 1 || eff.Edge != 1 || s[m.Wakeups[0].Global] != 1 {
		t.Fatalf("stay_awake: %v, edge %d", v, eff.Edge)
	}
}

func TestQueueSplits(t *testing.T) {
	m := compile(t, source)
	for mode, want := range map[machine.Mode]machine.Val{machine.Whole: 1, machine.Split: machine.Inserting} {
		s, off := spawn(m, state(m, map[string]machine.Val{"has_wakeup": 0}), "report")
		for s[m.Works[0].Pending] == 0 {
			if v, _, _ := m.Exec(s, off, m.Steps[s[off]][0], mode); v != 1 {
				t.Fatal("stuck")
			}
		}
		if got := s[m.Works[0].Pending]; got != want {
			t.Errorf("mode %d: pending %d, want %d", mode, got, want)
		}
		if m.CanStart(s, 0) != (mode == machine.Whole) {
			t.Errorf("mode %d: a worker may start: %v", mode, m.CanStart(s, 0))
		}
		m.Insert(s, 0)
		if !m.CanStart(s, 0) {
			t.Errorf("mode %d: no worker may start an inserted item", mode)
		}
	}
}

func TestInterruptedLockNotInWork(t *testing.T) {
	m := compile(t, source)
	s, off := spawn(m, state(m, nil), "stop")
	want := []string{"11:39 yes", "23:44 yes"} // take the lock, or end interrupted
	if d := cmp.Diff(want, edges(m, m.Steps, s, off)); d != "" {
		t.Errorf("ways of an interruptible lock (-want +got):\n%s", d)
	}
	s[m.Mutexes[0]] = 1
	if d := cmp.Diff("11:39 no", edges(m, m.Steps, s, off)[0]); d != "" {
		t.Errorf("a held lock (-want +got):\n%s", d)
	}
}

func TestRefusalNamesTheConjunct(t *testing.T) {
	m := compile(t, source)
	s, off := spawn(m, state(m, nil), "stop")
	m.Exec(s, off, m.Steps[s[off]][0], machine.Whole)
	s[off+machine.FrameRegs] = 1 // force
	var refused []string
	for _, e := range m.Steps[s[off]] {
		if c := m.Refusal(s, off, e); c != nil {
			refused = append(refused, fmt.Sprintf("%s at line %d", c.Text, c.Span.Start.Line))
		}
	}
	if d := cmp.Diff([]string{"state == ON at line 40"}, refused); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestNumbersFollowFeatures(t *testing.T) {
	m := compile(t, source)
	e := m.Info.Enums[0]
	for old, want := range map[machine.Val]int{0: 1, 1: 2} {
		if n, _, ok := m.Number(e, 2, state(m, map[string]machine.Val{"old": old})); !ok || n != want {
			t.Errorf("old=%d: ON is %d, want %d", old, n, want)
		}
	}
	if _, loc, ok := m.Number(e, 2, state(m, nil)); ok || int(loc) != m.Global("old") {
		t.Errorf("open: decided %v at %d", ok, loc)
	}
}

func TestResponsibility(t *testing.T) {
	m := compile(t, source)
	b := m.Balances[0]
	for _, tt := range []struct {
		fixed machine.Val
		want  bool
	}{{0, false}, {1, true}, {machine.Open, true}} {
		s := state(m, map[string]machine.Val{"fixed": tt.fixed})
		var at *machine.Node
		for _, n := range m.Nodes[1:] {
			if n.Kind == machine.Unlock && n.Span.Start.Line == 26 {
				at = n.Next
			}
		}
		if got := m.Responsible(b, at, s); got != tt.want {
			t.Errorf("fixed=%d: after the early return's unlock responsible %v, want %v", tt.fixed, got, tt.want)
		}
	}
}

// TestResponsibilityOfManyValues: what is remembered for some values of constants is not taken for others, however
// many there are.
func TestResponsibilityOfManyValues(t *testing.T) {
	const text = "module m\nsubject s\n%sdevice port: 0..9\nwakeup awake\nbalance awake held by hold\n" +
		"process hold { stay_awake awake; if port == 4 { relax awake } }\n"
	more := ""
	for i := range 7 {
		more += fmt.Sprintf("device d%d: 0..999\n", i)
	}
	for _, src := range []string{fmt.Sprintf(text, ""), fmt.Sprintf(text, more)} {
		m := compile(t, src)
		for _, port := range []machine.Val{0, 4, 8, 3, machine.Open, 4, 9} {
			s := state(m, map[string]machine.Val{"port": port})
			if got := m.Responsible(m.Balances[0], m.Proc("hold").Entry, s); got != (port == 4 || port == machine.Open) {
				t.Errorf("port %d: responsible %v", port, got)
			}
		}
	}
}

func TestLeakedAndPremature(t *testing.T) {
	m := compile(t, source)
	b := m.Balances[0]
	for _, tt := range []struct {
		set              map[string]machine.Val
		leaked, premture bool
	}{
		{map[string]machine.Val{"has_wakeup": 1, "awake": 1}, true, false},
		{map[string]machine.Val{"has_wakeup": 1, "awake": 1, "handler.pending": 1}, false, false},
		{map[string]machine.Val{"has_wakeup": 1, "handler.pending": 1}, false, true},
		{map[string]machine.Val{"has_wakeup": 0, "handler.pending": 1}, false, false},
		{map[string]machine.Val{"handler.pending": 1}, false, false},
		{map[string]machine.Val{"has_wakeup": 1, "awake": machine.Open}, false, false},
	} {
		s := state(m, tt.set)
		if l, p := m.Leaked(b, s), m.Premature(b, s); l != tt.leaked || p != tt.premture {
			t.Errorf("%v: leaked %v, premature %v", tt.set, l, p)
		}
	}
}

func TestTransitions(t *testing.T) {
	m := compile(t, source)
	tr := m.Trans[0]
	for _, tt := range []struct {
		from, to machine.Val
		old      machine.Val
		want     machine.Permit
	}{
		{0, 2, 0, machine.Allowed},
		{2, 0, 0, machine.Warned},
		{2, 2, 0, machine.Allowed},
		{2, 1, 0, machine.Forbidden},
		{2, 1, 1, machine.Allowed},
		{2, 1, machine.Open, machine.Allowed},
		{machine.Open, 1, 0, machine.Allowed},
	} {
		if got := tr.Check(tt.from, tt.to, state(m, map[string]machine.Val{"old": tt.old})); got != tt.want {
			t.Errorf("%d -> %d with old=%d: %d, want %d", tt.from, tt.to, tt.old, got, tt.want)
		}
	}
}

// TestTooLarge: calls that double the machine again and again are refused with a place.
func TestTooLarge(t *testing.T) {
	src := "module m\nsubject s\nvar x: 0..3 = 0\nprocedure p0 { x := 1 }\n"
	for i := range 40 {
		src += fmt.Sprintf("procedure p%d { p%d(); p%d() }\n", i+1, i, i)
	}
	mod, err := lang.Parse("m.rps", []byte(src+"process top { p40() }\n"))
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(mod, nil)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	_, err = machine.Compile(info)
	if err == nil || !strings.Contains(err.Error(), "more than 65536 program points [limit]") || !strings.HasPrefix(err.Error(), "m.rps:") {
		t.Errorf("got %v", err)
	}
}

func TestHavoc(t *testing.T) {
	m := compile(t, source)
	for _, g := range m.Globals {
		if g.Havoc != (g.Name() == "disabled") {
			t.Errorf("%s: havoc %v", g.Name(), g.Havoc)
		}
	}
}

func TestPatterns(t *testing.T) {
	m := compile(t, source)
	var ps []*machine.Pattern
	for _, n := range m.Nodes[1:] {
		ps = append(ps, n.Patterns...)
	}
	match := func(line string) string {
		var out []string
		for _, p := range ps {
			if h, ok := p.Match(line); ok {
				out = append(out, fmt.Sprintf("%s name=%s %d values", p.Text, h.Name, len(h.Values)))
			}
		}
		return strings.Join(dedupe(out), "; ")
	}
	for line, want := range map[string]string{
		"crash in modem, power 2": "crash in {name}, power {power} name=modem 1 values",
		"crash in , power 2":      "",
		"crash in modem, power":   "",
		"no fw of modem":          "no {_} of {name} name=modem 0 values",
	} {
		if got := match(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// TestPatternOfConst: a const in a pattern is its value, and nothing else.
func TestPatternOfConst(t *testing.T) {
	m := compile(t, "module m\nsubject s\nenum Color { RED \"red\", BLUE }\nconst MOST: 0..9 = 3\nconst HUE: Color = RED\n"+
		"const YES: bool = true\nvar x: 0..9 = 0\nprocess p { x := MOST; log err \"{name}: {x} of {MOST}, {HUE} {YES} {{{_}\" }\n")
	var ps []*machine.Pattern
	for _, n := range m.Nodes[1:] {
		ps = append(ps, n.Patterns...)
	}
	if got := ps[0].Fill(state(m, map[string]machine.Val{"x": 7}), nil, "adsp"); got != "adsp: 7 of 3, red 1 {0" {
		t.Errorf("it is printed as %q", got)
	}
	for line, want := range map[string]bool{"adsp: 7 of 3, red 1 {x": true, "adsp: 7 of 4, red 1 {x": false, "adsp: 7 of 3, BLUE 1 {x": false} {
		if m, ok := ps[0].Match(line); ok != want || ok && (m.Name != "adsp" || len(m.Values) != 1) {
			t.Errorf("%s: %v, %v", line, m, ok)
		}
	}
}

func dedupe(ss []string) []string {
	var out []string
	for _, s := range ss {
		if len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}

// TestDeterministic compiles twice: the same graph, node by node.
func TestDeterministic(t *testing.T) {
	a, b := compile(t, source), compile(t, source)
	word := func(m *machine.Machine) []string {
		var out []string
		for _, n := range m.Nodes[1:] {
			out = append(out, fmt.Sprintf("%d %d %v %d %d", n.ID, n.Kind, n.Span.Start, len(m.Steps[n.ID]), len(m.Micro[n.ID])))
		}
		return out
	}
	if d := cmp.Diff(word(a), word(b)); d != "" {
		t.Error(d)
	}
}
