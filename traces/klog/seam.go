package klog

import (
	"bytes"
	"fmt"
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

// seam says that the log begins anew at a line: what comes after it is of another boot, or of another
// excerpt, so that nothing goes on across it.
func (k *Reader) seam(line int, why string) {
	if k.core {
		if k.seams++; k.seams <= maxSeamNotes {
			k.info.Notes = append(k.info.Notes, fmt.Sprintf("line %d: the log begins anew: %s", line, why))
		}
		k.ahead = append(k.ahead, traces.Record{
			Kind: traces.Begin, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Line: line, Reason: why,
		})
	}
	k.seen, k.core, k.booting = history{}, false, false
	k.last = [3]int64{traces.NoTime, traces.NoTime, traces.NoTime}
}

// maxSeamNotes bounds the notes about seams.
const maxSeamNotes = 5

// bootLine tells whether a message is one of the first that a kernel prints.
func bootLine(text []byte) bool {
	return bytes.HasPrefix(text, []byte("Linux version ")) || bytes.HasPrefix(text, []byte("Booting Linux on "))
}

// reboots finds the seams that no line announces. Where a clock counts from the boot it falls back; that
// alone is no seam, since it also does so a little at a resume. Without such a clock the first line that
// a kernel prints tells.
func (k *Reader) reboots(s stamp, text []byte) {
	first := bootLine(text) && !k.booting
	if s.clock == seconds {
		last := k.last[seconds]
		if fell := last - s.time; last != traces.NoTime && fell > 0 && (k.booting || first || fell > 10*int64(time.Second) && s.time < last/2) {
			k.seam(k.num(), fmt.Sprintf("its clock falls from %.6f s to %.6f s", float64(last)/1e9, float64(s.time)/1e9))
		}
	} else if first {
		k.seam(k.num(), "a kernel boots")
	}
	k.booting = bootLine(text)
}

// announced tells whether a line says that another boot begins: "-- Boot 3f2a… --", "-- Reboot --".
func announced(text []byte) bool {
	b, ok := bytes.CutPrefix(text, []byte("-- "))
	if b, end := bytes.CutSuffix(b, []byte(" --")); ok && end {
		return bytes.Equal(b, []byte("Reboot")) || bytes.HasPrefix(b, []byte("Boot "))
	}
	return false
}
