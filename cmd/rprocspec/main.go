// Command rprocspec works with specifications of the Linux remoteproc crash handler: it validates
// traces that kernels recorded, and vets, formats and shows the specifications themselves.
//
// Each verb has a file of its own; this one holds what they share: the run, its output and its exit
// code.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// The exit codes. Of several that apply to the inputs of a run, the first in this order is given.
const (
	exitFindings = 1 // a trace violates, vet finds errors in a spec, a file is not formatted
	exitUsage    = 2 // usage, unreadable input, a spec with errors where one is needed, output that cannot be written
	exitOpen     = 3 // inconclusive
	exitOK       = 0
)

const exitHelp = `Exit codes, the first that applies over all inputs:
  1  findings: a trace violates, vet finds errors in a spec, fmt -l or -d files to format
  2  usage, or input that cannot be read; for all verbs but vet, a spec that has errors
  3  inconclusive: a trace does not decide
  0  none of these
`

func main() { os.Exit(run(os.Args[1:], system())) }

// host is what a run sees of the world.
type host struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	isTerminal     func(w io.Writer) bool
}

// system is the host of a process.
func system() host {
	return host{
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv,
		isTerminal: func(w io.Writer) bool {
			f, ok := w.(*os.File)
			return ok && term.IsTerminal(int(f.Fd()))
		},
	}
}

// app is one run. Verbs write to out, tell errors, and set what the exit code follows from.
type app struct {
	host
	out *bufio.Writer

	findings, failed, open bool

	folders []string // that were given and could be read
	skipped int      // files in folders that are no traces
	tellAll bool     // tell every one of them
}

// run is the whole program: it gives the exit code.
func run(args []string, h host) int {
	a := &app{host: h, out: bufio.NewWriter(h.stdout)}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(h.stdin)
	root.SetOut(a.out)
	root.SetErr(h.stderr)
	if err := root.Execute(); err != nil {
		a.fail(err)
	}
	if err := a.out.Flush(); err != nil {
		a.failed = true
		fmt.Fprintf(h.stderr, "rprocspec: cannot write the output: %v\n", err)
	}
	return a.code()
}

func (a *app) code() int {
	switch {
	case a.findings:
		return exitFindings
	case a.failed:
		return exitUsage
	case a.open:
		return exitOpen
	}
	return exitOK
}

// fail tells an error and makes the run fail. Diagnostics are printed as a compiler does.
func (a *app) fail(err error) {
	a.failed = true
	a.out.Flush() // what was printed before stands before; an error comes again at the end
	var list diag.List
	if errors.As(err, &list) {
		a.diagnose(a.stderr, list)
		return
	}
	fmt.Fprintf(a.stderr, "rprocspec: %s\n", report.Clean(err.Error()))
}

// diagnose prints diagnostics, fit for a terminal.
func (a *app) diagnose(w io.Writer, list diag.List) {
	var b strings.Builder
	diag.Printer{}.Print(&b, list)
	for line := range strings.Lines(b.String()) {
		indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
		text := strings.TrimSuffix(line[len(indent):], "\n")
		fmt.Fprintf(w, "%s%s\n", indent, report.Clean(text))
	}
}

// because names the file in an error, once, and says what the system says of it. nil stays nil.
func because(name string, err error) error {
	if err == nil {
		return nil
	}
	var list diag.List
	if errors.As(err, &list) {
		return err
	}
	var pe *os.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("%s: %w", name, pe.Err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w: the file breaks off; was it copied whole?", err)
	}
	if strings.HasPrefix(err.Error(), name+":") {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}
