package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/rprocspec/rprocspec/lang/translate/probes"
)

// recording is a run of the recipe for tracefs on this device. The recipe itself is a shell script, so
// that what people run by hand and what the verbs run is one thing.
type recording struct {
	cmd     *exec.Cmd
	script  string
	signals chan os.Signal
}

// recipe writes the shell script for this device to a temporary file.
func (a *app) recipe(f *probesFlags) (string, error) {
	if runtime.GOOS != "linux" {
		return "", fmt.Errorf("this is %s: only Linux can be recorded; rprocspec probes writes a recipe for the device", runtime.GOOS)
	}
	p, err := planOf(f.spec)
	if err != nil {
		return "", err
	}
	if os.Geteuid() != 0 {
		return "", errors.New("only root may record: run it as root")
	}
	f.onDevice = true
	opt, err := a.target(p, f)
	if err != nil {
		return "", err
	}
	opt.Judged = true
	if _, err := exec.LookPath("sh"); err != nil {
		return "", errors.New("there is no sh on this device, which the recording needs")
	}
	file, err := os.CreateTemp("", "rprocspec-*.sh")
	if err != nil {
		return "", err
	}
	if err := errors.Join(p.Write(file, probes.Tools()[0], opt), file.Close()); err != nil {
		os.Remove(file.Name())
		return "", err
	}
	return file.Name(), nil
}

// record starts the script. Its own words go to the standard error.
func (a *app) record(script string, out io.Writer, args ...string) (*recording, error) {
	r := &recording{cmd: exec.Command("sh", append([]string{script}, args...)...), script: script, signals: make(chan os.Signal, 4)}
	r.cmd.Stdin, r.cmd.Stdout, r.cmd.Stderr = a.stdin, out, a.stderr
	signal.Notify(r.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	if err := r.cmd.Start(); err != nil {
		r.close()
		return nil, fmt.Errorf("cannot run sh: %w", err)
	}
	go r.forward()
	return r, nil
}

// forward hands signals on to the script, which ends the recording and restores what it changed. An interrupt
// from the terminal it gets itself.
func (r *recording) forward() {
	for s := range r.signals {
		if s != os.Interrupt || !term.IsTerminal(int(os.Stdin.Fd())) {
			r.cmd.Process.Signal(syscall.SIGTERM)
		}
	}
}

// stop asks the script to end.
func (r *recording) stop() { r.cmd.Process.Signal(syscall.SIGTERM) }

// wait waits until everything is restored. The error says that nothing was recorded.
func (r *recording) wait() error {
	err := r.cmd.Wait()
	r.close()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return nil // something could not be recorded, which the script and the capture say
	}
	if errors.As(err, &exit) && !exit.Exited() {
		return fmt.Errorf("nothing was recorded: sh, which ran the recording, ended by %v; what it left behind in tracefs is removed by the script of rprocspec probes with -x", exit)
	}
	if err != nil {
		return errors.New("nothing was recorded, for the reason above")
	}
	return nil
}

func (r *recording) close() {
	signal.Stop(r.signals)
	close(r.signals)
	os.Remove(r.script)
}

// bufferFlag is the size of the ring buffer of each CPU in KB, as it is given: the script knows what the device can
// bear.
type bufferFlag struct{ args []string }

func (b *bufferFlag) declare(cmd *cobra.Command, about string) {
	cmd.Flags().Var(b, "buffer", about+"size of the ring buffer of each CPU in `KB` (default: 4096); all together take a quarter of the memory at most")
}

func (b *bufferFlag) String() string { return "" }
func (b *bufferFlag) Type() string   { return "KB" }

func (b *bufferFlag) Set(s string) error {
	if kb, err := strconv.ParseUint(s, 10, 63); err != nil || kb == 0 {
		return errors.New("give a number of KB above zero")
	}
	b.args = []string{"-b", s}
	return nil
}
