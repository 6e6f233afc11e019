package modelcheck

// Row is one step of a behaviour, in the words of Draw, for those who draw it in their own way.
type Row struct {
	Thread  int      // whose column: an index into Trace.Threads
	Place   string   // function and line of the spec, with the file if that is another; "" where an activation starts or ends
	What    string   // the statement, with the answer if it is a test
	Changes []string // what the step did to variables, wakeup sources and work items
}

// Rows tells the steps of the behaviour, in order.
func (t *Trace) Rows() []Row {
	d := &drawing{t: t}
	var rows []Row
	for _, st := range t.Steps {
		at, what := d.parts(st)
		rows = append(rows, Row{Thread: st.Thread, Place: at, What: what, Changes: t.changes(st)})
	}
	return rows
}

// Starts lists the values with which the behaviour begins, as Draw does.
func (t *Trace) Starts() []string { return t.describe(t.Initial) }

// Ends lists the values after the last step.
func (t *Trace) Ends() []string {
	_, end := t.last()
	return t.describe(end)
}
