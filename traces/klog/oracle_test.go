package klog

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// The oracle reads a washed line with regular expressions: slow, but close to how the grammar is
// written down. It knows nothing of what needs memory of the lines before: /dev/kmsg, deltas, logcat's
// long form, boxes and wraps.

const (
	rxBlank = `[ \t]*`
	rxFrac  = `(\d{1,10})\.(\d{3,9})`
	rxClock = `(\d{2}):(\d{2}):(\d{2})(?:([.,])(\d+))?`
	rxDelta = `(?:[ \t]*<[^>\]]{0,22}>)?`
	rxMon   = `(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`
	rxDay   = `(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[ \t]+`
	rxZone  = `(?:(Z)| ?([-+])(\d{2}):?(\d{2}))?`
)

var (
	rxUptime = regexp.MustCompile(`^\[` + rxBlank + rxFrac + `(?:[,@]\d*)?s?` + rxBlank + `(?:<[^>]{0,22}>|/[^\]]{0,30})?\]`)
	rxLevel  = regexp.MustCompile(`^<(\d{1,3})>(?:1 (\d))?`)
	rxDecode = regexp.MustCompile(`^([A-Za-z0-9]{1,8} *):([a-z]{1,8} *):`)

	rxISO   = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})([T ])` + rxClock + rxZone)
	rxFull  = regexp.MustCompile(`^` + rxDay + `(\d{4})-(\d{2})-(\d{2})([T ])` + rxClock + `(?: [A-Za-z]+|` + rxZone[3:len(rxZone)-2] + `)?`)
	rxMonth = regexp.MustCompile(`^(` + rxDay + `)?` + rxMon + `[ \t]*(\d{1,2}) ` + `(\d{2}):(\d{2})(?::(\d{2})(?:([.,])(\d+))?)?(?: (\d{4})(?:\D|$))?`)
	rxCat   = regexp.MustCompile(`^(\d{2})-(\d{2})[T ]` + rxClock + rxZone)
	rxDaily = regexp.MustCompile(`^` + rxClock)

	rxCaller = regexp.MustCompile(`^ ?\[[ \t]*[TC]\d{1,18}\] ?`)
	rxKernel = regexp.MustCompile(`^[ \t]*((?:[^ ]*[^: ] ){0,2})kernel(?:\[\d{1,18}\])?:(?: |$)(.*)$`)
	rxDashes = regexp.MustCompile(`^[ \t]*[^ ]*[^: ] kernel - - (?:- |(?:\[.*?"\])+)(.*)$`)
	rxKern   = regexp.MustCompile(`^[ \t]*(?:[^ ]*[^: ] )?kern\.([a-z]+): (.*)$`)
	rxCore   = regexp.MustCompile(`^\s*(?:remoteproc )?(remoteproc\d+): (.*)$`)
)

// oracleDate reads a date, and the format that it is of.
func oracleDate(b string) (s stamp, next int, ok bool) {
	open := strings.HasPrefix(b, "[")
	text := b
	if open {
		text = strings.TrimLeft(b[1:], " \t")
	}
	t, form, n := oracleMoment(text, open)
	if n == 0 || form == "" {
		return s, 0, false
	}
	next = len(b) - len(text) + n
	if open {
		m := regexp.MustCompile(`^` + rxDelta + rxBlank + `\]`).FindString(b[next:])
		if rest := strings.TrimLeft(b[next:], " \t"); m == "" || strings.HasPrefix(rest, "<") && !regexp.MustCompile(`^<[^>]{0,22}>\]`).MatchString(rest) {
			return s, 0, false
		}
		next += len(m)
	}
	return stamp{time: t.UnixNano(), clock: date, exact: strings.HasPrefix(form, "*"), format: strings.TrimPrefix(form, "*")}, next, true
}

// oracleMoment gives the time, the format, with a star if it has decimals, and the length of a moment.
func oracleMoment(text string, open bool) (t time.Time, form string, n int) {
	pick := func(yes bool, a, b string) string {
		if yes {
			return a
		}
		return b
	}
	if m := rxFull.FindStringSubmatch(text); m != nil {
		t, ok := oracleTime(m[1], m[2], m[3], m[5], m[6], m[7], m[9])
		if len(m) > 12 && m[11] != "" && ok {
			t = t.Add(-oracleZone(m[11], m[12], m[13]))
		}
		return t, pick(ok, pick(m[9] != "", "*", "")+"journalctl -o short-full", ""), len(m[0])
	}
	if m := rxISO.FindStringSubmatch(text); m != nil {
		t, ok := oracleTime(m[1], m[2], m[3], m[5], m[6], m[7], m[9])
		t = t.Add(-oracleZone(m[11], m[12], m[13]))
		form = map[string]string{"": "journalctl -o short-iso", ".": "journalctl -o short-iso-precise", ",": "dmesg --time-format=iso"}[m[8]]
		return t, pick(ok, pick(m[9] != "", "*", "")+pick(open || m[4] == " ", withTimes, form), ""), len(m[0])
	}
	if m := rxMonth.FindStringSubmatch(text); m != nil {
		month := strconv.Itoa(strings.Index(months, m[2])/3 + 1)
		year := m[9]
		n := len(m[0])
		if year != "" {
			n = strings.LastIndex(m[0], year) + 4
		}
		t, ok := oracleTime(year, month, m[3], m[4], m[5], m[6], m[8])
		switch {
		case m[6] == "":
			form = pick(open && m[1] == "" && year == "", "dmesg -e", "")
		case year != "" && year != "0000" && m[1] != "":
			form = pick(open, "dmesg -T", "logread")
		case m[8] != "":
			form = "journalctl -o short-precise"
		default:
			form = pick(open, "syslog", "journalctl -o short")
		}
		return t, pick(ok && form != "", pick(m[8] != "", "*", "")+form, ""), n
	}
	if m := rxCat.FindStringSubmatch(text); m != nil {
		t, ok := oracleTime("", m[1], m[2], m[3], m[4], m[5], m[7])
		return t.Add(-oracleZone(m[9], m[10], m[11])), pick(ok && m[7] != "", "*logcat", ""), len(m[0])
	}
	if m := rxDaily.FindStringSubmatch(text); m != nil {
		t, ok := oracleTime("", "01", "01", m[1], m[2], m[3], m[5])
		return t, pick(ok && (open || m[5] != ""), pick(m[5] != "", "*", "")+withTimes, ""), len(m[0])
	}
	return t, "", 0
}

func oracleZone(sign, h, m string) time.Duration {
	d, _ := time.ParseDuration("0" + h + "h0" + m + "m")
	if sign == "-" {
		return -d
	}
	return d
}

func oracleTime(year, month, day, h, m, s, frac string) (time.Time, bool) {
	if len(frac) > 9 {
		return time.Time{}, false
	}
	if year == "" || year == "0000" {
		year = "1972"
	}
	pad := func(s string) string {
		return strings.Repeat("0", 2-min(2, len(s))) + s
	}
	t, err := time.Parse("2006-01-02 15:04:05.999999999", year+"-"+pad(month)+"-"+pad(day)+" "+h+":"+m+":"+pad(s)+"."+frac+strings.Repeat("0", 9-len(frac)))
	return t, err == nil && t.Year() >= 1970 && t.Year() <= 2200
}

// oracleHead is what Reader.head does, of a line that begins with a level or a time.
func oracleHead(b string) (s stamp, text string, known bool) {
	b = strings.TrimLeft(b, " \t")
	rest := b
	for range 6 {
		rest = strings.TrimLeft(rest, " \t")
		if m := rxLevel.FindStringSubmatchIndex(rest); m != nil {
			n, _ := strconv.Atoi(rest[m[2]:m[3]])
			if n > 191 {
				break
			}
			s.level = printk.Level(n)
			if m[4] >= 0 {
				rest = rest[m[4]:]
			} else {
				rest = rest[strings.IndexByte(rest, '>')+1:]
			}
			continue
		}
		if m := rxDecode.FindStringSubmatch(rest); m != nil {
			if level := printk.LevelName([]byte(strings.TrimRight(m[2], " "))); level != "" {
				s.level, rest = level, rest[len(m[0]):]
				continue
			}
		}
		var t stamp
		n := 0
		if m := rxUptime.FindStringSubmatch(rest); m != nil {
			sec, _ := strconv.ParseInt(m[1], 10, 64)
			frac, _ := strconv.ParseInt(m[2]+strings.Repeat("0", 9-len(m[2])), 10, 64)
			if sec <= maxSeconds {
				t, n = stamp{time: sec*1e9 + frac, clock: seconds, exact: true, format: "dmesg"}, len(m[0])
			}
		}
		if n == 0 {
			var ok bool
			if t, n, ok = oracleDate(rest); !ok {
				break
			}
		}
		if s.clock == noClock || s.clock == date && t.clock == seconds {
			t.level = s.level
			s = t
		}
		rest = rest[n:]
	}
	t, text, known := oracleSource(s, rest)
	if !known && s.clock == date {
		for i := 1; i < len(rest) && rest[i-1] != ':'; i++ {
			if m := rxUptime.FindStringSubmatch(rest[i:]); m != nil && regexp.MustCompile(`^(?:[ \[]|$)`).MatchString(rest[i+len(m[0]):]) {
				sec, _ := strconv.ParseInt(m[1], 10, 64)
				frac, _ := strconv.ParseInt(m[2]+strings.Repeat("0", 9-len(m[2])), 10, 64)
				if sec <= maxSeconds {
					return oracleSource(stamp{time: sec*1e9 + frac, clock: seconds, exact: true, level: s.level, format: "dmesg"}, rest[i+len(m[0]):])
				}
			}
		}
	}
	return t, text, known
}

func oracleSource(s stamp, b string) (stamp, string, bool) {
	for _, rx := range []*regexp.Regexp{rxKernel, rxDashes, rxKern} {
		m := rx.FindStringSubmatch(b)
		if m == nil {
			continue
		}
		if rx == rxKern {
			level := printk.LevelName([]byte(m[1]))
			if level == "" {
				continue
			}
			s.level = level
		} else if rx == rxKernel {
			for _, w := range strings.Fields(m[1]) {
				if _, level, ok := strings.Cut(w, "."); ok && s.level == "" {
					s.level = printk.LevelName([]byte(level))
				}
			}
		}
		rest := strings.TrimLeft(m[len(m)-1], " \t")
		if s.clock == seconds {
			s.format = "journalctl -o short-monotonic"
		}
		if u := rxUptime.FindStringSubmatch(rest); u != nil {
			sec, _ := strconv.ParseInt(u[1], 10, 64)
			frac, _ := strconv.ParseInt(u[2]+strings.Repeat("0", 9-len(u[2])), 10, 64)
			if sec <= maxSeconds {
				s.time, s.clock, s.exact = sec*1e9+frac, seconds, true
				rest = rest[len(u[0]):]
			}
		}
		return s, oracleCaller(rest), true
	}
	switch {
	case s.clock == seconds, s.clock == date && tagless(s.format), s.level != "":
		return s, oracleCaller(b), true
	case rxCore.MatchString(b):
		return s, b, true
	}
	return s, b, false
}

func oracleCaller(b string) string {
	if m := rxCaller.FindString(b); m != "" {
		return b[len(m):]
	}
	b = strings.TrimPrefix(b, " ")
	if strings.IndexAny(b, "[(-c") == 0 && len(b) > 3 {
		return string(vendor([]byte(b))) // of these, table tests tell
	}
	return b
}

// skipped tells whether a line is of a form that the oracle does not know.
func skipped(b []byte) bool {
	t := strings.TrimLeft(string(b), " \t")
	timed := false
	for rest := t; ; rest = strings.TrimLeft(rest, " \t") {
		if _, level := priority([]byte(rest)); level != "" {
			next, _ := priority([]byte(rest))
			rest = string(next)
			continue
		}
		if _, _, _, ok := delta([]byte(rest)); ok {
			return true
		}
		k := &Reader{seq: -1}
		_, n, ok := k.time([]byte(rest))
		if !ok {
			if _, _, ok := bareTime([]byte(rest)); ok {
				return true
			}
			if _, text, ok := k.logcat(stamp{format: "logcat", clock: date}, []byte(rest)); ok || text != nil {
				return true
			}
			if _, _, ok := glued([]byte(t)); ok || k.behind([]byte(t)) != nil {
				if !timed {
					return true
				}
			}
			return !bytes.Equal(caller([]byte(rest)), []byte(oracleCaller(rest)))
		}
		rest, timed = rest[n:], true
	}
}

func compareHead(t *testing.T, line []byte) {
	t.Helper()
	washed, _ := wash(bytes.Clone(line))
	if len(washed) == 0 || bytes.ContainsAny(washed, "\n\v\f\u0085") || skipped(washed) {
		return
	}
	k := &Reader{seq: -1}
	if _, _, ok := k.kmsg(washed); ok {
		return
	}
	want, text, known := oracleHead(string(washed))
	got, gotText, gotKnown := k.head(bytes.Clone(washed))
	if got != want || string(gotText) != text || gotKnown != known {
		t.Errorf("%q:\n got %+v %q %t\nwant %+v %q %t", washed, got, gotText, gotKnown, want, text, known)
	}
}

// The reader and the oracle agree on every line of the tests.
func TestOracle(t *testing.T) {
	n := 0
	for _, c := range lineTests {
		if washed, _ := wash([]byte(c.line)); !skipped(washed) {
			n++
		}
		compareHead(t, []byte(c.line))
	}
	if n < 20 {
		t.Errorf("only %d of %d lines were compared", n, len(lineTests))
	}
}

func FuzzHead(f *testing.F) {
	for _, c := range lineTests {
		f.Add([]byte(c.line))
	}
	f.Fuzz(func(t *testing.T, line []byte) { compareHead(t, line) })
}

// A date of the oracle's form is read as time.Parse reads it.
func TestDates(t *testing.T) {
	for text, layout := range map[string]string{
		"[Mon Nov 23 07:08:41 2026]":       "[Mon Jan _2 15:04:05 2006]",
		"[Tue Nov  3 07:08:41 2026 < >]":   "[Mon Jan _2 15:04:05 2006 < >]",
		"Mon Dec 23 10:17:30 2024":         "Mon Jan _2 15:04:05 2006",
		"2026-11-23T07:08:41,212225+01:00": "2006-01-02T15:04:05,000000-07:00",
		"2026-11-23T07:08:41.212225-0530":  "2006-01-02T15:04:05.000000-0700",
		"2026-11-23T07:08:41.2122251Z":     "2006-01-02T15:04:05.0000000Z",
		"[2026-11-23 07:08:41]":            "[2006-01-02 15:04:05]",
		"Mon 2026-11-23 07:08:41.5 UTC":    "Mon 2006-01-02 15:04:05.0 UTC",
		"2024-02-29 23:59:59.999":          "2006-01-02 15:04:05.000",
		"[2026-11-23T07:08:41.123Z]":       "[2006-01-02T15:04:05.000Z]",
	} {
		want, err := time.Parse(layout, text)
		s, n, ok := calendar([]byte(text + " x"))
		if err != nil || !ok || n != len(text) || s.time != want.UnixNano() {
			t.Errorf("%q: %v, %+v, %d of %d bytes, %t", text, err, s, n, len(text), ok)
		}
	}
	for _, text := range []string{"[Mon Feb 30 07:08:41 2026]", "Nov 23 24:08:41", "Nov 23 07:60:41", "2026-13-01T07:08:41+00:00", "November rain", "[x] todo", "12:30", "Nov 23", "23:59:59", "10-11 12:13:14", "1969-01-01T00:00:00Z"} {
		if s, _, ok := calendar([]byte(text)); ok {
			t.Errorf("%q is taken for a date: %+v", text, s)
		}
	}
}

func TestLeapDay(t *testing.T) {
	a, _, ok := calendar([]byte("Feb 29 23:59:59 host"))
	b, _, ok2 := calendar([]byte("Mar  1 00:00:00 host"))
	if !ok || !ok2 || cmp.Diff(int64(time.Second), b.time-a.time) != "" {
		t.Errorf("%d and %d", a.time, b.time)
	}
	if traces.NoTime >= 0 {
		t.Error("NoTime is a time")
	}
}
