package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/custom"
	"github.com/rprocspec/rprocspec/validate"
)

// judge validates one trace after the other against one machine.
type judge struct {
	*app
	machine *machine.Machine
	opt     validate.Options
	reading traces.Options
	format  *custom.Format // of the user's own, or nil
	strict  bool
	spec    *check.Info
	failOn  string
	report  report.Reporter
	last    *validate.Validator // of the last trace
	sum     report.Summary
	traced  map[string]int // folders by how many traces were found in them
}

// reporter prepares the output; several tells that there is more than one input.
func (j *judge) reporter(f *validateFlags, several bool) (err error) {
	j.report, err = report.New(f.format.value, j.out, report.Options{
		Color: j.colour(f.color.value), Verbose: f.verbose, Brief: several && !f.verbose, Spec: reportSpec(j.spec),
	})
	return err
}

// all judges the inputs, one after the other. The error is about the output.
func (j *judge) all(ins []input) error {
	for _, in := range ins {
		if err := j.one(in); err != nil {
			return fmt.Errorf("cannot write the output: %w", err)
		}
	}
	j.moreSkips()
	slices.Sort(j.folders)
	for _, dir := range slices.Compact(j.folders) {
		if j.traced[dir] == 0 {
			j.fail(fmt.Errorf("%s: there is no trace in this folder", dir))
		}
	}
	j.sum.Skipped = j.skipped
	return j.report.Close(j.sum)
}

// one judges one input and prints the answer.
func (j *judge) one(in input) error {
	var failed error
	err := j.trace(in, func(res *validate.Result) error {
		j.traced[in.dir]++
		j.sum.Add(res.Verdict)
		j.note(res, j.failOn)
		failed = errors.Join(j.report.Trace(res), j.out.Flush())
		return failed
	})
	var bad *traces.FormatError
	none := errors.As(err, &bad) && bad.NoTrace
	switch {
	case err == nil, failed != nil:
		return failed
	case in.dir != "" && none:
		j.skip(in.name, "looks like "+bad.Looks)
		return nil
	}
	j.traced[in.dir]++
	j.sum.Unreadable++
	if none && bad.Line > 0 && j.format == nil {
		err = fmt.Errorf("%w; a format of your own is described with --format-regexp", err)
	}
	j.fail(err)
	return errors.Join(j.report.Unreadable(in.name, err), j.out.Flush())
}

// trace hands the answer about an input to emit: one, or one for each trace that it holds. The error is
// about reading it, or one that emit gives.
func (j *judge) trace(in input, emit func(*validate.Result) error) error {
	s, err := j.open(in)
	if err != nil {
		return err
	}
	defer s.close()
	return because(in.name, j.records(in.name, s, emit))
}

// records feeds each trace of a stream to a validator of its own.
func (j *judge) records(name string, s *stream, emit func(*validate.Result) error) error {
	p := &part{judge: j, name: name, stream: s}
	if err := p.begin(); err != nil {
		return err
	}
	var rec traces.Record
	for {
		err := s.Read(&rec)
		switch {
		case err == io.EOF:
			return p.end(0, emit)
		case err != nil:
			return err
		case rec.Kind != traces.Begin || p.log: // a kernel log tells of several boots in one story
			p.log = p.log || rec.Source == traces.KernelLog
			p.v.Observe(&rec)
			continue
		}
		p.number = max(p.number, 1)
		if err := p.end(rec.Line, emit); err != nil {
			return err
		}
		p.number, p.first = p.number+1, rec.Line
		if err := p.begin(); err != nil {
			return err
		}
	}
}

// malformed is the error of a file that --strict refuses.
func malformed(name string, info *traces.Info) error {
	if len(info.Bad) == 0 {
		return fmt.Errorf("%s: %d lines are malformed; without --strict they are skipped", name, info.Malformed)
	}
	bad, more := info.Bad[0], ""
	if info.Malformed > 1 {
		more = fmt.Sprintf(" (and %d more)", info.Malformed-1)
	}
	what := strings.TrimSuffix(bad.Why+": "+bad.Text, ": ") // of a binary file there is no text
	return fmt.Errorf("%s:%d: malformed line: %s%s; without --strict it is skipped", name, bad.Line, what, more)
}

// progress shows on a terminal how far a file is read.
func (a *app) progress(in io.Reader, name string, size int64) *progress {
	p := &progress{r: in, name: name, size: size, now: time.Now}
	if a.isTerminal(a.stderr) {
		p.w = a.stderr
	}
	return p
}

// reportSpec collects what a text report tells of a spec beside the answer.
func reportSpec(info *check.Info) report.Spec {
	s := report.Spec{Features: map[string]string{}}
	for _, f := range info.Features {
		s.Features[f.Name] = doc.Summary(doc.Of(f))
	}
	for _, k := range info.Kernels {
		values := map[string]string{}
		for f, v := range k.Values {
			values[f.Name] = doc.Value(f.Type, v)
		}
		s.Kernels = append(s.Kernels, report.Kernel{Name: k.Name, Values: values})
	}
	return s
}
