package open

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
)

const (
	ftraceLine = "  a-1 [000] .... 1.000001: f <-g\n"
	ftraceText = "# tracer: nop\n#\n" + ftraceLine
	dmesgText  = "[    1.000001] remoteproc remoteproc0: recovering adsp\n"
)

// all reads the whole of a file and gives the error that ended it.
func all(r io.Reader, name string) (n int, info *traces.Info, err error) {
	t, err := Reader(r, name, traces.Options{})
	if err != nil {
		return 0, nil, err
	}
	var rec traces.Record
	for err == nil {
		if err = t.Read(&rec); err == nil {
			n++
		}
	}
	return n, t.Info(), err
}

func TestFormat(t *testing.T) {
	for text, format := range map[string]string{
		ftraceText:                           "ftrace",
		"  a-1 [000] .... 1.000001: f <-g\n": "ftrace",
		"$ cat trace_pipe\n  a-1 [000] .... 1.000001: f <-g\n":        "ftrace",
		"cpus=2\n  a-1 [000] 1.000001: e: x\n":                        "trace-cmd report",
		" a 1 [000] 1.000001: rp:e: x\n":                              "perf script",
		"    1.000010 |   0)    a-1    |               |  open() {\n": "function_graph",
		dmesgText:     "dmesg",
		"1,2,3,-;x\n": "/dev/kmsg",
		"root@host# dmesg\nremoteproc remoteproc0: recovering adsp\n":              "kernel log",
		dmesgText + dmesgText + "[    1.000002]  a-1 [000] .... 1.000001: f <-g\n": "dmesg",
		"  a-1 [000] .... 1.000001: console: [    1.000001] x\n":                   "ftrace",
		"# tracer: nop\n#\n": "ftrace",
	} {
		if _, info, err := all(strings.NewReader(text), "x"); err != io.EOF || info.Format != format {
			t.Errorf("%q: %+v, %v; want format %q", text, info, err, format)
		}
	}
}

func TestRefusal(t *testing.T) {
	for file, want := range map[string]string{
		"fgraph.txt":          "echo 1 > options/funcgraph-abstime; echo 1 > options/funcgraph-proc",
		"latency-format.txt":  "echo 0 > options/latency-format",
		"latency-verbose.txt": "echo 0 > options/latency-format",
		"nocontext.txt":       "echo 1 > options/context-info",
		"opt-bin.txt":         "echo 0 > options/bin",
		"opt-fields.txt":      "echo 0 > options/fields",
		"opt-hex.txt":         "echo 0 > options/hex",
		"opt-raw.txt":         "echo 0 > options/raw",
		"report-F.txt":        "error message of trace-cmd",
		"report-l.txt":        "trace-cmd report -t` without -l",
		"trace.dat":           "damaged trace.dat file of trace-cmd, which cannot be read: byte 1139817: ",
	} {
		f, err := os.Open(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		_, err = Reader(f, filepath.Join("testdata", file), traces.Options{})
		checkRefusal(t, file, err, want)
		f.Close()
	}
}

func checkRefusal(t *testing.T, file string, err error, want string) {
	t.Helper()
	var bad *traces.FormatError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), bad.File+":") || bad.Hint == "" {
		t.Errorf("%s: got %v, want %q", file, err, want)
	}
}

