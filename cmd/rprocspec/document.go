package main

import (
	"bytes"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/spec"
)

// document collects what a review document is made from. Scenarios are run, in every kernel or in the one named;
// nothing is explored.
func document(l *loaded, m *machine.Machine, kernel, command string) (*doc.Input, error) {
	in := &doc.Input{Machine: m, Sources: l.sources, Kernel: kernel, About: about(l), Command: command}
	kernels := []string{kernel}
	if kernel == "" {
		kernels = profiles(m)
	}
	var err error
	if in.Expected, in.Verdicts, err = findings(m, kernels); err != nil {
		return nil, err
	}
	base, err := baseOf(l)
	if err != nil || base == nil {
		return in, err
	}
	in.BaseExpected, in.BaseVerdicts, err = findings(base, common(kernels, profiles(base)))
	return in, err
}

// common gives the kernels of one list that are in the other, too.
func common(kernels, others []string) []string {
	var both []string
	for _, k := range kernels {
		for _, o := range others {
			if k == o {
				both = append(both, k)
			}
		}
	}
	return both
}

// about is what the manifest says of a shipped spec. A file of the user that bears the same name is another one.
func about(l *loaded) doc.About {
	entries, err := spec.Manifest()
	if err != nil {
		return doc.About{}
	}
	for _, e := range entries {
		src, _ := spec.Source(e.Name)
		if e.Name != l.info.Name || !bytes.Equal(src, l.sources[l.info.Module.File]) {
			continue
		}
		a := doc.About{Title: e.Title, Origin: e.Origin, Assumptions: e.Assumptions}
		for _, c := range e.Counts {
			a.Counts = append(a.Counts, doc.Count{Kernel: c.Kernel, States: c.States, Initial: c.Initial, Deep: c.Depth})
		}
		return a
	}
	return doc.About{}
}

// baseOf compiles the module that a variant extends; nil if it extends none.
func baseOf(l *loaded) (*machine.Machine, error) {
	n := len(l.info.Chain)
	if n < 2 {
		return nil, nil
	}
	info, list := check.Module(l.info.Chain[n-2], func(name string) (*lang.Module, error) {
		for _, m := range l.info.Chain {
			if m.Name.Name == name {
				return m, nil
			}
		}
		return nil, nil
	})
	if list.HasErrors() {
		return nil, list
	}
	return machine.Compile(info)
}

// findings asks the checker what is expected of the properties, and runs the scenarios.
func findings(m *machine.Machine, kernels []string) ([]doc.Expected, []doc.Verdict, error) {
	var expected []doc.Expected
	var verdicts []doc.Verdict
	for _, k := range kernels {
		all, err := modelcheck.Expectations(m, k)
		if err != nil {
			return nil, nil, err
		}
		for _, j := range all {
			if j.Expected != "" { // of a warning, where the spec does not say
				expected = append(expected, doc.Expected{Title: j.Title(), Kernel: k, Want: string(j.Expected)})
			}
		}
		for _, sc := range m.Info.Scenarios {
			verdicts = append(verdicts, verdictsOf(m, k, sc)...)
		}
	}
	return expected, verdicts, nil
}

// verdictsOf runs a scenario: a verdict for everything that it says ought to be, else for what is expected of it.
// One that leaves too much open to be run says so.
func verdictsOf(m *machine.Machine, kernel string, sc *lang.Scenario) []doc.Verdict {
	r, err := modelcheck.RunScenario(m, kernel, sc)
	if err != nil {
		return []doc.Verdict{{Scenario: sc.Name.Name, Kernel: kernel, Why: err.Error()}}
	}
	v := doc.Verdict{Scenario: r.Name, Kernel: kernel, Surprise: surprise(r), Why: r.Blocked, Run: drawn(r)}
	outcomes := r.Intended
	if len(outcomes) == 0 {
		outcomes = r.Outcomes
	}
	if len(outcomes) == 0 {
		v.Is, v.Met = "impossible", r.Possible
		if r.Possible {
			v.Is = "possible"
		}
		return []doc.Verdict{v}
	}
	var all []doc.Verdict
	for _, o := range outcomes {
		v.Ought, v.Is, v.Met = o.Text(), actual(r, o), !o.Unexpected
		if r.Possible {
			v.Why = o.Detail
		}
		all = append(all, v)
	}
	return all
}

// surprise tells whether anything is not as the module expects of this kernel.
func surprise(r *modelcheck.ScenarioResult) bool {
	for _, o := range r.Outcomes {
		if o.Unexpected {
			return true
		}
	}
	return false
}

// actual says in the words of the language what is, where an outcome says what ought to be.
func actual(r *modelcheck.ScenarioResult, o *modelcheck.Outcome) string {
	if !r.Possible {
		return "impossible"
	}
	word := map[lang.OutcomeKind][2]string{
		lang.Balanced: {"balanced", "leak"}, lang.Leak: {"balanced", "leak"},
		lang.Holds: {"holds", "violates"}, lang.Violates: {"holds", "violates"},
	}[o.Decl.Kind]
	if o.Decl.Kind == lang.Impossible {
		return "possible"
	}
	_, of, _ := strings.Cut(o.Text(), " ")
	if o.Verdict == modelcheck.Violated {
		return word[1] + " " + of
	}
	return word[0] + " " + of
}

// drawn gives the run of a scenario to the document, in columns and as text; nil if there is none.
func drawn(r *modelcheck.ScenarioResult) *doc.Run {
	t := r.Telling
	if t == nil {
		return nil
	}
	run := &doc.Run{Threads: t.Threads, Starts: t.Starts(), Ends: t.Ends(), Drawing: t.Draw(), Broken: r.Broken}
	for _, r := range t.Rows() {
		run.Steps = append(run.Steps, doc.Step{Thread: r.Thread, Place: r.Place, What: r.What, Changes: strings.Join(r.Changes, ", ")})
	}
	return run
}
