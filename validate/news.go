package validate

import (
	"time"

	"github.com/rprocspec/rprocspec/traces"
)

// News is a finding that became definite, or one that is over, since it was last asked for.
type News struct {
	Subject string   `json:"subject"`
	Aliases []string `json:"aliases"`
	Over    bool     `json:"over"` // what was told before has ended
	Finding *Finding `json:"finding"`
}

// Flush explains what was observed so far, but for what is younger than hold. A trace that is followed while
// it is written must not wait for the look-ahead: who knows the time calls this when nothing has come for a
// while. CPUs may be told a little out of turn, so while records come, the last should be held; and where the
// capture does not describe itself, those that belong together should not be torn apart.
func (v *Validator) Flush(hold time.Duration) {
	v.order()
	n := len(v.window)
	for hold > 0 && n > 0 && v.window[n-1].timed() && v.latest-v.window[n-1].Time < int64(hold) {
		n--
	}
	v.drain(n, false)
	for _, x := range v.subjects {
		x.flush()
	}
}

// Described tells whether the capture says what it records, so that nothing has to be guessed from what
// comes later.
func (v *Validator) Described() bool { return v.desc != nil && v.desc.ready }

// News gives what has become definite since the last call, and forgets the findings that are over: the result
// no longer lists them. clock is that of the reader's Info.
func (v *Validator) News(clock string) []News {
	var all []News
	for _, x := range v.subjects {
		names := x.id.names()
		var keep []*Finding
		for _, f := range x.findings {
			f.stamp(clock)
			over := f.Until != nil
			if !f.told {
				all = append(all, News{Subject: names[0], Aliases: names[1:], Finding: f})
			} else if over {
				all = append(all, News{Subject: names[0], Aliases: names[1:], Over: true, Finding: f})
			}
			f.told = true
			if over || !x.isOpen(f) {
				x.broke = x.broke || f.Severity == Error
				continue
			}
			keep = append(keep, f)
		}
		x.findings = keep
	}
	return all
}

// isOpen tells whether a finding may still end.
func (x *subject) isOpen(f *Finding) bool {
	for _, open := range x.open {
		if open == f {
			return true
		}
	}
	return false
}

// stamp gives a finding its time, if the clock counts seconds.
func (f *Finding) stamp(clock string) {
	if clock == "seconds" && f.ns != traces.NoTime {
		t := float64(f.ns) / 1e9
		f.Time = &t
	}
}
