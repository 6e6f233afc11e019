// Package rproc knows the lines that the remoteproc core prints, of all kernels, by their format
// strings: what a line says, and whether a text is only the beginning of one.
//
// Readers need the second to join lines that a mail has wrapped. Whoever tells what happened needs the
// first. Which line means what to a specification is not decided here.
package rproc

import (
	"strconv"
	"strings"
)

// Kind says what a line tells.
type Kind uint8

// The kinds of line. Those from LoadFailed on say that something did not work.
const (
	None         Kind = iota
	Available         // NAME is available: it was registered
	PoweringUp        // powering up NAME: a boot begins
	Attaching         // attaching to NAME
	Booting           // Booting fw image FILE, size N
	Up                // remote processor NAME is now up
	Attached          // remote processor NAME is now attached
	Stopped           // stopped remote processor NAME
	Detached          // detached remote processor NAME
	Crash             // crash detected in NAME: type TYPE
	Handling          // handling crash #N in NAME
	Recovering        // recovering NAME
	Releasing         // releasing NAME: the last reference is gone
	LoadFailed        // the firmware could not be had or was no good
	StartFailed       // starting did not work
	AttachFailed      // attaching did not work
	StopFailed        // stopping did not work
	DetachFailed      // detaching did not work
	BootFailed        // Boot failed: N, the answer of sysfs to "start"
	NotLocked         // a signal came before the lock could be taken: nothing happened
	Deleted           // a boot of a processor that is going away was refused
)

// Failed tells whether a line of this kind says that something did not work.
func (k Kind) Failed() bool { return k >= LoadFailed }

// Line is what one line says. What it does not say is zero.
type Line struct {
	Kind   Kind
	Name   string // the processor: rproc->name
	Type   string // Crash: mmufault, watchdog, fatal error, …
	Number int    // Handling: the count of crashes
	Errno  int    // of a failure, negative
}

// Verbs of the forms below. A word holds no blank; the texts that a crash's type can be are listed,
// since one of them is the beginning of another.
const (
	verbName   = "%n" // a word
	verbCount  = "%u" // a decimal number
	verbErrno  = "%d" // a decimal number, mostly negative
	verbType   = "%t" // a type of crash
	verbAny    = "%w" // a word that nobody asks for
	verbNumber = "#%u"
)

// forms are the format strings of remoteproc_core.c and remoteproc_sysfs.c, Linux 3.4 to 7.3, with the
// verbs above.
var forms = []struct {
	kind Kind
	text string
}{
	{Available, "%n is available"},
	{PoweringUp, "powering up %n"},
	{Attaching, "attaching to %n"},
	{Booting, "Booting fw image %w size %u"},
	{Up, "remote processor %n is now up"},
	{Attached, "remote processor %n is now attached"},
	{Stopped, "stopped remote processor %n"},
	{Detached, "detached remote processor %n"},
	{Crash, "crash detected in %n: type %t"},
	{Handling, "handling crash #%u in %n"},
	{Recovering, "recovering %n"},
	{Releasing, "releasing %n"},
	{LoadFailed, "request_firmware failed: %d"},
	{LoadFailed, "request_firmware_nowait err: %d"},
	{LoadFailed, "Failed to load program segments: %d"},
	{LoadFailed, "Failed to process resources: %d"},
	{LoadFailed, "Failed to allocate associated carveouts: %d"},
	{LoadFailed, "can't enable iommu: %d"},
	{LoadFailed, "can't prepare rproc %n: %d"},
	{StartFailed, "failed to prepare subdevices for %n: %d"},
	{StartFailed, "can't start rproc %n: %d"},
	{StartFailed, "failed to probe subdevices for %n: %d"},
	{AttachFailed, "can't attach to rproc %n: %d"},
	{StopFailed, "can't stop rproc: %d"},
	{StopFailed, "can't reset resource table: %d"},
	{DetachFailed, "can't detach from rproc: %d"},
	{BootFailed, "Boot failed: %d"},
	{NotLocked, "can't lock rproc %n: %d"},
	{Deleted, "can't boot deleted rproc %n"},
	{Deleted, "can't boot deleting rproc %n"},
}

// Said tells whether text is what a driver prints of a firmware that crashed, or of its watchdog.
func Said(text string) bool {
	for _, s := range sayings {
		if strings.HasPrefix(text, s) {
			return true
		}
	}
	return strings.Contains(text, "rproc ") && strings.HasSuffix(text, " crashed")
}

