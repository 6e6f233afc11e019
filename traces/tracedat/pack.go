package tracedat

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// unpacker undoes the compression that the head of a version 7 file names. Every packed piece tells how
// long it is unpacked; one that is not is damaged.
type unpacker func(packed []byte, size uint64) ([]byte, error)

const (
	// maxPacked is by how much a large piece may be longer than its packed form. Real ones, kallsyms,
	// shrink to a fifth. It keeps a small file from asking for much memory.
	maxPacked = 256
	// smallPiece is what is small. The pieces that trace data is cut into have some pages each.
	smallPiece = 16 << 20
)

// newUnpacker gives the unpacker of a compression; false if it is not known.
func newUnpacker(name string) (unpacker, bool) {
	switch name {
	case "none":
		return func(b []byte, _ uint64) ([]byte, error) { return b, nil }, true
	case "zlib":
		return unpacker(unzlib).checked, true
	case "zstd":
		return unpacker(new(unzstd).unpack).checked, true
	}
	return nil, false
}

func (f unpacker) checked(packed []byte, size uint64) ([]byte, error) {
	if size > maxMeta || size > smallPiece && size > maxPacked*uint64(len(packed)) {
		return nil, fmt.Errorf("%d packed bytes are said to unpack to %d", len(packed), size)
	}
	b, err := f(packed, size)
	if err == nil && uint64(len(b)) != size {
		err = fmt.Errorf("unpacks to %d bytes, not to %d", len(b), size)
	}
	return b, err
}

func unzlib(packed []byte, size uint64) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, int64(size)+1))
}

// unzstd keeps its decoders: making one costs more than a piece.
type unzstd struct{ small, large *zstd.Decoder }

func (z *unzstd) unpack(packed []byte, size uint64) ([]byte, error) {
	d, limit := &z.small, uint64(smallPiece)
	if size > smallPiece {
		d, limit = &z.large, maxMeta
	}
	if *d == nil {
		var err error
		*d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(limit))
		if err != nil {
			return nil, err
		}
	}
	return (*d).DecodeAll(packed, nil)
}
