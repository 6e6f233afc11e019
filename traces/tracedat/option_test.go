package tracedat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/traces"
)

// The times of a guest stay its own, and it is said that they are.
func TestTimeShift(t *testing.T) {
	m := newMachine(false, 8)
	m.options = []option{{optShift, make([]byte, 40)}, {99, []byte("of tomorrow")}, {optTSC, []byte{1, 2}}, {optDate, []byte("no number")}, {optOffset, nil}}
	m.record("", 1, []rec{{77, 0, "softirq_entry", 1, 0, []any{1}}})
	recs, info := readAll(t, m)
	if len(recs) != 1 || recs[0].Time != 77 || len(info.Notes) != 1 || !strings.Contains(info.Notes[0], "TIME_SHIFT") {
		t.Errorf("%+v, %+v", recs, info)
	}
}

// An option of version 6 may know of more CPUs than the head.
func TestCPUCount(t *testing.T) {
	m := newMachine(true, 4)
	m.version, m.clock = "6", ""
	count := m.writer()
	count.u32(3)
	m.options = []option{{optCPUs, count.Bytes()}}
	m.record("", 3, []rec{{1, 0, "softirq_entry", 1, 0, []any{1}}, {2, 2, "softirq_entry", 1, 0, []any{1}}})
	b := m.make(t)
	at := bytes.Index(b, []byte("options  \x00")) - 4
	binary.BigEndian.PutUint32(b[at:], 1)
	recs, _, err := readBytes(b, traces.Options{})
	if err != nil || stamps(recs) != "1 2" || recs[1].CPU != 2 {
		t.Errorf("got %q, %v", stamps(recs), err)
	}
	binary.BigEndian.PutUint32(b[at+10+4+6:], 0x10000)
	_, _, err = readBytes(bytes.Replace(b, append([]byte{0, optCPUs, 0, 0, 0, 4}, 0, 0, 0, 3), append([]byte{0, optCPUs, 0, 0, 0, 4}, 0, 1, 0, 0), 1), traces.Options{})
	checkDamaged(t, "many CPUs", err, "65536 CPUs, more than 8192")
}

func TestWrongWords(t *testing.T) {
	for old, want := range map[string]string{
		"header_page\x00":  `no header_page where "header_page\x00" should stand`,
		"header_event\x00": `no header_event where`,
		"flyrecord\x00":    `where flyrecord or latency should stand`,
	} {
		m := newMachine(false, 8)
		m.version = "6"
		m.record("", 1, nil)
		b := bytes.Replace(m.make(t), []byte(old), bytes.Repeat([]byte("x"), len(old)), 1)
		_, _, err := readBytes(b, traces.Options{})
		checkDamaged(t, old, err, want)
	}
}

func TestBufferOption(t *testing.T) {
	m := newMachine(false, 8)
	m.record("", 2, story(m))
	b := m.make(t)
	f, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	// The option holds the place, "", "local", the page size and the number of CPUs.
	var place [8]byte
	binary.LittleEndian.PutUint64(place[:], uint64(f.buffers[0].at))
	at := bytes.Index(b, append(place[:], "\x00local\x00"...)) + 8 + 7
	for want, edit := range map[string]func(b []byte){
		"the page size of a buffer is 0":      func(b []byte) { binary.LittleEndian.PutUint32(b[at:], 0) },
		"9000 CPUs, more than 8192":           func(b []byte) { binary.LittleEndian.PutUint32(b[at+4:], 9000) },
		"the file ends before a CPU":          func(b []byte) { binary.LittleEndian.PutUint32(b[at+4:], 50) },
		"the data of CPU 0 should begin here": func(b []byte) { binary.LittleEndian.PutUint64(b[at+12:], 1<<40) },
		"the data of CPU 1 should begin here": func(b []byte) { binary.LittleEndian.PutUint64(b[at+32+8:], 1<<63) },
		"behind the end of the file":          func(b []byte) { binary.LittleEndian.PutUint64(b[at-15:], 1<<40) },
		"where trace data (3) should stand":   func(b []byte) { binary.LittleEndian.PutUint64(b[at-15:], uint64(len(b)-300)) },
	} {
		bad := bytes.Clone(b)
		edit(bad)
		_, _, err := readBytes(bad, traces.Options{})
		checkDamaged(t, want, err, want)
	}
}

