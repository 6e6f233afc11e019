package tracedat

import (
	"errors"
	"fmt"
	"io"
)

// pages gives the pages of one CPU, one after another.
type pages interface {
	// next gives a page, valid until the next call; the last one may be shorter. io.EOF is the end,
	// errCut one that comes too early. After a *damage the next call goes on behind it.
	next() ([]byte, error)
	// where is the place of that page in the file, or of the packed piece that it is in.
	where() int64
}

// errCut is for a file that ends before its data.
var errCut = errors.New("the file ends before the data of this CPU")

// memory bounds what all CPUs together keep: a page or a packed piece each.
type memory int64

const maxMemory = 1 << 30

// take fails if there is not enough left.
func (m *memory) take(n int) error {
	if *m += memory(n); *m > maxMemory {
		return fmt.Errorf("the pages of all CPUs would take more than %d MiB", maxMemory>>20)
	}
	return nil
}

// pagesOf opens the data of one CPU.
func (f *file) pagesOf(b *buffer, d cpuData, m *memory) (pages, error) {
	switch left := f.size - d.at; {
	case d.size == 0:
		return &plain{at: d.at}, nil
	case d.at <= 0 || d.size < 0 || left <= 0:
		return nil, &damage{at: d.at, what: fmt.Sprintf("the data of CPU %d should begin here, but the file has %d bytes", d.cpu, f.size)}
	case b.packed:
		return f.packedPages(b, d, m)
	default:
		p := &plain{at: d.at, cut: d.size > left}
		size := min(d.size, left)
		p.buf = make([]byte, min(int64(b.page), size))
		p.r = io.NewSectionReader(f.src, d.at, size)
		return p, m.take(len(p.buf))
	}
}

// plain are pages that lie in the file as they are.
type plain struct {
	r    io.Reader
	buf  []byte
	at   int64
	read int
	cut  bool
}

func (p *plain) next() ([]byte, error) {
	if len(p.buf) == 0 {
		return nil, io.EOF
	}
	p.at += int64(p.read)
	var err error
	p.read, err = io.ReadFull(p.r, p.buf)
	switch {
	case err != nil && err != io.EOF && err != io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("reading: %w", err)
	case p.read == 0 && p.cut:
		return nil, errCut
	case p.read == 0:
		return nil, io.EOF
	}
	return p.buf[:p.read], nil
}

func (p *plain) where() int64 { return p.at }

// packed are pages in packed pieces: their number, and for each piece its packed and its unpacked size
// before the data. A piece holds whole pages.
type packed struct {
	c      *cursor
	unpack unpacker
	memory *memory
	page   int
	left   uint64 // pieces to come
	rest   []byte // pages of this piece to come
	at     int64
	most   int // the largest piece so far
}

func (f *file) packedPages(b *buffer, d cpuData, m *memory) (pages, error) {
	p := &packed{c: f.at(d.at), unpack: f.unpack, memory: m, page: b.page, at: d.at}
	p.left = p.c.u32("the number of packed pieces")
	return p, m.take(1 << 12)
}

func (p *packed) next() ([]byte, error) {
	for len(p.rest) == 0 {
		if err := p.piece(); err != nil {
			return nil, err
		}
	}
	b := p.rest[:min(p.page, len(p.rest))]
	p.rest = p.rest[len(b):]
	return b, nil
}

func (p *packed) where() int64 { return p.at }

// piece unpacks the next one.
func (p *packed) piece() error {
	if p.c.err != nil {
		return errCut
	}
	if p.left == 0 {
		return io.EOF
	}
	p.left--
	p.at = p.c.at
	length, size := p.c.u32("the packed size of a piece"), p.c.u32("the unpacked size of a piece")
	b := p.c.bytes(length, "a packed piece")
	if p.c.err != nil {
		return errCut
	}
	if size > smallPiece {
		return &damage{at: p.at, what: fmt.Sprintf("a packed piece of %d bytes, more than %d", size, smallPiece)}
	}
	if err := p.memory.take(max(int(size)-p.most, 0)); err != nil {
		return err
	}
	p.most = max(p.most, int(size))
	rest, err := p.unpack(b, size)
	if err != nil {
		return &damage{at: p.at, what: "a packed piece cannot be unpacked: " + err.Error()}
	}
	p.rest = rest
	return nil
}
