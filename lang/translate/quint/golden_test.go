package quint_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/spec"
)

// TestGolden shows what is written.
func TestGolden(t *testing.T) {
	spectest.Golden(t, func(t *testing.T, specs []txtar.File) []txtar.File {
		m, err := spectest.Compile(string(specs[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		_, got := module(t, m, m.Info.Kernels[0].Name)
		return []txtar.File{{Name: "module.qnt", Data: []byte(got)}}
	})
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
