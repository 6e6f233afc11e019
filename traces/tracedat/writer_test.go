package tracedat

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// parts are what a trace.dat file is made of.
type parts struct {
	version string // 6 or 7
	big     bool
	long    int
	page    int
	packing string // 7: none, zlib, zstd
	pieces  int    // 7: how many pages go into a packed piece, at least 1

	headerPage, headerEvent string
	systems                 []system // ftrace first
	kallsyms, printk, comms string
	clock                   string // content of trace_clock
	options                 []option
	buffers                 []bufferParts
}

type system struct {
	name    string
	formats []string
}

type option struct {
	id   uint16
	data []byte
}

type bufferParts struct {
	name, clock string
	cpus        []cpuParts
}

type cpuParts struct {
	cpu   int
	pages []byte
}

// writer writes numbers and strings in the byte order of a file.
type writer struct {
	bytes.Buffer
	order byteOrder
}

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func (w *writer) u16(n uint16) { w.Write(w.order.AppendUint16(nil, n)) }
func (w *writer) u32(n int)    { w.Write(w.order.AppendUint32(nil, uint32(n))) }
func (w *writer) u64(n int)    { w.Write(w.order.AppendUint64(nil, uint64(n))) }
func (w *writer) str(s string) { w.WriteString(s + "\x00") }

func (w *writer) text32(s string) {
	w.u32(len(s))
	w.WriteString(s)
}

func (w *writer) text64(s string) {
	w.u64(len(s))
	w.WriteString(s)
}

func (w *writer) align(n int) {
	for w.Len()%n != 0 {
		w.WriteByte(0)
	}
}

// patch overwrites 8 bytes.
func (w *writer) patch(at, n int) { w.order.PutUint64(w.Bytes()[at:], uint64(n)) }

