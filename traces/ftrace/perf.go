package ftrace

import "bytes"

// perf reads a line of perf script:
//
//	COMM [PID/]TID [CPU] TIME: [PERIOD] SYSTEM:EVENT: BODY
//
// The leftmost "[CPU] TIME:" with a number before it counts; the comm may hold blanks.
func (h *head) perf(text []byte) bool {
	start := text[:min(len(text), maxTask)]
	for at := 0; ; at++ {
		i := bytes.IndexByte(start[min(at, len(start)):], '[')
		if i < 0 {
			return false
		}
		at += i
		if h.perfTask(text[:at]) && h.perfRest(text, at) {
			return true
		}
	}
}

// perfTask reads "COMM [PID/]TID " backwards.
func (h *head) perfTask(b []byte) bool {
	end := bytes.TrimRight(b, " \t")
	if len(end) == len(b) {
		return false
	}
	start, ok := numberBefore(end)
	if !ok {
		return false
	}
	h.pid = signed(end[start:])
	if start > 0 && end[start-1] == '/' {
		if start, ok = numberBefore(end[:start-1]); !ok {
			return false
		}
	}
	name := bytes.TrimRight(end[:start], " \t")
	h.comm, h.flags = bytes.TrimLeft(name, " \t"), nil
	return len(name) < start && len(h.comm) > 0
}

// numberBefore finds where the decimal number starts that ends b; a minus sign belongs to it.
func numberBefore(b []byte) (start int, ok bool) {
	start = len(b)
	for start > 0 && digit(b[start-1]) {
		start--
	}
	if start == len(b) || len(b)-start > 10 {
		return start, false
	}
	if start > 0 && b[start-1] == '-' {
		start--
	}
	return start, true
}

// signed gives the number b, which is made of digits, or -1 if it has a sign: perf prints -1 for
// a task that it does not know.
func signed(b []byte) int {
	n, _, ok := number(b, 0)
	if !ok {
		return -1
	}
	return int(n)
}

func (h *head) perfRest(text []byte, at int) bool {
	var ok bool
	if h.cpu, at, ok = cpu(text, at); !ok {
		return false
	}
	at, ok = h.stamp(text, at)
	return ok && h.clock == seconds && h.perfEvent(text[at:])
}

// perfRecord begins what perf script prints of its own records, with --show-lost-events, --show-mmap-events
// and their like. Only losses matter; others may bear the time 0.
const (
	perfRecord = "PERF_RECORD_"
	perfLost   = perfRecord + "LOST"
)

// perfEvent drops the period and the system: other formats print neither.
func (h *head) perfEvent(ev []byte) bool {
	if _, at, ok := number(ev, 0); ok && at < len(ev) && ev[at] == ' ' {
		ev = ev[blanks(ev, at):]
	}
	if bytes.HasPrefix(ev, []byte(perfRecord)) && !bytes.HasPrefix(ev, []byte(perfLost)) {
		return false
	}
	if bytes.HasPrefix(ev, []byte(perfLost)) {
		h.form, h.name, h.body = remark, ev, nil
		return true
	}
	if !h.event(ev) {
		return false
	}
	if i := bytes.IndexByte(h.name, ':'); h.form == named && i >= 0 {
		h.name = h.name[i+1:]
	}
	return true
}
