// Package mark is the grammar in which a capture describes itself: lines that its maker writes to
// tracing_mark, such as
//
//	rprocspec/1 on enter=rproc_boot by=kprobe event=rprocspec_812:rproc_boot
//	rprocspec/1 names device=remoteproc0 name="my modem" parent=4080000.remoteproc
//
// docs/capture.md says what each of them means. Here they are only text:
//
//	mark  = "rprocspec/" digits " " word { " " word "=" value }
//	word  = lower-case letter { lower-case letter | digit | "_" }
//	value = one or more of any but blank, control and quote
//	      | `"` { any but control, quote and backslash | `\"` | `\\` } `"`
//
// Blanks at the end do no harm.
package mark

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Version is the version of the grammar and of what the words mean. A reader refuses newer ones: they
// may mean something else by the same words. New words and attributes alone make no new version.
const Version = 1

const magic = "rprocspec/"

// Attr is one name=value.
type Attr struct{ Name, Value string }

// Mark is one line.
type Mark struct {
	Word  string
	Attrs []Attr
}

// Get gives the value of an attribute, "" if there is none.
func (m Mark) Get(name string) string {
	for _, a := range m.Attrs {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// String writes the mark in this version.
func (m Mark) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d %s", magic, Version, m.Word)
	for _, a := range m.Attrs {
		b.WriteString(" " + a.Name + "=" + quoted(a.Value))
	}
	return b.String()
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func quoted(v string) string {
	if v != "" && !strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f }) {
		return v
	}
	return `"` + escapes.Replace(v) + `"`
}

// Ours tells whether a text is meant to be a mark.
func Ours(text string) bool { return strings.HasPrefix(text, magic) }

// Parse reads a text for which Ours holds.
func Parse(text string) (Mark, error) {
	version, rest, _ := strings.Cut(strings.TrimPrefix(text, magic), " ")
	n, err := strconv.ParseUint(version, 10, 31)
	switch {
	case !Ours(text) || err != nil:
		return Mark{}, errors.New("not a mark of rprocspec")
	case n > Version:
		return Mark{}, fmt.Errorf("written by a newer rprocspec: marks of version %d, this one reads up to %d", n, Version)
	}
	var m Mark
	if m.Word, rest = word(rest); m.Word == "" {
		return Mark{}, errors.New("no word after the version")
	}
	for rest = strings.TrimRight(rest, " "); rest != ""; {
		var a Attr
		if a, rest, err = attr(rest); err != nil {
			return Mark{}, err
		}
		m.Attrs = append(m.Attrs, a)
	}
	return m, nil
}

// word cuts a word off s.
func word(s string) (w, rest string) {
	i := 0
	for i < len(s) && (s[i]-'a' < 26 || i > 0 && (s[i]-'0' < 10 || s[i] == '_')) {
		i++
	}
	return s[:i], s[i:]
}

// attr cuts " name=value" off s.
func attr(s string) (a Attr, rest string, err error) {
	s, blank := strings.CutPrefix(s, " ")
	if a.Name, rest = word(s); !blank || a.Name == "" || !strings.HasPrefix(rest, "=") {
		return a, "", fmt.Errorf("%q is no name=value", s)
	}
	if a.Value, rest, err = value(rest[1:]); err != nil {
		return a, "", fmt.Errorf("%s: %w", a.Name, err)
	}
	return a, rest, nil
}

func value(s string) (v, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		return unquote(s[1:])
	}
	i := 0
	for i < len(s) && s[i] > ' ' && s[i] != '"' && s[i] != 0x7f {
		i++
	}
	if i == 0 {
		return "", "", errors.New("no value")
	}
	return s[:i], s[i:], nil
}

func unquote(s string) (v, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case c == '\\' || c < ' ' || c == 0x7f:
			return "", "", fmt.Errorf("%q inside quotes", c)
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("the quotes are not closed: the mark was cut off")
}
