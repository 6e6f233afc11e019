package modelcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// refuseInitial says that no initial state looks like the first state of the file.
func (f *follower) refuseInitial() {
	f.res.Verdict, f.res.At = Violated, 0
	f.res.Detail = "no initial state looks so"
	if why := f.impossible(f.obs[0]); why != "" {
		f.res.Detail += ": " + why
	}
	for _, s := range f.sp.inits {
		f.instead("", s, f.difference(f.obs[0], s), f.obs[0])
	}
	f.nearest()
	f.res.Instead = slices.DeleteFunc(f.res.Instead, func(x Instead) bool { return x.apart > f.res.Instead[0].apart })
}

// refuse says that state i+1 of the file cannot come after state i.
func (f *follower) refuse(i int) {
	f.res.Verdict, f.res.At = Violated, i+1
	f.res.Detail = "no step leads to it"
	if why := f.impossible(f.obs[i+1]); why != "" {
		f.res.Detail += ": " + why
	}
	f.res.Changes = f.fileChanges(f.obs[i], f.obs[i+1])
	f.possible(f.layers[i], f.obs[i], f.obs[i+1])
}

// possible collects the steps out of a layer that show, and those into what is not there any more.
func (f *follower) possible(l *layer, from, to *observation) {
	d := &drawing{t: &Trace{m: f.sp.m}}
	names := f.sp.in.Names()
	for _, k := range l.keys {
		if k[0] == outsideMark {
			continue
		}
		s := f.state(k)
		f.st.each(s, func(mv move, t State) bool {
			if f.view.shows(from, t) {
				return true
			}
			sl := &f.sp.in.Slots[mv.slot]
			st := &Step{Kind: stepKinds[mv.kind], Proc: sl.Proc, Edge: mv.edge, Before: s, After: t, off: sl.Off}
			f.instead(names[mv.slot]+": "+d.text(st), t, f.stateChanges(s, t), to)
			return true
		})
	}
	f.nearest()
}

// instead adds what was possible.
func (f *follower) instead(step string, s State, changes []string, want *observation) {
	x := Instead{Step: step, Changes: changes, apart: len(f.difference(want, s))}
	if !slices.ContainsFunc(f.res.Instead, func(y Instead) bool { return y.Step == x.Step && slices.Equal(y.Changes, x.Changes) }) {
		f.res.Instead = append(f.res.Instead, x)
	}
}

// nearest keeps what is most like the file.
func (f *follower) nearest() {
	slices.SortStableFunc(f.res.Instead, func(a, b Instead) int {
		if a.apart != b.apart {
			return a.apart - b.apart
		}
		return strings.Compare(a.Step+strings.Join(a.Changes, " "), b.Step+strings.Join(b.Changes, " "))
	})
	f.res.Instead = f.res.Instead[:min(len(f.res.Instead), maxInstead)]
}

// impossible names values of a state of the file that its variables never have.
func (f *follower) impossible(o *observation) string {
	var all []string
	for i, g := range f.view.globals {
		if o.vals[i] == machine.Open {
			all = append(all, fmt.Sprintf("%s is never %s", g.global.Name(), o.texts[i]))
		}
	}
	return strings.Join(all, ", ")
}

// difference tells how a state looks where the file shows something else.
func (f *follower) difference(o *observation, s State) []string {
	var all []string
	for i, g := range f.view.globals {
		if v := s[g.global.Index]; v != o.vals[i] {
			all = append(all, fmt.Sprintf("%s = %s", g.global.Name(), f.text(g.global, v)))
		}
	}
	for i, k := range f.view.slots {
		if !f.view.stands(o.places[i], s, k.slot) {
			all = append(all, fmt.Sprintf("%s is %s", k.name, f.whereabouts(s, k.slot)))
		}
	}
	return all
}

// stateChanges tells what a step changes of what is compared.
func (f *follower) stateChanges(s, t State) []string {
	var all []string
	for _, g := range f.view.globals {
		if a, b := s[g.global.Index], t[g.global.Index]; a != b {
			all = append(all, fmt.Sprintf("%s: %s -> %s", g.global.Name(), f.text(g.global, a), f.text(g.global, b)))
		}
	}
	for _, k := range f.view.slots {
		if a, b := f.whereabouts(s, k.slot), f.whereabouts(t, k.slot); a != b {
			all = append(all, fmt.Sprintf("%s: %s -> %s", k.name, a, b))
		}
	}
	return all
}

// fileChanges tells what the file changes of what is compared.
func (f *follower) fileChanges(a, b *observation) []string {
	var all []string
	for i, g := range f.view.globals {
		if a.texts[i] != b.texts[i] {
			all = append(all, fmt.Sprintf("%s: %s -> %s", g.global.Name(), a.texts[i], b.texts[i]))
		}
	}
	for i, k := range f.view.slots {
		if a.places[i].word != b.places[i].word {
			all = append(all, fmt.Sprintf("%s: %s -> %s", k.name, a.places[i].word, b.places[i].word))
		}
	}
	return all
}

func (f *follower) text(g *machine.Global, v machine.Val) string {
	switch {
	case isNumber(f.sp.m, g):
		return fmt.Sprint(v)
	case g.Kind > machine.VarGlobal:
		return fmt.Sprint(v != 0)
	}
	return machine.ValueText(g.Object.Type, v)
}

// whereabouts names the place of the activation in a slot.
func (f *follower) whereabouts(s State, slot int) string {
	switch pc := s[f.sp.in.Slots[slot].Off+machine.FramePC]; {
	case pc > 0:
		return f.places[f.sp.m.Nodes[pc]]
	case pc == done:
		return placeDone
	}
	return placeIdle
}
