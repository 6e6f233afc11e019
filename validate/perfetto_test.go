package validate_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/internal/pftest"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// asPerfetto writes a text trace as Perfetto records it.
func asPerfetto(t *testing.T, name string, text []byte, opt pftest.Options) []byte {
	t.Helper()
	in, err := open.Reader(bytes.NewReader(text), name, traces.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var recs []*traces.Record
	var r traces.Record
	for err == nil {
		if err = in.Read(&r); err == nil {
			recs = append(recs, r.Clone())
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return pftest.Encode(recs, opt)
}

// gist is what a verdict says, lines left out: they count differently.
func gist(res *validate.Result) []string {
	all := []string{string(res.Verdict)}
	for _, s := range res.Subjects {
		all = append(all, fmt.Sprint(s.Name, " ", s.Verdict))
		for _, f := range s.Findings {
			all = append(all, fmt.Sprint(s.Name, " ", f.Kind, " ", f.Detail, " ", f.Severity, " ", *f.Time))
		}
	}
	for name, f := range res.Features {
		all = append(all, fmt.Sprint(name, " = ", f.Value))
	}
	slices.Sort(all[1:])
	return all
}

// alike judges a text and what Perfetto would have recorded of it. Perfetto does not tell contexts, but
// where it recorded interrupts, nor work items, so the second answer may be open, as a whole or about a
// feature, where the first is not; it is never another one.
func alike(t *testing.T, file string, text []byte, opt pftest.Options) (same bool) {
	t.Helper()
	m := compile(t, "remoteproc")
	want := run(t, m, file, text, validate.Options{})
	got := run(t, m, file, asPerfetto(t, file, text, opt), validate.Options{})
	for name, f := range got.Features {
		if f.Value == "open" {
			want.Features[name].Value = "open"
		}
	}
	diff := cmp.Diff(gist(want), gist(got))
	if got.Format != "Perfetto" || diff != "" && (got.Verdict == want.Verdict || got.Verdict != validate.Inconclusive) {
		t.Errorf("%s, %+v (-text +Perfetto):\n%s", file, opt, diff)
	}
	return diff == ""
}

// TestPerfetto: an example is judged alike as text and as Perfetto, if it has probes.
func TestPerfetto(t *testing.T) {
	files, _ := filepath.Glob("../examples/*/trace.txt")
	if len(files) < 5 {
		t.Fatal("no examples")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, opt := range []pftest.Options{{}, {Interrupts: true}, {Round: 1e15}, {Dense: true, Compress: 3}} {
			if same := alike(t, file, text, opt); !same && bytes.Contains(text, []byte("report_crash: ")) {
				t.Errorf("%s, %+v: not judged alike", file, opt)
			}
		}
	}
}

// TestPerfettoCaptures does the same with the recorded captures.
func TestPerfettoCaptures(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	var files []string
	for _, form := range []string{"kprobe", "pipe", "events", "tracecmd-report"} {
		found, _ := filepath.Glob(filepath.Join(shared(t, "captures"), "*", "*."+form+".txt"))
		files = append(files, found...)
	}
	same := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if alike(t, file, text, pftest.Options{Interrupts: true}) {
			same++
		}
	}
	if t.Logf("%d of %d captures are judged alike", same, len(files)); same*10 < len(files)*9 {
		t.Error("too few")
	}
}
