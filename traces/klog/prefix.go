package klog

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// head reads what stands before the message of a line. known tells that the line is surely the
// kernel's; lines of other programs in the same log are given as they are.
func (k *Reader) head(b []byte) (s stamp, text []byte, known bool) {
	if k.seq >= 0 && b[0] == ' ' && bytes.IndexByte(b, '=') > 0 {
		return stamp{format: kmsgField}, nil, true
	}
	if s, text, known = k.kmsg(b); known {
		return s, text, true
	}
	b = b[blanks(b, 0):]
	s, rest := k.stamps(b)
	if s.clock == noClock {
		if found, next, ok := glued(b); ok {
			found.level = s.level
			s, rest = found, b[next:]
		}
	}
	t, text, known := k.source(s, b, rest)
	if !known && s.clock == date {
		if own, rest, ok := carried(s, rest); ok {
			return k.source(own, b, rest)
		}
	}
	return t, text, known
}

// carried finds the kernel's own time behind a date and words of the program that put it there: the stream
// of a container, a stage of a test. Lines of other programs name these with a colon.
func carried(s stamp, b []byte) (own stamp, rest []byte, ok bool) {
	ns, at, end := inner(b)
	if at < 0 || bytes.IndexByte(b[:at], ':') >= 0 {
		return s, b, false
	}
	return stamp{time: ns, clock: seconds, exact: true, level: s.level, format: "dmesg"}, b[end:], true
}

// stamps reads levels and times from the start of a line: some tools print several. The kernel's own
// time counts before a date that another program has added, and the first of a kind before others.
func (k *Reader) stamps(b []byte) (s stamp, rest []byte) {
	for range 6 {
		b = b[blanks(b, 0):]
		if rest, level := priority(b); level != "" {
			s.level, b = level, rest
			continue
		}
		t, next, ok := k.time(b)
		if !ok {
			break
		}
		if s.clock == noClock || s.clock == date && t.clock == seconds {
			t.level = s.level
			s = t
		}
		b = b[next:]
	}
	return s, b
}

// time reads one time.
func (k *Reader) time(b []byte) (s stamp, next int, ok bool) {
	if ns, next, ok := uptime(b); ok {
		return stamp{time: ns, clock: seconds, exact: true, format: "dmesg"}, next, true
	}
	if ns, next, format, ok := delta(b); ok {
		k.base += ns
		c := date
		if format != "dmesg -e" {
			c = seconds
		}
		return stamp{time: k.base, clock: c, format: format}, next, true
	}
	s, next, ok = calendar(b)
	if ok && s.format == "dmesg -e" {
		k.base = s.time
	}
	return s, next, ok
}

// priority reads "<3>" of dmesg -r and of RFC 5424, and "kern  :err   : " of dmesg -x.
func priority(b []byte) (rest []byte, level string) {
	if len(b) > 2 && b[0] == '<' {
		n, at, ok := number(b, 1)
		if !ok || n > 191 || at == len(b) || b[at] != '>' {
			return b, ""
		}
		rest = b[at+1:]
		if len(rest) > 2 && rest[0] == '1' && rest[1] == ' ' && digit(rest[2]) {
			rest = rest[2:]
		}
		return rest, printk.Level(int(n))
	}
	facility, rest, ok := bytes.Cut(b[:min(len(b), 24)], []byte{':'})
	if !ok || len(facility) > 8 || !word(bytes.TrimRight(facility, " ")) {
		return b, ""
	}
	name, _, ok := bytes.Cut(rest, []byte{':'})
	if !ok || len(name) > 8 {
		return b, ""
	}
	if level = printk.LevelName(bytes.TrimRight(name, " ")); level == "" {
		return b, ""
	}
	return b[len(facility)+len(name)+2:], level
}

func word(b []byte) bool {
	for _, c := range b {
		if !letter(c) && !digit(c) {
			return false
		}
	}
	return len(b) > 0
}

