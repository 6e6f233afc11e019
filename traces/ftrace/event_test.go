package ftrace

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
)

// readKinds gives the kinds and lines of the records of a trace.
func readKinds(t *testing.T, text string, opt traces.Options) (kinds []traces.Kind, lines []int, info *traces.Info) {
	t.Helper()
	tr, err := New(strings.NewReader(text), "test", opt)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var r traces.Record
		switch err := tr.Read(&r); err {
		case nil:
			kinds, lines = append(kinds, r.Kind), append(lines, r.Line)
		case io.EOF:
			return kinds, lines, tr.Info()
		default:
			t.Fatal(err)
		}
	}
}

// A second header begins another trace; one before the first record does not.
func TestBegin(t *testing.T) {
	const (
		header = "# tracer: nop\n#\n# entries-in-buffer/entries-written: 3/3   #P:4\n#\n"
		event  = " a-1 [000] .... 5.000001: rproc_stop <-f\n"
		graph  = "    5.000010 |   0)    a-1    |   1.000 us    |  rproc_stop();\n"
		report = " a-1 [000] 5.000001: function: rproc_stop <-- f\n"
	)
	const begin, enter, exit = traces.Begin, traces.Enter, traces.Exit
	for _, tt := range []struct {
		text  string
		kinds []traces.Kind
		lines []int
		cpus  int
	}{
		{header + header + event, []traces.Kind{enter}, []int{9}, 4},
		{header + event + header + event, []traces.Kind{enter, begin, enter}, []int{5, 6, 10}, 4},
		{header + event + header, []traces.Kind{enter, begin}, []int{5, 6}, 4},
		{header + graph + header + event, []traces.Kind{enter, exit, begin, enter}, []int{5, 5, 6, 10}, 4},
		{"cpus=2\n" + report + "cpus=3\n" + report, []traces.Kind{enter, begin, enter}, []int{2, 3, 4}, 3},
	} {
		kinds, lines, info := readKinds(t, tt.text, traces.Options{})
		if !slices.Equal(kinds, tt.kinds) || !slices.Equal(lines, tt.lines) || info.CPUs != tt.cpus {
			t.Errorf("%q: kinds %v, lines %v, %d CPUs; want %v, %v, %d", tt.text, kinds, lines, info.CPUs, tt.kinds, tt.lines, tt.cpus)
		}
	}
}

// What an event printed, and the fields of it.
func TestEventPayload(t *testing.T) {
	opt := traces.Options{SkipOther: true, Events: map[string]bool{"rproc_qcom_event": true}}
	for line, want := range map[string]*traces.Record{
		"rproc_qcom_event: 4080000.remoteproc: q6v5_wdog: err: 1": {Text: "4080000.remoteproc: q6v5_wdog: err: 1"},
		"rproc_qcom_event: modem: glink: crash stop":              {Text: "modem: glink: crash stop"},
		"rproc_qcom_event: ": {},
		"rproc_qcom_event: [FAILED TO PARSE] name=4080000.remoteproc event=glink subevent=crash stop": {
			Text: "name=4080000.remoteproc event=glink subevent=crash stop",
			Args: []traces.Arg{{Name: "name", Value: "4080000.remoteproc"}, {Name: "event", Value: "glink"}, {Name: "subevent", Value: "crash stop"}},
		},
		`rproc_qcom_event: name="a b" n=-3`: {Text: `name="a b" n=-3`, Args: []traces.Arg{{Name: "name", Value: "a b"}, {Name: "n", Value: "-3"}}},
		"other_event: x":                    nil,
		// A probe stays what it is, whatever it is called.
		"rproc_qcom_event: (rproc_stop+0x0/0x10) state=2": {Kind: traces.Enter, Func: "rproc_stop", Source: traces.Kprobe, Args: []traces.Arg{{Name: "state", Value: "2"}}},
	} {
		tr, err := New(strings.NewReader(" a-1 [000] .... 5.000001: "+line+"\n"), "test", opt)
		if err != nil {
			t.Fatal(err)
		}
		var got traces.Record
		err = tr.Read(&got)
		if want == nil {
			if err != io.EOF {
				t.Errorf("%s: %+v, %v; want no record", line, got, err)
			}
			continue
		}
		if want.Kind == 0 {
			want.Kind, want.Source = traces.Event, traces.Tracepoint
		}
		want.Comm, want.PID, want.Time, want.Line, want.Event, want.Context = "a", 1, 5000001000, 1, "rproc_qcom_event", traces.Process
		if len(got.Args) == 0 {
			got.Args = nil
		}
		if diff := cmp.Diff(want, &got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", line, err, diff)
		}
	}
}

var rxField = regexp.MustCompile(`(?s)^[ \t]*(\w+)=(.*)$`)

// slowFields reads "name=value name=value" with a regular expression and no position kept.
func slowFields(text string) (args []traces.Arg) {
	m := rxField.FindStringSubmatch(text)
	for m != nil {
		rest, next := m[2], []string(nil)
		for i := range rest {
			if rest[i] == ' ' && rxField.MatchString(rest[i:]) {
				next = rxField.FindStringSubmatch(rest[i:])
				rest = rest[:i]
				break
			}
		}
		if v := strings.Trim(string(bytes.TrimSpace([]byte(rest))), `"`); v != "(null)" && v != "(fault)" {
			args = append(args, traces.Arg{Name: m[1], Value: v})
		}
		m = next
	}
	return args
}

func FuzzEventPayload(f *testing.F) {
	for _, s := range []string{"", "a=1 b=2", "modem: x: y", "a= b=", ` n="x" m=(null) k=a b c`, "a=b=c d=e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1000 || !isASCII([]byte(s)) {
			t.Skip("the slow reader is for short text")
		}
		tr := lineReader()
		var r traces.Record
		tr.payload(&r, []byte(s))
		if diff := cmp.Diff(slowFields(s), r.Args); diff != "" || r.Text != s {
			t.Fatalf("%q (-slow +reader)\n%s", s, diff)
		}
	})
}
