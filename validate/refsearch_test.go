package validate_test

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/traces"
)

// search keeps the plain set of worlds that explain the records of one processor so far.
type search struct {
	*model
	start0  start
	repairs bool        // assume unseen processes and missed probes where nothing else explains a record
	depth   map[int]int // of contexts
	cpu     map[int]int
	seen    map[int]bool
	points  []point
	facts   map[*check.Process]*refFacts
}

// start is what is known of the beginning of a capture.
type start int

const (
	wholesome start = iota // nothing at work, nothing wrong
	calm                   // nothing at work
	nothing                // anything may be anywhere
)

// answer is what the reference says of a capture.
type answer struct {
	ok   bool
	over bool // the budget was used up
	line int  // the record that nothing explains
}

// explain replays records from one kind of start.
func explain(info *check.Info, fixed map[string]int, t *refTrace, recs []*refRec, from start, repairs bool, budget int) answer {
	kinds := *t.kinds
	kinds.exact = map[string]bool{}
	s := &search{
		model: newModel(info, fixed, budget), start0: from, repairs: repairs, depth: map[int]int{}, cpu: map[int]int{},
		seen: map[int]bool{}, facts: map[*check.Process]*refFacts{},
	}
	s.kinds = &kinds
	for _, r := range recs {
		s.depth[r.ctx], s.cpu[r.ctx] = max(r.depth, 0), r.cpu
	}
	if from == nothing {
		s.findPoints()
	}
	cur := s.begin()
	for _, run := range sameTime(recs) {
		next := map[string]*world{}
		eachOrder(run, nil, func(order []*refRec) {
			set := cur
			for _, r := range order {
				set = s.explainOne(set, r)
			}
			for k, w := range set {
				next[k] = w
			}
		})
		if s.over {
			return answer{over: true}
		}
		if len(next) == 0 {
			return answer{line: run[0].line}
		}
		cur = next
		for _, r := range run {
			s.seen[r.ctx] = true
			if r.device {
				kinds.exact[r.level] = true
			}
		}
	}
	return answer{ok: true}
}

// begin gives the worlds in which a capture may begin.
func (s *search) begin() map[string]*world {
	ws := []*world{{g: make([]int, s.size)}}
	for _, o := range s.info.Vars {
		g := s.slot[o]
		var next []*world
		for _, w := range ws {
			next = append(next, s.decide(w, g, s.startValues(o))...)
		}
		ws = next
	}
	out := map[string]*world{}
	for _, w := range ws {
		if s.start0 == wholesome && !s.healthy(w) {
			continue
		}
		if s.start0 != wholesome {
			for _, o := range s.info.Wakeups {
				w.g[s.slot[o]] = unk
			}
		}
		if s.start0 == nothing {
			for _, o := range s.info.Mutexes {
				w.g[s.slot[o]] = unk
			}
			for _, o := range s.info.Works {
				w.g[s.slot[o]], w.g[s.slot[o]+1] = unk, unk
			}
		}
		out[w.key()] = w
	}
	return out
}

// startValues are the values that a variable may begin with: where nothing is known of the start they
// stay open, but for a variable that anybody may set at any time.
func (s *search) startValues(o *check.Object) []int {
	vals := s.domain(o.Type)
	if s.start0 != nothing {
		vals = slices.DeleteFunc(vals, func(v int) bool { return s.endsWith(o, v) })
	}
	if s.start0 == wholesome || s.anytime(o) != nil || len(vals) == 1 {
		return vals
	}
	return []int{unk}
}

// endsWith tells whether only the end of a processor's life gives o the value v.
func (s *search) endsWith(o *check.Object, v int) bool {
	dies, lives := false, false
	for _, p := range s.info.Processes {
		lang.Walk(p.Decl.Body, func(n lang.Node) bool {
			a, ok := n.(*lang.Assign)
			if !ok {
				return true
			}
			for i, t := range a.Targets {
				if s.info.Uses[t] != o || s.readsSomething(a.Values[i]) {
					continue
				}
				if x, _ := s.eval(a.Values[i], nil, nil); x == v {
					dies = dies || p.Decl.Ends != nil
					lives = lives || p.Decl.Ends == nil
				}
			}
			return true
		})
	}
	return dies && !lives
}

func (s *search) readsSomething(e lang.Expr) bool {
	found := false
	lang.Walk(e, func(n lang.Node) bool {
		if x, ok := n.(*lang.Name); ok {
			k := s.info.Uses[x.ID].Kind
			found = found || k == check.VarObj || k == check.ParamObj || k == check.LocalObj
		}
		return true
	})
	return found
}

