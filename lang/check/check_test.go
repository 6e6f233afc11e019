package check

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// parse reads one module of a folder of testdata.
func parse(dir, name string) (*lang.Module, error) {
	file := filepath.Join(dir, name+".rps")
	src, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s", filepath.Base(file))
	}
	if err != nil {
		return nil, err
	}
	return lang.Parse(file, src)
}

// load gives a Loader over a folder.
func load(dir string) Loader {
	return func(name string) (*lang.Module, error) { return parse(dir, name) }
}

// modules lists the modules of a folder.
func modules(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.rps"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no modules in %s: %v", dir, err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".rps")
	}
	return files
}

// source checks a module without bases that is given as text, and must be right.
func source(t *testing.T, src string) *Info {
	t.Helper()
	m, err := lang.Parse("test.rps", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	info, list := Module(m, nil)
	if list.HasErrors() {
		t.Fatal(list)
	}
	return info
}

// want is one `// want "rx"` of a specification.
type want struct {
	line int
	rx   *regexp.Regexp
	met  bool
}

var wantRE = regexp.MustCompile("// want( [\"`].*[\"`])+$")

// wants reads the `// want "rx" "rx"` comments of a file.
func wants(t *testing.T, file string) []*want {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []*want
	for i, line := range strings.Split(string(src), "\n") {
		if !strings.Contains(line, "// want") {
			continue
		}
		if !wantRE.MatchString(line) {
			t.Fatalf("%s:%d: not understood: %s", file, i+1, line)
		}
		_, text, _ := strings.Cut(line, "// want ")
		for _, rx := range regexp.MustCompile("\"([^\"]*)\"|`([^`]*)`").FindAllStringSubmatch(text, -1) {
			list = append(list, &want{line: i + 1, rx: regexp.MustCompile(rx[1] + rx[2])})
		}
	}
	return list
}

// meet marks the expectation that a diagnostic meets; its hint and related places count as text.
func meet(list []*want, d diag.Diagnostic) bool {
	text := d.String() + " hint: " + d.Hint
	for _, r := range d.Related {
		text += fmt.Sprintf(" related: %d: %s", r.Span.Start.Line, r.Message)
	}
	for _, w := range list {
		if !w.met && w.line == d.Span.Start.Line && w.rx.MatchString(text) {
			w.met = true
			return true
		}
	}
	return false
}

// TestFiles checks every module of testdata: what its `// want` comments say must be reported, on
// their line, and nothing else.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.rps")
	if err != nil || len(files) == 0 {
		t.Fatal("no modules", err)
	}
	for _, file := range files {
		dir, base := filepath.Split(file)
		t.Run(strings.TrimPrefix(file, "testdata/"), func(t *testing.T) {
			m, err := parse(dir, strings.TrimSuffix(base, ".rps"))
			if err != nil {
				t.Fatal(err)
			}
			testModule(t, m, dir)
		})
	}
}

func testModule(t *testing.T, m *lang.Module, dir string) {
	t.Helper()
	expected := wants(t, m.File)
	info, list := Module(m, load(dir))
	for _, d := range list {
		if d.Span.Start.File == m.File && !meet(expected, d) {
			t.Errorf("not expected: %s\n\thint: %s", d, d.Hint)
		}
	}
	for _, w := range expected {
		if !w.met {
			t.Errorf("%s:%d: expected, not reported: %s", m.File, w.line, w.rx)
		}
	}
	if (info == nil) != list.HasErrors() {
		t.Errorf("Info is nil: %v; has errors: %v", info == nil, list.HasErrors())
	}
	if info != nil {
		complete(t, info)
	}
}

// complete checks that the side tables know every expression and name that a machine needs.
func complete(t *testing.T, info *Info) {
	t.Helper()
	see := func(n lang.Node) bool {
		switch n := n.(type) {
		case lang.Expr:
			if _, ok := info.Types[n]; !ok {
				if _, pattern := n.(*lang.StringLit); !pattern {
					t.Errorf("%s: %s has no type", n.Pos(), text(n))
				}
			}
			if name, ok := n.(*lang.Name); ok && info.Uses[name.ID] == nil {
				t.Errorf("%s: %s has no object", n.Pos(), name.ID.Name)
			}
		case *lang.Local:
			if info.Defs[n.Name] == nil {
				t.Errorf("%s: no object", n.Pos())
			}
		}
		return true
	}
	for _, p := range info.Processes {
		lang.Walk(p.Decl, see)
	}
	for _, p := range info.Properties {
		lang.Walk(p, see)
	}
	for _, b := range info.Balances {
		lang.Walk(b, see)
	}
	if info.Explore != nil {
		lang.Walk(info.Explore, see)
	}
	for _, v := range info.Vars {
		lang.Walk(v.Decl, see)
	}
}
