package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
)

const captureLong = `Record on this device what decides a spec, and validate it: rprocspec probes and
rprocspec validate in one. It needs root and tracefs, and restores everything it changed.

It records while COMMAND runs, or for --duration, or until it is interrupted. What COMMAND
prints goes to the standard error, and so does how it failed; the exit code is that of the
verdict. The capture is kept in --output, since findings name lines of it.

  rprocspec capture --duration 60s
  rprocspec capture -o crash.txt -- sh -c 'echo 1 >/sys/kernel/debug/remoteproc/remoteproc0/crash'

`

// captureFlags are the flags of the verb as they are given.
type captureFlags struct {
	probesFlags
	duration time.Duration
	force    bool
	buffer   bufferFlag
	verbose  bool

	format, failOn, color *oneOf
}

func (a *app) captureVerb() *cobra.Command {
	f := &captureFlags{}
	cmd := &cobra.Command{
		Use:   "capture [flags] [-- COMMAND [ARG...]]",
		Short: "Record on this device, and validate the trace",
		Long:  captureLong + exitHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && cmd.ArgsLenAtDash() != 0 {
				return errors.New("capture: put -- before the command to run")
			}
			return a.capture(f, args)
		},
	}
	f.declareRecording(cmd)
	fl := cmd.Flags()
	fl.DurationVar(&f.duration, "duration", 0, "record so long, such as 90s (default: while COMMAND runs, or until interrupted)")
	fl.StringVarP(&f.output, "output", "o", "rprocspec-trace.txt", "keep the capture in `FILE`")
	fl.BoolVarP(&f.force, "force", "f", false, "overwrite FILE")
	f.buffer.declare(cmd, "")
	f.failOn = wordFlag(cmd, "fail-on", "the least severity that makes the exit code 1", "error", "warning")
	f.format = wordFlag(cmd, "format", "what to print", report.Formats()...)
	f.color = wordFlag(cmd, "color", "colour the text", "auto", "always", "never")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print every finding and every kind of record")
	return cmd
}

// capture records and validates.
func (a *app) capture(f *captureFlags, command []string) error {
	if f.duration != 0 && len(command) > 0 {
		return errors.New("capture: give --duration or a command, not both")
	}
	if f.duration < 0 {
		return fmt.Errorf("capture: --duration %v: give a time to come", f.duration)
	}
	script, err := a.recipe(&f.probesFlags)
	if err != nil {
		return err
	}
	args := append([]string{"-o", f.output}, f.buffer.args...)
	if f.force {
		args = append(args, "-f")
	}
	if f.duration > 0 {
		args = append(args, "-d", fmt.Sprint(int((f.duration+time.Second-1)/time.Second)))
	}
	r, err := a.record(script, a.stderr, append(append(args, "--"), command...)...)
	if err != nil {
		return err
	}
	if err := r.wait(); err != nil {
		return err
	}
	v := &validateFlags{spec: f.spec, verbose: f.verbose, format: f.format, failOn: f.failOn, color: f.color}
	return a.validate(v, []string{f.output})
}
