package main

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rprocspec": main})
}

// TestScript runs testdata/script: every verb as a user types it, with output and exit code. Commands
// run by "exits", since testscript itself only tells failure from success.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "perfetto": perfetto},
	})
}

// exits runs a command and checks its exit code, as in "exits 2 rprocspec validate". Its output can be
// looked at with stdout and stderr afterwards.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// perfetto writes the text trace of its first argument as Perfetto would have recorded it, into the
// second, and beside it, under cut-NAME, one that lacks its last bytes.
func perfetto(ts *testscript.TestScript, _ bool, args []string) {
	in, err := open.Reader(strings.NewReader(ts.ReadFile(args[0])), args[0], traces.Options{})
	ts.Check(err)
	var recs []*traces.Record
	var r traces.Record
	for err == nil {
		if err = in.Read(&r); err == nil {
			recs = append(recs, r.Clone())
		}
	}
	data := pftest.Encode(recs, pftest.Options{})
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o666))
	ts.Check(os.WriteFile(ts.MkAbs("cut-"+args[1]), data[:len(data)-9], 0o666))
}
