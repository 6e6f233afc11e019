package quint

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// reserved are the words and built-in names of Quint 0.33, which nothing may be called, and the names that
// every module here uses.
var reserved = strings.Fields(`
module const var assume val pure type def action run temporal nondet int str bool all any if else and or iff implies
leadsTo match Set List Map Tup Rec import export from as true false
not exists forall in notin union contains fold intersect exclude subseteq map applyTo filter powerset flatten allLists
allListsUpTo getOnlyElement chooseSome oneOf isFinite size get put keys mapBy setToMap setOfMaps set setBy fields with
tuples append concat head tail length nth indices replaceAt slice select foldl foldr to always eventually next then
expect reps fail assert orKeep mustChange enabled weakFair strongFair Bool Int Nat range igt ilt igte ilte iadd isub
iuminus imul idiv imod ipow actionAll actionAny field fieldNames item assign of eq neq ite cross difference
matchVariant variant unwrap q
Vars Locals Result EXPLORED pc places locals respawned now become goes keeps ends live idle_but SLOTS CALLED AT_REST init
step bounds waits deadlock_free fairness self s after where mine slots child before later _`)

// names hands out identifiers that nothing else has.
type names map[string]bool

func newNames() names {
	n := names{}
	for _, w := range reserved {
		n[w] = true
	}
	return n
}

// take gives a name as it is, or with something behind it where it is taken: _ behind words of Quint, so that
// behaviours can be read back, and numbers else.
func (n names) take(want string) string {
	name := want
	if slices.Contains(reserved, want) {
		name += "_"
	}
	for i := 2; n[name]; i++ {
		name = fmt.Sprintf("%s_%d", want, i)
	}
	n[name] = true
	return name
}

// local gives a name for a parameter or a field: unlike all global ones, but not unlike other local ones.
func (n names) local(want string) string {
	for n[want] {
		want += "_"
	}
	return want
}

// capital makes a name of a type.
func capital(s string) string {
	r := []rune(strings.TrimLeft(s, "_0123456789"))
	if len(r) == 0 {
		return "T" + s
	}
	return string(unicode.ToUpper(r[0])) + string(r[1:])
}

// declare names what the spec declares, and what is made of it; local names come after all of these.
func (w *writer) declare() {
	w.name = w.names.take(w.m.Info.Name)
	for _, e := range w.m.Info.Enums {
		for _, m := range e.Members {
			w.members[m.Object] = w.names.take(m.Name)
		}
		w.types[e] = w.names.take(capital(e.Name))
	}
	for _, g := range w.m.Globals {
		if g.Kind != machine.RunningGlobal {
			w.globals[g] = w.names.take(strings.ReplaceAll(g.Name(), ".", "_"))
		}
	}
	w.results = map[machine.Val]string{}
	for _, p := range w.live {
		w.process[p] = w.names.take(p.Name)
		w.calls[p] = w.names.take("call_" + p.Name)
		w.namePoints(p)
	}
	w.nameProperties()
	for _, n := range w.spawns() {
		w.child[n] = w.names.take("child_" + n.Proc.Name)
	}
	for _, k := range w.m.Works {
		w.starts[k.Object] = w.names.take("start_" + k.Object.Name)
	}
}

// namePoints names the program points of a process and what can be done there.
func (w *writer) namePoints(p *steps.Process) {
	for _, pt := range p.Points {
		w.points[pt] = w.names.take(w.base(p, pt.Node))
	}
	for _, pt := range p.Points {
		for _, st := range pt.Steps {
			if tested(pt, st) != nil && w.actions[tested(pt, st)] != "" {
				w.actions[st] = w.actions[tested(pt, st)]
				continue
			}
			w.actions[st] = w.actionName(p, pt, st)
		}
	}
}

// actionName is the name of the point where that says what is done, else that of what is chosen there.
func (w *writer) actionName(p *steps.Process, pt *steps.Point, st *steps.Step) string {
	if name := w.points[pt]; !w.given[name] && (st.Node == pt.Node || tries(pt.Node) && st.Node == pt.Node.Alts[0]) {
		w.given[name] = true
		return name
	}
	if tries(pt.Node) {
		return w.names.take(w.points[pt] + "_interrupted")
	}
	return w.names.take(w.base(p, st.Node))
}

