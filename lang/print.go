package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ExprString gives e in the canonical form of the formatter, on one line; "" for nil.
func ExprString(e Expr) string {
	if isNil(e) {
		return ""
	}
	switch e := e.(type) {
	case *Name:
		return e.ID.Name
	case *Field:
		return e.X.Name + "." + e.Field.Name
	case *IntLit:
		return strconv.Itoa(e.Value)
	case *BoolLit:
		return strconv.FormatBool(e.Value)
	case *StringLit:
		return strconv.Quote(e.Value)
	case *Unary:
		return unaryString(e)
	case *Binary:
		return binaryString(e)
	case *In:
		return ExprString(e.X) + " in { " + exprList(e.Set) + " }"
	case *CancelExpr:
		return "cancel " + e.Work.Name
	case *Paren:
		return "(" + ExprString(e.X) + ")"
	}
	panic(fmt.Sprintf("lang.ExprString: unknown expression %T", e))
}

func unaryString(e *Unary) string {
	if e.Op == "[]" || e.Op == "<>" {
		return e.Op + " " + ExprString(e.X)
	}
	return e.Op + ExprString(e.X)
}

func binaryString(e *Binary) string {
	s := ExprString(e.X) + " " + e.Op + " " + ExprString(e.Y)
	if e.Within > 0 {
		s += " within " + durationString(e.Within)
	}
	return s
}

// durationString gives ns nanoseconds in the largest unit that needs no fraction.
func durationString(ns int64) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Second, "s"}, {time.Millisecond, "ms"}, {time.Microsecond, "us"}} {
		if ns%int64(u.size) == 0 {
			return strconv.FormatInt(ns/int64(u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(ns, 10) + "ns"
}

func exprList(list []Expr) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = ExprString(e)
	}
	return strings.Join(out, ", ")
}

// TypeString gives t as it is written in a declaration; "" for nil.
func TypeString(t *Type) string {
	switch {
	case t == nil:
		return ""
	case t.Name != nil:
		return t.Name.Name
	}
	return ExprString(t.Lo) + ".." + ExprString(t.Hi)
}

// StmtHead gives a statement on one line for messages and listings: what it does itself, with `{ … }`
// for the blocks in it.
func StmtHead(s Stmt) string {
	if isNil(s) {
		return ""
	}
	switch s := s.(type) {
	case *Block:
		return "{ … }"
	case *Assign:
		return assignHead(s)
	case *If:
		return "if " + ExprString(s.Cond)
	case *Either:
		return "either"
	case *Lock:
		return lockHead(s)
	case *Log:
		return logHead(s)
	case *Event:
		return "event " + s.Name.Name + optionalArgs(s.Args)
	case *Await:
		return "await " + ExprString(s.Cond)
	case *Atomic:
		return "atomic { … }"
	case *Call:
		return callHead(s)
	case *Spawn:
		return "spawn " + s.Process.Name + optionalArgs(s.Args)
	case *Local:
		return "local " + s.Name.Name + ": " + TypeString(s.Type)
	case *Labeled:
		return s.Label.Name + ": " + StmtHead(s.Stmt)
	}
	return wordsHead(s)
}

// wordsHead prints the statements that are a verb and at most one thing.
func wordsHead(s Stmt) string {
	switch s := s.(type) {
	case *Unlock:
		return "unlock " + s.Mutex.Name
	case *StayAwake:
		return "stay_awake " + s.Wakeup.Name
	case *Relax:
		return "relax " + s.Wakeup.Name
	case *Queue:
		return "queue " + s.Work.Name
	case *Cancel:
		return "cancel " + s.Work.Name
	case *Return:
		return strings.TrimSpace("return " + ExprString(s.Value))
	case *Fail:
		if s.Errno == nil {
			return "fail"
		}
		return "fail " + s.Errno.Name
	case *Skip:
		return "skip"
	}
	panic(fmt.Sprintf("lang.StmtHead: unknown statement %T", s))
}

func assignHead(s *Assign) string {
	out := make([]string, len(s.Targets))
	for i, t := range s.Targets {
		out[i] = t.Name + " := " + ExprString(s.Values[i])
	}
	return strings.Join(out, ", ")
}

func lockHead(s *Lock) string {
	out := "lock " + s.Mutex.Name
	if s.Interruptible {
		out += " interruptible"
	}
	return out + elseHead(s.Else)
}

func logHead(s *Log) string {
	texts := make([]string, len(s.Patterns))
	for i, p := range s.Patterns {
		texts[i] = strconv.Quote(p.Value)
	}
	oneOf := ""
	if s.OneOf {
		oneOf = "one of "
	}
	return "log " + s.Level + " " + oneOf + strings.Join(texts, ", ")
}

func callHead(s *Call) string {
	out := s.Func.Name + "(" + exprList(s.Args) + ")" + elseHead(s.Else)
	if s.Target != nil {
		out = s.Target.Name + " := " + out
	}
	return out
}

func elseHead(s Stmt) string {
	if isNil(s) {
		return ""
	}
	return " else " + StmtHead(s)
}

func optionalArgs(args []Expr) string {
	if len(args) == 0 {
		return ""
	}
	return "(" + exprList(args) + ")"
}
