package promela_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestHeader runs the commands that the head of a file says, as it says them.
func TestHeader(t *testing.T) {
	tools(t)
	a, err := txtar.ParseFile("testdata/lamp.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, a.Files[1].Name), a.Files[1].Data, 0o666); err != nil {
		t.Fatal(err)
	}
	p, runs := &pan{dir: dir}, 0
	errors := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^ \*   (.*)$`).FindAllStringSubmatch(string(a.Files[1].Data), -1) {
		out, err := p.command("sh", "-c", m[1])
		if err != nil || strings.Contains(out, "arning: n") {
			t.Errorf("%s: %v\n%s", m[1], err, out)
		}
		if i := strings.Index(m[1], "-N "); i > 0 {
			runs++
			errors[m[1][i+3:]] = errorsLine.FindStringSubmatch(out)[1]
		}
	}
	for name, want := range map[string]string{"states": "0", "balance_house": "1", "transitions_light_warning": "1", "night": "1", "deadlock": "0"} {
		if errors[name] != want {
			t.Errorf("%s: %q errors, want %s", name, errors[name], want)
		}
	}
	if want := len(claimsOf(string(a.Files[1].Data))); runs != want {
		t.Errorf("%d commands for %d claims", runs, want)
	}
	out, err := p.command("spin", "-t", "-p", a.Files[1].Name)
	if err != nil || !strings.Contains(out, "proc  2 (on:1)") {
		t.Errorf("the trail is not shown: %v\n%s", err, out)
	}
}
