package validate_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// changes validates a trace of the examples and writes what Changes says.
func changes(t *testing.T, example string) []string {
	t.Helper()
	m := spectest.Shipped(t, "remoteproc")
	v, err := validate.New(m, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join("..", "examples", example, "trace.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := open.Reader(f, "trace.txt", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	var rec traces.Record
	for r.Read(&rec) == nil {
		v.Observe(&rec)
	}
	v.Close("trace.txt", r.Info())
	var all []string
	for _, c := range v.Changes() {
		all = append(all, fmt.Sprintf("%d: %s: %s: %s -> %s", c.Line, c.Subject, c.Variable.Object.Name,
			machine.ValueText(c.Variable.Object.Type, c.From), machine.ValueText(c.Variable.Object.Type, c.To)))
	}
	return all
}

// TestChanges: every change, at the line that tells of it.
func TestChanges(t *testing.T) {
	for example, want := range map[string][]string{
		"stop-before-handler": {"22: remoteproc0: state: RUNNING -> OFFLINE"},
		"detach-before-handler": {
			"22: remoteproc2: state: ATTACHED -> DETACHED",
			"25: remoteproc2: state: DETACHED -> CRASHED",
			"29: remoteproc2: state: CRASHED -> OFFLINE",
			"33: remoteproc2: state: OFFLINE -> RUNNING",
		},
		"leak-until-next-crash": {
			"22: remoteproc0: state: RUNNING -> OFFLINE",
			"32: remoteproc0: state: OFFLINE -> RUNNING",
			"41: remoteproc0: state: RUNNING -> CRASHED",
			"45: remoteproc0: state: CRASHED -> OFFLINE",
			"49: remoteproc0: state: OFFLINE -> RUNNING",
		},
	} {
		if diff := cmp.Diff(want, changes(t, example)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", example, diff)
		}
	}
}
