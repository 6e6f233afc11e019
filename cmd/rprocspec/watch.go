package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/traces/timeline"
	"github.com/rprocspec/rprocspec/validate"
)

const watchLong = `Follow a trace while it is written, for as long as it takes, and print every finding when
it becomes definite and when it is over; at the end, the answer about the whole.

Without FILE it records on this device, as rprocspec capture does, and keeps nothing.
FILE may be a trace_pipe, a file that grows, or - for the standard input. It ends with the
stream, or when it is interrupted. Memory stays constant.

Records are explained when none has come for --lag: what belongs together should be seen
together. A capture that says of itself what it records, as those made by rprocspec do, is
explained at least that often.

  rprocspec watch
  rprocspec watch --format json | jq -c 'select(.event == "finding").news.finding.message'
  ssh device cat /sys/kernel/tracing/trace_pipe | rprocspec watch -

`

// watchFlags are the flags of the verb as they are given.
type watchFlags struct {
	validateFlags
	record probesFlags
	buffer bufferFlag
	lag    time.Duration
}

func (a *app) watchVerb() *cobra.Command {
	f := &watchFlags{}
	cmd := &cobra.Command{
		Use:   "watch [flags] [FILE]",
		Short: "Follow a trace and print findings as they happen",
		Long:  watchLong + exitHelp,
		Args:  cobra.MaximumNArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.watch(f, args) },
	}
	f.declare(cmd)
	fl := cmd.Flags()
	fl.DurationVar(&f.lag, "lag", time.Second, "explain what came when nothing has come for so long")
	f.record.declareLevel(cmd)
	f.buffer.declare(cmd, "without FILE: ")
	return cmd
}

// watch follows one trace.
func (a *app) watch(f *watchFlags, args []string) error {
	if f.lag <= 0 {
		return fmt.Errorf("watch: --lag %v: give a time above zero", f.lag)
	}
	w, err := a.watcher(f)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return a.watchDevice(f, w)
	}
	return a.watchFile(args[0], w)
}

// watcher is a trace that is followed.
type watcher struct {
	*app
	machine *machine.Machine
	opt     validate.Options
	v       *validate.Validator
	out     *report.Live
	name    string
	lag     time.Duration
	failOn  string
	strict  bool
	info    traces.Info // of the last record
	log     bool        // there are lines of a kernel log
	number  int         // of the trace, if the stream holds several
	first   int         // the line where it begins
	before  traces.Info // at its begin
}

// watcher prepares a run: everything that a user can get wrong about spec and flags is told here.
func (a *app) watcher(f *watchFlags) (*watcher, error) {
	opt, err := f.options()
	if err != nil {
		return nil, err
	}
	l, m, err := loadCompiled(f.spec)
	if err != nil {
		return nil, err
	}
	w := &watcher{app: a, machine: m, opt: opt, lag: f.lag, failOn: f.failOn.value, strict: f.strict}
	if w.v, err = validate.New(m, opt); err != nil {
		return nil, err
	}
	w.out, err = report.NewLive(f.format.value, a.out, report.Options{Color: a.colour(f.color.value), Verbose: f.verbose, Spec: reportSpec(l.info)})
	return w, err
}

// watchDevice follows what this device records.
func (a *app) watchDevice(f *watchFlags, w *watcher) error {
	f.record.spec = f.spec
	script, err := a.recipe(&f.record)
	if err != nil {
		return err
	}
	in, out, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := a.record(script, out, append([]string{"-p", "-o", "-"}, f.buffer.args...)...)
	out.Close()
	if err != nil {
		return err
	}
	w.name = "<device>"
	err = w.follow(in, nil)
	if err != nil {
		r.stop()
	}
	return errors.Join(r.wait(), err)
}

