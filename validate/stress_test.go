package validate_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/rprocspec/rprocspec/validate"
)

var quiesce = regexp.MustCompile(`quiesce (remoteproc\d) name=\S+ ws_active=(\d)`)

// TestStress explains two captures of four processors under random operations to their ends, and holds
// the leaks against what the kernel said at every quiet moment. The marks are never an input.
func TestStress(t *testing.T) {
	if testing.Short() {
		t.Skip("200,000 records")
	}
	for _, n := range []string{"6.1.192-x86_64-v60/stress2.kprobe.txt.xz", "6.1.192-x86_64-stock/stress.kprobe.txt.xz"} {
		data := unpack(t, filepath.Join(shared(t, "captures"), n))
		res := run(t, compile(t, "remoteproc_rig"), n, data, validate.Options{})
		assumed := 0
		subjects := map[string]*validate.SubjectResult{}
		for _, s := range res.Subjects {
			subjects[s.Name] = s
			for _, f := range s.Findings {
				if f.Kind == validate.Rejected {
					t.Errorf("%s:%d: %s", n, f.Line, f.Message)
				}
			}
			for _, note := range s.Notes {
				if strings.Contains(note, "missed in interrupt context") {
					assumed++
				}
				if strings.Contains(note, "state unknown") {
					t.Errorf("%s: %s: %s", n, s.Name, note)
				}
			}
		}
		if res.Records.Lost != 0 {
			t.Errorf("%s: %d records lost, but none was", n, res.Records.Lost)
		}
		marks := checkMarks(t, n, data, subjects)
		t.Logf("%s: %d records, %d quiet marks agree, %d missed probes assumed", n, res.Records.Bound, marks, assumed)
		if len(subjects) != 4 || marks == 0 {
			t.Errorf("%s: %d processors, %d marks", n, len(subjects), marks)
		}
	}
}

func unpack(t testing.TB, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rd, err := xz.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(rd)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// checkMarks compares the leaks open at every mark with the mark.
func checkMarks(t *testing.T, n string, data []byte, subjects map[string]*validate.SubjectResult) int {
	t.Helper()
	marks := 0
	for i, line := range bytes.Split(data, []byte("\n")) {
		m := quiesce.FindSubmatch(line)
		if m == nil {
			continue
		}
		marks++
		active, _ := strconv.Atoi(string(m[2]))
		if leaked := leakedAt(subjects[string(m[1])], i+1); leaked != (active == 1) {
			t.Errorf("%s:%d: %s: leaked %v, the kernel says active=%d", n, i+1, m[1], leaked, active)
		}
	}
	return marks
}

func leakedAt(s *validate.SubjectResult, line int) bool {
	if s == nil {
		return false
	}
	for _, f := range s.Findings {
		if f.Detail == "leaked" && f.Line <= line && (f.Until == nil || *f.Until > line) {
			return true
		}
	}
	return false
}
