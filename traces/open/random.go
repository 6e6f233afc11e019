package open

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// maxHeld is how much of a stream is kept in memory for a format that cannot be read from front to back.
const maxHeld = 512 << 20

// random gives access to any place of a file that begins with start: src itself if it has that, such
// as an *os.File, else a copy in memory of rest, the stream that the file comes from.
func random(src, rest io.Reader, start []byte, limit int64) (io.ReaderAt, int64, error) {
	if at, size := direct(src); size > 0 {
		head := make([]byte, len(start))
		if n, _ := at.ReadAt(head, 0); bytes.Equal(head[:n], start) { // not so if it is packed, or was read from before
			return at, size, nil
		}
	}
	var b bytes.Buffer
	switch n, err := io.Copy(&b, io.LimitReader(rest, limit+1)); {
	case err != nil:
		return nil, 0, err
	case n > limit:
		return nil, 0, fmt.Errorf("this format needs the whole file at hand, and more than %d MiB come through a pipe or are compressed: put the file on disk uncompressed and give its name", limit>>20)
	}
	return strings.NewReader(b.String()), int64(b.Len()), nil
}

// direct gives src and its size if it can be read at any place; else the size is 0.
func direct(src io.Reader) (io.ReaderAt, int64) {
	at, ok := src.(io.ReaderAt)
	if !ok {
		return nil, 0
	}
	switch s := src.(type) {
	case interface{ Size() int64 }:
		return at, s.Size()
	case interface{ Stat() (fs.FileInfo, error) }:
		if st, err := s.Stat(); err == nil && st.Mode().IsRegular() {
			return at, st.Size()
		}
	}
	return nil, 0
}
