package tla

import (
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// property is a property under its name in the module.
type property struct {
	name      string
	title     string // as `expect` and the checker name it
	warning   bool
	invariant bool // else it is a PROPERTY of TLC
	doc       string
	guarded   string // what configurations check instead, "" for the property itself
	define    func(p *property)
}

// nameProperties lists what the checker judges, in its order.
func (w *writer) nameProperties() {
	add := func(p property, define func(*property)) {
		p.define = define
		p.name = w.names.take(p.name)
		w.props = append(w.props, &p)
	}
	for _, d := range w.m.Props {
		p := property{name: d.Decl.Name.Name, title: d.Decl.Name.Name, warning: d.Decl.Warning, doc: d.Decl.Doc}
		switch d.Decl.Kind {
		case lang.Invariant:
			p.invariant = true
			add(p, func(p *property) { w.define(p.name, w.term(d.Cond.Term, nil)) })
		case lang.Temporal:
			add(p, func(p *property) { w.define(p.name, w.temporal(d.Decl.Expr)) })
		}
	}
	for _, b := range w.m.Balances {
		name := w.m.Wakeups[b.Wakeup].Object.Name
		add(property{name: "balance_" + name, title: "balance " + name, warning: b.Decl.Warning, invariant: true, doc: b.Decl.Doc},
			func(p *property) { w.balance(p, b) })
		add(property{name: "premature_" + name, title: "premature " + name, warning: true, invariant: true},
			func(p *property) { w.premature(p, b) })
	}
	for _, t := range w.m.Trans {
		w.nameTransitions(t, add)
	}
	add(property{name: "no_deadlock", title: "deadlock", invariant: true}, w.deadlock)
	add(property{name: "in_bounds", title: "bounds", invariant: true}, w.bounds)
}

func (w *writer) nameTransitions(t *machine.Transitions, add func(property, func(*property))) {
	name := t.Object.Name
	plain, warned := w.names.take("edges_"+name), ""
	edges := w.m.Info.Transitions[t.Object]
	if slices.ContainsFunc(edges, func(e *lang.Edge) bool { return e.Warning }) {
		warned = w.names.take("warned_edges_" + name)
	}
	v := atom(w.globals[t.Global])
	add(property{name: "transitions_" + name, title: "transitions " + name}, func(p *property) {
		w.edges(plain, t, false)
		allowed := expr(atom(plain))
		if warned != "" {
			w.edges(warned, t, true)
			allowed = some(allowed, atom(warned))
		}
		w.line("")
		w.define(p.name, raw{"[][" + allowed.flat() + "]_" + v.flat(), atomLevel})
	})
	if warned != "" {
		add(property{name: "no_warning_" + name, title: "transitions " + name, warning: true}, func(p *property) {
			w.define(p.name, raw{"[][" + some(atom(plain), not(atom(warned))).flat() + "]_" + v.flat(), atomLevel})
		})
	}
}

// edges defines the action that the edges of one kind allow.
func (w *writer) edges(name string, t *machine.Transitions, warning bool) {
	if warning {
		w.line("")
		w.line(`\* What it may do, and is reported for.`)
	} else {
		w.remark("", w.transitionsDoc(t))
	}
	v := w.globals[t.Global]
	var items []expr
	for _, e := range w.m.Info.Transitions[t.Object] {
		if e.Warning != warning {
			continue
		}
		var cond expr = truth
		if e.If != nil {
			cond = w.term(w.m.Predicate(e.If).Term, nil)
		}
		items = append(items, all(w.oneOf(v, e.From), w.oneOf(v+"'", e.To), cond))
		if e.Both {
			items = append(items, all(w.oneOf(v, e.To), w.oneOf(v+"'", e.From), cond))
		}
	}
	w.define(name, some(items...))
}

func (w *writer) transitionsDoc(t *machine.Transitions) string {
	doc := ""
	for _, m := range w.m.Info.Chain {
		for _, d := range m.Decls {
			if x, ok := d.(*lang.Transitions); ok && w.m.Info.Uses[x.Var] == t.Object && (x.Doc != "" || !x.Extends) {
				doc = x.Doc
			}
		}
	}
	if doc == "" {
		doc = "What " + t.Object.Name + " is meant to do."
	}
	return doc
}

// oneOf says that v is one of the members; none stand for any.
func (w *writer) oneOf(v string, ids []*lang.Ident) expr {
	var items []expr
	for _, id := range ids {
		items = append(items, text(w.m.Info.Uses[id].Name))
	}
	switch len(items) {
	case 0:
		return truth
	case 1:
		return compare(atom(v), "=", items[0])
	}
	return compare(atom(v), `\in`, set(items...))
}

// temporal writes a formula in a form that TLC takes: the checker refuses others.
func (w *writer) temporal(e lang.Expr) expr {
	e = lang.Unparen(e)
	if !lang.IsTemporal(e) {
		return w.term(w.m.Predicate(e).Term, nil)
	}
	switch x := e.(type) {
	case *lang.Unary:
		in := lang.Unparen(x.X)
		if y, ok := in.(*lang.Unary); ok && y.Op == x.Op && x.Op != "!" {
			return w.temporal(y) // [] [] p is [] p
		}
		if y, ok := in.(*lang.Binary); ok && x.Op == "[]" && y.Op == "~>" {
			return w.temporal(y) // as is [] (p ~> q)
		}
		return prefixed(x.Op, w.temporal(in))
	case *lang.Binary:
		a, b := w.temporal(x.X), w.temporal(x.Y)
		switch x.Op {
		case "&&":
			return all(a, b)
		case "~>":
			return operation{"~>", leadsLevel, a, b}
		}
		return implies(a, b)
	}
	return truth
}

// prefixed puts a temporal operator before a formula.
func prefixed(op string, e expr) expr {
	o, isOp := e.(operation)
	if isOp && o.a == nil || e.level() == atomLevel {
		return raw{op + e.flat(), atomLevel}
	}
	return list{op + "(", ")", []expr{e}}
}

// balance says that somebody is responsible for an active source.
func (w *writer) balance(p *property, b *machine.Balance) {
	source := w.m.Wakeups[b.Wakeup]
	owes := w.names.take("answers_for_" + source.Object.Name)
	w.line(`\* Whether an activation is on its way to relax ` + source.Object.Name + `, or to queue work that answers for it.`)
	w.define(owes+"(self)", w.responsible(b))
	w.line("")
	w.remark("", p.doc)
	var unless expr = falsity
	if b.Unless != nil {
		unless = w.term(b.Unless.Term, nil)
	}
	g := w.m.Globals[source.Global]
	if source.Counted {
		w.helpers["Cardinality"] = true
		count := operation{"+", sumLevel, call("Cardinality", w.pendingOf(b)), call("Cardinality", raw{`{self \in Activations : ` + owes + `(self)}`, atomLevel})}
		w.define(p.name, some(unless, compare(w.global(g, false), "<=", count)))
		return
	}
	items := []expr{unless}
	for _, i := range b.Works {
		items = append(items, w.use("Pending", text(w.m.Info.Works[i].Name)))
	}
	items = append(items, bound{`\E self \in Activations :`, call(owes, atom("self"))})
	w.define(p.name, implies(w.global(g, true), some(items...)))
}

// pendingOf is the set of the pending items that answer for a source.
func (w *writer) pendingOf(b *machine.Balance) expr {
	var items []expr
	for _, i := range b.Works {
		items = append(items, text(w.m.Info.Works[i].Name))
	}
	if len(items) == 0 {
		return set()
	}
	return operation{`\cap`, setLevel, atom("pending"), set(items...)}
}

// responsible lists the places from which a source is still let go or handed over, by the constants that this
// hangs on.
func (w *writer) responsible(b *machine.Balance) expr {
	byCond := map[string][]expr{}
	conds := map[string]expr{}
	var order []string
	for _, p := range w.procList {
		if !slices.Contains(b.Procs, p.Proc) {
			continue
		}
		r := &reach{m: w.m.Machine, b: b, memo: map[*machine.Node]*machine.Term{}}
		for _, pt := range p.Points {
			e := w.term(r.from(pt.Node), nil)
			if e == expr(falsity) {
				continue
			}
			key := e.flat()
			if byCond[key] == nil {
				order, conds[key] = append(order, key), e
			}
			byCond[key] = append(byCond[key], text(w.labels[pt]))
		}
	}
	var items []expr
	for _, key := range order {
		places := byCond[key]
		at := expr(compare(atom("pc[self]"), `\in`, set(places...)))
		if len(places) == 1 {
			at = compare(atom("pc[self]"), "=", places[0])
		}
		items = append(items, all(conds[key], at))
	}
	return some(items...)
}

// premature says that no item waits that answers for a source which is there and inactive.
func (w *writer) premature(p *property, b *machine.Balance) {
	source := w.m.Wakeups[b.Wakeup]
	w.line(`\* No work that answers for ` + source.Object.Name + ` waits while it is inactive.`)
	var waits []expr
	for _, i := range b.Works {
		waits = append(waits, w.use("Pending", text(w.m.Info.Works[i].Name)))
	}
	exists := expr(truth)
	if source.If != nil {
		exists = w.term(source.If.Term, nil)
	}
	if w.m.Ended >= 0 {
		exists = all(exists, not(atom("ended")))
	}
	w.define(p.name, implies(all(exists, some(waits...)), w.global(w.m.Globals[source.Global], true)))
}

// deadlock says that whoever is live, somebody can go on.
func (w *writer) deadlock(p *property) {
	waits := w.waits()
	goes := []expr{}
	w.use("Live")
	if waits != expr(falsity) {
		w.line(`\* Whether an activation waits for others.`)
		w.define("Waits(self)", waits)
		w.line("")
		goes = append(goes, bound{`\E self \in Activations :`, all(call("Live", atom("self")), not(call("Waits", atom("self"))))})
	} else {
		goes = append(goes, truth)
	}
	for _, q := range w.procList {
		if w.has(q, machine.WorkerSlot) {
			item := text(w.worker(q))
			goes = append(goes, all(w.use("Pending", item), not(call("Live", item))))
		}
	}
	w.line(`\* As long as an activation is live, something goes on without the environment.`)
	some := some(goes...)
	if some == expr(truth) {
		w.define(p.name, truth)
		return
	}
	for i, g := range goes {
		if b, ok := g.(bound); ok {
			goes[i] = raw{"(" + b.flat() + ")", atomLevel}
		}
	}
	w.define(p.name, implies(raw{`(\E self \in Activations : Live(self))`, atomLevel}, junct(`\/`, falsity, truth, goes)))
}

// waits lists the places where an activation may not be able to go on, with what it waits for.
func (w *writer) waits() expr {
	byCond := map[string][]expr{}
	conds := map[string]expr{}
	var order []string
	for _, p := range w.procList {
		for _, pt := range p.Points {
			var ways []expr
			for _, st := range pt.Steps {
				way := all(w.guards(st.Guards, w.reading(p))...)
				if st.Node.Kind != machine.Lock && st.Node.Kind != machine.Await && free(st.Edge) {
					way = truth // one of the steps at its node can be taken
				}
				ways = append(ways, way)
			}
			stuck := not(some(ways...))
			if stuck == expr(falsity) {
				continue
			}
			key := stuck.flat()
			if byCond[key] == nil {
				order, conds[key] = append(order, key), stuck
			}
			byCond[key] = append(byCond[key], text(w.labels[pt]))
		}
	}
	var items []expr
	for _, key := range order {
		at := expr(compare(atom("pc[self]"), `\in`, set(byCond[key]...)))
		if len(byCond[key]) == 1 {
			at = compare(atom("pc[self]"), "=", byCond[key][0])
		}
		items = append(items, all(at, conds[key])) // the place first: the condition may read the registers of its process
	}
	return some(items...)
}

// free tells whether nothing is asked on the way to the node of an edge.
func free(e *machine.Edge) bool {
	return !slices.ContainsFunc(e.Pre, func(p machine.Pre) bool { return p.Guard != nil })
}

// bounds says that all values are within their types, and that no activation is spawned beside itself.
func (w *writer) bounds(p *property) {
	items := []expr{atom("TypeOK")}
	for _, q := range w.procList {
		for _, pt := range q.Points {
			for _, st := range pt.Steps {
				if st.Node.Kind != machine.Spawn {
					continue
				}
				at := append([]expr{w.at(st)}, w.guards(st.Guards, w.reading(q))...)
				free := compare(atom("pc["+w.spawns[st.Node]+"[self]]"), "=", text("idle"))
				items = append(items, bound{`\A self \in ` + w.slotsOf(q).flat() + " :", implies(all(at...), free)})
			}
		}
	}
	if len(items) > 1 {
		w.line(`\* Values are within their types, and nothing is spawned beside what it spawned before.`)
	}
	w.define(p.name, all(items...))
}

// reach finds the condition, over features and device constants, under which some path from a node relaxes a source
// or queues work that answers for it: as Machine.Responsible decides it for one choice of them.
type reach struct {
	m    *machine.Machine
	b    *machine.Balance
	memo map[*machine.Node]*machine.Term
}

func (r *reach) from(n *machine.Node) *machine.Term {
	if n == nil {
		return machine.Bool(false)
	}
	if t := r.memo[n]; t != nil {
		return t
	}
	t := r.find(n)
	r.memo[n] = t
	return t
}

func (r *reach) find(n *machine.Node) *machine.Term {
	if r.lets(n) {
		return machine.Bool(true)
	}
	switch n.Kind {
	case machine.Choice:
		t := machine.Bool(false)
		for _, a := range n.Alts {
			t = or(t, r.from(a))
		}
		return t
	case machine.Branch, machine.Test:
		yes, no := r.from(n.Next), r.from(n.Else)
		if yes.Equal(no) {
			return yes
		}
		return or(and(r.side(n.Cond.Then), yes), and(r.side(n.Cond.Else), no))
	}
	return r.from(n.Next)
}

// lets tells whether a node itself relaxes the source or queues work that answers for it.
func (r *reach) lets(n *machine.Node) bool {
	switch n.Kind {
	case machine.Relax:
		return n.Wakeup == r.b.Wakeup
	case machine.Queue:
		return slices.Contains(r.b.Works, n.Work)
	case machine.Atomic:
		for _, p := range n.Paths {
			if slices.ContainsFunc(p, func(e *machine.Edge) bool { return r.lets(e.Node) }) {
				return true
			}
		}
	}
	return false
}

// side is what features and device constants say of one side of a branch.
func (r *reach) side(guards []*machine.Conj) *machine.Term {
	t := machine.Bool(true)
	for _, g := range guards {
		constant := !slices.ContainsFunc(g.Reads, func(l machine.Loc) bool {
			return l.IsReg() || r.m.Globals[l].Kind > machine.DeviceGlobal
		})
		if constant && !living(g.Term) {
			t = and(t, g.Term)
		}
	}
	return t
}

// living tells whether a term asks for activations.
func living(t *machine.Term) bool {
	return t.Op == machine.Living || slices.ContainsFunc(t.Args, living)
}

func and(a, b *machine.Term) *machine.Term {
	switch {
	case a.Op == machine.Constant && a.Val == 1:
		return b
	case a.Op == machine.Constant || b.Op == machine.Constant && b.Val == 1 || a.Equal(b):
		return a
	case b.Op == machine.Constant:
		return b
	}
	return machine.Truth(machine.And, a, b)
}

func or(a, b *machine.Term) *machine.Term {
	switch {
	case a.Op == machine.Constant && a.Val == 0:
		return b
	case a.Op == machine.Constant || b.Op == machine.Constant && b.Val == 0 || a.Equal(b):
		return a
	case b.Op == machine.Constant:
		return b
	case b.Op == machine.And && b.Args[0].Op == machine.Not && b.Args[0].Args[0].Equal(a):
		return or(a, b.Args[1])
	}
	return machine.Truth(machine.Or, a, b)
}

// kernelDocs is the doc comment of the profile that closes the features.
func kernelDoc(info *check.Info, kernel string) string {
	for _, k := range info.Kernels {
		if k.Name == kernel {
			return strings.TrimSpace(k.Doc)
		}
	}
	return ""
}
