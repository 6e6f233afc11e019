package tla

import (
	"fmt"
	"maps"
	"slices"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// Capture is what a validator has bound to one subject of a trace.
type Capture struct {
	Name    string // of the trace
	Kernel  string // what is known of its kernel, as a sentence; may be empty
	Subject string
	Records []Record
	Refused int                   // number of the first record that has no explanation, −1 if there is none
	Start   map[int][]machine.Val // what features, device constants and variables may be before the first record
	Quiet   bool                  // wakeup sources may be active and invariants broken then
	// Must and May tell, by node, whose records the capture has: always, or where none is missing.
	Must, May map[int]bool
	From      map[int]int // of a Log node of Must: after how many records that is so
	On, Off   bool        // the capture has the edges of wakeup sources
}

// Record is a record with the nodes that make such records.
type Record struct {
	Line   int
	Time   int64 // nanoseconds
	Thread string
	Nodes  []*machine.Node
}

// Trace writes a specification as the processes of a capture run it, and a module that explains the capture's records
// by it. The error says what of the capture cannot be told so.
func Trace(m *machine.Machine, opt Options, c Capture) ([]File, error) {
	if err := explainable(c); err != nil {
		return nil, err
	}
	t := &tracing{Capture: c}
	in, err := t.instance(m, opt.Kernel)
	if err != nil {
		return nil, err
	}
	t.writer = newWriter(steps.Observed(in), opt)
	t.mc = t.name + "Trace"
	for _, n := range []string{
		"Trace", "Goal", "Thread", "Enabled", "Goes", "n", "Free", "May", "InTurn", "Takes", "Passes", "Silently", "Records", "Maybe", "Later", "Shows",
		"Misses", "Begins", "Ends", "Edge", "Spawns", "begun", "Alias", "Not_explained", "TraceInit", "TraceNext", "TraceSpec", "traceVars", "i", "owed", "ahead", "by", "shown", "r", "k", "q", "s", "before", "after", "mark",
	} {
		t.names.used[n] = true
	}
	for g, gl := range m.Globals {
		if gl.Havoc && slices.Contains(t.m.Vars, gl) {
			t.setter(g)
		}
	}
	module := t.module()
	t.children()
	t.bound = t.constantBindings()
	trace := t.part(t.traceModule)
	if t.err != nil {
		return nil, t.err
	}
	files := []File{{t.name + ".tla", module}, {t.mc + ".tla", trace}, {t.mc + ".cfg", t.part(func() { t.traceConfig(len(c.Records)) })}}
	if c.Refused >= 0 {
		files = append(files, File{t.mc + "_refused.cfg", t.part(func() { t.traceConfig(c.Refused) })})
	}
	return files, nil
}

// explainable refuses what the module cannot tell.
func explainable(c Capture) error {
	if len(c.Records) == 0 {
		return fmt.Errorf("%s: no record of it was bound to %s: there is nothing to explain", c.Name, c.Subject)
	}
	for _, r := range c.Records {
		own := func(n *machine.Node) bool {
			return c.Must[n.ID] || c.May[n.ID] || n.Kind == machine.Awake || n.Kind == machine.Relax || n.Kind == machine.Destroy
		}
		if !slices.ContainsFunc(r.Nodes, own) {
			return fmt.Errorf("%s:%d: nothing in the specification makes this record", c.Name, r.Line)
		}
	}
	return nil
}

// tracing writes a capture.
type tracing struct {
	*writer
	Capture
	calls []threadCall
	kids  map[*machine.Node][][2]string // by statement: who spawns whom
	err   error                         // what cannot be told
}

// threadCall is a call that a thread may make.
type threadCall struct {
	id, thread string
	slot       int
}

// instance gives every process that a record may show an activation, the work items, and what these spawn.
func (t *tracing) instance(m *machine.Machine, kernel string) (*machine.Instance, error) {
	var begun []machine.Spawns
	for _, p := range m.Procs {
		if p.Work < 0 && !p.Decl.Unobserved && t.shows(p) {
			begun = append(begun, machine.Spawns{Proc: p, Count: 1})
		}
	}
	closed, err := t.closed(m, kernel)
	if err != nil {
		return nil, err
	}
	in, err := m.InstanceWith(closed, begun, nil)
	if err != nil {
		return nil, err
	}
	in.Kernel = kernel
	t.narrow(in)
	return in, nil
}

// closed gives the features that the kernel closes, or what was found in the trace.
func (t *tracing) closed(m *machine.Machine, kernel string) (map[*check.Object]int, error) {
	profile, err := machine.Profile(m.Info, kernel)
	closed := map[*check.Object]int{}
	maps.Copy(closed, profile)
	for g, gl := range m.Globals {
		if vs := t.Start[g]; gl.Kind == machine.FeatureGlobal && len(vs) == 1 {
			closed[gl.Object] = int(vs[0])
		}
	}
	return closed, err
}

// narrow makes features that the trace or the kernel decides constants.
func (t *tracing) narrow(in *machine.Instance) {
	for g, gl := range in.Globals {
		if vs := t.Start[g]; gl.Kind <= machine.DeviceGlobal && len(vs) == 1 {
			for _, s := range in.Inits {
				s[g] = vs[0]
			}
		}
	}
}

// shows tells whether an activation of p may have begun in the capture: its entry was recorded, or what it does without
// an entry on record.
func (t *tracing) shows(p *machine.Proc) bool {
	entry := p.Entry
	for _, r := range t.Records {
		for _, n := range r.Nodes {
			if n.Root == p && (!t.Must[entry.ID] || n == entry) && !(n.Nested && !t.Must[entry.ID]) {
				return true
			}
		}
	}
	return false
}

// threadCalls lists the calls that threads may make: for every thread and process as many as records admit.
func (t *tracing) threadCalls() []threadCall {
	var all []threadCall
	for i := range t.m.Slots {
		s := &t.m.Slots[i]
		if s.Kind != machine.OnceSlot {
			continue
		}
		count := map[string]int{}
		for _, r := range t.Records {
			if slices.ContainsFunc(r.Nodes, func(n *machine.Node) bool {
				return n.Root == s.Proc && (n == s.Proc.Entry || !t.Must[s.Proc.Entry.ID])
			}) {
				count[r.Thread]++
				all = append(all, threadCall{fmt.Sprintf("%s: %s#%d", plainText(r.Thread), s.Proc.Name, count[r.Thread]), r.Thread, i})
			}
		}
	}
	return all
}

// children names what activations spawn.
func (t *tracing) children() {
	t.calls = t.threadCalls()
	t.kids = map[*machine.Node][][2]string{}
	ids := map[*machine.Proc][]string{}
	for _, c := range t.calls {
		p := t.m.Slots[c.slot].Proc
		ids[p] = append(ids[p], c.id)
	}
	for i, s := range t.m.Slots {
		switch s.Kind {
		case machine.WorkerSlot:
			ids[s.Proc] = append(ids[s.Proc], t.activation(i))
		case machine.SpawnedSlot:
			if t.kids[s.Node] != nil {
				continue
			}
			for _, by := range ids[s.Node.Root] {
				kid := fmt.Sprintf("%s/%s#%d", by, s.Proc.Name, i)
				t.kids[s.Node] = append(t.kids[s.Node], [2]string{by, kid})
				ids[s.Proc] = append(ids[s.Proc], kid)
			}
		}
	}
}
