package rproc

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Line{
		"adsp is available":                                           {Kind: Available, Name: "adsp"},
		"powering up adsp":                                            {Kind: PoweringUp, Name: "adsp"},
		"attaching to imx-rproc":                                      {Kind: Attaching, Name: "imx-rproc"},
		"Booting fw image qcom/adsp.mbn, size 6795264":                {Kind: Booting},
		"remote processor adsp is now up":                             {Kind: Up, Name: "adsp"},
		"remote processor adsp is now attached":                       {Kind: Attached, Name: "adsp"},
		"stopped remote processor adsp":                               {Kind: Stopped, Name: "adsp"},
		"detached remote processor adsp":                              {Kind: Detached, Name: "adsp"},
		"crash detected in 4080000.remoteproc: type fatal error":      {Kind: Crash, Name: "4080000.remoteproc", Type: "fatal error"},
		"crash detected in 55020000.ipu: type device exception":       {Kind: Crash, Name: "55020000.ipu", Type: "device exception"},
		"crash detected in a: type vendor":                            {Kind: Crash, Name: "a", Type: "vendor"},
		"handling crash #13 in 55020000.ipu":                          {Kind: Handling, Name: "55020000.ipu", Number: 13},
		"recovering adsp":                                             {Kind: Recovering, Name: "adsp"},
		"releasing adsp":                                              {Kind: Releasing, Name: "adsp"},
		"request_firmware failed: -2":                                 {Kind: LoadFailed, Errno: -2},
		"failed to probe subdevices for cix-dsp-rproc: -16":           {Kind: StartFailed, Name: "cix-dsp-rproc", Errno: -16},
		"can't start rproc gpdsp0: -22":                               {Kind: StartFailed, Name: "gpdsp0", Errno: -22},
		"can't attach to rproc m4: -5":                                {Kind: AttachFailed, Name: "m4", Errno: -5},
		"can't stop rproc: -22":                                       {Kind: StopFailed, Errno: -22},
		"can't detach from rproc: -22":                                {Kind: DetachFailed, Errno: -22},
		"Boot failed: -22":                                            {Kind: BootFailed, Errno: -22},
		"can't lock rproc adsp: -4":                                   {Kind: NotLocked, Name: "adsp", Errno: -4},
		"can't boot deleting rproc adsp":                              {Kind: Deleted, Name: "adsp"},
		"crash detected in adsp: type fatal":                          {},
		"crash detected in adsp: type watchdog in irq":                {},
		"handling crash #N in adsp":                                   {},
		"stopped remote processor":                                    {},
		"rproc_handle_resources: rsc: type 0":                         {},
		"Booting fw image adsp.mbn, size many":                        {},
		"registered virtio0 (type 7)":                                 {},
		"":                                                            {},
		"remote processor adsp is now up and running":                 {},
		"Direct firmware load for rproc-fw failed with error -2":      {},
		"is available":                                                {},
		"crash detected in : type watchdog":                           {},
		"failed to prepare subdevices for adsp: none":                 {},
		"handling crash #4 in adsp =PASS>>>":                          {},
		"crash detected in 3000000.remoteproc-adsp: type fatal error": {Kind: Crash, Name: "3000000.remoteproc-adsp", Type: "fatal error"},
	} {
		got, ok := Parse(text)
		if diff := cmp.Diff(want, got); diff != "" || ok != (want.Kind != None) {
			t.Errorf("%q: %t (-want +got):\n%s", text, ok, diff)
		}
	}
}

