package validate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/validate"
)

// A few lines of a crash agree with every kernel and decide nothing: they are too many explanations to
// follow, and a part of them must not be taken for all.
func TestLogAlone(t *testing.T) {
	m := compile(t, "remoteproc")
	every := run(t, m, "every.txt", []byte("remoteproc remoteproc0: adsp is available\n"), validate.Options{}).Kernels
	if len(every) < 8 {
		t.Fatalf("profiles: %v", every)
	}
	for _, c := range []struct {
		name, text string
		but        []string       // profiles that cannot have printed it
		decided    map[string]any // features
		verdict    validate.Verdict
	}{
		{"a crash", "crash detected in adsp: type watchdog\nhandling crash #1 in adsp\nrecovering adsp\n", nil, nil, validate.Inconclusive},
		{"a crash and its recovery", "crash detected in adsp: type watchdog\nhandling crash #1 in adsp\nrecovering adsp\nstopped remote processor adsp\nremote processor adsp is now up\n", nil, nil, validate.Inconclusive},
		{"a crash and a stop", "crash detected in adsp: type watchdog\nstopped remote processor adsp\n", nil, nil, validate.Inconclusive},
		{"the handler first", "handling crash #1 in adsp\ncrash detected in adsp: type watchdog\n", nil, nil, validate.Inconclusive},
		{"a detach", "crash detected in m4: type watchdog\nhandling crash #1 in m4\ndetached remote processor m4\n", []string{"v5_4", "v5_10"}, map[string]any{"attach": "as_attached"}, validate.Inconclusive},
		{"an attach", "attaching to m4\nremote processor m4 is now attached\n", nil, nil, validate.Inconclusive},
		{"a boot while it is deleted", "can't boot deleting rproc adsp\n", []string{"v5_4", "v5_10", "v5_15", "v6_0", "v6_2"}, map[string]any{"deleting_flag": true}, ""},
		{"a boot once it is deleted", "can't boot deleted rproc adsp\n", []string{"v6_1_190", "v6_12", "v7_3"}, map[string]any{"deleting_flag": false}, ""},
	} {
		text := "remoteproc remoteproc0: " + strings.ReplaceAll(strings.TrimSpace(c.text), "\n", "\nremoteproc remoteproc0: ") + "\n"
		res := run(t, m, "log.txt", []byte(text), validate.Options{})
		want := slices.DeleteFunc(slices.Clone(every), func(k string) bool { return slices.Contains(c.but, k) })
		if diff := cmp.Diff(want, res.Kernels); diff != "" {
			t.Errorf("%s: kernels (-want +got):\n%s", c.name, diff)
		}
		for name, f := range res.Features {
			if want, ok := c.decided[name]; ok && f.Value != want || !ok && f.Value != "open" {
				t.Errorf("%s: %s = %v", c.name, name, f.Value)
			}
		}
		if s := res.Subjects[0]; c.verdict != "" && s.Verdict != c.verdict || s.Verdict == validate.Violates || s.Final["power"] != "unknown" {
			t.Errorf("%s: %s, final %v", c.name, s.Verdict, s.Final)
		}
	}
}

// Nothing goes on from one boot of a log to the next, and what was open in the first stays open.
func TestTwoBoots(t *testing.T) {
	text := "Nov 23 07:08:41 host kernel: remoteproc remoteproc0: crash detected in adsp: type watchdog\n" +
		"-- Boot bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb --\n" +
		"Nov 23 07:08:43 host kernel: remoteproc remoteproc0: remote processor adsp is now up\n"
	s := run(t, compile(t, "remoteproc"), "boots.txt", []byte(text), validate.Options{}).Subjects[0]
	if s.Verdict != validate.Inconclusive || len(s.Findings) > 0 {
		t.Errorf("%s, %v", s.Verdict, s.Findings)
	}
	want := []string{"up 3", "crash interrupted 1-1 watchdog", "boot done 3-3"}
	if diff := cmp.Diff(want, telling(s.Story)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The kernel log of a run agrees with the profile of the kernel that it ran on.
func TestLogKernels(t *testing.T) {
	m := compile(t, "remoteproc")
	dir := shared(t, "captures")
	n := 0
	for kernel, profile := range map[string]string{
		"6.12.117-arm64-debian": "v6_12", "6.1.0-56-arm64-debian": "v6_1_190", "6.1.192-x86_64-stock": "v6_1_190", "6.1.192-x86_64-v60": "v6_1_190",
	} {
		files, _ := filepath.Glob(filepath.Join(dir, kernel, "*.dmesg.txt"))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), "remoteproc remoteproc") {
				continue
			}
			n++
			res := run(t, m, file, data, validate.Options{})
			if res.Verdict == validate.Violates || !slices.Contains(res.Kernels, profile) {
				t.Errorf("%s: %s, kernels %v", file, res.Verdict, res.Kernels)
			}
		}
	}
	if n < 10 {
		t.Errorf("only %d logs", n)
	}
}
