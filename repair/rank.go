package repair

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// order ranks repairs: the best first, equals in the order of the text.
func order(a, b *Repair) int {
	return cmp.Or(
		cmp.Compare(len(a.Warns), len(b.Warns)),
		cmp.Compare(len(a.Disturbs), len(b.Disturbs)),
		cmp.Compare(len(b.Mends), len(a.Mends)),
	)
}

// group joins edits of one block that insert the same and change the same: they stand for each other.
// The one told is the last for a relax, which is best done when all is over, else the first.
func group(all []*Repair) []*Repair {
	var out []*Repair
	for _, r := range all {
		i := slices.IndexFunc(out, func(o *Repair) bool { return o.sameAs(r) })
		switch {
		case i < 0:
			out = append(out, r)
		case strings.HasPrefix(r.What, "relax "):
			r.Also = append(out[i].Also, out[i].Edit)
			out[i] = r
		default:
			out[i].Also = append(out[i].Also, r.Edit)
		}
	}
	return out
}

func (r *Repair) sameAs(o *Repair) bool {
	return r.Kind == Insert && o.Kind == Insert && r.block != nil && r.block == o.block && r.What == o.What &&
		slices.Equal(r.Mends, o.Mends) && slices.Equal(r.Unseen, o.Unseen) && slices.Equal(r.Disturbs, o.Disturbs) &&
		slices.Equal(r.Warns, o.Warns) && slices.Equal(r.Leaves, o.Leaves)
}

// mendScenarios explores the best of those that mend a scenario.
func (f *finder) mendScenarios(ctx context.Context, rest []*Repair) error {
	rest = group(rest)
	slices.SortStableFunc(rest, order)
	kept := 0
	for _, r := range rest {
		if kept < f.opt.Best {
			ok, err := f.explore(ctx, r)
			if err != nil {
				return err
			}
			if !ok {
				f.res.Breaking++
				continue
			}
			kept++
		}
		f.res.Repairs = append(f.res.Repairs, r)
	}
	if ctx.Err() != nil {
		f.res.Bounded = cause(ctx)
	}
	f.rank()
	return nil
}

// mendSpace explores all edits, to find those that mend a property.
func (f *finder) mendSpace(ctx context.Context, rest []*Repair) error {
	for i, r := range rest {
		ok, err := f.explore(ctx, r)
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			f.res.Tried -= len(rest) - i
			f.res.Bounded = cause(ctx)
			break
		}
		mends := func(in []string) bool {
			return slices.ContainsFunc(f.res.Targets, func(t string) bool { return slices.Contains(in, t) })
		}
		r.targets = mends(r.Mends)
		switch {
		case !r.targets && !mends(r.Unseen):
		case !ok:
			f.res.Breaking++
		default:
			f.res.Repairs = append(f.res.Repairs, r)
		}
		if f.opt.Progress != nil {
			f.opt.Progress(Progress{Tried: i + 1, Edits: len(rest), Mending: len(f.res.Repairs)})
		}
	}
	f.res.Repairs = group(f.res.Repairs)
	f.rank()
	return nil
}

// explore looks at the explored space of an edit, and tells whether it breaks no error there. A search
// for one property ends where that one is still violated.
func (f *finder) explore(ctx context.Context, r *Repair) (bool, error) {
	m, err := machine.Compile(r.info)
	if err != nil {
		return false, err
	}
	until := ""
	if f.explores() && len(f.res.Targets) == 1 {
		until = f.res.Targets[0]
	}
	var now outcomes
	if err := now.explore(ctx, m, f.opt, until); err != nil {
		return false, err
	}
	if ctx.Err() != nil {
		return true, nil // what it says is incomplete
	}
	r.Explored = m.Info.Explore != nil
	return r.compare(&f.base.space, &now), nil
}

// rank sorts the repairs and numbers them, equals alike. What was not explored comes last.
func (f *finder) rank() {
	by := func(a, b *Repair) int {
		if a.Explored != b.Explored {
			if a.Explored {
				return -1
			}
			return 1
		}
		return order(a, b)
	}
	slices.SortStableFunc(f.res.Repairs, by)
	for i, r := range f.res.Repairs {
		switch {
		case i == 0:
			r.Rank = 1
		case by(f.res.Repairs[i-1], r) == 0:
			r.Rank = f.res.Repairs[i-1].Rank
		default:
			r.Rank = f.res.Repairs[i-1].Rank + 1
		}
	}
}
