package promela

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
)

// scope tells how a place is written where an expression stands; "" for a register that always has its first
// value.
type scope func(machine.Loc) string

// inside is the scope of the body of a role.
func (w *writer) inside(r *role) scope {
	return func(l machine.Loc) string {
		if l.IsReg() {
			return r.regs[l.Reg()]
		}
		return w.names.globals[l]
	}
}

// outside is the scope of claims, which read no registers.
func (w *writer) outside(l machine.Loc) string { return w.names.globals[l] }

// remote is the scope of a claim that looks into a process.
func (w *writer) remote(r *role, pid string) scope {
	return func(l machine.Loc) string {
		if !l.IsReg() {
			return w.names.globals[l]
		}
		if r.regs[l.Reg()] == "" {
			return ""
		}
		return fmt.Sprintf("%s[%s]:%s", r.name, pid, r.regs[l.Reg()])
	}
}

// strength is how tightly what was written holds together: operators as in C, but that a reader should not have
// to know which of && and || comes first.
type strength int

const (
	loose strength = iota // && and ||
	compared
	summed
	signed
	atom
)

// operator is how an operator of two operands is written.
type operator struct {
	sign        string
	is          strength
	left, right strength // what its operands must be at least
}

var operators = map[machine.Op]operator{
	machine.Or: {"||", loose, compared, compared}, machine.And: {"&&", loose, compared, compared},
	machine.Eq: {"==", compared, summed, summed}, machine.Ne: {"!=", compared, summed, summed},
	machine.Lt: {"<", compared, summed, summed}, machine.Le: {"<=", compared, summed, summed},
	machine.Gt: {">", compared, summed, summed}, machine.Ge: {">=", compared, summed, summed},
	machine.Add: {"+", summed, summed, atom}, machine.Sub: {"-", summed, summed, atom},
}

var opposite = map[machine.Op]machine.Op{
	machine.Eq: machine.Ne, machine.Ne: machine.Eq,
	machine.Lt: machine.Ge, machine.Ge: machine.Lt, machine.Le: machine.Gt, machine.Gt: machine.Le,
}

// expr writes a term.
func (w *writer) expr(t *machine.Term, sc scope) string {
	s, _ := w.write(t, sc)
	return s
}

// operand writes a term as a part of a larger one.
func (w *writer) operand(t *machine.Term, sc scope, least strength) string {
	s, is := w.write(t, sc)
	if is < least {
		return "(" + s + ")"
	}
	return s
}

func (w *writer) write(t *machine.Term, sc scope) (string, strength) {
	switch t.Op {
	case machine.Constant:
		return w.value(t.Type, t.Val)
	case machine.Read:
		return w.located(t, sc)
	case machine.Active:
		return w.active(t.Loc, sc)
	case machine.Living:
		if !w.startable(t.Proc) {
			return "false", atom
		}
		return w.names.living[t.Proc] + " > 0", compared
	case machine.Not:
		return w.not(t.Args[0], sc)
	case machine.Neg:
		return "-" + w.operand(t.Args[0], sc, atom), signed
	case machine.Implies:
		return w.chain(machine.Or, []*machine.Term{machine.Truth(machine.Not, t.Args[0]), t.Args[1]}, sc)
	case machine.And, machine.Or:
		return w.chain(t.Op, flat(t, t.Op), sc)
	case machine.In:
		return w.in(t, sc)
	case machine.Conditional:
		return fmt.Sprintf("(%s -> %s : %s)", w.expr(t.Args[0], sc), w.expr(t.Args[1], sc), w.expr(t.Args[2], sc)), atom
	}
	t = unsigned(t)
	op := operators[t.Op]
	return w.operand(t.Args[0], sc, op.left) + " " + op.sign + " " + w.operand(t.Args[1], sc, op.right), op.is
}

// unsigned turns what is added or subtracted with a sign into what it comes to: Spin writes claims anew without
// spaces, and would read -- where two signs meet.
func unsigned(t *machine.Term) *machine.Term {
	if t.Op != machine.Add && t.Op != machine.Sub {
		return t
	}
	other, b := machine.Add+machine.Sub-t.Op, *t.Args[1]
	switch {
	case b.Op == machine.Neg:
		b = *b.Args[0]
	case b.Op == machine.Constant && b.Val < 0:
		b.Val = -b.Val
	default:
		return t
	}
	return &machine.Term{Op: other, Type: t.Type, Args: []*machine.Term{t.Args[0], &b}}
}

