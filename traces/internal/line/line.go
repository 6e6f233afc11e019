// Package line cuts a stream into lines without ever holding more than a bounded part of it.
package line

import (
	"bytes"
	"io"
)

// Max is the length up to which a line is surely kept whole; of a longer one the rest may be dropped.
const Max = 1 << 20

const (
	startSize = 1 << 18
	maxEmpty  = 100 // reads that may give neither bytes nor an error, as in bufio
)

// Reader gives the lines of a stream, one after another.
type Reader struct {
	src  io.Reader
	buf  []byte
	r, w int // the unread part of buf
	err  error
	num  int
	cut  bool
}

// NewReader reads lines from src.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: src, buf: make([]byte, startSize)}
}

// Num is the 1-based number of the line that Next gave last.
func (l *Reader) Num() int { return l.num }

// Cut tells whether the line that Next gave last was longer than Max.
func (l *Reader) Cut() bool { return l.cut }

// Next gives the next line without its line end (LF or CR LF). The slice is valid until the next
// call. At the end it gives the error of the stream, io.EOF as a rule; a last line without LF
// comes before.
func (l *Reader) Next() ([]byte, error) {
	l.cut = false
	for seen := 0; ; {
		if i := bytes.IndexByte(l.buf[l.r+seen:l.w], '\n'); i >= 0 {
			return l.take(seen+i, 1), nil
		}
		seen = l.w - l.r
		if l.err != nil {
			return l.last(seen)
		}
		if seen > Max {
			text := l.take(seen, 0)
			l.cut = true
			l.drop()
			return text, nil
		}
		l.fill()
	}
}

// take gives the next n bytes as a line and steps over end more.
func (l *Reader) take(n, end int) []byte {
	text := l.buf[l.r : l.r+n]
	l.r += n + end
	l.num++
	if k := len(text); k > 0 && text[k-1] == '\r' {
		text = bytes.TrimRight(text, "\r")
	}
	return text
}

func (l *Reader) last(n int) ([]byte, error) {
	if n == 0 {
		return nil, l.err
	}
	return l.take(n, 0), nil
}

// drop skips the rest of a line that was too long. The line just given stays valid: it keeps the
// old buffer, and reading goes on in a new one.
func (l *Reader) drop() {
	scratch := make([]byte, startSize)
	for l.err == nil {
		n, err := l.read(scratch)
		l.err = err
		if i := bytes.IndexByte(scratch[:n], '\n'); i >= 0 {
			l.keep(scratch[i+1 : n])
			return
		}
	}
	l.r, l.w = 0, 0
}

// keep makes rest the unread part, in a new buffer.
func (l *Reader) keep(rest []byte) {
	l.buf = make([]byte, startSize)
	l.r, l.w = 0, copy(l.buf, rest)
}

// fill reads more, making room first.
func (l *Reader) fill() {
	switch {
	case l.r > 0:
		copy(l.buf, l.buf[l.r:l.w])
		l.r, l.w = 0, l.w-l.r
	case l.w == len(l.buf):
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	n, err := l.read(l.buf[l.w:])
	l.w += n
	l.err = err
}

func (l *Reader) read(p []byte) (int, error) {
	for range maxEmpty {
		n, err := l.src.Read(p)
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
