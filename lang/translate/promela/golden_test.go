package promela_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/promela"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestGolden writes the specifications of testdata down, and asks Spin about them: each file holds one, and what
// it becomes.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m, err := spectest.Compile(string(a.Files[0].Data))
			if err != nil {
				t.Fatal(err)
			}
			in, err := m.Instance("")
			if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimSuffix(a.Files[0].Name, ".rps") + ".pml"
			got, err := promela.Text(in, name)
			if err != nil {
				t.Fatal(err)
			}
			checkWidth(t, got)
			if *update {
				a.Files = append(a.Files[:1], txtar.File{Name: name, Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if len(a.Files) != 2 || a.Files[1].Name != name {
				t.Fatalf("%s holds no %s; -update writes it", file, name)
			}
			if diff := cmp.Diff(string(a.Files[1].Data), got); diff != "" {
				t.Errorf("%s (-want +got; -update rewrites it)\n%s", file, diff)
			}
			if diff := compare(t, m, ""); diff != "" {
				t.Error(diff)
			}
		})
	}
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
