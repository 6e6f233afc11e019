package spec_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/spec"
)

func manifest(t *testing.T) []spec.Entry {
	t.Helper()
	entries, err := spec.Manifest()
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestManifestListsEveryFile(t *testing.T) {
	var got []string
	for _, e := range manifest(t) {
		got = append(got, e.Name)
	}
	if diff := cmp.Diff(spec.Names(), got); diff != "" {
		t.Errorf("manifest (-files +manifest), it is sorted by name:\n%s", diff)
	}
}

func TestManifestAgrees(t *testing.T) {
	for _, e := range manifest(t) {
		t.Run(e.Name, func(t *testing.T) {
			m, err := spec.Load(e.Name)
			if err != nil {
				t.Fatal(err)
			}
			extends := ""
			if m.Extends != nil {
				extends = m.Extends.Name
			}
			if e.Extends != extends {
				t.Errorf("extends %q, the module extends %q", e.Extends, extends)
			}
			if e.Title == "" || strings.ContainsAny(e.Title, "\n") {
				t.Errorf("the title must be one line: %q", e.Title)
			}
			if e.Origin == "" || len(e.Sources) == 0 || e.Assumptions == nil {
				t.Error("origin, sources and assumptions must be given")
			}
			mailOf(t, e, m.Doc)
		})
	}
}

// mailOf reports a proposal whose module names another author or date than the manifest.
func mailOf(t *testing.T, e spec.Entry, doc string) {
	t.Helper()
	if !strings.HasPrefix(e.Title, "proposal:") {
		return
	}
	author, rest, _ := strings.Cut(e.Origin, ", ")
	date, _, _ := strings.Cut(strings.ReplaceAll(rest, ";", ","), ",")
	if want := author + ", " + date; !strings.Contains(doc, want) {
		t.Errorf("the module does not name the mail %q", want)
	}
}

// The sources of the base stand in its comment; a variant changes no file that the base does not model.
func TestManifestSources(t *testing.T) {
	entries := manifest(t)
	base := entries[0]
	m, err := spec.Load(base.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range base.Sources {
		if !strings.Contains(m.Doc, filepath.Base(s)) {
			t.Errorf("%s: its comment does not name %s", base.Name, s)
		}
	}
	for _, e := range entries[1:] {
		for _, s := range e.Sources {
			if !slices.Contains(base.Sources, s) {
				t.Errorf("%s: %s is not among the sources of %s", e.Name, s, base.Name)
			}
		}
	}
}

// Every variant of the captures has a specification, and none is named that there is not.
func TestManifestCaptures(t *testing.T) {
	dirs, err := filepath.Glob("../../shared/captures/*-*")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) == 0 {
		t.Skip("the captures are not there: nothing to compare with")
	}
	have := map[string]bool{}
	for _, d := range dirs {
		if info, err := os.Stat(d); err == nil && info.IsDir() {
			have[d[strings.LastIndexByte(d, '-')+1:]] = true
		}
	}
	named := map[string]bool{}
	for _, e := range manifest(t) {
		for _, c := range e.Captures {
			named[c] = true
		}
	}
	if diff := cmp.Diff(have, named); diff != "" {
		t.Errorf("variants of captures (-there +named):\n%s", diff)
	}
}
