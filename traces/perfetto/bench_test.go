package perfetto

import (
	"bytes"
	"io"
	"testing"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
)

func benchmark(b *testing.B, data []byte) {
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		in, err := New(bytes.NewReader(data), "bench", traces.Options{SkipOther: true})
		if err != nil {
			b.Fatal(err)
		}
		var r traces.Record
		for err == nil {
			err = in.Read(&r)
		}
		if err != io.EOF || in.Info().Malformed > 0 {
			b.Fatal(err, in.Info())
		}
	}
}

// BenchmarkIrrelevant reads a trace of the scheduler.
func BenchmarkIrrelevant(b *testing.B) {
	var packets []pftest.Message
	for p := range uint64(40) {
		m := pftest.Bundle(p % 4)
		for i := range uint64(1000) {
			at := 1_000_000*p + i
			m = m.Msg(2, pftest.Event(at, 5, 20, pftest.Message{}.Str(1, "kworker/u8:3").Num(2, 31).Num(3, 120).Num(5, 2)))
		}
		packets = append(packets, pftest.Packet(m))
	}
	benchmark(b, pftest.Trace(packets...))
}

// BenchmarkRelevant reads a trace in which every event matters.
func BenchmarkRelevant(b *testing.B) { benchmark(b, pftest.Encode(random(40_000), pftest.Options{})) }
