package lang

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStmtHead(t *testing.T) {
	m := mustParse(t, "s.rps", []byte(`module m
process p {
  a := 1 + 2, b := x in {y,z}
  if cancel w { skip } else { skip }
  either { skip } or { fail }
  lock m
  lock m interruptible else fail EINTR
  lock m interruptible else { fail }
  unlock m stay_awake w relax w queue k cancel k
  await !m.held
  log err "say \"{x}\""
  log err one of "a", "b"
  event e event e(1, true)
  atomic { skip }
  f()
  r := f(a, -1) else g() else fail
  return return r
  fail fail EIO
  skip
  spawn p spawn p(1)
  local x: State local y: -1..n
  l: a := 1
}
`))
	var got []string
	for _, s := range m.Decls[0].(*Process).Body.Stmts {
		got = append(got, StmtHead(s))
	}
	want := []string{
		"a := 1 + 2, b := x in { y, z }",
		"if cancel w", "either",
		"lock m", "lock m interruptible else fail EINTR", "lock m interruptible else { … }",
		"unlock m", "stay_awake w", "relax w", "queue k", "cancel k",
		"await !m.held",
		`log err "say \"{x}\""`, `log err one of "a", "b"`,
		"event e", "event e(1, true)",
		"atomic { … }",
		"f()", "r := f(a, -1) else g() else fail",
		"return", "return r", "fail", "fail EIO", "skip",
		"spawn p", "spawn p(1)",
		"local x: State", "local y: -1..n",
		"l: a := 1",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("heads (-want +got):\n%s", d)
	}
}

func TestDurations(t *testing.T) {
	for in, want := range map[string]string{
		"30s": "30s", "90s": "90s", "1500ms": "1500ms", "2000ms": "2s", "7us": "7us", "5000ns": "5us", "1ns": "1ns",
	} {
		m := mustParse(t, "d.rps", []byte("module m deadline d: a ~> b within "+in))
		got := ExprString(m.Decls[0].(*Property).Expr)
		if got != "a ~> b within "+want {
			t.Errorf("%s: %q, want %s", in, got, want)
		}
	}
}

func TestPrintNothing(t *testing.T) {
	if got := ExprString(nil) + StmtHead(nil) + TypeString(nil) + ExprString((*Name)(nil)); got != "" {
		t.Errorf("nil prints as %q", got)
	}
}

func BenchmarkParse(b *testing.B) {
	src := sources(b, "testdata/good/remoteproc.rps")["remoteproc.rps"]
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		mustParse(b, "remoteproc.rps", src)
	}
}

func BenchmarkFormat(b *testing.B) {
	src := sources(b, "testdata/good/remoteproc.rps")["remoteproc.rps"]
	m := mustParse(b, "remoteproc.rps", src)
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		Format(m)
	}
}
