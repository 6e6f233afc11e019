package validate_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/validate"
	"github.com/rprocspec/rprocspec/validate/story"
)

// tellings are the stories of the public logs as a careful reader tells them: for every processor how it
// ends, then every episode with its kind, outcome, lines, and what else is known of it.
var tellings = map[string]map[string][]string{
	"004-sdm845-mss-double-crash-lkml-wrapped.txt": {
		"remoteproc0": {"up 24", "crash recovered 3-18 #1 fatal error; said fatal error without message", "crash recovered 8-24 #2 watchdog, during #1; said watchdog without message"},
	},
	"008-cix-dsp-recovery-failed-subdev.txt": {
		"remoteproc0": {"off 4", "crash failed 1-6 #1 watchdog: failed to probe subdevices for cix-dsp-rproc: -16"},
	},
	"011-dra7-ipu-omap-3.14-crash13.txt": {
		"remoteproc1": {"recovering 4", "crash open 2-4 #13 device exception; said omap rproc 55020000.ipu crashed"},
	},
	"020-imx8qm-attach-recovery-2nd-fails.txt": {
		"remoteproc0": {"attached 30", "crash recovered 2-12 #1 watchdog; missing recovering", "crash recovered 15-30 #2 watchdog; missing recovering, detached"},
	},
	"025-am62a-k3-suspend-resume-stop-start.txt": {
		"remoteproc0": {"up 36", "stop done 14-14", "boot done 28-36 0.059 s"},
		"remoteproc1": {"up 45", "stop done 15-15", "boot done 38-45 0.044 s"},
	},
	"027-sm8450-modem-stop-fails.txt": {
		"remoteproc3": {"unknown 0", "stop failed 3-3: can't stop rproc: -22"},
	},
	"029-qcs9100-adsp-gpdsp-interleaved.txt": {
		"remoteproc4": {"recovering 9", "boot done 1-3 0.078 s", "crash open 5-9 #1 fatal error"},
		"remoteproc0": {"recovering 10", "crash open 6-11 #1 fatal error"},
	},
	"031-msm8974-fp2-mss-syslog-prefix.txt": {
		"remoteproc1": {"crashed 6", "crash crashed 4-6 #1 fatal error; said fatal error received: smd_dsm_memcpy.c:297:Invalid packet size 0"},
	},
	"032-hamoa-adsp-crash6-recovers.txt": {
		"remoteproc0": {"up 7", "crash recovered 1-7 #6 watchdog 5.282 s"},
	},
	"033-hamoa-adsp-crash-loop-markdown.txt": {
		"remoteproc0": {
			"recovering 17, loop 5.554 s", "boot done 1-1", "crash not shown 3-5 #1 watchdog", "crash not shown 7-10 #2 watchdog", "crash open 15-17 #3 watchdog",
		},
	},
	"035-hamoa-lava-signal-interleaved-midline.txt": {
		"remoteproc0": {"recovering 12", "crash open 3-12 #4 fatal error"},
	},
	"043-monaco-gpdsp-boot-fail-callerid.txt": {
		"remoteproc0": {"up 9", "boot done 9-9"},
		"remoteproc1": {"off 10", "registration done 2-2", "boot failed 4-10: can't start rproc gpdsp0: -22"},
		"remoteproc2": {"registered 8", "registration done 8-8"},
	},
	"049-ipq6018-axt1800-oops-during-recovery.txt": {
		"remoteproc0": {"crashed 6", "crash interrupted 4-6 #1 fatal error; kernel failed; said fatal error received:"},
	},
	"055-android-hammerhead-wakeup-ftrace-datestr.txt": {},
}

