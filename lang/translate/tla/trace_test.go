package tla_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/internal/tlc"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
)

// capture makes a capture of records that the processes of a spec could leave, in no meaningful order: it only has to be
// written well. The command's tests hold traces against the validator.
func capture(m *machine.Machine, procs ...string) tla.Capture {
	c := tla.Capture{
		Name: "trace \"of\" nothing\\", Subject: "remoteproc0", Refused: 1, Start: map[int][]machine.Val{},
		Must: map[int]bool{}, May: map[int]bool{}, On: true, Off: true,
	}
	s := make(machine.State, m.NumGlobals)
	for g, gl := range m.Globals {
		if gl.Kind <= machine.VarGlobal {
			c.Start[g] = m.Domain(machine.Loc(g), nil, s)
		}
	}
	for _, n := range m.Nodes[1:] {
		c.Must[n.ID] = n.Kind.IsObs()
		c.May[n.ID] = n.Kind == machine.Log
		for _, p := range procs {
			if n.Root.Name == p && (n.Kind.IsObs() || n.Kind == machine.Log || n.Kind == machine.Awake) {
				c.Records = append(c.Records, tla.Record{
					Line: n.ID, Time: int64(n.ID) * 1_500_000_000, Thread: fmt.Sprintf("ta\"sk\\-%d", n.ID%3), Nodes: []*machine.Node{n},
				})
			}
		}
	}
	return c
}

// TestTraceForm reads the modules of captures: they load, are not too wide, and others' grammar takes them.
func TestTraceForm(t *testing.T) {
	ms := modules{}
	for _, tt := range []struct{ spec, kernel, procs string }{
		{"remoteproc", "v6_0", "rproc_report_crash rproc_shutdown rproc_crash_handler_work"},
		{"remoteproc", "v7_3", "rproc_add rproc_report_crash rproc_del rproc_boot"},
		{"remoteproc_wake_count", "v6_2", "rproc_report_crash rproc_detach"},
	} {
		m := spectest.Shipped(t, tt.spec)
		files, err := tla.Trace(m, tla.Options{Kernel: tt.kernel}, capture(m, strings.Fields(tt.procs)...))
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string]string{}
		for _, f := range files {
			texts[f.Name] = f.Text
			if strings.HasSuffix(f.Name, ".tla") {
				ms[tt.spec+tt.kernel+"/"+f.Name] = f.Text
			}
			for i, l := range strings.Split(f.Text, "\n") {
				if len(l) > 100 && strings.HasSuffix(f.Name, ".tla") {
					t.Errorf("%s:%d has %d columns: %s", f.Name, i+1, len(l), l)
				}
			}
		}
		for name := range texts {
			if strings.HasSuffix(name, ".cfg") {
				if _, err := tlc.Load(texts, name); err != nil {
					t.Errorf("%s: %v", tt.spec, err)
				}
			}
		}
	}
	if out := parse(t, ms); out != fmt.Sprintf("0 errors in %d files\n", len(ms)) {
		t.Error(out)
	}
}

// TestTraceRefuses checks what is said of captures that cannot be written.
func TestTraceRefuses(t *testing.T) {
	m := spectest.Shipped(t, "remoteproc")
	c := capture(m)
	if _, err := tla.Trace(m, tla.Options{Kernel: "v6_0"}, c); err == nil || !strings.Contains(err.Error(), "nothing to explain") {
		t.Errorf("a capture without records gives %v", err)
	}
	c = capture(m, "rproc_shutdown")
	c.Records[2].Nodes = nil
	if _, err := tla.Trace(m, tla.Options{Kernel: "v6_0"}, c); err == nil || !strings.Contains(err.Error(), "makes this record") {
		t.Errorf("a record that nothing makes gives %v", err)
	}
	for n, want := range map[int]string{2: "<nil>", 7: "test.rps:11:13: too many ways lead on from here to be told in TLA+"} {
		m := manyWays(t, n)
		c = capture(m, "p")
		for id := range c.Must {
			c.May[id] = c.Must[id]
		}
		if _, err := tla.Trace(m, tla.Options{}, c); fmt.Sprint(err) != want {
			t.Errorf("%d functions: got %v, want %s", n, err, want)
		}
	}
}

// manyWays is a spec that may call so many functions, each of which may show, before its one step.
func manyWays(t *testing.T, n int) *machine.Machine {
	t.Helper()
	src, calls := "module m\nsubject s\nvar x: bool = false\n", ""
	for i := range n {
		src += fmt.Sprintf("procedure q%d { }\n", i)
		calls += fmt.Sprintf("either { q%d() } or { skip }; ", i)
	}
	m, err := spectest.Compile(src + "process p { " + calls + "x := true }\nexplore { spawn p * 1 }\n")
	if err != nil {
		t.Fatal(err)
	}
	return m
}
