package lttng

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// The oracle reads an event line with regular expressions, close to how the grammar is written down.
var (
	rxLine  = regexp.MustCompile(`(?s)^\[([^\]]*)\] (?:(.*?) )??([^ ]+): (\{.*)$`)
	rxStamp = regexp.MustCompile(`^(?:(\d{4}-\d\d-\d\d) )?(?:(\d\d):(\d\d):(\d\d)|(\d*))\.(\d{9})$`)
	rxPlain = regexp.MustCompile(`^[^,} ]+`)
	rxName  = regexp.MustCompile(`^[ ,]*([A-Za-z0-9_]+) = `)
	rxClose = regexp.MustCompile(`^[ ,]*\}(?:, \{)?`)
	// of what may follow a string
	rxAfter = regexp.MustCompile(`(?s)^(?: [}\]:](?:$|[, ])|, (?:[A-Za-z0-9_]+|\[.*?) = )`)
)

// oracleLine gives time, name and fields; false for what is no event.
func oracleLine(text string) (at int64, name string, fields []string, ok bool) {
	m := rxLine.FindStringSubmatch(text)
	if m == nil {
		return 0, "", nil, false
	}
	if at, ok = oracleStamp(m[1]); !ok {
		return 0, "", nil, false
	}
	fields, ok = oracleFields(m[4])
	return at, m[3], fields, ok
}

func oracleStamp(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && s[0] != '+' && s[0] != '-' {
		return n, true
	}
	m := rxStamp.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	nano, _ := strconv.ParseInt(m[6], 10, 64)
	switch {
	case m[1] != "":
		t, err := time.Parse("2006-01-02 15:04:05", m[1]+" "+m[2]+":"+m[3]+":"+m[4])
		return t.Unix()*1e9 + nano, err == nil && m[5] == "" && m[2] != "" && t.Year() >= 1970 && t.Year() <= 2200
	case m[2] != "":
		t, err := time.Parse("15:04:05", m[2]+":"+m[3]+":"+m[4])
		sec := int64(t.Hour()*3600 + t.Minute()*60 + t.Second())
		return sec*1e9 + nano, err == nil
	}
	sec, err := strconv.ParseInt(m[5], 10, 64)
	return sec*1e9 + nano, err == nil && sec < 9223372036
}

// oracleFields lists all fields as name=value, with a bar between groups. It declines nested ones.
func oracleFields(s string) (all []string, ok bool) {
	s = s[1:]
	for s != "" {
		if m := rxClose.FindString(s); m != "" {
			all, s = append(all, "|"), s[len(m):]
			if !strings.HasSuffix(m, "{") {
				return all, s == ""
			}
			continue
		}
		m := rxName.FindStringSubmatch(s)
		if m == nil {
			return nil, false
		}
		s = s[len(m[0]):]
		if s != "" && strings.IndexByte(`([{`, s[0]) >= 0 {
			return nil, false
		}
		var v string
		if s != "" && s[0] == '"' {
			v, s = oracleString(s[1:])
		} else {
			v = rxPlain.FindString(s)
			s = s[len(v):]
			if s == "" || v == "" {
				return nil, false
			}
		}
		all = append(all, m[1]+"="+v)
	}
	return all, true
}

// oracleString cuts a string at the first quote that may end it; without one it is the rest.
func oracleString(s string) (v, rest string) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '"' && rxAfter.MatchString(s[i+1:]):
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// compareLine reads a line with both, and tells whether the oracle understood it.
func compareLine(t *testing.T, text string) bool {
	t.Helper()
	at, name, want, ok := oracleLine(text)
	if !ok {
		return false
	}
	var h head
	if !h.split([]byte(text)) || h.time != at || string(h.name) != name {
		t.Fatalf("%q: time %d, name %q; the oracle says %d, %q", text, h.time, h.name, at, name)
	}
	var got []string
	for b := h.groups; len(b) > 0; {
		fields, rest, open, ok := group(nil, b)
		if !ok {
			t.Fatalf("%q: fields not understood: %q", text, b)
		}
		for _, f := range fields {
			got = append(got, string(f.name)+"="+string(f.value))
		}
		if !open {
			got = append(got, "|")
		}
		b = []byte(strings.TrimPrefix(string(rest), ", "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%q (-oracle +reader):\n%s", text, diff)
	}
	return true
}

func TestOracle(t *testing.T) {
	n := 0
	for _, c := range lineTests {
		if compareLine(t, c.line) {
			n++
		}
	}
	for _, name := range []string{"babeltrace1.txt", "babeltrace2.txt", "babeltrace2-day.txt"} {
		for line := range strings.Lines(file(t, name)) {
			if compareLine(t, strings.TrimRight(line, "\n")) {
				n++
			}
		}
	}
	if n < 55 {
		t.Errorf("the oracle understood %d lines only", n)
	}
}

func FuzzLine(f *testing.F) {
	for _, c := range lineTests {
		f.Add(c.line)
	}
	f.Add(file(f, "babeltrace2-day.txt"))
	f.Add("[1.000000001] h e: { cpu_id = 0 }, { a = \"\\\"")
	f.Fuzz(func(t *testing.T, text string) {
		if !strings.ContainsAny(text, "\r\n") && len(text) < 4096 {
			compareLine(t, text)
		}
		recs, info, err := readAll(t, text, traces.Options{})
		_, bad := err.(*traces.FormatError)
		if err != io.EOF && !bad || len(recs) > 3*info.Lines {
			t.Fatalf("%d records, %v, %+v", len(recs), err, info)
		}
		if _, skipped, err := readAll(t, text, traces.Options{SkipOther: true}); fmt.Sprint(err) == "EOF" && skipped.Records != info.Records {
			t.Fatalf("%d records, %d without others", info.Records, skipped.Records)
		}
	})
}
