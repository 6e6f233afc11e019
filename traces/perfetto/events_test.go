package perfetto

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
)

const kernelAddr = uint64(0xffffffff81234560)

// TestEvents has every message that is read, alone in a trace.
func TestEvents(t *testing.T) {
	kprobe := func(name string, typ uint64) pftest.Message {
		return pftest.Event(10, 5, 542, pftest.Message{}.Str(1, name).Num(2, typ))
	}
	for name, c := range map[string]struct {
		event pftest.Message
		want  string
	}{
		"activate":           {pftest.Edge(10, 5, "rproc-dummy.0", 0x60001, false), "10 on rproc-dummy.0 60001"},
		"deactivate":         {pftest.Edge(10, 5, "a b", 0xffffffff, true), "10 off a b ffffffff"},
		"activate, generic":  {pftest.Generic(10, 5, "wakeup_source_activate", pftest.Field("name", "x"), pftest.Field("state", uint64(7))), "10 on x 7"},
		"queue":              {pftest.Event(10, 5, 59, pftest.Message{}.Num(1, 1).Num(2, 2).Num(4, 4).Str(6, "wq")), "10 queue f_work"},
		"start":              {pftest.Event(10, 5, 58, pftest.Message{}.Num(1, 1).Num(2, 2)), "10 start f_work"},
		"end":                {pftest.Event(10, 5, 57, pftest.Message{}.Num(1, 1).Num(2, 2)), "10 end f_work"},
		"end of old kernels": {pftest.Event(10, 5, 57, pftest.Message{}.Num(1, 1)), "10 end "},
		"queue, generic":     {pftest.Generic(10, 5, "workqueue_queue_work", pftest.Field("work", uint64(1)), pftest.Field("function", uint64(2))), "10 queue f_work"},
		"part of a function": {pftest.Event(10, 5, 58, pftest.Message{}.Num(2, 3)), "10 start f"},
		"console":            {pftest.Event(10, 5, 408, pftest.Message{}.Str(1, "remoteproc remoteproc0: crash detected in m: type watchdog")), "10 log crash detected in m: type watchdog"},
		"console, 2 lines":   {pftest.Event(10, 5, 408, pftest.Message{}.Str(1, "[   12.345678] first\nsecond")), "10 log first"},
		"print":              {pftest.Print(10, 5, "hello"), "10 mark hello"},
		"switch":             {pftest.Event(10, 5, 4, pftest.Message{}.Str(1, "a").Num(2, 5).Str(5, "b").Num(6, 6)), "10 switch"},
		"graph entry":        {pftest.Event(10, 5, 437, pftest.Message{}.Num(1, 3).Num(2, 2)), "10 enter f_work"},
		"graph exit":         {pftest.Event(10, 5, 438, pftest.Message{}.Num(1, 3).Num(2, 3).Num(3, 2)), "10 exit f_work"},
		"graph, nameless":    {pftest.Event(10, 5, 437, pftest.Message{}.Num(1, 3).Num(2, 99)), "10 other "},
		"kprobe of Perfetto": {kprobe("rproc_shutdown", 1), "10 enter rproc_shutdown"},
		"instant":            {kprobe("rproc_shutdown", 3), "10 enter rproc_shutdown"},
		"return":             {kprobe("rproc_shutdown", 2), "10 exit rproc_shutdown"},
		"kprobe": {
			pftest.Generic(10, 5, "report", pftest.Field("__probe_ip", kernelAddr), pftest.Field("name", "modem"), pftest.Field("type", 1), pftest.Field("gone", nil), pftest.Field("bad", "(fault)")),
			"10 enter ffffffff81234560 name=modem type=1",
		},
		"kretprobe": {
			pftest.Generic(10, 5, "ret", pftest.Field("__probe_func", kernelAddr), pftest.Field("__probe_ret_ip", kernelAddr+99), pftest.Field("ret", -22), pftest.Field("u", uint64(1<<63))),
			"10 exit ffffffff81234560 ret=-22 u=9223372036854775808",
		},
		"kprobe, 32 bits": {pftest.Generic(10, 5, "report", pftest.Field("__probe_ip", uint64(0xc0123456))), "10 enter c0123456"},
		"uprobe":          {pftest.Generic(10, 5, "boot", pftest.Field("__probe_ip", uint64(0x7f0012345678))), "10 other boot"},
		"eprobe":          {pftest.Generic(10, 5, "wk", pftest.Field("name", "x")), "10 other wk"},
		"unknown message": {pftest.Event(10, 5, 600, pftest.Message{}.Num(1, 1)), "10 other "},
		"no message":      {pftest.Message{}.Num(1, 10), "10 other "},
	} {
		t.Run(name, func(t *testing.T) {
			symbols := pftest.Message{}.Msg(26, pftest.Symbol(2, "f_work")).Msg(26, pftest.Symbol(3, "f.cold"))
			info := compare(t, pftest.Trace(pftest.Packet(pftest.Bundle(3).Msg(2, c.event)).Msg(12, symbols)), c.want)
			if info.Malformed > 0 || info.Lines != 1 || info.Records != 1 {
				t.Errorf("%+v", info)
			}
		})
	}
}

