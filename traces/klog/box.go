package klog

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// entry is a line of a log that stands in fields: of JSON, YAML or a journal.
type entry struct {
	fields map[string]string
	line   int // of the message
}

// set takes a field; of two of one name the first counts.
func (e *entry) set(key, value string, line int) {
	if e.fields == nil {
		e.fields = map[string]string{}
	}
	if _, twice := e.fields[key]; twice {
		return
	}
	e.fields[key] = value
	if messages[key] {
		e.line = line
	}
}

// messages are the names of the field that holds the line.
var messages = map[string]bool{"msg": true, "MESSAGE": true, "log": true}

// box reads text that is, or belongs to, a line in fields. False: it is an ordinary line.
func (k *Reader) box(text []byte) bool {
	if k.export != none && k.field(text) {
		return true
	}
	switch text[0] {
	case '_', 'M', 'T', 'W', 'F', 'S':
		return k.beginExport(text)
	case '[':
		return bytes.HasPrefix(text, []byte("[{")) && k.compact(text)
	case '{', '}', '"', ']', '\t', ' ', '-', 'd', 0x1e:
	default:
		return k.open != nil && k.inArray(text)
	}
	line := bytes.TrimLeft(bytes.TrimSpace(text), "\x1e")
	line = bytes.TrimPrefix(line, []byte("data: ")) // journalctl -o json-sse
	line = bytes.TrimPrefix(line, []byte("- "))     // LAVA
	if len(line) == 0 {
		return false
	}
	switch line[0] {
	case '{':
		return k.object(line)
	case '}', ']':
		return k.boxed && (k.open == nil || k.member(line))
	case '"':
		return k.open != nil && k.member(line)
	}
	return k.open != nil && k.inArray(line)
}

// object reads a whole object on one line, or the beginning of one that has a line for every member.
func (k *Reader) object(line []byte) bool {
	line = bytes.TrimSuffix(line, []byte{','})
	if len(line) == 1 {
		k.open, k.boxed = &entry{}, true
		return true
	}
	var members map[string]json.RawMessage
	e := &entry{}
	if json.Unmarshal(line, &members) != nil {
		if !yaml(e, line, k.lines.Num()) {
			return false
		}
		return k.emit(e)
	}
	if list, ok := members["dmesg"]; ok && k.compact(list) { // dmesg -J through jq -c
		return true
	}
	for key, raw := range members {
		e.set(key, value(raw), k.lines.Num())
	}
	return k.emit(e)
}

// compact reads an array of objects that stands on one line.
func (k *Reader) compact(list []byte) bool {
	var objects []map[string]json.RawMessage
	if json.Unmarshal(list, &objects) != nil {
		return false
	}
	for _, members := range objects {
		e := &entry{}
		for key, raw := range members {
			e.set(key, value(raw), k.lines.Num())
		}
		k.emit(e)
	}
	return true
}

// member reads a line of an object that goes over several:
//
//	"pri": 3,      dmesg -J
//	"PRIORITY" : "3",   journalctl -o json-pretty
//	},{
func (k *Reader) member(line []byte) bool {
	switch line[0] {
	case ']':
		return true
	case '}':
		k.emit(k.open)
		k.open = nil
		if bytes.HasSuffix(line, []byte{'{'}) {
			k.open = &entry{}
		}
		return true
	}
	key, rest, ok := bytes.Cut(line[1:], []byte{'"'})
	rest, colon := bytes.CutPrefix(bytes.TrimLeft(rest, " "), []byte{':'})
	if !ok || !colon {
		return false
	}
	if raw := bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte{','})); !bytes.Equal(raw, []byte{'['}) {
		k.open.set(string(key), value(raw), k.lines.Num())
	}
	return true
}

// inArray tells whether line is a number of an array: journalctl prints bytes that are no text so.
func (k *Reader) inArray(line []byte) bool {
	_, end, ok := number(line, 0)
	return ok && (end == len(line) || line[end] == ',')
}

// value gives the text of a JSON value. What is no string is given as it is printed: numbers, and the
// dates that dmesg -J prints without quotes. Arrays are bytes that are no UTF-8.
func value(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var bs []byte
	var ns []int
	if len(raw) > 0 && raw[0] == '[' && json.Unmarshal(raw, &ns) == nil {
		for _, n := range ns {
			bs = append(bs, byte(n))
		}
		return string(bs)
	}
	return strings.TrimSpace(string(raw))
}

// yaml reads the flow mapping of older LAVA logs: {dt: '…', lvl: target, msg: '…'}.
func yaml(e *entry, line []byte, num int) bool {
	text := string(line)
	if !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}") {
		return false
	}
	text = text[1 : len(text)-1]
	for text != "" {
		key, rest, ok := strings.Cut(strings.TrimLeft(text, " "), ":")
		if !ok {
			return false
		}
		var v string
		if v, text, ok = scalar(strings.TrimLeft(rest, " ")); !ok {
			return false
		}
		e.set(strings.Trim(key, `"'`), v, num)
	}
	return true
}

