package lang

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rprocspec/rprocspec/lang/diag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// sources gives the specs of a folder by name.
func sources(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %s (%v)", pattern, err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = src
	}
	return out
}

func mustParse(t testing.TB, file string, src []byte) *Module {
	t.Helper()
	m, err := Parse(file, src)
	if err != nil {
		t.Fatalf("Parse(%s): %s", file, printed(err))
	}
	return m
}

// printed gives an error of Parse in full.
func printed(err error) string {
	l, ok := err.(diag.List)
	if !ok {
		return fmt.Sprintf("not a diag.List but %T: %v", err, err)
	}
	var b strings.Builder
	if err := (diag.Printer{Max: -1}).Print(&b, l); err != nil {
		return err.Error()
	}
	return b.String()
}

// sameTree compares two modules regardless of where their nodes stand.
func sameTree(a, b *Module) string {
	return cmp.Diff(a, b,
		cmpopts.IgnoreTypes(diag.Span{}),
		cmpopts.IgnoreFields(Module{}, "File", "source", "tokens"),
		cmp.Exporter(func(reflect.Type) bool { return true }),
	)
}

// dump writes a node as an indented list of types and fields, spans and zero values left out.
func dump(n Node) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(n), 0)
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value, depth int) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if id, ok := v.Interface().(Ident); ok {
		fmt.Fprintf(b, "%s\n", id.Name)
		return
	}
	if v.Kind() != reflect.Struct {
		fmt.Fprintf(b, "%#v\n", v.Interface())
		return
	}
	fmt.Fprintf(b, "%s\n", v.Type().Name())
	dumpFields(b, v, depth+1)
}

func dumpFields(b *strings.Builder, v reflect.Value, depth int) {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch {
		case name == "declBase":
			dumpFields(b, f, depth)
		case !v.Type().Field(i).IsExported() || f.IsZero() || name == "File":
		case f.Kind() == reflect.Slice:
			for j := range f.Len() {
				fmt.Fprintf(b, "%s%s[%d]: ", strings.Repeat("  ", depth), name, j)
				dumpValue(b, f.Index(j), depth)
			}
		default:
			fmt.Fprintf(b, "%s%s: ", strings.Repeat("  ", depth), name)
			dumpValue(b, f, depth)
		}
	}
}
