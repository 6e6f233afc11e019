package tracedat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/traces"
)

// stat is the content of per_cpu/cpuN/stats.
func stat(cpu, overrun, dropped int) option {
	return option{optStats, fmt.Appendf(nil, "CPU: %d\nentries: 9\noverrun: %d\ncommit overrun: 0\nbytes: 396\noldest event ts:    41.158421\nnow ts:    41.499613\ndropped events: %d\nread events: 0\n\x00", cpu, overrun, dropped)}
}

// twoPages records two pages on CPU 1 and one event in the middle on CPU 0.
func twoPages(m *machine) (*ring, *ring) {
	zero, one := m.ring(), m.ring()
	for at := uint64(10); at <= 20; at += 10 {
		one.add(at, m.wake("a"))
	}
	one.flush()
	one.add(40, m.wake("b"))
	zero.add(30, m.wake("c"))
	return zero, one
}

func TestLosses(t *testing.T) {
	for name, c := range map[string]struct {
		lost    int // before the second page
		options []option
		want    string
		count   int
		reasons string
	}{
		"nothing":        {0, []option{stat(0, 0, 0), stat(1, 0, 0)}, "10 20 30 40", 0, ""},
		"without stats":  {0, nil, "10 20 30 40", 0, ""},
		"number":         {5, nil, "10 20 L1 40", 5, "dropped/5"},
		"no number":      {-1, nil, "10 20 L1 40", 1, "dropped/0"},
		"marked overrun": {5, []option{stat(0, 0, 0), stat(1, 5, 0)}, "10 20 L1 40", 5, "dropped/5"},
		"overrun":        {0, []option{stat(0, 0, 0), stat(1, 5, 0)}, "L1 10 20 30 40", 5, "overwritten/0"},
		"dropped":        {0, []option{stat(0, 0, 0), stat(1, 0, 3)}, "10 20 L1 40 L1", 3, "dropped/0 dropped/0"},
		"dropped on 0":   {0, []option{stat(0, 0, 4), stat(1, 0, 0)}, "10 20 30 L0", 4, "dropped/0"},
		"of an instance": {0, []option{{optStats, []byte("\nBuffer: other\n\n\x00")}, stat(1, 5, 7)}, "10 20 30 40", 0, ""},
		"strange stats":  {0, []option{{optStats, []byte("CPU: x\noverrun: -1\n:\n")}, {optStats, nil}}, "10 20 30 40", 0, ""},
	} {
		for _, version := range []string{"6", "7"} {
			m := newMachine(false, 8)
			m.version, m.options = version, c.options
			zero, one := twoPages(m)
			one.lost = c.lost
			m.addBuffer("", zero, one)
			recs, info := readAll(t, m)
			if got := stamps(recs); got != c.want || info.Lost != c.count || info.Malformed > 0 {
				t.Errorf("%s, version %s: got %q and %+v, want %q and %d lost", name, version, got, info, c.want, c.count)
			}
			if got := reasons(recs); got != c.reasons {
				t.Errorf("%s, version %s: reasons %q, want %q", name, version, got, c.reasons)
			}
		}
	}
}

func reasons(recs []*traces.Record) string {
	var out []string
	for _, r := range recs {
		if r.Kind == traces.Lost {
			out = append(out, fmt.Sprintf("%s/%d", r.Reason, r.LostN))
		}
	}
	return strings.Join(out, " ")
}

// A CPU all of whose events are gone is known from its counters alone.
func TestLossesOfEmptyCPU(t *testing.T) {
	for _, o := range []option{stat(1, 9, 0), stat(1, 0, 9)} {
		m := newMachine(false, 8)
		m.options = []option{stat(0, 0, 0), o}
		zero, _ := twoPages(m)
		m.addBuffer("", zero, m.ring())
		recs, info := readAll(t, m)
		if got := stamps(recs); got != "L1" || info.Lost != 9 || len(info.Notes) != 1 {
			t.Errorf("got %q, %+v", got, info)
		}
	}
}

// damaged makes a file and changes its trace data: edit gets the pages of CPU 1.
func damaged(t *testing.T, packing string, edit func(m *machine, pages []byte)) ([]*traces.Record, *traces.Info) {
	t.Helper()
	m := newMachine(false, 8)
	m.packing = packing
	zero, one := twoPages(m)
	m.addBuffer("", zero, one)
	edit(m, m.buffers[0].cpus[1].pages)
	return readAll(t, m)
}

