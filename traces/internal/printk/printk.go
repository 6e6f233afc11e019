// Package printk takes the text of kernel log lines apart, whatever recorded them.
package printk

import (
	"bytes"
	"strconv"
)

// Split cuts "driver device: text", the prefix of dev_err() and its like. Old kernels print
// " remoteproc1: text" without a driver. Without such a prefix driver and device are empty; nor is
// "host program[12]: " one.
func Split(line []byte) (driver, device, text []byte) {
	line = bytes.TrimSpace(line)
	first, rest, ok := bytes.Cut(line, []byte{' '})
	if !ok || len(first) == 0 {
		return nil, nil, line
	}
	if first[len(first)-1] == ':' {
		return oldCore(line, first, rest)
	}
	second, rest, ok := bytes.Cut(rest, []byte{' '})
	if !ok || len(second) < 2 || second[len(second)-1] != ':' || bytes.IndexByte(second, '[') >= 0 {
		return nil, nil, line
	}
	return first, second[:len(second)-1], bytes.TrimSpace(rest)
}

func oldCore(line, first, rest []byte) (driver, device, text []byte) {
	if name := first[:len(first)-1]; IsCore(name) {
		return nil, name, bytes.TrimSpace(rest)
	}
	return nil, nil, line
}

// IsCore tells whether device is one that the remoteproc core made: remoteproc and a number.
func IsCore(device []byte) bool {
	n, ok := bytes.CutPrefix(device, []byte("remoteproc"))
	return ok && len(n) > 0 && len(bytes.TrimLeft(n, "0123456789")) == 0
}

// levels are the names of the printk levels, as dmesg prints them.
var levels = [8]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}

// Level gives the name of a printk level or of a syslog priority (its facility is dropped).
func Level(n int) string { return levels[n&7] }

// LevelName turns the many spellings of a level into one of Level's; "" if it is none.
func LevelName(s []byte) string {
	switch string(s) {
	case "warning":
		return "warn"
	case "error":
		return "err"
	case "panic":
		return "emerg"
	}
	for _, l := range levels {
		if l == string(s) {
			return l
		}
	}
	return ""
}

// Dropped recognises the lines by which the kernel, or what keeps its log, says that it left out others:
// "** 5 printk messages dropped **", "f: 12 callbacks suppressed", journald's "Missed 12 kernel messages",
// a syslog's "message repeated 2 times: …".
func Dropped(line []byte) (n int, reason string) {
	for _, d := range drops {
		if i := bytes.Index(line, []byte(d.text)); i >= 0 && bytes.Contains(line[:i], []byte(d.after)) {
			return lastNumber(line[:i]), d.reason
		}
	}
	return 0, ""
}

// drops are texts that follow a number, if after stands before it.
var drops = [...]struct{ text, reason, after string }{
	{" printk messages dropped", "dropped", ""},
	{" callbacks suppressed", "rate limit", ""},
	{" output lines suppressed", "rate limit", ""},
	{" messages suppressed", "rate limit", "printk: "},
	{" kernel messages", "missed", "Missed "},
	{" times", "repeated", "message repeated "},
}

// lastNumber gives the number that ends b, 0 if there is none.
func lastNumber(b []byte) int {
	n, err := strconv.Atoi(string(b[len(bytes.TrimRight(b, "0123456789")):]))
	if err != nil {
		return 0
	}
	return n
}

// TrimTime drops a "[   12.345678] " and what stands before it, "<6>" as a rule.
func TrimTime(line []byte) []byte {
	start := line
	if len(start) > 2 && start[0] == '<' {
		start = start[bytes.IndexByte(start, '>')+1:]
	}
	if len(start) == 0 || start[0] != '[' {
		return line
	}
	inner, rest, ok := bytes.Cut(start[1:], []byte("] "))
	if !ok || len(bytes.Trim(inner, " 0123456789.")) > 0 || bytes.IndexByte(inner, '.') < 0 {
		return line
	}
	return rest
}