func TestPublicStories(t *testing.T) {
	dir := shared(t, "logs", "public")
	m := compile(t, "remoteproc")
	files, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil || len(files) != len(tellings) {
		t.Fatalf("%d logs and %d tellings: %v", len(files), len(tellings), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		res := run(t, m, file, data, validate.Options{})
		got := map[string][]string{}
		for _, s := range res.Subjects {
			got[s.Name] = telling(s.Story)
			for _, f := range s.Findings {
				if f.Severity == validate.Error {
					t.Errorf("%s: a false error: %s", file, f.Message)
				}
			}
		}
		if diff := cmp.Diff(tellings[filepath.Base(file)], got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

// telling puts a story into the words of the table.
func telling(s *story.Story) []string {
	first := fmt.Sprintf("%s %d", s.End, s.EndLine)
	if s.Loop {
		first += fmt.Sprintf(", loop %.3f s", *s.Shortest)
	}
	out := []string{first}
	for _, e := range s.Episodes {
		w := fmt.Sprintf("%s %s %d-%d", e.Kind, e.Outcome, e.Line, e.Last)
		if e.Number > 0 {
			w += fmt.Sprintf(" #%d", e.Number)
		}
		if e.Type != "" {
			w += " " + e.Type
		}
		if i := strings.Index(e.Text, "reported while "); i >= 0 {
			w += ", during " + strings.Fields(e.Text[i:])[2]
		}
		if e.Seconds != nil && (e.Outcome == story.Recovered || e.Outcome == story.Done) {
			w += fmt.Sprintf(" %.3f s", *e.Seconds)
		}
		if e.Reason != "" {
			w += ": " + e.Reason
		}
		if len(e.Missing) > 0 {
			w += "; missing " + strings.Join(e.Missing, ", ")
		}
		if strings.Contains(e.Text, "the kernel failed") {
			w += "; kernel failed"
		}
		if e.Said != "" {
			w += "; said " + e.Said
		}
		out = append(out, w)
	}
	return out
}

// truths reads what the kernel's own structures said at the end of a capture: capture, processor, state.
func truths(t *testing.T) map[string]map[string]map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t, "captures"), "truth.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]map[string]map[string]string{}
	var head []string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		cols := strings.Split(sc.Text(), "\t")
		if head == nil {
			head = cols
			continue
		}
		row := map[string]string{}
		for i, c := range cols {
			row[head[i]] = c
		}
		if all[row["capture"]] == nil {
			all[row["capture"]] = map[string]map[string]string{}
		}
		all[row["capture"]][row["subject"]] = row
	}
	return all
}

// The end that a story tells is the state that the kernel had, wherever it tells one; and it tells one
// wherever the capture has the lines of the core.
func TestStoriesAndTruth(t *testing.T) {
	dir := shared(t, "captures")
	m := compile(t, "remoteproc")
	states := map[story.End]string{story.Off: "offline", story.Up: "running", story.Attached: "attached", story.Detached: "detached", story.Crashed: "crashed"}
	told, n := 0, 0
	for capture, rows := range truths(t) {
		data, err := os.ReadFile(filepath.Join(dir, capture+".txt"))
		if err != nil {
			continue
		}
		rd, err := runErr(m, capture, strings.NewReader(string(data)), validate.Options{})
		if err != nil {
			continue
		}
		for _, s := range rd.Subjects {
			row := rows[s.Name]
			if row == nil {
				for _, r := range rows {
					if r["name"] == s.Name || r["wakeup"] == s.Name {
						row = r
					}
				}
			}
			if row == nil {
				continue
			}
			n++
			end, ok := states[s.Story.End]
			if ok {
				told++
			}
			reports, handled := 0, 0
			for _, e := range s.Story.Episodes {
				reports += e.Reports
				if e.Number > 0 {
					handled++
				}
			}
			counted := fmt.Sprint(reports) == row["reports"] || strings.Contains(capture, "nowake") // there, nobody counts them
			if !counted || fmt.Sprint(handled) != row["handled"] {
				t.Errorf("%s %s: %d reports of %s, %d handled of %s\n%s", capture, s.Name, reports, row["reports"], handled, row["handled"], strings.Join(telling(s.Story), "\n"))
			}
			if end == "offline" && row["state"] == "6" { // RPROC_RECOVERY_FAILED of a proposal: it was stopped
				continue
			}
			if ok && end != row["state"] || s.Story.End == story.Recovering || s.Story.End == story.Registered || s.Story.End == story.Removed && row["state"] != "deleted" && row["state"] != "-" {
				t.Errorf("%s %s: the story ends %s at line %d, the truth is %s:\n%s", capture, s.Name, s.Story.End, s.Story.EndLine, row["state"], strings.Join(telling(s.Story), "\n"))
			}
		}
	}
	if n < 100 || told*10 < n*7 {
		t.Errorf("%d of %d stories tell an end", told, n)
	}
	t.Logf("%d of %d stories tell an end", told, n)
}
