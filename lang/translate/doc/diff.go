package doc

import "fmt"

// diffLine is a line of a patch. Op is ' ', '-', '+', or '@' for the head of a hunk.
type diffLine struct {
	op   byte
	text string
}

// around is how many lines that are the same stand around those that are not.
const around = 3

// maxDiff bounds the table of a comparison; beyond it everything is taken to differ.
const maxDiff = 4 << 20

// unified compares two texts line by line, as a patch does. The numbers are those of their first lines.
func unified(old, new []string, oldLine, newLine int) []diffLine {
	var out []diffLine
	all := compare(old, new)
	for from := 0; from < len(all); {
		start, end := hunk(all, from)
		if start == end {
			break
		}
		o, n := count(all[:start])
		lo, ln := count(all[start:end])
		out = append(out, diffLine{'@', fmt.Sprintf("@@ -%d,%d +%d,%d @@", oldLine+o, lo, newLine+n, ln)})
		out = append(out, all[start:end]...)
		from = end
	}
	return out
}

// hunk finds the next lines that differ, with what is around them; start == end if there are none.
func hunk(all []diffLine, from int) (start, end int) {
	first := from
	for first < len(all) && all[first].op == ' ' {
		first++
	}
	if first == len(all) {
		return first, first
	}
	last := first
	for i := first; i < len(all) && i-last <= 2*around+1; i++ {
		if all[i].op != ' ' {
			last = i
		}
	}
	return max(from, first-around), min(len(all), last+around+1)
}

// count says how many lines of either text are in a stretch.
func count(all []diffLine) (old, new int) {
	for _, l := range all {
		if l.op != '+' {
			old++
		}
		if l.op != '-' {
			new++
		}
	}
	return old, new
}

// compare lines up two texts by a longest common subsequence; what was goes before what is.
func compare(old, new []string) []diffLine {
	same := common(old, new)
	var out []diffLine
	i, j := 0, 0
	for i < len(old) || j < len(new) {
		switch {
		case i < len(old) && j < len(new) && old[i] == new[j]:
			out = append(out, diffLine{' ', old[i]})
			i, j = i+1, j+1
		case j == len(new) || i < len(old) && same(i+1, j) >= same(i, j+1):
			out = append(out, diffLine{'-', old[i]})
			i++
		default:
			out = append(out, diffLine{'+', new[j]})
			j++
		}
	}
	return out
}

// common gives the length of a longest common subsequence of what begins at two places.
func common(old, new []string) func(i, j int) int {
	if (len(old)+1)*(len(new)+1) > maxDiff {
		return func(i, j int) int { return 0 }
	}
	w := len(new) + 1
	length := make([]int32, (len(old)+1)*w)
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(new) - 1; j >= 0; j-- {
			if old[i] == new[j] {
				length[i*w+j] = length[(i+1)*w+j+1] + 1
			} else {
				length[i*w+j] = max(length[(i+1)*w+j], length[i*w+j+1])
			}
		}
	}
	return func(i, j int) int { return int(length[i*w+j]) }
}
