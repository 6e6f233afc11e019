package promela

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// names are what things are called in Promela: as in the specification, unless Spin, its claims or the C
// that it writes give the name a meaning of their own.
type names struct {
	used    map[string]bool
	globals map[machine.Loc]string
	members map[*check.Member]string
	enums   map[*check.Enum]string
	living  map[*check.Process]string
	errnos  map[machine.Val]string
}

// reserved are the words of Promela, of its claims, of C, and those that a verifier is full of.
var reserved = words(`
	active assert atomic bit bool break byte c_code c_decl c_expr c_state c_track chan d_step D_proctype do else empty
	enabled eval false fi for full get_priority goto hidden if in init inline int len local ltl mtype nempty never
	nfull notrace np_ od of pc_value pid printf printm proctype priority provided return run select set_priority
	short show skip timeout trace true typedef unless unsigned xr xs
	always eventually until stronguntil weakuntil release implies equivalent next U V W X
	auto case char const continue default double enum extern float long register restrict signed sizeof static struct
	switch union void volatile while asm typeof linux unix i386 errno stdin stdout stderr signals
	rand uchar uint ulong ushort wasnew now noptr trpt this II
	ok failed which FAIR unstarted stutter states spawned spawned_live
`)

// scratch begins the names of values that are kept aside within a step.
const scratch = "before_"

func words(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// written matches names that Spin writes itself: macros of a verifier, and labels of the claims that it makes of
// formulas.
var written = regexp.MustCompile(`^((Air|maxseq|minseq|src_ln|reached|loopstate|stopstate|visstate)\d+|(accept|T\d+)_(init|all|S\d+))$`)

// take finds a free name like the given one.
func (n *names) take(name string) string {
	if strings.HasPrefix(name, "_") {
		name = "u" + name
	}
	if reserved[name] || written.MatchString(name) || strings.HasPrefix(name, scratch) {
		name += "_"
	}
	try := name
	for i := 2; n.used[try]; i++ {
		try = fmt.Sprintf("%s_%d", strings.TrimSuffix(name, "_"), i)
	}
	n.used[try] = true
	return try
}

// special are beginnings that make a label mean something to Spin.
var special = []string{"end", "accept", "progress"}

// label finds a name for a place in a process.
func (n *names) label(name string) string {
	if slices.ContainsFunc(special, func(p string) bool { return strings.HasPrefix(name, p) }) {
		name = "at_" + name
	}
	for i := 2; n.used[name] || reserved[name]; i++ {
		name = fmt.Sprintf("%s_%d", strings.TrimRight(name, "_0123456789"), i)
	}
	n.used[name] = true
	return name
}

// inner gives the names of one process: those of the file, and its own.
func (n *names) inner() *names {
	in := &names{used: map[string]bool{}}
	for name := range n.used {
		in.used[name] = true
	}
	return in
}

// name gives everything that is declared for the whole file a name.
func (w *writer) name() {
	n := &names{
		used: map[string]bool{}, globals: map[machine.Loc]string{}, members: map[*check.Member]string{},
		enums: map[*check.Enum]string{}, living: map[*check.Process]string{}, errnos: map[machine.Val]string{},
	}
	w.names = n
	for _, g := range w.m.Globals {
		if g.Kind < machine.PendingGlobal {
			n.globals[machine.Loc(g.Index)] = n.take(variable(g))
		}
	}
	for _, e := range w.m.Info.Enums {
		for _, m := range e.Members {
			n.members[m] = n.take(m.Name)
		}
	}
	w.nameErrnos()
	for _, r := range w.roles {
		r.name = n.take(r.base())
	}
	for _, e := range w.m.Info.Enums {
		n.enums[e] = n.take(e.Name)
	}
	for _, g := range w.m.Globals {
		if g.Kind >= machine.PendingGlobal {
			n.globals[machine.Loc(g.Index)] = n.take(strings.ReplaceAll(g.Name(), ".", "_"))
		}
	}
	for _, p := range w.m.Info.Processes {
		if w.living[p] {
			n.living[p] = n.take(p.Name + "_running")
		}
	}
	for _, r := range w.roles {
		w.nameInner(r)
	}
}

// variable is the name of a global; a macro would get into the C that Spin writes.
func variable(g *machine.Global) string {
	return lowered(g.Object.Name)
}

// lowered keeps the name of a variable from being a macro of C, which are upper case.
func lowered(name string) string {
	if name == strings.ToUpper(name) {
		return name + "_"
	}
	return name
}

// nameErrnos names the errnos that the module uses; of two for one number the first by name.
func (w *writer) nameErrnos() {
	for _, o := range w.m.Info.Uses {
		v := machine.Val(-o.Index)
		if old, ok := w.names.errnos[v]; o.Kind == check.ErrnoObj && (!ok || o.Name < old) {
			w.names.errnos[v] = o.Name
		}
	}
	for _, name := range w.names.errnos {
		w.names.used[name] = true
	}
}

// nameInner names the registers, parameters and places of one proctype.
func (w *writer) nameInner(r *role) {
	n := w.names.inner()
	r.names, r.labels = n, map[*point]string{}
	r.regs = map[int]string{}
	for _, reg := range r.proc.Registers {
		if r.written[reg.Index] {
			r.regs[reg.Index] = n.take(lowered(reg.Name))
		}
	}
	if r.kind == machine.SpawnedSlot {
		r.self = n.take("self")
	}
	for _, node := range r.spawns {
		r.places = append(r.places, n.take(lowered("of_"+node.Proc.Name)))
	}
	n.used[idle], n.used[done] = true, true
	for _, p := range r.proc.Points {
		r.labels[p] = n.label(p.Name)
	}
}
