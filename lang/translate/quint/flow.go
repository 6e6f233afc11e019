package quint

import (
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// flow writes where a flow leads; mine gives what becomes of parameters and locals, nil if nothing does.
func (w *writer) flow(p *steps.Process, f *steps.Flow, sc scope, after, self text, mine func([]steps.Update) text) text {
	if where, keeps, ok := w.onlyPlaces(f, sc, mine); ok {
		out := dots{after, []text{call(".goes", self, where)}}
		if keeps != nil {
			out.methods = append(out.methods, call(".keeps", self, keeps))
		}
		return out
	}
	if f.If != nil {
		return choice{sc.cond(f.If), w.flow(p, f.Then, sc, after, self, mine), w.flow(p, f.Else, sc, after, self, mine)}
	}
	return dots{after, []text{call(".ends", self)}}
}

// onlyPlaces gives the place that a flow leads to, if it decides nothing else.
func (w *writer) onlyPlaces(f *steps.Flow, sc scope, mine func([]steps.Update) text) (where, keeps text, ok bool) {
	if f.If == nil {
		if f.To == nil {
			return nil, nil, false
		}
		return str(w.points[f.To]), mine(f.Sets), true
	}
	yes, keepsYes, ok1 := w.onlyPlaces(f.Then, sc, mine)
	no, keepsNo, ok2 := w.onlyPlaces(f.Else, sc, mine)
	if !ok1 || !ok2 || !alike(keepsYes, keepsNo) {
		return nil, nil, false
	}
	if alike(yes, no) {
		return yes, keepsYes, true
	}
	return choice{sc.cond(f.If), yes, no}, keepsYes, true
}

func alike(a, b text) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.flat() == b.flat()
}
