package modelcheck_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// row is what a file shows of a state: values by name.
type row map[string]itf.Value

// row shows a state in the variables of these names.
func (b *brute) row(s *bstate, names []string) row {
	r := row{}
	for _, list := range [][]*check.Object{b.info.Features, b.info.Devices, b.info.Vars, b.info.Mutexes, b.info.Wakeups} {
		for _, o := range list {
			v := s.vals[o]
			w, isWakeup := o.Decl.(*lang.Wakeup)
			switch {
			case isWakeup && w.Counted, o.Type.Kind == check.IntType:
				r[o.Name] = itf.Integer(v)
			case o.Type.Kind == check.EnumType:
				r[o.Name] = itf.String(o.Type.Enum.Members[v].Name)
			default:
				r[o.Name] = itf.Bool(v != 0)
			}
		}
	}
	for i, o := range b.works {
		r[o.Name+".pending"] = itf.Bool(s.pending[o])
		r[o.Name+".running"] = itf.Bool(s.slots[b.once+i].phase == 1)
	}
	maps.DeleteFunc(r, func(n string, _ itf.Value) bool { return !slices.Contains(names, n) })
	return r
}

// same tells whether a state looks like a row.
func (b *brute) same(s *bstate, r row) bool {
	return maps.Equal(b.row(s, slices.Collect(maps.Keys(r))), r)
}

// tooMany bounds the sets of the reference.
const tooMany = 150

// follow gives the first row that cannot be reached, −1 if there is none, and the states of row loop; it knows
// nothing but sets. ok is false if they become too large.
func (b *brute) follow(rows []row, loop int) (at int, there map[string]*bstate, ok bool) {
	set := map[string]*bstate{}
	for _, s := range b.initial() {
		if b.same(s, rows[0]) {
			set[b.key(s)] = s
		}
	}
	for i := range rows {
		if len(set) == 0 {
			return i, nil, true
		}
		for grown := true; grown; {
			n := len(set)
			for _, s := range slices.Collect(maps.Values(set)) {
				for _, t := range b.successors(s) {
					if b.same(t, rows[i]) {
						set[b.key(t)] = t
					}
				}
			}
			if grown = len(set) > n; len(set) > tooMany {
				return 0, nil, false
			}
		}
		if i == loop {
			there = set
		}
		if i == len(rows)-1 {
			break
		}
		next := map[string]*bstate{}
		for _, s := range set {
			for _, t := range append(b.successors(s), s) {
				if b.same(t, rows[i+1]) {
					next[b.key(t)] = t
				}
			}
		}
		set = next
	}
	return -1, there, true
}

// pnode is a state of the reference beside a row of a loop.
type pnode struct {
	row int
	key string
}

// around tells whether some fair behaviour goes round the rows of a loop for ever from these states.
func (b *brute) around(rows []row, begin map[string]*bstate) bool {
	states := map[string]*bstate{}
	maps.Copy(states, begin)
	next := func(n pnode) []pnode {
		var all []pnode
		s, then := states[n.key], (n.row+1)%len(rows)
		for _, t := range append(b.successors(s), s) {
			states[b.key(t)] = t
			if b.same(t, rows[n.row]) && t != s {
				all = append(all, pnode{n.row, b.key(t)})
			}
			if b.same(t, rows[then]) && (len(rows) > 1 || t == s) {
				all = append(all, pnode{then, b.key(t)})
			}
		}
		return all
	}
	reach := func(n pnode) map[pnode]bool {
		seen, todo := map[pnode]bool{}, next(n)
		for len(todo) > 0 {
			m := todo[len(todo)-1]
			if todo = todo[:len(todo)-1]; !seen[m] {
				seen[m] = true
				todo = append(todo, next(m)...)
			}
		}
		return seen
	}
	for key := range begin {
		for n := range reach(pnode{0, key}) {
			comp := map[string]bool{}
			all := reach(n)
			for m := range all {
				if reach(m)[n] {
					comp[m.key] = true
				}
			}
			if n.row == 0 && all[n] && b.fairRound(comp, states) {
				return true
			}
		}
	}
	return false
}

// fairRound tells whether what could always go on in a set of states does so in it.
func (b *brute) fairRound(comp map[string]bool, states map[string]*bstate) bool {
	for slot := range b.procs {
		for _, start := range []bool{false, true} {
			always, taken := true, false
			for key := range comp {
				here := false
				if s := states[key]; b.outside(s) == "" {
					for _, t := range b.next(s) {
						if t.slot == slot && t.start == start && !t.env {
							here = true
							taken = taken || comp[b.key(t.s)]
						}
					}
				}
				always = always && here
			}
			if always && !taken {
				return false
			}
		}
	}
	return true
}

// successors lists what comes after a state; nothing comes after one that has left its bounds.
func (b *brute) successors(s *bstate) []*bstate {
	if b.outside(s) != "" {
		return nil
	}
	var all []*bstate
	for _, t := range b.next(s) {
		all = append(all, t.s)
	}
	return all
}

