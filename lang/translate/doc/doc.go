// Package doc makes a document of a specification that people can review without knowing the language: what it
// describes, how the state may change, what differs between kernels, what must hold and what is known not to, the
// scenarios as interleavings with their verdict in every kernel, and every process beside its kernel source. Of a
// variant it shows first what it changes.
//
// A document is built once, of blocks (content.go), and written as Markdown, which is read on GitHub and in mails,
// or as one file of HTML. What others have found out, verdicts and runs, comes in as plain data: nothing is
// explored here.
package doc

import (
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// Input is what a document is made from. Only Machine must be there: sections without material are left out.
type Input struct {
	Machine *machine.Machine
	// Sources gives the text of every module of the chain by its file. A text that is not there is left out.
	Sources map[string][]byte
	// Kernel is the only kernel profile that the document is about; "" for all of them.
	Kernel string
	About  About
	// Expected says what the module expects of its properties, Verdicts what became of its scenarios; BaseExpected
	// and BaseVerdicts the same of the module that it extends.
	Expected, BaseExpected []Expected
	Verdicts, BaseVerdicts []Verdict
	// Command is what writes this document, for the reader who wants it anew; "" leaves that out.
	Command string
}

// About is what is known of a module beside its text. Everything may be empty.
type About struct {
	Title       string // one line
	Origin      string // kernel versions, or the mail that proposed it
	Assumptions []string
	Counts      []Count
}

// Count is how large the explored instance is in a kernel.
type Count struct {
	Kernel                string
	States, Initial, Deep int
}

// Expected is what a module expects of a property in a kernel.
type Expected struct {
	Title  string // as `expect` names it: owned, balance awake, transitions state
	Kernel string
	Want   string // holds or violated
}

// Verdict is what became of a scenario in a kernel.
type Verdict struct {
	Scenario, Kernel string
	Ought            string // what the scenario says that ought to be: balanced awake
	Is               string // what is: balanced awake, leak awake, impossible
	Met              bool   // it is as it ought to be
	Surprise         bool   // it is not what the module expects of this kernel
	Why              string // what is wrong, or where the script cannot be followed
	Run              *Run   // a run that shows it, nil if there is none
}

// Run is a behaviour as a reviewer draws it: a column for every thread, a line for every step.
type Run struct {
	Threads      []string
	Starts, Ends []string // values
	Steps        []Step
	Drawing      string // all of it as plain text of at most 100 columns
	Broken       int    // the step, counted from 1, after which it is not any more as it ought to be; 0: none
}

// Step is one step of a Run.
type Step struct {
	Thread  int    // whose column
	Place   string // function and line; "" where an activation starts or ends
	What    string
	Changes string
}

// Markdown writes the document for GitHub and for mails.
func Markdown(in *Input) string { return build(in).markdown() }

// HTML writes the document as one file that needs no other, and no network. It is well-formed XML, too.
func HTML(in *Input) string { return build(in).html() }

// Of gives the doc comment of an object, "" if it has none.
func Of(o *check.Object) string {
	if d, ok := o.Decl.(lang.Decl); ok {
		return d.DocText()
	}
	return ""
}

// Summary is the first line of a doc comment.
func Summary(doc string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(doc), "\n")
	return strings.TrimSpace(first)
}

// Value writes a value of a type as specifications do.
func Value(t check.Type, v int) string {
	switch {
	case t.Kind == check.BoolType:
		return strconv.FormatBool(v != 0)
	case t.Kind == check.EnumType && v >= 0 && v < len(t.Enum.Members):
		return t.Enum.Members[v].Name
	}
	return strconv.Itoa(v)
}
