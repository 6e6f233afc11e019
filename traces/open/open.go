// Package open turns a file of any kind into a traces.Reader: it unpacks, recognises the format by
// content, and says what to do about files that cannot be read.
//
// It is a package of its own because it knows all formats, while the formats know only package
// traces: so nothing registers itself and nothing imports in a circle.
package open

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
	"github.com/rprocspec/rprocspec/traces/internal/line"
	"github.com/rprocspec/rprocspec/traces/klog"
	"github.com/rprocspec/rprocspec/traces/lttng"
	"github.com/rprocspec/rprocspec/traces/perfetto"
	"github.com/rprocspec/rprocspec/traces/tracedat"
)

// Reader recognises the format of r and gives a reader for it; name stands for r in errors and
// may be "-". What cannot be read is a *traces.FormatError. The reader does not close r.
//
// A binary trace is read where it lies if r is an io.ReaderAt that tells its size, by Size or as a
// regular file by Stat; r must not have been read from then. Else up to 512 MiB of it are kept in memory.
func Reader(r io.Reader, name string, opt traces.Options) (traces.Reader, error) {
	src := r
	r, err := unpack(r, name)
	if err != nil {
		return nil, err
	}
	return unpacked(src, r, name, opt)
}

// unpacked recognises what is not packed. src is what r was made from.
func unpacked(src, r io.Reader, name string, opt traces.Options) (traces.Reader, error) {
	start, r, err := line.Peek(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if bytes.HasPrefix(start, []byte(tracedat.Magic)) {
		at, size, err := random(src, r, start[:len(tracedat.Magic)], maxHeld)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return reader(tracedat.New(at, size, name, opt))
	}
	if perfetto.Sniff(start) {
		return reader(perfetto.New(r, name, opt))
	}
	if t, err := unwrap(r, start, name, opt); t != nil || err != nil {
		return t, err
	}
	if bad := refuse(start); bad != nil {
		bad.File = name
		bad.Hint = hint(bad.Hint, name)
		return nil, bad
	}
	if bad := lttng.Refuse(start); bad != nil {
		bad.File = name
		return nil, bad
	}
	if n := lttng.Lines(start); n > 0 && n > ftrace.Events(start) {
		return reader(lttng.New(r, name, opt))
	}
	if isLog(start) {
		return reader(klog.New(r, name, opt))
	}
	return reader(ftrace.New(r, name, opt))
}

// reader keeps a nil pointer from becoming an interface that is not nil.
func reader[R traces.Reader](r R, err error) (traces.Reader, error) {
	if err != nil {
		return nil, err
	}
	return r, nil
}

// isLog decides between the two kinds of text by what most lines look like. A trace may hold
// console lines, and a log a dump of the trace buffer, in a form that is not read.
func isLog(start []byte) bool {
	if ftrace.Header(start) {
		return false
	}
	events := ftrace.Events(start)
	if events == 0 && ftrace.Refuse(start) != nil {
		return klog.Lines(start) > ftrace.Refused(start)
	}
	return klog.Lines(start) > events || events == 0
}
