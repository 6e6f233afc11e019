package tracedat

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// symbols are the functions of the kernel and its modules by address, from the /proc/kallsyms that the
// file holds:
//
//	ffffffff813cc670 T rproc_report_crash
//	ffffffffc0401000 t rproc_stop	[remoteproc]
type symbols []symbol

type symbol struct {
	addr   uint64
	name   string
	module bool
	global bool
}

// parseSymbols keeps the functions. A kernel that hides its addresses shows them as zero: then there
// are none.
func parseSymbols(text string) symbols {
	var all symbols
	for line := range strings.Lines(text) {
		if s, ok := parseSymbol(line); ok {
			all = append(all, s)
		}
	}
	if !slices.IsSortedFunc(all, symbol.compare) {
		slices.SortStableFunc(all, symbol.compare)
	}
	return slices.CompactFunc(all, func(a, b symbol) bool { return a.addr == b.addr })
}

func parseSymbol(line string) (s symbol, ok bool) {
	hex, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	addr, err := strconv.ParseUint(hex, 16, 64)
	if err != nil || addr == 0 || len(rest) < 3 || rest[1] != ' ' || strings.IndexByte("tTwW", rest[0]) < 0 {
		return s, false
	}
	name, _, module := strings.Cut(rest[2:], "\t")
	return symbol{addr, name, module, rest[0] == 'T'}, name != ""
}

// compare puts the best name of an address first: the global one.
func (s symbol) compare(o symbol) int {
	switch {
	case s.addr != o.addr:
		if s.addr < o.addr {
			return -1
		}
		return 1
	case s.global == o.global:
		return 0
	case s.global:
		return -1
	}
	return 1
}

// maxFunction is longer than any function: behind the last symbol of a region come addresses of which
// nothing is known.
const maxFunction = 1 << 20

// find gives the function that holds an address and how far from its start that is.
func (all symbols) find(addr uint64) (s symbol, offset uint64, ok bool) {
	i, exact := slices.BinarySearchFunc(all, addr, func(s symbol, addr uint64) int {
		switch {
		case s.addr < addr:
			return -1
		case s.addr > addr:
			return 1
		}
		return 0
	})
	if !exact {
		i--
	}
	if i < 0 || addr-all[i].addr > maxFunction {
		return symbol{}, math.MaxUint64, false
	}
	return all[i], addr - all[i].addr, true
}
