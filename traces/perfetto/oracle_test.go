package perfetto

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
)

// The oracle reads a whole trace into a tree, and writes what it finds there as lines. It knows no
// window, no layouts and no gaps: what is damaged or tells of losses it declines.

// node is a field of a message; of length-delimited ones the bytes are kept, to be taken for what
// the place in the tree asks for.
type node struct {
	number protowire.Number
	num    uint64
	text   []byte
}

type declined string

func (d declined) Error() string { return string(d) }

// tree cuts a message into fields.
func tree(b []byte) (all []node) {
	for len(b) > 0 {
		n, typ, size := protowire.ConsumeTag(b)
		if size < 0 {
			panic(declined("tag"))
		}
		f := node{number: n}
		value := b[size:]
		more := protowire.ConsumeFieldValue(n, typ, value)
		if more < 0 || typ == protowire.StartGroupType || typ == protowire.EndGroupType {
			panic(declined("value"))
		}
		switch typ {
		case protowire.VarintType:
			f.num, _ = protowire.ConsumeVarint(value)
		case protowire.BytesType:
			f.text, _ = protowire.ConsumeBytes(value)
			f.text = append([]byte{}, f.text...)
		}
		all, b = append(all, f), value[more:]
	}
	return all
}

func get(m []node, n protowire.Number) node {
	var found node
	for _, f := range m {
		if f.number == n {
			found = f
		}
	}
	return found
}

func has(m []node, numbers ...protowire.Number) bool {
	return slices.ContainsFunc(m, func(f node) bool { return slices.Contains(numbers, f.number) })
}

// told is an event as the oracle tells it.
type told struct {
	time int64
	text string
}

// oracle gives the records of a trace, Others and task switches left out.
func oracle(data []byte) (lines []string, err error) {
	defer func() {
		if d, ok := recover().(declined); ok {
			err = d
		}
	}()
	var all []told
	symbols := map[uint64]string{}
	sequence := uint64(1 << 63)
	for _, p := range packets(data, true) {
		if has(p, 35, 34, 42, 98) {
			panic(declined("losses, statistics or machines"))
		}
		if !has(p, 1, 12) {
			continue
		}
		if slices.ContainsFunc(p, func(f node) bool { return (f.number == 1 || f.number == 12) && f.text == nil }) {
			panic(declined("a field of another type"))
		}
		if s := get(p, 10).num; sequence != 1<<63 && s != sequence {
			panic(declined("several sequences"))
		} else {
			sequence = s
		}
		if get(p, 13).num&1 != 0 || get(p, 41).num != 0 {
			clear(symbols)
		}
		for _, f := range tree(get(p, 12).text) {
			if f.number == 26 {
				s := tree(f.text)
				symbols[get(s, 1).num] = string(get(s, 2).text)
			}
		}
		if has(p, 1) {
			all = append(all, tellBundle(tree(get(p, 1).text), symbols)...)
		}
	}
	slices.SortStableFunc(all, func(a, b told) int { return cmp.Compare(a.time, b.time) })
	for _, e := range all {
		lines = append(lines, fmt.Sprintf("%d %s", e.time, e.text))
	}
	return lines, nil
}

// packets unpacks what is compressed.
func packets(data []byte, compressed bool) (all [][]node) {
	for _, f := range tree(data) {
		if f.number != 1 || f.text == nil {
			panic(declined("no packet"))
		}
		p := tree(f.text)
		if !has(p, 50) {
			all = append(all, p)
			continue
		}
		r, err := zlib.NewReader(bytes.NewReader(get(p, 50).text))
		if err != nil || !compressed {
			panic(declined("compressed"))
		}
		inner, err := io.ReadAll(io.LimitReader(r, 1<<20))
		if err != nil || len(inner) == 1<<20 {
			panic(declined("compressed"))
		}
		all = append(all, packets(inner, false)...)
	}
	return all
}

