package validate

import (
	"cmp"
	"slices"

	"github.com/rprocspec/rprocspec/traces"
)

// holdBack is how many records of a full window wait for the next one, where records have been found
// that are earlier than one before them.
const holdBack = 1024

// timed tells whether the time of r says where it belongs. Kernel logs are told line by line, whatever
// their clock did.
func (r *rec) timed() bool { return r.Time != traces.NoTime && r.Source != traces.KernelLog }

// order puts the window into the order of its times. Records of one CPU keep theirs, as do those on the
// two sides of a loss; what is earlier than what was explained before comes after a loss.
func (v *Validator) order() {
	for from := 0; from < len(v.window); {
		to := from
		for to < len(v.window) && v.window[to].timed() {
			to++
		}
		run := v.window[from:to]
		if !slices.IsSortedFunc(run, byTime) {
			v.unordered = true
			slices.SortStableFunc(run, byTime)
		}
		from = to + 1
	}
	if len(v.window) == 0 || !v.window[0].timed() || v.window[0].Time >= v.until {
		return
	}
	v.until = traces.NoTime
	late := &rec{Record: &traces.Record{
		Kind: traces.Lost, Source: traces.Synthetic, CPU: -1, PID: -1, Time: traces.NoTime, Line: v.window[0].Line,
	}, work: -1}
	v.window = append([]*rec{late}, v.window...)
}

func byTime(a, b *rec) int { return cmp.Compare(a.Time, b.Time) }

// ready is how many records of a full window can be explained.
func (v *Validator) ready() int {
	if v.unordered && len(v.window) > 2*holdBack {
		return len(v.window) - holdBack
	}
	return len(v.window)
}
