package validate

import (
	"fmt"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/validate/story"
)

// Validator validates one trace.
type Validator struct {
	m   *machine.Machine
	opt Options

	// facts about the specification
	functions  map[string]bool
	inBody     map[string]bool // processes that the body of a work item calls
	names      []string
	bodies     map[string]int // work items by the name of the function that they run
	patterns   []*machine.Pattern
	events     map[string][]*machine.Node // by the tracepoint that they name
	judgements []*judgement
	errors     uint32 // bits of the judgements of error level
	judged     map[int]bool
	answers    map[*machine.Proc]bool // bodies of work items that answer for a wakeup source
	guardedBy  map[int]int            // variables by the mutex that protects them
	watched    map[machine.Loc]bool
	held       [][]machine.Val
	reached    []bool
	wrapper    map[*machine.Proc]bool
	idle       map[*machine.Proc]bool // processes that only set a havoc variable
	facts      map[*machine.Proc]*facts
	dying      map[place]bool // values that only the end of a subject assigns
	endsOnly   map[int]bool   // variables that only it assigns
	reporter   *machine.Proc
	begins     map[string]bool // processes that register a subject
	ends       map[string]bool // processes that remove it
	birthLines map[string]bool // patterns of lines that only the former print

	// what the trace has told
	kinds     *kinds
	tables    [2]*table
	known     map[int]knownFeature
	fixed     map[int]machine.Val // features and device constants given from outside
	reachable map[reach]bool
	said      map[string]saying // by device: what its driver printed of a crash and no story has taken
	log       story.Log
	latest    int64 // of the records' times
	fine      bool  // some time is no whole second
	window    []*rec
	limit     int
	ctxs      []ctx
	ctxIndex  map[string]int
	spans     map[int][]*span
	idents    map[string]*ident
	joins     map[*ident]int
	subjects  []*subject
	guesses   map[string]string
	told      map[string]bool
	notes     []string
	lost      *rec // the last loss
	hole      *rec // a loss that the counter shows; it matters if a record of a subject comes after it
	inside    *rec // a hole of which the end has not come
	torn      *rec // one that was found after what came behind it had been explained
	holes     int  // wakeup events known to be missing
	tally     tally
	desc      *description
	freeCtxs  []int // numbers of forgotten threads
	memory    int   // how many threads and names there may be before some are forgotten
	counts    RecordCounts

	wrong  *Contradiction
	naming *rec            // whose names are being looked up
	borne  map[string]bool // names that records bear
	fired  map[string]bool // probe events of Options.Events that occurred

	unordered bool  // records came earlier than one before them
	until     int64 // the time up to which records have been explained

	overflows int
	orphans   int
	unlisted  unlisted
}

// New gives a validator of one trace. The error says which option names what does not exist.
func New(m *machine.Machine, opt Options) (*Validator, error) {
	k, err := newKinds(opt.Probes)
	if err != nil {
		return nil, err
	}
	v := &Validator{
		m: m, opt: opt, kinds: k, limit: opt.Window, memory: keepAtLeast,
		functions: map[string]bool{}, events: map[string][]*machine.Node{}, inBody: map[string]bool{}, bodies: map[string]int{}, judged: map[int]bool{}, answers: map[*machine.Proc]bool{}, guardedBy: map[int]int{},
		watched: map[machine.Loc]bool{}, wrapper: map[*machine.Proc]bool{}, idle: map[*machine.Proc]bool{},
		dying: map[place]bool{}, endsOnly: map[int]bool{}, facts: map[*machine.Proc]*facts{}, known: map[int]knownFeature{}, fixed: map[int]machine.Val{},
		ctxs: make([]ctx, 1), ctxIndex: map[string]int{}, spans: map[int][]*span{}, idents: map[string]*ident{},
		joins: map[*ident]int{}, reachable: map[reach]bool{}, said: map[string]saying{}, latest: traces.NoTime, guesses: map[string]string{}, told: map[string]bool{},
		until: traces.NoTime, borne: map[string]bool{}, begins: map[string]bool{}, ends: map[string]bool{}, birthLines: map[string]bool{},
		fired: map[string]bool{},
	}
	if v.limit == 0 {
		v.limit = DefaultWindow
	}
	v.judgements = judgements(m)
	if len(v.judgements) > maxJudgements {
		return nil, fmt.Errorf("%s judges %d things, %d is the most that a trace can be judged by", m.Info.Name, len(v.judgements), maxJudgements)
	}
	v.statesJudged()
	v.findAnswering()
	v.statics()
	v.findDying()
	v.findLives()
	v.index()
	if err := v.fix(); err != nil {
		return nil, err
	}
	if err := v.checkEvents(); err != nil {
		return nil, err
	}
	for _, names := range opt.Aliases {
		for _, n := range names[1:] {
			if !join(v.name(names[0], "other"), v.name(n, "other")) {
				return nil, fmt.Errorf("alias %s: two different processors", strings.Join(names, "="))
			}
		}
	}
	return v, nil
}