// TestDense has layouts of generic events that come with the bundle, behind the events.
func TestDense(t *testing.T) {
	desc := pftest.Message{}.Str(1, "report").
		Msg(2, pftest.Message{}.Str(1, "__probe_ip").Num(3, 1).Num(5, 4)).
		Msg(2, pftest.Message{}.Str(1, "name").Num(3, 2).Num(5, 9)).
		Msg(2, pftest.Message{}.Str(1, "ret").Num(3, 3).Num(5, 3))
	minus := -1
	msg := pftest.Message{}.Num(1, kernelAddr).Str(2, "modem").Num(3, uint64(minus))
	user := pftest.Message{}.Num(1, 0x5512345678)
	wrong := pftest.Message{}.Num(1, kernelAddr).Num(2, 3)
	b := pftest.Bundle(0).
		Msg(2, pftest.Event(10, 5, 65540, msg)).Msg(2, pftest.Event(11, 5, 65540, user)).Msg(2, pftest.Event(12, 5, 65540, wrong)).
		Msg(2, pftest.Event(13, 5, 65541, msg)).
		Msg(11, pftest.Message{}.Num(1, 65540).Msg(2, desc))
	compare(t, pftest.Trace(pftest.Packet(b)),
		"10 enter ffffffff81234560 name=modem ret=-1", "11 other report", "12 enter ffffffff81234560", "13 other ")
}

// TestSymbols: numbers of functions mean something until the state is cleared.
func TestSymbols(t *testing.T) {
	start := func(at, id uint64) pftest.Message {
		return pftest.Packet(pftest.Bundle(0).Msg(2, pftest.Event(at, 5, 58, pftest.Message{}.Num(1, 1).Num(2, id))))
	}
	names := func(id uint64, name string) pftest.Message {
		return pftest.Message{}.Msg(26, pftest.Symbol(id, name))
	}
	drop := pftest.Message(protowire.AppendVarint(protowire.AppendTag(nil, packetDropped, protowire.VarintType), 1))
	other := pftest.Message{}.Num(10, 8).Num(13, 1).Msg(12, names(1, "other_sequence"))
	info := compare(t, pftest.Trace(
		start(10, 1).Num(13, 1).Msg(12, names(1, "a")),
		other,
		start(20, 1),
		start(30, 2).Msg(12, names(2, "b")),
		start(40, 1).Num(41, 1).Msg(12, names(1, "c")),
		start(50, 2),
	), "10 start a", "20 start a", "30 start b", "40 start c", "50 start ")
	if !strings.Contains(strings.Join(info.Notes, "\n"), "1 records of functions carry no name") {
		t.Errorf("%q", info.Notes)
	}
	compare(t, pftest.Trace(
		start(10, 1).Num(13, 1).Msg(12, names(1, "a")),
		append(start(20, 1), drop...),
		start(30, 1),
	), "lost: dropped")
	// a name that may have been in a dropped packet is a loss, until the numbers begin anew
	idle := func(cpu, at uint64) pftest.Message { return pftest.Packet(marks(cpu, at)) }
	compare(t, pftest.Trace(
		idle(0, 1), idle(1, 2), idle(0, 3), idle(1, 4), idle(0, 5),
		append(idle(1, 6), drop...).Msg(12, names(1, "a")),
		idle(0, 7), idle(1, 8), start(20, 1), start(21, 2), start(22, 3).Num(13, 1).Msg(12, names(2, "b")),
	), "1 mark at 1", "2 mark at 2", "2 lost: dropped", "20 start a", "21 lost: nameless", "21 start ", "22 start ")
}

// TestNameless: without symbolize_ksyms nothing is lost, but the user is told.
func TestNameless(t *testing.T) {
	e := pftest.Event(10, 5, 58, pftest.Message{}.Num(1, 1).Num(2, 2))
	info := compare(t, pftest.Trace(pftest.Packet(pftest.Bundle(0).Msg(2, e))), "10 start ")
	if info.Lost > 0 || !strings.Contains(strings.Join(info.Notes, "\n"), "symbolize_ksyms: true") {
		t.Errorf("%+v", info)
	}
}

