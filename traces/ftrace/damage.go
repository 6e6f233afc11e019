package ftrace

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
)

// damaged is the reason of a loss where a line was an event and cannot be read: a console that printed
// into it, a file that was cut. It may have been any event, so it counts as lost.
const damaged = "damaged"

// wasEvent tells whether a line that was not understood holds what is left of an event.
func (t *Reader) wasEvent(text []byte) bool {
	if t.dialect == graph {
		return bytes.Contains(text, []byte(" |"))
	}
	return looksLikeEvent(text)
}

// cutShort makes r a Lost record if the event of t.head has lost its end: of that kind, more is
// always printed.
func (t *Reader) cutShort(r *traces.Record, kind traces.Kind) bool {
	if !t.head.short(kind) && !(t.head.form == bare && t.eventsOnly()) {
		return false
	}
	t.common(r, traces.Lost)
	r.Source, r.LostN, r.Reason = traces.Synthetic, 1, damaged
	t.info.Lost++
	return true
}

// eventsOnly tells that the trace holds events with a name: no tracer of functions was on, or the tool
// gives functions a name of their own. What looks like a function is the beginning of such a name.
func (t *Reader) eventsOnly() bool {
	return t.info.Tracer == "nop" || t.dialect == report || t.dialect == perf
}

// short tells whether an event lacks what all events of its kind end with.
func (h *head) short(kind traces.Kind) bool {
	switch kind {
	case traces.EdgeOn, traces.EdgeOff:
		return !bytes.Contains(h.body, []byte(" state="))
	case traces.Queue, traces.Start:
		return !bytes.Contains(h.body, []byte(" function"))
	case traces.End:
		return len(h.body) == 0
	case traces.Enter, traces.Exit: // name="mo
		i := bytes.LastIndex(h.body, []byte(`="`))
		return h.form == named && i >= 0 && bytes.IndexByte(h.body[i+2:], '"') < 0
	case traces.Other: // (rproc_stop+0x0/0x
		return h.form == named && len(h.body) > 0 && h.body[0] == '(' && symbol(h.body[1:]) && bytes.Contains(h.body, []byte("+0x"))
	}
	return false
}

// looksLikeEvent tells a damaged event line from the second line of a message.
func looksLikeEvent(text []byte) bool {
	for at := 0; at < len(text); at++ {
		i := bytes.IndexByte(text[at:], '[')
		if i < 0 {
			return false
		}
		at += i
		if _, _, ok := cpu(text, at); ok {
			return true
		}
	}
	return false
}
