package modelcheck

import "github.com/rprocspec/rprocspec/lang/machine"

// done is the program point of a OnceSlot whose activation has ended.
const done machine.Val = -1

// parameters lists the assignments that an activation of p may start with, for its parameters in order.
// Parameters that decide nothing have their first value, unless the search is exact.
func (sp *space) parameters(p *machine.Proc, s State) [][]machine.Val {
	all := [][]machine.Val{nil}
	for _, r := range p.Params {
		dom := sp.m.Domain(machine.RegLoc(r), p, s)
		if !sp.exact && !sp.relevant[p.Index][r] {
			dom = []machine.Val{machine.First(p.Regs[r])}
		}
		var next [][]machine.Val
		for _, a := range all {
			for _, v := range dom {
				next = append(next, append(a[:len(a):len(a)], v))
			}
		}
		all = next
	}
	return all
}
