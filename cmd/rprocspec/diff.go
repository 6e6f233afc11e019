package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

const diffLong = `Compare two designs by what can be seen of them: which behaviours of the explored
instance has A that B does not have, and B that A does not? Seen are the start and the
end of activations and of work items, items becoming pending, edges of wakeup sources,
log lines and events, each with its thread. For each direction a shortest behaviour is
shown, with what the other design could do instead of its last event.

A design is a spec, or SPEC@KERNEL for one of its kernel profiles; without a kernel it is
that of --kernel, else the last of the spec.

  rprocspec diff remoteproc@v6_0 remoteproc@v6_2
  rprocspec diff --kernel v6_0 remoteproc mine.rps

With --itf: is what TLC, Apalache or Quint wrote in the Informal Trace Format a behaviour of
the design, and if not, which state is the first that cannot be there? Variables are
compared that bear the same name, and pc, the places of activations, if they are the
spec's. Between two states the design takes any number of steps that change nothing of
these, and then one that does. A loop has to be fair. Variables that only the file has are
named and ignored; those that it has not may have any value.

  rprocspec diff --itf behaviour.itf.json remoteproc@v6_0
  rprocspec diff --itf theirs.itf.json --name rproc.st=state --ignore clock remoteproc

`

const diffExit = `Exit codes, the first that applies:
  1  they differ; a file is no behaviour of the design
  2  usage, or a spec or file that cannot be read or has errors
  3  bounded: no difference was found before a limit ended the search
  0  they are equivalent; all files are behaviours of the design
`

// diffFlags are the flags of the verb as they are given.
type diffFlags struct {
	kernel  string
	maxSets int
	timeout time.Duration
	format  *oneOf
	itf     itfFlags
}

func (a *app) diffVerb() *cobra.Command {
	f := &diffFlags{}
	cmd := &cobra.Command{
		Use:               "diff [flags] A[@KERNEL] B[@KERNEL]\n  rprocspec diff --itf FILE [flags] A[@KERNEL]",
		Short:             "Tell what one design does that another does not",
		Long:              diffLong + diffExit,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch err := f.itf.fit(cmd.Flags()); {
			case err != nil:
				return err
			case len(f.itf.files) > 0 && len(args) == 1:
				return a.follow(cmd.Context(), f, args[0])
			case len(f.itf.files) > 0:
				return errors.New("diff: give one design beside --itf: the name of a shipped spec or a .rps file, with @KERNEL or without")
			case len(args) != 2:
				return errors.New("diff: give two designs: names of shipped specs or .rps files, each with @KERNEL or without")
			}
			return a.diff(cmd.Context(), f, args)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&f.kernel, "kernel", "", "kernel `PROFILE` of the designs that name none (default: the last of each spec)")
	fl.IntVar(&f.maxSets, "max-sets", modelcheck.DefaultMaxSets, "end the search after so many pairs of sets of states")
	fl.DurationVar(&f.timeout, "timeout", 0, "end the search after this time, such as 90s (default: no limit)")
	f.format = wordFlag(cmd, "format", "what to print", "text", "json")
	f.itf.add(fl)
	return cmd
}

func (a *app) diff(ctx context.Context, f *diffFlags, designs []string) error {
	if f.maxSets <= 0 || f.timeout < 0 {
		return errors.New("diff: --max-sets must be positive, --timeout not negative")
	}
	ctx, stop := interruptible(ctx, f.timeout)
	defer stop()
	var ms [2]*machine.Machine
	var kernels, titles [2]string
	for i, d := range designs {
		var err error
		if ms[i], kernels[i], err = designOf(d, f.kernel); err != nil {
			return err
		}
		titles[i] = ms[i].Info.Name
		if kernels[i] != "" {
			titles[i] += "@" + kernels[i]
		}
	}
	opt := modelcheck.DiffOptions{KernelA: kernels[0], KernelB: kernels[1], MaxSets: f.maxSets, Progress: a.diffing()}
	d, err := modelcheck.Diff(ctx, ms[0], ms[1], opt)
	a.searched()
	if err != nil {
		return err
	}
	a.findings = d.OnlyA != nil || d.OnlyB != nil
	a.open = d.Bounded != ""
	if f.format.value == "json" {
		return a.diffJSON(titles, d)
	}
	a.diffText(titles, d)
	return nil
}

