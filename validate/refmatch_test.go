package validate_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/rprocspec/rprocspec/lang"
	"github.com/rprocspec/rprocspec/lang/check"
	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/open"
	"github.com/rprocspec/rprocspec/traces/timeline"
)

// refRec is a record as the reference reads it.
type refRec struct {
	kind   traces.Kind
	probe  bool
	fn     string
	call   bool
	work   *check.Object
	text   string
	level  string // of the log statements that it fits
	device bool   // the line names a device, and came by printk:console
	values []refValue
	params map[string]int
	ret    *int
	ctx    int
	depth  int // of interruption, −1: not known
	cpu    int
	time   int64
	line   int
	group  string // whose record it is; "" if it has no name
}

type refValue struct {
	v   *check.Object
	num int
}

// refKinds says which records a capture has.
type refKinds struct {
	count map[string]int
	probe map[string]int
	exact map[string]bool // log levels, as far as the capture was read
	logs  bool
	twice bool // a source became active twice with nothing in between
}

// on tells whether a kind of record is there: any record of it proves that.
func (k *refKinds) on(kind string) bool {
	if kind == "edge off" && k.count["edge on"] > 0 && !k.twice {
		return true
	}
	return k.count[kind] > 0
}

// missable tells whether records of a kind came from probes only.
func (k *refKinds) missable(kind string) bool {
	return k.count[kind] > 0 && k.probe[kind] == k.count[kind]
}

// refTrace is everything of one capture that concerns the reference.
type refTrace struct {
	recs  []*refRec
	kinds *refKinds
	odd   string // why the capture cannot be judged by the reference
}

// rigProbes are the probe events of the rig that recorded the captures, for formats that print addresses
// in place of symbols.
var rigProbes = map[string]string{
	"report_crash": "rproc_report_crash", "handler": "rproc_crash_handler_work", "trigger_recovery": "rproc_trigger_recovery",
	"boot": "rproc_boot", "shutdown": "rproc_shutdown", "detach": "rproc_detach", "i_stop": "rproc_stop",
	"i_start": "rproc_start", "do_attach": "__rproc_attach", "do_detach": "__rproc_detach",
	"stay_awake": "pm_stay_awake", "relax": "pm_relax",
}

// groupOf knows the processors of that rig: each has three names.
func groupOf(name string) string {
	for i, n := range []string{"modem", "adsp", "m4", "cm33"} {
		if name == n || name == fmt.Sprintf("rproc-dummy.%d", i) {
			return fmt.Sprintf("remoteproc%d", i)
		}
	}
	return name
}

// readRef reads the records that concern a specification.
func readRef(info *check.Info, name string, in io.Reader) (*refTrace, error) {
	all, err := readSorted(in, name)
	if err != nil {
		return nil, err
	}
	t := &refTrace{kinds: &refKinds{count: map[string]int{}, probe: map[string]int{}, exact: map[string]bool{}}}
	ctxs := map[string]int{}
	lastEdge := map[string]traces.Kind{}
	for _, r := range all {
		x := &refRec{
			kind: r.Kind, probe: r.Source == traces.Kprobe, fn: r.Func, text: r.Text, cpu: r.CPU, time: r.Time, line: r.Line,
			device: r.Device != "" && r.Source == traces.Tracepoint, params: map[string]int{},
		}
		x.context(r, ctxs)
		if !x.concerns(info, r, t) {
			continue
		}
		t.count(x, r, lastEdge)
		t.recs = append(t.recs, x)
	}
	return t, nil
}

// readSorted reads all records, those of different CPUs in the order of their times.
func readSorted(in io.Reader, name string) ([]*traces.Record, error) {
	rd, err := open.Reader(in, name, traces.Options{SkipOther: true})
	if err != nil {
		return nil, err
	}
	rd = timeline.New(rd, name)
	var all []*traces.Record
	for {
		var r traces.Record
		err := rd.Read(&r)
		if errors.Is(err, io.EOF) {
			slices.SortStableFunc(all, func(a, b *traces.Record) int { return cmp.Compare(a.Time, b.Time) })
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, r.Clone())
	}
}

