package check

import (
	"testing"

	"github.com/rprocspec/rprocspec/lang"
)

// TestFixedOrder: what a message assumes of fixed features stands in the order of their declarations, always.
func TestFixedOrder(t *testing.T) {
	const src = "module m\nsubject s\nfeature a: bool\nfeature b: bool\nfeature c: bool\nfeature d: bool\n" +
		"fix d = true\nfix c = true\nfix b = true\nfix a = true\nmutex l\nprocess p { if a && b && c && d { lock l } }\n"
	const want = "unlock l before; the path is taken when a and b and c and d"
	for range 20 {
		m, err := lang.Parse("m.rps", []byte(src))
		if err != nil {
			t.Fatal(err)
		}
		_, list := Module(m, nil)
		if !list.HasErrors() || list[0].Hint != want {
			t.Fatalf("got %q, want %q", list[0].Hint, want)
		}
	}
}
