package ftrace

import (
	"bytes"
	"math"
	"strconv"

	"github.com/rprocspec/rprocspec/traces"
)

// header reads a comment line. One that shows an overwritten buffer makes a Lost record: whatever
// happened before the first event is unknown then.
func (t *Reader) header(text []byte, r *traces.Record) bool {
	t.follows = false
	if name, ok := bytes.CutPrefix(text, []byte("# tracer: ")); ok {
		t.info.Tracer = string(bytes.TrimSpace(name))
		return t.begin(r, "a second header")
	}
	if bytes.HasPrefix(text, []byte(markComment)) {
		t.comment(r, text[len("# "):])
		return true
	}
	_, counts, ok := bytes.Cut(text, []byte("entries-in-buffer/entries-written: "))
	if !ok {
		return t.corrupted(text, r)
	}
	if string(counts) == traceconvCounts {
		t.converted()
		return false
	}
	if _, cpus, ok := bytes.Cut(counts, []byte("#P:")); ok {
		n, _, _ := number(cpus, 0)
		t.info.CPUs = int(n)
	}
	kept, at, ok := number(counts, 0)
	if !ok || at == len(counts) || counts[at] != '/' {
		return false
	}
	written, _, ok := number(counts, at+1)
	if !ok || written <= kept {
		return false
	}
	t.loss(r, -1, int(written-kept), "overwritten")
	return true
}

// corrupted makes r a Lost record where the kernel says that its tracer of functions has failed.
func (t *Reader) corrupted(text []byte, r *traces.Record) bool {
	if !bytes.HasSuffix(text, []byte("MAY BE MISSING FUNCTION EVENTS")) {
		return false
	}
	t.loss(r, -1, 0, "corrupted")
	return true
}

// traceconvCounts is what traceconv puts into the header of every trace: it makes text of Perfetto's.
const traceconvCounts = "30624/30624   #P:4"

// converted is for such a trace: its flags are the same everywhere, and its losses are not in it.
func (t *Reader) converted() {
	t.flagless = true
	t.note("made by traceconv: it tells no losses and no contexts; the Perfetto trace itself does better")
}

// markComment begins a mark that could not be written into the trace itself: perf and bpftrace have
// no marker, so who records with them puts the description of the capture around their output.
const markComment = "# rprocspec/"

func (t *Reader) comment(r *traces.Record, text []byte) {
	*r = traces.Record{
		Kind: traces.Mark, Source: traces.Marker, CPU: -1, PID: -1, Time: traces.NoTime,
		Line: t.lines.Num(), Args: r.Args[:0], Text: string(bytes.TrimRight(text, " ")),
	}
}

// begin makes r a Begin record, unless nothing came before it: the file holds several traces, one
// after the other, and nothing of the first ones is known to hold for the next.
func (t *Reader) begin(r *traces.Record, why string) bool {
	if t.info.Records == 0 {
		return false
	}
	t.due(&traces.Record{Time: math.MaxInt64, CPU: -1})
	clear(t.open)
	t.dialect, t.clock, t.follows = unknown, noClock, false
	*r = traces.Record{
		Kind: traces.Begin, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime,
		Line: t.lines.Num(), Args: r.Args[:0], Reason: why,
	}
	if len(t.queue) == 0 {
		return true
	}
	t.queue = append(t.queue, *r.Clone())
	return false
}

// loss makes r a Lost record. n is 0 if the number is unknown.
func (t *Reader) loss(r *traces.Record, cpu, n int, reason string) {
	*r = traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: cpu, PID: -1, Time: traces.NoTime,
		Line: t.lines.Num(), Args: r.Args[:0], LostN: n, Reason: reason,
	}
	t.info.Lost += max(n, 1)
}

// lost makes the event r, of perf, a Lost record that keeps its task and time.
func (t *Reader) lost(r *traces.Record, text []byte) {
	_, count, _ := bytes.Cut(text, []byte("lost"))
	n, _, _ := number(count, blanks(count, min(1, len(count))))
	r.Source, r.LostN, r.Reason = traces.Synthetic, int(n), "lost"
	t.info.Lost += max(r.LostN, 1)
}

// aside reads a line that is no event. Only losses make a record.
func (t *Reader) aside(text []byte, r *traces.Record) bool {
	if t.preamble(text) {
		if !bytes.HasPrefix(text, []byte("cpus=")) {
			return false
		}
		begun := t.begin(r, "a second header")
		t.preamble(text) // what begin has made the reader forget
		return begun
	}
	text = counted(text)
	for _, m := range lossMarks {
		if before, after, ok := bytes.Cut(text, []byte(m.mark)); ok && lossStart(text) {
			t.follows = false
			t.loss(r, lossCPU(text), max(lossCount(before), lossCount(after), m.least), m.reason)
			return true
		}
	}
	if t.harmless(text) {
		return false
	}
	t.malformed(text, why(text))
	if !t.wasEvent(text) {
		return false
	}
	t.follows = false
	t.loss(r, -1, 1, damaged)
	return true
}