func (p *parts) order() byteOrder {
	if p.big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (p *parts) writer() *writer { return &writer{order: p.order()} }

// make gives the bytes of the file.
func (p *parts) make(t testing.TB) []byte {
	w := p.writer()
	w.WriteString(Magic)
	w.str(p.version)
	w.Write([]byte{0, byte(p.long)})
	if p.big {
		w.Bytes()[w.Len()-2] = 1
	}
	w.u32(p.page)
	if p.version == "6" {
		p.sequence(w)
	} else {
		p.sections(t, w)
	}
	return w.Bytes()
}

func (p *parts) headers(w *writer) {
	w.str("header_page")
	w.text64(p.headerPage)
	w.str("header_event")
	w.text64(p.headerEvent)
}

func (w *writer) formats(all []string) {
	w.u32(len(all))
	for _, f := range all {
		w.text64(f)
	}
}

func (p *parts) events(w *writer) {
	w.u32(len(p.systems) - 1)
	for _, s := range p.systems[1:] {
		w.str(s.name)
		w.formats(s.formats)
	}
}

func (w *writer) option(id uint16, data []byte) {
	w.u16(id)
	w.text32(string(data))
}

// sequence writes version 6.
func (p *parts) sequence(w *writer) {
	p.headers(w)
	w.formats(p.systems[0].formats)
	p.events(w)
	w.text32(p.kallsyms)
	w.text32(p.printk)
	w.text64(p.comms)
	w.u32(len(p.buffers[0].cpus))
	w.str("options  ")
	for _, o := range p.options {
		w.option(o.id, o.data)
	}
	if p.clock != "" {
		w.option(optClock, nil)
	}
	var places []int
	for _, b := range p.buffers[1:] {
		in := p.writer()
		in.u64(0)
		in.str(b.name)
		places = append(places, w.Len()+6)
		w.option(optBuffer, in.Bytes())
	}
	w.u16(0)
	p.flyrecord(w, p.buffers[0])
	for i, b := range p.buffers[1:] {
		w.patch(places[i], w.Len())
		w.str("options  ")
		w.u16(0)
		p.flyrecord(w, b)
	}
}

func (p *parts) flyrecord(w *writer, b bufferParts) {
	w.str("flyrecord")
	table := w.Len()
	for range b.cpus {
		w.u64(0)
		w.u64(0)
	}
	if p.clock != "" {
		w.text64(p.clock)
	}
	for i, c := range b.cpus {
		w.align(p.page)
		w.patch(table+16*i, w.Len())
		w.patch(table+16*i+8, len(c.pages))
		w.Write(c.pages)
	}
}

// sections writes version 7.
func (p *parts) sections(t testing.TB, w *writer) {
	w.str(p.packing)
	w.str("1.0")
	start := w.Len()
	w.u64(0)
	lead := p.writer()
	add := func(id uint16, content func(w *writer)) {
		in := p.writer()
		content(in)
		at := p.writer()
		at.u64(w.Len())
		lead.option(id, at.Bytes())
		p.section(t, w, id, in.Bytes())
	}
	add(optHeaders, p.headers)
	add(optFtrace, func(w *writer) { w.formats(p.systems[0].formats) })
	add(optEvents, p.events)
	add(optSymbols, func(w *writer) { w.text32(p.kallsyms) })
	add(optPrintk, func(w *writer) { w.text32(p.printk) })
	add(optComms, func(w *writer) { w.text64(p.comms) })
	if p.clock != "" {
		lead.option(optClock, []byte(p.clock+"\x00"))
	}
	for _, o := range p.options {
		lead.option(o.id, o.data)
	}
	second := p.writer()
	for _, b := range p.buffers {
		second.option(optBuffer, p.data(t, w, b))
	}
	next := w.Len()
	p.optionSection(w, second, 0)
	w.patch(start, w.Len())
	p.optionSection(w, lead, next)
}

func (p *parts) optionSection(w, options *writer, next int) {
	at := p.writer()
	at.u64(next)
	options.option(optDone, at.Bytes())
	w.head(optDone, 0, options.Len())
	w.Write(options.Bytes())
}

func (w *writer) head(id uint16, flags uint16, size int) {
	w.u16(id)
	w.u16(flags)
	w.u32(0)
	w.u64(size)
}

func (p *parts) section(t testing.TB, w *writer, id uint16, content []byte) {
	if p.packing == "none" {
		w.head(id, 0, len(content))
		w.Write(content)
		return
	}
	small := pack(t, p.packing, content)
	w.head(id, 1, len(small)+8)
	w.u32(len(small))
	w.u32(len(content))
	w.Write(small)
}

// data writes the trace data of a buffer and gives the option that leads to it.
func (p *parts) data(t testing.TB, w *writer, b bufferParts) []byte {
	opt := p.writer()
	opt.u64(w.Len())
	opt.str(b.name)
	opt.str(b.clock)
	opt.u32(p.page)
	opt.u32(len(b.cpus))
	head := w.Len()
	flags := uint16(1)
	if p.packing == "none" {
		flags = 0
	}
	w.head(optBuffer, flags, 0)
	start := w.Len()
	for _, c := range b.cpus {
		w.align(p.page)
		at := w.Len()
		if flags == 0 {
			w.Write(c.pages)
		} else if len(c.pages) > 0 {
			p.packed(t, w, c.pages)
		}
		opt.u32(c.cpu)
		opt.u64(at)
		opt.u64(w.Len() - at)
	}
	w.patch(head+8, w.Len()-start)
	return opt.Bytes()
}

func (p *parts) packed(t testing.TB, w *writer, pages []byte) {
	size := max(p.pieces, 1) * p.page
	w.u32((len(pages) + size - 1) / size)
	for len(pages) > 0 {
		n := min(size, len(pages))
		small := pack(t, p.packing, pages[:n])
		w.u32(len(small))
		w.u32(n)
		w.Write(small)
		pages = pages[n:]
	}
}

func pack(t testing.TB, how string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	if how == "zlib" {
		w := zlib.NewWriter(&out)
		w.Write(b)
		err = w.Close()
	} else {
		var w *zstd.Encoder
		if w, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)); err == nil {
			out.Write(w.EncodeAll(b, nil))
			err = w.Close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
