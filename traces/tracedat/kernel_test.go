package tracedat

import (
	"fmt"
	"strings"
)

// machine is a kernel that records what a test tells it to, in the form of its architecture.
type machine struct {
	parts
	events    map[string]*layoutOf
	clockName string // of the buffers
}

// layoutOf is an event of a machine: where its fields are.
type layoutOf struct {
	id     int
	fields []field
}

// eventSpec is how a test writes down an event: its fields as in C, a print fmt.
type eventSpec struct {
	system, name string
	fields       []string
	print        string
}

const group = "rp" // of the probe events

// specs are the events that the kernel of all tests has.
var specs = []eventSpec{
	{"ftrace", "function", []string{"unsigned long ip", "unsigned long parent_ip"}, `" %ps <-- %ps", (void *)REC->ip, (void *)REC->parent_ip`},
	{"ftrace", "funcgraph_entry", []string{"unsigned long func", "int depth"}, `"--> %ps (%d)", (void *)REC->func, REC->depth`},
	{"ftrace", "funcgraph_exit", []string{"unsigned long func", "int depth", "unsigned int overrun", "u64 calltime", "u64 rettime"}, `"<-- %ps (%d) (start: %llx  end: %llx) over: %d", (void *)REC->func, REC->depth, REC->calltime, REC->rettime, REC->depth`},
	{"ftrace", "kernel_stack", []string{"int size", "unsigned long caller[8]"}, `"\t=> %ps\n\t=> %ps\n\t=> %ps\n" "\t=> %ps\n\t=> %ps\n\t=> %ps\n" "\t=> %ps\n\t=> %ps\n", (void *)REC->caller[0], (void *)REC->caller[1], (void *)REC->caller[2], (void *)REC->caller[3], (void *)REC->caller[4], (void *)REC->caller[5], (void *)REC->caller[6], (void *)REC->caller[7]`},
	{"ftrace", "print", []string{"unsigned long ip", "char buf[]"}, `"%ps: %s", (void *)REC->ip, REC->buf`},
	{"power", "wakeup_source_activate", []string{"__data_loc char[] name", "u64 state"}, `"%s state=0x%lx", __get_str(name), (unsigned long)REC->state`},
	{"power", "wakeup_source_deactivate", []string{"__data_loc char[] name", "u64 state"}, `"%s state=0x%lx", __get_str(name), (unsigned long)REC->state`},
	{"workqueue", "workqueue_queue_work", []string{"void * work", "void * function", "__data_loc char[] workqueue", "int req_cpu", "int cpu"}, `"work struct=%p function=%ps workqueue=%s req_cpu=%d cpu=%d", REC->work, REC->function, __get_str(workqueue), REC->req_cpu, REC->cpu`},
	{"workqueue", "workqueue_execute_start", []string{"void * work", "void * function"}, `"work struct %p: function %ps", REC->work, REC->function`},
	{"workqueue", "workqueue_execute_end", []string{"void * work", "void * function"}, `"work struct %p: function %ps", REC->work, REC->function`},
	{"printk", "console", []string{"__data_loc char[] msg"}, `"%s", __get_str(msg)`},
	{"sched", "sched_switch", []string{"char prev_comm[16]", "pid_t prev_pid", "int prev_prio", "long prev_state", "char next_comm[16]", "pid_t next_pid", "int next_prio"}, `"prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%ld ==> next_comm=%s next_pid=%d next_prio=%d", REC->prev_comm, REC->prev_pid, REC->prev_prio, REC->prev_state, REC->next_comm, REC->next_pid, REC->next_prio`},
	{"irq", "softirq_entry", []string{"unsigned int vec"}, `"vec=%u", REC->vec`},
	{group, "report", []string{"unsigned long __probe_ip", "__data_loc char[] name", "u32 state", "s32 type"}, `"(%lx) name=\"%s\" state=%u type=%d", REC->__probe_ip, __get_str(name), REC->state, REC->type`},
	{group, "rel", []string{"unsigned long __probe_ip", "__rel_loc char[] name"}, `"(%lx) name=\"%s\"", REC->__probe_ip, __get_rel_str(name)`},
	{group, "kinds", []string{"unsigned long __probe_ip", "u8 a", "s8 b", "x16 c", "s64 d", "x64 e", "u16 list[3]", "s32 signs[2]"}, `"(%lx) a=%u b=%d c=0x%x d=%Ld e=0x%Lx list={%u,%u,%u} signs={%d,%d}", REC->__probe_ip, REC->a, REC->b, REC->c, REC->d, REC->e, REC->list[0], REC->list[1], REC->list[2], REC->signs[0], REC->signs[1]`},
	{group, "report_ret", []string{"unsigned long __probe_func", "unsigned long __probe_ret_ip", "s32 ret"}, `"(%lx <- %lx) ret=%d", REC->__probe_func, REC->__probe_ret_ip, REC->ret`},
}

