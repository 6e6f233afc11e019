// Package pftest writes Perfetto traces for tests. It knows the wire format from the schema and
// shares nothing with the reader.
package pftest

import (
	"bytes"
	"compress/zlib"

	"google.golang.org/protobuf/encoding/protowire"
)

// Message is an encoded protobuf message that grows field by field.
type Message []byte

// Num appends a varint field.
func (m Message) Num(n protowire.Number, v uint64) Message {
	return protowire.AppendVarint(protowire.AppendTag(m, n, protowire.VarintType), v)
}

// Str appends a string field.
func (m Message) Str(n protowire.Number, s string) Message { return m.Msg(n, Message(s)) }

// Msg appends a message or bytes field.
func (m Message) Msg(n protowire.Number, b Message) Message {
	return protowire.AppendBytes(protowire.AppendTag(m, n, protowire.BytesType), b)
}

// Packed appends numbers as one packed field.
func (m Message) Packed(n protowire.Number, all ...uint64) Message {
	var b Message
	for _, v := range all {
		b = protowire.AppendVarint(b, v)
	}
	return m.Msg(n, b)
}

// Trace makes a file of packets.
func Trace(packets ...Message) []byte {
	var t Message
	for _, p := range packets {
		t = t.Msg(1, p)
	}
	return t
}

// Compressed makes a packet that holds others.
func Compressed(packets ...Message) Message { return CompressedBytes(Trace(packets...)) }

// CompressedBytes makes a packet that holds any bytes in place of packets.
func CompressedBytes(data []byte) Message {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return Message{}.Msg(50, b.Bytes())
}

// Packet makes a packet of the sequence 7, which ftrace events are in, with a bundle.
func Packet(bundle Message) Message {
	return Message{}.Msg(1, bundle).Num(3, 9999).Num(10, 7)
}

// Bundle begins an FtraceEventBundle.
func Bundle(cpu uint64) Message { return Message{}.Num(1, cpu) }

// Event makes an FtraceEvent; n is the number of its message.
func Event(time, pid uint64, n protowire.Number, msg Message) Message {
	return Message{}.Num(1, time).Num(2, pid).Msg(n, msg)
}

// Print makes an event of a marker.
func Print(time, pid uint64, text string) Message {
	return Event(time, pid, 3, Message{}.Num(1, 0xffffffc010000000).Str(2, text+"\n"))
}

// Edge makes a wakeup_source_activate event, or with off a deactivate.
func Edge(time, pid uint64, name string, state uint64, off bool) Message {
	n := protowire.Number(404)
	if off {
		n = 405
	}
	return Event(time, pid, n, Message{}.Str(1, name).Num(2, state))
}

// Field makes a field of a generic event: a string, an int or a uint64.
func Field(name string, value any) Message {
	f := Message{}.Str(1, name)
	switch v := value.(type) {
	case string:
		return f.Str(3, v)
	case int:
		return f.Num(4, uint64(v))
	case uint64:
		return f.Num(5, v)
	}
	return f
}

// Generic makes an event that Perfetto has no message for.
func Generic(time, pid uint64, name string, fields ...Message) Message {
	g := Message{}.Str(1, name)
	for _, f := range fields {
		g = g.Msg(2, f)
	}
	return Event(time, pid, 327, g)
}

// Symbol makes an entry of InternedData.kernel_symbols.
func Symbol(id uint64, name string) Message { return Message{}.Num(1, id).Str(2, name) }
