package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"

	"github.com/rprocspec/rprocspec/validate"
	"github.com/rprocspec/rprocspec/validate/story"
)

// jsonLines prints one JSON object per line and trace; docs/json.md is its contract.
type jsonLines struct{ w io.Writer }

// noAnswer is the object of a trace that could not be read.
type noAnswer struct {
	Trace   string  `json:"trace"`
	Verdict *string `json:"verdict"` // always null
	Error   string  `json:"error"`
}

func (j *jsonLines) Trace(res *validate.Result) error { return j.print(filled(res)) }

func (j *jsonLines) Unreadable(trace string, why error) error {
	return j.print(noAnswer{Trace: trace, Error: why.Error()})
}

func (j *jsonLines) Close(Summary) error { return nil }

func (j *jsonLines) print(v any) error { return WriteJSON(j.w, v) }

// WriteJSON writes a value on a line of its own, which can be printed on a terminal.
func WriteJSON(w io.Writer, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(asciiControls(buf.Bytes()))
	return err
}

// asciiControls escapes what encoding/json leaves as it is and a terminal would obey: DEL, the C1
// controls, marks that turn the direction of text. They stand inside strings only.
func asciiControls(line []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(line) {
		switch {
		case r == '\n' || strconv.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, hi, lo)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}

// filled gives a copy of res whose lists are never null, so that a consumer may loop over them.
func filled(res *validate.Result) *validate.Result {
	c := *res
	c.Reasons, c.Kernels, c.Notes = list(c.Reasons), list(c.Kernels), list(c.Notes)
	c.Sources, c.BadLines = list(c.Sources), list(c.BadLines)
	if c.Features == nil {
		c.Features = map[string]*validate.FeatureResult{}
	}
	c.Subjects = nil
	for _, s := range res.Subjects {
		c.Subjects = append(c.Subjects, filledSubject(s))
	}
	c.Subjects = list(c.Subjects)
	return &c
}

func filledSubject(s *validate.SubjectResult) *validate.SubjectResult {
	c := *s
	c.Aliases, c.Reasons, c.Notes = list(c.Aliases), list(c.Reasons), list(c.Notes)
	if c.Final == nil {
		c.Final = map[string]any{}
	}
	c.SelfCheck = list(c.SelfCheck)
	c.Findings = nil
	for _, f := range s.Findings {
		g := *f
		g.Assumed, g.Related = list(g.Assumed), list(g.Related)
		c.Findings = append(c.Findings, &g)
	}
	c.Findings = list(c.Findings)
	c.Story = filledStory(s.Story)
	return &c
}

func filledStory(s *story.Story) *story.Story {
	if s == nil {
		s = &story.Story{End: story.Unknown}
	}
	c := *s
	c.Episodes = nil
	for _, e := range s.Episodes {
		f := *e
		f.Missing, f.Steps = list(f.Missing), list(f.Steps)
		c.Episodes = append(c.Episodes, &f)
	}
	c.Episodes = list(c.Episodes)
	return &c
}

// list gives an empty list for none.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
