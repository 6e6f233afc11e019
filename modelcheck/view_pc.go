package modelcheck

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// seen is a slot of whose activation the file shows the place.
type seen struct {
	slot int
	name string
}

// spot is a place of an activation. The words for no activation stand for themselves.
type spot struct {
	word  string
	nodes []*machine.Node // where it may stop; none: there is no activation
}

// places finds out which slots a variable pc speaks of. One in other words than the spec's is ignored.
func (v *view) places(b *itf.Trace, path []string) {
	names := v.in.Names()
	slots := map[string]int{}
	for i, n := range names {
		slots[n] = i
	}
	why := ""
	for i := range b.States {
		x, _ := at(b.States[i].Values, path)
		pc, ok := function(x)
		if !ok {
			why = "it is not a place for every activation"
		}
		for key, p := range pc {
			word, nodes, known := v.spot(p)
			_, isSlot := slots[slotName(key)]
			switch {
			case !known:
				why = fmt.Sprintf("%s is no program point of %s", text(p), v.in.Info.Name)
			case !isSlot && len(nodes) > 0:
				why = fmt.Sprintf("%s, which is at %s, is no activation of what is followed", key, word)
			}
		}
	}
	if why != "" {
		v.ignored = append(v.ignored, strings.Join(path, ".")+": "+why)
		return
	}
	v.pc = path
	first, _ := at(b.States[0].Values, path)
	pc, _ := function(first)
	for key := range pc {
		if i, ok := slots[slotName(key)]; ok {
			v.slots = append(v.slots, seen{i, key})
		}
	}
	slices.SortFunc(v.slots, func(a, b seen) int { return a.slot - b.slot })
}

// slotName is what machine.Instance calls a slot that TLA+ may call P#1.
func slotName(key string) string { return strings.ReplaceAll(key, "#", "_") }

// spot reads a place: a word for no activation, a function with a line, or a name that FollowOptions.Places knows.
func (v *view) spot(x itf.Value) (word string, nodes []*machine.Node, known bool) {
	word, ok := variant(x)
	if s, isString := x.(itf.String); isString {
		word, ok = string(s), true
	}
	switch {
	case !ok:
		return "", nil, false
	case word == "" || word == placeIdle || word == placeDone:
		return word, nil, true
	}
	if parts := strings.Split(word, ":"); len(parts) > 1 {
		nodes = v.standing(parts)
	} else if v.opt.Places != nil {
		nodes = v.opt.Places(word)
	}
	return word, nodes, len(nodes) > 0
}

// standing gives the nodes at function:line, or at function:line:column.
func (v *view) standing(parts []string) []*machine.Node {
	var nodes []*machine.Node
	for _, n := range v.in.Nodes[1:] {
		at := n.Span.Start
		if n.Func.Name == parts[0] && strconv.Itoa(at.Line) == parts[1] && (len(parts) == 2 || len(parts) == 3 && strconv.Itoa(at.Col) == parts[2]) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// function takes a function with names for arguments apart.
func function(x itf.Value) (map[string]itf.Value, bool) {
	pc := map[string]itf.Value{}
	switch f := x.(type) {
	case itf.Record:
		maps.Copy(pc, f)
		return pc, true
	case itf.Map:
		for _, p := range f {
			key, ok := p[0].(itf.String)
			if !ok {
				return nil, false
			}
			pc[string(key)] = p[1]
		}
		return pc, true
	}
	return nil, false
}

// observePlaces reads where the activations are in a state of a file.
func (v *view) observePlaces(values map[string]itf.Value) (all []*spot, missing string) {
	if len(v.slots) == 0 {
		return nil, ""
	}
	x, _ := at(values, v.pc)
	pc, _ := function(x)
	for _, k := range v.slots {
		if pc[k.name] == nil {
			return nil, k.name
		}
		word, nodes, _ := v.spot(pc[k.name])
		all = append(all, &spot{word, nodes})
	}
	return all, ""
}

// stands tells whether the activation of a slot is at a place.
func (v *view) stands(p *spot, s State, slot int) bool {
	sl := &v.in.Slots[slot]
	switch pc := s[sl.Off+machine.FramePC]; {
	case pc > 0:
		return slices.Contains(p.nodes, v.in.Nodes[pc])
	case len(p.nodes) > 0:
		return false
	case p.word == placeIdle:
		return pc == 0
	case p.word == placeDone && sl.Kind == machine.OnceSlot:
		return pc == done
	}
	return true
}
