package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tracefs skips a test where this machine cannot be recorded.
func tracefs(t *testing.T) {
	t.Helper()
	if testing.Short() || runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("recording needs Linux, root, and a test that is not short")
	}
	if _, err := os.Stat("/sys/kernel/tracing"); err != nil {
		t.Skip("no tracefs")
	}
}

// leftBehind lists what recordings could leave in tracefs.
func leftBehind(t *testing.T) string {
	t.Helper()
	var all []string
	for _, dir := range []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"} {
		ids, _ := filepath.Glob(filepath.Join(dir, "instances", "rprocspec_*"))
		all = append(all, ids...)
		probes, _ := os.ReadFile(filepath.Join(dir, "kprobe_events"))
		all = append(all, string(probes))
	}
	scripts, _ := filepath.Glob(filepath.Join(os.TempDir(), "rprocspec-*.sh"))
	return strings.Join(append(all, scripts...), "\n")
}

// possible skips the test if the recipe has said that this machine cannot be recorded.
func possible(t *testing.T, stderr string) {
	t.Helper()
	for _, why := range []string{"no tracefs: ", "cannot make ", "cannot write to "} {
		if strings.Contains(stderr, why) {
			t.Skip(stderr)
		}
	}
}

// TestCapture records this machine while a command runs.
func TestCapture(t *testing.T) {
	tracefs(t)
	before := leftBehind(t)
	file := filepath.Join(t.TempDir(), "trace.txt")
	stdout, stderr, done := start(strings.NewReader("typed\n"), "capture", "--level", "kprobes", "-o", file, "--", "sh", "-c", "cat; exit 7")
	code := <-done
	possible(t, stderr.String())
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err, stderr.String())
	}
	for _, want := range []string{"rprocspec/1 begin id=rprocspec_", "rprocspec/1 on event=", "rprocspec/1 ready", "status=7", "rprocspec/1 done id="} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the capture has no %q", want)
		}
	}
	if out := stdout.String(); code == exitUsage || !strings.Contains(out, "the capture says of itself: complete") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	if said := stderr.String(); !strings.Contains(said, "rprocspec: the command failed: exit code 7\n") || strings.Contains(said, "now run") {
		t.Errorf("the command's end is not told as it should: %s", said)
	}
	if !strings.Contains(stdout.String(), "the command that ran under the capture ended with exit code 7") {
		t.Errorf("the report does not tell the command's end: %s", stdout)
	}
	if !strings.Contains(stderr.String(), "typed\n") || strings.Contains(stdout.String(), "typed\n") {
		t.Errorf("the command's input and output went astray: %s", stderr)
	}
	if after := leftBehind(t); after != before {
		t.Errorf("left behind:\n%s\nbefore:\n%s", after, before)
	}
}

// TestCaptureRefused asks for what the device cannot give: nothing is recorded, and the reason is told.
func TestCaptureRefused(t *testing.T) {
	tracefs(t)
	for want, args := range map[string][]string{
		"more than a quarter of the memory": {"--buffer", "99999999999", "--", "true"},
		"no such command":                   {"--", "/no/such"},
	} {
		file := filepath.Join(t.TempDir(), "trace.txt")
		_, stderr, done := start(strings.NewReader(""), append([]string{"capture", "--level", "events", "-f", "-o", file}, args...)...)
		if code := <-done; code != exitUsage || !strings.Contains(stderr.String(), want) {
			t.Errorf("%q: exit code %d: %s", args, code, stderr)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%q: something was recorded", args)
		}
	}
}

// TestPerfRecipe runs the recipe for perf: it leaves the capture behind and nothing else.
func TestPerfRecipe(t *testing.T) {
	tracefs(t)
	if _, err := exec.LookPath("perf"); err != nil {
		t.Skip("perf is not installed")
	}
	dir := t.TempDir()
	h, stderr := fake(io.Discard)
	if code := run([]string{"probes", "--to", "perf", "--level", "events", "-o", filepath.Join(dir, "capture.sh")}, h); code != 0 {
		t.Fatal(stderr)
	}
	cmd := exec.Command("sh", "capture.sh", "-b", "256", "-o", "trace.txt", "--", "true")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("perf does not record here: %s", out)
	}
	var names []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if diff := cmp.Diff([]string{"capture.sh", "trace.txt"}, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(dir, "trace.txt"))
	if want := "# rprocspec/1 buffer kb=256 "; err != nil || !strings.Contains(string(text), want) {
		t.Errorf("the capture has no %q: %v", want, err)
	}
}

// TestWatchDevice follows this machine until it is told to end.
func TestWatchDevice(t *testing.T) {
	tracefs(t)
	before := leftBehind(t)
	stdout, stderr, done := start(strings.NewReader(""), "watch", "--level", "events")
	go func() {
		stderr.wait("recording; interrupt to end")
		syscall.Kill(os.Getpid(), syscall.SIGTERM)
	}()
	code := <-done
	possible(t, stderr.String())
	if out := stdout.String(); code == exitUsage || !strings.Contains(out, "the capture says of itself: complete") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	if after := leftBehind(t); after != before {
		t.Errorf("left behind:\n%s\nbefore:\n%s", after, before)
	}
}
