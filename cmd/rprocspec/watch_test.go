package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// writer collects output that is looked at while it is written.
type writer struct {
	mu   sync.Mutex
	more sync.Cond
	b    bytes.Buffer
}

func newWriter() *writer {
	w := &writer{}
	w.more.L = &w.mu
	return w
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.more.Broadcast()
	return w.b.Write(p)
}

func (w *writer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// wait waits until the output has a text.
func (w *writer) wait(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !strings.Contains(w.b.String(), text) {
		w.more.Wait()
	}
}

// start runs the program beside the test.
func start(stdin io.Reader, args ...string) (stdout, stderr *writer, done chan int) {
	stdout, stderr, done = newWriter(), newWriter(), make(chan int, 1)
	h := host{
		stdin: stdin, stdout: stdout, stderr: stderr,
		getenv: func(string) string { return "" }, isTerminal: func(io.Writer) bool { return false },
	}
	go func() { done <- run(args, h) }()
	return stdout, stderr, done
}

func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", name, "trace.txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestWatchLive checks that a finding comes while the stream is still open.
func TestWatchLive(t *testing.T) {
	in, out := io.Pipe()
	stdout, stderr, done := start(in, "watch", "--lag", "50ms", "-")
	io.WriteString(out, example(t, "stop-before-handler"))
	stdout.wait("is left awake: ")
	if strings.Contains(stdout.String(), "VIOLATES") {
		t.Error("the answer comes before the end")
	}
	out.Close()
	if code := <-done; code != exitFindings || !strings.Contains(stdout.String(), "<stdin>: VIOLATES") || stderr.String() != "" {
		t.Errorf("exit code %d, %q, %q", code, stdout.String(), stderr.String())
	}
}

// TestWatchGrowing follows a file that grows and is cut short.
func TestWatchGrowing(t *testing.T) {
	text := example(t, "stop-before-handler")
	file := filepath.Join(t.TempDir(), "trace.txt")
	half := strings.Index(text[len(text)/2:], "\n") + len(text)/2 + 1
	if err := os.WriteFile(file, []byte(text[:half]), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, done := start(strings.NewReader(""), "watch", "--lag", "50ms", file)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	io.WriteString(f, text[half:])
	stdout.wait("is left awake: ")
	if err := os.Truncate(file, 10); err != nil {
		t.Fatal(err)
	}
	if code := <-done; code != exitFindings || !strings.Contains(stderr.String(), "was cut short") || !strings.Contains(stdout.String(), "VIOLATES") {
		t.Errorf("exit code %d, %q, %q", code, stdout.String(), stderr.String())
	}
}
