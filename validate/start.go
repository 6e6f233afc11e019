package validate

import (
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// start gives the explanations of a capture's beginning: nothing at work, and every assignment within
// bounds that the tier admits. Variables that no judgement needs at once stay open.
func (x *subject) start(t tier) *set {
	s := make(machine.State, x.m.NumGlobals)
	var pick []int
	for g, gl := range x.m.Globals {
		switch {
		case gl.Kind <= machine.DeviceGlobal, gl.Kind == machine.VarGlobal:
			s[g] = x.given(g)
			if gl.Kind == machine.VarGlobal && t != unknown {
				s[g] = x.v.onlyLiving(g)
			}
			if init, ok := x.v.initial(g); ok && t == born {
				s[g] = init
			}
		case t == unknown, (t == quiet || t == born && x.holds) && gl.Kind == machine.WakeupGlobal:
			s[g] = machine.Open
		}
		if gl.Kind == machine.VarGlobal && t <= healthy && x.v.judged[g] && s[g] == machine.Open {
			pick = append(pick, g)
		}
	}
	out := newSet(x.m)
	x.assign(&exp{s: s}, pick, t, out)
	return out
}

// assign adds every assignment of the globals in pick to out.
func (x *subject) assign(e *exp, pick []int, t tier, out *set) {
	if len(pick) == 0 {
		e.hold = x.judge(e.s)
		if t > healthy || e.hold&x.v.errors == 0 {
			out.add(e)
		}
		return
	}
	for _, v := range x.m.Domain(machine.Loc(pick[0]), nil, e.s) {
		if x.v.dying[place{pick[0], v}] {
			continue
		}
		n := e.fork()
		n.s[pick[0]] = v
		x.assign(n, pick[1:], t, out)
	}
}

// initial is the value that the declaration of a variable gives it, ok if there is one.
func (v *Validator) initial(g int) (val machine.Val, ok bool) {
	d, is := v.m.Globals[g].Object.Decl.(*lang.Var)
	if !is || d.Init == nil || v.m.Globals[g].Havoc {
		return 0, false
	}
	init, _ := v.m.Info.Const(d.Init)
	return machine.Val(init), true
}

// statesJudged finds the variables that error-level invariants relate to each other.
func (v *Validator) statesJudged() {
	for i, j := range v.judgements {
		if j.severity != Error {
			continue
		}
		v.errors |= 1 << i
		if j.prop == nil {
			continue
		}
		for _, l := range j.prop.Cond.Reads {
			if !l.IsReg() {
				v.judged[int(l)] = true
			}
		}
	}
}

// place is a global and a value of it.
type place struct {
	global int
	val    machine.Val
}

// findDying finds the values that only the end of a subject's life assigns: a subject that shows up in
// a trace did not begin with one of them.
func (v *Validator) findDying() {
	living := map[place]bool{}
	for _, n := range v.m.Nodes[1:] {
		if n.Kind != machine.Assign || !v.reached[n.ID] {
			continue
		}
		for _, a := range n.Assigns {
			if a.Loc.IsReg() || !a.Value.Const {
				continue
			}
			p := place{int(a.Loc), a.Value.Eval(nil, nil)}
			if n.Root.Decl.Ends == nil {
				living[p] = true
			}
			v.dying[p] = true
		}
	}
	for p := range v.dying {
		v.endsOnly[p.global] = true
	}
	for p := range living {
		delete(v.dying, p)
		delete(v.endsOnly, p.global)
	}
}

// onlyLiving is the one value of a variable that a living subject can have, Open if there are several.
func (v *Validator) onlyLiving(g int) machine.Val {
	if v.m.Globals[g].Havoc {
		return machine.Open
	}
	only, n := machine.Open, 0
	for _, val := range v.m.Domain(machine.Loc(g), nil, make(machine.State, v.m.NumGlobals)) {
		if !v.dying[place{g, val}] {
			only = val
			n++
		}
	}
	if n == 1 {
		return only
	}
	return machine.Open
}

// maxLog is how many records are kept to find out at the end what hangs on the start.
const maxLog = 2000

// byStart sorts the starts that explain the whole trace by whether they break what is undecided: the
// starts from which nothing of it is broken, and those from which all is. ok is false if some start
// leaves it undecided itself, or if the trace cannot be told from its starts any more.
func (x *subject) byStart(undecided uint32) (clean, broken []*exp, ok bool) {
	if x.tier > healthy || x.log == nil || len(x.log) == maxLog {
		return nil, nil, false
	}
	for _, s := range x.start(x.tier).list {
		some, all, alive, ok := x.outcome(s)
		switch {
		case !ok:
			return nil, nil, false
		case !alive:
		case some&undecided == 0:
			clean = append(clean, s)
		case all&undecided == undecided:
			broken = append(broken, s)
		default:
			return nil, nil, false
		}
	}
	return clean, broken, len(clean) > 0 && len(broken) > 0
}

// outcome explains the trace from one start, and gives what some and what all explanations break. ok is
// false if there are too many to tell.
func (x *subject) outcome(start *exp) (some, all uint32, alive, ok bool) {
	y := x.afresh()
	y.cur.add(start.fork())
	if alive, ok := y.rerunLog(x.log); !alive {
		return 0, 0, false, ok
	}
	all = ^uint32(0)
	for _, e := range y.end().list {
		some |= e.pend
		all &= e.pend
	}
	return some, all, true, !y.adrift
}
