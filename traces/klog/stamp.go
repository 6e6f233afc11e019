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

// uptime reads "[   12.345678] " and its relatives:
//
//	[ 1370.212225 <   65.602841>]   dmesg -d
//	[ 5603.909536,0]                vendor kernels: the CPU
//	[   12.345678@1]
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
	at = blanks(b, at)
	if at < len(b) && b[at] == '<' {
		i := bytes.IndexByte(b[at:min(len(b), at+24)], '>')
		if i < 0 {
			return at, false
		}
		at += i + 1
	}
	return at, true
}

// fraction reads seconds with 3 to 9 decimals.
func fraction(b []byte, at int) (ns int64, next int, ok bool) {
	sec, at, ok := number(b, at)
	if !ok || at == len(b) || b[at] != '.' || sec > maxSeconds {
		return 0, at, false
	}
	frac, end, ok := number(b, at+1)
	if !ok || end-at < 4 || end-at > 10 {
		return 0, at, false
	}
	for k := end - at; k < 10; k++ {
		frac *= 10
	}
	return sec*int64(time.Second) + frac, end, true
}

const maxSeconds = 1<<33 - 1

// dateForms are the ways to print a date at the start of a line. Those with a year come first.
var dateForms = [...]struct {
	layout string
	format string
	exact  bool
}{
	{"[Mon Jan _2 15:04:05 2006]", "dmesg -T", false},
	{"Mon Jan _2 15:04:05 2006", "logread", false},
	{"2006-01-02T15:04:05,000000-07:00", "dmesg --time-format=iso", true},
	{"2006-01-02T15:04:05.000000-07:00", "journalctl -o short-iso-precise", true},
	{"2006-01-02T15:04:05-0700", "journalctl -o short-iso", false},
	{"2006-01-02T15:04:05-07:00", "journalctl -o short-iso", false},
	{"[Jan 02 15:04:05]", "syslog", false},
	{"01-02 15:04:05.000", "logcat", true},
	{"Jan 02 15:04:05.000000", "journalctl -o short-precise", true},
	{"Jan _2 15:04:05", "journalctl -o short", false},
	{"[Jan02 15:04]", "dmesg -e", false},
	{"[Jan _2 15:04]", "dmesg -e", false},
}

// calendar reads a date. Dates without a year are given the year 1970: only their order counts.
func calendar(b []byte) (s stamp, next int, ok bool) {
	if len(b) < 12 || !digit(b[0]) && b[0] != '[' && !letter(b[0]) {
		return s, 0, false
	}
	for _, f := range dateForms {
		n := len(f.layout)
		if len(b) < n || !shaped(b, f.layout) {
			continue
		}
		if t, err := time.Parse(f.layout, string(b[:n])); err == nil && t.Year() <= 2200 {
			return stamp{time: unix(t), clock: date, exact: f.exact, format: f.format}, n, true
		}
	}
	return s, 0, false
}

// shaped tells whether b has the punctuation of a layout: parsing is slow.
func shaped(b []byte, layout string) bool {
	for i := range len(layout) {
		switch c := layout[i]; c {
		case '[', ']', ':', ',', '.', 'T':
			if b[i] != c {
				return false
			}
		}
	}
	return digit(b[0]) == digit(layout[0])
}

func unix(t time.Time) int64 {
	if t.Year() == 0 {
		t = t.AddDate(1970, 0, 0)
	}
	return t.UnixNano()
}

// delta reads "[  +0.000123]", the lines of dmesg -e between two dates.
func delta(b []byte) (ns int64, next int, ok bool) {
	if len(b) < 8 || b[0] != '[' {
		return 0, 0, false
	}
	at := blanks(b, 1)
	if at == len(b) || b[at] != '+' {
		return 0, 0, false
	}
	ns, at, ok = fraction(b, at+1)
	if !ok || at == len(b) || b[at] != ']' {
		return 0, 0, false
	}
	return ns, at + 1, true
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