func tellBundle(b []node, symbols map[uint64]string) (all []told) {
	if has(b, 3, 8) || get(b, 9).num != 0 {
		panic(declined("losses"))
	}
	if get(b, 10).num != 0 {
		panic(declined("ends of other bundles"))
	}
	dense := map[protowire.Number][]node{}
	for _, f := range b {
		if f.number == 11 {
			d := tree(f.text)
			dense[protowire.Number(int32(get(d, 1).num))] = tree(get(d, 2).text)
		}
	}
	for _, f := range b {
		if f.number != 2 {
			continue
		}
		e := tree(f.text)
		if slices.ContainsFunc(e, func(m node) bool { return (m.number < 3 || m.number == 5) == (m.text != nil) }) {
			panic(declined("a field of another type"))
		}
		if len(slices.DeleteFunc(slices.Clone(e), func(m node) bool { return m.text == nil })) > 1 {
			panic(declined("several events in one"))
		}
		for _, m := range e {
			if m.number > 5 && m.text != nil || m.number == 3 || m.number == 4 {
				if text := tellEvent(m, dense, symbols); text != "" {
					all = append(all, told{int64(get(e, 1).num), fmt.Sprintf("cpu=%d pid=%d %s", uint32(get(b, 1).num), int32(get(e, 2).num), text)})
				}
				break
			}
		}
	}
	return all
}

// tellEvent tells one event by name and values; nothing of those that do not matter.
func tellEvent(m node, dense map[protowire.Number][]node, symbols map[uint64]string) string {
	if m.number < 65536 && !slices.Contains([]protowire.Number{3, 57, 58, 59, 404, 405, 408, 327, 542}, m.number) {
		return ""
	}
	msg := tree(m.text)
	for i, f := range msg {
		if slices.ContainsFunc(msg[:i], func(g node) bool { return g.number == f.number && m.number != 327 }) || f.number <= 2 && m.number != 327 && m.number != 542 && m.number < 65536 && (f.text != nil) != textual(m.number, f.number) {
			panic(declined("a field twice, or of another type"))
		}
	}
	str := func(n protowire.Number) string { return string(get(msg, n).text) }
	f, _, _ := strings.Cut(strings.TrimPrefix(symbols[get(msg, 2).num], "."), ".")
	switch m.number {
	case 3:
		text, _, _ := strings.Cut(str(2), "\n")
		return "mark " + strings.TrimRight(text, "\r")
	case 57:
		return "end " + f
	case 58:
		return "start " + f
	case 59:
		return "queue " + f
	case 404:
		return fmt.Sprintf("on %s %x", str(1), uint32(get(msg, 2).num))
	case 405:
		return fmt.Sprintf("off %s %x", str(1), uint32(get(msg, 2).num))
	case 408:
		return "log"
	case 327:
		return tellGeneric(msg)
	case 542:
		return ""
	}
	return tellDense(msg, dense[m.number])
}

// textual tells whether field n of an event's message is a string.
func textual(event, n protowire.Number) bool {
	return event == 3 && n == 2 || event >= 404 && event <= 408 && n == 1
}

func tellGeneric(msg []node) string {
	text := "probe"
	probe := false
	for _, f := range msg {
		if f.number != 2 {
			continue
		}
		g := tree(f.text)
		name := string(get(g, 1).text)
		probe = probe || strings.HasPrefix(name, "__probe_") && get(g, 5).num>>63 != 0
		if !strings.HasPrefix(name, "__probe_") {
			text += fmt.Sprintf(" %s=%s%d%d", name, get(g, 3).text, int64(get(g, 4).num), get(g, 5).num)
		}
	}
	if !probe || oracleStatic(string(get(msg, 1).text)) {
		return ""
	}
	return text
}

func oracleStatic(name string) bool {
	return slices.Contains([]string{"print", "console", "sched_switch", "funcgraph_entry", "funcgraph_exit"}, name) ||
		strings.HasPrefix(name, "workqueue_") || strings.HasPrefix(name, "wakeup_source_")
}

// tellDense is left to the table tests, but for the events that Encode writes.
func tellDense(msg, desc []node) string {
	if oracleStatic(string(get(desc, 1).text)) {
		panic(declined("a static event in other clothes"))
	}
	if desc == nil {
		return ""
	}
	first := tree(get(desc[:min(len(desc), 2)], 2).text)
	if string(get(first, 1).text) != "__probe_ip" || get(msg, 1).num>>63 == 0 {
		return ""
	}
	return "probe"
}