// TestComm has every source of task names.
func TestComm(t *testing.T) {
	tree := pftest.Message{}.
		Msg(1, pftest.Message{}.Num(1, 1).Str(3, "/usr/lib/systemd/systemd-something-long").Str(3, "--user")).
		Msg(1, pftest.Message{}.Num(1, 2).Str(3, "kworker/0:1H")).
		Msg(2, pftest.Message{}.Num(1, 3).Str(2, "Binder:3292_2").Num(3, 1)).
		Msg(1, pftest.Message{}.Num(1, 3).Str(3, "/bin/late"))
	b := pftest.Bundle(0).
		Msg(2, pftest.Event(1, 4, 4, pftest.Message{}.Str(1, "four").Num(2, 4).Str(5, "five").Num(6, 5))).
		Msg(2, pftest.Event(2, 4, 236, pftest.Message{}.Num(1, 6).Str(2, "x").Str(3, "six"))).
		Msg(2, pftest.Event(3, 4, 235, pftest.Message{}.Num(1, 7).Str(2, "seven"))).
		Msg(4, pftest.Message{}.Packed(1, 100, 10).Packed(3, 8, 0).Packed(6, 1, 0).Str(5, "swapper").Str(5, "eight"))
	for pid := range uint64(10) {
		b = b.Msg(2, pftest.Print(200+pid, pid, "x"))
	}
	recs, _ := read(t, pftest.Trace(pftest.Packet(b), pftest.Message{}.Msg(2, tree)))
	var got []string
	for _, r := range recs {
		if r.Kind == traces.Mark {
			got = append(got, r.Comm)
		}
	}
	if want := "<idle>|systemd-somethi|kworker/0:1H|Binder:3292_2|four|five|six|seven|eight|"; strings.Join(got, "|") != want {
		t.Errorf("got %q", got)
	}
}

// TestCompact: switches of arrays come in order with the other events.
func TestCompact(t *testing.T) {
	b := marks(0, 5, 15, 25).Msg(4, pftest.Message{}.Packed(1, 10, 10).Packed(3, 8, 0).Packed(6, 0, 0).Str(5, "eight"))
	compare(t, pftest.Trace(pftest.Packet(b)), "5 mark at 5", "10 switch", "15 mark at 15", "20 switch", "25 mark at 25")
	in, err := New(strings.NewReader(string(pftest.Trace(pftest.Packet(b)))), "test", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	recs, _ := readAll(t, in)
	if got := all(recs); got != "5 mark at 5\n15 mark at 15\n25 mark at 25\n" || in.Info().Records != 5 {
		t.Errorf("%s%+v", got, in.Info())
	}
}

// TestTwice: two instances may have recorded the same events.
func TestTwice(t *testing.T) {
	other := func(times ...uint64) pftest.Message { return pftest.Message{}.Msg(1, marks(0, times...)).Num(10, 8) }
	a := pftest.Packet(pftest.Bundle(0).Msg(2, pftest.Edge(1000, 5, "x", 1, false)).Msg(2, pftest.Edge(9_000_000, 5, "x", 1, false)))
	b := pftest.Message{}.Msg(1, pftest.Bundle(0).Msg(2, pftest.Edge(1100, 5, "x", 1, false)).Msg(2, pftest.Edge(1200, 5, "x", 2, true))).Num(10, 8)
	info := compare(t, pftest.Trace(a, b, other(2000)), "1000 on x 1", "1200 off x 2", "2000 mark at 2000", "9000000 on x 1")
	if info.Duplicate != 1 {
		t.Errorf("%+v", info)
	}
}

func TestMachines(t *testing.T) {
	guest := pftest.Packet(marks(0, 5)).Num(98, 3)
	info := compare(t, pftest.Trace(pftest.Packet(marks(0, 10)), guest), "10 mark at 10")
	if !strings.Contains(strings.Join(info.Notes, "\n"), "1 packets of other machines") {
		t.Errorf("%q", info.Notes)
	}
}

func TestNotes(t *testing.T) {
	ftraceStats := pftest.Message{}.Num(1, 2).Str(6, "power/nosuch").Str(7, "rp/report").Str(6, "power/nosuch").Msg(10, pftest.Message{}.Num(1, 100).Num(2, 3))
	_, info := read(t, pftest.Trace(
		pftest.Packet(marks(0, 10).Num(5, 3)),
		pftest.Message{}.Msg(34, ftraceStats).Num(10, 7),
	))
	for _, want := range []string{"not recorded by this kernel: power/nosuch, rp/report", "3 hits of kprobes", "clock local", "does not order"} {
		if !strings.Contains(strings.Join(info.Notes, "\n"), want) {
			t.Errorf("no %q in %q", want, info.Notes)
		}
	}
}

// TestContext: interrupts are known by the events of their handlers, until something is lost.
func TestContext(t *testing.T) {
	irq := func(at uint64, n uint64) pftest.Message {
		return pftest.Event(at, 5, number(n), pftest.Message{}.Num(1, 9))
	}
	b := pftest.Bundle(0)
	for i, n := range []uint64{0, 36, 0, 37, 0, 24, 0, 36, 0, 37, 0, 25, 0, 37, 36, 0, 4, 0, 36, 0} {
		if at := uint64(10 + i); n == 0 {
			b = b.Msg(2, pftest.Print(at, 5, "x"))
		} else {
			b = b.Msg(2, irq(at, n))
		}
	}
	recs, _ := read(t, pftest.Trace(pftest.Packet(b), pftest.Packet(marks(0, 50)), pftest.Packet(with(marks(0, 60), lost)), pftest.Packet(marks(1, 70))))
	var got []traces.Context
	for _, r := range recs {
		if r.Kind == traces.Mark {
			got = append(got, r.Context)
		}
	}
	const none, hard, soft = traces.NoContext, traces.HardIRQ, traces.SoftIRQ
	if want := []traces.Context{none, hard, none, soft, hard, soft, none, hard, none, hard, hard, none, none}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
