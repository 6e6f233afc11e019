package tracedat

import (
	"bytes"
	"fmt"
	"strings"
)

// A page of the ring buffer begins with the time of its first event and the number of bytes that are in
// use, and holds events one after another. The head of an event is a word of 32 bits: a type of 5 bits
// and the time since the event before it, of 27 bits. In the file's byte order the type stands in the
// low bits of a little endian word and in the high bits of a big endian one.
//
//	type 0        the next word is the length of the data, itself included
//	type 1 … 28   data of that many words
//	type 29       padding: the next word tells its length; with time 0, the rest of the page
//	type 30       more time: the next word is worth 2^27 each
//	type 31       an absolute time of 59 bits, in the same two parts
//
// (linux 6.12, include/linux/ring_buffer.h and kernel/trace/ring_buffer.c.)
const (
	maxDataType = 28
	typePadding = 29
	typeExtend  = 30
	typeStamp   = 31

	timeBits = 27
	topBits  = uint64(0xf8) << 56 // of a time that an absolute one does not hold
)

// The bits of the commit word that are no length.
const (
	lostStored = 1 << 30 // how many events were lost stands behind the data
	lostEvents = 1 << 31 // events were lost before this page
	commitMask = 1<<timeBits - 1
)

// layout says where the parts of a page's head are, as header_page tells.
type layout struct {
	stamp, commit, data field
}

// defaultLayout is that of every kernel so far.
func defaultLayout(long int) layout {
	return layout{
		stamp:  field{size: 8},
		commit: field{offset: 8, size: long},
		data:   field{offset: 8 + long},
	}
}

// read takes the layout from a header_page file. The long of the kernel may be another one than that of
// the program that wrote the file: it is the size of commit.
func (l *layout) read(text []byte) {
	read := *l
	for line := range bytes.Lines(text) {
		_, rest, _ := strings.Cut(string(line), "field:")
		f, ok := parseField(rest)
		switch {
		case !ok:
		case f.name == "timestamp" && f.size == 8:
			read.stamp = f
		case f.name == "commit" && (f.size == 4 || f.size == 8):
			read.commit = f
		case f.name == "data" && f.offset >= 12:
			read.data = f
		}
	}
	*l = read
}

// page gives the events of one page.
type page struct {
	payload
	end   int // of the data
	at    int // the next event
	stamp uint64
	lost  int   // events lost before the page, 0: none, or nobody knows how many
	gap   bool  // events were lost before the page
	short error // the page is cut: what comes behind its last whole event
}

// load begins a page of size bytes, of which b are there. It fails if the page cannot be one.
func (p *page) load(b []byte, ord order, l layout, size int) error {
	*p = page{payload: payload{b, ord}, at: l.data.offset}
	stamp, ok := p.uint(l.stamp)
	commit, ok2 := p.uint(l.commit)
	if !ok || !ok2 || len(b) < l.data.offset {
		return fmt.Errorf("a page of %d bytes, less than its head", len(b))
	}
	p.stamp = stamp
	p.end = l.data.offset + int(commit&commitMask)
	if p.end > len(b) {
		err := fmt.Errorf("a page with %d bytes of data, where %d are", commit&commitMask, len(b)-l.data.offset)
		if p.end > size {
			p.end = p.at
			return err
		}
		p.end, p.short = len(b), err
	}
	if p.gap = commit&lostEvents != 0; p.gap && commit&lostStored != 0 {
		n, _ := p.uint(field{offset: p.end, size: l.commit.size})
		p.lost = int(min(n, 1<<31))
	}
	return nil
}

// next gives the data of the next event, nil at the end of the page; its time is p.stamp then.
func (p *page) next() ([]byte, error) {
	for p.at+4 <= p.end && !p.cut() {
		kind, delta := p.word()
		start := p.at + 4
		var data, size int
		var err error
		switch {
		case kind == 0, kind > maxDataType:
			data, size, err = p.long(kind, &delta, start)
		default:
			data, size = start, kind*4
		}
		if err == nil && data+size > p.end {
			err = fmt.Errorf("an event of %d bytes, where %d are left", size, p.end-data)
		}
		if err != nil {
			at := p.at
			p.at = p.end
			return nil, fmt.Errorf("at %d in the page: %w", at, err)
		}
		p.at = data + size
		p.pass(kind, delta)
		if kind <= maxDataType {
			return p.b[data : data+size], nil
		}
	}
	err := p.short
	p.short, p.at = nil, p.end
	return nil, err
}

// cut tells whether the page ends within the next event. That is no damage of the event.
func (p *page) cut() bool {
	if p.short == nil {
		return false
	}
	kind, delta := p.word()
	if kind != 0 && kind <= maxDataType {
		return p.at+4+kind*4 > p.end
	}
	data, size, err := p.long(kind, &delta, p.at+4)
	return err != nil || data+size > p.end
}

// word takes the head of an event apart.
func (p *page) word() (kind int, delta uint64) {
	w := number(p.b[p.at:p.at+4], p.order)
	if p.order.Uint16([]byte{0, 1}) == 1 { // big endian
		return int(w >> timeBits), w & (1<<timeBits - 1)
	}
	return int(w & 31), w >> 5
}

// long reads what the second word of an event means. Of times, delta becomes the whole.
func (p *page) long(kind int, delta *uint64, start int) (data, size int, err error) {
	if kind == typePadding && *delta == 0 {
		return start, p.end - start, nil
	}
	if start+4 > p.end {
		return 0, 0, fmt.Errorf("an event of type %d without its second word", kind)
	}
	w := number(p.b[start:start+4], p.order)
	switch kind {
	case typePadding:
		return start, int(w), nil
	case typeExtend, typeStamp:
		*delta |= w << timeBits
		return start + 4, 0, nil
	}
	if w < 4 {
		return 0, 0, fmt.Errorf("an event of length %d", w)
	}
	return start + 4, int(w-4+3) &^ 3, nil
}

// pass moves the time on.
func (p *page) pass(kind int, delta uint64) {
	if kind != typeStamp {
		p.stamp += delta
		return
	}
	at := delta | p.stamp&topBits
	if at < p.stamp && p.stamp&topBits != 0 {
		at += 1 << 59
	}
	p.stamp = at
}
