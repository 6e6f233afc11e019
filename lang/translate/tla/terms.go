package tla

import (
	"slices"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// scope says how a register is read.
type scope func(reg int) expr

// binary are the operators of TLA+ for those of terms.
var binary = map[machine.Op]struct {
	op string
	at int
}{
	machine.Implies: {"=>", impliesLevel},
	machine.Eq:      {"=", compareLevel}, machine.Ne: {"#", compareLevel},
	machine.Lt: {"<", compareLevel}, machine.Le: {"<=", compareLevel},
	machine.Gt: {">", compareLevel}, machine.Ge: {">=", compareLevel},
	machine.Add: {"+", sumLevel}, machine.Sub: {"-", sumLevel},
}

// term writes a term over the state before a step.
func (w *writer) term(t *machine.Term, regs scope) expr {
	switch t.Op {
	case machine.Constant:
		return w.value(t.Type, t.Val)
	case machine.Read:
		if t.Loc.IsReg() {
			return regs(t.Loc.Reg())
		}
		return w.global(w.m.Globals[t.Loc], false)
	case machine.Active:
		return w.global(w.m.Globals[t.Loc], true)
	case machine.Living:
		return w.living(t.Proc)
	case machine.Not:
		return not(w.term(t.Args[0], regs))
	case machine.Neg:
		return operation{op: "-", at: minusLevel, b: w.term(t.Args[0], regs)}
	case machine.And:
		return all(w.term(t.Args[0], regs), w.term(t.Args[1], regs))
	case machine.Or:
		return some(w.term(t.Args[0], regs), w.term(t.Args[1], regs))
	case machine.In:
		return w.member(t, regs)
	case machine.Conditional:
		return choice{w.term(t.Args[0], regs), w.term(t.Args[1], regs), w.term(t.Args[2], regs)}
	}
	return w.compared(t, regs)
}

// compared writes a binary operator. A constant takes the type of what it is compared with.
func (w *writer) compared(t *machine.Term, regs scope) expr {
	b := binary[t.Op]
	typ := operandType(t.Args)
	if typ.Kind == check.BoolType {
		if e := w.truthValue(t, regs); e != nil {
			return e
		}
	}
	return operation{b.op, b.at, w.typed(t.Args[0], typ, regs), w.typed(t.Args[1], typ, regs)}
}

// truthValue writes `flag == true` as flag.
func (w *writer) truthValue(t *machine.Term, regs scope) expr {
	for i, a := range t.Args {
		if a.Op != machine.Constant || t.Op != machine.Eq && t.Op != machine.Ne {
			continue
		}
		e := w.term(t.Args[1-i], regs)
		if (a.Val == 1) == (t.Op == machine.Eq) {
			return e
		}
		return not(e)
	}
	return nil
}

func (w *writer) member(t *machine.Term, regs scope) expr {
	typ := operandType(t.Args)
	var items []expr
	for _, a := range t.Args[1:] {
		items = append(items, w.typed(a, typ, regs))
	}
	return compare(w.typed(t.Args[0], typ, regs), `\in`, set(items...))
}

func (w *writer) typed(t *machine.Term, typ check.Type, regs scope) expr {
	if t.Op == machine.Constant {
		return w.value(typ, t.Val)
	}
	return w.term(t, regs)
}

// operandType is the type of what is compared: that of a value that is no constant, where there is one.
func operandType(args []*machine.Term) check.Type {
	for _, a := range args {
		if a.Op != machine.Constant && a.Type.Kind != check.NoType {
			return a.Type
		}
	}
	return args[0].Type
}

// value writes a value of a type.
func (w *writer) value(t check.Type, v machine.Val) expr {
	switch t.Kind {
	case check.BoolType:
		if v != 0 {
			return truth
		}
		return falsity
	case check.EnumType:
		return text(t.Enum.Members[v].Name)
	case check.ResultType:
		return text(w.resultName(v))
	}
	return number(int(v))
}

// resultName is "ok", "error" for a bare `fail`, or the name of an errno.
func (w *writer) resultName(v machine.Val) string {
	switch v {
	case 0:
		return "ok"
	case check.AnyErrno:
		return "error"
	}
	return w.errnos[v]
}

// findErrnos names the errnos that the spec uses, by value.
func (w *writer) findErrnos() {
	for _, o := range w.m.Info.Uses {
		v := machine.Val(-o.Index)
		if old, ok := w.errnos[v]; o.Kind == check.ErrnoObj && (!ok || o.Name < old) {
			w.errnos[v] = o.Name
		}
	}
}

// global writes what is at a global; active asks whether it is not 0.
func (w *writer) global(g *machine.Global, active bool) expr {
	name := text(g.Object.Name)
	switch g.Kind {
	case machine.MutexGlobal:
		return w.use("Held", name)
	case machine.WakeupGlobal:
		if !w.m.Counted(g) {
			return w.use("Active", name)
		}
		count := atom(`holds["` + g.Object.Name + `"]`)
		if active {
			return compare(count, ">", number(0))
		}
		return count
	case machine.PendingGlobal:
		return w.use("Pending", name)
	case machine.EndedGlobal:
		return atom("ended")
	case machine.RunningGlobal:
		if !w.works(g.Object) {
			return falsity
		}
		return w.use("Live", name)
	}
	return atom(w.globals[g.Index])
}

// living tells whether an activation of a process is live.
func (w *writer) living(p *check.Process) expr {
	for _, q := range w.procList {
		if q.Proc.Process == p {
			w.use("Live")
			return bound{`\E a \in ` + w.slotsOf(q).flat() + " :", call("Live", atom("a"))}
		}
	}
	return falsity
}

// typeSet is the set of the values of a type; whole takes in the members that a feature leaves out.
func (w *writer) typeSet(t check.Type, whole bool) expr {
	switch t.Kind {
	case check.BoolType:
		return atom("BOOLEAN")
	case check.IntType:
		return raw{number(t.Lo).flat() + ".." + number(t.Hi).flat(), setLevel}
	case check.ResultType:
		return atom(w.resultSet)
	}
	if whole && slices.ContainsFunc(t.Enum.Members, func(m *check.Member) bool { return m.If != nil }) {
		return w.members(t.Enum, func(*check.Member) bool { return true })
	}
	return atom(w.enums[t.Enum])
}

func (w *writer) members(e *check.Enum, keep func(*check.Member) bool) expr {
	var items []expr
	for _, m := range e.Members {
		if keep(m) {
			items = append(items, text(m.Name))
		}
	}
	return set(items...)
}
