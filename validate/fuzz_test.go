package validate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

// FuzzValidate puts arbitrary bytes into a small capture: nothing may panic or take long.
func FuzzValidate(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "6.1.192-x86_64-v60", "S2a.kprobe.txt"))
	if err != nil {
		f.Fatal(err)
	}
	m := compile(f, "remoteproc")
	known := newClean(f, "6.1.192-x86_64-v60", "S2a.kprobe", data).features
	lines := bytes.SplitAfter(data, []byte("\n"))
	for _, l := range lines {
		f.Add(uint16(0), l)
		f.Add(uint16(len(data)), l)
	}
	f.Add(uint16(1500), []byte("CPU:0 [LOST 84 EVENTS]\n"))
	for _, m := range []string{
		"begin id=x spec=remoteproc", "on event=power:wakeup_source_activate by=tracepoint", "on exit=rproc_boot by=kretprobe event=a:b",
		"names device=remoteproc0 name=modem parent=rproc-dummy.1 has_wakeup=false", "truth device=remoteproc0 state=crashed awake=1 activations=-7",
		"ready", "end id=x", "quiet value=yes", "missed event=a:b missed=3", "cpu dropped=9", "done id=x", "begin id=y",
	} {
		f.Add(uint16(1700), []byte("\n  sh-1 [000] .....   105.900000: tracing_mark_write: rprocspec/1 "+m+"\n"))
		f.Add(uint16(5000), []byte("\n# rprocspec/1 "+m+"\n# rprocspec/1 ready\n"))
	}
	f.Add(uint16(len(data)), bytes.ReplaceAll(twice(modem).text(), []byte("modem"), []byte("adsp")))
	for _, l := range []string{"rproc_del: (rproc_del+0x0/0x90) name=\"modem\"", "rproc_add: (rproc_add+0x0/0x90) name=\"modem\"", "console: remoteproc remoteproc0: releasing modem", "console: remoteproc remoteproc0: modem is available", "console: remoteproc remoteproc0: adsp is available"} {
		f.Add(uint16(2400), []byte("\n              sh-1       [000] .....   105.900000: "+l+"\n"))
	}
	f.Add(uint16(1700), []byte("\x00\xff\n\n# tracer: function\n"))
	f.Fuzz(func(t *testing.T, at uint16, insert []byte) {
		i := int(at) % (len(data) + 1)
		trace := bytes.Join([][]byte{data[:i], insert, data[i:]}, nil)
		var opt validate.Options
		if at%2 == 0 {
			opt.Features = known // open features are slower to decide
		}
		res, err := runErr(m, "fuzz.txt", bytes.NewReader(trace), opt)
		if err == nil && res.Verdict == "" {
			t.Fatal("no verdict")
		}
	})
}