// diffing shows on a terminal how far the search is.
func (a *app) diffing() func(modelcheck.DiffProgress) {
	if !a.isTerminal(a.stderr) {
		return nil
	}
	return func(p modelcheck.DiffProgress) {
		fmt.Fprintf(a.stderr, "\r\x1b[K%s sets, %s states, depth %d", thousands(p.Sets), thousands(p.States), p.Depth)
	}
}

// diffText prints the result for people.
func (a *app) diffText(titles [2]string, d *modelcheck.Difference) {
	fmt.Fprintf(a.out, "A  %s\nB  %s\n", report.Clean(titles[0]), report.Clean(titles[1]))
	explored := fmt.Sprintf("%s sets of %s states", thousands(d.Sets), thousands(d.States))
	if d.Equivalent() {
		fmt.Fprintf(a.out, "equivalent: nothing that can be seen tells them apart (%s)\n", explored)
		return
	}
	a.direction("A", "B", d.OnlyA, d, explored)
	a.direction("B", "A", d.OnlyB, d, explored)
}

// direction prints what one of the designs does that the other does not.
func (a *app) direction(one, other string, w *modelcheck.Witness, d *modelcheck.Difference, explored string) {
	switch {
	case w == nil && d.Bounded != "":
		fmt.Fprintf(a.out, "\nBOUNDED by %s: %s does nothing that %s cannot do in %s, up to %s\n", article(d.Bounded), one, other, explored,
			plural(d.Depth, "event"))
		return
	case w == nil:
		fmt.Fprintf(a.out, "\n%s does nothing that %s cannot do (%s)\n", one, other, explored)
		return
	}
	fmt.Fprintf(a.out, "\nonly %s does this, in %s:\n", one, plural(len(w.Events), "event"))
	for i, e := range w.Events {
		fmt.Fprintf(a.out, "%4d  %s\n", i+1, report.Clean(e.String()))
	}
	fmt.Fprintf(a.out, "where %s could only go on with:\n", other)
	for _, s := range w.Instead {
		fmt.Fprintf(a.out, "      %s\n", report.Clean(s))
	}
	if len(w.Instead) == 0 {
		fmt.Fprintln(a.out, "      nothing")
	}
	fmt.Fprintf(a.out, "one way in which %s does it:\n", one)
	for l := range strings.Lines(w.Run.Draw()) {
		fmt.Fprintln(a.out, report.Clean(strings.TrimSuffix(l, "\n")))
	}
}

type diffJSON struct {
	A       string       `json:"a"`
	B       string       `json:"b"`
	Verdict string       `json:"verdict"` // equivalent, differ or bounded
	OnlyA   *witnessJSON `json:"only_a"`
	OnlyB   *witnessJSON `json:"only_b"`
	Sets    int          `json:"sets"`
	States  int          `json:"states"`
	Depth   int          `json:"depth"`
	Bounded string       `json:"bounded"`
}

type witnessJSON struct {
	Events  []eventJSON `json:"events"`
	Instead []string    `json:"instead"`
	Drawing string      `json:"drawing"`
}

type eventJSON struct {
	Thread string `json:"thread"`
	What   string `json:"what"`
}

// diffJSON prints the result as one line of JSON.
func (a *app) diffJSON(titles [2]string, d *modelcheck.Difference) error {
	out := diffJSON{
		titles[0], titles[1], "differ", witnessOf(d.OnlyA), witnessOf(d.OnlyB), d.Sets, d.States, d.Depth, d.Bounded,
	}
	switch {
	case d.Equivalent():
		out.Verdict = "equivalent"
	case d.OnlyA == nil && d.OnlyB == nil:
		out.Verdict = "bounded"
	}
	return a.encode(out)
}

func witnessOf(w *modelcheck.Witness) *witnessJSON {
	if w == nil {
		return nil
	}
	out := &witnessJSON{Instead: list(w.Instead), Drawing: w.Run.Draw()}
	for _, e := range w.Events {
		out.Events = append(out.Events, eventJSON(e))
	}
	return out
}
