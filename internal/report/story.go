package report

import (
	"fmt"

	"github.com/rprocspec/rprocspec/validate/story"
)

// maxEpisodes bounds the episodes of one story in a text that is not verbose.
const maxEpisodes = 8

// story tells what happened to a processor: a sentence, then a line for every episode.
func (p *page) story(s *story.Story, verbose bool) {
	if s == nil || len(s.Episodes) == 0 {
		return
	}
	p.line("    story: %s", s.Text)
	for i, e := range s.Episodes {
		if hidden := len(s.Episodes) - maxEpisodes; !verbose && hidden > 1 && i >= maxEpisodes/2 && i < maxEpisodes/2+hidden {
			if i == maxEpisodes/2 {
				p.line("      … and %d more; --verbose shows them", hidden+s.LeftOut)
			}
			continue
		}
		p.line("      %s: %s", span(e), e.Text)
		if verbose {
			p.steps(e)
		}
	}
}

// steps lists the lines of an episode.
func (p *page) steps(e *story.Episode) {
	if e.Said != "" {
		p.line("        the firmware said: %s", e.Said)
	}
	for _, s := range e.Steps {
		p.line("        %d: %s", s.Line, s.What)
	}
}

// span gives the lines of an episode.
func span(e *story.Episode) string {
	if e.Last == e.Line {
		return fmt.Sprintf("line %d", e.Line)
	}
	return fmt.Sprintf("lines %d-%d", e.Line, e.Last)
}