// index collects what records are recognised by.
func (v *Validator) index() {
	for _, f := range v.m.Functions() {
		v.functions[f] = true
		v.names = append(v.names, f)
	}
	v.names = append(v.names, "pm_stay_awake", "pm_relax")
	for i, w := range v.m.Works {
		v.bodies[w.Proc.Name] = i
	}
	seen := map[string]bool{}
	for _, n := range v.m.Nodes[1:] {
		if n.Kind == machine.Event {
			v.events[n.Text] = append(v.events[n.Text], n)
		}
		for _, p := range n.Patterns {
			if !seen[p.Text] {
				seen[p.Text] = true
				v.patterns = append(v.patterns, p)
			}
		}
	}
	for _, p := range v.m.Procs {
		for _, q := range p.Calls {
			if p.Work >= 0 && !q.Decl.Procedure {
				v.inBody[q.Name] = true
			}
		}
		v.facts[p] = v.factsOf(p)
		if f := v.facts[p]; f.on && f.queues && p.Work < 0 && v.reporter == nil {
			v.reporter = p
		}
		v.idle[p] = v.onlyHavoc(p)
	}
}

// onlyHavoc tells whether p changes nothing of which a value is kept.
func (v *Validator) onlyHavoc(p *machine.Proc) bool {
	for _, n := range v.m.Nodes[1:] {
		if n.Root != p || !v.reached[n.ID] || n.Kind <= machine.ObsWorkEnd || n.Kind == machine.End {
			continue
		}
		if n.Kind != machine.Assign || len(n.Assigns) != 1 || n.Assigns[0].Loc.IsReg() || !v.m.Globals[n.Assigns[0].Loc].Havoc {
			return false
		}
	}
	return true
}

// checkEvents looks at the functions that probe events are said to stand for.
func (v *Validator) checkEvents() error {
	for _, event := range sortedKeys(v.opt.Events) {
		if f := v.opt.Events[event]; !v.functions[f] && !calls[f] {
			return fmt.Errorf("event %s=%s: %s has no function %s%s", event, f, v.m.Info.Name, f, hint(f, v.names))
		}
	}
	return nil
}

// table says what every node leaves in this capture, as far as is known now, for a subject whose wakeup
// source is known or not.
func (v *Validator) table(wake bool) *table {
	i := 0
	if wake {
		i = 1
	}
	if v.tables[i] == nil || v.tables[i].gen != v.kinds.gen {
		v.tables[i] = v.kinds.table(v.m, wake)
	}
	return v.tables[i]
}

// wakeups tells whether the trace shows wakeup sources or the calls that drive them.
func (v *Validator) wakeups() bool {
	return v.kinds.use("edge on").on() || v.kinds.use("edge off").on() || v.kinds.use("call:pm_relax").on() || v.kinds.use("call:pm_stay_awake").on()
}

func (v *Validator) startTier() tier {
	if v.lost != nil {
		return unknown
	}
	return healthy
}

// maxTold bounds what is remembered of what was told once.
const maxTold = 10_000

func (v *Validator) noteOnce(key, text string) {
	if !v.told[key] && len(v.told) < maxTold {
		v.told[key] = true
		v.notes = append(v.notes, text)
	}
}

// Observe takes the next record. The first records are kept until the window is full: they tell which
// kinds the capture has, and which names belong together.
func (v *Validator) Observe(r *traces.Record) {
	if r.Time != traces.NoTime {
		v.latest = max(v.latest, r.Time)
		v.fine = v.fine || r.Time%int64(time.Second) != 0
	}
	b := v.bind(r)
	if b == nil {
		v.counts.Skipped++
		return
	}
	v.window = append(v.window, b)
	if len(v.window) >= v.limit {
		v.order()
		v.drain(v.ready(), false)
	}
}

