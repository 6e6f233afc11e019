package steps

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// registers names the registers of p. Names that several functions use are told apart by the function, and
// by a number where a function is inlined more than once.
func (p *Process) registers() {
	count := map[string]int{}
	for i := range p.Regs {
		count[p.shortName(i)]++
	}
	used := map[string]bool{}
	for i, t := range p.Regs {
		name := p.shortName(i)
		if o := p.RegObjects[i]; count[name] > 1 && o != nil && o.Proc != p.Proc.Process {
			name = o.Proc.Name + "_" + name
		}
		p.Registers = append(p.Registers, &Register{
			Index: i, Name: unique(name, used), Type: t, First: machine.First(t), Param: slices.Contains(p.Params, i),
		})
	}
}

func (p *Process) shortName(i int) string {
	if o := p.RegObjects[i]; o != nil {
		return o.Name
	}
	return "cancelled"
}

func unique(name string, used map[string]bool) string {
	try := name
	for n := 2; used[try]; n++ {
		try = fmt.Sprintf("%s_%d", name, n)
	}
	used[try] = true
	return try
}

// name gives every point a name, in the order of the source.
func (p *Process) name() {
	slices.SortStableFunc(p.Points, func(a, b *Point) int {
		return cmp.Or(cmp.Compare(order(p, a), order(p, b)), cmp.Compare(a.Node.Span.Start.Offset, b.Node.Span.Start.Offset))
	})
	used := map[string]bool{}
	for _, pt := range p.Points {
		pt.Name = unique(pt.Node.Func.Name+"_"+verb(pt.Node), used)
	}
}

// order puts the points of the process itself before those of what it calls, and its end last of all.
func order(p *Process, pt *Point) int {
	switch {
	case pt.Node.Kind == machine.End:
		return 2
	case pt.Node.Func != p.Proc.Process:
		return 1
	}
	return 0
}

var verbs = map[machine.NodeKind]string{
	machine.Choice: "either", machine.Test: "if", machine.Assign: "set", machine.Lock: "lock", machine.Unlock: "unlock",
	machine.Awake: "stay_awake", machine.Relax: "relax", machine.Queue: "queue", machine.Cancel: "cancel",
	machine.Await: "await", machine.Log: "log", machine.Event: "event", machine.Atomic: "atomic", machine.Spawn: "spawn",
	machine.Destroy: "destroy", machine.End: "end",
}

// verb says in an identifier what is done at a node.
func verb(n *machine.Node) string {
	if n.Kind == machine.Log {
		return "log_" + words(n.Patterns[0].Text)
	}
	return verbs[n.Kind]
}

// words takes the first words of a log line that are no hole.
func words(text string) string {
	var keep []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\'' || r == ':' || r == ',' || r == '#' }) {
		if len(keep) == 2 || strings.ContainsAny(w, "{}") {
			break
		}
		if w = strings.Map(letter, w); w != "" {
			keep = append(keep, w)
		}
	}
	if len(keep) == 0 {
		return "line"
	}
	return strings.Join(keep, "_")
}

func letter(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
		return r
	}
	return -1
}
