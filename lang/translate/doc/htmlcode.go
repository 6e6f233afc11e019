package doc

import (
	"html"
	"regexp"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// tokens finds what is coloured in a specification, and what may be a link: comments, texts, words.
var tokens = regexp.MustCompile(`//[^\n]*|"(?:\\.|[^"\\\n])*"|[A-Za-z_]\w*`)

// source writes a stretch of a specification with its line numbers, which no copy takes along.
func (w *htmlWriter) source(s source) {
	w.printf("<pre class=\"rps\" tabindex=\"0\"><code>")
	for i, line := range strings.Split(s.text, "\n") {
		id := ""
		if l := s.lineID(i); !w.written[l] {
			w.written[l] = true
			id = " id=\"" + html.EscapeString(l) + "\""
		}
		w.printf("<span class=\"n\"%s data-n=\"%d\"></span>%s\n", id, s.line+i, w.colour(line))
	}
	w.printf("</code></pre>\n")
}

// colour marks up a line. No token goes beyond its line.
func (w *htmlWriter) colour(line string) string {
	var b strings.Builder
	rest := 0
	for _, at := range tokens.FindAllStringIndex(line, -1) {
		b.WriteString(html.EscapeString(line[rest:at[0]]))
		b.WriteString(w.token(line[at[0]:at[1]]))
		rest = at[1]
	}
	b.WriteString(html.EscapeString(line[rest:]))
	return b.String()
}

// token colours one token: comments, texts, reserved words; names lead to where they are told of.
func (w *htmlWriter) token(t string) string {
	out := html.EscapeString(t)
	switch {
	case strings.HasPrefix(t, "//"):
		return "<span class=\"c\">" + out + "</span>"
	case t[0] == '"':
		return "<span class=\"s\">" + out + "</span>"
	case lang.Reserved(t):
		return "<span class=\"k\">" + out + "</span>"
	}
	if id := w.doc.link(t); id != "" && w.ids[id] {
		return "<a href=\"#" + html.EscapeString(id) + "\">" + out + "</a>"
	}
	return out
}

// patch writes a difference; its signs stand in the text, for those who see no colours.
func (w *htmlWriter) patch(lines []diffLine) {
	class := map[byte]string{'-': "del", '+': "ins", '@': "hunk", ' ': "same"}
	w.printf("<pre class=\"patch\" tabindex=\"0\"><code>")
	for _, l := range lines {
		w.printf("<span class=\"%s\">%s</span>\n", class[l.op], html.EscapeString(l.String()))
	}
	w.printf("</code></pre>\n")
}

// run draws a behaviour as a table: a column for every thread, a line for every step.
func (w *htmlWriter) run(r *Run) {
	w.values("Starts with", r.Starts)
	w.printf("<div class=\"scroll\" tabindex=\"0\">\n<table class=\"run\">\n<thead><tr><th scope=\"col\">step</th>")
	for _, t := range r.Threads {
		w.printf("<th scope=\"col\">%s</th>", html.EscapeString(t))
	}
	w.printf("<th scope=\"col\">changes</th></tr></thead>\n<tbody>\n")
	for i, s := range r.Steps {
		class := ""
		if i+1 == r.Broken {
			class = ` class="broken"`
		}
		w.printf("<tr%s><th scope=\"row\">%d</th>", class, i+1)
		for t := range r.Threads {
			if t == s.Thread {
				w.printf("<td class=\"t%d\">%s</td>", t%3, w.step(s))
			} else {
				w.printf("<td></td>")
			}
		}
		w.printf("<td class=\"changes\">%s</td></tr>\n", html.EscapeString(clean(s.Changes)))
	}
	w.printf("</tbody>\n</table>\n</div>\n")
	w.values("Ends with", r.Ends)
}

// step is what stands in the cell of a step; its place leads to the line in the process.
func (w *htmlWriter) step(s Step) string {
	what := html.EscapeString(clean(s.What))
	if s.Place == "" {
		return what
	}
	at := html.EscapeString(s.Place)
	if id := w.doc.place(s.Place); w.ids[id] {
		at = "<a href=\"#" + html.EscapeString(id) + "\">" + at + "</a>"
	}
	return "<span class=\"at\">" + at + "</span> <code>" + what + "</code>"
}

// values lists what a run begins or ends with.
func (w *htmlWriter) values(title string, all []string) {
	if len(all) > 0 {
		w.printf("<p class=\"values\">%s <code>%s</code></p>\n", title, html.EscapeString(clean(strings.Join(all, ", "))))
	}
}
