package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/modelcheck"
)

const compareLong = `Compare designs: one table of what each of them does with every property and scenario.
A cell says holds, violated with the length of a shortest counterexample, bounded, or
impossible if no run follows the script of a scenario; - where a design does not have it.
A scenario is held against what it says itself, whatever is expected of it.

A design is a spec, or SPEC@KERNEL for one of its kernel profiles; without a kernel it is
that of --kernel, else the last of the spec.

  rprocspec compare remoteproc@v6_0 remoteproc@v6_2 remoteproc_quick_patch@v6_0
  rprocspec compare --markdown --kernel v6_0 remoteproc remoteproc_recovery_failed mine.rps

`

const compareExit = `Exit codes, the first that applies:
  2  usage, or a spec that cannot be read or has errors
  3  bounded: a limit ended a search before it was decided
  0  none of these
`

func (a *app) compareVerb() *cobra.Command {
	f := &checkFlags{}
	var markdown bool
	cmd := &cobra.Command{
		Use:               "compare [flags] SPEC[@KERNEL]...",
		Short:             "Compare designs: who violates what",
		Long:              compareLong + compareExit,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("compare: give the designs: names of shipped specs or .rps files, each with @KERNEL or without")
			}
			return a.compare(cmd.Context(), f, args, markdown)
		},
	}
	cmd.Flags().StringVar(&f.kernel, "kernel", "", "kernel `PROFILE` of the designs that name none (default: the last of each spec)")
	cmd.Flags().BoolVar(&markdown, "markdown", false, "print the table for a mail or a review")
	f.limits(cmd)
	return cmd
}

// compare fills the table and prints it.
func (a *app) compare(ctx context.Context, f *checkFlags, designs []string, markdown bool) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	ctx, stop := interruptible(ctx, 0)
	defer stop()
	t := &table{cells: map[[2]string]string{}}
	for _, d := range designs {
		res, err := a.design(ctx, f, opt, d)
		if err != nil {
			return err
		}
		a.open = a.open || res.Open()
		t.add(res)
	}
	t.print(a, markdown)
	return nil
}

// design checks one design.
func (a *app) design(ctx context.Context, f *checkFlags, opt modelcheck.Options, design string) (*modelcheck.Result, error) {
	m, kernel, err := designOf(design, f.kernel)
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(design, "@")
	opt.Kernel = kernel
	opt.Progress = a.searching(name, kernel)
	defer a.searched()
	res, err := modelcheck.Check(ctx, m, opt)
	return res, because(name, err)
}

// table is the matrix: a column for every design, a row for every property and scenario.
type table struct {
	designs []string
	rows    []string
	cells   map[[2]string]string // by design and row
}

func (t *table) add(res *modelcheck.Result) {
	d := res.Module
	if res.Kernel != "" {
		d += "@" + res.Kernel
	}
	t.designs = append(t.designs, d)
	if res.Space != nil {
		for _, j := range res.Space.Judgements {
			t.set(d, judgementRow(j), verdictCell(j.Verdict, j.Trace))
		}
	}
	for _, s := range res.Scenarios {
		for _, o := range s.Intended {
			t.set(d, s.Name+": "+o.Text(), scenarioCell(s, o))
		}
	}
}

func judgementRow(j *modelcheck.Judgement) string {
	if j.Severity != 0 {
		return j.Title() + " (warning)"
	}
	return j.Title()
}

func verdictCell(v modelcheck.Verdict, t *modelcheck.Trace) string {
	if v == modelcheck.Violated && t != nil {
		return fmt.Sprintf("violated (%d)", t.Len())
	}
	return string(v)
}

func scenarioCell(s *modelcheck.ScenarioResult, o *modelcheck.Outcome) string {
	if o.Text() == "impossible" && s.Possible {
		return "possible"
	}
	return verdictCell(o.Verdict, o.Trace)
}

func (t *table) set(design, row, cell string) {
	if !slices.Contains(t.rows, row) {
		t.rows = append(t.rows, row)
	}
	t.cells[[2]string{design, row}] = cell
}

func (t *table) cell(design, row string) string {
	if c, ok := t.cells[[2]string{design, row}]; ok {
		return c
	}
	return "-"
}

// print writes the table. As text the columns have letters, which a list explains.
func (t *table) print(a *app, markdown bool) {
	head := []string{""}
	for i, d := range t.designs {
		if markdown {
			head = append(head, d)
			continue
		}
		head = append(head, column(i))
		fmt.Fprintf(a.out, "%s  %s\n", column(i), report.Clean(d))
	}
	rows := [][]string{head}
	for _, r := range t.rows {
		row := []string{r}
		for _, d := range t.designs {
			row = append(row, t.cell(d, r))
		}
		rows = append(rows, row)
	}
	if markdown {
		printMarkdown(a, rows)
		return
	}
	fmt.Fprintln(a.out)
	printColumns(a, rows)
}

// column names a column: A, B, …, Z, A2, …
func column(i int) string {
	name := string(rune('A' + i%26))
	if i >= 26 {
		name += fmt.Sprint(i/26 + 1)
	}
	return name
}

func printMarkdown(a *app, rows [][]string) {
	for i, r := range rows {
		for j := range r {
			r[j] = strings.ReplaceAll(report.Clean(r[j]), "|", `\|`)
		}
		fmt.Fprintf(a.out, "| %s |\n", strings.Join(r, " | "))
		if i == 0 {
			fmt.Fprintf(a.out, "|%s\n", strings.Repeat("---|", len(r)))
		}
	}
}

func printColumns(a *app, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for j, c := range r {
			widths[j] = max(widths[j], len(c))
		}
	}
	for _, r := range rows {
		var b strings.Builder
		for j, c := range r {
			fmt.Fprintf(&b, "%-*s  ", widths[j], c)
		}
		fmt.Fprintln(a.out, report.Clean(strings.TrimRight(b.String(), " ")))
	}
}
