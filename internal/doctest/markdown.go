package doctest

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLine is how wide Markdown may be outside of code and tables: as a mail.
const MaxLine = 100

var (
	fence   = regexp.MustCompile("^(```+)([a-z]*)$")
	inCode  = regexp.MustCompile("(`+)[^`].*?[^`]?(`+)")
	mdLink  = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`)
	mdTitle = regexp.MustCompile(`^#{1,6} (.*)$`)
	escaped = regexp.MustCompile(`\\([!-/:-@\[-` + "`" + `{-~])`)
	markup  = regexp.MustCompile(`<[A-Za-z/!?]`)
)

// Markdown gives the mistakes of a document: fences that are not closed, markup of HTML, links that lead nowhere, tables
// whose rows differ, lines that are too long.
func Markdown(text string) []string {
	m := &mdChecker{slugs: map[string]int{}}
	for i, line := range strings.Split(text, "\n") {
		m.number = i + 1
		m.line(line)
	}
	if m.fence != "" {
		m.errorf("a block of code is not closed")
	}
	for _, l := range m.links {
		if _, ok := m.slugs[strings.TrimPrefix(l, "#")]; !ok {
			m.mistakes = append(m.mistakes, "a link to "+l+", which is not there")
		}
	}
	return m.mistakes
}

type mdChecker struct {
	mistakes []string
	number   int
	fence    string // that is open
	links    []string
	slugs    map[string]int
	columns  int // of the table that the line before belongs to
}

func (m *mdChecker) errorf(format string, args ...any) {
	m.mistakes = append(m.mistakes, fmt.Sprintf("line %d: ", m.number)+fmt.Sprintf(format, args...))
}

// line looks at one line; within a block of code anything may stand.
func (m *mdChecker) line(line string) {
	if f := fence.FindStringSubmatch(line); f != nil && (m.fence == "" || f[1] == m.fence && f[2] == "") {
		if m.fence == "" {
			m.fence = f[1]
		} else {
			m.fence = ""
		}
		return
	}
	if m.fence != "" {
		return
	}
	m.table(line)
	if n := utf8.RuneCountInString(line); n > MaxLine && !strings.HasPrefix(line, "|") {
		m.errorf("%d columns: %s", n, line)
	}
	bare := inCode.ReplaceAllString(escaped.ReplaceAllString(line, ""), "")
	if markup.MatchString(bare) {
		m.errorf("markup: %s", line)
	}
	for _, l := range mdLink.FindAllStringSubmatch(bare, -1) {
		m.links = append(m.links, l[2])
	}
	if t := mdTitle.FindStringSubmatch(line); t != nil {
		m.title(t[1])
	}
}

// table checks that the rows of a table have as many cells as its head.
func (m *mdChecker) table(line string) {
	if !strings.HasPrefix(line, "|") {
		m.columns = 0
		return
	}
	n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
	if m.columns > 0 && n != m.columns {
		m.errorf("%d bars in a table of %d: %s", n, m.columns, line)
	}
	m.columns = n
}

// title takes the name under which GitHub finds a heading.
func (m *mdChecker) title(t string) {
	t = strings.ReplaceAll(escaped.ReplaceAllString(t, "$1"), "`", "")
	slug := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), r == '_', r == '-':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, t)
	n := m.slugs[slug]
	m.slugs[slug]++
	if n > 0 {
		m.slugs[fmt.Sprintf("%s-%d", slug, n)]++
	}
}