// newMachine makes a kernel of the given architecture without records.
func newMachine(big bool, long int) *machine {
	m := &machine{events: map[string]*layoutOf{}, clockName: "local"}
	m.big, m.long, m.page, m.version, m.packing = big, long, 4096, "7", "none"
	m.headerPage = fmt.Sprintf("\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n\tfield: local_t commit;\toffset:8;\tsize:%d;\tsigned:1;\n\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n\tfield: char data;\toffset:%d;\tsize:%d;\tsigned:1;\n", long, 8+long, m.page-8-long)
	m.headerEvent = "# compressed entry header\n\ttype_len    :    5 bits\n\ttime_delta  :   27 bits\n\tarray       :   32 bits\n\n\tpadding     : type == 29\n\ttime_extend : type == 30\n\ttime_stamp : type == 31\n\tdata max type_len  == 28\n"
	m.clock = "[local] global counter uptime perf mono mono_raw boot tai x86-tsc\n"
	m.kallsyms = m.symbols()
	m.comms = "24 kworker/u4:1\n192 sh\n194 irq/24-q6v5 wdo\n"
	for i, s := range specs {
		m.define(i+1, s)
	}
	return m
}

// address gives the place of the n-th function of this machine.
func (m *machine) address(n int) uint64 {
	if m.long == 4 {
		return 0xc0100000 + uint64(n)*0x100
	}
	return 0xffffffff81000000 + uint64(n)*0x100
}

// functions are the functions of the kernel, in the order of their addresses.
var functions = []string{"rproc_report_crash", "rproc_crash_handler_work", "rproc_shutdown", "tracing_mark_write", "pm_stay_awake", "rproc_stop.cold", "trace_printk_user", "process_one_work"}

func (m *machine) symbols() string {
	var b strings.Builder
	digits := 2 * m.long
	fmt.Fprintf(&b, "%0*x A __per_cpu_start\n%0*x D jiffies\n", digits, 0, digits, m.address(-1))
	for i, f := range functions {
		fmt.Fprintf(&b, "%0*x t %s\n", digits, m.address(i), f)
	}
	fmt.Fprintf(&b, "%0*x T rproc_boot\t[remoteproc]\n%0*x t rproc_boot_alias\t[remoteproc]\n", digits, m.address(0x100000), digits, m.address(0x100000))
	return b.String()
}

// fn is the address of a function by name.
func (m *machine) fn(name string) uint64 {
	for i, f := range functions {
		if f == name {
			return m.address(i)
		}
	}
	panic(name)
}

// define gives the event its layout on this machine, and adds its format.
func (m *machine) define(id int, s eventSpec) {
	e := &layoutOf{id: id}
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\nID: %d\nformat:\n", s.name, id)
	at := 0
	for i, decl := range append([]string{"unsigned short common_type", "unsigned char common_flags", "unsigned char common_preempt_count", "int common_pid"}, s.fields...) {
		f := m.place(decl, &at)
		e.fields = append(e.fields, f)
		signed := 0
		if f.signed {
			signed = 1
		}
		fmt.Fprintf(&b, "\tfield:%s;\toffset:%d;\tsize:%d;\tsigned:%d;\n", decl, f.offset, f.size, signed)
		if i == 3 {
			b.WriteString("\n")
		}
	}
	fmt.Fprintf(&b, "\nprint fmt: %s\n", s.print)
	m.events[s.name] = e
	if n := len(m.systems); n == 0 || m.systems[n-1].name != s.system {
		m.systems = append(m.systems, system{name: s.system})
	}
	last := &m.systems[len(m.systems)-1]
	last.formats = append(last.formats, b.String())
}

// place lays out one field as a C compiler of the machine does.
func (m *machine) place(decl string, at *int) field {
	var f field
	f.declare(decl)
	width, signed := m.width(f)
	align := width
	if m.long == 4 {
		align = min(width, 4)
	}
	*at = (*at + align - 1) / align * align
	f.offset, f.size, f.signed = *at, width, signed
	var n int
	if _, err := fmt.Sscanf(decl[strings.IndexByte(decl+"[", '['):], "[%d]", &n); err == nil {
		f.size = n * width
	} else if f.array && f.where == here {
		f.size = 0
	}
	*at += f.size
	return f
}

func (m *machine) width(f field) (size int, signed bool) {
	switch {
	case f.where != here:
		return 4, true
	case strings.HasSuffix(f.decl, "*"), f.decl == "unsigned long":
		return m.long, false
	case f.decl == "long":
		return m.long, true
	}
	switch f.decl {
	case "unsigned short", "u16", "x16":
		return 2, false
	case "unsigned char", "u8":
		return 1, false
	case "char", "s8":
		return 1, true
	case "int", "pid_t", "s32":
		return 4, true
	case "unsigned int", "u32":
		return 4, false
	case "s64":
		return 8, true
	case "u64", "x64":
		return 8, false
	}
	panic("no size of " + f.decl)
}

// rec is one record that the kernel is to make.
type rec struct {
	stamp  uint64
	cpu    int
	event  string
	pid    int
	flags  int
	values []any // of the fields behind the common ones: int, uint64, string, []int
}

