package lang

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/rprocspec/rprocspec/lang/diag"
)

// declWords begin a declaration; some of them may also stand inside one.
func declWords() []string {
	return []string{
		"module", "subject", "enum", "const", "feature", "device", "kernel", "var", "mutex", "spinlock",
		"wakeup", "work", "transitions", "process", "procedure", "warning", "balance", "invariant",
		"property", "deadline", "explore", "scenario", "expect", "drop", "fix",
	}
}

// stmtWords begin a statement.
func stmtWords() []string {
	return []string{
		"if", "either", "lock", "unlock", "stay_awake", "relax", "queue", "cancel", "await", "atomic",
		"local", "log", "event", "spawn", "return", "fail", "skip",
	}
}

// keywords are the words that cannot be names.
func keywords() []string {
	return slices.Concat(declWords(), stmtWords(), []string{"else", "or", "in", "true", "false"})
}

// lexicon is the lexer's definition with the token types that the code asks for.
type lexicon struct {
	def   *lexer.StatefulDefinition
	names map[lexer.TokenType]string
	typ   map[string]lexer.TokenType
}

// lexing gives the lexicon, compiled once. The last rule takes any character, so that lexing never fails.
var lexing = sync.OnceValue(func() *lexicon {
	def := lexer.MustSimple([]lexer.SimpleRule{
		{Name: "Space", Pattern: `[ \t\r\n]+`},
		{Name: "Comment", Pattern: `//[^\n]*`},
		{Name: "String", Pattern: `"(?:\\.|[^"\\\n])*"`},
		{Name: "BadString", Pattern: `"[^\n]*`},
		{Name: "Duration", Pattern: `[0-9]+(?:ns|us|ms|s)\b`},
		{Name: "Number", Pattern: `[0-9]+\b`},
		{Name: "BadNumber", Pattern: `[0-9]\w*`},
		{Name: "Keyword", Pattern: `(?:` + strings.Join(keywords(), "|") + `)\b`},
		{Name: "Ident", Pattern: `[A-Za-z_]\w*`},
		{Name: "Op", Pattern: `<->|->|:=|\.\.|==|=>|!=|<=|>=|<>|~>|&&|\|\||\[\]|[-+*!<>=(){},;:.|]`},
		{Name: "Any", Pattern: `.`},
	})
	return &lexicon{def: def, names: lexer.SymbolsByRune(def), typ: def.Symbols()}
})

// tokenKind sorts tokens for the parser's driver and for the formatter.
type tokenKind uint8

const (
	spaceToken tokenKind = iota
	commentToken
	docToken
	wordToken // names and reserved words
	reservedToken
	numberToken // durations, too
	stringToken
	opToken
	badToken
)

// token is a participle token with its column counted in bytes.
type token struct {
	lexer.Token
	kind tokenKind
}

func (t token) span() diag.Span { return diag.Span{Start: place(t.Pos), End: place(endOf(t.Token))} }

// isBlank reports whether the grammar does not see t.
func (t token) isBlank() bool { return t.kind <= docToken }

// endOf is the position behind a token, none of which (but for white space) spans lines.
func endOf(t lexer.Token) lexer.Position {
	p := t.Pos
	p.Offset += len(t.Value)
	p.Column += len(t.Value)
	return p
}

// place turns a position of participle into one of ours.
func place(p lexer.Position) diag.Pos {
	return diag.Pos{File: p.Filename, Offset: p.Offset, Line: p.Line, Col: p.Column}
}

// tokenize cuts src into tokens, white space and comments included, and reports the ones that have no
// meaning. Unclosed texts and bad numbers stay in the result as what they were meant to be; stray
// characters do not.
func tokenize(file string, src []byte, errs *diag.List) []token {
	lx := lexing()
	in, err := lx.def.LexString(file, string(src))
	if err != nil {
		errs.Errorf(fileStart(file), codeSyntax, "cannot read the source: %v", err)
		return nil
	}
	var out []token
	lineStart := 0
	for {
		t, err := in.Next()
		if err != nil || t.EOF() {
			return out
		}
		t.Pos.Column = t.Pos.Offset - lineStart + 1
		if i := strings.LastIndexByte(t.Value, '\n'); i >= 0 {
			lineStart = t.Pos.Offset + i + 1
		}
		tok := token{Token: t, kind: lx.kind(t)}
		if tok.kind == badToken {
			reportBadToken(lx.names[t.Type], tok, errs)
			if !lx.repair(&tok) {
				continue
			}
		}
		out = append(out, tok)
	}
}

func (lx *lexicon) kind(t lexer.Token) tokenKind {
	switch lx.names[t.Type] {
	case "Space":
		return spaceToken
	case "Comment":
		if strings.HasPrefix(t.Value, "///") && !strings.HasPrefix(t.Value, "////") {
			return docToken
		}
		return commentToken
	case "Ident":
		return wordToken
	case "Keyword":
		return reservedToken
	case "Number", "Duration":
		return numberToken
	case "String":
		return stringToken
	case "Op":
		return opToken
	}
	return badToken
}

// repair makes of a bad token what it was meant to be, so that one mistake gives one error.
func (lx *lexicon) repair(t *token) bool {
	switch lx.names[t.Type] {
	case "BadString":
		t.Type, t.kind = lx.typ["String"], stringToken
	case "BadNumber":
		t.Type, t.kind = lx.typ["Number"], numberToken
	default:
		return false
	}
	return true
}

func reportBadToken(name string, t token, errs *diag.List) {
	switch name {
	case "BadString":
		errs.Errorf(t.span(), codeSyntax, "the text is not closed").Hint = `close it with " on the same line`
	case "BadNumber":
		d := errs.Errorf(t.span(), codeSyntax, "%q is not a number", t.Value)
		d.Hint = "numbers are decimal; durations end in ns, us, ms or s; names begin with a letter"
	default:
		d := errs.Errorf(t.span(), codeSyntax, "unexpected character %q", t.Value)
		if hint, ok := strayHints()[t.Value]; ok {
			d.Hint = hint
		}
	}
}

// strayHints says what is written instead of the characters that people try.
func strayHints() map[string]string {
	return map[string]string{
		"&": "and is written &&",
		"~": "not is written !, leads-to is written ~>",
		"#": "comments begin with //",
		"'": `texts stand in "double quotes"`,
		"`": `texts stand in "double quotes"`,
		"/": "comments begin with //",
		"[": "always is written [], sets stand in { braces }",
		"]": "always is written [], sets stand in { braces }",
	}
}

// checkText reports what keeps src from being text, and whether it may be read at all.
func checkText(file string, src []byte, errs *diag.List) bool {
	if len(src) > maxSource {
		errs.Errorf(fileStart(file), codeSyntax, "the file has %d bytes, more than any specification needs (%d)",
			len(src), maxSource)
		return false
	}
	if utf8.Valid(src) {
		return true
	}
	line, col := 1, 1
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			at := diag.Pos{File: file, Offset: i, Line: line, Col: col}
			errs.Errorf(diag.Span{Start: at, End: at}, codeSyntax, "byte %#02x is not UTF-8 text", src[i])
			return false
		}
		if i, col = i+n, col+n; r == '\n' {
			line, col = line+1, 1
		}
	}
	return false
}

func fileStart(file string) diag.Span {
	at := diag.Pos{File: file, Line: 1, Col: 1}
	return diag.Span{Start: at, End: at}
}

// Reserved reports whether a word begins a declaration or a statement, or is else no name.
func Reserved(word string) bool { return slices.Contains(keywords(), word) }
