package lang

import (
	"errors"
	"testing"

	"github.com/rprocspec/rprocspec/lang/diag"
)

func addSeeds(f *testing.F) {
	for _, folder := range []string{"good", "bad"} {
		for _, src := range sources(f, "testdata/"+folder+"/*.rps") {
			f.Add(string(src))
		}
	}
	f.Add("module m process p { a: if x {} else either { } or { } }")
	f.Add("module m // c\r\nprocess p { f() else { } lock m interruptible // c\n else skip }")
}

// FuzzParse: no input makes Parse panic, and errors are lists that point into the source.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		m, err := Parse("f.rps", []byte(src))
		if m == nil {
			t.Fatal("no module")
		}
		Walk(m, func(n Node) bool {
			if n.Pos().Offset > n.End().Offset || n.End().Offset > len(src) {
				t.Fatalf("%T spans %d to %d of %d bytes", n, n.Pos().Offset, n.End().Offset, len(src))
			}
			return true
		})
		if err == nil {
			return
		}
		var list diag.List
		if !errors.As(err, &list) || !list.HasErrors() {
			t.Fatalf("the error is %v", err)
		}
		for _, d := range list {
			if off := d.Span.Start.Offset; !d.Span.Start.IsValid() || off > len(src) || d.Message == "" {
				t.Fatalf("bad diagnostic %v at %d of %d", d, off, len(src))
			}
		}
	})
}

// FuzzFormat: whatever parses keeps its tree when formatted, and formatting twice is formatting once.
func FuzzFormat(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		if m, err := Parse("f.rps", []byte(src)); err != nil || m.Name == nil {
			return
		}
		checkFormat(t, "f.rps", []byte(src))
	})
}
