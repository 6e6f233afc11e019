package doc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// scenarios tells the schedules that the module is about, and what becomes of them.
func (b *builder) scenarios() {
	if len(b.info.Scenarios) == 0 {
		return
	}
	b.section("scenarios", "Scenarios")
	b.verdictTable()
	for _, s := range b.info.Scenarios {
		b.scenario(s)
	}
}

// verdictTable has a row for every scenario and a column for every kernel.
func (b *builder) verdictTable() {
	kernels := b.columns(func(k string) bool {
		return slices.ContainsFunc(b.in.Verdicts, func(v Verdict) bool { return v.Kernel == k })
	})
	if len(kernels) == 0 {
		return
	}
	t := table{head: []text{say("scenario")}}
	for _, k := range kernels {
		t.head = append(t.head, kernelHead(k))
	}
	for _, s := range b.info.Scenarios {
		row := []text{{{text: s.Name.Name, to: "scenario." + s.Name.Name}}}
		for _, k := range kernels {
			row = append(row, verdictCell(b.verdictsOf(b.in.Verdicts, s.Name.Name, k)))
		}
		t.rows = append(t.rows, row)
	}
	b.add(para{legend(b.in.Verdicts)}, t)
}

// verdictsOf lists what became of a scenario in a kernel: one verdict for everything that ought to be.
func (b *builder) verdictsOf(all []Verdict, scenario, kernel string) []Verdict {
	var out []Verdict
	for _, v := range all {
		if v.Scenario == scenario && v.Kernel == kernel {
			out = append(out, v)
		}
	}
	return out
}

// verdictCell tells the worst of several verdicts in a word.
func verdictCell(all []Verdict) text {
	worst, rank := text{{kind: dim, text: "–"}}, 0
	for _, v := range all {
		if t, r := v.cell(); r > rank {
			worst, rank = t, r
		}
	}
	return worst
}

// cell is the verdict in a word, and how bad it is.
func (v *Verdict) cell() (text, int) {
	mark := ""
	if v.Surprise {
		mark = "!"
	}
	switch {
	case v.Met:
		return text{{kind: good, text: mark + "ok"}}, 1
	case v.Is == "impossible":
		return text{{kind: dim, text: mark + "–"}}, 2
	case v.Is == "":
		return text{{kind: bad, text: mark + "?"}}, 5
	}
	word := "fails"
	if strings.HasPrefix(v.Is, "leak ") {
		word = "leak"
	}
	return text{{kind: bad, text: mark + word}}, 3 + len(mark)
}

// legend explains the words that are there.
func legend(all []Verdict) text {
	has := func(f func(v Verdict) bool) bool { return slices.ContainsFunc(all, f) }
	lines := []string{"ok: it is as the scenario says that it ought to be"}
	if has(func(v Verdict) bool { return strings.HasPrefix(v.Is, "leak ") && !v.Met }) {
		lines = append(lines, "leak: the wakeup source stays active and nobody is left who lets go")
	}
	if has(func(v Verdict) bool {
		return v.Is != "" && v.Is != "impossible" && !strings.HasPrefix(v.Is, "leak ") && !v.Met
	}) {
		lines = append(lines, "fails: it is not as it ought to be")
	}
	if has(func(v Verdict) bool { return v.Is == "impossible" && !v.Met }) {
		lines = append(lines, "–: no run can follow the script")
	}
	if has(func(v Verdict) bool { return v.Is == "" }) {
		lines = append(lines, "?: it leaves too much open to be run")
	}
	end := "Whatever is not ok is known, and expected by the specification."
	if has(func(v Verdict) bool { return v.Surprise }) {
		end = "What has a ! is NOT what the specification expects; the rest that is not ok is known."
	}
	return say(strings.Join(lines, "; ") + ". " + end)
}

