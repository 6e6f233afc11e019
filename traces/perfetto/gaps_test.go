package perfetto

import (
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/pftest"
)

// with appends fields to a bundle or packet.
func with(m pftest.Message, fields ...[2]uint64) pftest.Message {
	for _, f := range fields {
		m = m.Num(number(f[0]), f[1])
	}
	return m
}

// TestLostFlag: between the last event of a CPU and the first one after the flag, the others are
// left out too.
func TestLostFlag(t *testing.T) {
	info := compare(t, pftest.Trace(
		pftest.Packet(marks(0, 10, 40)),
		pftest.Packet(marks(1, 11, 20)),
		pftest.Packet(marks(0, 50, 70)),
		pftest.Packet(with(marks(1, 60, 61), lost)),
	), "10 mark at 10", "11 mark at 11", "20 mark at 20", "20 lost: lost", "60 mark at 60", "61 mark at 61", "70 mark at 70")
	if info.Lost != 1 || !strings.Contains(strings.Join(info.Notes, "\n"), "2 records are left out") {
		t.Errorf("%+v", info)
	}
}

var lost = [2]uint64{uint64(bundleLost), 1}

func previous(at uint64) [2]uint64 { return [2]uint64{uint64(bundlePrevious), at} }

// TestLostIdle: a CPU that was idle lost nothing before the last round but one ended.
func TestLostIdle(t *testing.T) {
	compare(t, pftest.Trace(
		pftest.Packet(marks(0, 10)),
		pftest.Packet(marks(1, 11)),
		pftest.Packet(marks(0, 20)),
		pftest.Packet(marks(0, 30)), // may be of the same round as the one before
		pftest.Packet(marks(1, 31)),
		pftest.Packet(marks(0, 40)),
		pftest.Packet(marks(1, 41)),
		pftest.Packet(marks(0, 50)),
		pftest.Packet(with(marks(2, 52), lost)),
	), "10 mark at 10", "11 mark at 11", "20 mark at 20", "30 mark at 30", "31 mark at 31", "31 lost: lost", "52 mark at 52")
}

func TestLostNothingAfter(t *testing.T) {
	compare(t, pftest.Trace(
		pftest.Packet(marks(0, 10)),
		pftest.Packet(marks(1, 11)),
		pftest.Packet(with(marks(0), lost)),
		pftest.Packet(marks(1, 20)),
	), "10 mark at 10", "10 lost: lost")
	compare(t, pftest.Trace(
		pftest.Packet(marks(0, 10)),
		pftest.Packet(with(marks(0), lost)),
		pftest.Packet(marks(1, 20, 40)),
		pftest.Packet(marks(0, 30)),
	), "10 mark at 10", "10 lost: lost", "30 mark at 30", "40 mark at 40")
}

// TestOverwritten: what the buffers of Perfetto no longer hold makes a gap at the start.
func TestOverwritten(t *testing.T) {
	compare(t, pftest.Trace(
		pftest.Packet(with(marks(1, 10, 30), previous(5))),
		pftest.Packet(with(marks(0, 22), previous(21))),
		pftest.Packet(with(marks(1, 40), previous(30))),
	), "lost: overwritten", "22 mark at 22", "30 mark at 30", "40 mark at 40")
	// of a CPU that was idle since before the trace began
	compare(t, pftest.Trace(
		pftest.Packet(with(marks(0, 10), previous(0))),
		pftest.Packet(with(marks(1, 11), previous(0))),
		pftest.Packet(with(marks(0, 20), previous(10))),
		pftest.Packet(with(marks(0, 30), previous(20))),
		pftest.Packet(with(marks(1, 31), previous(11))),
		pftest.Packet(with(marks(0, 40), previous(30))),
		pftest.Packet(with(marks(2, 42), previous(5))),
	), "10 mark at 10", "11 mark at 11", "20 mark at 20", "30 mark at 30", "31 mark at 31", "40 mark at 40", "42 mark at 42")
	// a trace that tells nothing of ends, but of overwritten chunks
	compare(t, pftest.Trace(
		pftest.Packet(marks(1, 10, 30)),
		pftest.Packet(marks(0, 22)),
		pftest.Packet(marks(0, 35)),
		pftest.Packet(marks(1, 40)),
		pftest.Packet(marks(0, 50)),
		stats(3, 17),
	), "lost: overwritten", "50 mark at 50")
}

// stats makes a packet with one number of TraceStats.BufferStats.
func stats(n, v uint64) pftest.Message {
	return pftest.Message{}.Msg(35, pftest.Message{}.Msg(1, pftest.Message{}.Num(number(n), v)))
}

