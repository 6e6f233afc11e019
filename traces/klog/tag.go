package klog

import (
	"bytes"
	"time"

	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// caller drops "[  T272]" and "[  C4]" of CONFIG_PRINTK_CALLER, and one blank. What vendors print there
// is dropped before a device's line only:
//
//	[2:  kworker/2:1: 1234]   (2)[1234:kworker/2:1]   c0   1234
func caller(b []byte) []byte {
	rest := bytes.TrimPrefix(b, []byte{' '})
	if len(rest) > 3 && rest[0] == '[' {
		at := blanks(rest, 1)
		if at < len(rest) && (rest[at] == 'T' || rest[at] == 'C') {
			if _, end, ok := number(rest, at+1); ok && end < len(rest) && rest[end] == ']' {
				return bytes.TrimPrefix(rest[end+1:], []byte{' '})
			}
		}
	}
	if len(rest) > 3 && (rest[0] == '[' || rest[0] == '(' || rest[0] == '-' || rest[0] == 'c' && digit(rest[1])) {
		return vendor(rest)
	}
	return rest
}

// vendor drops up to three groups of words at the start if a device's line follows them.
func vendor(b []byte) []byte {
	rest := b
	for range 3 {
		next := group(rest)
		if next == 0 {
			break
		}
		rest = rest[next:]
		rest = rest[blanks(rest, 0):]
		if bytes.HasPrefix(rest, []byte("remoteproc ")) {
			return rest
		}
		if _, device, _ := printk.Split(rest); len(device) > 0 && letter(rest[0]) && !(rest[0] == 'c' && digit(rest[1])) {
			return rest
		}
	}
	return b
}

// group gives the length of a bracketed group, of "c0", or of a number.
func group(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	at := 0
	if b[0] == '-' {
		at++
	}
	if at < len(b) && (b[at] == '[' || b[at] == '(') {
		closing := map[byte]byte{'[': ']', '(': ')'}[b[at]]
		return bytes.IndexByte(b[:min(len(b), at+48)], closing) + 1
	}
	if b[0] == 'c' {
		at++
	}
	if _, end, ok := number(b, at); ok && end < len(b) && b[end] == ' ' {
		return end
	}
	return 0
}

// kernelTag cuts the name by which a syslog calls the kernel:
//
//	[ HOST ] [ FACILITY "." LEVEL ] "kernel:"
//	HOST "kernel - - -"                         RFC 5424
//	[ HOST ] "kern." LEVEL ":"                  OpenWrt's web page, some syslogs
//	HOST "kernel - - [" … "]"                   RFC 5424 with data
func kernelTag(s stamp, b []byte) (stamp, []byte, bool) {
	rest := b[blanks(b, 0):]
	for n := range 3 {
		w, next, ok := bytes.Cut(rest, []byte{' '})
		switch {
		case bytes.Equal(w, []byte("kernel:")), isKernelPID(w):
			return s, next, true
		case n == 1 && bytes.Equal(w, []byte("kernel")) && bytes.HasPrefix(next, []byte("- - ")):
			next, ok = structured(next[len("- - "):])
			return s, next, ok
		case n < 2 && bytes.HasPrefix(w, []byte("kern.")) && bytes.HasSuffix(w, []byte(":")):
			s.level = printk.LevelName(w[len("kern.") : len(w)-1])
			return s, next, ok && s.level != ""
		case !ok || len(w) == 0 || w[len(w)-1] == ':':
			return s, nil, false
		}
		if _, level, ok := bytes.Cut(w, []byte{'.'}); ok && s.level == "" {
			s.level = printk.LevelName(level)
		}
		rest = next
	}
	return s, nil, false
}

// structured steps over the structured data of RFC 5424, "-" or "[meta sequenceId="5"]…", before a message.
func structured(b []byte) (rest []byte, ok bool) {
	if rest, ok := bytes.CutPrefix(b, []byte("- ")); ok {
		return rest, true
	}
	for len(b) > 0 && b[0] == '[' {
		end := bytes.Index(b, []byte(`"]`))
		if end < 0 {
			break
		}
		b, ok = b[end+2:], true
	}
	return b, ok
}

// isKernelPID tells whether a word is "kernel[0]:".
func isKernelPID(w []byte) bool {
	n, ok := bytes.CutPrefix(w, []byte("kernel["))
	if !ok || !bytes.HasSuffix(n, []byte("]:")) {
		return false
	}
	_, end, ok := number(n, 0)
	return ok && end == len(n)-2
}

// logcat cuts the task, level and tag of Android's logcat, in the forms that name the tag:
//
//	[ UID ] PID TID LEVEL " " TAG ": "          threadtime, with -v epoch and monotonic too
//	LEVEL "/" TAG "(" PID "): "                 brief, and time after a date
//	LEVEL "/" TAG ": "                          tag
//	LEVEL "(" PID ") " TEXT "  (" TAG ")"       process
//	"[ " DATE PID ":" TID LEVEL "/" TAG " ]"    long: the text is in the lines that follow
func (k *Reader) logcat(s stamp, b []byte) (stamp, []byte, bool) {
	if text, ok := k.ofLong(b); ok && s.clock == noClock {
		return k.long, text, true
	}
	b = b[blanks(b, 0):]
	if s.clock == noClock {
		if t, ok := k.longHead(b); ok {
			return t, nil, true
		}
		level, text := brief(b)
		s.level, s.format = level, "logcat"
		return s, text, level != "" && core(text)
	}
	if s.format != "logcat" && s.format != withTimes {
		return s, nil, false
	}
	level, text := threadtime(b)
	if level == "" {
		level, text = brief(b)
	}
	s.level, s.format = level, "logcat"
	return s, text, level != ""
}

// bareTime reads seconds that stand without a bracket, of logcat -v epoch and -v monotonic and of
// journalctl -o short-unix.
func bareTime(b []byte) (s stamp, rest []byte, ok bool) {
	at := blanks(b, 0)
	ns, at, ok := fraction(b, at)
	if !ok || at == len(b) || b[at] != ' ' {
		return s, nil, false
	}
	s = stamp{time: ns, clock: seconds, exact: true, format: "logcat"}
	if ns > epoch {
		s.clock = date
	}
	if level, _ := threadtime(b[at:]); level != "" {
		return s, b[at:], true
	}
	s.format = "journalctl -o short-unix"
	_, _, ok = kernelTag(s, b[at:])
	return s, b[at:], ok
}

// epoch is a time that no machine has been up: seconds beyond it count from 1970.
const epoch = int64(1e9) * int64(time.Second)

// threadtime reads "  0     0 E TAG: text"; the user may stand before the two numbers.
func threadtime(b []byte) (level string, text []byte) {
	at := blanks(b, 0)
	if at < len(b) && letter(b[at]) { // root, or u0_a12
		for at < len(b) && b[at] != ' ' {
			at++
		}
	}
	n := 0
	for ; n < 3; n++ {
		_, end, ok := number(b, blanks(b, at))
		if !ok {
			break
		}
		at = end
	}
	at = blanks(b, at)
	if n < 2 || at+2 > len(b) || b[at+1] != ' ' {
		return "", nil
	}
	return logcatLevel(b[at]), untagged(b[at+2:])
}

// untagged brings "TAG     : text" into the form of a kernel line.
func untagged(b []byte) []byte {
	tag, text, ok := bytes.Cut(b, []byte(": "))
	trimmed := bytes.TrimRight(tag, " ")
	if ok && len(trimmed) == 0 && len(tag) > 0 { // "        : text", a message without a tag
		return text
	}
	if ok && len(trimmed) < len(tag) {
		return append(append(bytes.Clone(trimmed), ": "...), text...)
	}
	return b
}

// brief reads "E/TAG( 0): text", "E/TAG: text" and "E( 0) text  (TAG)".
func brief(b []byte) (level string, text []byte) {
	if len(b) < 4 || b[1] != '/' && b[1] != '(' {
		return "", nil
	}
	level = logcatLevel(b[0])
	open := bytes.IndexByte(b, '(')
	switch {
	case level == "":
	case b[1] == '(':
		closing := bytes.Index(b, []byte(") "))
		tag := bytes.LastIndex(b, []byte("  ("))
		if closing < 0 || tag < closing+2 || b[len(b)-1] != ')' {
			return "", nil
		}
		return level, join(b[tag+3:len(b)-1], b[closing+2:tag])
	case open > 0:
		closing := bytes.Index(b[open:], []byte("): "))
		if pid, _, ok := number(b, blanks(b, open+1)); ok && pid >= 0 && closing > 0 {
			return level, join(b[2:open], b[open+closing+3:])
		}
	}
	if level == "" {
		return "", nil
	}
	return level, untagged(b[2:])
}

func join(tag, text []byte) []byte {
	return append(append(bytes.TrimRight(bytes.Clone(tag), " "), ": "...), text...)
}

// longHead reads the head of logcat -v long, and keeps it for the lines below.
func (k *Reader) longHead(b []byte) (stamp, bool) {
	if len(b) < 20 || b[0] != '[' || b[1] != ' ' || !bytes.HasSuffix(b, []byte(" ]")) {
		return stamp{}, false
	}
	s, next, ok := calendar(b[2:])
	if !ok || s.format != "logcat" && s.format != withTimes {
		return stamp{}, false
	}
	rest := b[2+next : len(b)-2]
	slash := bytes.IndexByte(rest, '/')
	if slash < 1 || logcatLevel(rest[slash-1]) == "" {
		return stamp{}, false
	}
	s.level, s.format = logcatLevel(rest[slash-1]), "logcat"
	k.long, k.longTag = s, bytes.Clone(bytes.TrimRight(rest[slash+1:], " "))
	return s, true
}

// ofLong gives the text of a line below the head of logcat -v long.
func (k *Reader) ofLong(b []byte) ([]byte, bool) {
	if k.longTag == nil || len(b) > 1 && b[0] == '[' && b[1] == ' ' {
		return nil, false
	}
	return join(k.longTag, b), true
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
