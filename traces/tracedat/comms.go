package tracedat

import (
	"strconv"
	"strings"
)

// comms are the names of tasks by pid, from the saved_cmdlines that the file holds: a line "194 rdummy/0"
// for every task. They are the names at the end of the recording.
type comms map[int]string

// noComm is what the kernel and trace-cmd print for a task without a name.
const noComm = "<...>"

func parseComms(text string) comms {
	all := comms{0: "<idle>"}
	for line := range strings.Lines(text) {
		number, name, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if pid, err := strconv.Atoi(number); err == nil && pid > 0 && name != "" {
			all.add(pid, name)
		}
	}
	return all
}

// maxComms is more than any kernel has tasks.
const maxComms = 1 << 22

// add remembers a name unless there is one.
func (all comms) add(pid int, name string) {
	if !all.known(pid) && len(all) < maxComms {
		all[pid] = name
	}
}

func (all comms) known(pid int) bool {
	_, ok := all[pid]
	return ok
}

func (all comms) of(pid int) string {
	if name, ok := all[pid]; ok {
		return name
	}
	return noComm
}
