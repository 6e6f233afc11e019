package lang

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// layout decides which tokens share a line, and what stands between them.
type layout struct {
	tokens []token
	hints  *hints
	out    []*line
	depth  int       // pairs of braces that are open and broken
	open   []*braces // innermost last
}

// line is a line of output.
type line struct {
	blank   bool // one empty line before
	indent  int
	text    []byte
	comment string // at its end, or all there is
	cell    int    // where text is aligned; 0 for nowhere
	group   int    // with which other lines
	or      bool   // text is an `or` below its `either`, so far
	pairs   []*braces
}

func newLayout(m *Module) *layout {
	h := collectHints(m, m.tokens)
	f := &layout{hints: h}
	for _, t := range m.tokens {
		if !h.drop[t.Pos.Offset] {
			f.tokens = append(f.tokens, t)
		}
	}
	f.dropEmptyArgs(m)
	return f
}

// dropEmptyArgs removes the () that say nothing: behind a process, spawn, event or thread.
func (f *layout) dropEmptyArgs(m *Module) {
	empty := map[int]bool{} // end of the name before
	Walk(m, func(n Node) bool {
		switch n := n.(type) {
		case *Process:
			empty[n.Name.End().Offset] = len(n.Params) == 0
		case *Spawn:
			empty[n.Process.End().Offset] = len(n.Args) == 0
		case *Event:
			empty[n.Name.End().Offset] = len(n.Args) == 0
		case *ScenarioLine:
			if n.Process != nil {
				empty[n.Process.End().Offset] = len(n.Args) == 0
			}
		}
		return true
	})
	var kept []token
	for i := 0; i < len(f.tokens); i++ {
		if i > 0 && i+1 < len(f.tokens) && empty[endOf(f.tokens[i-1].Token).Offset] &&
			f.tokens[i].Value == "(" && f.tokens[i+1].Value == ")" {
			i++
			continue
		}
		kept = append(kept, f.tokens[i])
	}
	f.tokens = kept
}

// lines lays out everything. It may be called again after breakLong.
func (f *layout) lines() []*line {
	f.out, f.depth, f.open = nil, 0, nil
	prev := token{kind: spaceToken}
	for i, t := range f.tokens {
		if f.isLostComma(i) {
			continue
		}
		breaks := f.breaks(prev, t)
		f.leave(t)
		f.missingComma(prev, i)
		if breaks > 0 || len(f.out) == 0 {
			f.out = append(f.out, &line{blank: breaks > 1, indent: f.indent(i)})
		} else {
			f.separate(prev, t)
		}
		f.write(prev, t)
		f.enter(t)
		prev = t
	}
	return f.out
}

func (f *layout) last() *line { return f.out[len(f.out)-1] }

// inner is the innermost open pair, or nil.
func (f *layout) inner() *braces {
	if len(f.open) == 0 {
		return nil
	}
	return f.open[len(f.open)-1]
}

func (f *layout) enter(t token) {
	pair := f.hints.braces[t.Pos.Offset]
	if pair == nil || t.Value != "{" {
		return
	}
	f.open = append(f.open, pair)
	f.last().pairs = append(f.last().pairs, pair)
	if pair.broken {
		f.depth++
	}
}

func (f *layout) leave(t token) {
	if pair := f.hints.braces[t.Pos.Offset]; pair != nil && t.Value == "}" {
		f.open = f.open[:len(f.open)-1]
		if pair.broken {
			f.depth--
		}
	}
}

// isLostComma tells a comma behind the last item of braces on one line.
func (f *layout) isLostComma(i int) bool {
	if f.tokens[i].Value != "," || i+1 == len(f.tokens) {
		return false
	}
	pair := f.closing(f.tokens[i+1])
	return pair != nil && pair.comma && !pair.broken
}

// missingComma adds a comma behind the last item of broken braces, in front of token i.
func (f *layout) missingComma(prev token, i int) {
	pair := f.closing(f.nextSeen(i))
	if pair == nil || !pair.comma || !pair.broken || prev.isBlank() || prev.Value == "," || pair.open == prev.Pos.Offset {
		return
	}
	f.last().add(",")
}

// closing gives the pair that t closes, or nil.
func (f *layout) closing(t token) *braces {
	if t.Value != "}" {
		return nil
	}
	return f.hints.braces[t.Pos.Offset]
}

// nextSeen is the first token from i on that is no comment, or the zero token.
func (f *layout) nextSeen(i int) token {
	for _, t := range f.tokens[i:] {
		if !t.isBlank() {
			return t
		}
	}
	return token{}
}

// breaks gives the number of line breaks between two tokens: 2 with an empty line.
func (f *layout) breaks(prev, t token) int {
	if prev.Value == "" {
		return 0
	}
	written := min(2, t.Pos.Line-prev.Pos.Line)
	pair := f.inner()
	opened := pair != nil && pair.open == prev.Pos.Offset
	switch {
	case t.isBlank() && written == 0:
		return 0
	case opened && pair.broken, f.closing(t) != nil && f.closing(t).broken:
		return 1
	case prev.kind == docToken && !t.isBlank():
		return 1
	case t.isBlank(), prev.isBlank():
		return max(1, written)
	case opened, f.closing(t) != nil:
		return 0
	}
	if n, ok := f.hints.items[t.Pos.Offset]; ok {
		return f.itemBreaks(prev, n, written)
	}
	return f.innerBreaks(prev, t, written)
}

