package merge

import (
	"hash/maphash"
	"io"

	"github.com/rprocspec/rprocspec/traces"
)

// print is what a record leaves in every buffer that records it: when, where, by whom, and its text.
type print struct {
	time     int64
	cpu, pid int
	kind     traces.Kind
	text     uint64
}

var seed = maphash.MakeSeed()

// printOf gives the print of a record with text, which is of little value without.
func printOf(r *traces.Record) (print, bool) {
	if r.Time == traces.NoTime || r.Kind != traces.Log && r.Kind != traces.Mark || r.Text == "" {
		return print{}, false
	}
	return print{r.Time, r.CPU, r.PID, r.Kind, maphash.String(seed, r.Device+"\x00"+r.Text)}, true
}

// maxPrints bounds what is remembered of one file.
const maxPrints = 1 << 20

// Prints is what a file has in common with others of the same recording.
type Prints struct{ all map[print]bool }

// ReadPrints reads a trace to its end and keeps the prints of its kernel log lines and marks.
func ReadPrints(r traces.Reader) (*Prints, error) {
	p := &Prints{all: map[print]bool{}}
	var rec traces.Record
	for {
		err := r.Read(&rec)
		if err == io.EOF {
			return p, nil
		}
		if err != nil {
			return nil, err
		}
		if key, ok := printOf(&rec); ok && len(p.all) < maxPrints {
			p.all[key] = true
		}
	}
}

// Shared counts the lines and marks that stand in both files with the same time, CPU and task. One is
// proof that the files bear one clock: they tell of one moment in the same words.
func (p *Prints) Shared(q *Prints) int {
	n := 0
	for key := range p.all {
		if q.all[key] {
			n++
		}
	}
	return n
}
