package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/validate"
)

// traceTLA validates a trace and writes what was bound as a module that explains it again.
func (t *translation) traceTLA() ([]textFile, error) {
	if len(t.info.Kernels) > 0 && t.kernel == "" {
		return nil, fmt.Errorf("translate --trace: give --kernel: the features must be known to explain a trace in TLA+")
	}
	acc, err := t.account()
	if err != nil {
		return nil, err
	}
	c := tla.Capture{
		Name: t.trace, Subject: acc.Subject, Refused: acc.Refused, Start: acc.Start, Quiet: acc.Quiet,
		Must: acc.Must, May: acc.May, From: acc.From, On: acc.On, Off: acc.Off,
	}
	for _, r := range acc.Records {
		c.Records = append(c.Records, tla.Record{Line: r.Line, Time: r.Time, Thread: r.Thread, Nodes: r.Nodes})
	}
	files, err := tla.Trace(t.machine, tla.Options{Kernel: t.kernel, Sources: t.sources}, c)
	if err != nil {
		return nil, err
	}
	var out []textFile
	for _, f := range files {
		out = append(out, textFile{f.Name, f.Text})
	}
	return out, nil
}

// account gives the account of the one subject, if it rests on records alone.
func (t *translation) account() (*validate.Account, error) {
	v, err := t.validated()
	if err != nil {
		return nil, err
	}
	all := v.Accounts()
	if t.subject != "" {
		all = slices.DeleteFunc(all, func(a *validate.Account) bool { return a.Subject != t.subject })
	}
	switch {
	case len(all) == 0 && t.subject != "":
		return nil, fmt.Errorf("%s: there is no processor %s in it", t.trace, t.subject)
	case len(all) == 0:
		return nil, fmt.Errorf("%s: there is no record of a processor in it", t.trace)
	case len(all) > 1:
		var names []string
		for _, a := range all {
			names = append(names, a.Subject)
		}
		return nil, fmt.Errorf("%s: it has records of %s: choose with --subject", t.trace, strings.Join(names, ", "))
	}
	if ds := all[0].Doubts; len(ds) > 0 {
		return nil, fmt.Errorf("%s: what is said of %s does not rest on its records alone, so TLA+ cannot tell it again: %s",
			t.trace, all[0].Subject, strings.Join(ds, "; "))
	}
	return all[0], nil
}

// validated runs the validator over the trace.
func (t *translation) validated() (*validate.Validator, error) {
	j := &judge{app: t.app, machine: t.machine, opt: validate.Options{Kernel: t.kernel}, reading: reading(t.machine)}
	answers := 0
	err := j.trace(oneFile(t.trace), func(*validate.Result) error { answers++; return nil })
	if err == nil && answers > 1 {
		err = fmt.Errorf("%s: it holds %d traces, one after the other: give one of them", t.trace, answers)
	}
	return j.last, err
}
