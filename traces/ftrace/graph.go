package ftrace

import (
	"bytes"
	"strconv"

	"github.com/rprocspec/rprocspec/traces"
)

// The function_graph tracer with options funcgraph-abstime and funcgraph-proc prints
//
//	  908.945628 |   0)    <idle>-0    |               |  rproc_report_crash() {
//	  908.945649 |   0)    <idle>-0    | + 14.094 us   |    pm_stay_awake();
//	  908.945665 |   0)    <idle>-0    |               |    /* wakeup_source_activate: … */
//	  908.945798 |   0)    <idle>-0    | ! 180.730 us  |  } /* rproc_report_crash */
//
// trace-cmd report prints what stands right of the task as events funcgraph_entry and funcgraph_exit.

// graph reads such a line. Comms are cut to 7 characters there.
func (h *head) graph(text []byte) bool {
	sec, at, ok := number(text, blanks(text, 0))
	if !ok || at == len(text) || text[at] != '.' {
		return false
	}
	h.time = sec
	if at, ok = h.fraction(text, at+1); !ok {
		return false
	}
	if at = column(text, at); at < 0 {
		return false
	}
	id, at, ok := number(text, at)
	if !ok || at == len(text) || text[at] != ')' {
		return false
	}
	h.cpu, h.flags = int(id), nil
	return h.graphTask(text[at+1:])
}

// column steps over " |" and the blanks behind it; -1 if there is none.
func column(text []byte, at int) int {
	if at = blanks(text, at); at == len(text) || text[at] != '|' {
		return -1
	}
	return blanks(text, at+1)
}

func (h *head) graphTask(text []byte) bool {
	task, rest, ok := bytes.Cut(text, []byte{'|'})
	if !ok {
		return false
	}
	task = bytes.TrimSpace(task)
	start, ok := numberBefore(task)
	if !ok || task[start] != '-' {
		return false
	}
	h.comm, h.pid = task[:start], signed(task[start+1:])
	took, call, ok := bytes.Cut(rest, []byte{'|'})
	return ok && h.call(took, call)
}

// call reads what stands right of the task: the duration and the call.
func (h *head) call(took, text []byte) bool {
	text = bytes.TrimSpace(text)
	h.took, h.ret = duration(took), nil
	switch {
	case len(text) == 0, bytes.Contains(took, []byte("====")): // entry or exit of an interrupt
		h.form, h.name, h.body = remark, text, nil
		return true
	case bytes.HasPrefix(text, []byte("/* ")):
		h.comment(bytes.TrimSuffix(text[3:], []byte(" */")))
		return true
	case text[0] == '}':
		return h.closing(text)
	}
	return h.opening(text)
}

// comment reads an event that stands among the calls. Marks stand there without a name.
func (h *head) comment(text []byte) {
	if !h.event(text) || h.form == caller || h.form == bare {
		h.form, h.name, h.body = named, []byte(markWriter), text
	}
}

// opening reads "f() {", "f [module]() {" and "f(); /* = 0x0 */"; newer kernels print arguments.
func (h *head) opening(text []byte) bool {
	i := bytes.IndexByte(text, '(')
	if i <= 0 {
		return false
	}
	name, module := word(text[:i])
	if !symbol(name) || len(module) > 0 && module[0] != '[' {
		return false
	}
	h.name = name
	if end := bytes.LastIndex(text, []byte(") {")); end > i {
		h.form, h.body = opened, text[i+1:end]
		return true
	}
	end := bytes.LastIndex(text, []byte(");"))
	if end <= i {
		return false
	}
	h.form, h.body, h.ret = leaf, text[i+1:end], returnValue(text[end+2:])
	return true
}

// closing reads "}", "} /* f */" and "} /* f = 0xffffffea */".
func (h *head) closing(text []byte) bool {
	h.form, h.name, h.body = closed, nil, nil
	_, note, ok := bytes.Cut(text, []byte("/* "))
	if !ok {
		return true
	}
	f, _ := word(bytes.TrimSuffix(note, []byte(" */")))
	if symbol(f) {
		h.name = f
	}
	h.ret = returnValue(note)
	return true
}

