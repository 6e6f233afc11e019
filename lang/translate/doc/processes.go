package doc

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/rprocspec/rprocspec/lang/check"
)

// processes puts every process beside its kernel source. Of a variant, those that it does not touch are folded away.
func (b *builder) processes() {
	if len(b.info.Processes) == 0 {
		return
	}
	b.section("processes", "Processes")
	t := table{head: []text{say("function"), say("runs"), say("kernel source")}}
	var rest []block
	for _, p := range b.info.Processes {
		t.rows = append(t.rows, []text{name(p.Object), say(b.runsAs(p)), b.shortSource(p)})
		if b.isVariant() && !b.own(p.Decl) {
			rest = append(rest, b.process(p)...)
		}
	}
	b.add(t)
	for _, p := range b.info.Processes {
		if !b.isVariant() || b.own(p.Decl) {
			b.add(b.process(p)...)
		}
	}
	if len(rest) > 0 {
		base := b.base().Name.Name
		b.add(folded{
			title:   say("Those that are as in " + base),
			instead: say("The others are as in ").plus(codeText(base), say(": "), codeText("rprocspec translate --to markdown "+base), say(" shows them.")),
			blocks:  rest,
		})
	}
}

// runsAs says in which way a process comes to run.
func (b *builder) runsAs(p *check.Process) string {
	switch {
	case p.Decl.Procedure:
		return "called"
	case p.Work != nil:
		return "as work item " + p.Work.Name
	case p.Decl.Unobserved:
		return "by itself, unseen"
	}
	return "by itself"
}

// process is a section: where it stands in the kernel and what it is, beside its text.
func (b *builder) process(p *check.Process) []block {
	h := heading{level: 3, id: p.Name, text: say(p.Name), note: b.note(p.Decl)}
	left := []block{para{b.places(p)}}
	left = append(left, b.prose(p.Decl.DocText())...)
	left = append(left, list{b.facets(p)})
	return []block{h, beside{left: left, right: b.decl(p.Decl)}}
}

// facets tells how a process hangs together with others, and where it stands.
func (b *builder) facets(p *check.Process) []text {
	var all []text
	switch {
	case p.Work != nil:
		all = append(all, say("Runs as the work item ").plus(name(p.Work), say(".")))
	case p.Decl.Unobserved:
		all = append(all, say("No kernel records it by its name."))
	}
	if p.Decl.Begins != nil {
		all = append(all, say("Begins the life of the "+b.subject()+"."))
	}
	if p.Decl.Ends != nil {
		all = append(all, say("Ends the life of the "+b.subject()+"."))
	}
	if by := b.callers(p); len(by) > 0 {
		all = append(all, say("Called by ").plus(joined(by, ", "), say(".")))
	}
	return all
}

// places says where a process stands in the kernel, and where in the specification.
func (b *builder) places(p *check.Process) text {
	pos := p.Decl.Pos()
	here := say(fmt.Sprintf("%s:%d", filepath.Base(pos.File), pos.Line))
	if src := b.kernelSource(p); src != nil {
		return say("Kernel: ").plus(src, say("; here: "), here)
	}
	return say("Kernel: no function is named; here: ").plus(here)
}

// callers lists who calls or spawns a process.
func (b *builder) callers(p *check.Process) []text {
	var by []text
	for _, q := range b.info.Processes {
		if slices.Contains(q.Calls, p) {
			by = append(by, name(q.Object))
		}
	}
	return by
}
