package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

const checkLong = `Check specs: explore every interleaving of what their explore block names, run their
scenarios, and compare both with what they expect. What is not expected fails, in either
direction: a bug that is gone must be struck from the list of known ones.

Every kernel profile of a spec is checked, unless --kernel names one. --show prints one
counterexample or run; with --format ftrace it is a trace that validate reads.

  rprocspec check mine.rps
  rprocspec check --kernel v6_0 --show stop_before_handler remoteproc
  rprocspec check --kernel v6_0 --show "balance awake" --format ftrace remoteproc | rprocspec validate -

`

const checkExit = `Exit codes, the first that applies over all specs:
  1  something is not as the spec expects
  2  usage, or a spec that cannot be read or has errors
  3  bounded: a limit ended the search before it was decided
  0  none of these
`

// checkFlags are the flags of the verb as they are given.
type checkFlags struct {
	kernel, show string
	exact        bool
	verbose      bool
	workers      int
	maxStates    int
	maxMemory    string
	timeout      time.Duration
	format       *oneOf
}

func (a *app) checkVerb() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:               "check [flags] SPEC|FILE...",
		Short:             "Check specs: explore them and run their scenarios",
		Long:              checkLong + checkExit,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("check: give the name of a shipped spec or a .rps file")
			}
			return a.check(cmd.Context(), f, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.kernel, "kernel", "all", "`PROFILE` of the spec to check, or all")
	fl.StringVar(&f.show, "show", "", "print the behaviour that violates `PROPERTY`, or a run of that scenario")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "draw every counterexample, list what never was executed")
	f.limits(cmd)
	f.format = wordFlag(cmd, "format", "what to print; json is one object per line, spec and kernel; itf and ftrace need --show",
		"text", "json", "itf", "ftrace")
	return cmd
}

// limits adds the flags that bound a search.
func (f *checkFlags) limits(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.exact, "exact", false, "explore without reductions: count every state of the language")
	fl.IntVar(&f.workers, "workers", 0, "parallel searches (default: one per processor); no result depends on it")
	fl.IntVar(&f.maxStates, "max-states", 0, "end the search after so many states (default: no limit)")
	fl.StringVar(&f.maxMemory, "max-memory", "8G", "end the search at so much memory, such as 500M or 8G; 0: no limit")
	fl.DurationVar(&f.timeout, "timeout", 0, "end the search of one kernel after this time, such as 90s (default: no limit)")
}

// options reads the flags that go to the engine.
func (f *checkFlags) options() (modelcheck.Options, error) {
	opt := modelcheck.Options{Exact: f.exact, Workers: f.workers, MaxStates: f.maxStates, Timeout: f.timeout}
	if f.workers < 0 || f.maxStates < 0 || f.timeout < 0 {
		return opt, errors.New("--workers, --max-states and --timeout cannot be negative")
	}
	var err error
	opt.MaxMemory, err = bytesOf(f.maxMemory)
	return opt, err
}

// bytesOf reads a size: a number with K, M or G behind it, or bytes.
func bytesOf(s string) (int64, error) {
	shift := 0
	num := strings.TrimSuffix(strings.ToUpper(s), "B")
	if i := strings.IndexAny(num, "KMG"); i == len(num)-1 && i > 0 {
		shift = map[byte]int{'K': 10, 'M': 20, 'G': 30}[num[i]]
		num = num[:i]
	}
	n, err := strconv.ParseInt(num, 10, 64)
	if err != nil || n < 0 || n > 1<<62>>shift {
		return 0, fmt.Errorf("--max-memory %q: give a size such as 500M or 8G", s)
	}
	return n << shift, nil
}

// check checks all specs; an error means that nothing was checked.
func (a *app) check(ctx context.Context, f *checkFlags, names []string) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	if (f.format.value == "itf" || f.format.value == "ftrace") && f.show == "" {
		return fmt.Errorf("check: --format %s writes one behaviour: name a property or scenario with --show", f.format.value)
	}
	if f.show != "" && (len(names) > 1 || f.kernel == "all") && f.format.value != "text" {
		return errors.New("check: --show with another format than text needs one spec and --kernel PROFILE")
	}
	ctx, stop := interruptible(ctx, 0)
	defer stop()
	for _, name := range names {
		if err := a.checkSpec(ctx, f, opt, name); err != nil {
			a.fail(err)
		}
	}
	return nil
}

