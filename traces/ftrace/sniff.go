package ftrace

import "bytes"

// Events counts the lines in start, the beginning of a file, that are event lines of a trace.
func Events(start []byte) int {
	n := 0
	var h head
	for text := range bytes.Lines(start) {
		text = bytes.TrimRight(text, "\r\n")
		if eventLine(&h, text) {
			n++
		}
	}
	return n
}

func eventLine(h *head, text []byte) bool {
	return h.tracefs(text) || h.perf(text) || h.graph(text)
}

// Header tells whether start begins like a file of tracefs, a report of trace-cmd, or a trace with a
// description of its own.
func Header(start []byte) bool {
	return bytes.HasPrefix(start, []byte("# tracer: ")) || bytes.HasPrefix(start, []byte("cpus=")) || bytes.HasPrefix(start, []byte(markComment))
}
