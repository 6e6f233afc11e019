package modelcheck

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// script is a scenario made ready to run: one frame for every activation that a line starts.
type script struct {
	decl    *lang.Scenario
	m       *machine.Machine
	lines   []*scriptLine
	threads []string
	size    int // of a state, without spawned activations
}

// scriptLine is one line: start or continue an activation, and run it to its end or to a stop.
type scriptLine struct {
	thread int
	off    int
	slot   int // of the scenario's instance
	starts bool
	proc   *machine.Proc
	args   []machine.Val // nil: free
	until  bool
	stops  map[*machine.Node]bool  // program points of a label or function
	global int                     // −1, or the variable that stops the line
	values []machine.Val           // when it has one of these
	fails  map[*check.Process]bool // how functions have to end
}

func newScript(m *machine.Machine, sc *lang.Scenario) *script {
	s := &script{decl: sc, m: m, size: m.NumGlobals}
	slots := slotsOfLines(m, sc)
	last := map[string]*scriptLine{}
	for i, l := range sc.Lines {
		sl := &scriptLine{slot: slots[i], thread: s.thread(l.Thread.Name), global: -1, fails: map[*check.Process]bool{}}
		if l.Process != nil {
			sl.starts, sl.proc, sl.off = true, m.Proc(l.Process.Name), s.size
			s.size += m.FrameSize
			for _, a := range l.Args {
				v, _ := m.Info.Const(a) // the checker let only constants pass
				sl.args = append(sl.args, machine.Val(v))
			}
		} else {
			sl.proc, sl.off = last[l.Thread.Name].proc, last[l.Thread.Name].off
		}
		last[l.Thread.Name] = sl
		s.until(sl, l.Until)
		for _, c := range l.Choosing {
			sl.fails[m.Info.Uses[c.Func].Proc] = c.Fails
		}
		s.lines = append(s.lines, sl)
	}
	return s
}

func (s *script) thread(name string) int {
	if i := slices.Index(s.threads, name); i >= 0 {
		return i
	}
	s.threads = append(s.threads, name)
	return len(s.threads) - 1
}

func (s *script) until(l *scriptLine, e lang.Expr) {
	switch x := e.(type) {
	case nil:
		return
	case *lang.Name:
		l.stops = map[*machine.Node]bool{}
		for _, n := range s.m.Label(l.proc, x.ID.Name) {
			l.stops[n] = true
		}
	default:
		id, set := machine.Condition(x)
		l.global = s.m.Global(id.Name)
		for _, v := range set {
			n, _ := s.m.Info.Const(v)
			l.values = append(l.values, machine.Val(n))
		}
	}
	l.until = true
}

// begin gives the states in which a line is under way: none if it cannot start or go on.
func (s *script) begin(l *scriptLine, st State) []State {
	switch {
	case !l.starts:
		if st[l.off] > 0 {
			return []State{st}
		}
		return nil
	case l.proc.Work >= 0:
		if !s.m.CanStart(st, l.proc.Work) {
			return nil
		}
		t := slices.Clone(st)
		s.m.StartWork(t, l.proc.Work, l.off)
		return []State{t}
	}
	return s.start(l, st)
}

// start starts a process with its arguments, or with every choice of them.
func (s *script) start(l *scriptLine, st State) []State {
	t := slices.Clone(st)
	s.m.Start(t, l.off, l.proc)
	all := []State{t}
	for i, r := range l.proc.Params {
		dom := s.m.Domain(machine.RegLoc(r), l.proc, st)
		if l.args != nil {
			dom = l.args[i : i+1]
		}
		var next []State
		for _, t := range all {
			for _, v := range dom {
				t := slices.Clone(t)
				t[l.off+machine.FrameRegs+r] = v
				next = append(next, t)
			}
		}
		all = next
	}
	return all
}

// over tells whether a line has come to its stop, or to its end if it has none, with the movement mi.
func (s *script) over(l *scriptLine, mi *micro) bool {
	pc := mi.after[l.off]
	switch {
	case !l.until:
		return pc <= 0
	case l.global >= 0:
		return mi.edge != nil && slices.Contains(l.values, mi.after[l.global])
	}
	return pc > 0 && l.stops[s.m.Nodes[pc]]
}

// follows tells whether a movement ends a function as `choosing` says.
func (s *script) follows(l *scriptLine, mi *micro) bool {
	if mi.node.Kind != machine.ObsExit || mi.node.Result == nil {
		return true
	}
	fails, chosen := l.fails[mi.node.Func]
	f := mi.before[l.off+machine.FrameRegs : l.off+s.m.FrameSize]
	return !chosen || fails == (mi.node.Result.Eval(mi.before, f) != 0)
}
