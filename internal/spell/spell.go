// Package spell finds the name that somebody probably meant.
package spell

import "strings"

// Nearest gives the candidate that is closest to name, or "" if none is close: at most a third of the
// longer word may differ (one letter in short words). Case counts little. Of equally close candidates
// the first one wins; name itself is never suggested.
func Nearest(name string, candidates []string) string {
	best, bestCost := "", 0
	for _, c := range candidates {
		if c == name || c == "" {
			continue
		}
		cost, ok := cost(name, c)
		if ok && (best == "" || cost < bestCost) {
			best, bestCost = c, cost
		}
	}
	return best
}

// Misspelt gives the candidate of which name looks like a misspelling, or "": it is harder to please
// than Nearest, for where a name is allowed as it is. At most two letters may differ, of six or more.
func Misspelt(name string, candidates []string) string {
	near := Nearest(name, candidates)
	if len(name) < 6 || near == "" || distance(strings.ToLower(name), strings.ToLower(near)) > 2 {
		return ""
	}
	return near
}

// cost is the distance of two words regardless of case, doubled, plus one if only case tells them apart.
// ok is false if they are too far apart.
func cost(a, b string) (cost int, ok bool) {
	limit := max(1, max(len(a), len(b))/3)
	if diff := len(a) - len(b); diff > limit || -diff > limit {
		return 0, false
	}
	d := distance(strings.ToLower(a), strings.ToLower(b))
	if d > limit || d >= len(a) && d >= len(b) {
		return 0, false
	}
	if d == 0 {
		return 1, true
	}
	return 2 * d, true
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to make a into b.
func distance(a, b string) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

func differ(x, y byte) int {
	if x == y {
		return 0
	}
	return 1
}
