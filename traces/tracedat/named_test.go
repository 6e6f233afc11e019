package tracedat

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// TestNamedEvent: a tracepoint that is asked for keeps its fields, whatever the architecture.
func TestNamedEvent(t *testing.T) {
	machines(func(name string, m *machine) {
		m.define(len(specs)+1, eventSpec{
			"rproc_qcom", "rproc_qcom_event",
			[]string{"__data_loc char[] name", "char event[8]", "__data_loc char[] subevent", "int n"},
			`"%s: %s: %s", __get_str(name), REC->event, __get_str(subevent)`,
		})
		m.record("", 1, []rec{
			{1, 0, "softirq_entry", 24, 0, []any{1}},
			{2, 0, "rproc_qcom_event", 24, 0, []any{"4080000.remoteproc", "glink", "crash stop", -3}},
			{3, 0, "wakeup_source_activate", 24, 0, []any{"x", 0x10001}},
		})
		recs, _, err := readBytes(m.make(t), traces.Options{SkipOther: true, Events: map[string]bool{"rproc_qcom_event": true, "wakeup_source_activate": true}})
		if err != nil || len(recs) != 2 {
			t.Fatalf("%s: %d records, %v", name, len(recs), err)
		}
		r := recs[0]
		want := "[{name 4080000.remoteproc false} {event glink false} {subevent crash stop false} {n -3 false}]"
		if diff := cmp.Diff(want, fmt.Sprint(r.Args)); diff != "" || r.Kind != traces.Event || r.Text != "4080000.remoteproc: glink: crash stop: -3" || r.PID != 24 {
			t.Errorf("%s: %+v\n%s", name, r, diff)
		}
		if recs[1].Kind != traces.EdgeOn || recs[1].Name != "x" {
			t.Errorf("%s: what has a meaning of its own has lost it: %+v", name, recs[1])
		}
	})
}
