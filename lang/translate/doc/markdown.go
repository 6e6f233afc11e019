package doc

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is where lines of prose end: a mail quotes them, too.
const maxLine = 98

// markdown writes the document so that GitHub shows it, and that it can be read as it is.
func (d *document) markdown() string {
	w := &mdWriter{slugs: d.slugs()}
	w.printf("# %s\n\n", w.inline(say(d.title)))
	if words := w.words(say(clean(d.subtitle))); len(words) > 0 {
		words[0], words[len(words)-1] = "*"+words[0], words[len(words)-1]+"*"
		w.fill("", "", words)
		w.printf("\n")
	}
	w.blocks(d.blocks)
	if len(d.footer) > 0 {
		w.printf("---\n\n")
		w.lines("", "", d.footer)
	}
	return strings.TrimRight(w.String(), "\n") + "\n"
}

// slugs gives every heading the name under which GitHub finds it.
func (d *document) slugs() map[string]string {
	slugs, seen := map[string]string{}, map[string]int{}
	add := func(id, title string) {
		s := slug(title)
		n := seen[s]
		seen[s]++
		if n > 0 {
			s = fmt.Sprintf("%s-%d", s, n)
		}
		slugs[id] = s
	}
	add("", d.title)
	for _, x := range d.blocks {
		if h, ok := x.(heading); ok {
			add(h.id, h.title())
		}
	}
	return slugs
}

// title is the text of a heading, with the note behind it.
func (h heading) title() string {
	if h.note != "" {
		return h.text.String() + " (" + h.note + ")"
	}
	return h.text.String()
}

// slug is what GitHub makes of a title.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r == ' ' || r == '-':
			b.WriteRune('-')
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
			b.WriteRune(r)
		}
	}
	return b.String()
}

// mdWriter is the text so far.
type mdWriter struct {
	strings.Builder
	slugs map[string]string
}

func (w *mdWriter) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

func (w *mdWriter) blocks(all []block) {
	for _, x := range all {
		w.block(x)
	}
}

// block writes what a block is in Markdown. A block that it does not know is a mistake of this package.
func (w *mdWriter) block(x block) {
	switch x := x.(type) {
	case heading:
		title := x.text
		if x.note != "" {
			title = title.plus(say(" (" + x.note + ")"))
		}
		w.printf("%s %s\n\n", strings.Repeat("#", x.level), w.inline(title))
	case para:
		w.lines("", "", x.text)
		w.printf("\n")
	case list:
		w.list(x.items)
	case table:
		w.table(x)
	case contents:
		w.lines("", "", x.text)
		w.printf("\n")
	case defs:
		w.defs(x.items)
	case source:
		w.fenced("rps", x.text)
	case patch:
		w.patch(x.lines)
	case figure:
		w.fenced("mermaid", x.graph.Mermaid())
	case play:
		w.fenced("", clean(x.run.Drawing))
	case beside:
		w.blocks(x.left)
		w.blocks(x.right)
	case folded:
		w.folded(x)
	default:
		panic(fmt.Sprintf("doc: a block %T", x))
	}
}

// folded writes what is folded, or what stands for it: nothing folds in a mail.
func (w *mdWriter) folded(x folded) {
	switch {
	case x.instead == nil:
		w.lines("", "", x.title.plus(say(":")))
		w.printf("\n")
		w.blocks(x.blocks)
	case len(x.instead) > 0:
		w.lines("", "", x.instead)
		w.printf("\n")
	}
}

// list writes items with their lines indented, so that they stay items.
func (w *mdWriter) list(items []text) {
	if len(items) == 0 {
		return
	}
	for _, t := range items {
		w.lines("* ", "  ", t)
	}
	w.printf("\n")
}

// defs writes terms as a list: tables do not wrap in a mail. A meaning of one paragraph stands in the line of its term.
func (w *mdWriter) defs(items []def) {
	if len(items) == 0 {
		return
	}
	for _, d := range items {
		t := d.term
		if d.note != "" {
			t = t.plus(say(" (" + d.note + ")"))
		}
		for i, x := range d.body {
			switch x := x.(type) {
			case para:
				t = t.plus(say(map[bool]string{true: ": ", false: " "}[i == 0]), x.text)
			case list:
				t = t.plus(say(": "), joined(x.items, "; "))
			}
		}
		w.lines("* ", "  ", t)
	}
	w.printf("\n")
}

