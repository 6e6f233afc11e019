package doc

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// described names a declaration: what it is, and whose.
func described(d lang.Decl) (kind, of string) {
	switch d := d.(type) {
	case *lang.Subject:
		return "subject", d.Name.Name
	case *lang.Enum:
		return "enum", d.Name.Name
	case *lang.ConstDecl:
		return "const", d.Name.Name
	case *lang.Feature:
		return "feature", d.Name.Name
	case *lang.Device:
		return "device", d.Name.Name
	case *lang.Kernel:
		return "kernel", d.Name.Name
	case *lang.Var:
		return "var", d.Name.Name
	case *lang.Mutex:
		return map[bool]string{false: "mutex", true: "spinlock"}[d.Spin], d.Name.Name
	case *lang.Wakeup:
		return "wakeup", d.Name.Name
	case *lang.Work:
		return "work", d.Name.Name
	case *lang.Transitions:
		return "transitions", d.Var.Name
	case *lang.Process:
		return map[bool]string{false: "process", true: "procedure"}[d.Procedure], d.Name.Name
	case *lang.Balance:
		return "balance", d.Wakeup.Name
	case *lang.Property:
		return [...]string{lang.Invariant: "invariant", lang.Temporal: "property", lang.Deadline: "deadline"}[d.Kind], d.Name.Name
	case *lang.Explore:
		return "explore", ""
	case *lang.Scenario:
		return "scenario", d.Name.Name
	}
	return "", ""
}

// effect is something that is not as in the base, with the kernels in which it is so.
type effect struct {
	title     text
	base, now string
	kernels   []string
}

// effects is the table of what comes of the changes.
func (b *builder) effects() {
	if len(b.in.BaseVerdicts)+len(b.in.BaseExpected) == 0 {
		return
	}
	all := append(b.verdictEffects(), b.expectedEffects()...)
	base := b.base().Name.Name
	if len(all) == 0 {
		b.add(para{say("No scenario of " + base + " ends in another way, and nothing else is expected of its properties.")})
		return
	}
	t := table{head: []text{nil, say(base), say("here"), say("kernels")}}
	for _, e := range all {
		t.rows = append(t.rows, []text{e.title, codeText(e.base), codeText(e.now), b.kernelList(e.kernels)})
	}
	b.add(para{say("What comes of that: scenarios that end in another way, and properties of which something else is expected.")}, t)
}

// kernelList names kernels in a cell.
func (b *builder) kernelList(names []string) text {
	if len(names) > 1 && len(names) == len(b.kernels) {
		return say("all")
	}
	var all []text
	for _, n := range b.sorted(names) {
		all = append(all, text{{text: n, to: "kernel." + n}})
	}
	return joined(all, ", ")
}

// verdictEffects compares scenarios by what they say themselves.
func (b *builder) verdictEffects() []effect {
	var all []effect
	for _, v := range b.in.Verdicts {
		i := slices.IndexFunc(b.in.BaseVerdicts, func(o Verdict) bool {
			return o.Scenario == v.Scenario && o.Kernel == v.Kernel && o.Ought == v.Ought
		})
		if i >= 0 && b.in.BaseVerdicts[i].Is != v.Is {
			title := text{{text: v.Scenario, to: "scenario." + v.Scenario}}
			all = addEffect(all, effect{title, b.in.BaseVerdicts[i].Is, v.Is, []string{v.Kernel}})
		}
	}
	return all
}

// expectedEffects compares what is expected of properties that both have.
func (b *builder) expectedEffects() []effect {
	var all []effect
	for _, e := range b.in.Expected {
		i := slices.IndexFunc(b.in.BaseExpected, func(o Expected) bool { return o.Title == e.Title && o.Kernel == e.Kernel })
		if i >= 0 && b.in.BaseExpected[i].Want != e.Want {
			title := text{{text: e.Title, to: b.propertyID(e.Title)}}
			all = addEffect(all, effect{title, b.in.BaseExpected[i].Want, e.Want, []string{e.Kernel}})
		}
	}
	return all
}

// addEffect adds a kernel to an effect that is there already.
func addEffect(all []effect, e effect) []effect {
	i := slices.IndexFunc(all, func(o effect) bool {
		return o.title.String() == e.title.String() && o.base == e.base && o.now == e.now
	})
	if i < 0 {
		return append(all, e)
	}
	all[i].kernels = append(all[i].kernels, e.kernels...)
	return all
}
