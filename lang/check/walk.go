package check

import "github.com/rprocspec/rprocspec/lang"

// each calls f for every node of type T in a tree, in order of the text.
func each[T lang.Node](root lang.Node, f func(T)) {
	lang.Walk(root, func(n lang.Node) bool {
		if x, ok := n.(T); ok {
			f(x)
		}
		return true
	})
}
