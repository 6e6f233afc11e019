package tlc

import (
	"fmt"
	"strings"
)

// config is what a configuration says.
type config struct {
	file       string
	spec       string
	constants  map[string]*node
	subst      map[string]string // constant <- definition
	Invariants []string
	Properties []string
	Constraint []string
	alias      string
	deadlock   bool // TLC's own check is on
}

var sections = []string{
	"SPECIFICATION", "CONSTANT", "CONSTANTS", "INVARIANT", "INVARIANTS", "PROPERTY", "PROPERTIES", "CONSTRAINT",
	"CONSTRAINTS", "CHECK_DEADLOCK", "ALIAS",
}

// parseConfig reads a configuration.
func parseConfig(file, src string) *config {
	c := &config{file: file, constants: map[string]*node{}, subst: map[string]string{}, deadlock: true}
	p := newParser(file, src)
	for p.tok.kind != endToken {
		section := p.tok.text
		p.advance()
		switch section {
		case "SPECIFICATION":
			c.spec = p.name()
		case "CHECK_DEADLOCK":
			c.deadlock = p.name() == "TRUE"
		case "ALIAS":
			c.alias = p.name()
		case "CONSTANT", "CONSTANTS":
			for p.tok.kind == nameToken && !isSection(p.tok.text) {
				c.constant(p)
			}
		case "INVARIANT", "INVARIANTS":
			c.Invariants = append(c.Invariants, p.listed()...)
		case "PROPERTY", "PROPERTIES":
			c.Properties = append(c.Properties, p.listed()...)
		case "CONSTRAINT", "CONSTRAINTS":
			c.Constraint = append(c.Constraint, p.listed()...)
		default:
			panic(&Error{file, p.tok.line, fmt.Sprintf("%q begins no section", section)})
		}
	}
	return c
}

func isSection(s string) bool {
	for _, x := range sections {
		if s == x {
			return true
		}
	}
	return false
}

func (p *parser) listed() []string {
	var all []string
	for p.tok.kind == nameToken && !isSection(p.tok.text) {
		all = append(all, p.name())
	}
	return all
}

// constant reads name = value or name <- definition; values are numbers, strings, truth values and sets of them.
func (c *config) constant(p *parser) {
	name := p.name()
	if p.accept("<-") {
		c.subst[name] = p.name()
		return
	}
	p.expect("=")
	c.constants[name] = p.literal()
}

func (p *parser) literal() *node {
	x := p.primary()
	for _, a := range x.args {
		if x.op != "set" || a.op != "string" && a.op != "number" && a.text != "TRUE" && a.text != "FALSE" {
			p.fail("a configuration cannot hold such a value")
		}
	}
	if x.op == "name" && x.text != "TRUE" && x.text != "FALSE" || strings.ContainsAny(x.op, "[<'") {
		p.fail("a configuration cannot hold such a value")
	}
	return x
}
