package doc

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// builder makes the content of a document.
type builder struct {
	*document
	in      *Input
	info    *check.Info
	kernels []*check.KernelProfile // that it is about
	paths   map[string]string      // of the kernel's files, by name
}

// build makes the document: first what a reviewer asks for, last what he looks up.
func build(in *Input) *document {
	b := &builder{document: &document{}, in: in, info: in.Machine.Info, paths: map[string]string{}}
	b.link = func(word string) string { return idOf(b.info.Lookup(word)) }
	b.place = b.lineOf
	for _, k := range b.info.Kernels {
		if in.Kernel == "" || k.Name == in.Kernel {
			b.kernels = append(b.kernels, k)
		}
	}
	for _, m := range b.info.Chain {
		b.kernelPaths(m.Doc)
	}
	b.head()
	b.changes()
	b.state()
	b.properties()
	b.scenarios()
	b.processes()
	b.differences()
	b.instance()
	b.contents()
	return b.document
}

func (b *builder) add(blocks ...block) { b.blocks = append(b.blocks, blocks...) }

// section begins a section of the first rank.
func (b *builder) section(id, title string) {
	b.add(heading{level: 2, id: "sec." + id, text: say(title)})
}

// isVariant tells whether there is a base.
func (b *builder) isVariant() bool { return len(b.info.Chain) > 1 }

// base is the module that this one extends.
func (b *builder) base() *lang.Module { return b.info.Chain[len(b.info.Chain)-2] }

// own tells whether a declaration stands in the module itself, where it could also come from a base.
func (b *builder) own(n lang.Node) bool {
	return b.isVariant() && n.Pos().File == b.info.Module.File
}

// note marks what a variant declares: as changed if a base has it, too.
func (b *builder) note(n lang.Node) string {
	if !b.own(n) {
		return ""
	}
	for _, r := range b.info.Replaced {
		if r.New == n {
			return "changed here"
		}
	}
	return "new here"
}

// source gives a stretch of text as it is written, "" if it is not there.
func (b *builder) source(from, to diag.Pos) string {
	src := b.in.Sources[from.File]
	if from.Offset < 0 || from.Offset >= to.Offset || to.Offset > len(src) {
		return ""
	}
	return clean(strings.TrimRight(string(src[from.Offset:to.Offset]), " \t\r\n"))
}

// decl gives a declaration as it is written, with the place of its lines.
func (b *builder) decl(n lang.Node) []block {
	text := b.source(n.Pos(), n.End())
	if text == "" {
		return nil
	}
	return []block{source{file: filepath.Base(n.Pos().File), line: n.Pos().Line, text: text}}
}

// oneLine is a declaration or an expression as code, on one line.
func (b *builder) oneLine(n lang.Node) text {
	s := strings.Join(strings.Fields(b.source(n.Pos(), n.End())), " ")
	if e, ok := n.(lang.Expr); ok && s == "" {
		s = lang.ExprString(e)
	}
	return codeText(s)
}

// codeText is a stretch of code, no text at all if there is none: a text that is not there leaves no mark.
func codeText(s string) text {
	if s == "" {
		return nil
	}
	return text{{kind: code, text: s}}
}

// idOf is the place in the document where an object is told of, "" if it is not.
func idOf(o *check.Object) string {
	if o == nil {
		return ""
	}
	switch o.Kind {
	case check.MemberObj:
		return o.Enum.Name
	case check.ParamObj, check.LocalObj, check.ErrnoObj, check.OkObj, check.LabelObj:
		return ""
	}
	return o.Name
}

// lineOf is the line that a step names, as function:line.
func (b *builder) lineOf(place string) string {
	i := strings.LastIndex(place, ":")
	if i < 0 {
		return ""
	}
	o := b.info.Lookup(place[:i])
	if o == nil || o.Proc == nil {
		return ""
	}
	return filepath.Base(o.Proc.Decl.Pos().File) + place[i:]
}

// name is a link to an object.
func name(o *check.Object) text { return text{{kind: code, text: o.Name, to: idOf(o)}} }

// columns are the kernels that tables have a column for: those that the lists speak of, in the order of the module.
func (b *builder) columns(has func(kernel string) bool) []string {
	var names []string
	for _, k := range b.kernels {
		if has(k.Name) {
			names = append(names, k.Name)
		}
	}
	if len(b.info.Kernels) == 0 && has("") {
		names = append(names, "")
	}
	return names
}

// kernelHead names a column.
func kernelHead(kernel string) text {
	if kernel == "" {
		return say("verdict")
	}
	return text{{text: kernel, to: "kernel." + kernel}}
}

// inKernels says where something is so.
func (b *builder) inKernels(names []string) text {
	switch {
	case len(names) == 1 && names[0] == "":
		return nil
	case len(names) > 1 && len(names) == len(b.kernels):
		return say("in all kernels")
	}
	var all []text
	for _, n := range names {
		all = append(all, text{{text: n, to: "kernel." + n}})
	}
	return say("in ").plus(joined(all, ", "))
}

// sorted lists kernels in the order of the module.
func (b *builder) sorted(names []string) []string {
	out := slices.Clone(names)
	at := func(n string) int {
		return slices.IndexFunc(b.info.Kernels, func(k *check.KernelProfile) bool { return k.Name == n })
	}
	slices.SortStableFunc(out, func(x, y string) int { return at(x) - at(y) })
	return slices.Compact(out)
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
