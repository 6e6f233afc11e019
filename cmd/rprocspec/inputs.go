package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/internal/report"
)

// input is one recording to judge: a file, or several that are read as one.
type input struct {
	name  string   // in reports
	files []string // - is the standard input
	cpus  []int    // of files that hold one CPU each
	dir   string   // the directory that it was found in, if the user did not name it
	logs  []input  // kernel logs that are joined with it
	note  string   // what to tell with its answer
}

// inputs finds what the arguments stand for, in the order of the arguments: files, all files below a
// directory in the order of their names, and patterns that no shell has expanded. Files of the CPUs of
// one ring buffer become one input.
func (a *app) inputs(args []string) []input {
	var all []input
	for _, arg := range args {
		for _, name := range matching(arg) {
			if st, err := os.Stat(name); err == nil && st.IsDir() {
				a.below(name, name, &all)
				continue
			}
			all = append(all, oneFile(name))
		}
	}
	return perCPU(all)
}

// matching expands an argument that is a pattern and no file. One that nothing matches stays what it is, and fails as
// a file that does not exist.
func matching(arg string) []string {
	if _, err := os.Stat(arg); err == nil || !strings.ContainsAny(arg, "*?[") {
		return []string{arg}
	}
	names, err := filepath.Glob(arg)
	if err != nil || len(names) == 0 {
		return []string{arg}
	}
	return names
}

func oneFile(name string) input {
	in := input{name: name, files: []string{name}}
	if name == "-" {
		in.name = "<stdin>"
	}
	return in
}

// below adds the files in a folder and in those below it. Links to folders are not followed, so that
// there is an end.
func (a *app) below(root, dir string, all *[]input) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		a.fail(because(dir, err))
	} else if dir == root {
		a.folders = append(a.folders, dir)
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if e.IsDir() && e.Name()[0] != '.' {
			a.below(root, name, all)
			continue
		}
		if why := passOver(name, e); why != "" {
			a.skip(name, why)
			continue
		}
		in := oneFile(name)
		in.dir = root
		*all = append(*all, in)
	}
}

// passOver says why an entry of a folder is not even opened; "" if it is.
func passOver(name string, e fs.DirEntry) string {
	st, err := os.Stat(name)
	switch {
	case e.Name()[0] == '.':
		return "hidden"
	case err != nil:
		return "a link to nothing"
	case st.IsDir():
		return "a link to a folder; give the folder itself"
	case !st.Mode().IsRegular():
		return "no regular file"
	case st.Size() == 0 && strings.HasPrefix(e.Name(), "trace_pipe"):
		return "reading it waits for records and takes them away; give tracefs trace"
	}
	return ""
}

// maxSkips is how many files that were passed over are told one by one.
const maxSkips = 20

// skip tells that a file in a folder is no input.
func (a *app) skip(name, why string) {
	if a.skipped++; a.skipped <= maxSkips || a.tellAll {
		a.out.Flush()
		fmt.Fprintf(a.stderr, "rprocspec: %s: skipped: %s\n", report.Clean(name), report.Clean(why))
	}
}

// moreSkips tells of those that were not told one by one.
func (a *app) moreSkips() {
	if n := a.skipped - maxSkips; n > 0 && !a.tellAll {
		a.out.Flush()
		fmt.Fprintf(a.stderr, "rprocspec: %d more files were skipped; --verbose lists them\n", n)
	}
}

// cpuFile is the file of one CPU as tracefs has it: per_cpu/cpu3/trace.
var cpuFile = regexp.MustCompile(`^(.*/)?cpu(\d+)/(trace[^/]*)$`)

// perCPU makes one input of the files of the CPUs of one ring buffer, where the first of them stands.
func perCPU(all []input) []input {
	var out []input
	place := map[string]int{}
	for _, in := range all {
		m := cpuFile.FindStringSubmatch(filepath.ToSlash(in.name))
		cpu, err := 0, error(nil)
		if m != nil {
			cpu, err = strconv.Atoi(m[2])
		}
		if m == nil || err != nil {
			out = append(out, in)
			continue
		}
		whole := m[1] + "cpu*/" + m[3]
		i, ok := place[whole]
		if !ok {
			i = len(out)
			place[whole] = i
			out = append(out, input{name: whole, dir: in.dir})
		}
		if !slices.Contains(out[i].files, in.name) {
			out[i].files, out[i].cpus = append(out[i].files, in.name), append(out[i].cpus, cpu)
		}
	}
	for _, i := range place {
		sortByCPU(&out[i])
	}
	return out
}

func sortByCPU(in *input) {
	order := make([]int, len(in.cpus))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(in.cpus[a], in.cpus[b]) })
	var files []string
	var cpus []int
	for _, i := range order {
		files, cpus = append(files, in.files[i]), append(cpus, in.cpus[i])
	}
	in.files, in.cpus = files, cpus
	if len(files) == 1 {
		in.name = files[0]
	}
}
