package perfetto

import (
	"bytes"

	"github.com/rprocspec/rprocspec/traces"
)

const (
	maxTasks = 1 << 17
	maxComm  = 15 // bytes, as the kernel has it
)

// tasks holds the names of tasks by pid, as they were last told.
type tasks map[int32]string

// of gives the name of a task, "" if it is not known.
func (t tasks) of(pid int32) string {
	if pid == 0 {
		return "<idle>"
	}
	return t[pid]
}

func (t tasks) name(pid int32, comm []byte) {
	if pid <= 0 || len(comm) == 0 || t[pid] == string(comm) {
		return
	}
	if len(t) >= maxTasks {
		clear(t)
	}
	t[pid] = string(comm)
}

// learn takes the names that an event tells. Task switches are looked at only if they can bring
// something new: there are millions of them.
func (t tasks) learn(e *event) {
	if e.layout == nil || e.kind != traces.Switch && e.kind != traces.Other || e.kind == traces.Switch && t[e.pid] != "" {
		return
	}
	switch e.layout.name {
	case "sched_switch", "task_newtask", "task_rename":
	default:
		return
	}
	var comm [2][]byte
	var pid [2]int32
	for f := range e.fields() {
		switch f.name {
		case "prev_comm", "comm", "newcomm":
			comm[0] = f.text
		case "prev_pid", "pid":
			pid[0] = int32(f.num)
		case "next_comm":
			comm[1] = f.text
		case "next_pid":
			pid[1] = int32(f.num)
		}
	}
	t.name(pid[0], comm[0])
	t.name(pid[1], comm[1])
}

// tree takes the names of a ProcessTree.
func (t tasks) tree(b []byte) {
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case treeThread:
			t.thread(f.text)
		case treeProcess:
			t.process(f.text)
		}
	}
}

func (t tasks) thread(b []byte) {
	var id int32
	var name []byte
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch f.number {
		case treeID:
			id = int32(f.num)
		case threadName:
			name = f.text
		}
	}
	t.name(id, name)
}

// process takes the command line of a process, which of kernel threads is their name, for its main
// thread, if there is nothing better.
func (t tasks) process(b []byte) {
	var id int32
	var word []byte
	for len(b) > 0 {
		var f wire
		f, b, _ = consume(b)
		switch {
		case f.number == treeID:
			id = int32(f.num)
		case f.number == processWords && word == nil:
			word = f.text
		}
	}
	if t[id] == "" {
		t.name(id, short(word))
	}
}

// short makes a name of a command line's first word: a path, as a rule.
func short(word []byte) []byte {
	if bytes.HasPrefix(word, []byte("/")) {
		word = word[bytes.LastIndexByte(word, '/')+1:]
		word = word[:min(len(word), maxComm)]
	}
	return word
}