// flat lists the operands of a conjunction or disjunction, those of nested ones with them.
func flat(t *machine.Term, op machine.Op) []*machine.Term {
	if t.Op != op {
		return []*machine.Term{t}
	}
	return append(flat(t.Args[0], op), flat(t.Args[1], op)...)
}

// chain writes a conjunction or disjunction of any length.
func (w *writer) chain(op machine.Op, ts []*machine.Term, sc scope) (string, strength) {
	if len(ts) == 1 {
		return w.write(ts[0], sc)
	}
	parts := make([]string, len(ts))
	for i, t := range ts {
		parts[i] = w.operand(t, sc, compared)
	}
	return strings.Join(parts, " "+operators[op].sign+" "), loose
}

// not writes the contrary of a term.
func (w *writer) not(t *machine.Term, sc scope) (string, strength) {
	switch {
	case t.Op == machine.Not:
		return w.write(t.Args[0], sc)
	case t.Op == machine.Living && w.startable(t.Proc):
		return w.names.living[t.Proc] + " == 0", compared
	case t.Op == machine.Active && w.counts(t.Loc):
		return sc(t.Loc) + " == 0", compared
	case opposite[t.Op] != 0:
		return w.write(&machine.Term{Op: opposite[t.Op], Type: t.Type, Args: t.Args}, sc)
	}
	return "!" + w.operand(t, sc, atom), signed
}

// in writes a membership as the equalities that it stands for.
func (w *writer) in(t *machine.Term, sc scope) (string, strength) {
	var all []*machine.Term
	for _, e := range t.Args[1:] {
		all = append(all, machine.Truth(machine.Eq, t.Args[0], e))
	}
	if len(all) == 0 {
		return "false", atom
	}
	return w.chain(machine.Or, all, sc)
}

// located writes what is read at a place.
func (w *writer) located(t *machine.Term, sc scope) (string, strength) {
	if s := sc(t.Loc); s != "" {
		return s, atom
	}
	return w.value(t.Type, machine.First(t.Type))
}

// active writes whether a mutex is held, a source active, an item pending or running.
func (w *writer) active(l machine.Loc, sc scope) (string, strength) {
	switch {
	case w.counts(l):
		return sc(l) + " > 0", compared
	case w.m.Globals[l].Kind == machine.RunningGlobal && !w.runs(l):
		return "false", atom
	}
	return sc(l), atom
}

// runs tells whether the item, of which l says whether it runs, can run at all.
func (w *writer) runs(l machine.Loc) bool {
	return slices.ContainsFunc(w.roles, func(r *role) bool {
		return r.kind == machine.WorkerSlot && machine.Loc(w.m.Works[r.proc.Work].Running) == l
	})
}

// startable tells whether an activation of p can come to life.
func (w *writer) startable(p *check.Process) bool {
	return slices.ContainsFunc(w.roles, func(r *role) bool { return r.proc.Proc.Process == p })
}

// value writes a constant.
func (w *writer) value(t check.Type, v machine.Val) (string, strength) {
	switch {
	case t.Kind == check.BoolType:
		return strconv.FormatBool(v != 0), atom
	case t.Kind == check.EnumType && v >= 0 && int(v) < len(t.Enum.Members):
		w.enums[t.Enum] = true
		return w.names.members[t.Enum.Members[v]], atom
	case t.Kind == check.ResultType:
		return w.result(v), atom
	case v < 0:
		return strconv.Itoa(int(v)), signed
	}
	return strconv.Itoa(int(v)), atom
}

// result writes a result by its name.
func (w *writer) result(v machine.Val) string {
	w.results[v] = true
	switch v {
	case 0:
		return "ok"
	case check.AnyErrno:
		return "failed"
	}
	return w.names.errnos[v]
}

// typeName is the type of Promela that holds the values of t.
func (w *writer) typeName(t check.Type) string {
	switch t.Kind {
	case check.BoolType:
		return "bool"
	case check.EnumType:
		w.enums[t.Enum] = true
		return "mtype:" + w.names.enums[t.Enum]
	case check.ResultType:
		return "short"
	}
	switch {
	case t.Lo >= 0 && t.Hi <= 255:
		return "byte"
	case t.Lo >= -32768 && t.Hi <= 32767:
		return "short"
	}
	return "int"
}
