package perfetto

import (
	"fmt"
	"slices"
	"strings"
)

// hints collects what is worth telling about a trace beside its records.
type hints struct {
	clocks     []string
	unknown    []string // events that were asked for and not recorded
	misses     uint64   // hits of kprobes that were not recorded
	named      int      // functions with a name
	unnamed    int      // functions without one
	machines   int      // packets of other machines
	inGaps     int      // records left out in gaps
	late       int      // records that came too late
	twice      int      // records of several instances
	overwrites uint64   // chunks of Perfetto's buffers
	discards   uint64
	unflushed  bool
}

func (h *hints) clock(id uint64) {
	name := clocks[id]
	if id == 0 {
		name = "boot"
	} else if name == "" {
		name = fmt.Sprintf("number %d", id)
	}
	if !slices.Contains(h.clocks, name) && len(h.clocks) < 8 {
		h.clocks = append(h.clocks, name)
	}
}

// ftraceStats reads an FtraceStats message.
func (h *hints) ftraceStats(b []byte) {
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case statsUnknown, statsFailed:
			if name := string(f.text); !slices.Contains(h.unknown, name) && len(h.unknown) < 32 {
				h.unknown = append(h.unknown, name)
			}
		case statsKprobes:
			h.kprobes(f.text)
		}
	}
}

func (h *hints) kprobes(b []byte) {
	for len(b) > 0 {
		var f wire
		if f, b, _ = consume(b); f.number == kprobeMisses {
			h.misses = max(h.misses, f.num)
		}
	}
}

// traceStats reads a TraceStats message; the last one counts.
func (t *Reader) traceStats(b []byte) {
	h := &t.hints
	h.overwrites, h.discards, h.unflushed = 0, 0, false
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case statsBuffers:
			h.buffer(f.text)
		case statsFinalFlush:
			h.unflushed = f.num == finalFlushFailed
		}
	}
}

func (h *hints) buffer(b []byte) {
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case bufferOverwrites:
			h.overwrites += f.num
		case bufferDiscards:
			h.discards += f.num
		}
	}
}

// notes puts the hints into words, the most important ones first.
func (h *hints) notes() []string {
	var all []string
	say := func(when bool, format string, args ...any) {
		if when {
			all = append(all, fmt.Sprintf(format, args...))
		}
	}
	say(h.unnamed > 0 && h.named == 0, "%d records of functions carry numbers instead of names, so work items are not known: record with symbolize_ksyms: true in the ftrace config", h.unnamed)
	say(h.unnamed > 0 && h.named > 0, "%d records of functions carry no name", h.unnamed)
	say(h.inGaps > 0, "%d records are left out: events of other CPUs at the same time are missing", h.inGaps)
	say(h.late > 0, "%d records came too late to be put in order: they are left out", h.late)
	say(h.twice > 0, "%d records are in the buffers of several instances and given once", h.twice)
	say(h.discards > 0, "Perfetto's buffer was full: what came then was discarded (a larger buffer, or fill_policy: RING_BUFFER)")
	say(h.unflushed, "the last flush failed: the end of the trace is not complete")
	say(len(h.unknown) > 0, "asked for, but not recorded by this kernel: %s", strings.Join(h.unknown, ", "))
	say(h.misses > 0, "%d hits of kprobes were missed", h.misses)
	say(h.machines > 0, "%d packets of other machines are left out", h.machines)
	say(len(h.clocks) > 1 || len(h.clocks) == 1 && h.clocks[0] != "boot", "timestamps are of clock %s", strings.Join(h.clocks, " and "))
	say(slices.Contains(h.clocks, "local"), "the local clock does not order events of different CPUs")
	return all
}
