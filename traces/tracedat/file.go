package tracedat

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// Magic is what every trace.dat file begins with.
const Magic = "\x17\x08\x44tracing"

// file is what a trace.dat file says of itself, without its records.
type file struct {
	src     io.ReaderAt
	size    int64
	order   order
	version string
	page    int // bytes of a page, unless a buffer has its own
	unpack  unpacker
	layout  layout
	formats map[int]*event
	symbols symbols
	comms   comms
	clock   clock
	stats   statsReader
	buffers []*buffer
	text    bool // it holds a buffer as text, of a latency tracer
	notes   []string
}

// buffer is a ring buffer: the top one has no name, the others are instances.
type buffer struct {
	name   string
	clock  string
	at     int64 // version 6: where its table of CPUs is
	page   int
	packed bool
	cpus   []cpuData
}

// cpuData is where the pages of one CPU lie.
type cpuData struct {
	cpu      int
	at, size int64
}

// open reads all but the records.
func open(src io.ReaderAt, size int64) (*file, error) {
	f := &file{src: src, size: size, formats: map[int]*event{}, comms: parseComms("")}
	f.stats.all = map[statsKey]stats{}
	f.unpack, _ = newUnpacker("none")
	f.order = binary.LittleEndian
	c := f.at(0)
	if err := f.head(c); err != nil {
		return nil, err
	}
	if f.version == "7" {
		f.sections(c)
	} else {
		f.sequence(c)
	}
	return f, c.err
}

// at gives a cursor for the file from a place on.
func (f *file) at(at int64) *cursor {
	c := &cursor{order: f.order, at: at}
	if at < 0 || at > f.size {
		c.fail("is behind the end of the file, which has %d bytes", f.size)
		at = f.size
	}
	c.r = bufio.NewReader(io.NewSectionReader(f.src, at, f.size-at))
	return c
}

// Pages of all machines are between these sizes; newer kernels can join some to a larger one.
const (
	minPage = 256
	maxPage = 16 << 20
)

// head reads what both versions begin with.
func (f *file) head(c *cursor) error {
	c.magic(Magic, "magic number")
	f.version = c.text("the version")
	if c.err == nil && f.version != "6" && f.version != "7" {
		return &traces.FormatError{
			Looks: fmt.Sprintf("a trace.dat file of version %q", f.version), Why: "versions 6 and 7 are known",
			Hint: "run `trace-cmd report -t FILE` and give its output",
		}
	}
	big, long := c.number(1, "the byte order"), c.number(1, "the size of a long")
	if big != 0 {
		f.order = binary.BigEndian
		c.order = f.order
	}
	if c.err == nil && long != 4 && long != 8 {
		c.fail("a long of %d bytes", long)
	}
	f.layout = defaultLayout(int(long))
	f.page = pageSize(c, "the page size")
	return c.err
}

// pageSize reads a page size and refuses what no kernel has.
func pageSize(c *cursor, what string) int {
	n := c.u32(what)
	if c.err == nil && (n < minPage || n > maxPage) {
		c.fail("%s is %d", what, n)
	}
	return int(n)
}

// headers reads the formats of pages and of the heads of events.
func (f *file) headers(c *cursor) {
	c.magic("header_page\x00", "header_page")
	page := c.bytes(c.u64("the size of header_page"), "header_page")
	c.magic("header_event\x00", "header_event")
	event := c.bytes(c.u64("the size of header_event"), "header_event")
	if c.err == nil {
		f.layout.read(page)
		if len(event) > 0 && !strings.Contains(string(event), "type_len") {
			c.fail("a ring buffer of a kernel before 2.6.31, whose events have another form")
		}
	}
}

// ftraceFormats reads the formats of the tracers' own events.
func (f *file) ftraceFormats(c *cursor) {
	f.formatList(c, "ftrace")
}

// eventFormats reads the formats of all other events.
func (f *file) eventFormats(c *cursor) {
	for range c.u32("the number of event systems") {
		system := c.text("the name of an event system")
		if c.err != nil {
			return
		}
		f.formatList(c, system)
	}
}

func (f *file) formatList(c *cursor, system string) {
	for range c.u32("the number of events of " + system) {
		text := c.bytes(c.u64("the size of an event format"), "an event format of "+system)
		if c.err != nil {
			return
		}
		if e, ok := parseFormat(system, text); ok {
			e.decoder = decoderOf(e)
			f.formats[e.id] = e
		}
	}
}

// kallsyms reads the addresses of functions.
func (f *file) kallsyms(c *cursor) {
	text := c.bytes(c.u32("the size of kallsyms"), "kallsyms")
	f.symbols = parseSymbols(string(text))
}

// printk steps over the format strings of trace_printk().
func (f *file) printk(c *cursor) {
	c.bytes(c.u32("the size of printk_formats"), "printk_formats")
}

// cmdlines reads the names of tasks.
func (f *file) cmdlines(c *cursor) {
	f.comms = parseComms(string(c.bytes(c.u64("the size of saved_cmdlines"), "saved_cmdlines")))
}

// note keeps something that the user should know.
func (f *file) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}
