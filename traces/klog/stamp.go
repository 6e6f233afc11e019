package klog

import (
	"bytes"
	"time"
)

// stamp is what stands before the text of a line.
type stamp struct {
	time   int64
	clock  clock
	exact  bool   // the time tells lines apart: it has a fraction of a second
	level  string // err, info, …
	format string // the tool that prints such lines
}

type clock uint8

const (
	noClock clock = iota
	seconds
	date
)

var clockNames = [...]string{"none", "seconds", "date"}

// uptime reads the time that the kernel prints, and its relatives:
//
//	[ 1370.212225]
//	[ 1370.212225 <   65.602841>]             dmesg -d
//	[ 5603.909536,0]  [ 12.345678@1]          vendor kernels: the CPU
//	[ 12.345678s]  [ 12.345678 / 01-02 03:04] vendor kernels
//
// next is the offset of what follows the bracket.
func uptime(b []byte) (ns int64, next int, ok bool) {
	if len(b) < 5 || b[0] != '[' {
		return 0, 0, false
	}
	ns, at, ok := fraction(b, blanks(b, 1))
	if !ok {
		return 0, 0, false
	}
	if at, ok = afterTime(b, at); !ok || at == len(b) || b[at] != ']' {
		return 0, 0, false
	}
	return ns, at + 1, true
}

// afterTime steps over what may stand between the time and the bracket.
func afterTime(b []byte, at int) (int, bool) {
	if at < len(b) && (b[at] == ',' || b[at] == '@') {
		_, at, _ = number(b, at+1)
	}
	if at < len(b) && b[at] == 's' {
		at++
	}
	at = blanks(b, at)
	switch {
	case at < len(b) && b[at] == '<':
		return afterDelta(b, at)
	case at < len(b) && b[at] == '/':
		i := bytes.IndexByte(b[at:min(len(b), at+32)], ']')
		return at + max(i, 0), i > 0
	}
	return at, true
}

// afterDelta steps over "<   65.602841>".
func afterDelta(b []byte, at int) (int, bool) {
	i := bytes.IndexByte(b[at:min(len(b), at+24)], '>')
	return at + i + 1, i >= 0
}

// fraction reads seconds with 3 to 9 decimals.
func fraction(b []byte, at int) (ns int64, next int, ok bool) {
	sec, at, ok := number(b, at)
	if !ok || at == len(b) || b[at] != '.' || sec > maxSeconds {
		return 0, at, false
	}
	frac, end, ok := decimals(b, at+1)
	if !ok || end-at < 4 {
		return 0, at, false
	}
	return sec*int64(time.Second) + frac, end, true
}

const maxSeconds = 1<<33 - 1

// decimals reads up to nine decimals of a second.
func decimals(b []byte, at int) (ns int64, next int, ok bool) {
	ns, end, ok := number(b, at)
	if !ok || end-at > 9 {
		return 0, at, false
	}
	for k := end - at; k < 9; k++ {
		ns *= 10
	}
	return ns, end, true
}

// delta reads the lines of dmesg that tell how long after the line before they came:
//
//	[  +0.000123]      dmesg -e, between two dates
//	[<    0.000123>]   dmesg --time-format=delta
func delta(b []byte) (ns int64, next int, format string, ok bool) {
	if len(b) < 8 || b[0] != '[' {
		return 0, 0, "", false
	}
	at := blanks(b, 1)
	if at == len(b) || b[at] != '+' && b[at] != '<' {
		return 0, 0, "", false
	}
	mark := b[at]
	ns, at, ok = fraction(b, blanks(b, at+1))
	if mark == '<' && ok {
		ok = at < len(b) && b[at] == '>'
		at++
	}
	if !ok || at >= len(b) || b[at] != ']' {
		return 0, 0, "", false
	}
	return ns, at + 1, map[byte]string{'+': "dmesg -e", '<': "dmesg --time-format=delta"}[mark], true
}

func digit(c byte) bool { return c-'0' < 10 }

func letter(c byte) bool { return c|0x20-'a' < 26 }

func blanks(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\t') {
		at++
	}
	return at
}

// number reads at most 18 decimal digits.
func number(b []byte, at int) (n int64, next int, ok bool) {
	start := at
	for at < len(b) && digit(b[at]) {
		if at-start == 18 {
			return 0, start, false
		}
		n = n*10 + int64(b[at]-'0')
		at++
	}
	return n, at, at > start
}
