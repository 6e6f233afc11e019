package modelcheck

import (
	"encoding/json"
	"strconv"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// bigInt is how ITF writes integers.
type bigInt struct {
	Value string `json:"#bigint"`
}

func itfInt(v machine.Val) bigInt { return bigInt{strconv.Itoa(int(v))} }

// itf is a trace in the Informal Trace Format of Apalache and Quint (ADR 015 of Apalache).
type itf struct {
	Meta   map[string]string `json:"#meta"`
	Vars   []string          `json:"vars"`
	Loop   *int              `json:"loop,omitempty"`
	States []map[string]any  `json:"states"`
}

// itfMap is a function of ITF: pairs of argument and value.
type itfMap struct {
	Pairs [][2]any `json:"#map"`
}

// ITF gives the behaviour as JSON in the Informal Trace Format. The variables are those of the spec;
// mutexes, wakeup sources and work items by their names, and pc, the place of every thread. The last
// action of a state stands in its #meta.
func (t *Trace) ITF() ([]byte, error) {
	out := itf{
		Meta: map[string]string{
			"format": "ITF", "source": t.Module, "kernel": t.Kernel, "property": t.Property,
			"description": "a behaviour found by rprocspec check",
		},
	}
	for _, g := range t.m.Globals {
		out.Vars = append(out.Vars, g.Name())
	}
	out.Vars = append(out.Vars, "pc")
	pcs := make([]string, len(t.Threads))
	out.States = append(out.States, t.itfState(0, t.Initial, "", pcs))
	d := &drawing{t: t, source: statements(t.m.Info)}
	for i, st := range t.Steps {
		pcs[st.Thread] = t.placeOf(st)
		out.States = append(out.States, t.itfState(i+1, st.After, t.Threads[st.Thread]+": "+d.text(st), pcs))
	}
	if t.Loop >= 0 {
		loop := t.Loop
		out.Loop = &loop
	}
	return json.Marshal(out)
}

// placeOf gives the program point after a step: function and line, "" when the activation has ended.
func (t *Trace) placeOf(st *Step) string {
	if pc := st.After[st.off]; pc > 0 {
		return place(t.m.Nodes[pc])
	}
	return ""
}

func (t *Trace) itfState(i int, s State, action string, pcs []string) map[string]any {
	meta := map[string]any{"index": i}
	if action != "" {
		meta["action"] = action
	}
	state := map[string]any{"#meta": meta}
	for _, g := range t.m.Globals {
		state[g.Name()] = itfValue(t.m, g, s[g.Index])
	}
	pc := itfMap{Pairs: [][2]any{}}
	for i, p := range pcs {
		pc.Pairs = append(pc.Pairs, [2]any{t.Threads[i], p})
	}
	state["pc"] = pc
	return state
}

func itfValue(m *machine.Machine, g *machine.Global, v machine.Val) any {
	if g.Kind > machine.VarGlobal {
		if m.Counted(g) {
			return itfInt(v)
		}
		return v != 0
	}
	switch g.Object.Type.Kind {
	case check.BoolType:
		return v != 0
	case check.IntType:
		return itfInt(v)
	}
	return machine.ValueText(g.Object.Type, v)
}
