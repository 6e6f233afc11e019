package klog

import (
	"bytes"
	"time"
)

// moment is a date and a time of day as far as a line tells them.
type moment struct {
	year, month, day     int64
	hour, minute, second int64
	ns                   int64 // below the second
	east                 int64 // seconds that the clock was ahead of UTC

	weekday, months, ymd, md, hms, frac, comma, tee, zone bool // what stood there
}

// calendar reads a date at the start of a line:
//
//	date   = "[" moment [ "<" delta ">" ] "]" | moment
//	moment = [ weekday ] month day [ time ] [ year ]     dmesg -T, syslogs, logread, journalctl -o short
//	       | [ weekday ] Y-M-D ("T" | " ") time [ zone ]  ISO 8601, journalctl -o short-iso, short-full
//	       | M-D " " time [ zone ]                        logcat
//	       | time                                         terminal programs
//	time   = h:m[:s[(.|,)decimals]]
//
// Dates without a year are given the year 1972, which has a 29 February: only their order counts.
func calendar(b []byte) (s stamp, next int, ok bool) {
	if len(b) < 8 || !digit(b[0]) && b[0] != '[' && !letter(b[0]) {
		return s, 0, false
	}
	open := b[0] == '['
	at := 0
	if open {
		at = blanks(b, 1)
	}
	var m moment
	if at, ok = m.read(b, at); !ok {
		return s, 0, false
	}
	if open {
		if at = blanks(b, at); at < len(b) && b[at] == '<' {
			at, ok = afterDelta(b, at)
		}
		if !ok || at == len(b) || b[at] != ']' {
			return s, 0, false
		}
		at++
	}
	if s.format = m.format(open); s.format == "" {
		return s, 0, false
	}
	s.time, ok = m.unix()
	s.clock, s.exact = date, m.frac
	return s, at, ok
}

// read reads the parts of a moment.
func (m *moment) read(b []byte, at int) (next int, ok bool) {
	at = m.name(b, at, weekdays, &m.weekday, nil)
	if next := m.name(b, at, months, &m.months, &m.month); m.months {
		return m.afterMonth(b, next)
	}
	n, end, ok := number(b, at)
	switch {
	case !ok || end == len(b):
		return at, false
	case end-at == 4 && b[end] == '-':
		m.ymd, m.year = true, n
		return m.iso(b, end+1)
	case end-at == 2 && b[end] == '-' && !m.weekday:
		m.md = true
		return m.iso(b, at)
	case end-at == 2 && b[end] == ':' && !m.weekday:
		return m.clock(b, at)
	}
	return at, false
}

const (
	weekdays = "MonTueWedThuFriSatSun"
	months   = "JanFebMarAprMayJunJulAugSepOctNovDec"
)

// name reads an English name of three letters and the blanks after it, which only a month may lack.
func (m *moment) name(b []byte, at int, names string, seen *bool, n *int64) (next int) {
	if at+4 > len(b) {
		return at
	}
	i := bytes.Index([]byte(names), b[at:at+3])
	if i < 0 || i%3 != 0 || letter(b[at+3]) || n == nil && blanks(b, at+3) == at+3 {
		return at
	}
	*seen = true
	if n != nil {
		*n = int64(i/3) + 1
	}
	return blanks(b, at+3)
}

// afterMonth reads "23 07:08:41.123 2026", of which the day and hours and minutes must be there.
func (m *moment) afterMonth(b []byte, at int) (next int, ok bool) {
	var end int
	if m.day, end, ok = number(b, at); !ok || end-at > 2 || end == len(b) || b[end] != ' ' {
		return at, false
	}
	if at, ok = m.clock(b, end+1); !ok {
		return at, false
	}
	if at < len(b) && b[at] == ' ' {
		if year, end, ok := number(b, at+1); ok && end-at == 5 {
			m.year, at = year, end
		}
	}
	return at, true
}

// iso reads "11-23T07:08:41.123Z".
func (m *moment) iso(b []byte, at int) (next int, ok bool) {
	if m.month, at, ok = two(b, at); !ok || at == len(b) || b[at] != '-' {
		return at, false
	}
	if m.day, at, ok = two(b, at+1); !ok || at == len(b) || b[at] != 'T' && b[at] != ' ' {
		return at, false
	}
	m.tee = b[at] == 'T'
	if at, ok = m.clock(b, at+1); !ok {
		return at, false
	}
	return m.offset(b, at), true
}

