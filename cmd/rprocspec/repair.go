package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/repair"
)

const repairLong = `Look for single edits of a spec that mend a violated scenario or property: insert or
remove a relax, a stay_awake or a queue, or let a guard test for one more state, anywhere
in the functions that the violation runs through. What breaks something else is left out.

The best come first: those without new warnings, then those under which the fewest
scenarios that went well pass through other states, then those that mend the most. Each
is shown as a patch of the spec, with what it mends and what it leaves broken.

  rprocspec repair --kernel v6_0 --for stop_before_handler remoteproc
  rprocspec repair --for "balance awake" mine.rps

`

const repairExit = `Exit codes, the first that applies:
  1  nothing helps
  2  usage, or a spec that cannot be read or has errors
  3  bounded: what was found holds only as far as a bound let the search look, or it was cut short
  0  an edit was found, or nothing is violated
`

// repairFlags are the flags of the verb as they are given.
type repairFlags struct {
	kernel, target string
	opt            repair.Options
	show           int
	timeout        time.Duration
	format         *oneOf
}

func (a *app) repairVerb() *cobra.Command {
	f := &repairFlags{}
	cmd := &cobra.Command{
		Use:               "repair [flags] SPEC",
		Short:             "Look for single edits that mend what a spec violates",
		Long:              repairLong + repairExit,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("repair: give one spec: the name of a shipped one or a .rps file")
			}
			return a.repair(cmd.Context(), f, args[0])
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.kernel, "kernel", "", "kernel `PROFILE` to look at (default: the last of the spec)")
	fl.StringVar(&f.target, "for", "", "`NAME` of what to mend, a scenario or a property such as \"balance awake\" (default: any scenario that\nfails, else any property)")
	fl.IntVar(&f.opt.MaxStates, "max-states", repair.DefaultMaxStates, "look at so many states of one edit's explored space")
	fl.IntVar(&f.opt.Best, "best", repair.DefaultBest, "of the edits that mend a scenario, explore so many")
	fl.IntVar(&f.opt.Workers, "workers", 0, "parallel searches (default: one per processor); no result depends on it")
	fl.IntVar(&f.show, "show", 3, "show so many edits as patches")
	fl.DurationVar(&f.timeout, "timeout", 0, "end the search after this time, such as 90s (default: no limit)")
	f.format = wordFlag(cmd, "format", "what to print", "text", "json")
	return cmd
}

func (a *app) repair(ctx context.Context, f *repairFlags, name string) error {
	if f.opt.MaxStates <= 0 || f.opt.Best <= 0 || f.opt.Workers < 0 || f.show < 0 || f.timeout < 0 {
		return errors.New("repair: --max-states and --best must be positive, --workers, --show and --timeout not negative")
	}
	l, m, err := loadCompiled(name)
	if err != nil {
		return err
	}
	f.opt.Kernel, f.opt.For = f.kernel, f.target
	if f.opt.Kernel == "" {
		f.opt.Kernel = lastProfile(m)
	}
	ctx, stop := interruptible(ctx, f.timeout)
	defer stop()
	f.opt.Progress = a.repairing()
	res, err := repair.Find(ctx, l.info, l.sources, f.opt)
	a.searched()
	if err != nil {
		return because(name, err)
	}
	a.findings = len(res.Targets) > 0 && len(res.Repairs) == 0 && res.Bounded == ""
	a.open = len(res.Targets) > 0 && !res.Certain() || len(res.Targets) == 0 && res.Bounded != ""
	if f.format.value == "json" {
		return a.repairJSON(l, res)
	}
	a.repairText(l, res, f.show)
	return nil
}

// repairing shows on a terminal how far the search is.
func (a *app) repairing() func(repair.Progress) {
	if !a.isTerminal(a.stderr) {
		return nil
	}
	return func(p repair.Progress) {
		fmt.Fprintf(a.stderr, "\r\x1b[K%d of %s tried, %d may help", p.Tried, plural(p.Edits, "edit"), p.Mending)
	}
}

