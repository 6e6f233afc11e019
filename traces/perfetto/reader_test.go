package perfetto

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/ftrace"
)

// readAll reads a whole trace and gives the error that ended it.
func readAll(t testing.TB, in traces.Reader) (recs []*traces.Record, err error) {
	t.Helper()
	var r traces.Record
	for err == nil {
		if err = in.Read(&r); err == nil {
			recs = append(recs, r.Clone())
		}
	}
	return recs, err
}

func read(t testing.TB, data []byte) ([]*traces.Record, *traces.Info) {
	t.Helper()
	in, err := New(bytes.NewReader(data), "test", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := readAll(t, in)
	if err != io.EOF {
		t.Fatal(err)
	}
	return recs, in.Info()
}

// fromText reads a text trace.
func fromText(t testing.TB, file string) []*traces.Record {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := ftrace.New(f, file, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := readAll(t, in)
	if err != io.EOF {
		t.Fatal(err)
	}
	return recs
}

// everyKind is a text with a line of every kind, as trace-cmd report prints it: like Perfetto it
// knows neither contexts nor the names of probed functions.
const everyKind = "testdata/report.txt"

// TestSameAsText writes the records of a text as a Perfetto trace and reads them again.
func TestSameAsText(t *testing.T) {
	want := fromText(t, everyKind)
	for _, r := range want {
		if r.Kind == traces.Other {
			r.Event = "" // the names of events that do not matter are not read
		}
	}
	same := cmp.Options{cmpopts.IgnoreFields(traces.Record{}, "Line"), cmpopts.EquateEmpty()}
	work := cmpopts.IgnoreFields(traces.Record{}, "Work")
	names := cmp.Options{work, cmpopts.IgnoreFields(traces.Record{}, "Func")}
	for name, c := range map[string]struct {
		opt  pftest.Options
		less cmp.Options
	}{
		"current":   {pftest.Options{}, cmp.Options{work}},
		"dense":     {pftest.Options{Dense: true}, cmp.Options{work}},
		"one round": {pftest.Options{Round: 1e15}, cmp.Options{work}},
		"rounds":    {pftest.Options{Round: 1e5}, cmp.Options{work}},
		"packed":    {pftest.Options{Compress: 3, Dense: true}, cmp.Options{work}},
		"addresses": {pftest.Options{Addresses: true}, cmp.Options{}},
		"nameless":  {pftest.Options{Nameless: true}, names},
	} {
		got, info := read(t, pftest.Encode(want, c.opt))
		if diff := cmp.Diff(want, got, same, c.less); diff != "" {
			t.Errorf("%s (-text +perfetto):\n%s", name, diff)
		}
		if info.Malformed > 0 || info.Lost > 0 || info.Lines != len(want) {
			t.Errorf("%s: %+v", name, info)
		}
	}
}

// TestEveryKind checks that the text of TestSameAsText is worth its name.
func TestEveryKind(t *testing.T) {
	seen := map[traces.Kind]bool{}
	for _, r := range fromText(t, everyKind) {
		seen[r.Kind] = true
	}
	for k := traces.Other; k <= traces.Switch; k++ {
		if !seen[k] && k != traces.Lost {
			t.Errorf("no record of kind %d", k)
		}
	}
}

// random makes records of eight CPUs with times that never repeat.
func random(n int) []*traces.Record {
	rnd := rand.New(rand.NewPCG(1, 2))
	recs := make([]*traces.Record, n)
	for i := range recs {
		recs[i] = &traces.Record{
			Kind: traces.EdgeOn, Source: traces.Tracepoint, CPU: rnd.IntN(8), PID: 1 + rnd.IntN(50), Comm: "x",
			Time: int64(i)*1000 + 1e9, Event: "wakeup_source_activate", Name: fmt.Sprint("ws", rnd.IntN(9)), Counter: uint32(i), HasCtr: true,
		}
	}
	return recs
}

func TestOrder(t *testing.T) {
	want := random(5000)
	for _, round := range []int64{1000, 10_000, 1_000_000, 1e15} {
		got, info := read(t, pftest.Encode(want, pftest.Options{Round: round}))
		for i := range got {
			if i >= len(want) || got[i].Time != want[i].Time || got[i].Counter != want[i].Counter || got[i].Line != i+1 {
				t.Fatalf("round %d: record %d is %+v", round, i, got[i])
			}
		}
		if len(got) != len(want) || info.Lost > 0 {
			t.Errorf("round %d: %d records, %+v", round, len(got), info)
		}
	}
}

// endless gives the same rounds again and again, later each time.
type endless struct {
	left int
	time uint64
	buf  bytes.Buffer
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buf.Len() == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.round()
	}
	return e.buf.Read(p)
}

func (e *endless) round() {
	for cpu := range uint64(4) {
		b := pftest.Bundle(cpu)
		for i := range uint64(1000) {
			b = b.Msg(2, pftest.Edge(e.time+i*4+cpu, 5, "ws", i, false))
		}
		e.buf.Write(pftest.Trace(pftest.Packet(b)))
	}
	e.time += 4000
}

const smallWindow = 20_000

// TestBounded reads far more than the window holds: everything comes, in order, and the window
// does not grow.
func TestBounded(t *testing.T) {
	const rounds = 50
	in, err := New(&endless{left: rounds, time: 1}, "test", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	in.window.limit = smallWindow
	var r traces.Record
	n, last := 0, int64(0)
	for err == nil {
		if err = in.Read(&r); err == nil {
			n++
			if r.Time <= last || r.Kind != traces.EdgeOn {
				t.Fatalf("record %d after %d: %+v", n, last, r)
			}
			last = r.Time
		}
	}
	if err != io.EOF || n != rounds*4000 {
		t.Errorf("%d of %d records, %v", n, rounds*4000, err)
	}
	if c := cap(in.window.events); c > 2*(smallWindow+4000) {
		t.Errorf("the window holds %d events", c)
	}
}

// short prints a record in a few words.
func shortly(r *traces.Record) string {
	s := ""
	switch r.Kind {
	case traces.Other:
		s = "other " + r.Event
	case traces.Enter:
		s = "enter " + r.Func + r.Addr
	case traces.Exit:
		s = "exit " + r.Func + r.Addr
	case traces.EdgeOn:
		s = fmt.Sprintf("on %s %x", r.Name, r.Counter)
	case traces.EdgeOff:
		s = fmt.Sprintf("off %s %x", r.Name, r.Counter)
	case traces.Queue:
		s = "queue " + r.Func
	case traces.Start:
		s = "start " + r.Func
	case traces.End:
		s = "end " + r.Func
	case traces.Log:
		s = "log " + r.Text
	case traces.Mark:
		s = "mark " + r.Text
	case traces.Switch:
		s = "switch"
	case traces.Lost:
		if r.Time == traces.NoTime {
			return "lost: " + r.Reason
		}
		return fmt.Sprintf("%d lost: %s", r.Time, r.Reason)
	}
	for _, a := range r.Args {
		s += fmt.Sprintf(" %s=%s", a.Name, a.Value)
	}
	return fmt.Sprintf("%d %s", r.Time, s)
}

func all(recs []*traces.Record) string {
	var b strings.Builder
	for _, r := range recs {
		b.WriteString(shortly(r) + "\n")
	}
	return b.String()
}

// compare reads a trace and holds it against lines.
func compare(t *testing.T, data []byte, want ...string) *traces.Info {
	t.Helper()
	got, info := read(t, data)
	if diff := cmp.Diff(strings.Join(want, "\n")+"\n", all(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	return info
}

// mark makes a bundle with marks at the times given.
func marks(cpu uint64, times ...uint64) pftest.Message {
	b := pftest.Bundle(cpu)
	for _, at := range times {
		b = b.Msg(2, pftest.Print(at, 5, fmt.Sprint("at ", at)))
	}
	return b
}

func TestPieces(t *testing.T) {
	in, err := New(iotest.OneByteReader(bytes.NewReader(pftest.Trace(pftest.Packet(marks(0, 10, 20))))), "test", traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	recs, err := readAll(t, in)
	if got := all(recs); got != "10 mark at 10\n20 mark at 20\n" || err != io.EOF {
		t.Errorf("%s, %v", got, err)
	}
}

var opts traces.Options

// sequel gives more after the end of a stream.
type sequel struct {
	io.Reader
	more []byte
}

func (s *sequel) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF && len(s.more) > 0 {
		n = copy(p, s.more)
		s.more = s.more[n:]
		return n, nil
	}
	return n, err
}

func number(n uint64) protowire.Number { return protowire.Number(n) }
