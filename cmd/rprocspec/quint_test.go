package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
	"github.com/rprocspec/rprocspec/spec"
)

var every = flag.Bool("every", false, "give every shipped spec to Quint in every kernel, not only in some")

// quintTool runs Quint in a directory.
func quintTool(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(spectest.Tool(t, "quint"), args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("quint %s: %v\n%.4000s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// quintFile translates a shipped spec.
func quintFile(t *testing.T, dir, name, kernel string) (file, text string) {
	t.Helper()
	files, err := (&translation{kernel: kernel}).translate("quint", name)
	if err != nil {
		t.Fatal(err)
	}
	file = files[0].name
	if err := os.WriteFile(filepath.Join(dir, file), []byte(files[0].text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file, files[0].text
}

// TestQuintRuns: Quint takes every shipped spec, and every run of a scenario can be followed and keeps what it
// claims. `quint test` checks types and effects before it runs anything.
func TestQuintRuns(t *testing.T) {
	spectest.Tool(t, "quint")
	runs := regexp.MustCompile(`(?m)^  run (\w+)`)
	for _, name := range spec.Names() {
		for _, k := range quintKernels(t, name) {
			t.Run(name+"@"+k, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				file, text := quintFile(t, dir, name, k)
				want := runs.FindAllStringSubmatch(text, -1)
				if len(want) == 0 {
					t.Fatal("no scenario has a run")
				}
				out := quintTool(t, dir, "test", "--backend", "typescript", "--max-samples", "1", file)
				for _, r := range want {
					if !strings.Contains(out, "ok "+r[1]+" passed 1 test") {
						t.Errorf("%s is not in the report:\n%s", r[1], out)
					}
				}
			})
		}
	}
}

// quintKernels lists the kernels that a spec is tried in: all of the core, a new one of the variants.
func quintKernels(t *testing.T, name string) []string {
	m := spectest.Shipped(t, name)
	all := profiles(m)
	switch {
	case *every, name == "remoteproc" && !testing.Short():
		return all
	case testing.Short() && name != "remoteproc":
		return nil
	}
	return all[len(all)-1:]
}

// TestQuintSimulates: what Quint's simulator does at random with shipped specs is what these do, compared in all
// variables and places, and violates no invariant that holds.
func TestQuintSimulates(t *testing.T) {
	spectest.Tool(t, "quint")
	for _, tt := range []struct{ name, kernel string }{
		{"remoteproc", "v6_0"}, {"remoteproc", "v7_3"}, {"remoteproc_wake_count", "v6_0"}, {"remoteproc_pm_runtime", "v6_2"},
	} {
		if testing.Short() && tt.kernel != "v7_3" {
			continue
		}
		t.Run(tt.name+"@"+tt.kernel, func(t *testing.T) {
			t.Parallel()
			quintSimulates(t, tt.name, tt.kernel)
		})
	}
}

func quintSimulates(t *testing.T, name, kernel string) {
	dir, m := t.TempDir(), spectest.Shipped(t, name)
	file, _ := quintFile(t, dir, name, kernel)
	args := []string{
		"run", file, "--backend", "typescript", "--max-samples", "25", "--n-traces", "25", "--max-steps", "90", "--verbosity", "1",
		"--out-itf", "t{seq}.itf.json", "--invariants",
	}
	quintTool(t, dir, append(args, holding(t, m, kernel)...)...)
	files, _ := filepath.Glob(filepath.Join(dir, "t*.itf.json"))
	if len(files) < 25 {
		t.Errorf("the simulator wrote %d behaviours", len(files))
	}
	in, err := m.Instance(kernel)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		followed(t, in, file)
	}
}

// followed fails the test unless a file holds a behaviour of an instance.
func followed(t *testing.T, in *machine.Instance, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := itf.Read(file, text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modelcheck.Follow(context.Background(), in, b, modelcheck.FollowOptions{File: file, Places: places(in), Run: true})
	if err != nil {
		t.Fatal(err)
	}
	if f.Verdict != modelcheck.Holds || f.Compared[len(f.Compared)-1] != "pc" || f.Run.Len() != len(b.States)-1 {
		t.Errorf("%s: %s at %d: %s; compared %q", filepath.Base(file), f.Verdict, f.At, f.Detail, f.Compared)
	}
}

// holding names the invariants of a Quint module that the checker finds to hold.
func holding(t *testing.T, m *machine.Machine, kernel string) []string {
	t.Helper()
	res, err := modelcheck.Check(context.Background(), m, modelcheck.Options{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, j := range res.Space.Judgements {
		switch {
		case j.Verdict != modelcheck.Holds:
		case j.Kind == modelcheck.Deadlock:
			names = append(names, "deadlock_free")
		case j.Kind == modelcheck.Invariant, j.Kind == modelcheck.Balance, j.Kind == modelcheck.Premature, j.Kind == modelcheck.Bounds:
			names = append(names, strings.ReplaceAll(j.Title(), " ", "_"))
		}
	}
	if len(names) == 0 {
		t.Fatalf("nothing holds of %s in %s: the simulation would say nothing", m.Info.Name, kernel)
	}
	return names
}
