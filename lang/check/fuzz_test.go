package check

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang"
)

// FuzzModule checks that no source, right or wrong, makes the checker panic, and that Info is there
// exactly without errors. Modules may extend themselves or the base of the variants.
func FuzzModule(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.rps")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(src))
	}
	base, err := parse("testdata/variants", "base")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 16<<10 {
			return // nothing new in longer ones
		}
		m, _ := lang.Parse("fuzz.rps", []byte(src))
		if m == nil {
			return
		}
		info, list := Module(m, func(name string) (*lang.Module, error) {
			if name == "base" {
				return base, nil
			}
			return nil, errors.New("not here")
		})
		if (info == nil) != list.HasErrors() {
			t.Errorf("Info is nil: %v; errors: %v", info == nil, list)
		}
	})
}

var identRE = regexp.MustCompile(`\b[a-zA-Z_]\w*\b`)

// TestMutations swaps names and takes lines out of modules, which keeps most of them parsable: the
// checker must report and never panic.
func TestMutations(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.rps")
	if err != nil || len(files) == 0 {
		t.Fatal("no modules", err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rounds := 8
	if testing.Short() {
		rounds = 1
	}
	parsed := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for range rounds {
			mutant := mutate(rnd, string(src))
			m, err := lang.Parse(file, []byte(mutant))
			if err == nil {
				parsed++
			}
			checkMutant(t, m, load(filepath.Dir(file)), mutant)
		}
	}
	if parsed == 0 {
		t.Error("no mutant could be parsed: this tests nothing")
	}
}

// mutate makes a few small changes.
func mutate(rnd *rand.Rand, src string) string {
	for range 1 + rnd.IntN(3) {
		if rnd.IntN(4) == 0 {
			lines := strings.Split(src, "\n")
			i := rnd.IntN(len(lines))
			src = strings.Join(slices.Delete(lines, i, i+1), "\n")
			continue
		}
		at := identRE.FindAllStringIndex(src, -1)
		if len(at) == 0 {
			return src
		}
		to, from := at[rnd.IntN(len(at))], at[rnd.IntN(len(at))]
		src = src[:to[0]] + src[from[0]:from[1]] + src[to[1]:]
	}
	return src
}

func checkMutant(t *testing.T, m *lang.Module, load Loader, src string) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("panic: %v\n%s\n%s", p, debug.Stack(), src)
		}
	}()
	info, list := Module(m, load)
	if (info == nil) != list.HasErrors() {
		t.Errorf("Info is nil: %v; errors: %v\n%s", info == nil, list, src)
	}
}
