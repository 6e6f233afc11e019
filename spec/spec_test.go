package spec_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/spec"
)

// load parses and checks one shipped specification.
func load(t *testing.T, name string) *check.Info {
	t.Helper()
	m, err := spec.Load(name)
	if err != nil {
		t.Fatalf("Load(%q): %v", name, err)
	}
	info, diags := check.Module(m, spec.Load)
	for _, d := range diags {
		t.Errorf("%v\n\thint: %s", d, d.Hint)
	}
	if info == nil {
		t.Fatalf("%s has errors", name)
	}
	return info
}

func each(t *testing.T, f func(*testing.T, string)) {
	t.Helper()
	names := spec.Names()
	if len(names) == 0 {
		t.Fatal("no specification is embedded")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) { f(t, name) })
	}
}

func TestChecksWithoutWarnings(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		info := load(t, name)
		if info.Name != name {
			t.Errorf("module is called %s, the file %s.rps", info.Name, name)
		}
		if info.Doc == "" {
			t.Error("the module says nothing of its origin: it has no /// comment")
		}
	})
}

func TestCompiles(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		m, err := machine.Compile(load(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if m.Proc("rproc_report_crash") == nil {
			t.Error("the machine has no rproc_report_crash")
		}
	})
}

func TestFormatted(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		src, ok := spec.Source(name)
		if !ok {
			t.Fatalf("Source(%q): none", name)
		}
		got, err := lang.FormatSource(name, src)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(src), string(got)); diff != "" {
			t.Errorf("not in canonical form (-file +formatted):\n%s", diff)
		}
	})
}

func TestLinesFit(t *testing.T) {
	const limit = 120
	each(t, func(t *testing.T, name string) {
		src, _ := spec.Source(name)
		for i, line := range strings.Split(string(src), "\n") {
			if len(line) > limit {
				t.Errorf("%s.rps:%d: %d bytes, more than %d", name, i+1, len(line), limit)
			}
		}
	})
}

// A pattern that fits every line would swallow all that a processor prints.
func TestPatternsSaySomething(t *testing.T) {
	each(t, func(t *testing.T, name string) {
		for lit, parts := range load(t, name).Patterns {
			says := slices.ContainsFunc(parts, func(p check.Part) bool {
				return p.Kind == check.LiteralPart && strings.TrimSpace(p.Text) != ""
			})
			if !says {
				t.Errorf("%v: %q fits any line", lit.Pos(), lit.Value)
			}
		}
	})
}

func TestKernelsBindEverything(t *testing.T) {
	info := load(t, "remoteproc")
	want := []string{"v5_4", "v5_10", "v5_15", "v6_0", "v6_2", "v6_1_190", "v6_12", "v7_3"}
	var got []string
	for _, k := range info.Kernels {
		got = append(got, k.Name)
		if k.Doc == "" {
			t.Errorf("kernel %s does not say which versions it stands for", k.Name)
		}
		for _, f := range info.Features {
			if _, ok := k.Values[f]; !ok {
				t.Errorf("kernel %s leaves %s open", k.Name, f.Name)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("kernels (-want +got):\n%s", diff)
	}
}

// The numbers of enum rproc_state, by kernel: include/linux/remoteproc.h.
func TestStateNumbers(t *testing.T) {
	m, err := machine.Compile(load(t, "remoteproc"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]int{
		"v5_4":     {"CRASHED": 3, "DELETED": 4},
		"v5_10":    {"CRASHED": 3, "DELETED": 4, "DETACHED": 5},
		"v5_15":    {"CRASHED": 3, "DELETED": 4, "ATTACHED": 5, "DETACHED": 6},
		"v6_2":     {"CRASHED": 3, "DELETED": 4, "ATTACHED": 5, "DETACHED": 6},
		"v6_1_190": {"CRASHED": 3, "ATTACHED": 4, "DETACHED": 5},
		"v6_12":    {"CRASHED": 3, "ATTACHED": 4, "DETACHED": 5},
	}
	enum := m.Info.Lookup("State").Enum
	for _, k := range m.Info.Kernels {
		if want[k.Name] == nil {
			continue
		}
		got := map[string]int{}
		s := kernelState(m, k)
		for i, member := range enum.Members {
			if m.Member(enum, i, s) != 1 || i < 3 {
				continue
			}
			got[member.Name], _, _ = m.Number(enum, i, s)
		}
		if diff := cmp.Diff(want[k.Name], got); diff != "" {
			t.Errorf("numbers in %s (-want +got):\n%s", k.Name, diff)
		}
	}
}

// kernelState is a state in which only the features have values.
func kernelState(m *machine.Machine, k *check.KernelProfile) machine.State {
	s := make(machine.State, m.NumGlobals)
	for f, v := range k.Values {
		s[m.Global(f.Name)] = machine.Val(v)
	}
	return s
}

func TestNamesAndSource(t *testing.T) {
	files, err := filepath.Glob("remoteproc/*.rps")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range files {
		want = append(want, strings.TrimSuffix(filepath.Base(f), ".rps"))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, spec.Names()); diff != "" {
		t.Errorf("Names (-files +got):\n%s", diff)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := spec.Source(strings.TrimSuffix(filepath.Base(f), ".rps"))
		if !bytes.Equal(text, got) {
			t.Errorf("Source does not give the text of %s", f)
		}
	}
}

func TestUnknownName(t *testing.T) {
	if _, ok := spec.Source("../spec_test"); ok {
		t.Error("Source gives a file that is no specification")
	}
	_, err := spec.Load("remoteprok")
	if err == nil || !strings.Contains(err.Error(), "did you mean remoteproc?") {
		t.Errorf("Load of a misspelt name: %v, want a proposal", err)
	}
	_, err = spec.Load("zzzzzzzz")
	if err == nil || !strings.Contains(err.Error(), "remoteproc_quick_patch") {
		t.Errorf("Load of an unknown name: %v, want the list", err)
	}
}
