package diag

import (
	"bufio"
	"fmt"
	"io"
)

// DefaultMax is how many diagnostics a Printer shows unless told otherwise.
const DefaultMax = 20

// Printer writes diagnostics as compilers do:
//
//	core.rps:12:3: unknown name "sate" [unknown-name]
//		hint: did you mean "state"?
//		core.rps:4:5: declared here
//
// Warnings carry the word "warning: ", errors carry none. The zero value is ready to use.
type Printer struct {
	Max int // how many to show: 0 for DefaultMax, negative for all
}

// Print writes the list sorted, de-duplicated and cut at p.Max. The list itself stays as it is.
func (p Printer) Print(w io.Writer, l List) error {
	out := bufio.NewWriter(w)
	l = l.sorted()
	shown := l[:min(p.limit(), len(l))]
	for _, d := range shown {
		printOne(out, d)
	}
	if rest := len(l) - len(shown); rest > 0 {
		fmt.Fprintf(out, "and %d more\n", rest)
	}
	return out.Flush()
}

func (p Printer) limit() int {
	switch {
	case p.Max < 0:
		return int(^uint(0) >> 1)
	case p.Max == 0:
		return DefaultMax
	}
	return p.Max
}

// printOne leaves write errors to the Flush at the end.
func printOne(w *bufio.Writer, d Diagnostic) {
	fmt.Fprintln(w, d)
	if d.Hint != "" {
		fmt.Fprintf(w, "\thint: %s\n", d.Hint)
	}
	for _, r := range d.Related {
		if pos := r.Span.String(); pos != "" {
			fmt.Fprintf(w, "\t%s: %s\n", pos, r.Message)
		} else {
			fmt.Fprintf(w, "\t%s\n", r.Message)
		}
	}
}
