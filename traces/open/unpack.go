package open

import (
	"bufio"
	"compress/bzip2"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// packings are the compressions and encodings that are undone on the fly, known by the first bytes.
var packings = [...]struct {
	magic  string
	unpack func(io.Reader) (io.Reader, error)
}{
	{"\x1f\x8b", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
	{"\x28\xb5\x2f\xfd", zstdReader},
	{"\xfd7zXZ\x00", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) }},
	{"BZh", func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
	{"\xff\xfe", wideReader(binary.LittleEndian)},
	{"\xfe\xff", wideReader(binary.BigEndian)},
}

// zstdReader decodes in the caller's goroutine, so that a reader that is dropped leaves nothing
// running, and with a bounded window.
func zstdReader(r io.Reader) (io.Reader, error) {
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
}

// maxPackings bounds how often a file may be packed in itself.
const maxPackings = 3

func unpack(r io.Reader, name string) (io.Reader, error) {
	for range maxPackings {
		b := bufio.NewReaderSize(r, 1<<16)
		inner, err := unpackOnce(b)
		if err != nil {
			return nil, fmt.Errorf("%s: unpacking: %w", name, err)
		}
		if inner == nil {
			return b, nil
		}
		r = inner
	}
	return r, nil
}

// unpackOnce gives nil for what is not packed.
func unpackOnce(b *bufio.Reader) (io.Reader, error) {
	for _, p := range packings {
		if start, _ := b.Peek(len(p.magic)); string(start) == p.magic {
			return p.unpack(b)
		}
	}
	return nil, nil
}
