// Package diag carries source positions and the diagnostics that point at them.
// It imports nothing of the project, so that every stage can speak of sources in one way.
package diag

import (
	"cmp"
	"fmt"
)

// Pos is a place in a source file. Line and Col count from 1, Col and Offset in bytes.
// The zero Pos is no place.
type Pos struct {
	File   string
	Offset int
	Line   int
	Col    int
}

// IsValid reports whether p is a place.
func (p Pos) IsValid() bool { return p.Line > 0 }

// String gives file:line:col, as compilers do.
func (p Pos) String() string {
	if !p.IsValid() {
		return p.File
	}
	if p.File == "" {
		return fmt.Sprintf("%d:%d", p.Line, p.Col)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Compare orders places by file, line and column.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}

// Span is the half-open stretch of source from Start to End.
type Span struct {
	Start, End Pos
}

// String gives the start of the span.
func (s Span) String() string { return s.Start.String() }
