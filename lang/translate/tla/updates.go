package tla

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// group is a part of what activations share: the variables of the subject one by one, the primitives of one kind
// together.
type group struct {
	name    string // of the tuple that stands for it, or of its only variable
	vars    []string
	globals []int
}

// groups are the parts that there are, in the order of the module.
func (w *writer) groups() []group {
	chosen, fields := group{name: "chosen"}, group{name: w.fieldsName()}
	for _, g := range w.m.Vars {
		switch {
		case g.Kind <= machine.DeviceGlobal:
			chosen.vars = append(chosen.vars, w.globals[g.Index])
		case g.Kind == machine.VarGlobal:
			fields.vars = append(fields.vars, w.globals[g.Index])
			fields.globals = append(fields.globals, g.Index)
		}
	}
	all := []group{chosen, fields}
	for _, name := range []string{"held", "active", "holds", "pending", "ended"} {
		if gs := w.primitives(name); len(gs) > 0 {
			all = append(all, group{name, []string{name}, gs})
		}
	}
	return slices.DeleteFunc(all, func(g group) bool { return len(g.vars) == 0 })
}

// fieldsName is the tuple of the variables of the subject.
func (w *writer) fieldsName() string {
	if w.fields == "" {
		name := w.m.Info.Subject
		if name == "" {
			name = "subject"
		}
		w.fields = w.names.take(name)
	}
	return w.fields
}

// primitives lists the globals that one variable of the module stands for.
func (w *writer) primitives(name string) []int {
	var gs []int
	for _, g := range w.m.Vars {
		kind := ""
		switch g.Kind {
		case machine.MutexGlobal:
			kind = "held"
		case machine.WakeupGlobal:
			kind = "active"
			if w.m.Counted(g) {
				kind = "holds"
			}
		case machine.PendingGlobal:
			kind = "pending"
		case machine.EndedGlobal:
			kind = "ended"
		}
		if kind == name {
			gs = append(gs, g.Index)
		}
	}
	return gs
}

// others is UNCHANGED of all groups but these, nil if there is none.
func (w *writer) others(but ...string) expr {
	var items []expr
	for _, g := range w.groups() {
		if !slices.Contains(but, g.name) {
			items = append(items, atom(g.name))
		}
	}
	if len(items) == 0 {
		return truth
	}
	return unchanged(items)
}

func unchanged(items []expr) expr {
	if len(items) == 1 {
		return operation{op: "UNCHANGED ", at: minusLevel, b: items[0]}
	}
	return operation{op: "UNCHANGED ", at: minusLevel, b: tuple(items...)}
}

// setter is the helper that changes one variable of the subject and nothing else.
func (w *writer) setter(g int) string {
	if w.setters[g] == "" {
		w.setters[g] = w.names.take("Set_" + w.globals[g])
	}
	return w.setters[g]
}

// updates writes new values of globals, all at once.
func (w *writer) updates(ups []steps.Update, regs scope) []expr {
	switch {
	case len(ups) == 0:
		return []expr{w.use("NoEffect")}
	case len(ups) == 1 && w.m.Globals[ups[0].Loc].Kind == machine.VarGlobal:
		g := int(ups[0].Loc)
		return []expr{call(w.setter(g), w.typed(ups[0].Term, w.m.Globals[g].Object.Type, regs))}
	}
	var items []expr
	var changed []string
	for _, g := range w.groups() {
		if es := w.groupUpdates(g, ups, regs); len(es) > 0 {
			items, changed = append(items, es...), append(changed, g.name)
		}
	}
	if rest := w.others(changed...); rest != expr(truth) {
		items = append(items, rest)
	}
	return items
}

// groupUpdates writes the new values of one group, nothing if none of it changes.
func (w *writer) groupUpdates(g group, ups []steps.Update, regs scope) []expr {
	mine := slices.DeleteFunc(slices.Clone(ups), func(u steps.Update) bool { return !slices.Contains(g.globals, int(u.Loc)) })
	switch {
	case len(mine) == 0:
		return nil
	case w.m.Globals[mine[0].Loc].Kind == machine.VarGlobal:
		return w.assignments(g, mine, regs)
	case g.name == "holds":
		var es []expr
		for _, u := range mine {
			es = append(es, named{`!["` + w.m.Globals[u.Loc].Object.Name + `"] =`, w.term(u.Term, regs)})
		}
		return []expr{compare(atom("holds'"), "=", except("holds", es...))}
	}
	return []expr{compare(atom(g.name+"'"), "=", w.setUpdate(g.name, mine, regs))}
}

func (w *writer) assignments(g group, mine []steps.Update, regs scope) []expr {
	var items, same []expr
	for i, v := range g.vars {
		j := slices.IndexFunc(mine, func(u steps.Update) bool { return int(u.Loc) == g.globals[i] })
		if j < 0 {
			same = append(same, atom(v))
			continue
		}
		items = append(items, compare(atom(v+"'"), "=", w.typed(mine[j].Term, w.m.Globals[g.globals[i]].Object.Type, regs)))
	}
	if len(same) > 0 {
		items = append(items, unchanged(same))
	}
	return items
}

// setUpdate writes a set of names after updates of some of its members.
func (w *writer) setUpdate(name string, ups []steps.Update, regs scope) expr {
	var in, out []expr
	there := false // only what exists can become active
	e := expr(atom(name))
	for _, u := range ups {
		item := text(w.m.Globals[u.Loc].Object.Name)
		switch v := w.term(w.plainly(u), regs); {
		case v == expr(truth) && w.conditional(false) && name == "active":
			in = append(in, item)
			there = true
		case v == expr(truth):
			in = append(in, item)
		case v == expr(falsity):
			out = append(out, item)
		default:
			e = choice{v, union(e, set(item)), without(e, set(item))}
		}
	}
	switch {
	case there:
		e = union(e, operation{`\cap`, setLevel, set(in...), atom("Sources")})
	case len(in) > 0:
		e = union(e, set(in...))
	}
	if len(out) > 0 {
		e = without(e, set(out...))
	}
	return e
}

// plainly is the new value of an update; of a wakeup source, that which it gets if it exists: Sources has the condition,
// and a source that is not there is never active.
func (w *writer) plainly(u steps.Update) *machine.Term {
	t := u.Term
	if t.Op == machine.Conditional && t.Args[0].Op == machine.Active && int(t.Args[0].Loc) == w.m.Ended {
		t = t.Args[2]
	}
	for _, s := range w.m.Wakeups {
		if s.Global == int(u.Loc) && s.If != nil && t.Op == machine.Conditional && t.Args[0].Equal(s.If.Term) {
			return t.Args[1]
		}
	}
	return t
}

func without(a, b expr) expr { return operation{`\`, setLevel, a, b} }

// varsTuple writes them as the subscript of formulas does, by groups.
func (w *writer) varsTuple() expr {
	var items []expr
	for _, g := range w.groups() {
		items = append(items, atom(g.name))
	}
	items = append(items, atom("pc"))
	if w.registers {
		items = append(items, atom("frame"))
	}
	return tuple(items...)
}
