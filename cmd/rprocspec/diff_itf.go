package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/rprocspec/rprocspec/internal/report"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/quint"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
	"github.com/rprocspec/rprocspec/lang/translate/tla"
	"github.com/rprocspec/rprocspec/modelcheck"
	"github.com/rprocspec/rprocspec/modelcheck/itf"
)

// itfFlags are the flags of diff that belong to --itf.
type itfFlags struct {
	files     []string
	scenario  string
	names     []string
	ignore    []string
	maxStates int
	maxMemory string
}

// Flags that only one kind of diff takes.
var (
	itfOnly    = []string{"scenario", "name", "ignore", "max-states", "max-memory"}
	designOnly = []string{"max-sets"}
)

func (f *itfFlags) add(fl *pflag.FlagSet) {
	fl.StringArrayVar(&f.files, "itf", nil, "compare the behaviour in `FILE` with one design; can be given again; - is the standard input")
	fl.StringVar(&f.scenario, "scenario", "", "with --itf: start and activations are those of scenario `NAME` (default: what the file names, else those of explore)")
	fl.StringArrayVar(&f.names, "name", nil, "with --itf: `THEIRS=OURS`, a variable or field of the file and what the spec calls it; can be given again")
	fl.StringArrayVar(&f.ignore, "ignore", nil, "with --itf: do not compare `THEIRS`, a variable or field of the file; can be given again")
	fl.IntVar(&f.maxStates, "max-states", 0, "with --itf: end the search after so many states (default: no limit)")
	fl.StringVar(&f.maxMemory, "max-memory", "8G", "with --itf: end the search at so much memory, such as 500M or 8G; 0: no limit")
}

// fit refuses flags of the other kind of diff.
func (f *itfFlags) fit(fl *pflag.FlagSet) error {
	wrong, need := itfOnly, "needs --itf"
	if fl.Changed("itf") {
		wrong, need = designOnly, "is not for --itf, which takes --max-states"
	}
	for _, name := range wrong {
		if fl.Changed(name) {
			return fmt.Errorf("diff: --%s %s", name, need)
		}
	}
	return nil
}

// options reads what goes to the engine.
func (f *diffFlags) options() (modelcheck.FollowOptions, error) {
	opt := modelcheck.FollowOptions{Ignore: f.itf.ignore, Names: map[string]string{}, MaxStates: f.itf.maxStates, Timeout: f.timeout}
	if f.itf.maxStates < 0 || f.timeout < 0 {
		return opt, errors.New("diff: --max-states and --timeout cannot be negative")
	}
	for _, n := range f.itf.names {
		theirs, ours, ok := strings.Cut(n, "=")
		if !ok || theirs == "" || ours == "" {
			return opt, fmt.Errorf("diff: --name %s: give THEIRS=OURS, such as rproc.st=state", n)
		}
		opt.Names[theirs] = ours
	}
	var err error
	opt.MaxMemory, err = bytesOf(f.itf.maxMemory)
	return opt, err
}

// follow compares files with a design.
func (a *app) follow(ctx context.Context, f *diffFlags, design string) error {
	opt, err := f.options()
	if err != nil {
		return err
	}
	name, kernel, given := strings.Cut(design, "@")
	m, err := compileSpec(name)
	if err != nil {
		return err
	}
	if !given {
		kernel = f.kernel
	}
	if _, err := machine.Profile(m.Info, kernel); err != nil {
		return err
	}
	ctx, stop := interruptible(ctx, 0)
	defer stop()
	for _, file := range f.itf.files {
		one := &following{app: a, machine: m, kernel: kernel, scenario: f.itf.scenario, opt: opt, json: f.format.value == "json"}
		if err := errors.Join(one.file(ctx, file), a.out.Flush()); err != nil {
			a.fail(err)
		}
	}
	return nil
}

// following is the comparison of one file.
type following struct {
	*app
	machine          *machine.Machine
	kernel, scenario string // as given; then as chosen
	opt              modelcheck.FollowOptions
	json             bool
	name             string
	trace            *itf.Trace
}

func (w *following) file(ctx context.Context, file string) error {
	text, err := w.read(file)
	if err != nil {
		return because(w.name, err)
	}
	if w.trace, err = itf.Read(w.name, text); err != nil {
		return err
	}
	in, err := w.instance()
	if err != nil {
		return because(w.name, err)
	}
	w.opt.File, w.opt.Places = w.name, places(in)
	res, err := modelcheck.Follow(ctx, in, w.trace, w.opt)
	if err != nil {
		return because(w.name, err)
	}
	w.findings = w.findings || res.Verdict == modelcheck.Violated
	w.open = w.open || res.Verdict == modelcheck.Bounded
	if w.json {
		return w.writeJSON(res)
	}
	w.writeText(res)
	return nil
}

