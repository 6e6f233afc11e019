package klog

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

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
	first traces.BadLine  // the first line that is not empty
	ahead []traces.Record // read but not given; the last may still grow
	done  error

	known     int  // lines that surely come from the kernel
	lastLine  int  // where the last record stood
	lastKnown bool // it was surely the kernel's

	stamped bool     // a line of the kernel has had a time of its own
	clock   clock    // of the kernel's lines so far
	last    [3]int64 // the latest time of each clock
	base    int64    // dmesg -e: the time that deltas count from
	seq     int64    // of the last /dev/kmsg record, −1: none
	back    bool     // the clock has been seen going back
	outer   stamp    // the time that a box gives to the line in it

	boot    string // journal: the boot of the last entry
	booting bool   // the last line was one of the first that a kernel prints
	core    bool   // a line of a remote processor has come since the last seam
	seams   int
	damaged int // lines with bytes that are no text

	at      int    // the line of a message in a box, 0: the current one
	open    *entry // a box of several lines
	boxed   bool   // there has been one
	export  fields
	data    binaryField
	long    stamp // logcat -v long: the last head
	longTag []byte

	held      []byte // the line so far, before a soft break of quoted-printable
	heldAt    int
	joined    int  // how much of the line came from before its last soft break
	printable bool // "=3D" stands for one byte
}

// New reads the log r; name stands for it in errors.
func New(r io.Reader, name string, _ traces.Options) (*Reader, error) {
	k := &Reader{lines: line.NewReader(r), name: name, seq: -1, last: [3]int64{traces.NoTime, traces.NoTime, traces.NoTime}}
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
			k.finish()
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

// finish reads what is still open at the end.
func (k *Reader) finish() {
	if k.held != nil {
		k.cut(append(k.held, '='), k.heldAt)
		k.held = nil
	}
	k.data = binaryField{}
	k.endEntry()
	if k.damaged > 0 {
		k.info.Notes = append(k.info.Notes, fmt.Sprintf("%d lines hold bytes that are no text: a damaged memory console, or a wrong baud rate", k.damaged))
	}
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
		Why:     fmt.Sprintf("none of %d lines has a task and time or names a remoteproc device, the first is %q", k.info.Lines, k.first.Text),
		Hint:    "give tracefs `trace`, or the output of `trace-cmd report -t`, `perf script --ns`, `dmesg` or `journalctl -k -o short-monotonic`",
		NoTrace: true,
	}
}

// line reads one line of the file.
func (k *Reader) line(text []byte) {
	if k.info.Lines == 1 {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
	}
	if k.data.key == "" {
		var whole bool
		if text, whole = k.soft(bytes.TrimLeft(text, "\r")); !whole {
			return
		}
		if len(text) == 0 {
			k.endEntry()
			k.longTag = nil
			return
		}
	}
	if k.first.Line == 0 {
		k.first = traces.BadLine{Line: k.lines.Num(), Text: string(text[:min(len(text), 80)])}
	}
	if !k.box(text) {
		k.cut(text, 0)
	}
}

// cut reads the parts of a line that carriage returns separate; at is its number if it is not the
// current one.
func (k *Reader) cut(text []byte, at int) {
	k.at = at
	for part := range bytes.SplitSeq(text, []byte{'\r'}) {
		k.piece(part)
	}
	k.at = 0
}

// piece reads a line as a console shows it. Its record is held back until the next line is known not to
// continue it. Where newlines got lost, one line holds several.
func (k *Reader) piece(text []byte) {
	if text = k.wash(text); len(text) == 0 {
		return
	}
	if text, _ = k.continues(text); len(text) == 0 {
		return
	}
	if k.apart(text) {
		return
	}
	for range maxParts {
		s, rest, known := k.head(text)
		if s.format == kmsgField {
			return
		}
		k.stamped = k.stamped || known && s.clock != noClock
		if s.clock == noClock && k.outer.clock != noClock {
			level := s.level
			s = k.outer
			s.level = level
		}
		var next []byte
		if known {
			rest, next = part(rest)
		}
		k.record(s, rest, known)
		if text = next; text == nil {
			return
		}
	}
}

// maxParts bounds how many lines of the kernel one line of the file may hold.
const maxParts = 10000

