package modelcheck_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// TestTelling: the run that is shown leaks although the processor could be started again, and there is a
// wakeup source that can leak.
func TestTelling(t *testing.T) {
	r := run(t, spectest.Shipped(t, "remoteproc"), "v6_0", "stop_before_handler")
	text := r.Telling.Draw()
	for _, want := range []string{"has_wakeup = true", "remote processor {name} is now up", "awake is active"} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if !slices.Contains(r.Telling.Ends(), "awake is active") {
		t.Errorf("it does not leak: ends with %v", r.Telling.Ends())
	}
	if st := r.Telling.Rows()[r.Broken-1]; st.What != "if state == OFFLINE: yes" {
		t.Errorf("it leaks after step %d, %+v; want the test that gives it up", r.Broken, st)
	}
	if strings.Contains(text, "can't lock") {
		t.Errorf("a call is interrupted for nothing:\n%s", text)
	}
}

// TestTellingAll: in every kernel there is a run to show where there is one at all.
func TestTellingAll(t *testing.T) {
	m := spectest.Shipped(t, "remoteproc_quick_patch")
	impossible := 0
	for _, k := range m.Info.Kernels {
		for _, sc := range m.Info.Scenarios {
			r, err := modelcheck.RunScenario(m, k.Name, sc)
			if err != nil {
				t.Fatal(err)
			}
			if (r.Telling != nil) != r.Possible {
				t.Errorf("%s in %s: possible %v, shown %v", sc.Name.Name, k.Name, r.Possible, r.Telling != nil)
			}
			if !r.Possible {
				impossible++
			} else if r.Telling.Len() < r.Run.Len() {
				t.Errorf("%s in %s: %d steps, fewer than the shortest with %d", sc.Name.Name, k.Name, r.Telling.Len(), r.Run.Len())
			}
		}
	}
	if impossible == 0 {
		t.Error("no scenario is impossible anywhere: the test tests nothing")
	}
}

// TestRows: the rows say what the drawing says.
func TestRows(t *testing.T) {
	r := run(t, spectest.Shipped(t, "remoteproc"), "v6_0", "detach_before_handler")
	drawing := numbered(r.Telling.Draw())
	rows := r.Telling.Rows()
	if len(rows) != r.Telling.Len() {
		t.Fatalf("%d rows of %d steps", len(rows), r.Telling.Len())
	}
	if len(rows) != len(drawing) {
		t.Fatalf("%d rows, but %d steps are drawn", len(rows), len(drawing))
	}
	for i, row := range rows {
		line := drawing[i]
		what := row.What[:min(len(row.What), 20)]
		if !strings.Contains(line, row.Place) || !strings.Contains(line, what) {
			t.Errorf("row %d %+v is not in the drawing: %s", i+1, row, line)
		}
		for _, c := range row.Changes {
			if !strings.Contains(line, c) {
				t.Errorf("row %d: the drawing lacks the change %s: %s", i+1, c, line)
			}
		}
	}
	if first := r.Telling.Starts(); !slices.Contains(first, "state = ATTACHED") {
		t.Errorf("starts with %v", first)
	}
}

// numbered gives the steps of a drawing, each with the lines that go on from its own.
func numbered(drawing string) []string {
	var steps []string
	number := regexp.MustCompile(`^ *[0-9]+ `)
	for _, line := range strings.Split(drawing, "\n") {
		switch {
		case number.MatchString(line):
			steps = append(steps, line)
		case len(steps) > 0 && !strings.HasPrefix(line, "ends with"):
			steps[len(steps)-1] += line
		case len(steps) > 0:
			return steps
		}
	}
	return steps
}
