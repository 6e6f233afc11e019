package perfetto

import (
	"google.golang.org/protobuf/encoding/protowire"
)

// Sniff tells whether start, the beginning of a file, is that of a Perfetto trace. There is no magic
// number: every packet in it must have fields of TracePacket only, each of the type that it has in
// the schema, and one of the fields that every writer sets. The last packet may be cut.
func Sniff(start []byte) bool {
	if !binary(start) {
		return false
	}
	known := false
	for b := start; len(b) > 0; {
		n, typ, size := protowire.ConsumeTag(b)
		if size < 0 || n != tracePacket || typ != protowire.BytesType {
			return false
		}
		length, more := protowire.ConsumeVarint(b[size:])
		if more < 0 {
			return known && len(b)-size < 10
		}
		b = b[size+more:]
		body := b[:min(length, uint64(len(b)))]
		if length > uint64(len(b)) {
			return plausibleStart(body, known)
		}
		ok, telling := plausible(body)
		if !ok {
			return false
		}
		known = known || telling
		b = b[len(body):]
	}
	return known
}

// binary tells whether b holds a control character that no text has.
func binary(b []byte) bool {
	for _, c := range b {
		if c < ' ' && (c < '\t' || c > '\r') && c != 0x1b {
			return true
		}
	}
	return false
}

// plausible tells whether b may be a packet, and whether it has a field that says so.
func plausible(b []byte) (ok, telling bool) {
	for len(b) > 0 {
		f, rest, err := consume(b)
		if err != nil || !typed(f.number, f.typ) || f.number == packetFtrace && !bundled(f.text) {
			return false, false
		}
		switch f.number {
		case packetFtrace, packetTimestamp, packetSequence, packetMarker, packetCompressed, 3: // trusted_uid
			telling = true
		}
		b = rest
	}
	return true, telling
}

// plausibleStart tells whether b may be the beginning of a packet. If nothing is known from packets
// before, it must be one of those that can be as long: a bundle, or compressed packets.
func plausibleStart(b []byte, known bool) bool {
	for len(b) > 0 {
		n, typ, size := protowire.ConsumeTag(b)
		if size < 0 {
			return known && len(b) < 5
		}
		if !typed(n, typ) {
			return false
		}
		more := protowire.ConsumeFieldValue(n, typ, b[size:])
		if more < 0 {
			return known || long(n, b[size:])
		}
		b = b[size+more:]
	}
	return known
}

// long recognises the beginning of a long field by its first bytes: the CPU and an event of a bundle, or
// the header of zlib.
func long(n protowire.Number, b []byte) bool {
	_, size := protowire.ConsumeVarint(b)
	if size < 0 || len(b) < size+3 {
		return false
	}
	b = b[size:]
	switch n {
	case packetFtrace:
		return b[0] == 0x08 && b[1] < 0x80 && b[2] == 0x12
	case packetCompressed:
		return b[0] == 0x78 && (uint(b[0])<<8|uint(b[1]))%31 == 0
	}
	return false
}

// typed tells whether TracePacket has a field n of this type, now or presumably in versions to come.
func typed(n protowire.Number, typ protowire.Type) bool {
	switch n {
	case 3, packetTimestamp, packetSequence, packetFlags, packetCleared, packetDropped, 58, 79, packetFirst, packetMachine:
		return typ == protowire.VarintType
	case 14, 15: // reserved
		return false
	}
	return typ == protowire.BytesType && (n < 400 || n == 900 || n >= 1000 && n < 2000)
}

// bundled tells whether b may be an FtraceEventBundle.
func bundled(b []byte) bool {
	for len(b) > 0 {
		f, rest, err := consume(b)
		if err != nil {
			return false
		}
		b = rest
		want := protowire.VarintType
		switch f.number {
		case bundleEvent, bundleCompact, bundleError, bundleDescriptors, 512: // broken_abi_trace_page
			want = protowire.BytesType
		}
		if f.typ != want {
			return false
		}
	}
	return true
}
