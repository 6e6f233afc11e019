package tla

import "github.com/rprocspec/rprocspec/lang/machine"

// helper is an operator that actions use, with the group that it changes.
type helper struct {
	name, params string
	about        string
	body         func(w *writer) []expr
	changes      string // the group, "" for none
	pure         bool   // it is no action
}

func texts(ss ...string) func(*writer) []expr {
	return func(*writer) []expr {
		var all []expr
		for _, s := range ss {
			all = append(all, raw{s, compareLevel})
		}
		return all
	}
}

// helperList are the helpers, in the order of the module.
var helperList = []helper{
	{name: "At", params: "self, a", about: "An activation stands before a statement; it is live between its beginning and its end.", body: texts("pc[self] = a"), pure: true},
	{name: "Live", params: "self", body: texts(`pc[self] \notin {"idle", "done"}`), pure: true},
	{name: "Held", params: "m", about: "Locks, wakeup sources and work items.", body: texts(`m \in held`), pure: true},
	{name: "Active", params: "w", body: texts(`w \in active`), pure: true},
	{name: "Pending", params: "w", body: texts(`w \in pending`), pure: true},
	{name: "Goto", params: "self, to", about: "It goes on to another statement; its parameters and locals stay, or become f.", body: func(w *writer) []expr {
		items := []expr{raw{"pc' = [pc EXCEPT ![self] = to]", compareLevel}}
		if w.registers {
			items = append(items, raw{"UNCHANGED frame", minusLevel})
		}
		return items
	}, pure: true},
	{name: "GotoWith", params: "self, to, f", body: texts("pc' = [pc EXCEPT ![self] = to]", "frame' = [frame EXCEPT ![self] = f]"), pure: true},
	{name: "NoEffect", about: "A step that nobody else sees.", body: texts()},
	{name: "Lock", params: "m", about: "lock, unlock.", body: texts(`m \notin held`, `held' = held \cup {m}`), changes: "held"},
	{name: "Unlock", params: "m", body: texts(`held' = held \ {m}`), changes: "held"},
	{name: "StayAwake", params: "w", about: "stay_awake, relax. The source is a flag.", body: func(w *writer) []expr {
		if w.conditional(false) {
			return texts(`active' = active \cup ({w} \cap Sources)`)(w)
		}
		return texts(`active' = active \cup {w}`)(w)
	}, changes: "active"},
	{name: "Relax", params: "w", body: texts(`active' = active \ {w}`), changes: "active"},
	{name: "StayAwakeCounted", params: "w", about: "stay_awake, relax. The source is a count.", body: func(w *writer) []expr {
		if w.conditional(true) {
			return texts(`holds' = [holds EXCEPT ![w] = IF w \in Sources THEN @ + 1 ELSE @]`)(w)
		}
		return texts(`holds' = [holds EXCEPT ![w] = @ + 1]`)(w)
	}, changes: "holds"},
	{name: "RelaxCounted", params: "w", body: texts(`holds' = [holds EXCEPT ![w] = IF @ > 0 THEN @ - 1 ELSE 0]`), changes: "holds"},
	{name: "Queue", params: "w", about: "queue; cancel, or what a worker does when it takes an item.", body: texts(`pending' = pending \cup {w}`), changes: "pending"},
	{name: "Cancel", params: "w", body: texts(`pending' = pending \ {w}`), changes: "pending"},
}

// helperOperators writes the helpers that are used.
func (w *writer) helperOperators() {
	w.heading("what statements do")
	w.sources()
	for _, h := range helperList {
		if !w.helpers[h.name] {
			continue
		}
		if h.about != "" {
			w.line("")
			w.line(`\* ` + h.about)
		}
		w.helper(h)
	}
	w.destroySources()
	w.setterOperators()
}

func (w *writer) helper(h helper) {
	head := h.name
	if h.params != "" {
		head += "(" + h.params + ")"
	}
	items := h.body(w)
	if !h.pure {
		if rest := w.others(h.changes); rest != expr(truth) {
			items = append(items, rest)
		}
	}
	w.defineShort(head, all(items...))
}

// defineShort writes an operator in one line where that is possible.
func (w *writer) defineShort(head string, body expr) {
	if one := head + " == " + body.flat(); len(one) <= width {
		w.line(one)
		return
	}
	w.define(head, body)
}

// sources defines which wakeup sources there are, if that hangs on anything.
func (w *writer) sources() {
	if !w.conditional(false) && !w.conditional(true) {
		return
	}
	var parts []expr
	for _, s := range w.m.Wakeups {
		one := expr(set(text(s.Object.Name)))
		if s.If != nil {
			one = choice{w.term(s.If.Term, nil), one, set()}
		}
		parts = append(parts, one)
	}
	w.line(`\* The wakeup sources that there are: nothing done to another has an effect.`)
	all := unions(parts)
	if w.m.Ended >= 0 {
		all = choice{atom("ended"), set(), all}
	}
	w.define("Sources", all)
}

// conditional tells whether some wakeup source, counted or not, is not always there.
func (w *writer) conditional(counted bool) bool {
	for _, s := range w.m.Wakeups {
		if (s.If != nil || w.m.Ended >= 0) && s.Counted == counted {
			return true
		}
	}
	return false
}

// destroySources defines what ends with the subject.
func (w *writer) destroySources() {
	if !w.helpers["DestroySources"] {
		return
	}
	var items []expr
	var groups []string
	if len(w.primitives("active")) > 0 {
		items, groups = append(items, raw{"active' = {}", compareLevel}), append(groups, "active")
	}
	if len(w.primitives("holds")) > 0 {
		items = append(items, raw{"holds' = [w \\in DOMAIN holds |-> 0]", compareLevel})
		groups = append(groups, "holds")
	}
	if len(w.primitives("ended")) > 0 {
		items, groups = append(items, raw{"ended' = TRUE", compareLevel}), append(groups, "ended")
	}
	if rest := w.others(groups...); rest != expr(truth) {
		items = append(items, rest)
	}
	w.line("")
	w.line(`\* What the subject's end does.`)
	w.defineShort("DestroySources", all(items...))
}

// setterOperators defines the assignments to one variable.
func (w *writer) setterOperators() {
	if len(w.setters) == 0 {
		return
	}
	w.line("")
	w.line(`\* Assignments to one variable.`)
	fields := w.groups()
	for _, g := range w.m.Vars {
		name := w.setters[g.Index]
		if name == "" || g.Kind != machine.VarGlobal {
			continue
		}
		items := []expr{raw{w.globals[g.Index] + "' = v", compareLevel}}
		var same []expr
		for _, group := range fields {
			switch {
			case group.name != w.fieldsName():
				same = append(same, atom(group.name))
			default:
				for _, v := range group.vars {
					if v != w.globals[g.Index] {
						same = append(same, atom(v))
					}
				}
			}
		}
		if len(same) > 0 {
			items = append(items, unchanged(same))
		}
		w.defineShort(name+"(v)", all(items...))
	}
}
