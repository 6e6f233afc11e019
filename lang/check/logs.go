package check

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// PartKind says what a part of a log pattern matches.
type PartKind uint8

// The kinds of part.
const (
	LiteralPart PartKind = iota // Text itself
	SubjectPart                 // {name}: the subject's name
	AnyPart                     // {_}: anything
	ValuePart                   // {x}: the value of Object, as logs print it
)

// Part is a piece of a log pattern.
type Part struct {
	Kind   PartKind
	Text   string  // LiteralPart: the text; ValuePart: the name
	Object *Object // ValuePart: what is printed
}

// levels are the log levels of the kernel.
var levels = []string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

// log checks a log statement and keeps the parts of its patterns.
func (c *checker) log(b *body, s *lang.Log) {
	known := false
	for _, l := range levels {
		known = known || l == s.Level
	}
	if !known {
		hint := c.didYouMean(s.Level, levels)
		if hint == "" {
			hint = "one of " + strings.Join(levels, ", ")
		}
		c.errorf("log", s, hint, "%s is not a log level", s.Level)
	}
	if len(s.Patterns) == 0 {
		c.errorf("log", s, "", "a log needs a text")
	}
	for _, p := range s.Patterns {
		c.pattern(b, p)
	}
}

// event checks the arguments of an event, each a value or a pattern.
func (c *checker) event(b *body, s *lang.Event) {
	for _, e := range s.Args {
		if lit, ok := e.(*lang.StringLit); ok {
			c.pattern(b, lit)
		} else {
			c.expr(e, c.inBody(b, "an argument"))
		}
	}
}

func (c *checker) pattern(b *body, lit *lang.StringLit) {
	parts, err := splitPattern(lit.Value)
	if err != nil {
		c.errorf("log", lit, "a brace itself is written {{", "%v", err)
		return
	}
	for i := range parts {
		if parts[i].Kind == ValuePart {
			parts[i].Object = c.placeholder(b, lit, parts[i].Text)
		}
	}
	c.info.Patterns[lit] = parts
}

// placeholder resolves {x} in a pattern; nil after a report.
func (c *checker) placeholder(b *body, lit *lang.StringLit, name string) *Object {
	obj := c.lookup(name, b)
	if obj == nil {
		hint := c.didYouMean(name, append(b.names(), append(c.namesOf(VarObj, ConstObj, FeatureObj, DeviceObj), "name")...))
		if hint == "" {
			hint = "{_} stands for anything"
		}
		c.errorf("log", lit, hint, "the text names {%s}, which is not declared here", name)
		return nil
	}
	obj = c.universal(obj)
	if !kinds(VarObj, ParamObj, LocalObj, ConstObj, FeatureObj, DeviceObj).has(obj.Kind) {
		c.errorf("log", lit, "{_} stands for anything", "the text names {%s}, which is %s and no variable", name, kindOf(obj))
		return nil
	}
	c.reads[obj], c.used[obj] = true, true
	return obj
}

// splitPattern cuts a log pattern into parts. Objects are left for the caller to fill in.
func splitPattern(s string) ([]Part, error) {
	var parts []Part
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, Part{Kind: LiteralPart, Text: literal.String()})
			literal.Reset()
		}
	}
	for s != "" {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			break
		}
		literal.WriteString(s[:i])
		if s = s[i+1:]; strings.HasPrefix(s, "{") {
			literal.WriteByte('{')
			s = s[1:]
			continue
		}
		name, rest, err := cutPlaceholder(s)
		if err != nil {
			return nil, err
		}
		flush()
		parts = append(parts, placeholderPart(name))
		s = rest
	}
	literal.WriteString(s)
	flush()
	return parts, nil
}

func cutPlaceholder(s string) (name, rest string, err error) {
	name, rest, ok := strings.Cut(s, "}")
	switch {
	case !ok:
		return "", "", errors.New("the text opens a brace and does not close it")
	case !isIdent(name):
		return "", "", fmt.Errorf("the text has {%s}, which is no name", name)
	}
	return name, rest, nil
}

func placeholderPart(name string) Part {
	switch name {
	case "name":
		return Part{Kind: SubjectPart}
	case "_":
		return Part{Kind: AnyPart}
	}
	return Part{Kind: ValuePart, Text: name}
}

func isIdent(s string) bool {
	for i, r := range s {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
