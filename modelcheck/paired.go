package modelcheck

import (
	"context"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// addPaired judges for every wakeup source with a balance whether each stay_awake call has its relax call:
// whether the balance would hold if the source counted. That is a search of its own, up to the first
// violation. A source that counts needs none.
func (x *Exploration) addPaired(ctx context.Context, m *machine.Machine, opt Options) error {
	for i, b := range m.Balances {
		if m.Wakeups[b.Wakeup].Counted {
			continue
		}
		j, err := paired(ctx, m, i, opt)
		if err != nil {
			return err
		}
		x.Judgements = slices.Insert(x.Judgements, x.behind(Premature, j.Name), j)
	}
	return nil
}

// behind is the place after a judgement.
func (x *Exploration) behind(k Kind, name string) int {
	return 1 + slices.IndexFunc(x.Judgements, func(j *Judgement) bool { return j.Kind == k && j.Name == name })
}

// paired explores m with the source of balance i counted.
func paired(ctx context.Context, m *machine.Machine, i int, opt Options) (*Judgement, error) {
	counting, err := machine.Compile(m.Info)
	if err != nil {
		return nil, err
	}
	w := counting.Wakeups[counting.Balances[i].Wakeup]
	w.Counted = true
	balance := &Judgement{Kind: Balance, Name: w.Object.Name}
	opt.Until = balance.Title()
	x, err := Explore(ctx, counting, opt)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(x.Judgements, func(j *Judgement) bool { return j.Title() == opt.Until })
	return x.Judgements[at].asPaired(), nil
}

// asPaired turns what was said of a balance into what is said of calls.
func (j *Judgement) asPaired() *Judgement {
	p := judgement(Paired, j.Name, true)
	p.Verdict, p.Trace = j.Verdict, j.Trace
	if p.Trace != nil {
		p.Trace.Property = p.Title()
		p.Detail = "a stay_awake call of " + p.Name + " has no relax call any more: nobody is left who would make it"
	}
	return p
}
