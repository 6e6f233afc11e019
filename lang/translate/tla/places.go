package tla

import (
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// Places gives the nodes before which an activation stands at the program points of a module, by their names in pc: for
// behaviours that TLC or Apalache have found in it. The error is that of Files.
func Places(m *machine.Machine, kernel string) (func(name string) []*machine.Node, error) {
	in, err := m.Instance(kernel)
	if err != nil {
		return nil, err
	}
	nodes := map[string][]*machine.Node{}
	for pt, name := range newWriter(steps.New(in), Options{Kernel: kernel}).labels {
		nodes[name] = append(nodes[name], pt.Node)
	}
	return func(name string) []*machine.Node { return nodes[name] }, nil
}
