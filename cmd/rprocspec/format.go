package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/rprocspec/rprocspec/traces/custom"
)

// formatOf makes the user's format of the values of --format-regexp; nil without any.
func formatOf(args []string) (*custom.Format, error) {
	var exprs []string
	for _, arg := range args {
		file, ok := strings.CutPrefix(arg, "@")
		if !ok {
			exprs = append(exprs, arg)
			continue
		}
		more, err := exprsIn(file)
		if err != nil {
			return nil, fmt.Errorf("--format-regexp %s: %w", arg, because(file, err))
		}
		exprs = append(exprs, more...)
	}
	if exprs == nil {
		return nil, nil
	}
	f, err := custom.Parse(exprs)
	var unknown *custom.UnknownGroupError
	if errors.As(err, &unknown) {
		return nil, fmt.Errorf("--format-regexp %w%s", err, meant(unknown.Name, unknown.Groups))
	}
	if err != nil {
		return nil, fmt.Errorf("--format-regexp %w", err)
	}
	return f, nil
}

// exprsIn reads the expressions of a file, one in each line. Empty lines and those with # are left out.
func exprsIn(file string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var exprs []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" && line[0] != '#' {
			exprs = append(exprs, line)
		}
	}
	if exprs == nil {
		return nil, errors.New("it holds no expression")
	}
	return exprs, nil
}

// formatHelp explains --format-regexp in half a minute.
func formatHelp() string {
	var b strings.Builder
	b.WriteString(`A format of your own, such as what a bpftrace program prints, is read with --format-regexp: a
regular expression whose named groups say what stands in a line. It may be given several
times, the first that fits a line counts. What no group says stands behind " => ".

  --format-regexp '^(?P<ns>\d+) (?P<cpu>\d+) (?P<pid>\d+) (?P<event>\S+) ?(?P<args>.*)$'
  --format-regexp '(?P<name>\w+) has crashed => kind=enter func=rproc_report_crash'

`)
	for _, g := range custom.Groups() {
		if g.Meaning != "" {
			fmt.Fprintf(&b, "  %-8s %s\n", g.Name, g.Meaning)
		}
	}
	b.WriteString("  arg_NAME an argument of its own: what NAME is\n\n")
	return b.String()
}
