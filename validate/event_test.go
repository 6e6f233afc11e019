package validate_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/lang/machine"
	"github.com/rprocspec/rprocspec/spec"
	"github.com/rprocspec/rprocspec/validate"
)

// variant compiles a module that extends shipped ones.
func variant(t *testing.T, src string) *machine.Machine {
	t.Helper()
	mod, err := lang.Parse("test.rps", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	info, list := check.Module(mod, spec.Load)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	m, err := machine.Compile(info)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func vendorExample(t *testing.T) (*machine.Machine, string) {
	t.Helper()
	src, err := os.ReadFile("../examples/vendor-event/spec.rps")
	if err != nil {
		t.Fatal(err)
	}
	trace, err := os.ReadFile("../examples/vendor-event/trace.txt")
	if err != nil {
		t.Fatal(err)
	}
	return variant(t, string(src)), string(trace)
}

// TestVendorEvent: the records of a vendor's tracepoint tell what no other record of the trace does.
func TestVendorEvent(t *testing.T) {
	m, trace := vendorExample(t)
	res := run(t, m, "vendor", []byte(trace), validate.Options{})
	if res.Verdict != validate.Conforms || len(res.Subjects) != 1 {
		t.Fatalf("%s, %d subjects: %v", res.Verdict, len(res.Subjects), res.Reasons)
	}
	s := res.Subjects[0]
	if s.Final["state"] != "RUNNING" || s.Name != "4080000.remoteproc" || len(s.Aliases) != 1 || s.Aliases[0] != "mpss" {
		t.Errorf("%s %v ends with %v", s.Name, s.Aliases, s.Final)
	}
	base := run(t, compile(t, "remoteproc"), "base", []byte(trace), validate.Options{})
	if base.Subjects[0].Final["state"] != "unknown" {
		t.Errorf("the base knows the state: %v", base.Subjects[0].Final)
	}
	off := run(t, m, "without", []byte(without(trace, "rproc_qcom_event")), validate.Options{})
	if off.Verdict == validate.Violates {
		t.Errorf("where the event was not recorded: %v", off.Subjects[0].Findings)
	}
}

// without leaves out the lines that hold a text.
func without(trace, text string) string {
	var b strings.Builder
	for l := range strings.Lines(trace) {
		if !strings.Contains(l, text) {
			b.WriteString(l)
		}
	}
	return b.String()
}

// TestVendorEventRefused: a record of the event that the spec does not allow there is refused, as is the
// want of one.
func TestVendorEventRefused(t *testing.T) {
	m, trace := vendorExample(t)
	for what, changed := range map[string]string{
		"started without being stopped": without(trace, "adsp_stop"),
		"one record missing":            without(trace, "adsp_stop: exit"),
		"two processors in one task":    strings.Replace(trace, "mpss: ssr: start", "mpss: adsp_start: exit", 1),
	} {
		res := run(t, m, what, []byte(changed), validate.Options{Kernel: "v7_3"})
		found := ""
		for _, s := range res.Subjects {
			for _, f := range s.Findings {
				if f.Kind == validate.Rejected {
					found = f.Message
				}
			}
		}
		if res.Verdict != validate.Violates || !strings.Contains(found, "not possible here") {
			t.Errorf("%s: %s, %q", what, res.Verdict, found)
		}
	}
	other := strings.Replace(trace, "mpss: ssr: start", "mpss: ssr: prepare", 1)
	res := run(t, m, "another subevent", []byte(other), validate.Options{})
	if !strings.Contains(strings.Join(res.Notes, "\n"), "fits no event statement of the spec") {
		t.Errorf("notes: %q", res.Notes)
	}
}

// TestVendorEventForms: the same records as other tools print them.
func TestVendorEventForms(t *testing.T) {
	m, trace := vendorExample(t)
	var raw, perf bytes.Buffer
	raw.WriteString("cpus=8\n")
	for l := range strings.Lines(trace) {
		if strings.HasPrefix(l, "#") {
			continue
		}
		task, rest, _ := strings.Cut(l, "[")
		cpu, rest, _ := strings.Cut(rest, "]")
		_, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
		time, event, _ := strings.Cut(strings.TrimSpace(rest), ": ")
		if name, payload, ok := strings.Cut(event, ": "); ok && name == "rproc_qcom_event" {
			f := strings.SplitN(strings.TrimSpace(payload), ": ", 3)
			raw.WriteString(task + "[" + cpu + "] " + time + ": " + name + ":  name=" + f[0] + " event=" + f[1] + " subevent=" + f[2] + "\n")
		} else {
			raw.WriteString(task + "[" + cpu + "] " + time + ": " + event + "\n")
		}
		i := strings.LastIndexByte(task, '-')
		perf.WriteString(task[:i] + " " + task[i+1:] + " [" + cpu + "] " + time + ": sys:" + event + "\n")
	}
	for form, text := range map[string]string{"trace-cmd report -R": raw.String(), "perf script": perf.String()} {
		res := run(t, m, form, []byte(text), validate.Options{})
		if len(res.Subjects) != 1 || res.Verdict != validate.Conforms || res.Subjects[0].Final["state"] != "RUNNING" || res.Subjects[0].Records != 10 {
			t.Errorf("%s: %s, %+v, %v", form, res.Verdict, res.Subjects, res.Reasons)
		}
	}
}

// TestEventValues: arguments that are expressions are held against what the fields show.
func TestEventValues(t *testing.T) {
	m := variant(t, `module shows extends remoteproc
procedure rproc_stop -> result {
  either {
    state := OFFLINE
    event stopped("{name}", state, power)
    log info "stopped remote processor {name}"
  } or {
    fail
  }
}
`)
	trace := func(payload string) []byte {
		return []byte(`# tracer: nop
#
 sh-9 [001] ..... 1.000001: shutdown: (rproc_shutdown+0x0/0xd0) name="modem"
 sh-9 [001] ..... 1.000001: stop: (rproc_stop+0x0/0xd0) name="modem"
 sh-9 [001] ..... 1.000002: stopped: ` + payload + `
 sh-9 [001] d.... 1.000003: console: remoteproc remoteproc0: stopped remote processor modem
 sh-9 [001] ..... 1.000004: stop_ret: (rproc_shutdown+0x1/0x2 <- rproc_stop) ret=0
 sh-9 [001] ..... 1.000004: shutdown_ret: (state_store+0x1/0x2 <- rproc_shutdown) ret=0
`)
	}
	for payload, want := range map[string]validate.Verdict{
		"modem: OFFLINE: 0":               validate.Conforms,
		"modem: offline: 0":               validate.Conforms,
		"modem: 0: 0x0":                   validate.Conforms,
		"modem: RUNNING: 0":               validate.Violates,
		"modem: OFFLINE: 3":               validate.Violates,
		"modem: odd: 0":                   validate.Conforms, // says nothing about the state
		"rproc=modem state=OFFLINE n=0":   validate.Conforms,
		"rproc=modem state=CRASHED n=0":   validate.Violates,
		"name=modem state=0 power=0 x=77": validate.Conforms,
	} {
		res := run(t, m, payload, trace(payload), validate.Options{Kernel: "v7_3", Probes: map[string]string{"enter": "on", "exit": "on"}})
		if res.Verdict != want {
			t.Errorf("%s: %s, want %s: %v", payload, res.Verdict, want, res.Reasons)
		}
	}
	v, err := validate.New(m, validate.Options{Probes: map[string]string{"event:stopped": "on"}})
	if err != nil || v == nil {
		t.Errorf("--probes event:stopped=on: %v", err)
	}
}
