package modelcheck

import (
	"fmt"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// Places of activations in the variable pc of a behaviour that are no program points.
const (
	placeIdle = "idle" // no activation, or none yet
	placeDone = "done" // it has ended and does not come again
)

// ITF gives the behaviour as JSON in the Informal Trace Format.
func (t *Trace) ITF() ([]byte, error) {
	b, err := t.Behaviour()
	if err != nil {
		return nil, err
	}
	return b.Marshal()
}

// Behaviour gives the behaviour state by state. The variables are those of the spec; mutexes, wakeup sources
// and work items by their names, and pc (machine.PlacesName): where the activation of every slot is, as function:line or function:line:column. Slots have
// the names of machine.Instance, of the scenario's if it is a run of one. The last action of a state stands in
// its #meta.
func (t *Trace) Behaviour() (*itf.Trace, error) {
	seats, err := t.seats()
	if err != nil {
		return nil, err
	}
	b := &itf.Trace{Meta: t.meta(), Loop: t.Loop}
	for _, g := range t.m.Globals {
		b.Vars = append(b.Vars, itfName(t.m, g))
	}
	b.Vars = append(b.Vars, t.m.PlacesName())
	b.States = append(b.States, t.itfState(0, t.Initial, "", seats))
	d := &drawing{t: t}
	for i, st := range t.Steps {
		seats.take(st)
		b.States = append(b.States, t.itfState(i+1, st.After, t.Threads[st.Thread]+": "+d.text(st), seats))
	}
	return b, nil
}

func (t *Trace) meta() map[string]any {
	meta := map[string]any{
		"format": "ITF", "source": t.Module, "kernel": t.Kernel, "property": t.Property,
		"description": "a behaviour found by rprocspec check",
	}
	if t.scenario != nil {
		meta["scenario"] = t.scenario.Name.Name
	}
	return meta
}

// seating tells where the activations of the slots of an instance stand in the states of a behaviour, which need
// not be states of this instance.
type seating struct {
	in     *machine.Instance
	names  []string
	off    []int // of the frame, by slot; −1 if nothing has been there
	places map[*machine.Node]string
}

// exactPlaces names the program points: function and line, and column where several stand on a line.
func exactPlaces(m *machine.Machine) map[*machine.Node]string {
	columns := map[string]int{}
	several := map[string]bool{}
	for _, n := range m.Nodes[1:] {
		if n.Kind == machine.Choice || n.Kind.IsStep() {
			col, ok := columns[place(n)]
			several[place(n)] = several[place(n)] || ok && col != n.Span.Start.Col
			columns[place(n)] = n.Span.Start.Col
		}
	}
	places := map[*machine.Node]string{}
	for _, n := range m.Nodes[1:] {
		places[n] = place(n)
		if several[place(n)] {
			places[n] = fmt.Sprintf("%s:%d", place(n), n.Span.Start.Col)
		}
	}
	return places
}

// seats begins with nobody at a program point.
func (t *Trace) seats() (*seating, error) {
	in := t.in
	if t.scenario != nil {
		var err error
		if in, err = t.m.InstanceOf(t.Kernel, t.m.ScenarioSpawns(t.scenario), t.scenario.Starts); err != nil {
			return nil, err
		}
	}
	s := &seating{in: in, names: in.Names(), places: exactPlaces(in.Machine)}
	for range in.Slots {
		s.off = append(s.off, -1)
	}
	return s, nil
}

// take notes whose step is taken. What a run of a scenario spawns stands behind all other frames.
func (s *seating) take(st *Step) {
	s.off[st.Slot] = st.off
	if st.Edge == nil || st.Edge.Node.Kind != machine.Spawn {
		return
	}
	to := s.in.Spawned(st.Slot, st.Edge.Node)
	s.off[to] = s.in.Slots[to].Off
	if len(st.After) > len(st.Before) {
		s.off[to] = len(st.Before)
	}
}

// place tells where the activation of a slot is in s.
func (s *seating) place(slot int, state State) string {
	off := s.off[slot]
	switch {
	case off >= 0 && state[off+machine.FramePC] > 0:
		return s.places[settled(s.in.Machine, state, off)]
	case off >= 0 && s.in.Slots[slot].Kind == machine.OnceSlot:
		return placeDone
	}
	return placeIdle
}

// settled gives the node at which the activation at off stops, be it a step or a free choice.
func settled(m *machine.Machine, s State, off int) *machine.Node {
	rest := append(State(nil), s...)
	(&space{m: m}).settle(rest, off)
	return m.Nodes[rest[off+machine.FramePC]]
}

func (t *Trace) itfState(i int, s State, action string, seats *seating) itf.State {
	out := itf.State{Meta: map[string]any{"index": i}, Values: map[string]itf.Value{}}
	if action != "" {
		out.Meta["action"] = action
	}
	for _, g := range t.m.Globals {
		out.Values[itfName(t.m, g)] = ITFValue(t.m, g, s[g.Index])
	}
	pc := itf.Map{}
	for slot, name := range seats.names {
		pc = append(pc, [2]itf.Value{itf.String(name), itf.String(seats.place(slot, s))})
	}
	out.Values[t.m.PlacesName()] = pc
	return out
}

// itfName names a variable. A flag that is counted to see whether calls come in pairs is another one.
func itfName(m *machine.Machine, g *machine.Global) string {
	if w, ok := g.Object.Decl.(*lang.Wakeup); ok && !w.Counted && m.Counted(g) {
		return g.Name() + ".calls"
	}
	return g.Name()
}

// ITFValue gives the value of a global as behaviours have it.
func ITFValue(m *machine.Machine, g *machine.Global, v machine.Val) itf.Value {
	switch {
	case isNumber(m, g):
		return itf.Integer(int(v))
	case g.Kind > machine.VarGlobal || g.Object.Type.Kind == check.BoolType:
		return itf.Bool(v != 0)
	}
	return itf.String(machine.ValueText(g.Object.Type, v))
}

// isNumber tells whether the values of a global are numbers.
func isNumber(m *machine.Machine, g *machine.Global) bool {
	return m.Counted(g) || g.Kind <= machine.VarGlobal && g.Object.Type.Kind == check.IntType
}

// slotsOfLines gives the slot of the scenario's instance that each line runs in.
func slotsOfLines(m *machine.Machine, sc *lang.Scenario) []int {
	spawns := m.ScenarioSpawns(sc)
	first, n := map[*machine.Proc]int{}, 0
	for _, s := range spawns {
		first[s.Proc] = n
		n += s.Count
	}
	var slots []int
	last := map[string]int{}
	for _, l := range sc.Lines {
		slot := last[l.Thread.Name]
		if l.Process != nil {
			p := m.Proc(l.Process.Name)
			if slot = n + p.Work; p.Work < 0 {
				slot = first[p]
				first[p]++
			}
		}
		last[l.Thread.Name] = slot
		slots = append(slots, slot)
	}
	return slots
}
