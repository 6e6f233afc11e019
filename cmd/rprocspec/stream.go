package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/merge"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/traces/timeline"
	"github.com/rprocspec/rprocspec/validate"
)

// stream is an input while it is read.
type stream struct {
	traces.Reader
	files   []validate.File  // what the lines are counted through, if that is more than one file
	names   []*traces.Record // lines that are read for their names only
	partial string           // why nothing can be concluded
	notes   func() []string  // what to tell in the end
	closers []io.Closer
}

// close closes the files.
func (s *stream) close() {
	for _, c := range s.closers {
		c.Close()
	}
}

// open opens an input.
func (j *judge) open(in input) (*stream, error) {
	s := &stream{notes: func() []string { return nil }}
	err := j.openAll(s, in)
	if err != nil {
		s.close()
		return nil, err
	}
	if in.note != "" {
		notes := s.notes
		s.notes = func() []string { return append(notes(), in.note) }
	}
	s.Reader = timeline.New(s.Reader, in.name)
	return s, nil
}

func (j *judge) openAll(s *stream, in input) (err error) {
	switch {
	case len(in.logs) > 0:
		return j.openJoined(s, in)
	case len(in.files) > 1 || in.cpus != nil:
		return j.openMerged(s, in)
	}
	s.Reader, err = j.openFile(s, in.files[0], in.name)
	return err
}

// openFile opens one file under the name that it has in reports.
func (j *judge) openFile(s *stream, file, name string) (traces.Reader, error) {
	f, size, err := j.input(file)
	if err != nil {
		return nil, because(name, err)
	}
	p := j.progress(f, name, size)
	s.closers = append(s.closers, closer(func() { p.clear(); f.Close() }))
	if j.format != nil {
		r, err := open.Custom(p, name, j.format, j.reading)
		return r, because(name, err)
	}
	r, err := open.Reader(p, name, j.reading)
	return r, because(name, err)
}

type closer func()

func (c closer) Close() error { c(); return nil }

// openMerged reads the files of an input as one trace.
func (j *judge) openMerged(s *stream, in input) error {
	var parts []merge.Part
	before := 0
	for _, file := range in.files {
		n, err := j.lines(file)
		if err != nil {
			return err
		}
		r, err := j.openFile(s, file, file)
		if err != nil {
			return err
		}
		parts = append(parts, merge.Part{Name: file, Reader: r, Lines: n})
		s.files = append(s.files, validate.File{Name: file, FirstLine: before + 1, Lines: n})
		before += n
	}
	m, err := merge.New(parts, in.cpus == nil)
	if err != nil {
		return err
	}
	s.Reader = m
	if in.cpus != nil {
		s.partial = missingCPUs(in, m.Info().CPUs)
	}
	if len(in.files) == 1 {
		s.files = nil
	}
	return nil
}

// lines counts the lines of a file, as its reader does.
func (j *judge) lines(file string) (int, error) {
	s := &stream{}
	defer s.close()
	r, err := j.openFile(s, file, file)
	if err != nil {
		return 0, err
	}
	var rec traces.Record
	for {
		switch err := r.Read(&rec); {
		case err == io.EOF:
			return r.Info().Lines, nil
		case err != nil:
			return 0, because(file, err)
		}
	}
}

// missingCPUs says why the files of some CPUs are not the whole trace; "" if they are.
func missingCPUs(in input, machine int) string {
	have := strings.Trim(strings.ReplaceAll(fmt.Sprint(in.cpus), " ", ", "), "[]")
	const help = "so nothing is concluded; give the files of all CPUs, or tracefs trace"
	switch {
	case machine == 0:
		return fmt.Sprintf("these are the records of CPU %s, and no header tells how many CPUs there are, %s", have, help)
	case len(in.cpus) < machine:
		return fmt.Sprintf("these are the records of CPU %s, of %d CPUs: what happened on the others is missing, %s", have, machine, help)
	}
	for _, file := range in.files {
		if n := dropped(filepath.Join(filepath.Dir(file), "stats")); n > 0 {
			return fmt.Sprintf("%d records were dropped on one CPU (%s), as options/overwrite at 0 does: which ones is not known, so nothing is concluded",
				n, filepath.Join(filepath.Dir(file), "stats"))
		}
	}
	return ""
}

var droppedEvents = regexp.MustCompile(`(?m)^dropped events: (\d+)$`)

// dropped reads how many records a ring buffer has dropped from the stats file beside the trace. There
// need not be one.
func dropped(stats string) int {
	text, err := os.ReadFile(stats)
	if err != nil {
		return 0
	}
	m := droppedEvents.FindSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// input opens a file, or the standard input. The size is 0 if there is no telling.
func (a *app) input(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(a.stdin), 0, nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(name, "*?[") {
		return nil, 0, errors.New("no file matches this pattern")
	}
	if err != nil {
		return nil, 0, err
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = errors.New("is a directory; give the files in it")
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, st.Size(), nil
}
