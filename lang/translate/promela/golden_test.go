package promela_test

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/promela"
)

// TestGolden writes the specifications of testdata down, and asks Spin about them.
func TestGolden(t *testing.T) {
	spectest.Golden(t, func(t *testing.T, specs []txtar.File) []txtar.File {
		m, err := spectest.Compile(string(specs[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		in, err := m.Instance("")
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(specs[0].Name, ".rps") + ".pml"
		got, err := promela.Text(in, name)
		if err != nil {
			t.Fatal(err)
		}
		checkWidth(t, got)
		if diff := compare(t, m, ""); diff != "" {
			t.Error(diff)
		}
		return []txtar.File{{Name: name, Data: []byte(got)}}
	})
}

// checkWidth holds a file to 100 columns.
func checkWidth(t *testing.T, text string) {
	t.Helper()
	for l := range strings.Lines(text) {
		wide := 0
		for _, r := range strings.TrimRight(l, "\n") {
			if wide++; r == '\t' {
				wide += 7
			}
		}
		if wide > 100 {
			t.Errorf("%d columns: %s", wide, l)
		}
	}
}