// Lines without their header, as trace_pipe prints them.
func TestRefusalWithoutHeader(t *testing.T) {
	for line, want := range map[string]string{
		"bash-10976     0...1. 24143us*: tracing_mark_write: x":                                                 "echo 0 > options/latency-format",
		"kworker/-5647      1..... 40013us : e: x":                                                              "echo 0 > options/latency-format",
		"  908.945628 |   0)    <idle>-0    |  d.h1. |               |  rproc_report_crash() {":                 "echo 0 > options/latency-format",
		"  908.945628 |   0)    <idle>-0    |  rproc_report_crash() {":                                          "echo 1 > options/funcgraph-duration",
		"  908.945628 |   0)    <idle>-0    |    pm_stay_awake();":                                              "echo 1 > options/funcgraph-duration",
		"  908.945628 |   <idle>-0    |   0.123 us    |    pm_stay_awake();":                                    "echo 1 > options/funcgraph-cpu",
		`- {"dt": "2026-01-04T12:00:03.1", "lvl": "target", "msg": "  a-1 [000] .... 1.000001: f <-g"}`:         "yq -r '.[].msg' x",
		"  908.945628 |   0)   0.123 us    |    pm_stay_awake();":                                               "echo 1 > options/funcgraph-proc",
		"  sh-1375  [000] .....  132.348459: wakeup_source_activate: name=rproc-dummy.0 state=0xe0001 (917505)": "echo 0 > options/fields",
		"  sh-1375  [000] .....  132.348459: workqueue_execute_start: work=0xffff8881 function=0xffffffff81":    "echo 0 > options/fields",
		"  sh-1375  [000] .....  132.348459: report_crash: __probe_ip=0xffffffff8119a2f0 name=modem":            "echo 0 > options/fields",
		"            sh  1375   132.348459: power:wakeup_source_activate: rproc-dummy.0 state=0xe0001":          "-F comm,tid,cpu,time,event,trace",
		"            sh  1375/1375 [001] power:wakeup_source_activate: rproc-dummy.0 state=0xe0001":             "-F comm,tid,cpu,time,event,trace",
	} {
		_, err := Reader(strings.NewReader(line+"\n"), "x", traces.Options{})
		checkRefusal(t, line, err, want)
	}
	for _, before := range []string{ftraceLine, "  sh-1375  [000] .....  132.348458: sched_switch: prev_comm=sh prev_pid=1\n"} {
		_, err := Reader(strings.NewReader(before+"  sh-1375  [000] .....  132.348459: workqueue_execute_start: work=0xffff8881 function=0xffffffff81\n"), "x", traces.Options{})
		checkRefusal(t, before, err, "echo 0 > options/fields")
	}
	fields := "cpus=2\n  sh-1375  [000] .....  132.348459: wakeup_source_activate:  name=rproc-dummy.0 state=917505\n"
	if _, _, err := all(strings.NewReader(fields), "report -R"); err != io.EOF {
		t.Error(err)
	}
}

func TestStrange(t *testing.T) {
	for start, want := range map[string]string{
		"":                        "empty file",
		" \n\n":                   "empty file",
		"\x00\x00\x00":            "empty file",
		"PERFILE2\x68\x00":        "perf script --ns -i f.bin",
		"PK\x03\x04abc":           "unzip f.bin",
		"Rar!\x1a\x07\x01\x00":    "rar archive",
		"\x1f\x9d\x90#":           "gzip -dc f.bin",
		"]\x00\x00\x80\x00":       "--format=lzma -dc f.bin",
		"\x7fELF\x02":             "ELF",
		"\xc1\x1f\xfc\xc1\x0f":    "babeltrace2 DIR",
		"/* CTF 1.8 */ typealias": "babeltrace2 DIR",
		"{\n \"dmesg\": [":        "JSON",
		"[{\"ph\":\"X\"}]":        "JSON",
		"[1.000000001] h e: { 0 }, { 700, \"x\" }\n":                                                             "without --names",
		"timestamp = 22:30:00.000001000, name = x, stream.packet.context = { cpu_id = 0 }, event.fields = { }\n": "without --names",
		"LPKSHHRH\x00": "journalctl",
		"\x0a\x12\x08\x01\x10\x02\x03\x04\x05\x06\x07\x0a\x12\x1f\x11\x80": "binary file of an unknown format",
		strings.Repeat("a\x00", 128) + "\x00ustar\x00":                     "tar",
	} {
		_, err := Reader(strings.NewReader(start), "f.bin", traces.Options{})
		checkRefusal(t, fmt.Sprintf("%q", start), err, want)
	}
	_, _, err := all(strings.NewReader("Dear Sir\nor Madam\n"), "f.txt")
	checkRefusal(t, "letter", err, `neither a trace nor a kernel log`)
}

// A kernel log stays one when it holds a dump of the trace buffer, which is in latency format.
func TestDump(t *testing.T) {
	text := dmesgText + "[    2.000001] Dumping ftrace buffer:\n[    2.000001] ---------------------------------\n" +
		"[    2.000001]       sh-1375    0d.h1. 132348497us : stay_awake: (pm_stay_awake+0x0/0x50) dev=\"a\"\n"
	if n, info, err := all(strings.NewReader(text), "x"); n != 4 || err != io.EOF || info.Format != "dmesg" {
		t.Errorf("%d records, %+v, %v", n, info, err)
	}
	latency := strings.Repeat("      sh-1375    0d.h1. 132348497us : console: remoteproc remoteproc0: recovering adsp\n", 3)
	_, err := Reader(strings.NewReader(latency), "x", traces.Options{})
	checkRefusal(t, "latency", err, "latency-format")
}

