package lang

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// codeSyntax is the code of every diagnostic of this package.
const codeSyntax = "syntax"

// What a specification may need at most; beyond it the parser would want a stack out of proportion.
const (
	maxSource = 4 << 20 // bytes of a file
	maxTokens = 30_000  // tokens of a declaration
	maxDepth  = 200     // braces and parentheses open at once
)

// Parse reads one module. file is the name to put into positions.
//
// The error is a diag.List with all that is wrong with the file, at most a few per declaration. The
// module is never nil: it holds whatever could be read, and its Name is nil only if the error is not.
func Parse(file string, src []byte) (*Module, error) {
	src = Text(src)
	p := &parse{m: &Module{File: file, source: src}}
	p.m.Span = fileStart(file)
	if checkText(file, src, &p.errs) {
		p.tokens = tokenize(file, src, &p.errs)
		p.comments()
		p.declarations()
		p.looseDocs()
	}
	p.errs.Sort()
	if err := p.errs.Err(); err != nil {
		return p.m, err
	}
	p.m.tokens = slices.DeleteFunc(p.tokens, func(t token) bool { return t.kind == spaceToken })
	return p.m, nil
}

// Text is what a file says without the mark at its beginning by which some editors say that it is UTF-8. Offsets in
// positions count from there.
func Text(src []byte) []byte { return bytes.TrimPrefix(src, []byte("\ufeff")) }

// parse is one run of Parse.
type parse struct {
	m        *Module
	tokens   []token
	usedDocs map[int]bool // by offset
	errs     diag.List
}

func (p *parse) comments() {
	for _, t := range p.tokens {
		if t.kind == commentToken {
			text := strings.TrimRight(strings.TrimPrefix(t.Value, "//"), " \t\r")
			p.m.Comments = append(p.m.Comments, &Comment{base: base{t.span()}, Text: text})
		}
	}
}

func (p *parse) declarations() {
	p.usedDocs = make(map[int]bool)
	c := &converter{errs: &p.errs, docs: p.docsBefore}
	for _, part := range cut(p.tokens) {
		if !part.checkSize(&p.errs) {
			continue
		}
		for _, g := range p.chunk(part) {
			p.add(c.decl(g))
		}
	}
	if p.m.Name == nil && !p.errs.HasErrors() {
		d := p.errs.Errorf(fileStart(p.m.File), codeSyntax, "the file does not say which module it is")
		d.Hint = "begin it with: module NAME"
	}
}

// chunk parses one chunk. After an error it goes on without the offending line, if the braces allow
// that, to find further ones behind it.
func (p *parse) chunk(c chunk) []declG {
	file, err := parser().ParseFromLexer(c.peeking())
	var missing []int // lines
	for err != nil && len(missing) < maxErrorsPerChunk {
		f := c.failure(err)
		if c.isArtefact(f, missing) {
			break
		}
		p.report(f, c)
		line := c.faultyLine(f)
		shorter, ok := c.withoutLine(line)
		if !ok {
			break
		}
		c, missing = shorter, append(missing, line)
		_, err = parser().ParseFromLexer(c.peeking())
	}
	return file.Decls
}

func (p *parse) add(d Decl) {
	h, ok := d.(*header)
	switch {
	case !ok:
		if p.m.Name == nil && len(p.m.Decls) == 0 {
			d := p.errs.Errorf(spanOf(d), codeSyntax, "a declaration before the module line")
			d.Hint = "begin the file with: module NAME"
		}
		p.m.Decls = append(p.m.Decls, d)
	case p.m.Name != nil:
		d := p.errs.Errorf(h.Span, codeSyntax, "a second module in one file")
		d.Hint = "give every module a file of its own"
		d.Related = []diag.Related{{Span: spanOf(p.m.Name), Message: "the first one"}}
		return
	default:
		p.m.Name, p.m.Extends, p.m.Doc = h.Name, h.Extends, h.Doc
		p.m.Span = h.Span
	}
	p.m.Span.End = d.End()
}

func spanOf(n Node) diag.Span { return diag.Span{Start: n.Pos(), End: n.End()} }

// docsBefore gives the /// lines before the token at offset, and marks them as used.
func (p *parse) docsBefore(offset int) string {
	i := sort.Search(len(p.tokens), func(i int) bool { return p.tokens[i].Pos.Offset >= offset })
	var lines []string
	for i--; i >= 0 && p.tokens[i].isBlank(); i-- {
		if t := p.tokens[i]; t.kind == docToken && p.aloneOnLine(i) {
			p.usedDocs[t.Pos.Offset] = true
			lines = append(lines, docText(t.Value))
		}
	}
	slices.Reverse(lines)
	return strings.Join(lines, "\n")
}

// docText is a /// line without its slashes and the one space behind them.
func docText(line string) string {
	return strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(line, "///"), " "), " \t\r")
}

func (p *parse) aloneOnLine(i int) bool {
	return i == 0 || p.tokens[i-1].kind == spaceToken && p.tokens[i-1].Pos.Line < p.tokens[i].Pos.Line ||
		p.tokens[i-1].kind == spaceToken && p.tokens[i-1].Pos.Offset == 0
}

// looseDocs reports doc comments that document nothing. After other errors it would only add noise.
func (p *parse) looseDocs() {
	if p.errs.HasErrors() {
		return
	}
	for _, t := range p.tokens {
		if t.kind == docToken && !p.usedDocs[t.Pos.Offset] {
			d := p.errs.Errorf(t.span(), codeSyntax, "a /// comment documents the declaration below it, and there is none")
			d.Hint = "use // for comments of other kinds; put /// on lines of their own"
		}
	}
}
