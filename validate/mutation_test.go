package validate_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/validate"
)

var (
	mutations = flag.Int("mutations", 210, "mutants that TestMutations makes")
	refBudget = flag.Int("budget", 40_000, "worlds that the reference looks at for one kind of start")
)

// clean is a capture with what is known of its kernel and of its processors.
type clean struct {
	name     string
	data     []byte
	spec     string
	features map[string]string
	fixed    map[string]int
}

// cleanCaptures lists the captures that mutations start from: those at hand, or the few in testdata.
func cleanCaptures(t testing.TB) []*clean {
	dir := filepath.Join("..", "..", "shared", "captures")
	if _, err := os.Stat(dir); err != nil {
		dir = "testdata"
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "S*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in %s: %v", dir, err)
	}
	var out []*clean
	for _, f := range files {
		kernel, file := filepath.Base(filepath.Dir(f)), filepath.Base(f)
		parts := strings.Split(file, ".")
		switch parts[1] {
		case "kprobe", "locks", "function", "funcstack", "funconly", "events", "pipe", "tgid", "noirq", "sched",
			"clock-boot", "clock-global", "clock-mono", "clock-mono_raw", "tracecmd-report":
		default:
			continue
		}
		if len(parts) != 3 {
			continue // the kernel log beside a capture
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, newClean(t, kernel, strings.TrimSuffix(file, ".txt"), withoutAnswers(data)))
	}
	return out
}

// withoutAnswers leaves out the marks that say how the capture ended.
func withoutAnswers(data []byte) []byte {
	var out []byte
	for _, l := range bytes.SplitAfter(data, []byte("\n")) {
		if !bytes.Contains(l, []byte("tracing_mark_write: quiesce")) {
			out = append(out, l...)
		}
	}
	return out
}

// newClean says what is known of a capture: the kernel by its folder, the processor by its scenario.
func newClean(t testing.TB, kernel, name string, data []byte) *clean {
	c := &clean{name: kernel + "/" + name, data: data, spec: "remoteproc", features: map[string]string{
		"holds_awake": "true", "relax_when_offline": "true", "deleting_flag": "true", "log_before_queue": "false",
		"shutdown_checks_state": "true", "shutdown_when_crashed": "true", "attach_by_work": "true",
		"attach": "as_attached", "reattach": "in_short",
		"attach_on_recovery": "false", "has_wakeup": "true", "can_stop": "true", "can_detach": "true",
	}}
	switch {
	case strings.Contains(kernel, "v60"):
		c.features["relax_when_offline"] = "false"
	case strings.Contains(kernel, "arnaud"):
		c.spec = "remoteproc_quick_patch"
	case strings.Contains(kernel, "failed"):
		c.spec = "remoteproc_recovery_failed_as_coded"
	case strings.HasPrefix(kernel, "6.12"):
		c.features["reattach"] = "in_full"
	}
	if strings.Contains(name, "nowake") {
		c.features["has_wakeup"] = "false"
	}
	if bytes.Contains(data, []byte("remoteproc3")) || bytes.Contains(data, []byte(`"cm33"`)) {
		c.features["attach_on_recovery"] = "true"
	}
	c.fixed = numbers(t, compile(t, c.spec).Info, c.features)
	return c
}

// numbers gives the values of features as the tree counts them.
func numbers(t testing.TB, info *check.Info, features map[string]string) map[string]int {
	out := map[string]int{}
	for name, text := range features {
		o := info.Lookup(name)
		out[name] = bit(text == "true")
		if o.Type.Kind == check.EnumType {
			for i, m := range o.Type.Enum.Members {
				if m.Name == text {
					out[name] = i
				}
			}
		}
	}
	return out
}

// mutation changes the record lines of a capture.
type mutation struct {
	name string
	do   func(rng *rand.Rand, head, recs [][]byte) [][]byte
}

var allMutations = []mutation{
	{"cut head", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		return slices.Concat(head, recs[1+rng.IntN(len(recs)-1):])
	}},
	{"cut tail", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		return slices.Concat(head, recs[:1+rng.IntN(len(recs)-1)])
	}},
	{"drop", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		i := rng.IntN(len(recs))
		return slices.Concat(head, recs[:i], recs[i+1:])
	}},
	{"duplicate", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		i := rng.IntN(len(recs))
		return slices.Concat(head, recs[:i+1], recs[i:])
	}},
	{"swap", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		i := rng.IntN(len(recs) - 1)
		return slices.Concat(head, recs[:i], [][]byte{recs[i+1], recs[i]}, recs[i+2:])
	}},
	{"corrupt", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		i := rng.IntN(len(recs))
		line := slices.Clone(recs[i])
		line[rng.IntN(max(len(line)-1, 1))] = byte(' ' + rng.IntN('~'-' '+1))
		return slices.Concat(head, recs[:i], [][]byte{line}, recs[i+1:])
	}},
	{"garbage", func(rng *rand.Rand, head, recs [][]byte) [][]byte {
		i := rng.IntN(len(recs))
		line := slices.Clone(recs[i])
		from := rng.IntN(len(line))
		for j := from; j < min(from+1+rng.IntN(40), len(line)); j++ {
			line[j] = byte(rng.IntN(256))
		}
		return slices.Concat(head, recs[:i], [][]byte{line}, recs[i+1:])
	}},
}

// mutant is a capture with one thing wrong in it.
type mutant struct {
	*clean
	how  mutation
	seed uint64
	data []byte
}

