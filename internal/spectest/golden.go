package spectest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// Update is whether the golden files are to be written anew.
var Update = flag.Bool("update", false, "rewrite the golden files")

// Golden tries every testdata/*.txtar of a package: specifications, in files whose names end in .rps, and behind
// them what the package makes of these, which write gives.
func Golden(t *testing.T, write func(t *testing.T, specs []txtar.File) []txtar.File) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { golden(t, file, write) })
	}
}

func golden(t *testing.T, file string, write func(t *testing.T, specs []txtar.File) []txtar.File) {
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for n < len(a.Files) && strings.HasSuffix(a.Files[n].Name, ".rps") {
		n++
	}
	if n == 0 {
		t.Fatalf("%s begins with no specification", file)
	}
	specs := a.Files[:n:n]
	got := &txtar.Archive{Comment: a.Comment, Files: append(specs, write(t, specs)...)}
	if *Update {
		if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(a)), string(txtar.Format(got))); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it)\n%s", file, diff)
	}
}
