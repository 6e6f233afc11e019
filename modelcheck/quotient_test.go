package modelcheck_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// rowText writes what a file would show of a state.
func rowText(r row) string {
	var parts []string
	for _, n := range slices.Sorted(maps.Keys(r)) {
		parts = append(parts, fmt.Sprint(n, "=", r[n]))
	}
	return strings.Join(parts, " ")
}

// groups lists by brute force how the states differ in some variables, and who changes them.
func (b *brute) groups(names []string) (all []string) {
	known, seen := map[string]bool{}, map[string]bool{}
	queue := b.initial()
	note := func(s string) {
		if !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	for _, s := range queue {
		note("initial " + rowText(b.row(s, names)))
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		if k := b.key(s); known[k] {
			continue
		} else {
			known[k] = true
		}
		from := rowText(b.row(s, names))
		note(from)
		for _, t := range b.next(s) {
			if b.outside(t.s) != "" {
				continue
			}
			if to := rowText(b.row(t.s, names)); to != from {
				note(from + " -> " + to + " by " + b.procs[t.slot].Name)
			}
			queue = append(queue, t.s)
		}
	}
	slices.Sort(all)
	return all
}

// TestQuotient: the reference explorer finds the same groups and steps between them in generated specs.
func TestQuotient(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	specs := 30
	if testing.Short() {
		specs = 10
	}
	spectest.Each(t, 0, specs, func(m *machine.Machine) bool {
		b := newBrute(m.Info)
		if _, small := b.explore(400); !small || len(b.initial()) == 0 {
			return false
		}
		all := b.names()
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		names := all[:1+r.IntN(4)]
		q, err := modelcheck.NewQuotient(context.Background(), m, modelcheck.Options{Workers: 1 + r.IntN(3)}, names)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(b.groups(names), quotientText(m, q)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", names, diff)
		}
		return true
	})
}

// quotientText writes a quotient as groups does.
func quotientText(m *machine.Machine, q *modelcheck.Quotient) []string {
	text := func(i int) string {
		r := row{}
		for j, g := range q.Vars {
			r[g.Name()] = modelcheck.ITFValue(m, g, q.Groups[i].Values[j])
		}
		return rowText(r)
	}
	var all []string
	for i, g := range q.Groups {
		all = append(all, text(i))
		if g.Initial {
			all = append(all, "initial "+text(i))
		}
	}
	for _, s := range q.Steps {
		all = append(all, text(s.From)+" -> "+text(s.To)+" by "+s.Proc.Name)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestQuotientErrors(t *testing.T) {
	m := compile(t, lamp)
	_, err := modelcheck.NewQuotient(context.Background(), m, modelcheck.Options{}, []string{"m"})
	if err == nil || !strings.Contains(err.Error(), `lamp has no m: there are n`) {
		t.Errorf("an unknown variable: %v", err)
	}
	q, err := modelcheck.NewQuotient(context.Background(), m, modelcheck.Options{MaxStates: 3}, []string{"n"})
	if err != nil || q.Bounded == "" {
		t.Errorf("bounded: %q, %v", q.Bounded, err)
	}
	if q, _ = modelcheck.NewQuotient(context.Background(), m, modelcheck.Options{}, nil); len(q.Groups) != 1 || len(q.Steps) != 0 {
		t.Errorf("without variables there are %d groups", len(q.Groups))
	}
	if q, _ = modelcheck.NewQuotient(context.Background(), m, modelcheck.Options{}, []string{"n"}); len(q.Groups) != 3 || q.Groups[2].Values[0] != 2 {
		t.Errorf("the last of three groups is not that of n = 2: %v", q.Groups)
	}
}
