package validate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

// rigCaptures are captures that the scripts of `rprocspec probes` have made on Debian's kernels, with what is
// known of the scenario: the finding of error level about each processor, "" for none.
var rigCaptures = map[string]map[string]string{
	"6.12.117/idle.events":                {"remoteproc0": "", "remoteproc1": ""},
	"6.12.117/recover.args":               {"remoteproc0": "", "remoteproc1": ""},
	"6.12.117/stop-before-handler.events": {"remoteproc0": "", "remoteproc1": ""},
	"6.12.117/leak.events":                {"remoteproc0": "leaked", "remoteproc1": ""},
	"6.12.117/leak.args":                  {"remoteproc0": "leaked", "remoteproc1": ""},
	"6.12.117/detach-before-handler.args": {"remoteproc0": "", "remoteproc1": "owned"},
	"6.12.117/twice.args":                 {"remoteproc0": "", "remoteproc1": ""},
	"6.12.117/both.args":                  {"remoteproc0": "", "remoteproc1": ""},
	"6.1.176/leak.events":                 {"remoteproc0": "leaked", "remoteproc1": ""},
}

func rigCapture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "rig", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestRig validates them: their description is whole, nothing is guessed, and what the device said of itself
// is what the trace explains.
func TestRig(t *testing.T) {
	for name, want := range rigCaptures {
		res := run(t, compile(t, "remoteproc"), name, rigCapture(t, name), validate.Options{})
		if c := res.Capture; c == nil || !c.Complete || !c.Quiet || c.Spec != "remoteproc" || !strings.HasPrefix(name, c.Kernel[:4]) {
			t.Errorf("%s: description %+v", name, c)
		}
		if len(res.Subjects) != len(want) || len(res.Notes) > 0 || res.Records.Malformed+res.Records.Lost > 0 {
			t.Errorf("%s: %d processors, %q, %+v", name, len(res.Subjects), res.Notes, res.Records)
		}
		for _, u := range res.Sources {
			if u.Use == "missable" || strings.Contains(u.Why, "never seen") || strings.Contains(u.Why, "assumed") {
				t.Errorf("%s: %s is %s, %s", name, u.Kind, u.Use, u.Why)
			}
		}
		for _, s := range res.Subjects {
			checkRig(t, name, s, want[s.Name])
		}
	}
}

func checkRig(t *testing.T, name string, s *validate.SubjectResult, want string) {
	t.Helper()
	verdict, got := validate.Conforms, ""
	if want != "" {
		verdict = validate.Violates
	}
	for _, f := range s.Findings {
		if f.Severity == validate.Error {
			got += f.Detail
		}
		if len(f.Assumed) > 0 {
			t.Errorf("%s: %s assumes %q", name, f.Message, f.Assumed)
		}
	}
	if s.Verdict != verdict || got != want || len(s.SelfCheck) > 0 {
		t.Errorf("%s: %s: %s %q, want %q; %v %+v", name, s.Name, s.Verdict, got, want, s.Reasons, s.SelfCheck)
	}
	for _, field := range []string{"state", "awake", "has_wakeup"} {
		if s.Final[field] == "unknown" {
			t.Errorf("%s: %s: %s is not known", name, s.Name, field)
		}
	}
}

// TestRigFalsified changes what the device said at the end, line by line: that must not go unnoticed.
func TestRigFalsified(t *testing.T) {
	lies := 0
	for name := range rigCaptures {
		data := rigCapture(t, name)
		end := bytes.Index(data, []byte("rprocspec/1 end "))
		for _, lie := range [][2]string{{"awake=0", "awake=1"}, {"awake=1", "awake=0"}, {"state=offline", "state=running"}, {"state=running", "state=offline"}, {"state=crashed", "state=offline"}, {"state=detached", "state=attached"}} {
			if !bytes.Contains(data[end:], []byte(lie[0])) {
				continue
			}
			lies++
			changed := append(bytes.Clone(data[:end]), bytes.ReplaceAll(data[end:], []byte(lie[0]), []byte(lie[1]))...)
			res := run(t, compile(t, "remoteproc"), name, changed, validate.Options{})
			caught := 0
			for _, s := range res.Subjects {
				caught += len(s.SelfCheck)
				if len(s.SelfCheck) > 0 && s.Verdict != validate.Inconclusive {
					t.Errorf("%s: %s: %s in spite of %+v", name, s.Name, s.Verdict, s.SelfCheck)
				}
			}
			if caught == 0 {
				t.Errorf("%s: %s for %s is believed: %s", name, lie[1], lie[0], res.Verdict)
			}
		}
	}
	if lies < 15 {
		t.Errorf("only %d lies", lies)
	}
}
