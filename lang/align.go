package lang

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// alignLimit is the widest line that others align their comments to.
const alignLimit = 90

// alignCells puts the marked places of each group below each other.
func alignCells(lines []*line) {
	widest := map[int]int{}
	for _, l := range lines {
		if l.group != 0 {
			widest[l.group] = max(widest[l.group], l.cellWidth())
		}
	}
	for _, l := range lines {
		if l.group != 0 {
			pad := bytes.Repeat([]byte(" "), widest[l.group]-l.cellWidth())
			l.text = slices.Insert(l.text, l.cell, pad...)
		}
	}
}

func (l *line) cellWidth() int { return utf8.RuneCount(l.text[:l.cell]) }

// alignComments puts the comments at the ends of neighbouring lines of one depth below each other.
func alignComments(lines []*line) {
	for len(lines) > 0 {
		n := 1
		if lines[0].endsInComment() {
			n = runLength(lines)
			alignRun(lines[:n])
		}
		lines = lines[n:]
	}
}

// endsInComment reports whether l has a comment behind something.
func (l *line) endsInComment() bool { return len(l.text) > 0 && l.comment != "" }

// runLength counts the lines that align with the first.
func runLength(lines []*line) int {
	i := slices.IndexFunc(lines[1:], func(l *line) bool {
		return l.blank || !l.endsInComment() || l.indent != lines[0].indent
	})
	if i < 0 {
		return len(lines)
	}
	return i + 1
}

// alignRun pads all lines but those that are so long that they would push the others away.
func alignRun(lines []*line) {
	widest := 0
	for _, l := range lines {
		if l.width() <= alignLimit {
			widest = max(widest, l.width())
		}
	}
	for _, l := range lines {
		l.add(strings.Repeat(" ", max(0, widest-l.width())))
	}
}

func render(lines []*line) []byte {
	var out bytes.Buffer
	for _, l := range lines {
		if l.blank {
			out.WriteByte('\n')
		}
		out.WriteString(strings.Repeat("  ", l.indent))
		out.Write(l.text)
		if l.endsInComment() {
			out.WriteByte(' ')
		}
		out.WriteString(l.comment)
		out.WriteByte('\n')
	}
	return out.Bytes()
}
