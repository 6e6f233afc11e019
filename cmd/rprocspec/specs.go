package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/lang/translate/doc"
	"github.com/rprocspec/rprocspec/spec"
)

const specsLong = `List the shipped specs, or print one of them. A .rps file is taken as well, so that a
proposal can be read as a document before anything runs.

`

func (a *app) specsVerb() *cobra.Command {
	var markdown bool
	cmd := &cobra.Command{
		Use:               "specs [SPEC|FILE] [--markdown]",
		Short:             "List the shipped specs, or show one as text or as a document",
		Long:              specsLong + exitHelp,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSpecs,
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) == 1:
				return a.showSpec(args[0], markdown)
			case markdown:
				return errors.New("specs: --markdown needs a spec to show; rprocspec specs lists them")
			}
			return a.listSpecs()
		},
	}
	cmd.Flags().BoolVar(&markdown, "markdown", false, "show it as a document for a review")
	return cmd
}

// listSpecs prints name, title, origin and kernels of every shipped spec.
func (a *app) listSpecs() error {
	entries, err := spec.Manifest()
	if err != nil {
		return err
	}
	shown := map[string]string{} // the kernels of a spec; its variants usually have the same
	for _, e := range entries {
		kernels, err := kernelNames(e.Name)
		if err != nil {
			return because(e.Name, err)
		}
		fmt.Fprintf(a.out, "%s\n\t%s\n\t%s\n", e.Name, e.Title, e.Origin)
		if e.Extends != "" {
			fmt.Fprintf(a.out, "\textends %s\n", e.Extends)
		}
		if shown[e.Name] = kernels; kernels != shown[e.Extends] {
			fmt.Fprintf(a.out, "\tkernels: %s\n", kernels)
		}
	}
	return nil
}

// kernelNames lists the kernel profiles of a shipped spec.
func kernelNames(name string) (string, error) {
	l, err := mustLoad(name)
	if err != nil {
		return "", err
	}
	var names []string
	for _, k := range l.info.Kernels {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", "), nil
}

// showSpec prints one spec, as it is written or as a document. A file with mistakes is printed as well, and they are the
// error.
func (a *app) showSpec(name string, markdown bool) error {
	src, err := source(name)
	if err != nil {
		return err
	}
	if !markdown {
		a.out.Write(src)
	}
	l, m, err := loadCompiled(name)
	if err != nil || !markdown {
		return err
	}
	in, err := document(l, m, "", "rprocspec specs --markdown "+l.info.Name)
	if err != nil {
		return because(name, err)
	}
	_, err = a.out.WriteString(doc.Markdown(in))
	return err
}