// watchFile follows a file, a pipe or the standard input.
func (a *app) watchFile(file string, w *watcher) error {
	w.name = file
	end := make(chan os.Signal, 1)
	signal.Notify(end, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(end)
	if file == "-" {
		w.name = "<stdin>"
		return because(w.name, w.follow(a.stdin, end))
	}
	in, err := os.Open(file)
	if err != nil {
		return because(file, err)
	}
	defer in.Close()
	st, err := in.Stat()
	switch {
	case err != nil:
		return because(file, err)
	case st.IsDir():
		return because(file, errors.New("is a directory; give a file in it"))
	case st.Mode().IsRegular() && st.Size() > 0:
		return because(file, w.follow(&growing{File: in}, end))
	}
	return because(file, w.follow(in, end))
}

// growing is a file that others write to: its end is not the end. A tracefs file has no size and does not
// come here.
type growing struct {
	*os.File
	read int64
}

// growEvery is how often a file is looked at for more.
const growEvery = 200 * time.Millisecond

// Read reads on, and waits for more at the end.
func (g *growing) Read(p []byte) (int, error) {
	for {
		n, err := g.File.Read(p)
		g.read += int64(n)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		if st, err := g.Stat(); err == nil && st.Size() < g.read {
			return 0, errors.New("was cut short while it was followed; follow it anew")
		}
		time.Sleep(growEvery)
	}
}

// message is a record, with what the reader knows of the trace by then.
type message struct {
	rec  *traces.Record
	info traces.Info
}

// follow validates what comes, until the end of the stream or a signal.
func (w *watcher) follow(in io.Reader, end <-chan os.Signal) error {
	messages, failed := make(chan message, 256), make(chan error, 1)
	stop := make(chan struct{})
	defer close(stop)
	go func() { failed <- w.feed(in, messages, stop) }()
	idle := time.NewTimer(w.lag)
	defer idle.Stop()
	var since time.Time // of the first record that is not explained; zero: none
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return w.end(<-failed)
			}
			if err := w.observe(m); err != nil {
				return err
			}
			if m.rec == nil {
				continue
			}
			if since.IsZero() {
				since = time.Now()
			}
			if w.v.Described() && time.Since(since) > w.lag {
				since = time.Now()
				if err := w.tell(w.lag); err != nil {
					return err
				}
			}
			idle.Reset(w.lag)
			continue
		case <-idle.C:
		case <-end:
			return w.end(nil)
		}
		since = time.Time{}
		idle.Reset(w.lag)
		if err := w.tell(0); err != nil {
			return err
		}
	}
}

// observe takes a record. Where another trace begins, as after a boot of the device, the answer about
// the one before is given: nothing of it is known to hold any more. A kernel log tells of several boots in one
// story.
func (w *watcher) observe(m message) error {
	if m.rec == nil || m.rec.Kind != traces.Begin || w.log {
		w.info = m.info
		if m.rec != nil {
			w.log = w.log || m.rec.Source == traces.KernelLog
			w.v.Observe(m.rec)
		}
		return nil
	}
	w.number = max(w.number, 1)
	w.info = m.info
	w.info.Lines = m.rec.Line - 1
	if err := w.close(); err != nil {
		return err
	}
	w.before = w.info
	w.before.Notes = slices.Clone(w.info.Notes)
	w.number, w.first = w.number+1, m.rec.Line
	var err error
	w.v, err = validate.New(w.machine, w.opt)
	return err
}

// feed reads records until the stream ends or nobody wants more.
func (w *watcher) feed(in io.Reader, to chan<- message, stop <-chan struct{}) error {
	defer close(to)
	b := bufio.NewReader(in)
	if how := packed(b); how != "" {
		return fmt.Errorf("is compressed by %s, and what is followed must be as it is written: rprocspec validate reads compressed files, and %s -dc FILE | rprocspec watch - follows one", how, how)
	}
	src, err := open.Live(b, w.name, reading(w.machine))
	if err != nil {
		return err
	}
	r := timeline.New(src, w.name)
	var rec traces.Record
	for {
		if err := r.Read(&rec); err != nil {
			select {
			case to <- message{info: *r.Info()}:
			case <-stop:
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		select {
		case to <- message{rec.Clone(), *r.Info()}:
		case <-stop:
			return nil
		}
	}
}

// packed names the compression of a stream by its first bytes, "" if there is none.
func packed(b *bufio.Reader) string {
	for _, p := range []struct{ magic, name string }{
		{"\x1f\x8b", "gzip"}, {"\x28\xb5\x2f\xfd", "zstd"}, {"\xfd7zXZ\x00", "xz"}, {"BZh", "bzip2"},
	} {
		if start, _ := b.Peek(len(p.magic)); string(start) == p.magic {
			return p.name
		}
	}
	return ""
}

// tell explains what came, but for what is younger than hold, and prints what is new.
func (w *watcher) tell(hold time.Duration) error {
	w.v.Flush(hold)
	for _, n := range w.v.News(w.info.Clock) {
		if s := n.Finding.Severity; s == validate.Error || s == validate.Warning && w.failOn == "warning" {
			w.findings = true
		}
		if err := w.out.News(w.name, n); err != nil {
			return err
		}
	}
	if err := w.app.out.Flush(); err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	return nil
}

// end gives the answer about what came. err says why no more can be read.
func (w *watcher) end(err error) error {
	if err != nil && w.info.Lines == 0 {
		return err
	}
	return errors.Join(w.close(), err)
}

// close gives the answer about the trace that ends here.
func (w *watcher) close() error {
	if err := w.tell(0); err != nil {
		return err
	}
	info := since(&w.info, &w.before)
	if w.strict && info.Malformed > 0 {
		return malformed(w.name, info)
	}
	res := w.v.Close(w.name, info)
	if err := contradicted(w.name, w.v); err != nil {
		return err
	}
	if res.Part, res.FirstLine = w.number, w.first; w.number > 0 && w.first == 0 {
		res.FirstLine = 1
	}
	w.note(res, w.failOn)
	return w.out.Trace(res)
}
