// Package internal_test checks how the packages of this module may import each other, as Go's own
// go/build/deps_test.go does.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/rprocspec/rprocspec/"

// allowed says what each package may import of this module and of others, tests left out. A name that
// ends in /... stands for the packages below it. The standard library is free for all but what
// forbidden says. A package that is not here may not exist: add it, and docs/design.md, together.
var allowed = map[string][]string{
	"lang/diag":          {},
	"internal/spell":     {},
	"lang":               {"lang/diag", "internal/spell", "github.com/alecthomas/participle/v2/..."},
	"lang/check":         {"lang", "lang/diag", "internal/spell"},
	"lang/machine":       {"lang", "lang/check", "lang/diag"},
	"lang/translate/doc": {"lang", "lang/check", "lang/diag", "lang/machine", "lang/translate/graph"},
	"lang/translate/probes": {
		"lang", "lang/check", "lang/machine", "traces/mark", "github.com/cilium/ebpf/btf",
	},
	"lang/translate/...": {
		"lang", "lang/check", "lang/diag", "lang/machine", "lang/translate/steps",
	},
	"spec": {"lang", "internal/spell"},

	"traces":              {},
	"traces/internal/...": {"traces"},
	"traces/mark":         {},
	"traces/ftrace":       {"traces", "traces/internal/..."},
	"traces/rproc":        {},
	"traces/klog":         {"traces", "traces/rproc", "traces/internal/..."},
	"traces/lttng":        {"traces", "traces/internal/..."},
	"traces/perfetto": {
		"traces", "traces/internal/...",
		"google.golang.org/protobuf/encoding/protowire", "github.com/klauspost/compress/zlib",
	},
	"traces/tracedat": {"traces", "traces/internal/...", "github.com/klauspost/compress/zstd"},
	"traces/custom":   {"traces", "traces/internal/..."},
	"traces/timeline": {"traces"},
	"traces/merge":    {"traces"},
	"traces/open": {
		"traces", "traces/custom", "traces/ftrace", "traces/klog", "traces/lttng", "traces/perfetto", "traces/tracedat", "traces/internal/...",
		"github.com/klauspost/compress/...", "github.com/ulikunitz/xz",
	},

	"validate/story": {"traces", "traces/rproc"},
	"validate":       {"traces", "traces/mark", "traces/rproc", "validate/story", "lang", "lang/check", "lang/diag", "lang/machine", "internal/spell"},
	"modelcheck/itf": {},
	"modelcheck":     {"lang", "lang/check", "lang/diag", "lang/machine", "modelcheck/itf", "internal/spell"},
	"repair":         {"lang", "lang/check", "lang/diag", "lang/machine", "modelcheck"},

	"internal/doctest": {},
	"internal/pftest":  {"traces", "google.golang.org/protobuf/encoding/protowire"},
	"internal/report":  {"validate", "validate/story", "modelcheck"},
	"internal/tlc":     {},
	"internal/spectest": {
		"spec", "lang", "lang/check", "lang/machine", "github.com/google/go-cmp/cmp", "golang.org/x/tools/txtar",
	},
	"cmd/rprocspec": {
		"spec", "lang", "lang/check", "lang/diag", "lang/machine", "lang/translate/...", "traces", "traces/open", "traces/timeline", "traces/merge", "traces/custom",
		"validate", "modelcheck", "modelcheck/itf", "repair", "internal/report", "internal/spell",
		"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term", "github.com/rogpeppe/go-internal/diff",
	},
}

// forbidden are packages of the standard library that only the command and the helpers of tests may use:
// libraries neither log nor parse flags nor run programs.
var forbidden = []string{"log", "log/slog", "flag", "os/exec", "net", "net/http"}

func TestImports(t *testing.T) {
	for pkg, files := range sources(t) {
		rules, ok := lookup(pkg)
		if !ok {
			t.Errorf("package %s has no rule about its imports", pkg)
			continue
		}
		for file, imports := range files {
			for _, imp := range imports {
				if why := refuse(pkg, imp, rules); why != "" {
					t.Errorf("%s: %s", file, why)
				}
			}
		}
	}
}

// refuse says why pkg may not import imp, or nothing.
func refuse(pkg, imp string, rules []string) string {
	own, isOwn := strings.CutPrefix(imp, module)
	switch {
	case !isOwn && !strings.Contains(strings.Split(imp, "/")[0], "."):
		if slices.Contains(forbidden, imp) && !strings.HasPrefix(pkg, "cmd/") && pkg != "internal/spectest" {
			return "only cmd may import " + imp
		}
		return ""
	case matches(rules, own):
		return ""
	}
	return pkg + " may not import " + own
}

func lookup(pkg string) ([]string, bool) {
	if rules, ok := allowed[pkg]; ok {
		return rules, true
	}
	for p, rules := range allowed {
		if matches([]string{p}, pkg) {
			return rules, true
		}
	}
	return nil, false
}

// matches tells whether one of the patterns stands for a package.
func matches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		prefix, below := strings.CutSuffix(p, "/...")
		return p == pkg || below && (pkg == prefix || strings.HasPrefix(pkg, prefix+"/"))
	})
}

// sources gives the imports of every file of the module that is no test, by package and file.
func sources(t *testing.T) map[string]map[string][]string {
	t.Helper()
	all := map[string]map[string][]string{}
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != ".." && (d.Name()[0] == '.' || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		rel := filepath.ToSlash(name)[len("../"):]
		pkg := path.Dir(rel)
		if all[pkg] == nil {
			all[pkg] = map[string][]string{}
		}
		all[pkg][rel], err = importsOf(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("found only %d packages: is the test in its place?", len(all))
	}
	return all
}

func importsOf(name string) ([]string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, imp := range f.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, p)
	}
	return imports, nil
}

// TestRefuse checks the test: that it refuses what architecture forbids.
func TestRefuse(t *testing.T) {
	for _, tt := range [][2]string{
		{"traces", module + "lang"},
		{"traces/ftrace", module + "validate"},
		{"validate", module + "modelcheck"},
		{"modelcheck", module + "validate"},
		{"lang/check", "github.com/alecthomas/participle/v2"},
		{"validate", "github.com/spf13/pflag"},
		{"lang", "log"},
		{"internal/report", module + "lang/check"},
	} {
		if refuse(tt[0], tt[1], allowed[tt[0]]) == "" {
			t.Errorf("%s may import %s", tt[0], tt[1])
		}
	}
}