func (w *following) read(file string) ([]byte, error) {
	w.name = file
	if file == "-" {
		w.name = "<stdin>"
	}
	in, _, err := w.input(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(in)
}

// instance chooses what the file is compared with: what is given, else what the file says of itself.
func (w *following) instance() (*machine.Instance, error) {
	m := w.machine
	if w.kernel == "" {
		if w.kernel = lastProfile(m); slices.Contains(profiles(m), w.says("kernel")) {
			w.kernel = w.says("kernel")
		}
	}
	given := w.scenario != ""
	if !given {
		w.scenario = w.says("scenario")
	}
	var names []string
	for _, sc := range m.Info.Scenarios {
		names = append(names, sc.Name.Name)
		if sc.Name.Name == w.scenario {
			return m.InstanceOf(w.kernel, m.ScenarioSpawns(sc), sc.Starts)
		}
	}
	if given {
		return nil, fmt.Errorf("%s has no scenario %s%s", m.Info.Name, w.scenario, meant(w.scenario, names))
	}
	w.scenario = ""
	return m.Instance(w.kernel)
}

// says gives a word that a file of ours, about this spec, says of itself.
func (w *following) says(what string) string {
	word, _ := w.trace.Meta[what].(string)
	if source, _ := w.trace.Meta["source"].(string); source != w.machine.Info.Name {
		return ""
	}
	return word
}

// places gives the nodes for the names that translations give to program points.
func places(in *machine.Instance) func(string) []*machine.Node {
	nodes := map[string][]*machine.Node{}
	for _, p := range steps.New(in).Procs {
		for _, pt := range p.Points {
			nodes[pt.Name] = append(nodes[pt.Name], pt.Node)
		}
	}
	all := []func(string) []*machine.Node{func(name string) []*machine.Node { return nodes[name] }}
	for _, f := range []func(*machine.Machine, string) (func(string) []*machine.Node, error){quint.Places, tla.Places} {
		if named, err := f(in.Machine, in.Kernel); err == nil { // else nothing is explored, and no such module was written
			all = append(all, named)
		}
	}
	return func(name string) (found []*machine.Node) {
		for _, f := range all {
			found = append(found, f(name)...)
		}
		return found
	}
}

// writeText prints the answer for people.
func (w *following) writeText(res *modelcheck.Following) {
	of := report.Clean(w.machine.Info.Name) + inKernel(w.kernel)
	if w.scenario != "" {
		of += ", scenario " + w.scenario
	}
	name := report.Clean(w.name)
	switch res.Verdict {
	case modelcheck.Holds:
		fmt.Fprintf(w.out, "%s: a behaviour of %s (%s)\n", name, of, plural(len(w.trace.States), "state"))
	case modelcheck.Bounded:
		fmt.Fprintf(w.out, "%s: BOUNDED by %s: it is open whether this is a behaviour of %s (%s looked at)\n", name, article(res.Bounded), of,
			thousands(res.States))
	case modelcheck.Violated:
		fmt.Fprintf(w.out, "%s:%d: no behaviour of %s: state %d cannot come there: %s\n", name, w.trace.States[res.At].Line, of, res.At,
			report.Clean(res.Detail))
	}
	w.list("  it changes", res.Changes)
	if len(res.Instead) > 0 {
		fmt.Fprintln(w.out, "  possible would have been:")
	}
	for _, x := range res.Instead {
		fmt.Fprintf(w.out, "    %s\n", report.Clean(strings.TrimSpace(x.Step+"  "+strings.Join(x.Changes, ", "))))
	}
	if res.Leaves {
		fmt.Fprintln(w.out, "  its last state leaves the bounds of a type: nothing can come after it")
	}
	w.list("  compared", res.Compared)
	w.list("  not in the file", res.Missing)
	for _, x := range res.Ignored {
		fmt.Fprintf(w.out, "  ignored: %s\n", report.Clean(x))
	}
}

func (w *following) list(title string, items []string) {
	if len(items) > 0 {
		fmt.Fprintf(w.out, "%s: %s\n", title, report.Clean(strings.Join(items, ", ")))
	}
}

// followJSON is one line of diff --itf --format json.
type followJSON struct {
	ITF      string        `json:"itf"`
	Spec     string        `json:"spec"`
	Kernel   string        `json:"kernel"`
	Scenario string        `json:"scenario"`
	Verdict  string        `json:"verdict"` // behaviour, none or bounded
	Bounded  string        `json:"bounded"`
	State    *int          `json:"state"` // the first that cannot be there
	Line     *int          `json:"line"`
	Again    bool          `json:"again"`
	Detail   string        `json:"detail"`
	Changes  []string      `json:"changes"`
	Instead  []insteadJSON `json:"instead"`
	Compared []string      `json:"compared"`
	Ignored  []string      `json:"ignored"`
	Missing  []string      `json:"missing"`
	Searched int           `json:"searched"`
	Leaves   bool          `json:"leaves_bounds"`
}

type insteadJSON struct {
	Step    string   `json:"step"`
	Changes []string `json:"changes"`
}

func (w *following) writeJSON(res *modelcheck.Following) error {
	out := followJSON{
		ITF: w.name, Spec: w.machine.Info.Name, Kernel: w.kernel, Scenario: w.scenario, Verdict: "behaviour",
		Bounded: res.Bounded, Again: res.Again, Detail: res.Detail, Changes: list(res.Changes), Instead: []insteadJSON{},
		Compared: list(res.Compared), Ignored: list(res.Ignored), Missing: list(res.Missing), Searched: res.States, Leaves: res.Leaves,
	}
	switch res.Verdict {
	case modelcheck.Bounded:
		out.Verdict = "bounded"
	case modelcheck.Violated:
		out.Verdict = "none"
		out.State, out.Line = &res.At, &w.trace.States[res.At].Line
	}
	for _, x := range res.Instead {
		out.Instead = append(out.Instead, insteadJSON{x.Step, list(x.Changes)})
	}
	return w.encode(out)
}
