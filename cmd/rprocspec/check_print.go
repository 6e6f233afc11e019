package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/diag"
	"github.com/rprocspec/rprocspec/modelcheck"
)

// text prints the result of one kernel for people.
func (c *checking) text(res *modelcheck.Result) {
	fmt.Fprintf(c.out, "%s%s: %s\n", report.Clean(res.Module), inKernel(res.Kernel), headline(res.Space))
	if x := res.Space; x != nil {
		for _, j := range x.Judgements {
			c.line(j.Title(), judgementText(j), j.Unexpected)
			if j.Unexpected || c.flags.verbose {
				c.draw(j.Detail, j.Trace)
			}
		}
	}
	for _, s := range res.Scenarios {
		for _, o := range s.Outcomes {
			c.line(s.Name, outcomeText(o), o.Unexpected)
			switch {
			case !o.Unexpected && !c.flags.verbose:
			case o.Trace != nil:
				c.draw(o.Detail, o.Trace)
			case s.Run != nil:
				c.draw("a run of it", s.Run)
			default:
				c.draw(s.Blocked, nil)
			}
		}
	}
}

func inKernel(k string) string {
	if k == "" {
		return ""
	}
	return " in " + report.Clean(k)
}

// headline tells what was explored.
func headline(x *modelcheck.Exploration) string {
	if x == nil {
		return "nothing is explored"
	}
	s := fmt.Sprintf("%s states, depth %d, %s steps, %d bits a state, %s", thousands(x.States), x.Depth,
		thousands(x.Transitions), x.StateBits, x.Duration.Round(10*time.Millisecond))
	if x.Bounded != "" {
		s += "; BOUNDED by " + article(x.Bounded)
	}
	return s
}

func (c *checking) line(title, text string, unexpected bool) {
	mark := " "
	if unexpected {
		mark = "!"
	}
	fmt.Fprintf(c.out, "%s %-28s %s\n", mark, report.Clean(title), text)
}

// judgementText says what is with a property, and whether that was expected.
func judgementText(j *modelcheck.Judgement) string {
	s := verdictText(j.Verdict, j.Trace)
	if j.Severity == diag.Warning {
		s += " (warning)"
	}
	switch {
	case j.Unexpected:
		s += ", which is not expected"
	case j.Verdict == modelcheck.Violated && j.Expected == modelcheck.Violated:
		s += ", as expected"
	}
	return s
}

func verdictText(v modelcheck.Verdict, t *modelcheck.Trace) string {
	if v == modelcheck.Violated && t != nil {
		return fmt.Sprintf("violated in %d steps", t.Len())
	}
	return string(v)
}

// outcomeText says what is with a scenario.
func outcomeText(o *modelcheck.Outcome) string {
	if !o.Unexpected {
		return o.Text()
	}
	is := map[modelcheck.Verdict]string{
		modelcheck.Holds: "it holds", modelcheck.Violated: "it is violated", modelcheck.Impossible: "no run follows the script",
	}[o.Verdict]
	if o.Text() == "impossible" {
		is = "a run follows the script"
	}
	return o.Text() + " is expected, but " + is
}

// draw prints a detail and a behaviour, indented.
func (c *checking) draw(detail string, t *modelcheck.Trace) {
	if detail != "" {
		fmt.Fprintf(c.out, "    %s\n", report.Clean(detail))
	}
	if t == nil {
		return
	}
	for l := range strings.Lines(t.Draw()) {
		fmt.Fprintln(c.out, report.Clean(strings.TrimSuffix(l, "\n")))
	}
	fmt.Fprintln(c.out)
}

// show prints one behaviour: of a property that is violated, else of a scenario.
func (c *checking) show(res *modelcheck.Result) error {
	if x := res.Space; x != nil {
		for _, j := range x.Judgements {
			if j.Title() == c.flags.show && j.Trace != nil {
				return c.behaviour(res, j.Detail, j.Trace)
			}
		}
	}
	for _, s := range res.Scenarios {
		if s.Name != c.flags.show {
			continue
		}
		detail := "a run of it"
		run, violated := s.Shown()
		if violated != nil {
			detail = violated.Detail
		}
		if run != nil {
			return c.behaviour(res, detail, run)
		}
	}
	return nil
}

