package validate

import (
	"fmt"
	"sort"
	"strings"

	"github.com/rprocspec/rprocspec/internal/spell"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// visibility says what a step leaves in this capture.
type visibility uint8

const (
	silentStep visibility = iota // nothing
	mayShow                      // a record that may be missing
	mustShow                     // a record
)

// ProbeKinds are the kinds that Options.Probes takes. "enter" and "exit" may be followed by
// ":function", and "event" by ":tracepoint"; alone they mean every one.
var ProbeKinds = []string{"edges", "calls", "work", "end", "enter", "exit", "event", "log"}

// family names the probe kind that a kind of record belongs to.
var family = map[string]string{
	"edge on": "edges", "edge off": "edges", "call": "calls", "queue": "work", "start": "work",
	"end": "end", "enter": "enter", "exit": "exit", "event": "event",
}

// use is what is known of one kind of record.
type use struct {
	count   int
	kprobes int         // how many of them came from probes, which can be missed
	said    string      // on, off, or nothing: what was told of it
	by      string      // who told it: given, or the capture
	made    *instrument // what makes it, by the capture's description
}

func (u *use) on() bool { return u.said == "on" || u.said == "" && u.count > 0 }

// probed tells whether single records may be missing.
func (u *use) probed() bool {
	if u.made != nil {
		return u.made.by != "tracepoint" && u.made.missed != 0
	}
	return u.kprobes > 0 && u.kprobes == u.count
}

// shows says what a step leaves. What was said to be off and is there all the same may be missing anywhere.
func (u *use) shows() visibility {
	switch {
	case u.said == "off" && u.count > 0, u.on() && u.made != nil && u.made.missed > 0 && u.made.returns():
		return mayShow
	case u.on():
		return mustShow
	}
	return silentStep
}

// kinds is what one capture records, as far as it is known.
type kinds struct {
	uses   map[string]*use
	given  map[string]string
	listed map[string]*instrument // by the capture's description of itself; nil: it has none
	exact  map[string]bool        // log levels that printk:console has shown
	logs   bool                   // any kernel log line
	events bool                   // anything but kernel log lines
	gen    int                    // changes with every change that matters
	order  []string

	lastEdge map[string]traces.Kind // by wakeup source
	noOff    int                    // line that fits only if wakeup_source_deactivate was not recorded; 0: none
	doubled  bool                   // a source became active twice without a record in between
}

func newKinds(given map[string]string) (*kinds, error) {
	for k, v := range given {
		base, _, _ := strings.Cut(k, ":")
		ok := v == "on" || v == "off"
		for _, p := range ProbeKinds {
			if p == base {
				base = ""
			}
		}
		if base != "" {
			return nil, fmt.Errorf("probe kind %q is not known%s; kinds are %s", k, hint(base, ProbeKinds), strings.Join(ProbeKinds, ", "))
		}
		if !ok {
			return nil, fmt.Errorf("probe kind %s=%s: the value must be on or off", k, v)
		}
	}
	return &kinds{uses: map[string]*use{}, given: given, exact: map[string]bool{}, lastEdge: map[string]traces.Kind{}}, nil
}

func hint(name string, names []string) string {
	if s := spell.Nearest(name, names); s != "" {
		return fmt.Sprintf(" (did you mean %q?)", s)
	}
	return ""
}

// use gives the entry of a kind, made with what was said about it from outside.
func (k *kinds) use(kind string) *use {
	u := k.uses[kind]
	if u == nil {
		u = &use{}
		k.say(kind, u)
		k.uses[kind] = u
		k.order = append(k.order, kind)
	}
	return u
}

// say notes what was told of a kind: by the user, else by the capture.
func (k *kinds) say(kind string, u *use) {
	base, _, _ := strings.Cut(kind, ":")
	u.said, u.by, u.made = k.given[kind], "given", nil
	if u.said == "" {
		u.said = k.given[family[base]]
	}
	if u.said != "" || k.listed == nil {
		return
	}
	u.said, u.by = "off", "not listed by the capture"
	switch in := k.listed[kind]; {
	case in == nil:
	case in.why != "":
		u.by = "not possible there: " + in.why
	default:
		u.said, u.by, u.made = "on", "the capture lists it", in
	}
}

// describe takes the capture's word for what it records; nil takes that back.
func (k *kinds) describe(listed map[string]*instrument) {
	k.listed = listed
	for kind, u := range k.uses {
		k.say(kind, u)
	}
	k.gen++
}

// see counts a record of a kind.
func (k *kinds) see(kind string, src traces.Source) {
	u := k.use(kind)
	was := u.shows()
	u.count++
	if src == traces.Kprobe {
		u.kprobes++
	}
	if u.shows() != was {
		k.gen++
	}
}

// observe counts what r shows about the capture.
func (k *kinds) observe(r *rec) {
	k.events = k.events || r.Source != traces.KernelLog && r.Kind != traces.Lost
	switch r.Kind {
	case traces.Enter:
		if r.call != "" {
			k.see("call:"+r.call, r.Source)
		} else {
			k.see("enter:"+r.fn, r.Source)
		}
	case traces.Exit:
		if r.call == "" {
			k.see("exit:"+r.fn, r.Source)
		}
	case traces.EdgeOn:
		if k.lastEdge[r.Name] == traces.EdgeOn {
			k.doubled = true // nothing recorded that it became inactive in between
		}
		k.lastEdge[r.Name] = r.Kind
		k.see("edge on", r.Source)
	case traces.EdgeOff:
		k.lastEdge[r.Name] = r.Kind
		k.see("edge off", r.Source)
	case traces.Queue:
		k.see("queue", r.Source)
	case traces.Start:
		k.see("start", r.Source)
	case traces.End:
		k.see("end", r.Source)
	case traces.Event:
		k.see("event:"+r.Event, r.Source)
	case traces.Log:
		k.logs = true
	}
}

// assumedOff is what a finding assumes that rests on it.
const assumedOff = "wakeup_source_deactivate was recorded, as wakeup_source_activate was (--probes edges=on settles it)"

// assumesOff tells that wakeup_source_deactivate counts as recorded only because activate was.
func (k *kinds) assumesOff() bool {
	off := k.use("edge off")
	return off.said == "" && off.count == 0 && k.use("edge on").on() && !k.doubled && k.noOff == 0
}

// assumesRelax tells that pm_relax() counts as recorded only because pm_stay_awake() was. A source that
// became inactive without the call would show that it was not.
func (k *kinds) assumesRelax() bool {
	relax := k.use("call:pm_relax")
	return relax.said == "" && relax.count == 0 && k.use("call:pm_stay_awake").on() && k.use("edge off").count == 0
}

// table says for every node of a machine what it leaves in the capture.
type table struct {
	node  []visibility
	on    visibility // wakeup_source_activate
	off   visibility // wakeup_source_deactivate
	probe []bool     // the record of the node comes from a probe, which may be missed
	gen   int
	after []*machine.Node // program points just after a record that must show
	leads map[lead]bool   // answers of subject.leads
}

// table computes it; gen tells whether an older one still holds. Without wake it is for a subject whose
// wakeup source is not known by name: then its edges and calls cannot be told from those of others.
func (k *kinds) table(m *machine.Machine, wake bool) *table {
	t := &table{node: make([]visibility, len(m.Nodes)), probe: make([]bool, len(m.Nodes)), gen: k.gen, leads: map[lead]bool{}}
	if k.use("edge on").on() {
		t.on = mustShow
	}
	if k.use("edge off").on() || k.assumesOff() {
		t.off = mustShow
	}
	for _, n := range m.Nodes[1:] {
		t.node[n.ID], t.probe[n.ID] = k.visible(n)
		if !wake && n.Kind == machine.ObsCall && t.probe[n.ID] { // a probe prints the device, the function tracer nothing
			t.node[n.ID] = mayShow
		}
	}
	if !wake {
		t.on, t.off = silentStep, silentStep
	}
	seen := map[*machine.Node]bool{}
	for _, n := range m.Nodes[1:] {
		if t.node[n.ID] == mustShow && n.Next != nil && !seen[n.Next] {
			seen[n.Next] = true
			t.after = append(t.after, n.Next)
		}
	}
	return t
}

func (k *kinds) visible(n *machine.Node) (visibility, bool) {
	kind := ""
	switch n.Kind {
	case machine.ObsEnter:
		kind = "enter:" + n.Func.Name
	case machine.ObsExit:
		kind = "exit:" + n.Func.Name
	case machine.ObsCall:
		kind = "call:" + n.Text
	case machine.ObsQueued:
		kind = "queue"
	case machine.ObsWorkStart:
		kind = "start"
	case machine.ObsWorkEnd:
		kind = "end"
	case machine.Log:
		return k.visibleLog(n), false
	case machine.Event:
		kind = "event:" + n.Text
	default:
		return silentStep, false
	}
	if u := k.use(kind); u.shows() != silentStep {
		return u.shows(), u.probed()
	}
	if kind == "call:pm_relax" && k.assumesRelax() {
		return mustShow, k.use("call:pm_stay_awake").probed()
	}
	return silentStep, false
}

func (k *kinds) visibleLog(n *machine.Node) visibility {
	switch {
	case k.use("log").said == "off" || !k.logs:
		return silentStep
	case k.exact[n.Level]:
		return mustShow
	}
	return mayShow
}

// shown is called with the level of every core line that printk:console recorded: from then on that
// level is exact.
func (k *kinds) shown(level string) {
	if !k.exact[level] {
		k.exact[level] = true
		k.gen++
	}
}

// droppedLogs is called when the log says that lines are missing.
func (k *kinds) droppedLogs() {
	clear(k.exact)
	k.gen++
}

// treated names what was said of a kind as reports do.
func (u *use) treated() string {
	switch {
	case u.said == "off" && u.count > 0, u.said == "on" && u.probed():
		return "missable"
	case u.said == "on":
		return "exact"
	}
	return "off"
}

// report tells how every kind was treated.
func (k *kinds) report() []*SourceUse {
	var out []*SourceUse
	for _, kind := range k.order {
		u := k.uses[kind]
		su := &SourceUse{Kind: strings.Replace(kind, ":", " ", 1), Count: u.count}
		switch {
		case kind == "log":
			continue // told by level
		case u.said != "":
			su.Use, su.Why = u.treated(), u.by
		case u.count == 0 && kind == "edge off" && k.assumesOff():
			su.Use, su.Why = "exact", "assumed with wakeup_source_activate"
		case u.count == 0 && kind == "call:pm_relax" && k.assumesRelax():
			su.Use, su.Why = "exact", "assumed with pm_stay_awake"
		case u.count == 0:
			su.Use, su.Why = "off", "never seen"
		case u.probed():
			su.Use, su.Why = "missable", "seen"
		default:
			su.Use, su.Why = "exact", "seen"
		}
		out = append(out, su)
	}
	for _, l := range []string{"err", "warn", "info"} {
		if k.exact[l] {
			out = append(out, &SourceUse{Kind: "log " + l, Use: "exact", Why: "printk:console showed this level"})
		}
	}
	if k.logs {
		out = append(out, &SourceUse{Kind: "log", Use: "lossy", Why: "other levels"})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Kind < out[j].Kind })
	return out
}
