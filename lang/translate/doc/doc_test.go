package doc_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/doctest"
	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
)

// input compiles a module out of texts by file name; the first name is the module's.
func input(sources map[string]string, name string) (*doc.Input, error) {
	in := &doc.Input{Sources: map[string][]byte{}}
	parse := func(name string) (*lang.Module, error) {
		file := name + ".rps"
		src, ok := sources[file]
		if !ok {
			return nil, os.ErrNotExist
		}
		in.Sources[file] = []byte(src)
		return lang.Parse(file, []byte(src))
	}
	m, err := parse(name)
	if err != nil {
		return nil, err
	}
	info, list := check.Module(m, parse)
	if list.HasErrors() {
		var b strings.Builder
		diag.Printer{}.Print(&b, list)
		return nil, fmt.Errorf("%s", b.String())
	}
	in.Machine, err = machine.Compile(info)
	return in, err
}

// findings are made up: what is known, what is not, what is as it ought to be, and what could not be run.
func findings(in *doc.Input) {
	run := &doc.Run{
		Threads: []string{"a", "b"}, Starts: []string{"light = OFF", "hands = 0"}, Ends: []string{"light = ON"},
		Steps: []doc.Step{
			{Thread: 0, What: "switch_on() is called"},
			{Thread: 0, Place: "switch_on:52", What: "lock switch"},
			{Thread: 1, Place: "burn:68", What: "light := OFF", Changes: "light: ON -> OFF"},
			{Thread: 1, Place: "nowhere:1", What: `log err "<b>"`},
		},
		Drawing: "     a       b\n  1  switch_on() is called\n", Broken: 3,
	}
	in.Verdicts = []doc.Verdict{
		{Scenario: "twice", Kernel: "old", Ought: "balanced shining", Is: "leak shining", Why: "shining is leaked", Run: run},
		{Scenario: "twice", Kernel: "new", Ought: "balanced shining", Is: "balanced shining", Met: true, Surprise: true, Run: run},
		{Scenario: "twice", Kernel: "any_of_them", Ought: "balanced shining", Is: "impossible", Why: "lamp.rps:82: no run gets past b: blink"},
		{Scenario: "thrice", Kernel: "old", Why: "it leaves too much open"},
	}
	in.Expected = []doc.Expected{
		{Title: "balance shining", Kernel: "old", Want: "violated"},
		{Title: "balance shining", Kernel: "new", Want: "holds"},
		{Title: "few", Kernel: "old", Want: "holds"},
	}
	in.About = doc.About{
		Title: "a lamp for tests", Origin: "nowhere", Assumptions: []string{"it is dark", "hands are_clean"},
		Counts: []doc.Count{{Kernel: "old", States: 12345, Initial: 2, Deep: 9}},
	}
	in.Command = "rprocspec translate --to X lamp"
}

// TestGolden shows what is written.
func TestGolden(t *testing.T) {
	spectest.Golden(t, func(t *testing.T, specs []txtar.File) []txtar.File {
		sources := map[string]string{}
		for _, f := range specs {
			sources[f.Name] = string(f.Data)
		}
		name := strings.TrimSuffix(specs[0].Name, ".rps")
		in, err := input(sources, name)
		if err != nil {
			t.Fatal(err)
		}
		findings(in)
		if len(sources) > 1 {
			in.BaseVerdicts = []doc.Verdict{{Scenario: "twice", Kernel: "old", Ought: "balanced shining", Is: "balanced shining", Met: true}}
			in.BaseExpected = []doc.Expected{{Title: "balance shining", Kernel: "new", Want: "violated"}}
		}
		text, page := doc.Markdown(in), doc.HTML(in)
		for _, m := range append(doctest.Markdown(text), doctest.HTML(page)...) {
			t.Error(m)
		}
		return []txtar.File{
			{Name: name + ".md", Data: []byte(text)},
			{Name: name + ".html", Data: []byte(style.ReplaceAllString(page, "<style>…</style>"))},
		}
	})
}

// style is left out of golden files.
var style = regexp.MustCompile(`(?s)<style>.*</style>`)

