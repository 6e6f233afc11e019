package validate_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// TestLivesMutated leaves out every choice of the kinds of record that tell where a life ends and the next begins:
// what conforms is never accused, what leaks is never acquitted, and nothing is refused. (Where a registration is
// recorded without its line, although lines of its level are exact, that is refused for its own sake.)
func TestLivesMutated(t *testing.T) {
	m := compile(t, "remoteproc")
	kinds := []string{"rproc_del", "releasing", "rproc_add", "is available"}
	for _, c := range []struct {
		kernel string
		scene  *scene
		leaks  bool
	}{{"v6_12", twice(modem), false}, {"v6_2", older(modem), false}, {"v6_0", leaky(1, true), true}, {"v6_0", leaky(1, false), true}, {"v6_0", leaky(2, true), true}} {
		for choice := range 1 << len(kinds) {
			var drop []string
			for i, k := range kinds {
				if choice&(1<<i) != 0 {
					drop = append(drop, k)
				}
			}
			silent := slices.Contains(drop, "is available")
			if silent && !slices.Contains(drop, "rproc_add") {
				continue
			}
			res := run(t, m, "mutant", c.scene.text(drop...), validate.Options{Kernel: c.kernel, Quiet: true})
			lives := told(res)
			refused := strings.Contains(strings.Join(lives, ""), `"`)
			if refused || res.Verdict == validate.Violates && !c.leaks || res.Verdict == validate.Conforms && c.leaks || silent == (len(lives) == 2) {
				t.Errorf("%s without %q: %s, %q", c.kernel, drop, res.Verdict, lives)
			}
		}
	}
}

// marked puts the marks of a capture that lists what it recorded around a scene.
func (s *scene) marked(truths ...string) []byte {
	h := append([]string{"begin id=x kernel=6.12.117 spec=remoteproc", "clock name=boot"}, allEvents...)
	for _, f := range []string{"rproc_boot", "rproc_shutdown", "rproc_del", "rproc_add"} {
		h = append(h, "on enter="+f+" by=kprobe event=rp:"+f, "on exit="+f+" by=kretprobe event=rp:"+f+"_ret", "missed event=rp:"+f+" hits=9 missed=0", "missed event=rp:"+f+"_ret hits=9 missed=0")
	}
	for _, f := range []string{"rproc_report_crash", "rproc_crash_handler_work", "pm_stay_awake", "pm_relax"} {
		h = append(h, "on enter="+f+" by=kprobe event=rp:"+f, "missed event=rp:"+f+" hits=9 missed=0")
	}
	h = append(h, "names device=remoteproc0 name=modem parent=4080000.remoteproc has_wakeup=true", "truth device=remoteproc0 state=offline awake=0 activations=7", "ready")
	return describe(s.text(), h, append(append([]string{"end id=x", "quiet value=yes"}, truths...), "done id=x"))
}

// TestLivesDescribed: what the device says at the end is about the present life, and is held against that alone.
func TestLivesDescribed(t *testing.T) {
	m := compile(t, "remoteproc")
	for truth, want := range map[string][]string{
		"state=running awake=0": {"remoteproc0 until: conforms, OFFLINE", "remoteproc0 from: conforms, RUNNING"},
		"state=offline awake=0": {"remoteproc0 until: conforms, OFFLINE", "remoteproc0 from: inconclusive, RUNNING"},
	} {
		res := run(t, m, truth, twice(modem).marked("truth device=remoteproc0 "+truth), validate.Options{Kernel: "v6_12"})
		if diff := cmp.Diff(want, told(res)); diff != "" {
			t.Errorf("%s (-want +got):\n%s%v", truth, diff, res.Reasons)
		}
		for i, s := range res.Subjects {
			if lied := i == 1 && truth == "state=offline awake=0"; (len(s.SelfCheck) > 0) != lied {
				t.Errorf("%s: %s: self-check %+v", truth, s.Title(), s.SelfCheck)
			}
		}
	}
}

// TestLivesFollowed: piece by piece the answer is the same, findings of a life that ends are told to be over, and
// none is told twice.
func TestLivesFollowed(t *testing.T) {
	m := variant(t, "module at_6_0 extends remoteproc fix relax_when_offline = false fix deleting_flag = false fix log_before_queue = true")
	for name, data := range map[string][]byte{
		"no leak": older(modem).marked(), "a leak, destroyed": leaky(1, true).marked(), "a leak, not destroyed": leaky(1, false).marked(),
		"in the second": leaky(2, true).marked(), "in both": leaky(3, false).marked(),
	} {
		res := run(t, m, name, data, validate.Options{})
		got, news := follow(t, m, data)
		want := whole(res)
		slices.Sort(want)
		slices.Sort(news)
		if diff := cmp.Diff(want, news); diff != "" {
			t.Errorf("%s (-read at once +followed):\n%s", name, diff)
		}
		if len(res.Subjects) != len(got.Subjects) {
			t.Fatalf("%s: %d lives, followed %d", name, len(res.Subjects), len(got.Subjects))
		}
		for i, s := range res.Subjects {
			f := got.Subjects[i]
			if s.Title() != f.Title() || s.Verdict != f.Verdict || cmp.Diff(s.Final, f.Final) != "" {
				t.Errorf("%s: %s %s %v, followed %s %s %v", name, s.Title(), s.Verdict, s.Final, f.Title(), f.Verdict, f.Final)
			}
		}
	}
}

