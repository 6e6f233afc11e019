package ftrace

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/internal/line"
)

// The oracle reads event lines of tracefs, trace-cmd report and perf script with regular
// expressions: slow, but close to how the grammar is written down.

const (
	rxSpace = `[ \t]+`
	rxStamp = `(?:(\d+)(?:\.(\d{6,9}))?:|"([^"]{0,32})":?)`
)

var (
	rxTask    = regexp.MustCompile(`(?s)^-(\d+)` + rxSpace + `(?:\([ \t]*[\d-]+\)` + rxSpace + `)?\[(\d{3,})\]` + rxSpace + `(?:([!#-9;-~]{3,8})` + rxSpace + `)?` + rxStamp + rxSpace + `(.*)$`)
	rxPerf    = regexp.MustCompile(`(?s)^\[(\d{3,})\]` + rxSpace + rxStamp + rxSpace + `(.*)$`)
	rxPerfPID = regexp.MustCompile(`(?s)^[ \t]*(.*?[^ \t])[ \t]+(?:-?\d{1,10}/)?(-?\d{1,10})[ \t]+$`)
	rxDiff    = regexp.MustCompile(`^\(\+\d+\)[ \t]*`)
	rxPeriod  = regexp.MustCompile(`^\d+ [ \t]*`)
	rxNamed   = regexp.MustCompile(`(?s)^([A-Za-z_.<#0][^ ]*):(?: +(.*)| *)$`)
	rxCaller  = regexp.MustCompile(`(?s)^([A-Za-z_.<#0].*?) *? <- *(.*)$`)
	rxAddress = regexp.MustCompile(`(?s)^([A-Za-z_.<#0][^ ]*) <((?:0x[0-9A-Fa-f]+|[0-9A-Fa-f]{8,}))>: +(.*)$`)
	rxRemark  = regexp.MustCompile(`^[<#]|^UNKNOWN TYPE `)
	rxBare    = regexp.MustCompile(`(?s)^[A-Za-z_.0][\w.$+/]*(?: [ \t]*(?:\[.*)?)?$`)
	rxBuffer  = regexp.MustCompile(`(?s)^(.+: *)(.{16})$`)

	rxProbe  = regexp.MustCompile(`(?s)^\(([^)]+)\)((?: .*)?)$`)
	rxModule = regexp.MustCompile(`(?s) \[.*$`)
	rxPlace  = regexp.MustCompile(`(?s)^([\w.$]+?)(?:\+0x([0-9A-Fa-f]+)(?:/.*)?)?$`)
	rxAddr   = regexp.MustCompile(`^(?:0x[0-9A-Fa-f]+|[0-9A-Fa-f]{8,})$`)
	rxEdge   = regexp.MustCompile(`(?s)^(.*) state=([^=]*)$`)
	rxWork   = regexp.MustCompile(`(?s)^(?:work)?(?: struct)?[= ]*([^ ]*)(?: +(.*))?$`)
	rxFunc   = regexp.MustCompile(`(?s)^function.([^ ]*)`)
)

// oracle is one event line as the regular expressions see it.
type oracle struct {
	rec        traces.Record
	flags      string
	name, body string
	form       form
}

func oracleLine(d dialect, text string) (*oracle, bool) {
	if d == perf {
		return oraclePerf(text)
	}
	for i := range min(len(text), 512) {
		if text[i] != '-' {
			continue
		}
		if m := rxTask.FindStringSubmatch(text[i:]); m != nil {
			o := &oracle{flags: m[3]}
			o.rec.Comm = strings.TrimLeft(oracleComm(text[:i]), " \t")
			if o.numbers(m[1], m[2]) && o.stamp(m[4:7]) && o.event(m[7]) {
				return o, true
			}
		}
	}
	return nil, false
}

func oracleComm(s string) string {
	if m := rxBuffer.FindStringSubmatch(s); m != nil && len(s) > 17 && len(strings.TrimRight(m[1], " ")) > 1 && len(s)-len(m[1]) == 16 {
		return m[2]
	}
	return s
}

