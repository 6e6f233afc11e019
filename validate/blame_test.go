package validate_test

import (
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/validate"
)

// TestBlame: a record that is refused because of what a flag says of the kernel names what it would take.
func TestBlame(t *testing.T) {
	m := compile(t, "remoteproc")
	all := fixtures(t)
	for _, tt := range []struct {
		capture string
		opt     validate.Options
		want    string
	}{
		{"v60/S2a.kprobe", validate.Options{Kernel: "v7_3"}, "possible with relax_when_offline = false, which --kernel v7_3 excludes"},
		{"v60/S2a.kprobe", validate.Options{Kernel: "v5_4"}, "possible with holds_awake = true, which --kernel v5_4 excludes"},
		{"v60/S2a.function", validate.Options{Kernel: "v6_12"}, "relax_when_offline = false"},
		{"v60/S2a.events", validate.Options{Features: map[string]string{"holds_awake": "false"}}, "possible with holds_awake = true, which --feature excludes"},
		{"stock/S2a.kprobe", validate.Options{Kernel: "v6_0"}, "relax_when_offline = true"},
	} {
		found := ""
		for name, data := range all {
			if !strings.Contains(name, "-"+tt.capture+".txt") {
				continue
			}
			for _, s := range run(t, m, name, data, tt.opt).Subjects {
				for _, f := range s.Findings {
					if f.Kind == validate.Rejected && found == "" {
						found = f.Message
					}
				}
			}
			if res := run(t, m, name, data, validate.Options{}); strings.Contains(strings.Join(res.Notes, ""), "excludes") {
				t.Errorf("%s: blames a flag that was not given", name)
			}
		}
		if !strings.Contains(found, tt.want) {
			t.Errorf("%s, %+v: %q, want %q in it", tt.capture, tt.opt, found, tt.want)
		}
		if at, power := strings.Index(found, "awake ="), strings.Index(found, "has_wakeup ="); at > power && power >= 0 {
			t.Errorf("%s: constants stand before the state: %q", tt.capture, found)
		}
	}
}
