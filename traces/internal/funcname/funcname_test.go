package funcname

import "testing"

func TestBase(t *testing.T) {
	for name, want := range map[string]string{
		"rproc_stop":                 "rproc_stop",
		"rproc_stop+0x10/0x20":       "rproc_stop",
		"rproc_stop.cold":            "rproc_stop",
		"rproc_stop.constprop.0+0x4": "rproc_stop",
		".rproc_stop":                "rproc_stop",
		"handler.cfi_jt":             "handler",
		"..":                         "",
		"":                           "",
	} {
		if got := Base(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
