package probes_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBpftraceSort runs the command that the head of a bpftrace recipe gives for its output: the description of the
// capture stays in front, every record of every task stays, and what bpftrace says of itself goes.
func TestBpftraceSort(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("sh is not installed")
	}
	m := regexp.MustCompile(`(?m)^ \*   (\(grep .* >sorted\.txt)$`).FindStringSubmatch(recipes(t, "bpftrace")["any"])
	if m == nil {
		t.Fatal("the head has no command that sorts")
	}
	const in = `Attaching 15 probes...
Attached 15 probes
# rprocspec/1 begin id=bpftrace spec=remoteproc level=args
# rprocspec/1 ready
AudioOut_1-812 [001] 105.900000: rproc_shutdown: (rproc_shutdown+0x0) name="modem"
kworker/u4:2-27 [000] 9.000002: workqueue_execute_end: work struct 0x1: function rproc_crash_handler_work
A-1 [000] 105.800000: console: remoteproc remoteproc0: stopped remote processor modem [a-1 b]
#odd-7 [000] 105.850000: rproc_boot: (rproc_boot+0x0) name="modem"

@lost: 3
`
	const want = `# rprocspec/1 begin id=bpftrace spec=remoteproc level=args
# rprocspec/1 ready
kworker/u4:2-27 [000] 9.000002: workqueue_execute_end: work struct 0x1: function rproc_crash_handler_work
A-1 [000] 105.800000: console: remoteproc remoteproc0: stopped remote processor modem [a-1 b]
#odd-7 [000] 105.850000: rproc_boot: (rproc_boot+0x0) name="modem"
AudioOut_1-812 [001] 105.900000: rproc_shutdown: (rproc_shutdown+0x0) name="modem"
`
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "trace.txt"), []byte(in), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(sh, "-c", m[1])
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got, err := os.ReadFile(filepath.Join(dir, "sorted.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", m[1], diff)
	}
}
