package klog

import (
	"bytes"
	"html"
)

// wash drops what consoles, mails, forums and web pages add to a line, until the text is as a program
// printed it: NUL and other control bytes, terminal escapes, "> " marks of quoting, emphasis and escapes
// of markdown, tags and entities of HTML, typographic quotes and blanks. It works in place as far as it can.
// ascii tells that there is nothing but ASCII in it.
func wash(b []byte) (clean []byte, ascii bool) {
	if bytes.IndexByte(b, 0) >= 0 {
		b = bytes.ReplaceAll(b, []byte{0}, nil)
	}
	if bytes.IndexByte(b, '&') >= 0 || tagged(b) {
		b = untag(b)
	}
	b, ascii = plain(b)
	b = unquote(b)
	if bytes.IndexByte(b, '\\') >= 0 {
		b = unbackslash(b)
	}
	if bytes.Contains(b, []byte("**")) {
		b = unmark(b)
	}
	return trim(b), ascii
}

// plain drops control bytes and terminal escapes, and makes ASCII of typography.
func plain(b []byte) (clean []byte, ascii bool) {
	var all, low byte
	for _, c := range b {
		all |= c
		if c < ' ' && c != '\t' || c == 0x7f {
			low = 1
		}
	}
	if ascii = all < 0x80; low != 0 {
		b = controls(b)
	}
	if !ascii {
		b = typography(b)
	}
	for i := 1; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], 'm')
		if n < 0 {
			break
		}
		if i += n; digit(b[i-1]) {
			return colours(b), ascii
		}
	}
	return b, ascii
}

// controls drops NUL and its like, "ESC [ … letter", "ESC ] … BEL" and "ESC ( B".
func controls(b []byte) []byte {
	keep := b[:0]
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == 0x1b:
			i = escape(b, i)
		case c < ' ' && c != '\t', c == 0x7f:
		default:
			keep = append(keep, c)
		}
	}
	return keep
}

// escape gives the offset of the last byte of the escape sequence at i.
func escape(b []byte, i int) int {
	if i+1 >= len(b) {
		return i
	}
	switch i++; b[i] {
	case '[':
		for i++; i < len(b) && !letter(b[i]) && b[i] != '@' && b[i] != '~'; i++ {
		}
	case ']':
		for i++; i < len(b) && b[i] != 0x07 && b[i] != 0x1b; i++ {
		}
		if i < len(b) && b[i] == 0x1b { // ESC \ ends it as well
			i++
		}
	case '(', ')':
		i++
	}
	return min(i, len(b)-1)
}

// colours drops "[0;32m", a terminal escape that has lost its ESC.
func colours(b []byte) []byte {
	keep := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '[' && i+1 < len(b) && digit(b[i+1]) {
			end := i + 1
			for end < len(b) && (digit(b[end]) || b[end] == ';') {
				end++
			}
			if end < len(b) && b[end] == 'm' {
				i = end
				continue
			}
		}
		keep = append(keep, b[i])
	}
	return keep
}

// letters are what editors, mail programs and web pages make of ASCII.
var letters = []struct{ from, to string }{
	{"\ufeff", ""},
	{"\u200b", ""},
	{"\u200c", ""},
	{"\u200d", ""},
	{"\u00ad", ""},
	{"\u2060", ""},
	{"\u00a0", " "},
	{"\u2009", " "},
	{"\u202f", " "},
	{"\u3000", " "},
	{"\u2018", "'"},
	{"\u2019", "'"},
	{"\u201c", `"`},
	{"\u201d", `"`},
	{"\u2010", "-"},
	{"\u2011", "-"},
	{"\u2012", "-"},
	{"\u2013", "-"},
	{"\u2212", "-"},
}

func typography(b []byte) []byte {
	for _, l := range letters {
		if bytes.Contains(b, []byte(l.from)) {
			b = bytes.ReplaceAll(b, []byte(l.from), []byte(l.to))
		}
	}
	return b
}

// tagged tells whether a line holds a tag of HTML.
func tagged(b []byte) bool {
	for {
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			return false
		}
		if tag(b[i:]) > 0 {
			return true
		}
		b = b[i+1:]
	}
}

// untag drops the HTML that shows text, and decodes entities.
func untag(b []byte) []byte {
	keep := b[:0:0]
	for i := 0; i < len(b); i++ {
		if n := tag(b[i:]); n > 0 {
			i += n - 1
			continue
		}
		keep = append(keep, b[i])
	}
	if bytes.IndexByte(keep, '&') >= 0 {
		keep = []byte(html.UnescapeString(string(keep)))
	}
	return keep
}

// tags are the elements that a log on a web page stands in. Kernel lines hold other things in angle
// brackets, so no others are dropped.
var tags = map[string]bool{
	"a": true, "b": true, "blockquote": true, "br": true, "code": true, "div": true, "em": true, "font": true, "i": true,
	"li": true, "mark": true, "p": true, "pre": true, "samp": true, "span": true, "strong": true, "td": true, "tr": true,
	"tt": true, "u": true, "wbr": true,
}

// tag gives the length of an HTML tag at the start of b, 0 if there is none.
func tag(b []byte) int {
	if b[0] != '<' {
		return 0
	}
	at := 1
	if at < len(b) && b[at] == '/' {
		at++
	}
	start := at
	for at < len(b) && letter(b[at]) {
		at++
	}
	if at == len(b) || !tags[string(bytes.ToLower(b[start:at]))] || b[at] != '>' && b[at] != ' ' && b[at] != '/' {
		return 0
	}
	end := bytes.IndexByte(b[at:], '>')
	if end < 0 || bytes.IndexByte(b[at:at+end], '<') >= 0 {
		return 0
	}
	return at + end + 1
}

// unquote drops the marks of quoted mail at the start: "> > ", ">>", "| ".
func unquote(b []byte) []byte {
	for {
		at := blanks(b, 0)
		if at == len(b) || b[at] != '>' && !(b[at] == '|' && at+1 < len(b) && b[at+1] == ' ') {
			return b
		}
		b = bytes.TrimPrefix(b[at+1:], []byte{' '})
	}
}

// unbackslash drops the backslashes that markdown needs before signs of its own. The kernel's "\x1b"
// stays.
func unbackslash(b []byte) []byte {
	if !bytes.Contains(b, []byte("remoteproc")) && !bytes.Contains(b, []byte(`\[`)) {
		return b
	}
	keep := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && (i+1 == len(b) || bytes.IndexByte([]byte("[]()_*#.->+!<:~`"), b[i+1]) >= 0) {
			continue
		}
		keep = append(keep, b[i])
	}
	return keep
}

// unmark drops the pairs of "**" that markdown sets around emphasis. Longer runs of stars, and the
// "** 5 printk messages dropped **" of the kernel, stay.
func unmark(b []byte) []byte {
	if bytes.Contains(b, []byte("***")) || bytes.Contains(b, []byte("printk messages")) || bytes.Count(b, []byte("**"))%2 != 0 {
		return b
	}
	return bytes.ReplaceAll(b, []byte("**"), nil)
}

// trim drops blanks at the end, and there and at the start the backticks of markdown.
func trim(b []byte) []byte {
	b = bytes.TrimRight(b, " \t\r")
	if n := len(b); n > 1 && (b[0] == '`' || b[n-1] == '`') {
		b = bytes.TrimRight(bytes.Trim(b, "`"), " \t")
	}
	return b
}
