// Package examples_test runs the examples as their READMEs tell a user to, and holds what the command
// says against what is stored beside them.
//
// The commands are the lines of the first ```sh block of an example's README.md. They run in the
// example's folder. All but the last must succeed; what they print together is expected.txt, and the exit
// code of the last is expected.code. With -update both are written anew, and the outputs that the
// project's README.md and those of the examples show with them.
package examples_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the examples print into their expected files")

func TestExamples(t *testing.T) {
	tool := build(t)
	readmes, err := filepath.Glob("*/README.md")
	if err != nil || len(readmes) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, readme := range readmes {
		dir := filepath.Dir(readme)
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			out, code := run(t, tool, dir, commands(t, readme))
			compare(t, filepath.Join(dir, "expected.txt"), out)
			compare(t, filepath.Join(dir, "expected.code"), fmt.Sprintln(code))
		})
	}
}

// TestFolders checks that no folder is left out for want of a README.
func TestFolders(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := os.Stat(filepath.Join(e.Name(), "README.md")); err != nil {
			t.Errorf("an example without a README: %v", err)
		}
	}
}

// shown finds the outputs in a README.md: a marker that names an example, then its output in a block of its
// own, or, for a table, up to an end marker.
var shown = regexp.MustCompile("(?s)(<!-- output of examples/([a-z0-9-]+) -->\n```\n)(.*?)(```\n)|" +
	"(<!-- table of examples/([a-z0-9-]+) -->\n)(.*?)(<!-- end -->\n)")

// TestReadme checks that the READMEs show what the command prints.
func TestReadme(t *testing.T) {
	readmes, err := filepath.Glob("*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range append(readmes, "../README.md") {
		text := read(t, file)
		want := shown.ReplaceAllStringFunc(text, func(block string) string {
			found++
			m := shown.FindStringSubmatch(block)
			return m[1] + m[5] + read(t, filepath.Join(m[2]+m[6], "expected.txt")) + m[4] + m[8]
		})
		if *update {
			write(t, file, want)
		} else if diff := cmp.Diff(want, text); diff != "" {
			t.Errorf("%s is out of date, -update mends it (-want +got)\n%s", file, diff)
		}
	}
	if found == 0 {
		t.Fatal("no README shows the output of an example")
	}
}

// build compiles the command once for all examples.
func build(t *testing.T) string {
	t.Helper()
	look(t)
	tool := filepath.Join(t.TempDir(), "rprocspec")
	if runtime.GOOS == "windows" {
		tool += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", tool, "../cmd/rprocspec").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return tool
}

// look reads every folder that the command may be made of. What a test starts is hidden from go test,
// which would go on showing the cached result after a change.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && path != ".." && d.IsDir() && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// commands gives the lines of the first sh block of a README.
func commands(t *testing.T, readme string) []string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, readme), "```sh\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("%s has no ```sh block", readme)
	}
	return strings.Split(strings.TrimSpace(block), "\n")
}

// run runs commands in dir and gives what they print and the exit code of the last.
func run(t *testing.T, tool, dir string, commands []string) (string, int) {
	t.Helper()
	var stdout bytes.Buffer
	code := 0
	for i, line := range commands {
		words := strings.Fields(line)
		if words[0] != "rprocspec" {
			t.Fatalf("%q does not run rprocspec", line)
		}
		var stderr bytes.Buffer
		cmd := exec.Command(tool, words[1:]...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatalf("%s: %v", line, err)
		}
		code = cmd.ProcessState.ExitCode()
		if stderr.Len() > 0 {
			t.Errorf("%s: says on standard error:\n%s", line, &stderr)
		}
		if code != 0 && i < len(commands)-1 {
			t.Fatalf("%s: exit code %d; only the last command may fail", line, code)
		}
	}
	return stdout.String(), code
}

// compare holds got against a stored file, or stores it.
func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, got)
		return
	}
	if diff := cmp.Diff(read(t, file), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", file, diff)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestVerdicts checks that the stored exit codes are the ones that the READMEs speak of, so that -update
// cannot turn a verdict round unseen.
func TestVerdicts(t *testing.T) {
	words := map[int]string{0: "CONFORMS", 1: "VIOLATES", 3: "INCONCLUSIVE"}
	readmes, err := filepath.Glob("*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, readme := range readmes {
		dir := filepath.Dir(readme)
		code, err := strconv.Atoi(strings.TrimSpace(read(t, filepath.Join(dir, "expected.code"))))
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		text := strings.Join(strings.Fields(read(t, readme)), " ")
		if !strings.Contains(text, fmt.Sprintf("exit code %d", code)) {
			t.Errorf("%s does not say exit code %d", readme, code)
		}
		if all := commands(t, readme); !strings.HasPrefix(all[len(all)-1], "rprocspec validate ") {
			continue
		}
		word := words[code]
		if out := read(t, filepath.Join(dir, "expected.txt")); word == "" || !strings.Contains(out, ": "+word+" ") {
			t.Errorf("%s: exit code %d goes with %q, which expected.txt does not say", dir, code, word)
		}
		if !strings.Contains(text, "`"+word+"`") {
			t.Errorf("%s does not say `%s`", readme, word)
		}
	}
}
