package klog

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
)

// Lines counts the lines in start, the beginning of a file, that look like kernel log lines: they
// begin with a time as the kernel or its tools print it, or with the name of a remoteproc device.
func Lines(start []byte) int {
	k, err := New(bytes.NewReader(start), "", traces.Options{})
	for r := new(traces.Record); err == nil; {
		err = k.Read(r)
	}
	return k.known
}
