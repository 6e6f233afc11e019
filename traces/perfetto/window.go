package perfetto

import (
	"cmp"
	"slices"
)

const (
	windowEvents = 1 << 18   // events that the window holds before it gives the earlier half
	windowBytes  = 128 << 20 // the same for the bytes of their messages
	blockSize    = 1 << 16
)

// window sorts events by time. It holds a bounded part of the trace.
type window struct {
	limit  int // windowEvents, less in tests
	events []event
	give   int // how many, of those from next on, are in order and may be given
	next   int
	order  int
	bytes  int
	block  []byte
}

func (w *window) add(e event) {
	w.order++
	e.order = w.order
	w.events = append(w.events, e)
}

// hold copies b to where it stays.
func (w *window) hold(b []byte) []byte {
	if len(b) > cap(w.block)-len(w.block) {
		w.block = make([]byte, 0, max(blockSize, len(b)))
	}
	start := len(w.block)
	w.block = append(w.block, b...)
	w.bytes += len(b)
	return w.block[start:len(w.block):len(w.block)]
}

func (w *window) full() bool { return len(w.events) >= w.limit || w.bytes >= windowBytes }

// sort orders what the window holds, and lets the earlier half go, or all at the end.
func (w *window) sort(all bool) {
	slices.SortFunc(w.events, earlier)
	w.next, w.give = 0, len(w.events)
	if !all {
		w.give = (len(w.events) + 1) / 2
	}
}

func earlier(a, b event) int {
	if a.time != b.time {
		return cmp.Compare(a.time, b.time)
	}
	if a.what != b.what {
		return cmp.Compare(a.what, b.what)
	}
	return cmp.Compare(a.order, b.order)
}

// ready tells whether there is an event to take. When there is none any more, the window is made
// ready to be filled again.
func (w *window) ready() bool {
	if w.next < w.give {
		return true
	}
	if w.give > 0 {
		n := copy(w.events, w.events[w.give:])
		clear(w.events[n:])
		w.events, w.next, w.give = w.events[:n], 0, 0
		w.bytes = 0
		for i := range w.events {
			w.bytes += len(w.events[i].data)
		}
	}
	return false
}

func (w *window) take() *event {
	w.next++
	return &w.events[w.next-1]
}
