package machine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
)

const offices = `module offices
subject s
var n: 0..9 = 0
work job runs clerk
explore { spawn boss * 2, visitor * 1 }
process boss { spawn runner; spawn runner; queue job }
process visitor { n := 1 }
process runner { n := 2 }
process clerk { n := 3 }
scenario two {
  a: visitor
  b: boss
  c: visitor
  k: clerk
  expect holds early
}
invariant early: n < 9
`

// TestNames: every slot has a name of its own, which does not depend on what else is explored.
func TestNames(t *testing.T) {
	m, err := spectest.Compile(offices)
	if err != nil {
		t.Fatal(err)
	}
	in, err := m.Instance("")
	if err != nil {
		t.Fatal(err)
	}
	want := `boss_1 boss_2 visitor_1 job runner_by_boss_1 runner_by_boss_1_2 runner_by_boss_2 runner_by_boss_2_2`
	if diff := cmp.Diff(strings.Fields(want), in.Names()); diff != "" {
		t.Errorf("explore (-want +got):\n%s", diff)
	}
	sc := m.Info.Scenarios[0]
	in, err = m.InstanceOf("", m.ScenarioSpawns(sc), sc.Starts)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Fields("visitor_1 visitor_2 boss_1 job runner_by_boss_1 runner_by_boss_1_2"), in.Names()); diff != "" {
		t.Errorf("scenario (-want +got):\n%s", diff)
	}
}

// TestTooManySlots: the place of what is too large is named.
func TestTooManySlots(t *testing.T) {
	m, err := spectest.Compile(strings.Replace(offices, "boss * 2", "boss * 60", 1))
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Instance("")
	if err == nil || !strings.Contains(err.Error(), "test.rps:5") || !strings.Contains(err.Error(), "give smaller counts") {
		t.Errorf("the error is %v", err)
	}
	if _, err := m.InstanceOf("", []machine.Spawns{{Proc: m.Proc("visitor"), Count: 65}}, nil); err == nil {
		t.Error("65 activations are taken")
	}
}
