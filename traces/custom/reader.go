package custom

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// Reader reads one file of a user's format. It implements traces.Reader.
type Reader struct {
	lines  *line.Reader
	name   string
	format *Format
	opt    traces.Options
	info   traces.Info
	done   error
}

// New reads the text r as format says; name stands for it in errors.
func New(r io.Reader, name string, format *Format, opt traces.Options) *Reader {
	return &Reader{
		lines: line.NewReader(r), name: name, format: format, opt: opt,
		info: traces.Info{Format: "given by --format-regexp", Clock: "none"},
	}
}

// Info tells what was read so far.
func (c *Reader) Info() *traces.Info { return &c.info }

// Read fills r with the next record. After the last it gives io.EOF, or a *traces.FormatError if no
// line fits.
func (c *Reader) Read(r *traces.Record) error {
	for c.done == nil {
		text, err := c.lines.Next()
		if err != nil {
			c.done = c.end(err)
			break
		}
		c.info.Lines++
		if c.line(text, r) {
			return nil
		}
	}
	return c.done
}

func (c *Reader) end(err error) error {
	if err != io.EOF {
		return fmt.Errorf("%s:%d: reading: %w", c.name, c.lines.Num(), err)
	}
	if c.info.Records > 0 || c.info.Malformed == 0 {
		return err
	}
	bad := c.info.Bad[0]
	return &traces.FormatError{
		File: c.name, Line: bad.Line, Looks: fmt.Sprintf("no text of this format: of %d lines not one was understood", c.info.Lines),
		NoTrace: true, Why: bad.Why, Hint: "compare --format-regexp with this line: " + strconv.Quote(bad.Text),
	}
}

var (
	lostLine  = regexp.MustCompile(`^\s*Lost (\d+) events\b`) // of bpftrace
	otherLine = regexp.MustCompile(`^\s*(#.*|Attach(ing|ed) (to )?\d+ probes?.*|)$`)
)

// line reads one line and tells whether it made a record to return.
func (c *Reader) line(text []byte, r *traces.Record) bool {
	got := c.format.match(text)
	if got == nil {
		if m := lostLine.FindSubmatch(text); m != nil {
			c.info.Records++
			return c.lost(r, string(m[1]))
		}
		if !otherLine.Match(text) {
			c.malformed(text, "no --format-regexp fits")
		}
		return false
	}
	if err := c.record(got, r); err != nil {
		c.malformed(text, err.Error())
		return false
	}
	c.info.Records++
	if r.Kind == traces.Lost {
		return c.lost(r, got["lost"])
	}
	return r.Kind != traces.Other || !c.opt.SkipOther
}

func (c *Reader) lost(r *traces.Record, count string) bool {
	n, _ := strconv.Atoi(count)
	*r = traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Line: c.lines.Num(),
		Args: r.Args[:0], LostN: n, Reason: "lost",
	}
	c.info.Lost += max(n, 1)
	return true
}

const badText = 200 // bytes of a bad line that are kept

func (c *Reader) malformed(text []byte, why string) {
	c.info.Malformed++
	if len(c.info.Bad) < traces.MaxBad {
		c.info.Bad = append(c.info.Bad, traces.BadLine{Line: c.lines.Num(), Why: why, Text: string(bytes.TrimRight(text[:min(len(text), badText)], "\r"))})
	}
}

// record makes a record of the groups of a line.
func (c *Reader) record(got map[string]string, r *traces.Record) error {
	*r = traces.Record{Source: traces.Tracepoint, CPU: -1, PID: -1, Time: traces.NoTime, Line: c.lines.Num(), Args: r.Args[:0]}
	if err := c.kind(got, r); err != nil {
		return err
	}
	if err := c.where(got, r); err != nil {
		return err
	}
	return c.what(got, r)
}

