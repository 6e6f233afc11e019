package probes_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/probes"
)

// recipes writes a recipe for each of a few kernels and levels.
func recipes(t *testing.T, tool string) map[string]string {
	t.Helper()
	p := probes.New(spectest.Shipped(t, "remoteproc"))
	all := map[string]string{}
	for name, opt := range map[string]probes.Options{
		"any":      {},
		"events":   {Level: probes.Events},
		"kprobes":  {Level: probes.Kprobes},
		"4.14":     {Kernel: probes.Version{Major: 4, Minor: 14}},
		"btf":      {Layout: layout(t, p)},
		"full":     {Full: true},
		"full-btf": {Full: true, Layout: layout(t, p)},
	} {
		opt.Version = "test"
		var b strings.Builder
		if err := p.Write(&b, tool, opt); err != nil {
			t.Fatal(err)
		}
		all[name] = b.String()
	}
	return all
}

var rxInstrument = regexp.MustCompile(`(?s)\ninstrument\(\) \{\n(.*?)\n\}\n`)

// TestGolden holds what is recorded, and the head that says what it decides, against testdata/recipes.txtar.
func TestGolden(t *testing.T) {
	file := filepath.Join("testdata", "recipes.txtar")
	var got txtar.Archive
	for _, tool := range probes.Tools() {
		all := recipes(t, tool)
		for _, name := range []string{"any", "events", "kprobes", "4.14", "btf", "full", "full-btf"} {
			text := all[name]
			if m := rxInstrument.FindStringSubmatch(text); m != nil {
				head, _, _ := strings.Cut(text, "\n# shellcheck")
				text = head + "\n" + m[1] + "\n"
			}
			if tool == "tracefs" || name == "any" || name == "events" || name == "btf" && tool == "bpftrace" {
				got.Files = append(got.Files, txtar.File{Name: tool + "/" + name, Data: []byte(text)})
			}
		}
	}
	if *spectest.Update {
		if err := os.WriteFile(file, txtar.Format(&got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(&got))); diff != "" {
		t.Errorf("(-want +got; -update rewrites it)\n%s", diff)
	}
}

// scripts writes all shell scripts to files.
func scripts(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, tool := range []string{"tracefs", "trace-cmd", "perf"} {
		for name, text := range recipes(t, tool) {
			file := filepath.Join(t.TempDir(), tool+"-"+name+".sh")
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}

// TestShells lets shells and shellcheck judge the scripts, without running them.
func TestShells(t *testing.T) {
	files := scripts(t)
	for _, cmd := range [][]string{{"sh", "-n"}, {"dash", "-n"}, {"busybox", "sh", "-n"}, {"bash", "--posix", "-n"}, {"mksh", "-n"}, {"shellcheck", "--severity=style"}} {
		t.Run(cmd[0], func(t *testing.T) {
			if _, err := exec.LookPath(cmd[0]); err != nil {
				t.Skip(cmd[0], "is not installed")
			}
			for _, file := range files {
				if slow := cmd[0] == "shellcheck"; slow && !strings.Contains(file, "-full") && !strings.Contains(file, "-events") {
					continue
				}
				if out, err := exec.Command(cmd[0], append(cmd[1:len(cmd):len(cmd)], file)...).CombinedOutput(); err != nil {
					t.Errorf("%s: %v\n%s", filepath.Base(file), err, out)
				}
			}
		})
	}
}

// TestUsage runs the scripts with what they have to refuse before they touch anything.
func TestUsage(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken")
	if err := os.WriteFile(taken, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	file := scripts(t)[0]
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"-h"}, "usage: sh"},
		{[]string{"-z"}, "usage: sh"},
		{[]string{"-d", "soon"}, "-d soon: give a number"},
		{[]string{"-d", ""}, "-d : give a number"},
		{[]string{"-b", "4M"}, "-b 4M: give a number"},
		{[]string{"-b", "0"}, "-b 0: give the size of a ring buffer in KB"},
		{[]string{"-b", "99999999999"}, "more than a quarter of the memory of this device; give at most "},
		{[]string{"-b", "99999999999999999999999999"}, "more than a quarter of the memory of this device; give at most "},
		{[]string{"-d", "1", "-b", "4096", "-o", taken}, "taken exists"},
		{[]string{"--", "/no/such"}, "/no/such: there is no such command"},
		{[]string{"-d", "5", "--", "true"}, "not both"},
		{[]string{"-o", taken, "-d", "1"}, "taken exists; -f overwrites it"},
	} {
		out, err := exec.Command("sh", append([]string{file}, tt.args...)...).CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(out), tt.want) {
			t.Errorf("%q: %v, %s; want %q", tt.args, err, out, tt.want)
		}
	}
}