// clock reads "07:08", "07:08:41" or "07:08:41.123456".
func (m *moment) clock(b []byte, at int) (next int, ok bool) {
	if m.hour, at, ok = two(b, at); !ok || at == len(b) || b[at] != ':' {
		return at, false
	}
	if m.minute, at, ok = two(b, at+1); !ok || at == len(b) || b[at] != ':' {
		return at, ok
	}
	if m.second, at, ok = two(b, at+1); !ok {
		return at, false
	}
	m.hms = true
	if at+1 < len(b) && (b[at] == '.' || b[at] == ',') && digit(b[at+1]) {
		m.comma = b[at] == ','
		m.frac = true
		m.ns, at, ok = decimals(b, at+1)
	}
	return at, ok
}

// offset reads a zone: "Z", "+00:00", " +0000", or " UTC" after a weekday.
func (m *moment) offset(b []byte, at int) int {
	switch {
	case at < len(b) && b[at] == 'Z':
		m.zone = true
		return at + 1
	case m.weekday && at+1 < len(b) && b[at] == ' ' && letter(b[at+1]):
		for at++; at < len(b) && letter(b[at]); at++ {
		}
		return at
	}
	sign := at
	if sign < len(b) && b[sign] == ' ' {
		sign++
	}
	if sign == len(b) || b[sign] != '+' && b[sign] != '-' {
		return at
	}
	h, end, ok := two(b, sign+1)
	if ok && end < len(b) && b[end] == ':' {
		end++
	}
	mm, end, ok2 := two(b, end)
	if !ok || !ok2 {
		return at
	}
	m.zone, m.east = true, h*3600+mm*60
	if b[sign] == '-' {
		m.east = -m.east
	}
	return end
}

// two reads two digits.
func two(b []byte, at int) (n int64, next int, ok bool) {
	if at+2 > len(b) || !digit(b[at]) || !digit(b[at+1]) {
		return 0, at, false
	}
	return int64(b[at]-'0')*10 + int64(b[at+1]-'0'), at + 2, true
}

// format names the tool that prints such dates; "" if none does.
func (m *moment) format(bracket bool) string {
	switch {
	case m.months && !m.hms:
		return map[bool]string{true: "dmesg -e"}[bracket && !m.weekday && m.year == 0]
	case !m.hms:
		return ""
	case m.months && m.weekday && m.year > 0:
		return map[bool]string{true: "dmesg -T", false: "logread"}[bracket]
	case m.months && m.frac:
		return "journalctl -o short-precise"
	case m.months:
		return map[bool]string{true: "syslog", false: "journalctl -o short"}[bracket]
	case m.md:
		return map[bool]string{true: "logcat"}[m.frac]
	case m.ymd && m.weekday:
		return "journalctl -o short-full"
	case bracket, !m.ymd && m.frac, m.ymd && !m.tee:
		return withTimes
	case m.ymd && m.comma:
		return "dmesg --time-format=iso"
	case m.ymd && m.frac:
		return "journalctl -o short-iso-precise"
	case m.ymd:
		return "journalctl -o short-iso"
	}
	return ""
}

// withTimes is the format of a log to whose lines a terminal program or a test runner added a time.
const withTimes = "console with times"

// unix gives nanoseconds since 1970. ok is false for a date that does not exist.
func (m *moment) unix() (ns int64, ok bool) {
	if m.year == 0 {
		m.year = 1972
	}
	if !m.months && !m.ymd && !m.md {
		m.month, m.day = 1, 1
	}
	t := time.Date(int(m.year), time.Month(m.month), int(m.day), int(m.hour), int(m.minute), int(m.second), int(m.ns), time.UTC)
	ok = t.Day() == int(m.day) && t.Month() == time.Month(m.month) && m.hour < 24 && m.minute < 60 && m.second < 60 &&
		m.year >= 1970 && m.year <= 2200
	return t.UnixNano() - m.east*int64(time.Second), ok
}
