package probes_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/translate/probes"
)

// TestPlan states by hand what the shipped spec needs.
func TestPlan(t *testing.T) {
	p := probes.New(spectest.Shipped(t, "remoteproc"))
	events := []string{
		"power:wakeup_source_activate", "power:wakeup_source_deactivate", "workqueue:workqueue_queue_work",
		"workqueue:workqueue_execute_start", "workqueue:workqueue_execute_end", "printk:console",
	}
	if diff := cmp.Diff(events, p.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	primed := map[string]string{}
	for _, f := range p.Functions {
		if f.Primed {
			primed[f.Name] = strings.Join(f.Sets, " ") + f.Work
		}
	}
	want := map[string]string{
		"rproc_boot": "power", "rproc_shutdown": "power", "rproc_detach": "power", "rproc_del": "deleting state",
		"rproc_crash_handler_work": "crash_handler", "rproc_attach_work": "attach_work",
	}
	if diff := cmp.Diff(want, primed); diff != "" {
		t.Errorf("functions of the smallest capture (-want +got):\n%s", diff)
	}
	judged := map[string]string{}
	for _, j := range p.Judged {
		judged[j.Name] = strings.Join(j.Probes, " ") + j.Never
	}
	power := "rproc_boot rproc_shutdown rproc_detach rproc_del"
	want = map[string]string{
		"balance awake": "", "transitions state": "rproc_del", "owned": power, "startable": power,

		"lets_go": "traces are not judged by it", "sleeps_after_failure": "traces are not judged by it",
		"awake_after_failure": "traces are not judged by it", "recovers": "traces are not judged by it",
	}
	if diff := cmp.Diff(want, judged); diff != "" {
		t.Errorf("what decides (-want +got):\n%s", diff)
	}
}

// TestUnseen states by small bodies what counts as unseen.
func TestUnseen(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{`x := 1`, "x"},
		{`x := 1 log err "a"`, ""},
		{`log err "a" x := 1`, ""},
		{`if x == 1 { log err "a" } x := 2`, "x"},
		{`if x == 1 { log err "a" return } x := 2, y := 1`, "x y"},
		{`either { x := 1 log err "a" } or { y := 1 }`, "y"},
		{`lock m interruptible else { x := 1 return } log err "a" y := 1 unlock m`, "x"},
		{`q() x := 1`, "x"},
		{`r() x := 1`, ""},
		{`s() else { x := 1 fail } log err "a" y := 1`, "x"},
		{`s() else { x := 1 log err "b" fail }`, ""},
		{`atomic { x := 1 y := 1 }`, "x y"},
		{`l: x := 1`, "x"},
		{`event done() x := 1`, ""},
		{`free := true`, ""},
		{`local a: 0..3 a := 1`, ""},
		{`skip`, ""},
	} {
		m, err := spectest.Compile(`module t
subject thing
var x: 0..3 = 0
var y: 0..3 = 0
var free: bool
mutex m
process p -> result { ` + tt.body + ` }
procedure q { y := 2 }
procedure r { log err "r" }
procedure s -> result { either { skip } or { fail } }
process frees unobserved { either { free := true } or { free := false } }
`)
		if err != nil {
			t.Fatalf("%s: %v", tt.body, err)
		}
		for _, f := range probes.New(m).Functions {
			if got := strings.Join(f.Sets, " "); f.Name == "p" && got != tt.want {
				t.Errorf("%s: unseen %q, want %q", tt.body, got, tt.want)
			}
		}
	}
}
