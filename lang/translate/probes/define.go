package probes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
)

// Level is how much a recipe asks of a kernel.
type Level string

// The levels. A recipe falls back, probe by probe, where a kernel refuses.
const (
	Events  Level = "events"  // static tracepoints only: works on a locked-down kernel
	Kprobes Level = "kprobes" // probes with names, by offsets that are the same in every kernel
	Values  Level = "args"    // probes that show variables as well, by the kernel's BTF
)

// Levels lists them, the least first.
func Levels() []string { return []string{string(Events), string(Kprobes), string(Values)} }

// Options say for which kernel, and how much.
type Options struct {
	Level   Level   // "" means Values
	Full    bool    // every function of the spec, not only those that a verdict hangs on
	Kernel  Version // zero: not known, so everything is tried
	Layout  *Layout // nil: not known
	Version string  // of the generator, for the head of what is generated
	Judged  bool    // who runs the recipe validates what it records, and need not be told how
}

// Version is the release of a kernel, as far as it matters.
type Version struct{ Major, Minor int }

// Known tells whether there is one.
func (v Version) Known() bool { return v != Version{} }

// Before tells whether a known version is older than another.
func (v Version) Before(major, minor int) bool {
	return v.Known() && cmp.Or(cmp.Compare(v.Major, major), cmp.Compare(v.Minor, minor)) < 0
}

func (v Version) String() string {
	if !v.Known() {
		return "any"
	}
	return fmt.Sprintf("%d.%d", v.Major, v.Minor)
}

// Probe is a probe to place, with the arguments that it is to print: the best first, then what to be
// content with.
type Probe struct {
	Exit  bool // on the return
	Func  string
	Extra bool // no verdict hangs on it
	Args  []string
	Why   string // what it decides
}

// Way is how marks and records name the place.
func (p Probe) Way() string {
	if p.Exit {
		return "exit"
	}
	return "enter"
}

// Probes lists the probes for a kernel, those that verdicts hang on first. nameOffset stands in the arguments for where the name is, if that
// hangs on the size of a pointer.
func (p *Plan) Probes(opt Options) []Probe {
	if opt.Level == Events {
		return nil
	}
	var all []Probe
	for _, f := range p.Functions {
		if len(f.Sets) > 0 {
			all = append(all, p.probesOn(f, opt)...)
		}
	}
	for _, f := range p.Functions {
		if len(f.Sets) == 0 && (f.Primed || opt.Full) {
			all = append(all, p.probesOn(f, opt)...)
		}
	}
	return all
}

// probesOn gives the probes on one function: its entry, and its return where that tells something.
func (p *Plan) probesOn(f *Function, opt Options) []Probe {
	args := p.entryArgs(f, opt)
	if f.Work != "" && !opt.Full && len(args) == 0 {
		return nil // workqueue events say as much
	}
	in := Probe{Func: f.Name, Extra: len(f.Sets) == 0, Args: append(args, ""), Why: f.why()}
	out := in
	out.Exit, out.Args = true, []string{"ret=$retval:s32", ""}
	switch {
	case f.Result:
		return []Probe{in, out}
	case opt.Full && !f.Call:
		out.Args = []string{""}
		return []Probe{in, out}
	}
	return []Probe{in}
}

func (f *Function) why() string {
	switch {
	case f.Call:
		return "calls that change nothing leave no event"
	case len(f.Sets) > 0:
		return "changes " + strings.Join(f.Sets, " and ") + " without a line"
	case f.Work != "":
		return "tells whose work item runs"
	}
	return "tells who called it, and what came of it"
}

// nameOffset stands for the offset of a name that hangs on the size of a pointer.
const nameOffset = "@name"

// deviceName prints the name of a struct device: its first member is the kobject, whose first is the name.
func deviceName(arg int) string { return fmt.Sprintf("dev=+0(+0($arg%d)):string", arg) }

