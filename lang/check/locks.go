package check

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/diag"
)

// lock takes a mutex. An interruptible one may take its else instead, but never in a work item, whose
// worker gets no signals.
func (f *flow) lock(s *lang.Lock, in []*path) paths {
	m := f.c.info.Uses[s.Mutex]
	var out paths
	for _, p := range in {
		f.notAtomic(s, p, "lock")
		f.sleeps(s, p, m)
		if h := p.holds(m); h != nil {
			f.report(s, p, h.at, "it is locked here", "%s is held already: this waits for ever", m.Name)
			out.next = append(out.next, p)
			continue
		}
		out.next = append(out.next, p.take(hold{f.id(m), m, s}))
	}
	if s.Interruptible && f.root.Work == nil {
		out.add(f.stmt(s.Else, in))
	}
	out.next = f.join(out.next)
	return out
}

func (f *flow) unlock(s *lang.Unlock, p *path) *path {
	m := f.c.info.Uses[s.Mutex]
	f.notAtomic(s, p, "unlock")
	if p.holds(m) == nil {
		f.report(s, p, nil, "", "%s is not held here", m.Name)
		return p
	}
	return p.unlock(m)
}

// waits reports waiting in an atomic block, and warns of waiting under a spinlock.
func (f *flow) waits(at lang.Node, p *path, what string) {
	f.notAtomic(at, p, what)
	if spin := p.spinning(); spin != nil {
		f.c.warnf("lock", at, "unlock "+spin.mutex.Name+" before", "`%s` sleeps while spinlock %s is held%s", what, spin.mutex.Name, p.when())
	}
}

// sleeps warns of a mutex that is taken under a spinlock.
func (f *flow) sleeps(s *lang.Lock, p *path, m *Object) {
	spin := p.spinning()
	if spin != nil && !m.Decl.(*lang.Mutex).Spin {
		f.c.warnf("lock", s, "take "+m.Name+" first", "%s is a mutex and may sleep, while spinlock %s is held%s", m.Name, spin.mutex.Name, p.when())
	}
}

// notAtomic reports what an atomic block cannot do.
func (f *flow) notAtomic(at lang.Node, p *path, what string) {
	if p.atomic {
		f.c.errorf("flow", at, "take it out of the atomic block", "`%s` cannot be a part of one step", what)
	}
}

// atomic follows a block that is one step.
func (f *flow) atomic(s *lang.Atomic, in []*path) paths {
	if in[0].atomic {
		return f.block(s.Body, in)
	}
	entered := make([]*path, len(in))
	for i, p := range in {
		q := p.clone()
		q.atomic = true
		entered[i] = q
	}
	out := f.block(s.Body, entered)
	for i := range out.next {
		out.next[i] = out.next[i].leaveAtomic()
	}
	for i := range out.ends {
		out.ends[i].path = out.ends[i].path.leaveAtomic()
	}
	out.next = f.join(out.next)
	return out
}

// logs reports a second line in one step.
func (f *flow) logs(s *lang.Log, p *path) *path {
	if !p.atomic {
		return p
	}
	if p.logged {
		f.c.errorf("flow", s, "take one of them out of the atomic block", "one step can log one line only, this is its second%s", p.when())
	}
	q := p.clone()
	q.logged = true
	return q
}

// spawns reports a second activation that one step starts.
func (f *flow) spawns(s *lang.Spawn, p *path) *path {
	if !p.atomic {
		return p
	}
	if p.spawned {
		f.c.errorf("flow", s, "take one of them out of the atomic block", "one step can spawn one activation only, this is its second%s", p.when())
	}
	q := p.clone()
	q.spawned = true
	return q
}

// queues reports an item that one step queues twice.
func (f *flow) queues(s *lang.Queue, p *path) *path {
	if !p.atomic {
		return p
	}
	w := f.c.info.Uses[s.Work]
	if slices.Contains(p.queued, w) {
		f.c.errorf("flow", s, "take one of them out of the atomic block", "one step can queue %s only once%s", w.Name, p.when())
		return p
	}
	q := p.clone()
	q.queued = append(slices.Clone(p.queued), w)
	return q
}

// keeps reports a process that ends with a mutex held.
func (f *flow) keeps(p *Process, e end, h hold) {
	at := diag.Span{Start: p.Decl.Body.End(), End: p.Decl.Body.End()}
	if at.Start.Col > 1 { // the closing brace
		at.Start.Col--
		at.Start.Offset--
	}
	if e.at != nil {
		at = span(e.at)
	}
	f.c.errors++
	d := f.c.list.Errorf(at, "lock", "%s can end here with %s held", p.Name, h.mutex.Name)
	d.Hint = hintWhen("unlock "+h.mutex.Name+" before", e.path)
	d.Related = []diag.Related{{Span: span(h.at), Message: "it is locked here"}}
}

// report adds an error about a mutex on one path.
func (f *flow) report(at lang.Node, p *path, other lang.Node, why, format string, args ...any) {
	f.c.errors++
	d := f.c.list.Errorf(span(at), "lock", format, args...)
	d.Hint = hintWhen("", p)
	if other != nil {
		d.Related = append(d.Related, diag.Related{Span: span(other), Message: why})
	}
	d.Related = append(d.Related, diag.Related{Span: span(f.root.Decl.Name), Message: "on a path from " + f.root.Name})
}

func hintWhen(hint string, p *path) string {
	when := p.when()
	switch {
	case when == "":
		return hint
	case hint == "":
		return "the path is taken" + when
	}
	return hint + "; the path is taken" + when
}

// wrote notes the mutexes that are held at a write.
func (f *flow) wrote(v *Object, p *path) {
	held := map[*Object]bool{}
	before, written := f.writes[v]
	for _, h := range p.held {
		if !written || before[h.mutex] {
			held[h.mutex] = true
		}
	}
	f.writes[v] = held
}

// protected records the variables that only one mutex guards.
func (f *flow) protected() {
	for v, mutexes := range f.writes {
		if len(mutexes) != 1 {
			continue
		}
		for m := range mutexes {
			f.c.info.Protected[v] = m
		}
	}
}
