package probes_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/internal/spectest"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/lang/translate/probes"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/validate"
)

// truth is what a device said of one processor at the end of a capture.
type truth struct{ device, state, awake string }

const shared = "../../../../shared/captures"

// captures lists recorded captures that were made with every probe, and the truth about them.
func captures(t *testing.T) map[string][]truth {
	t.Helper()
	f, err := os.Open(filepath.Join(shared, "truth.tsv"))
	if err != nil {
		t.Skip("no recorded captures")
	}
	defer f.Close()
	rd := csv.NewReader(f)
	rd.Comma = '\t'
	rows, err := rd.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]truth{}
	for _, r := range rows[1:] {
		_, err := os.Stat(filepath.Join(shared, r[0]+".txt"))
		if design := strings.Contains(r[0], "-failed/") || strings.Contains(r[0], "-arnaud/"); err == nil && !design && strings.HasSuffix(r[0], ".kprobe") {
			all[r[0]] = append(all[r[0]], truth{r[1], r[6], r[4]})
		}
	}
	return all
}

var (
	rxEvent = regexp.MustCompile(`\] \S{5} +([\d.]+): `)
	rxProbe = regexp.MustCompile(`: \w+: \((?:\S+ <- )?(\w+)[^)]*\)`)
)

// reduce keeps of a capture what a recipe would have recorded, and describes that.
func reduce(data []byte, p *probes.Plan, opt probes.Options, truths []truth) []byte {
	header, keep := []string{"begin id=x spec=remoteproc"}, map[string]bool{}
	for _, e := range p.Events {
		header = append(header, "on event="+e+" by=tracepoint")
	}
	for _, probe := range p.Probes(opt) {
		header = append(header, fmt.Sprintf("on %s=%s by=kprobe", probe.Way(), probe.Func))
		keep[probe.Way()+probe.Func] = true
	}
	var out bytes.Buffer
	last := []byte("0.000000")
	put := func(marks []string) {
		for _, m := range marks {
			fmt.Fprintf(&out, "  sh-1 [000] .....   %s: tracing_mark_write: rprocspec/1 %s\n", last, m)
		}
	}
	for line := range bytes.Lines(data) {
		stamp, probe := rxEvent.FindSubmatch(line), rxProbe.FindSubmatch(line)
		if stamp != nil && header != nil {
			last = stamp[1]
			put(append(header, "ready"))
			header = nil
		}
		way := map[bool]string{true: "exit", false: "enter"}[bytes.Contains(line, []byte(" <- "))]
		if probe != nil && !keep[way+string(probe[1])] || bytes.Contains(line, []byte("tracing_mark_write")) {
			continue
		}
		if stamp != nil {
			last = stamp[1]
		}
		out.Write(line)
	}
	end := []string{"end id=x", "quiet value=yes"}
	for _, tr := range truths {
		end = append(end, fmt.Sprintf("truth device=%s state=%s", tr.device, tr.state), fmt.Sprintf("truth device=%s awake=%s", tr.device, tr.awake))
	}
	put(append(end, "done id=x"))
	return out.Bytes()
}

func judge(t *testing.T, m *machine.Machine, data []byte) *validate.Result {
	t.Helper()
	rd, err := open.Reader(bytes.NewReader(data), "x", traces.Options{SkipOther: true})
	if err != nil {
		t.Fatal(err)
	}
	v, err := validate.New(m, validate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var r traces.Record
	for err = rd.Read(&r); err == nil; err = rd.Read(&r) {
		v.Observe(&r)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return v.Close("x", rd.Info())
}

// TestDecides holds the claim of this package against recorded captures: what the smallest capture of each
// level would have recorded of them gives the verdict that all of it gives, about every processor.
func TestDecides(t *testing.T) {
	m := spectest.Shipped(t, "remoteproc")
	plan := probes.New(m)
	all := captures(t)
	for _, level := range []probes.Level{probes.Events, probes.Kprobes} {
		opt := probes.Options{Level: level}
		for name, truths := range all {
			data, err := os.ReadFile(filepath.Join(shared, name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			whole := map[string]*validate.SubjectResult{}
			for _, s := range judge(t, m, data).Subjects {
				whole[s.Name] = s
			}
			for _, s := range judge(t, m, reduce(data, plan, opt, truths)).Subjects {
				compare(t, string(level)+" "+name, s, whole[s.Name])
			}
		}
	}
	t.Log(len(all), "captures")
}

func compare(t *testing.T, name string, s, whole *validate.SubjectResult) {
	t.Helper()
	if whole == nil {
		if s.Verdict != validate.Conforms || s.Records > 0 {
			t.Errorf("%s: %s: %s of %d records, all of the capture has none", name, s.Name, s.Verdict, s.Records)
		}
		return
	}
	if s.Verdict != whole.Verdict && whole.Verdict != validate.Inconclusive {
		t.Errorf("%s: %s: %s %v, all of the capture: %s", name, s.Name, s.Verdict, s.Reasons, whole.Verdict)
	}
	for _, field := range []string{"state", "awake"} {
		if s.Final[field] != whole.Final[field] && whole.Final[field] != "unknown" {
			t.Errorf("%s: %s: %s = %v, all of the capture: %v", name, s.Name, field, s.Final[field], whole.Final[field])
		}
	}
}
