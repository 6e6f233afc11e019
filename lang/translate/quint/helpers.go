package quint

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// helpers writes what the actions are made of.
func (w *writer) helpers() {
	w.banner("how actions change it")
	var types, now, become []text
	for _, f := range w.fields() {
		types = append(types, field(f[0], word(f[1])))
		now = append(now, field(f[0], word(f[0])))
		become = append(become, word(f[0]+"' = after."+f[0]))
	}
	w.printf("\n")
	if len(w.locals) > 0 {
		w.localsType()
	}
	w.printf("  type Vars = %s\n\n", fit(record("", types...), 2, 14, 0))
	w.printf("  /// The state as it is.\n")
	w.define("val now: Vars", record("", now...))
	w.printf("\n  /// The next state is this one.\n")
	w.printf("  action become(after: Vars): bool = %s\n", block("all", become).broken(2))
	w.slotNames()
	w.moves()
}

func (w *writer) localsType() {
	var types, rest []text
	for _, l := range w.locals {
		types = append(types, field(l.name, word(w.typeName(l.reg.Type))))
		rest = append(rest, field(l.name, w.valueText(l.reg.Type, l.reg.First)))
	}
	w.printf("  type Locals = %s\n\n", fit(record("", types...), 2, 16, 0))
	w.printf("  /// What parameters and locals are while there is no activation.\n")
	w.define("pure val AT_REST: Locals", record("", rest...))
	w.printf("\n")
}

// slotNames writes the sets of slots.
func (w *writer) slotNames() {
	w.printf("\n")
	w.doc("Slots are places for activations. The environment calls a process once in each of CALLED; in that of a work item " +
		"a worker runs it whenever it is pending.")
	var called, others []string
	for i := range w.m.Slots {
		if w.m.Slots[i].Kind == machine.OnceSlot {
			called = append(called, w.slots[i])
		} else {
			others = append(others, w.slots[i])
		}
	}
	w.define("pure val CALLED: Set[str]", strs(called))
	all := text(word("CALLED"))
	if len(others) > 0 {
		all = chain{word("CALLED.union("), strs(others), word(")")}
	}
	w.define("pure val SLOTS: Set[str]", all)
	if w.partly() {
		w.printf("\n  /// Those in which something is called from the initial states on. The others are of scenarios.\n")
		w.define("pure val EXPLORED: Set[str]", strs(w.exploredNames()))
	}
	if w.spawning() {
		w.children()
	}
}

// children writes which slot a statement that spawns fills.
func (w *writer) children() {
	for _, n := range w.spawns() {
		var pairs []text
		for i := range w.m.Slots {
			if s := &w.m.Slots[i]; s.Kind == machine.SpawnedSlot && s.Node == n {
				pairs = append(pairs, word(fmt.Sprintf("%q -> %q", w.slots[s.Spawner], w.slots[i])))
			}
		}
		w.printf("\n")
		w.doc(fmt.Sprintf("Where an activation goes that %s spawns in line %d, by the slot of who does.", n.Func.Name, n.Span.Start.Line))
		w.define(fmt.Sprintf("pure val %s: str -> str", w.child[n]), call("Map", pairs...))
	}
}

// spawns lists the statements that spawn.
func (w *writer) spawns() []*machine.Node {
	var all []*machine.Node
	for i := range w.m.Slots {
		if s := &w.m.Slots[i]; s.Kind == machine.SpawnedSlot && !slices.Contains(all, s.Node) {
			all = append(all, s.Node)
		}
	}
	return all
}

// moves writes how activations go on.
func (w *writer) moves() {
	w.printf("\n  /// The activation in a slot goes on at another place.\n")
	w.printf("  pure def goes(after: Vars, self: str, where: str): Vars =\n    { ...after, %s: after.%s.set(self, where) }\n", w.pc, w.pc)
	if len(w.locals) > 0 {
		w.printf("\n  /// Its parameters and locals change.\n")
		w.printf("  pure def keeps(after: Vars, self: str, mine: Locals): Vars =\n    { ...after, locals: after.locals.set(self, mine) }\n")
	}
	w.printf("\n  /// It ends.\n  pure def ends(after: Vars, self: str): Vars =\n    ")
	end := fmt.Sprintf("after.goes(self, if (CALLED.contains(self)) %q else %q)", done, idle)
	if len(w.locals) > 0 {
		end += ".keeps(self, AT_REST)"
	}
	w.printf("%s\n", end)
	w.printf("\n  /// Whether there is an activation in a slot.\n")
	w.printf("  def live(self: str): bool = not(Set(%q, %q).contains(%s.get(self)))\n", idle, done, w.pc)
	if w.hasRuns() || w.partly() {
		w.printf("\n  /// Nothing has begun, and of what is called only this ever will.\n")
		w.printf("  pure def idle_but(slots: Set[str]): str -> str =\n    SLOTS.mapBy(s => if (CALLED.exclude(slots).contains(s)) %q else %q)\n", done, idle)
	}
}

// partly tells whether there are slots that only scenarios use.
func (w *writer) partly() bool { return len(w.explored) < w.onceSlots() }

func (w *writer) onceSlots() int {
	n := 0
	for i := range w.m.Slots {
		if w.m.Slots[i].Kind == machine.OnceSlot {
			n++
		}
	}
	return n
}
