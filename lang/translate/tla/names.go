package tla

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// keywords are the words of TLA+ that cannot be names.
var keywords = strings.Fields(`
ASSUME ASSUMPTION AXIOM CASE CHOOSE CONSTANT CONSTANTS DOMAIN ELSE ENABLED EXCEPT EXTENDS IF IN INSTANCE LET LOCAL
MODULE OTHER SF_ SUBSET THEN THEOREM UNCHANGED UNION VARIABLE VARIABLES WF_ WITH ACTION ASSUMED BY COROLLARY DEF DEFINE
DEFS HAVE HIDE LAMBDA LEMMA NEW OBVIOUS OMITTED ONLY PICK PROOF PROPOSITION PROVE QED RECURSIVE STATE SUFFICES TAKE
TEMPORAL USE WITNESS`)

// operators are names that TLA+, or a module that comes with it, has for something else. What a configuration of TLC
// begins a section with would end a list there.
var operators = strings.Fields(`
BOOLEAN STRING TRUE FALSE Nat Int Real Infinity Seq Head Tail Len Append SubSeq SelectSeq IsFiniteSet Cardinality Print
PrintT Assert JavaTime TLCGet TLCSet Permutations SortSeq RandomElement Any ToString TLCEval defaultInitValue
SPECIFICATION INVARIANT INVARIANTS PROPERTY PROPERTIES CONSTRAINT CONSTRAINTS ACTION_CONSTRAINT ACTION_CONSTRAINTS
INIT NEXT SYMMETRY VIEW ALIAS POSTCONDITION CHECK_DEADLOCK PERIODIC TYPE TYPE_CONSTRAINT`)

// names hands out identifiers that nothing else has.
type names struct{ used map[string]bool }

func newNames() *names {
	n := &names{used: map[string]bool{}}
	for _, w := range slices.Concat(keywords, operators) {
		n.used[w] = true
	}
	return n
}

// take gives a name as it is, or with something behind it where it is taken.
func (n *names) take(want string) string {
	name := identifier(want)
	for i := 2; n.used[name]; i++ {
		name = fmt.Sprintf("%s_%d", identifier(want), i)
	}
	n.used[name] = true
	return name
}

// identifier makes a word that TLA+ takes for a name: it has a letter, and does not begin like a fairness
// condition.
func identifier(s string) string {
	switch {
	case strings.HasPrefix(s, "WF_"), strings.HasPrefix(s, "SF_"):
		return "the_" + s
	case strings.Trim(s, "_0123456789") == "":
		return "the" + s
	}
	return s
}

// field makes a name of a record's field, which need not differ from other names.
func field(s string) string {
	if slices.Contains(keywords, s) {
		return s + "_"
	}
	return identifier(s)
}

// base says in an identifier what a node does, with its function before it.
func (w *writer) base(p *steps.Process, n *machine.Node) string {
	fn := n.Func.Name
	if n.Func != p.Proc.Process && w.roots[fn] > 1 {
		fn = p.Name + "_" + fn
	}
	return fn + "_" + w.verb(n)
}

// countRoots finds out in how many processes a function's statements stand.
func (w *writer) countRoots() {
	for _, p := range w.procList {
		seen := map[string]bool{p.Name: true}
		for _, pt := range p.Points {
			seen[pt.Node.Func.Name] = true
			for _, st := range pt.Steps {
				seen[st.Node.Func.Name] = true
			}
		}
		for fn := range seen {
			w.roots[fn]++
		}
	}
}

// verb names what is done at a node.
func (w *writer) verb(n *machine.Node) string {
	of := func(verb, object string, several bool) string {
		if several {
			return verb + "_" + object
		}
		return verb
	}
	switch n.Kind {
	case machine.Choice:
		if tries(n) {
			return w.verb(n.Alts[0])
		}
		return "either"
	case machine.Test:
		return "if_" + words(w.decisive(n), 3)
	case machine.Await:
		return "await"
	case machine.Assign:
		return w.assignVerb(n)
	case machine.Lock:
		return of("lock", w.m.Info.Mutexes[n.Mutex].Name, len(w.m.Mutexes) > 1)
	case machine.Unlock:
		return of("unlock", w.m.Info.Mutexes[n.Mutex].Name, len(w.m.Mutexes) > 1)
	case machine.Awake:
		return of("stay_awake", w.m.Info.Wakeups[n.Wakeup].Name, len(w.m.Wakeups) > 1)
	case machine.Relax:
		return of("relax", w.m.Info.Wakeups[n.Wakeup].Name, len(w.m.Wakeups) > 1)
	case machine.Queue:
		return "queue_" + w.m.Info.Works[n.Work].Name
	case machine.Cancel:
		return "cancel_" + w.m.Info.Works[n.Work].Name
	case machine.Log:
		return "log_" + words(n.Patterns[0].Text, 2)
	case machine.Event:
		return "event_" + n.Text
	case machine.Spawn:
		return "spawn_" + n.Proc.Name
	case machine.Atomic:
		return "atomic"
	case machine.Destroy:
		return "destroy"
	}
	return "end"
}

// tries tells whether a choice is that between getting a lock and being interrupted.
func tries(n *machine.Node) bool {
	return n.Kind == machine.Choice && n.Alts[0].Kind == machine.Lock && n.Alts[0].Span == n.Span
}

// decisive is the part of a test that reads more than constants.
func (w *writer) decisive(n *machine.Node) string {
	for _, c := range n.Cond.Then {
		for _, l := range c.Reads {
			if !l.IsReg() && w.m.Globals[l].Kind >= machine.VarGlobal {
				return c.Text
			}
		}
	}
	return n.Cond.Text
}

func (w *writer) assignVerb(n *machine.Node) string {
	a := n.Assigns[0]
	name := "local"
	if a.Loc.IsReg() {
		if o := n.Root.RegObjects[a.Loc.Reg()]; o != nil {
			name = o.Name
		}
	} else {
		name = w.m.Globals[a.Loc].Object.Name
	}
	if a.Value.Const {
		return "set_" + name + "_" + words(a.Value.Text, 1)
	}
	return "set_" + name
}

// words takes the first words of a text that are no hole of a log pattern.
func words(s string, most int) string {
	s = strings.NewReplacer("!=", " is_not ", "!", " not ", "-", " minus ", "'", "").Replace(s)
	var keep []string
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" .,:;'#()/|&=<>+", r) }) {
		if len(keep) == most || strings.Contains(word, "{") && len(keep) > 0 {
			break
		}
		if word = strings.Map(letter, word); word != "" && word != "in" {
			keep = append(keep, word)
		}
	}
	if len(keep) == 0 {
		return "line"
	}
	return strings.Join(keep, "_")
}

func letter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
		return r
	}
	return -1
}
