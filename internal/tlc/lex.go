package tlc

import (
	"fmt"
	"slices"
	"strings"
)

// token is a word of a module or configuration.
type token struct {
	kind      tokenKind
	text      string
	line, col int // from 1
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	numberToken
	stringToken
	opToken // operators, brackets and reserved words
)

// Error is what is wrong with a text, or with evaluating it.
type Error struct {
	File string
	Line int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Text) }

// operators, longest first where one begins with another.
var operators = []string{
	`\subseteq`, `\notin`, `\union`, `\intersect`, `\cup`, `\cap`, `\in`, `\lnot`, `\land`, `\lor`, `\o`,
	"|->", "<=>", "->", "<-", "=>", "~>", "==", "<<", ">>", "<=", "=<", ">=", "/=", "..", "[]", "]_", "<>", `/\`, `\/`,
	":>", "@@", "(", ")", "[", "]", "{", "}", ",", ":", "!", "'", "~", "#", "=", "<", ">", "+", "-", "*", ".", "@", `\`,
}

// words are reserved: they are no names.
var words = strings.Fields(`ASSUME ASSUMPTION AXIOM CASE CHOOSE CONSTANT CONSTANTS DOMAIN ELSE ENABLED EXCEPT EXTENDS
IF IN INSTANCE LET LOCAL MODULE OTHER SUBSET THEN THEOREM UNCHANGED UNION VARIABLE VARIABLES WITH ACTION ASSUMED BY
COROLLARY DEF DEFINE DEFS HAVE HIDE LAMBDA LEMMA NEW OBVIOUS OMITTED ONLY PICK PROOF PROPOSITION PROVE QED RECURSIVE
STATE SUFFICES TAKE TEMPORAL USE WITNESS`)

// lexer cuts a text into tokens.
type lexer struct {
	file      string
	src       string
	line, col int
}

func (l *lexer) fail(format string, args ...any) {
	panic(&Error{l.file, l.line, fmt.Sprintf(format, args...)})
}

func (l *lexer) skip(n int) {
	for _, c := range []byte(l.src[:n]) {
		if c == '\n' {
			l.line, l.col = l.line+1, 0
		}
		l.col++
	}
	l.src = l.src[n:]
}

// blank passes over white space and comments.
func (l *lexer) blank() {
	for {
		switch {
		case l.src == "":
			return
		case strings.IndexByte(" \n", l.src[0]) >= 0:
			l.skip(1)
		case strings.HasPrefix(l.src, `\*`):
			n := strings.IndexByte(l.src, '\n')
			if n < 0 {
				n = len(l.src)
			}
			l.skip(n)
		default:
			return
		}
	}
}

// next gives the next token.
func (l *lexer) next() token {
	l.blank()
	t := token{line: l.line, col: l.col}
	if l.src == "" {
		return t
	}
	c := l.src[0]
	switch {
	case c == '"':
		n := strings.IndexByte(l.src[1:], '"')
		if n < 0 || strings.ContainsAny(l.src[1:1+n], "\n\\") {
			l.fail("a string that does not end in its line, or has an escape")
		}
		t.kind, t.text = stringToken, l.src[1:1+n]
		l.skip(n + 2)
		return t
	case l.rule(&t, '-'), l.rule(&t, '='):
		return t
	case isWord(c):
		n := 0
		for n < len(l.src) && isWord(l.src[n]) {
			n++
		}
		t.kind, t.text = nameToken, l.src[:n]
		if strings.Trim(t.text, "0123456789") == "" {
			t.kind = numberToken
		} else if slices.Contains(words, t.text) {
			t.kind = opToken
		} else if !strings.ContainsFunc(t.text, isLetter) {
			l.fail("%s is no name", t.text)
		}
		l.skip(n)
		return t
	}
	t.kind, t.text = opToken, l.operator()
	l.skip(len(t.text))
	return t
}

// rule takes a line of four or more characters.
func (l *lexer) rule(t *token, c byte) bool {
	n := 0
	for n < len(l.src) && l.src[n] == c {
		n++
	}
	if n < 4 {
		return false
	}
	t.kind, t.text = opToken, strings.Repeat(string(c), 4)
	l.skip(n)
	return true
}

func (l *lexer) operator() string {
	if len(l.src) > 1 && (l.src[:2] == `\E` || l.src[:2] == `\A`) && (len(l.src) == 2 || !isWord(l.src[2])) {
		return l.src[:2]
	}
	for _, op := range operators {
		if strings.HasPrefix(l.src, op) {
			return op
		}
	}
	l.fail("%q begins nothing", l.src[:1])
	return ""
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }
