package modelcheck

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// FollowOptions are the options of Follow. The zero value compares what bears the same name, without bounds.
type FollowOptions struct {
	File   string            // name of the file, for errors
	Names  map[string]string // variables of the file, or fields of its records as a.b, by what the spec calls them
	Ignore []string          // variables of the file, or fields, that are not compared
	// Places gives the nodes before which an activation can stand at a program point of this name: for pc of
	// behaviours that a translation of the spec gave. nil: only function:line is known.
	Places func(name string) []*machine.Node

	MaxStates int   // states looked at, those of several states of the file counted each time; 0: no bound
	MaxMemory int64 // bytes, 0: no bound
	Timeout   time.Duration
	Run       bool // keep one way through the spec
}

// Following is the answer whether a behaviour of another tool is one of an instance.
type Following struct {
	Verdict Verdict // Holds: it is. Violated: it is not. Bounded
	Bounded string  // the bound, "" if none ended the search

	At      int       // Violated: the first state of the file that no behaviour of the instance has there
	Again   bool      // it has, but it cannot come after the last one again and again
	Detail  string    // what is wrong, one line
	Changes []string  // what the file changes there, of what is compared
	Instead []Instead // what would have been possible there, what is nearest to the file first

	Compared []string // variables of the spec
	Ignored  []string // variables of the file, each with the reason
	Missing  []string // variables of the spec that the file does not show: they may have any value
	States   int      // looked at
	Leaves   bool     // its last state leaves the bounds of a type: nothing comes after it
	Run      *Trace   // a behaviour of the instance that looks so, if asked for, without what comes again; nil unless it holds
}

// Instead is a step that the instance could take, or a state in which it could begin.
type Instead struct {
	Step    string   // "" for a beginning
	Changes []string // of what is compared
	apart   int
}

// maxInstead bounds what is told of a state of the file.
const maxInstead = 10

// Follow tells whether a behaviour is one of an instance, fairness included, and where it first is not. States are
// compared in what the file shows of them: variables of the same name, and the places of activations in pc. What it
// does not show may be anything. Between two states of the file the instance takes any number of steps that change
// nothing of what is shown, and then one that does; or none, where the two look alike. The error is about the file, or
// about the instance.
func Follow(ctx context.Context, in *machine.Instance, b *itf.Trace, opt FollowOptions) (*Following, error) {
	v, err := newView(in, b, &opt)
	if err != nil {
		return nil, err
	}
	sp, err := spaceOf(in, &Options{Exact: true})
	if err != nil {
		return nil, err
	}
	f := &follower{view: v, sp: sp, ctx: ctx, begun: time.Now(), file: b, places: exactPlaces(in.Machine)}
	f.st = newStepper(f.sp)
	f.res = &Following{Verdict: Holds, At: -1, Ignored: v.ignored, Missing: v.missing}
	for _, g := range v.globals {
		f.res.Compared = append(f.res.Compared, g.global.Name())
	}
	if len(v.slots) > 0 {
		f.res.Compared = append(f.res.Compared, in.PlacesName())
	}
	for i := range b.States {
		o, err := v.observe(opt.File, b, i)
		if err != nil {
			return nil, err
		}
		f.obs = append(f.obs, o)
	}
	f.follow()
	return f.res, nil
}

// follower keeps the states of the instance that look like the states of a file so far.
type follower struct {
	view  *view
	sp    *space
	st    *stepper
	ctx   context.Context
	begun time.Time
	file  *itf.Trace
	obs   []*observation
	res   *Following

	layers []*layer // by state of the file
	places map[*machine.Node]string
	memory int64
}

// layer is the set of states that may be there at one state of the file.
type layer struct {
	known map[string]int
	keys  []string
	from  []origin
	done  int // so many have been looked at
}

// origin tells how a state was reached.
type origin struct {
	at       int  // number in the layer, or in the one before; −1 for an initial state
	previous bool // in the one before
	step     bool // by a step, and not by standing still
}

// nodeSize is what a state in a layer takes beside its key.
const nodeSize = 120

func (f *follower) add(l *layer, key string, from origin) {
	if _, known := l.known[key]; known {
		return
	}
	l.known[key] = len(l.keys)
	l.keys = append(l.keys, key)
	l.from = append(l.from, from)
	f.res.States++
	f.memory += int64(len(key)) + nodeSize
}

