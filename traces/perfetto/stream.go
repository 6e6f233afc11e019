package perfetto

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxField bounds how long a field of a packet may be that is read: a bundle of ftrace events has
// less than 512 KB. Longer ones of other data sources, such as heap dumps, are stepped over.
const maxField = 16 << 20

// packet is what is kept of a TracePacket. Its byte slices are valid until the next one is read.
type packet struct {
	at         int64 // where it begins in the file
	sequence   uint64
	machine    uint64
	cleared    bool
	dropped    bool
	first      bool
	ftrace     []byte
	interned   []byte
	tree       []byte
	stats      []byte
	traceStats []byte
	compressed []byte
}

// keep gives the place for a length-delimited field that is read; nil for all others.
func (p *packet) keep(n protowire.Number) *[]byte {
	switch n {
	case packetFtrace:
		return &p.ftrace
	case packetInterned:
		return &p.interned
	case packetProcessTree:
		return &p.tree
	case packetFtraceStats:
		return &p.stats
	case packetTraceStats:
		return &p.traceStats
	case packetCompressed:
		return &p.compressed
	}
	return nil
}

// number takes over a varint field.
func (p *packet) number(n protowire.Number, v uint64) {
	switch n {
	case packetSequence:
		p.sequence = v
	case packetMachine:
		p.machine = v
	case packetFlags:
		p.cleared = p.cleared || v&stateCleared != 0
	case packetCleared:
		p.cleared = p.cleared || v != 0
	case packetDropped:
		p.dropped = v != 0
	case packetFirst:
		p.first = v != 0
	}
}

// damage is an error in what a trace holds, in contrast to one of reading it.
type damage struct {
	at  int64 // byte of the file
	why string
	end bool // nothing behind it can be read
}

func (d *damage) Error() string { return fmt.Sprintf("byte %d: %s", d.at, d.why) }

// stream cuts a trace into packets, without holding more of one than the fields that are read.
type stream struct {
	src  *bufio.Reader
	at   int64 // bytes taken from src
	base int64 // of compressed packets: where the packet that holds them begins; else -1
	buf  map[protowire.Number][]byte
	left int64 // rest of the current packet
}

func newStream(src io.Reader, base int64) *stream {
	return &stream{src: bufio.NewReaderSize(src, 1<<16), base: base, buf: map[protowire.Number][]byte{}}
}

// offset is the position in the file. Within a compressed packet it stays at its beginning.
func (s *stream) offset() int64 {
	if s.base >= 0 {
		return s.base
	}
	return s.at
}

// next reads a packet. It gives io.EOF at the end, a *damage for what is no packet, and other errors
// for a source that cannot be read. After a damage that is not the end, it goes on with the next one.
func (s *stream) next(p *packet) error {
	*p = packet{at: s.offset()}
	tag, err := s.topVarint()
	if err == io.EOF {
		return err
	}
	n, typ := protowire.DecodeTag(tag)
	if err == nil && (n != tracePacket || typ != protowire.BytesType) {
		err = fmt.Errorf("no packet begins here (tag 0x%x)", tag)
	}
	var size uint64
	if err == nil {
		size, err = s.topVarint()
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
	}
	if err == nil && size > 1<<62 {
		err = fmt.Errorf("a packet of %d bytes", size)
	}
	if err != nil {
		return s.broken(p.at, err, true)
	}
	s.left = int64(size)
	return s.fields(p, int64(size))
}

// broken tells damage of the trace from errors of the source.
func (s *stream) broken(at int64, err error, end bool) error {
	var source *sourceError
	switch {
	case errors.As(err, &source):
		return source.err
	case err == io.ErrUnexpectedEOF:
		return &damage{at, "the file ends within a packet", true}
	}
	return &damage{at, err.Error(), end}
}

// sourceError is an error of the source, the end of it left out.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }

// topVarint reads a number between packets.
func (s *stream) topVarint() (uint64, error) {
	s.left = 1 << 62
	v, err := s.varint()
	if err == io.ErrUnexpectedEOF && s.left == 1<<62 {
		err = io.EOF
	}
	return v, err
}

// varint reads a number within the packet.
func (s *stream) varint() (v uint64, err error) {
	for shift := 0; shift < 64; shift += 7 {
		if s.left == 0 {
			return 0, errors.New("a field goes beyond its packet")
		}
		c, err := s.src.ReadByte()
		if err != nil {
			return 0, ended(err)
		}
		s.at++
		s.left--
		v |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return v, nil
		}
	}
	return 0, errors.New("a number of more than 10 bytes")
}

// ended tells the end of the file from other errors of the source.
func ended(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return &sourceError{err}
}

// fields reads the fields of a packet. Where they make no sense the rest of it is left out.
func (s *stream) fields(p *packet, size int64) error {
	for s.left > 0 {
		at := s.offset()
		err := s.field(p)
		if err == nil {
			continue
		}
		bad := s.broken(at, err, false)
		if d, ok := bad.(*damage); ok && !d.end {
			d.why = fmt.Sprintf("packet of %d bytes at byte %d: %s", size, p.at, d.why)
			if err := s.skip(s.left); err != nil {
				return s.broken(p.at, err, true)
			}
		}
		return bad
	}
	return nil
}

func (s *stream) field(p *packet) error {
	tag, err := s.varint()
	if err != nil {
		return err
	}
	n, typ := protowire.DecodeTag(tag)
	switch {
	case n < protowire.MinValidNumber:
		return fmt.Errorf("no field has the tag 0x%x", tag)
	case typ == protowire.VarintType:
		v, err := s.varint()
		p.number(n, v)
		return err
	case typ == protowire.Fixed32Type:
		return s.skip(4)
	case typ == protowire.Fixed64Type:
		return s.skip(8)
	case typ == protowire.BytesType:
		return s.delimited(p, n)
	}
	return fmt.Errorf("field %d has the unknown type %d", n, typ)
}

func (s *stream) delimited(p *packet, n protowire.Number) error {
	size, err := s.varint()
	if err != nil {
		return err
	}
	if size > uint64(s.left) {
		return fmt.Errorf("field %d of %d bytes goes beyond its packet", n, size)
	}
	place := p.keep(n)
	if place == nil {
		return s.skip(int64(size))
	}
	if size > maxField {
		return fmt.Errorf("field %d has %d bytes, more than the %d that are read", n, size, maxField)
	}
	*place, err = s.take(n, int(size))
	return err
}

// take reads bytes into the buffer of field n. What is announced may not be there, so the buffer
// grows with what comes.
func (s *stream) take(n protowire.Number, size int) ([]byte, error) {
	const step = 1 << 16
	buf := s.buf[n][:0]
	for len(buf) < size {
		buf = slices.Grow(buf, min(size-len(buf), step))
		got, err := s.src.Read(buf[len(buf):min(size, cap(buf))])
		s.at += int64(got)
		s.left -= int64(got)
		buf = buf[:len(buf)+got]
		if err != nil && len(buf) < size {
			return nil, ended(err)
		}
	}
	s.buf[n] = buf
	return buf, nil
}

func (s *stream) skip(size int64) error {
	if size > s.left {
		return errors.New("a field goes beyond its packet")
	}
	for size > 0 {
		got, err := s.src.Discard(int(min(size, 1<<30)))
		s.at += int64(got)
		s.left -= int64(got)
		size -= int64(got)
		if err != nil {
			return ended(err)
		}
	}
	return nil
}
