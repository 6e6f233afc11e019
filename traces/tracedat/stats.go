package tracedat

import (
	"strconv"
	"strings"
)

// stats are the counters of per_cpu/cpuN/stats of one buffer and CPU, as they were when the recording
// ended.
type stats struct {
	overrun uint64 // the oldest events, overwritten by newer ones
	dropped uint64 // the newest ones, for which there was no room (option overwrite off)
}

type statsKey struct {
	buffer string
	cpu    int
}

// statsReader reads the CPUSTAT options, one after another:
//
//	CPU: 0
//	entries: 9
//	overrun: 0
//	…
//
// "Buffer: NAME" comes before those of an instance.
type statsReader struct {
	all map[statsKey]stats
	key statsKey
}

func (s *statsReader) read(text string) {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.Trim(line, " \t\n\x00"), ":")
		if ok {
			s.line(key, strings.TrimSpace(value))
		}
	}
}

func (s *statsReader) line(key, value string) {
	n, err := strconv.ParseUint(value, 10, 64)
	at := s.all[s.key]
	switch {
	case key == "Buffer":
		s.key = statsKey{buffer: value}
		return
	case err != nil:
		return
	case key == "CPU":
		s.key.cpu = int(n)
		return
	case key == "overrun":
		at.overrun += n
	case key == "commit overrun", key == "dropped events":
		at.dropped += n
	default:
		return
	}
	s.all[s.key] = at
}
