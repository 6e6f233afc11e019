package doc

import (
	"strings"

	"github.com/rprocspec/rprocspec/lang/translate/graph"
)

// document is the content, whatever it is written as.
type document struct {
	title    string
	subtitle string
	blocks   []block
	footer   text
	link     func(word string) string  // where a word of a specification is told of, "" if nowhere
	place    func(place string) string // the line that a step of a run names
}

// block is a piece of a document.
type block interface{ block() }

type (
	// heading begins a section; level 1 is the title's.
	heading struct {
		level int
		id    string // for links, unique
		text  text
		note  string // behind it: changed here
	}
	para struct{ text text }
	list struct{ items []text }

	// table has short cells. A wide one may be turned around where there is no room.
	table struct {
		head []text
		rows [][]text
	}

	// defs are terms with what they mean.
	defs struct {
		items []def
		short bool // the terms are
	}

	// contents is a line of links, where nothing stands beside the text.
	contents struct{ text text }

	// source is a stretch of a specification.
	source struct {
		file string // without its directory, "" if lines are not to be linked to
		line int    // of its first line
		text string
	}
	patch  struct{ lines []diffLine }
	figure struct {
		graph *graph.Graph
		title string
	}
	play   struct{ run *Run }
	beside struct {
		left, right []block
		wideLeft    bool
	}
	folded struct {
		title   text
		open    bool
		instead text // what stands for it where nothing can be folded; nil: the blocks
		blocks  []block
	}
)

// def is one term of defs.
type def struct {
	id   string // for links, "" for none
	term text
	note string
	body []block
}

func (heading) block()  {}
func (para) block()     {}
func (list) block()     {}
func (table) block()    {}
func (defs) block()     {}
func (contents) block() {}
func (source) block()   {}
func (patch) block()    {}
func (figure) block()   {}
func (play) block()     {}
func (beside) block()   {}
func (folded) block()   {}

// text is what stands in a line.
type text []span

// span is a stretch of text that looks the same.
type span struct {
	kind spanKind
	text string
	to   string // what it leads to: an id, or an address for kind web; "" for nothing
}

type spanKind uint8

const (
	plain spanKind = iota
	code
	strong
	good // a verdict, as it ought to be
	bad  // a verdict, as it ought not to be
	dim  // there is nothing to say
	web  // an address
)

// say is plain text.
func say(s string) text { return text{{text: s}} }

// plus puts texts behind each other; t stays what it was.
func (t text) plus(more ...text) text {
	out := append(text{}, t...)
	for _, m := range more {
		out = append(out, m...)
	}
	return out
}

// String gives the bare words.
func (t text) String() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteString(s.text)
	}
	return b.String()
}

// joined puts texts in a row.
func joined(all []text, sep string) text {
	var out text
	for i, t := range all {
		if i > 0 {
			out = append(out, span{text: sep})
		}
		out = append(out, t...)
	}
	return out
}
