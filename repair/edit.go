package repair

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// Kind says what an edit does.
type Kind string

// The kinds of edit.
const (
	Insert Kind = "insert" // a statement
	Remove Kind = "remove" // a statement
	Extend Kind = "extend" // the set of values that a guard tests for
)

// Edit is one change of the text of a spec.
type Edit struct {
	Kind    Kind
	Process string    // the process or procedure that it changes
	What    string    // the statement, or the guard as it becomes
	Span    diag.Span // what Text replaces; empty for an insertion
	Text    string

	block *lang.Block // that an insertion goes into; nil: none
}

// Line is the line of the spec at which the edit is made.
func (e *Edit) Line() int { return e.Span.Start.Line }

// String says what the edit does: insert `relax awake` in f before line 12.
func (e *Edit) String() string {
	switch e.Kind {
	case Insert:
		return fmt.Sprintf("insert `%s` in %s at line %d", e.What, e.Process, e.Line())
	case Remove:
		return fmt.Sprintf("remove `%s` from %s, line %d", e.What, e.Process, e.Line())
	}
	return fmt.Sprintf("extend a guard of %s to `%s`, line %d", e.Process, e.What, e.Line())
}

// Apply makes the edit in the text of its file.
func (e *Edit) Apply(src []byte) []byte {
	return slices.Concat(src[:e.Span.Start.Offset], []byte(e.Text), src[e.Span.End.Offset:])
}

// editor lists the edits of one process.
type editor struct {
	info    *check.Info
	process *lang.Process
	src     []byte   // of the file that declares it
	stmts   []string // that can be inserted
	edits   []*Edit
}

// edits lists every single edit of a process, in the order of its text.
func edits(info *check.Info, p *lang.Process, src []byte) []*Edit {
	ed := &editor{info: info, process: p, src: src, stmts: insertable(info)}
	lang.Walk(p.Body, func(n lang.Node) bool { ed.node(n); return true })
	slices.SortStableFunc(ed.edits, func(a, b *Edit) int { return a.Span.Start.Offset - b.Span.Start.Offset })
	return ed.edits
}

func insertable(info *check.Info) []string {
	var stmts []string
	for _, w := range info.Wakeups {
		stmts = append(stmts, "relax "+w.Name, "stay_awake "+w.Name)
	}
	for _, w := range info.Works {
		stmts = append(stmts, "queue "+w.Name)
	}
	return stmts
}

func (ed *editor) node(n lang.Node) {
	switch n := n.(type) {
	case *lang.Block:
		ed.block(n)
	case *lang.If:
		ed.guard(n.Cond)
	case *lang.Lock:
		ed.orElse(n.Else)
	case *lang.Call:
		ed.orElse(n.Else)
	case *lang.Relax:
		ed.remove(n)
	case *lang.StayAwake:
		ed.remove(n)
	case *lang.Queue:
		ed.remove(n)
	}
}

func (ed *editor) add(kind Kind, what string, start, end diag.Pos, text string, b *lang.Block) {
	ed.edits = append(ed.edits, &Edit{
		Kind: kind, Process: ed.process.Name.Name, What: what, Span: diag.Span{Start: start, End: end}, Text: text, block: b,
	})
}

// block inserts before every statement of a block and behind the last one.
func (ed *editor) block(b *lang.Block) {
	before := ""
	for _, s := range b.Stmts {
		if _, ok := s.(*lang.Local); ok {
			continue
		}
		ed.insert(b, s, before, false)
		before = lang.StmtHead(s)
	}
	if len(b.Stmts) > 0 {
		if last := b.Stmts[len(b.Stmts)-1]; !leaves(last) {
			ed.insert(b, last, "", true)
		}
	}
}

// leaves tells whether nothing behind s is ever executed.
func leaves(s lang.Stmt) bool {
	switch s.(type) {
	case *lang.Return, *lang.Fail:
		return true
	}
	return false
}

// insert inserts at a statement, unless the same stands there already.
func (ed *editor) insert(b *lang.Block, s lang.Stmt, before string, behind bool) {
	here := lang.StmtHead(s)
	sep := "; "
	if indent, ok := ed.indent(s.Pos()); ok {
		sep = "\n" + indent
	}
	for _, what := range ed.stmts {
		switch {
		case what == here || what == before:
		case behind:
			ed.add(Insert, what, s.End(), s.End(), sep+what, b)
		default:
			ed.add(Insert, what, s.Pos(), s.Pos(), what+sep, b)
		}
	}
}

// indent gives the white space before p on its line, false if there is more than that.
func (ed *editor) indent(p diag.Pos) (string, bool) {
	line := ed.src[p.Offset-(p.Col-1) : p.Offset]
	return string(line), strings.TrimSpace(string(line)) == ""
}

// orElse inserts before the one statement of an `else`.
func (ed *editor) orElse(s lang.Stmt) {
	switch s.(type) {
	case nil, *lang.Block, *lang.If:
		return
	}
	for _, what := range ed.stmts {
		old := string(ed.src[s.Pos().Offset:s.End().Offset])
		ed.add(Insert, what, s.Pos(), s.End(), "{ "+what+"; "+old+" }", nil)
	}
}

// remove takes a statement away: with its line if nothing else stands there.
func (ed *editor) remove(s lang.Stmt) {
	start, end := s.Pos(), s.End()
	rest, _, _ := strings.Cut(string(ed.src[end.Offset:]), "\n")
	if indent, ok := ed.indent(start); ok && strings.TrimSpace(rest) == "" && ed.hasSiblings(s) {
		start.Offset -= len(indent)
		start.Col = 1
		end.Offset += len(rest) + 1
		ed.add(Remove, lang.StmtHead(s), start, end, "", nil)
		return
	}
	ed.add(Remove, lang.StmtHead(s), start, end, "skip", nil)
}

// hasSiblings tells whether other statements stand in the block of s.
func (ed *editor) hasSiblings(s lang.Stmt) bool {
	found := false
	lang.Walk(ed.process.Body, func(n lang.Node) bool {
		b, ok := n.(*lang.Block)
		found = found || ok && len(b.Stmts) > 1 && slices.Contains(b.Stmts, s)
		return true
	})
	return found
}

// guard extends what a condition tests variables of enums for.
func (ed *editor) guard(cond lang.Expr) {
	lang.Walk(cond, func(n lang.Node) bool {
		switch n := n.(type) {
		case *lang.Binary:
			if n.Op == "==" {
				ed.extend(n, n.X, []lang.Expr{n.Y})
			}
		case *lang.In:
			ed.extend(n, n.X, n.Set)
		}
		return true
	})
}

func (ed *editor) extend(test, x lang.Expr, set []lang.Expr) {
	v := ed.object(x)
	if v == nil || v.Kind != check.VarObj || v.Type.Kind != check.EnumType {
		return
	}
	var has []string
	for _, e := range set {
		has = append(has, lang.ExprString(e))
	}
	for _, m := range v.Type.Enum.Members {
		if slices.Contains(has, m.Name) {
			continue
		}
		text := fmt.Sprintf("%s in { %s, %s }", v.Name, strings.Join(has, ", "), m.Name)
		ed.add(Extend, text, test.Pos(), test.End(), text, nil)
	}
}

// object finds what a bare name stands for, nil for other expressions.
func (ed *editor) object(e lang.Expr) *check.Object {
	if n, ok := e.(*lang.Name); ok {
		return ed.info.Uses[n.ID]
	}
	return nil
}