// drain explains the first n records in the window.
func (v *Validator) drain(n int, atEnd bool) {
	if i := v.another(v.window[:n]); i > 0 {
		v.drain(i, false)
		n -= i
	}
	batch := v.window[:n]
	for _, r := range batch {
		if r.aside {
			v.attachAside(r)
			continue
		}
		if r.mark != nil {
			v.describe(r)
		}
		if v.redundant(r) {
			r.Kind = traces.Other
			continue
		}
		v.denied(r)
		v.kinds.observe(r)
		v.attach(r)
		for _, val := range r.values {
			v.watched[machine.Loc(val.loc)] = true
		}
	}
	if v.wrong != nil {
		v.shift(n)
		return // see Err
	}
	for _, r := range v.tear(batch, v.missing(batch, atEnd)) {
		switch {
		case r.timed():
			v.until = max(v.until, r.Time)
		case r.Kind == traces.Lost && !r.hole:
			v.until = traces.NoTime
		}
		v.explain(r)
	}
	v.shift(n)
	v.forgetOld()
}

// shift drops the first n records of the window.
func (v *Validator) shift(n int) {
	rest := copy(v.window, v.window[n:])
	clear(v.window[rest:])
	v.window = v.window[:rest]
}

// redundant tells whether r repeats what a probe says of the same call: the function tracer, where both
// were on.
func (v *Validator) redundant(r *rec) bool {
	if r.Kind != traces.Enter {
		return false
	}
	key := "src " + r.fn
	if r.Source == traces.Kprobe {
		v.told[key] = true
	}
	return r.Source == traces.FuncTracer && v.told[key]
}

// explain gives a record to its subject.
func (v *Validator) explain(r *rec) {
	if r.aside {
		v.tellAside(r)
		return
	}
	switch r.Kind {
	case traces.Other:
		v.counts.Skipped++
		return
	case traces.Lost:
		v.explainLost(r)
		return
	}
	v.close(r)
	id := v.ident(r)
	if id == nil {
		v.counts.Skipped++
		return
	}
	if r.Kind == traces.Mark {
		v.subject(id.root()).witness(r)
		return
	}
	v.fall()
	if id.named() || v.one(id) || v.only() == nil {
		if x := v.living(v.subject(id.root()), r); x != nil {
			x.tell(r)
			x.observe(r, false)
		}
		return
	}
	v.offer(id, r)
}

// level takes notice that printk:console shows a severity.
func (v *Validator) level(r *rec) {
	if r.Source != traces.Tracepoint || r.Device == "" {
		return
	}
	for _, n := range v.m.Nodes[1:] {
		if n.Kind == machine.Log && hit(n, r) != nil {
			v.kinds.shown(n.Level)
			return
		}
	}
}

// ident says whose r is: nil for a device of which nothing of the spec is known.
func (v *Validator) ident(r *rec) *ident {
	for _, i := range []*ident{r.own, r.span} {
		if i != nil && i.root().ours {
			return i.root()
		}
	}
	return nil
}

// one joins a span without a name with the only processor that the trace names, if there is only one.
func (v *Validator) one(id *ident) bool {
	var the *ident
	for _, i := range v.idents {
		if r := i.root(); r.ours && r.named() && r != the {
			if the != nil {
				return false
			}
			the = r
		}
	}
	return the != nil && join(the, id)
}

// only gives a subject if there are any named ones.
func (v *Validator) only() *subject {
	for _, x := range v.subjects {
		if x.id.root().named() {
			return x
		}
	}
	return nil
}

func (v *Validator) subject(id *ident) *subject {
	id = id.root()
	if id.sub == nil && !id.named() {
		for _, x := range v.subjects {
			if !x.id.root().named() && join(x.id, id) {
				return x.id.root().sub
			}
		}
	}
	if id.sub == nil {
		id.sub = newSubject(v, id)
		v.subjects = append(v.subjects, id.sub)
	}
	return id.sub
}

// Names takes a line for the names in it only: one of a log that belongs to the trace, but of which
// nothing tells where in the trace it belongs.
func (v *Validator) Names(r *traces.Record) {
	if b := v.bind(r); b != nil {
		v.ownName(b)
	}
}
