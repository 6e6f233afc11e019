package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/validate"
)

// part is one of the traces that a file holds, one after the other. Nothing of one is known to hold for
// another: it may come from another boot, or another machine.
type part struct {
	*judge
	name   string
	stream *stream
	v      *validate.Validator
	number int  // 0: the only one, as far as is known
	first  int  // the line where it begins
	log    bool // it has lines of a kernel log
	before traces.Info
}

func (p *part) begin() (err error) {
	opt := p.opt
	opt.Partial = p.stream.partial
	if p.v, err = validate.New(p.machine, opt); err != nil {
		return err
	}
	p.last = p.v
	for _, r := range p.stream.names {
		p.v.Names(r)
	}
	return nil
}

// end closes the part, before the line at which another one begins or else the file ends, and hands its
// answer to emit.
func (p *part) end(next int, emit func(*validate.Result) error) error {
	now := *p.stream.Info()
	if next > 0 {
		now.Lines = next - 1
	}
	info := since(&now, &p.before)
	if p.strict && info.Malformed > 0 {
		return malformed(p.name, info)
	}
	res := p.v.Close(p.name, info)
	if err := contradicted(p.name, p.v); err != nil {
		return err
	}
	res.Part, res.FirstLine, res.Files = p.number, p.first, p.stream.files
	if p.stream.notes != nil {
		res.Notes = append(res.Notes, p.stream.notes()...)
	}
	if p.number > 0 && p.first == 0 {
		res.FirstLine = 1
	}
	p.before = now
	p.before.Notes = slices.Clone(now.Notes)
	return emit(res)
}

// contradicted is the error of a trace that shows what the flags say to be wrong.
func contradicted(name string, v *validate.Validator) error {
	var wrong *validate.Contradiction
	if errors.As(v.Err(), &wrong) {
		return fmt.Errorf("%s:%d: %s", name, wrong.Line, wrong.Text)
	}
	return nil
}

// since gives what a reader has learned after it told before.
func since(now, before *traces.Info) *traces.Info {
	i := *now
	i.Lines -= before.Lines
	i.Records -= before.Records
	i.Malformed -= before.Malformed
	i.Lost -= before.Lost
	i.Duplicate -= before.Duplicate
	i.Bad = now.Bad[min(len(before.Bad), len(now.Bad)):]
	i.Notes = slices.DeleteFunc(slices.Clone(now.Notes), func(n string) bool { return slices.Contains(before.Notes, n) })
	return &i
}
