package tla_test

import (
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
)

// TestGolden shows what is written.
func TestGolden(t *testing.T) {
	spectest.Golden(t, func(t *testing.T, specs []txtar.File) []txtar.File {
		m, err := spectest.Compile(string(specs[0].Data))
		if err != nil {
			t.Fatal(err)
		}
		kernel := ""
		if len(m.Info.Kernels) > 0 {
			kernel = m.Info.Kernels[0].Name
		}
		files, err := tla.Files(m, tla.Options{
			Kernel: kernel, Sources: map[string][]byte{"test.rps": specs[0].Data}, Verdicts: translate(t, m, kernel, 10000).verdicts,
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []txtar.File
		for _, f := range files {
			got = append(got, txtar.File{Name: f.Name, Data: []byte(f.Text)})
		}
		return got
	})
}
