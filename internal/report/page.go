package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/rprocspec/rprocspec/validate"
)

// width is where lists are wrapped; sentences are left to the terminal.
const width = 100

// markup is text that is printed as it is: it was cleaned before or is our own.
type markup string

// page collects the text about one trace. Everything printed on it is cleaned.
type page struct {
	strings.Builder
	color bool
}

// line prints one line; arguments that are no numbers and no markup are cleaned.
func (p *page) line(format string, args ...any) {
	for i, a := range args {
		switch v := a.(type) {
		case markup:
			args[i] = string(v)
		case int, float64:
		default:
			args[i] = Clean(fmt.Sprint(v))
		}
	}
	fmt.Fprintf(p, format+"\n", args...)
}

// list prints a head and items after it, wrapped, the further lines indented by four blanks.
func (p *page) list(head string, items []string) {
	p.WriteString(head)
	col := utf8.RuneCountInString(head)
	for i, item := range items {
		item = Clean(item)
		if i < len(items)-1 {
			item += ","
		}
		n := utf8.RuneCountInString(item)
		if i > 0 && col+1+n > width {
			p.WriteString("\n    " + item)
			col = 4 + n
			continue
		}
		p.WriteString(" " + item)
		col += 1 + n
	}
	p.WriteString("\n")
}

// Terminal colours, by what they say.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
)

func (p *page) paint(color, s string) markup {
	if !p.color {
		return markup(s)
	}
	return markup("\x1b[" + color + "m" + s + "\x1b[0m")
}

func (p *page) verdict(v validate.Verdict, words string) markup {
	switch v {
	case validate.Conforms:
		return p.paint(bold+";"+green, words)
	case validate.Violates:
		return p.paint(bold+";"+red, words)
	}
	return p.paint(bold+";"+yellow, words)
}

// severity gives the prefix of a finding's message; errors have none.
func (p *page) severity(s validate.Severity) markup {
	switch s {
	case validate.Warning:
		return p.paint(yellow, "warning:") + " "
	case validate.Note:
		return "info: "
	}
	return ""
}
