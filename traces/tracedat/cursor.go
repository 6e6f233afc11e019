package tracedat

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// damage is a place of the file that cannot be read.
type damage struct {
	at   int64  // in bytes, from the start of the file or of an unpacked section
	in   string // the unpacked section, "" for the file itself
	what string
}

func (d *damage) Error() string {
	if d.in != "" {
		return fmt.Sprintf("byte %d of the unpacked %s: %s", d.at, d.in, d.what)
	}
	return fmt.Sprintf("byte %d: %s", d.at, d.what)
}

// order is the byte order of a file.
type order = binary.ByteOrder

// cursor reads one thing after another. After the first failure all is zero, and err tells what could
// not be read and where.
type cursor struct {
	r     *bufio.Reader
	order order
	at    int64
	in    string
	err   error
}

// over reads from memory: an unpacked section, or the data of an option.
func over(b []byte, ord order, in string) *cursor {
	return &cursor{r: bufio.NewReader(bytes.NewReader(b)), order: ord, in: in}
}

// fail keeps the first failure.
func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = &damage{c.at, c.in, fmt.Sprintf(format, args...)}
	}
}

// maxMeta bounds what is read into memory at once: the largest part, kallsyms, has some megabytes.
const maxMeta = 256 << 20

// bytes reads n bytes. A length that is not there costs no more memory than the file has.
func (c *cursor) bytes(n uint64, what string) []byte {
	if c.err != nil {
		return nil
	}
	if n > maxMeta {
		c.fail("%s of %d bytes, more than %d", what, n, maxMeta)
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(c.r, int64(n)))
	switch {
	case err != nil:
		c.fail("%s: %v", what, err)
		return nil
	case uint64(len(b)) < n:
		c.fail("the file ends in %s: %d of %d bytes are there", what, len(b), n)
		return nil
	}
	c.at += int64(n)
	return b
}

// number reads size bytes as an unsigned number.
func (c *cursor) number(size int, what string) uint64 {
	if c.err != nil {
		return 0
	}
	var b [8]byte
	if _, err := io.ReadFull(c.r, b[:size]); err != nil {
		c.fail("the file ends before %s", what)
		return 0
	}
	c.at += int64(size)
	return number(b[:size], c.order)
}

func (c *cursor) u16(what string) uint64 { return c.number(2, what) }
func (c *cursor) u32(what string) uint64 { return c.number(4, what) }
func (c *cursor) u64(what string) uint64 { return c.number(8, what) }

// maxName bounds names: of systems, buffers, compressions.
const maxName = 4096

// text reads up to a NUL.
func (c *cursor) text(what string) string {
	if c.err != nil {
		return ""
	}
	var b []byte
	for {
		ch, err := c.r.ReadByte()
		switch {
		case err != nil:
			c.fail("the file ends in %s", what)
			return ""
		case len(b) == maxName:
			c.fail("%s does not end within %d bytes", what, maxName)
			return ""
		case ch == 0:
			c.at += int64(len(b)) + 1
			return string(b)
		}
		b = append(b, ch)
	}
}

// magic steps over a fixed text.
func (c *cursor) magic(want, what string) {
	start := c.at
	got := c.bytes(uint64(len(want)), what)
	if c.err == nil && string(got) != want {
		c.at = start
		c.fail("no %s where %q should stand", what, want)
	}
}

// number reads 1, 2, 4 or 8 bytes.
func number(b []byte, ord order) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(ord.Uint16(b))
	case 4:
		return uint64(ord.Uint32(b))
	case 8:
		return ord.Uint64(b)
	}
	return 0
}

// isDamage tells damage of the file from a failure to read it.
func isDamage(err error) bool {
	var d *damage
	return errors.As(err, &d)
}