func TestPartial(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                         true,
		"crash detected in":                        true,
		"crash detected in adsp: type":             true,
		"crash detected in adsp: type fatal":       true,
		"crash detected in adsp: type device":      true,
		"crash detected in adsp: type watchdog":    false,
		"crash detected in adsp: t":                true,
		"crash detected in 3000000.remote":         true,
		"crash de":                                 true,
		"handling crash #4":                        true,
		"handling crash #4 in adsp":                false,
		"handling crash #4 in cix-dsp-":            true,
		"stopped remote processor":                 true,
		"stopped remote processor adsp":            false,
		"remote processor adsp is now":             true,
		"remote processor adsp is now att":         true,
		"remote processor adsp is now up":          false,
		"can't start rproc adsp:":                  true,
		"can't start rproc adsp: -":                true,
		"adsp is":                                  true,
		"fatal error received: x":                  false,
		"handling crash #4 in adsp =PASS>>>":       false,
		"crash detected in adsp: type watchdog or": false,
		"Booting fw image":                         true,
	} {
		if got := Partial(text); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
}

func TestSaid(t *testing.T) {
	for text, want := range map[string]bool{
		"fatal error received: qup_os_island.c:151:QUP_ERR_FATAL": true,
		"watchdog without message":                                true,
		"omap rproc 55020000.ipu crashed":                         true,
		"K3 R5F rproc 79000000.r5f crashed":                       true,
		"port failed halt":                                        false,
		"the app crashed":                                         false,
	} {
		if Said(text) != want {
			t.Errorf("%q: %t", text, !want)
		}
	}
}

// sample gives a line of every form.
func sample(form string) string {
	return strings.NewReplacer("%w", "qcom/adsp.mbn,", "%n", "4080000.remoteproc", "%u", "17", "%d", "-22", "%t", "fatal error").Replace(form)
}

// Every line is known whole, and every beginning of it, cut between words, is known as a beginning.
func TestBeginnings(t *testing.T) {
	for _, f := range forms {
		text := sample(f.text)
		if l, ok := Parse(text); !ok || l.Kind != f.kind || Partial(text) {
			t.Errorf("%q: %+v, partial: %t", text, l, Partial(text))
		}
		fields := strings.Fields(text)
		for i := range fields[1:] {
			if part := strings.Join(fields[:i+1], " "); !Partial(part) && part != "4080000.remoteproc" {
				t.Errorf("%q, the beginning of %q, is none", part, text)
			}
		}
	}
}

// oracle reads a line with one regular expression per form.
func oracle(text string) (Line, bool) {
	text = strings.Join(strings.Fields(text), " ")
	for _, f := range forms {
		rx := regexp.QuoteMeta(f.text)
		rx = strings.NewReplacer("%n", `(?P<n>[^ ]+?)`, "%w", `[^ ]+`, "%u", `(?P<u>\+?[0-9]+)`, "%d", `(?P<d>[-+]?[0-9]+)`,
			"%t", `(?P<t>mmufault|watchdog|fatal error|device exception|unknown|[^ ]+)`).Replace(rx)
		re := regexp.MustCompile("^" + rx + "$")
		m := re.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		l := Line{Kind: f.kind}
		good := true
		for i, name := range re.SubexpNames() {
			var err error
			switch name {
			case "n":
				l.Name = m[i]
			case "t":
				l.Type = m[i]
				good = good && m[i] != "fatal" && m[i] != "device"
			case "u":
				var n int
				n, err = strconv.Atoi(m[i])
				if f.kind == Handling {
					l.Number = n
				}
			case "d":
				l.Errno, err = strconv.Atoi(m[i])
			}
			good = good && err == nil
		}
		if good {
			return l, true
		}
	}
	return Line{}, false
}

func FuzzParse(f *testing.F) {
	for _, form := range forms {
		f.Add(sample(form.text))
	}
	f.Add("crash detected in a: type fatal")
	f.Add("crash detected in a:: type x y")
	f.Fuzz(func(t *testing.T, text string) {
		want, ok := oracle(text)
		got, gotOK := Parse(text)
		if want != got || ok != gotOK {
			t.Errorf("%q: got %+v %t, want %+v %t", text, got, gotOK, want, ok)
		}
		if whole := gotOK && !strings.HasSuffix(text, "-"); whole && Partial(text) {
			t.Errorf("%q is whole and a beginning", text)
		}
	})
}