// scenario is a section of its own: the script, what becomes of it where, and runs.
func (b *builder) scenario(s *lang.Scenario) {
	id := s.Name.Name
	b.add(heading{level: 3, id: "scenario." + id, text: say(id), note: b.note(s)})
	b.add(b.prose(s.DocText())...)
	groups := b.outcomes(id)
	var lines []text
	for _, g := range groups {
		lines = append(lines, g.line(b))
	}
	right := []block{}
	if len(lines) > 0 {
		right = append(right, list{lines})
	}
	known := b.expectLines(func(x *lang.Expect) bool {
		return x.Scenario != nil && x.Scenario.Name == id && len(b.reason(x)) > 0
	})
	if len(known) > 0 {
		right = append(right, para{say("What the specification says of it:")}, list{known})
	}
	b.add(beside{left: b.decl(s), right: right, wideLeft: true})
	b.runs(groups)
}

// outcomeGroup is one verdict with the kernels that have it.
type outcomeGroup struct {
	Verdict
	kernels []string
}

// outcomes puts kernels with the same verdict together, the worst first.
func (b *builder) outcomes(scenario string) []*outcomeGroup {
	var groups []*outcomeGroup
	for _, v := range b.in.Verdicts {
		if v.Scenario != scenario {
			continue
		}
		i := slices.IndexFunc(groups, func(g *outcomeGroup) bool { return g.same(v) })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &outcomeGroup{Verdict: v})
		}
		groups[i].Verdict = v // the last kernel is the one to show
		groups[i].kernels = append(groups[i].kernels, v.Kernel)
	}
	slices.SortStableFunc(groups, func(x, y *outcomeGroup) int { return y.rank() - x.rank() })
	return groups
}

// same tells whether two kernels can share a line.
func (g *outcomeGroup) same(v Verdict) bool {
	return g.Ought == v.Ought && g.Is == v.Is && g.Surprise == v.Surprise && g.Why == v.Why
}

// rank puts what no run follows last: there is little to say of it.
func (g *outcomeGroup) rank() int {
	_, r := g.cell()
	if g.Is == "impossible" && !g.Met {
		return 0
	}
	return r
}

// line is a verdict in a sentence.
func (g *outcomeGroup) line(b *builder) text {
	t := codeText(g.Is)
	if g.Is == "" {
		t = say("not run")
	}
	if in := b.inKernels(b.sorted(g.kernels)); in != nil {
		t = t.plus(say(" "), in)
	}
	t = t.plus(g.remark())
	if g.Why != "" && !strings.HasPrefix(g.Is, "leak ") && (!g.Met || g.Is == "impossible") {
		t = t.plus(say(" (" + clean(g.Why) + ")"))
	}
	return t
}

// remark compares what is with what ought to be, and with what is expected.
func (g *outcomeGroup) remark() text {
	known := "known"
	if g.Surprise {
		known = "NOT expected"
	}
	ought := text(nil)
	if g.Ought != "" {
		ought = say("; it ought to be ").plus(codeText(g.Ought))
	}
	switch {
	case g.Met && g.Surprise:
		return say(", as it ought to be, which is " + known)
	case g.Met:
		return say(", as it ought to be")
	case g.Is == "":
		return nil
	case g.Is == "impossible" && g.Surprise:
		return say(": no run can follow the script, which is " + known).plus(ought)
	case g.Is == "impossible":
		return say(": no run can follow the script")
	}
	return say(": " + known).plus(ought)
}

// runs draws a run of the worst verdict, and folds away one of the others.
func (b *builder) runs(groups []*outcomeGroup) {
	drawn := false
	for _, g := range groups {
		if g.Run == nil {
			continue
		}
		title := say("A run").plus(inKernel(g.Kernel), say(", "), codeText(g.Is))
		f := folded{title: title, open: !drawn && !g.Met, blocks: append([]block{play{g.Run}}, g.broken()...)}
		if drawn {
			f.instead = text{} // one is enough where nothing folds
		}
		drawn = true
		b.add(f)
	}
}

// broken says where a run goes wrong.
func (g *outcomeGroup) broken() []block {
	if g.Run.Broken == 0 {
		return nil
	}
	why := clean(g.Why)
	if why == "" {
		why = g.Is
	}
	return []block{para{text{{kind: bad, text: fmt.Sprintf("After step %d: ", g.Run.Broken)}}.plus(say(why + "."))}}
}

func inKernel(kernel string) text {
	if kernel == "" {
		return nil
	}
	return say(" in " + kernel)
}
