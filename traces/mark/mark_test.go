package mark

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Mark
	}{
		{"rprocspec/1 ready", Mark{Word: "ready"}},
		{"rprocspec/1 ready  ", Mark{Word: "ready"}},
		{
			"rprocspec/1 on enter=rproc_boot by=kprobe event=g:rproc_boot",
			Mark{"on", []Attr{{"enter", "rproc_boot"}, {"by", "kprobe"}, {"event", "g:rproc_boot"}}},
		},
		{
			`rprocspec/1 names name="a \"b\" \\c" parent=x=y empty=""`,
			Mark{"names", []Attr{{"name", `a "b" \c`}, {"parent", "x=y"}, {"empty", ""}}},
		},
	} {
		got, err := Parse(tt.text)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil || !Ours(tt.text) {
			t.Errorf("%s: %v (-want +got):\n%s", tt.text, err, diff)
		}
		if again := got.String(); again != strings.TrimSpace(tt.text) {
			t.Errorf("%s: printed as %s", tt.text, again)
		}
	}
}

func TestBroken(t *testing.T) {
	for text, want := range map[string]string{
		"rprocspec/2 ready":            "newer rprocspec",
		"rprocspec/x ready":            "not a mark",
		"rprocspec/":                   "not a mark",
		"hello":                        "not a mark",
		"rprocspec/1":                  "no word",
		"rprocspec/1 Ready":            "no word",
		"rprocspec/1 on=1":             "no name=value",
		"rprocspec/1 on enter":         "no name=value",
		"rprocspec/1 on enter=":        "enter: no value",
		"rprocspec/1 on  enter=f":      "no name=value",
		`rprocspec/1 off why="not x`:   "cut off",
		`rprocspec/1 off why="a\nb"`:   "inside quotes",
		`rprocspec/1 off why="a"b=c`:   "no name=value",
		"rprocspec/1 off why=\"a\tb\"": "inside quotes",
		`rprocspec/1 off why=a"b"`:     "no name=value",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestGet(t *testing.T) {
	m := Mark{"x", []Attr{{"a", "1"}}}
	if m.Get("a") != "1" || m.Get("b") != "" {
		t.Error("Get", m.Get("a"), m.Get("b"))
	}
}

func BenchmarkParse(b *testing.B) {
	const text = `rprocspec/1 names device=remoteproc0 parent="4080000.remoteproc" name="modem" has_wakeup=true`
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

// The grammar once more, as an expression.
const (
	oracleValue = `(?:[^\x00-\x20"\x7f]+|"(?:[^\x00-\x1f"\\\x7f]|\\["\\])*")`
	oracleAttr  = `([a-z][a-z0-9_]*)=(` + oracleValue + `)`
)

var (
	oracleMark  = regexp.MustCompile(`(?s)^rprocspec/0*[01] ([a-z][a-z0-9_]*)((?: ` + oracleAttr + `)*) *$`)
	oracleAttrs = regexp.MustCompile(`(?s) ` + oracleAttr)
)

func oracle(text string) (m Mark, ok bool) {
	parts := oracleMark.FindStringSubmatch(text)
	if parts == nil {
		return m, false
	}
	m.Word = parts[1]
	for _, a := range oracleAttrs.FindAllStringSubmatch(parts[2], -1) {
		v := a[2]
		if v[0] == '"' {
			v = regexp.MustCompile(`\\(["\\])`).ReplaceAllString(v[1:len(v)-1], "$1")
		}
		m.Attrs = append(m.Attrs, Attr{a[1], v})
	}
	return m, true
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"rprocspec/1 ready ", `rprocspec/1 off why="no \"such\" \\ event" event=a:b`, "rprocspec/1 x a=1 b=2 c=\"\"",
		"rprocspec/1 on enter", "rprocspec/00001 x a=\x80", "rprocspec/1 x a=\"\x80\xff\"", "rprocspec/9 x", `rprocspec/1 x a="a"b=c`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		want, ok := oracle(text)
		if ok != (err == nil) {
			t.Fatalf("%q: %v, the oracle says %v", text, err, ok)
		}
		if !ok {
			return
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-oracle +got):\n%s", text, diff)
		}
		again, err := Parse(got.String())
		if diff := cmp.Diff(got, again); diff != "" || err != nil {
			t.Fatalf("%q printed as %q: %v\n%s", text, got.String(), err, diff)
		}
	})
}