// entryArgs lists what an entry probe may print, the best first.
func (p *Plan) entryArgs(f *Function, opt Options) []string {
	if f.Call {
		return []string{deviceName(1)}
	}
	if l := opt.Layout; l != nil && opt.Level != Kprobes {
		if args := p.byLayout(f, l); len(args) > 0 {
			return args
		}
	}
	return append(p.byMember(f, opt), p.byOffset(f, opt)...)
}

// byMember prints name and variables by their names in C, which the kernel looks up in its own BTF, as it can
// since 6.6.
func (p *Plan) byMember(f *Function, opt Options) []string {
	k, ok := subjects[p.Subject]
	if _, odd := k.args[f.Name]; !ok || odd || opt.Layout != nil || opt.Level == Kprobes || opt.Kernel.Before(6, 6) {
		return nil
	}
	args := []string{fmt.Sprintf("name=%s->name:string", p.Subject)}
	for _, m := range k.members {
		if p.shows(m) {
			args = append(args, fmt.Sprintf("%s=%s->%s%s:%s", m, p.Subject, m, k.types[m+" path"], k.types[m]))
		}
	}
	return []string{strings.Join(append(args, p.params(f)...), " ")}
}

// shows tells whether a variable of the spec is worth printing: some judgement of traces is about it.
func (p *Plan) shows(variable string) bool {
	for _, prop := range p.info.Properties {
		if prop.Kind == lang.Invariant && p.reads(prop.Expr)[variable] {
			return true
		}
	}
	return slices.ContainsFunc(p.Judged, func(j Judged) bool { return j.Name == "transitions "+variable })
}

// params prints the spec's parameters, which follow the subject in C.
func (p *Plan) params(f *Function) []string {
	var args []string
	for i, name := range f.Params {
		args = append(args, fmt.Sprintf("%s=$arg%d:u32", name, i+2))
	}
	return args
}

// byLayout prints them by offsets that were read from BTF, or else the name alone.
func (p *Plan) byLayout(f *Function, l *Layout) []string {
	a, ok := l.Args[f.Name]
	name, named := l.Members["name"]
	arg, base := a.Subject, 0
	if a.Work > 0 {
		item, ok := l.Members[f.Work]
		if !ok {
			return nil
		}
		arg, base = a.Work, item.Offset
	}
	if ok && arg == 0 && a.Device > 0 {
		return []string{deviceName(a.Device)}
	}
	if !ok || arg == 0 || !named || name.Type != "string" {
		return nil
	}
	args := []string{fmt.Sprintf("name=+0(%+d($arg%d)):string", name.Offset-base, arg)}
	for _, o := range p.info.Vars {
		if m, ok := l.Members[o.Name]; ok && m.Type != "" && m.Type != "string" && p.shows(o.Name) {
			args = append(args, fmt.Sprintf("%s=%+d($arg%d):%s", o.Name, m.Offset-base, arg, m.Type))
		}
	}
	if a.Subject > 0 {
		args = append(args, p.params(f)...)
	}
	return slices.Compact([]string{strings.Join(args, " "), args[0]})
}

// byOffset prints the name alone.
func (p *Plan) byOffset(f *Function, opt Options) []string {
	k, ok := subjects[p.Subject]
	if !ok {
		return nil
	}
	a, odd := k.args[f.Name]
	if !odd {
		a.Subject = 1
	}
	if a.Subject == 0 {
		if a.Device > 0 {
			return []string{deviceName(a.Device)}
		}
		return nil
	}
	offset := nameOffset
	if l := opt.Layout; l != nil && l.Members["name"].Type == "string" {
		offset = fmt.Sprint(l.Members["name"].Offset)
	}
	args := []string{fmt.Sprintf("name=+0(+%s($arg%d)):string", offset, a.Subject)}
	if !odd {
		args = append(args, p.params(f)...)
	}
	return []string{strings.Join(args, " ")}
}
