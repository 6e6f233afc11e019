package quint_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/quint"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// run runs Quint and fails the test if it does not like what it gets.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(spectest.Tool(t, "quint"), args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("quint %s: %v\n%s", strings.Join(args, " "), err, head(string(out)))
	}
	return string(out)
}

func head(s string) string { return s[:min(len(s), 4000)] }

func module(t *testing.T, m *machine.Machine, kernel string) (name, text string) {
	t.Helper()
	name, text, err := quint.Module(m, quint.Options{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	return name, text
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestTypecheck: the real front end takes modules of all kinds, and their types and effects.
func TestTypecheck(t *testing.T) {
	spectest.Tool(t, "quint")
	dir := t.TempDir()
	for name, src := range odd {
		m, err := spectest.Compile(src)
		if err != nil {
			t.Fatal(err)
		}
		file, text := module(t, m, "")
		write(t, dir, file+".qnt", text)
		t.Run(name, func(t *testing.T) { run(t, dir, "typecheck", file+".qnt") })
	}
	// Generated ones go into one file: most of the time is the start of the tool.
	var all strings.Builder
	for seed, n := uint64(1), 0; n < 8 && !testing.Short(); seed++ {
		m, err := spectest.Compile(spectest.Random(seed))
		if err != nil {
			continue
		}
		_, text := module(t, m, "")
		all.WriteString(strings.Replace(text, "module test {", fmt.Sprintf("module test%d {", seed), 1))
		n++
	}
	if all.Len() > 0 {
		write(t, dir, "random.qnt", all.String())
		run(t, dir, "typecheck", "random.qnt")
	}
}

// TestSimulate: what the simulator does at random is what the spec does, and violates nothing that holds.
func TestSimulate(t *testing.T) {
	spectest.Tool(t, "quint")
	tried := 0
	for seed := uint64(100); tried < 4 && !testing.Short(); seed++ {
		m, err := spectest.Compile(spectest.Random(seed))
		if err != nil {
			continue
		}
		tried++
		simulate(t, m, "", 10)
	}
	m, err := spectest.Compile(odd["spawn"])
	if err != nil {
		t.Fatal(err)
	}
	simulate(t, m, "", 20)
}

// simulate runs the simulator, and follows every behaviour that it finds.
func simulate(t *testing.T, m *machine.Machine, kernel string, traces int) {
	t.Helper()
	dir := t.TempDir()
	name, text := module(t, m, kernel)
	write(t, dir, name+".qnt", text)
	in, err := m.Instance(kernel)
	if err != nil {
		t.Fatal(err)
	}
	n := fmt.Sprint(traces)
	args := []string{
		"run", name + ".qnt", "--backend", "typescript", "--max-samples", n, "--n-traces", n, "--max-steps", "40",
		"--verbosity", "1", "--out-itf", "t{seq}.itf.json", "--invariants",
	}
	run(t, dir, append(args, holding(t, m, kernel)...)...)
	files, _ := filepath.Glob(filepath.Join(dir, "t*.itf.json"))
	if len(files) == 0 {
		t.Error("the simulator wrote no behaviour")
	}
	places, err := quint.Places(m, kernel)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		follow(t, in, file, places)
	}
}

// follow fails the test unless a file holds a behaviour of an instance, compared in the places of activations too.
func follow(t *testing.T, in *machine.Instance, file string, places func(string) []*machine.Node) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := itf.Read(file, text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := modelcheck.Follow(context.Background(), in, b, modelcheck.FollowOptions{File: file, Places: places, Run: true})
	if err != nil {
		t.Fatal(err)
	}
	if f.Verdict != modelcheck.Holds || f.Compared[len(f.Compared)-1] != in.PlacesName() {
		t.Fatalf("%s at %d: %s; compared %q, ignored %q, instead %v\n%s", f.Verdict, f.At, f.Detail, f.Compared, f.Ignored, f.Instead, head(string(text)))
	}
	if f.Run.Len() > len(b.States)-1 {
		t.Errorf("%d steps for %d states", f.Run.Len(), len(b.States))
	}
}

// holding names the invariants that the checker finds to hold.
func holding(t *testing.T, m *machine.Machine, kernel string) []string {
	t.Helper()
	x, err := modelcheck.Explore(context.Background(), m, modelcheck.Options{Kernel: kernel})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, j := range x.Judgements {
		switch {
		case j.Verdict != modelcheck.Holds:
		case j.Kind == modelcheck.Deadlock:
			names = append(names, "deadlock_free")
		case j.Kind == modelcheck.Invariant, j.Kind == modelcheck.Balance, j.Kind == modelcheck.Premature, j.Kind == modelcheck.Bounds:
			names = append(names, strings.ReplaceAll(j.Title(), " ", "_"))
		}
	}
	return names
}