func (x *refRec) context(r *traces.Record, ctxs map[string]int) {
	x.depth = map[traces.Context]int{traces.NoContext: -1, traces.SoftIRQ: 1, traces.HardIRQ: 2, traces.NMI: 3}[r.Context]
	key := strconv.Itoa(r.PID)
	switch {
	case r.PID < 0:
		return
	case x.depth > 0:
		key = fmt.Sprintf("irq%d on %d", x.depth, r.CPU)
	case r.PID == 0:
		key = fmt.Sprintf("idle on %d", r.CPU)
	}
	if ctxs[key] == 0 {
		ctxs[key] = len(ctxs) + 1
	}
	x.ctx = ctxs[key]
}

// concerns tells whether the specification has such records, and finds the names and values in it.
func (x *refRec) concerns(info *check.Info, r *traces.Record, t *refTrace) bool {
	switch r.Kind {
	case traces.Enter, traces.Exit:
		if r.Func == "" {
			event := r.Event[strings.LastIndexByte(r.Event, ':')+1:]
			if r.Func = rigProbes[strings.TrimSuffix(event, "_ret")]; r.Func == "" {
				t.odd = "addresses without symbols"
				return false
			}
			x.fn = r.Func
		}
		x.call = r.Func == "pm_stay_awake" || r.Func == "pm_relax"
		known := x.call
		for _, p := range info.Processes {
			known = known || p.Name == r.Func && !p.Decl.Unobserved
		}
		if !known {
			return false
		}
	case traces.EdgeOn, traces.EdgeOff:
		x.group = groupOf(r.Name)
	case traces.Queue, traces.Start, traces.End:
		for _, o := range info.Works {
			if info.Uses[o.Decl.(*lang.Work).Runs].Name == r.Func {
				x.work = o
			}
		}
		if x.work == nil {
			return false
		}
	case traces.Log:
		if x.level = levelOf(info, r.Text); x.level == "" {
			return false
		}
		if r.Source == traces.KernelLog {
			t.odd = "a kernel log"
		}
		x.group = groupOf(r.Device)
	case traces.Lost, traces.Begin:
		t.odd = "lost records"
		return false
	default:
		return false
	}
	x.arguments(info, r)
	return true
}

func (x *refRec) arguments(info *check.Info, r *traces.Record) {
	for _, a := range r.Args {
		if a.Quote {
			x.group = groupOf(a.Value)
			continue
		}
		n, err := strconv.ParseInt(a.Value, 0, 64)
		if err != nil {
			continue
		}
		if n > 1<<31-1 && n < 1<<32 {
			n -= 1 << 32
		}
		num := int(n)
		if r.Kind == traces.Exit && (a.Name == "ret" || a.Name == "retval" || a.Name == "arg1") {
			x.ret = &num
			continue
		}
		for _, o := range info.Vars {
			if o.Name == a.Name && believable(o.Type, num) {
				x.values = append(x.values, refValue{o, num})
			}
		}
		x.params[a.Name] = num
	}
}

// believable tells whether a probe that read n read the variable and not something beside it.
func believable(t check.Type, n int) bool {
	return t.Kind != check.EnumType || n >= 0 && n < len(t.Enum.Members)
}

// count takes notice of what x says about the capture as a whole.
func (t *refTrace) count(x *refRec, r *traces.Record, lastEdge map[string]traces.Kind) {
	kind := ""
	switch x.kind {
	case traces.Enter:
		kind = "enter:" + x.fn
		if x.call {
			kind = "call:" + x.fn
		}
	case traces.Exit:
		kind = "exit:" + x.fn
	case traces.Queue:
		kind = "queue"
	case traces.Start:
		kind = "start"
	case traces.End:
		kind = "end"
	case traces.Log:
		t.kinds.logs = true
		return
	case traces.EdgeOn, traces.EdgeOff:
		kind = map[traces.Kind]string{traces.EdgeOn: "edge on", traces.EdgeOff: "edge off"}[x.kind]
		t.kinds.twice = t.kinds.twice || x.kind == traces.EdgeOn && lastEdge[r.Name] == traces.EdgeOn
		lastEdge[r.Name] = x.kind
	}
	t.kinds.count[kind]++
	if x.probe {
		t.kinds.probe[kind]++
	}
}

