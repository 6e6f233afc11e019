package custom

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/traces"
)

// Format is a user's format.
type Format struct{ rules []*rule }

// rule is one expression with what it says beside its groups.
type rule struct {
	rx     *regexp.Regexp
	groups []string          // names by number of the group, "" for those without
	fixed  map[string]string // groups with the same value in every line
}

// fixedMark stands between an expression and the groups that have a fixed value.
const fixedMark = " => "

// Parse makes a format of expressions of the form
//
//	REGEXP [=> GROUP=VALUE GROUP=VALUE …]
//
// whose first that fits a line counts.
func Parse(exprs []string) (*Format, error) {
	f := &Format{}
	for _, e := range exprs {
		r, err := parseRule(e)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", e, err)
		}
		f.rules = append(f.rules, r)
	}
	return f, nil
}

func parseRule(expr string) (*rule, error) {
	expr, fixed, _ := strings.Cut(expr, fixedMark)
	rx, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("it is no regular expression: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	r := &rule{rx: rx, groups: rx.SubexpNames(), fixed: map[string]string{}}
	for _, word := range strings.Fields(fixed) {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" || value == "" {
			return nil, fmt.Errorf("behind %q stands %q: give GROUP=VALUE, such as kind=enter", strings.TrimSpace(fixedMark), word)
		}
		r.fixed[name] = value
	}
	return r, r.check()
}

// check looks at the names of the groups, and at whether they tell what kind of record a line is.
func (r *rule) check() error {
	has := map[string]bool{}
	for name := range r.fixed {
		has[name] = true
	}
	for _, name := range r.groups {
		if name != "" && has[name] {
			return fmt.Errorf("it has %s twice", name)
		}
		has[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(has)) {
		if name != "" && !known(name) {
			return &UnknownGroupError{Name: name, Groups: groupNames()}
		}
	}
	if !has["kind"] && !has["event"] && !has["text"] {
		return fmt.Errorf("nothing in it tells what kind of record a line is: name a group kind, event or text, or add %q", strings.TrimSpace(fixedMark)+" kind=…")
	}
	if k, ok := r.fixed["kind"]; ok {
		if _, ok := kindWords[k]; !ok {
			return fmt.Errorf("kind=%s: kinds are %s", k, strings.Join(kindNames(), ", "))
		}
	}
	return nil
}

func known(name string) bool {
	return slices.Contains(groupNames(), name) || strings.HasPrefix(name, argument) && len(name) > len(argument)
}

// UnknownGroupError says that an expression names a group that there is not.
type UnknownGroupError struct {
	Name   string
	Groups []string // that there are
}

func (e *UnknownGroupError) Error() string {
	return fmt.Sprintf("there is no group %q; groups are %s, and %sNAME for an argument", e.Name, strings.Join(e.Groups, ", "), argument)
}

// match gives the groups of the first rule that fits a line; nil if none does.
func (f *Format) match(line []byte) map[string]string {
	for _, r := range f.rules {
		at := r.rx.FindSubmatchIndex(line)
		if at == nil {
			continue
		}
		got := map[string]string{}
		for k, v := range r.fixed {
			got[k] = v
		}
		for i, name := range r.groups {
			if name != "" && at[2*i] >= 0 {
				got[name] = string(line[at[2*i]:at[2*i+1]])
			}
		}
		return got
	}
	return nil
}

// kindWords are the words for a kind.
var kindWords = map[string]traces.Kind{
	"enter": traces.Enter, "exit": traces.Exit, "activate": traces.EdgeOn, "deactivate": traces.EdgeOff,
	"queue": traces.Queue, "start": traces.Start, "end": traces.End, "log": traces.Log, "mark": traces.Mark, "lost": traces.Lost,
	"entry": traces.Enter, "call": traces.Enter, "return": traces.Exit, "other": traces.Other,
}

func kindNames() []string {
	return []string{"enter", "exit", "activate", "deactivate", "queue", "start", "end", "log", "mark", "lost", "other"}
}

// probeKinds are the kinds of probes, by what their names begin with.
var probeKinds = map[string]traces.Kind{
	"kprobe": traces.Enter, "k": traces.Enter, "kfunc": traces.Enter, "fentry": traces.Enter, "f": traces.Enter,
	"kretprobe": traces.Exit, "kr": traces.Exit, "kretfunc": traces.Exit, "fexit": traces.Exit, "fr": traces.Exit,
}

// event takes the name of an event apart: a probe with its function, or a tracepoint with or without its
// system.
func event(name string) (kind traces.Kind, fn, bare string) {
	head, _, ok := strings.Cut(name, ":")
	bare = name[strings.LastIndexByte(name, ':')+1:]
	if kind, probe := probeKinds[head]; ok && probe {
		return kind, bare, bare
	}
	if bare == "tracing_mark_write" {
		return traces.Mark, "", bare
	}
	return traces.TracepointKind(bare), "", bare
}