// base says in an identifier what a node does, with its function before it, and the process before that if
// the function is one of several places.
func (w *writer) base(p *steps.Process, n *machine.Node) string {
	fn := n.Func.Name
	if n.Func != p.Proc.Process && w.roots[n.Func] > 1 {
		fn = p.Name + "_" + fn
	}
	return fn + "_" + w.verb(n)
}

// countRoots finds out in how many processes the statements of each function stand.
func (w *writer) countRoots() {
	for _, p := range w.live {
		seen := map[*check.Process]bool{p.Proc.Process: true}
		for _, pt := range p.Points {
			seen[pt.Node.Func] = true
			for _, st := range pt.Steps {
				seen[st.Node.Func] = true
			}
		}
		for fn := range seen {
			w.roots[fn]++
		}
	}
}

// verb names what is done at a node.
func (w *writer) verb(n *machine.Node) string {
	info := w.m.Info
	switch n.Kind {
	case machine.Choice:
		if tries(n) {
			return w.verb(n.Alts[0])
		}
		return "either"
	case machine.Test:
		return "if_" + words(n.Cond.Text, 3)
	case machine.Assign:
		return w.assigns(n)
	case machine.Lock:
		return "lock_" + info.Mutexes[n.Mutex].Name
	case machine.Unlock:
		return "unlock_" + info.Mutexes[n.Mutex].Name
	case machine.Awake:
		return "stay_" + info.Wakeups[n.Wakeup].Name
	case machine.Relax:
		return "relax_" + info.Wakeups[n.Wakeup].Name
	case machine.Queue:
		return "queue_" + info.Works[n.Work].Name
	case machine.Cancel:
		return "cancel_" + info.Works[n.Work].Name
	case machine.Await:
		return "await_" + words(n.Cond.Text, 3)
	case machine.Log:
		return "log_" + words(n.Patterns[0].Text, 2)
	case machine.Event:
		return "event_" + n.Text
	case machine.Spawn:
		return "spawn_" + n.Proc.Name
	}
	return plainVerbs[n.Kind]
}

var plainVerbs = map[machine.NodeKind]string{machine.Atomic: "atomic", machine.Destroy: "destroy", machine.End: "end"}

// tries tells whether a choice is that between getting a lock and being interrupted.
func tries(n *machine.Node) bool {
	return n.Kind == machine.Choice && n.Alts[0].Kind == machine.Lock && n.Alts[0].Span == n.Span
}

func (w *writer) assigns(n *machine.Node) string {
	a := n.Assigns[0]
	name := "local"
	if !a.Loc.IsReg() {
		name = w.m.Globals[a.Loc].Object.Name
	} else if o := n.Root.RegObjects[a.Loc.Reg()]; o != nil {
		name = o.Name
	}
	return "set_" + name + "_" + words(a.Value.Text, 3)
}

// spelled says operators in words.
var spelled = strings.NewReplacer("!=", " not ", "!", " not ", "&&", " and ", "||", " or ", "+", " plus ", "-", " minus ",
	">=", " from ", "<=", " to ", ">", " above ", "<", " below ", "'", "")

// words takes the first words of a text, as a part of an identifier; a hole of a log line ends it, unless it
// stands at the beginning.
func words(s string, most int) string {
	for strings.HasPrefix(s, "{") && strings.Contains(s, "}") {
		_, s, _ = strings.Cut(s, "}")
		s = strings.TrimSpace(s)
	}
	s, _, _ = strings.Cut(s, "{")
	var keep []string
	for _, word := range strings.FieldsFunc(spelled.Replace(s), func(r rune) bool { return !letter(r) }) {
		if len(keep) < most {
			keep = append(keep, word)
		}
	}
	if len(keep) == 0 {
		return "line"
	}
	return strings.Join(keep, "_")
}

func letter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}

// result names a result.
func (w *writer) result(v machine.Val) string {
	if name := w.results[v]; name != "" {
		return name
	}
	name := "Failed"
	switch {
	case v == 0:
		name = "Ok"
	case v != check.AnyErrno:
		name = w.errno(int(-v))
	}
	w.results[v] = w.names.take(name)
	return w.results[v]
}

// errno gives the name of an error that the spec uses.
func (w *writer) errno(number int) string {
	name := ""
	for _, o := range w.m.Info.Uses {
		if o.Kind == check.ErrnoObj && o.Index == number && (name == "" || o.Name < name) {
			name = o.Name
		}
	}
	return name
}