// follow looks at the states that are there farthest down the file first: one way through is enough.
func (f *follower) follow() {
	for range f.obs {
		f.layers = append(f.layers, &layer{known: map[string]int{}})
	}
	for _, s := range f.sp.inits {
		if f.view.shows(f.obs[0], s) {
			f.add(f.layers[0], f.key(s), origin{at: -1})
		}
	}
	far, last := 0, len(f.obs)-1
	for i, n := 0, 0; i >= 0; n++ {
		l := f.layers[i]
		if len(l.keys) > 0 {
			far = max(far, i)
		}
		switch {
		case i == last && len(l.keys) > 0 && f.file.Loop < 0:
			f.finish()
			return
		case i == last || l.done == len(l.keys):
			i--
			continue
		case f.bound(n):
			return
		}
		f.advance(i, l.done)
		l.done++
		if len(f.layers[i+1].keys) > f.layers[i+1].done {
			i++
		}
	}
	switch {
	case len(f.layers[0].keys) == 0:
		f.refuseInitial()
	case far < last:
		f.refuse(far)
	default:
		f.finish()
	}
}

// finish judges a behaviour all of whose states can be followed.
func (f *follower) finish() {
	last := f.layers[len(f.layers)-1]
	f.res.Leaves = !slices.ContainsFunc(last.keys, func(k string) bool { return k[0] != outsideMark })
	if f.file.Loop >= 0 {
		f.loop(f.layers[f.file.Loop])
	}
	if f.res.Verdict == Holds && f.view.opt.Run {
		f.res.Run = f.run()
	}
}

// advance takes the steps out of a state of a layer that is not the last one.
func (f *follower) advance(i, n int) {
	here, there := f.layers[i], f.layers[i+1]
	key := here.keys[n]
	s := f.state(key)
	if f.view.shows(f.obs[i+1], s) {
		f.add(there, key, origin{n, true, false})
	}
	if key[0] == outsideMark {
		return
	}
	f.st.each(s, func(_ move, t State) bool {
		if f.view.shows(f.obs[i], t) {
			f.add(here, f.key(t), origin{n, false, true})
		}
		if f.view.shows(f.obs[i+1], t) {
			f.add(there, f.key(t), origin{n, true, true})
		}
		return true
	})
}

// bound tells whether a bound ends the search.
func (f *follower) bound(n int) bool {
	switch o := f.view.opt; {
	case o.MaxStates > 0 && f.res.States > o.MaxStates:
		f.res.Bounded = fmt.Sprintf("limit of %d states", o.MaxStates)
	case o.MaxMemory > 0 && f.memory > o.MaxMemory:
		f.res.Bounded = fmt.Sprintf("limit of %d MB of memory", o.MaxMemory>>20)
	case n%256 == 0 && f.ctx.Err() != nil:
		f.res.Bounded = interrupted
	case n%256 == 0 && o.Timeout > 0 && time.Since(f.begun) > o.Timeout:
		f.res.Bounded = fmt.Sprintf("timeout of %v", o.Timeout)
	}
	if f.res.Bounded != "" {
		f.res.Verdict = Bounded
	}
	return f.res.Bounded != ""
}

// The first byte of a key tells states within the bounds of the instance from those that have left them. They
// are written value by value, and nothing comes after them.
const (
	insideMark  = 'i'
	outsideMark = 'o'
)

// key packs a state that the stepper has just given, or an initial one.
func (f *follower) key(s State) string {
	key := make([]byte, 1+f.sp.pack.bytes)
	key[0] = insideMark
	if f.st.pos < 0 && f.sp.pack.pack(s, key[1:]) < 0 {
		return string(key)
	}
	key = append(key[:0], outsideMark)
	for _, v := range s {
		key = append(key, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
	}
	return string(key)
}

// state unpacks a key.
func (f *follower) state(key string) State {
	s := f.sp.blank()
	if key[0] == insideMark {
		f.sp.pack.unpack([]byte(key[1:]), s)
		return s
	}
	for i := range s {
		b := key[1+4*i:]
		s[i] = machine.Val(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
	}
	return s
}

// run gives one way through the layers.
func (f *follower) run() *Trace {
	var keys []string
	for i, n := len(f.layers)-1, 0; n >= 0; {
		o := f.layers[i].from[n]
		if o.step || o.at < 0 {
			keys = append(keys, f.layers[i].keys[n])
		}
		if o.previous {
			i--
		}
		n = o.at
	}
	slices.Reverse(keys)
	cur := f.state(keys[0])
	t := &Trace{Module: f.sp.m.Info.Name, Kernel: f.sp.in.Kernel, Initial: cur, Loop: -1, m: f.sp.m, in: f.sp.in}
	r := newReplayer(f.sp)
	for _, k := range keys[1:] {
		cur, _ = r.step(t, cur, func(_ move, _, to State) bool { return f.with(r.st, to) == k })
	}
	t.name(f.sp)
	return t
}

// with packs a state that another stepper gives.
func (f *follower) with(st *stepper, s State) string {
	mine := f.st
	defer func() { f.st = mine }()
	f.st = st
	return f.key(s)
}
