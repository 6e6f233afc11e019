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
	{"markdown", "a document for a review", func(t *translation) ([]textFile, error) {
		return []textFile{{t.info.Name + ".md", doc.Markdown(t.info, t.sources)}}, nil
	}},
	{"tla", "TLA+ modules and configurations for TLC", writeTLA},
}

// translation is what a target is made from.
type translation struct {
	*loaded
	machine *machine.Machine
	kernel  string // "" if the features stay open
}

// textFile is a file to be written.
type textFile struct{ name, text string }

func (a *app) translateVerb() *cobra.Command {
	var kernel, dir string
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
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return errors.New("translate: give the name of a shipped spec or a .rps file")
		case to.value == "":
			return fmt.Errorf("translate: give --to %s", to.Type())
		}
		files, err := translate(to.value, args[0], kernel)
		if err != nil {
			return because(args[0], err)
		}
		return a.writeFiles(files, dir)
	}
	return cmd
}

// translate writes a spec in a notation.
func translate(to, name, kernel string) ([]textFile, error) {
	l, err := mustLoad(name)
	if err != nil {
		return nil, err
	}
	m, err := machine.Compile(l.info)
	if err != nil {
		return nil, err
	}
	if _, err := machine.Profile(l.info, kernel); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(targets, func(t target) bool { return t.name == to })
	return targets[i].write(&translation{loaded: l, machine: m, kernel: kernel})
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