func (c *checking) behaviour(res *modelcheck.Result, detail string, t *modelcheck.Trace) error {
	c.shown = true
	switch c.flags.format.value {
	case "itf":
		text, err := t.ITF()
		c.out.Write(text) // what cannot be written is told at the end
		return err
	case "ftrace":
		c.out.WriteString(t.Ftrace())
	case "json":
		return c.encode(map[string]any{"spec": res.Module, "kernel": res.Kernel, "property": t.Property, "detail": detail, "drawing": t.Draw()})
	default:
		fmt.Fprintf(c.out, "%s%s: %s\n", report.Clean(res.Module), inKernel(res.Kernel), report.Clean(c.flags.show))
		c.draw(detail, t)
	}
	return nil
}

// checkJSON is one line of --format json.
type checkJSON struct {
	Spec      string         `json:"spec"`
	Kernel    string         `json:"kernel"`
	Verdict   string         `json:"verdict"`
	Space     *spaceJSON     `json:"space"`
	Scenarios []scenarioJSON `json:"scenarios"`
}

type spaceJSON struct {
	States      int            `json:"states"`
	Initial     int            `json:"initial"`
	Depth       int            `json:"depth"`
	Transitions int            `json:"transitions"`
	StateBits   int            `json:"state_bits"`
	Memory      int64          `json:"memory"`
	Seconds     float64        `json:"seconds"`
	Bounded     string         `json:"bounded"`
	Exact       bool           `json:"exact"`
	Properties  []propertyJSON `json:"properties"`
	Unexecuted  []string       `json:"unexecuted"`
}

type propertyJSON struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Severity   string `json:"severity"`
	Verdict    string `json:"verdict"`
	Expected   string `json:"expected"`
	Unexpected bool   `json:"unexpected"`
	Length     *int   `json:"length"`
	Detail     string `json:"detail"`
}

type scenarioJSON struct {
	Name       string `json:"name"`
	Expected   string `json:"expected"`
	Verdict    string `json:"verdict"`
	Unexpected bool   `json:"unexpected"`
	Length     *int   `json:"length"`
	Detail     string `json:"detail"`
}

// json prints the result of one kernel as a line of JSON.
func (c *checking) json(res *modelcheck.Result) error {
	out := checkJSON{Spec: res.Module, Kernel: res.Kernel, Verdict: "expected", Scenarios: []scenarioJSON{}}
	switch {
	case res.Unexpected():
		out.Verdict = "unexpected"
	case res.Open():
		out.Verdict = "bounded"
	}
	if x := res.Space; x != nil {
		out.Space = c.spaceJSON(x)
	}
	for _, s := range res.Scenarios {
		for _, o := range s.Outcomes {
			out.Scenarios = append(out.Scenarios, scenarioJSON{
				s.Name, o.Text(), string(o.Verdict), o.Unexpected, length(o.Trace), o.Detail,
			})
		}
	}
	return c.encode(out)
}

func (c *checking) spaceJSON(x *modelcheck.Exploration) *spaceJSON {
	s := &spaceJSON{
		x.States, x.Initial, x.Depth, x.Transitions, x.StateBits, x.Memory, x.Duration.Seconds(), x.Bounded, c.flags.exact,
		[]propertyJSON{},
		[]string{},
	}
	for _, j := range x.Judgements {
		s.Properties = append(s.Properties, propertyJSON{
			j.Title(), string(j.Kind), j.Severity.String(), string(j.Verdict), string(j.Expected), j.Unexpected, length(j.Trace), j.Detail,
		})
	}
	for _, u := range x.Unexecuted {
		s.Unexecuted = append(s.Unexecuted, u.String())
	}
	return s
}

func (a *app) encode(v any) error { return report.WriteJSON(a.out, v) }

func length(t *modelcheck.Trace) *int {
	if t == nil {
		return nil
	}
	n := t.Len()
	return &n
}
