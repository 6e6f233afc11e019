package graph_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/graph"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
	"github.com/rprocspec/rprocspec/spec"
)

// drawings gives all graphs of a spec in a kernel.
func drawings(t *testing.T, m *machine.Machine, kernel string) []*graph.Graph {
	t.Helper()
	gs, err := graph.Intents(m, kernel)
	if err != nil {
		t.Fatal(err)
	}
	in, err := m.Instance(kernel)
	if err != nil {
		t.Fatal(err)
	}
	return append(gs, graph.Processes(steps.New(in), graph.Reached{}))
}

// hostile is a graph whose texts mean something in the notations.
func hostile() *graph.Graph {
	texts := []string{"end", `a "b" \n c\`, "x --> y", "subgraph", "<b>&amp;", "#quot;", "{}[]()|", "ü→…", "`md`", "%% no", "a\nb", "class", ""}
	g := &graph.Graph{Name: "graph", Title: []string{`title: "x" \`, "---"}, Clusters: []graph.Cluster{{ID: "c", Label: `end "x"`}}}
	for i, s := range texts {
		g.Nodes = append(g.Nodes, &graph.Node{ID: fmt.Sprint(i), Label: s, Initial: i == 0, Dim: i == 1})
		if i > 0 {
			g.Edges = append(g.Edges, &graph.Edge{From: fmt.Sprint(i - 1), To: fmt.Sprint(i), Label: s, Dashed: i%2 == 0, Dotted: i == 3, Dim: i == 4})
		}
	}
	g.Nodes[2].Cluster = "c"
	for i := range 6 {
		g.Paint("0", "1", fmt.Sprint("step ", i))
	}
	g.Paint("5", "0", "line 3")
	return g
}

// reserved is a graph whose nodes bear names that mean something in the notations, or that could be made up.
func reserved() *graph.Graph {
	g := &graph.Graph{}
	for _, s := range []string{"end", "End", "graph", "class", "default", "style", "click", "href", "call", "o", "x", "s0", "s", "start", "start1", "TD", "_a", "a b", "OFF", "direction", "subgraph"} {
		g.Nodes = append(g.Nodes, &graph.Node{ID: s, Label: s, Initial: s == "OFF"})
	}
	for i, n := range g.Nodes {
		g.Edges = append(g.Edges, &graph.Edge{From: n.ID, To: g.Nodes[(i+1)%len(g.Nodes)].ID, Label: "if a || b", Dashed: i%2 == 0})
	}
	return g
}

// TestIDs: every node has a name of its own in the text, and its own where that means nothing.
func TestIDs(t *testing.T) {
	text := reserved().Mermaid()
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+)\(\[`).FindAllStringSubmatch(text, -1) {
		if seen[m[1]] {
			t.Errorf("two nodes are called %s", m[1])
		}
		seen[m[1]] = true
	}
	if len(seen) != len(reserved().Nodes) || !seen["OFF"] || seen["end"] || strings.HasPrefix(text, "---") {
		t.Errorf("got\n%s", text)
	}
}

