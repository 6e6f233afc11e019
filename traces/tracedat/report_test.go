package tracedat

import (
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
	"github.com/rprocspec/rprocspec/traces/internal/funcname"
)

var update = flag.Bool("update", false, "write the files of testdata, the reports with trace-cmd")

// story is something of every kind, on two CPUs and with times that need every form.
func story(m *machine) []rec {
	work, handler := m.address(0x5000), m.fn("rproc_crash_handler_work")
	const hard, soft = 0x08, 0x10
	return []rec{
		{1_000_000_000, 0, "report", 0, hard, []any{m.fn("rproc_report_crash"), "modem", 2, 1}},
		{1_000_000_000, 1, "softirq_entry", 192, soft, []any{9}},
		{1_000_000_500, 0, "wakeup_source_activate", 0, hard, []any{"rproc-dummy.0 [x]", 0x870001}},
		{1_000_001_000, 0, "workqueue_queue_work", 0, hard, []any{work, handler, "rproc_recovery_wq", 256, -1}},
		{1_200_000_000, 0, "console", 0, hard, []any{"remoteproc remoteproc0: crash detected in modem: type watchdog"}},
		{1_200_000_001, 1, "workqueue_execute_start", 24, 0, []any{work, handler}},
		{1_200_000_001, 0, "sched_switch", 77, 0, []any{"late comm", 77, 120, 1, "swapper/0", 0, 120}},
		{1_200_000_002, 0, "function", 77, 0, []any{m.fn("pm_stay_awake") + 4, m.fn("process_one_work") + 40}},
		{1_200_000_002, 0, "kernel_stack", 77, 0, []any{3, []int{int(m.fn("pm_stay_awake") + 8), int(m.fn("process_one_work") + 40), 7, -1, 0, 0, 0, 0}}},
		{1_200_000_003, 1, "rel", 24, 0, []any{m.fn("rproc_shutdown"), "adsp two"}},
		{1_200_000_004, 1, "kinds", 24, 0, []any{m.fn("rproc_stop.cold"), 200, 3, 0xabc, -1 << 40, uint64(0xdeadbeefcafe), []int{1, 2, 65535}, []int{-1, 7}}},
		{1_200_000_005, 1, "report", 24, 0, []any{m.address(0x200000), "(fault)", 3, -1}},
		{9_000_000_000, 1, "workqueue_execute_end", 24, 0, []any{work, handler}},
		{9_000_000_001, 1, "report_ret", 194, 0, []any{m.address(0x100000), m.fn("process_one_work") + 0x20, -22}},
		{9_000_000_002, 0, "print", 192, 0, []any{m.fn("tracing_mark_write") + 0x60, "quiesce remoteproc0 awake=0\n"}},
		{9_000_000_003, 0, "print", 192, 0, []any{m.fn("trace_printk_user") + 0x10, "no mark\n"}},
		{9_000_000_004, 0, "console", 192, 0, []any{"remoteproc remoteproc1: first\nremoteproc remoteproc1: second line"}},
		{9_000_000_005, 0, "wakeup_source_deactivate", 192, 0, []any{"rproc-dummy.0", uint64(0x1_0000_0000)}},
		{9_000_000_006, 0, "funcgraph_entry", 192, 0, []any{m.fn("rproc_shutdown"), 0}},
		{9_000_000_007, 0, "funcgraph_entry", 192, 0, []any{m.fn("pm_stay_awake"), 1}},
		{9_000_000_107, 0, "funcgraph_exit", 192, 0, []any{m.fn("pm_stay_awake"), 1, 0, 9_000_000_007, 9_000_000_107}},
		{9_000_000_200, 0, "funcgraph_exit", 192, 0, []any{m.fn("rproc_shutdown"), 0, 0, 9_000_000_006, 9_000_000_200}},
		{9_000_000_201, 0, "report", 194, 0, []any{m.fn("rproc_report_crash") + 0x40, "inside", 2, 1}},
	}
}

// long is more than one piece of pages for each CPU.
func long(m *machine, n int) []rec {
	var recs []rec
	for i := range n {
		r := rec{1_000_000 + uint64(i*1000), i % 2, "console", 192, 0, []any{"remoteproc remoteproc0: line " + strconv.Itoa(i)}}
		if i%5 == 0 {
			r.event, r.values = "workqueue_execute_start", []any{m.address(0x5000), m.fn("rproc_crash_handler_work")}
		}
		recs = append(recs, r)
	}
	return recs
}

