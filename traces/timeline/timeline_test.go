package timeline

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/traces"
)

// list is a reader of records at hand.
type list struct {
	recs []traces.Record
	info traces.Info
}

func (l *list) Info() *traces.Info { return &l.info }

func (l *list) Read(r *traces.Record) error {
	if len(l.recs) == 0 {
		return io.EOF
	}
	*r = l.recs[0]
	l.recs = l.recs[1:]
	l.info.Records++
	return nil
}

// at makes records from "CPU TIME" pairs; "-" is a second header.
func at(clock string, times ...string) *list {
	l := &list{info: traces.Info{Clock: clock}}
	for i, s := range times {
		r := traces.Record{Kind: traces.Enter, Source: traces.Kprobe, Line: i + 1, PID: 1}
		if s == "-" {
			r = traces.Record{Kind: traces.Begin, Time: traces.NoTime, Line: i + 1}
		} else if _, err := fmt.Sscan(s, &r.CPU, &r.Time); err != nil {
			panic(err)
		}
		l.recs = append(l.recs, r)
	}
	return l
}

// show reads everything and gives the records as "E1 B2 E2": kind and line.
func show(t *testing.T, r *Reader) (string, error) {
	t.Helper()
	var out []string
	letter := map[traces.Kind]string{traces.Enter: "E", traces.Begin: "B", traces.Lost: "L", traces.Log: "K"}
	for {
		var rec traces.Record
		if err := r.Read(&rec); err != nil {
			return strings.Join(out, " "), err
		}
		out = append(out, fmt.Sprint(letter[rec.Kind], rec.Line))
	}
}

func TestBack(t *testing.T) {
	for _, tt := range []struct {
		name, clock string
		times       []string
		want, note  string
	}{
		{"in order", "seconds", []string{"0 100", "1 100", "0 200"}, "E1 E2 E3", ""},
		{"a second back", "seconds", []string{"0 2000000000", "0 1000000000", "0 1000000001"}, "E1 B2 E2 E3", ""},
		{"a second back, another CPU", "seconds", []string{"0 2000000000", "1 1000000000"}, "E1 B2 E2", ""},
		{"a little back on one CPU", "seconds", []string{"0 300", "0 200", "0 250", "0 400"}, "E1 L2 E2 E3 E4", ""},
		{"a little back between CPUs", "seconds", []string{"0 300", "1 200", "0 400"}, "E1 E2 E3", "line 2: earlier"},
		{"between CPUs and then on one", "seconds", []string{"0 300", "1 200", "1 100"}, "E1 E2 L3 E3", "line 2: earlier"},
		{"without CPU", "seconds", []string{"-1 300", "-1 200"}, "E1 L2 E2", ""},
		{"integers on one CPU", "integer", []string{"0 300", "0 200", "0 201"}, "E1 B2 E2 E3", ""},
		{"integers between CPUs", "integer", []string{"0 300", "1 200"}, "E1 L2 E2", ""},
		{"a second header starts anew", "seconds", []string{"0 300", "-", "0 200", "0 100"}, "E1 B2 E3 L4 E4", ""},
	} {
		r := New(at(tt.clock, tt.times...), "t")
		got, err := show(t, r)
		if got != tt.want || err != io.EOF {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, err, tt.want)
		}
		if notes := strings.Join(r.Info().Notes, "\n"); !strings.Contains(notes, tt.note) || tt.note == "" && notes != "" {
			t.Errorf("%s: notes %q, want %q", tt.name, notes, tt.note)
		}
	}
}

// Lines of a kernel log and losses have no part in this.
func TestOthers(t *testing.T) {
	l := at("seconds", "0 2000000000", "0 1000000000", "0 2000000000")
	l.recs[1].Kind, l.recs[1].Source = traces.Log, traces.KernelLog
	l.recs = append(l.recs, traces.Record{Kind: traces.Lost, Time: traces.NoTime, Line: 4})
	if got, err := show(t, New(l, "t")); got != "E1 K2 E3 L4" || err != io.EOF {
		t.Errorf("%s, %v", got, err)
	}
}

// The boots of a kernel log are its own matter, however many.
func TestBoots(t *testing.T) {
	l := at("seconds", slices.Repeat([]string{"0 5", "-"}, 2*MaxParts)...)
	for i := range l.recs {
		if l.recs[i].Kind == traces.Enter {
			l.recs[i].Kind, l.recs[i].Source = traces.Log, traces.KernelLog
		}
	}
	if got, err := show(t, New(l, "t")); err != io.EOF || !strings.HasPrefix(got, "K1 B2 K3 B4") {
		t.Errorf("%.20s, %v", got, err)
	}
}

func TestStandsStill(t *testing.T) {
	times := slices.Repeat([]string{"0 5"}, 60)
	r := New(at("seconds", times...), "t")
	if _, err := show(t, r); err != io.EOF {
		t.Fatal(err)
	}
	if notes := r.Info().Notes; len(notes) != 1 || !strings.HasPrefix(notes[0], "lines 1 to 60: 60 records") || strings.Contains(notes[0], "CPUs") {
		t.Errorf("notes %q", notes)
	}
	r = New(at("seconds", slices.Concat(times, []string{"1 5"})...), "t")
	if _, err := show(t, r); err != io.EOF || !strings.Contains(r.Info().Notes[0], "order between CPUs is not known") {
		t.Errorf("notes %q, %v", r.Info().Notes, err)
	}
}

// What goes back again and again is refused, with the line.
func TestNoOrder(t *testing.T) {
	var times []string
	for i := range 200 {
		times = append(times, fmt.Sprintf("0 %d", int64(400-2*i)*1_000_000_000))
	}
	_, err := show(t, New(at("seconds", times...), "t"))
	var bad *traces.FormatError
	if !errors.As(err, &bad) || bad.Line != 101 || bad.File != "t" || bad.Hint == "" {
		t.Errorf("%v", err)
	}
}

func BenchmarkRead(b *testing.B) {
	l := &list{info: traces.Info{Clock: "seconds"}}
	recs := make([]traces.Record, 10000)
	for i := range recs {
		recs[i] = traces.Record{Kind: traces.Enter, CPU: i % 8, Time: int64(i)}
	}
	for b.Loop() {
		l.recs = recs
		r := New(l, "b")
		var rec traces.Record
		for r.Read(&rec) == nil {
		}
	}
	b.ReportMetric(float64(len(recs)*b.N)/b.Elapsed().Seconds(), "records/s")
}
