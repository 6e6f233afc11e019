// Package klog reads kernel log text: dmesg with any of its options, the journal, syslogs, serial
// consoles, and excerpts of them in mails and forums.
//
// Any line may be missing from such a text and any other program's line may stand in it. So every
// line makes a Log record; those of a device carry its name. A text in which no line looks like
// one of the kernel is refused.
package klog

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// Reader reads one log. It implements traces.Reader.
type Reader struct {
	lines *line.Reader
	name  string
	info  traces.Info
	seen  history

	known int             // lines that surely come from the kernel
	clock clock           // of the lines so far
	base  int64           // dmesg -e: the time that deltas count from
	last  int64           // the latest time
	seq   int64           // of the last /dev/kmsg record, -1: none
	back  bool            // the clock has been seen going back
	first traces.BadLine  // the first line that is not empty
	ahead []traces.Record // read but not given; the last may still grow
	done  error
}

// New reads the log r; name stands for it in errors.
func New(r io.Reader, name string, _ traces.Options) (*Reader, error) {
	k := &Reader{lines: line.NewReader(r), name: name, seq: -1, last: traces.NoTime}
	k.info.Format, k.info.Clock = "kernel log", clockNames[noClock]
	return k, nil
}

// Info tells what was read so far.
func (k *Reader) Info() *traces.Info { return &k.info }

// Read fills r with the next record. After the last it gives io.EOF, or a *traces.FormatError if
// nothing in the text looks like the kernel's.
func (k *Reader) Read(r *traces.Record) error {
	for k.done == nil && len(k.ahead) < 2 {
		text, err := k.lines.Next()
		if err != nil {
			k.done = k.end(err)
			break
		}
		k.info.Lines++
		k.line(text)
	}
	if len(k.ahead) == 0 {
		return k.done
	}
	args := r.Args[:0]
	*r = k.ahead[0]
	r.Args = args
	k.ahead = k.ahead[:copy(k.ahead, k.ahead[1:])]
	return nil
}

func (k *Reader) end(err error) error {
	if err != io.EOF {
		return fmt.Errorf("%s:%d: reading: %w", k.name, k.lines.Num(), err)
	}
	if k.known > 0 || k.info.Lines == 0 {
		return err
	}
	k.ahead = nil
	return &traces.FormatError{
		File: k.name, Line: k.first.Line, Looks: "neither a trace nor a kernel log",
		Why:  fmt.Sprintf("none of %d lines has a task and time or names a remoteproc device, the first is %q", k.info.Lines, k.first.Text),
		Hint: "give tracefs `trace`, or the output of `trace-cmd report -t`, `perf script --ns`, `dmesg` or `journalctl -k -o short-monotonic`",
	}
}

// line reads one line. Its record is held back until the next line is known not to continue it.
func (k *Reader) line(text []byte) {
	if text = clean(text); len(text) == 0 || k.continues(text) {
		return
	}
	if k.first.Line == 0 {
		k.first = traces.BadLine{Line: k.lines.Num(), Text: string(text[:min(len(text), 80)])}
	}
	s, rest, known := k.stamp(text)
	if s.format == kmsgField {
		return
	}
	k.record(s, rest, known)
}

// continues joins a hard-wrapped line with the one before: mails wrap at about 72 columns and
// indent the rest with a tab.
func (k *Reader) continues(text []byte) bool {
	if text[0] != '\t' || len(k.ahead) == 0 {
		return false
	}
	last := &k.ahead[len(k.ahead)-1]
	if last.Device == "" || last.Time != traces.NoTime {
		return false
	}
	if _, _, known := prefix(text); known {
		return false
	}
	last.Text += " " + string(bytes.TrimSpace(text))
	return true
}

// record makes a record of a line, unless it is a copy of an earlier one.
func (k *Reader) record(s stamp, text []byte, known bool) {
	driver, device, msg := printk.Split(text)
	if s.clock != noClock && !known { // another program's line
		driver, device, msg = nil, nil, text
	}
	if known || printk.IsCore(device) {
		k.known++
	}
	if s.exact && k.seen.before(s.time, text) {
		k.info.Duplicate++
		return
	}
	if s.clock != noClock {
		k.tick(s)
	}
	k.info.Records++
	k.ahead = append(k.ahead, k.fill(s, driver, device, msg))
}

func (k *Reader) fill(s stamp, driver, device, msg []byte) traces.Record {
	r := traces.Record{
		Kind: traces.Log, Source: traces.KernelLog, CPU: -1, PID: -1,
		Time: traces.NoTime, Line: k.lines.Num(), Level: s.level,
	}
	if s.clock != noClock {
		r.Time = s.time
	}
	if n, reason := printk.Dropped(msg); reason != "" {
		k.info.Lost += max(n, 1)
		r.Kind, r.LostN, r.Reason = traces.Lost, n, reason
	}
	r.Driver, r.Device, r.Text = string(driver), string(device), string(msg)
	return r
}

// tick follows the clock.
func (k *Reader) tick(s stamp) {
	if k.clock == noClock {
		k.clock, k.info.Clock, k.info.Format = s.clock, clockNames[s.clock], s.format
	}
	if s.time < k.last && !k.back {
		k.back = true
		k.info.Notes = append(k.info.Notes, fmt.Sprintf("line %d: time goes back", k.lines.Num()))
	}
	k.last = s.time
}
