package lttng

import (
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// TestNamedEvent: a tracepoint that is asked for keeps its fields, any other does not.
func TestNamedEvent(t *testing.T) {
	const text = `[10:11:12.000000001] (+?.?????????) host rproc_qcom_event: { cpu_id = 2 }, { tid = 7, procname = "a" }, { name = "modem", event = "ssr", subevent = "crash stop" }
[10:11:12.000000002] (+0.000000001) host another: { cpu_id = 2 }, { tid = 7, procname = "a" }, { name = "modem" }
`
	recs, _, err := readAll(t, text, traces.Options{SkipOther: true, Events: map[string]bool{"rproc_qcom_event": true}})
	if err != io.EOF && err != nil || len(recs) != 1 {
		t.Fatalf("%d records, %v", len(recs), err)
	}
	r := recs[0]
	want := []traces.Arg{{Name: "name", Value: "modem"}, {Name: "event", Value: "ssr"}, {Name: "subevent", Value: "crash stop"}}
	if r.Kind != traces.Event || r.Text != "modem: ssr: crash stop" || r.CPU != 2 || r.PID != 7 {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(want, r.Args); diff != "" {
		t.Errorf("fields (-want +got)\n%s", diff)
	}
}
