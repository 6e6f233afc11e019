package open

import (
	"io"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// Live is Reader for a stream that is written while it is read, such as trace_pipe: it decides by the first
// lines and waits for no more. Compressed streams are not taken. Of a kernel log, each line is held until the next
// one tells that it is whole.
func Live(r io.Reader, name string, opt traces.Options) (traces.Reader, error) {
	return unpacked(r, line.Live{Reader: r}, name, opt)
}