// repairText prints the result for people.
func (a *app) repairText(l *loaded, res *repair.Result, show int) {
	head := report.Clean(res.Module) + inKernel(res.Kernel)
	if len(res.Targets) == 0 && res.Bounded != "" {
		fmt.Fprintf(a.out, "%s: BOUNDED: %s ended the search before a violation was found\n", head, article(res.Bounded))
		return
	}
	if len(res.Targets) == 0 {
		fmt.Fprintf(a.out, "%s: nothing to mend: it is not violated\n", head)
		return
	}
	fmt.Fprintf(a.out, "%s: to mend: %s\n", head, report.Clean(strings.Join(res.Targets, ", ")))
	fmt.Fprintf(a.out, "%s tried, %d refused by the checks, %d break something else, %d help\n",
		plural(res.Tried, "edit"), res.Refused, res.Breaking, len(res.Repairs))
	if res.Bounded != "" {
		fmt.Fprintf(a.out, "BOUNDED: %s ended the search before %s\n", article(res.Bounded), plural(res.Edits-res.Tried, "edit"))
	}
	for i, r := range res.Repairs {
		if i == 0 || res.Repairs[i-1].Rank != r.Rank {
			fmt.Fprintf(a.out, "\nrank %d\n", r.Rank)
		}
		a.repairLines(r)
		if i < show {
			fmt.Fprintln(a.out)
			for line := range strings.Lines(patch(l, r.Edit)) {
				fmt.Fprintf(a.out, "    %s\n", report.Clean(strings.TrimSuffix(line, "\n")))
			}
		}
	}
}

// repairLines says what one edit does.
func (a *app) repairLines(r *repair.Repair) {
	var lines []string
	for _, e := range r.Also {
		if n := fmt.Sprint(e.Line()); !slices.Contains(lines, n) {
			lines = append(lines, n)
		}
	}
	also := ""
	if len(lines) > 0 {
		also = "; the same at line " + strings.Join(lines, ", ")
	}
	fmt.Fprintf(a.out, "  %s%s\n", report.Clean(r.String()), also)
	for _, l := range []struct {
		what  string
		names []string
	}{
		{"mends", r.Mends},
		{"not found any more", r.Unseen},
		{"new warnings", r.Warns},
		{"goes otherwise", r.Disturbs},
		{"leaves broken", r.Leaves},
	} {
		if len(l.names) > 0 {
			fmt.Fprintf(a.out, "    %-19s %s\n", l.what, report.Clean(strings.Join(l.names, ", ")))
		}
	}
	if !r.Explored {
		fmt.Fprintf(a.out, "    %-19s only the scenarios were run\n", "not explored")
	}
}

// patch gives an edit as a unified diff of the spec, formatted if the spec is.
func patch(l *loaded, e *repair.Edit) string {
	name := e.Span.Start.File
	old := l.sources[name]
	edited := e.Apply(old)
	if formatted, err := lang.FormatSource(name, old); err == nil && bytes.Equal(formatted, old) {
		if out, err := lang.FormatSource(name, edited); err == nil {
			edited = out
		}
	}
	path := strings.TrimPrefix(name, "/")
	text := string(diff.Diff("a/"+path, old, "b/"+path, edited))
	if _, rest, ok := strings.Cut(text, "\n--- "); ok {
		text = "--- " + rest // without the line "diff a b"
	}
	return text
}

type repairJSON struct {
	Spec     string     `json:"spec"`
	Kernel   string     `json:"kernel"`
	Targets  []string   `json:"targets"`
	Edits    int        `json:"edits"`
	Tried    int        `json:"tried"`
	Refused  int        `json:"refused"`
	Breaking int        `json:"breaking"`
	Bounded  string     `json:"bounded"`
	Repairs  []editJSON `json:"repairs"`
}

type editJSON struct {
	Rank     int      `json:"rank"`
	Kind     string   `json:"kind"`
	Process  string   `json:"process"`
	Line     int      `json:"line"`
	Also     []int    `json:"also"`
	What     string   `json:"what"`
	Mends    []string `json:"mends"`
	Unseen   []string `json:"unseen"`
	Warns    []string `json:"warns"`
	Disturbs []string `json:"disturbs"`
	Leaves   []string `json:"leaves"`
	Explored bool     `json:"explored"`
	Patch    string   `json:"patch"`
	Variant  string   `json:"variant"`
}

// repairJSON prints the result as one line of JSON.
func (a *app) repairJSON(l *loaded, res *repair.Result) error {
	out := repairJSON{
		res.Module, res.Kernel, list(res.Targets), res.Edits, res.Tried, res.Refused, res.Breaking, res.Bounded, []editJSON{},
	}
	for _, r := range res.Repairs {
		e := editJSON{
			r.Rank, string(r.Kind), r.Process, r.Line(),
			[]int{},
			r.What, list(r.Mends), list(r.Unseen), list(r.Warns),
			list(r.Disturbs), list(r.Leaves), r.Explored, patch(l, r.Edit), r.Variant,
		}
		for _, o := range r.Also {
			e.Also = append(e.Also, o.Line())
		}
		out.Repairs = append(out.Repairs, e)
	}
	return a.encode(out)
}

// list gives an empty list for none, as JSON readers like it.
func list(s []string) []string { return append([]string{}, s...) }