var sayings = []string{"fatal error received:", "fatal error without message", "watchdog received:", "watchdog without message", "SCP watchdog timeout!"}

// types are what rproc_crash_to_string() has given over time; beyond the enum it says "unknown".
var types = []string{"mmufault", "watchdog", "fatal error", "device exception", "unknown"}

// words are the forms cut at blanks, once.
var words = func() [][]string {
	all := make([][]string, len(forms))
	for i, f := range forms {
		all[i] = strings.Fields(f.text)
	}
	return all
}()

// Parse says what text tells: the text of a line behind "remoteproc remoteprocN: ". ok is false for
// any other text, and for the mere beginning of a line.
func Parse(text string) (l Line, ok bool) {
	fields := strings.Fields(text)
	for i, f := range forms {
		if rest, l, ok := match(words[i], fields, Line{Kind: f.kind}); ok && len(rest) == 0 {
			return l, true
		}
	}
	return Line{}, false
}

// Partial tells whether text is the beginning of a line of the core and not a whole one: it was cut,
// between words or within one. The empty text is; a name alone, which begins "NAME is available", is not,
// since any word might be one. A name at the end of a line counts as whole, unless
// it ends in a hyphen, where mail programs like to wrap.
func Partial(text string) bool {
	if _, ok := Parse(text); ok {
		return strings.HasSuffix(text, "-") && text[len(text)-2] != ' '
	}
	fields := strings.Fields(text)
	for i := range forms {
		if (len(fields) != 1 || words[i][0] != verbName) && begins(words[i], fields) {
			return true
		}
	}
	return false
}

// match takes the words of a form from fields; rest is what follows them.
func match(form, fields []string, l Line) (rest []string, _ Line, ok bool) {
	for _, w := range form {
		if len(fields) == 0 {
			return nil, l, false
		}
		if w == verbType {
			n := typeWords(fields)
			if n == 0 {
				return nil, l, false
			}
			l.Type, fields = strings.Join(fields[:n], " "), fields[n:]
			continue
		}
		if !l.word(w, fields[0]) {
			return nil, l, false
		}
		fields = fields[1:]
	}
	return fields, l, true
}

// word holds one word of a line against the word of its form, and takes its value.
func (l *Line) word(form, word string) bool {
	switch form {
	case verbAny:
		return true
	case verbCount:
		n, err := strconv.Atoi(word)
		return err == nil && n >= 0
	case verbErrno:
		n, err := strconv.Atoi(word)
		l.Errno = n
		return err == nil
	case verbNumber:
		digits, ok := strings.CutPrefix(word, "#")
		n, err := strconv.Atoi(digits)
		l.Number = n
		return ok && err == nil && n >= 0
	case verbName, verbName + ":":
		name, ok := word, true
		if form != verbName {
			name, ok = strings.CutSuffix(word, ":")
		}
		l.Name = name
		return ok && name != ""
	}
	return form == word
}

// typeWords gives how many of the words at the start are a type of crash. A word that stands alone is
// one too: a driver of a vendor may have its own.
func typeWords(fields []string) int {
	text := strings.Join(fields[:min(len(fields), 2)], " ")
	for _, t := range types {
		if text == t {
			return len(strings.Fields(t))
		}
	}
	for _, t := range types {
		if strings.HasPrefix(t, fields[0]+" ") {
			return 0 // "fatal" without its "error"
		}
	}
	return 1
}

// begins tells whether fields, whose last word may be cut, begin a line of a form and do not fill it.
func begins(form, fields []string) bool {
	for len(fields) > 0 {
		if len(form) == 0 {
			return false
		}
		if form[0] == verbType {
			return len(fields) == 1 && beginsType(fields[0])
		}
		var l Line
		if !l.word(form[0], fields[0]) {
			return len(fields) == 1 && cut(form[0], fields[0])
		}
		form, fields = form[1:], fields[1:]
	}
	return len(form) > 0
}

// beginsType tells whether a word is the beginning of a type that has more.
func beginsType(word string) bool {
	for _, t := range types {
		if len(word) < len(t) && strings.HasPrefix(t, word) {
			return true
		}
	}
	return false
}

// cut tells whether word may be the first part of what a word of a form stands for.
func cut(form, word string) bool {
	switch form {
	case verbName + ":":
		return true
	case verbErrno:
		return word == "-"
	case verbNumber:
		return word == "#"
	}
	return !strings.Contains(form, "%") && strings.HasPrefix(form, word)
}
