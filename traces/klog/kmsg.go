package klog

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/printk"
)

// kmsgField is the format of the " KEY=value" lines that follow a record of /dev/kmsg.
const kmsgField = "/dev/kmsg field"

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
			Line: k.num(), LostN: n, Reason: "sequence",
		})
	}
	k.seq = max(seq, k.seq)
}
