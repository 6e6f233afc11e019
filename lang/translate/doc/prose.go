package doc

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/rprocspec/rprocspec/lang/check"
)

// prose reads a doc comment: paragraphs, and lists of lines that begin with a dash or a star.
func (b *builder) prose(doc string) []block {
	var out []block
	var lines []string
	items := false
	flush := func() {
		switch {
		case len(lines) == 0:
		case items:
			out = appendItem(out, b.inline(strings.Join(lines, " ")))
		default:
			out = append(out, para{b.inline(strings.Join(lines, " "))})
		}
		lines = nil
	}
	for line := range strings.Lines(doc) {
		line = strings.TrimSpace(line)
		item, isItem := bullet(line)
		switch {
		case line == "":
			flush()
			items = false
		case isItem:
			flush()
			items, lines = true, []string{item}
		default:
			lines = append(lines, line)
		}
	}
	flush()
	return out
}

// appendItem goes on with the list at the end, or begins one.
func appendItem(out []block, item text) []block {
	if n := len(out); n > 0 {
		if l, ok := out[n-1].(list); ok {
			out[n-1] = list{append(l.items, item)}
			return out
		}
	}
	return append(out, list{[]text{item}})
}

// bullet takes the mark of an item off a line, if it is one.
func bullet(line string) (string, bool) {
	for _, mark := range []string{"- ", "* "} {
		if item, ok := strings.CutPrefix(line, mark); ok {
			return strings.TrimSpace(item), true
		}
	}
	return "", false
}

// words finds what may be code in a text: what stands in backquotes, addresses, and words with what belongs to them.
var words = regexp.MustCompile("`[^`]+`" + `|https?://[^\s<>"]*[^\s<>".,;:)]|[A-Za-z_]\w*(?:(?:->|/|\.)\w+)*(?:\(\))?`)

// inline makes a text of a line of prose: what cannot be a word of English is code.
func (b *builder) inline(s string) text {
	s = clean(s)
	var out text
	rest := 0
	for _, at := range words.FindAllStringIndex(s, -1) {
		if sp, ok := b.word(s[at[0]:at[1]]); ok {
			out = append(out, span{text: s[rest:at[0]]}, sp)
			rest = at[1]
		}
	}
	out = append(out, span{text: s[rest:]})
	return tidy(out)
}

// tidy leaves out what is empty.
func tidy(t text) text {
	var out text
	for _, s := range t {
		if s.text != "" {
			out = append(out, s)
		}
	}
	return out
}

var fileName = regexp.MustCompile(`\.[chS]$`)

// word tells whether a word is code or an address, and what it leads to.
func (b *builder) word(w string) (span, bool) {
	if inner, ok := strings.CutPrefix(w, "`"); ok {
		inner = strings.TrimSpace(strings.TrimSuffix(inner, "`"))
		return span{kind: code, text: inner, to: idOf(b.info.Lookup(inner))}, inner != ""
	}
	if strings.Contains(w, "://") {
		return span{kind: web, text: w, to: w}, true
	}
	o := b.info.Lookup(strings.TrimSuffix(w, "()"))
	switch {
	case strings.ContainsAny(w, "_(>"), fileName.MatchString(w):
	case o != nil && o.Kind == check.MemberObj && w == strings.ToUpper(w):
	default:
		return span{}, false
	}
	return span{kind: code, text: w, to: idOf(o)}, true
}

// clean writes what cannot be seen, or changes the direction of what is, as its number: a document must show
// a reviewer what is there.
func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if strings.IndexFunc(s, unseen) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !unseen(r):
			b.WriteRune(r)
		case r <= 0xff:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// unseen tells control characters, invisible ones and those that change the direction of text.
func unseen(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }
