package perfetto

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
)

// TestCut cuts a trace at every byte: what is left is a prefix of the whole, and the cut is told.
func TestCut(t *testing.T) {
	recs := random(60)
	data := pftest.Encode(recs, pftest.Options{Round: 10_000})
	bounds := map[int]bool{}
	for at := 0; at < len(data); {
		_, _, size := protowire.ConsumeField(data[at:])
		at += size
		bounds[at] = true
	}
	for n := range len(data) {
		in, _ := New(bytes.NewReader(data[:n]), "test", traces.Options{})
		got, err := readAll(t, in)
		info := in.Info()
		var bad *traces.FormatError
		if err != io.EOF && (!errors.As(err, &bad) || info.Lines > 0) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if bounds[n] || n == 0 {
			continue
		}
		if info.Malformed != 1 || !strings.Contains(info.Bad[0].Why, "byte ") || !strings.Contains(info.Bad[0].Why, "ends within a packet") {
			t.Fatalf("cut at %d: %+v", n, info)
		}
		checkPrefix(t, n, got, recs)
	}
}

// checkPrefix checks that a cut trace gives the first records, in order, and a loss.
func checkPrefix(t *testing.T, n int, got, whole []*traces.Record) {
	t.Helper()
	for i, r := range got {
		switch {
		case r.Kind == traces.Lost && i == len(got)-1 && r.Reason == "damaged":
		case i >= len(whole) || r.Time != whole[i].Time:
			t.Fatalf("cut at %d: record %d of %d is %s", n, i, len(got), shortly(r))
		}
	}
}

// TestDamage has packets that make no sense between others that do.
func TestDamage(t *testing.T) {
	rounds := func(from, to uint64) (all []pftest.Message) {
		for r := from; r < to; r++ {
			all = append(all, pftest.Packet(marks(0, 10*r)), pftest.Packet(marks(1, 10*r+1)))
		}
		return all
	}
	before, after := pftest.Trace(rounds(1, 4)...), pftest.Trace(rounds(4, 7)...)
	// The damage is in the round at 30, or begins the one at 40: what it held is later than 11 and earlier than 50.
	// Where the CPU of a bundle could be read, it is the one at 40, or so it seems, and all is one round later.
	const packet = "10 mark at 10\n11 mark at 11\n11 lost: damaged\n50 mark at 50\n51 mark at 51\n60 mark at 60\n61 mark at 61\n"
	const event = "10 mark at 10\n11 mark at 11\n20 mark at 20\n21 mark at 21\n21 lost: damaged\n60 mark at 60\n61 mark at 61\n"
	bundle := func(b string) []byte { return pftest.Trace(pftest.Packet(pftest.Message(b))) }
	for name, c := range map[string]struct {
		data []byte
		why  string
		want string
	}{
		"unknown type":     {pftest.Trace(pftest.Message("\x0b")), "unknown type", packet},
		"tag 0":            {pftest.Trace(pftest.Message("\x00\x01\x02")), "no field has the tag", packet},
		"beyond":           {pftest.Trace(pftest.Message("\x0a\x7f\x01")), "beyond its packet", packet},
		"number beyond":    {pftest.Trace(pftest.Message("\x40\xff")), "beyond its packet", packet},
		"endless number":   {pftest.Trace(pftest.Message("\x40" + strings.Repeat("\xff", 12))), "more than 10 bytes", packet},
		"fixed beyond":     {pftest.Trace(pftest.Message("\x45\x01")), "beyond its packet", packet},
		"bundle":           {bundle("\x0a\x7f"), "ftrace bundle", packet},
		"event":            {bundle("\x12\x02\x08\xff"), "ftrace bundle", event},
		"event of a kind":  {bundle(string(pftest.Bundle(0).Msg(2, pftest.Event(25, 1, 404, pftest.Message("\x0a\x7f"))))), "ftrace bundle", event},
		"generic event":    {bundle(string(pftest.Bundle(0).Msg(2, pftest.Event(25, 1, 327, pftest.Message("\x12\x02\x0a\x7f"))))), "ftrace bundle", event},
		"kprobe event":     {bundle(string(pftest.Bundle(0).Msg(2, pftest.Event(25, 1, 542, pftest.Message("\x0a\x7f"))))), "ftrace bundle", event},
		"compressed":       {pftest.Trace(pftest.Message{}.Str(50, "no zlib")), "compressed packets", packet},
		"compressed twice": {pftest.Trace(pftest.Compressed(pftest.Compressed(marks(0, 1)))), "within compressed packets", packet},
		"compressed, cut":  {pftest.Trace(cutPacked()), "compressed packets", packet},
		"compressed text":  {pftest.Trace(pftest.CompressedBytes([]byte("hello"))), "no packet begins here", packet},
		"too long":         {append(tag(1, maxField+16), append(tag(1, maxField+8), make([]byte, maxField+16-5)...)...), "more than", packet},
	} {
		got, info := read(t, slices.Concat(before, c.data, after))
		if all(got) != c.want || info.Malformed != 1 || !strings.Contains(info.Bad[0].Why, c.why) || !strings.HasPrefix(info.Bad[0].Why, "byte ") {
			t.Errorf("%s: %+v\n%s", name, info, all(got))
		}
	}
}

// tag begins a length-delimited field.
func tag(n protowire.Number, size int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.BytesType), uint64(size))
}

func cutPacked() pftest.Message {
	whole := pftest.Compressed(pftest.Packet(marks(0, 25)))
	field, _, _ := consume(whole)
	return pftest.Message{}.Msg(50, field.text[:len(field.text)/2])
}

// TestGarbage: behind bytes that are no packet nothing is read.
func TestGarbage(t *testing.T) {
	data := append(pftest.Trace(pftest.Packet(marks(0, 10)), pftest.Packet(marks(1, 11)), pftest.Packet(marks(0, 20)), pftest.Packet(marks(0, 30)), pftest.Packet(marks(1, 31)),
		pftest.Packet(marks(0, 40))), make([]byte, 5000)...)
	info := compare(t, data, "10 mark at 10", "11 mark at 11", "11 lost: damaged")
	if info.Malformed != 1 || !strings.Contains(info.Bad[0].Why, "no packet begins here") {
		t.Errorf("%+v", info)
	}
}

// TestDamagedStart: what was damaged before the first bundle may have been one.
func TestDamagedStart(t *testing.T) {
	data := pftest.Trace(pftest.Message("\x0b"), pftest.Packet(marks(0, 10)), pftest.Packet(marks(1, 11)), pftest.Packet(marks(0, 20)), pftest.Packet(marks(1, 21)), pftest.Packet(marks(0, 30)))
	compare(t, data, "lost: damaged", "30 mark at 30")
}

func TestNothing(t *testing.T) {
	for want, data := range map[string][]byte{
		"without ftrace events":   pftest.Trace(pftest.Message{}.Num(8, 1)),
		"a damaged Perfetto":      pftest.Trace(pftest.Message("\x0b")),
		"no packet begins here":   []byte("hello"),
		"none of its 1 packets":   pftest.Trace(pftest.Packet(pftest.Bundle(0))),
		"ends within a packet":    pftest.Trace(pftest.Packet(marks(0, 1)))[:5],
		"none of its 0 packets h": nil,
	} {
		in, _ := New(bytes.NewReader(data), "f", traces.Options{})
		recs, err := readAll(t, in)
		var bad *traces.FormatError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), want) || bad.Hint == "" || bad.File != "f" {
			t.Errorf("%d records, %v; want %q", len(recs), err, want)
		}
	}
}

// TestBrokenSource: an error of the source is not damage of the trace.
func TestBrokenSource(t *testing.T) {
	data := pftest.Trace(pftest.Packet(marks(0, 10)))
	for n := range len(data) + 1 {
		in, _ := New(io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(io.ErrUnexpectedEOF)), "f", traces.Options{})
		_, err := readAll(t, in)
		if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(err.Error(), "f: byte ") {
			t.Fatalf("at %d: %v", n, err)
		}
	}
}
