package lttng

import "bytes"

// Lines counts the lines in start, the beginning of a file, that are events of babeltrace: with a time,
// and a CPU among the fields.
func Lines(start []byte) int {
	n := 0
	var h head
	for text := range bytes.Lines(start) {
		if h.split(bytes.TrimRight(text, "\r\n")) && bytes.HasPrefix(h.groups, []byte("{ cpu_id = ")) {
			n++
		}
	}
	return n
}