// fenced writes a block that is shown as it is.
func (w *mdWriter) fenced(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	w.printf("%s%s\n%s\n%s\n\n", fence, language, strings.TrimRight(text, "\n"), fence)
}

// patch writes a difference, which GitHub colours by its signs.
func (w *mdWriter) patch(lines []diffLine) {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.String() + "\n")
	}
	w.fenced("diff", b.String())
}

// String gives the line as it stands in a patch.
func (l diffLine) String() string {
	if l.op == '@' {
		return l.text
	}
	return string(l.op) + l.text
}

// lines writes a text in lines that are not too long, the first behind one prefix, the others behind another.
func (w *mdWriter) lines(first, other string, t text) { w.fill(first, other, w.words(t)) }

// fill breaks lines between words. A word that is longer than a line is not broken.
func (w *mdWriter) fill(first, other string, words []string) {
	line, prefix := "", first
	flush := func() {
		w.printf("%s\n", strings.TrimRight(prefix+guard(line), " "))
		line, prefix = "", other
	}
	for _, word := range words {
		if line != "" && utf8.RuneCountInString(prefix+line+" "+word) > maxLine {
			flush()
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	flush()
}

// words splits a text where a line may end: code stays in one piece.
func (w *mdWriter) words(t text) []string {
	var all []string
	glue := false // to what comes before
	for _, s := range t {
		if s.kind == code || s.kind == web || w.slugs[s.to] != "" && s.to != "" {
			all = stick(all, w.span(s), glue)
			glue = true
			continue
		}
		parts := strings.Fields(escape(s.text))
		for i, p := range parts {
			all = stick(all, p, i == 0 && glue && !startsBlank(s.text))
		}
		if s.text != "" {
			glue = !endsBlank(s.text)
		}
	}
	return all
}

// stick puts a word behind the others, or to the last of them.
func stick(all []string, word string, glue bool) []string {
	if glue && len(all) > 0 {
		all[len(all)-1] += word
		return all
	}
	return append(all, word)
}

func startsBlank(s string) bool { return s != strings.TrimLeft(s, " \t\n") }
func endsBlank(s string) bool   { return s != strings.TrimRight(s, " \t\n") }

// inline writes a text that must stay in one line.
func (w *mdWriter) inline(t text) string { return strings.Join(w.words(t), " ") }

// span writes code, addresses and links to headings; all else has no marks.
func (w *mdWriter) span(s span) string {
	switch {
	case s.kind == code:
		return codeSpan(s.text)
	case s.kind == web:
		return s.text
	}
	return "[" + escape(s.text) + "](#" + w.slugs[s.to] + ")"
}

// codeSpan writes a stretch of code within a line.
func codeSpan(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// special are the characters that mean something within a line, wherever they stand.
var special = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "[", `\[`, "<", `\<`, "$", `\$`, "~~", `\~\~`)

// entity is what would be shown as another character.
var entity = regexp.MustCompile(`&(#?\w+;)`)

// escape writes plain text so that nothing in it means something.
func escape(s string) string {
	return underscores(entity.ReplaceAllString(special.Replace(s), `\&$1`))
}

// underscores escapes those that begin or end a word: there they would stress it.
func underscores(s string) string {
	var b strings.Builder
	before := ' '
	for i, r := range s {
		if r == '_' && !(inWord(before) && inWord(after(s[i:]))) {
			b.WriteByte('\\')
		}
		if r != '_' {
			before = r
		}
		b.WriteRune(r)
	}
	return b.String()
}

// after is what follows the underscores that s begins with, a blank if nothing does.
func after(s string) rune {
	for _, r := range s {
		if r != '_' {
			return r
		}
	}
	return ' '
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// marks are what would make something else of a line that begins so.
var marks = regexp.MustCompile(`^([-+]( |$)|=+ *$|-+ *$|#{1,6}( |$)|>|~~~|\|)`)

var numbered = regexp.MustCompile(`^(\d+)([.)]( |$))`)

// guard escapes the beginning of a line that is not meant as a mark.
func guard(line string) string {
	if numbered.MatchString(line) {
		return numbered.ReplaceAllString(line, `$1\$2`)
	}
	if marks.MatchString(line) {
		return `\` + line
	}
	return line
}
