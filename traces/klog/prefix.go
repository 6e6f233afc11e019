package klog

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// clean drops what consoles, mails and forums add to a line: NUL bytes, ANSI escapes, "> " marks
// of quoting, "**" of markdown. It works in place.
func clean(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(b, 0) >= 0 {
		b = drop(b, 0)
	}
	if bytes.IndexByte(b, 0x1b) >= 0 {
		b = unescape(b)
	}
	for len(b) > 0 && b[0] == '>' {
		b = bytes.TrimPrefix(b[1:], []byte{' '})
	}
	if i := bytes.Index(b, []byte("**")); i >= 0 {
		b = unmark(b)
	}
	return bytes.TrimRight(b, " \t\r")
}

func drop(b []byte, c byte) []byte {
	keep := b[:0]
	for _, x := range b {
		if x != c {
			keep = append(keep, x)
		}
	}
	return keep
}

// unescape drops "ESC [ … letter".
func unescape(b []byte) []byte {
	keep := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] != 0x1b {
			keep = append(keep, b[i])
			continue
		}
		if i+1 < len(b) && b[i+1] == '[' {
			for i += 2; i < len(b) && !letter(b[i]); i++ {
			}
		}
	}
	return keep
}

// unmark drops the pairs of "**" that markdown sets around emphasis. Longer runs of stars, and the
// "** 5 printk messages dropped **" of the kernel, stay.
func unmark(b []byte) []byte {
	if bytes.Contains(b, []byte("***")) || bytes.Contains(b, []byte("printk messages")) || bytes.Count(b, []byte("**"))%2 != 0 {
		return b
	}
	return bytes.ReplaceAll(b, []byte("**"), nil)
}

// prefix reads the stamp of a line and gives the text behind it. known tells that this is surely
// a kernel log line; lines of other programs in the same log are given as they are.
func prefix(b []byte) (s stamp, text []byte, known bool) {
	b, level := priority(b[blanks(b, 0):])
	s, next, ok := start(b)
	if !ok {
		s, next, ok = glued(b)
	}
	if !ok {
		s.level = level
		return s, b, level != ""
	}
	if s.level == "" {
		s.level = level
	}
	return source(s, b[next:])
}

// priority reads "<3>" of dmesg -r and "kern  :err   : " of dmesg -x.
func priority(b []byte) (rest []byte, level string) {
	if len(b) > 3 && b[0] == '<' {
		if n, at, ok := number(b, 1); ok && n < 192 && at < len(b) && b[at] == '>' {
			return b[at+1:], printk.Level(int(n))
		}
	}
	facility, rest, ok := bytes.Cut(b, []byte{':'})
	if !ok || len(facility) > 8 || !word(bytes.TrimRight(facility, " ")) {
		return b, ""
	}
	name, rest, ok := bytes.Cut(rest, []byte{':'})
	if !ok || len(name) > 8 {
		return b, ""
	}
	if level = printk.LevelName(bytes.TrimRight(name, " ")); level == "" {
		return b, ""
	}
	return rest[blanks(rest, 0):], level
}

func word(b []byte) bool {
	for _, c := range b {
		if !letter(c) && !digit(c) {
			return false
		}
	}
	return len(b) > 0
}

// start reads the time at the start of a line.
func start(b []byte) (s stamp, next int, ok bool) {
	if ns, next, ok := uptime(b); ok {
		return stamp{time: ns, clock: seconds, exact: true, format: "dmesg"}, next, true
	}
	return calendar(b)
}

// glued finds "[   12.345678]" further on: a prompt or the output of a program stands before it.
// A line may also have lost its bracket.
func glued(b []byte) (s stamp, next int, ok bool) {
	s = stamp{clock: seconds, exact: true, format: "dmesg"}
	if ns, at, ok := fraction(b, 0); ok && at+1 < len(b) && b[at] == ']' && b[at+1] == ' ' {
		s.time = ns
		return s, at + 1, true
	}
	for at := 1; at < len(b); at++ {
		i := bytes.IndexByte(b[at:], '[')
		if i < 0 {
			break
		}
		at += i
		ns, n, ok := uptime(b[at:])
		if ok && (at+n == len(b) || b[at+n] == ' ' || b[at+n] == '[') {
			s.time = ns
			return s, at + n, true
		}
	}
	return stamp{}, 0, false
}

// source reads what stands between the time and the text: the caller of the line, or the host and
// program of a syslog.
func source(s stamp, b []byte) (stamp, []byte, bool) {
	b = caller(b)
	if s.format == "logcat" {
		return logcat(s, b)
	}
	host, rest, ok := kernelTag(b)
	if ok {
		if s.level == "" {
			s.level = facilityLevel(host)
		}
		if s.clock == seconds {
			s.format = "journalctl -o short-monotonic"
		}
		if ns, next, inner := uptime(rest[blanks(rest, 0):]); inner {
			s.time, s.clock, s.exact = ns, seconds, true
			rest = caller(rest[blanks(rest, 0)+next:])
		}
		return s, rest, true
	}
	if syslog(s.format) {
		return s, b, false
	}
	return s, b, true
}

// syslog tells whether the lines of a format name their program, so that one without "kernel:" is
// no kernel line.
func syslog(format string) bool {
	switch format {
	case "dmesg", "dmesg -T", "dmesg -e", "dmesg --time-format=iso":
		return false
	}
	return true
}

// caller drops "[  T272]" and "[  C4]" of CONFIG_PRINTK_CALLER, and one blank.
func caller(b []byte) []byte {
	if len(b) > 3 && b[0] == '[' {
		at := blanks(b, 1)
		if at < len(b) && (b[at] == 'T' || b[at] == 'C') {
			if _, end, ok := number(b, at+1); ok && end < len(b) && b[end] == ']' {
				b = b[end+1:]
			}
		}
	}
	return bytes.TrimPrefix(b, []byte{' '})
}

// kernelTag cuts "HOST kernel: " and "kern.err kernel: ".
func kernelTag(b []byte) (host, rest []byte, ok bool) {
	b = b[blanks(b, 0):]
	if rest, ok = bytes.CutPrefix(b, []byte("kernel: ")); ok {
		return nil, rest, true
	}
	host, rest, ok = bytes.Cut(b, []byte{' '})
	if !ok || len(host) == 0 || host[len(host)-1] == ':' {
		return nil, nil, false
	}
	rest, ok = bytes.CutPrefix(rest, []byte("kernel:"))
	return host, rest, ok
}

func facilityLevel(host []byte) string {
	_, level, _ := bytes.Cut(host, []byte{'.'})
	return printk.LevelName(level)
}

// logcat cuts "     0     0 E " of logcat -b kernel.
func logcat(s stamp, b []byte) (stamp, []byte, bool) {
	at := 0
	for range 2 {
		_, next, ok := number(b, blanks(b, at))
		if !ok {
			return s, b, false
		}
		at = next
	}
	at = blanks(b, at)
	if at+2 > len(b) || b[at+1] != ' ' {
		return s, b, false
	}
	s.level = logcatLevel(b[at])
	return s, b[at+2:], s.level != ""
}

func logcatLevel(c byte) string {
	switch c {
	case 'V', 'D':
		return "debug"
	case 'I':
		return "info"
	case 'W':
		return "warn"
	case 'E':
		return "err"
	case 'F', 'A':
		return "crit"
	}
	return ""
}
