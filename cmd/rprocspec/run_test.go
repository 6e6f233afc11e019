package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// fake is a host without a terminal and without an environment.
func fake(stdout io.Writer) (host, *bytes.Buffer) {
	var stderr bytes.Buffer
	return host{
		stdin: strings.NewReader(""), stdout: stdout, stderr: &stderr,
		getenv:     func(string) string { return "" },
		isTerminal: func(io.Writer) bool { return false },
	}, &stderr
}

// failing is a full disk.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWriteError(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"specs", "remoteproc"}, {"help"}, {"vet", "testdata/nothing.rps"}} {
		h, stderr := fake(failing{})
		want := "cannot write the output"
		if args[0] == "vet" {
			want = "no such file" // nothing is written, nothing fails but the reading
		}
		if code := run(args, h); code != exitUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("%v: exit code %d, stderr %q; want %d and %q", args, code, stderr, exitUsage, want)
		}
	}
}

func TestColour(t *testing.T) {
	for _, tt := range []struct {
		when, noColor, term string
		tty, want           bool
	}{
		{"auto", "", "xterm", true, true},
		{"auto", "", "xterm", false, false},
		{"auto", "1", "xterm", true, false},
		{"auto", "", "dumb", true, false},
		{"always", "1", "dumb", false, true},
		{"never", "", "xterm", true, false},
	} {
		h, _ := fake(io.Discard)
		h.getenv = func(k string) string { return map[string]string{"NO_COLOR": tt.noColor, "TERM": tt.term}[k] }
		h.isTerminal = func(io.Writer) bool { return tt.tty }
		if got := (&app{host: h}).colour(tt.when); got != tt.want {
			t.Errorf("%+v: got %v", tt, got)
		}
	}
}

// TestCode checks the order in which exit codes win.
func TestCode(t *testing.T) {
	for _, tt := range []struct {
		app  app
		want int
	}{
		{app{}, 0},
		{app{open: true}, 3},
		{app{open: true, failed: true}, 2},
		{app{open: true, failed: true, findings: true}, 1},
	} {
		if got := tt.app.code(); got != tt.want {
			t.Errorf("findings %v, failed %v, open %v: exit code %d, want %d", tt.app.findings, tt.app.failed, tt.app.open, got, tt.want)
		}
	}
}

func TestProgress(t *testing.T) {
	var w strings.Builder
	at := time.Unix(0, 0)
	p := &progress{
		r: strings.NewReader(strings.Repeat("x", 4e6)), w: &w, name: "a\x1bb", size: 4e6,
		now: func() time.Time { at = at.Add(150 * time.Millisecond); return at },
	}
	buf := make([]byte, 5e5)
	for {
		if _, err := p.Read(buf); err == io.EOF {
			break
		}
	}
	p.clear()
	p.clear()
	want := "\r\x1b[K" + `a\x1bb: 3 of 4 MB, 75 %` + "\r\x1b[K" + `a\x1bb: 4 of 4 MB, 100 %` + "\r\x1b[K"
	if diff := cmp.Diff(want, w.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestProgressQuiet checks that nothing is told of a short file, nor without a terminal.
func TestProgressQuiet(t *testing.T) {
	var w strings.Builder
	p := &progress{r: strings.NewReader("short"), w: &w, name: "f", now: time.Now}
	if _, err := io.ReadAll(p); err != nil {
		t.Fatal(err)
	}
	p.clear()
	if w.Len() > 0 {
		t.Errorf("told %q", w.String())
	}
	p = &progress{r: strings.NewReader("x"), now: func() time.Time { t.Error("the clock is read in vain"); return time.Time{} }}
	io.ReadAll(p)
	p.clear()
}

func TestProgressState(t *testing.T) {
	for want, p := range map[string]progress{
		"312 of 1024 MB, 30 %": {read: 312e6, size: 1024e6},
		"7 MB":                 {read: 7e6},
	} {
		if got := p.state(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMalformed(t *testing.T) {
	for _, tt := range []struct {
		info traces.Info
		want string
	}{
		{traces.Info{Malformed: 2}, "t: 2 lines are malformed; without --strict they are skipped"},
		{traces.Info{Malformed: 1, Bad: []traces.BadLine{{Line: 3, Why: "no time", Text: "x"}}}, "t:3: malformed line: no time: x; without --strict it is skipped"},
		{traces.Info{Malformed: 9, Bad: []traces.BadLine{{Line: 3, Why: "no time", Text: "x"}}}, "t:3: malformed line: no time: x (and 8 more); without --strict it is skipped"},
	} {
		if got := malformed("t", &tt.info).Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// TestReplaceFails checks that a file stays as it is when the new one cannot be written beside it.
func TestReplaceFails(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere")
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "a.rps")
	if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	os.Chmod(dir, 0o555)
	defer os.Chmod(dir, 0o755)
	if err := replace(name, []byte("new")); err == nil {
		t.Error("no error")
	}
	if got, _ := os.ReadFile(name); string(got) != "old" {
		t.Errorf("the file became %q", got)
	}
}