// checkSpec checks one spec in every kernel asked for.
func (a *app) checkSpec(ctx context.Context, f *checkFlags, opt modelcheck.Options, name string) error {
	m, err := compileSpec(name)
	if err != nil {
		return err
	}
	kernels := []string{f.kernel}
	if f.kernel == "all" {
		kernels = profiles(m)
	}
	c := &checking{app: a, flags: f, machine: m, name: name}
	for _, k := range kernels {
		opt.Kernel = k
		opt.Progress = a.searching(name, k)
		res, err := c.run(ctx, opt)
		a.searched()
		if err != nil {
			return because(name, err)
		}
		a.findings = a.findings || res.Unexpected()
		a.open = a.open || res.Open()
		if err := errors.Join(c.print(res), a.out.Flush()); err != nil {
			return err
		}
	}
	return c.finish()
}

// run checks one kernel; if only a scenario is to be shown, nothing is explored.
func (c *checking) run(ctx context.Context, opt modelcheck.Options) (*modelcheck.Result, error) {
	for _, sc := range c.machine.Info.Scenarios {
		if sc.Name.Name == c.flags.show {
			r, err := modelcheck.RunScenario(c.machine, opt.Kernel, sc)
			return &modelcheck.Result{Module: c.machine.Info.Name, Kernel: opt.Kernel, Scenarios: []*modelcheck.ScenarioResult{r}}, err
		}
	}
	return modelcheck.Check(ctx, c.machine, opt)
}

// searching shows on a terminal how far a search is.
func (a *app) searching(name, kernel string) func(modelcheck.Progress) {
	if !a.isTerminal(a.stderr) {
		return nil
	}
	return func(p modelcheck.Progress) {
		fmt.Fprintf(a.stderr, "\r\x1b[K%s %s: %s states, %s a second, depth %d, %d MB", report.Clean(name), report.Clean(kernel),
			thousands(p.States), thousands(int(float64(p.States)/max(p.Elapsed.Seconds(), 1e-3))), p.Depth, p.Memory>>20)
	}
}

// searched takes the line away again.
func (a *app) searched() {
	if a.isTerminal(a.stderr) {
		fmt.Fprint(a.stderr, "\r\x1b[K")
	}
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// article puts a or an before a word.
func article(what string) string {
	if strings.ContainsRune("aeiou", rune(what[0])) {
		return "an " + what
	}
	return "a " + what
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// checking prints the results of one spec.
type checking struct {
	*app
	flags    *checkFlags
	machine  *machine.Machine
	name     string
	shown    bool
	executed map[diag.Span]bool
}

func (c *checking) print(res *modelcheck.Result) error {
	if c.flags.show != "" {
		return c.show(res)
	}
	c.cover(res.Space)
	if c.flags.format.value == "json" {
		return c.json(res)
	}
	c.text(res)
	return nil
}

// cover notes which statements any kernel has executed.
func (c *checking) cover(x *modelcheck.Exploration) {
	if x == nil {
		return
	}
	if c.executed == nil {
		c.executed = map[diag.Span]bool{}
	}
	for _, s := range x.Executed {
		c.executed[s] = true
	}
	for _, s := range x.Unexecuted {
		c.executed[s] = c.executed[s] || false
	}
}

// finish ends the report of a spec.
func (c *checking) finish() error {
	if c.flags.show != "" {
		if !c.shown {
			return fmt.Errorf("%s: %s has no behaviour to show here: it holds, or nothing bears that name", c.name, c.flags.show)
		}
		return nil
	}
	if c.flags.format.value == "json" {
		return nil
	}
	var never []diag.Span
	for s, yes := range c.executed {
		if !yes {
			never = append(never, s)
		}
	}
	slices.SortFunc(never, func(a, b diag.Span) int { return a.Start.Compare(b.Start) })
	if len(never) > 0 && !c.flags.verbose {
		fmt.Fprintf(c.out, "%s: never executed in what is explored: %s; -v lists them\n", report.Clean(c.name), plural(len(never), "statement"))
	}
	if c.flags.verbose {
		for _, s := range never {
			fmt.Fprintf(c.out, "%s: warning: never executed in what is explored [unexecuted]\n", report.Clean(s.String()))
		}
	}
	return nil
}
