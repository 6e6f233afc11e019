package lang

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/lang/diag"
)

func TestParseGood(t *testing.T) {
	for name, src := range sources(t, "testdata/good/*.rps") {
		m := mustParse(t, name, src)
		if want := strings.TrimSuffix(name, ".rps"); m.Name.Name != want {
			t.Errorf("%s: module %q, want %q", name, m.Name.Name, want)
		}
	}
}

// TestByteOrderMark checks that a file of an editor that marks UTF-8 is read, and that positions are those of the text behind
// the mark.
func TestByteOrderMark(t *testing.T) {
	m := mustParse(t, "a.rps", []byte("\ufeffmodule a\n"))
	if got := m.Name.Pos(); got.Line != 1 || got.Col != 8 || got.Offset != 7 {
		t.Errorf("the name stands at %+v", got)
	}
	if got := string(Format(m)); got != "module a\n" {
		t.Errorf("formatted: %q", got)
	}
	for src, want := range map[string]string{
		"\ufeffmodul a\n":           "a.rps:1:1",
		"module a\n\ufeffsubject s": "a.rps:2:1", // not at the beginning, it is no such mark
		"\ufeff\ufeffmodule a\n":    "a.rps:1:1",
	} {
		if _, err := Parse("a.rps", []byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want it at %s", src, err, want)
		}
	}
}

// TestTree compares trees with goldens: a txtar file holds in.rps and the dump.
func TestTree(t *testing.T) {
	files, err := filepath.Glob("testdata/tree/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens (%v)", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			a, err := txtar.ParseFile(f)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, f, a, dump(mustParse(t, "in.rps", a.Files[0].Data)))
		})
	}
}

// golden compares the second file of an archive with got.
func golden(t *testing.T, path string, a *txtar.Archive, got string) {
	t.Helper()
	if *update {
		a.Files = append(a.Files[:1], txtar.File{Name: "want", Data: []byte(got)})
		if err := os.WriteFile(path, txtar.Format(a), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if len(a.Files) != 2 {
		t.Fatalf("%s: want two files in it; run with -update", path)
	}
	if d := cmp.Diff(string(a.Files[1].Data), got); d != "" {
		t.Errorf("%s (-want +got):\n%s", path, d)
	}
}

// parenthesized prints an expression with every operation in parentheses.
func parenthesized(e Expr) string {
	switch e := e.(type) {
	case *Unary:
		return "(" + e.Op + parenthesized(e.X) + ")"
	case *Binary:
		return "(" + parenthesized(e.X) + e.Op + parenthesized(e.Y) + ")"
	case *In:
		return "(" + parenthesized(e.X) + " in {" + exprList(e.Set) + "})"
	case *Paren:
		return parenthesized(e.X)
	}
	return ExprString(e)
}

func TestPrecedence(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"a || b && c", "(a||(b&&c))"},
		{"a && b || c", "((a&&b)||c)"},
		{"a => b => c", "(a=>(b=>c))"},
		{"a || b => c", "((a||b)=>c)"},
		{"a => b ~> c", "((a=>b)~>c)"},
		{"a - b + c", "((a-b)+c)"},
		{"a + 1 == b - 1", "((a+1)==(b-1))"},
		{"!a == b", "((!a)==b)"},
		{"-a + b", "((-a)+b)"},
		{"a - -b", "(a-(-b))"},
		{"!a && b", "((!a)&&b)"},
		{"!!a", "(!(!a))"},
		{"[] a == b", "([](a==b))"},
		{"[] a == b && c", "(([](a==b))&&c)"},
		{"[] <> !a.active", "([](<>(!a.active)))"},
		{"![] a", "(!([]a))"},
		{"[] a => <> b", "(([]a)=>(<>b))"},
		{"a in { b, c + 1 } && d", "((a in {b, c + 1})&&d)"},
		{"a + 1 in { 2 }", "((a+1) in {2})"},
		{"!(a in { b } || c) && cancel w", "((!((a in {b})||c))&&cancel w)"},
		{"(a ~> b) ~> c", "((a~>b)~>c)"},
		{"m.held == true", "(m.held==true)"},
	} {
		m := mustParse(t, "p.rps", []byte("module m invariant i: "+tt.in))
		e := m.Decls[0].(*Property).Expr
		if got := parenthesized(e); got != tt.want {
			t.Errorf("%s: parsed as %s, want %s", tt.in, got, tt.want)
		}
		if got := ExprString(e); got != tt.in {
			t.Errorf("%s: printed as %s", tt.in, got)
		}
	}
}

