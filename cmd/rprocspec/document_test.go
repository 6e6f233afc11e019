package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/doctest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/doc"
	"github.com/rprocspec/rprocspec/spec"
)

// translated gives what the verb writes to standard output.
func translated(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	h, stderr := fake(&out)
	if code := run(append([]string{"translate"}, args...), h); code != exitOK {
		t.Fatalf("translate %v: exit code %d: %s", args, code, stderr)
	}
	return out.String()
}

// TestDocuments: every shipped spec becomes a page and a text without mistakes, whatever the kernel.
func TestDocuments(t *testing.T) {
	kernels := []string{"", "v6_0"}
	if testing.Short() {
		kernels = kernels[1:]
	}
	for _, name := range spec.Names() {
		l, err := mustLoad(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := machine.Compile(l.info)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range kernels {
			in, err := document(l, m, k, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range doctest.HTML(doc.HTML(in)) {
				t.Errorf("%s %s as HTML: %s", name, k, m)
			}
			for _, m := range doctest.Markdown(doc.Markdown(in)) {
				t.Errorf("%s %s as Markdown: %s", name, k, m)
			}
		}
	}
}

// TestDocumentVerdicts: what the document says of the thread's use case 2 is what was measured.
func TestDocumentVerdicts(t *testing.T) {
	text := translated(t, "--to", "markdown", "remoteproc")
	row := regexp.MustCompile(`(?m)^\| stop_before_handler .*$`).FindString(text)
	if got := strings.Fields(strings.ReplaceAll(row, "|", "")); strings.Join(got[1:], " ") != "ok leak leak leak ok ok ok ok" {
		t.Errorf("the row is %q", row)
	}
	for _, want := range []string{
		"* `leak awake` in v5_10, v5_15, v6_0: known; it ought to be `balanced awake`",
		"A run in v6_0, `leak awake`:",
		"After step 19: awake is leaked",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if strings.Contains(text, "NOT") {
		t.Error("something is not expected of a shipped spec")
	}
}

// TestDocumentSurprise: what is not as the spec expects is said loudly.
func TestDocumentSurprise(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wrong.rps")
	text := "module wrong extends remoteproc\nexpect stop_before_handler balanced awake\n"
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	got := translated(t, "--to", "markdown", "--kernel", "v6_0", file)
	for _, want := range []string{"| stop_before_handler     | !leak |", "`leak awake` in v6_0: NOT expected", "Nothing but what is expected."} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%.3000s", want, got)
		}
	}
}