// TestLivesBounded: a trace of weeks holds any number of lives; the answer lists some and counts the others.
func TestLivesBounded(t *testing.T) {
	s := &scene{task: 900, old: true}
	const lives = 260
	for i := range lives {
		s.add(modem)
		s.boot(modem)
		if i == lives/2 {
			s.leak(modem)
		} else if i == 1 || i == lives-1 {
			s.recovery(modem)
		}
		s.del(modem, i != lives/2)
	}
	rd, err := open.Reader(bytes.NewReader(s.text()), "x", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := validate.New(compile(t, "remoteproc"), validate.Options{Kernel: "v6_0"})
	if err != nil {
		t.Fatal(err)
	}
	var r traces.Record
	for i := 0; rd.Read(&r) == nil; i++ {
		v.Observe(&r)
		if i%100 == 0 {
			v.Flush(0)
		}
	}
	res := v.Close("x", rd.Info())
	if n := len(res.Subjects); n != 201 || res.Verdict != validate.Violates {
		t.Errorf("%d lives are listed, %s", n, res.Verdict)
	}
	want := fmt.Sprintf("%d more lives of processors", lives-201)
	if notes := strings.Join(res.Notes, "\n"); !strings.Contains(notes, want) || !strings.Contains(notes, "1 of them violate the spec, 0 are undecided") {
		t.Errorf("notes: %q, reasons %q", res.Notes, res.Reasons)
	}
	for i, s := range res.Subjects {
		if i != 100 && i > 0 && s.FromLine != res.Subjects[i-1].UntilLine {
			t.Errorf("life %d: %s, after %s", i, s.Title(), res.Subjects[i-1].Title())
		}
	}
}

// TestLivesOfCaptures binds the processors of a recorded capture again: what was found of each is found of its first
// life, and nothing is wrong with the second, which is a capture in which nothing crashes.
func TestLivesOfCaptures(t *testing.T) {
	tried := 0
	for dir, spec := range map[string]string{
		"6.1.192-x86_64-stock": "remoteproc", "6.1.192-x86_64-v60": "remoteproc",
	} {
		next, err := os.ReadFile(filepath.Join(shared(t, "captures"), dir, "S7.kprobe.txt"))
		if err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(shared(t, "captures"), dir, "S*.kprobe.txt"))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, filepath.Base(file))
			text := boundAgain(withoutAnswers(data), withoutAnswers(next))
			alone := run(t, compile(t, spec), name, withoutAnswers(data), validate.Options{})
			res := run(t, compile(t, spec), name, text, validate.Options{})
			for _, was := range alone.Subjects {
				lives := slices.DeleteFunc(slices.Clone(res.Subjects), func(s *validate.SubjectResult) bool { return s.Name != was.Name })
				if len(lives) != 2 {
					t.Errorf("%s: %s has %d lives", name, was.Name, len(lives))
					continue
				}
				tried++
				if (lives[0].Verdict == validate.Violates) != (was.Verdict == validate.Violates) || faults(lives[0]) != faults(was) {
					t.Errorf("%s: %s: %s %q, alone %s %q", name, lives[0].Title(), lives[0].Verdict, faults(lives[0]), was.Verdict, faults(was))
				}
				if faults(lives[1]) != "" || lives[1].Verdict != validate.Conforms {
					t.Errorf("%s: %s: %s %q %q", name, lives[1].Title(), lives[1].Verdict, faults(lives[1]), lives[1].Reasons)
				}
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d lives", tried)
	}
}

// boundAgain puts a capture behind another one, in which all processors are removed and bound again.
func boundAgain(first, then []byte) []byte {
	out := bytes.NewBuffer(bytes.Clone(first))
	for i, name := range []string{"modem", "adsp", "m4", "cm33"} {
		for j, text := range []string{"releasing " + name, name + " is available"} {
			fmt.Fprintf(out, "              sh-7      [000] d....   9000.%06d: console: remoteproc remoteproc%d: %s\n", 10*i+j, i, text)
		}
	}
	for l := range bytes.Lines(then) {
		if at := stampedLine.FindSubmatchIndex(l); at != nil {
			fmt.Fprintf(out, "%s9%s", l[:at[2]], l[at[2]:])
		}
	}
	return out.Bytes()
}

// faults lists the findings of error level.
func faults(s *validate.SubjectResult) string {
	var all []string
	for _, f := range s.Findings {
		if f.Severity == validate.Error {
			all = append(all, fmt.Sprintf("%s %d", f.Detail, f.Line))
		}
	}
	return strings.Join(all, ", ")
}