// lossMarks are parts of the lines by which kernel and tools tell of losses. The number stands
// before or after the mark.
var lossMarks = [...]struct {
	mark, reason string
	least        int
}{
	{"[LOST ", "lost", 0},             // CPU:0 [LOST 60 EVENTS], CPU:0 [LOST EVENTS]
	{"EVENTS DROPPED", "dropped", 0},  // CPU:0 [12 EVENTS DROPPED], CPU:0 [EVENTS DROPPED]
	{" events missing", "dropped", 0}, // CPU0 has 12 events missing
	{"[LINE TOO BIG]", "too big", 1},
	{"LOST ", "lost", 0},            // LOST 7 events!
	{"and lost ", "lost", 0},        // Processed 9 events and lost 2 chunks!
	{"PERF_RECORD_LOST", "lost", 0}, // of perf script --show-lost-events, without a task
}

// counted drops what stands before "CPU:1 [": the name of a buffer in trace-cmd report, the time that a
// terminal program puts before every line.
func counted(text []byte) []byte {
	at := bytes.Index(text, []byte("CPU:"))
	if at <= 0 || looksLikeEvent(text) {
		return text
	}
	if _, end, ok := number(text, at+len("CPU:")); !ok || !bytes.HasPrefix(text[end:], []byte(" [")) {
		return text
	}
	return text[at:]
}

// lossStart tells whether a line may be one about losses: none begins with free text.
func lossStart(text []byte) bool {
	text = bytes.TrimLeft(text, " \t")
	for _, p := range [...]string{"CPU", "[LINE TOO BIG]", "[", "LOST ", "Processed ", "PERF_RECORD_LOST", "Lost "} {
		if bytes.HasPrefix(text, []byte(p)) {
			return true
		}
	}
	return false
}

// lossCPU reads the CPU of "CPU:0 …" or "CPU0 …", -1 without one.
func lossCPU(text []byte) int {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(text, " "), []byte("CPU"))
	if !ok {
		return -1
	}
	n, _, ok := number(bytes.TrimLeft(rest, ": "), 0)
	if !ok {
		return -1
	}
	return int(n)
}

// lossCount reads the number at the end of what stands before a mark, or at the start of what
// stands behind it.
func lossCount(b []byte) int {
	b = bytes.Trim(b, " :[")
	end := bytes.TrimRight(b, "0123456789")
	if n, err := strconv.Atoi(string(b[len(end):])); err == nil && (len(end) == 0 || end[len(end)-1] == '[' || end[len(end)-1] == ' ') {
		return n
	}
	n, _, _ := number(b, 0)
	return int(n)
}

// preamble recognises the lines that trace-cmd report prints before its events.
func (t *Reader) preamble(text []byte) bool {
	for _, p := range [...]string{"cpus=", "version = ", "CPU "} {
		if bytes.HasPrefix(text, []byte(p)) && (p != "CPU " || bytes.HasSuffix(text, []byte(" is empty"))) {
			if n, _, ok := number(text, len(p)); ok && p == "cpus=" {
				t.info.CPUs = int(n)
			}
			if t.dialect != perf {
				t.dialect, t.info.Format = report, "trace-cmd report"
			}
			return true
		}
	}
	return false
}

// harmless tells whether a line that is no event belongs into a trace all the same.
func (t *Reader) harmless(text []byte) bool {
	trimmed := bytes.TrimSpace(text)
	switch {
	case len(trimmed) == 0, bytes.HasPrefix(trimmed, []byte("=> ")): // func_stack_trace
		return true
	case bytes.HasPrefix(trimmed, []byte("-------")), bytes.Contains(trimmed, []byte(" => ")) && digit(trimmed[0]): // graph task switch
		return true
	case bytes.HasSuffix(trimmed, []byte(" [SUBBUFFER START]")): // trace-cmd report --debug
		return true
	case bytes.HasPrefix(trimmed, []byte("trace-cmd: ")):
		return t.info.Records > 0
	case t.dialect == perf && trimmed[0] != text[0] && !looksLikeEvent(text): // call chain
		return true
	case t.dialect == unknown, t.dialect == perf:
		if bytes.Contains(trimmed, []byte(perfRecord)) || perfWord(string(trimmed)) {
			return true
		}
	}
	return t.follows && !looksLikeEvent(text)
}

// perfWord tells whether a line is one by which perf introduces or ends its word of lost chunks.
func perfWord(text string) bool { return text == "Warning:" || text == "Check IO/CPU overload!" }

func why(text []byte) string {
	if looksLikeEvent(text) {
		return "no task, time or event name around the [CPU] column"
	}
	return "no [CPU] column"
}
