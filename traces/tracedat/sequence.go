package tracedat

import "strings"

// sequence reads a file of version 6, in which one part follows the other.
func (f *file) sequence(c *cursor) {
	f.headers(c)
	f.ftraceFormats(c)
	f.eventFormats(c)
	f.kallsyms(c)
	f.printk(c)
	f.cmdlines(c)
	top := &buffer{page: f.page}
	cpus := c.u32("the number of CPUs")
	f.body(c, top, cpus)
	f.buffers = append([]*buffer{top}, f.buffers...)
	for _, b := range f.buffers[1:] {
		if in := f.at(b.at); c.err == nil {
			f.body(in, b, uint64(len(top.cpus)))
			c.err = in.err
		}
	}
}

// body reads options and the table of CPUs, of the file or of one instance.
func (f *file) body(c *cursor, b *buffer, cpus uint64) {
	kind := f.kind(c)
	hasClock := false
	if kind == "options" {
		var count uint64
		if count, hasClock = f.plainOptions(c); count > 0 {
			cpus = count
		}
		kind = f.kind(c)
	}
	switch {
	case c.err != nil:
	case kind == "latency":
		f.text = true
	case kind == "flyrecord":
		f.cpuTable(c, b, cpus)
	default:
		c.fail("%q where flyrecord or latency should stand", kind)
	}
	if hasClock {
		f.trailingClock(c)
	}
}

// kind reads one of the words of ten bytes that tell what follows.
func (f *file) kind(c *cursor) string {
	return strings.TrimRight(string(c.bytes(10, "the kind of what follows")), " \x00")
}

// plainOptions reads options up to one of type 0. cpus is the number that one of them gives, 0
// without one.
func (f *file) plainOptions(c *cursor) (cpus uint64, hasClock bool) {
	for {
		id := c.u16("the type of an option")
		if c.err != nil || id == optDone {
			return cpus, hasClock
		}
		data := c.bytes(c.u32("the size of an option"), "an option")
		in := over(data, f.order, "option")
		switch id {
		case optClock:
			f.option(id, data)
			hasClock = f.clock.name == ""
		case optCPUs:
			cpus = in.u32("the number of CPUs")
		case optBuffer:
			at := in.u64("the place of a buffer")
			f.buffers = append(f.buffers, &buffer{at: int64(at), name: in.text("the name of a buffer"), page: f.page})
		default:
			f.option(id, data)
		}
	}
}

// maxCPUs is the most that Linux can have.
const maxCPUs = 8192

// cpuTable reads where the pages of every CPU lie.
func (f *file) cpuTable(c *cursor, b *buffer, cpus uint64) {
	if cpus > maxCPUs {
		c.fail("%d CPUs, more than %d", cpus, maxCPUs)
		return
	}
	for cpu := range int(cpus) {
		at, size := c.u64("the place of a CPU's data"), c.u64("the size of a CPU's data")
		if c.err != nil {
			return
		}
		b.cpus = append(b.cpus, cpuData{cpu, int64(at), int64(size)})
	}
}

// trailingClock reads the trace_clock that stands behind the table of CPUs. Some old versions of
// trace-cmd announced one and wrote none: then nobody knows.
func (f *file) trailingClock(c *cursor) {
	if c.err != nil {
		return
	}
	text := c.bytes(c.u64("the size of trace_clock"), "trace_clock")
	if c.err == nil {
		f.clock.name = currentClock(string(text))
	}
	c.err = nil
}