// levelOf gives the level of the log statements that a line fits, "" if it fits none.
func levelOf(info *check.Info, text string) (level string) {
	for _, p := range info.Processes {
		lang.Walk(p.Decl.Body, func(n lang.Node) bool {
			if s, ok := n.(*lang.Log); ok && level == "" {
				for _, lit := range s.Patterns {
					if _, ok := fill(info.Patterns[lit], text); ok {
						level = s.Level
					}
				}
			}
			return true
		})
	}
	return level
}

// fill fits a line to a pattern and gives the texts of its values.
func fill(parts []check.Part, line string) (map[*check.Object]string, bool) {
	if len(parts) == 0 {
		return map[*check.Object]string{}, line == ""
	}
	p := parts[0]
	if p.Kind == check.LiteralPart {
		rest, ok := strings.CutPrefix(line, p.Text)
		if !ok {
			return nil, false
		}
		return fill(parts[1:], rest)
	}
	for n := 0; n <= len(line); n++ {
		if n == 0 && p.Kind == check.SubjectPart {
			continue
		}
		if vals, ok := fill(parts[1:], line[n:]); ok {
			if p.Kind == check.ValuePart {
				vals[p.Object] = line[:n]
			}
			return vals, true
		}
	}
	return nil, false
}

// split gives the records of every processor that the specification's own records name. Records
// without a name are those of the processor that their thread names in the same work, or named last, else
// of the first one.
func (t *refTrace) split() map[string][]*refRec {
	ours := map[string]bool{}
	first := ""
	for _, r := range t.recs {
		if r.group != "" && !r.call && r.kind != traces.EdgeOn && r.kind != traces.EdgeOff {
			ours[r.group] = true
			if first == "" {
				first = r.group
			}
		}
	}
	if first == "" && len(t.recs) > 0 {
		for _, r := range t.recs {
			if r.group != "" {
				first = r.group
				break
			}
		}
		ours[first] = true
	}
	out := map[string][]*refRec{}
	last := map[int]string{}
	for i, r := range t.recs {
		g := r.group
		if g == "" && r.kind == traces.Start {
			g = t.nextName(i)
		}
		if g == "" {
			g = last[r.ctx]
		}
		if g == "" {
			g = first
		}
		if ours[g] {
			last[r.ctx] = g
			out[g] = append(out[g], r)
		}
	}
	return out
}

// nextName gives the processor that the thread of record i names next in the work that begins there.
func (t *refTrace) nextName(i int) string {
	for _, r := range t.recs[i+1:] {
		if r.ctx == t.recs[i].ctx && (r.group != "" || r.kind == traces.Start || r.kind == traces.End) {
			return r.group
		}
	}
	return ""
}

// sameTime cuts records into runs of one time on several CPUs, whose order is not known.
func sameTime(recs []*refRec) (runs [][]*refRec) {
	for _, r := range recs {
		if n := len(runs); n > 0 && r.time != traces.NoTime && runs[n-1][0].time == r.time && len(runs[n-1]) < 5 {
			runs[n-1] = append(runs[n-1], r)
			continue
		}
		runs = append(runs, []*refRec{r})
	}
	return runs
}

// eachOrder calls f with every order of recs that keeps that of each CPU.
func eachOrder(recs, done []*refRec, f func([]*refRec)) {
	if len(recs) == 0 {
		f(done)
		return
	}
	seen := map[int]bool{}
	for i, r := range recs {
		if !seen[r.cpu] {
			seen[r.cpu] = true
			rest := append(slices.Clone(recs[:i]), recs[i+1:]...)
			eachOrder(rest, append(slices.Clone(done), r), f)
		}
	}
}