func oraclePerf(text string) (*oracle, bool) {
	for i := range min(len(text), 512) {
		if text[i] != '[' {
			continue
		}
		m, task := rxPerf.FindStringSubmatch(text[i:]), rxPerfPID.FindStringSubmatch(text[:i])
		if m == nil || task == nil || m[3] == "" {
			continue
		}
		o := &oracle{}
		o.rec.Comm = task[1]
		pid := task[2]
		if pid[0] == '-' {
			pid = "0"
		}
		if !o.numbers(pid, m[1]) || !o.stamp(m[2:5]) {
			continue
		}
		if task[2][0] == '-' {
			o.rec.PID = -1
		}
		event := rxPeriod.ReplaceAllString(m[5], "")
		if strings.HasPrefix(event, "PERF_RECORD_LOST") {
			o.form, o.name = remark, event
			return o, true
		}
		if strings.HasPrefix(event, "PERF_RECORD_") {
			continue
		}
		if o.event(event) {
			if _, after, ok := strings.Cut(o.name, ":"); ok && o.form == named {
				o.name = after
			}
			return o, true
		}
	}
	return nil, false
}

func (o *oracle) numbers(pid, cpu string) bool {
	p, ok1 := oracleNumber(pid)
	c, ok2 := oracleNumber(cpu)
	o.rec.PID, o.rec.CPU = int(p), int(c)
	return ok1 && ok2
}

// oracleNumber has the bound of number: it refuses the last eight values of an int64.
func oracleNumber(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n < 9223372036854775800
}

func (o *oracle) stamp(m []string) bool {
	if m[2] != "" {
		t, err := time.Parse(dateLayout, m[2])
		o.rec.Time = t.UnixNano()
		return err == nil && t.Year() >= 1970 && t.Year() <= 2200
	}
	n, ok := oracleNumber(m[0])
	o.rec.Time = n
	if m[1] != "" {
		frac, _ := oracleNumber((m[1] + "000")[:9])
		o.rec.Time = n*1e9 + frac
		ok = ok && n < 9223372036
	}
	return ok
}

func (o *oracle) event(ev string) bool {
	ev = rxDiff.ReplaceAllString(ev, "")
	if m := rxNamed.FindStringSubmatch(ev); m != nil {
		o.form, o.name, o.body = named, m[1], m[2]
		return true
	}
	if m := rxAddress.FindStringSubmatch(ev); m != nil {
		o.form, o.name, o.body = named, m[1], m[3]
		return true
	}
	if m := rxCaller.FindStringSubmatch(ev); m != nil {
		o.form, o.name = caller, m[1]
		return true
	}
	o.form, o.name = remark, ev
	if rxRemark.MatchString(ev) {
		return true
	}
	o.form = bare
	return rxBare.MatchString(ev)
}

// record gives the kind and the fields that kind has; graph events and losses of perf are left out.
func (o *oracle) record(d dialect) traces.Record {
	r := o.rec
	r.Context = oracleContext(o.flags)
	if o.form == named {
		r.Event = o.name
	}
	switch {
	case o.form == caller, o.form == bare:
		oracleFunction(&r, o.name)
	case o.form != named, o.body == "":
	case oracleKind(o.name) != traces.Other:
		r.Kind = oracleKind(o.name)
		oracleTracepoint(&r, o.body)
	case o.body[0] == '(':
		oracleProbe(&r, d, o.body)
	case o.name == "function":
		f, _, _ := strings.Cut(o.body, " <-")
		oracleFunction(&r, f)
	case o.name == "print" && rxMark.MatchString(o.body):
		r.Kind = traces.Mark
		r.Text = rxMark.ReplaceAllString(o.body, "")
	}
	return r
}

var rxMark = regexp.MustCompile(`^(?:(?:tracing_mark_write(?:\+[^:]*?)?|[0-9A-Fa-f]{8,}s?|0x[0-9A-Fa-f]+s?): |ip=tracing_mark_write buf=)`)

// short tells whether an event was cut.
func (o *oracle) short(d dialect) bool {
	switch {
	case o.form == bare:
		return d == report || d == perf
	case o.form != named:
		return false
	}
	switch oracleKind(o.name) {
	case traces.EdgeOn, traces.EdgeOff:
		return !regexp.MustCompile(` state=`).MatchString(o.body)
	case traces.Queue, traces.Start:
		return !regexp.MustCompile(` function`).MatchString(o.body)
	case traces.End:
		return o.body == ""
	case traces.Other:
		if k := o.record(d).Kind; k == traces.Enter || k == traces.Exit {
			return regexp.MustCompile(`(?s)^.*="[^"]*$`).MatchString(o.body)
		}
		return regexp.MustCompile(`^\([\w.$+/]*\+0x[\w.$+/]*$`).MatchString(o.body)
	}
	return false
}

var oracleStatic = map[string]traces.Kind{
	"wakeup_source_activate": traces.EdgeOn, "wakeup_source_deactivate": traces.EdgeOff,
	"workqueue_queue_work": traces.Queue, "workqueue_execute_start": traces.Start, "workqueue_execute_end": traces.End,
	"console": traces.Log, "sched_switch": traces.Switch,
}

