package doc

import (
	"regexp"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
)

var (
	kernelFile     = regexp.MustCompile(`[\w./-]*\w\.[chS]\b`)
	kernelFunction = regexp.MustCompile(`([A-Za-z_]\w*\(\)),? (?:in )?([\w./-]*\w\.[chS])\b`)
)

// kernelPaths learns the files of the kernel that a module's comment names. One without a folder is taken to lie
// beside the one before it.
func (b *builder) kernelPaths(doc string) {
	dir := ""
	for _, f := range kernelFile.FindAllString(doc, -1) {
		if i := strings.LastIndex(f, "/"); i >= 0 {
			dir = f[:i+1]
		} else {
			f = dir + f
		}
		if base := f[strings.LastIndex(f, "/")+1:]; b.paths[base] == "" {
			b.paths[base] = f
		}
	}
}

// path gives a file its folder, if the module names it.
func (b *builder) path(file string) string {
	if p := b.paths[file]; p != "" {
		return p
	}
	return file
}

// kernelPlace is a function of the kernel, "" if it is not named, and its file.
type kernelPlace struct{ function, file string }

// kernelPlaces says where a process stands in the kernel, by its doc comment, or by that of the one that it
// overrides; nil if neither tells.
func (b *builder) kernelPlaces(p *check.Process) []kernelPlace {
	for _, doc := range b.comments(p) {
		var all []kernelPlace
		for _, m := range kernelFunction.FindAllStringSubmatch(doc, -1) {
			all = append(all, kernelPlace{m[1], m[2]})
		}
		if f := kernelFile.FindString(doc); len(all) == 0 && f != "" {
			all = append(all, kernelPlace{"", f})
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// kernelSource tells the places in full.
func (b *builder) kernelSource(p *check.Process) text {
	var all []text
	for _, k := range b.kernelPlaces(p) {
		t := codeText(b.path(k.file))
		if k.function != "" {
			t = codeText(k.function).plus(say(" in "), t)
		}
		all = append(all, t)
	}
	return joined(all, ", ")
}

// shortSource is for a table: files without folders, functions where they bear another name.
func (b *builder) shortSource(p *check.Process) text {
	var all []text
	for _, k := range b.kernelPlaces(p) {
		t := codeText(k.file[strings.LastIndex(k.file, "/")+1:])
		if k.function != "" && k.function != p.Name+"()" {
			t = codeText(k.function).plus(say(" in "), t)
		}
		all = append(all, t)
	}
	return joined(all, ", ")
}
