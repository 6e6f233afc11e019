package line

import (
	"bytes"
	"io"
)

// PeekSize is how much of a file is looked at to recognise its format.
const PeekSize = 1 << 16

// Live is a stream that is written while it is read: whoever reads it must not wait for more than there is.
type Live struct{ io.Reader }

// Peek reads the start of r, at most PeekSize bytes, and gives a reader of the whole. Both lack
// the byte order mark that some editors put first. A stream that breaks off within the start, as a
// cut compressed file does, gives what it has; its error comes when that has been read. Of a Live stream it
// reads no more than it takes for one whole line; what is left of it is Live again.
func Peek(r io.Reader) (start []byte, whole io.Reader, err error) {
	start = make([]byte, PeekSize)
	_, live := r.(Live)
	n := 0
	for n < len(start) && err == nil && !(live && bytes.IndexByte(start[:n], '\n') >= 0) {
		var m int
		m, err = r.Read(start[n:])
		n += m
	}
	start = bytes.TrimPrefix(start[:n], []byte("\xef\xbb\xbf"))
	switch {
	case err == io.EOF:
		return start, bytes.NewReader(start), nil
	case err != nil && n == 0:
		return nil, nil, err
	case err != nil:
		return start, io.MultiReader(bytes.NewReader(start), broken{err}), nil
	}
	whole = io.MultiReader(bytes.NewReader(start), r)
	if live {
		whole = Live{whole}
	}
	return start, whole, nil
}

// broken is the rest of a stream that broke off.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
