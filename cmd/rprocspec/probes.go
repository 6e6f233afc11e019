package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/lang/translate/probes"
	"github.com/rprocspec/rprocspec/spec"
)

const probesLong = `Write the smallest capture recipe that decides a spec: which static tracepoints, and
probes on the functions that change something of which no record tells.

The recipe for tracefs, trace-cmd and perf is a POSIX shell script for the device. It
records to a tracefs instance of its own, checks that every probe took, describes the
capture in the trace, and restores everything, also when it is interrupted. That of
bpftrace is a program, that of perfetto a config.

What a kernel refuses is told and left out; the head of a recipe says what that costs.
With --level events there are no probes, as on a locked-down kernel. With --level
kprobes they print names, by offsets that are the same in every kernel. With --level
args they print variables as well: by the offsets of --btf or --on-device, else by
names, which kernels look up themselves from 6.6 on.

  rprocspec probes >capture.sh; scp capture.sh device:; ssh device sh capture.sh -d 60
  rprocspec probes --btf vmlinux --kernel 5.15 --to trace-cmd -o capture.sh
  rprocspec probes --to bpftrace --full >capture.bt

`

// deviceBTF and deviceRelease are where a kernel describes itself.
const (
	deviceBTF     = "/sys/kernel/btf/vmlinux"
	deviceRelease = "/proc/sys/kernel/osrelease"
)

// probesFlags are the flags that say what to record, as they are given.
type probesFlags struct {
	spec, kernel, btf, output string
	onDevice, full            bool
	to, level                 *oneOf
}

func (a *app) probesVerb() *cobra.Command {
	f := &probesFlags{}
	cmd := &cobra.Command{
		Use:   "probes [flags]",
		Short: "Write a recipe for a capture that decides a spec",
		Long:  probesLong + exitHelp,
		Args:  cobra.NoArgs,
		RunE:  func(*cobra.Command, []string) error { return a.probes(f) },
	}
	f.declareRecording(cmd)
	fl := cmd.Flags()
	fl.StringVar(&f.kernel, "kernel", "", "`RELEASE` of the device's kernel, such as 6.1 (default: any)")
	fl.StringVar(&f.btf, "btf", "", "`FILE` with the BTF of the device's kernel: a copy of its "+deviceBTF+", or vmlinux")
	fl.BoolVar(&f.onDevice, "on-device", false, "this is the device: take release and BTF of the running kernel")
	f.to = wordFlag(cmd, "to", "the tool that records", probes.Tools()...)
	fl.StringVarP(&f.output, "output", "o", "", "write to `FILE` instead of the standard output")
	return cmd
}

// declareRecording declares the flags that all who record have.
func (f *probesFlags) declareRecording(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.spec, "spec", "remoteproc", "`SPEC` to decide: a shipped one, or a .rps file")
	complete(cmd, "spec", spec.Names())
	f.declareLevel(cmd)
}

// declareLevel declares the flags that say how much is recorded.
func (f *probesFlags) declareLevel(cmd *cobra.Command) {
	levels := probes.Levels()
	f.level = wordFlag(cmd, "level", "the most to ask of the kernel when recording", levels[2], levels[1], levels[0])
	cmd.Flags().BoolVar(&f.full, "full", false, "probe every function of the spec: it tells who called, and what was returned")
}

// probes writes the recipe.
func (a *app) probes(f *probesFlags) error {
	if f.onDevice && (f.btf != "" || f.kernel != "") {
		return errors.New("probes: --on-device takes release and BTF of the running kernel: leave out --kernel and --btf")
	}
	p, err := planOf(f.spec)
	if err != nil {
		return err
	}
	opt, err := a.target(p, f)
	if err != nil {
		return err
	}
	if f.output == "" {
		return p.Write(a.out, f.to.value, opt)
	}
	var b strings.Builder
	if err := p.Write(&b, f.to.value, opt); err != nil {
		return err
	}
	return because(f.output, os.WriteFile(f.output, []byte(b.String()), 0o755))
}

// planOf derives what has to be recorded for a spec.
func planOf(name string) (*probes.Plan, error) {
	m, err := compileSpec(name)
	if err != nil {
		return nil, err
	}
	return probes.New(m), nil
}

// target says for which kernel.
func (a *app) target(p *probes.Plan, f *probesFlags) (probes.Options, error) {
	opt := probes.Options{Level: probes.Level(f.level.value), Full: f.full, Version: version()}
	release, btf := f.kernel, f.btf
	if f.onDevice {
		b, err := os.ReadFile(deviceRelease)
		if err != nil {
			return opt, fmt.Errorf("--on-device: %w: is this Linux?", err)
		}
		release, btf = strings.TrimSpace(string(b)), deviceBTF
	}
	var err error
	if release != "" {
		if opt.Kernel, err = probes.ParseVersion(release); err != nil {
			return opt, err
		}
	}
	if btf == "" || opt.Level != probes.Values {
		return opt, nil
	}
	opt.Layout, err = layout(p, btf)
	if err != nil && f.onDevice { // many kernels have none
		fmt.Fprintf(a.stderr, "rprocspec: %v; probes print names only\n", err)
		opt.Level = probes.Kprobes
		return opt, nil
	}
	return opt, err
}

func layout(p *probes.Plan, file string) (*probes.Layout, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, because(file, err)
	}
	defer f.Close()
	return p.FromBTF(f, file)
}
