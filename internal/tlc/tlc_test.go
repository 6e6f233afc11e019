package tlc_test

import (
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/tlc"
)

// counter is a module that every test changes.
const counter = `---- MODULE counter ----
EXTENDS Integers
CONSTANT Limit
VARIABLES n, on
vars == <<n, on>>
Init == n = 0 /\ on \in BOOLEAN
Set(x, v) == x' = v
Up == /\ n < Limit
      /\ Set(n, n + 1)
      /\ UNCHANGED on
Turn == on' = ~on /\ UNCHANGED n
Next == Up \/ Turn
Spec == Init /\ [][Next]_vars /\ WF_vars(Up)
Small == n <= Limit
Tiny == n < Limit
Reaches == <>(n = Limit)
Stays == <>[](n = Limit)
Off == []<>~on
Steps == [][n' = n + 1 \/ on' # on]_vars
Leads == n = 1 ~> n = Limit
====
`

const counterConfig = `SPECIFICATION Spec
CONSTANT Limit = 3
INVARIANT Small
`

func load(t *testing.T, text, config string) (*tlc.Model, error) {
	t.Helper()
	return tlc.Load(map[string]string{"counter.tla": text, "counter.cfg": config}, "counter.cfg")
}

func TestCounter(t *testing.T) {
	m, err := load(t, counter, counterConfig)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Explore(100)
	if err != nil {
		t.Fatal(err)
	}
	if g.States() != 8 || g.Initial() != 2 || g.Depth() != 4 {
		t.Errorf("%d states, %d initial, depth %d", g.States(), g.Initial(), g.Depth())
	}
	for name, want := range map[string]bool{
		"Small": true, "Tiny": false, "Reaches": true, "Stays": true, "Off": false, "Steps": true, "Leads": true,
	} {
		if got, err := g.Holds(name); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := m.Explore(3); err != tlc.ErrLimit {
		t.Errorf("the limit gives %v", err)
	}
}

// TestUnfair checks that a behaviour may stutter for ever where nothing is fair.
func TestUnfair(t *testing.T) {
	m, err := load(t, strings.Replace(counter, ` /\ WF_vars(Up)`, "", 1), counterConfig)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Explore(100)
	if err != nil {
		t.Fatal(err)
	}
	if yes, err := g.Holds("Reaches"); yes || err != nil {
		t.Errorf("without fairness it need not reach its limit: %v, %v", yes, err)
	}
}

// TestRefuses changes one line of the module, and expects it to be refused or to fail.
func TestRefuses(t *testing.T) {
	for _, tt := range []struct{ old, new, want string }{
		{"EXTENDS Integers\n", "", "needs a module"},
		{"Set(n, n + 1)", "Set(n)", "takes 2 arguments"},
		{"Set(n, n + 1)", "Put(n, n + 1)", "Put is not declared"},
		{"Next == Up", "Set == 1\nNext == Up", "declared twice"},
		{"Set(x, v)", "Set(n, v)", "declared twice"},
		{"      /\\ UNCHANGED on", "", "leaves on without a value"},
		{"/\\ n < Limit", "/\\ n' < Limit", "before it has a value"},
		{"Set(n, n + 1)", "Set(n, TRUE)", "is not a number"},
		{"on' = ~on", "on' = ~on /\\ on \\/ on", "needs parentheses"},
		{"Small == n <= Limit", "Small == n' <= Limit", "no predicate"},
		{"Tiny == n < Limit", "Tiny == n = TRUE", ""},
		{"n = 0 /\\ on", "on", "has no initial value"},
		{"MODULE counter", "MODULE another", "stands in"},
		{"Limit\n", "Limit, More\n", "More has no value"},
		{"Next == Up", "Next == (n' = 1)' \\/ Up", "a prime on what has a prime"},
		{"Next == Up", "Next == \u00e9 \\/ Up", "not ASCII"},
		{"====\n", "\n", "where a name should be"},
	} {
		src := strings.Replace(counter, tt.old, tt.new, 1)
		if src == counter {
			t.Fatalf("%q is not there", tt.old)
		}
		m, err := load(t, src, counterConfig)
		if err == nil {
			var g *tlc.Graph
			if g, err = m.Explore(100); err == nil && tt.want == "" {
				if _, err = g.Holds("Tiny"); err == nil {
					t.Errorf("%q: numbers and truth values are compared", tt.new)
				}
				continue
			}
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q gives %v, not %q", tt.new, err, tt.want)
		}
	}
}

// TestLists checks that lists of conjuncts end where their columns do.
func TestLists(t *testing.T) {
	src := strings.Replace(counter, "Small == n <= Limit", `Small ==
  /\ \/ n = 0
     \/ /\ n > 0
        /\ n < 9
     \/ FALSE
  /\ (\E x \in {1, 2} : x > 1) => IF on THEN TRUE
                                  ELSE n # 7
  /\ LET m == n + 1
     IN m # n`, 1)
	m, err := load(t, src, counterConfig)
	if err != nil {
		t.Fatal(err)
	}
	g, err := m.Explore(100)
	if err != nil {
		t.Fatal(err)
	}
	if yes, err := g.Holds("Small"); !yes || err != nil {
		t.Error(yes, err)
	}
}

// FuzzLoad reads anything without a crash.
func FuzzLoad(f *testing.F) {
	f.Add(counter, counterConfig)
	f.Add("---- MODULE counter ----\nx == [a |-> {1}, b |-> <<2>>]\n====\n", "SPECIFICATION x\n")
	f.Fuzz(func(t *testing.T, text, config string) {
		if m, err := load(t, text, config); err == nil {
			_, _ = m.Explore(10)
		}
	})
}