func oracleKind(name string) traces.Kind {
	if regexp.MustCompile(`(?s)^tracing_mark_write(?:\+.*)?$`).MatchString(name) {
		return traces.Mark
	}
	return oracleStatic[name]
}

func oracleContext(flags string) traces.Context {
	switch {
	case len(flags) < 3:
		return traces.NoContext
	case flags[2] == 's':
		return traces.SoftIRQ
	case strings.Contains("hH", flags[2:3]):
		return traces.HardIRQ
	case strings.Contains("zZ", flags[2:3]):
		return traces.NMI
	}
	return traces.Process
}

func oracleFuncName(s string) string {
	if rxAddr.MatchString(s) {
		return ""
	}
	return regexp.MustCompile(`^\.?([^.+]*)`).FindStringSubmatch(s)[1]
}

func oracleFunction(r *traces.Record, name string) {
	r.Kind, r.Event = traces.Enter, ""
	f, args, _ := strings.Cut(name, "(")
	if f == "" {
		f, args = name, ""
	}
	for arg := range strings.SplitSeq(strings.TrimSuffix(args, ")"), ", ") {
		if k, v, ok := strings.Cut(arg, "="); ok && v != "(null)" && v != "(fault)" {
			r.Args = append(r.Args, traces.Arg{Name: k, Value: v})
		}
	}
	f, _, _ = strings.Cut(f, " ")
	if r.Func = oracleFuncName(f); r.Func == "" {
		r.Addr = f
	}
}

func oracleProbe(r *traces.Record, d dialect, body string) {
	m := rxProbe.FindStringSubmatch(body)
	if m == nil {
		return
	}
	left, right, ret := strings.Cut(m[1], " <- ")
	l := rxPlace.FindStringSubmatch(rxModule.ReplaceAllString(left, ""))
	f := l
	if l == nil || !oracleOffset(l) {
		return
	}
	isAddr := func(p []string) bool { return p[2] == "" && rxAddr.MatchString(p[1]) }
	isEntry := func(p []string) bool { return strings.Trim(p[2], "0") == "" }
	switch {
	case ret:
		rt := rxPlace.FindStringSubmatch(rxModule.ReplaceAllString(right, ""))
		if rt == nil || !oracleOffset(rt) {
			return
		}
		r.Kind = traces.Exit
		switch {
		case isAddr(l) && isAddr(rt):
			if d == tracefs && strings.HasPrefix(l[1], "0x") {
				f = rt
			}
		case isEntry(l) && !isEntry(rt):
		case isEntry(rt) && !isEntry(l), d == tracefs:
			f = rt
		}
	case isAddr(l):
		r.Kind = traces.Enter
	default:
		off, _ := strconv.ParseUint(l[2], 16, 64)
		if l[2] == "" || off > 16 {
			return
		}
		r.Kind = traces.Enter
	}
	if isAddr(f) {
		r.Addr = f[1]
	} else {
		r.Func = oracleFuncName(f[1])
	}
	r.Args = oracleArgs(m[2])
}

func oracleOffset(p []string) bool {
	_, err := strconv.ParseUint(p[2], 16, 64)
	return p[2] == "" || err == nil
}

var (
	rxNextArg = regexp.MustCompile(`(?s)^[^=]*?([^ =]*)=(.*)$`)
	rxQuoted  = regexp.MustCompile(`(?s)^"(.*?)"((?: .*)?)$`)
	rxList    = regexp.MustCompile(`(?s)^(\{.*?\})((?: .*)?)$`)
	rxPlain   = regexp.MustCompile(`(?s)^([^ ]*)(.*)$`)
)

func oracleArgs(text string) (args []traces.Arg) {
	for {
		m := rxNextArg.FindStringSubmatch(text)
		if m == nil {
			return args
		}
		v := rxQuoted.FindStringSubmatch(m[2])
		quote := v != nil
		if v == nil {
			v = rxList.FindStringSubmatch(m[2])
		}
		if v == nil {
			v = rxPlain.FindStringSubmatch(m[2])
		}
		if text = v[2]; v[1] != "(null)" && v[1] != "(fault)" {
			args = append(args, traces.Arg{Name: m[1], Value: v[1], Quote: quote})
		}
	}
}

