package modelcheck

import (
	"iter"
	"slices"
)

// component is Tarjan's algorithm at one node: what is left of its successors.
type component[K comparable] struct {
	node K
	next []K
}

// components gives the strongly connected parts of the graph that can be reached from some roots, without recursion.
// What can be reached from a part comes before it.
func components[K comparable](roots []K, next func(K) []K) iter.Seq[[]K] {
	return func(yield func([]K) bool) {
		index, low, onStack := map[K]int{}, map[K]int{}, map[K]bool{}
		var stack []K
		enter := func(n K) component[K] {
			index[n] = len(index) + 1
			low[n] = index[n]
			stack, onStack[n] = append(stack, n), true
			return component[K]{n, next(n)}
		}
		for _, root := range roots {
			if index[root] > 0 {
				continue
			}
			call := []component[K]{enter(root)}
			for len(call) > 0 {
				f := &call[len(call)-1]
				if len(f.next) > 0 {
					to := f.next[0]
					f.next = f.next[1:]
					switch {
					case index[to] == 0:
						call = append(call, enter(to))
					case onStack[to]:
						low[f.node] = min(low[f.node], index[to])
					}
					continue
				}
				n := f.node
				call = call[:len(call)-1]
				if len(call) > 0 {
					up := call[len(call)-1].node
					low[up] = min(low[up], low[n])
				}
				if low[n] != index[n] {
					continue
				}
				at := len(stack) - 1
				for stack[at] != n { // from the top: most parts are small, and the stack may be deep
					at--
				}
				part := slices.Clone(stack[at:])
				stack = stack[:at]
				for _, m := range part {
					onStack[m] = false
				}
				if !yield(part) {
					return
				}
			}
		}
	}
}
