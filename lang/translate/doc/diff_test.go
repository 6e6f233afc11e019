package doc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// someLines makes a text of few different lines.
func someLines(r *rand.Rand) []string {
	var all []string
	for range r.IntN(25) {
		all = append(all, string(rune('a'+r.IntN(4))))
	}
	return all
}

// TestUnified: a patch makes the new text of the old one, with numbers and surroundings that are right.
func TestUnified(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		old := someLines(r)
		new := slices.Clone(old)
		for range r.IntN(4) {
			i := r.IntN(len(new) + 1)
			new = slices.Insert(new, i, "n")
			if j := r.IntN(len(new)); r.IntN(2) == 0 {
				new = slices.Delete(new, j, j+1)
			}
		}
		patch := unified(old, new, 1, 1)
		if got := apply(t, old, patch); !slices.Equal(got, new) {
			t.Fatalf("%q with %v is %q, want %q", old, patch, got, new)
		}
	}
}

// apply applies a patch as patch(1) does, but must find every line.
func apply(t *testing.T, old []string, patch []diffLine) []string {
	var out []string
	at := 0
	for i, l := range patch {
		switch l.op {
		case '@':
			var o, lo, n, ln int
			fmt.Sscanf(l.text, "@@ -%d,%d +%d,%d @@", &o, &lo, &n, &ln)
			out = append(out, old[at:o-1]...)
			at = o - 1
			if got := len(out) + 1; got != n {
				t.Fatalf("hunk %s begins at line %d", l.text, got)
			}
			body := patch[i+1:]
			if j := slices.IndexFunc(body, func(l diffLine) bool { return l.op == '@' }); j >= 0 {
				body = body[:j]
			}
			if x, y := count(body); x != lo || y != ln {
				t.Fatalf("hunk %s has %d and %d lines", l.text, x, y)
			}
		case '+':
			out = append(out, l.text)
		default:
			if at >= len(old) || old[at] != l.text {
				t.Fatalf("line %d is not %q", at+1, l.text)
			}
			if at++; l.op == ' ' {
				out = append(out, l.text)
			}
		}
	}
	return append(out, old[at:]...)
}

// TestCompare: no shorter difference exists. The oracle is the definition of a longest common subsequence.
func TestCompare(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		old, new := someLines(r), someLines(r)
		old, new = old[:min(9, len(old))], new[:min(9, len(new))]
		same := 0
		for _, l := range compare(old, new) {
			if l.op == ' ' {
				same++
			}
		}
		if want := longest(old, new); same != want {
			t.Fatalf("%q and %q have %d lines in common, want %d", old, new, same, want)
		}
	}
}

func longest(old, new []string) int {
	if len(old) == 0 || len(new) == 0 {
		return 0
	}
	if old[0] == new[0] {
		return 1 + longest(old[1:], new[1:])
	}
	return max(longest(old[1:], new), longest(old, new[1:]))
}

// TestHunks: changes whose surroundings meet share a hunk, others do not.
func TestHunks(t *testing.T) {
	text := func(between int) []string {
		return append(append([]string{"x"}, strings.Split(strings.Repeat("s", between), "")...), "x")
	}
	for between, want := range map[int]int{6: 1, 7: 2} {
		hunks := 0
		for _, l := range unified(text(between), strings.Split(strings.Join(append([]string{"y"}, append(text(between)[1:between+1], "y")...), ","), ","), 1, 1) {
			if l.op == '@' {
				hunks++
			}
		}
		if hunks != want {
			t.Errorf("%d lines between two changes: %d hunks, want %d", between, hunks, want)
		}
	}
	if got := unified([]string{"a"}, []string{"a"}, 1, 1); got != nil {
		t.Errorf("of equal texts: %v", got)
	}
}

// TestHuge: texts that are too long to compare are taken to differ, with nothing lost.
func TestHuge(t *testing.T) {
	old := make([]string, 3000)
	for i := range old {
		old[i] = fmt.Sprint(i)
	}
	new := append([]string{"first"}, old...)
	if got := apply(t, old, unified(old, new, 1, 1)); !slices.Equal(got, new) {
		t.Error("a patch of a long text is wrong")
	}
}
