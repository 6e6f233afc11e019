package report

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
	"github.com/rprocspec/rprocspec/validate/story"
)

// TestContract checks that docs/json.md names every field that a result has, and every word that is
// promised there.
func TestContract(t *testing.T) {
	text, err := os.ReadFile("../../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	jsonFields(reflect.TypeFor[validate.Result](), fields)
	jsonFields(reflect.TypeFor[noAnswer](), fields)
	jsonFields(reflect.TypeFor[event](), fields)
	if len(fields) < 30 {
		t.Fatalf("found only %d fields", len(fields))
	}
	for f := range fields {
		if !strings.Contains(string(text), "`"+f+"`") {
			t.Errorf("docs/json.md does not describe %q", f)
		}
	}
	for _, w := range []any{
		validate.Conforms, validate.Violates, validate.Inconclusive, validate.Rejected, validate.BadTransition,
		validate.Unbalanced, validate.BadInvariant, validate.Overdue, validate.Error, validate.Warning, validate.Note,
		story.Unknown, story.Registered, story.Off, story.Up, story.Attached, story.Detached, story.Crashed, story.Recovering, story.Removed,
		story.Registration, story.Boot, story.Attach, story.Stop, story.Detach, story.Crash, story.Recovery, story.Removal, story.Request,
		story.Done, story.Recovered, story.Failed, story.Stopped, story.Unhandled, story.NotRecov, story.Open, story.Interrupted, story.NotShown,
	} {
		word := reflect.ValueOf(w).String()
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("docs/json.md does not mention %q", word)
		}
	}
}

// jsonFields collects the JSON names of the fields of a type and of all types in it.
func jsonFields(typ reflect.Type, names map[string]bool) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		jsonFields(typ.Elem(), names)
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name + " (no json tag)"
			}
			names[name] = true
			jsonFields(f.Type, names)
		}
	}
}
