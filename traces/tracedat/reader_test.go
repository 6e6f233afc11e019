package tracedat

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// readAll reads the file of a machine that has nothing wrong with it.
func readAll(t testing.TB, m *machine) ([]*traces.Record, *traces.Info) {
	t.Helper()
	recs, info, err := readBytes(m.make(t), traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return recs, info
}

// readBytes reads a file; the error is that of New or of Read, nil at the end.
func readBytes(b []byte, opt traces.Options) ([]*traces.Record, *traces.Info, error) {
	r, err := New(bytes.NewReader(b), int64(len(b)), "x.dat", opt)
	if err != nil {
		return nil, &traces.Info{}, err
	}
	var recs []*traces.Record
	for {
		var rec traces.Record
		if err := r.Read(&rec); err != nil {
			if err == io.EOF {
				err = nil
			}
			return recs, r.Info(), err
		}
		recs = append(recs, rec.Clone())
	}
}

// stamps gives the times of records, "L" for losses.
func stamps(recs []*traces.Record) string {
	var out []string
	for _, r := range recs {
		switch {
		case r.Kind == traces.Lost:
			out = append(out, fmt.Sprintf("L%d", r.CPU))
		default:
			out = append(out, fmt.Sprint(r.Time))
		}
	}
	return strings.Join(out, " ")
}

// wake is a small record: the activation of a wakeup source.
func (m *machine) wake(name string) []byte {
	return m.data(rec{0, 0, "wakeup_source_activate", 192, 0, []any{name, 1}})
}

// machines has kernels of all architectures.
func machines(do func(name string, m *machine)) {
	for _, big := range []bool{false, true} {
		for _, long := range []int{4, 8} {
			do(fmt.Sprintf("big=%t long=%d", big, long), newMachine(big, long))
		}
	}
}

// Every kind of entry of a page, on all architectures.
func TestPage(t *testing.T) {
	machines(func(name string, m *machine) {
		r := m.ring()
		r.add(1000, m.wake("a"))
		r.add(1000, m.wake("same time"))
		r.add(1000+1<<27, m.wake("time extend"))
		r.discard(5, 20)
		r.add(2000+1<<27, m.wake("after padding"))
		r.add(1500+1<<27, m.wake("an absolute time, back"))
		r.add(1600+1<<27, m.wake(strings.Repeat("longer than 112 bytes ", 10)))
		r.force = true // as on machines that need 8 byte alignment
		r.add(1700+1<<27, m.wake("aligned"))
		r.page = append(r.page, r.head(typePadding, 0)...) // the rest is empty
		r.page = append(r.page, 1, 2, 3, 4, 5, 6, 7, 8)
		r.flush()
		r.force = false
		r.add(8<<56|1<<28, m.wake("a time of more than 59 bits"))
		r.add(8<<56|1<<27, m.wake("and an absolute one")) // of 59 bits, which have begun anew
		m.addBuffer("", r)
		recs, info := readAll(t, m)
		got := ""
		for _, r := range recs {
			got += fmt.Sprintf("%d %s\n", r.Time, r.Name[:min(len(r.Name), 9)])
		}
		want := "1000 a\n1000 same time\n134218728 time exte\n134219728 after pad\n134219228 an absolu\n134219328 longer th\n134219428 aligned\n" +
			fmt.Sprintf("%d a time of\n%d and an ab\n", 8<<56|1<<28, 16<<56|1<<27)
		if diff := cmp.Diff(want, got); diff != "" || info.Malformed > 0 || info.Lost > 0 {
			t.Errorf("%s: %+v (-want +got):\n%s", name, info, diff)
		}
	})
}

// Packed data are the same, whatever packs them and however many pages a piece has.
func TestPackings(t *testing.T) {
	want := ""
	for _, packing := range []string{"none", "zlib", "zstd"} {
		for _, pieces := range []int{1, 3, 100} {
			m := newMachine(true, 4)
			m.packing, m.pieces = packing, pieces
			m.record("", 2, long(m, 2000))
			recs, info := readAll(t, m)
			got := fmt.Sprintf("%+v %s", info, stamps(recs))
			if len(recs) != 2000 || want != "" && got != want {
				t.Errorf("%s, %d pages in a piece: %d records, %+v", packing, pieces, len(recs), info)
			}
			want = got
		}
	}
}

// The long of a 32 bit program that recorded on a 64 bit kernel says nothing about the pages.
func TestLongOfKernel(t *testing.T) {
	m := newMachine(false, 8)
	m.record("", 2, story(m))
	m.long = 4
	recs, info := readAll(t, m)
	if len(recs) != 23 || info.Malformed > 0 || recs[0].Func != "rproc_report_crash" {
		t.Errorf("%d records, %+v", len(recs), info)
	}
}

// The order of equal times is that of buffers and CPUs; of one CPU it is that of its pages.
func TestOrder(t *testing.T) {
	m := newMachine(false, 8)
	for _, buffer := range []string{"inst", ""} {
		var rings []*ring
		for cpu := range 5 {
			r := m.ring()
			for _, at := range []uint64{10, 20, 20, 15, 30} {
				r.add(at, m.wake(fmt.Sprintf("%s%d", buffer, cpu)))
			}
			rings = append(rings, r)
		}
		m.addBuffer(buffer, rings...)
	}
	recs, info := readAll(t, m)
	var got []string
	for _, r := range recs {
		if r.Time == 20 {
			got = append(got, r.Name)
		}
	}
	// A time that goes back comes as soon as what is before it has come.
	want := "0 0 1 1 2 2 3 3 4 4 inst0 inst0 inst1 inst1 inst2 inst2 inst3 inst3 inst4 inst4"
	if strings.Join(got, " ") != want || len(recs) != 50 {
		t.Errorf("got %q", got)
	}
	if want := []string{"records of 2 buffers are read together: the top buffer, instance inst"}; !slices.Equal(info.Notes, want) {
		t.Errorf("notes %q", info.Notes)
	}
}

func TestSkipOther(t *testing.T) {
	m := newMachine(false, 8)
	m.record("", 2, story(m))
	whole, info := readAll(t, m)
	recs, skipped, err := readBytes(m.make(t), traces.Options{SkipOther: true})
	whole = slices.DeleteFunc(whole, func(r *traces.Record) bool { return r.Kind == traces.Other })
	if diff := cmp.Diff(whole, recs); diff != "" || err != nil {
		t.Errorf("%v (-all +skipped):\n%s", err, diff)
	}
	if diff := cmp.Diff(info, skipped); diff != "" {
		t.Errorf("info (-all +skipped):\n%s", diff)
	}
}

func TestContext(t *testing.T) {
	m := newMachine(false, 8)
	flags := map[int]traces.Context{
		0x01: traces.Process, 0x08: traces.HardIRQ, 0x10: traces.SoftIRQ, 0x18: traces.HardIRQ, 0x40: traces.NMI, 0x48: traces.NMI, 0x25: traces.Process,
	}
	var recs []rec
	for f := range 0x100 {
		recs = append(recs, rec{uint64(f), 0, "softirq_entry", 1, f, []any{1}})
	}
	m.record("", 1, recs)
	got, _ := readAll(t, m)
	for f, want := range flags {
		if got[f].Context != want {
			t.Errorf("flags %#x: context %d, want %d", f, got[f].Context, want)
		}
	}
}

// What only a file tells, and what has no counterpart in a report.
func TestValues(t *testing.T) {
	m := newMachine(false, 8)
	m.record("", 1, []rec{
		{1, 0, "kinds", 24, 0, []any{m.fn("rproc_stop.cold"), 200, -3, 0xabc, -5, uint64(0xffffffffffffffea), []int{1, 2, 65535}, []int{-1, 7}}},
		{2, 0, "report", 24, 0, []any{m.fn("rproc_report_crash") + 16, "", 1, 2}},
		{3, 0, "report", 24, 0, []any{m.address(0x100000), `a "quoted" name`, 1, 2}},
		{4, 0, "workqueue_execute_start", 24, 0, []any{0, m.fn("rproc_crash_handler_work") + 0x20}},
		{5, 0, "function", 24, 0, []any{uint64(0x1234), 0}},
		{6, 0, "funcgraph_entry", 24, 0, []any{m.fn("rproc_shutdown") + 65, 0}},
	})
	recs, info := readAll(t, m)
	var got []string
	for _, r := range recs {
		got = append(got, fmt.Sprintf("%d %s|%s|%s|%v", r.Kind, r.Func, r.Addr, r.Work, r.Args))
	}
	want := []string{
		"1 rproc_stop|||[{a 200 false} {b -3 false} {c 0xabc false} {d -5 false} {e 0xffffffffffffffea false} {list {1,2,65535} false} {signs {-1,7} false}]",
		"1 rproc_report_crash|||[{name  true} {state 1 false} {type 2 false}]",
		`1 rproc_boot|||[{name a "quoted" name true} {state 1 false} {type 2 false}]`,
		"6 |||[]",
		"1 |0x1234||[]",
		fmt.Sprintf("1 |%#x||[]", m.fn("rproc_shutdown")+65),
	}
	if diff := cmp.Diff(want, got); diff != "" || info.Malformed > 0 {
		t.Errorf("%+v (-want +got):\n%s", info, diff)
	}
}

// A kernel that hides its addresses leaves bare ones, as in a report.
func TestHiddenAddresses(t *testing.T) {
	m := newMachine(false, 8)
	m.kallsyms = "0000000000000000 T rproc_report_crash\n0000000000000000 T tracing_mark_write\n"
	m.record("", 2, story(m))
	recs, info := readAll(t, m)
	if r := recs[0]; r.Kind != traces.Enter || r.Func != "" || r.Addr != "ffffffff81000000" || info.Malformed > 0 {
		t.Errorf("got %+v, %+v", r, info)
	}
}

func TestClocks(t *testing.T) {
	for name, want := range map[string]string{
		"local": "seconds", "boot": "seconds", "tai": "seconds", "mono_raw": "seconds", "": "seconds",
		"counter": "integer", "uptime": "integer", "x86-tsc": "integer", "of tomorrow": "integer",
	} {
		for _, version := range []string{"6", "7"} {
			m := newMachine(false, 8)
			m.version, m.clockName = version, name
			if m.clock = ""; name != "" {
				m.clock = "global [" + name + "] perf\n"
			}
			m.record("", 1, []rec{{77, 0, "softirq_entry", 1, 0, []any{1}}})
			recs, info := readAll(t, m)
			if info.Clock != want || info.ClockName != name || recs[0].Time != 77 {
				t.Errorf("version %s, clock %q: %+v, time %d", version, name, info, recs[0].Time)
			}
		}
	}
}

// trace-cmd once wrote the announcement of a clock and no clock.
func TestClockMissing(t *testing.T) {
	m := newMachine(false, 8)
	m.version = "6"
	m.options = []option{{optClock, nil}}
	m.clock = ""
	m.record("", 1, []rec{{77, 0, "softirq_entry", 1, 0, []any{1}}})
	if recs, info := readAll(t, m); len(recs) != 1 || info.Clock != "seconds" || info.ClockName != "" {
		t.Errorf("%d records, %+v", len(recs), info)
	}
}

// An error of the disk is one, and no damage of the file.
func TestReadError(t *testing.T) {
	m := newMachine(false, 8)
	m.version = "6"
	m.record("", 2, long(m, 3000))
	b := m.make(t)
	broken := errors.New("broken disk")
	r, err := New(&failing{bytes.NewReader(b), len(b) - 5000, broken}, int64(len(b)), "x.dat", traces.Options{})
	n := 0
	for err == nil {
		if err = r.Read(new(traces.Record)); err == nil {
			n++
		}
	}
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "x.dat: ") || n < 100 {
		t.Errorf("%d records, %v", n, err)
	}
}

// failing fails behind a place.
type failing struct {
	*bytes.Reader
	after int
	err   error
}

func (f *failing) ReadAt(p []byte, at int64) (int, error) {
	if int(at)+len(p) > f.after {
		return 0, f.err
	}
	return f.Reader.ReadAt(p, at)
}