// specOf gives the lamp of the golden file, changed.
func specOf(t *testing.T, old, new string) *doc.Input {
	t.Helper()
	a, err := txtar.ParseFile("testdata/lamp.txtar")
	if err != nil {
		t.Fatal(err)
	}
	src := string(a.Files[0].Data)
	if !strings.Contains(src, old) {
		t.Fatalf("the lamp has no %q", old)
	}
	in, err := input(map[string]string{"lamp.rps": strings.Replace(src, old, new, 1)}, "lamp")
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// TestBare checks that what is not known is left out, and not made up.
func TestBare(t *testing.T) {
	in := specOf(t, "", "")
	in.Sources = nil
	text, page := doc.Markdown(in), doc.HTML(in)
	for _, m := range append(doctest.Markdown(text), doctest.HTML(page)...) {
		t.Error(m)
	}
	if strings.Contains(text, "```rps") || strings.Contains(page, `class="rps"`) || !strings.Contains(text, "### switch_on") {
		t.Errorf("a text that is not there is shown, or a process is missing:\n%s", text)
	}
	for _, no := range []string{"Written by", "Origin", "ok:", "Every state counted"} {
		if strings.Contains(text, no) {
			t.Errorf("it says %q, of which nothing is known", no)
		}
	}
	tiny, err := input(map[string]string{"tiny.rps": "module tiny\nprocess p { skip }\n"}, "tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(doctest.Markdown(doc.Markdown(tiny)), doctest.HTML(doc.HTML(tiny))...) {
		t.Errorf("of a module with nothing but a process: %s", m)
	}
}

// TestKernel: with a kernel, nothing of the others is told, and the drawing has only what it allows.
func TestKernel(t *testing.T) {
	in := specOf(t, "", "")
	in.Kernel = "old"
	text := doc.Markdown(in)
	if !strings.HasPrefix(text, "# lamp in old\n") || strings.Contains(text, "The later ones") {
		t.Errorf("got\n%s", text)
	}
	if strings.Contains(text, `DIM("DIM")`) || !strings.Contains(text, "ON -.-> OFF") {
		t.Errorf("the drawing has a state that the kernel lacks, or lacks an edge:\n%s", text)
	}
}

// TestHostile: nothing that stands in a specification becomes markup, or hides what is there.
func TestHostile(t *testing.T) {
	evil := "</script><script>alert(1)</script> \"q\" 'a' & &amp; &#60; <!-- --> ]]> | `x` ``` [l](javascript:x) ![i](http://e/) *s* _u_ __v $m$ ~~d~~ \u202e\u200b\x01 é ✓ <https://e/>"
	lines := strings.Join([]string{evil, "", "- " + evil, "# " + evil, "> q", "1. x", "---", "===", "| a | b |", "~~~", "+ y"}, "\n/// ")
	for _, old := range []string{"A lamp with a battery.", "What one sees.", "Turned on, and burning from then on.", "On, then off.", "The first ones.", "For a reason."} {
		in := specOf(t, old, lines)
		findings(in)
		in.About.Title, in.About.Origin, in.About.Assumptions = evil, evil, []string{evil}
		for i := range in.Verdicts {
			in.Verdicts[i].Why = evil
		}
		page := doc.HTML(in)
		for _, m := range doctest.HTML(page) {
			t.Errorf("in place of %q: HTML: %s", old, m)
		}
		if strings.Contains(page, "<script") || strings.Contains(page, "javascript:x\"") {
			t.Errorf("in place of %q: a script got through", old)
		}
		for _, m := range doctest.Markdown(doc.Markdown(in)) {
			if !strings.Contains(m, "columns: ") { // what stands in backquotes is not broken
				t.Errorf("in place of %q: Markdown: %s", old, m)
			}
		}
	}
	code := specOf(t, "// ``` in a comment", "// "+evil+" </code></pre>\n  log err \"</code> & \\\" `` {_}\"")
	for _, m := range append(doctest.HTML(doc.HTML(code)), doctest.Markdown(doc.Markdown(code))...) {
		t.Errorf("in code: %s", m)
	}
	if page := doc.HTML(code); strings.ContainsAny(page, "\u202e\u200b\x01") || !strings.Contains(page, `\u202e`) {
		t.Error("what turns the direction of text round is not shown as what it is")
	}
}

// FuzzComment: whatever a doc comment holds, page and text stay without mistakes.
func FuzzComment(f *testing.F) {
	for _, s := range []string{"a <b>", "- x\n- y", "`", "``x`", "a_b __c__ _d", "1. x", "https://e/<x", "\\`", "\xff\x00", "[a](#b)", "&lt;", "\r\n", "a()", "|", "* \n*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		comment := "/// " + strings.ReplaceAll(s, "\n", "\n/// ")
		in, err := input(map[string]string{"m.rps": comment + "\nmodule m\n" + comment + "\nvar x_y: bool\n" + comment + "\nprocess p { x_y := true }\n"}, "m")
		if err != nil {
			t.Skip() // no comment of the language
		}
		for _, m := range doctest.HTML(doc.HTML(in)) {
			t.Errorf("HTML: %s", m)
		}
		for _, m := range doctest.Markdown(doc.Markdown(in)) {
			if !strings.Contains(m, "columns: ") { // a long word cannot be broken
				t.Errorf("Markdown: %s", m)
			}
		}
	})
}

func TestSummary(t *testing.T) {
	for in, want := range map[string]string{"": "", "a\nb": "a", "\n a \n": "a"} {
		if got := doc.Summary(in); got != want {
			t.Errorf("Summary(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValue(t *testing.T) {
	e := &check.Enum{Name: "E", Members: []*check.Member{{Name: "A"}, {Name: "B"}}}
	for _, tt := range []struct {
		typ  check.Type
		v    int
		want string
	}{
		{check.Type{Kind: check.BoolType}, 1, "true"},
		{check.Type{Kind: check.BoolType}, 0, "false"},
		{check.Type{Kind: check.EnumType, Enum: e}, 1, "B"},
		{check.Type{Kind: check.EnumType, Enum: e}, 7, "7"},
		{check.Type{Kind: check.IntType, Lo: -1, Hi: 3}, -1, "-1"},
	} {
		if got := doc.Value(tt.typ, tt.v); got != tt.want {
			t.Errorf("Value(%v, %d) = %q, want %q", tt.typ, tt.v, got, tt.want)
		}
	}
}
