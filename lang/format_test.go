package lang

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestFormat compares with goldens: a txtar file holds in.rps and the formatted text.
func TestFormat(t *testing.T) {
	files, err := filepath.Glob("testdata/format/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no goldens (%v)", err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			a, err := txtar.ParseFile(f)
			if err != nil {
				t.Fatal(err)
			}
			checkFormat(t, f, a.Files[0].Data)
			golden(t, f, a, string(Format(mustParse(t, f, a.Files[0].Data))))
		})
	}
}

// checkFormat checks what holds of every file: the tree stays, every comment stays, and formatting
// twice is formatting once.
func checkFormat(t testing.TB, name string, src []byte) {
	t.Helper()
	m := mustParse(t, name, src)
	once := Format(m)
	again, err := Parse(name, once)
	if err != nil {
		t.Fatalf("%s: the formatted text does not parse: %s\n%s", name, printed(err), once)
	}
	if d := sameTree(m, again); d != "" {
		t.Fatalf("%s: formatting changes the tree (-before +after):\n%s", name, d)
	}
	if twice := Format(again); !bytes.Equal(once, twice) {
		t.Fatalf("%s: formatting twice differs (-once +twice):\n%s", name, cmp.Diff(string(once), string(twice)))
	}
	checkLines(t, name, once)
}

func checkLines(t testing.TB, name string, text []byte) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if strings.TrimRight(line, " \t\r") != line {
			t.Fatalf("%s: formatted line %d ends in white space: %q", name, i+1, line)
		}
	}
	if bytes.Contains(text, []byte("\n\n\n")) || bytes.HasPrefix(text, []byte("\n")) || !bytes.HasSuffix(text, []byte("\n")) {
		t.Fatalf("%s: empty lines left over:\n%s", name, text)
	}
}

func TestFormatGood(t *testing.T) {
	for name, src := range sources(t, "testdata/good/*.rps") {
		checkFormat(t, name, src)
	}
}

// TestFormatAnyLineBreaks takes the line breaks of the author away, then breaks and comments everywhere.
func TestFormatAnyLineBreaks(t *testing.T) {
	for name, src := range sources(t, "testdata/good/*.rps") {
		m := mustParse(t, name, src)
		for _, sep := range []string{" ", "\n", "\n\n\n", " // why\n", "\n// why\n", "\n\n// why\n\n"} {
			var b strings.Builder
			for _, tok := range m.tokens {
				if !tok.isBlank() {
					b.WriteString(tok.Value + sep)
				}
			}
			checkFormat(t, name+" with "+sep, []byte(b.String()))
		}
	}
}

func TestFormatSourceReportsErrors(t *testing.T) {
	out, err := FormatSource("e.rps", []byte("module m\nvar x\n"))
	if err == nil || out != nil {
		t.Errorf("FormatSource of a bad file: %q, %v", out, err)
	}
	bad := []byte("module   m\nvar x\n")
	m, _ := Parse("e.rps", bad)
	if got := Format(m); !bytes.Equal(got, bad) {
		t.Errorf("Format of a bad module changed it to %q", got)
	}
}