// The memory for pages is bounded.
func TestMemory(t *testing.T) {
	var m memory
	for range 1024 {
		if err := m.take(1 << 20); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.take(1); err == nil {
		t.Error("more than the bound was given")
	}
}

// Gaps that touch are one. Its number is known only if all are.
func TestGapsJoin(t *testing.T) {
	for _, packing := range []string{"none", "zstd"} {
		m := newMachine(false, 8)
		m.packing, m.pieces = packing, 3
		r := m.ring()
		for i, lost := range []int{0, 4, 3, 0, 5} {
			r.lost = lost
			if i != 1 { // a page without events
				r.add(uint64(10*i+10), m.wake("a"))
			}
			r.flush()
		}
		m.addBuffer("", r)
		binary.LittleEndian.PutUint64(m.buffers[0].cpus[0].pages[3*4096+8:], 1<<26)
		recs, info := readAll(t, m)
		if got := stamps(recs); got != "10 L0 30 L0 50" || info.Lost != 13 || info.Malformed != 1 {
			t.Errorf("%s: %q, %+v", packing, got, info)
		}
		if got := reasons(recs); got != "dropped/7 damaged/0" {
			t.Errorf("%s: %q", packing, got)
		}
		if why := info.Bad[0].Why; !strings.HasPrefix(why, "byte ") || !strings.Contains(why, "CPU 0: a page with 67108864 bytes") {
			t.Errorf("%s: %q", packing, why)
		}
	}
}

// How the arguments of probes are printed, by what their print fmt says.
func TestArguments(t *testing.T) {
	m := newMachine(false, 8)
	e, ok := parseFormat("g", []byte("name: p\nID: 7\nformat:\n\tfield:unsigned long __probe_ip;\toffset:0;\tsize:8;\n"+
		"\tfield:u32 x;\toffset:8;\tsize:4;\n\tfield:unsigned long sym;\toffset:16;\tsize:8;\n\tfield:char c;\toffset:12;\tsize:1;\n"+
		"\tfield:u8 odd;\toffset:13;\tsize:1;\n\tfield:unsigned long none;\toffset:24;\tsize:8;\n\tfield:s16 mute;\toffset:14;\tsize:2;\tsigned:1;\n"+
		"\tfield:char name[4];\toffset:32;\tsize:4;\n"+
		`print fmt: "(%lx) x=0x%08x sym=%pS c='%c' odd=% none=%pS name=\"%s\"", REC->x`+"\n"))
	if !ok {
		t.Fatal("not understood")
	}
	e.decoder = decoderOf(e)
	b := make([]byte, 36)
	binary.LittleEndian.PutUint32(b[8:], 0xabc)
	binary.LittleEndian.PutUint64(b[16:], m.fn("rproc_shutdown")+4)
	b[12], b[13], b[14], b[15] = 'z', 9, 0xfe, 0xff
	b[24] = 1
	copy(b[32:], "m4")
	r := traces.Record{}
	f := &Reader{file: &file{symbols: parseSymbols(m.kallsyms)}}
	if !e.fill(f, &r, e, payload{b, binary.LittleEndian}) {
		t.Fatal("too short")
	}
	want := "[{x 0xabc false} {sym rproc_shutdown+0x4 false} {c 'z' false} {odd 9 false} {none 0x1 false} {mute -2 false} {name m4 true}]"
	if got := fmt.Sprint(r.Args); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Kernels before 5.6 do not tell the function that ended; newer ones what a function returned. A name that
// the tracers use means nothing in another system.
func TestOptionalFields(t *testing.T) {
	m := newMachine(false, 8)
	m.define(40, eventSpec{"workqueue", "workqueue_execute_end", []string{"void * work"}, `"work struct %p", REC->work`})
	m.define(41, eventSpec{"ftrace", "funcgraph_exit", []string{"unsigned long func", "unsigned long retval"}, `""`})
	m.define(42, eventSpec{"user", "print", []string{"int nothing"}, `""`})
	m.record("", 1, []rec{
		{1, 0, "workqueue_execute_end", 1, 0, []any{0x55}},
		{2, 0, "funcgraph_exit", 1, 0, []any{m.fn("rproc_shutdown"), -22}},
		{3, 0, "print", 1, 0, []any{1}},
	})
	recs, info := readAll(t, m)
	if info.Malformed > 0 || recs[0].Work != "0x55" || recs[0].Func != "" {
		t.Errorf("%+v, %+v", recs[0], info)
	}
	if got := fmt.Sprint(recs[1].Kind, recs[1].Func, recs[1].Args); got != "2rproc_shutdown[{ret 0xffffffffffffffea false}]" {
		t.Errorf("a return: %s", got)
	}
	if recs[2].Kind != traces.Other || recs[2].Event != "print" {
		t.Errorf("an event with the name of a tracer's: %+v", recs[2])
	}
}
