package validate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// ident is one processor as far as its names are joined, or a span of records without a name yet.
// Joined ones form a tree whose root carries what is known (union-find).
type ident struct {
	parent *ident
	device string   // remoteproc0
	rproc  string   // modem: rproc->name
	wake   string   // 3000000.remoteproc: the parent device, whose name the wakeup source has
	other  []string // names of which only the user knows what they are
	seen   []string // names of which nobody said what they are
	gone   bool     // a removal of its bearer was seen
	ours   bool     // a record of the spec's own functions, work or lines bears it
	sub    *subject
	consts map[int]machine.Val // device constants that the capture's description tells, by global
}

func (i *ident) root() *ident {
	for i.parent != nil {
		if i.parent.parent != nil {
			i.parent = i.parent.parent
		}
		i = i.parent
	}
	return i
}

func (i *ident) named() bool {
	return i.device != "" || i.rproc != "" || i.wake != "" || len(i.other)+len(i.seen) > 0
}

// names lists the names, the device first; a placeholder if there is none.
func (i *ident) names() []string {
	i = i.root()
	var ns []string
	for _, n := range slices.Concat([]string{i.device, i.rproc, i.wake}, i.other, i.seen) {
		dup := n == ""
		for _, o := range ns {
			dup = dup || o == n
		}
		if !dup {
			ns = append(ns, n)
		}
	}
	if len(ns) == 0 {
		return []string{"(unnamed)"}
	}
	return ns
}

