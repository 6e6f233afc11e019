package machine

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// Profile finds the values of the features that a kernel closes; an empty name closes none.
func Profile(info *check.Info, kernel string) (map[*check.Object]int, error) {
	if kernel == "" {
		return nil, nil
	}
	var names []string
	for _, k := range info.Kernels {
		if k.Name == kernel {
			return k.Values, nil
		}
		names = append(names, k.Name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no kernel profiles, so none is called %s", info.Name, kernel)
	}
	return nil, fmt.Errorf("%s has no kernel profile %s: there are %s", info.Name, kernel, strings.Join(names, ", "))
}

// Closed is a state of globals in which nothing is known but the features that a kernel closes or the module fixes.
func (m *Machine) Closed(kernel string) (State, error) {
	values, err := Profile(m.Info, kernel)
	if err != nil {
		return nil, err
	}
	s := make(State, m.NumGlobals)
	for i, g := range m.Globals {
		s[i] = Open
		for _, known := range []map[*check.Object]int{values, m.Info.Fixed} {
			if v, ok := known[g.Object]; ok {
				s[i] = Val(v)
			}
		}
	}
	return s, nil
}

// maxInitials bounds the initial states of one instance or scenario: beyond it somebody has forgotten a condition.
const maxInitials = 1 << 20

// MaxValues bounds the values of one place of a state: nobody lists more of them.
const MaxValues = 1 << 20

// narrow reports a global that has more values than that.
func (m *Machine) narrow() error {
	for _, g := range m.Globals {
		if t := g.Object.Type; g.Kind <= VarGlobal && Values(t) > MaxValues {
			return fmt.Errorf("%s: %s has %d values, and at most %d can be looked through: give it a smaller range",
				g.Object.Ident.Pos(), g.Name(), Values(t), MaxValues)
		}
	}
	return nil
}

// Initials lists the global parts of the initial states: for every start, what its conditions admit, in
// the order of the values. No start is a start without conditions. The error is about the kernel, or about what
// leaves too much open.
func (m *Machine) Initials(kernel string, starts []*lang.Start) ([]State, error) {
	closed, err := Profile(m.Info, kernel)
	if err != nil {
		return nil, err
	}
	return m.InitialsWith(closed, starts)
}

// InitialsWith is Initials with values of the features that need not be those of a profile.
func (m *Machine) InitialsWith(closed map[*check.Object]int, starts []*lang.Start) ([]State, error) {
	if err := m.narrow(); err != nil {
		return nil, err
	}
	if len(starts) == 0 {
		starts = []*lang.Start{{}}
	}
	in := &initializer{m: m, closed: closed, known: map[string]bool{}}
	for _, s := range starts {
		in.given = givenBy(m.Info, s)
		if !in.assign(make(State, m.NumGlobals), 0) {
			return nil, fmt.Errorf("%smore than %d initial states: give more values in start", position(s), maxInitials)
		}
	}
	return in.states, nil
}

// position says where a start stands; one that is not written stands nowhere.
func position(s *lang.Start) string {
	if p := s.Pos(); p.IsValid() {
		return p.String() + ": "
	}
	return ""
}

type initializer struct {
	m      *Machine
	closed map[*check.Object]int // by the kernel, or by who asks
	given  map[*check.Object][]Val
	states []State
	known  map[string]bool // those in states
}

// assign gives globals from g on every value that they may have. Features come first, so that the
// members of enums are known when variables are reached. It gives up, with false, at too many states.
func (in *initializer) assign(s State, g int) bool {
	if g == len(s) {
		in.add(s)
		return len(in.states) <= maxInitials
	}
	for _, v := range in.values(in.m.Globals[g], s) {
		s[g] = v
		if !in.assign(s, g+1) {
			return false
		}
	}
	s[g] = 0
	return true
}

// add keeps a state that is not there yet: several starts may admit the same.
func (in *initializer) add(s State) {
	b := make([]byte, 0, 2*len(s))
	for _, v := range s {
		b = binary.AppendVarint(b, int64(v))
	}
	if k := string(b); !in.known[k] {
		in.known[k] = true
		in.states = append(in.states, slices.Clone(s))
	}
}

// values lists what one global may be at the start, given those before it.
func (in *initializer) values(g *Global, s State) []Val {
	if g.Kind > VarGlobal {
		return []Val{0}
	}
	dom := in.m.Domain(Loc(g.Index), nil, s)
	keep := func(vs []Val) []Val {
		return slices.DeleteFunc(slices.Clone(dom), func(v Val) bool { return !slices.Contains(vs, v) })
	}
	if v, ok := in.m.Info.Fixed[g.Object]; ok {
		dom = keep([]Val{Val(v)})
	}
	if v, ok := in.closed[g.Object]; ok {
		dom = keep([]Val{Val(v)})
	}
	if vs, ok := in.given[g.Object]; ok {
		return keep(vs)
	}
	if d, ok := g.Object.Decl.(*lang.Var); ok && d.Init != nil {
		v, _ := in.m.Info.Const(d.Init)
		return keep([]Val{Val(v)})
	}
	return dom
}

// givenBy reads the conditions of a start: `name = value` and `name in { … }`.
func givenBy(info *check.Info, s *lang.Start) map[*check.Object][]Val {
	given := map[*check.Object][]Val{}
	for _, c := range s.Conds {
		name, set := Condition(c)
		for _, e := range set {
			v, _ := info.Const(e) // the checker let only constants pass
			given[info.Uses[name]] = append(given[info.Uses[name]], Val(v))
		}
	}
	return given
}

// Condition takes `name = value` or `name in { … }` apart.
func Condition(c lang.Expr) (*lang.Ident, []lang.Expr) {
	switch x := c.(type) {
	case *lang.Binary:
		return x.X.(*lang.Name).ID, []lang.Expr{x.Y}
	case *lang.In:
		return x.X.(*lang.Name).ID, x.Set
	}
	panic(fmt.Sprintf("machine: condition %T of a start", c))
}