// part cuts a message before the next one that follows it on the same line.
func part(text []byte) (this, next []byte) {
	if _, at, _ := inner(text); at > 0 {
		return beforeLevel(text[:at]), text[at:]
	}
	if core(text) {
		if i := bytes.Index(text[1:], []byte("remoteproc remoteproc")); i > len("remoteproc") && core(text[1+i:]) {
			return beforeLevel(text[:1+i]), text[1+i:]
		}
	}
	return text, nil
}

// beforeLevel drops the "<3>" that stood before the next message.
func beforeLevel(b []byte) []byte {
	b = bytes.TrimRight(b, " ")
	if i := bytes.LastIndexByte(b, '<'); i >= 0 && len(b)-i <= 5 {
		if rest, level := priority(append(bytes.Clone(b[i:]), ' ')); level != "" && len(rest) == 1 {
			return bytes.TrimRight(b[:i], " ")
		}
	}
	return b
}

// wash cleans a line and notices bytes that no text holds.
func (k *Reader) wash(text []byte) []byte {
	text, ascii := wash(text)
	if !ascii && !utf8.Valid(text) {
		k.damaged++
	}
	return text
}

// apart reads lines that are about the log and not of it.
func (k *Reader) apart(text []byte) bool {
	switch {
	case announced(text):
		k.seam(k.num(), "another boot begins")
	case elided(text):
		k.info.Lost++
		k.ahead = append(k.ahead, traces.Record{
			Kind: traces.Lost, Source: traces.KernelLog, CPU: -1, PID: -1, Time: traces.NoTime, Line: k.num(), Reason: "left out",
		})
	default:
		return false
	}
	return true
}

// elided tells whether a line stands for others that somebody left out.
func elided(text []byte) bool {
	if len(text) > 16 {
		return false
	}
	switch string(bytes.ToLower(bytes.TrimSpace(text))) {
	case "...", "....", "…", "[...]", "[…]", "(...)", "<snip>", "[snip]", "-- snip --", "--- snip ---", "<cut>", "[cut]":
		return true
	}
	return false
}

// num is the number of the line that is being read.
func (k *Reader) num() int {
	if k.at > 0 {
		return k.at
	}
	return k.lines.Num()
}

// record makes a record of a line, unless it is a copy of an earlier one.
func (k *Reader) record(s stamp, text []byte, known bool) {
	driver, device, msg := printk.Split(text)
	isCore := ofCore(driver, device)
	if !known && (s.clock != noClock || !isCore && printk.IsCore(device)) { // another program's line
		driver, device, msg, isCore = nil, nil, text, false
	}
	if known || isCore {
		k.known++
	}
	if s.exact && k.seen.before(s.time, text) {
		k.info.Duplicate++
		k.booting = k.booting || bootLine(msg)
		return
	}
	if known || isCore {
		k.tick(s, msg)
	}
	k.core = k.core || isCore
	k.info.Records++
	k.lastLine, k.lastKnown = k.lines.Num(), known
	k.ahead = append(k.ahead, k.fill(s, driver, device, msg))
}

func (k *Reader) fill(s stamp, driver, device, msg []byte) traces.Record {
	r := traces.Record{
		Kind: traces.Log, Source: traces.KernelLog, CPU: -1, PID: -1,
		Time: traces.NoTime, Line: k.num(), Level: s.level,
	}
	if s.clock != noClock && (s.clock == k.clock || k.clock == noClock) {
		r.Time = s.time
	}
	if n, reason := printk.Dropped(msg); reason != "" {
		k.info.Lost += max(n, 1)
		r.Kind, r.LostN, r.Reason = traces.Lost, n, reason
	}
	r.Driver, r.Device, r.Text = string(driver), string(device), string(msg)
	return r
}

// tick follows the clock of the kernel's lines. The kernel's own time is preferred to the date that
// another program has put before it.
func (k *Reader) tick(s stamp, text []byte) {
	k.reboots(s, text)
	if s.clock == noClock {
		return
	}
	if k.clock == noClock || k.clock == date && s.clock == seconds {
		k.clock, k.info.Clock, k.info.Format = s.clock, clockNames[s.clock], s.format
	}
	if s.time < k.last[s.clock] && !k.back {
		k.back = true
		k.info.Notes = append(k.info.Notes, fmt.Sprintf("line %d: time goes back", k.num()))
	}
	k.last[s.clock] = s.time
}
