package modelcheck

import (
	"fmt"
	"slices"

	"github.com/rprocspec/rprocspec/lang/machine"
)

// space is a finite instance of a machine: its slots, its initial states, and how a state is packed.
type space struct {
	m     *machine.Machine
	in    *machine.Instance
	exact bool
	inits []State // whole states
	size  int
	pack  *packing

	relevant [][]bool // registers that decide something, by process
	dead     [][]int  // by node: registers that are reset on arrival; nil if exact
	eager    [][]bool // by node and edge: steps that are taken at once; nil if exact, or if every step is to be seen
}

func newSpace(m *machine.Machine, opt *Options) (*space, error) {
	in, err := m.Instance(opt.Kernel)
	if err != nil {
		return nil, err
	}
	return spaceOf(in, opt)
}

// spaceOf gives the space of an instance.
func spaceOf(in *machine.Instance, opt *Options) (*space, error) {
	if err := narrow(in.Machine); err != nil {
		return nil, err
	}
	sp := &space{m: in.Machine, in: in, exact: opt.Exact, relevant: findRelevant(in.Machine), size: in.Size()}
	for _, g := range in.Inits {
		sp.inits = append(sp.inits, slices.Grow(g, sp.size-len(g))[:sp.size])
	}
	for i := range sp.inits {
		clear(sp.inits[i][in.NumGlobals:])
	}
	if !sp.exact {
		sp.findDead()
	}
	if !sp.exact && !opt.allSteps {
		sp.findEager()
	}
	sp.pack = newPacking(sp)
	return sp, nil
}

// narrow reports a parameter or local with more values than can be looked through. Of globals the machine does.
func narrow(m *machine.Machine) error {
	for _, p := range m.Procs {
		for i, t := range p.Regs {
			if o := p.RegObjects[i]; o != nil && machine.Values(t) > machine.MaxValues {
				return fmt.Errorf("%s: %s has %d values, and at most %d can be looked through: give it a smaller range",
					o.Ident.Pos(), o.Name, machine.Values(t), machine.MaxValues)
			}
		}
	}
	return nil
}

func (sp *space) findDead() {
	l := &liveness{relevant: sp.relevant, at: make([][]int, len(sp.m.Nodes))}
	sp.dead = make([][]int, len(sp.m.Nodes))
	for _, n := range sp.m.Nodes[1:] {
		sp.dead[n.ID] = l.dead(n)
	}
}

// blank gives a state with what all states of the space share.
func (sp *space) blank() State {
	if len(sp.inits) == 0 {
		return make(State, sp.size)
	}
	return slices.Clone(sp.inits[0])
}

// settle passes the control that follows a step, up to the next step or free choice: branches over
// constants and locals, results that a call keeps, returns.
func (sp *space) settle(s State, off int) {
	f := s[off+machine.FrameRegs : off+sp.m.FrameSize]
	n := sp.m.Nodes[s[off+machine.FramePC]]
	for {
		switch {
		case n.Kind == machine.Branch && n.Cond.Holds(s, f) == 1:
			n = n.Next
		case n.Kind == machine.Branch:
			n = n.Else
		case n.Kind == machine.Set:
			f[n.Reg] = n.Value.Eval(s, f)
			n = n.Next
		case n.Kind.IsObs():
			n = n.Next
		default:
			s[off+machine.FramePC] = machine.Val(n.ID)
			if sp.dead != nil {
				for _, r := range sp.dead[n.ID] {
					f[r] = machine.First(n.Root.Regs[r])
				}
			}
			return
		}
	}
}

// sort puts activations that are equal in kind into one order, since nothing tells them apart.
func (sp *space) sort(s State) {
	if sp.exact {
		return
	}
	for i := range sp.in.Slots {
		if sp.in.Slots[i].Kind != machine.OnceSlot {
			return // they come first
		}
		for j := i; j > sp.in.Slots[i].First; j-- {
			a, b := sp.frame(s, j-1), sp.frame(s, j)
			if slices.Compare(a, b) <= 0 {
				break
			}
			for k := range a {
				a[k], b[k] = b[k], a[k]
			}
		}
	}
}

func (sp *space) frame(s State, i int) []machine.Val {
	off := sp.in.Slots[i].Off
	return s[off : off+sp.m.FrameSize]
}
