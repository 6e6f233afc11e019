package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/spec"
)

// loaded is a checked spec with the text of every module that it is made of.
type loaded struct {
	info    *check.Info // nil if list has errors
	list    diag.List
	sources map[string][]byte // by lang.Module.File
}

// load finds a spec by the name of a shipped one or by its file, and checks it. The error is about
// finding and reading; what is wrong in the spec stands in the list.
func load(name string) (*loaded, error) {
	l := &loaded{sources: map[string][]byte{}}
	dir, parse := "", l.shipped
	if isFile(name) {
		dir, parse = filepath.Dir(name), l.file
	}
	m, err := parse(name)
	if errors.As(err, &l.list) {
		return l, nil
	}
	if err != nil {
		return nil, err
	}
	var list diag.List
	l.info, list = check.Module(m, func(base string) (*lang.Module, error) { return l.base(dir, base) })
	l.list = append(l.list, list...)
	return l, nil
}

// mustLoad is load for those who cannot go on with a broken spec: its mistakes are the error.
func mustLoad(name string) (*loaded, error) {
	l, err := load(name)
	if err != nil {
		return nil, err
	}
	if l.list.HasErrors() {
		return nil, l.list
	}
	return l, nil
}

// isFile tells a file of the user from the name of a shipped spec.
func isFile(name string) bool {
	return strings.HasSuffix(name, ".rps") || strings.ContainsRune(name, filepath.Separator)
}

// base gives the module that a spec in dir extends: a sibling file, else a shipped one.
func (l *loaded) base(dir, name string) (*lang.Module, error) {
	if dir != "" {
		m, err := l.file(filepath.Join(dir, name+".rps"))
		if !errors.Is(err, fs.ErrNotExist) {
			return m, err
		}
	}
	return l.shipped(name)
}

func (l *loaded) file(name string) (*lang.Module, error) {
	src, err := source(name)
	if err != nil {
		return nil, err
	}
	l.sources[name] = src
	return lang.Parse(name, src)
}

func (l *loaded) shipped(name string) (*lang.Module, error) {
	src, err := source(name)
	if err != nil {
		return nil, err
	}
	m, err := spec.Load(name)
	if m != nil {
		l.sources[m.File] = src
	}
	return m, err
}

// source gives the text of a shipped spec or of a file.
func source(name string) ([]byte, error) {
	if isFile(name) {
		src, err := os.ReadFile(name)
		return lang.Text(src), because(name, err)
	}
	src, ok := spec.Source(name)
	if !ok {
		return nil, fmt.Errorf("there is no shipped spec %q%s (rprocspec specs lists them; a file's name ends in .rps)",
			name, meant(name, spec.Names()))
	}
	return src, nil
}
