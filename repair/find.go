package repair

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// baseline is what the spec does as it is.
type baseline struct {
	scenarios, space outcomes
}

func newBaseline(ctx context.Context, info *check.Info, opt *Options) (*baseline, error) {
	if info.Explore == nil && len(info.Scenarios) == 0 {
		return nil, errNothing
	}
	b := &baseline{}
	m, err := machine.Compile(info)
	if err != nil {
		return nil, err
	}
	if err := b.scenarios.run(m, opt.Kernel); err != nil {
		return nil, err
	}
	return b, b.space.explore(ctx, m, opt, "")
}

// run runs all scenarios of which nothing is known yet.
func (o *outcomes) run(m *machine.Machine, kernel string) error {
	done := slices.Clone(o.titles)
	for _, sc := range m.Info.Scenarios {
		if slices.ContainsFunc(done, func(t string) bool { return names(t, sc.Name.Name) }) {
			continue
		}
		r, err := modelcheck.RunScenario(m, kernel, sc)
		if err != nil {
			return err
		}
		o.scenario(r)
	}
	return nil
}

// explore explores, until a property is violated if one is named. Without `explore` it does nothing.
func (o *outcomes) explore(ctx context.Context, m *machine.Machine, opt *Options, until string) error {
	if m.Info.Explore == nil {
		return nil
	}
	x, err := modelcheck.Explore(ctx, m, modelcheck.Options{
		Kernel: opt.Kernel, Workers: opt.Workers, MaxStates: opt.MaxStates, Until: until,
	})
	if err != nil {
		return err
	}
	o.space(x)
	return nil
}

// finder is one search.
type finder struct {
	info    *check.Info
	sources map[string][]byte
	opt     *Options
	base    *baseline
	res     *Result
}

// trial is what the scenarios say of one edit.
type trial struct {
	repair  *Repair
	refused bool
	mending bool // a target, or nothing is known of the targets yet
	breaks  bool
	err     error
}

func (f *finder) search(ctx context.Context) error {
	all := f.edits()
	f.res.Edits = len(all)
	var rest []*Repair
	for _, t := range f.tryAll(ctx, all) {
		switch {
		case t == nil:
			continue
		case t.err != nil:
			return t.err
		case t.refused:
			f.res.Refused++
		case t.breaks && t.mending:
			f.res.Breaking++
		case t.mending:
			rest = append(rest, t.repair)
		}
		f.res.Tried++
	}
	if ctx.Err() != nil {
		f.res.Bounded = cause(ctx)
	}
	if f.explores() {
		return f.mendSpace(ctx, rest)
	}
	return f.mendScenarios(ctx, rest)
}

func cause(ctx context.Context) string {
	if ctx.Err() == context.DeadlineExceeded {
		return "timeout"
	}
	return "interrupt"
}

// explores tells whether the targets are properties of the explored space.
func (f *finder) explores() bool { return f.base.space.of[f.res.Targets[0]] != nil }

// edits lists the edits of all functions that the violations run through.
func (f *finder) edits() []*Edit {
	through := map[string]bool{}
	for _, title := range f.res.Targets {
		x := f.base.scenarios.of[title]
		if x == nil {
			x = f.base.space.of[title]
		}
		if x.trace == nil {
			through = nil // it is not a behaviour that is wrong: anything may help
			break
		}
		for _, name := range x.trace.Functions() {
			through[name] = true
		}
	}
	var all []*Edit
	for _, p := range f.info.Processes {
		if through == nil || through[p.Name] {
			all = append(all, edits(f.info, p.Decl, f.sources[p.Decl.Pos().File])...)
		}
	}
	return all
}

// tryAll tries all edits, in parallel; the trials are in order. Those that the end of ctx left out are nil.
func (f *finder) tryAll(ctx context.Context, all []*Edit) []*trial {
	out := make([]*trial, len(all))
	workers := f.opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next, mending atomic.Int32
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				out[i] = f.try(all[i])
				if out[i].mending {
					mending.Add(1)
				}
				f.tell(&mu, Progress{Tried: i + 1, Edits: len(all), Mending: int(mending.Load())})
			}
		})
	}
	wg.Wait()
	return out
}

