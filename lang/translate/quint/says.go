package quint

import (
	"fmt"
	"strings"

	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// says tells what a step does: where it stands in the spec, and the statement.
func (w *writer) says(st *steps.Step) string {
	n := st.Node
	where := fmt.Sprintf("%s:%d: ", fileName(n.Span.Start), n.Span.Start.Line)
	switch n.Kind {
	case machine.Destroy:
		return where + "the wakeup sources are destroyed"
	case machine.End:
		return where + "the end"
	}
	return where + w.m.Statement(n)
}

func fileName(p diag.Pos) string { return p.File[strings.LastIndexByte(p.File, '/')+1:] }