// join makes a and b one, unless they contradict each other.
func join(a, b *ident) bool {
	a, b = a.root(), b.root()
	if a == b {
		return true
	}
	differ := func(x, y string) bool { return x != "" && y != "" && x != y }
	if differ(a.device, b.device) || differ(a.rproc, b.rproc) || differ(a.wake, b.wake) || a.sub != nil && b.sub != nil {
		return false
	}
	if b.sub != nil {
		a, b = b, a
	}
	b.parent = a
	a.device, a.rproc, a.wake = first(a.device, b.device), first(a.rproc, b.rproc), first(a.wake, b.wake)
	a.other, a.seen = append(a.other, b.other...), append(a.seen, b.seen...)
	a.ours, a.gone = a.ours || b.ours, a.gone || b.gone
	for g, val := range b.consts {
		a.constant(g, val)
	}
	return true
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// name gives the ident of a name, made on first sight; sort tells what kind of name it is.
func (v *Validator) name(n, sort string) *ident {
	i := v.idents[n]
	if i == nil {
		i = &ident{}
		v.idents[n] = i
	}
	r := i.root()
	if deviceName.MatchString(n) {
		sort = "device"
	}
	switch sort {
	case "device":
		if r.device = first(r.device, n); r.device != n {
			v.clash(v.naming, n, sort, r)
		}
	case "rproc":
		r.rproc = first(r.rproc, n)
	case "wake":
		if r.wake = first(r.wake, n); r.wake != n {
			v.clash(v.naming, n, sort, r)
		}
	case "other":
		r.other = append(r.other, n)
	case "seen":
		if !slices.Contains(r.seen, n) {
			r.seen = append(r.seen, n)
		}
	}
	return i
}

var deviceName = regexp.MustCompile(`^remoteproc\d+$`)

// ownName joins the names that r itself carries, and gives their ident or nil.
func (v *Validator) ownName(r *rec) *ident {
	var own *ident
	v.naming = r
	add := func(n, sort string) {
		if n == "" {
			return
		}
		v.borne[n] = true
		if i := v.name(n, sort); own == nil {
			own = i
		} else if a, b := own.root(), i.root(); !v.joined(r, own, i) {
			v.differ(r, a, b)
		}
	}
	switch r.Kind {
	case traces.EdgeOn, traces.EdgeOff:
		add(r.Name, "wake")
	case traces.Mark:
		add(r.Name, "device")
	case traces.Log:
		add(r.Device, "device")
		for _, h := range r.hits {
			if h.Name != "" && r.Device != "" {
				add(h.Name, "rproc")
				break
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.shown)) {
		add(r.shown[id].Name, "seen")
	}
	for _, a := range r.Args {
		if a.Quote && a.Value != "" {
			add(a.Value, map[bool]string{true: "wake", false: "rproc"}[r.call != ""])
		}
	}
	if r.Work != "" && r.work >= 0 {
		add("work "+r.Work, "")
	}
	return own
}

// joined joins two idents and tells the reader of the report how.
func (v *Validator) joined(r *rec, a, b *ident) bool {
	fresh := a.root() != b.root() && a.root().named() && b.root().named()
	if !join(a, b) {
		return false
	}
	if fresh {
		v.joins[a.root()] = r.Line
	}
	return true
}

// span is what one activation recorded: one thread, one top-level function.
type span struct {
	id      *ident
	facts   *facts        // nil: loose, the beginning was not recorded
	proc    *machine.Proc // nil: not known
	entered bool
	birth   *rec // the entry of a process that registers its subject
	last    int64
	later   []*rec             // records of a loose span whose names are joined once its process is known
	seen    [traces.Kinds]bool // kinds of record that it has, where its entry was not recorded
}

// facts say what the graph of a process can record.
type facts struct {
	funcs    map[string]bool
	calls    map[string]bool
	patterns map[string]bool
	events   map[int]bool
	on, off  bool
	queues   bool
}

func (v *Validator) factsOf(p *machine.Proc) *facts {
	f := &facts{funcs: map[string]bool{}, calls: map[string]bool{}, patterns: map[string]bool{}, events: map[int]bool{}}
	for _, n := range v.m.Nodes[1:] {
		if n.Root != p || !v.reached[n.ID] {
			continue
		}
		switch n.Kind {
		case machine.ObsEnter:
			f.funcs[n.Func.Name] = true
		case machine.ObsCall:
			f.calls[n.Text] = true
		case machine.Awake:
			f.on = true
		case machine.Relax, machine.Destroy:
			f.off = true
		case machine.Queue:
			f.queues = true
		case machine.Event:
			f.events[n.ID] = true
		case machine.Log:
			for _, p := range n.Patterns {
				f.patterns[p.Text] = true
			}
		}
	}
	return f
}

// may tells whether an activation with these facts can make r.
func (f *facts) may(r *rec) bool {
	switch r.Kind {
	case traces.Enter, traces.Exit:
		return r.call != "" && f.calls[r.call] || f.funcs[r.fn]
	case traces.EdgeOn:
		return f.on
	case traces.EdgeOff:
		return f.off
	case traces.Queue:
		return f.queues
	case traces.Event:
		for id := range r.shown {
			if f.events[id] {
				return true
			}
		}
	case traces.Log:
		for p := range r.hits {
			if f.patterns[p] {
				return true
			}
		}
	}
	return false
}

// attach finds the span of r and joins it with r's own name.
func (v *Validator) attach(r *rec) {
	if v.births(r) {
		v.register(r)
	}
	r.own = v.ownName(r)
	if r.Kind == traces.Lost {
		return
	}
	if r.ctx != 0 {
		v.inSpan(r)
	}
	if ours := r.Kind != traces.EdgeOn && r.Kind != traces.EdgeOff && r.call == ""; ours && (r.Kind != traces.Log || r.Device != "") {
		for _, i := range []*ident{r.own, r.span} {
			if i != nil {
				i.root().ours = true
			}
		}
	}
	v.going(r)
}

func (v *Validator) inSpan(r *rec) {
	stack := v.spans[r.ctx]
	p := v.m.Proc(r.fn)
	switch {
	case r.Kind == traces.Start:
		stack = []*span{v.newSpan(v.m.Works[r.work].Proc)}
	case r.Kind == traces.End:
		if len(stack) == 0 {
			stack = []*span{v.newSpan(v.m.Works[r.work].Proc)}
		}
		stack = stack[:1]
		v.nameSpan(stack, v.m.Works[r.work].Proc)
	case r.Kind == traces.Enter && p != nil && r.call == "":
		stack = v.enterSpan(stack, p, r)
	default:
		if r.Kind == traces.Exit && p != nil && !v.inBody[r.fn] {
			v.nameSpan(stack, p)
		}
		for len(stack) > 0 && !stack[len(stack)-1].may(r) {
			if top := stack[len(stack)-1]; v.inBody[top.proc.Name] { // see leave
				top.facts, top.proc = nil, nil
				break
			}
			stack = stack[:len(stack)-1]
		}
		if len(stack) == 0 {
			stack = v.loose(r)
		}
	}
	if len(stack) > 0 {
		stack = v.bindSpan(stack, r)
	}
	if n := len(stack); n > 0 && r.Kind == traces.Enter && v.births(r) {
		stack[n-1].birth = r
	}
	v.spans[r.ctx] = v.leave(stack, r)
}

// leave ends the top span with its last record. What a work item's body calls may have been a part of
// that body: its span goes on without a beginning.
func (v *Validator) leave(stack []*span, r *rec) []*span {
	n := len(stack)
	if n == 0 {
		return stack
	}
	top := stack[n-1]
	switch {
	case r.Kind == traces.End:
		return stack[:n-1]
	case r.Kind != traces.Exit || top.proc == nil || top.proc.Work >= 0 || r.fn != top.proc.Name:
		return stack
	case v.inBody[r.fn]:
		top.facts, top.proc = nil, nil
		return stack
	}
	return stack[:n-1]
}

// loose opens a span for a record that stands in none: the capture began within it, or does not
// record entries. What a wakeup source or pm call says is not enough for that: any driver makes them.
func (v *Validator) loose(r *rec) []*span {
	switch {
	case (r.Kind == traces.EdgeOn || r.Kind == traces.Queue) && v.reporter != nil:
		return []*span{v.newSpan(v.reporter)}
	case r.Kind == traces.EdgeOn, r.Kind == traces.EdgeOff, r.call != "", r.Kind == traces.Log && r.Device == "":
		return nil
	}
	return []*span{{id: &ident{}}}
}

// nameSpan names the process of a loose span, once its end shows it, and joins what had to wait for that.
func (v *Validator) nameSpan(stack []*span, p *machine.Proc) {
	if len(stack) == 0 {
		return
	}
	top := stack[len(stack)-1]
	if top.facts != nil {
		return
	}
	top.facts, top.proc = v.facts[p], p
	for _, r := range top.later {
		if top.facts.may(r) && (r.own == nil || v.joined(r, top.id, r.own)) {
			r.span = top.id
		}
	}
	top.later = nil
}

// may tells whether r can belong to the span.
func (s *span) may(r *rec) bool { return s.facts == nil || s.facts.may(r) }

func (v *Validator) newSpan(p *machine.Proc) *span {
	return &span{id: &ident{}, facts: v.facts[p], proc: p}
}

// enterSpan is for a record of the entry of a top-level function: a nested call, an interrupt on top
// of what the thread does, or something new, which ends what it did before.
func (v *Validator) enterSpan(stack []*span, p *machine.Proc, r *rec) []*span {
	if n := len(stack); n > 0 {
		top := stack[n-1]
		if top.facts == nil && v.inBody[r.fn] {
			return stack
		}
		if top.facts == nil {
			return []*span{v.entered(p)}
		}
		if top.facts.funcs[r.fn] && !(top.proc == p && top.entered) {
			top.entered = top.entered || top.proc == p
			return stack
		}
		if !p.Sleeps && level(r.Context) < 0 {
			return append(stack, v.entered(p))
		}
	}
	return []*span{v.entered(p)}
}

func (v *Validator) entered(p *machine.Proc) *span {
	s := v.newSpan(p)
	s.entered = true
	return s
}

// implicitGap is how long after the edge of a wakeup source a queueing by the same thread counts as
// the same report, where nothing else ties them together; in nanoseconds.
const implicitGap = 1_000_000

// over tells whether a report whose entry was not recorded must have ended before r: it makes each of
// its records once, the edge first, and does not linger before it queues.
func (s *span) over(r *rec, reporter *machine.Proc) bool {
	if s.entered || s.proc != reporter || s.last == 0 {
		return false
	}
	return r.Kind == traces.EdgeOn || s.seen[r.Kind] || r.Kind == traces.Queue && r.Time-s.last > implicitGap
}

// maxLater bounds the records of a span without a name that wait for one.
const maxLater = 64

// bindSpan joins the top span with r's own name; a contradiction means that the span was over.
func (v *Validator) bindSpan(stack []*span, r *rec) []*span {
	top := stack[len(stack)-1]
	if top.facts == nil && (r.Kind == traces.EdgeOn || r.Kind == traces.EdgeOff || r.call != "") {
		if len(top.later) == maxLater {
			top.later = append(top.later[:0], top.later[1:]...)
		}
		top.later = append(top.later, r)
		return stack
	}
	stale := top.over(r, v.reporter)
	if !stale && (r.own == nil || v.joined(r, top.id, r.own)) {
		r.span, top.last, top.seen[r.Kind] = top.id, r.Time, true
		return stack
	}
	stack = stack[:len(stack)-1]
	if top.facts == nil {
		s := &span{id: &ident{}}
		r.span = s.id
		v.joined(r, s.id, r.own)
		return append(stack, s)
	}
	if r.Kind == traces.Enter && v.m.Proc(r.fn) == top.proc || stale && top.facts.may(r) {
		s := v.newSpan(top.proc)
		s.entered = !stale
		s.last, s.seen[r.Kind] = r.Time, true
		r.span = s.id
		if r.own != nil {
			v.joined(r, s.id, r.own)
		}
		return append(stack, s)
	}
	return stack
}

// offer is for a span without a name: it belongs to the subject that can take it, if only one can.
func (v *Validator) offer(id *ident, r *rec) {
	can := v.candidates(r)
	switch {
	case len(can) == 1 && join(can[0].id, id):
		x := v.living(can[0], r)
		x.tell(r)
		x.observe(r, false)
	case len(can) == 0:
		v.orphans++
		v.noteOnce("orphan", fmt.Sprintf("line %d: %s carries no name and fits no processor known by then; such records are not judged", r.Line, r.what()))
	case v.births(r):
		for _, x := range can {
			x.goOn(r, "this may be the registration of this or of another processor that was removed")
		}
	default:
		for _, x := range can {
			x.ambiguous++
			x.observe(r, true)
		}
	}
}

// candidates are the subjects that may have made a record without a name: a registration is one of those that were
// removed.
func (v *Validator) candidates(r *rec) (can []*subject) {
	for _, x := range v.subjects {
		x.flush()
		switch {
		case x.over():
		case v.births(r):
			if x.gone != nil {
				can = append(can, x)
			}
		case x.trial == nil && !x.matchSet(x.closure(x.cur, true), r, false).empty():
			can = append(can, x)
		}
	}
	return can
}