// glued finds "[   12.345678]" further on: a prompt or the output of a program stands before it.
// A line may also have lost its bracket.
func glued(b []byte) (s stamp, next int, ok bool) {
	s = stamp{clock: seconds, exact: true, format: "dmesg"}
	if ns, at, ok := fraction(b, 0); ok && at+1 < len(b) && b[at] == ']' && b[at+1] == ' ' {
		s.time = ns
		return s, at + 1, true
	}
	if ns, at, end := inner(b); at >= 0 {
		s.time = ns
		return s, end, true
	}
	return stamp{}, 0, false
}

// inner finds the next "[   12.345678] " that does not begin the text; at is −1 if there is none.
func inner(b []byte) (ns int64, at, end int) {
	for at := 1; at < len(b); at++ {
		i := bytes.IndexByte(b[at:], '[')
		if i < 0 {
			break
		}
		at += i
		ns, n, ok := uptime(b[at:])
		if ok && (at+n == len(b) || b[at+n] == ' ' || b[at+n] == '[') {
			return ns, at, at + n
		}
	}
	return 0, -1, 0
}

// source reads what stands between the times and the message: the caller of the line, the host and
// program of a syslog, the task and tag of logcat. line is the line as a whole.
func (k *Reader) source(s stamp, line, b []byte) (stamp, []byte, bool) {
	if s.clock == noClock {
		if t, rest, ok := bareTime(b); ok {
			s, b = t, rest
		}
	}
	if t, text, ok := k.logcat(s, b); ok {
		return t, text, true
	}
	if t, text, ok := kernelTag(s, b); ok {
		return k.tagged(t, text)
	}
	switch {
	case s.clock == seconds:
		return s, caller(b), true
	case s.clock == date && tagless(s.format), s.level != "":
		return s, caller(b), true
	case core(b):
		return s, b, true
	case s.clock == noClock:
		if text := k.behind(line); text != nil {
			return s, text, true
		}
	}
	return s, b, false
}

// tagged finishes a line that a syslog calls the kernel's: the kernel's own time may follow.
func (k *Reader) tagged(s stamp, b []byte) (stamp, []byte, bool) {
	if s.clock == seconds {
		s.format = "journalctl -o short-monotonic"
	}
	b = b[blanks(b, 0):]
	if ns, next, ok := uptime(b); ok {
		s.time, s.clock, s.exact = ns, seconds, true
		b = b[next:]
	}
	return s, caller(b), true
}

// tagless tells whether the lines of a format are the kernel's without saying so.
func tagless(format string) bool {
	switch format {
	case "dmesg -T", "dmesg -e", "dmesg --time-format=iso", "dmesg --time-format=delta":
		return true
	}
	return false
}

// behind finds a line of the core behind other words: "HOST kernel: " with the time cut off, or the
// "FILE:LINE:" of grep. A sentence that quotes such a line is none.
func (k *Reader) behind(b []byte) []byte {
	at := bytes.Index(b, []byte("remoteproc remoteproc"))
	if at < 2 || at > 80 || !core(b[at:]) {
		return nil
	}
	before := bytes.TrimRight(b[:at], " \t")
	if bytes.HasSuffix(before, []byte("kernel:")) {
		return b[at:]
	}
	if k.stamped || len(before) == 0 {
		return nil
	}
	switch c := before[len(before)-1]; {
	case c == ':', c == '|', c == ']', c == '>', digit(c) && len(bytes.Fields(before)) == 1:
		return b[at:]
	}
	return nil
}

// core tells whether a message is one of a device that the core made.
func core(text []byte) bool {
	driver, device, _ := printk.Split(text)
	return ofCore(driver, device)
}

// ofCore tells whether the names before a message are those of the core's devices.
func ofCore(driver, device []byte) bool {
	return printk.IsCore(device) && (len(driver) == 0 || string(driver) == "remoteproc")
}
