package quint_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden shows what is written.
func TestGolden(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txtar")
	if len(files) == 0 {
		t.Fatal("no golden files")
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := spectest.Compile(string(ar.Files[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		_, got := module(t, m, m.Info.Kernels[0].Name)
		if *update {
			ar.Files = append(ar.Files[:1], txtar.File{Name: "module.qnt", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(ar), 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(string(ar.Files[1].Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// TestWidth: lines fit into a mail, tabs and blanks at their ends are not there.
func TestWidth(t *testing.T) {
	for _, name := range spec.Names() {
		m := spectest.Shipped(t, name)
		for _, k := range m.Info.Kernels {
			_, text := module(t, m, k.Name)
			for i, l := range strings.Split(text, "\n") {
				if utf8.RuneCountInString(l) > 100 || strings.TrimRight(l, " \t") != l {
					t.Errorf("%s in %s:%d: %q", name, k.Name, i+1, l)
				}
			}
		}
	}
}