func oracleTracepoint(r *traces.Record, body string) {
	raw := strings.TrimLeft(strings.TrimPrefix(body, "[FAILED TO PARSE]"), " ")
	switch r.Kind {
	case traces.Mark:
		r.Text = body
	case traces.EdgeOn, traces.EdgeOff:
		m := rxEdge.FindStringSubmatch(raw)
		i := strings.LastIndex(raw, " state=")
		if m == nil || len(m[1]) != i {
			m = nil
			if i >= 0 {
				m = []string{"", raw[:i], raw[i+7:]}
			}
		}
		counter, _, _ := strings.Cut(strings.TrimLeft(m[2], " "), " ")
		n, err := strconv.ParseUint(counter, 0, 32)
		r.Name, r.Counter, r.HasCtr = strings.TrimPrefix(m[1], "name="), uint32(n), err == nil
	case traces.Queue, traces.Start, traces.End:
		m := rxWork.FindStringSubmatch(raw)
		if item := strings.TrimSuffix(m[1], ":"); !strings.HasPrefix(item, "(") {
			r.Work = item
		}
		if f := rxFunc.FindStringSubmatch(m[2]); f != nil {
			r.Func = oracleFuncName(f[1])
		}
	}
}

// compareLine reads one line with both readers.
func compareLine(t *testing.T, tr *Reader, d dialect, text []byte) {
	t.Helper()
	tr.dialect, tr.leaves = d, nil
	ok := tr.split(text)
	want, wantOK := oracleLine(d, string(text))
	if ok != wantOK {
		t.Fatalf("dialect %d, line %q: understood = %t, the oracle says %t", d, text, ok, wantOK)
	}
	if !ok || strings.HasPrefix(want.name, "funcgraph_") {
		return // graphs have tests of their own
	}
	var r traces.Record
	tr.fill(&r)
	if got := r.Kind == traces.Lost && r.Reason == damaged; got != want.short(d) {
		t.Fatalf("dialect %d, line %q: cut = %t, the oracle says %t", d, text, got, !got)
	}
	if r.Kind == traces.Lost {
		return
	}
	w := want.record(d)
	r.Source, r.Line, w.Source, w.Line = 0, 0, 0, 0
	if r.Kind == traces.Log { // the split of messages has its own tests
		r.Driver, r.Device, r.Text = "", "", ""
	}
	r.Args = slices.Clip(r.Args)
	if len(r.Args) == 0 {
		r.Args = nil
	}
	if diff := cmp.Diff(w, r); diff != "" {
		t.Fatalf("dialect %d, line %q (-oracle +reader):\n%s", d, text, diff)
	}
}

func lineReader() *Reader { return &Reader{lines: &line.Reader{}, open: calls{}} }

func TestOracle(t *testing.T) {
	tr := lineReader()
	for _, c := range lineTests {
		for _, d := range []dialect{tracefs, report, perf} {
			compareLine(t, tr, d, []byte(c.line))
		}
	}
	files, _ := filepath.Glob("testdata/*.txt")
	for _, dir := range []string{"captures/*", "logs/*"} {
		more, _ := filepath.Glob(filepath.Join(shared, dir, "*.txt"))
		files = append(files, more...)
	}
	for i, file := range files {
		if testing.Short() && i%10 != 0 {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for text := range bytes.Lines(text) {
			text = bytes.TrimRight(text, "\r\n")
			for _, d := range []dialect{tracefs, report, perf} {
				compareLine(t, tr, d, text)
			}
		}
	}
}

func FuzzFtraceLine(f *testing.F) {
	for _, c := range lineTests {
		f.Add(byte(c.dialect), []byte(c.line))
	}
	f.Fuzz(func(t *testing.T, d byte, text []byte) {
		if bytes.ContainsAny(text, "\r\n") {
			t.Skip("more than one line")
		}
		if isASCII(text) { // columns are bytes, but a regexp counts runes
			compareLine(t, lineReader(), []dialect{tracefs, report, perf}[d%3], text)
		}
		readWhole(t, text)
	})
}

func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// readWhole reads any bytes as a trace: no panic, and the counts fit the lines.
func readWhole(t *testing.T, text []byte) {
	tr, err := New(bytes.NewReader(text), "fuzz", traces.Options{})
	if err != nil {
		return
	}
	var r traces.Record
	for err == nil {
		err = tr.Read(&r)
	}
	if _, bad := err.(*traces.FormatError); err != io.EOF && !bad {
		t.Fatal(err)
	}
	if i := tr.Info(); i.Records+i.Malformed > 2*i.Lines || len(i.Bad) > traces.MaxBad {
		t.Fatalf("%+v", i)
	}
}
