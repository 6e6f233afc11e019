package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
)

const (
	lampFile      = "../../docs/lamp.rps"
	translateFile = "../../docs/translate.md"
)

// excerpt is a part of a file that shows how a notation looks: from the first line that matches one expression up to
// the next one that matches another.
type excerpt struct{ file, from, to string }

// shown is what docs/translate.md shows of every notation: turn_off(), what must hold, and what else is its own. A new
// notation has to be added here.
var shown = map[string][]excerpt{
	"markdown": {
		{"lamp.md", "^### How .light.", "^### Variables"},
		{"lamp.md", "^### burning|^### balance burning", "^### goes_out"},
		{"lamp.md", "^### twice", "^  3"},
		{"lamp.md", "^### turn_off", "^## "},
	},
	"html": {
		{"lamp.html", `^<svg`, `^</figure`},
		{"lamp.html", `^<section aria-labelledby="turn_off"`, `^</section`},
	},
	"tla": {
		{"lamp.tla", `^\\\* turn_off\(\), lamp.rps:[0-9]+: lock`, `^\\\* turn_off\(\), lamp.rps:[0-9]+: relax`},
		{"lamp.tla", "^goes_out ==", `^\\\* Whether an activation waits`},
		{"MClamp.cfg", "^CONSTANTS", "^NOTHING"},
	},
	"promela": {
		{"lamp.pml", `^proctype turn_off`, "^init"},
		{"lamp.pml", `^/\* property goes_out`, `^/\* While an activation`},
	},
	"quint": {
		{"lamp.qnt", "^  // lamp.rps:[0-9]+: lock knob", "^  // lamp.rps:[0-9]+: stay_awake"},
		{"lamp.qnt", "^  // lamp.rps:[0-9]+: if looks", "^  // lamp.rps:[0-9]+: relax"},
		{"lamp.qnt", "^  val balance_burning", "^  // ---- scenarios"},
		{"lamp.qnt", "^  run twiceTest", `turn_on_unlock`},
	},
	"itf": {{"twice.itf.json", `^\{`, `"index":4`}},
	"dot": {
		{"lamp_light.dot", "^digraph", "^NOTHING"},
		{"lamp_processes.dot", `label="turn_off"`, "^  }"},
		{"lamp_processes.dot", `^  "turn_off`, "^}"},
	},
	"mermaid": {{"lamp_light.mmd", "^---", "^NOTHING"}},
	"rv": {
		{"lamp_light.dot", "^digraph", "^NOTHING"},
		{"lamp_light.txt", "^Events", "^NOTHING"},
	},
}

// TestTranslateDoc holds docs/translate.md against what the command writes of docs/lamp.rps in every notation that it has.
func TestTranslateDoc(t *testing.T) {
	data, err := os.ReadFile(translateFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, x := range targets {
		if row := "\n| [`" + x.name + "`](#" + x.name + ") |"; !strings.Contains(text, row) {
			t.Errorf("the table lacks a row for %s: what it keeps and loses", x.name)
		}
	}
	const begin, end = "<!-- begin: one spec in all notations -->\n", "<!-- end -->\n"
	head, rest, ok := strings.Cut(text, begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the notations", translateFile)
	}
	want := head + begin + notations(t) + end + tail
	if *spectest.Update {
		if err := os.WriteFile(translateFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("%s is out of date, -update mends it (-want +got)\n%s", translateFile, diff)
	}
}

// notations is the generated part: the lamp, and it in every notation.
func notations(t *testing.T) string {
	src, err := os.ReadFile(lampFile)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n## One spec in all notations\n\n[lamp.rps](lamp.rps):\n\n%s\n", fenced("rps", string(src)))
	fmt.Fprintf(&b, "What follows are parts of the outputs, chosen to be held beside each other: `turn_off`, and what must hold.\n")
	for _, x := range targets {
		b.WriteString(notation(t, x.name, x.about))
	}
	return b.String()
}

func notation(t *testing.T, name, about string) string {
	dir := t.TempDir()
	var out bytes.Buffer
	h, stderr := fake(&out)
	if code := run([]string{"translate", "--to", name, "--kernel", "new", "-o", dir, lampFile}, h); code != exitOK {
		t.Fatalf("--to %s: exit code %d: %s", name, code, stderr)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n```sh\nrprocspec translate --to %s --kernel new -o DIR docs/lamp.rps\n```\n\n%s\n",
		name, strings.ToUpper(about[:1])+about[1:], name, written(t, dir))
	if len(shown[name]) == 0 {
		t.Errorf("nothing is shown of %s: add to shown what docs/translate.md is to show", name)
	}
	last := ""
	for _, e := range shown[name] {
		if e.file != last {
			fmt.Fprintf(&b, "\nOf %s:\n", e.file)
			last = e.file
		}
		b.WriteString("\n" + fenced(language(e.file), e.part(t, dir)))
	}
	return b.String()
}

// written lists the files of a folder with their lengths.
func written(t *testing.T, dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		t.Fatalf("nothing was written: %v", err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, fmt.Sprintf("* %s, %d lines", e.Name(), bytes.Count(read(t, dir, e.Name()), []byte("\n"))))
	}
	return strings.Join(all, "\n")
}

func read(t *testing.T, dir, name string) []byte {
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// part cuts an excerpt out of its file; lines that are too long are cut, too.
func (e excerpt) part(t *testing.T, dir string) string {
	lines := strings.Split(strings.TrimRight(string(read(t, dir, e.file)), "\n"), "\n")
	from, to := regexp.MustCompile(e.from), regexp.MustCompile(e.to)
	first := slices.IndexFunc(lines, from.MatchString)
	if first < 0 {
		t.Fatalf("%s has no line %s", e.file, e.from)
	}
	lines = lines[first:]
	if n := slices.IndexFunc(lines[1:], to.MatchString); n >= 0 {
		lines = lines[:n+1]
	}
	for i, l := range lines {
		if utf8.RuneCountInString(l) > 120 {
			lines[i] = string([]rune(l)[:119]) + "…"
		}
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// language is the name under which a file is coloured.
func language(file string) string {
	return map[string]string{".md": "markdown", ".html": "html", ".tla": "tla", ".pml": "promela", ".qnt": "quint", ".json": "json", ".dot": "dot"}[filepath.Ext(file)]
}

func fenced(language, text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + language + "\n" + text + fence + "\n"
}