// returnValue reads "= 0x0 */" and the newer "ret=0x0 */".
func returnValue(note []byte) []byte {
	i := bytes.IndexByte(note, '=')
	if i < 0 {
		return nil
	}
	value, _ := word(bytes.TrimLeft(note[i+1:], " "))
	return value
}

// duration reads "+ 14.094 us" in nanoseconds, 0 if there is none.
func duration(b []byte) int64 {
	number, ok := bytes.CutSuffix(bytes.TrimSpace(b), []byte(" us"))
	if !ok {
		return 0
	}
	us, err := strconv.ParseFloat(string(bytes.TrimLeft(number, "+!#*@$ ")), 64)
	if err != nil || us < 0 || us > 1e12 {
		return 0
	}
	return int64(us * 1000)
}

// reportGraph recognises the graph events of trace-cmd report and cuts their body like a line of
// the tracer.
func (h *head) reportGraph() {
	if h.form != named || h.name[0] != 'f' || string(h.name) != "funcgraph_entry" && string(h.name) != "funcgraph_exit" {
		return
	}
	took, call, ok := bytes.Cut(h.body, []byte{'|'})
	if plain := *h; !ok || !h.call(took, call) {
		*h = plain
	}
}

const (
	maxTasks = 4096 // tasks whose open calls are remembered
	maxDepth = 512
)

// calls holds the open calls of every task, for closing braces without a name.
type calls map[int][]string

// key tells the idle tasks apart: all have pid 0.
func key(h *head) int {
	if h.pid == 0 {
		return -1 - h.cpu
	}
	return h.pid
}

func (c calls) push(task int, f string) {
	if len(c) >= maxTasks {
		clear(c)
	}
	if open := c[task]; len(open) < maxDepth {
		c[task] = append(open, f)
	}
}

func (c calls) pop(task int) string {
	open := c[task]
	if len(open) == 0 {
		return ""
	}
	f := open[len(open)-1]
	if c[task] = open[:len(open)-1]; len(open) == 1 {
		delete(c, task)
	}
	return f
}

// graphCall fills a record from a line of the graph.
func (t *Reader) graphCall(r *traces.Record) {
	h := &t.head
	r.Source, r.Event = traces.FuncTracer, ""
	switch h.form {
	case opened:
		r.Func = t.funcName(h.name)
		t.open.push(key(h), r.Func)
		t.callArgs(r, h.body)
	case leaf:
		r.Func = t.funcName(h.name)
		t.callArgs(r, h.body)
		t.leave(r)
	case closed:
		if r.Func = t.open.pop(key(h)); h.name != nil {
			r.Func = t.funcName(h.name)
		}
		if t.returns(r); r.Func == "" {
			r.Kind = traces.Other // its call was before the beginning
		}
	}
}

func (t *Reader) returns(r *traces.Record) {
	if t.head.ret != nil {
		t.arg(r, []byte("ret"), t.head.ret, false)
	}
}

// leave notes the return of the leaf r: it becomes a record when its time has come, since other
// CPUs may have done something meanwhile.
func (t *Reader) leave(r *traces.Record) {
	back := r.Clone()
	back.Kind, back.Time, back.Args = traces.Exit, r.Time+t.head.took, nil
	t.returns(back)
	t.leaves = append(t.leaves, *back)
}

// due moves the returns that come before r to the queue, and tells whether there were any: those
// whose time has come, and whatever the CPU of r did before r.
func (t *Reader) due(r *traces.Record) bool {
	for {
		first := -1
		for i := range t.leaves {
			l := &t.leaves[i]
			if l.Line != r.Line && (l.CPU == r.CPU || l.Time <= r.Time) && (first < 0 || l.Time < t.leaves[first].Time) {
				first = i
			}
		}
		if first < 0 {
			return len(t.queue) > 0
		}
		l := t.leaves[first]
		l.Time = min(l.Time, r.Time) // the time of r was cut to microseconds
		t.queue = append(t.queue, l)
		t.leaves = append(t.leaves[:first], t.leaves[first+1:]...)
	}
}
