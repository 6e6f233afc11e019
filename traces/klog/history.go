package klog

import "hash/maphash"

// historySize is how far back an echo of a line is recognised.
const historySize = 4096

// history remembers the latest lines by hash, to find exact copies: consoles and test runners
// print lines twice.
type history struct {
	seed maphash.Seed
	ring [historySize]uint64
	at   int
	seen map[uint64]struct{}
}

// before tells whether a line with this time and text has been there, and remembers it.
func (h *history) before(time int64, text []byte) bool {
	if h.seen == nil {
		h.seed, h.seen = maphash.MakeSeed(), make(map[uint64]struct{}, historySize)
	}
	key := maphash.Bytes(h.seed, text) ^ uint64(time)*0x9e3779b97f4a7c15
	if _, ok := h.seen[key]; ok {
		return true
	}
	delete(h.seen, h.ring[h.at])
	h.ring[h.at] = key
	h.at = (h.at + 1) % historySize
	h.seen[key] = struct{}{}
	return false
}
