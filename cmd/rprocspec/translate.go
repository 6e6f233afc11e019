package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
	"github.com/rprocspec/rprocspec/lang/translate/promela"
)

const translateLong = `Write a spec in another notation. SPEC is the name of a shipped spec; a file's name ends
in .rps.

`

const translateTail = `
One file goes to standard output; several need -o DIR, which is made if it is not there. Files that
are there are overwritten.

`

// target is a notation that a spec can be written in.
type target struct {
	name, about string
	write       func(*translation) ([]textFile, error)
}

// targets are the notations, in the order of the help.
var targets = []target{
	{"markdown", "a document for a review, for GitHub and for mails", func(t *translation) ([]textFile, error) {
		return t.document("markdown", ".md", doc.Markdown)
	}},
	{"html", "the same as one page, with diagrams and links", func(t *translation) ([]textFile, error) {
		return t.document("html", ".html", doc.HTML)
	}},
	{"tla", "TLA+ modules and configurations for TLC", writeTLA},
	{"promela", "Promela for Spin", writePromela},
	{"quint", "a Quint module, with a run for every scenario", writeQuint},
	{"itf", "runs of scenarios and counterexamples, each as ITF", writeITF},
	{"dot", "for Graphviz: intent and processes, or with --vars what is explored", writeDOT},
	{"mermaid", "the intent as a diagram that GitHub draws", writeMermaid},
	{"rv", "automata for rvgen, the kernel's runtime verification", writeRV},
}

// translation is what a target is made from.
type translation struct {
	*loaded
	machine *machine.Machine
	kernel  string // "" if the features stay open
	trace   string // a file whose records are to be explained or painted, "" for none
	subject string // which of those that the trace has, "" for the only one, or for all that are painted
	vars    string // variables in which states are to differ, "" for none
	show    string // behaviour to be painted, "" for none
	app     *app
}

// textFile is a file to be written.
type textFile struct{ name, text string }

func (a *app) translateVerb() *cobra.Command {
	var kernel, dir, trace, subject, vars, show string
	var names []string
	var about strings.Builder
	for _, t := range targets {
		names = append(names, t.name)
		fmt.Fprintf(&about, "  %-10s %s\n", t.name, t.about)
	}
	cmd := &cobra.Command{
		Use:               "translate --to NOTATION SPEC|FILE [-o DIR]",
		Short:             "Write a spec in another notation",
		Long:              translateLong + about.String() + translateTail + exitHelp,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSpecs,
	}
	to := wordFlag(cmd, "to", "the notation", append([]string{""}, names...)...)
	to.words = names
	cmd.Flags().StringVar(&kernel, "kernel", "", "close the features as this kernel profile does")
	cmd.Flags().StringVarP(&dir, "output", "o", "", "write files into this directory")
	cmd.Flags().StringVar(&trace, "trace", "", "with --to tla: a module that explains the records of this `FILE`, with the features that it proves, or those of --kernel; with dot, mermaid: paint the changes that it shows")
	cmd.Flags().StringVar(&subject, "subject", "", "with --trace: `NAME` of the processor, where the trace has several")
	cmd.Flags().StringVar(&show, "show", "", "with --to dot, mermaid: paint what violates `PROPERTY`, or a run of that scenario")
	cmd.Flags().StringVar(&vars, "vars", "", "with --to dot: draw what is explored, states that agree in these `NAMES` taken together")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return errors.New("translate: give the name of a shipped spec or a .rps file")
		case to.value == "":
			return fmt.Errorf("translate: give --to %s", to.Type())
		}
		t := &translation{kernel: kernel, trace: trace, subject: subject, vars: vars, show: show, app: a}
		if err := t.fit(to.value); err != nil {
			return err
		}
		files, err := t.translate(to.value, args[0])
		if err != nil {
			return because(args[0], err)
		}
		return a.writeFiles(files, dir)
	}
	return cmd
}

// translate writes a spec in a notation.
func (t *translation) translate(to, name string) ([]textFile, error) {
	l, m, err := loadCompiled(name)
	if err != nil {
		return nil, err
	}
	if _, err := machine.Profile(l.info, t.kernel); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(targets, func(x target) bool { return x.name == to })
	t.loaded, t.machine = l, m
	return targets[i].write(t)
}

// document writes a document for a review.
func (t *translation) document(to, ending string, write func(*doc.Input) string) ([]textFile, error) {
	command := "rprocspec translate --to " + to
	if t.kernel != "" {
		command += " --kernel " + t.kernel
	}
	in, err := document(t.loaded, t.machine, t.kernel, command+" "+t.info.Name)
	if err != nil {
		return nil, err
	}
	return []textFile{{t.info.Name + ending, write(in)}}, nil
}

// writeFiles writes to a directory, or a single file to standard output.
func (a *app) writeFiles(files []textFile, dir string) error {
	if dir == "" {
		if len(files) == 1 {
			_, err := a.out.WriteString(files[0].text)
			return err
		}
		return fmt.Errorf("translate: this gives %d files, from %s on: give a directory for them with -o", len(files), files[0].name)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return because(dir, err)
	}
	for _, f := range files {
		name := filepath.Join(dir, f.name)
		if err := os.WriteFile(name, []byte(f.text), 0o666); err != nil {
			return because(name, err)
		}
		fmt.Fprintln(a.out, name)
	}
	return nil
}

// writePromela writes what `explore` describes as one file for Spin.
func writePromela(t *translation) ([]textFile, error) {
	in, err := t.machine.Instance(t.kernel)
	if err != nil {
		return nil, err
	}
	name := t.info.Name + ".pml"
	text, err := promela.Text(in, name)
	return []textFile{{name, text}}, err
}
