package lang

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// reachable collects the nodes below v by reflection, without Walk.
func reachable(v reflect.Value, out map[Node]bool) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			return
		}
		if n, ok := v.Interface().(Node); ok && v.Kind() == reflect.Pointer {
			out[n] = true
		}
		reachable(v.Elem(), out)
	case reflect.Slice:
		for i := range v.Len() {
			reachable(v.Index(i), out)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				reachable(v.Field(i), out)
			}
		}
	}
}

func TestWalkVisitsEveryNodeOnce(t *testing.T) {
	types := map[string]bool{}
	for name, src := range sources(t, "testdata/good/*.rps") {
		m := mustParse(t, name, src)
		want := map[Node]bool{}
		reachable(reflect.ValueOf(m), want)
		seen := map[Node]int{}
		Walk(m, func(n Node) bool {
			seen[n]++
			types[fmt.Sprintf("%T", n)] = true
			return true
		})
		for n := range want {
			if seen[n] != 1 {
				t.Errorf("%s: %T visited %d times", n.Pos(), n, seen[n])
			}
		}
		if len(seen) != len(want) {
			t.Errorf("%s: visited %d nodes, want %d", name, len(seen), len(want))
		}
	}
	const all = 63 // every node type of ast.go
	if len(types) != all {
		t.Errorf("the files hold %d types of node, want %d", len(types), all)
	}
}

func TestWalkStops(t *testing.T) {
	m := mustParse(t, "w.rps", []byte("module m process p { skip } var x: bool"))
	var got []string
	Walk(m, func(n Node) bool {
		got = append(got, strings.TrimPrefix(fmt.Sprintf("%T", n), "*lang."))
		_, isProcess := n.(*Process)
		return !isProcess
	})
	if d := cmp.Diff([]string{"Module", "Ident", "Process", "Var", "Ident", "Type", "Ident"}, got); d != "" {
		t.Errorf("visited (-want +got):\n%s", d)
	}
}

type (
	strangeNode struct{ base }
	strangeDecl struct{ declBase }
	strangeStmt struct{ stmtBase }
	strangeExpr struct{ exprBase }
)

func TestWalkPanicsOnUnknownNodes(t *testing.T) {
	for _, n := range []Node{&strangeNode{}, &strangeDecl{}, &strangeStmt{}, &strangeExpr{}} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "strange") {
					t.Errorf("%T: recovered %v, want a panic that names the type", n, r)
				}
			}()
			Walk(n, func(Node) bool { return true })
		}()
	}
}

func TestWalkIgnoresNil(t *testing.T) {
	Walk(nil, func(Node) bool { t.Error("called for nil"); return true })
	Walk((*Ident)(nil), func(Node) bool { t.Error("called for a nil pointer"); return true })
}
