package perfetto

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rprocspec/rprocspec/traces"
)

// The field numbers that are read, by message. They come from the schema of the Perfetto project,
// whose files are named beside them, below protos/perfetto/.

// trace/trace.proto: Trace.
const tracePacket protowire.Number = 1

// trace/trace_packet.proto: TracePacket.
const (
	packetFtrace      protowire.Number = 1  // FtraceEventBundle ftrace_events
	packetProcessTree protowire.Number = 2  // ProcessTree process_tree
	packetTimestamp   protowire.Number = 8  // uint64 timestamp
	packetSequence    protowire.Number = 10 // uint32 trusted_packet_sequence_id
	packetInterned    protowire.Number = 12 // InternedData interned_data
	packetFlags       protowire.Number = 13 // uint32 sequence_flags
	packetFtraceStats protowire.Number = 34 // FtraceStats ftrace_stats
	packetTraceStats  protowire.Number = 35 // TraceStats trace_stats
	packetMarker      protowire.Number = 36 // bytes synchronization_marker
	packetCleared     protowire.Number = 41 // bool incremental_state_cleared, before sequence_flags
	packetDropped     protowire.Number = 42 // bool previous_packet_dropped
	packetCompressed  protowire.Number = 50 // bytes compressed_packets
	packetFirst       protowire.Number = 87 // bool first_packet_on_sequence
	packetMachine     protowire.Number = 98 // uint32 machine_id
)

// stateCleared is TracePacket.SEQ_INCREMENTAL_STATE_CLEARED.
const stateCleared = 1

// trace/interned_data/interned_data.proto: InternedData, and trace/profiling/profile_common.proto:
// InternedString.
const (
	internedKernelSymbols protowire.Number = 26 // InternedString kernel_symbols
	internedID            protowire.Number = 1  // uint64 iid
	internedText          protowire.Number = 2  // bytes str
)

// trace/ftrace/ftrace_event_bundle.proto: FtraceEventBundle. Number 3 was overwrite_count once, a
// number that says the same.
const (
	bundleCPU         protowire.Number = 1  // uint32 cpu
	bundleEvent       protowire.Number = 2  // FtraceEvent event
	bundleLost        protowire.Number = 3  // bool lost_events
	bundleCompact     protowire.Number = 4  // CompactSched compact_sched
	bundleClock       protowire.Number = 5  // FtraceClock ftrace_clock
	bundleError       protowire.Number = 8  // FtraceError error
	bundleLastRead    protowire.Number = 9  // uint64 last_read_event_timestamp
	bundlePrevious    protowire.Number = 10 // uint64 previous_bundle_end_timestamp
	bundleDescriptors protowire.Number = 11 // GenericEventDescriptor generic_event_descriptors

	errorTimestamp protowire.Number = 1 // FtraceError: uint64 timestamp

	descriptorField   protowire.Number = 1 // GenericEventDescriptor: int32 field_id
	descriptorMessage protowire.Number = 2 // GenericEventDescriptor: bytes event_descriptor

	compactTime      protowire.Number = 1 // CompactSched: packed uint64 switch_timestamp, each relative to the one before
	compactNextPID   protowire.Number = 3 // CompactSched: packed int32 switch_next_pid
	compactTable     protowire.Number = 5 // CompactSched: string intern_table
	compactNextIndex protowire.Number = 6 // CompactSched: packed uint32 switch_next_comm_index
)

// FtraceClock, of the same file. No entry means the boot clock.
var clocks = map[uint64]string{1: "unknown", 2: "global", 3: "local", 4: "mono_raw"}

// google/protobuf/descriptor.proto: DescriptorProto and FieldDescriptorProto, which describe generic
// events.
const (
	messageName  protowire.Number = 1
	messageField protowire.Number = 2
	fieldName    protowire.Number = 1
	fieldNumber  protowire.Number = 3
	fieldType    protowire.Number = 5

	typeInt64  = 3
	typeUint64 = 4
	typeInt32  = 5
	typeBool   = 8
	typeString = 9
	typeUint32 = 13
)

// trace/ftrace/ftrace_event.proto: FtraceEvent. Every other field is the event itself: a message
// with a number for each kind of event. Dense generic events have numbers from 65536.
const (
	eventTimestamp protowire.Number = 1 // uint64 timestamp
	eventPID       protowire.Number = 2 // uint32 pid
	eventFlags     protowire.Number = 5 // uint32 common_flags, not populated

	eventGeneric protowire.Number = 327 // GenericFtraceEvent generic
	eventKprobe  protowire.Number = 542 // KprobeEvent kprobe_event
)

