package merge

import (
	"fmt"
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

// Lines with the same words prove nothing: every boot prints them, and those of a test run in the same order. What is of
// one boot has one distance between the two clocks. It is judged as strictly as the clocks allow:
const (
	// printk takes its time, and the tracepoint fires, some microseconds later; where an interrupt or a hypervisor comes in
	// between, or an older kernel has to write the line to a console first, it takes longer. In 155 of 169 recorded captures
	// all lines are within this. Of 5016 logs of another run of the same scenario, with the same sleeps in it, 55 are, too, and
	// pass for the trace's; logs that nobody scripted are farther off.
	consoleDelay = 500 * time.Microsecond
	// Clocks that are corrected by NTP, such as boot, and those that are not, such as printk's, run apart by the error of a
	// crystal. Clocks of which one stands still in suspend are not of one distance.
	drift = 10_000
	// Lines that come one after the other have the same distance in every run. Of lines this many times farther apart than
	// the distance may vary, chance lets one in so many fit.
	chance = 20
)

// pair is a line that a log and a trace have both.
type pair struct {
	text      string
	log       int // line of the log
	said, was time.Duration
}

// offset is the distance between the clocks that a pair tells.
func (p pair) offset() time.Duration { return p.was - p.said }

// unproven says why pairs do not prove one distance between the clocks; "" if they do. res is what the log's
// times are multiples of.
func unproven(pairs []pair, res time.Duration) string {
	if len(pairs) == 0 {
		return "of the lines that stand in both, none has a time that counts seconds in both"
	}
	least, most, first, last := pairs[0], pairs[0], pairs[0], pairs[0]
	for _, p := range pairs {
		if p.offset() < least.offset() {
			least = p
		}
		if p.offset() > most.offset() {
			most = p
		}
		if p.said < first.said {
			first = p
		}
		if p.said > last.said {
			last = p
		}
	}
	span := last.said - first.said
	if most.offset()-least.offset() > res+consoleDelay+span/drift {
		a, b := least, most
		if a.log > b.log {
			a, b = b, a
		}
		return fmt.Sprintf("from its line %d (%s) to its line %d (%s) it counts %v, and the trace %v: it is of another boot or another machine, or one of the clocks stood still in between",
			a.log, a.text, b.log, b.text, b.said-a.said, b.was-a.was)
	}
	if need := chance * (res + consoleDelay); span < need {
		return fmt.Sprintf("the lines that stand in both are within %v, as they would be in any other boot: one distance between the clocks needs lines that are %v apart", span, need)
	}
	return ""
}

// resolution is the greatest power of ten that all times of the log are multiples of, up to a second.
func (l *Lines) resolution() time.Duration {
	res := time.Second
	for _, r := range l.recs {
		for r.Time != traces.NoTime && res > 1 && r.Time%int64(res) != 0 {
			res /= 10
		}
	}
	return res
}

// timed tells whether times of a reader count seconds.
func timed(i *traces.Info) bool { return i.Clock == "seconds" || i.Clock == "date" }
