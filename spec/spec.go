// Package spec holds the specifications that rprocspec ships, embedded as text.
//
// A specification is known by the name of its module, which is also the name of its file. The manifest
// of a family says what each one describes and what it takes for granted; a test keeps it true.
package spec

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/internal/spell"
	"github.com/rprocspec/rprocspec/lang"
)

//go:embed remoteproc/*.rps remoteproc/manifest.json
var files embed.FS

const (
	family       = "remoteproc"
	manifestFile = family + "/manifest.json"
	ending       = ".rps"
)

// Names lists the shipped specifications, sorted; a base sorts before its variants.
func Names() []string {
	entries, err := files.ReadDir(family)
	if err != nil {
		panic("spec: " + err.Error()) // embedded: cannot fail
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ending); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Source gives the text of a shipped specification, false if there is none of that name.
func Source(name string) ([]byte, bool) {
	if !slices.Contains(Names(), name) {
		return nil, false
	}
	src, err := files.ReadFile(file(name))
	return src, err == nil
}

// Load parses a shipped specification. The positions in it name the file as it lies in the source tree
// below spec/. It is not checked; Load serves as the loader of package check.
func Load(name string) (*lang.Module, error) {
	src, ok := Source(name)
	if !ok {
		return nil, unknown(name)
	}
	return lang.Parse(file(name), src)
}

func file(name string) string { return path.Join(family, name+ending) }

func unknown(name string) error {
	if near := spell.Nearest(name, Names()); near != "" {
		return fmt.Errorf("no specification %s is shipped: did you mean %s?", name, near)
	}
	return fmt.Errorf("no specification %s is shipped: there are %s", name, strings.Join(Names(), ", "))
}

// Entry is what the manifest says of one specification.
type Entry struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`              // one line
	Extends     string   `json:"extends,omitempty"`  // the module that it changes
	Origin      string   `json:"origin"`             // kernel versions, or the mail that proposed it
	Sources     []string `json:"sources"`            // kernel files
	Assumptions []string `json:"assumptions"`        // beyond those of the module that it extends
	Captures    []string `json:"captures,omitempty"` // variants of the shipped captures that ran it
	Counts      []Count  `json:"counts,omitempty"`   // what an exact exploration finds, by kernel
}

// Count is how large the instance of `explore` is in a kernel, every state counted: what TLC reports of the translated
// modules as well.
type Count struct {
	Kernel  string `json:"kernel"`
	States  int    `json:"states"`  // distinct
	Initial int    `json:"initial"` // distinct
	Depth   int    `json:"depth"`   // of the deepest state; an initial one has 1
}

// Manifest gives the entries of the shipped specifications, in the order of Names.
func Manifest() ([]Entry, error) {
	text, err := files.ReadFile(manifestFile)
	if err != nil {
		return nil, err
	}
	var m struct {
		Specs []Entry `json:"specs"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestFile, err)
	}
	return m.Specs, nil
}