// tellRecord tells a record of the reader in the words of the oracle.
func tellRecord(r *traces.Record) string {
	text := ""
	switch {
	case r.Kind == traces.Log:
		text = "log"
	case r.Source == traces.Kprobe:
		text = "probe"
	default:
		_, text, _ = strings.Cut(shortly(r), " ")
	}
	return fmt.Sprintf("%d cpu=%d pid=%d %s", r.Time, uint32(r.CPU), r.PID, text)
}

// against holds the reader against the oracle, and tells whether the oracle had anything to say.
// What probes and messages say is compared by the tables.
func against(t *testing.T, data []byte) bool {
	t.Helper()
	want, err := oracle(data)
	if err != nil || len(want) == 0 {
		return false
	}
	in, err := New(bytes.NewReader(data), "test", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	recs, _ := readAll(t, in)
	var got []string
	for _, r := range recs {
		switch {
		case r.Kind == traces.Lost:
			return false // a round that went back, or so
		case r.Source == traces.FuncTracer, r.Event == "", r.Kind == traces.Exit:
			continue
		}
		got = append(got, tellRecord(r))
	}
	for i, line := range want {
		if before, _, ok := strings.Cut(line, " probe"); ok {
			want[i] = before + " probe"
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-oracle +reader):\n%s", diff)
	}
	return true
}

// seeds are traces of every form.
func seeds(t testing.TB) (all [][]byte) {
	recs := append(fromText(t, everyKind), random(50)...)
	slices.SortStableFunc(recs, func(a, b *traces.Record) int { return cmp.Compare(a.Time, b.Time) })
	for _, opt := range []pftest.Options{{}, {Dense: true}, {Addresses: true}, {Nameless: true}, {Compact: true}, {Compress: 4}, {Round: 1e6}, {Round: 1e15}} {
		all = append(all, pftest.Encode(recs, opt))
	}
	foreign, err := os.ReadFile(firstPackets)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, foreign, pftest.Trace(pftest.Packet(marks(0, 1, 2)), pftest.Packet(with(marks(0, 9), lost))))
}

func TestOracle(t *testing.T) {
	recs := random(300)
	for _, r := range fromText(t, everyKind) {
		if r.Kind != traces.Exit {
			recs = append(recs, r)
		}
	}
	slices.SortStableFunc(recs, func(a, b *traces.Record) int { return cmp.Compare(a.Time, b.Time) })
	for _, opt := range []pftest.Options{{}, {Dense: true}, {Addresses: true}, {Compress: 4}} {
		opt.Round, opt.Plain = 1e15, true
		if !against(t, pftest.Encode(recs, opt)) {
			_, err := oracle(pftest.Encode(recs, opt))
			t.Errorf("%+v: the oracle declines: %v", opt, err)
		}
	}
}

func FuzzPerfetto(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Sniff(data)
		for _, skip := range []bool{false, true} {
			in, err := New(bytes.NewReader(data), "fuzz", traces.Options{SkipOther: skip})
			if err != nil {
				t.Fatal(err)
			}
			recs, err := readAll(t, in)
			_, bad := err.(*traces.FormatError)
			if err != io.EOF && !bad || bad != (in.Info().Lines == 0) {
				t.Fatalf("%d records, %v, %+v", len(recs), err, in.Info())
			}
			inOrder(t, recs)
		}
		against(t, data)
	})
}

// inOrder checks what holds for the records of every trace.
func inOrder(t *testing.T, recs []*traces.Record) {
	t.Helper()
	last, line := int64(traces.NoTime), 0
	for _, r := range recs {
		if r.Time < last || r.Line < line || r.Kind != traces.Other && r.Line != line+1 {
			t.Fatalf("line %d after %d, time %d after %d: %s", r.Line, line, r.Time, last, shortly(r))
		}
		last, line = r.Time, r.Line
	}
}
