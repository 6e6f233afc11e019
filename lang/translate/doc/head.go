package doc

import (
	"slices"
	"strings"
)

// head is what the module says of itself, and where it comes from.
func (b *builder) head() {
	b.title, b.subtitle = b.info.Name, b.in.About.Title
	if b.in.Kernel != "" {
		b.title += " in " + b.in.Kernel
	}
	if strings.HasPrefix(strings.ToLower(b.info.Doc), strings.ToLower(b.subtitle)) {
		b.subtitle = "" // the comment says it
	}
	b.add(defs{items: b.facts(), short: true})
	b.add(b.prose(b.info.Doc)...)
	if b.in.Command != "" {
		b.footer = say("Written by ").plus(codeText(b.in.Command), say("."))
	}
}

// facts tells where the module comes from.
func (b *builder) facts() []def {
	var all []def
	fact := func(term string, t text) {
		if len(t) > 0 {
			all = append(all, def{term: say(term), body: []block{para{t}}})
		}
	}
	fact("Origin", b.inline(b.in.About.Origin))
	if b.isVariant() {
		base := b.base().Name.Name
		fact("Variant of", codeText(base).plus(say("; what it "), text{{text: "changes", to: "sec.changes"}},
			say(" comes first, everything that is not marked comes from there")))
	}
	if b.info.Subject != "" {
		fact("Describes", say("one machine for every ").plus(codeText(b.info.Subject)))
	}
	if n := len(b.info.Kernels); n > 0 && b.in.Kernel == "" {
		fact("Kernels", joined(b.kernelNames(), ", "))
	}
	if a := b.in.About.Assumptions; len(a) > 0 && !strings.Contains(b.info.Doc, "Assumptions:") {
		all = append(all, def{term: say("Assumes"), body: b.prose("- " + strings.Join(a, "\n- "))})
	}
	return all
}

func (b *builder) kernelNames() []text {
	var all []text
	for _, k := range b.kernels {
		all = append(all, text{{text: k.Name, to: "kernel." + k.Name}})
	}
	return all
}

// contents puts a line with the sections behind what the module says of itself.
func (b *builder) contents() {
	var all []text
	first := -1
	for i, x := range b.blocks {
		if h, ok := x.(heading); ok && h.level == 2 {
			all = append(all, text{{text: h.text.String(), to: h.id}})
			if first < 0 {
				first = i
			}
		}
	}
	if first >= 0 {
		b.blocks = slices.Insert(b.blocks, first, block(contents{say("Contents: ").plus(joined(all, " · "))}))
	}
}
