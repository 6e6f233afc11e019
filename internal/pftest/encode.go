package pftest

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/traces"
)

// Options say how Encode writes. The zero value is what a current Perfetto writes with
// symbolize_ksyms.
type Options struct {
	Round      int64 // ns between the readings of the buffers; 0: 100 ms
	Dense      bool  // describe generic events, in place of naming their fields each time
	Addresses  bool  // pointers as they are, as old versions wrote them
	Nameless   bool  // without symbolize_ksyms
	Compact    bool  // task switches in arrays
	Compress   int   // packets to compress into one; 0: none
	Interrupts bool  // events of interrupt handlers around records of their context
	Plain      bool  // nothing that tells of losses, as old versions did
}

// Encode writes records, in any order of CPUs, as Perfetto records them. Those of kind Other become
// events of another subsystem, those of kind Lost the flag of the next bundle.
func Encode(recs []*traces.Record, opt Options) []byte {
	e := encoder{Options: opt, symbols: map[string]uint64{}, ends: map[int]uint64{}, dense: map[string]protowire.Number{}}
	if e.Round == 0 {
		e.Round = 100_000_000
	}
	e.service()
	e.tree(recs)
	for len(recs) > 0 {
		n := e.round(recs)
		e.write(recs[:n])
		recs = recs[n:]
	}
	e.pack()
	return Trace(e.packets...)
}

type encoder struct {
	Options
	packets []Message
	symbols map[string]uint64 // of this round
	fresh   []string          // not yet written
	ends    map[int]uint64    // last event by CPU
	dense   map[string]protowire.Number
	used    map[string]Message // descriptors that this bundle needs
}

// service writes the packets that a trace begins with.
func (e *encoder) service() {
	marker := "\x82\x47\x7a\x76\xb2\x8d\x42\xba\x81\xdc\x33\x32\x6d\x57\xa0\x79"
	e.packets = append(e.packets,
		Message{}.Msg(6, Message{}.Msg(1, Message{}.Num(1, 6).Num(2, 1000))).Num(8, 1000).Num(10, 1),
		Message{}.Str(36, marker).Num(10, 1),
	)
	if !e.Plain {
		e.packets = append(e.packets, Message{}.Num(10, 7).Num(13, 1).Num(42, 1).Num(87, 1))
	}
}

// tree names all tasks but the idle ones.
func (e *encoder) tree(recs []*traces.Record) {
	var tree Message
	for _, r := range recs {
		if r.PID > 0 && r.Comm != "" {
			tree = tree.Msg(2, Message{}.Num(1, uint64(r.PID)).Str(2, r.Comm).Num(3, uint64(r.PID)))
		}
	}
	e.packets = append(e.packets, Message{}.Msg(2, tree).Num(10, 3))
}

// round counts the records of the next round.
func (e *encoder) round(recs []*traces.Record) int {
	end := (recs[0].Time/e.Round + 1) * e.Round
	n := slices.IndexFunc(recs, func(r *traces.Record) bool { return r.Time >= end })
	if n < 0 {
		return len(recs)
	}
	return n
}

// write writes the bundles of a round, CPU by CPU.
func (e *encoder) write(recs []*traces.Record) {
	clear(e.symbols)
	cleared := false
	byCPU := slices.Clone(recs)
	slices.SortStableFunc(byCPU, func(a, b *traces.Record) int { return cmp.Compare(a.CPU, b.CPU) })
	for len(byCPU) > 0 {
		cpu := byCPU[0].CPU
		n := slices.IndexFunc(byCPU, func(r *traces.Record) bool { return r.CPU != cpu })
		if n < 0 {
			n = len(byCPU)
		}
		p := Packet(e.bundle(cpu, byCPU[:n]))
		if len(e.fresh) > 0 && !cleared {
			p, cleared = p.Num(13, 1), true
		}
		e.packets = append(e.packets, e.names(p))
		byCPU = byCPU[n:]
	}
}

