package probes

import (
	_ "embed" // for the template of the script
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/rprocspec/rprocspec/traces/mark"
)

//go:embed capture.sh.tmpl
var captureSource string

var captureScript = template.Must(template.New("capture").Parse(captureSource))

// script is what the template of the shell scripts needs.
type script struct {
	*Plan
	Version, Tool, File, Output, For string
	Level                            Level
	Verdicts                         []string
	Clocks                           string
	Events                           []staticEvent
	Probes                           []scriptProbe
	NameOffset                       string
	Name64, Name32                   int
	Symbols                          string // of the spec's functions, separated by |
	Bodies                           string // of its work items
	Class, State, Source, Wakeup     string // "" if not known
	MarkVersion                      int
	Judged                           bool
}

type staticEvent struct{ Group, Name string }

// scriptProbe is a probe as the script places it. From the first extra one on, none is missed.
type scriptProbe struct {
	Probe
	FirstExtra bool
}

// writeScript writes a shell script that records with tracefs and its own instance; tool says how the
// result is kept.
func (p *Plan) writeScript(w io.Writer, tool string, opt Options) error {
	known := subjects[p.Subject]
	s := script{
		Plan: p, Version: opt.Version, Tool: tool, For: "for " + target(opt), Level: opt.level(), Verdicts: p.Verdicts(opt),
		File: "capture.sh", Output: map[string]string{"tracefs": "trace.txt", "trace-cmd": "trace.dat", "perf": "trace.txt"}[tool],
		Clocks: "boot mono global", NameOffset: nameOffset, Name64: known.name * 8, Name32: known.name * 4,
		Class: known.class, MarkVersion: mark.Version, Judged: opt.Judged,
	}
	first := true
	for _, probe := range p.Probes(opt) {
		s.Probes = append(s.Probes, scriptProbe{probe, probe.Extra && first})
		first = first && !probe.Extra
	}
	for _, e := range p.Events {
		group, name, _ := strings.Cut(e, ":")
		s.Events = append(s.Events, staticEvent{group, name})
	}
	for _, f := range p.Functions {
		if f.Work != "" {
			s.Bodies = strings.TrimSpace(s.Bodies + " " + f.Name)
		}
	}
	s.Symbols = strings.Join(p.symbols(), "|")
	s.State, s.Source, s.Wakeup = p.reported(known)
	return captureScript.Execute(w, s)
}

func (o Options) level() Level {
	if o.Level == "" {
		return Values
	}
	return o.Level
}

func target(opt Options) string {
	s := "any kernel"
	if opt.Kernel.Known() {
		s = "Linux " + opt.Kernel.String()
	}
	if opt.Layout != nil {
		s += ", by the " + opt.Layout.Source
	}
	return s
}

// symbols lists the functions of the spec that may be kernel functions.
func (p *Plan) symbols() []string {
	var names []string
	for _, f := range p.Functions {
		if !f.Call {
			names = append(names, f.Name)
		}
	}
	return names
}

// reported gives the names in the spec of what the device itself reports: the variable of its state, the
// wakeup source, and the device constant that tells whether there is one.
func (p *Plan) reported(k known) (state, source, wakeup string) {
	for _, o := range p.info.Vars {
		if o.Name == k.state {
			state = o.Name
		}
	}
	for _, o := range p.info.Devices {
		if o.Name == k.wakeup {
			wakeup = o.Name
		}
	}
	if len(p.info.Wakeups) == 1 && k.class != "" {
		source = p.info.Wakeups[0].Name
	}
	return state, source, wakeup
}

// Verdicts says in a few lines what a capture by these options decides, and what it cannot.
func (p *Plan) Verdicts(opt Options) []string {
	var yes, partly, no []string
	for _, j := range p.Judged {
		switch {
		case j.Never != "":
			no = append(no, fmt.Sprintf("%s (%s)", j.Name, j.Never))
		case len(j.Probes) > 0 && opt.level() == Events:
			partly = append(partly, fmt.Sprintf("%s (calls of %s may go unseen)", j.Name, strings.Join(j.Probes, ", ")))
		default:
			yes = append(yes, j.Name)
		}
	}
	lines := wrap("It decides: ", yes)
	lines = append(lines, wrap("It decides in part, for want of probes: ", partly)...)
	return append(lines, wrap("It cannot decide: ", no)...)
}

// wrap sets a list in lines of about 100 columns.
func wrap(head string, items []string) []string {
	if len(items) == 0 {
		return nil
	}
	var out []string
	line := head
	for i, item := range items {
		if i < len(items)-1 {
			item += ", "
		}
		if len(line)+len(item) > 100 {
			out = append(out, strings.TrimRight(line, " "))
			line = "  "
		}
		line += item
	}
	return append(out, line)
}
