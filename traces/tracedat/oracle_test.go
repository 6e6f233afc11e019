package tracedat

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// The oracles are slow and obvious: format files by regular expressions, pages as a string of bits.

var (
	oracleName  = regexp.MustCompile(`(?m)^[ \t]*name:[ \t]*(\S.*?)[ \t\r]*$`)
	oracleID    = regexp.MustCompile(`(?m)^[ \t]*ID:[ \t]*([0-9]+)[ \t\r]*$`)
	oracleField = regexp.MustCompile(`(?m)^[ \t]*field:([^;\n]*);[ \t]*offset:([0-9]+);[ \t]*size:([0-9]+);(?:[ \t]*signed:([01]);)?[ \t]*$`)
	oracleDecl  = regexp.MustCompile(`^(__data_loc |__rel_loc )?(?:(.*[ *]))?([A-Za-z0-9_.]+)(\[[^\]]*\])?$`)
	oracleLoc   = regexp.MustCompile(`^(__data_loc|__rel_loc) (.*)\[[^\]]*\] ([A-Za-z0-9_.]+)$`)
)

// oracleFormat prints what a format file says; it knows clean files only.
func oracleFormat(text string) string {
	name, id := oracleName.FindStringSubmatch(text), oracleID.FindStringSubmatch(text)
	out := fmt.Sprintf("%s %s\n", name[1], id[1])
	for _, f := range oracleField.FindAllStringSubmatch(text, -1) {
		var decl, field string
		array, loc := false, ""
		if m := oracleLoc.FindStringSubmatch(f[1]); m != nil {
			loc, decl, field, array = m[1], m[2], m[3], true
		} else {
			m := oracleDecl.FindStringSubmatch(f[1])
			loc, decl, field, array = strings.TrimSpace(m[1]), m[2], m[3], m[4] != ""
		}
		out += fmt.Sprintf("%s|%s|%s|%s|%s|%t|%t\n", loc, strings.TrimSpace(decl), field, f[2], f[3], f[4] == "1", array)
	}
	return out
}

func printFormatOf(e *event) string {
	out := fmt.Sprintf("%s %d\n", e.name, e.id)
	for _, f := range e.fields {
		loc := [...]string{"", "__data_loc", "__rel_loc"}[f.where]
		out += fmt.Sprintf("%s|%s|%s|%d|%d|%t|%t\n", loc, f.decl, f.name, f.offset, f.size, f.signed, f.array)
	}
	return out
}

// allFormats gives every format file of the fixtures and the shared captures.
func allFormats(t testing.TB) []string {
	var all []string
	for _, pattern := range []string{"testdata/*.dat", "../../../shared/captures/*/*.dat", "../../../shared/logs/formats/*.dat"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.HasPrefix(b[10:], []byte("7")) {
				all = append(all, formatsOf(t, b)...)
			}
		}
	}
	return all
}

// formatsOf takes the format files out of a file of version 7.
func formatsOf(t testing.TB, b []byte) (all []string) {
	f, err := open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	c := f.at(18)
	c.text("")
	c.text("")
	c, _ = f.section(int64(c.u64("")), optDone, "options")
	for next := uint64(1); c.err == nil && next != 0; {
		id, data := c.u16(""), c.bytes(c.u32(""), "")
		switch id {
		case optDone:
			if next = over(data, f.order, "").u64(""); next != 0 {
				c, _ = f.section(int64(next), optDone, "options")
			}
		case optEvents:
			in, _ := f.section(int64(over(data, f.order, "").u64("")), id, "")
			for range in.u32("") {
				in.text("")
				all = append(all, formats(in)...)
			}
		case optFtrace:
			in, _ := f.section(int64(over(data, f.order, "").u64("")), id, "")
			all = append(all, formats(in)...)
		}
	}
	return all
}

func TestFormatOracle(t *testing.T) {
	all := allFormats(t)
	if len(all) < 50 {
		t.Fatalf("only %d formats", len(all))
	}
	seen := map[string]bool{}
	for _, text := range all {
		if seen[text] {
			continue
		}
		seen[text] = true
		e, ok := parseFormat("s", []byte(text))
		if !ok {
			t.Errorf("not understood:\n%s", text)
			continue
		}
		if diff := cmp.Diff(oracleFormat(text), printFormatOf(e)); diff != "" {
			t.Errorf("(-oracle +got):\n%s\n%s", diff, text)
		}
	}
	t.Logf("%d formats", len(seen))
}