// mutate makes a mutant; nil if the capture is too short.
func mutate(c *clean, how mutation, seed uint64) *mutant {
	var head, recs [][]byte
	for _, l := range bytes.SplitAfter(c.data, []byte("\n")) {
		switch {
		case len(l) == 0:
		case l[0] == '#' || len(recs) == 0 && bytes.HasPrefix(l, []byte("cpus=")):
			head = append(head, l)
		default:
			recs = append(recs, l)
		}
	}
	if len(recs) < 2 {
		return nil
	}
	data := bytes.Join(how.do(rand.New(rand.NewPCG(seed, seed)), head, recs), nil)
	return &mutant{c, how, seed, data}
}

// outcome is what the validator said of a mutant, and what the reference says of the same records.
type outcome struct {
	unread   bool // the reader refused it
	verdict  validate.Verdict
	rejected bool // a record was refused
	assumed  bool // the explanation assumes unseen processes or missed probes
	ref      answer
	odd      string // why the reference does not judge it
}

// judge validates a mutant and asks the reference, which looks at budget worlds for one kind of start.
func (mu *mutant) judge(t testing.TB, budget int) outcome {
	t.Helper()
	m := compile(t, mu.spec)
	name := filepath.Base(mu.name) + ".txt"
	res, err := runErr(m, name, bytes.NewReader(mu.data), validate.Options{Features: mu.features})
	if err != nil {
		return outcome{unread: true}
	}
	out := outcome{verdict: res.Verdict}
	for _, s := range res.Subjects {
		for _, f := range s.Findings {
			out.rejected = out.rejected || f.Kind == validate.Rejected
		}
		for _, n := range s.Notes {
			out.assumed = out.assumed || strings.Contains(n, ": assumed: ")
		}
	}
	tr, err := readRef(m.Info, name, bytes.NewReader(mu.data))
	if err != nil {
		t.Errorf("%s: %v", mu, err)
		return outcome{unread: true}
	}
	if out.odd = tr.odd; out.odd == "" {
		out.ref = tr.accepts(m.Info, mu.fixed, out.assumed && !out.rejected, budget)
	}
	return out
}

func (mu *mutant) String() string {
	return fmt.Sprintf("%s, %s, seed %d", mu.name, mu.how.name, mu.seed)
}

// column is where the table counts an outcome.
func (o outcome) column() int {
	switch {
	case o.unread:
		return 0
	case o.rejected:
		return 1
	case o.verdict == validate.Violates:
		return 2
	case o.verdict == validate.Inconclusive:
		return 3
	case o.odd != "":
		return 7
	case o.ref.over:
		return 6
	case o.ref.ok:
		return 4 + bit(o.assumed)
	}
	return 8
}

var columns = []string{
	"unreadable", "rejected", "violates", "inconclusive", "accepted", "assuming", "over budget", "unjudged", "WRONGLY",
}

// TestReferenceExplainsClean keeps the reference honest: what a kernel recorded can be explained, and the
// validator thinks so too.
func TestReferenceExplainsClean(t *testing.T) {
	for _, c := range cleanCaptures(t) {
		whole := mutation{"nothing", func(_ *rand.Rand, head, recs [][]byte) [][]byte { return slices.Concat(head, recs) }}
		mu := mutate(c, whole, 0)
		if mu == nil {
			t.Errorf("%s has no records", c.name)
			continue
		}
		out := mu.judge(t, 300_000)
		switch {
		case out.unread, out.odd != "":
			t.Errorf("%s: unreadable or unjudged: %+v", mu, out)
		case out.ref.over:
			t.Logf("%s: over budget", mu)
		case out.rejected || !out.ref.ok:
			t.Errorf("%s: the validator rejects: %v, the reference explains: %v (line %d)", mu, out.rejected, out.ref.ok, out.ref.line)
		}
	}
}

// TestMutations changes one thing in every capture. Whatever the validator lets pass, the reference
// must be able to explain as well; nothing may panic or hang.
func TestMutations(t *testing.T) {
	captures := cleanCaptures(t)
	n := *mutations
	if testing.Short() {
		n = min(n, 60)
	}
	var jobs []*mutant
	for i := 0; len(jobs) < n && i < 8*n; i++ {
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		how := allMutations[i%len(allMutations)]
		if mu := mutate(captures[rng.IntN(len(captures))], how, uint64(i)); mu != nil {
			jobs = append(jobs, mu)
		}
	}
	table := map[string][]int{}
	var disputed []string
	var mu sync.Mutex
	work := make(chan *mutant)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for m := range work {
				out := m.judge(t, *refBudget)
				mu.Lock()
				if table[m.how.name] == nil {
					table[m.how.name] = make([]int, len(columns))
				}
				table[m.how.name][out.column()]++
				if out.column() == len(columns)-1 {
					t.Errorf("%s: conforms, but the reference finds no explanation of line %d", m, out.ref.line)
				}
				if out.rejected && out.ref.ok && out.odd == "" {
					disputed = append(disputed, m.String())
				}
				mu.Unlock()
			}
		})
	}
	for _, m := range jobs {
		work <- m
	}
	close(work)
	wg.Wait()
	t.Log(tabulate(table, len(jobs)))
	slices.Sort(disputed)
	for _, d := range disputed {
		t.Logf("rejected although the reference can explain it: %s", d)
	}
}

// tabulate prints how many mutants of each kind had which outcome.
func tabulate(table map[string][]int, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d mutants\n%-10s", n, "")
	for _, c := range columns {
		fmt.Fprintf(&b, " %12s", c)
	}
	for _, how := range allMutations {
		fmt.Fprintf(&b, "\n%-10s", how.name)
		for i := range columns {
			count := 0
			if row := table[how.name]; row != nil {
				count = row[i]
			}
			fmt.Fprintf(&b, " %12d", count)
		}
	}
	return b.String()
}
