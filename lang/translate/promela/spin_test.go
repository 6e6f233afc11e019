package promela_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pan is a verifier that Spin has made of a file.
type pan struct {
	dir    string
	claims []string // in the order of the file
}

// spin makes a verifier of a Promela file, or skips the test. Whatever Spin or the compiler says is an error.
func spin(t testing.TB, text string, fair bool) (*pan, error) {
	t.Helper()
	cc := tools(t)
	p := &pan{dir: t.TempDir(), claims: claimsOf(text)}
	if err := os.WriteFile(filepath.Join(p.dir, "model.pml"), []byte(text), 0o666); err != nil {
		return nil, err
	}
	args := []string{"-o1", "-o2", "-o3", "-a", "model.pml"}
	if fair {
		args = append([]string{"-DFAIR"}, args...)
	}
	out, err := p.command("spin", args...)
	if err != nil || complaint.MatchString(out) {
		return nil, fmt.Errorf("spin: %v\n%s", err, out)
	}
	flags := append([]string{"-w", "-DNOREDUCE", "-o", "pan", "pan.c"}, sizes.FindAllString(text, -1)...)
	if out, err := p.command(cc, flags...); err != nil {
		return nil, fmt.Errorf("%s: %v\n%s", cc, err, out)
	}
	return p, nil
}

// tools finds a C compiler, the fastest there is: what it makes runs for milliseconds.
func tools(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("spin"); err != nil {
		t.Skip("spin is not installed: nothing is compared with it")
	}
	for _, cc := range []string{"tcc", "cc"} {
		if _, err := exec.LookPath(cc); err == nil {
			return cc
		}
	}
	t.Skip("there is no C compiler: nothing is compared with Spin")
	return ""
}

func (p *pan) command(name string, args ...string) (string, error) {
	c := exec.Command(name, args...)
	c.Dir = p.dir
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.String(), err
}

// complaint is what Spin says of something that it does not like.
var complaint = regexp.MustCompile(`(?m)^(tl_)?spin:|[Ww]arning:`)

// sizes are what the head of a file says that the compiler has to be told.
var sizes = regexp.MustCompile(`-D(NFAIR|VECTORSZ)=\d+`)

var claimLine = regexp.MustCompile(`(?m)^(?:ltl|never) (\w+) \{`)

// claimsOf lists the claims of a file.
func claimsOf(text string) []string {
	var names []string
	for _, m := range claimLine.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	return names
}

// found is what a run of pan says.
type found struct {
	states   int
	violated bool
	asserted bool // by an assertion of a process or of a claim
}

var (
	storedLine = regexp.MustCompile(`(?m)^\s*(\d+) states, stored`)
	errorsLine = regexp.MustCompile(`errors: (\d+)`)
)

// run checks a claim. A run that does not come to an end is an error.
func (p *pan) run(claim string, fair bool) (found, error) {
	args := []string{"-n", "-m20000", "-w16", "-a", "-N", claim}
	if fair {
		args = append(args, "-f")
	}
	out, err := p.command("./pan", args...)
	stored, errs := storedLine.FindStringSubmatch(out), errorsLine.FindStringSubmatch(out)
	if stored == nil || errs == nil || strings.Contains(out, "pan: error") || strings.Contains(out, "aborting") {
		return found{}, fmt.Errorf("pan %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	var f found
	f.states, _ = strconv.Atoi(stored[1])
	f.violated = errs[1] != "0"
	// The search for fair cycles sometimes goes round until it is at its limit. What it found before counts.
	if !f.violated && strings.Contains(out, "too small") {
		return found{}, fmt.Errorf("pan %s: not complete\n%s", strings.Join(args, " "), out)
	}
	f.asserted = strings.Contains(out, "assertion violated")
	return f, nil
}