// kind finds out what a line tells of.
func (c *Reader) kind(got map[string]string, r *traces.Record) error {
	if name, ok := got["event"]; ok {
		r.Kind, r.Func, r.Event = event(name)
		if r.Kind == traces.Other && c.opt.Events[r.Event] {
			r.Kind = traces.Event
		}
	}
	if word, ok := got["kind"]; ok {
		kind, ok := kindWords[strings.ToLower(word)]
		if !ok {
			return fmt.Errorf("kind %q is none of %s", word, strings.Join(kindNames(), ", "))
		}
		r.Kind = kind
	}
	if _, ok := got["event"]; !ok && r.Kind == traces.Other && got["kind"] == "" {
		r.Kind = traces.Log // a text alone
	}
	switch {
	case r.Kind == traces.Enter || r.Kind == traces.Exit:
		r.Source = traces.Kprobe
	case r.Kind == traces.Mark:
		r.Source = traces.Marker
	case r.Kind == traces.Log && r.Event != "console":
		r.Source = traces.KernelLog // nobody says that all lines are there
	}
	return nil
}

// where reads time, CPU and task.
func (c *Reader) where(got map[string]string, r *traces.Record) (err error) {
	if r.Time, err = c.time(got); err != nil {
		return err
	}
	if r.CPU, err = count(got, "cpu"); err != nil {
		return err
	}
	if r.PID, err = count(got, "pid"); err != nil {
		return err
	}
	r.Comm = strings.TrimSpace(got["comm"])
	r.Context, err = context(got["context"])
	return err
}

// count reads a number that is not negative; -1 if it is not there.
func count(got map[string]string, group string) (int, error) {
	text, ok := got[group]
	if !ok {
		return -1, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		return -1, fmt.Errorf("%s %q is no number", group, text)
	}
	return n, nil
}

// units are the groups of times that are whole numbers.
var units = map[string]int64{"ns": 1, "us": 1_000, "ms": 1_000_000}

func (c *Reader) time(got map[string]string) (int64, error) {
	for group, unit := range units {
		text, ok := got[group]
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/unit {
			return traces.NoTime, fmt.Errorf("%s %q is no whole number", group, text)
		}
		c.info.Clock = "seconds"
		return n * unit, nil
	}
	text, ok := got["time"]
	if !ok {
		return traces.NoTime, nil
	}
	t, clock, err := seconds(strings.TrimSpace(text))
	if err == nil {
		c.info.Clock = clock
	}
	return t, err
}

