package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/traces"
)

// Account is what was bound to one subject, and where its explanations begin: enough for somebody else to explain the
// trace again, step by step of the machine.
type Account struct {
	Subject string
	Records []Bound
	Refused int // number of the first record that nothing explained, −1 if there is none
	// Start gives the values that variables may have before the first record. Nothing is at work then; wakeup sources are
	// inactive, and error-level invariants hold, unless Quiet is set.
	Start map[int][]machine.Val // by index of the global
	Quiet bool
	// Must and May tell, by node, whose records this capture has: always, or where none is missing.
	Must, May map[int]bool
	// From gives for a Log node of Must after how many records that is so: before the first line of its level, one may be
	// missing.
	From    map[int]int
	On, Off bool // the capture has the edges of wakeup sources
	// Doubts is what the verdict rests on beside the records: assumptions, losses, an order that is not known. Empty: nothing.
	Doubts []string
}

// Bound is a record that was bound to a subject.
type Bound struct {
	Line   int
	Time   int64           // nanoseconds, or traces.NoTime
	Thread string          // a task, or the interrupts of a processor
	Nodes  []*machine.Node // those that make such records; Awake, Relax and Destroy for edges
}

// maxAccount is how many records of a subject are kept for its account.
const maxAccount = 2000

// bound notes a record for the account.
func (x *subject) bound(r *rec) {
	if len(x.told) <= maxAccount {
		x.told = append(x.told, r)
	}
}

// refuse notes the first record without an explanation, and what explained those before it.
func (x *subject) refuse(closed *set, r *rec) {
	if x.refusedBy == nil {
		x.refusedBy = r
		x.assumed = closed.cheapest()[0].assumptions()
	}
}

// Accounts gives the account of every subject, in the order of Result.Subjects' names. Call it after Close.
func (v *Validator) Accounts() []*Account {
	var all []*Account
	for _, x := range v.subjects {
		all = append(all, x.account())
	}
	slices.SortStableFunc(all, func(a, b *Account) int {
		if a.Subject < b.Subject {
			return -1
		}
		return 1
	})
	return all
}

func (x *subject) account() *Account {
	a := &Account{
		Subject: strings.TrimSpace(x.id.names()[0] + " " + life(x.from, x.to)), Refused: -1, Start: map[int][]machine.Val{}, Quiet: x.tier == quiet || x.tier == born && x.holds,
		Must: map[int]bool{}, May: map[int]bool{}, From: map[int]int{}, Doubts: x.accountDoubts(),
	}
	t := x.vis()
	a.On, a.Off = t.on == mustShow, t.off == mustShow
	for _, n := range x.m.Nodes[1:] {
		a.Must[n.ID] = t.node[n.ID] == mustShow
		a.May[n.ID] = t.node[n.ID] == mayShow
		if n.Kind == machine.Log && a.Must[n.ID] {
			a.From[n.ID] = x.exactFrom(n.Level)
		}
	}
	for i, r := range x.told {
		if r == x.refusedBy {
			a.Refused = i
		}
		a.Records = append(a.Records, x.boundRecord(r))
	}
	for g, gl := range x.m.Globals {
		if gl.Kind <= machine.VarGlobal {
			a.Start[g] = x.admitted(g)
		}
	}
	return a
}

// exactFrom counts the records up to the first line of a level.
func (x *subject) exactFrom(level string) int {
	for i, r := range x.told {
		for _, n := range x.m.Nodes[1:] {
			if n.Kind == machine.Log && n.Level == level && x.v.reached[n.ID] && x.fits(n, r) {
				return i + 1
			}
		}
	}
	return len(x.told)
}

func (x *subject) boundRecord(r *rec) Bound {
	b := Bound{Line: r.Line, Time: r.Time, Thread: x.v.thread(r)}
	for _, n := range x.m.Nodes[1:] {
		if x.v.reached[n.ID] && x.fits(n, r) {
			b.Nodes = append(b.Nodes, n)
		}
	}
	return b
}

// thread names the thread of control of r, the same for all of its records.
func (v *Validator) thread(r *rec) string {
	if c := v.ctxs[r.ctx]; c.level > 0 {
		return fmt.Sprintf("interrupts of CPU %d, level %d", c.cpu, c.level)
	}
	return r.task()
}

// admitted lists the values that a global may begin with.
func (x *subject) admitted(g int) []machine.Val {
	if v := x.v.given(g); v != machine.Open {
		return []machine.Val{v}
	}
	if init, ok := x.v.initial(g); ok && x.tier == born {
		return []machine.Val{init}
	}
	s := make(machine.State, x.m.NumGlobals)
	for i := range s {
		s[i] = machine.Open
		if x.m.Globals[i].Kind <= machine.DeviceGlobal {
			s[i] = x.v.given(i)
		}
	}
	return slices.DeleteFunc(slices.Clone(x.m.Domain(machine.Loc(g), nil, s)), func(v machine.Val) bool {
		return x.v.dying[place{g, v}]
	})
}

// accountDoubts lists what the verdict rests on beside the records.
func (x *subject) accountDoubts() []string {
	ds := []string{}
	say := func(yes bool, format string, args ...any) {
		if yes {
			ds = append(ds, fmt.Sprintf(format, args...))
		}
	}
	notes := x.assumed
	if x.refusedBy == nil && !x.cur.empty() {
		notes = x.cur.cheapest()[0].assumptions()
	}
	for _, n := range notes {
		say(true, "line %d: assumed: %s", n.line, n.text)
	}
	say(x.tier == unknown || x.gaveUpAt > 0, "the capture begins in the middle of things: activations that nobody has seen were at work")
	if x.lost != nil {
		say(true, "%s", x.lost.loss())
	}
	say(x.v.logOnly(), "a kernel log alone may lack any line, and names no task")
	say(x.mixed != nil, "it is registered under a name that two processors may bear")
	say(x.adrift && x.mixed == nil || x.v.overflows > 0, "too many explanations at once: some of them were dropped")
	say(x.ambiguous > 0, "%d records could belong to this or to another processor", x.ambiguous)
	say(len(x.told) > maxAccount, "there are more than %d records", maxAccount)
	for i, r := range x.told {
		if r.ctx == 0 {
			say(true, "line %d: the record names no task", r.Line)
			break
		}
		if i > 0 && r.Time != traces.NoTime && r.Time == x.told[i-1].Time && r.CPU != x.told[i-1].CPU {
			say(true, "line %d: at the same time as the record before it, on another CPU: their order is not known", r.Line)
		}
	}
	return ds
}
