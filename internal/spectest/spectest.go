// Package spectest has what the tests of several packages need: specifications at random, and compiled ones.
package spectest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/spec"
)

// Shipped compiles a shipped specification.
func Shipped(t testing.TB, name string) *machine.Machine {
	t.Helper()
	mod, err := spec.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := compile(mod, spec.Load)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Compile compiles a specification given as text, which may extend a shipped one.
func Compile(src string) (*machine.Machine, error) {
	mod, err := lang.Parse("test.rps", []byte(src))
	if err != nil {
		return nil, err
	}
	return compile(mod, spec.Load)
}

func compile(mod *lang.Module, load func(string) (*lang.Module, error)) (*machine.Machine, error) {
	info, list := check.Module(mod, load)
	if err := list.Err(); err != nil {
		return nil, err
	}
	return machine.Compile(info)
}

// Random writes a small module. Most of them have no errors, but not all; the same seed gives the same module.
func Random(seed uint64) string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
	return g.spec()
}

// Each tries generated specifications from a seed on, until so many count: those that compile, and for which try says
// so. It ends with the first that fails, and shows it.
func Each(t *testing.T, seed uint64, want int, try func(m *machine.Machine) bool) {
	t.Helper()
	last := seed + 40*uint64(want)
	for ; want > 0; seed++ {
		if seed > last {
			t.Fatal("hardly any specification counts")
		}
		src := Random(seed)
		m, err := Compile(src)
		if err == nil && try(m) {
			want--
		}
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, src)
		}
	}
}

// generator writes small specs at random. They are well-formed by construction.
type generator struct {
	*rand.Rand
	b     strings.Builder
	depth int
	work  bool // in the body of a work item
	proc  bool // in a procedure
}

func (g *generator) pick(words ...string) string { return words[g.IntN(len(words))] }

func (g *generator) cond() string {
	return g.pick("x == A", "x != B", "n > 0", "flag", "w.active", "job.pending", "n == 1 && !flag", "x in { A, C }", "!m.held || n < 2", "feat", "dev && flag", "w.exists && n > 0")
}

func (g *generator) local() string {
	return g.pick("r == ok", "i > 0", "i == 1 && feat", "b", "!b || flag")
}

func (g *generator) stmts(n int) {
	g.depth++
	for range n {
		g.stmt()
	}
	g.depth--
}

func (g *generator) stmt() {
	line := func(format string, args ...any) {
		g.b.WriteString(strings.Repeat("  ", g.depth) + fmt.Sprintf(format, args...) + "\n")
	}
	nest := g.depth < 3
	switch k := g.IntN(20); {
	case k < 3:
		line("x := %s", g.pick("A", "B", "C"))
	case k < 5:
		line("%s", g.pick("n := n + 1", "n := n - 1", "n := 0, flag := n > 1", "flag := !flag"))
	case k < 6:
		line("stay_awake w")
	case k < 7:
		line("relax w")
	case k < 8:
		line("queue job")
	case k < 9:
		line("log err \"x is {x}\"")
	case k < 10 && !g.proc:
		line("%s", g.pick("b := flag", "i := 1", "b := n > 0, i := 0"))
	case k < 11 && !g.proc:
		line("%s", g.pick("r := f()", "f()", "f() else { flag := true }", "f() else return"))
	case k < 12 && !g.work && !g.proc:
		line("%s", g.pick("cancel job", "await x != A || n > 0", "if cancel job { relax w }"))
	case k < 13 && nest:
		line("if %s {", g.cond())
		g.stmts(1 + g.IntN(2))
		if g.IntN(2) == 0 {
			line("} else {")
			g.stmts(1)
		}
		line("}")
	case k < 14 && !g.work && nest && !g.proc:
		line("if %s {", g.local())
		g.stmts(1)
		line("}")
	case k < 15 && nest:
		line("either {")
		g.stmts(1)
		line("} or {")
		g.stmts(1)
		if g.proc {
			g.depth++
			line("%s", g.pick("fail", "fail EIO", "return"))
			g.depth--
		}
		line("}")
	case k < 18 && g.depth == 1:
		line("lock m")
		g.noReturn()
		line("unlock m")
	case k < 19 && g.depth == 1 && !g.work && !g.proc:
		line("lock m interruptible else return")
		g.noReturn()
		line("unlock m")
	default:
		line("skip")
	}
}

// noReturn writes statements that may stand where a mutex is held.
func (g *generator) noReturn() {
	for range 1 + g.IntN(2) {
		fmt.Fprintf(&g.b, "  %s\n", g.pick("n := n + 1", "x := C", "relax w", "queue job", "if n > 0 { flag := true } else { stay_awake w }",
			"k := B", "k := A", "c := c + 1", "c := 0", "if k == B { relax w }", "if k != A || c > 0 { queue job } else { k := C }"))
	}
}

// spec writes a whole module.
func (g *generator) spec() string {
	g.b.Reset()
	counted := g.pick("", "", " counted")
	cond := g.pick("", "", " if dev")
	fmt.Fprintf(&g.b, `module test
subject s
enum X { A, B, C }
feature feat: bool
device dev: bool
var x: X = A
var n: -1..2 = 0
var flag: bool
var k: X = A
var c: 0..2 = 0
mutex m
wakeup w%s%s
work job runs worker
transitions x { A -> B, B <-> C, warning C -> A if feat }
balance w held by p, job
transitions k { A -> B, B <-> C }
invariant small: n < 2 || m.held
invariant tidy: m.held || k != B
invariant quiet: !(w.active && flag && x == C)
property again: [] <> !w.active
property calm: <> [] (x != C || n > 0)
property never: <> flag
property answer: job.pending ~> n > 0
property soon: k == B && !m.held ~> k != B
explore {
  start x = A, feat = %s, flag = %s
  spawn p * %d, q * 1
}
procedure f -> result {
`, counted, cond, g.pick("true", "false"), g.pick("true", "false"), 1+g.IntN(2))
	g.proc = true
	g.stmts(1 + g.IntN(2))
	g.proc = false
	for _, p := range []string{"process p(a: X) {\n", "process q {\n", "process worker {\n"} {
		g.work = strings.Contains(p, "worker")
		g.b.WriteString("}\n" + p + "  local r: result\n  local i: 0..1\n  local b: bool\n")
		if strings.Contains(p, "(") {
			g.b.WriteString(g.pick("  if a == B { queue job }\n", "  if a == B {\n    stay_awake w\n    queue job\n  }\n", "  if a != B { flag := true }\n"))
		}
		g.stmts(1 + g.IntN(3))
	}
	g.b.WriteString("}\n")
	return g.b.String()
}
