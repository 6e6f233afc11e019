package probes

import (
	"maps"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

// paths follows the bodies of processes, to find what they change without a record.
type paths struct {
	*Plan
	havoc map[*check.Object]bool
	memo  map[*check.Process][]way
}

// way is one way through a body, as far as it matters here.
type way struct {
	sets  string // variables that the function itself changed, in order, each followed by a blank
	shown bool   // a line was printed on the way
	ended ending
}

type ending uint8

const (
	goesOn ending = iota
	returned
	failed
)

func newPaths(p *Plan) *paths {
	w := &paths{Plan: p, havoc: map[*check.Object]bool{}, memo: map[*check.Process][]way{}}
	for _, g := range p.mach.Globals {
		if g.Havoc {
			w.havoc[g.Object] = true
		}
	}
	return w
}

// unseen gives the variables that proc itself changes on some way on which it prints nothing. Variables of
// which no value is kept are left out.
func (p *paths) unseen(proc *check.Process) []string {
	vars := map[string]bool{}
	for _, w := range p.through(proc) {
		if w.shown {
			continue
		}
		for v := range strings.FieldsSeq(w.sets) {
			vars[v] = true
		}
	}
	return slices.Sorted(maps.Keys(vars))
}

// through gives the ways through a function, each once.
func (p *paths) through(proc *check.Process) []way {
	if ws, ok := p.memo[proc]; ok {
		return ws
	}
	ws := p.block([]way{{}}, proc.Decl.Body)
	for i := range ws {
		if ws[i].ended == goesOn {
			ws[i].ended = returned
		}
	}
	p.memo[proc] = unique(ws)
	return p.memo[proc]
}

func (p *paths) block(in []way, b *lang.Block) []way {
	for _, s := range b.Stmts {
		in = p.stmt(in, s)
	}
	return in
}

// stmt leads the ways that go on through one statement.
func (p *paths) stmt(in []way, s lang.Stmt) []way {
	var out, on []way
	for _, w := range in {
		if w.ended == goesOn {
			on = append(on, w)
		} else {
			out = append(out, w)
		}
	}
	if len(on) == 0 || s == nil {
		return in
	}
	return unique(append(out, p.step(on, s)...))
}

func (p *paths) step(in []way, s lang.Stmt) []way {
	switch s := s.(type) {
	case *lang.Block:
		return p.block(in, s)
	case *lang.Atomic:
		return p.block(in, s.Body)
	case *lang.Labeled:
		return p.stmt(in, s.Stmt)
	case *lang.If:
		return append(p.block(slices.Clone(in), s.Then), p.other(in, s.Else)...)
	case *lang.Either:
		var out []way
		for _, b := range s.Branches {
			out = append(out, p.block(slices.Clone(in), b)...)
		}
		return out
	case *lang.Lock:
		if s.Else != nil {
			return append(slices.Clone(in), p.stmt(in, s.Else)...)
		}
	case *lang.Call:
		return p.call(in, s)
	case *lang.Assign:
		return each(in, func(w *way) { p.assign(w, s) })
	case *lang.Log, *lang.Event:
		return each(in, func(w *way) { w.shown = true })
	case *lang.Return:
		return each(in, func(w *way) { w.ended = returned })
	case *lang.Fail:
		return each(in, func(w *way) { w.ended = failed })
	}
	return in
}

// other leads through an else, if there is one.
func (p *paths) other(in []way, s lang.Stmt) []way {
	if s == nil {
		return in
	}
	return p.stmt(in, s)
}

// call goes through the function called. What that changes is its own matter; what it prints shows the
// caller's changes as well.
func (p *paths) call(in []way, s *lang.Call) []way {
	var out []way
	for _, w := range in {
		for _, c := range p.through(p.info.Uses[s.Func].Proc) {
			n := w
			n.shown = n.shown || c.shown
			if c.ended == failed && s.Else != nil {
				out = append(out, p.stmt([]way{n}, s.Else)...)
			} else {
				out = append(out, n)
			}
		}
	}
	return out
}

func (p *paths) assign(w *way, s *lang.Assign) {
	for _, t := range s.Targets {
		o := p.info.Uses[t]
		if o != nil && o.Kind == check.VarObj && !p.havoc[o] && !strings.Contains(" "+w.sets, " "+o.Name+" ") {
			w.sets += o.Name + " "
		}
	}
}

func each(in []way, f func(*way)) []way {
	out := slices.Clone(in)
	for i := range out {
		f(&out[i])
	}
	return out
}

func unique(ws []way) []way {
	seen := map[way]bool{}
	return slices.DeleteFunc(ws, func(w way) bool {
		old := seen[w]
		seen[w] = true
		return old
	})
}
