package promela_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/promela"
)

// TestErrors: what Spin cannot hold is refused, with the place and what to do.
func TestErrors(t *testing.T) {
	var many, sum []string
	for i := range 300 {
		many = append(many, fmt.Sprint("M", i))
		sum = append(sum, fmt.Sprintf("x == %d", i%4))
	}
	const head = "module m\nsubject s\nvar x: 0..3 = 0\nexplore { spawn p * 1 }\n"
	for _, tt := range []struct{ src, want string }{
		{head + "process p(a: 0..2000000000, b: bool) { x := 1 }", "test.rps:5:1: p can start with 1048576 combinations"},
		{head + "process p(a: 0..40, b: 0..40) { x := 1 }", "test.rps:5:1: p can start with 1681 combinations of parameters; Promela gets a line for each, and at most 256: make the types smaller"},
		{head + "process p { many := M1 }\nenum Many { " + strings.Join(many, ", ") + " }\nvar many: Many = M0", "test.rps:6:1: enum Many has 300 members; Spin can hold 255"},
		{head + "process p { x := 1 }\nproperty odd: [] (x == 0 || <> x == 1)", "test.rps:6:15: property odd: [] (x == 0 || <> x == 1) is a form that is not translated: use [] p,"},
		{head + "process p { x := 1 }\nproperty long: [] <> (" + strings.Join(sum, " || ") + ")", "test.rps:6:16: property long is"},
	} {
		m, err := spectest.Compile(tt.src)
		if err != nil {
			t.Fatal(err)
		}
		in, err := m.Instance("")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := promela.Text(in, "m.pml"); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("got %v\nwant %s", err, tt.want)
		}
	}
}

// TestUnused: a type that is too large does no harm where nothing has it, and a long invariant is a claim that Spin
// need not read as a formula.
func TestUnused(t *testing.T) {
	var long, many []string
	for i := range 300 {
		long, many = append(long, fmt.Sprintf("x == %d", i%4)), append(many, fmt.Sprint("M", i))
	}
	m, err := spectest.Compile("module m\nsubject s\nvar x: 0..3 = 0\nexplore { spawn p * 1 }\nprocess p { x := 1 }\n" +
		"process q(a: 0..400) { x := a }\nenum Many { " + strings.Join(many, ", ") + " }\ninvariant long: " + strings.Join(long, " || ") + "\ninvariant no: x == 0 && (" + strings.Join(long, " || ") + ")")
	if err != nil {
		t.Fatal(err)
	}
	if diff := compare(t, m, ""); diff != "" {
		t.Error(diff)
	}
}

// TestLarge: as many members as Spin can hold, in two enums, and a state that is larger than what Spin takes unless
// it is told.
func TestLarge(t *testing.T) {
	var a, b []string
	for i := range 255 {
		a, b = append(a, fmt.Sprint("A", i)), append(b, fmt.Sprint("B", i))
	}
	var locals, sets []string
	for i := range 12 {
		locals, sets = append(locals, fmt.Sprintf("local i%d: 0..100000", i)), append(sets, fmt.Sprintf("i%d := 1", i))
	}
	m, err := spectest.Compile("module m\nsubject s\nenum A { " + strings.Join(a, ", ") + " }\nenum B { " + strings.Join(b, ", ") + " }\n" +
		"var x: A = A0\nvar y: B = B254\nvar z: 0..300 = 0\nexplore { spawn p * 1, q * 62 }\n" +
		"process p { z := 2; x := A254; y := B0; if x == A0 || y == B254 { z := 1 } }\n" +
		"process q {\n  " + strings.Join(locals, "\n  ") + "\n  await z > 0\n  " + strings.Join(sets, ", ") + "\n}\ninvariant never: x != A254 || y != B0 || z == 0\nwarning invariant ever: x == A0 || !q.running")
	if err != nil {
		t.Fatal(err)
	}
	in, err := m.Instance("")
	if err != nil {
		t.Fatal(err)
	}
	text, err := promela.Text(in, "m.pml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := spin(t, text, true)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := p.run("ever", false); err != nil || !f.violated {
		t.Errorf("x != A0 is not found: %v", err)
	}
}