// anytime gives the values that an unobserved process without any condition may give o, nil if there
// is none.
func (s *search) anytime(o *check.Object) []int {
	for _, p := range s.info.Processes {
		if !p.Decl.Unobserved || len(p.Decl.Body.Stmts) != 1 {
			continue
		}
		either, ok := p.Decl.Body.Stmts[0].(*lang.Either)
		if !ok {
			continue
		}
		var vals []int
		for _, b := range either.Branches {
			if a, ok := b.Stmts[0].(*lang.Assign); ok && len(b.Stmts) == 1 && len(a.Targets) == 1 && s.info.Uses[a.Targets[0]] == o {
				v, _ := s.eval(a.Values[0], nil, nil)
				vals = append(vals, v)
			}
		}
		if len(vals) == len(either.Branches) {
			return vals
		}
	}
	return nil
}

// healthy tells whether the invariants of error level hold.
func (s *search) healthy(w *world) bool {
	for _, p := range s.info.Properties {
		if p.Kind != lang.Invariant || p.Warning {
			continue
		}
		if v, _ := s.eval(p.Expr, w, nil); v == 0 {
			return false
		}
	}
	return true
}

// explainOne gives the worlds after a record.
func (s *search) explainOne(set map[string]*world, r *refRec) map[string]*world {
	closed := s.closure(set)
	out := s.matchAll(closed, r)
	if len(out) > 0 || !s.repairs || s.over {
		return out
	}
	s.missed(closed, r, out)
	one := s.closure(s.unseen(closed))
	for k, w := range s.matchAll(one, r) {
		out[k] = w
	}
	if len(out) == 0 && !s.over {
		out = s.matchAll(s.closure(s.unseen(one)), r)
	}
	return out
}

func (s *search) matchAll(closed map[string]*world, r *refRec) map[string]*world {
	out := map[string]*world{}
	for _, w := range closed {
		s.match(w, r, func(n *world) { s.add(out, n) })
	}
	return out
}

func (s *search) add(set map[string]*world, w *world) bool {
	s.left--
	s.over = s.over || s.left < 0
	s.meet(w)
	k := w.key()
	if set[k] != nil || s.over {
		return false
	}
	set[k] = w
	return true
}

// closure adds everything that may have happened without a record.
func (s *search) closure(in map[string]*world) map[string]*world {
	all, out := map[string]*world{}, map[string]*world{}
	var todo []*world
	push := func(w *world) {
		if s.add(all, w) {
			todo = append(todo, w)
		}
	}
	for _, w := range in {
		push(w.clone())
	}
	for len(todo) > 0 && !s.over {
		w := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if variants := s.silent(w, push); variants != nil {
			for _, v := range variants {
				push(v)
			}
			continue
		}
		out[w.key()] = w
	}
	return out
}

// silent hands everything that w may become silently to push, or gives the variants that replace it.
func (s *search) silent(w *world, push func(*world)) []*world {
	var next []*world
	for i := range w.acts {
		ms, variants := s.moves(w, i)
		if variants != nil {
			return variants
		}
		for _, m := range ms {
			if s.visible(m.ev, w.acts[i]) != always {
				next = append(next, m.w)
			}
		}
	}
	for _, o := range s.info.Vars {
		for _, v := range s.anytime(o) {
			n := w.clone()
			n.g[s.slot[o]] = v
			next = append(next, n)
		}
	}
	for _, n := range append(next, s.workers(w)...) {
		push(n)
	}
	return nil
}

// visibility of a step in this capture.
type seenness int

const (
	never seenness = iota
	perhaps
	always
)

func (s *search) visible(ev event, a *act) seenness {
	kind := ""
	switch ev.kind {
	case traces.Other:
		return never
	case traces.Log:
		switch {
		case !s.kinds.logs:
			return never
		case s.kinds.exact[ev.log.Level]:
			return always
		}
		return perhaps
	case traces.EdgeOn, traces.EdgeOff:
		if s.kinds.on(map[traces.Kind]string{traces.EdgeOn: "edge on", traces.EdgeOff: "edge off"}[ev.kind]) {
			return always
		}
		return never
	case traces.Enter:
		kind = "enter:" + ev.fn
		if ev.call {
			kind = "call:" + ev.fn
		}
	case traces.Exit:
		kind = "exit:" + ev.fn
	case traces.Queue:
		kind = "queue"
	case traces.Start:
		kind = "start"
	case traces.End:
		kind = "end"
	}
	if a.missed && s.kinds.missable(kind) {
		return perhaps
	}
	return always
}

// meet drops the demands that w satisfies.
func (s *search) meet(w *world) {
	w.due = slices.DeleteFunc(slices.Clone(w.due), func(d demand) bool { return w.g[d.slot] == d.val })
}

// accepts asks whether the records of every processor of a capture can be explained, from a healthy
// start or else from any other.
func (t *refTrace) accepts(info *check.Info, fixed map[string]int, repairs bool, budget int) answer {
	for _, recs := range t.split() {
		var a answer
		for from := wholesome; from <= nothing && !a.ok && !a.over; from++ {
			a = explain(info, fixed, t, recs, from, repairs, budget)
		}
		if !a.ok {
			return a
		}
	}
	return answer{ok: true}
}