// TestGolden shows what is written.
func TestGolden(t *testing.T) {
	spectest.Golden(t, func(t *testing.T, specs []txtar.File) []txtar.File {
		m, err := spectest.Compile(string(specs[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		gs := drawings(t, m, "old")
		open, err := graph.Intents(m, "")
		if err != nil {
			t.Fatal(err)
		}
		gs[0].Paint("off", "on", "line 7")
		gs[0].Paint("gone", "off", "line 9")
		return []txtar.File{
			{Name: "intent.dot", Data: []byte(gs[0].DOT())},
			{Name: "intent.mmd", Data: []byte(gs[0].Mermaid())},
			{Name: "open.dot", Data: []byte(open[0].DOT())},
			{Name: "processes.dot", Data: []byte(gs[1].DOT())},
		}
	})
}

// TestIntent: the edges of every shipped intent are those that the checker allows, and warns of.
func TestIntent(t *testing.T) {
	for _, name := range spec.Names() {
		m := spectest.Shipped(t, name)
		for _, k := range m.Info.Kernels {
			gs, err := graph.Intents(m, k.Name)
			if err != nil {
				t.Fatal(err)
			}
			inits, err := m.Initials(k.Name, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, tr := range m.Trans {
				want, got := map[string]machine.Permit{}, map[string]machine.Permit{}
				for a := range tr.Object.Type.Enum.Members {
					for b := range tr.Object.Type.Enum.Members {
						exist := m.Member(tr.Object.Type.Enum, a, inits[0]) == 1 && m.Member(tr.Object.Type.Enum, b, inits[0]) == 1
						if p := tr.Check(machine.Val(a), machine.Val(b), inits[0]); a != b && p != machine.Forbidden && exist {
							want[pair(tr, a, b)] = p
						}
					}
				}
				for _, e := range gs[i].Edges {
					got[e.From+" -> "+e.To] = machine.Allowed
					if e.Dashed {
						got[e.From+" -> "+e.To] = machine.Warned
					}
					if e.Label != "" {
						t.Errorf("%s in %s: %s -> %s hangs on %s, although the kernel closes it", name, k.Name, e.From, e.To, e.Label)
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s in %s (-checker +graph):\n%s", name, k.Name, diff)
				}
			}
		}
	}
}

func pair(tr *machine.Transitions, a, b int) string {
	ms := tr.Object.Type.Enum.Members
	return ms[a].Name + " -> " + ms[b].Name
}

// TestProcesses: every place and every step is drawn, and what is not reached is faint.
func TestProcesses(t *testing.T) {
	m := spectest.Shipped(t, "remoteproc")
	in, err := m.Instance("v6_0")
	if err != nil {
		t.Fatal(err)
	}
	model := steps.New(in)
	g := graph.Processes(model, graph.Reached{Points: map[*machine.Node]bool{}, Edges: map[*machine.Edge]bool{}})
	points := 0
	for _, p := range model.Procs {
		points += len(p.Points)
	}
	if len(g.Nodes) != points || len(g.Clusters) != len(model.Procs) {
		t.Errorf("%d nodes in %d frames for %d places of %d processes", len(g.Nodes), len(g.Clusters), points, len(model.Procs))
	}
	for _, n := range g.Nodes {
		if !n.Dim {
			t.Errorf("%s is not faint, although nothing is reached", n.ID)
		}
	}
	g = graph.Processes(model, graph.Reached{})
	for _, e := range g.Edges {
		if e.Dim {
			t.Errorf("%s -> %s is faint, although nothing was explored", e.From, e.To)
		}
	}
}

// TestDot: Graphviz draws every graph, with all nodes and edges.
func TestDot(t *testing.T) {
	dot := spectest.Tool(t, "dot")
	gs := []*graph.Graph{hostile()}
	for _, name := range spec.Names() {
		m := spectest.Shipped(t, name)
		gs = append(gs, drawings(t, m, m.Info.Kernels[len(m.Info.Kernels)-1].Name)...)
	}
	for _, g := range gs {
		cmd := exec.Command(dot, "-Tsvg")
		cmd.Stdin = strings.NewReader(g.DOT())
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "Warning") {
			t.Errorf("%s: %v\n%.2000s", g.Name, err, out)
			continue
		}
		starts := 0
		for _, n := range g.Nodes {
			if n.Initial {
				starts++
			}
		}
		nodes, edges := strings.Count(string(out), `class="node"`), strings.Count(string(out), `class="edge"`)
		if nodes != len(g.Nodes)+starts || edges != len(g.Edges)+starts {
			t.Errorf("%s: %d nodes and %d edges are drawn, want %d and %d", g.Name, nodes, edges, len(g.Nodes)+starts, len(g.Edges)+starts)
		}
	}
}

// mermaidLine is what a line of the diagrams here may be: the grammar of Mermaid, as far as it is used.
var mermaidLine = regexp.MustCompile(`^(---|title: "([^"\\]|\\.)*"|flowchart TD|  end|  subgraph "[^"]*"` +
	`| +[A-Za-z]\w*\(\["[^"]*"\]\)` +
	`|  start[0-9]+\(\( \)\) --> [A-Za-z]\w*` +
	`|  [A-Za-z]\w* -\.?->(\|"[^"]*"\|)? [A-Za-z]\w*` +
	`|  (style [A-Za-z]\w*|linkStyle [0-9]+) stroke:#[0-9a-f]{6}(,stroke-width:2px|,color:#[0-9a-f]{6})?)$`)

// TestMermaid: every line is one that Mermaid takes, and Mermaid's parser takes the whole.
func TestMermaid(t *testing.T) {
	dir := t.TempDir()
	all := []*graph.Graph{hostile(), reserved()}
	for _, name := range spec.Names() {
		gs, err := graph.Intents(spectest.Shipped(t, name), "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, gs...)
	}
	var files []string
	for i, g := range all {
		text := g.Mermaid()
		for l := range strings.Lines(text) {
			if !mermaidLine.MatchString(strings.TrimSuffix(l, "\n")) {
				t.Errorf("%s: %q", g.Name, l)
			}
		}
		files = append(files, filepath.Join(dir, fmt.Sprint(i, ".mmd")))
		if err := os.WriteFile(files[i], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const npm = "../../../.ci/npm/node_modules"
	if _, err := os.Stat(npm + "/mermaid"); err != nil {
		t.Skip("mermaid is not installed; .ci/run installs it")
	}
	out, err := exec.Command(spectest.Tool(t, "node"), append([]string{"testdata/mermaid.mjs", npm}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%.4000s", err, out)
	}
}

// TestPaint: an edge that was not meant is drawn in.
func TestPaint(t *testing.T) {
	g := &graph.Graph{Nodes: []*graph.Node{{ID: "a"}, {ID: "b"}}, Edges: []*graph.Edge{{From: "a", To: "b", Dashed: true}, {From: "a", To: "b"}}}
	g.Paint("a", "b", "line 1")
	g.Paint("a", "b", "line 1")
	g.Paint("b", "a", "line 2")
	want := []*graph.Edge{
		{From: "a", To: "b", Dashed: true},
		{From: "a", To: "b", Painted: []string{"line 1"}},
		{From: "b", To: "a", Label: "not meant", Dashed: true, Painted: []string{"line 2"}},
	}
	if diff := cmp.Diff(want, g.Edges); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !g.Nodes[0].Painted || !g.Nodes[1].Painted {
		t.Error("the nodes of a painted edge are not painted")
	}
}