func TestDamagedPages(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(m *machine, pages []byte)
		want string
		why  string
	}{
		"commit": {
			func(m *machine, b []byte) { binary.LittleEndian.PutUint64(b[8:], 5000) },
			"L1 40", "a page with 5000 bytes of data, where 4080 are",
		},
		"length of an event": {
			func(m *machine, b []byte) { b[16] &^= 31; b[20], b[21], b[22], b[23] = 0xff, 0xff, 0, 0 },
			"L1 40", "at 16 in the page: an event of 65532 bytes, where 56 are left",
		},
		"short length": {
			func(m *machine, b []byte) { b[16] &^= 31; b[20], b[21], b[22], b[23] = 3, 0, 0, 0 },
			"L1 40", "an event of length 3",
		},
		"second event": {
			func(m *machine, b []byte) {
				at := 16 + 4 + int(b[16]&31)*4
				b[at] |= 28
			},
			"10 L1 40", "an event of",
		},
		"half a word": {
			func(m *machine, b []byte) { binary.LittleEndian.PutUint64(b[8:], 6); b[16] = 30 },
			"L1 40", "an event of type 30 without its second word",
		},
		"second page": {
			func(m *machine, b []byte) { binary.LittleEndian.PutUint64(b[4096+8:], 1<<27-1) },
			"10 20 L1", "a page with 134217727 bytes",
		},
	} {
		recs, info := damaged(t, "none", c.edit)
		if got := stamps(recs); got != c.want || info.Malformed != 1 || info.Lost != 1 {
			t.Errorf("%s: got %q and %+v, want %q", name, got, info, c.want)
			continue
		}
		if why := info.Bad[0].Why; !strings.HasPrefix(why, "byte ") || !strings.Contains(why, "CPU 1: ") || !strings.Contains(why, c.why) {
			t.Errorf("%s: why %q, want %q", name, why, c.why)
		}
	}
}

// A packed piece that cannot be unpacked is a gap; the next one is read again.
func TestDamagedPiece(t *testing.T) {
	for _, packing := range []string{"zlib", "zstd"} {
		m := newMachine(false, 8)
		m.packing = packing
		zero, one := twoPages(m)
		m.addBuffer("", zero, one)
		b := m.make(t)
		f, err := open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		at := f.buffers[0].cpus[1].at
		b[at+4+8+2] ^= 0xff
		b[at+4+8+6] ^= 0xff
		recs, info, err := readBytes(b, traces.Options{})
		if got := stamps(recs); err != nil || got != "L1 40" || info.Malformed != 1 {
			t.Errorf("%s: got %q, %+v, %v", packing, got, info, err)
			continue
		}
		if want := fmt.Sprintf("byte %d: a packed piece cannot be unpacked: ", at+4); !strings.HasPrefix(info.Bad[0].Why, want) {
			t.Errorf("%s: why %q, want %q", packing, info.Bad[0].Why, want)
		}
	}
}

// A file that ends in the data of a CPU gives what came before in time, on all CPUs, and says so.
func TestCutData(t *testing.T) {
	m := newMachine(false, 8)
	m.version = "6"
	m.record("", 2, long(m, 400))
	whole, _ := readAll(t, m)
	b := m.make(t)
	f, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	last := f.buffers[0].cpus[1]
	for _, left := range []int64{1, 20, 2000, 2001, 2002, 2003, 4095, 4096, 4100, 8191, 8192, 9000} {
		recs, info, err := readBytes(b[:last.at+left], traces.Options{})
		n := 0
		for n < len(recs) && recs[n].Kind != traces.Lost {
			n++
		}
		if err != nil || info.Lost == 0 || info.Malformed == 0 || n == len(recs) || n >= len(whole) || stamps(recs[:n]) != stamps(whole[:n]) {
			t.Errorf("%d bytes left: %d records, the first %d in order, %+v, %v", left, len(recs), n, info, err)
			continue
		}
		why := info.Bad[len(info.Bad)-1].Why
		if !strings.Contains(why, "the file ends before the data of this CPU") || !strings.Contains(info.Notes[0], "CPU 1 breaks off") {
			t.Errorf("%d bytes left: %q, notes %q", left, why, info.Notes)
		}
		if n < int(left)/100 {
			t.Errorf("%d bytes left: only %d records", left, n)
		}
	}
	_, _, err = readBytes(b[:last.at], traces.Options{})
	checkDamaged(t, "no data", err, fmt.Sprintf("byte %d: the data of CPU 1 should begin here", last.at))
}

// Cut anywhere, a file is read or refused with the place, never more than that.
func TestCutAnywhere(t *testing.T) {
	for name, m := range fixtures() {
		b := m.make(t)
		step := 1
		if len(b) > 8000 {
			step = 37
		}
		for n := 0; n < len(b); n += step {
			_, info, err := readBytes(b[:n], traces.Options{})
			var bad *traces.FormatError
			if err != nil && (!errors.As(err, &bad) || bad.File != "x.dat" || bad.Hint == "") {
				t.Fatalf("%s cut at %d: %v", name, n, err)
			}
			if err == nil && m.version == "7" && info.Malformed == 0 {
				t.Fatalf("%s cut at %d: all seems well", name, n)
			}
		}
	}
}

