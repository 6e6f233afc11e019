package rv_test

import (
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/rv"
	"github.com/rprocspec/rprocspec/spec"
)

// one gives the only monitor of a spec.
func one(t *testing.T, m *machine.Machine, kernel string) (rv.Monitor, *da) {
	t.Helper()
	all, err := rv.Monitors(m, kernel)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("there are %d monitors", len(all))
	}
	a, err := rvgen(all[0].Name+".dot", all[0].DOT)
	if err != nil {
		t.Fatalf("%v in\n%s", err, all[0].DOT)
	}
	return all[0], a
}

// walker goes through an instance at random, and notes what the glue would see.
type walker struct {
	*machine.Instance
	*rand.Rand
	trans    *machine.Transitions
	balances []*machine.Balance // that the monitor holds
	s        machine.State
	events   []string
	bad      int // number of the first event that breaks the intent, −1: none
}

func (w *walker) begin() {
	w.s = make(machine.State, w.Size())
	copy(w.s, w.Inits[w.IntN(len(w.Inits))])
	w.bad = -1
	w.see("begin_" + w.value())
}

func (w *walker) value() string { return machine.ValueText(w.trans.Object.Type, w.s[w.trans.Global]) }

func (w *walker) see(event string) { w.events = append(w.events, event) }

func (w *walker) wrong() {
	if w.bad < 0 {
		w.bad = len(w.events) - 1
	}
}

// moves lists what can happen next.
func (w *walker) moves() (all []func() machine.State) {
	for i := range w.Slots {
		sl := &w.Slots[i]
		switch pc := w.s[sl.Off]; {
		case pc > 0:
			for _, e := range w.Steps[pc] {
				t := slices.Clone(w.s)
				if ok, _, eff := w.Exec(t, sl.Off, e, machine.Whole); ok == 1 && eff.Spawn == nil {
					if eff.Ended && sl.Kind == machine.OnceSlot {
						t[sl.Off] = -1
					}
					all = append(all, func() machine.State { return t })
				}
			}
		case sl.Kind == machine.WorkerSlot && w.CanStart(w.s, sl.Work):
			all = append(all, func() machine.State {
				t := slices.Clone(w.s)
				w.StartWork(t, sl.Work, sl.Off)
				return t
			})
		case sl.Kind == machine.OnceSlot && pc == 0:
			all = append(all, func() machine.State {
				t := slices.Clone(w.s)
				w.Start(t, sl.Off, sl.Proc)
				return t
			})
		}
	}
	return all
}

// step takes one of them, and raises the events of the glue.
func (w *walker) step() bool {
	moves := w.moves()
	if len(moves) == 0 {
		return false
	}
	before := w.s
	w.s = moves[w.IntN(len(moves))]()
	if a, b := before[w.trans.Global], w.s[w.trans.Global]; a != b {
		w.see(w.trans.Object.Name + "_" + w.value())
		if w.trans.Check(a, b, w.s) == machine.Forbidden {
			w.wrong()
		}
	}
	for _, b := range w.balances {
		g, name := w.Wakeups[b.Wakeup].Global, w.Wakeups[b.Wakeup].Object.Name
		switch {
		case before[g] == 0 && w.s[g] != 0:
			w.see(name + "_on")
		case before[g] != 0 && w.s[g] == 0:
			w.see(name + "_off")
		}
		if w.working(b, before) > 0 && w.working(b, w.s) == 0 {
			w.see(name + "_quiet")
			if w.Leaked(b, w.s) {
				w.wrong()
			}
		}
	}
	return true
}

// working counts the activations of those who answer for a source, and their items that wait.
func (w *walker) working(b *machine.Balance, s machine.State) int {
	n := 0
	for i := range w.Slots {
		if pc := s[w.Slots[i].Off]; pc > 0 && slices.Contains(b.Procs, w.Nodes[pc].Root) {
			n++
		}
	}
	for _, i := range b.Works {
		n += int(s[w.Works[i].Pending])
	}
	return n
}

// TestWalks: the monitor refuses what a behaviour of the spec does at the first change that was not meant, or at the
// first leak, and nothing else.
func TestWalks(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	rounds := 400
	if testing.Short() {
		rounds = 100
	}
	accepted, refused := 0, 0
	for _, name := range spec.Names() {
		m := spectest.Shipped(t, name)
		for _, k := range m.Info.Kernels {
			_, a := one(t, m, k.Name)
			in, err := m.Instance(k.Name)
			if err != nil {
				t.Fatal(err)
			}
			var held []*machine.Balance
			for _, b := range m.Balances {
				if !m.Wakeups[b.Wakeup].Counted && b.Unless == nil {
					held = append(held, b)
				}
			}
			for range rounds {
				w := &walker{Instance: in, Rand: r, trans: m.Trans[0], balances: held}
				w.begin()
				for n := 0; n < 120 && w.step(); n++ {
				}
				if got := a.run(w.events); got != w.bad {
					t.Fatalf("%s in %s: event %d is refused, want %d of\n%s", name, k.Name, got, w.bad, strings.Join(w.events, "\n"))
				}
				if accepted++; w.bad >= 0 {
					refused++
				}
			}
		}
	}
	if refused == 0 || refused == accepted {
		t.Errorf("%d of %d walks are refused: that says nothing", refused, accepted)
	}
}

