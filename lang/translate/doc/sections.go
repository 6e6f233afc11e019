package doc

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
)

func (d *document) head() {
	d.printf("# %s\n\n", d.info.Name)
	d.prose(d.info.Doc)
	if n := len(d.info.Chain); n > 1 {
		d.printf("A variant of %s; everything that is not marked comes from there. It declares:\n\n", span(d.info.Chain[n-2].Name.Name))
		d.changes()
	}
	if d.info.Subject != "" {
		d.printf("One machine for every %s.\n\n", span(d.info.Subject))
	}
}

// changes lists what the module itself declares, but for its expectations, which stand at the end.
func (d *document) changes() {
	for _, decl := range d.info.Module.Decls {
		if _, ok := decl.(*lang.Expect); ok {
			continue
		}
		line, _, _ := strings.Cut(d.text(decl.Pos(), decl.End()), "\n")
		if line = strings.TrimRight(line, " {"); line == "" {
			continue
		}
		d.printf("* %s", span(line))
		if about := Summary(decl.DocText()); about != "" {
			d.printf(": %s", cell(about))
		}
		d.printf("\n")
	}
	d.printf("\n")
}

func (d *document) features() {
	d.constants("## Features", "What differs between kernels.", d.info.Features)
	d.constants("## Devices", "What differs between processors.", d.info.Devices)
	d.constants("## Constants", "", d.info.Consts)
}

// constants writes a table of features, device constants or consts.
func (d *document) constants(title, about string, all []*check.Object) {
	if len(all) == 0 {
		return
	}
	d.printf("%s\n\n", title)
	d.prose(about)
	var rows [][]string
	for _, o := range all {
		rows = append(rows, []string{span(o.Name) + d.changed(o.Decl), span(o.Type.String()) + d.fixed(o), Of(o)})
	}
	d.table([]string{"name", "type", "meaning"}, rows)
}

// fixed gives the value of what has one in this spec.
func (d *document) fixed(o *check.Object) string {
	if v, ok := d.info.Fixed[o]; ok {
		return " = " + span(Value(o.Type, v))
	}
	if o.Kind == check.ConstObj {
		return " = " + span(Value(o.Type, o.Value))
	}
	return ""
}

// kernels writes the profiles as columns, the features as rows.
func (d *document) kernels() {
	if len(d.info.Kernels) == 0 {
		return
	}
	d.printf("## Kernels\n\n")
	head := []string{"feature"}
	for _, k := range d.info.Kernels {
		head = append(head, k.Name)
	}
	var rows [][]string
	for _, f := range d.info.Features {
		row := []string{span(f.Name)}
		for _, k := range d.info.Kernels {
			row = append(row, profileValue(k, f))
		}
		rows = append(rows, row)
	}
	d.table(head, rows)
	for _, k := range d.info.Kernels {
		if k.Doc != "" {
			d.printf("* **%s**%s: %s\n", k.Name, d.changed(k.Decl), cell(k.Doc))
		}
	}
	d.printf("\n")
}

// profileValue gives the value of a feature in a profile; a dash where the profile leaves it open.
func profileValue(k *check.KernelProfile, f *check.Object) string {
	if v, ok := k.Values[f]; ok {
		return Value(f.Type, v)
	}
	return "–"
}

func (d *document) state() {
	d.printf("## State\n\n")
	var rows [][]string
	for _, group := range [][]*check.Object{d.info.Vars, d.info.Mutexes, d.info.Wakeups, d.info.Works} {
		for _, o := range group {
			rows = append(rows, []string{span(d.text(o.Decl.Pos(), o.Decl.End())) + d.changed(o.Decl), d.about(o)})
		}
	}
	d.table([]string{"declaration", "meaning"}, rows)
	for _, e := range d.info.Enums {
		d.printf("* %s%s: %s\n", span(e.Name), d.changed(e.Object.Decl), d.members(e))
	}
	d.printf("\n")
}

// about gives the doc comment of a variable and the mutex that protects it.
func (d *document) about(o *check.Object) string {
	doc := Of(o)
	if m := d.info.Protected[o]; m != nil {
		doc = strings.TrimSpace(doc + " Written with " + span(m.Name) + " held.")
	}
	return doc
}

func (d *document) members(e *check.Enum) string {
	var all []string
	for _, m := range e.Members {
		s := span(m.Name)
		if m.If != nil {
			s += " if " + span(d.expr(m.If))
		}
		all = append(all, s)
	}
	return strings.Join(all, ", ")
}

func (d *document) expr(e lang.Expr) string { return d.text(e.Pos(), e.End()) }

func (d *document) transitions() {
	for _, v := range d.info.TransitionVars {
		d.printf("## Transitions of %s\n\nAny other is a violation.\n\n", v.Name)
		var rows [][]string
		for _, e := range d.info.Transitions[v] {
			rows = append(rows, d.edge(e))
		}
		d.table([]string{"from", "", "to", "if", ""}, rows)
	}
}

func (d *document) edge(e *lang.Edge) []string {
	arrow, cond, severity := "→", "", ""
	if e.Both {
		arrow = "↔"
	}
	if e.If != nil {
		cond = span(d.expr(e.If))
	}
	if e.Warning {
		severity = "warning"
	}
	return []string{states(e.From), arrow, states(e.To), cond, severity + d.changed(e)}
}

func states(ids []*lang.Ident) string {
	if len(ids) == 0 {
		return "any"
	}
	var names []string
	for _, id := range ids {
		names = append(names, span(id.Name))
	}
	return strings.Join(names, ", ")
}

func (d *document) properties() {
	if len(d.info.Balances)+len(d.info.Properties) == 0 {
		return
	}
	d.printf("## Properties\n\n")
	for _, b := range d.info.Balances {
		d.declaration("balance "+b.Wakeup.Name, b)
	}
	for _, p := range d.info.Properties {
		d.declaration(p.Name.Name, p)
	}
}

// declaration writes a declaration with its doc comment and its text.
func (d *document) declaration(title string, decl lang.Decl) {
	d.printf("### %s%s\n\n", title, d.changed(decl))
	d.prose(decl.DocText())
	d.code(decl)
}

func (d *document) processes() {
	if len(d.info.Processes) == 0 {
		return
	}
	d.printf("## Processes\n\n")
	for _, p := range d.info.Processes {
		d.declaration(p.Name, p.Decl)
		var notes []string
		if p.Work != nil {
			notes = append(notes, "Runs as the work item "+span(p.Work.Name)+".")
		}
		if by := d.callers(p); len(by) > 0 {
			notes = append(notes, "Called by "+strings.Join(by, ", ")+".")
		}
		if len(notes) > 0 {
			d.printf("%s\n\n", strings.Join(notes, " "))
		}
	}
}

// callers lists who calls or spawns a process.
func (d *document) callers(p *check.Process) []string {
	var by []string
	for _, q := range d.info.Processes {
		if slices.Contains(q.Calls, p) {
			by = append(by, span(q.Name))
		}
	}
	return by
}

func (d *document) scenarios() {
	if len(d.info.Scenarios)+len(d.info.Expects) == 0 {
		return
	}
	d.printf("## Scenarios\n\n")
	for _, s := range d.info.Scenarios {
		d.declaration(s.Name.Name, s)
	}
	for _, e := range d.info.Expects {
		line := fmt.Sprintf("* %s%s", span(d.text(e.Pos(), e.End())), d.changed(e))
		if doc := cell(e.DocText()); doc != "" {
			line += ": " + doc
		}
		d.printf("%s\n", line)
	}
}
