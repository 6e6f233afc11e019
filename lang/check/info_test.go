package check

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/rprocspec/rprocspec/lang"
)

// shipped is the folder of the specifications that the project ships.
const shipped = "../../spec/remoteproc"

// TestShipped checks that the shipped modules pass without a word.
func TestShipped(t *testing.T) {
	for _, name := range modules(t, shipped) {
		m, err := parse(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		info, list := Module(m, load(shipped))
		for _, d := range list {
			t.Errorf("%s\n\thint: %s", d, d.Hint)
		}
		if info != nil {
			complete(t, info)
		}
	}
}

// variant checks a module of testdata that must be right.
func variant(t *testing.T, dir, name string) *Info {
	t.Helper()
	m, err := parse(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	info, list := Module(m, load(dir))
	if info == nil {
		t.Fatal(list)
	}
	return info
}

// equal compares two lists of words, the wanted one as a single string.
func equal(t *testing.T, what, want string, got []string) {
	t.Helper()
	if d := cmp.Diff(strings.Fields(want), got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func names(objects []*Object) []string {
	var list []string
	for _, o := range objects {
		list = append(list, o.Name)
	}
	return list
}

func processNames(ps []*Process) []string {
	var list []string
	for _, p := range ps {
		list = append(list, p.Name)
	}
	return list
}

func memberNames(e *Enum) []string {
	var list []string
	for i, m := range e.Members {
		if m.Index != i || m.Object.Index != i {
			return []string{"misnumbered"}
		}
		list = append(list, m.Name)
	}
	return list
}

func edges(info *Info, v string) []string {
	var list []string
	for _, e := range info.Transitions[info.Lookup(v)] {
		arrow := "->"
		if e.Both {
			arrow = "<->"
		}
		list = append(list, side(e.From)+arrow+side(e.To))
	}
	return list
}

func side(ids []*lang.Ident) string {
	var list []string
	for _, id := range ids {
		list = append(list, id.Name)
	}
	return strings.Join(list, "|")
}

func expectations(info *Info) []string {
	var list []string
	for _, x := range info.Expects {
		in := "*"
		if x.In != nil {
			in = x.In.Name
		}
		list = append(list, fmt.Sprintf("%s:%d:%s:%s", nameOf(x.Scenario), x.Outcome.Kind, nameOf(x.Outcome.Name), in))
	}
	return list
}

// TestMerge checks what is left when variants are laid over their bases.
func TestMerge(t *testing.T) {
	info := variant(t, "testdata/variants", "good")
	equal(t, "members", "off on broken", memberNames(info.Enums[0]))
	equal(t, "edges", "off->on on->broken broken->off", edges(info, "mode"))
	equal(t, "processes", "report handler helper extra", processNames(info.Processes))
	equal(t, "features", "early late more", names(info.Features))
	equal(t, "expectations", "s:0:awake:*", expectations(info))
	if got := len(info.Properties); got != 0 {
		t.Errorf("%d properties are left, want none", got)
	}
	report := info.Lookup("report")
	if file := report.Ident.Pos().File; !strings.HasSuffix(file, "good.rps") {
		t.Errorf("report comes from %s", file)
	}
	if v, ok := info.Fixed[info.Lookup("early")]; !ok || v != 0 {
		t.Errorf("early is fixed to %d, %v", v, ok)
	}
	if v := info.Kernels[0].Values[info.Lookup("early")]; v != 0 {
		t.Errorf("kernel k binds early to %d in spite of the fix", v)
	}

	info = variant(t, "testdata/variants", "better")
	equal(t, "members", "off on", memberNames(info.Enums[0]))
	equal(t, "edges", "off<->on", edges(info, "mode"))
	equal(t, "processes", "report handler helper", processNames(info.Processes))
	equal(t, "expectations", "s:0:awake:* t:1:awake:k", expectations(info))
	var chain []string
	for _, m := range info.Chain {
		chain = append(chain, m.Name.Name)
	}
	equal(t, "chain", "base good better", chain)
	if info.Name != "better" || info.Subject != "dev" || info.Doc != "A variant of a variant." {
		t.Errorf("name %q, subject %q, doc %q", info.Name, info.Subject, info.Doc)
	}
}

// TestObjects checks the objects of the whole core.
func TestObjects(t *testing.T) {
	info := variant(t, "testdata/remoteproc", "remoteproc")
	equal(t, "vars", "state power recovery_disabled deleting", names(info.Vars))
	equal(t, "mutexes", "rproc_lock crash_handler_lock", names(info.Mutexes))
	equal(t, "works", "crash_handler attach_work", names(info.Works))

	handler := info.Lookup("rproc_crash_handler_work").Proc
	if handler.Work != info.Lookup("crash_handler") {
		t.Errorf("the handler is run by %v", handler.Work)
	}
	boot := info.Lookup("rproc_boot").Proc
	equal(t, "calls of rproc_boot", "rproc_attach rproc_request_firmware rproc_fw_boot", processNames(boot.Calls))
	recovery := info.Lookup("rproc_trigger_recovery").Proc
	equal(t, "locals", "ret", names(recovery.Locals))
	if got := recovery.Locals[0].Type.Kind; got != ResultType {
		t.Errorf("ret has type %d", got)
	}
	power := info.Lookup("power")
	if d := cmp.Diff(Type{Kind: IntType, Lo: -1, Hi: 2}, power.Type); d != "" {
		t.Error("power (-want +got):\n", d)
	}
	text := info.Enums[1].Members[2].Text
	if text != "fatal error" {
		t.Errorf("fatal_error is printed as %q", text)
	}
	equal(t, "protected", "power:rproc_lock state:rproc_lock deleting:crash_handler_lock", protectedVars(info))
}

func protectedVars(info *Info) []string {
	var list []string
	for _, v := range []string{"power", "state", "deleting", "recovery_disabled"} {
		if m := info.Protected[info.Lookup(v)]; m != nil {
			list = append(list, v+":"+m.Name)
		}
	}
	return list
}

// TestProtected checks which mutex guards a variable, over all the paths that write it.
func TestProtected(t *testing.T) {
	info := source(t, `module m
var both: 0..3
var one: 0..3
var never: 0..3
var sometimes: 0..3
mutex a
mutex b
feature f: bool
process p { lock a; lock b; both := 1; one := 1; sometimes := 1; unlock b; set(); unlock a }
procedure set { one := 2; sometimes := 2 }
process q unobserved { if f { lock a }; sometimes := 3; if f { unlock a } }
`)
	var got []string
	for _, v := range info.Vars {
		if m := info.Protected[v]; m != nil {
			got = append(got, v.Name+":"+m.Name)
		}
	}
	equal(t, "protected", "one:a", got)
}

// TestPatterns checks how log patterns are taken apart.
func TestPatterns(t *testing.T) {
	tests := []struct{ pattern, want string }{
		{"", ""},
		{"plain }", "plain }"},
		{"{name}: {_}{x}", "<name>|: |<_>|<x>"},
		{"a {{b} {{{x}", "a {b} {|<x>"},
	}
	for _, tt := range tests {
		parts, err := splitPattern(tt.pattern)
		if err != nil {
			t.Errorf("%q: %v", tt.pattern, err)
		}
		var got []string
		for _, p := range parts {
			got = append(got, [...]string{p.Text, "<name>", "<_>", "<" + p.Text + ">"}[p.Kind])
		}
		if s := strings.Join(got, "|"); s != tt.want {
			t.Errorf("%q: got %q, want %q", tt.pattern, s, tt.want)
		}
	}
	for _, bad := range []string{"{", "{}", "a{b c}", "{{{", "{x"} {
		if _, err := splitPattern(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// TestPatternObjects checks that placeholders know their values.
func TestPatternObjects(t *testing.T) {
	info := source(t, `module m
subject s
process p(n: 0..3) { local n2: 0..3; n2 := n; log err one of "{n}", "{n2}" }
`)
	p := info.Lookup("p").Proc
	want := []*Object{p.Params[0], p.Locals[0]}
	var got []*Object
	lang.Walk(p.Decl, func(n lang.Node) bool {
		if lit, ok := n.(*lang.StringLit); ok {
			got = append(got, info.Patterns[lit][0].Object)
		}
		return true
	})
	if !slices.Equal(want, got) {
		t.Errorf("got %v, want %v", names(got), names(want))
	}
}

// TestConst checks folding, through the values of consts.
func TestConst(t *testing.T) {
	info := source(t, `module m
enum E { a, b }
const A: -9..9 = -(2 + 3) - 1
const B: bool = A < 0 && !(A == 1) => a != b
const C: E = b
const D: bool = C in { a } || 3 >= 3 && 1 > 2
const F: bool = ok == EINVAL
var v: A..2 = 0
invariant i: B && D && F && C == a && v > A
`)
	want := map[string]int{"A": -6, "B": 1, "C": 1, "D": 0, "F": 0}
	got := map[string]int{}
	for _, c := range info.Consts {
		got[c.Name] = c.Value
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error("values (-want +got):\n", d)
	}
}

// TestManyPaths checks that a body with too many paths is given up with a word, in little time.
func TestManyPaths(t *testing.T) {
	var b strings.Builder
	b.WriteString("module m\n")
	for i := range 24 {
		fmt.Fprintf(&b, "feature f%d: bool\nmutex m%d\n", i, i)
	}
	b.WriteString("process p {\n")
	for i := range 24 {
		fmt.Fprintf(&b, "if f%d { lock m%d }\n", i, i)
	}
	for i := range 24 {
		fmt.Fprintf(&b, "if f%d { unlock m%d }\n", i, i)
	}
	b.WriteString("}\n")
	m, err := lang.Parse("test.rps", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	_, list := Module(m, nil)
	if len(list) != 1 || !strings.Contains(list[0].Message, "too many paths") {
		t.Error("got: ", list)
	}
}

// TestManyFeatures checks that features which lock nothing do not multiply the paths.
func TestManyFeatures(t *testing.T) {
	var b strings.Builder
	b.WriteString("module m\nmutex l\nvar v: bool\n")
	for i := range 24 {
		fmt.Fprintf(&b, "feature f%d: bool\n", i)
	}
	b.WriteString("process p {\nlock l\n")
	for i := range 24 {
		fmt.Fprintf(&b, "if f%d { v := true } else if v { v := false }\n", i)
	}
	b.WriteString("unlock l\n}\n")
	info := source(t, b.String())
	if m := info.Protected[info.Lookup("v")]; m == nil || m.Name != "l" {
		t.Errorf("v is protected by %v", m)
	}
}

// TestLoader checks what is said of a base that cannot be had; nothing else is reported then.
func TestLoader(t *testing.T) {
	m, err := lang.Parse("test.rps", []byte("module m extends base\nprocess p { q() }\n"))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		load Loader
		want string
	}{
		{"none", nil, "module base is not available here"},
		{"error", func(string) (*lang.Module, error) { return nil, os.ErrPermission }, "permission denied"},
		{"nothing", func(string) (*lang.Module, error) { return nil, nil }, "there is no module base"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			info, list := Module(m, tt.load)
			if info != nil || len(list) != 1 || !strings.Contains(list[0].Message, tt.want) {
				t.Errorf("got %v, want %q", list, tt.want)
			}
		})
	}
}

// TestDrop checks that a drop takes the expectations along, and transitions before their variable.
func TestDrop(t *testing.T) {
	info := variant(t, "testdata/variants", "drops")
	if info.Lookup("mode") == nil || len(info.TransitionVars) != 0 {
		t.Error("`drop mode` must take the transitions and leave the variable")
	}
	equal(t, "expectations", "", expectations(info))
	if len(info.Scenarios)+len(info.Properties) != 0 {
		t.Errorf("%d scenarios and %d properties are left", len(info.Scenarios), len(info.Properties))
	}
}

// TestReplaced checks what a module itself takes away from its bases, and what it puts there.
func TestReplaced(t *testing.T) {
	var got []string
	for _, r := range variant(t, "testdata/variants", "drops").Replaced {
		got = append(got, fmt.Sprintf("%T", r.Old), fmt.Sprintf("%T", r.New))
	}
	equal(t, "drops", "*lang.Transitions *lang.Drop *lang.Scenario *lang.Drop *lang.Property *lang.Drop *lang.Process *lang.Process",
		got)
	if n := len(variant(t, "testdata/variants", "base").Replaced); n != 0 {
		t.Errorf("a module without a base replaces %d declarations", n)
	}
}

// TestTypeString checks the names of types.
func TestTypeString(t *testing.T) {
	enum := &Enum{Name: "State"}
	var got []string
	for _, typ := range []Type{{}, {Kind: BoolType}, {Kind: IntType, Lo: -1, Hi: 2}, {Kind: EnumType, Enum: enum}, {Kind: ResultType}} {
		got = append(got, typ.String())
	}
	equal(t, "types", "unknown bool -1..2 State result", got)
}
