package doc

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
)

// maxTable is how wide a table of text may be: as a mail.
const maxTable = 100

// differences tells what differs between kernels, between subjects, and not at all.
func (b *builder) differences() {
	in := b.info
	if len(in.Features)+len(in.Devices)+len(in.Consts)+len(in.Kernels) == 0 {
		return
	}
	b.section("kernels", "Kernels and devices")
	if len(in.Features)+len(in.Kernels) > 0 {
		b.add(heading{level: 3, id: "sec.features", text: say("What differs between kernels")})
		b.profiles()
		b.titled("The profiles:", b.profileDocs())
		b.titled("The features:", b.constants(in.Features))
	}
	b.group("sec.devices", "What differs between one "+b.subject()+" and another", in.Devices)
	b.group("sec.consts", "Constants", in.Consts)
}

// subject names what there is one machine of.
func (b *builder) subject() string {
	if b.info.Subject == "" {
		return "machine"
	}
	return b.info.Subject
}

// titled puts a line before a list: two lists in a row would become one.
func (b *builder) titled(title string, items []def) {
	if len(items) > 0 {
		b.add(para{say(title)}, defs{items: items})
	}
}

// group is a section of constants, or nothing.
func (b *builder) group(id, title string, all []*check.Object) {
	if len(all) > 0 {
		b.add(heading{level: 3, id: id, text: say(title)}, defs{items: b.constants(all)})
	}
}

// constants explains features, device constants or consts.
func (b *builder) constants(all []*check.Object) []def {
	var items []def
	for _, o := range all {
		term := codeText(o.Name + ": " + o.Type.String() + b.fixed(o))
		body := b.prose(Of(o))
		if values := b.values(o); values != nil {
			body = append(body, para{values})
		}
		items = append(items, def{id: o.Name, term: term, note: b.note(o.Decl), body: body})
	}
	return items
}

// fixed gives the value of what has one in this module.
func (b *builder) fixed(o *check.Object) string {
	if v, ok := b.info.Fixed[o]; ok {
		return " = " + Value(o.Type, v)
	}
	if o.Kind == check.ConstObj {
		return " = " + Value(o.Type, o.Value)
	}
	return ""
}

// values says which kernels have which value of a feature that is no bool: those have no room in the table.
func (b *builder) values(o *check.Object) text {
	if o.Kind != check.FeatureObj || o.Type.Kind == check.BoolType || len(b.kernels) < 2 {
		return nil
	}
	var names []string
	by := map[string][]text{}
	for _, k := range b.kernels {
		v := profileValue(k, o)
		if by[v] == nil {
			names = append(names, v)
		}
		by[v] = append(by[v], text{{text: k.Name, to: "kernel." + k.Name}})
	}
	var all []text
	for _, v := range names {
		all = append(all, codeText(v).plus(say(" in "), joined(by[v], ", ")))
	}
	return joined(all, "; ")
}

// profiles is the table of kernels: a column for every kernel, a row for every feature. Where that is too wide for
// a mail, features that are no bool go without: values tells theirs.
func (b *builder) profiles() {
	if len(b.kernels) == 0 || len(b.info.Features) == 0 {
		return
	}
	features := b.info.Features
	if b.profileTable(features).width() > maxTable {
		features = slices.DeleteFunc(slices.Clone(features), func(o *check.Object) bool { return o.Type.Kind != check.BoolType })
	}
	b.add(b.profileTable(features))
}

// profileTable has the values of some features in all kernels of the document.
func (b *builder) profileTable(features []*check.Object) table {
	t := table{head: []text{say("feature")}}
	for _, k := range b.kernels {
		t.head = append(t.head, kernelHead(k.Name))
	}
	for _, f := range features {
		row := []text{name(f)}
		for _, k := range b.kernels {
			row = append(row, profileCell(k, f))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// profileCell tells a bool by yes and no, which are told apart at a glance.
func profileCell(k *check.KernelProfile, f *check.Object) text {
	switch v := profileValue(k, f); v {
	case "true":
		return text{{kind: strong, text: "yes"}}
	case "false", "–":
		return text{{kind: dim, text: map[string]string{"false": "no", "–": "–"}[v]}}
	default:
		return say(v)
	}
}

// profileValue gives the value of a feature in a profile; a dash where the profile leaves it open.
func profileValue(k *check.KernelProfile, f *check.Object) string {
	if v, ok := k.Values[f]; ok {
		return Value(f.Type, v)
	}
	return "–"
}

// profileDocs says what the kernels are.
func (b *builder) profileDocs() []def {
	var items []def
	for _, k := range b.kernels {
		body := b.prose(k.Doc)
		if len(body) == 0 {
			body = []block{para{b.bindings(k)}}
		}
		items = append(items, def{id: "kernel." + k.Name, term: codeText("kernel " + k.Name), note: b.note(k.Decl), body: body})
	}
	return items
}

// bindings tells a profile without a comment by its values.
func (b *builder) bindings(k *check.KernelProfile) text {
	var all []string
	for _, f := range b.info.Features {
		if v, ok := k.Values[f]; ok {
			all = append(all, f.Name+" = "+Value(f.Type, v))
		}
	}
	if len(all) == 0 {
		return say("Every feature is open.")
	}
	return codeText(strings.Join(all, ", "))
}

// instance is what the checker explores.
func (b *builder) instance() {
	if b.info.Explore == nil {
		return
	}
	b.section("instance", "What is explored")
	b.add(b.prose(b.info.Explore.DocText())...)
	b.add(b.decl(b.info.Explore)...)
	var items []text
	for _, c := range b.in.About.Counts {
		if b.in.Kernel != "" && c.Kernel != b.in.Kernel {
			continue
		}
		items = append(items, text{{text: c.Kernel, to: "kernel." + c.Kernel}}.plus(say(": "+thousands(c.States)+" states, "+
			thousands(c.Initial)+" of them initial; the deepest one is reached in step "+thousands(c.Deep-1))))
	}
	if len(items) > 0 {
		b.add(para{say("Every state counted, as TLC and Spin count:")}, list{items})
	}
}
