// Package validate replays the records of a trace against a compiled specification.
//
// For every subject it keeps the set of machine states that explain what was seen. Steps that this
// capture would not have recorded happen silently; a record that no state explains is a finding, and
// so is a property that every explanation breaks.
package validate

// Options of a validation. The zero value is useful: features open, probes as the trace shows them.
type Options struct {
	Kernel   string            // name of a kernel profile; "" leaves the features open
	Features map[string]string // feature or device constant by name, such as relax_when_offline=false
	Aliases  [][]string        // each a set of names of one subject
	Probes   map[string]string // what was recorded: "edges=on", "calls=off", "enter=…", see ProbeKinds
	Events   map[string]string // probe event name -> kernel function, for formats that print bare addresses
	Quiet    bool              // the end of the trace is quiet: nothing runs any more
	// Partial says that the records are a part of the trace only, such as those of one CPU, and what is
	// missing. Then nothing is concluded from them.
	Partial string
	Window  int // records of look-ahead that decide which kinds were on; 0: DefaultWindow
}

// DefaultWindow is the look-ahead of a Validator, in relevant records.
const DefaultWindow = 1 << 16