func (f *finder) tell(mu *sync.Mutex, p Progress) {
	if f.opt.Progress == nil {
		return
	}
	mu.Lock()
	defer mu.Unlock()
	f.opt.Progress(p)
}

// try makes one edit and runs the scenarios.
func (f *finder) try(e *Edit) *trial {
	r, ok := f.variant(e)
	if !ok {
		return &trial{refused: true}
	}
	m, err := machine.Compile(r.info)
	if err != nil {
		return &trial{refused: true}
	}
	now := &outcomes{}
	if mends, err := f.runTargets(m, now); err != nil || !mends {
		return &trial{err: err}
	}
	if err := now.run(m, f.opt.Kernel); err != nil {
		return &trial{err: err}
	}
	t := &trial{repair: r, mending: true}
	t.breaks = !r.compare(&f.base.scenarios, now)
	r.targets = !f.explores()
	return t
}

// runTargets runs the scenarios that are to be mended, and tells whether one of them is. If properties are,
// it tells nothing.
func (f *finder) runTargets(m *machine.Machine, now *outcomes) (bool, error) {
	if f.explores() {
		return true, nil
	}
	for _, sc := range m.Info.Scenarios {
		if !slices.ContainsFunc(f.res.Targets, func(t string) bool { return names(t, sc.Name.Name) }) {
			continue
		}
		res, err := modelcheck.RunScenario(m, f.opt.Kernel, sc)
		if err != nil {
			return false, err
		}
		now.scenario(res)
	}
	return slices.ContainsFunc(f.res.Targets, func(t string) bool { return now.of[t].verdict == modelcheck.Holds }), nil
}

// variant makes the module of an edit, false if it does not pass the checks.
func (f *finder) variant(e *Edit) (*Repair, bool) {
	var decl *lang.Process
	for _, p := range f.info.Processes {
		if p.Name == e.Process {
			decl = p.Decl
		}
	}
	from, to := decl.Pos().Offset, decl.End().Offset
	src := f.sources[decl.Pos().File]
	name := f.info.Name + "_repaired"
	body := string(src[from:e.Span.Start.Offset]) + e.Text + string(src[e.Span.End.Offset:to])
	text := fmt.Sprintf("module %s extends %s\n\n%s\n", name, f.info.Name, body)
	m, err := lang.Parse(name+".rps", []byte(text))
	if err != nil {
		return nil, false
	}
	info, list := check.Module(m, f.load)
	if list.HasErrors() {
		return nil, false
	}
	return &Repair{Edit: e, Variant: string(lang.Format(m)), info: info}, true
}

// load gives the modules that a variant is made over.
func (f *finder) load(name string) (*lang.Module, error) {
	for _, m := range f.info.Chain {
		if m.Name.Name == name {
			return m, nil
		}
	}
	return nil, fmt.Errorf("there is no module %s here", name)
}

// compare notes what the edit changes, and tells whether it breaks no error.
func (r *Repair) compare(was, now *outcomes) bool {
	ok := true
	for _, t := range union(was.titles, now.titles) {
		a, b := was.of[t], now.of[t]
		if b == nil {
			continue // a warning edge of transitions that is not taken any more
		}
		before := modelcheck.Holds // a warning edge of transitions is told of only if it is taken
		if a != nil {
			before = a.verdict
		}
		switch {
		case before == modelcheck.Violated && b.verdict == modelcheck.Violated:
			if !b.warning {
				r.Leaves = append(r.Leaves, t)
			}
		case b.verdict == modelcheck.Violated && b.warning:
			r.Warns = append(r.Warns, t)
		case b.verdict == modelcheck.Violated:
			ok = false
		case before == modelcheck.Violated && b.verdict == modelcheck.Bounded:
			r.Unseen = append(r.Unseen, t)
		case before == modelcheck.Violated:
			r.Mends = append(r.Mends, t)
		case a != nil && a.reached != b.reached:
			r.Disturbs = append(r.Disturbs, t)
		}
	}
	return ok
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, t := range b {
		if !slices.Contains(a, t) {
			all = append(all, t)
		}
	}
	return all
}
