package main

import (
	"context"
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/quint"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// writeQuint writes the module with the runs of its scenarios.
func writeQuint(t *translation) ([]textFile, error) {
	opt := quint.Options{Kernel: t.kernel}
	explored, err := t.machine.Instance(t.kernel)
	if err != nil {
		return nil, err
	}
	for _, sc := range t.info.Scenarios {
		if t.closed() != nil { // too much is open, also for a reader
			opt.Runs = append(opt.Runs, quint.Run{Scenario: sc, Blocked: "None is looked for while features are open: give --kernel."})
			continue
		}
		r, err := quintRun(explored, sc)
		if err != nil {
			return nil, err
		}
		opt.Runs = append(opt.Runs, r)
	}
	name, text, err := quint.Module(t.machine, opt)
	return []textFile{{name + ".qnt", text}}, err
}

// quintRun finds a run of a scenario, one that violates what is expected of it if there is one.
func quintRun(explored *machine.Instance, sc *lang.Scenario) (quint.Run, error) {
	res, err := likeExplored(explored, sc)
	if err != nil {
		return quint.Run{}, err
	}
	r := quint.Run{Scenario: sc, Blocked: res.Blocked}
	shown, _ := res.Shown()
	if shown == nil {
		return r, nil
	}
	for _, o := range res.Outcomes {
		if o.Decl.Name != nil && (o.Trace == nil || o.Trace == shown) {
			r.Claims = append(r.Claims, quint.Claim{Outcome: o.Decl, Violated: o.Trace != nil})
		}
	}
	m := explored.Machine
	if r.Instance, err = m.InstanceOf(explored.Kernel, m.ScenarioSpawns(sc), sc.Starts); err != nil {
		return r, err
	}
	b, err := shown.Behaviour()
	if err != nil {
		return r, err
	}
	f, err := modelcheck.Follow(context.Background(), r.Instance, b, modelcheck.FollowOptions{Run: true})
	if err != nil {
		return r, err
	}
	if f.Run == nil {
		r.Blocked = "What its script leads to leaves the bounds of a type."
		return r, nil
	}
	r.States = append(r.States, f.Run.Initial)
	for _, st := range f.Run.Steps {
		r.States = append(r.States, st.After)
		r.Moves = append(r.Moves, quintMove(r.Instance, st))
	}
	return r, nil
}

// likeExplored runs a scenario from states that have the constants of explore, if that gives the same answers.
func likeExplored(explored *machine.Instance, sc *lang.Scenario) (*modelcheck.ScenarioResult, error) {
	m := explored.Machine
	res, err := modelcheck.RunScenario(m, explored.Kernel, sc)
	if err != nil {
		return nil, err
	}
	same, err := modelcheck.RunScenarioFrom(m, explored.Kernel, sc, func(s machine.State) bool {
		return !slices.ContainsFunc(m.Globals, func(g *machine.Global) bool {
			return g.Kind <= machine.DeviceGlobal && constant(explored.Inits, g.Index) && explored.Inits[0][g.Index] != s[g.Index]
		})
	})
	if err != nil || same.Possible != res.Possible {
		return res, err
	}
	for i, o := range same.Outcomes {
		if o.Verdict != res.Outcomes[i].Verdict {
			return res, nil
		}
	}
	return same, nil
}

// constant tells whether all states agree in a place; none do so in nothing.
func constant(states []machine.State, i int) bool {
	return len(states) > 0 && !slices.ContainsFunc(states, func(s machine.State) bool { return s[i] != states[0][i] })
}

// quintMove takes a step of the instance apart. Parameters are read where the step has put them.
func quintMove(in *machine.Instance, st *modelcheck.Step) quint.Move {
	mv := quint.Move{Slot: st.Slot, Edge: st.Edge}
	at := st.Slot
	if st.Edge != nil && st.Edge.Node.Kind == machine.Spawn {
		at = in.Spawned(st.Slot, st.Edge.Node)
	}
	slot := &in.Slots[at]
	for _, r := range slot.Proc.Params {
		mv.Args = append(mv.Args, st.After[slot.Off+machine.FrameRegs+r])
	}
	return mv
}
