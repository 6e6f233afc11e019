package validate

import (
	"fmt"
	"sort"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// Close ends the trace and gives the answer. info is what the reader knows of the file; it may be nil.
func (v *Validator) Close(trace string, info *traces.Info) *Result {
	v.order()
	v.drain(len(v.window), true)
	v.addIdle()
	if v.hole != nil && len(v.subjects) > 0 {
		v.noteOnce("hole", v.hole.Reason+"; what the processors did after that is not known, the state at the end is that of their last records")
	}
	if said := v.guessed(); said != "" {
		v.noteOnce("guessed", said)
	}
	if names := v.unseenAliases(); len(names) > 0 {
		v.noteOnce("aliases", "no record bears the name "+strings.Join(names, " or ")+", which --alias gives: is it spelt as the trace spells it?")
	}
	if names := v.unseenEvents(); len(names) > 0 {
		v.noteOnce("events", "no probe event bears the name "+strings.Join(names, " or ")+", which --event gives: is it spelt as the trace spells it?")
	}
	res := &Result{
		Trace: trace, Spec: v.m.Info.Name, Reasons: []string{}, Notes: append([]string{}, v.notes...), Subjects: []*SubjectResult{},
		Features: map[string]*FeatureResult{}, Kernels: []string{}, BadLines: []BadLine{},
	}
	for _, x := range v.subjects {
		res.Subjects = append(res.Subjects, x.result())
	}
	v.stories(res, info)
	sort.SliceStable(res.Subjects, func(i, j int) bool { return res.Subjects[i].Name < res.Subjects[j].Name })
	v.features(res)
	res.Sources = v.kinds.report()
	res.Records = v.counts
	v.file(res, info)
	v.describeCapture(res)
	v.overall(res)
	v.incomplete(res)
	return res
}

// file takes over what the reader knows.
func (v *Validator) file(res *Result, info *traces.Info) {
	if info == nil {
		return
	}
	res.Format, res.Clock, res.ClockName = info.Format, info.Clock, info.ClockName
	res.Records.Lines, res.Records.Read = info.Lines, info.Records
	res.Records.Malformed, res.Records.Lost = info.Malformed, info.Lost+v.holes
	for _, b := range info.Bad {
		res.BadLines = append(res.BadLines, BadLine{Line: b.Line, Why: b.Why, Text: b.Text})
	}
	res.Notes = append(res.Notes, info.Notes...)
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			f.stamp(info.Clock)
		}
	}
}

// overall draws the verdict of the trace from those of its subjects.
func (v *Validator) overall(res *Result) {
	res.Verdict = Conforms
	if len(res.Subjects) == 0 {
		res.Verdict = Inconclusive
		if v.desc != nil && v.desc.ready {
			res.Reasons = append(res.Reasons, "the device had no remote processor while it was recorded: the capture names none")
			return
		}
		res.Reasons = append(res.Reasons, "the trace has no record of a remote processor: record power:wakeup_source_*, workqueue:*, printk:console and probes on rproc_* functions")
	}
	for _, s := range res.Subjects {
		for _, r := range s.Reasons {
			res.Reasons = append(res.Reasons, s.Title()+": "+r)
		}
		switch {
		case s.Verdict == Violates:
			res.Verdict = Violates
		case s.Verdict == Inconclusive && res.Verdict == Conforms:
			res.Verdict = Inconclusive
		}
	}
	v.overUnlisted(res)
	if v.orphans > 0 && res.Verdict == Conforms {
		res.Verdict = Inconclusive
		res.Reasons = append(res.Reasons, fmt.Sprintf("%d records of the spec's functions carry no name and fit no processor: record names (name=+0(+24($arg1)):string) or say --alias", v.orphans))
	}
}
