// Package repair looks for single edits of a specification that mend what it violates.
//
// An edit inserts or removes a `relax`, a `stay_awake` or a `queue`, or lets a guard test for one more
// state, at any place of the functions that a violation runs through. Each is tried as a variant module
// that overrides one process: it must pass the static checks, its scenarios are run, and the best of
// those that mend something and break nothing are explored.
//
// Edits are ranked by what speaks for them, in this order: no new warning; few scenarios that went well
// before and now pass through other states; much that is mended. The second keeps an edit that only acts
// where something was wrong before one that changes every run. The result is the same in every run.
package repair

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// Options of a search for repairs. The zero value looks for what mends any scenario, in any kernel.
type Options struct {
	Kernel string
	// For is what has to be mended: a scenario, or a property by its title, such as "balance awake". "":
	// any scenario that is not as it says, and if all are, any violated property.
	For       string
	MaxStates int // of one exploration; 0: DefaultMaxStates
	Best      int // so many groups of edits that mend a scenario are explored; 0: DefaultBest
	Workers   int // 0: as many as there are processors; no result depends on it
	Progress  func(Progress)
}

// The defaults of Options.
const (
	DefaultMaxStates = 1_000_000
	DefaultBest      = 4
)

// Progress tells how far the search is.
type Progress struct{ Tried, Edits, Mending int }

// Repair is an edit that mends something, with the edits of the same block that do the same.
type Repair struct {
	*Edit
	Also     []*Edit
	Rank     int      // 1 is the best; several may share a rank
	Mends    []string // scenarios and properties that hold now
	Unseen   []string // properties whose violation is not found any more before the bound of an exploration
	Warns    []string // properties of severity warning that are violated now and were not
	Disturbs []string // scenarios that held before and still do, but pass through other states
	Leaves   []string // what is still violated, errors only
	Explored bool     // false: only the scenarios were looked at
	Variant  string   // the edit as a module of its own

	info    *check.Info
	targets bool // mends a target for certain, and not only up to a bound
}

// Result is the answer about one spec in one kernel.
type Result struct {
	Module   string
	Kernel   string
	Targets  []string // what was to be mended; none if nothing is known to be violated
	Edits    int      // all that were listed
	Tried    int      // fewer than Edits if the search was cut short
	Refused  int      // by the static checks
	Breaking int      // break what held; for a scenario, of those that mend it
	Repairs  []*Repair
	Bounded  string // why the search was cut short, "" if it was not
}

// Certain reports whether a repair of a target does not rest on a bounded exploration.
func (r *Result) Certain() bool {
	return slices.ContainsFunc(r.Repairs, func(p *Repair) bool { return p.targets })
}

// Find looks for repairs of a checked module. Sources are the texts of its files, by name. The end of
// ctx cuts the search short; the error is about the options and the module.
func Find(ctx context.Context, info *check.Info, sources map[string][]byte, opt Options) (*Result, error) {
	if opt.MaxStates == 0 {
		opt.MaxStates = DefaultMaxStates
	}
	if opt.Best == 0 {
		opt.Best = DefaultBest
	}
	base, err := newBaseline(ctx, info, &opt)
	if err != nil {
		return nil, err
	}
	f := &finder{info: info, sources: sources, opt: &opt, base: base}
	f.res = &Result{Module: info.Name, Kernel: opt.Kernel}
	if err := f.aim(); err != nil {
		return nil, err
	}
	if len(f.res.Targets) == 0 {
		f.undecided(ctx)
		return f.res, nil
	}
	err = f.search(ctx)
	return f.res, err
}

// outcome is what is known of one scenario or property.
type outcome struct {
	verdict modelcheck.Verdict // Violated also for a scenario that is not as it says
	warning bool
	reached uint64            // scenarios
	trace   *modelcheck.Trace // of a violation
}

// outcomes are known by title, in the order of the module.
type outcomes struct {
	titles []string
	of     map[string]*outcome
}

func (o *outcomes) set(title string, x *outcome) {
	if o.of == nil {
		o.of = map[string]*outcome{}
	}
	if o.of[title] == nil {
		o.titles = append(o.titles, title)
	}
	o.of[title] = x
}

// violated lists the titles of violated errors.
func (o *outcomes) violated() []string {
	var bad []string
	for _, t := range o.titles {
		if x := o.of[t]; x.verdict == modelcheck.Violated && !x.warning {
			bad = append(bad, t)
		}
	}
	return bad
}

// scenario notes what came of a scenario.
func (o *outcomes) scenario(r *modelcheck.ScenarioResult) {
	for _, x := range r.Intended {
		title := r.Name
		if len(r.Intended) > 1 {
			title += ": " + x.Text()
		}
		v := modelcheck.Holds
		if x.Unexpected {
			v = modelcheck.Violated
		}
		o.set(title, &outcome{verdict: v, reached: r.Reached, trace: x.Trace})
	}
}

// space notes what came of an exploration.
func (o *outcomes) space(x *modelcheck.Exploration) {
	for _, j := range x.Judgements {
		title := j.Title()
		if j.Severity != diag.Error {
			title += " (warning)"
		}
		o.set(title, &outcome{verdict: j.Verdict, warning: j.Severity != diag.Error, trace: j.Trace})
	}
}

// aim settles the targets.
func (f *finder) aim() error {
	bad := f.base.scenarios.violated()
	props := f.base.space.violated()
	switch {
	case f.opt.For == "" && len(bad) > 0:
		f.res.Targets = bad
	case f.opt.For == "":
		f.res.Targets = props
	default:
		return f.aimAt(f.opt.For, append(bad, props...))
	}
	return nil
}

func (f *finder) aimAt(name string, bad []string) error {
	var all []string
	for _, o := range []*outcomes{&f.base.scenarios, &f.base.space} {
		all = append(all, o.titles...)
	}
	is := func(title string) bool { return names(title, name) }
	if !slices.ContainsFunc(all, is) {
		return fmt.Errorf("%s has no scenario and no property %q: there are %s", f.info.Name, name, strings.Join(all, ", "))
	}
	f.res.Targets = slices.DeleteFunc(slices.Clone(bad), func(t string) bool { return !is(t) })
	return nil
}

// undecided notes that nothing is known to be violated only because the exploration ended early.
func (f *finder) undecided(ctx context.Context) {
	for _, t := range f.base.space.titles {
		x := f.base.space.of[t]
		if x.verdict != modelcheck.Bounded || f.opt.For != "" && !names(t, f.opt.For) || f.opt.For == "" && x.warning {
			continue
		}
		f.res.Bounded = fmt.Sprintf("limit of %d states", f.opt.MaxStates)
		if ctx.Err() != nil {
			f.res.Bounded = cause(ctx)
		}
	}
}

// names tells whether a title is that of a scenario or property, or of one of several outcomes of it.
func names(title, name string) bool { return title == name || strings.HasPrefix(title, name+": ") }

// errNothing is for modules that say nothing that could be violated.
var errNothing = errors.New("there is nothing to mend: it has neither scenarios nor `explore`")
