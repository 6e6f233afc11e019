package ftrace

import "hash/maphash"

const (
	internSlots = 4096
	internMax   = 128 // longer strings are not worth it
)

// interner gives equal strings for equal bytes and remembers some of them, so that a name that
// comes in every line is allocated once. It is a cache of fixed size: a collision only costs an
// allocation.
type interner struct {
	seed  maphash.Seed
	slots []string
}

func (n *interner) get(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internMax {
		return string(b)
	}
	if n.slots == nil {
		n.seed, n.slots = maphash.MakeSeed(), make([]string, internSlots)
	}
	slot := &n.slots[maphash.Bytes(n.seed, b)%internSlots]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}
