package lang

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// The parser takes one declaration at a time, because participle gives up at the first error: the tokens
// are cut where a declaration begins, so that every declaration can have its own.

// chunk is the stretch of tokens of one declaration. It runs to the beginning of the next one, so that
// comments in between, and the doc comment of the next, are at its end.
type chunk struct {
	tokens []token
	next   lexer.Position // where it ends
}

// cut divides the tokens. What stands before the first declaration is a chunk only if it holds more
// than comments.
func cut(tokens []token) []chunk {
	starts := append(chunkStarts(tokens), len(tokens))
	var out []chunk
	for i, from := range starts[:len(starts)-1] {
		part := tokens[from:starts[i+1]]
		if slices.ContainsFunc(part, func(t token) bool { return !t.isBlank() }) {
			out = append(out, chunk{tokens: part, next: endPos(part[len(part)-1])})
		}
	}
	return out
}

func endPos(t token) lexer.Position {
	p := endOf(t.Token)
	for i := 0; i < len(t.Value); i++ {
		if t.Value[i] == '\n' {
			p.Line, p.Column = p.Line+1, len(t.Value)-i
		}
	}
	return p
}

// chunkStarts gives the indexes of the tokens at which a chunk begins, 0 always among them.
func chunkStarts(tokens []token) []int {
	out := []int{0}
	c := cutter{isDecl: set(declWords()), lone: set([]string{"warning", "expect"})}
	for i, t := range tokens {
		if t.isBlank() {
			continue
		}
		if c.begins(t, following(tokens, i)) && i > 0 {
			out = append(out, i)
		}
		c.take(t)
	}
	return out
}

// cutter follows the braces of a token stream.
type cutter struct {
	isDecl map[string]bool
	lone   map[string]bool // words of declarations that may also begin a line inside one
	depth  int
	prev   string
}

// begins reports whether a declaration begins at t. A word in the first column begins one even if a
// brace is still open: somebody forgot to close it.
func (c *cutter) begins(t, next token) bool {
	if t.kind != reservedToken || !c.isDecl[t.Value] || next.Value == ":" {
		return false
	}
	if c.depth > 0 && t.Pos.Column == 1 && !c.lone[t.Value] {
		c.depth = 0
		return true
	}
	return c.depth == 0 && !c.continues(t.Value)
}

// continues reports whether word is the second one of `warning balance …` or `violates balance …`.
func (c *cutter) continues(word string) bool {
	switch word {
	case "invariant", "property", "deadline":
		return c.prev == "warning"
	case "balance":
		return c.prev == "warning" || c.prev == "violates" || c.prev == "holds"
	case "transitions":
		return c.prev == "violates" || c.prev == "holds"
	}
	return false
}

func (c *cutter) take(t token) {
	c.prev = t.Value
	switch t.Value {
	case "{":
		c.depth++
	case "}":
		c.depth = max(0, c.depth-1)
	}
}

// following is the first token behind index i that the grammar sees, or the zero token.
func following(tokens []token, i int) token {
	for _, t := range tokens[i+1:] {
		if !t.isBlank() {
			return t
		}
	}
	return token{}
}

func set(words []string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}

// peeking makes the chunk's tokens into what participle reads. White space and comments stay in it,
// unseen: the position behind a node is that of the next raw token.
func (c chunk) peeking() *lexer.PeekingLexer {
	typ := lexing().typ
	in, err := lexer.Upgrade(&tokenReader{chunk: c}, typ["Space"], typ["Comment"])
	if err != nil {
		panic(err) // a tokenReader has no errors
	}
	return in
}

// tokenReader is a lexer.Lexer over a chunk.
type tokenReader struct {
	chunk chunk
	read  int
}

func (r *tokenReader) Next() (lexer.Token, error) {
	if r.read == len(r.chunk.tokens) {
		return lexer.EOFToken(r.chunk.next), nil
	}
	r.read++
	return r.chunk.tokens[r.read-1].Token, nil
}

// checkSize refuses a chunk whose nesting or length would need a stack out of proportion.
func (c chunk) checkSize(errs *diag.List) bool {
	depth, count := 0, 0
	for _, t := range c.tokens {
		if t.isBlank() {
			continue
		}
		if count++; count > maxTokens {
			d := errs.Errorf(c.first().span(), codeSyntax, "the declaration is longer than %d tokens", maxTokens)
			d.Hint = "split it into procedures"
			return false
		}
		switch t.Value {
		case "{", "(":
			depth++
		case "}", ")":
			depth--
		}
		if depth > maxDepth {
			errs.Errorf(t.span(), codeSyntax, "nested more than %d deep", maxDepth).Hint = "split it into procedures"
			return false
		}
	}
	return true
}
