package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/spec"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/validate"
)

const validateLong = `Validate traces against a spec: does what a kernel recorded follow it, and what does
the trace prove about that kernel?

FILE is a trace of tracefs, trace_pipe or trace-cmd (trace.dat, or the report of one), of
Perfetto, perf or LTTng, or a kernel log; - is the standard input; a folder stands for the
traces in it. Compressed files are read as they are. Files of the CPUs of one ring buffer
(per_cpu/cpu*/trace) are one trace, any others are judged one by one, unless --join is
given and they prove that they belong together. Without --spec it is the shipped
remoteproc spec with its features open: the trace narrows them.

  rprocspec validate trace.txt
  rprocspec validate --kernel v6_0 --alias remoteproc0=modem=4080000.remoteproc trace.txt
  rprocspec validate trace.dat
  rprocspec validate captures/
  rprocspec validate --join trace.txt dmesg.txt
  rprocspec validate --format json *.txt | jq -r 'select(.verdict == "violates").trace'

`

// validateFlags are the flags of the verb as they are given.
type validateFlags struct {
	spec, kernel                     string
	features, aliases, events, probe []string
	formats                          []string
	quiet, strict, verbose, join     bool
	format, failOn, color            *oneOf
}

func (a *app) validateVerb() *cobra.Command {
	f := &validateFlags{}
	cmd := &cobra.Command{
		Use:   "validate [flags] FILE...",
		Short: "Validate traces against a spec",
		Long:  validateLong + formatHelp() + exitHelp,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("validate: give a trace, a folder of traces, or - for the standard input")
			}
			return a.validate(f, args)
		},
	}
	f.declare(cmd)
	complete(cmd, "spec", spec.Names())
	return cmd
}

func (f *validateFlags) declare(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.spec, "spec", "remoteproc", "`SPEC` to validate against: a shipped one, or a .rps file")
	fl.StringVar(&f.kernel, "kernel", "", "`PROFILE` of the spec that fixes its features (default: the trace tells)")
	fl.StringSliceVar(&f.features, "feature", nil, "fix one feature or device constant: `NAME=VALUE`")
	fl.StringArrayVar(&f.aliases, "alias", nil, "names of one processor: `A=B=C`, such as remoteproc0=modem=4080000.remoteproc")
	fl.StringSliceVar(&f.probe, "probes", nil, "what was recorded: `KIND=on|off`,...; KIND is "+strings.Join(validate.ProbeKinds, ", ")+", or exit:FUNCTION, event:TRACEPOINT for one")
	fl.StringSliceVar(&f.events, "event", nil, "what a probe event stands for, where addresses are bare: `EVENT=FUNCTION`")
	fl.StringArrayVar(&f.formats, "format-regexp", nil, "what a line of your own format says: `RX`, or @FILE with one in each line; see above")
	fl.BoolVar(&f.quiet, "quiet", false, "nothing was running any more when the trace ended")
	fl.BoolVar(&f.join, "join", false, "the FILEs were recorded together: read them as one where they prove their order")
	fl.BoolVar(&f.strict, "strict", false, "refuse a file with malformed lines")
	f.failOn = wordFlag(cmd, "fail-on", "the least severity that makes the exit code 1", "error", "warning")
	f.format = wordFlag(cmd, "format", "what to print; json is one object per line and FILE", report.Formats()...)
	f.color = wordFlag(cmd, "color", "colour the text", "auto", "always", "never")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print every finding and every kind of record")
}

// validate judges all inputs; an error means that nothing was judged.
func (a *app) validate(f *validateFlags, args []string) error {
	j, err := a.judge(f, args)
	if err != nil {
		return err
	}
	a.tellAll = f.verbose
	ins := a.inputs(args)
	if f.join {
		if ins, err = j.join(ins); err != nil {
			return err
		}
	}
	if err := j.reporter(f, len(ins) > 1); err != nil {
		return err
	}
	return j.all(ins)
}

// note keeps what a verdict means for the exit code.
func (a *app) note(res *validate.Result, failOn string) {
	switch res.Verdict {
	case validate.Violates:
		a.findings = true
	case validate.Inconclusive:
		a.open = true
	}
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			if failOn == "warning" && f.Severity == validate.Warning {
				a.findings = true
			}
		}
	}
}

// judge prepares a run: everything that a user can get wrong about spec and flags is told here.
func (a *app) judge(f *validateFlags, files []string) (*judge, error) {
	opt, err := f.options()
	if err != nil {
		return nil, err
	}
	if n := slices.Index(files, "-"); n >= 0 && slices.Contains(files[n+1:], "-") {
		return nil, errors.New("validate: - is given twice, but there is one standard input")
	}
	l, m, err := loadCompiled(f.spec)
	if err != nil {
		return nil, err
	}
	if _, err := validate.New(m, opt); err != nil {
		return nil, err
	}
	format, err := formatOf(f.formats)
	if err != nil {
		return nil, err
	}
	return &judge{
		format: format,
		app:    a, machine: m, opt: opt, strict: f.strict, spec: l.info, failOn: f.failOn.value, traced: map[string]int{},
		reading: reading(m),
	}, nil
}

// reading says what a reader has to give: what matters to every spec, and the tracepoints that this one
// speaks of.
func reading(m *machine.Machine) traces.Options {
	opt := traces.Options{SkipOther: true, Events: map[string]bool{}}
	for _, n := range m.Events() {
		opt.Events[n] = true
	}
	return opt
}

// colour decides about colours in the text.
func (a *app) colour(when string) bool {
	if when == "auto" {
		return a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb" && a.isTerminal(a.stdout)
	}
	return when == "always"
}

// options reads the flags that go to the engine.
func (f *validateFlags) options() (validate.Options, error) {
	opt := validate.Options{Kernel: f.kernel, Quiet: f.quiet}
	var err [4]error
	opt.Features, err[0] = pairs("--feature", "NAME=VALUE, such as relax_when_offline=false", f.features)
	opt.Probes, err[1] = pairs("--probes", "KIND=on|off, such as edges=on", f.probe)
	opt.Events, err[2] = pairs("--event", "EVENT=FUNCTION, such as myprobe=rproc_shutdown", f.events)
	opt.Aliases, err[3] = aliases(f.aliases)
	return opt, cmp.Or(err[:]...)
}

// pairs reads the values of a flag that takes name=value.
func pairs(flag, want string, args []string) (map[string]string, error) {
	all := map[string]string{}
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" || value == "" {
			return nil, fmt.Errorf("%s %q: give %s", flag, arg, want)
		}
		if old, twice := all[name]; twice && old != value {
			return nil, fmt.Errorf("%s: %s is given as %s and as %s: leave one out", flag, name, old, value)
		}
		all[name] = value
	}
	return all, nil
}

// aliases reads the values of --alias.
func aliases(args []string) ([][]string, error) {
	var all [][]string
	for _, arg := range args {
		names := strings.Split(arg, "=")
		if len(names) < 2 || slices.Contains(names, "") {
			return nil, fmt.Errorf("--alias %q: give two names or more of one processor, such as remoteproc0=modem", arg)
		}
		all = append(all, names)
	}
	return all, nil
}
