package machine_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang/machine"
)

const eventSpec = `
module events
subject dev
enum Mode { off, on "up and running" }
var mode: Mode = off
var n: 0..9 = 0
process p(word: bool) {
  event whole("{name} is {mode}, {_}")
  event fields("{name}", "crash stop", "{_}")
  event values("{name}", mode, n + 1, word)
  event none
  event same("{name}", "{name}")
}
`

func TestShow(t *testing.T) {
	m := compile(t, eventSpec)
	nodes := map[string]*machine.Node{}
	for _, n := range m.Nodes[1:] {
		if n.Kind == machine.Event {
			nodes[n.Text] = n
		}
	}
	if diff := cmp.Diff([]string{"same", "none", "values", "fields", "whole"}, m.Events()); diff != "" {
		t.Errorf("events:\n%s", diff)
	}
	for _, tt := range []struct {
		event, text string
		values      []string
		ok          bool
		name        string
		shows       []string
	}{
		{"whole", "a.b is up and running, 3: x", nil, true, "a.b", nil},
		{"whole", "is off", nil, false, "", nil},
		{"fields", "a.b: crash stop: it: broke", nil, true, "a.b", nil},
		{"fields", "a.b: crash stop:", nil, true, "a.b", nil},
		{"fields", "a.b: stop: x", nil, false, "", nil},
		{"fields", "a.b: crash stop", nil, false, "", nil},
		{"fields", "name=a what=crash stop why=", []string{"a", "crash stop", ""}, true, "a", nil},
		{"values", "a: on: 3: 1", nil, true, "a", []string{"on", "3", "1"}},
		{"values", "name=a mode=1 n=3 word=1 more=5", []string{"a", "1", "3", "1", "5"}, true, "a", []string{"1", "3", "1"}},
		{"values", "name=a mode=1", []string{"a", "1"}, false, "", nil},
		{"none", "anything at all", nil, true, "", nil},
		{"none", "", nil, true, "", nil},
		{"same", "a: a", nil, true, "a", nil},
		{"same", "a: b", nil, false, "", nil},
	} {
		s, ok := nodes[tt.event].Show(tt.text, tt.values)
		if ok != tt.ok {
			t.Errorf("%s %q: fits = %v, want %v", tt.event, tt.text, ok, tt.ok)
			continue
		}
		if !ok {
			continue
		}
		var shows []string
		for _, f := range s.Fields {
			shows = append(shows, f.Text)
		}
		if diff := cmp.Diff(tt.shows, shows); s.Name != tt.name || diff != "" {
			t.Errorf("%s %q: name %q, want %q; fields:\n%s", tt.event, tt.text, s.Name, tt.name, diff)
		}
	}
}

func TestPrint(t *testing.T) {
	m := compile(t, eventSpec)
	p := m.Proc("p")
	s := make(machine.State, m.NumGlobals+m.FrameSize)
	m.Start(s, m.NumGlobals, p)
	s[m.Global("mode")], s[m.Global("n")] = 1, 4
	f := s[m.NumGlobals+machine.FrameRegs:]
	for _, n := range m.Nodes[1:] {
		if n.Kind != machine.Event {
			continue
		}
		text := n.Print(s, f, "a.b")
		shown, ok := n.Show(text, nil)
		if !ok || len(n.Fields) > 0 && shown.Name != "a.b" {
			t.Errorf("%s prints %q, which it does not fit", n.Text, text)
		}
		if ok && n.Text == "values" {
			for _, sh := range shown.Fields {
				if v, _, ok := machine.ReadValue(sh.Value.Type, sh.Text); !ok || v != sh.Value.Eval(s, f) {
					t.Errorf("%q is read as %d, %v", sh.Text, v, ok)
				}
			}
		}
	}
}

func TestReadValue(t *testing.T) {
	m := compile(t, eventSpec)
	mode := m.Globals[m.Global("mode")].Object.Type
	n := m.Globals[m.Global("n")].Object.Type
	for _, tt := range []struct {
		text       string
		number, ok bool
		v          machine.Val
		enum       bool
	}{
		{"on", false, true, 1, true},
		{"UP AND RUNNING", false, true, 1, true},
		{"1", true, true, 1, true},
		{"gone", false, false, 0, true},
		{"0x10", true, true, 16, false},
		{" -3", true, true, -3, false},
		{"x", true, false, 0, false},
	} {
		typ := n
		if tt.enum {
			typ = mode
		}
		if v, number, ok := machine.ReadValue(typ, tt.text); ok != tt.ok || ok && (v != tt.v || number != tt.number) {
			t.Errorf("%q: %d, %v, %v; want %+v", tt.text, v, number, ok, tt)
		}
	}
}
