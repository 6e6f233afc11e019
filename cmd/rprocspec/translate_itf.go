package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/modelcheck"
)

// translateStates bounds the searches of translations that need one.
const translateStates = 50_000_000

// behaviour is a run or a counterexample.
type behaviour struct {
	name  string // of the scenario or property, as --show has it
	trace *modelcheck.Trace
}

// behaviours finds the counterexamples of what is explored, and for every scenario what check --show does: a run that
// violates what is expected of it, else one that follows it.
func (t *translation) behaviours() ([]behaviour, error) {
	if err := t.closed(); err != nil {
		return nil, err
	}
	ctx, stop := interruptible(context.Background(), 0)
	defer stop()
	res, err := modelcheck.Check(ctx, t.machine, modelcheck.Options{Kernel: t.kernel, MaxStates: translateStates})
	if err != nil {
		return nil, err
	}
	var all []behaviour
	if x := res.Space; x != nil {
		if x.Bounded != "" {
			return nil, fmt.Errorf("%s is too large to find its counterexamples: %s; give a smaller explore", t.info.Name, x.Bounded)
		}
		for _, j := range x.Judgements {
			if j.Trace != nil {
				all = append(all, behaviour{j.Title(), j.Trace})
			}
		}
	}
	for _, s := range res.Scenarios {
		if shown, _ := s.Shown(); shown != nil {
			all = append(all, behaviour{s.Name, shown})
		}
	}
	return all, nil
}

// closed asks for a kernel where the spec has several: nobody explores them all at once.
func (t *translation) closed() error {
	if names := profiles(t.machine); t.kernel == "" && names[0] != "" {
		return fmt.Errorf("translate: this needs --kernel, one of %s", strings.Join(names, ", "))
	}
	return nil
}

// lessOpen adds to an error about too much that is open what closes most of it.
func (t *translation) lessOpen(err error) error {
	if t.closed() == nil {
		return err
	}
	return fmt.Errorf("%w; the features of all kernels are open: give --kernel, one of %s", err, strings.Join(profiles(t.machine), ", "))
}

// writeITF writes every behaviour into a file of its own.
func writeITF(t *translation) ([]textFile, error) {
	all, err := t.behaviours()
	if err != nil {
		return nil, err
	}
	var files []textFile
	for _, b := range all {
		text, err := b.trace.ITF()
		if err != nil {
			return nil, err
		}
		files = append(files, textFile{strings.ReplaceAll(b.name, " ", "_") + ".itf.json", string(text)})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no behaviour to show: no scenario can be run, and nothing is violated", t.info.Name)
	}
	return files, nil
}