// TestKnown: what the thread was about, in the words of the events.
func TestKnown(t *testing.T) {
	_, a := one(t, spectest.Shipped(t, "remoteproc"), "v6_0")
	for _, tt := range []struct {
		events string
		want   int
	}{
		{"begin_RUNNING awake_on state_CRASHED state_OFFLINE state_RUNNING awake_off awake_quiet", -1},
		{"begin_RUNNING awake_on state_OFFLINE awake_quiet", 3},            // use case 2: stopped before the handler
		{"begin_RUNNING awake_on state_OFFLINE awake_off awake_quiet", -1}, // with the fix
		{"begin_ATTACHED awake_on state_DETACHED state_CRASHED", -1},       // use case 3 breaks an invariant, which is no event
		{"begin_DETACHED state_DELETED state_CRASHED", 2},                  // the handler after rproc_del()
		{"begin_OFFLINE state_CRASHED", 1},                                 // never meant
		{"begin_OFFLINE state_OFFLINE", 1},                                 // no change
		{"begin_ATTACHED state_RUNNING", -1},                               // only warns
		{"begin_RUNNING awake_off", 1},                                     // an edge that is none
		{"begin_RUNNING awake_on awake_on", 2},                             // nor this
		{"begin_RUNNING begin_RUNNING", 1},                                 // once
		{"state_RUNNING", 0},                                               // before that nothing counts
		{"begin_RUNNING awake_on awake_off awake_on awake_off awake_quiet", -1},
	} {
		if got := a.run(strings.Fields(tt.events)); got != tt.want {
			t.Errorf("%s: event %d is refused, want %d", tt.events, got, tt.want)
		}
	}
	var begins []string
	for _, e := range a.events {
		if strings.HasPrefix(e, "begin_") {
			begins = append(begins, e)
		}
	}
	if diff := cmp.Diff(begins, a.starts); diff != "" {
		t.Errorf("events with which rvgen lets the monitor start (-want +got):\n%s", diff)
	}
	if a.initial != "unknown" || !cmp.Equal(a.finals, []string{"unknown"}) {
		t.Errorf("initial %s, final %v", a.initial, a.finals)
	}
}

// TestRefused: what a deterministic automaton cannot express is told.
func TestRefused(t *testing.T) {
	const head = "module m\nsubject s\nenum E { a, b }\nfeature f: bool\ndevice d: bool\nkernel k { f = true }\nvar x: E = a\n"
	for _, tt := range []struct{ body, kernel, want string }{
		{"transitions x { a -> b if d }", "k", "test.rps:8:17: an edge of x hangs on `d`: the device constant d, and an automaton has no guards"},
		{"transitions x { a -> b if f }", "", "test.rps:8:17: an edge of x hangs on `f`: features that are open: give --kernel, one of k"},
		{"", "k", "m has nothing that a deterministic automaton can express: no transitions, and no balance"},
		{"wakeup w counted\nbalance w held by p", "k", "balance w: the source counts, and an automaton has no numbers"},
		{"wakeup w\nbalance w held by p unless x == b", "k", "balance w: `unless x == b` is a guard"},
		{"enum L { a_name_that_is_far_too_long_for_it, c }\nvar y: L = c\ntransitions y { any -> c }", "k", "is longer than the 31 characters that the kernel takes"},
		{"transitions x { a -> b }", "nix", "no kernel profile nix"},
	} {
		m, err := spectest.Compile(head + tt.body + "\nprocess p { skip }\n")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rv.Monitors(m, tt.kernel); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.body, err)
		}
	}
}

// TestKinds: names that collide, several variables, and balances alone.
func TestKinds(t *testing.T) {
	m, err := spectest.Compile(`module two
enum E { unknown, idle, held }
var x: E = idle
var y: E = held
wakeup w
wakeup v
transitions x { unknown -> idle, idle <-> held }
transitions y { any -> held }
balance w held by p
balance v held by p
process p { relax w; relax v }
`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := rv.Monitors(m, "")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, mon := range all {
		a, err := rvgen(mon.Name+".dot", mon.DOT)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, mon.Name, a.initial, strings.Join(a.states[1:min(3, len(a.states))], " "))
	}
	want := []string{"two_x", "unknown_", "held_w_held_v_held held_w_held_v_idle", "two_y", "unknown_", "held idle"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m, err = spectest.Compile("module alone\nsubject s\nwakeup w\nbalance w held by p\nprocess p { relax w }\n")
	if err != nil {
		t.Fatal(err)
	}
	mon, a := one(t, m, "")
	if mon.Name != "s_balance" || a.run(strings.Fields("begin w_on w_off w_quiet w_on w_quiet")) != 5 {
		t.Errorf("%s: %v", mon.Name, a.next)
	}
}

// TestGolden shows what is written.
func TestGolden(t *testing.T) {
	spectest.Golden(t, func(t *testing.T, specs []txtar.File) []txtar.File {
		m, err := spectest.Compile(string(specs[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		mon, _ := one(t, m, "old")
		return []txtar.File{{Name: mon.Name + ".dot", Data: []byte(mon.DOT)}, {Name: mon.Name + ".txt", Data: []byte(mon.Glue)}}
	})
}

// TestDot: Graphviz draws it, too.
func TestDot(t *testing.T) {
	dot := spectest.Tool(t, "dot")
	mon, _ := one(t, spectest.Shipped(t, "remoteproc"), "v7_3")
	cmd := exec.Command(dot, "-Tsvg")
	cmd.Stdin = strings.NewReader(mon.DOT)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.2000s", err, out)
	}
}