// seconds reads 12.345678 as nanoseconds, and 12 as it is.
func seconds(text string) (t int64, clock string, err error) {
	whole, frac, dot := strings.Cut(text, ".")
	if strings.Trim(whole+frac, "0123456789") != "" {
		return traces.NoTime, "", fmt.Errorf("time %q is no number of seconds", text)
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 {
		return traces.NoTime, "", fmt.Errorf("time %q is no number of seconds", text)
	}
	if !dot {
		return n, "integer", nil
	}
	f, err := strconv.ParseInt((frac + "000000000")[:9], 10, 64)
	if err != nil || f < 0 || frac == "" || n > math.MaxInt64/1_000_000_000-1 {
		return traces.NoTime, "", fmt.Errorf("time %q is no number of seconds", text)
	}
	return n*1_000_000_000 + f, "seconds", nil
}

// flagChars are the characters that any kernel prints in the flags of a line.
const flagChars = ".dDbXnNpBLlhHsSzZ0123456789acef#"

// context reads a context by its name or as ftrace's flags show it.
func context(text string) (traces.Context, error) {
	switch strings.ToLower(text) {
	case "":
		return traces.NoContext, nil
	case "process", "task":
		return traces.Process, nil
	case "softirq":
		return traces.SoftIRQ, nil
	case "hardirq", "irq":
		return traces.HardIRQ, nil
	case "nmi":
		return traces.NMI, nil
	}
	if len(text) < 3 || len(text) > 8 || strings.Trim(text, flagChars) != "" {
		return traces.NoContext, fmt.Errorf("context %q is none of process, softirq, hardirq, nmi, and no flags of ftrace", text)
	}
	switch text[2] {
	case 's':
		return traces.SoftIRQ, nil
	case 'h', 'H':
		return traces.HardIRQ, nil
	case 'z', 'Z':
		return traces.NMI, nil
	}
	return traces.Process, nil
}

// what reads what the kind of the record has.
func (c *Reader) what(got map[string]string, r *traces.Record) error {
	r.Func = function(first(strings.TrimSpace(got["func"]), r.Func))
	switch r.Kind {
	case traces.Enter, traces.Exit:
		if r.Func == "" {
			return errors.New("no function: name a group func")
		}
		c.arguments(got, r)
	case traces.Queue, traces.Start, traces.End:
		if r.Work = either(got, "work", "work"); strings.HasPrefix(r.Work, "(") {
			r.Work = "" // (____ptrval____) is of every item
		}
		if r.Func = first(r.Func, function(either(got, "func", "function"))); r.Func == "" {
			return errors.New("no function: name a group func")
		}
	case traces.EdgeOn, traces.EdgeOff:
		return edge(got, r)
	case traces.Log:
		driver, device, text := printk.Split(printk.TrimTime([]byte(first(got["text"], got["args"]))))
		r.Driver, r.Device, r.Text, r.Level = string(driver), string(device), string(text), got["level"]
		if d := got["device"]; d != "" {
			r.Device = d
		}
	case traces.Mark:
		r.Text = got["text"]
	case traces.Event:
		r.Text = first(got["text"], got["args"])
		c.arguments(got, r)
	}
	return nil
}

// function drops an offset, and what compilers add to the names of parts and clones.
func function(name string) string {
	if i := strings.IndexAny(name, "+."); i >= 0 {
		return name[:i]
	}
	return name
}

func edge(got map[string]string, r *traces.Record) error {
	if r.Name = either(got, "name", "name"); r.Name == "" {
		return errors.New("no wakeup source: name a group name")
	}
	text := either(got, "counter", "state")
	if text == "" {
		return nil
	}
	n, err := strconv.ParseUint(strings.TrimSpace(text), 0, 32)
	if err != nil {
		return fmt.Errorf("counter %q is no number", text)
	}
	r.Counter, r.HasCtr = uint32(n), true
	return nil
}

// either gives a group, or else what args has under a name.
func either(got map[string]string, group, name string) string {
	if v := strings.TrimSpace(got[group]); v != "" {
		return v
	}
	for _, m := range argRX.FindAllStringSubmatch(got["args"], -1) {
		if m[1] == name {
			return strings.Trim(m[2], `"`)
		}
	}
	return ""
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// arguments collects what a probe shows: names as strings, the rest as it is written.
func (c *Reader) arguments(got map[string]string, r *traces.Record) {
	for _, group := range []string{"name", "device"} {
		add(r, group, got[group])
	}
	add(r, "ret", got["ret"])
	for _, group := range slices.Sorted(maps.Keys(got)) {
		if name, ok := strings.CutPrefix(group, argument); ok {
			add(r, name, got[group])
		}
	}
	for _, m := range argRX.FindAllStringSubmatch(got["args"], -1) {
		add(r, m[1], m[2])
	}
}

var argRX = regexp.MustCompile(`([A-Za-z_]\w*)=("[^"]*"|[^\s,]*)`)

// add adds an argument, unless it could not be read. A name is a string, quoted or not.
func add(r *traces.Record, name, value string) {
	a := traces.Arg{Name: name, Value: strings.TrimSpace(value), Quote: name == "name" || name == "device"}
	if n := len(a.Value); n >= 2 && a.Value[0] == '"' && a.Value[n-1] == '"' {
		a.Value, a.Quote = a.Value[1:n-1], true
	}
	if a.Value != "" && a.Value != "(null)" && a.Value != "(fault)" {
		r.Args = append(r.Args, a)
	}
}
