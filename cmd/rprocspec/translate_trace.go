package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/validate"
)

// traceTLA validates a trace and writes what was bound as a module that explains it again.
func (t *translation) traceTLA() ([]textFile, error) {
	acc, kernel, err := t.told()
	if err != nil {
		return nil, err
	}
	c := tla.Capture{
		Name: t.trace, Kernel: kernel, Subject: acc.Subject, Refused: acc.Refused, Start: acc.Start, Quiet: acc.Quiet,
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

// told gives the account of the one subject, and what is said of the kernel beside --kernel.
func (t *translation) told() (*validate.Account, string, error) {
	if len(t.info.Kernels) == 0 || t.kernel != "" {
		acc, _, err := t.account(validate.Options{Kernel: t.kernel})
		var doubted *doubtedError
		if errors.As(err, &doubted) && t.kernel != "" {
			err = t.otherKernel(doubted)
		}
		return acc, "", err
	}
	all, res, err := t.account(validate.Options{})
	if err != nil {
		return nil, "", err
	}
	return t.closest(all.Refused >= 0, res)
}

// closest explains the trace with the features that it proves. Of what it leaves open, one combination is taken: that
// of the latest kernel with which nothing has to be assumed, and a record is refused only if all combinations refuse one. So
// what TLC says of the one holds for the trace.
func (t *translation) closest(refused bool, res *validate.Result) (acc *validate.Account, kernel string, err error) {
	for _, k := range slices.Backward(t.info.Kernels) {
		features, open := map[string]string{}, []string{}
		for o, v := range k.Values {
			if features[o.Name] = proven(res, o); features[o.Name] == "" {
				features[o.Name] = machine.ValueText(o.Type, machine.Val(v))
				open = append(open, o.Name+" = "+features[o.Name])
			}
		}
		var failed error
		acc, _, failed = t.account(validate.Options{Features: features})
		if failed == nil && (acc.Refused >= 0) == refused {
			kernel = kernelSaid(res, open, k.Name)
			fmt.Fprintf(t.app.stderr, "rprocspec: %s: %s\n", report.Clean(t.trace), report.Clean(kernel))
			return acc, "Features: " + kernel + ".", nil
		}
		err = cmp.Or(err, failed)
	}
	err = cmp.Or(err, fmt.Errorf("%s: what explains it is a mixture", t.trace))
	return nil, "", fmt.Errorf("%w; so it is with the features that the trace proves and, for what it leaves open, those of any kernel: a spec of yours that extends %s may have a kernel profile of other values",
		err, t.info.Name)
}

// kernelSaid says where the values of the features are from.
func kernelSaid(res *validate.Result, open []string, kernel string) string {
	var known []string
	for _, name := range slices.Sorted(maps.Keys(res.Features)) {
		if f := res.Features[name]; f.Value != "open" {
			known = append(known, fmt.Sprintf("%s = %v%s", name, f.Value, fromLine(f.Line)))
		}
	}
	slices.Sort(open)
	var said []string
	if len(known) > 0 {
		said = append(said, "the trace proves "+strings.Join(known, ", "))
	}
	if len(open) > 0 {
		said = append(said, fmt.Sprintf("it leaves open, and %s has, %s", kernel, strings.Join(open, ", ")))
	}
	return strings.Join(said, "; ")
}

// fromLine says where a feature was decided; it was not by a line if it was given.
func fromLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" since line %d", line)
}

// proven is the value that the trace proves of a feature, "" if it leaves it open.
func proven(res *validate.Result, o *check.Object) string {
	if f := res.Features[o.Name]; f != nil && f.Value != "open" {
		return fmt.Sprint(f.Value)
	}
	return ""
}

// otherKernel adds to the doubts of a trace in a kernel what the trace proves of its own kernel, where that is
// another.
func (t *translation) otherKernel(doubted *doubtedError) error {
	_, res, _ := t.account(validate.Options{})
	profile, err := machine.Profile(t.info, t.kernel)
	if err != nil || res == nil {
		return doubted
	}
	var differ []string
	for o, v := range profile {
		has := machine.ValueText(o.Type, machine.Val(v))
		if is := proven(res, o); is != "" && is != has {
			differ = append(differ, fmt.Sprintf("%s = %s%s, where %s has %s", o.Name, is, fromLine(res.Features[o.Name].Line), t.kernel, has))
		}
	}
	if len(differ) == 0 {
		return doubted
	}
	slices.Sort(differ)
	return fmt.Errorf("%s: it is not of the kernel %s: the trace proves %s; leave out --kernel, and the features that it proves are taken (with %s: %s)",
		t.trace, t.kernel, strings.Join(differ, "; "), t.kernel, strings.Join(doubted.doubts, "; "))
}

// doubtedError is for an account that rests on more than the records.
type doubtedError struct {
	trace, subject string
	doubts         []string
}

func (e *doubtedError) Error() string {
	return fmt.Sprintf("%s: what is said of %s does not rest on its records alone, so TLA+ cannot tell it again: %s",
		e.trace, e.subject, strings.Join(e.doubts, "; "))
}

// account gives the account of the one subject, if it rests on records alone, and the answer about the trace.
func (t *translation) account(opt validate.Options) (*validate.Account, *validate.Result, error) {
	v, res, err := t.validatedBy(opt)
	if err != nil {
		return nil, nil, err
	}
	all := v.Accounts()
	if t.subject != "" {
		all = slices.DeleteFunc(all, func(a *validate.Account) bool { return a.Subject != t.subject })
	}
	switch {
	case len(all) == 0 && t.subject != "":
		return nil, res, fmt.Errorf("%s: there is no processor %s in it", t.trace, t.subject)
	case len(all) == 0:
		return nil, res, fmt.Errorf("%s: there is no record of a processor in it", t.trace)
	case len(all) > 1:
		var names []string
		for _, a := range all {
			names = append(names, a.Subject)
		}
		return nil, res, fmt.Errorf("%s: it has records of %s: choose with --subject", t.trace, strings.Join(names, ", "))
	}
	if ds := all[0].Doubts; len(ds) > 0 {
		return nil, res, &doubtedError{t.trace, all[0].Subject, ds}
	}
	return all[0], res, nil
}

// validated runs the validator over the trace.
func (t *translation) validated() (*validate.Validator, error) {
	v, _, err := t.validatedBy(validate.Options{Kernel: t.kernel})
	return v, err
}

func (t *translation) validatedBy(opt validate.Options) (*validate.Validator, *validate.Result, error) {
	j := &judge{app: t.app, machine: t.machine, opt: opt, reading: reading(t.machine)}
	var all []*validate.Result
	err := j.trace(oneFile(t.trace), func(res *validate.Result) error { all = append(all, res); return nil })
	if err == nil && len(all) > 1 {
		err = fmt.Errorf("%s: it holds %d traces, one after the other: give one of them", t.trace, len(all))
	}
	if err != nil {
		return nil, nil, err
	}
	return j.last, all[0], nil
}
