package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/spec"
)

const vetLong = `Check specs statically: names, types, bounds, locks along every path, overrides of what
does not exist. SPEC is the name of a shipped spec; a file's name ends in .rps. A spec that
extends another finds it in its own directory, else among the shipped ones.

A spec without mistakes prints nothing. Warnings do not fail.

`

func (a *app) vetVerb() *cobra.Command {
	return &cobra.Command{
		Use:               "vet SPEC|FILE...",
		Short:             "Check specs statically",
		Long:              vetLong + exitHelp,
		ValidArgsFunction: completeSpecs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("vet: give the name of a shipped spec or a .rps file")
			}
			for _, name := range args {
				if err := a.vet(name); err != nil {
					a.fail(err)
				}
			}
			return nil
		},
	}
}

// vet prints what is wrong with one spec. The error is about reading it.
func (a *app) vet(name string) error {
	l, err := load(name)
	if err != nil {
		return err
	}
	if l.info != nil {
		var list diag.List
		_, err := machine.Compile(l.info)
		if err != nil && !errors.As(err, &list) {
			return because(name, err)
		}
		l.list = append(l.list, list...)
	}
	if len(l.list) > 0 {
		a.diagnose(a.out, l.list)
	}
	a.findings = a.findings || l.list.HasErrors()
	return nil
}

// completeSpecs offers the shipped specs and .rps files.
func completeSpecs(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	if isFile(prefix) {
		return []string{"rps"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return spec.Names(), cobra.ShellCompDirectiveDefault
}
