package modelcheck

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// DefaultMaxSets bounds a Diff that names no bound.
const DefaultMaxSets = 50_000

// DiffOptions are the options of Diff. The zero value takes all values of the features.
type DiffOptions struct {
	KernelA, KernelB string
	MaxSets          int // pairs of sets of states; 0: DefaultMaxSets
	Progress         func(DiffProgress)
}

// DiffProgress tells how far a Diff is.
type DiffProgress struct {
	Sets, States, Depth int
}

// Difference is what two machines do that the other does not.
type Difference struct {
	OnlyA, OnlyB *Witness // nil: none was found
	Sets         int      // pairs of sets of states that were explored
	States       int      // distinct states, of both
	Depth        int      // the words of up to so many events are explored
	Bounded      string   // why the search ended early, "" if it did not
}

// Equivalent reports whether both do the same: everything was explored, and nothing was found.
func (d *Difference) Equivalent() bool { return d.OnlyA == nil && d.OnlyB == nil && d.Bounded == "" }

// Witness is a shortest word of visible events that one machine can do and the other cannot: the other
// can do all but the last.
type Witness struct {
	Events  []Event
	Run     *Trace   // one way in which the one does it
	Instead []string // what the other could do in place of the last event, sorted
}

// Event is what can be seen of a step.
type Event struct {
	Thread string // the process, with a number if several activations of it are explored
	What   string // such as: is called, queues crash_handler, awake becomes inactive, log err "…", ends
}

// String gives the event on one line.
func (e Event) String() string { return e.Thread + " " + e.What }

// Diff compares what can be seen of the explored instances of two machines: the start and the end of
// activations and of work items, items becoming pending, edges of wakeup sources, log lines and events.
// Two behaviours are the same if the same threads show the same in the same order; values at the start
// are not seen, but for what follows from them. What would leave the bounds of a type is left out.
//
// It makes both machines deterministic side by side (the subset construction), breadth first.
func Diff(ctx context.Context, a, b *machine.Machine, opt DiffOptions) (*Difference, error) {
	if opt.MaxSets == 0 {
		opt.MaxSets = DefaultMaxSets
	}
	d := &differ{opt: &opt, known: map[[2]int32]bool{}, labels: &labels{ids: map[Event]int32{}}}
	for i, m := range []*machine.Machine{a, b} {
		kernel := []string{opt.KernelA, opt.KernelB}[i]
		sp, err := newSpace(m, &Options{Kernel: kernel, allSteps: true})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.Info.Name, err)
		}
		d.sides[i] = newSide(sp, kernel, d.labels)
	}
	d.run(ctx)
	return d.result(), nil
}

// labels numbers the events of both sides.
type labels struct {
	ids map[Event]int32
	all []Event
}

func (l *labels) id(e Event) int32 {
	id, ok := l.ids[e]
	if !ok {
		id = int32(len(l.all))
		l.ids[e] = id
		l.all = append(l.all, e)
	}
	return id
}

// pair is a word's two sets: what each side can have become with it.
type pair struct {
	sets  [2]int32
	from  int   // the pair before, −1: none
	label int32 // what was seen since
	depth int
}

type differ struct {
	opt    *DiffOptions
	labels *labels
	sides  [2]*side
	pairs  []pair
	known  map[[2]int32]bool

	only    [2]*pair // the first word of each side that the other does not have
	at      [2]int32 // the set in which the other side could not follow
	depth   int
	bounded string
}

func (d *differ) run(ctx context.Context) {
	var told time.Time
	d.add(pair{sets: [2]int32{d.sides[0].start(), d.sides[1].start()}, from: -1})
	for i := 0; i < len(d.pairs) && !(d.only[0] != nil && d.only[1] != nil); i++ {
		d.depth = d.pairs[i].depth
		if d.bounded = d.bound(ctx); d.bounded != "" {
			return
		}
		d.expand(i)
		if now := time.Now(); d.opt.Progress != nil && now.Sub(told) > 200*time.Millisecond {
			told = now
			d.opt.Progress(DiffProgress{len(d.pairs), d.states(), d.depth})
		}
	}
}

func (d *differ) bound(ctx context.Context) string {
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		return "timeout"
	case ctx.Err() != nil:
		return interrupted
	case len(d.pairs) >= d.opt.MaxSets:
		return fmt.Sprintf("limit of %d sets", d.opt.MaxSets)
	}
	return ""
}

func (d *differ) states() int { return d.sides[0].store.n + d.sides[1].store.n }

func (d *differ) add(p pair) {
	if !d.known[p.sets] {
		d.known[p.sets] = true
		d.pairs = append(d.pairs, p)
	}
}

// expand follows every event out of a pair. Both lists are sorted by label.
func (d *differ) expand(i int) {
	p := d.pairs[i]
	a, b := d.sides[0].after(p.sets[0]), d.sides[1].after(p.sets[1])
	for len(a) > 0 || len(b) > 0 {
		next := pair{from: i, depth: p.depth + 1}
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].label < b[0].label:
			next.label = a[0].label
			d.alone(0, next, p)
			a = a[1:]
		case len(a) == 0 || b[0].label < a[0].label:
			next.label = b[0].label
			d.alone(1, next, p)
			b = b[1:]
		default:
			next.label, next.sets = a[0].label, [2]int32{a[0].set, b[0].set}
			d.add(next)
			a, b = a[1:], b[1:]
		}
	}
}

// alone notes a word that only one side has.
func (d *differ) alone(side int, next, before pair) {
	if d.only[side] == nil {
		d.only[side], d.at[side] = &next, before.sets[1-side]
	}
}

func (d *differ) result() *Difference {
	r := &Difference{Sets: len(d.pairs), States: d.states(), Depth: d.depth, Bounded: d.bounded}
	r.OnlyA, r.OnlyB = d.witness(0), d.witness(1)
	if r.OnlyA != nil && r.OnlyB != nil {
		r.Bounded = ""
	}
	return r
}

// witness makes the answer for one side.
func (d *differ) witness(side int) *Witness {
	p := d.only[side]
	if p == nil {
		return nil
	}
	var word []int32
	for ; p.from >= 0; p = &d.pairs[p.from] {
		word = append(word, p.label)
	}
	slices.Reverse(word)
	w := &Witness{Run: d.sides[side].runOf(word)}
	for _, l := range word {
		w.Events = append(w.Events, d.labels.all[l])
	}
	for _, n := range d.sides[1-side].after(d.at[side]) {
		w.Instead = append(w.Instead, d.labels.all[n.label].String())
	}
	slices.Sort(w.Instead)
	return w
}
