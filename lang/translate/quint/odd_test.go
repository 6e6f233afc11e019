package quint_test

// odd are specifications of what generated ones have not, by what they are about.
var odd = map[string]string{
	"names": `module val
subject type
enum state_t { Set, all, Nat "natural", Failed, Ok }
enum Vars { now, goes }
const MAX: 0..9 = 2
feature bounds: bool
var next: state_t = Set
var pc: -2..MAX = -1
var init: Vars
var Result: bool = false
mutex step
wakeup locals counted
work if_ runs any_
transitions next { Set -> all, all <-> Nat }
balance locals held by action, if_
invariant self: pc < 2
property always: [] <> !locals.active
explore { start bounds = true, init = goes spawn action * 1, run * 1 }
process action(type: state_t, s: -1..0) {
  local ret: result
  lock step
  stay_awake locals
  if s < -0 { queue if_ } else { next := type }
  ret := match(s)
  if ret == ok { pc := pc + 1 } else if ret == EINTR { pc := -pc }
  unlock step
}
procedure match(where: -1..0) -> result {
  if where == -1 { fail EINTR }
  either { skip } or { fail }
}
process run { Result := !Result, init := now; if action.running { pc := pc - 1 } }
process any_ { relax locals }
`,
	"spawn": `module offices
subject s
enum Kind { big, small if false }
var n: 0..3 = 0
work job runs clerk
invariant few: n < 3
explore { start n in { 0, 1 } spawn boss * 1 }
process boss {
  if n == 0 { spawn runner } else { spawn runner(1) }
  queue job
  queue job
}
process runner(k: 0..1) { n := k; await n > 0; if k == 1 { n := 0 } }
process clerk { spawn helper }
process helper { either { n := 2 } or { await n == 3 } }
`,
	"atomic": `module at
subject s
var x: -3..3 = -3
var y: bool
wakeup w
work job runs f
balance w held by p, job unless y
explore { spawn p * 1, q * 1 }
process p {
  local i: -1..2
  atomic {
    if x < 0 { x := x + 2 } else { i := 1; y := !y }
    stay_awake w
  }
  i := i + x
  atomic { either { queue job } or { x := -x } }
}
process q { if !w.active { await w.active } else { relax w }; cancel job }
process f { if y { relax w } }
`,
	"empty": `module none
subject s
feature old: bool
enum Never { never if old }
var e: Never
explore { start old = false spawn p * 1 }
process p { skip }
`,
	"nobody": `module nobody
subject s
var e: bool = false
invariant off: !e
explore { start e = false }
`,
	"stuck": `module stuck
subject s
mutex a
mutex b
var n: 0..1 = 0
explore { spawn left * 1, right * 1 }
process left { lock a; lock b; unlock b; unlock a }
process right { lock b; either { lock a interruptible else { unlock b; return } } or { await n == 1; lock a }; unlock a; unlock b }
`,
	"starts": `module starts
subject s
enum E { A, B if f, C }
feature f: bool
device d: E
var e: E
var n: 0..2
explore {
  start e in { A, C }, n in { 0, 1 }
  start e = C, n = 2, f = true
  spawn p * 1
}
process p(x: E, y: bool) { if x == B || y && d == x { n := 1 } }
`,
}