// Logs in fields, and pages that show a log, are recognised as what they hold.
func TestBoxes(t *testing.T) {
	for _, file := range []string{"dmesg/J.txt", "dmesg/J-T.txt", "dmesg/J-x.txt", "journal/json.txt", "journal/json-pretty.txt", "journal/json-seq.txt", "journal/json-sse.txt", "journal/export.txt", "journal/verbose.txt"} {
		data, err := os.ReadFile(filepath.Join("..", "klog", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		_, info, err := all(bytes.NewReader(data), file)
		if tool, _, _ := strings.Cut(file, "/"); err != io.EOF || !strings.HasPrefix(info.Format, tool) {
			t.Errorf("%s: %v, %+v", file, err, info)
		}
	}
	page := "<!DOCTYPE html><html><pre>\n[   12.000001] remoteproc remoteproc0: recovering adsp\n</pre></html>\n"
	if recs, _, err := all(strings.NewReader(page), "page.html"); err != io.EOF || recs < 1 {
		t.Errorf("a page: %v", err)
	}
}

func pack(t testing.TB, w io.WriteCloser, err error, text string) {
	t.Helper()
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func packed(t testing.TB, how, text string) []byte {
	var b bytes.Buffer
	switch how {
	case "gzip":
		pack(t, gzip.NewWriter(&b), nil, text)
	case "zstd":
		w, err := zstd.NewWriter(&b)
		pack(t, w, err, text)
	case "xz":
		w, err := xz.NewWriter(&b)
		pack(t, w, err, text)
	}
	return b.Bytes()
}

func TestUnpack(t *testing.T) {
	text := strings.Repeat(ftraceLine, 20000)
	for _, how := range []string{"gzip", "zstd", "xz"} {
		b := packed(t, how, text)
		if n, _, err := all(bytes.NewReader(b), "x"); n != 20000 || err != io.EOF {
			t.Errorf("%s: %d records, %v", how, n, err)
		}
		twice := packed(t, "gzip", string(b))
		if n, _, err := all(bytes.NewReader(twice), "x"); n != 20000 || err != io.EOF {
			t.Errorf("%s in gzip: %d records, %v", how, n, err)
		}
		if _, _, err := all(bytes.NewReader(b[:len(b)/2]), "x"); err == nil || err == io.EOF || !strings.HasPrefix(err.Error(), "x:") {
			t.Errorf("%s, cut in the middle: %v", how, err)
		}
	}
}

// A file of any size gives all its lines, whatever the sizes of the buffers before the reader.
func TestWhole(t *testing.T) {
	for _, n := range []int{1, 1000, 1300, 1310, 1311, 5000} {
		text := strings.Repeat("  a-1 [000] .... 1.000001: console: remoteproc x\n", n)
		if got, info, err := all(strings.NewReader(text), "x"); got != n || info.Lines != n || err != io.EOF {
			t.Errorf("%d lines: %d records, %v", n, got, err)
		}
	}
}

func TestShared(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/logs/*/*")
	if len(files) == 0 {
		t.Skip("no shared logs")
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		n, info, err := all(f, file)
		f.Close()
		var bad *traces.FormatError
		if errors.As(err, &bad) {
			if strings.Contains(file, "/public/0") || bad.Hint == "" {
				t.Error(err)
			}
			continue
		}
		if err != io.EOF || n == 0 || info.Malformed > 0 {
			t.Errorf("%s: %d records, %+v, %v", file, n, info, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.*")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, how := range []string{"gzip", "zstd", "xz"} {
		f.Add(packed(f, how, ftraceText))
	}
	f.Add([]byte(ftraceText))
	f.Add([]byte(dmesgText))
	f.Add([]byte("> " + ftraceLine + "> a-1    [001] ....   132.551494: wakeup_source_activate:\n> x state=0x1\n"))
	f.Add([]byte("\xff\xfea\x00\n\x00"))
	f.Add([]byte(viewer(1) + tag + "\n" + androidTrace + "</script>"))
	f.Add([]byte("[1.000000001] h e: { cpu_id = 0 }, { }\n"))
	f.Add(pftest.Trace(pftest.Packet(pftest.Bundle(0).Msg(2, pftest.Print(10, 5, "x")))))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, info, err := all(bytes.NewReader(b), "fuzz")
		if err == nil || err != io.EOF && !strings.HasPrefix(err.Error(), "fuzz:") {
			t.Fatalf("ended with %v", err)
		}
		if err == io.EOF && n > 0 && info.Lines == 0 {
			t.Fatalf("%d records of no lines", n)
		}
	})
}