func checkDamaged(t *testing.T, name string, err error, want string) {
	t.Helper()
	var bad *traces.FormatError
	if !errors.As(err, &bad) || bad.File != "x.dat" || bad.Hint == "" || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %q", name, err, want)
	}
}

// Damage of what is read before the records.
func TestDamagedHead(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(m *machine)
		want string
	}{
		{"version 5", func(m *machine) { m.version = "5" }, `a trace.dat file of version "5"`},
		{"version 8", func(m *machine) { m.version = "8" }, `trace-cmd report -t`},
		{"version", func(m *machine) { m.version = strings.Repeat("x", 5000) }, "byte 10: the version does not end within 4096 bytes"},
		{"long", func(m *machine) { m.long = 5 }, "a long of 5 bytes"},
		{"page", func(m *machine) { m.page = 100 }, "the page size is 100"},
		{"packing", func(m *machine) { m.packing = "lzma" }, "compressed with lzma"},
		{"old ring buffer", func(m *machine) { m.headerEvent = "\ttype        :    2 bits\n" }, "before 2.6.31"},
		{"clocks", func(m *machine) {
			m.record("", 1, []rec{{1, 0, "softirq_entry", 1, 0, []any{1}}})
			m.clockName = "boot"
			m.record("inst", 1, []rec{{1, 0, "softirq_entry", 1, 0, []any{1}}})
		}, "the top buffer has the clock local and instance inst the clock boot"},
	} {
		m := newMachine(false, 8)
		c.edit(m)
		var b []byte
		if c.name == "packing" {
			m.packing = "none"
			b = bytes.Replace(m.make(t), []byte("none\x00"), []byte("lzma\x00"), 1)
		} else {
			b = m.make(t)
		}
		_, _, err := readBytes(b, traces.Options{})
		checkDamaged(t, c.name, err, c.want)
	}
}

// Lengths that are not there cost nothing, and options do not lead in a circle.
func TestHostile(t *testing.T) {
	m := newMachine(false, 8)
	b := m.make(t)
	next := binary.LittleEndian.Uint64(b[18+9:])
	circle := slices.Clone(b)
	at := int(next) + 16
	binary.LittleEndian.PutUint16(circle[at:], optDone)
	binary.LittleEndian.PutUint32(circle[at+2:], 8)
	binary.LittleEndian.PutUint64(circle[at+6:], next)
	_, _, err := readBytes(circle, traces.Options{})
	checkDamaged(t, "circle", err, "lead in a circle")

	huge := slices.Clone(b)
	binary.LittleEndian.PutUint32(huge[at+2:], 0xffffffff)
	_, _, err = readBytes(huge, traces.Options{})
	checkDamaged(t, "option", err, "an option of 4294967295 bytes, more than")
	binary.LittleEndian.PutUint32(huge[at+2:], 0x0fffffff)
	_, _, err = readBytes(huge, traces.Options{})
	checkDamaged(t, "option", err, "the file ends in an option")

	far := slices.Clone(b)
	binary.LittleEndian.PutUint64(far[18+9:], 1<<63+5)
	_, _, err = readBytes(far, traces.Options{})
	checkDamaged(t, "options", err, "behind the end of the file")
	binary.LittleEndian.PutUint64(far[18+9:], 0)
	_, _, err = readBytes(far, traces.Options{})
	checkDamaged(t, "options", err, "the recording was not finished")
	_, _, err = readBytes(b, traces.Options{})
	checkDamaged(t, "no buffer", err, "no option leads to a buffer")
	wrong := slices.Clone(b)
	binary.LittleEndian.PutUint16(wrong[next:], 99)
	_, _, err = readBytes(wrong, traces.Options{})
	checkDamaged(t, "section", err, "a section of type 99, where options (0) should stand")
}

// A small piece does not unpack to much.
func TestBomb(t *testing.T) {
	for _, packing := range []string{"zlib", "zstd"} {
		unpack, ok := newUnpacker(packing)
		if !ok {
			t.Fatal(packing)
		}
		b := pack(t, packing, make([]byte, 20<<20))
		for _, size := range []uint64{10, 16 << 20, 20 << 20, 1 << 40} {
			if _, err := unpack(b, size); err == nil {
				t.Errorf("%s: %d bytes unpack to %d", packing, len(b), size)
			}
		}
	}
}