// trace/ftrace/generic.proto: GenericFtraceEvent and its Field, KprobeEvent.
const (
	genericName   protowire.Number = 1 // string event_name
	genericField  protowire.Number = 2 // Field field
	genericKey    protowire.Number = 1 // string name
	genericString protowire.Number = 3 // string str_value
	genericInt    protowire.Number = 4 // int64 int_value
	genericUint   protowire.Number = 5 // uint64 uint_value

	kprobeName protowire.Number = 1 // string name
	kprobeType protowire.Number = 2 // KprobeType type
	kprobeEnd  uint64           = 2 // KPROBE_TYPE_END
)

// trace/ps/process_tree.proto: ProcessTree, its Process and Thread.
const (
	treeProcess  protowire.Number = 1 // Process processes
	treeThread   protowire.Number = 2 // Thread threads
	treeID       protowire.Number = 1 // int32 pid, int32 tid
	threadName   protowire.Number = 2 // string name
	processWords protowire.Number = 3 // string cmdline
)

// trace/ftrace/ftrace_stats.proto: FtraceStats, FtraceKprobeStats.
const (
	statsUnknown protowire.Number = 6  // string unknown_ftrace_events
	statsFailed  protowire.Number = 7  // string failed_ftrace_events
	statsKprobes protowire.Number = 10 // FtraceKprobeStats kprobe_stats
	kprobeMisses protowire.Number = 2  // int64 misses
)

// common/trace_stats.proto: TraceStats, its BufferStats.
const (
	statsBuffers     protowire.Number = 1  // BufferStats buffer_stats
	statsFinalFlush  protowire.Number = 15 // FinalFlushOutcome final_flush_outcome
	bufferOverwrites protowire.Number = 3  // uint64 chunks_overwritten
	bufferDiscards   protowire.Number = 18 // uint64 chunks_discarded

	finalFlushFailed = 2 // FINAL_FLUSH_FAILED
)

// layout is what an event's message looks like on the wire.
type layout struct {
	name   string
	fields []slot
	kind   traces.Kind // of its events
}

// slot is one field of a layout.
type slot struct {
	number protowire.Number
	name   string
	typ    int // of google/protobuf/descriptor.proto
}

// layouts are the events with messages of their own that matter here, by their number in
// FtraceEvent. The messages are in trace/ftrace/: ftrace.proto, sched.proto, workqueue.proto,
// task.proto, power.proto, printk.proto.
var layouts = map[protowire.Number]layout{
	3: {name: "print", fields: []slot{{2, "buf", typeString}}},
	4: {name: "sched_switch", fields: []slot{
		{1, "prev_comm", typeString}, {2, "prev_pid", typeInt32}, {5, "next_comm", typeString}, {6, "next_pid", typeInt32},
	}},
	57:  {name: "workqueue_execute_end", fields: workFields},
	58:  {name: "workqueue_execute_start", fields: workFields},
	59:  {name: "workqueue_queue_work", fields: workFields},
	235: {name: "task_newtask", fields: []slot{{1, "pid", typeInt32}, {2, "comm", typeString}}},
	236: {name: "task_rename", fields: []slot{{1, "pid", typeInt32}, {3, "newcomm", typeString}}},
	404: {name: "wakeup_source_activate", fields: wakeupFields},
	405: {name: "wakeup_source_deactivate", fields: wakeupFields},
	408: {name: "console", fields: []slot{{1, "msg", typeString}}},
	437: {name: "funcgraph_entry", fields: []slot{{2, "func", typeUint64}}},
	438: {name: "funcgraph_exit", fields: []slot{{3, "func", typeUint64}}},
}

var (
	workFields   = []slot{{1, "work", typeUint64}, {2, "function", typeUint64}}
	wakeupFields = []slot{{1, "name", typeString}, {2, "state", typeUint64}}
)

// Events that are looked at for what they tell of others.
const (
	switchEvent  protowire.Number = 4
	softirqEntry protowire.Number = 24
	softirqExit  protowire.Number = 25
	irqEntry     protowire.Number = 36 // irq_handler_entry
	irqExit      protowire.Number = 37
)
