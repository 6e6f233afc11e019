package tracedat

import (
	"cmp"
	"slices"

	"github.com/rprocspec/rprocspec/traces"
)

// The types of options. In version 7 the same numbers stand for the sections that options lead to.
const (
	optDone    = 0
	optDate    = 1
	optStats   = 2
	optBuffer  = 3
	optClock   = 4
	optOffset  = 7
	optCPUs    = 8
	optShift   = 12
	optTSC     = 14
	optHeaders = 16
	optFtrace  = 17
	optEvents  = 18
	optSymbols = 19
	optPrintk  = 20
	optComms   = 21
	optText    = 22
)

// sections reads a file of version 7: c stands behind the page size. Options sections form a chain;
// all other sections are where an option says.
func (f *file) sections(c *cursor) {
	packing := c.text("the name of the compression")
	c.text("the version of the compression")
	next := c.u64("the place of the options")
	if c.err == nil && next == 0 {
		c.fail("there are no options: the recording was not finished")
	}
	if c.err != nil {
		return
	}
	unpack, ok := newUnpacker(packing)
	if !ok {
		c.err = &traces.FormatError{
			Looks: "a trace.dat file of trace-cmd", Why: "it is compressed with " + packing + ", and only zstd and zlib are known",
			Hint: "run `trace-cmd report -t FILE` and give its output",
		}
		return
	}
	f.unpack = unpack
	f.chain(c, next)
	slices.SortStableFunc(f.buffers, func(a, b *buffer) int { // the top buffer first
		return cmp.Compare(min(len(a.name), 1), min(len(b.name), 1))
	})
}

// chain reads one section of options after the other. In a damaged file they may lead in a circle.
func (f *file) chain(c *cursor, next uint64) {
	for seen := map[uint64]bool{}; next != 0 && c.err == nil; {
		if seen[next] {
			c.at = int64(next)
			c.fail("the sections of options lead in a circle")
			return
		}
		seen[next] = true
		in, _ := f.section(int64(next), optDone, "options")
		next = f.options(in)
		c.err = in.err
	}
}

// section opens the section at a place, unpacked if it is packed. Packed trace data stays as it is.
func (f *file) section(at int64, want uint64, what string) (c *cursor, packed bool) {
	c = f.at(at)
	id, flags := c.u16("a section"), c.u16("the flags of a section")
	c.u32("the name of a section")
	c.u64("the size of a section")
	packed = flags&1 != 0
	if c.err == nil && id != want {
		c.at = at
		c.fail("a section of type %d, where %s (%d) should stand", id, what, want)
	}
	if c.err == nil && packed && want != optBuffer {
		c = f.unpacked(c, what)
	}
	return c, packed
}

func (f *file) unpacked(c *cursor, what string) *cursor {
	length, size := c.u32("the packed size of "+what), c.u32("the unpacked size of "+what)
	b := c.bytes(length, what)
	if c.err != nil {
		return c
	}
	whole, err := f.unpack(b, size)
	if err != nil {
		c.at -= int64(length)
		c.fail("%s cannot be unpacked: %v", what, err)
		return c
	}
	return over(whole, f.order, what)
}

// options reads one section of them and gives the place of the next one, 0 if there is none.
func (f *file) options(c *cursor) (next uint64) {
	for {
		id := c.u16("the type of an option")
		data := c.bytes(c.u32("the size of an option"), "an option")
		if c.err != nil {
			return 0
		}
		in := over(data, f.order, "option")
		switch id {
		case optDone:
			next = in.u64("the place of the next options")
		case optBuffer:
			f.buffer(in)
		default:
			f.lead(id, in)
			f.option(id, data)
		}
		if in.err != nil {
			c.err = in.err
		}
		if id == optDone || c.err != nil {
			return next
		}
	}
}

// lead follows an option that is the place of a section. Without names records can still be read.
func (f *file) lead(id uint64, in *cursor) {
	for _, s := range [...]struct {
		id      uint64
		what    string
		read    func(*cursor)
		without string
	}{
		{optHeaders, "header formats", f.headers, ""},
		{optFtrace, "ftrace event formats", f.ftraceFormats, ""},
		{optEvents, "event formats", f.eventFormats, ""},
		{optSymbols, "kallsyms", f.kallsyms, "functions have no names"},
		{optComms, "command lines", f.cmdlines, "tasks have no names"},
	} {
		if s.id != id {
			continue
		}
		c, _ := f.section(int64(in.u64("the place of "+s.what)), id, s.what)
		if s.read(c); c.err != nil && s.without != "" {
			f.note("%s: %v", s.without, c.err)
		} else {
			in.err = c.err
		}
	}
}

// option reads an option that stands for itself. One that is not known says nothing about records.
func (f *file) option(id uint64, data []byte) {
	switch id {
	case optDate:
		f.clock.addDate(string(data))
	case optOffset:
		f.clock.addOffset(string(data))
	case optStats:
		f.stats.read(string(data))
	case optClock:
		if name := currentClock(string(data)); name != "" {
			f.clock.name = name
		}
	case optTSC:
		f.clock.tsc(over(data, f.order, "option"))
	case optShift:
		f.note("times are those of the guest itself: its shift to the host (TIME_SHIFT) is left out")
	case optText:
		f.text = true
	}
}

// buffer reads where the data of one buffer lies.
func (f *file) buffer(in *cursor) {
	b := &buffer{at: int64(in.u64("the place of a buffer"))}
	b.name, b.clock = in.text("the name of a buffer"), in.text("the clock of a buffer")
	b.page = pageSize(in, "the page size of a buffer")
	count := in.u32("the number of CPUs")
	if in.err == nil && count > maxCPUs {
		in.fail("%d CPUs, more than %d", count, maxCPUs)
	}
	for range count {
		cpu, at, size := in.u32("a CPU"), in.u64("the place of a CPU's data"), in.u64("the size of a CPU's data")
		if in.err != nil {
			return
		}
		b.cpus = append(b.cpus, cpuData{int(cpu), int64(at), int64(size)})
	}
	f.buffers = append(f.buffers, b)
	if in.err == nil && count > 0 {
		var c *cursor
		c, b.packed = f.section(b.at, optBuffer, "trace data")
		in.err = c.err
	}
}
