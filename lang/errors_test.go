package lang

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang/diag"
)

var wantComment = regexp.MustCompile(`// want((?: "(?:[^"\\]|\\.)*")+)`)

// wants gives the patterns of the `// want "rx"` comments by line.
func wants(t *testing.T, src string) map[int][]*regexp.Regexp {
	t.Helper()
	out := map[int][]*regexp.Regexp{}
	for i, line := range strings.Split(src, "\n") {
		m := wantComment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		for rest := strings.TrimSpace(m[1]); rest != ""; {
			q, err := strconv.QuotedPrefix(rest)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			rest = strings.TrimSpace(rest[len(q):])
			text, _ := strconv.Unquote(q)
			out[i+1] = append(out[i+1], regexp.MustCompile(text))
		}
	}
	return out
}

// TestErrors checks the bad files: every error is wanted on its line, and every wanted one is there.
func TestErrors(t *testing.T) {
	for name, src := range sources(t, "testdata/bad/*.rps") {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(name, src)
			var list diag.List
			if !errors.As(err, &list) {
				t.Fatalf("error %v, want a diag.List", err)
			}
			open := wants(t, string(src))
			for _, d := range list {
				open[d.Span.Start.Line] = matchOne(t, d, open[d.Span.Start.Line])
			}
			for line, rest := range open {
				for _, rx := range rest {
					t.Errorf("%s:%d: no error matches %q", name, line, rx)
				}
			}
		})
	}
}

// goNames are what must not leak into messages.
var goNames = regexp.MustCompile(`[a-z]G\b|\*?lang\.|NextMatch|participle|<[a-z]+>`)

func matchOne(t *testing.T, d diag.Diagnostic, rest []*regexp.Regexp) []*regexp.Regexp {
	t.Helper()
	if d.Code != "syntax" || goNames.MatchString(d.Message+d.Hint) {
		t.Errorf("%s: not in plain words, or without its code", d)
	}
	for i, rx := range rest {
		if rx.MatchString(d.Message) {
			return append(rest[:i:i], rest[i+1:]...)
		}
	}
	t.Errorf("%s: unwanted", d)
	return rest
}

func TestHints(t *testing.T) {
	for _, tt := range []struct{ src, hint string }{
		{"module m\nproces p { skip }", `did you mean "process"?`},
		{"module m process p { a = 1 }", "assign with :=, compare with =="},
		{"module m var x: bool := true", "only statements assign with :=; initial values and bindings are written with ="},
		{"module m invariant i: a = b", "assign with :=, compare with =="},
		{"module m var lock: bool", "choose another name"},
		{"module m process p { skip }}", "no brace is open here"},
		{"module m process p { skip else fail }", "else belongs to a statement right before it"},
		{"module m balance w hold by p", `did you mean "held"?`},
		{"module m scenario s { irq: p untill q }", `did you mean "until"?`},
		{"module m invariant i: a & b", "and is written &&"},
		{"module m invariant i: a < b < c", "join them with &&, or put one in parentheses"},
		{"module m process p { log err \"x }", `close it with " on the same line`},
		{"module m process p { log err \"\\q\" }", `write \" for a quote and \\ for a backslash`},
		{"module m deadline d: a ~> b", "write p ~> q within 30s"},
		{"module m property d: a ~> b within 3s", "declare it as deadline d: p ~> q within 30s"},
		{"module m process p { lock m interruptible }", "write lock m, or lock m interruptible else fail EINTR"},
		{"var x: bool", "begin the file with: module NAME"},
		{"", "begin it with: module NAME"},
		{"module m\n/// lost", "use // for comments of other kinds; put /// on lines of their own"},
		{"module a module b", "give every module a file of its own"},
	} {
		_, err := Parse("h.rps", []byte(tt.src))
		var list diag.List
		if !errors.As(err, &list) {
			t.Errorf("%q: no error", tt.src)
		} else if list[0].Hint != tt.hint {
			t.Errorf("%q: %s\n\thint %q\n\twant %q", tt.src, list[0], list[0].Hint, tt.hint)
		}
	}
}

func TestUnclosedBraceNamesItsOpening(t *testing.T) {
	m, err := Parse("u.rps", []byte("module m\nprocess p {\n  if x {\n  skip\n}\nprocess q { skip }\n"))
	list, ok := err.(diag.List)
	if !ok || len(list) != 1 {
		t.Fatalf("errors: %v, want one", err)
	}
	if got := list[0].Span.String(); got != "u.rps:5:2" {
		t.Errorf("error at %s, want the end of p's text", got)
	}
	if len(list[0].Related) != 1 || list[0].Related[0].Span.String() != "u.rps:2:11" {
		t.Errorf("related: %v, want the brace of p", list[0].Related)
	}
	if len(m.Decls) != 1 {
		t.Errorf("%d declarations survive, want q", len(m.Decls))
	}
}

// TestLimits: what would exhaust the stack is refused, not tried.
func TestLimits(t *testing.T) {
	deep := strings.Repeat
	for name, src := range map[string]string{
		"parentheses": "module m invariant i: " + deep("(", 1000) + "a" + deep(")", 1000),
		"blocks":      "module m process p {" + deep("atomic {", 1000) + deep("}", 1000) + "}",
		"nots":        "module m invariant i: " + deep("!", 1000) + "a",
		"implies":     "module m invariant i: " + deep("a => ", 16_000) + "a",
		"labels":      "module m process p {" + deep("a:", 16_000) + "skip }",
		"elses":       "module m process p {" + deep("f() else ", 8_000) + "fail }",
		"size":        "module m " + deep("// x\n", 1<<20),
		"not text":    "module m // \xff",
		"nul":         "module m \x00",
	} {
		if _, err := Parse(name, []byte(src)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, src := range map[string]string{
		"ands":    "module m invariant i: " + deep("a && ", 5_000) + "a",
		"implies": "module m invariant i: " + deep("a => ", 5_000) + "a",
		"labels":  "module m process p {" + deep("a:", 5_000) + "skip }",
		"elses":   "module m process p {" + deep("f() else ", 2_000) + "fail }",
	} {
		m := mustParse(t, name, []byte(src))
		if again := mustParse(t, name, Format(m)); len(again.Decls) != 1 {
			t.Errorf("%s: lost in formatting", name)
		}
	}
}
