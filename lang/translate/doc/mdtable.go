package doc

import (
	"strings"
	"unicode/utf8"
)

// table writes a table in columns, as wide as they must be.
func (w *mdWriter) table(t table) {
	if len(t.rows) == 0 {
		return
	}
	rows := [][]string{w.cells(t.head)}
	for _, r := range t.rows {
		rows = append(rows, w.cells(r))
	}
	widths := columnWidths(rows)
	for i, r := range rows {
		w.row(r, widths)
		if i == 0 {
			for _, n := range widths {
				w.printf("|%s", strings.Repeat("-", n+2))
			}
			w.printf("|\n")
		}
	}
	w.printf("\n")
}

// row writes cells, filled up to their columns.
func (w *mdWriter) row(cells []string, widths []int) {
	for i, c := range cells {
		w.printf("| %s%s ", c, strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c)))
	}
	w.printf("|\n")
}

// cells writes texts without links, which would make columns wide.
func (w *mdWriter) cells(all []text) []string {
	var out []string
	for _, t := range all {
		bare := make(text, len(t))
		for i, s := range t {
			s.to = ""
			bare[i] = s
		}
		out = append(out, strings.ReplaceAll(w.inline(bare), "|", `\|`))
	}
	return out
}

// columnWidths gives the width of the widest cell of every column, in characters.
func columnWidths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c), 1)
		}
	}
	return widths
}

// width is how wide the table becomes as Markdown.
func (t table) width() int {
	w := &mdWriter{}
	rows := [][]string{w.cells(t.head)}
	for _, r := range t.rows {
		rows = append(rows, w.cells(r))
	}
	sum := 1
	for _, n := range columnWidths(rows) {
		sum += n + 3
	}
	return sum
}
