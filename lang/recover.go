package lang

import (
	"errors"
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// maxErrorsPerChunk is how often a declaration is read again without an offending line.
const maxErrorsPerChunk = 10

// syntaxError is what the hand-written part of the parser reports. It is a participle.Error, so that
// participle weighs it against its own.
type syntaxError struct {
	tok  lexer.Token
	want []string // what would have been right
	msg  string   // instead of want
	hint string
}

func (e *syntaxError) Error() string            { return participle.FormatError(e) }
func (e *syntaxError) Message() string          { return e.msg }
func (e *syntaxError) Position() lexer.Position { return e.tok.Pos }

// failure is an error at its token.
type failure struct {
	syntaxError
	at token
}

func (c chunk) failure(err error) failure {
	bad := describe(err)
	return failure{syntaxError: *bad, at: c.tokenAt(bad.tok)}
}

// report makes a diagnostic of a failure.
func (p *parse) report(f failure, c chunk) {
	if f.msg != "" {
		p.errs.Errorf(f.at.span(), codeSyntax, "%s", f.msg).Hint = f.hint
		return
	}
	f.want = c.widen(f.want)
	d := p.errs.Errorf(f.at.span(), codeSyntax, "%s", unexpected(f.at, f.want))
	d.Hint = c.hint(f)
	if open, ok := c.unclosed(); ok && f.at.Value == "" {
		d.Related = []diag.Related{{Span: open.span(), Message: "this " + open.Value + " is not closed"}}
	}
}

// widen adds to an expected bracket what else could have stood there: participle names only the last
// thing that it tried.
func (c chunk) widen(want []string) []string {
	if len(want) == 0 {
		return []string{"a declaration"}
	}
	if len(want) > 1 {
		return want
	}
	switch want[0] {
	case `")"`:
		return []string{`","`, `")"`}
	case `"}"`:
		return append(c.insideBraces(), `"}"`)
	}
	return want
}

// insideBraces says what stands in the braces of the declaration that the chunk holds.
func (c chunk) insideBraces() []string {
	switch c.first().Value {
	case "enum", "kernel":
		return []string{`","`}
	case "transitions":
		return []string{"an edge A -> B"}
	case "explore":
		return []string{`"start"`, `"spawn"`}
	case "scenario":
		return []string{`"start"`, `"thread: process"`, `"expect"`}
	case "process", "procedure":
		return []string{"a statement"}
	}
	return nil
}

// describe takes an error of participle apart.
func describe(err error) *syntaxError {
	var own *syntaxError
	if errors.As(err, &own) {
		return own
	}
	var unexpected *participle.UnexpectedTokenError
	if errors.As(err, &unexpected) {
		return &syntaxError{tok: unexpected.Unexpected, want: wanted(unexpected.Message())}
	}
	var other participle.Error
	if errors.As(err, &other) {
		return &syntaxError{tok: lexer.Token{Pos: other.Position()}}
	}
	return &syntaxError{}
}

// tokenAt finds the token of an error again, with its kind. At the end of the chunk it is the empty
// token behind the last word: that is where something is missing.
func (c chunk) tokenAt(t lexer.Token) token {
	last := c.tokens[0]
	for _, own := range c.tokens {
		if own.isBlank() {
			continue
		}
		if own.Pos.Offset >= t.Pos.Offset && !t.EOF() {
			return own
		}
		last = own
	}
	return token{Token: lexer.Token{Type: lexer.EOF, Pos: endOf(last.Token)}}
}

// unexpected words the error at t.
func unexpected(t token, want []string) string {
	var b strings.Builder
	switch {
	case t.Value == "":
		b.WriteString("the declaration ends too early")
	case t.kind == stringToken:
		b.WriteString("unexpected text " + t.Value)
	case t.isReservedName(want):
		return `"` + t.Value + `" is a reserved word, not a name`
	default:
		b.WriteString(`unexpected "` + t.Value + `"`)
	}
	if len(want) > 0 {
		b.WriteString(": expected " + enumerate(want))
	}
	return b.String()
}

// isReservedName reports whether t stands where a name should, and would be one if it were not reserved.
func (t token) isReservedName(want []string) bool {
	return t.kind == reservedToken && slices.Contains(want, "a name")
}

// enumerate gives "a", "a or b", "a, b or c".
func enumerate(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// unclosed finds the innermost brace or parenthesis that stays open in the chunk.
func (c chunk) unclosed() (token, bool) {
	var open []token
	for _, t := range c.tokens {
		switch {
		case t.Value == "{" || t.Value == "(":
			open = append(open, t)
		case (t.Value == "}" || t.Value == ")") && len(open) > 0:
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return token{}, false
	}
	return open[len(open)-1], true
}

// faultyLine is the line to leave out after f: that of the failing token, or, if that one begins a line
// where nothing new was to begin, that of the token before it.
func (c chunk) faultyLine(f failure) int {
	prev := c.before(f.at)
	if prev.Value != "" && prev.Pos.Line < f.at.Pos.Line && !slices.Contains(f.want, `"}"`) {
		return prev.Pos.Line
	}
	return f.at.Pos.Line
}

// isArtefact reports whether f may be there only because lines are missing: it lies at the end, before
// one of them, or right behind.
func (c chunk) isArtefact(f failure, missing []int) bool {
	prev := c.before(f.at)
	return slices.ContainsFunc(missing, func(line int) bool {
		return f.at.Value == "" || f.at.Pos.Line <= line || prev.Pos.Line < line && !slices.Contains(f.want, `"}"`)
	})
}

// withoutLine leaves out a line. ok is false if that would tear the declaration apart: the line opens
// or closes a brace of other lines, or it is the first one.
func (c chunk) withoutLine(number int) (_ chunk, ok bool) {
	if number == c.first().Pos.Line {
		return c, false
	}
	depth := 0
	var rest []token
	for _, t := range c.tokens {
		if t.Pos.Line != number || t.isBlank() {
			rest = append(rest, t)
			continue
		}
		switch t.Value {
		case "{", "(":
			depth++
		case "}", ")":
			depth--
		}
		if depth < 0 || depth == 0 && (t.Value == "else" || t.Value == "or") {
			return c, false
		}
	}
	return chunk{tokens: rest, next: c.next}, depth == 0
}
