package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTraceDat wants the same answer about a trace.dat and about the report that trace-cmd makes of it.
func TestTraceDat(t *testing.T) {
	files, _ := filepath.Glob("../../traces/tracedat/testdata/linux-*.dat")
	if len(files) == 0 {
		t.Fatal("no files")
	}
	for _, file := range files {
		report, err := os.ReadFile(strings.TrimSuffix(file, ".dat") + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		sameAnswer(t, file, report)
	}
	files, _ = filepath.Glob("../../../shared/captures/*/*.dat")
	if _, err := exec.LookPath("trace-cmd"); err != nil || len(files) == 0 {
		t.Skip("no shared captures, or no trace-cmd to make reports of them")
	}
	for _, file := range files {
		report, err := exec.Command("trace-cmd", "report", "-t", "-i", file).Output()
		if err != nil {
			t.Fatal(err)
		}
		sameAnswer(t, file, report)
	}
}

func sameAnswer(t *testing.T, file string, report []byte) {
	t.Helper()
	want := answer(t, "-", report)
	got := answer(t, file, nil)
	if diff := cmp.Diff(want, got); diff != "" || len(got["subjects"].([]any)) == 0 {
		t.Errorf("%s (-report +file):\n%s", file, diff)
	}
}

// TestTraceDatInput: a user gives it as a file or through a pipe, whole or cut.
func TestTraceDatInput(t *testing.T) {
	const file = "../../traces/tracedat/testdata/linux-6.1-arm64.dat"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.dat")
	if err := os.WriteFile(cut, b[:len(b)-4096+900], 0o644); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join(t.TempDir(), "short.dat")
	if err := os.WriteFile(short, b[:5000], 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		args   []string
		stdin  []byte
		code   int
		stdout string
		stderr string
	}{
		{[]string{file}, nil, 0, "(trace.dat; clock: ", ""},
		{[]string{"-"}, b, 0, "<stdin>: CONFORMS", ""},
		{[]string{cut}, nil, 3, ": byte 32768: CPU 1: ", ""},
		{[]string{"--strict", cut}, nil, 2, "", "malformed line: byte 32768: "},
		{[]string{short}, nil, 2, "", "looks like a damaged trace.dat file of trace-cmd, which cannot be read: byte "},
	} {
		var out bytes.Buffer
		h, stderr := fake(&out)
		h.stdin = bytes.NewReader(tt.stdin)
		code := run(append([]string{"validate"}, tt.args...), h)
		if code != tt.code || !strings.Contains(out.String(), tt.stdout) || !strings.Contains(stderr.String(), tt.stderr) {
			t.Errorf("%v: exit code %d, want %d\n%s%s", tt.args, code, tt.code, out.String(), stderr)
		}
	}
}

// TestProgressAt: progress does not take from a file that it can be read at any place.
func TestProgressAt(t *testing.T) {
	b := make([]byte, 3)
	p := &progress{r: strings.NewReader("abcdef"), size: 6}
	if n, err := p.ReadAt(b, 2); n != 3 || err != nil || string(b) != "cde" || p.Size() != 6 || p.read != 3 {
		t.Errorf("%d, %v, %q", n, err, b)
	}
	p = &progress{r: bytes.NewBufferString("abcdef")}
	if _, err := p.ReadAt(b, 2); !errors.Is(err, errors.ErrUnsupported) || p.Size() != 0 {
		t.Errorf("a pipe: %v", err)
	}
}

// answer is the JSON about a file, without what must differ: its name and format, the name of the clock,
// and the guesses at functions of which a report has only the address.
func answer(t *testing.T, file string, stdin []byte) map[string]any {
	t.Helper()
	var out bytes.Buffer
	h, stderr := fake(&out)
	h.stdin = bytes.NewReader(stdin)
	run([]string{"validate", "--format", "json", file}, h)
	var a map[string]any
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, stderr)
	}
	for _, key := range []string{"trace", "format", "clock_name"} {
		delete(a, key)
	}
	var notes []any
	for _, n := range a["notes"].([]any) {
		if !strings.Contains(n.(string), "print only an address are taken for") {
			notes = append(notes, n)
		}
	}
	a["notes"] = notes
	return a
}
