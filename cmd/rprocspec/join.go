package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/merge"
	"github.com/rprocspec/rprocspec/validate"
)

// join makes one input of files that were recorded together, as far as they prove it: traces that tell
// of one moment in the same words bear one clock, and a kernel log is tied to a trace by lines that
// stand in both, at one distance between the clocks. What is not proven is judged by itself, with a note.
func (j *judge) join(ins []input) ([]input, error) {
	if slices.ContainsFunc(ins, func(in input) bool { return in.files[0] == "-" }) {
		return nil, errors.New("validate: --join reads its files twice, which the standard input cannot: give a file in place of -")
	}
	var logs, rest []input
	var whole *input
	var prints *merge.Prints
	for _, in := range ins {
		p, log, err := j.look(in)
		switch {
		case err != nil:
			rest = append(rest, in) // it fails again when it is judged, and is told then
		case log:
			logs = append(logs, in)
		case whole == nil:
			whole, prints = &in, p
		case in.cpus != nil || whole.cpus != nil || prints.Shared(p) == 0:
			j.apart(&in, fmt.Sprintf("it has no console line or mark at the same time and on the same CPU as %s, so nothing proves that they bear one clock", whole.name))
			rest = append(rest, in)
		default:
			whole.files = append(whole.files, in.files...)
			whole.name += "+" + in.name
		}
	}
	if whole == nil {
		return slices.Concat(logs, rest), nil
	}
	rest, err := j.tie(whole, logs, rest)
	return append([]input{*whole}, rest...), err
}

// apart tells that an input could not be joined, at once and with its answer.
func (j *judge) apart(in *input, why string) {
	in.note = "judged by itself: " + why
	fmt.Fprintf(j.stderr, "rprocspec: %s: %s\n", report.Clean(in.name), report.Clean(in.note))
}

// look reads an input for what it has in common with others.
func (j *judge) look(in input) (p *merge.Prints, log bool, err error) {
	s, err := j.open(in)
	if err != nil {
		return nil, false, err
	}
	defer s.close()
	watch := &firstSource{Reader: s.Reader}
	p, err = merge.ReadPrints(watch)
	return p, watch.source == traces.KernelLog, err
}

// firstSource takes notice of what made the first record.
type firstSource struct {
	traces.Reader
	source traces.Source
}

func (f *firstSource) Read(r *traces.Record) error {
	err := f.Reader.Read(r)
	if err == nil && f.source == traces.NoSource && r.Kind != traces.Lost {
		f.source = r.Source
	}
	return err
}

// tie joins the kernel logs that have lines in common with the trace.
func (j *judge) tie(whole *input, logs, rest []input) ([]input, error) {
	trace := *whole
	for _, log := range logs {
		lines, m, err := j.marks(trace, log)
		if err != nil {
			return nil, err
		}
		if lines.Boots() {
			j.apart(&log, "it tells of several boots, and a trace is of one: give the part that belongs to the trace")
			rest = append(rest, log)
			continue
		}
		if why := m.Why(); why != "" {
			j.apart(&log, fmt.Sprintf("nothing proves that it belongs to %s: %s", trace.name, why))
			rest = append(rest, log)
			continue
		}
		whole.logs = append(whole.logs, log)
		whole.name += "+" + log.name
	}
	return rest, nil
}

// marks finds what ties a log to a trace.
func (j *judge) marks(trace, log input) (*merge.Lines, *merge.Marks, error) {
	l, err := j.open(log)
	if err != nil {
		return nil, nil, err
	}
	defer l.close()
	lines, err := merge.ReadLines(l.Reader, log.name)
	if err != nil {
		return nil, nil, err
	}
	t, err := j.open(trace)
	if err != nil {
		return nil, nil, err
	}
	defer t.close()
	m, err := lines.Marks(t.Reader)
	return lines, m, err
}

// openJoined opens a trace with the kernel logs that are tied to it.
func (j *judge) openJoined(s *stream, in input) error {
	trace := input{name: strings.Join(in.files, "+"), files: in.files, cpus: in.cpus}
	if err := j.openAll(s, trace); err != nil {
		return err
	}
	if s.files == nil {
		n, err := j.lines(in.files[0])
		if err != nil {
			return err
		}
		s.files = []validate.File{{Name: in.files[0], FirstLine: 1, Lines: n}}
	}
	for _, log := range in.logs {
		if err := j.addLog(s, trace, log); err != nil {
			return err
		}
	}
	return nil
}

func (j *judge) addLog(s *stream, trace, log input) error {
	lines, m, err := j.marks(trace, log)
	if err != nil {
		return err
	}
	n, err := j.lines(log.files[0])
	if err != nil {
		return err
	}
	last := s.files[len(s.files)-1]
	before := last.FirstLine + last.Lines - 1
	s.files = append(s.files, validate.File{Name: log.files[0], FirstLine: before + 1, Lines: n})
	s.Reader = merge.NewWithLog(s.Reader, m, before)
	s.names = append(s.names, lines.Records()...)
	notes := s.notes
	s.notes = func() []string { return append(notes(), m.Say()) }
	return nil
}
