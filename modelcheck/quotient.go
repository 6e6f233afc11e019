package modelcheck

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rprocspec/rprocspec/internal/spell"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Quotient is what is explored, with states that agree in some variables taken for one.
type Quotient struct {
	Vars    []*machine.Global
	Groups  []Group
	Steps   []GroupStep
	States  int                    // explored, before they are taken together
	Points  map[*machine.Node]bool // before which some activation stands
	Taken   map[*machine.Edge]bool // by some step
	Bounded string                 // why the search ended early: the rest is missing; "" if it did not
}

// Group are the states with these values.
type Group struct {
	Values  []machine.Val // of Vars
	States  int           // of the reduced search
	Initial bool
}

// GroupStep are the steps of activations of one process from a group to another one. Steps that stay in a group
// are left out.
type GroupStep struct {
	From, To int // of Groups
	Proc     *machine.Proc
}

// maxGroups bounds a quotient: beyond it nobody can look at it.
const maxGroups = 100_000

// NewQuotient explores what the explore block of m names, and takes states together that agree in the variables of
// these names: features, devices, variables, mutexes, wakeup sources and work items.
func NewQuotient(ctx context.Context, m *machine.Machine, opt Options, vars []string) (*Quotient, error) {
	q := &Quotient{}
	for _, name := range vars {
		g, err := globalNamed(m, name)
		if err != nil {
			return nil, err
		}
		q.Vars = append(q.Vars, g)
	}
	opt.Exact, opt.allSteps = false, true // whoever is taken for whom, the variables are the same
	sp, err := newSpace(m, &opt)
	if err != nil {
		return nil, err
	}
	s, err := newSearch(sp, &opt)
	if err != nil {
		return nil, err
	}
	s.run(ctx)
	q.States, q.Bounded = s.store.n, s.bounded
	return q, q.project(s)
}

// globalNamed finds what bears a name, which may have _ for a dot.
func globalNamed(m *machine.Machine, name string) (*machine.Global, error) {
	var names []string
	for _, g := range m.Globals {
		if g.Name() == name || strings.ReplaceAll(g.Name(), ".", "_") == name {
			return g, nil
		}
		names = append(names, g.Name())
	}
	hint := ""
	if near := spell.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return nil, fmt.Errorf("%s has no %s%s: there are %s", m.Info.Name, name, hint, strings.Join(names, ", "))
}

// projection is what one worker finds.
type projection struct {
	groups map[string]*Group
	steps  map[groupStep]bool
	taken  map[*machine.Edge]bool
	points map[*machine.Node]bool
}

type groupStep struct {
	from, to string
	proc     *machine.Proc
}

// project takes the states of a search together.
func (q *Quotient) project(s *search) error {
	parts := make([]*projection, s.opt.Workers)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { parts[i] = q.part(s, i) })
	}
	wg.Wait()
	all := parts[0]
	for _, p := range parts[1:] {
		all.join(p)
	}
	q.Taken, q.Points = all.taken, all.points
	if len(all.groups) > maxGroups {
		return fmt.Errorf("the states differ in more than %d ways in these variables: name fewer", maxGroups)
	}
	q.order(all)
	return nil
}

// part projects every so many'th state.
func (q *Quotient) part(s *search, first int) *projection {
	p := &projection{map[string]*Group{}, map[groupStep]bool{}, map[*machine.Edge]bool{}, map[*machine.Node]bool{}}
	st, state, key := newStepper(s.sp), s.sp.blank(), make([]byte, s.sp.pack.bytes)
	for id := first; id < s.store.n && len(p.groups) <= maxGroups; id += s.opt.Workers {
		s.sp.pack.unpack(s.store.key(uint32(id)), state)
		from := q.key(state)
		g := p.groups[from]
		if g == nil {
			g = &Group{}
			for _, v := range q.Vars {
				g.Values = append(g.Values, state[v.Index])
			}
			p.groups[from] = g
		}
		g.States++
		g.Initial = g.Initial || s.store.parent[id] == noParent
		for i := range s.sp.in.Slots {
			if pc := state[s.sp.in.Slots[i].Off]; pc > 0 {
				p.points[s.sp.m.Nodes[pc]] = true
			}
		}
		st.each(state, func(mv move, to State) bool {
			if mv.edge != nil {
				p.taken[mv.edge] = true
			}
			// What is out of bounds, or was not reached before a bound of the search, is no group.
			if k := q.key(to); k != from && st.pos < 0 && s.sp.pack.pack(to, key) < 0 {
				p.steps[groupStep{from, k, s.sp.in.Slots[mv.slot].Proc}] = true
			}
			return true
		})
	}
	return p
}

func (q *Quotient) key(s State) string {
	b := make([]byte, 0, 4*len(q.Vars))
	for _, g := range q.Vars {
		v := uint32(s[g.Index])
		b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	return string(b)
}

func (p *projection) join(o *projection) {
	for k, g := range o.groups {
		if mine := p.groups[k]; mine != nil {
			mine.States += g.States
			mine.Initial = mine.Initial || g.Initial
		} else {
			p.groups[k] = g
		}
	}
	for k := range o.steps {
		p.steps[k] = true
	}
	for e := range o.taken {
		p.taken[e] = true
	}
	for n := range o.points {
		p.points[n] = true
	}
}

// order numbers the groups by their values, and the steps by the groups.
func (q *Quotient) order(all *projection) {
	keys := make([]string, 0, len(all.groups))
	for k := range all.groups {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return slices.Compare(all.groups[a].Values, all.groups[b].Values) })
	number := map[string]int{}
	for i, k := range keys {
		number[k] = i
		q.Groups = append(q.Groups, *all.groups[k])
	}
	for k := range all.steps {
		if to, ok := number[k.to]; ok {
			q.Steps = append(q.Steps, GroupStep{number[k.from], to, k.proc})
		}
	}
	slices.SortFunc(q.Steps, func(a, b GroupStep) int {
		return slices.Compare([]int{a.From, a.To, a.Proc.Index}, []int{b.From, b.To, b.Proc.Index})
	})
}
