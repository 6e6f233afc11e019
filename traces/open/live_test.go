package open

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rprocspec/rprocspec/traces"
)

// TestLive writes a trace line by line and wants each record before the next line is written.
func TestLive(t *testing.T) {
	in, out := io.Pipe()
	records := make(chan string, 1)
	go func() {
		defer close(records)
		r, err := Live(in, "x", traces.Options{SkipOther: true})
		if err != nil {
			t.Error(err)
			return
		}
		var rec traces.Record
		for err = r.Read(&rec); err == nil; err = r.Read(&rec) {
			records <- rec.Text
		}
		if err != io.EOF || r.Info().Format != "ftrace" {
			t.Errorf("ended with %v, %+v", err, r.Info())
		}
	}()
	io.WriteString(out, "# tracer: nop\n")
	for _, text := range []string{"a", "b", "c"} {
		io.WriteString(out, "  a-1 [000] .... 1.000001: console: "+text+"\n")
		if got := <-records; got != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	}
	out.Close()
	if rec, ok := <-records; ok {
		t.Errorf("one record more: %s", rec)
	}
}

// TestLiveSame reads files byte by byte as live streams: the records are those of the file.
func TestLiveSame(t *testing.T) {
	for _, text := range []string{ftraceText, dmesgText + dmesgText, "cpus=2\n  a-1 [000] 1.000001: e: x\n", strings.Repeat(ftraceText, 3000)} {
		want, _, err := all(strings.NewReader(text), "x")
		if err != io.EOF {
			t.Fatal(err)
		}
		r, err := Live(iotest.OneByteReader(strings.NewReader(text)), "x", traces.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		var rec traces.Record
		for err = r.Read(&rec); err == nil; err = r.Read(&rec) {
			got++
		}
		if got != want || err != io.EOF {
			t.Errorf("%.40q: %d records, want %d; %v", text, got, want, err)
		}
	}
	if _, err := Live(strings.NewReader(""), "x", traces.Options{}); err == nil {
		t.Error("an empty stream is read")
	}
}
