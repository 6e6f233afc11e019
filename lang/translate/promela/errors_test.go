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
		{head + "process p(a: 0..40, b: 0..40) { x := 1 }", "test.rps:5:1: p can start with 1681 combinations of parameters; Promela gets a line for each, and at most 256: make the types smaller"},
		{head + "process p { x := 1 }\nenum Many { " + strings.Join(many, ", ") + " }\nvar many: Many = M0", "test.rps:6:1: enum Many has 300 members; Spin can hold 255"},
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
	var long []string
	for i := range 300 {
		long = append(long, fmt.Sprintf("x == %d", i%4))
	}
	m, err := spectest.Compile("module m\nsubject s\nvar x: 0..3 = 0\nexplore { spawn p * 1 }\nprocess p { x := 1 }\n" +
		"process q(a: 0..400) { x := a }\ninvariant long: " + strings.Join(long, " || ") + "\ninvariant no: x == 0 && (" + strings.Join(long, " || ") + ")")
	if err != nil {
		t.Fatal(err)
	}
	if diff := compare(t, m, ""); diff != "" {
		t.Error(diff)
	}
}
