package validate

import (
	"github.com/rprocspec/rprocspec/lang/machine"
)

// A kernel log alone
//
// Any line may be missing from a kernel log, so that after every line an activation may be nearly
// anywhere, under nearly any choice of features. Following all of it is feasible for a start and a stop,
// not for a crash and its recovery: then the subject is given up, as one says, and the verdict is
// inconclusive, which it would be anyhow. What a single line proves about features by itself, whatever
// came before, is taken from the graph of the processes: "detached remote processor" cannot be reached
// unless attach is as_attached.

// logOnly tells whether the trace is a kernel log and nothing else: any line may be missing, so that no
// line is refused and nothing is broken for certain.
func (v *Validator) logOnly() bool { return v.kinds.logs && !v.kinds.events }

// given is the value of a feature or device constant where it was given or decided, for this subject,
// else Open.
func (x *subject) given(g int) machine.Val {
	if val, ok := x.own[g]; ok {
		return val
	}
	if val := x.v.given(g); val != machine.Open {
		return val
	}
	if val, ok := x.id.root().consts[g]; ok { // the capture's description tells
		return val
	}
	return machine.Open
}

// proves takes notice of what a line shows about features and device constants by itself.
func (x *subject) proves(r *rec) {
	for g, gl := range x.m.Globals {
		if gl.Kind > machine.DeviceGlobal {
			break
		}
		if x.given(g) != machine.Open {
			continue
		}
		val, n := machine.Open, 0
		for _, d := range x.m.Domain(machine.Loc(g), nil, x.v.openState()) {
			if x.v.reaches(r, g, d) {
				val = d
				n++
			}
		}
		if n == 1 {
			x.decideAlone(g, val, r)
		}
	}
}

// decideAlone closes a feature for all subjects, or a device constant for this one.
func (x *subject) decideAlone(g int, val machine.Val, r *rec) {
	if x.m.Globals[g].Kind == machine.FeatureGlobal {
		x.v.decide(g, val, r, x)
		k := x.v.known[g]
		k.sure = true
		x.v.known[g] = k
	} else {
		x.own[g] = val
	}
	next := newSet(x.m)
	for _, e := range x.cur.list {
		if e.s[g] == machine.Open || e.s[g] == val {
			n := e.fork()
			n.s[g] = val
			n.hold = x.judge(n.s)
			next.add(n)
		}
	}
	if !next.empty() {
		x.cur = next
	}
}

// openState is a state of which nothing is known.
func (v *Validator) openState() machine.State {
	s := make(machine.State, v.m.NumGlobals+v.m.FrameSize)
	for g := range v.m.Globals {
		s[g] = machine.Open
		if v.m.Globals[g].Kind <= machine.DeviceGlobal {
			s[g] = v.given(g)
		}
	}
	for i := machine.FrameRegs; i < v.m.FrameSize; i++ {
		s[v.m.NumGlobals+i] = machine.Open
	}
	return s
}

// reach is a question to reaches: a line, and a value of a global.
type reach struct {
	hit string
	at  place
}

// reaches tells whether any process can come to print a line like r if a global has a value, whatever
// else holds.
func (v *Validator) reaches(r *rec, g int, val machine.Val) bool {
	key := reach{r.hit, place{g, val}}
	if yes, ok := v.reachable[key]; ok {
		return yes
	}
	s := v.openState()
	s[g] = val
	seen := map[*machine.Node]bool{}
	var walk func(n *machine.Node) bool
	walk = func(n *machine.Node) bool {
		if n == nil || seen[n] {
			return false
		}
		seen[n] = true
		s[v.m.NumGlobals+machine.FramePC] = machine.Val(n.ID)
		for _, e := range v.m.Micro[n.ID] {
			s[v.m.NumGlobals+machine.FramePC] = machine.Val(n.ID)
			if v.m.Refusal(s, v.m.NumGlobals, e) != nil {
				continue
			}
			if e.Node.Kind == machine.Log && hit(e.Node, r) != nil || walk(e.To) {
				return true
			}
		}
		return false
	}
	yes := false
	for _, p := range v.m.Procs {
		yes = yes || walk(p.Entry)
	}
	v.reachable[key] = yes
	return yes
}