// names adds the symbols that are new in this packet.
func (e *encoder) names(p Message) Message {
	if len(e.fresh) == 0 {
		return p
	}
	var names Message
	for _, f := range e.fresh {
		names = names.Msg(26, Symbol(e.symbols[f], f))
	}
	e.fresh = nil
	return p.Msg(12, names)
}

func (e *encoder) bundle(cpu int, recs []*traces.Record) Message {
	b := Bundle(uint64(cpu))
	var switches []*traces.Record
	lost := false
	e.used = map[string]Message{}
	for _, r := range recs {
		switch {
		case r.Kind == traces.Lost:
			lost = true
		case r.Kind == traces.Switch && e.Compact:
			switches = append(switches, r)
		default:
			b = e.append(b, r)
		}
	}
	if lost {
		b = b.Num(3, 1)
	}
	if len(switches) > 0 {
		b = b.Msg(4, compact(switches))
	}
	if !e.Plain {
		b = b.Num(10, e.ends[cpu])
	}
	e.ends[cpu] = uint64(recs[len(recs)-1].Time)
	for _, d := range e.used {
		b = b.Msg(11, d)
	}
	return b
}

// append adds an event to a bundle.
func (e *encoder) append(b Message, r *traces.Record) Message {
	at, pid := uint64(r.Time), uint64(r.PID)
	before, after := protowire.Number(0), protowire.Number(0)
	switch {
	case e.Interrupts && r.Context == traces.HardIRQ:
		before, after = 36, 37
	case e.Interrupts && r.Context == traces.SoftIRQ:
		before, after = 24, 25
	}
	if before != 0 {
		b = b.Msg(2, Event(at, pid, before, Message{}.Num(1, 9)))
	}
	n, msg := e.event(r)
	if b = b.Msg(2, Event(at, pid, n, msg)); after != 0 {
		b = b.Msg(2, Event(at, pid, after, Message{}.Num(1, 9)))
	}
	return b
}

func compact(recs []*traces.Record) Message {
	var times, pids, states, prios, names []uint64
	var m Message
	last := int64(0)
	for i, r := range recs {
		times, last = append(times, uint64(r.Time-last)), r.Time
		pids, states, prios, names = append(pids, 0), append(states, 1), append(prios, 120), append(names, uint64(i))
		m = m.Str(5, "swapper/0")
	}
	return m.Packed(1, times...).Packed(2, states...).Packed(3, pids...).Packed(4, prios...).Packed(6, names...)
}

// event gives the message of a record and its number in FtraceEvent.
func (e *encoder) event(r *traces.Record) (protowire.Number, Message) {
	switch r.Kind {
	case traces.EdgeOn, traces.EdgeOff:
		n := protowire.Number(404)
		if r.Kind == traces.EdgeOff {
			n = 405
		}
		return n, Message{}.Str(1, r.Name).Num(2, uint64(r.Counter))
	case traces.Queue, traces.Start, traces.End:
		n := map[traces.Kind]protowire.Number{traces.Queue: 59, traces.Start: 58, traces.End: 57}[r.Kind]
		return n, Message{}.Num(1, e.pointer(r.Work)).Num(2, e.function(r.Func))
	case traces.Log:
		return 408, Message{}.Str(1, line(r))
	case traces.Mark:
		return 3, Message{}.Num(1, 0xffffffff81234567).Str(2, r.Text+"\n")
	case traces.Switch:
		return 4, Message{}.Str(1, r.Comm).Num(2, uint64(r.PID)).Num(3, 120).Num(4, 1).Str(5, "swapper/0").Num(6, 0).Num(7, 120)
	case traces.Enter, traces.Exit:
		return e.call(r)
	}
	return 20, Message{}.Str(1, "x").Num(2, 1) // sched_waking
}

