package tla_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/internal/tlc"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/spec"
)

// npm is where .ci/run installs the packages.
const npm = "../../../.ci/npm"

// parse reads modules with a grammar that others have written, and gives what it says of them; it skips where that is
// not installed.
func parse(t *testing.T, files map[string]string) string {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: the TLA+ grammar is not tried")
	}
	at, err := filepath.Abs(npm)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(at, "node_modules", "@tlaplus", "tree-sitter-tlaplus")); err != nil {
		t.Skip("@tlaplus/tree-sitter-tlaplus is not in .ci/npm, where .ci/run installs it: the TLA+ grammar is not tried")
	}
	args := []string{"testdata/parse.mjs", at}
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.Command(node, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// modules are the modules of translations, by folder and name. A text that many of them have is there once.
type modules map[string]string

func (ms modules) has(text string) bool {
	for _, other := range ms {
		if other == text {
			return true
		}
	}
	return false
}

// add translates an instance; its configurations must load, and its lines be short.
func (ms modules) add(t *testing.T, dir string, m *machine.Machine, kernel string) {
	t.Helper()
	files, err := tla.Files(m, tla.Options{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range files {
		texts[f.Name] = f.Text
		if strings.HasSuffix(f.Name, ".tla") && !ms.has(f.Text) {
			ms[dir+"/"+f.Name] = f.Text
		}
		for i, l := range strings.Split(f.Text, "\n") {
			if len(l) > 100 && !strings.HasSuffix(f.Name, ".cfg") {
				t.Errorf("%s: %s:%d has %d columns: %s", dir, f.Name, i+1, len(l), l)
			}
		}
	}
	for name := range texts {
		if strings.HasSuffix(name, ".cfg") {
			if _, err := tlc.Load(texts, name); err != nil {
				t.Errorf("%s: %v", dir, err)
			}
		}
	}
}

// TestFrontEnd reads all shipped specifications in all kernels, generated ones, and hard ones.
func TestFrontEnd(t *testing.T) {
	ms := modules{}
	for _, name := range spec.Names() {
		m := spectest.Shipped(t, name)
		for _, k := range m.Info.Kernels {
			ms.add(t, name+"_"+k.Name, m, k.Name)
		}
	}
	for seed := uint64(1); seed < 30; seed++ {
		if m, err := spectest.Compile(spectest.Random(seed)); err == nil {
			ms.add(t, fmt.Sprintf("random%d", seed), m, "")
		}
	}
	for _, s := range special {
		ms.add(t, s.name, compile(t, s.src), "")
	}
	if out := parse(t, ms); out != fmt.Sprintf("0 errors in %d files\n", len(ms)) {
		t.Error(out)
	}
}

// TestFrontEndRefuses checks the test: that the grammar refuses what is no module.
func TestFrontEndRefuses(t *testing.T) {
	out := parse(t, modules{"bad.tla": "---- MODULE bad ----\nx == (1 +\n====\n"})
	if strings.HasPrefix(out, "0 errors") {
		t.Errorf("a broken module is taken: %s", out)
	}
}

func compile(t *testing.T, src string) *machine.Machine {
	t.Helper()
	m, err := spectest.Compile(src)
	if err != nil {
		t.Fatalf("%v\n%s", err, src)
	}
	return m
}
