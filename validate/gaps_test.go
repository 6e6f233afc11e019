package validate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

// TestGaps begins captures in the middle and takes records out of them, with a word of it, everywhere:
// what is missing must never become an error. A leak that was taken and dropped after the gap is one.
func TestGaps(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	m := compile(t, "remoteproc")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		header, body := halves(data)
		step := 1
		if testing.Short() {
			step = 5
		}
		verdicts := map[validate.Verdict]int{}
		for i := 1; i < len(body)-1; i += step {
			judge := func(what string, lines ...[]byte) {
				res := run(t, m, what, bytes.Join(lines, []byte("\n")), validate.Options{})
				verdicts[res.Verdict]++
				noFalseError(t, fmt.Sprintf("%s, %s %d", filepath.Base(file), what, i), strings.Contains(file, "v60"), res)
			}
			judge("begun after", join(header), join(body[i:]))
			for n := 1; n <= 3 && i+n < len(body); n += 2 {
				lost := fmt.Appendf(nil, "CPU:0 [LOST %d EVENTS]", n)
				judge(fmt.Sprintf("%d lost after", n), join(header), join(body[:i]), lost, join(body[i+n:]))
			}
		}
		t.Logf("%s: %v", filepath.Base(file), verdicts)
	}
}

// halves splits a trace into its header and its records.
func halves(data []byte) (header, body [][]byte) {
	for _, l := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		if bytes.HasPrefix(l, []byte("#")) {
			header = append(header, l)
		} else {
			body = append(body, l)
		}
	}
	return header, body
}

func join(lines [][]byte) []byte { return bytes.Join(lines, []byte("\n")) }

func noFalseError(t *testing.T, what string, leaks bool, res *validate.Result) {
	t.Helper()
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			if f.Severity == validate.Error && !(leaks && f.Detail == "leaked") {
				t.Errorf("%s: line %d: %s", what, f.Line, f.Message)
			}
		}
	}
}
