package klog

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces/internal/line"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// Lines counts the lines in start, the beginning of a file, that look like kernel log lines: they
// begin with a time as the kernel or its tools print it, or with the name of a remoteproc device.
func Lines(start []byte) int {
	n := 0
	k := Reader{lines: &line.Reader{}, seq: -1}
	for text := range bytes.Lines(start) {
		text = clean(bytes.Clone(bytes.TrimRight(text, "\r\n")))
		if len(text) == 0 {
			continue
		}
		if _, rest, known := k.stamp(text); known || core(rest) {
			n++
		}
	}
	return n
}

func core(text []byte) bool {
	_, device, _ := printk.Split(text)
	return printk.IsCore(device)
}
