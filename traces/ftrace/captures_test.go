package ftrace

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/rprocspec/rprocspec/traces"
)

const shared = "../../../shared"

// readable are the formats of the shared captures that must be understood to the last line.
var readable = []string{
	"kprobe", "locks", "function", "funcstack", "funconly", "events", "pipe", "tgid", "noirq",
	"clock-*", "sched", "overrun.*", "tracecmd-report", "perf-script", "perf-script-fields", "fgraphx",
}

func TestSharedCaptures(t *testing.T) {
	var files []string
	for _, format := range readable {
		for _, end := range []string{".txt", ".txt.xz"} {
			found, _ := filepath.Glob(filepath.Join(shared, "captures", "*", "*."+format+end))
			files = append(files, found...)
		}
	}
	if len(files) == 0 {
		t.Skip("no shared captures")
	}
	for _, file := range files {
		if name := filepath.Base(file); strings.Contains(name, ".dmesg.") || strings.Contains(name, ".ws.") {
			continue
		}
		t.Run(strings.TrimPrefix(file, shared+"/captures/"), func(t *testing.T) { checkCapture(t, file) })
	}
}

func checkCapture(t *testing.T, file string) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(file, ".xz") {
		if r, err = xz.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	recs, info := readAll(t, r)
	if info.Malformed > 0 {
		t.Errorf("%d malformed lines, first: %+v", info.Malformed, info.Bad)
	}
	if len(recs) == 0 {
		t.Error("no records")
	}
	for _, rec := range recs {
		checkRecord(t, rec)
	}
}

// checkRecord checks what holds for every record of every capture.
func checkRecord(t *testing.T, r *traces.Record) {
	t.Helper()
	bad := ""
	switch r.Kind {
	case traces.Enter, traces.Exit:
		if r.Func == "" && r.Addr == "" {
			bad = "neither function nor address"
		}
	case traces.EdgeOn, traces.EdgeOff:
		if r.Name == "" || !r.HasCtr {
			bad = "no name or no counter"
		}
	case traces.Queue, traces.Start, traces.End:
		if r.Func == "" {
			bad = "no function"
		}
	case traces.Log, traces.Mark:
		if r.Text == "" {
			bad = "no text"
		}
	}
	if r.Kind != traces.Lost && (r.CPU < 0 || r.PID < 0 || r.Comm == "" || r.Time == traces.NoTime) {
		bad = "no task, CPU or time"
	}
	if bad != "" {
		t.Errorf("line %d: %s: %+v", r.Line, bad, r)
	}
}

func readAll(t testing.TB, r io.Reader) ([]*traces.Record, *traces.Info) {
	t.Helper()
	tr, err := New(r, "test", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var recs []*traces.Record
	for {
		var rec traces.Record
		switch err := tr.Read(&rec); err {
		case nil:
			recs = append(recs, rec.Clone())
		case io.EOF:
			return recs, tr.Info()
		default:
			t.Fatal(err)
		}
	}
}