// mutate changes one thing in a behaviour, or nothing.
func mutate(r *rand.Rand, rows []row, names []string) []row {
	rows = slices.Clone(rows)
	i := r.IntN(len(rows))
	switch r.IntN(5) {
	case 0:
		return slices.Delete(rows, i, i+1)
	case 1:
		return slices.Insert(rows, i, rows[i])
	case 2:
		j := r.IntN(len(rows))
		rows[i], rows[j] = rows[j], rows[i]
	case 3:
		n := names[r.IntN(len(names))]
		rows[i] = maps.Clone(rows[i])
		switch x := rows[i][n].(type) {
		case itf.Bool:
			rows[i][n] = !x
		case itf.Int:
			rows[i][n] = itf.Integer(r.IntN(4) - 1)
		case itf.String:
			rows[i][n] = itf.String([]string{"A", "B", "C", "D"}[r.IntN(4)])
		}
	}
	return rows
}

func behaviour(rows []row, names []string) *itf.Trace {
	b := &itf.Trace{Vars: names, Loop: -1}
	for _, r := range rows {
		b.States = append(b.States, itf.State{Values: r})
	}
	return b
}

// TestFollowBrute: random walks of generated specs, in some of their variables, changed or not, are refused at
// the row at which sets of states of the reference explorer become empty.
func TestFollowBrute(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	specs, refused, walks := 40, 0, 0
	if testing.Short() {
		specs = 8
	}
	spectest.Each(t, 0, specs, func(m *machine.Machine) bool {
		b := newBrute(m.Info)
		if len(b.initial()) == 0 {
			return false
		}
		in := instance(t, m, "")
		for range 12 {
			rows, names := b.walk(r)
			rows = mutate(r, rows, names)
			if len(rows) == 0 {
				continue
			}
			want, _, ok := b.follow(rows, -1)
			if !ok {
				continue
			}
			f := follow(t, in, behaviour(rows, names), modelcheck.FollowOptions{})
			if f.At != want || (f.Verdict == modelcheck.Violated) != (want >= 0) {
				t.Errorf("%s at %d (%s), the reference says %d; compared %q in\n%s", f.Verdict, f.At, f.Detail, want, names, table(rows))
				return true
			}
			walks++
			if want >= 0 {
				refused++
			}
		}
		return true
	})
	if refused < walks/10 || refused > walks*9/10 {
		t.Errorf("%d of %d are refused: the test says little", refused, walks)
	}
}

// TestFollowLoopsBrute: the same for walks that come back to one of their states.
func TestFollowLoopsBrute(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	specs, refused, walks := 20, 0, 0
	if testing.Short() {
		specs = 6
	}
	spectest.Each(t, 0, specs, func(m *machine.Machine) bool {
		b := newBrute(m.Info)
		if len(b.initial()) == 0 {
			return false
		}
		in := instance(t, m, "")
		for range 20 {
			rows, names := b.walk(r)
			loop := max(0, len(rows)-1-r.IntN(4))
			rows = rows[:len(rows)-r.IntN(min(2, len(rows)-loop))]
			at, there, ok := b.follow(rows, loop)
			if !ok || len(there) > 30 {
				continue
			}
			file := behaviour(rows, names)
			file.Loop = loop
			f := follow(t, in, file, modelcheck.FollowOptions{})
			want := b.around(rows[loop:], there)
			if at >= 0 || f.Verdict == modelcheck.Holds != want || !want && (!f.Again || f.At != loop) {
				t.Errorf("%s at %d (%s), the reference says %v; compared %q, loop %d in\n%s", f.Verdict, f.At, f.Detail, want, names, loop, table(rows))
				return true
			}
			walks++
			if !want {
				refused++
			}
		}
		return true
	})
	if refused < walks/10 || refused > walks*9/10 {
		t.Errorf("%d of %d are refused: the test says little", refused, walks)
	}
}

// walk goes at random and shows some of the variables.
func (b *brute) walk(r *rand.Rand) ([]row, []string) {
	starts := b.initial()
	s := starts[r.IntN(len(starts))]
	all := slices.Sorted(maps.Keys(b.row(s, b.names())))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	names := all[:1+r.IntN(len(all))]
	rows := []row{b.row(s, names)}
	for range r.IntN(20) {
		next := b.successors(s)
		if len(next) == 0 {
			break
		}
		s = next[r.IntN(len(next))]
		rows = append(rows, b.row(s, names))
	}
	return rows, names
}

// names lists what row can show.
func (b *brute) names() []string {
	var all []string
	for _, list := range [][]*check.Object{b.info.Features, b.info.Devices, b.info.Vars, b.info.Mutexes, b.info.Wakeups} {
		for _, o := range list {
			all = append(all, o.Name)
		}
	}
	for _, o := range b.works {
		all = append(all, o.Name+".pending", o.Name+".running")
	}
	return all
}

func table(rows []row) string {
	var w strings.Builder
	for i, r := range rows {
		fmt.Fprintf(&w, "%3d", i)
		for _, n := range slices.Sorted(maps.Keys(r)) {
			fmt.Fprintf(&w, "  %s %v", n, r[n])
		}
		w.WriteByte('\n')
	}
	return w.String()
}
