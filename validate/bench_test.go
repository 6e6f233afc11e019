package validate_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/ulikunitz/xz"

	"github.com/rprocspec/rprocspec/validate"
)

// BenchmarkValidateStress validates the large captures, unpacked before the clock starts.
func BenchmarkValidateStress(b *testing.B) {
	for _, name := range []string{"6.1.192-x86_64-v60/stress2.kprobe.txt.xz", "6.1.192-x86_64-stock/stress.kprobe.txt.xz"} {
		b.Run(filepath.Base(name), func(b *testing.B) {
			data := unpacked(b, filepath.Join(shared(b, "captures"), name))
			m := compile(b, "remoteproc_rig")
			benchmark(b, data, func() *validate.Result { return run(b, m, "stress.txt", data, validate.Options{}) })
		})
	}
}

// unpacked reads an .xz file.
func unpacked(b *testing.B, file string) []byte {
	b.Helper()
	f, err := os.Open(file)
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	rd, err := xz.NewReader(f)
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(rd)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// BenchmarkValidateIrrelevant validates a trace of which nearly every record is none of ours.
func BenchmarkValidateIrrelevant(b *testing.B) {
	capture, err := os.ReadFile(filepath.Join("testdata", "6.1.192-x86_64-stock", "S0.kprobe.txt"))
	if err != nil {
		b.Fatal(err)
	}
	var buf bytes.Buffer
	buf.WriteString("# tracer: nop\n#\n")
	for i := 0; buf.Len() < 32<<20; i++ {
		fmt.Fprintf(&buf, "          <idle>-0       [%03d] d..2. %5d.%06d: sched_switch: prev_comm=swapper/%d prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=kworker/u4:3 next_pid=31 next_prio=120\n",
			i%2, i/10000, i%10000*100, i%2)
	}
	buf.Write(capture)
	m := compile(b, "remoteproc")
	benchmark(b, buf.Bytes(), func() *validate.Result { return run(b, m, "irrelevant.txt", buf.Bytes(), validate.Options{}) })
}

// benchmark runs f over data and reports bytes and records per second.
func benchmark(b *testing.B, data []byte, f func() *validate.Result) {
	b.SetBytes(int64(len(data)))
	records := 0
	b.ResetTimer()
	for range b.N {
		records += f().Records.Read
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