// itemBreaks is breaks before a declaration, a statement or another item.
func (f *layout) itemBreaks(prev token, n Node, written int) int {
	pair := f.inner()
	switch {
	case pair == nil:
		return max(1, written)
	case !pair.broken:
		return 0
	case pair.forced, pair.style == onePerLine:
		return max(1, written)
	case pair.sep == "; " && (f.isBrokenEnd(prev) || f.hasBroken(n)):
		return max(1, written)
	}
	return written
}

func (f *layout) isBrokenEnd(t token) bool {
	pair := f.closing(t)
	return pair != nil && pair.broken
}

// hasBroken reports whether braces in n go over several lines.
func (f *layout) hasBroken(n Node) bool {
	for _, t := range within(f.tokens, n) {
		if pair := f.hints.braces[t.Pos.Offset]; pair != nil && pair.broken {
			return true
		}
	}
	return false
}

// innerBreaks is breaks inside an item: kept where a reader would break a line.
func (f *layout) innerBreaks(prev, t token, written int) int {
	switch {
	case written == 0, f.hints.braces[t.Pos.Offset] != nil:
		return 0
	case (t.Value == "else" || t.Value == "or") && f.isBrokenEnd(prev):
		return 0
	case isBreakable(prev, false), isBreakable(t, true):
		return 1
	}
	return 0
}

// isBreakable reports whether a line may break before, or behind, t.
func isBreakable(t token, before bool) bool {
	switch t.Value {
	case "&&", "||", "=>", "~>", "+", "=", ":=":
		return true
	case "else", "or", "unless", "until", "choosing", "within", "held", "begins", "ends", "unobserved", "if":
		return before
	case ",", "(", "{":
		return !before
	}
	return false
}

// indent is that of a line beginning with token i.
func (f *layout) indent(i int) int {
	t := f.nextSeen(i)
	_, item := f.hints.items[t.Pos.Offset]
	if item || t.Value == "" || t.Value == "else" || t.Value == "or" {
		return f.depth
	}
	if f.hints.braces[t.Pos.Offset] != nil {
		return f.depth
	}
	return f.depth + 2
}

// separate writes what stands between two tokens on one line.
func (f *layout) separate(prev, t token) {
	_, item := f.hints.items[t.Pos.Offset]
	pair := f.inner()
	switch {
	case t.isBlank():
	case f.last().or:
		f.last().add("     ") // its brace below that of `either`
	case item && pair != nil && pair.sep != "" && pair.open != prev.Pos.Offset:
		f.last().add(pair.sep)
	case f.isSpaced(prev, t):
		f.last().add(" ")
	}
}

// isSpaced reports whether a space stands between two tokens of one item.
func (f *layout) isSpaced(prev, t token) bool {
	switch t.Value {
	case ",", ")", ".", "..", ":":
		return false
	case "(":
		if !f.hints.parens[t.Pos.Offset] {
			return false
		}
	case "}":
		if prev.Value == "{" {
			return false
		}
	}
	switch prev.Value {
	case "(", ".", "..":
		return false
	}
	return !f.hints.unary[prev.Pos.Offset]
}

// write appends a token to the last line.
func (f *layout) write(prev, t token) {
	l := f.last()
	switch {
	case t.kind == docToken:
		l.comment = strings.TrimRight("/// "+docText(t.Value), " ")
		return
	case t.kind == commentToken:
		l.comment = strings.TrimRight(t.Value, " \t\r")
		return
	}
	if group := f.hints.cells[t.Pos.Offset]; group != 0 && l.cell == 0 {
		l.cell, l.group = len(l.text), group
	}
	l.add(t.Value)
	l.or = t.Value == "or" && len(l.text) == len("or") && prev.Value == "}"
}

// breakLong marks the outermost blocks on each line that is too long. It reports whether there were any.
func (f *layout) breakLong(lines []*line) bool {
	again := false
	for _, l := range lines {
		if l.width() <= maxWidth {
			continue
		}
		end := -1
		for _, p := range l.pairs {
			if p.broken || p.open < end || f.isEmpty(p) {
				continue
			}
			p.broken, p.forced = true, true
			end, again = p.close, true
		}
	}
	return again
}

func (f *layout) isEmpty(p *braces) bool {
	return searchTokens(f.tokens, p.close)-searchTokens(f.tokens, p.open) == 1
}

func searchTokens(tokens []token, offset int) int {
	return sort.Search(len(tokens), func(i int) bool { return tokens[i].Pos.Offset >= offset })
}

func (l *line) add(s string) { l.text = append(l.text, s...) }

// width counts the characters of a line without its comment.
func (l *line) width() int { return 2*l.indent + utf8.RuneCount(l.text) }
