// Package tracedat reads the binary files of trace-cmd, trace.dat of versions 6 and 7, as they are.
//
// # Layout
//
// All numbers are in the byte order that the head names. Strings end with a NUL.
//
//	file     = 17 08 44 "tracing" version:string bigEndian:u8 long:u8 page:u32 (v6 | v7)
//	v6       = headers ftrace events kallsyms printk comms cpus:u32 body
//	v7       = compression:string its-version:string options:u64 { section }
//
//	headers  = "header_page" NUL text64 "header_event" NUL text64
//	ftrace   = list
//	events   = systems:u32 { system:string list }
//	list     = count:u32 { text64 }                   the format file of an event each, see format.go
//	kallsyms = text32                                 /proc/kallsyms
//	printk   = text32                                 printk_formats
//	comms    = text64                                 saved_cmdlines
//	text32   = size:u32 bytes
//	text64   = size:u64 bytes
//
// Version 6 goes on with options and the places of the trace data:
//
//	body     = [ "options  " NUL { id:u16 text32 } 0:u16 ] ( "latency  " NUL text | "flyrecord" NUL data )
//	data     = { at:u64 size:u64 } [ text64 ]         one for each CPU; trace_clock, if an option says so
//
// A BUFFER option leads to the body of an instance. Version 7 has a chain of options sections instead,
// and options lead to all other parts and to the buffers:
//
//	section  = id:u16 flags:u16 name:u32 size:u64 content       flags 1: packed
//	packed   = packed:u32 unpacked:u32 bytes
//	options  = { id:u16 text32 }                                the last one leads to the next section
//	buffer   = at:u64 name:string clock:string page:u32 cpus:u32 { cpu:u32 at:u64 size:u64 }
//	data     = pages | count:u32 { packed }                     at the places that the buffer gives
//
// The data of a CPU are pages of the kernel's ring buffer, see page.go.
//
// Sources: the manual pages trace-cmd.dat.v6(5) and trace-cmd.dat.v7(5) of trace-cmd 3.1.6; Linux 6.12,
// include/linux/ring_buffer.h, kernel/trace/ring_buffer.c and kernel/trace/trace_probe.c.
//
// # Records
//
// The records of all CPUs and buffers come by time, in the order in which trace-cmd report prints them, and
// mean what package ftrace reads from that text. They tell more where the text leaves something out:
// functions have their names, kallsyms being in the file, and the context is known.
//
// Where events of one CPU were lost, nothing of the others is given either until it goes on: one Lost record
// stands for the whole gap. A report shows them, and tells of the loss only behind it.
//
// A file has no lines. Record.Line is the line on which `trace-cmd report` of version 3.1 prints the
// record: 2 for the first one, behind "cpus=N"; lost events take a line as well.
package tracedat

import (
	"errors"
	"fmt"
	"io"

	"github.com/rprocspec/rprocspec/traces"
)

// Reader reads one trace. It implements traces.Reader.
type Reader struct {
	*file
	name  string
	opt   traces.Options
	info  traces.Info
	merge merge
	done  error
	gaps  int // that are open, on all CPUs
	left  int // records left out for that
	num   int // the line of the last record
	extra int // further lines that it takes
}

// New reads the trace of size bytes in src; name stands for it in errors. A file that cannot be read is
// a *traces.FormatError.
func New(src io.ReaderAt, size int64, name string, opt traces.Options) (*Reader, error) {
	f, err := open(src, size)
	if err != nil {
		return nil, refusal(err, name)
	}
	t := &Reader{file: f, name: name, opt: opt, num: 1}
	t.info = traces.Info{Format: "trace.dat", Clock: "integer", Lines: 1}
	if err := t.streams(); err != nil {
		return nil, refusal(err, name)
	}
	t.info.Notes = f.notes
	if t.info.ClockName = f.clock.name; f.clock.seconds() {
		t.info.Clock = "seconds"
	}
	return t, nil
}

// refusal says of a file that cannot be read what helps.
func refusal(err error, name string) error {
	var bad *traces.FormatError
	if !errors.As(err, &bad) {
		if !isDamage(err) {
			return fmt.Errorf("%s: %w", name, err)
		}
		bad = &traces.FormatError{
			Looks: "a damaged trace.dat file of trace-cmd", Why: err.Error(),
			Hint: "copy it again; where a recording broke off, `trace-cmd restore` makes a file of the trace.dat.cpuN that it left",
		}
	}
	bad.File = name
	return bad
}

// Info tells what was read so far.
func (t *Reader) Info() *traces.Info { return &t.info }

// Read fills r with the next record. The end is io.EOF, also that of a damaged file: what cannot be read
// is among the malformed lines of Info, and a loss.
func (t *Reader) Read(r *traces.Record) error {
	for t.done == nil {
		if len(t.merge) == 0 {
			t.end()
			break
		}
		given := t.item(t.merge[0], r)
		if t.done == nil {
			if err := t.merge.advance(); err != nil {
				t.done = fmt.Errorf("%s: %w", t.name, err)
			}
		}
		if given {
			return nil
		}
	}
	return t.done
}

// end ends the trace.
func (t *Reader) end() {
	t.done = io.EOF
	if t.left > 0 {
		t.info.Notes = append(t.info.Notes, fmt.Sprintf("%d records are left out that other CPUs made while one lost some: they may hang on what is missing", t.left))
	}
}

// item turns the current item of a stream into a record and tells whether to give it.
func (t *Reader) item(s *stream, r *traces.Record) bool {
	it := &s.cur
	switch it.what {
	case anEvent:
		return t.event(s, r) && !t.inGap()
	case gapBegins:
		t.gaps++
		return false
	case harm:
		t.malformed(it.damage.Error())
		return false
	case gapEnds:
		t.gaps--
		t.info.Lost += it.count
		if it.told {
			t.nextLine()
		}
	case breaksOff:
		t.malformed(it.damage.Error())
		t.info.Lost++
		t.info.Notes = append(t.info.Notes, fmt.Sprintf("the data of CPU %d breaks off: what other CPUs recorded behind line %d is left out, it may hang on what is missing", s.cpu, t.num))
		t.end()
	}
	t.loss(s, r)
	return true
}

// inGap tells whether a record is to be left out: its CPU recorded it while another one lost some. Alone
// it could show what is not so, such as a wakeup source that nobody lets go.
func (t *Reader) inGap() bool {
	if t.gaps == 0 {
		return false
	}
	t.left++
	return true
}

// loss makes r a record of lost ones.
func (t *Reader) loss(s *stream, r *traces.Record) {
	*r = traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: s.cpu, PID: -1, Time: traces.NoTime,
		Line: t.num, Args: r.Args[:0], LostN: s.cur.lost, Reason: s.cur.reason,
	}
}

// nextLine moves on by what the last record took.
func (t *Reader) nextLine() {
	t.num += 1 + t.extra
	t.extra = 0
	t.info.Lines = t.num
}

// malformed counts something that was not understood.
func (t *Reader) malformed(why string) {
	t.info.Malformed++
	if len(t.info.Bad) < traces.MaxBad {
		t.info.Bad = append(t.info.Bad, traces.BadLine{Line: t.num, Why: why})
	}
}