// fixtures are the files of testdata that the writer makes.
func fixtures() map[string]*machine {
	all := map[string]*machine{}
	add := func(name, version, packing string, big bool, long int) *machine {
		m := newMachine(big, long)
		m.version, m.packing = version, packing
		all[name] = m
		return m
	}
	for name, m := range map[string]*machine{
		"v6-le64": add("v6-le64", "6", "", false, 8),
		"v6-be32": add("v6-be32", "6", "", true, 4),
		"v7-be64": add("v7-be64", "7", "none", true, 8),
		"v7-le32": add("v7-le32", "7", "none", false, 4),
		"v7-zstd": add("v7-zstd", "7", "zstd", false, 8),
	} {
		m.record("", 2, story(m))
		if strings.HasPrefix(name, "v7") {
			m.record("empty", 2, nil)
		}
	}
	m := add("v7-pages", "7", "zstd", false, 8)
	m.page = 16384
	m.record("", 2, long(m, 400))
	m = add("v6-instances", "6", "", false, 8)
	m.record("", 2, story(m)[:8])
	m.record("second", 2, story(m)[4:12])
	m = add("v7-lost", "7", "none", false, 8)
	losing(m)
	m = add("v7-tsc", "7", "none", false, 8)
	m.clock, m.clockName = "local global [tsc2nsec]\n", "tsc2nsec"
	tsc := m.writer()
	tsc.u32(1 << 21)
	tsc.u32(22) // 2 GHz
	tsc.u64(12345)
	m.options = []option{{optTSC, tsc.Bytes()}, {optOffset, []byte("-500000\x00")}}
	m.record("", 2, story(m)[:12])
	m = add("v6-date", "6", "", false, 8)
	m.options = []option{{optDate, []byte("0x5f5e100\x00")}}
	m.record("", 2, story(m)[:6])
	return all
}

// losing records with lost events of known and unknown number, between pages and before the first.
func losing(m *machine) {
	recs := long(m, 140)
	rings := []*ring{m.ring(), m.ring()}
	rings[1].lost = 7
	for i, r := range recs {
		if i == 60 {
			rings[0].flush()
			rings[0].lost = -1
		}
		if i == 101 {
			rings[1].flush()
			rings[1].lost = 12
		}
		rings[r.cpu].add(r.stamp, m.data(r))
	}
	m.addBuffer("", rings...)
}

// TestReport holds the records of a file against those of the report that trace-cmd made of it.
func TestReport(t *testing.T) {
	if *update {
		for name, m := range fixtures() {
			writeFixture(t, name, m.make(t))
		}
		for name, p := range excerpts(t) {
			writeFixture(t, name, p.make(t))
		}
	}
	files, _ := filepath.Glob("testdata/*.dat")
	if len(files) < 8 {
		t.Fatalf("only %d files", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			report, err := os.ReadFile(strings.TrimSuffix(file, ".dat") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, file, report)
		})
	}
}

// TestSharedCaptures does the same with what real kernels recorded.
func TestSharedCaptures(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/captures/*/*.dat")
	more, _ := filepath.Glob("../../../shared/logs/formats/*.dat")
	files = append(files, more...)
	if len(files) == 0 {
		t.Skip("no shared captures")
	}
	if _, err := exec.LookPath("trace-cmd"); err != nil {
		t.Skip("no trace-cmd to compare with")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { compare(t, file, report(t, file)) })
	}
}

func writeFixture(t *testing.T, name string, b []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".dat")
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("testdata", name+".txt"), report(t, file), 0o644); err != nil {
		t.Fatal(err)
	}
}

// report is what trace-cmd prints of a file.
func report(t *testing.T, file string) []byte {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.Command("trace-cmd", "report", "-t", "-i", file)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("trace-cmd report: %v\n%s", err, errs.String())
	}
	return out
}

// compare reads both and wants the same records.
func compare(t *testing.T, file string, report []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(bytes.NewReader(b), int64(len(b)), file, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := ftrace.New(bytes.NewReader(report), file, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, want := all(t, r), outside(all(t, text))
	for _, rec := range want {
		asBinary(r.symbols, rec)
	}
	for _, rec := range got {
		rec.Context = traces.NoContext // the report does not tell
		if rec.Reason == "overwritten" {
			rec.Reason = "dropped"
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-report +file):\n%s", diff)
	}
	if r.info.Lines != text.Info().Lines || r.info.Lost != text.Info().Lost || r.info.Malformed != 0 {
		t.Errorf("got %+v, report %+v", r.info, text.Info())
	}
}

func all(t *testing.T, r traces.Reader) (recs []*traces.Record) {
	t.Helper()
	for {
		var rec traces.Record
		switch err := r.Read(&rec); err {
		case nil:
			recs = append(recs, rec.Clone())
		case io.EOF:
			return recs
		default:
			t.Fatal(err)
		}
	}
}

// outside leaves out what other CPUs recorded while one lost something: between the loss and the last
// record before it of that CPU.
func outside(recs []*traces.Record) (out []*traces.Record) {
	in := map[*traces.Record]bool{}
	for i, r := range recs {
		if r.Kind != traces.Lost {
			continue
		}
		for k := i - 1; k >= 0 && recs[k].CPU != r.CPU; k-- {
			in[recs[k]] = recs[k].Kind != traces.Lost
		}
	}
	for _, r := range recs {
		if !in[r] {
			out = append(out, r)
		}
	}
	return out
}

// asBinary changes a record of a report to what the file tells: the function at an address, and that a
// probe is in the middle of one.
func asBinary(all symbols, r *traces.Record) {
	if !r.HasCtr {
		r.Counter = 0 // no number of 32 bits
	}
	addr, err := strconv.ParseUint(strings.TrimPrefix(r.Addr, "0x"), 16, 64)
	s, offset, ok := all.find(addr)
	switch {
	case err != nil || !ok:
	case offset <= funcname.MaxEntry:
		r.Func, r.Addr = funcname.Base(s.name), ""
	case !s.module:
		r.Kind = traces.Other
	}
}
