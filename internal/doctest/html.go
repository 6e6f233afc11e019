// Package doctest looks for mistakes in documents, for the tests of those who write them: markup that is not closed or
// stands where it may not, links that lead nowhere, and whatever could load or run something.
package doctest

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// HTML gives the mistakes of a page that must be well-formed XML as well; nil if there are none.
func HTML(page string) []string {
	c := &checker{page: page, ids: map[string]int{}}
	if !strings.HasPrefix(page, "<!DOCTYPE html>\n") {
		c.errorf("it does not begin with <!DOCTYPE html>")
	}
	d := xml.NewDecoder(strings.NewReader(page))
	for {
		start := d.InputOffset()
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			c.errorf("%v", err)
			return c.mistakes
		}
		c.token(tok, page[start:d.InputOffset()])
	}
	c.whole()
	return c.mistakes
}

// checker goes through a page.
type checker struct {
	page     string
	mistakes []string
	open     []string       // elements
	ids      map[string]int // how often each is there
	links    []string       // to ids
	levels   []int          // of headings, in order
	count    map[string]int // of elements
}

func (c *checker) errorf(format string, args ...any) {
	where := ""
	if len(c.open) > 0 {
		where = strings.Join(c.open, " > ") + ": "
	}
	if s := where + fmt.Sprintf(format, args...); !slices.Contains(c.mistakes, s) {
		c.mistakes = append(c.mistakes, s)
	}
}

// token looks at one token; raw is how it is written, which tells how an element was closed.
func (c *checker) token(tok xml.Token, raw string) {
	switch t := tok.(type) {
	case xml.StartElement:
		c.start(t, raw)
	case xml.EndElement:
		c.open = c.open[:len(c.open)-1]
	case xml.CharData:
		c.text(string(t))
	case xml.Comment, xml.ProcInst:
		c.errorf("a comment or an instruction: %s", raw)
	}
}

// void elements have no end; all others must not be closed at once.
var void = []string{"meta", "br", "hr"}

// drawing elements are closed as in XML.
var drawing = []string{"svg", "defs", "marker", "path", "circle", "rect", "text", "title"}

// phrasing elements may stand in a line of text.
var phrasing = []string{"a", "code", "span", "svg"}

// inside says what may stand in an element; what is not here may hold phrasing elements only.
var inside = map[string][]string{
	"":           {"html"},
	"html":       {"head", "body"},
	"head":       {"meta", "title", "style"},
	"body":       {"a", "nav", "main"},
	"nav":        {"p", "ul"},
	"main":       {"header", "section", "footer", "p", "ul", "dl", "div", "pre", "figure", "details"},
	"header":     {"h1", "p"},
	"footer":     {"p"},
	"section":    {"h2", "h3", "section", "p", "ul", "dl", "div", "pre", "figure", "details"},
	"div":        {"div", "table", "dt", "dd", "p", "ul", "dl", "pre", "figure", "details"},
	"details":    {"summary", "section", "p", "ul", "dl", "div", "pre", "figure"},
	"dl":         {"div"},
	"dd":         {"p", "ul", "pre"},
	"ul":         {"li"},
	"li":         {"a", "code", "span", "details"},
	"table":      {"thead", "tbody"},
	"thead":      {"tr"},
	"tbody":      {"tr"},
	"tr":         {"th", "td"},
	"figure":     {"svg", "figcaption"},
	"svg":        {"defs", "path", "circle", "rect", "text"},
	"defs":       {"marker"},
	"marker":     {"path"},
	"path":       {"title"},
	"style":      {},
	"title":      {},
	"text":       {},
	"rect":       {},
	"circle":     {},
	"meta":       {},
	"figcaption": phrasing,
}

// start looks at an element: whether it may stand here, and is closed as HTML does it.
func (c *checker) start(t xml.StartElement, raw string) {
	name := t.Name.Local
	parent := ""
	if len(c.open) > 0 {
		parent = c.open[len(c.open)-1]
	}
	may, known := inside[parent]
	if !known {
		may = phrasing
	}
	if !slices.Contains(may, name) {
		c.errorf("<%s> may not stand here", name)
	}
	if name == "a" && slices.Contains(c.open, "a") {
		c.errorf("a link in a link")
	}
	if strings.HasSuffix(raw, "/>") != slices.Contains(void, name) && !slices.Contains(drawing, name) {
		c.errorf("%s is closed as HTML does not do it", raw)
	}
	if c.count == nil {
		c.count = map[string]int{}
	}
	c.count[name]++
	if len(name) == 2 && name[0] == 'h' && name != "hr" {
		c.levels = append(c.levels, int(name[1]-'0'))
	}
	c.open = append(c.open, name)
	c.attributes(name, t.Attr)
}

// attributes refuses what could run or load something, and asks for what accessibility needs.
func (c *checker) attributes(name string, all []xml.Attr) {
	has := map[string]string{}
	for _, a := range all {
		if _, twice := has[a.Name.Local]; twice {
			c.errorf("%s is there twice", a.Name.Local)
		}
		has[a.Name.Local] = a.Value
		switch {
		case strings.HasPrefix(a.Name.Local, "on"), a.Name.Local == "src", a.Name.Local == "style", a.Name.Local == "srcset":
			c.errorf("an attribute %s", a.Name.Local)
		case a.Name.Local == "id":
			c.ids[a.Value]++
		case a.Name.Local == "aria-labelledby":
			c.links = append(c.links, a.Value)
		case a.Name.Local == "href":
			c.link(a.Value)
		}
	}
	must := map[string]string{"html": "lang", "th": "scope", "svg": "aria-label", "a": "href"}[name]
	if must != "" && has[must] == "" {
		c.errorf("%s lacks %s", name, must)
	}
}

var web = regexp.MustCompile(`^https?://[^\s<>"]+$`)

// link takes links within the page, which must lead somewhere, and those to the web.
func (c *checker) link(to string) {
	switch {
	case strings.HasPrefix(to, "#"):
		c.links = append(c.links, to[1:])
	case !web.MatchString(to):
		c.errorf("a link to %q", to)
	}
}

// text looks at what is no markup.
func (c *checker) text(s string) {
	if len(c.open) == 0 {
		if strings.TrimSpace(s) != "" {
			c.errorf("text outside of the page: %q", s)
		}
		return
	}
	here := c.open[len(c.open)-1]
	if here == "style" && (strings.ContainsAny(s, "<&") || strings.Contains(s, "url(") || strings.Contains(s, "@import")) {
		c.errorf("the style loads something, or breaks the page")
	}
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			c.errorf("the character %U", r)
		}
	}
	may, known := inside[here]
	if known && strings.TrimSpace(s) != "" && slices.Contains([]string{"ul", "dl", "table", "thead", "tbody", "tr", "section", "main", "body"}, here) {
		c.errorf("text where only %v may stand: %q", may, s)
	}
}

// whole looks at the page when it has been read.
func (c *checker) whole() {
	for id, n := range c.ids {
		if n > 1 || strings.ContainsAny(id, " \t\n") || id == "" {
			c.errorf("the id %q is there %d times", id, n)
		}
	}
	for _, to := range c.links {
		if c.ids[to] == 0 {
			c.errorf("a link to #%s, which is not there", to)
		}
	}
	for _, one := range []string{"html", "head", "title", "body", "main", "h1", "nav"} {
		if one != "title" && c.count[one] != 1 {
			c.errorf("%d elements %s", c.count[one], one)
		}
	}
	last := 0
	for _, l := range c.levels {
		if l > last+1 {
			c.errorf("a heading of level %d below one of level %d", l, last)
		}
		last = l
	}
}
