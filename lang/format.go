package lang

import "bytes"

// maxWidth is how long a line may get before the formatter breaks the blocks on it. Comments do not count.
const maxWidth = 120

// Format prints a module in the canonical form.
//
// It works on the tokens that Parse left in the module, with the tree telling where statements begin:
// no token but separators is ever added or lost, so that the tree of the result is that of m. Kept are
// all comments, single blank lines, line breaks inside statements, and blocks on one line if they fit.
// A module that did not parse without errors gives its source unchanged.
func Format(m *Module) []byte {
	if m.tokens == nil {
		return bytes.Clone(m.source)
	}
	f := newLayout(m)
	lines := f.lines()
	for f.breakLong(lines) {
		lines = f.lines()
	}
	alignCells(lines)
	alignComments(lines)
	return render(lines)
}

// FormatSource parses and formats one file. The error is that of Parse.
func FormatSource(file string, src []byte) ([]byte, error) {
	m, err := Parse(file, src)
	if err != nil {
		return nil, err
	}
	return Format(m), nil
}

// braces is a pair of braces that holds statements or the items of a declaration. The braces of sets
// are no such pair.
type braces struct {
	open, close int       // offsets
	sep         string    // what stands between items on one line: "; ", ", " or "" if written in the source
	comma       bool      // the last item on a line of its own takes a comma
	style       lineStyle // how items go on lines
	broken      bool      // written on several lines
	forced      bool      // broken by the formatter: it would not fit
}

// lineStyle says where the items of a broken pair of braces begin new lines.
type lineStyle uint8

const (
	asWritten lineStyle = iota
	onePerLine
)

// hints is what the tree knows and the tokens do not. All keys are offsets.
type hints struct {
	items  map[int]Node    // what may begin a line at the depth of the block
	braces map[int]*braces // by both offsets
	unary  map[int]bool    // the operators ! and -
	parens map[int]bool    // parentheses of expressions, not of calls
	cells  map[int]int     // tokens that are aligned below each other, with their group
	drop   map[int]bool    // separators, which the layout writes itself
}

func collectHints(m *Module, tokens []token) *hints {
	h := &hints{
		items: map[int]Node{m.Span.Start.Offset: m}, braces: map[int]*braces{}, unary: map[int]bool{},
		parens: map[int]bool{}, cells: map[int]int{}, drop: map[int]bool{},
	}
	for _, d := range m.Decls {
		h.items[d.Pos().Offset] = d
		Walk(d, func(n Node) bool { h.node(n, tokens); return true })
	}
	h.tokens(m, tokens)
	return h
}

func (h *hints) node(n Node, tokens []token) {
	switch n := n.(type) {
	case *Block:
		h.block(n, len(within(tokens, n)) == len("{}"))
	case *Unary:
		h.unary[n.Pos().Offset] = n.Op == "!" || n.Op == "-"
	case *Paren:
		h.parens[n.Pos().Offset] = true
	case *EnumMember, *Edge, *Start, *ScenarioLine:
		h.items[n.Pos().Offset] = n
	case *Kernel:
		for _, b := range n.Bindings {
			h.items[b.Pos().Offset] = b
		}
	}
}

func (h *hints) block(b *Block, empty bool) {
	pair := &braces{open: b.Pos().Offset, close: b.End().Offset - 1, sep: "; "}
	pair.broken = !empty && b.Pos().Line < b.End().Line
	h.braces[pair.open], h.braces[pair.close] = pair, pair
	for _, s := range b.Stmts {
		h.items[s.Pos().Offset] = s
	}
}

// tokens goes over the declarations once more, for what only their tokens tell.
func (h *hints) tokens(m *Module, tokens []token) {
	for _, d := range m.Decls {
		own := within(tokens, d)
		switch d := d.(type) {
		case *Enum:
			h.declBraces(d, own, braces{comma: true})
		case *Kernel:
			h.declBraces(d, own, braces{comma: true})
			h.bindings(d, own)
		case *Transitions:
			h.declBraces(d, own, braces{sep: ", ", style: onePerLine})
			h.transitions(d, own)
		case *Explore:
			h.declBraces(d, own, braces{style: onePerLine, broken: true})
			h.itemsAt(d, own, "spawn")
		case *Scenario:
			h.declBraces(d, own, braces{style: onePerLine, broken: true})
			h.itemsAt(d, own, "expect")
			h.threads(d, own)
		case *Process:
			h.statements(own)
		}
	}
}

// within gives the tokens of a node.
func within(tokens []token, n Node) []token {
	from := searchTokens(tokens, n.Pos().Offset)
	to := searchTokens(tokens, n.End().Offset)
	return tokens[from:to]
}

// declBraces notes the braces of a declaration: the first one opens, the last token closes.
func (h *hints) declBraces(d Decl, tokens []token, pair braces) {
	last := tokens[len(tokens)-1]
	for i, t := range tokens {
		if t.Value != "{" {
			continue
		}
		pair.open, pair.close = t.Pos.Offset, last.Pos.Offset
		pair.broken = (pair.broken || t.Pos.Line < last.Pos.Line) && i+2 < len(tokens)
		h.braces[pair.open], h.braces[pair.close] = &pair, &pair
		return
	}
}

// transitions marks the arrows for alignment and the commas between edges, which the layout writes.
func (h *hints) transitions(d *Transitions, tokens []token) {
	for _, t := range tokens {
		if t.Value == "->" || t.Value == "<->" {
			h.cells[t.Pos.Offset] = d.Pos().Offset + 1
		}
	}
	for i, e := range d.Edges {
		next := d.End().Offset
		if i+1 < len(d.Edges) {
			next = d.Edges[i+1].Pos().Offset
		}
		for _, t := range tokens {
			if t.Value == "," && t.Pos.Offset >= e.End().Offset && t.Pos.Offset < next {
				h.drop[t.Pos.Offset] = true
			}
		}
	}
}

// bindings marks the equals signs for alignment.
func (h *hints) bindings(d *Kernel, tokens []token) {
	for _, b := range d.Bindings {
		for _, t := range within(tokens, b) {
			if t.Value == "=" {
				h.cells[t.Pos.Offset] = d.Pos().Offset + 1
			}
		}
	}
}

// itemsAt notes as items the words of a declaration that are no node of their own.
func (h *hints) itemsAt(d Decl, tokens []token, word string) {
	for _, t := range tokens {
		if _, ok := h.items[t.Pos.Offset]; !ok && t.Value == word && t.kind == reservedToken {
			h.items[t.Pos.Offset] = d
		}
	}
}

// threads marks what stands behind each `thread:` for alignment.
func (h *hints) threads(d *Scenario, tokens []token) {
	for _, line := range d.Lines {
		own := within(tokens, line)
		for i, t := range own[1:] {
			if own[i].Value == ":" && !t.isBlank() {
				h.cells[t.Pos.Offset] = d.Pos().Offset + 1
				break
			}
		}
	}
}

// statements marks the semicolons of a body.
func (h *hints) statements(tokens []token) {
	for _, t := range tokens {
		if t.Value == ";" {
			h.drop[t.Pos.Offset] = true
		}
	}
}
