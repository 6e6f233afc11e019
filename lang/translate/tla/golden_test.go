package tla_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden translates the first file of every testdata/*.txtar; the others are what comes out.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file) })
	}
}

func golden(t *testing.T, file string) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	src := a.Files[0]
	m, err := spectest.Compile(string(src.Data))
	if err != nil {
		t.Fatal(err)
	}
	kernel := ""
	if len(m.Info.Kernels) > 0 {
		kernel = m.Info.Kernels[0].Name
	}
	fs, err := tla.Files(m, tla.Options{
		Kernel: kernel, Sources: map[string][]byte{"test.rps": src.Data}, Verdicts: translate(t, m, kernel, 10000).verdicts,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := &txtar.Archive{Comment: a.Comment, Files: []txtar.File{src}}
	for _, f := range fs {
		got.Files = append(got.Files, txtar.File{Name: f.Name, Data: []byte(f.Text)})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(a)), string(txtar.Format(got))); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it)\n%s", file, diff)
	}
}