// line is the text of a printk line.
func line(r *traces.Record) string {
	switch {
	case r.Driver != "":
		return r.Driver + " " + r.Device + ": " + r.Text
	case r.Device != "":
		return r.Device + ": " + r.Text
	}
	return r.Text
}

// pointer numbers what is no function.
func (e *encoder) pointer(addr string) uint64 {
	if e.Addresses {
		n, _ := strconv.ParseUint(addr, 0, 64)
		return n
	}
	return e.symbol("*" + addr)
}

func (e *encoder) function(name string) uint64 {
	known := len(e.symbols)
	id := e.symbol(name)
	if len(e.symbols) > known && !e.Nameless {
		e.fresh = append(e.fresh, name)
	}
	return id
}

func (e *encoder) symbol(name string) uint64 {
	id, ok := e.symbols[name]
	if !ok {
		id = uint64(len(e.symbols) + 1)
		e.symbols[name] = id
	}
	return id
}

// call writes a call of the graph tracer or of a probe.
func (e *encoder) call(r *traces.Record) (protowire.Number, Message) {
	switch {
	case r.Source == traces.FuncTracer && r.Kind == traces.Enter:
		return 437, Message{}.Num(1, 0).Num(2, e.function(r.Func))
	case r.Source == traces.FuncTracer:
		return 438, Message{}.Num(1, uint64(r.Time)).Num(2, 0).Num(3, e.function(r.Func)).Num(5, uint64(r.Time))
	}
	fields := []field{{"__probe_ip", address(r)}}
	if r.Kind == traces.Exit {
		fields = []field{{"__probe_func", address(r)}, {"__probe_ret_ip", uint64(0xffffffff81000123)}}
	}
	for _, a := range r.Args {
		fields = append(fields, field{a.Name, value(a)})
	}
	if e.Dense {
		return e.denseEvent(r.Event, fields)
	}
	g := Message{}.Str(1, r.Event)
	for _, f := range fields {
		g = g.Msg(2, Field(f.name, f.value))
	}
	return 327, g
}

type field struct {
	name  string
	value any
}

// address is where the probe stands; one is made up where the record has a name only.
func address(r *traces.Record) uint64 {
	if n, err := strconv.ParseUint(r.Addr, 16, 64); err == nil {
		return n
	}
	h := fnv.New32()
	h.Write([]byte(r.Func))
	return 0xffffffff80000000 | uint64(h.Sum32()>>1)
}

func value(a traces.Arg) any {
	if a.Quote {
		return a.Value
	}
	if n, err := strconv.ParseInt(a.Value, 0, 64); err == nil {
		return int(n)
	}
	n, _ := strconv.ParseUint(a.Value, 0, 64)
	return n
}

// denseEvent writes a generic event and notes its descriptor.
func (e *encoder) denseEvent(name string, fields []field) (protowire.Number, Message) {
	n, ok := e.dense[name]
	if !ok {
		n = protowire.Number(65536 + len(e.dense))
		e.dense[name] = n
	}
	var msg Message
	desc := Message{}.Str(1, name)
	for i, f := range fields {
		n := protowire.Number(i + 1)
		d := Message{}.Str(1, f.name).Num(3, uint64(n)).Num(4, 1)
		switch v := f.value.(type) {
		case string:
			msg, d = msg.Str(n, v), d.Num(5, 9)
		case int:
			msg, d = msg.Num(n, uint64(v)), d.Num(5, 3)
		case uint64:
			msg, d = msg.Num(n, v), d.Num(5, 4)
		}
		desc = desc.Msg(2, d)
	}
	e.used[name] = Message{}.Num(1, uint64(n)).Msg(2, desc)
	return n, msg
}

// pack compresses packets.
func (e *encoder) pack() {
	if e.Compress == 0 {
		return
	}
	var all []Message
	for chunk := range slices.Chunk(e.packets, e.Compress) {
		all = append(all, Compressed(chunk...))
	}
	e.packets = all
}
