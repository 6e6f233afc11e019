package modelcheck

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// store keeps distinct states, numbered in the order in which they came, each with the number of the
// state that it was reached from, and of the steps to it. Lookups may run beside each other, but not beside an insertion.
type store struct {
	width  int // bytes of a key
	n      int
	chunks [][]byte
	parent []uint32
	steps  []uint16 // from an initial state
	index  []uint32 // open addressing; the number + 1, 0 is free, with bits of the hash above it
	upper  uint32   // those bits
	seed   maphash.Seed
}

const (
	chunkStates = 1 << 14
	noParent    = ^uint32(0)
	maxNumber   = 1<<32 - 2
	maxSteps    = 1<<16 - 1
)

func newStore(width int) *store {
	st := &store{width: width, seed: maphash.MakeSeed()}
	st.size(1 << 12)
	return st
}

// size makes an index of a size that is a power of two. Numbers stay below it, so the bits above it are free.
func (st *store) size(n int) {
	st.index = make([]uint32, n)
	st.upper = ^uint32(n - 1)
}

// key gives the packed state of a number.
func (st *store) key(id uint32) []byte {
	i := int(id%chunkStates) * st.width
	return st.chunks[id/chunkStates][i : i+st.width]
}

func (st *store) hash(key []byte) uint64 { return maphash.Bytes(st.seed, key) }

// find gives the number of a key, or false and the place in the index where it belongs. Most keys that are
// not the one are told apart by the hash, without a look at them.
func (st *store) find(key []byte, hash uint64) (uint32, bool, int) {
	mask, upper := uint64(len(st.index)-1), uint32(hash>>32)&st.upper
	for i := hash & mask; ; i = (i + 1) & mask {
		e := st.index[i]
		if e == 0 {
			return 0, false, int(i)
		}
		if id := e&^st.upper - 1; e&st.upper == upper && bytes.Equal(st.key(id), key) {
			return id, true, int(i)
		}
	}
}

// insert adds a key unless it is there. It gives its number, and whether it is new or reached in fewer
// steps than before.
func (st *store) insert(key []byte, hash uint64, parent uint32, steps int) (uint32, bool) {
	id, found, at := st.find(key, hash)
	if found {
		better := steps < int(st.steps[id])
		if better {
			st.steps[id], st.parent[id] = uint16(steps), parent
		}
		return id, better
	}
	id = uint32(st.n)
	if st.n%chunkStates == 0 {
		st.chunks = append(st.chunks, make([]byte, 0, chunkStates*st.width))
	}
	last := len(st.chunks) - 1
	st.chunks[last] = append(st.chunks[last], key...)
	st.parent = append(st.parent, parent)
	st.steps = append(st.steps, uint16(steps))
	st.n++
	st.index[at] = id + 1 | uint32(hash>>32)&st.upper
	if st.n > len(st.index)/4*3 {
		st.grow()
	}
	return id, true
}

func (st *store) grow() {
	st.size(2 * len(st.index))
	mask := uint64(len(st.index) - 1)
	for id := range uint32(st.n) {
		hash := st.hash(st.key(id))
		i := hash & mask
		for st.index[i] != 0 {
			i = (i + 1) & mask
		}
		st.index[i] = id + 1 | uint32(hash>>32)&st.upper
	}
}

// memory gives the bytes that the store holds.
func (st *store) memory() int64 {
	return int64(len(st.chunks))*chunkStates*int64(st.width) + int64(cap(st.parent))*6 + int64(len(st.index))*4
}

// nextMemory gives what memory could become when the tables have to grow.
func (st *store) nextMemory() int64 {
	m := st.memory()
	if st.n >= len(st.index)/4*3-chunkStates {
		m += int64(len(st.index)) * 8
	}
	return m
}

// path gives the numbers from an initial state to id.
func (st *store) path(id uint32) []uint32 {
	var p []uint32
	for ; id != noParent; id = st.parent[id] {
		p = append(p, id)
	}
	slices.Reverse(p)
	return p
}