// scalar reads one value of a flow mapping and the comma behind it.
func scalar(text string) (v, rest string, ok bool) {
	switch {
	case strings.HasPrefix(text, "'"):
		end := 1
		for end < len(text) && (text[end] != '\'' || strings.HasPrefix(text[end:], "''")) {
			if text[end] == '\'' {
				end++
			}
			end++
		}
		if end >= len(text) {
			return "", "", false
		}
		v, rest = strings.ReplaceAll(text[1:end], "''", "'"), text[end+1:]
	case strings.HasPrefix(text, `"`):
		q, err := strconv.QuotedPrefix(text)
		if err != nil || json.Unmarshal([]byte(q), &v) != nil {
			return "", "", false
		}
		rest = text[len(q):]
	default:
		v, rest, _ = strings.Cut(text, ",")
		return strings.TrimSpace(v), rest, true
	}
	rest = strings.TrimLeft(rest, " ")
	return v, strings.TrimPrefix(rest, ","), rest == "" || rest[0] == ','
}

// emit makes records of an entry; false if it is none of a log.
func (k *Reader) emit(e *entry) bool {
	if e.line == 0 {
		return e.fields["dmesg"] != "" || len(e.fields) == 0
	}
	switch {
	case e.fields["MESSAGE"] != "":
		k.journal(e)
	case e.fields["lvl"] != "":
		k.lava(e)
	case e.fields["log"] != "":
		k.piece([]byte(e.fields["log"]))
	default:
		k.dmesgJSON(e)
	}
	return true
}

// journal reads an entry of the systemd journal.
func (k *Reader) journal(e *entry) {
	if boot := e.fields["_BOOT_ID"]; boot != "" {
		if k.boot != "" && boot != k.boot {
			k.seam(e.line, "another boot begins")
		}
		k.boot = boot
	}
	s := stamp{exact: true, format: k.boxFormat()}
	if n, err := strconv.Atoi(e.fields["PRIORITY"]); err == nil && n >= 0 {
		s.level = printk.Level(n)
	}
	for _, f := range []string{"_SOURCE_MONOTONIC_TIMESTAMP", "__MONOTONIC_TIMESTAMP", "__REALTIME_TIMESTAMP"} {
		if us, err := strconv.ParseInt(e.fields[f], 10, 54); err == nil && us >= 0 {
			s.time, s.clock = us*1000, seconds
			if f == "__REALTIME_TIMESTAMP" {
				s.clock = date
			}
			break
		}
	}
	known := e.fields["_TRANSPORT"] == "kernel" || e.fields["_TRANSPORT"] == "" && e.fields["SYSLOG_IDENTIFIER"] == "kernel"
	k.message(s, e, e.fields["MESSAGE"], known)
}

func (k *Reader) boxFormat() string {
	switch {
	case k.export == verbose:
		return "journalctl -o verbose"
	case k.export == export:
		return "journalctl -o export"
	case k.open != nil:
		return "journalctl -o json-pretty"
	}
	return "journalctl -o json"
}

// dmesgJSON reads an object of dmesg -J.
func (k *Reader) dmesgJSON(e *entry) {
	s := stamp{format: "dmesg -J"}
	if n, err := strconv.Atoi(e.fields["pri"]); err == nil && n >= 0 {
		s.level = printk.Level(n)
	} else {
		s.level = printk.LevelName([]byte(e.fields["pri"]))
	}
	at := []byte(e.fields["time"])
	if ns, end, ok := fraction(at, 0); ok && end == len(at) {
		s.time, s.clock, s.exact = ns, seconds, true
	} else if t, _ := k.stamps(at); t.clock != noClock {
		s.time, s.clock, s.exact = t.time, t.clock, t.exact
	}
	k.message(s, e, e.fields["msg"], true)
}

// message makes a record of every line of a message.
func (k *Reader) message(s stamp, e *entry, text string, known bool) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		k.at = e.line
		k.record(s, k.wash([]byte(line)), known)
	}
	k.at = 0
}

// lava reads a line of a LAVA job: what the device printed is a console, the rest is LAVA's.
func (k *Reader) lava(e *entry) {
	if lvl := e.fields["lvl"]; lvl != "target" && lvl != "feedback" {
		k.record(stamp{}, []byte(e.fields["msg"]), false)
		return
	}
	if t, err := time.Parse("2006-01-02T15:04:05.999999999", e.fields["dt"]); err == nil {
		k.outer = stamp{time: t.UnixNano(), clock: date, format: "LAVA log"}
	}
	k.piece([]byte(e.fields["msg"]))
	k.outer = stamp{}
}
