package perfetto

import (
	"bytes"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
)

// TestNamedEvent: a tracepoint that is asked for keeps its fields, any other does not.
func TestNamedEvent(t *testing.T) {
	event := pftest.Generic(10, 5, "rproc_qcom_event", pftest.Field("name", "modem"), pftest.Field("event", "ssr"), pftest.Field("n", 3))
	other := pftest.Generic(11, 5, "another", pftest.Field("name", "modem"))
	data := pftest.Trace(pftest.Packet(pftest.Bundle(3).Msg(2, event).Msg(2, other)))
	in, err := New(bytes.NewReader(data), "test", traces.Options{SkipOther: true, Events: map[string]bool{"rproc_qcom_event": true}})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := readAll(t, in)
	if err != io.EOF || len(recs) != 1 {
		t.Fatalf("%d records, %v", len(recs), err)
	}
	r := recs[0]
	want := []traces.Arg{{Name: "name", Value: "modem"}, {Name: "event", Value: "ssr"}, {Name: "n", Value: "3"}}
	if r.Kind != traces.Event || r.Event != "rproc_qcom_event" || r.Text != "modem: ssr: 3" || r.CPU != 3 || r.PID != 5 {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(want, r.Args); diff != "" {
		t.Errorf("fields (-want +got)\n%s", diff)
	}
}
