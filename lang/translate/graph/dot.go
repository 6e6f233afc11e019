package graph

import (
	"fmt"
	"strings"
)

// How things look, in colours that are told apart in print, too.
const (
	paint = "#c00000"
	faint = "#a0a0a0"
)

// DOT writes the graph for Graphviz.
func (g *Graph) DOT() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", quote(g.Name))
	fmt.Fprintf(&b, "  graph [label=%s, labelloc=t, fontname=\"Helvetica\"];\n", quote(g.Title...))
	b.WriteString("  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];\n")
	b.WriteString("  edge [fontname=\"Helvetica\", fontsize=9];\n")
	for i, c := range g.Clusters {
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n    color=%s;\n", i, quote(strings.Split(c.Label, "\n")...), quote(faint))
		g.nodes(&b, c.ID, "    ")
		b.WriteString("  }\n")
	}
	g.nodes(&b, "", "  ")
	for i, n := range g.Nodes {
		if n.Initial {
			fmt.Fprintf(&b, "  start%d [shape=point, label=\"\"];\n  start%d -> %s;\n", i, i, quote(n.ID))
		}
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "  %s -> %s%s;\n", quote(e.From), quote(e.To), attributes(e.dot()))
	}
	b.WriteString("}\n")
	return b.String()
}

// nodes writes those in a frame.
func (g *Graph) nodes(b *strings.Builder, cluster, by string) {
	for _, n := range g.Nodes {
		if n.Cluster != cluster {
			continue
		}
		var as []string
		if label := quote(strings.Split(n.Label, "\n")...); label != quote(n.ID) {
			as = append(as, "label="+label)
		}
		switch {
		case n.Painted:
			as = append(as, "color="+quote(paint), "penwidth=2")
		case n.Dim:
			as = append(as, "color="+quote(faint), "fontcolor="+quote(faint))
		}
		fmt.Fprintf(b, "%s%s%s;\n", by, quote(n.ID), attributes(as))
	}
}

func (e *Edge) dot() []string {
	var as []string
	if t := e.text(); len(t) > 0 {
		as = append(as, "label="+quote(t...))
	}
	switch {
	case e.Dotted:
		as = append(as, "style=dotted", "constraint=false")
	case e.Dashed:
		as = append(as, "style=dashed")
	}
	switch {
	case len(e.Painted) > 0:
		as = append(as, "color="+quote(paint), "fontcolor="+quote(paint), "penwidth=2")
	case e.Dim:
		as = append(as, "color="+quote(faint), "fontcolor="+quote(faint))
	}
	return as
}

func attributes(as []string) string {
	if len(as) == 0 {
		return ""
	}
	return " [" + strings.Join(as, ", ") + "]"
}

// quote writes lines as a string of Graphviz.
func quote(lines ...string) string {
	clean := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ")
	for i, l := range lines {
		lines[i] = clean.Replace(l)
	}
	return `"` + strings.Join(lines, `\n`) + `"`
}
