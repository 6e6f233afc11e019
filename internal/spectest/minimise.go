package spectest

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
)

// Minimise makes a specification smaller as long as it stays bad: it leaves out declarations, statements, branches,
// edges and the like, the large before the small, until nothing can be left out any more. bad says no to what
// does not compile.
func Minimise(src string, bad func(src string) bool) string {
	for {
		next, ok := smaller(src, bad)
		if !ok {
			return src
		}
		src = next
	}
}

// cutting is a piece of a text that may be replaced, by nothing or by a part of it.
type cutting struct {
	from, to int
	by       string
}

// smaller finds a bad specification that is smaller.
func smaller(src string, bad func(string) bool) (string, bool) {
	m, err := lang.Parse("minimise.rps", []byte(src))
	if err != nil {
		return "", false
	}
	cuts := cuttings(src, m)
	for _, c := range cuts {
		if next := src[:c.from] + c.by + src[c.to:]; bad(next) {
			return next, true
		}
	}
	return "", false
}

// cuttings lists what may be left out of a module, what saves most first.
func cuttings(src string, m *lang.Module) []cutting {
	var all []cutting
	add := func(n lang.Node, by string) {
		from, to := n.Pos().Offset, n.End().Offset
		for by == "" && to < len(src) && (src[to] == ' ' || src[to] == ',' || src[to] == '\n') {
			to++ // with what separates it from the next
		}
		all = append(all, cutting{from, to, by})
	}
	text := func(n lang.Node) string { return src[n.Pos().Offset:n.End().Offset] }
	lang.Walk(m, func(n lang.Node) bool {
		switch x := n.(type) {
		case *lang.Module:
			return true
		case *lang.Block:
			if len(x.Stmts) > 1 {
				add(x, "{ }")
			}
		case *lang.If:
			add(x, "")
			add(x, text(x.Then)[1:len(text(x.Then))-1])
		case *lang.Either:
			add(x, "")
			for _, b := range x.Branches {
				add(x, text(b)[1:len(text(b))-1])
			}
		case lang.Stmt, lang.Decl, *lang.Edge, *lang.Start, *lang.SpawnCount, *lang.Param, *lang.EnumMember:
			add(n, "")
		case *lang.Binary:
			add(x, text(x.X))
			add(x, text(x.Y))
		}
		return true
	})
	slices.SortStableFunc(all, func(a, b cutting) int { return (b.to - b.from - len(b.by)) - (a.to - a.from - len(a.by)) })
	return slices.DeleteFunc(all, func(c cutting) bool { return c.to-c.from <= len(c.by) })
}