// Names are worth having, and their loss is no reason to read nothing.
func TestDamagedNames(t *testing.T) {
	m := newMachine(false, 8)
	m.packing = "zlib"
	m.record("", 2, story(m))
	b := m.make(t)
	c := (&file{src: bytes.NewReader(b), size: int64(len(b)), order: binary.LittleEndian}).at(18 + 9)
	f := &file{src: bytes.NewReader(b), size: int64(len(b)), order: binary.LittleEndian}
	options, _ := f.section(int64(c.u64("")), optDone, "options")
	for options.err == nil {
		id, data := options.u16(""), options.bytes(options.u32(""), "")
		if id == optSymbols || id == optComms {
			at := binary.LittleEndian.Uint64(data)
			b[at+16+8+5] ^= 0xff
			b[at+16+8+7] ^= 0xff
		}
		if id == optDone {
			break
		}
	}
	recs, info, err := readBytes(b, traces.Options{})
	if err != nil || len(recs) != 23 || recs[0].Addr == "" || recs[1].Comm != noComm || len(info.Notes) != 2 {
		t.Errorf("%d records, %+v, %v", len(recs), info, err)
	}
}

// Events that the formats do not describe.
func TestStrangeEvents(t *testing.T) {
	m := newMachine(false, 8)
	r := m.ring()
	r.add(1, m.wake("a"))
	unknown := m.wake("b")
	binary.LittleEndian.PutUint16(unknown, 999)
	r.add(2, unknown)
	r.add(3, m.wake("c")[:12])
	wild := m.wake("d")
	binary.LittleEndian.PutUint32(wild[8:], 100<<16|60000)
	r.add(4, wild)
	r.add(5, []byte{1})
	r.add(6, m.wake("e"))
	m.addBuffer("", r)
	recs, info := readAll(t, m)
	if got := stamps(recs); got != "1 2 3 4 5 6" || info.Malformed != 4 || info.Records != 6 {
		t.Fatalf("got %q, %+v", got, info)
	}
	if recs[1].PID != 192 || recs[1].Comm != "sh" || recs[4].PID != -1 {
		t.Errorf("tasks %+v, %+v", recs[1], recs[4])
	}
	for i, want := range []string{"an event of type 999, which no format", "wakeup_source_activate that is too short", "wakeup_source_activate that is too short", "function that is too short"} {
		if bad := info.Bad[i]; bad.Line != i+3 || !strings.Contains(bad.Why, want) || recs[i+1].Kind != traces.Other {
			t.Errorf("%d: %+v, want %q", i, bad, want)
		}
	}
}

// An argument of a probe that is no number, and one that is beyond the record, are left out.
func TestStrangeArguments(t *testing.T) {
	e, ok := parseFormat("g", []byte("name: p\nID: 7\nformat:\n\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\n\tfield:s128 a;\toffset:16;\tsize:16;\tsigned:1;\n"+
		"\tfield:u32 b;\toffset:16;\tsize:4;\n\tfield:odd c[3];\toffset:16;\tsize:12;\n\tfield:u32 d;\toffset:40;\tsize:4;\n"))
	if !ok {
		t.Fatal("not understood")
	}
	e.decoder = decoderOf(e)
	r := traces.Record{}
	p := payload{append(make([]byte, 16), 5, 0, 0, 0, 6, 0, 0, 0, 7, 0, 0, 0, 8, 0, 0, 0), binary.LittleEndian}
	if !e.fill(&Reader{file: &file{}}, &r, e, p) || fmt.Sprint(r.Args) != "[{b 5 false}]" {
		t.Errorf("got %v", r.Args)
	}
}

// The format of an event lacks what its records need.
func TestStrangeFormat(t *testing.T) {
	m := newMachine(false, 8)
	for i, s := range m.systems {
		for k, f := range s.formats {
			m.systems[i].formats[k] = strings.Replace(f, "u64 state", "u64 condition", 1)
		}
	}
	r := m.ring()
	r.add(1, m.wake("a"))
	m.addBuffer("", r)
	recs, info := readAll(t, m)
	if info.Malformed != 1 || info.Bad[0].Why != "the format of wakeup_source_activate has no field state" || recs[0].Kind != traces.Other {
		t.Errorf("%+v, %+v", recs[0], info)
	}
}

// The text of a latency tracer has no records.
func TestLatency(t *testing.T) {
	m := newMachine(false, 8)
	m.version = "6"
	m.record("", 1, nil)
	b := bytes.Replace(m.make(t), []byte("flyrecord\x00"), []byte("latency  \x00"), 1)
	_, _, err := readBytes(b, traces.Options{})
	checkDamaged(t, "version 6", err, "text of a latency tracer")
	m = newMachine(false, 8)
	m.options = []option{{optText, make([]byte, 10)}}
	_, _, err = readBytes(m.make(t), traces.Options{})
	checkDamaged(t, "version 7", err, "trace-cmd report FILE")
}
