package ftrace

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/rprocspec/rprocspec/traces"
)

// schedTrace is n lines of which none matters, as of a trace of the whole scheduler.
func schedTrace(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%16s-%-7d [%03d] d..2. %5d.%06d: sched_waking: comm=kworker/u8:%d pid=%d prio=120 target_cpu=%03d\n",
			[...]string{"bash", "kworker/1:0", "my proc-[1]"}[i%3], 1000+i%7, i%4, i/1000, i%1000000, i%9, 2000+i%5, i%4)
	}
	return b.Bytes()
}

// rprocTrace is n lines of which every one matters.
func rprocTrace(n int) []byte {
	lines := [...]string{
		`report_crash: (rproc_report_crash+0x0/0x90) name="modem" state=2 type=1`,
		`wakeup_source_activate: rproc-dummy.0 state=0x870001`,
		`workqueue_queue_work: work struct=00000000cc776873 function=rproc_crash_handler_work workqueue=rproc_recovery_wq req_cpu=4 cpu=-1`,
		`console: remoteproc remoteproc0: crash detected in modem: type watchdog`,
		`i_stop_ret: (rproc_shutdown+0x69/0xd0 <- rproc_stop) ret=0`,
	}
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "%16s-%-7d [%03d] d.h1. %5d.%06d: %s\n", "rdummy/0", 600+i%7, i%4, i/1000, i%1000000, lines[i%len(lines)])
	}
	return b.Bytes()
}

func benchmark(b *testing.B, trace []byte, opt traces.Options) {
	b.SetBytes(int64(len(trace)))
	b.ReportAllocs()
	for b.Loop() {
		t, err := New(bytes.NewReader(trace), "bench", opt)
		if err != nil {
			b.Fatal(err)
		}
		var r traces.Record
		for err == nil {
			err = t.Read(&r)
		}
		if err != io.EOF || t.Info().Malformed > 0 {
			b.Fatal(err, t.Info())
		}
	}
}

func BenchmarkIrrelevant(b *testing.B) {
	benchmark(b, schedTrace(50000), traces.Options{SkipOther: true})
}
func BenchmarkEverything(b *testing.B) { benchmark(b, schedTrace(50000), traces.Options{}) }
func BenchmarkRelevant(b *testing.B) {
	benchmark(b, rprocTrace(50000), traces.Options{SkipOther: true})
}