// TestNewlines: they mean nothing, and neither does their absence.
func TestNewlines(t *testing.T) {
	for name, src := range sources(t, "testdata/good/*.rps") {
		m := mustParse(t, name, src)
		var one, many strings.Builder
		for _, tok := range m.tokens {
			if !tok.isBlank() {
				one.WriteString(tok.Value + " ")
				many.WriteString(tok.Value + "\r\n\t")
			}
		}
		a, b := mustParse(t, name, []byte(one.String())), mustParse(t, name, []byte(many.String()))
		if d := sameTree(a, b); d != "" {
			t.Errorf("%s: one line and many lines differ:\n%s", name, d)
		}
	}
}

func TestDocs(t *testing.T) {
	m := mustParse(t, "d.rps", []byte(`// not a doc
//// nor this
/// The module.
/// Second line.
module m
/// Of x.
// between

///   Indented.
///
var x: bool
var y: bool // trailing
`))
	if want := "The module.\nSecond line."; m.Doc != want {
		t.Errorf("module doc %q, want %q", m.Doc, want)
	}
	if got, want := m.Decls[0].DocText(), "Of x.\n  Indented.\n"; got != want {
		t.Errorf("doc of x %q, want %q", got, want)
	}
	if got := m.Decls[1].DocText(); got != "" {
		t.Errorf("doc of y %q, want none", got)
	}
	var comments []string
	for _, c := range m.Comments {
		comments = append(comments, c.Text)
	}
	if d := cmp.Diff([]string{" not a doc", "// nor this", " between", " trailing"}, comments); d != "" {
		t.Errorf("comments (-want +got):\n%s", d)
	}
}

// TestSpans checks every position of the good files against the source.
func TestSpans(t *testing.T) {
	all := sources(t, "testdata/good/*.rps")
	all["dense"] = []byte("module m enum E{A}process p{f()}process q{x:=1+2;if x{}}explore{}deadline d:a~>b within 3s")
	all["utf-8"] = []byte("module m // é\nprocess p { log err \"é\" f() } // ü\nvar x: bool")
	for name, src := range all {
		m := mustParse(t, name, src)
		conds := map[Expr]bool{} // written with =, kept as ==
		Walk(m, func(n Node) bool {
			checkSpan(t, name, string(src), n, conds)
			return true
		})
	}
}

func checkSpan(t *testing.T, name, src string, n Node, conds map[Expr]bool) {
	t.Helper()
	for _, pos := range []diag.Pos{n.Pos(), n.End()} {
		before := src[:pos.Offset]
		line := 1 + strings.Count(before, "\n")
		col := pos.Offset - strings.LastIndexByte(before, '\n')
		if pos.File != name || pos.Line != line || pos.Col != col {
			t.Errorf("%s: %T at offset %d says %s, want line %d col %d", name, n, pos.Offset, pos, line, col)
		}
	}
	text := src[n.Pos().Offset:n.End().Offset]
	if text == "" || strings.TrimSpace(text) != text {
		t.Errorf("%s: %T spans %q", n.Pos(), n, text)
	}
	for _, c := range children(n) {
		if !isNil(c) && (c.Pos().Offset < n.Pos().Offset || c.End().Offset > n.End().Offset) && !isOutside(n, c) {
			t.Errorf("%s: %T reaches out of its %T", c.Pos(), c, n)
		}
	}
	checkSpanText(t, text, n, conds)
}

// isOutside tells comments before the module line, which are no part of it.
func isOutside(parent, child Node) bool {
	_, module := parent.(*Module)
	_, comment := child.(*Comment)
	return module && comment
}

// checkSpanText compares the text of names and expressions with what they print as.
func checkSpanText(t *testing.T, text string, n Node, conds map[Expr]bool) {
	t.Helper()
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	var want string
	switch n := n.(type) {
	case *Ident:
		want = n.Name
	case *Comment:
		want = "//" + n.Text
	case *Start:
		for _, c := range n.Conds {
			conds[c] = true
		}
		return
	case *ScenarioLine:
		conds[n.Until] = true
		return
	case Expr:
		want = ExprString(n)
		if conds[n] {
			want = strings.Replace(want, "==", "=", 1)
		}
	default:
		return
	}
	if squeeze(text) != squeeze(want) {
		t.Errorf("%s: %T spans %q but is %q", n.Pos(), n, text, want)
	}
}

// TestReserved: what is reserved cannot be the name of a variable, and nothing else is reserved.
func TestReserved(t *testing.T) {
	for _, word := range []string{"module", "process", "if", "return", "or", "in", "true", "stay_awake", "explore", "light", "active", "holds", "rproc_stop", "Module"} {
		_, err := Parse("m.rps", []byte("module m\nvar "+word+": bool\n"))
		if (err != nil) != Reserved(word) {
			t.Errorf("%s: reserved %v, but as a name: %v", word, Reserved(word), err)
		}
	}
}
