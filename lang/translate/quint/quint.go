// Package quint writes an instance of a specification as a module of Quint: types and constants, a variable for
// everything that a state keeps, one action for everything that is done at once, invariants, temporal
// properties, and a run for every scenario.
//
// A state is that of package steps: pc says where the activation of every slot stands, locals what it has in its
// parameters and locals. A state whose values have left their types has nothing after it, as for the checker,
// and the invariants say nothing of it but for bounds.
package quint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/steps"
)

// Places of activations that are no program points.
const (
	idle = "idle" // there is no activation, or none yet
	done = "done" // it has ended, and does not come again
)

// Options of a translation.
type Options struct {
	Kernel string // kernel profile that closes the features; "" takes all their values
	Runs   []Run  // for the scenarios
}

// Module writes what the explore block of a machine describes, and gives the name of the module, which is that of
// its file without .qnt. The error is about the kernel, or says that there is nothing to explore.
func Module(m *machine.Machine, opt Options) (name, text string, err error) {
	w, err := newWriter(m, opt)
	if err != nil {
		return "", "", err
	}
	return w.name, w.module(), nil
}

// Places gives the nodes before which an activation stands at the program points of a module, by their names in pc.
func Places(m *machine.Machine, kernel string) (func(name string) []*machine.Node, error) {
	w, err := newWriter(m, Options{Kernel: kernel})
	if err != nil {
		return nil, err
	}
	nodes := map[string][]*machine.Node{}
	for pt, name := range w.points {
		nodes[name] = append(nodes[name], pt.Node)
	}
	return func(name string) []*machine.Node { return nodes[name] }, nil
}

// writer is the text so far, and how everything is called.
type writer struct {
	strings.Builder
	opt      Options
	m        *steps.Model
	inits    []machine.State  // of explore
	explored map[int]bool     // slots that the environment may start
	slots    []string         // names of slots
	live     []*steps.Process // that can begin at all

	name    string // of the module
	names   names
	given   map[string]bool // names of points that an action bears, too
	members map[*check.Object]string
	types   map[*check.Enum]string
	globals map[*machine.Global]string
	results map[machine.Val]string
	process map[*steps.Process]string // the action that takes a step of it
	calls   map[*steps.Process]string
	starts  map[*check.Object]string // by work item
	child   map[*machine.Node]string // by statement that spawns
	points  map[*steps.Point]string
	actions map[*steps.Step]string
	roots   map[*check.Process]int
	pc      string
	locals  []*local
	where   map[*steps.Register]*local
	holds   map[string]string // names of what must hold, by title
}

func newWriter(m *machine.Machine, opt Options) (*writer, error) {
	explored, err := m.Instance(opt.Kernel)
	if err != nil {
		return nil, err
	}
	in, err := m.InstanceOf(opt.Kernel, widest(m), m.Info.Explore.Starts)
	if err != nil {
		return nil, err
	}
	w := &writer{
		opt: opt, inits: in.Inits, explored: map[int]bool{}, slots: in.Names(), names: newNames(), given: map[string]bool{},
		members: map[*check.Object]string{}, types: map[*check.Enum]string{}, globals: map[*machine.Global]string{},
		process: map[*steps.Process]string{}, calls: map[*steps.Process]string{}, starts: map[*check.Object]string{},
		child: map[*machine.Node]string{}, points: map[*steps.Point]string{}, actions: map[*steps.Step]string{}, roots: map[*check.Process]int{},
		pc: m.PlacesName(), where: map[*steps.Register]*local{}, holds: map[string]string{},
	}
	for _, r := range opt.Runs {
		if len(r.States) > 0 {
			in.Inits = append(in.Inits[:len(in.Inits):len(in.Inits)], r.States[0][:m.NumGlobals])
		}
	}
	w.m = steps.New(in) // what differs between explore and runs is no constant
	for i, name := range explored.Names() {
		if explored.Slots[i].Kind == machine.OnceSlot {
			w.explored[slices.Index(w.slots, name)] = true
		}
	}
	w.findLive()
	w.countRoots()
	w.declare()
	w.shareLocals()
	return w, nil
}

