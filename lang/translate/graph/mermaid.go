package graph

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Mermaid writes the graph as a flowchart of Mermaid, which GitHub draws; its state diagrams know no dashed lines.
func (g *Graph) Mermaid() string {
	var b strings.Builder
	if len(g.Title) > 0 {
		fmt.Fprintf(&b, "---\ntitle: %s\n---\n", yaml(strings.Join(g.Title, "; ")))
	}
	b.WriteString("flowchart TD\n")
	ids := g.ids()
	for _, c := range g.Clusters {
		fmt.Fprintf(&b, "  subgraph %s\n", entity(strings.Split(c.Label, "\n")))
		g.boxes(&b, c.ID, "    ", ids)
		b.WriteString("  end\n")
	}
	g.boxes(&b, "", "  ", ids)
	g.arrows(&b, ids)
	g.styles(&b, ids)
	return b.String()
}

// plainID is a name that needs no other one, and is none of those that are made up.
var (
	plainID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	madeUp  = regexp.MustCompile(`^(s|start)[0-9]*$`)
)

// mermaidWords begin something in a flowchart, whatever the case of their letters.
var mermaidWords = []string{
	"end", "graph", "flowchart", "subgraph", "style", "linkstyle", "classdef", "class", "click", "default", "direction", "href", "call", "interpolate",
}

// ids gives the nodes their names in the text: their own where that can be, so that the text can be read as well.
func (g *Graph) ids() map[string]string {
	ids := map[string]string{}
	for i, n := range g.Nodes {
		ids[n.ID] = n.ID
		if !plainID.MatchString(n.ID) || madeUp.MatchString(n.ID) || slices.Contains(mermaidWords, strings.ToLower(n.ID)) {
			ids[n.ID] = fmt.Sprintf("s%d", i)
		}
	}
	return ids
}

func (g *Graph) boxes(b *strings.Builder, cluster, by string, ids map[string]string) {
	for _, n := range g.Nodes {
		if n.Cluster == cluster {
			fmt.Fprintf(b, "%s%s([%s])\n", by, ids[n.ID], entity(strings.Split(n.Label, "\n")))
		}
	}
}

// arrows writes the edges, after those out of nowhere: styles go by their order.
func (g *Graph) arrows(b *strings.Builder, ids map[string]string) {
	for i, n := range g.Nodes {
		if n.Initial {
			fmt.Fprintf(b, "  start%d(( )) --> %s\n", i, ids[n.ID])
		}
	}
	for _, e := range g.Edges {
		arrow := "-->"
		if e.Dashed || e.Dotted {
			arrow = "-.->"
		}
		label := ""
		if t := e.text(); len(t) > 0 {
			label = "|" + entity(t) + "|"
		}
		fmt.Fprintf(b, "  %s %s%s %s\n", ids[e.From], arrow, label, ids[e.To])
	}
}

func (g *Graph) styles(b *strings.Builder, ids map[string]string) {
	link := 0
	for _, n := range g.Nodes {
		if n.Initial {
			link++
		}
		switch {
		case n.Painted:
			fmt.Fprintf(b, "  style %s stroke:%s,stroke-width:2px\n", ids[n.ID], paint)
		case n.Dim:
			fmt.Fprintf(b, "  style %s stroke:%s,color:%s\n", ids[n.ID], faint, faint)
		}
	}
	for _, e := range g.Edges {
		switch {
		case len(e.Painted) > 0:
			fmt.Fprintf(b, "  linkStyle %d stroke:%s,stroke-width:2px\n", link, paint)
		case e.Dim:
			fmt.Fprintf(b, "  linkStyle %d stroke:%s\n", link, faint)
		}
		link++
	}
}

// entity writes lines as a quoted text of Mermaid; what means something there becomes an entity.
func entity(lines []string) string {
	r := strings.NewReplacer(`"`, "#quot;", "#", "#35;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "`", "#96;", "\\", "#92;", "\n", " ")
	var all []string
	for _, l := range lines {
		all = append(all, r.Replace(l))
	}
	if text := strings.Join(all, "<br>"); text != "" {
		return `"` + text + `"`
	}
	return `" "` // nothing at all is refused
}

// yaml writes a text as a quoted string of YAML.
func yaml(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(s) + `"`
}