func TestFormat(t *testing.T) {
	const good = "name: a\nID: 7\nformat:\n\tfield:u64 x;\toffset:0;\tsize:8;\n"
	if e, ok := parseFormat("s", []byte(good)); !ok || e.id != 7 || len(e.fields) != 1 {
		t.Errorf("got %+v, %t", e, ok)
	}
	for _, bad := range []string{
		"", "name: a\n", "ID: 7\n", "name: a\nID: x\n", "name: a\nID: 70000\n",
		good + "\tfield:u64 y;\toffset:-1;\tsize:8;\n", good + "\tfield:u64 y;\toffset:65535;\tsize:8;\n",
		good + "\tfield:u64 y;\toffset:5;\n", good + "\tfield:;\toffset:5;\tsize:8;\n", good + "\tfield:int ]x[;\toffset:5;\tsize:8;\n",
	} {
		if e, ok := parseFormat("s", []byte(bad)); ok {
			t.Errorf("%q is understood: %+v", bad, e)
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, s := range newMachine(false, 8).systems {
		for _, text := range s.formats {
			f.Add([]byte(text), []byte("some data of a record"))
		}
	}
	f.Fuzz(func(t *testing.T, text, data []byte) {
		e, ok := parseFormat("s", text)
		if !ok {
			return
		}
		e.decoder = decoderOf(e)
		p := payload{data, binary.LittleEndian}
		for _, f := range e.fields {
			p.uint(f)
			p.text(f)
		}
		r := &Reader{file: &file{comms: parseComms("")}}
		rec := traces.Record{}
		if e.fill != nil && e.lack == "" {
			e.fill(r, &rec, e, p)
		}
		if oracleClean(string(text)) {
			if diff := cmp.Diff(oracleFormat(string(text)), printFormatOf(e)); diff != "" {
				t.Errorf("(-oracle +got):\n%s", diff)
			}
		}
	})
}

// cleanFormat is a file as kernels write it.
var cleanFormat = regexp.MustCompile(`^name: \S+\nID: (0|[1-9][0-9]{0,3})\nformat:\n(\tfield:[a-z0-9_]+( [a-z0-9_]+)*( \*)? [a-z_][a-z0-9_]*(\[[0-9]*\])?;\toffset:[0-9]{1,4};\tsize:[0-9]{1,4};\tsigned:[01];\n|\tfield:(__data_loc|__rel_loc) [a-z0-9]+\[\] [a-z_][a-z0-9_]*;\toffset:[0-9]{1,4};\tsize:4;\tsigned:[01];\n|\n)*print fmt: .*\n$`)

func oracleClean(text string) bool { return cleanFormat.MatchString(text) }

// oraclePage reads a page of whole words as one string of bits, of the words as they are in a register.
func oraclePage(b []byte, order binary.ByteOrder) string {
	stamp := order.Uint64(b)
	end := 16 + int(order.Uint64(b[8:])&(1<<27-1))
	if end > len(b) {
		return "bad"
	}
	out := ""
	for at := 16; at+4 <= end; {
		w := order.Uint32(b[at:])
		bits := fmt.Sprintf("%032b", w)
		kind, delta := bits[27:], bits[:27]
		if order == binary.BigEndian {
			kind, delta = bits[:5], bits[5:]
		}
		k, _ := strconv.ParseUint(kind, 2, 64)
		d, _ := strconv.ParseUint(delta, 2, 64)
		if k == 29 && d == 0 {
			return out
		}
		second := uint64(0)
		if k == 0 || k > 28 {
			if at+8 > end {
				return out + "bad"
			}
			second = uint64(order.Uint32(b[at+4:]))
		}
		start, size := at+4, int(k)*4
		switch k {
		case 0:
			if second < 4 {
				return out + "bad"
			}
			start, size = at+8, (int(second)-4+3)/4*4
		case 29:
			size = int(second)
		case 30, 31:
			full, _ := strconv.ParseUint(fmt.Sprintf("%032b%027b", second, d), 2, 64)
			start, size = at+8, 0
			if k == 31 {
				top := stamp >> 59 << 59
				if full+top < stamp && top > 0 {
					full += 1 << 59
				}
				stamp, d = top+full, 0
			} else {
				d = full
			}
		}
		if start+size > end {
			return out + "bad"
		}
		stamp += d
		if k < 29 {
			out += fmt.Sprintf("%d %x\n", stamp, b[start:start+size])
		}
		at = start + size
	}
	return out
}

func printPage(b []byte, order binary.ByteOrder) string {
	var p page
	if p.load(b, order, defaultLayout(8), len(b)) != nil {
		return "bad"
	}
	out := ""
	for {
		data, err := p.next()
		switch {
		case err != nil:
			return out + "bad"
		case data == nil:
			return out
		}
		out += fmt.Sprintf("%d %x\n", p.stamp, data)
	}
}

func FuzzPage(f *testing.F) {
	for _, big := range []bool{false, true} {
		m := newMachine(big, 8)
		m.page = 512
		r := m.ring()
		for i := range 20 {
			r.add(uint64(1000+i*i*i*100000), m.wake("w"))
		}
		r.discard(3, 16)
		for pages := r.done(); len(pages) > 0; pages = pages[512:] {
			f.Add(pages[:512], big)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, big bool) {
		if len(b) < 16 {
			return
		}
		var order binary.ByteOrder = binary.LittleEndian
		if big {
			order = binary.BigEndian
		}
		if diff := cmp.Diff(oraclePage(b, order), printPage(b, order)); diff != "" {
			t.Errorf("(-oracle +got):\n%s", diff)
		}
	})
}

// FuzzFile reads anything that begins like a trace.dat file.
func FuzzFile(f *testing.F) {
	machines(func(_ string, m *machine) {
		m.page, m.printk = 256, ""
		m.options = []option{stat(1, 3, 2)}
		for i, s := range m.systems {
			m.systems[i].formats = s.formats[:1]
		}
		var small []rec
		for _, r := range story(m) {
			if len(m.data(r)) < 100 {
				small = append(small, r)
			}
		}
		m.record("", 2, small)
		m.record("inst", 2, small[:3])
		for _, how := range []string{"6", "7none", "7zlib"} {
			m.version, m.packing = how[:1], how[1:]
			f.Add(m.make(f))
		}
	})
	f.Fuzz(func(t *testing.T, b []byte) {
		recs, info, err := readBytes(append([]byte(Magic), bytes.TrimPrefix(b, []byte(Magic))...), traces.Options{})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "x.dat: ") {
				t.Fatalf("ended with %v", err)
			}
			return
		}
		line, n := 1, 0
		for _, r := range recs {
			if r.Kind != traces.Lost {
				n++
			}
			if r.Kind == traces.Exit && r.Source == traces.FuncTracer {
				continue // it may stand on the line of its entry
			}
			if r.Line < line {
				t.Fatalf("line %d behind line %d", r.Line, line)
			}
			line = r.Line
		}
		if n > info.Records || info.Lines < line {
			t.Fatalf("%d records up to line %d, %+v", n, line, info)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	m := newMachine(false, 8)
	m.packing, m.pieces = "none", 10
	var recs []rec
	for i := range 200_000 {
		r := rec{uint64(i * 1000), i % 2, "sched_switch", 77, 0, []any{"a", 77, 120, 1, "swapper/0", 0, 120}}
		if i%10 == 0 {
			r.event, r.values = "workqueue_execute_start", []any{m.address(0x5000), m.fn("rproc_crash_handler_work")}
		}
		recs = append(recs, r)
	}
	m.record("", 2, recs)
	for _, packing := range []string{"none", "zstd"} {
		m.packing = packing
		file := m.make(b)
		b.Run(packing, func(b *testing.B) {
			b.SetBytes(int64(len(m.buffers[0].cpus[0].pages) * 2))
			for b.Loop() {
				r, err := New(bytes.NewReader(file), int64(len(file)), "x.dat", traces.Options{SkipOther: true})
				if err != nil {
					b.Fatal(err)
				}
				var rec traces.Record
				for r.Read(&rec) == nil {
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(recs))/b.Elapsed().Seconds(), "records/s")
		})
	}
}
