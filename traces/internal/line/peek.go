package line

import (
	"bytes"
	"io"
)

// PeekSize is how much of a file is looked at to recognise its format.
const PeekSize = 1 << 16

// Peek reads the start of r, at most PeekSize bytes, and gives a reader of the whole. Both lack
// the byte order mark that some editors put first.
func Peek(r io.Reader) (start []byte, whole io.Reader, err error) {
	start = make([]byte, PeekSize)
	n, err := io.ReadFull(r, start)
	start = bytes.TrimPrefix(start[:n], []byte("\xef\xbb\xbf"))
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return start, bytes.NewReader(start), nil
	}
	return start, io.MultiReader(bytes.NewReader(start), r), err
}
