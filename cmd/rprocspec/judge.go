package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// judge validates one trace after the other against one machine.
type judge struct {
	*app
	machine *machine.Machine
	opt     validate.Options
	strict  bool
	report  report.Reporter
	last    *validate.Validator // of the last trace
}

// trace gives the answer about one file under the name that it has in reports. The error is about
// reading it.
func (j *judge) trace(file, name string) (*validate.Result, error) {
	in, size, err := j.input(file)
	if err != nil {
		return nil, because(name, err)
	}
	defer in.Close()
	p := j.progress(in, name, size)
	defer p.clear()
	r, err := open.Reader(p, name, traces.Options{SkipOther: true})
	if err != nil {
		return nil, because(name, err)
	}
	res, err := j.records(name, r)
	return res, because(name, err)
}

// records feeds a trace to a validator of its own.
func (j *judge) records(name string, r traces.Reader) (*validate.Result, error) {
	v, err := validate.New(j.machine, j.opt)
	if err != nil {
		return nil, err
	}
	j.last = v
	var rec traces.Record
	for {
		err := r.Read(&rec)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		v.Observe(&rec)
	}
	if info := r.Info(); j.strict && info.Malformed > 0 {
		return nil, malformed(name, info)
	}
	return v.Close(name, r.Info()), nil
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

// input opens a file, or the standard input. The size is 0 if there is no telling.
func (a *app) input(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(a.stdin), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = errors.New("is a directory; give the files in it")
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
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