// findLive finds the processes that can begin: what is called, and what these queue and spawn.
func (w *writer) findLive() {
	begins := map[*machine.Proc]bool{}
	for i := range w.m.Slots {
		if s := &w.m.Slots[i]; s.Kind == machine.OnceSlot {
			begins[s.Proc] = true
		}
	}
	for n := 0; n < len(begins); {
		n = len(begins)
		for _, node := range w.m.Nodes[1:] {
			switch {
			case !begins[node.Root]:
			case node.Kind == machine.Queue:
				begins[w.m.Works[node.Work].Proc] = true
			case node.Kind == machine.Spawn:
				begins[node.Proc] = true
			}
		}
	}
	for _, p := range w.m.Procs {
		if begins[p.Proc] {
			w.live = append(w.live, p)
		}
	}
}

// widest gives a slot for every activation that explore or a scenario starts.
func widest(m *machine.Machine) []machine.Spawns {
	var all []machine.Spawns
	add := func(p *machine.Proc, n int) {
		i := slices.IndexFunc(all, func(s machine.Spawns) bool { return s.Proc == p })
		if i < 0 {
			all = append(all, machine.Spawns{Proc: p})
			i = len(all) - 1
		}
		all[i].Count = max(all[i].Count, n)
	}
	for _, s := range m.Info.Explore.Spawns {
		add(m.Proc(s.Process.Name), s.Count)
	}
	for _, sc := range m.Info.Scenarios {
		for _, s := range m.ScenarioSpawns(sc) {
			add(s.Proc, s.Count)
		}
	}
	return all
}

// module writes everything. What comes first is known last: the results that the spec has.
func (w *writer) module() string {
	w.body()
	body := w.String()
	w.Reset()
	w.head()
	w.printf("module %s {\n", w.name)
	w.enums()
	return w.String() + body + "}\n"
}

func (w *writer) body() {
	w.constants()
	w.variables()
	w.helpers()
	w.initial()
	for _, p := range w.live {
		w.writeProcess(p)
	}
	w.next()
	w.properties()
	w.runs()
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

// banner begins a part of the module.
func (w *writer) banner(title string) {
	line := "  // ---- " + title + " "
	w.printf("\n%s%s\n", line, strings.Repeat("-", max(4, width-len([]rune(line)))))
}

// define writes a definition.
func (w *writer) define(head string, body text) {
	w.printf("  %s = %s\n", head, fit(body, 2, 2+len(head)+3, 0))
}

// doc writes a comment that belongs to what follows.
func (w *writer) doc(s string) { w.comment("///", s) }

// remark writes a comment.
func (w *writer) remark(s string) { w.comment("//", s) }

func (w *writer) comment(by, s string) {
	if s = strings.TrimSpace(s); s == "" {
		return
	}
	for _, l := range filled(s, width-3-len(by)) {
		w.printf("%s\n", strings.TrimRight("  "+by+" "+l, " "))
	}
}

// filled breaks the paragraphs of a text, and the items of lists in it, into lines. Indented lines stay as they are,
// but for those that go on with an item.
func filled(s string, room int) []string {
	var parts []string
	open, item := false, false
	for _, l := range strings.Split(s, "\n") {
		l = strings.TrimRight(l, " ")
		begins := strings.HasPrefix(l, "- ")
		kept := strings.HasPrefix(l, " ") && !item
		if open && l != "" && !begins && !kept {
			parts[len(parts)-1] += " " + strings.TrimLeft(l, " ")
			continue
		}
		parts = append(parts, l)
		open, item = l != "" && !kept, begins
	}
	var all []string
	for _, p := range parts {
		all = append(all, folded(p, room)...)
	}
	return all
}

// folded breaks a line at blanks; what comes after the first one of an item hangs below its first word.
func folded(l string, room int) []string {
	by := l[:len(l)-len(strings.TrimLeft(l, " "))]
	if strings.HasPrefix(l, "- ") {
		by = "  "
	}
	var all []string
	for r := []rune(l); len(r) > room; r = []rune(l) {
		at := room
		for at > len(by) && r[at] != ' ' {
			at--
		}
		if at <= len(by) {
			break
		}
		all = append(all, strings.TrimRight(string(r[:at]), " "))
		l = by + strings.TrimLeft(string(r[at:]), " ")
	}
	return append(all, l)
}

// docOf is the doc comment of what an object declares.
func docOf(o *check.Object) string {
	if d, ok := o.Decl.(lang.Decl); ok {
		return d.DocText()
	}
	return ""
}
