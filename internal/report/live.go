package report

import (
	"io"

	"github.com/rprocspec/rprocspec/validate"
)

// Live prints what becomes definite of a trace while it is followed, and the answer about it at its end.
type Live struct {
	w    io.Writer
	opt  Options
	json bool
}

// NewLive gives the Live of one of Formats.
func NewLive(name string, w io.Writer, opt Options) (*Live, error) {
	if _, err := New(name, w, opt); err != nil {
		return nil, err
	}
	return &Live{w: w, opt: opt, json: name == "json"}, nil
}

// event is one line of JSON; docs/json.md is its contract.
type event struct {
	Event  string           `json:"event"`
	Trace  string           `json:"trace"`
	News   *validate.News   `json:"news,omitempty"`
	Result *validate.Result `json:"result,omitempty"`
}

// News prints one finding that became definite, or is over.
func (l *Live) News(trace string, n validate.News) error {
	if l.json {
		what := "finding"
		if n.Over {
			what = "over"
		}
		n.Aliases = list(n.Aliases)
		f := *n.Finding
		f.Assumed, f.Related = list(f.Assumed), list(f.Related)
		n.Finding = &f
		return l.print(event{Event: what, Trace: trace, News: &n})
	}
	p := &page{color: l.opt.Color}
	of := &validate.SubjectResult{Name: n.Subject, Aliases: n.Aliases}
	if n.Over {
		p.line("%s: %s: what began at line %d is over [%s]", at(trace, *n.Finding.Until), subjectName(of), n.Finding.Line, code(n.Finding))
	} else {
		p.finding(trace, found{n.Finding, of})
	}
	_, err := io.WriteString(l.w, p.String())
	return err
}

// Trace prints the answer at the end. Findings that are over were told and stand in it no more.
func (l *Live) Trace(res *validate.Result) error {
	if l.json {
		return l.print(event{Event: "result", Trace: res.Trace, Result: filled(res)})
	}
	return (&text{w: l.w, opt: l.opt}).Trace(res)
}

func (l *Live) print(e event) error { return (&jsonLines{w: l.w}).print(e) }
