package tla_test

import "testing"

// special are specifications with what generated ones have not: names that TLA+ has for itself, spawned activations,
// atomic blocks, counted sources, conditions over activations, deadlocks, bounds that are left.
var special = []struct{ name, src string }{
	{"names", `/// Umlauts: äöü, arrows → and ∀, and a comment (* that looks *) like another \* one.
module Integers
subject TRUE_
enum IF { THEN, ELSE, CHOOSE, DOMAIN if UNCHANGED }
feature UNCHANGED: bool
device WF_x: -2..-1
device __: bool
var Next: IF = THEN
var pc: -3..-1 = -2
var self: bool = false
mutex Lock
wakeup Active if __
work pending runs held
invariant TypeOK: pc < 0 || Next == DOMAIN
invariant EXCEPT: !(Next == CHOOSE && self)
property SUBSET: [] <> !Active.active
balance Active held by LET, pending
explore { start UNCHANGED = false, __ = true  spawn LET * 1, At * 1 }
process LET(LAMBDA: IF, type: bool) {
  local STATE: -1..1
  local IN: IF
  lock Lock
  STATE := 0
  IN := LAMBDA
  if IN == CHOOSE { self := true }
  stay_awake Active
  unlock Lock
  queue pending
}
process held { lock Lock; relax Active; unlock Lock; pc := -3 }
process At -> result {
  local RECURSIVE: result
  RECURSIVE := Goto()
  if RECURSIVE == EIO { Next := ELSE }
}
procedure Goto -> result { either { fail EIO } or { fail } or { return } }
`},
	{"spawned", `module spawned
enum Kind { A, B }
var n: 0..3 = 0
var last: Kind
wakeup w counted
work job runs worker
balance w held by child, job
explore { spawn parent * 1, child * 1 }
process parent {
  spawn child(B)
  if child.running { n := 1 } else { n := 2 }
  await !child.running
  spawn grandchild
}
process child(k: Kind) {
  local i: 0..1
  i := 1
  stay_awake w
  if k == B { queue job } else { relax w }
  if i == 1 { last := k }
}
process grandchild(k: Kind, yes: bool) { if yes { last := k } }
process worker { relax w; spawn helper }
process helper { skip }
`},
	{"twice", `module twice
var n: 0..2 = 0
work job runs worker
explore { spawn start * 1 }
process start { queue job; await n == 1; queue job; await n == 2 }
process worker {
  n := n + 1
  spawn slow
}
process slow { await n == 2 }
`},
	{"atomic", `module atomic_blocks
enum Kind { A, B, C }
var n: -1..2 = 0
var k: Kind = A
device there: bool
wakeup w if there
wakeup c counted if !there
work job runs worker
work other runs nothing
balance w held by p, job
balance c held by p, job
invariant small: n <= 1
warning invariant tidy: w.active => job.pending || worker.running
property settles: <> [] !job.pending
property goes: n == 1 ~> n == 0 || job.running
property both: [] (n < 3) && [] (k == B => <> (k != B || n == -1))
transitions k { A -> B if there, B <-> C, warning any -> A }
explore { spawn p * 2 }
process p {
  local last: bool
  local i: 0..2
  atomic {
    n := n + 1
    if n > 1 { stay_awake w; stay_awake c; k := B } else { k := C, i := 2 }
    last := n == 1
  }
  if last { queue job; queue other }
  atomic { relax w; n := n - 1, i := 0 }
  if cancel other { k := A }
  either { relax c } or { skip }
}
process worker { atomic { relax w; relax c }; if n > 0 { k := B } else { k := A } }
process nothing { skip }
`},
	{"deadlock", `module stuck
mutex a
mutex b
spinlock s
var n: 0..1 = 0
explore { spawn p * 1, q * 1, r * 1 }
process p { lock a; lock b; unlock b; unlock a }
process q { lock b; lock a; unlock a; unlock b }
process r {
  either { lock s; n := 1; unlock s } or { await n == 1 } or { if n == 0 { lock a interruptible else return; unlock a } }
}
`},
	{"empty", `module empty
enum None { NONE if some }
feature some: bool
kernel bare { some = false }
var n: 0..1 = 0
explore { start some = false  spawn p * 1, q * 1 }
process p(x: None) { n := 1 }
process q { n := 0 }
`},
	{"nothing", `module nothing
explore { spawn p * 2 }
process p { skip }
`},
	{"open", `module open_features
feature f: bool
feature level: 0..2
device d: bool
enum E { X, Y if f, Z if level > 1 }
var e: E
var m: bool = true
wakeup w if f && d
work job runs worker
balance w held by p, job unless m
transitions e { X <-> Y if f, any -> Z }
explore {
  start level = 1, d = true
  start level in { 0, 2 }, f = true, e in { X, Z }
  spawn p * 1
}
process p(x: E) {
  if f { stay_awake w }
  if level > 0 { e := x }
  m := false
  if d && level != 1 { queue job }
}
process worker { if level == 2 { relax w } }
`},
}

func TestSpecial(t *testing.T) {
	for _, tt := range special {
		t.Run(tt.name, func(t *testing.T) {
			if !agree(t, compile(t, tt.src), "", 20000) {
				t.Error("too many states")
			}
		})
	}
}
