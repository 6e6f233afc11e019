package ftrace

import "bytes"

// graphUntimed matches a call with time and task, but without the column of durations.
func graphUntimed(text []byte) bool {
	var h head
	if h.graph(text) {
		return false
	}
	return h.graph(insertColumn(text))
}

// graphFlags matches a call behind a column of flags.
func graphFlags(text []byte) bool {
	for _, column := range bytes.Split(text, []byte{'|'}) {
		if column = bytes.TrimSpace(column); len(column) >= 3 && len(column) <= 8 && len(bytes.Trim(column, irqChars)) == 0 && !allDigits(column) && bytes.IndexByte(column, '.') >= 0 {
			return graphLine(text) || graphTimed(text)
		}
	}
	return false
}

// graphNoCPU matches a call with time and task, but without the CPU between them.
func graphNoCPU(text []byte) bool {
	before, after, ok := bytes.Cut(text, []byte{'|'})
	var h head
	return ok && len(bytes.Trim(before, " 0123456789.")) == 0 && h.graph(append(append(bytes.Clone(before), "| 0) "...), after...))
}

// graphTimed matches the time and CPU before a task.
func graphTimed(text []byte) bool {
	before, after, ok := bytes.Cut(text, []byte{'|'})
	if !ok || len(bytes.Trim(before, " 0123456789.")) > 0 {
		return false
	}
	_, at, ok := number(after, blanks(after, 0))
	return ok && at < len(after) && after[at] == ')'
}

// insertColumn puts an empty column behind the task of a call.
func insertColumn(text []byte) []byte {
	i := bytes.LastIndexByte(text, '|')
	if i < 0 {
		return nil
	}
	return append(append(bytes.Clone(text[:i]), "|"...), text[i:]...)
}

// graphLine matches " 0)   1.234 us    |  f();", with or without a time before it.
func graphLine(text []byte) bool {
	if before, after, ok := bytes.Cut(text, []byte(" |  ")); ok && len(bytes.Trim(before, " 0123456789.")) == 0 {
		text = after
	}
	_, at, ok := number(text, blanks(text, 0))
	return ok && at+1 < len(text) && text[at] == ')' && text[at+1] == ' ' && bytes.Contains(text, []byte("|  "))
}