// TestSafe checks what a script may never contain, whatever else changes: overwriting the list of probes
// that others have made, and switching what is not its own.
func TestSafe(t *testing.T) {
	rxWrite := regexp.MustCompile(`(?m)^[^#]*\b(put|append) +(\S+|"[^"]*") +"([^"]*)"`)
	for _, tool := range []string{"tracefs", "trace-cmd", "perf"} {
		for name, text := range recipes(t, tool) {
			for _, m := range rxWrite.FindAllStringSubmatch(text, -1) {
				own := strings.HasPrefix(m[3], "$inst/") || strings.HasPrefix(m[3], "$tracefs/instances/$1/") || m[3] == "$1/filter" || m[3] == "$dir/enable"
				list := m[1] == "append" && (m[3] == "$tracefs/$list" || m[3] == "$tracefs/$1")
				if !own && !list {
					t.Errorf("%s/%s writes to %s: %s", tool, name, m[3], m[0])
				}
			}
			if m := regexp.MustCompile(`[^>]>"?\$tracefs`).FindString(text); m != "" {
				t.Errorf("%s/%s overwrites a file of tracefs: %s", tool, name, m)
			}
			for _, must := range []string{"trap restore EXIT", `remove "$self"`, "self=rprocspec_$$", "set -u"} {
				if !strings.Contains(text, must) {
					t.Errorf("%s/%s lacks %s", tool, name, must)
				}
			}
		}
	}
}

func TestWriteUnknown(t *testing.T) {
	if err := probes.New(spectest.Shipped(t, "remoteproc")).Write(&strings.Builder{}, "strace", probes.Options{}); err == nil {
		t.Error("strace is no tool that it knows")
	}
}

func TestParseVersion(t *testing.T) {
	for s, want := range map[string]probes.Version{
		"6.1": {6, 1}, "6.1.0-56-arm64": {6, 1}, "5.10": {5, 10}, "v6_1_190": {6, 1}, "v5.4": {5, 4}, "6.12.117+deb12": {6, 12},
	} {
		if got, err := probes.ParseVersion(s); got != want || err != nil {
			t.Errorf("%s: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", "6", "six", "v6", "0.1", "-1.2", "remoteproc"} {
		if v, err := probes.ParseVersion(s); err == nil {
			t.Errorf("%q: %v", s, v)
		}
	}
}

// Specs of other subjects have recipes as well, with less in them.
func TestOtherSubject(t *testing.T) {
	m, err := spectest.Compile(`module other
subject thing
var x: 0..3 = 0
wakeup w
work item runs thing_work
process thing_work { relax w }
process thing_report { stay_awake w queue item }
process thing_set { x := 1 }
balance w held by thing_report, item
invariant small: x < 2
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range probes.Tools() {
		var b strings.Builder
		if err := probes.New(m).Write(&b, tool, probes.Options{Version: "test"}); err != nil {
			t.Fatal(err)
		}
		if text := b.String(); !strings.Contains(text, "thing_set") || strings.Contains(text, "remoteproc") || strings.Contains(text, "console") {
			t.Errorf("%s: %s", tool, text)
		}
	}
}

var rxReadme = regexp.MustCompile("(?s)(<!-- what rprocspec probes records -->\n```\n)(.*?)(```\n)")

// TestReadme holds what the project's README shows against what the script records.
func TestReadme(t *testing.T) {
	const file = "../../../README.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for line := range strings.Lines(rxInstrument.FindStringSubmatch(recipes(t, "tracefs")["kprobes"])[1]) {
		if event, why, _ := strings.Cut(strings.TrimSpace(line), " # "); event != "machine" {
			want.WriteString(strings.NewReplacer("'", "", " ''", "", "@name", "24", "event ", "event  ").Replace(strings.TrimSuffix(event, " ''")))
			if why != "" {
				want.WriteString("    # " + why)
			}
			want.WriteString("\n")
		}
	}
	m := rxReadme.FindSubmatch(text)
	if m == nil {
		t.Fatal("the README shows no recipe")
	}
	if *spectest.Update {
		text = rxReadme.ReplaceAllLiteral(text, []byte(string(m[1])+want.String()+string(m[3])))
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), string(m[2])); diff != "" {
		t.Errorf("(-script +README; -update rewrites it)\n%s", diff)
	}
}
