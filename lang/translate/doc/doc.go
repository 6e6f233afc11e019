// Package doc makes a document of a specification that people can review without knowing the language:
// its doc comments, tables of features, kernels and transitions, and every process beside its text.
package doc

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// Of gives the doc comment of an object, "" if it has none.
func Of(o *check.Object) string {
	if d, ok := o.Decl.(lang.Decl); ok {
		return d.DocText()
	}
	return ""
}

// Summary is the first line of a doc comment.
func Summary(doc string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(doc), "\n")
	return strings.TrimSpace(first)
}

// Value writes a value of a type as specifications do.
func Value(t check.Type, v int) string {
	switch {
	case t.Kind == check.BoolType:
		return strconv.FormatBool(v != 0)
	case t.Kind == check.EnumType && v >= 0 && v < len(t.Enum.Members):
		return t.Enum.Members[v].Name
	}
	return strconv.Itoa(v)
}

// Markdown writes the review document of a checked module, from its bases to its own declarations.
// sources gives the text of every module of the chain by its file; what is not there is left out.
func Markdown(info *check.Info, sources map[string][]byte) string {
	d := &document{info: info, sources: sources}
	d.head()
	d.features()
	d.kernels()
	d.state()
	d.transitions()
	d.properties()
	d.processes()
	d.scenarios()
	return strings.TrimRight(d.String(), "\n") + "\n"
}

// document is the text so far.
type document struct {
	strings.Builder
	info    *check.Info
	sources map[string][]byte
}

func (d *document) printf(format string, args ...any) { fmt.Fprintf(d, format, args...) }

// prose writes a doc comment as paragraphs.
func (d *document) prose(doc string) {
	if doc = strings.TrimSpace(doc); doc != "" {
		d.printf("%s\n\n", strings.ReplaceAll(doc, "<", "&lt;"))
	}
}

// table writes a table, or nothing if it has no rows.
func (d *document) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	d.row(head)
	d.printf("%s|\n", strings.Repeat("|---", len(head)))
	for _, r := range rows {
		d.row(r)
	}
	d.printf("\n")
}

func (d *document) row(cells []string) {
	for _, c := range cells {
		d.printf("| %s ", cell(c))
	}
	d.printf("|\n")
}

// cell makes a text fit for one cell of a table.
func cell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(s)
}

// text gives a stretch of the source as it is written, "" if the source is not there.
func (d *document) text(from, to diag.Pos) string {
	src := d.sources[from.File]
	if from.Offset < 0 || from.Offset >= to.Offset || to.Offset > len(src) {
		return ""
	}
	return strings.TrimRight(string(src[from.Offset:to.Offset]), " \t\r\n")
}

// code writes a declaration as a block of code.
func (d *document) code(n lang.Node) {
	text := d.text(n.Pos(), n.End())
	if text == "" {
		return
	}
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	d.printf("%srps\n%s\n%s\n\n", fence, text, fence)
}

// span writes a stretch of code within a line.
func span(s string) string {
	if s == "" {
		return ""
	}
	return "`" + strings.Join(strings.Fields(s), " ") + "`"
}

// changed marks what the module itself declares, where there are bases it could come from.
func (d *document) changed(n lang.Node) string {
	if len(d.info.Chain) > 1 && n.Pos().File == d.info.Module.File {
		return " (of this variant)"
	}
	return ""
}
