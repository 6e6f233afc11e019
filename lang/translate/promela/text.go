package promela

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// text is a piece of the file: lines, indented by tabs, none wider than width where a space lets it break.
type text struct{ strings.Builder }

const (
	tab      = 8
	noteFrom = 64 // where the notes stand if the code leaves room
)

// label writes a label on a line of its own.
func (t *text) label(name string) { t.WriteString(name + ":\n") }

// sourceOf says where in the specification something is, as counterexamples do.
func sourceOf(fn string, line int) string { return fmt.Sprintf("/* %s:%d */", fn, line) }

// statement writes a statement between what stands before and behind it, on one line if it fits.
func (t *text) statement(depth int, before string, s statement, behind, note string) {
	one := before + s.String() + behind
	if !s.isBlock() || tab*depth+columns(one)+columns(note) < width {
		t.line(depth, one, note)
		return
	}
	t.line(depth, before+s.block+" {", note)
	if s.guard != "" {
		t.line(depth+1, s.guard+" ->", "")
	}
	for _, d := range s.does {
		t.line(depth+1, d+";", "")
	}
	t.line(depth, "}"+behind, "")
}

// line writes code, with a note beside it, or above if there is no room.
func (t *text) line(depth int, code, note string) {
	indent := strings.Repeat("\t", depth)
	if room := width - tab*depth; note != "" && columns(code)+1+columns(note) > room {
		t.WriteString(indent + note + "\n")
		note = ""
	}
	first, rest := cut(code, width-tab*depth)
	t.WriteString(indent + first)
	if note != "" {
		at := min(max(noteFrom-tab*depth, columns(first)+1), width-tab*depth-columns(note))
		t.WriteString(strings.Repeat(" ", at-columns(first)) + note)
	}
	t.WriteString("\n")
	if rest != "" {
		t.line(depth+1, rest, "")
	}
}

// columns is how wide a line without tabs is.
func columns(s string) int { return utf8.RuneCountInString(s) }

// cut breaks a line at the last space that lets the first part have room. Texts in quotes are left whole, and what
// is short and hangs on what stands before it.
func cut(s string, room int) (string, string) {
	if columns(s) <= room {
		return s, ""
	}
	at, wide, quoted := -1, 0, false
	for i, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ' ' && !quoted && (at < 0 || wide <= room) && breaks(s[:i], s[i+1:]):
			at = i
		}
		wide++
	}
	if at < 0 {
		return s, ""
	}
	return s[:at], s[at+1:]
}

// breaks tells whether a line may end between two pieces of it.
func breaks(before, after string) bool {
	for _, end := range []string{"::", "goto", "ltl", "==", "!=", "*", "-"} {
		if strings.HasSuffix(before, end) {
			return false
		}
	}
	for _, begin := range []string{"->", "==", "!=", "{", "}", "||", "&&", "+"} {
		if strings.HasPrefix(after, begin) {
			return false
		}
	}
	return true
}

// comment writes lines as a block of comment.
func (t *text) comment(depth int, lines ...string) {
	var all []string
	for _, l := range lines {
		all = append(all, strings.Split(strings.TrimRight(safe(l), "\n"), "\n")...)
	}
	indent := strings.Repeat("\t", depth)
	if len(all) == 1 && columns(all[0])+6 <= width-tab*depth {
		t.WriteString(indent + "/* " + all[0] + " */\n")
		return
	}
	head := "/*"
	for _, l := range all {
		for first, rest := "", l; first == "" || rest != ""; head = " *" {
			first, rest = cut(rest, width-tab*depth-4)
			t.WriteString(strings.TrimRight(indent+head+" "+first, " ") + "\n")
			if first == "" {
				break
			}
		}
	}
	t.WriteString(indent + " */\n")
}

// prose breaks doc comments anew: a paragraph, or an item of a list, becomes lines that are as wide as the file.
func prose(doc string) string {
	var paragraphs []string
	open := false
	for l := range strings.Lines(doc) {
		l = strings.TrimRight(l, " \t\r\n")
		word := strings.TrimLeft(l, " \t")
		if open && word != "" && !strings.HasPrefix(word, "- ") && !strings.HasPrefix(word, "* ") {
			paragraphs[len(paragraphs)-1] += " " + word
			continue
		}
		paragraphs = append(paragraphs, l)
		open = word != ""
	}
	return strings.TrimSpace(strings.Join(paragraphs, "\n"))
}

// safe keeps prose from ending its comment or beginning another.
func safe(s string) string {
	return strings.NewReplacer("*/", "* /", "/*", "/ *", "\t", "  ", "\r", "").Replace(s)
}
