package doc

import (
	_ "embed"
	"fmt"
	"html"
	"strconv"
	"strings"
)

//go:embed style.css
var style string

// policy forbids a page whatever it has no need of: even what slips through as markup would load and run nothing.
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

// html writes the document as one page. All markup is closed as XML wants it, which HTML allows.
func (d *document) html() string {
	w := &htmlWriter{doc: d, ids: map[string]bool{}, written: map[string]bool{}}
	w.know(d.blocks)
	w.printf("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
	w.printf("<meta http-equiv=\"Content-Security-Policy\" content=\"%s\"/>\n", html.EscapeString(policy))
	w.printf("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light dark\"/>\n")
	w.printf("<title>%s</title>\n<style>\n%s</style>\n</head>\n<body>\n", html.EscapeString(d.title), style)
	w.printf("<a class=\"skip\" href=\"#content\">To the text</a>\n")
	w.nav()
	w.printf("<main id=\"content\">\n<header>\n<h1>%s</h1>\n", html.EscapeString(d.title))
	if d.subtitle != "" {
		w.printf("<p class=\"subtitle\">%s</p>\n", html.EscapeString(clean(d.subtitle)))
	}
	w.printf("</header>\n")
	w.blocks(d.blocks)
	w.end(2)
	if len(d.footer) > 0 {
		w.printf("<footer><p>%s</p></footer>\n", w.inline(d.footer))
	}
	w.printf("</main>\n</body>\n</html>\n")
	return w.String()
}

// htmlWriter is the text so far.
type htmlWriter struct {
	strings.Builder
	doc     *document
	ids     map[string]bool // of everything that can be linked to
	written map[string]bool // ids of lines that are there already
	depth   []int           // levels of the open sections
	graphs  int
}

func (w *htmlWriter) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

// know collects what can be linked to.
func (w *htmlWriter) know(all []block) {
	for _, x := range all {
		switch x := x.(type) {
		case heading:
			w.ids[x.id] = true
		case defs:
			for _, d := range x.items {
				if d.id != "" {
					w.ids[d.id] = true
				}
			}
		case source:
			for i := range strings.Count(x.text, "\n") + 1 {
				w.ids[x.lineID(i)] = true
			}
		case beside:
			w.know(x.left)
			w.know(x.right)
		case folded:
			w.know(x.blocks)
		}
	}
}

// lineID is where a line of a source is found.
func (s source) lineID(i int) string { return s.file + ":" + strconv.Itoa(s.line+i) }

// nav is the list of all sections.
func (w *htmlWriter) nav() {
	w.printf("<nav aria-label=\"Contents\">\n<p class=\"name\"><a href=\"#content\">%s</a></p>\n<ul>\n", html.EscapeString(w.doc.title))
	inner := false
	for i, x := range w.doc.blocks {
		h, ok := x.(heading)
		if !ok {
			continue
		}
		if h.level == 2 {
			w.navClose(inner)
			if inner = w.hasInner(i); inner {
				w.printf("<li><details><summary><a href=\"#%s\">%s</a></summary>\n<ul>\n", html.EscapeString(h.id), html.EscapeString(h.text.String()))
				continue
			}
		}
		w.printf("<li><a href=\"#%s\">%s</a></li>\n", html.EscapeString(h.id), html.EscapeString(h.text.String()))
	}
	w.navClose(inner)
	w.printf("</ul>\n</nav>\n")
}

func (w *htmlWriter) navClose(inner bool) {
	if inner {
		w.printf("</ul>\n</details></li>\n")
	}
}

// hasInner tells whether a section has sections.
func (w *htmlWriter) hasInner(i int) bool {
	for _, x := range w.doc.blocks[i+1:] {
		if h, ok := x.(heading); ok {
			return h.level > 2
		}
	}
	return false
}

func (w *htmlWriter) blocks(all []block) {
	for _, x := range all {
		w.block(x)
	}
}

// block writes what a block is in HTML. A block that it does not know is a mistake of this package.
func (w *htmlWriter) block(x block) {
	switch x := x.(type) {
	case heading:
		w.heading(x)
	case para:
		w.printf("<p>%s</p>\n", w.inline(x.text))
	case list:
		w.list(x.items)
	case table:
		w.table(x)
	case contents: // nav has it
	case defs:
		w.defs(x)
	case source:
		w.source(x)
	case patch:
		w.patch(x.lines)
	case figure:
		w.figure(x)
	case play:
		w.run(x.run)
	case beside:
		w.beside(x)
	case folded:
		w.folded(x)
	default:
		panic(fmt.Sprintf("doc: a block %T", x))
	}
}

// heading begins a section, and ends those that are not above it.
func (w *htmlWriter) heading(h heading) {
	w.end(h.level)
	w.depth = append(w.depth, h.level)
	id := html.EscapeString(h.id)
	w.printf("<section aria-labelledby=\"%s\">\n<h%d id=\"%s\">%s", id, h.level, id, w.inline(h.text))
	if h.note != "" {
		w.printf(" <span class=\"note\">%s</span>", html.EscapeString(h.note))
	}
	w.printf(" <a class=\"self\" href=\"#%s\" aria-label=\"link to this section\">#</a></h%d>\n", id, h.level)
}

// end closes the sections that are not above a level.
func (w *htmlWriter) end(level int) {
	for n := len(w.depth); n > 0 && w.depth[n-1] >= level; n-- {
		w.printf("</section>\n")
		w.depth = w.depth[:n-1]
	}
}

func (w *htmlWriter) list(items []text) {
	if len(items) == 0 {
		return
	}
	w.printf("<ul>\n")
	for _, t := range items {
		w.printf("<li>%s</li>\n", w.inline(t))
	}
	w.printf("</ul>\n")
}

// table writes a table whose first column heads the rows.
func (w *htmlWriter) table(t table) {
	if len(t.rows) == 0 {
		return
	}
	w.printf("<div class=\"scroll\" tabindex=\"0\">\n<table>\n<thead><tr>")
	for _, c := range t.head {
		if len(c) == 0 {
			w.printf("<td></td>")
			continue
		}
		w.printf("<th scope=\"col\">%s</th>", w.inline(c))
	}
	w.printf("</tr></thead>\n<tbody>\n")
	for _, r := range t.rows {
		w.printf("<tr>")
		for i, c := range r {
			if i == 0 {
				w.printf("<th scope=\"row\">%s</th>", w.inline(c))
				continue
			}
			w.printf("<td>%s</td>", w.inline(c))
		}
		w.printf("</tr>\n")
	}
	w.printf("</tbody>\n</table>\n</div>\n")
}

// defs writes a term and its meaning side by side, and in one row with each other, so that a link shows both.
func (w *htmlWriter) defs(x defs) {
	if len(x.items) == 0 {
		return
	}
	w.printf("<dl%s>\n", map[bool]string{true: ` class="short"`}[x.short])
	for _, d := range x.items {
		id := ""
		if d.id != "" {
			id = fmt.Sprintf(" id=\"%s\"", html.EscapeString(d.id))
		}
		w.printf("<div%s><dt>%s", id, w.inline(d.term))
		if d.note != "" {
			w.printf(" <span class=\"note\">%s</span>", html.EscapeString(d.note))
		}
		w.printf("</dt><dd>\n")
		w.blocks(d.body)
		w.printf("</dd></div>\n")
	}
	w.printf("</dl>\n")
}

// beside writes two columns, which become one where there is no room.
func (w *htmlWriter) beside(x beside) {
	class := "beside"
	if x.wideLeft {
		class = "beside wide"
	}
	w.printf("<div class=\"%s\">\n<div>\n", class)
	w.blocks(x.left)
	w.printf("</div>\n<div>\n")
	w.blocks(x.right)
	w.printf("</div>\n</div>\n")
}

// folded writes what a reader may open. Sections within it end in it.
func (w *htmlWriter) folded(x folded) {
	open := ""
	if x.open {
		open = ` open="open"`
	}
	w.printf("<details%s><summary>%s</summary>\n", open, w.inline(x.title))
	outer := w.depth
	w.depth = nil
	w.blocks(x.blocks)
	w.end(2)
	w.depth = outer
	w.printf("</details>\n")
}

// classes are how a stretch of text looks, beside code and links.
var classes = map[spanKind]string{strong: "yes", good: "good", bad: "bad", dim: "dim"}

func (w *htmlWriter) inline(t text) string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(w.span(s))
	}
	return b.String()
}

// span writes a stretch of text. It becomes a link only if what it leads to is there: a document may leave things
// out.
func (w *htmlWriter) span(s span) string {
	out := html.EscapeString(s.text)
	switch c := classes[s.kind]; {
	case s.kind == code:
		out = "<code>" + out + "</code>"
	case c != "":
		out = fmt.Sprintf("<span class=\"%s\">%s</span>", c, out)
	}
	switch {
	case s.kind == web:
		return fmt.Sprintf("<a href=\"%s\" rel=\"noreferrer\">%s</a>", html.EscapeString(s.to), out)
	case s.to != "" && w.ids[s.to]:
		return fmt.Sprintf("<a href=\"#%s\">%s</a>", html.EscapeString(s.to), out)
	}
	return out
}
