package lang

import (
	"fmt"
	"reflect"
)

// Walk calls f for n and, while f returns true, for everything below it, in the order of the source as
// far as the tree keeps it. It panics on a node type that it does not know: a new one belongs here.
func Walk(n Node, f func(Node) bool) {
	if isNil(n) || !f(n) {
		return
	}
	for _, c := range children(n) {
		Walk(c, f)
	}
}

// isNil tells an absent node, be it a nil interface or a nil pointer in one.
func isNil(n Node) bool {
	if n == nil {
		return true
	}
	v := reflect.ValueOf(n)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// children gives the nodes right below n; some may be nil.
func children(n Node) []Node {
	switch n := n.(type) {
	case *Module:
		return join(nodes(n.Name, n.Extends), list(n.Decls), list(n.Comments))
	case Decl:
		return declChildren(n)
	case Stmt:
		return stmtChildren(n)
	case Expr:
		return exprChildren(n)
	case *EnumMember:
		return nodes(n.Name, n.If)
	case *Binding:
		return nodes(n.Name, n.Value)
	case *Edge:
		return join(list(n.From), list(n.To), nodes(n.If))
	case *Param:
		return nodes(n.Name, n.Type)
	case *Start:
		return list(n.Conds)
	case *SpawnCount:
		return nodes(n.Process)
	case *ScenarioLine:
		return join(nodes(n.Thread, n.Process), list(n.Args), nodes(n.Until), list(n.Choosing))
	case *Choice:
		return nodes(n.Func)
	case *Outcome:
		return nodes(n.Name)
	case *Type:
		return nodes(n.Name, n.Lo, n.Hi)
	case *Ident, *Comment:
		return nil
	}
	panic(fmt.Sprintf("lang.Walk: unknown node %T", n))
}

func declChildren(d Decl) []Node {
	switch d := d.(type) {
	case *Subject:
		return nodes(d.Name)
	case *Enum:
		return join(nodes(d.Name), list(d.Members))
	case *ConstDecl:
		return nodes(d.Name, d.Type, d.Value)
	case *Feature:
		return nodes(d.Name, d.Type)
	case *Device:
		return nodes(d.Name, d.Type)
	case *Kernel:
		return join(nodes(d.Name), list(d.Bindings))
	case *Var:
		return nodes(d.Name, d.Type, d.Init)
	case *Mutex:
		return nodes(d.Name)
	case *Wakeup:
		return nodes(d.Name, d.If)
	case *Work:
		return nodes(d.Name, d.Runs)
	case *Transitions:
		return join(nodes(d.Var), list(d.Edges))
	case *Process:
		return join(nodes(d.Name), list(d.Params), nodes(d.Begins, d.Ends, d.Body))
	case *Balance:
		return join(nodes(d.Wakeup), list(d.Held), nodes(d.Unless))
	case *Property:
		return nodes(d.Name, d.Expr)
	case *Explore:
		return join(list(d.Starts), list(d.Spawns))
	case *Scenario:
		return join(nodes(d.Name), list(d.Starts), list(d.Lines), list(d.Expect))
	case *Expect:
		return nodes(d.Scenario, d.Outcome, d.In)
	case *Drop:
		return nodes(d.Name)
	case *Fix:
		return nodes(d.Name, d.Value)
	}
	panic(fmt.Sprintf("lang.Walk: unknown declaration %T", d))
}

func stmtChildren(s Stmt) []Node {
	switch s := s.(type) {
	case *Block:
		return list(s.Stmts)
	case *Assign:
		return assignChildren(s)
	case *If:
		return nodes(s.Cond, s.Then, s.Else)
	case *Either:
		return list(s.Branches)
	case *Lock:
		return nodes(s.Mutex, s.Else)
	case *Unlock:
		return nodes(s.Mutex)
	case *StayAwake:
		return nodes(s.Wakeup)
	case *Relax:
		return nodes(s.Wakeup)
	case *Queue:
		return nodes(s.Work)
	case *Cancel:
		return nodes(s.Work)
	case *Await:
		return nodes(s.Cond)
	case *Log:
		return list(s.Patterns)
	case *Event:
		return join(nodes(s.Name), list(s.Args))
	case *Atomic:
		return nodes(s.Body)
	case *Call:
		return join(nodes(s.Target, s.Func), list(s.Args), nodes(s.Else))
	case *Return:
		return nodes(s.Value)
	case *Fail:
		return nodes(s.Errno)
	case *Skip:
		return nil
	case *Spawn:
		return join(nodes(s.Process), list(s.Args))
	case *Local:
		return nodes(s.Name, s.Type)
	case *Labeled:
		return nodes(s.Label, s.Stmt)
	}
	panic(fmt.Sprintf("lang.Walk: unknown statement %T", s))
}

func assignChildren(s *Assign) []Node {
	var out []Node
	for i, t := range s.Targets {
		out = append(out, t)
		if i < len(s.Values) {
			out = append(out, s.Values[i])
		}
	}
	return out
}

func exprChildren(e Expr) []Node {
	switch e := e.(type) {
	case *Name:
		return nodes(e.ID)
	case *Field:
		return nodes(e.X, e.Field)
	case *IntLit, *BoolLit, *StringLit:
		return nil
	case *Unary:
		return nodes(e.X)
	case *Binary:
		return nodes(e.X, e.Y)
	case *In:
		return join(nodes(e.X), list(e.Set))
	case *CancelExpr:
		return nodes(e.Work)
	case *Paren:
		return nodes(e.X)
	}
	panic(fmt.Sprintf("lang.Walk: unknown expression %T", e))
}

func nodes(list ...Node) []Node { return list }

func list[T Node](items []T) []Node {
	out := make([]Node, len(items))
	for i, n := range items {
		out[i] = n
	}
	return out
}

func join(lists ...[]Node) []Node {
	var out []Node
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// Unparen gives an expression without the parentheses around it.
func Unparen(e Expr) Expr {
	for {
		p, ok := e.(*Paren)
		if !ok {
			return e
		}
		e = p.X
	}
}

// IsTemporal reports whether an expression has a temporal operator: [], <> or ~>.
func IsTemporal(e Expr) bool {
	found := false
	Walk(e, func(n Node) bool {
		switch x := n.(type) {
		case *Unary:
			found = found || x.Op == "[]" || x.Op == "<>"
		case *Binary:
			found = found || x.Op == "~>"
		}
		return !found
	})
	return found
}
