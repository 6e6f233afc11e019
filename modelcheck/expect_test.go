package modelcheck_test

import (
	"context"
	"slices"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// TestExpectedBeforehand: what is expected of the properties is what an exploration compares its verdicts with. An
// exploration is silent about warning edges that it does not take, which a single state does not.
func TestExpectedBeforehand(t *testing.T) {
	m, err := spectest.Compile("module small extends remoteproc\nexplore { start state = RUNNING, power = 1 spawn rproc_report_crash * 1 }\n")
	if err != nil {
		t.Fatal(err)
	}
	expected := map[modelcheck.Verdict]int{}
	for _, k := range []string{"v5_4", "v6_0", "v7_3"} {
		want, err := modelcheck.Expectations(m, k)
		if err != nil {
			t.Fatal(err)
		}
		x, err := modelcheck.Check(context.Background(), m, modelcheck.Options{Kernel: k, MaxStates: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			expected[w.Expected]++
			i := slices.IndexFunc(x.Space.Judgements, func(j *modelcheck.Judgement) bool { return j.Title() == w.Title() && j.Severity == w.Severity })
			switch {
			case i < 0 && (w.Kind != modelcheck.Transitions || w.Severity != diag.Warning):
				t.Errorf("%s in %s: it is not judged", w.Title(), k)
			case i >= 0 && x.Space.Judgements[i].Expected != w.Expected || w.Verdict != "":
				t.Errorf("%s in %s: expected %q, verdict %q; the exploration expects %q", w.Title(), k, w.Expected, w.Verdict, x.Space.Judgements[i].Expected)
			}
		}
	}
	if expected[modelcheck.Holds] == 0 || expected[modelcheck.Violated] == 0 || expected[""] == 0 {
		t.Errorf("too little is tested: %v", expected)
	}
}

// TestExpectationsKernel: a kernel that is not there is refused.
func TestExpectationsKernel(t *testing.T) {
	if _, err := modelcheck.Expectations(spectest.Shipped(t, "remoteproc"), "v0"); err == nil {
		t.Error("it is taken")
	}
}