// data lays out the record.
func (m *machine) data(r rec) []byte {
	e := m.events[r.event]
	values := append([]any{e.id, r.flags, 1, r.pid}, r.values...)
	end := 0
	for _, f := range e.fields {
		end = max(end, f.offset+f.size)
	}
	b := make([]byte, end)
	for i, f := range e.fields {
		switch v := values[i].(type) {
		case int:
			m.put(b[f.offset:f.offset+f.size], uint64(v))
		case uint64:
			m.put(b[f.offset:f.offset+f.size], v)
		case []int:
			width := f.size / len(v)
			for k, n := range v {
				m.put(b[f.offset+k*width:f.offset+(k+1)*width], uint64(n))
			}
		case string:
			b = m.putText(b, f, v)
		}
	}
	return b
}

func (m *machine) putText(b []byte, f field, text string) []byte {
	if f.where == here && f.size > 0 {
		copy(b[f.offset:f.offset+f.size-1], text)
		return b
	}
	text += "\x00"
	start := len(b)
	if f.where == relLoc {
		start -= f.offset + f.size
	}
	if f.where != here {
		m.put(b[f.offset:f.offset+4], uint64(len(text)<<16|start))
	}
	return append(b, text...)
}

func (m *machine) put(b []byte, n uint64) {
	switch len(b) {
	case 1:
		b[0] = byte(n)
	case 2:
		m.order().PutUint16(b, uint16(n))
	case 4:
		m.order().PutUint32(b, uint32(n))
	case 8:
		m.order().PutUint64(b, n)
	}
}

// ring makes the pages of one CPU.
type ring struct {
	m     *machine
	pages []byte
	page  []byte // without its head
	begin uint64
	last  uint64
	lost  int // before the page; -1: an unknown number
	force bool
}

func (m *machine) ring() *ring { return &ring{m: m} }

func (r *ring) head(kind int, delta uint64) []byte {
	w := uint32(kind) | uint32(delta)<<5
	if r.m.big {
		w = uint32(kind)<<27 | uint32(delta)
	}
	return r.word(w)
}

func (r *ring) word(w uint32) []byte { return r.m.order().AppendUint32(nil, w) }

// add puts one event in, on a new page if the page is full.
func (r *ring) add(stamp uint64, data []byte) {
	if len(r.page)+16+len(data) > r.m.page-8-r.m.long-8 {
		r.flush()
	}
	if len(r.page) == 0 {
		r.begin, r.last = stamp, stamp
	}
	delta := stamp - r.last
	switch {
	case stamp < r.last:
		r.page = append(append(r.page, r.head(typeStamp, stamp&(1<<27-1))...), r.word(uint32(stamp>>27))...)
		delta = 0
	case delta >= 1<<27:
		r.page = append(append(r.page, r.head(typeExtend, delta&(1<<27-1))...), r.word(uint32(delta>>27))...)
		delta = 0
	}
	r.last = stamp
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	if len(data) > maxDataType*4 || r.force {
		r.page = append(append(r.page, r.head(0, delta)...), r.word(uint32(len(data)+4))...)
	} else {
		r.page = append(r.page, r.head(len(data)/4, delta)...)
	}
	r.page = append(r.page, data...)
}

// discard puts in an event that was taken back: padding of so many bytes.
func (r *ring) discard(delta uint64, size int) {
	r.page = append(append(r.page, r.head(typePadding, max(delta, 1))...), r.word(uint32(size))...)
	r.page = append(r.page, make([]byte, size-4)...)
	r.last += max(delta, 1)
}

// flush ends the page.
func (r *ring) flush() {
	m := r.m
	head := m.order().AppendUint64(nil, r.begin)
	commit := uint64(len(r.page))
	if r.lost != 0 {
		commit |= lostEvents
	}
	if r.lost > 0 {
		commit |= lostStored
	}
	if m.long == 8 {
		head = m.order().AppendUint64(head, commit)
	} else {
		head = m.order().AppendUint32(head, uint32(commit))
	}
	b := append(head, r.page...)
	if r.lost > 0 {
		n := make([]byte, m.long)
		m.put(n, uint64(r.lost))
		b = append(b, n...)
	}
	r.pages = append(r.pages, append(b, make([]byte, m.page-len(b))...)...)
	r.page, r.lost = nil, 0
}

// done gives all pages.
func (r *ring) done() []byte {
	if len(r.page) > 0 {
		r.flush()
	}
	return r.pages
}

// record makes one buffer of records, whose times grow on every CPU.
func (m *machine) record(name string, cpus int, recs []rec) {
	rings := make([]*ring, cpus)
	for i := range rings {
		rings[i] = m.ring()
	}
	for _, r := range recs {
		rings[r.cpu].add(r.stamp, m.data(r))
	}
	m.addBuffer(name, rings...)
}

func (m *machine) addBuffer(name string, rings ...*ring) {
	b := bufferParts{name: name, clock: m.clockName}
	for i, r := range rings {
		b.cpus = append(b.cpus, cpuParts{i, r.done()})
	}
	m.buffers = append(m.buffers, b)
}
