package tracedat

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// clock turns the timestamps of the ring buffer into times.
type clock struct {
	name   string // of the kernel's trace_clock: local, boot, x86-tsc, …; "": the file does not tell
	offset int64  // ns to add, of trace-cmd record --date and --ts-offset
	mult   uint64 // of TSC2NSEC; 0: timestamps are no cycles, or nobody knows their length
	shift  uint
}

// currentClock reads the content of the file trace_clock: "[local] global counter …".
func currentClock(text string) string {
	_, rest, ok := strings.Cut(text, "[")
	name, _, closed := strings.Cut(rest, "]")
	if !ok || !closed {
		return ""
	}
	return name
}

// seconds tells whether times are nanoseconds. counter, uptime and x86-tsc count other things, and a clock
// that is not known may count anything.
func (c *clock) seconds() bool {
	switch c.name {
	case "", "local", "global", "perf", "mono", "mono_raw", "boot", "tai", "tsc2nsec":
		return true
	}
	return c.mult > 0
}

// time converts a timestamp.
func (c *clock) time(stamp uint64) int64 {
	if c.mult > 0 {
		hi, lo := bits.Mul64(stamp, c.mult)
		stamp = lo>>c.shift | hi<<(64-c.shift)
	}
	return int64(min(stamp, math.MaxInt64)) + c.offset
}

// addDate reads the DATE option: microseconds between the clock and the time of day, such as 0x1a2b.
func (c *clock) addDate(text string) {
	if n, ok := parseOffset(text); ok && n < math.MaxInt64/1000 && n > math.MinInt64/1000 {
		c.offset += n * 1000
	}
}

// addOffset reads the OFFSET option, in nanoseconds.
func (c *clock) addOffset(text string) {
	if n, ok := parseOffset(text); ok {
		c.offset += n
	}
}

func parseOffset(text string) (int64, bool) {
	text, _, _ = strings.Cut(text, "\x00")
	n, err := strconv.ParseInt(strings.TrimSpace(text), 0, 64)
	return n, err == nil
}

// tsc reads the TSC2NSEC option: multiplier and shift.
func (c *clock) tsc(data *cursor) {
	mult, shift := data.u32("the multiplier"), data.u32("the shift")
	if data.err == nil && shift < 64 {
		c.mult, c.shift = mult, uint(shift)
	}
}
