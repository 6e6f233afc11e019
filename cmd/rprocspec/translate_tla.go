package main

import (
	"context"
	"fmt"

	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// tlaStates bounds the search that tells which properties are violated; beyond it, what the spec expects has to do.
const tlaStates = 3_000_000

// writeTLA writes the modules, and one configuration for everything that is violated.
func writeTLA(t *translation) ([]textFile, error) {
	if t.trace != "" {
		return t.traceTLA()
	}
	verdicts, err := tlaVerdicts(t)
	if err != nil {
		return nil, err
	}
	files, err := tla.Files(t.machine, tla.Options{Kernel: t.kernel, Sources: t.sources, Verdicts: verdicts})
	if err != nil {
		return nil, err
	}
	var out []textFile
	for _, f := range files {
		out = append(out, textFile{f.Name, f.Text})
	}
	return out, nil
}

// tlaVerdicts asks the checker which properties of the instance are violated.
func tlaVerdicts(t *translation) ([]tla.Verdict, error) {
	res, err := modelcheck.Check(context.Background(), t.machine, modelcheck.Options{Kernel: t.kernel, MaxStates: tlaStates})
	if err != nil {
		return nil, t.lessOpen(err)
	}
	if res.Space == nil {
		return nil, machine.ErrNothing
	}
	var all []tla.Verdict
	for _, j := range res.Space.Judgements {
		v := tla.Verdict{Title: j.Title(), Warning: j.Severity == diag.Warning}
		switch j.Verdict {
		case modelcheck.Violated:
			v.Violated, v.Detail = true, fmt.Sprintf("in %d steps", len(j.Trace.Steps))
		case modelcheck.Bounded:
			v.Violated, v.Detail = j.Expected == modelcheck.Violated, "as the specification expects"
		}
		all = append(all, v)
	}
	return all, nil
}