func TestComplete(t *testing.T) {
	info := compare(t, pftest.Trace(
		pftest.Packet(with(marks(0, 10), previous(0))),
		pftest.Packet(with(marks(1, 11), previous(0))),
		pftest.Packet(with(marks(0, 20), previous(10))),
		pftest.Packet(with(marks(1, 21), previous(11))),
		stats(3, 0),
	), "10 mark at 10", "11 mark at 11", "20 mark at 20", "21 mark at 21")
	if info.Lost > 0 || len(info.Notes) > 0 {
		t.Errorf("%+v", info)
	}
}

// TestMissingBundle: previous_bundle_end_timestamp tells of a bundle that is not there.
func TestMissingBundle(t *testing.T) {
	compare(t, pftest.Trace(
		pftest.Packet(with(marks(0, 10), previous(0))),
		pftest.Packet(with(marks(1, 11, 35), previous(0))),
		pftest.Packet(with(marks(0, 40), previous(30))),
	), "10 mark at 10", "10 lost: dropped", "35 mark at 35", "40 mark at 40")
}

// TestDropped: after dropped packets of the sequence, nothing is sure until the next round has ended.
func TestDropped(t *testing.T) {
	drop := [2]uint64{uint64(packetDropped), 1}
	compare(t, pftest.Trace(
		with(pftest.Packet(marks(0, 10)), drop, [2]uint64{uint64(packetFirst), 1}),
		pftest.Packet(marks(1, 11)),
		pftest.Packet(marks(0, 20)),
		pftest.Packet(marks(1, 21)),
		pftest.Packet(marks(0, 30)),
		with(pftest.Packet(marks(1, 31)), drop),
		pftest.Packet(marks(0, 40)),
		pftest.Packet(marks(1, 41)),
		pftest.Packet(marks(0, 50)),
		pftest.Packet(marks(1, 51)),
	), "10 mark at 10", "11 mark at 11", "11 lost: dropped", "50 mark at 50", "51 mark at 51")
}

// TestFirstDropped: old versions set the flag on the first packet, too.
func TestFirstDropped(t *testing.T) {
	compare(t, pftest.Trace(with(pftest.Packet(marks(0, 10)), [2]uint64{uint64(packetDropped), 1})), "10 mark at 10")
}

// TestDiscarded: a full buffer that discards ends in the middle of a round.
func TestDiscarded(t *testing.T) {
	rounds := []pftest.Message{
		pftest.Packet(marks(0, 10)), pftest.Packet(marks(1, 11)),
		pftest.Packet(marks(0, 20)), pftest.Packet(marks(1, 21)),
		pftest.Packet(marks(0, 30)),
	}
	info := compare(t, pftest.Trace(append(rounds, stats(18, 1))...), "10 mark at 10", "11 mark at 11", "11 lost: discarded")
	if !strings.Contains(strings.Join(info.Notes, "\n"), "buffer was full") {
		t.Errorf("%q", info.Notes)
	}
	failed := pftest.Message{}.Msg(35, pftest.Message{}.Num(15, 2))
	compare(t, pftest.Trace(append(rounds, failed)...), "10 mark at 10", "11 mark at 11", "11 lost: discarded")
	compare(t, pftest.Trace(append(rounds, pftest.Message{}.Msg(35, pftest.Message{}.Num(15, 1)))...),
		"10 mark at 10", "11 mark at 11", "20 mark at 20", "21 mark at 21", "30 mark at 30")
}

// TestUnreadable: pages that Perfetto could not parse.
func TestUnreadable(t *testing.T) {
	broken := marks(0, 20, 30).Msg(8, pftest.Message{}.Num(1, 22).Num(2, 14))
	compare(t, pftest.Trace(
		pftest.Packet(marks(0, 10)),
		pftest.Packet(marks(1, 25, 35)),
		pftest.Packet(broken),
		pftest.Packet(marks(0, 40)),
	), "10 mark at 10", "20 mark at 20", "22 lost: unreadable", "30 mark at 30", "30 lost: lost", "40 mark at 40")
}

// TestLate: what comes behind the window is left out and told.
func TestLate(t *testing.T) {
	in := &endless{left: 2 * smallWindow / 4000, time: 1000}
	in.buf.Write(pftest.Trace(pftest.Packet(marks(0, 1))))
	r, err := New(&sequel{in, pftest.Trace(pftest.Packet(marks(3, 2)))}, "test", opts)
	if err != nil {
		t.Fatal(err)
	}
	r.window.limit = smallWindow
	recs, _ := readAll(t, r)
	lost := 0
	for _, rec := range recs {
		if rec.Reason == "out of order" {
			lost++
		}
	}
	if lost != 1 || !strings.Contains(strings.Join(r.Info().Notes, "\n"), "1 records came too late") {
		t.Errorf("%d late, %q", lost, r.Info().Notes)
	}
}
