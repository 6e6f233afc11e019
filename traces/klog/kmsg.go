package klog

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// kmsgField is the format of the " KEY=value" lines that follow a record of /dev/kmsg.
const kmsgField = "/dev/kmsg field"

// stamp reads the prefix of a line, with what needs memory of the lines before: /dev/kmsg, and
// dmesg -e.
func (k *Reader) stamp(text []byte) (s stamp, rest []byte, known bool) {
	if k.seq >= 0 && text[0] == ' ' && bytes.IndexByte(text, '=') > 0 {
		return stamp{format: kmsgField}, nil, true
	}
	if s, rest, known = k.kmsg(text); known {
		return s, rest, true
	}
	if ns, next, ok := delta(text); ok {
		k.base += ns
		return stamp{time: k.base, clock: date, format: "dmesg -e"}, caller(text[next:]), true
	}
	s, rest, known = prefix(text)
	if s.format == "dmesg -e" {
		k.base = s.time
	}
	return s, rest, known
}

// kmsg reads "PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,…];TEXT".
func (k *Reader) kmsg(text []byte) (s stamp, rest []byte, ok bool) {
	if !digit(text[0]) {
		return s, nil, false
	}
	head, rest, ok := bytes.Cut(text, []byte{';'})
	if !ok || len(head) > 80 {
		return s, nil, false
	}
	var n [3]int64
	at := 0
	for i := range n {
		if n[i], at, ok = number(head, at); !ok || at == len(head) || head[at] != ',' {
			return s, nil, false
		}
		at++
	}
	k.sequence(n[1])
	return stamp{time: n[2] * 1000, clock: seconds, exact: true, level: printk.Level(int(n[0])), format: "/dev/kmsg"}, rest, true
}

// sequence notices missing records: those that were overwritten before they could be read.
func (k *Reader) sequence(seq int64) {
	if k.seq >= 0 && seq > k.seq+1 {
		n := int(seq - k.seq - 1)
		k.info.Lost += n
		k.ahead = append(k.ahead, traces.Record{
			Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime,
			Line: k.lines.Num(), LostN: n, Reason: "sequence",
		})
	}
	k.seq = max(seq, k.seq)
}
