package lang

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/internal/spell"
)

// Participle describes what it expected in a kind of EBNF with the names of our grammar's types in it.
// This file says the same to people.

// wanted gives what may stand at an error, in plain words, from a message of participle.
func wanted(message string) []string {
	_, rule, ok := strings.Cut(message, " (expected ")
	if !ok {
		return nil
	}
	r := &ruleReader{rest: strings.TrimSuffix(rule, ")")}
	r.sequence()
	return r.out
}

// ruleReader collects the words that a rule may begin with.
type ruleReader struct {
	rest string
	out  []string
}

// alternatives reads up to the closing parenthesis. It reports whether the rule may match nothing.
func (r *ruleReader) alternatives() (empty bool) {
	for {
		empty = r.sequence() || empty
		if !strings.HasPrefix(r.rest, "|") {
			return empty
		}
		r.rest = r.rest[1:]
	}
}

// sequence reads terms up to a bar, a parenthesis or the end; only those that may come first count.
func (r *ruleReader) sequence() (empty bool) {
	empty = true
	for {
		r.rest = strings.TrimLeft(r.rest, " ")
		if r.rest == "" || r.rest[0] == '|' || r.rest[0] == ')' {
			return empty
		}
		kept := len(r.out)
		optional := r.term()
		if !empty {
			r.out = r.out[:kept]
		}
		empty = empty && optional
	}
}

// term reads one term with what modifies it.
func (r *ruleReader) term() (optional bool) {
	switch {
	case strings.HasPrefix(r.rest, "(?"):
		kept := len(r.out)
		r.rest = r.rest[len("(?!"):]
		r.group()
		r.out = r.out[:kept]
		return true
	case r.rest[0] == '(':
		r.rest = r.rest[1:]
		optional = r.group()
	case r.rest[0] == '"':
		r.literal()
	default:
		r.production()
	}
	if r.rest != "" && strings.IndexByte("?*+!", r.rest[0]) >= 0 {
		optional = optional || r.rest[0] == '?' || r.rest[0] == '*'
		r.rest = r.rest[1:]
	}
	return optional
}

func (r *ruleReader) group() (empty bool) {
	empty = r.alternatives()
	r.rest = strings.TrimPrefix(r.rest, ")")
	return empty
}

func (r *ruleReader) literal() {
	text, rest, _ := strings.Cut(r.rest[1:], `"`)
	r.rest = rest
	r.add(`"` + text + `"`)
}

func (r *ruleReader) production() {
	end := strings.IndexAny(r.rest, " |)?*+!")
	if end == 0 {
		end = 1
	}
	if end < 0 {
		end = len(r.rest)
	}
	name := r.rest[:end]
	r.rest = r.rest[end:]
	for _, w := range plainWords(name) {
		r.add(w)
	}
}

func (r *ruleReader) add(word string) {
	if !slices.Contains(r.out, word) {
		r.out = append(r.out, word)
	}
}

// plainWords says what a rule of the grammar is to people, or nothing for what is optional anyway.
func plainWords(rule string) []string {
	switch rule {
	case "NameG", "MemberG", "BindingG", "ParamG", "CondG", "UntilG", "ChoiceG", "SpawnCountG", "SetG",
		"ThreadG", "<ident>":
		return []string{"a name"}
	case "Expr":
		return []string{"an expression"}
	case "TypeG":
		return []string{"a type"}
	case "StmtG":
		return []string{"a statement"}
	case "DeclG":
		return []string{"a declaration"}
	case "BlockG":
		return []string{`"{"`}
	case "ArgsG", "CallTailG":
		return []string{`"("`}
	case "ElseG":
		return []string{`"else"`}
	case "IfG":
		return []string{`"if"`}
	case "TextG", "<string>":
		return []string{"a text in quotes"}
	case "NumberG", "<number>":
		return []string{"a number"}
	case "StartG":
		return []string{`"start"`}
	case "LineG":
		return []string{`"thread: process"`}
	case "EdgeG", "SideG":
		return []string{"a state", `"any"`}
	case "OutcomeG":
		return []string{`"balanced"`, `"leak"`, `"holds"`, `"violates"`, `"impossible"`}
	case "AssignG":
		return []string{"a call", "an expression"}
	}
	return nil
}

// hint says what to do about an unexpected token, where that can be guessed.
func (c chunk) hint(f failure) string {
	t := f.at
	switch {
	case f.hint != "":
		return f.hint
	case t.Value == "=" && c.hasExpressions():
		return "assign with :=, compare with =="
	case t.Value == ":=" && !c.hasExpressions():
		return "only statements assign with :=; initial values and bindings are written with ="
	case t.Value == "else" || t.Value == "or":
		return t.Value + " belongs to a statement right before it"
	case t.Value == "}" && slices.Contains(f.want, "a declaration"):
		return "no brace is open here"
	case t.isReservedName(f.want):
		return "choose another name"
	case t.Pos.Offset == c.first().Pos.Offset:
		return didYouMean(t.Value, declWords())
	case t.kind == wordToken:
		return c.spelling(f)
	}
	return ""
}

// hasExpressions reports whether the chunk is a declaration in which a single = has no place.
func (c chunk) hasExpressions() bool {
	switch c.first().Value {
	case "process", "procedure", "invariant", "property", "deadline", "balance", "warning":
		return true
	}
	return false
}

// spelling looks for a misspelt word at an unexpected name, or right before it.
func (c chunk) spelling(f failure) string {
	words := slices.Concat(keywords(), softWords())
	for _, known := range [][]string{quotedWords(f.want), words} {
		if hint := didYouMean(f.at.Value, known); hint != "" {
			return hint
		}
	}
	if prev := c.before(f.at); prev.kind == wordToken {
		return didYouMean(prev.Value, words)
	}
	return ""
}

// before is the token before t, or the zero token.
func (c chunk) before(t token) (prev token) {
	for _, own := range c.tokens {
		if own.Pos.Offset >= t.Pos.Offset {
			break
		}
		if !own.isBlank() {
			prev = own
		}
	}
	return prev
}

// quotedWords gives the words among what was expected that are written as they stand.
func quotedWords(want []string) []string {
	var out []string
	for _, w := range want {
		if w[0] == '"' {
			out = append(out, strings.Trim(w, `"`))
		}
	}
	return out
}

// softWords have a meaning in their place only.
func softWords() []string {
	return []string{
		"extends", "counted", "runs", "held", "by", "unless", "begins", "ends", "unobserved", "result",
		"interruptible", "one", "of", "start", "until", "choosing", "continue", "fails", "succeeds",
		"balanced", "leak", "holds", "violates", "impossible", "within", "any",
	}
}

func didYouMean(word string, known []string) string {
	if near := spell.Nearest(word, known); near != "" && len(word) > 2 {
		return `did you mean "` + near + `"?`
	}
	return ""
}

// first is the first token of the chunk that the grammar sees.
func (c chunk) first() token {
	for _, t := range c.tokens {
		if !t.isBlank() {
			return t
		}
	}
	return c.tokens[0]
}
