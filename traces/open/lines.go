package open

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// Lines counts the lines of a file, packed or not, as its reader will.
func Lines(r io.Reader, name string) (int, error) {
	r, err := unpack(r, name)
	if err != nil {
		return 0, err
	}
	_, r, err = line.Peek(r)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	n, open := 0, false
	buf := make([]byte, 1<<16)
	for {
		m, err := r.Read(buf)
		if m > 0 {
			n += bytes.Count(buf[:m], []byte{'\n'})
			open = buf[m-1] != '\n'
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	if open {
		n++
	}
	return n, nil
}
