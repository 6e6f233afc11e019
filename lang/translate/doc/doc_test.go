package doc_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// load checks testdata/name.rps and gives the texts of its chain.
func load(t *testing.T, name string) (*check.Info, map[string][]byte) {
	t.Helper()
	sources := map[string][]byte{}
	parse := func(name string) (*lang.Module, error) {
		file := name + ".rps"
		src, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			return nil, err
		}
		sources[file] = src
		return lang.Parse(file, src)
	}
	m, err := parse(name)
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(m, parse)
	if list.HasErrors() {
		var b strings.Builder
		diag.Printer{}.Print(&b, list)
		t.Fatal(b.String())
	}
	return info, sources
}

func TestMarkdown(t *testing.T) {
	for _, name := range []string{"lamp", "dimmed"} {
		t.Run(name, func(t *testing.T) {
			got := doc.Markdown(load(t, name))
			file := filepath.Join("testdata", name+".md")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got; -update rewrites it)\n%s", file, diff)
			}
		})
	}
}

// TestMarkdownWithoutSource checks that a text that is not there is left out, not guessed.
func TestMarkdownWithoutSource(t *testing.T) {
	info, _ := load(t, "lamp")
	got := doc.Markdown(info, nil)
	if strings.Contains(got, "```") || !strings.Contains(got, "### switch_on") {
		t.Errorf("got\n%s", got)
	}
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
