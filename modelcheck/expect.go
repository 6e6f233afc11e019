package modelcheck

import (
	"context"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Check explores m and runs its scenarios, in the kernel that opt names, and compares with what the
// module expects.
func Check(ctx context.Context, m *machine.Machine, opt Options) (*Result, error) {
	res := &Result{Module: m.Info.Name, Kernel: opt.Kernel}
	if _, err := machine.Profile(m.Info, opt.Kernel); err != nil {
		return nil, err
	}
	if m.Info.Explore != nil {
		x, err := Explore(ctx, m, opt)
		if err != nil {
			return nil, err
		}
		if err := x.addPaired(ctx, m, opt); err != nil {
			return nil, err
		}
		for _, j := range x.Judgements {
			expect(m.Info, j, opt.Kernel)
		}
		res.Space = x
	}
	for _, sc := range m.Info.Scenarios {
		r, err := RunScenario(m, opt.Kernel, sc)
		if err != nil {
			return nil, err
		}
		res.Scenarios = append(res.Scenarios, r)
	}
	return res, nil
}

// expect compares a judgement of the explored space with what the module expects in a kernel: what it
// says of this kernel, else of all; else errors must not be there.
func expect(info *check.Info, j *Judgement, kernel string) {
	it := &item{Judgement: j}
	if j.Severity == diag.Error {
		j.Expected = Holds
	}
	exact := false
	for _, x := range info.Expects {
		if x.Scenario != nil || !it.is(x.Outcome) || x.In != nil && x.In.Name != kernel || exact && x.In == nil {
			continue
		}
		exact = exact || x.In != nil
		j.Expected = Holds
		if x.Outcome.Kind == lang.Violates {
			j.Expected = Violated
		}
	}
	j.Unexpected = j.Expected != "" && j.Verdict != Bounded && j.Verdict != j.Expected
}

// expectedOf gives what the module expects of a scenario in a kernel: what it says of this kernel, else
// of all, else what stands in the scenario.
func expectedOf(info *check.Info, sc *lang.Scenario, kernel string) []*lang.Outcome {
	var here, everywhere []*lang.Outcome
	for _, x := range info.Expects {
		switch {
		case x.Scenario == nil || x.Scenario.Name != sc.Name.Name:
		case x.In == nil:
			everywhere = append(everywhere, x.Outcome)
		case x.In.Name == kernel:
			here = append(here, x.Outcome)
		}
	}
	switch {
	case len(here) > 0:
		return here
	case len(everywhere) > 0:
		return everywhere
	}
	return sc.Expect
}

// Expectations gives what m expects in a kernel of everything that an exploration judges, in the order in which it
// does. Nothing is explored: the verdicts are empty. Errors of the model itself are left out.
func Expectations(m *machine.Machine, kernel string) ([]*Judgement, error) {
	if _, err := machine.Profile(m.Info, kernel); err != nil {
		return nil, err
	}
	all, err := items(m)
	if err != nil {
		return nil, err
	}
	var out []*Judgement
	for _, it := range all {
		j := &Judgement{Kind: it.Kind, Name: it.Name, Severity: it.Severity, Verdict: Bounded}
		expect(m.Info, j, kernel)
		j.Verdict = ""
		out = append(out, j)
	}
	return out, nil
}
