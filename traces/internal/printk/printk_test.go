package printk

import "testing"

func TestSplit(t *testing.T) {
	for line, want := range map[string][3]string{
		"remoteproc remoteproc0: crash detected in adsp: type watchdog": {"remoteproc", "remoteproc0", "crash detected in adsp: type watchdog"},
		"  remoteproc12: recovering ipu":                                {"", "remoteproc12", "recovering ipu"},
		" remoteproc0#vdev0buffer: registered":                          {"", "", "remoteproc0#vdev0buffer: registered"},
		"remoteproc_sample: remoteproc0: crash":                         {"", "", "remoteproc_sample: remoteproc0: crash"},
		"qcom,apr 6800000.remoteproc:glink-edge.-1.-1: failed: -12":     {"qcom,apr", "6800000.remoteproc:glink-edge.-1.-1", "failed: -12"},
		"host systemd[1]: Started x":                                    {"", "", "host systemd[1]: Started x"},
		"PM: suspend entry (deep)":                                      {"", "", "PM: suspend entry (deep)"},
		"a : b":                                                         {"", "", "a : b"},
		"word":                                                          {"", "", "word"},
		"":                                                              {"", "", ""},
	} {
		driver, device, text := Split([]byte(line))
		if got := [3]string{string(driver), string(device), string(text)}; got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func TestDropped(t *testing.T) {
	for line, want := range map[string]struct {
		n      int
		reason string
	}{
		"** 5 printk messages dropped **":                        {5, "dropped"},
		"net_ratelimit: 12 callbacks suppressed":                 {12, "rate limit"},
		"x: callbacks suppressed":                                {0, "rate limit"},
		"crash detected":                                         {0, ""},
		"host systemd-journald[1]: Missed 12 kernel messages":    {12, "missed"},
		"printk: 3 messages suppressed.":                         {3, "rate limit"},
		"message repeated 2 times: [ remoteproc remoteproc0: x]": {2, "repeated"},
		"host last message repeated 4 times":                     {4, "repeated"},
		"ran 5 times":                                            {0, ""},
		"7 kernel messages":                                      {0, ""},
	} {
		if n, reason := Dropped([]byte(line)); n != want.n || reason != want.reason {
			t.Errorf("%q: got %d %q", line, n, reason)
		}
	}
}

func TestTrimTime(t *testing.T) {
	for line, want := range map[string]string{
		"[    1.234567] a":    "a",
		"<6>[    1.234567] a": "a",
		"<6>a":                "<6>a",
		"[INFO] a":            "[INFO] a",
		"[12] a":              "[12] a",
		"<":                   "<",
		"<<<":                 "<<<",
		"":                    "",
	} {
		if got := TrimTime([]byte(line)); string(got) != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func TestLevel(t *testing.T) {
	for name, want := range map[string]string{"err": "err", "error": "err", "warning": "warn", "panic": "emerg", "info": "info", "loud": "", "": ""} {
		if got := LevelName([]byte(name)); got != want {
			t.Errorf("%q: got %q", name, got)
		}
	}
	if Level(3) != "err" || Level(30) != "info" {
		t.Errorf("got %q and %q", Level(3), Level(30))
	}
}
