package open

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// wide reads UTF-16, in which shells of Windows write what they redirect, as UTF-8. It drops the byte order
// mark. What is no character becomes U+FFFD, as does half of one at the end.
type wide struct {
	src   *bufio.Reader
	order binary.ByteOrder
	out   []byte // decoded but not given
	err   error
}

func wideReader(order binary.ByteOrder) func(io.Reader) (io.Reader, error) {
	return func(r io.Reader) (io.Reader, error) {
		w := &wide{src: bufio.NewReaderSize(r, 1<<16), order: order}
		_, err := w.unit()
		return w, err
	}
}

// wideRead is how much is decoded at once.
const wideRead = 1 << 15

func (w *wide) Read(p []byte) (int, error) {
	if len(w.out) == 0 && w.err == nil {
		w.out = w.out[:0]
		for len(w.out) < wideRead && w.err == nil {
			w.next()
		}
	}
	n := copy(p, w.out)
	w.out = w.out[n:]
	if n == 0 && len(p) > 0 {
		return 0, w.err
	}
	return n, nil
}

// next decodes one character.
func (w *wide) next() {
	first, err := w.unit()
	if err != nil {
		w.err = err
		return
	}
	char := rune(first)
	if utf16.IsSurrogate(char) {
		char = w.pair(char)
	}
	w.out = utf8.AppendRune(w.out, char)
}

// pair joins a surrogate with the one behind it, if there is one.
func (w *wide) pair(first rune) rune {
	b, _ := w.src.Peek(2)
	if len(b) < 2 {
		return utf8.RuneError
	}
	char := utf16.DecodeRune(first, rune(w.order.Uint16(b)))
	if char != utf8.RuneError {
		_, _ = w.src.Discard(2) // it has been seen
	}
	return char
}

// unit reads one 16-bit unit.
func (w *wide) unit() (uint16, error) {
	var b [2]byte
	for i := range b {
		var err error
		if b[i], err = w.src.ReadByte(); i > 0 && err == io.EOF {
			return utf8.RuneError, nil
		} else if err != nil {
			return 0, err
		}
	}
	return w.order.Uint16(b[:]), nil
}
