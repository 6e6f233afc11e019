package modelcheck_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/modelcheck"
)

func compareTwo(t *testing.T, a, b *machine.Machine, opt modelcheck.DiffOptions) *modelcheck.Difference {
	t.Helper()
	d, err := modelcheck.Diff(context.Background(), a, b, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// word writes what a witness shows, "" for none.
func word(w *modelcheck.Witness) string {
	if w == nil {
		return ""
	}
	var all []string
	for _, e := range w.Events {
		all = append(all, e.String())
	}
	return strings.Join(all, "; ")
}

const diffHead = `module m
subject s
var n: 0..3 = 0
var on: bool
mutex l
wakeup awake
work w runs h
explore { spawn p * 1 }
process h { relax awake }
`

// TestDiff: bodies of p that do the same or not, by hand.
func TestDiff(t *testing.T) {
	for name, tt := range map[string]struct{ a, b, onlyA, onlyB string }{
		"silent steps are not seen": {
			a: `log err "x"`, b: `lock l; n := 2; unlock l; log err "x"; n := 0`,
		},
		"when a choice is made is not seen": {
			a: `either { log err "x"; log err "y" } or { log err "x"; log err "z" }`,
			b: `log err "x"; either { log err "z" } or { log err "y" }`,
		},
		"nor by what": {
			a: `either { log err "x" } or { skip }`, b: `if on { log err "x" }`,
		},
		"a line less": {
			a: `log err "x"; log err "y"`, b: `log err "x"`,
			onlyA: `p is called; p log err "x"; p log err "y"`, onlyB: `p is called; p log err "x"; p ends`,
		},
		"one choice more": {
			a: `log err "x"`, b: `log err one of "x", "y"`, onlyB: `p is called; p log err "y"`,
		},
		"the shorter of two differences": {
			a:     `either { log err "x"; log err "y"; log err "u" } or { log info "u"; log err "v" }`,
			b:     `either { log err "x"; log err "y" } or { log info "u" }`,
			onlyA: `p is called; p log info "u"; p log err "v"`, onlyB: `p is called; p log info "u"; p ends`,
		},
		"an edge, not a call": {
			a: `stay_awake awake; stay_awake awake`, b: `stay_awake awake`,
		},
		"a work item": {
			a: `stay_awake awake; queue w`, b: `stay_awake awake`,
			onlyA: `p is called; p awake becomes active; p queues w`, onlyB: `p is called; p awake becomes active; p ends`,
		},
		"what is done at once": {
			a: `atomic { stay_awake awake; queue w }`, b: `stay_awake awake; queue w`,
			onlyA: `p is called; p awake becomes active, queues w`, onlyB: `p is called; p awake becomes active`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := compareTwo(t, compile(t, diffHead+"process p { "+tt.a+" }\n"), compile(t, diffHead+"process p { "+tt.b+" }\n"), modelcheck.DiffOptions{})
			if diff := cmp.Diff([]string{tt.onlyA, tt.onlyB}, []string{word(d.OnlyA), word(d.OnlyB)}); diff != "" {
				t.Errorf("only A, only B (-want +got):\n%s", diff)
			}
			if want := tt.onlyA == "" && tt.onlyB == ""; d.Equivalent() != want {
				t.Errorf("equivalent: %v", d.Equivalent())
			}
		})
	}
}

func TestDiffInstead(t *testing.T) {
	a, b := compile(t, diffHead+`process p { log err "x" }`), compile(t, diffHead+`process p { either { log err "y" } or { skip } }`)
	d := compareTwo(t, a, b, modelcheck.DiffOptions{})
	if diff := cmp.Diff([]string{"p ends", `p log err "y"`}, d.OnlyA.Instead); diff != "" {
		t.Errorf("in its place (-want +got):\n%s", diff)
	}
	if text := d.OnlyA.Run.Draw(); !strings.Contains(text, `p:10 log err "x"`) {
		t.Errorf("the run does not show the line:\n%s", text)
	}
}

// TestDiffThreads: activations of one process are told apart.
func TestDiffThreads(t *testing.T) {
	two := strings.Replace(diffHead, "p * 1", "p * 2", 1) + `process p { log err "x" }`
	d := compareTwo(t, compile(t, two), compile(t, diffHead+`process p { log err "x" }`), modelcheck.DiffOptions{})
	if word(d.OnlyA) != "p#1 is called" || word(d.OnlyB) != "p is called" {
		t.Errorf("only A %q, only B %q", word(d.OnlyA), word(d.OnlyB))
	}
}

// TestDiffKernels: what was merged differs from v6.0 as the thread says, seen in the real spec.
func TestDiffKernels(t *testing.T) {
	m := shipped(t, "remoteproc")
	d := compareTwo(t, m, m, modelcheck.DiffOptions{KernelA: "v6_0", KernelB: "v6_2"})
	if d.OnlyA == nil || d.OnlyB == nil || d.Bounded != "" {
		t.Fatalf("only A %q, only B %q, bounded %q", word(d.OnlyA), word(d.OnlyB), d.Bounded)
	}
	if !strings.HasSuffix(word(d.OnlyA), "rproc_crash_handler_work starts; rproc_crash_handler_work ends") {
		t.Errorf("only v6.0: %s", word(d.OnlyA))
	}
	if !strings.HasSuffix(word(d.OnlyB), "rproc_crash_handler_work starts; rproc_crash_handler_work awake becomes inactive") {
		t.Errorf("only v6.2: %s", word(d.OnlyB))
	}
}

func TestDiffBounded(t *testing.T) {
	m := shipped(t, "remoteproc")
	d := compareTwo(t, m, m, modelcheck.DiffOptions{KernelA: "v6_0", KernelB: "v6_0", MaxSets: 200})
	if d.Equivalent() || d.Bounded != "limit of 200 sets" || d.OnlyA != nil || d.Sets < 200 {
		t.Errorf("bounded %q, only A %q, %d sets", d.Bounded, word(d.OnlyA), d.Sets)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if d, err := modelcheck.Diff(ctx, m, m, modelcheck.DiffOptions{}); err != nil || d.Bounded != "interrupt" {
		t.Errorf("%v, %+v", err, d)
	}
	if _, err := modelcheck.Diff(context.Background(), m, m, modelcheck.DiffOptions{KernelA: "v6"}); err == nil {
		t.Error("a kernel that is not there passed")
	}
}

// TestDiffRandom: a spec is equivalent to itself; the directions change places with the specs; an
// inclusion says the same as words that are run one by one.
func TestDiffRandom(t *testing.T) {
	differ, same := 0, 0
	for seed := range uint64(200) {
		body := func(r *rand.Rand) string { return randomBody(r, 4) }
		r := rand.New(rand.NewPCG(seed, 7))
		a, b := body(r), body(r)
		ma, mb := compile(t, diffHead+"process p { "+a+" }\n"), compile(t, diffHead+"process p { "+b+" }\n")
		if d := compareTwo(t, ma, ma, modelcheck.DiffOptions{}); !d.Equivalent() {
			t.Errorf("%s\ndiffers from itself: %s", a, word(d.OnlyA))
		}
		d, back := compareTwo(t, ma, mb, modelcheck.DiffOptions{}), compareTwo(t, mb, ma, modelcheck.DiffOptions{})
		if len(word(d.OnlyA)) > 0 != (len(word(back.OnlyB)) > 0) || len(word(d.OnlyB)) > 0 != (len(word(back.OnlyA)) > 0) {
			t.Errorf("%s\nand\n%s\nthe directions do not change places", a, b)
		}
		inA, inB := wordsOf(a), wordsOf(b)
		for _, x := range []struct {
			w         *modelcheck.Witness
			has, lack map[string]bool
		}{{d.OnlyA, inA, inB}, {d.OnlyB, inB, inA}} {
			if n, want := events(x.w), shortest(x.has, x.lack); n != want {
				t.Errorf("%s\nand\n%s\na witness of %d events, want %d: %s", a, b, n, want, word(x.w))
			}
		}
		if d.Equivalent() {
			same++
		} else {
			differ++
		}
	}
	if differ < 10 || same < 5 {
		t.Errorf("%d pairs differ, %d do not: the test shows little", differ, same)
	}
}

// randomBody writes choices of lines, nested.
func randomBody(r *rand.Rand, depth int) string {
	switch n := r.IntN(4); {
	case depth == 0 || n == 0:
		return []string{`log err "x"`, `log err "y"`, `n := 1`, `skip`}[r.IntN(4)]
	case n == 1:
		return "either { " + randomBody(r, depth-1) + " } or { " + randomBody(r, depth-1) + " }"
	default:
		return randomBody(r, depth-2+depth%2) + "; " + randomBody(r, depth-2+depth%2)
	}
}

// wordsOf reads a body of randomBody as a set of words, and gives all their prefixes. A word is what is
// printed, one letter a line, with a dot for the end.
func wordsOf(body string) map[string]bool {
	p := &bodyReader{words: strings.Fields(strings.NewReplacer(";", " ", `log err "x"`, "x", `log err "y"`, "y", "n := 1", "skip").Replace(body))}
	all := map[string]bool{}
	for w := range p.sequence() {
		w += "."
		for i := range len(w) + 1 {
			all[w[:i]] = true
		}
	}
	return all
}

type bodyReader struct{ words []string }

func (p *bodyReader) next() string {
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *bodyReader) sequence() map[string]bool {
	all := map[string]bool{"": true}
	for len(p.words) > 0 && p.words[0] != "}" {
		each := map[string]bool{}
		switch w := p.next(); w {
		case "x", "y":
			each[w] = true
		case "skip":
			each[""] = true
		case "either", "or":
			p.next()
			for v := range p.sequence() {
				each[v] = true
			}
			p.next()
			if len(p.words) > 0 && p.words[0] == "or" {
				p.next()
				p.next()
				for v := range p.sequence() {
					each[v] = true
				}
				p.next()
			}
		}
		joined := map[string]bool{}
		for u := range all {
			for v := range each {
				joined[u+v] = true
			}
		}
		all = joined
	}
	return all
}

// shortest gives the length of the shortest word that only has has, the call of p included; 0 for none.
func shortest(has, lacks map[string]bool) int {
	n := 0
	for w := range has {
		if !lacks[w] && (n == 0 || len(w)+1 < n) {
			n = len(w) + 1
		}
	}
	return n
}

func events(w *modelcheck.Witness) int {
	if w == nil {
		return 0
	}
	return len(w.Events)
}
