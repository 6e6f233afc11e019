package klog

import (
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rprocspec/rprocspec/traces"
	"github.com/rprocspec/rprocspec/traces/rproc"
)

// mangler does to a log what a tool, a person or a mail program does. It keeps every line of the core
// readable.
type mangler struct {
	name  string
	timed bool // it needs lines with times, or loses lines' order without
	do    func(r *rand.Rand, lines []string) []string
}

// each makes a mangler of what is done to every line by itself.
func each(f func(r *rand.Rand, line string) string) func(*rand.Rand, []string) []string {
	return func(r *rand.Rand, lines []string) []string {
		out := make([]string, len(lines))
		for i, l := range lines {
			out[i] = f(r, l)
		}
		return out
	}
}

func before(prefix string) func(*rand.Rand, []string) []string {
	return each(func(_ *rand.Rand, l string) string { return prefix + l })
}

func after(suffix string) func(*rand.Rand, []string) []string {
	return each(func(_ *rand.Rand, l string) string { return l + suffix })
}

// stages are the manglers in the order in which they can come upon a log: one of each stage at most.
var stages = [][]mangler{
	{ // the tool that prints it, and what is logged beside it
		{"caller", true, each(func(_ *rand.Rand, l string) string { return strings.Replace(l, "] ", "][  T272] ", 1) })},
		{"dmesg's caller", true, each(func(_ *rand.Rand, l string) string { return strings.Replace(l, "] ", "] [ T272] ", 1) })},
		{"samsung", true, each(func(_ *rand.Rand, l string) string {
			return strings.Replace(l, "] ", "] [2:    kworker/2:1:  123] ", 1)
		})},
		{"mediatek", true, each(func(_ *rand.Rand, l string) string { return strings.Replace(l, "] ", "] (2)[1234:kworker/2:1]", 1) })},
		{"dmesg -d", true, each(func(_ *rand.Rand, l string) string { return strings.Replace(l, "] ", " <    0.000123>] ", 1) })},
		{"dmesg -r", true, before("<3>")},
		{"dmesg -x", true, before("kern  :err   : ")},
		{"doubled", true, double},
		{"echoed in blocks", true, echo},
		{"programs between", true, noise},
		{"newlines lost", true, func(_ *rand.Rand, lines []string) []string { return []string{strings.Join(lines, " ")} }},
		{"newlines become levels", true, func(_ *rand.Rand, lines []string) []string { return []string{strings.Join(lines, " <3>")} }},
	},
	{ // what another program puts before a line
		{"syslog", false, before("Nov 23 07:08:41 host kernel: ")},
		{"syslog without time", false, before("host kernel: ")},
		{"busybox", false, before("Nov 23 07:08:41 host kern.err kernel: ")},
		{"logread", true, before("Mon Dec 23 10:17:30 2024 kern.err kernel: ")},
		{"logread -t", true, before("Mon Dec 23 10:17:30 2024 [1734948000.123] kern.err kernel: ")},
		{"CI", false, before("2026-11-23T07:08:41.1234567Z ")},
		{"terminal", false, before("[07:08:41.123] ")},
		{"terminal with date", false, before("[2026-11-23 07:08:41] ")},
		{"LuCI", true, before("[Sep 3, 2026, 9:34:16 AM UTC] kern.err: ")},
		{"grep", false, before("dmesg.txt:12:")},
		{"docker", false, before("console | ")},
		{"prompt", true, before("root@host:~# ")},
		{"bracket lost", true, each(func(_ *rand.Rand, l string) string { return strings.TrimPrefix(l, "[") })},
	},
	{ // emphasis and typography
		{"bold", false, each(func(_ *rand.Rand, l string) string { return strings.Replace(l, "crash", "**crash**", 1) })},
		{"no-break blanks", false, each(func(_ *rand.Rand, l string) string { return strings.ReplaceAll(l, " ", "\u00a0") })},
		{"typographic", false, each(func(_ *rand.Rand, l string) string {
			return strings.NewReplacer("'", "\u2019", ": -", ": \u2013").Replace(l)
		})},
		{"dmesg's colours", true, each(func(_ *rand.Rand, l string) string {
			return "\x1b[32m" + strings.Replace(strings.Replace(l, "] ", "] \x1b[0m\x1b[33m", 1), "remoteproc0: ", "remoteproc0: \x1b[0m\x1b[31m", 1) + "\x1b[0m"
		})},
		{"colours without ESC", true, each(func(_ *rand.Rand, l string) string {
			return "[32m" + strings.Replace(l, "] ", "] [0m[1m", 1) + "[0m"
		})},
	},
	{ // wraps
		{"wrapped", false, wrap("")},
		{"wrapped with tabs", false, wrap("\t")},
		{"wrapped with blanks", false, wrap("               ")},
		{"format=flowed", false, flowed},
	},
	{ // a mail, a page
		{"quoted", false, before("> ")},
		{"quoted twice", false, before(">> ")},
		{"code block", false, before("    ")},
		{"backticks", false, each(func(_ *rand.Rand, l string) string { return "`" + l + "`" })},
		{"hard break", false, after("  ")},
		{"zero-width", false, before("\u200b")},
	},
	{ // an encoding
		{"quoted-printable", false, printable},
		{"html", false, each(func(_ *rand.Rand, l string) string {
			return "<span class=\"line\">" + html.EscapeString(l) + "</span><br/>"
		})},
		{"entities", false, each(func(_ *rand.Rand, l string) string { return strings.ReplaceAll(html.EscapeString(l), "[", "&#91;") })},
		{"LAVA", false, lavaLines(`- {"dt": "2026-01-04T12:00:03.123456", "lvl": "target", "msg": %s}`, jsonText)},
		{"LAVA, YAML", false, lavaLines(`- {dt: '2026-01-04T12:00:03.123456', lvl: target, msg: %s}`, yamlText)},
		{"docker's JSON", false, lavaLines(`{"log":%s,"stream":"stdout","time":"2026-01-04T12:00:03Z"}`, jsonText)},
	},
	{ // a file
		{"CR LF", false, after("\r")},
		{"CR CR LF", false, after("\r\r")},
		{"CR before", false, before("\r")},
		{"NUL", false, each(func(r *rand.Rand, l string) string { i := r.IntN(len(l) + 1); return l[:i] + "\x00" + l[i:] })},
		{"byte order mark", false, func(_ *rand.Rand, lines []string) []string { lines[0] = "\ufeff" + lines[0]; return lines }},
		{"empty lines", false, after("\n")},
	},
}

func double(_ *rand.Rand, lines []string) (out []string) {
	for _, l := range lines {
		out = append(out, l, l)
	}
	return out
}

func echo(r *rand.Rand, lines []string) []string {
	n := 1 + r.IntN(len(lines))
	return append(append(append([]string(nil), lines[:n]...), lines[:n]...), lines[n:]...)
}

func noise(r *rand.Rand, lines []string) (out []string) {
	words := []string{"=PASS>>>", "+ set +x", "[INFO] 1980-01-06 00:00:37 - Offlining cpu0", "remoteproc test passed", "root@host:~#", "error", "up"}
	for _, l := range lines {
		out = append(out, l, words[r.IntN(len(words))])
	}
	return out
}

// wrap breaks lines at blanks, at a width that lets every word of the core begin a line or end one.
func wrap(indent string) func(*rand.Rand, []string) []string {
	return func(r *rand.Rand, lines []string) (out []string) {
		width := 60 + r.IntN(40)
		for _, l := range lines {
			out = append(out, wrapped(l, width, indent)...)
		}
		return out
	}
}

func wrapped(l string, width int, indent string) (out []string) {
	for len(l) > width {
		i := strings.LastIndexByte(l[:width+1], ' ')
		if i < 40 {
			if i = strings.IndexByte(l[40:], ' ') + 40; i < 40 {
				break
			}
		}
		out, l = append(out, l[:i]), indent+l[i+1:]
		width = max(width, len(indent)+45)
	}
	return append(out, l)
}

func flowed(r *rand.Rand, lines []string) (out []string) {
	for _, l := range lines {
		parts := wrapped(l, 72, "")
		for i := range parts[:len(parts)-1] {
			parts[i] += " "
		}
		out = append(out, parts...)
	}
	return out
}

// printable encodes lines as quoted-printable does, with soft breaks so that no line is longer than 76.
func printable(_ *rand.Rand, lines []string) (out []string) {
	out = append(out, "Content-Transfer-Encoding: quoted-printable and a line that is long enough=", " to be broken")
	for _, l := range lines {
		var b strings.Builder
		col := 0
		for i := range len(l) {
			s := string(l[i])
			if l[i] >= 0x80 || l[i] == '=' || l[i] < ' ' {
				s = fmt.Sprintf("=%02X", l[i])
			}
			if col+len(s) > 75 {
				b.WriteString("=\n")
				col = 0
			}
			b.WriteString(s)
			col += len(s)
		}
		out = append(out, strings.Split(b.String(), "\n")...)
	}
	return out
}

func lavaLines(format string, quote func(string) string) func(*rand.Rand, []string) []string {
	return each(func(_ *rand.Rand, l string) string { return fmt.Sprintf(format, quote(l)) })
}

func jsonText(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func yamlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// plainLogs are logs as the kernel prints them, with and without times.
func plainLogs(t *testing.T) map[string][]string {
	t.Helper()
	every := []string{
		"adsp is available", "powering up adsp", "Booting fw image qcom/sa8775p/adsp.mbn, size 6795264", "remote processor adsp is now up",
		"crash detected in adsp: type fatal error", "handling crash #1 in adsp", "recovering adsp", "stopped remote processor adsp",
		"request_firmware failed: -2", "crash detected in 4080000.remoteproc: type watchdog", "handling crash #2 in 4080000.remoteproc",
		"can't stop rproc: -22", "failed to probe subdevices for cix-dsp-rproc: -16", "can't start rproc gpdsp0: -22",
		"detached remote processor imx-rproc", "remote processor imx-rproc is now attached", "crash detected in ipu: type mmufault",
	}
	logs := map[string][]string{"every line": nil, "every line, no times": nil}
	for i, l := range every {
		l = "remoteproc remoteproc0: " + l
		logs["every line, no times"] = append(logs["every line, no times"], l)
		logs["every line"] = append(logs["every line"], fmt.Sprintf("[%5d.%06d] %s", 12+i, i*37171, l))
	}
	for _, f := range []string{"dra7-ipu-omap-3.14-crash13.txt", "hamoa-adsp-crash6-recovers.txt"} {
		text, err := os.ReadFile(filepath.Join("testdata", f))
		if err != nil {
			t.Fatal(err)
		}
		logs[f] = strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	}
	return logs
}

// coreLine is what a mangled log must keep.
type coreLine struct {
	Device, Text string
	Time         int64
}

// coreLines gives the lines of the core in a log; without times, their times are left out.
func coreLines(t *testing.T, text string, times bool) (out []coreLine) {
	t.Helper()
	recs, info := read(t, text)
	if info.Malformed > 0 || info.Records+info.Duplicate > 10000 {
		t.Errorf("%+v", info)
	}
	for _, r := range recs {
		if _, ok := rproc.Parse(r.Text); ok && strings.HasPrefix(r.Device, "remoteproc") {
			c := coreLine{r.Device, r.Text, r.Time}
			if !times {
				c.Time = 0
			}
			out = append(out, c)
		}
	}
	return out
}

// A log that was mangled in one way of every stage has the lines of the core that the plain one has.
func TestMangled(t *testing.T) {
	for name, lines := range plainLogs(t) {
		timed := lines[0][0] == '['
		want := coreLines(t, strings.Join(lines, "\n"), timed)
		if len(want) < 3 {
			t.Fatalf("%s: %v", name, want)
		}
		try := func(seed uint64, picks []mangler) {
			r := rand.New(rand.NewPCG(seed, 1))
			out := append([]string(nil), lines...)
			var names []string
			for _, m := range picks {
				out = m.do(r, out)
				out = strings.Split(strings.Join(out, "\n"), "\n")
				names = append(names, m.name)
			}
			if diff := cmp.Diff(want, coreLines(t, strings.Join(out, "\n"), timed)); diff != "" {
				t.Errorf("%s, %s, seed %d (-want +got):\n%s\n%s", name, strings.Join(names, ", "), seed, diff, strings.Join(out, "\n"))
			}
		}
		for _, stage := range stages {
			for _, m := range stage {
				if timed || !m.timed {
					for seed := range uint64(8) {
						try(seed, []mangler{m})
					}
				}
			}
		}
		seeds := uint64(1500)
		if testing.Short() {
			seeds = 150
		}
		for seed := range seeds {
			try(seed, pickManglers(rand.New(rand.NewPCG(seed, 2)), timed))
			if t.Failed() {
				return
			}
		}
	}
}

// pickManglers takes one mangler of some stages. Those that cannot follow each other are left out: what
// stands before a time needs the line that it begins.
func pickManglers(r *rand.Rand, timed bool) (picks []mangler) {
	for _, stage := range stages {
		m := stage[r.IntN(len(stage))]
		if r.IntN(2) == 0 || m.timed && !timed || clash(picks, m) {
			continue
		}
		picks = append(picks, m)
	}
	return picks
}

// clash tells whether m undoes what a reader needs after the manglers before it.
func clash(before []mangler, m mangler) bool {
	has := func(names ...string) bool {
		for _, b := range before {
			for _, n := range names {
				if b.name == n {
					return true
				}
			}
		}
		return false
	}
	switch m.name {
	case "bracket lost": // only the line's own bracket can be missed
		return len(before) > 0
	case "wrapped", "wrapped with tabs", "wrapped with blanks", "format=flowed":
		return has("samsung", "mediatek", "dmesg -d", "logread -t", "newlines lost", "newlines become levels", "programs between", "doubled", "echoed in blocks", "LuCI", "prompt", "docker", "grep",
			"syslog without time", "no-break blanks", "bracket lost", "terminal", "terminal with date", "CI")
	case "quoted-printable":
		return has("wrapped", "wrapped with tabs", "wrapped with blanks", "format=flowed") && has("dmesg's colours")
	case "dmesg's colours", "colours without ESC":
		return has("grep")
	case "syslog", "busybox", "logread", "logread -t":
		return has("dmesg -x")
	case "syslog without time", "grep", "docker":
		return has("dmesg -r", "dmesg -x")
	case "empty lines":
		return has("wrapped", "wrapped with tabs", "wrapped with blanks", "format=flowed", "quoted-printable")
	case "NUL":
		return has("LAVA", "LAVA, YAML", "docker's JSON", "quoted-printable")
	}
	return false
}

// Records of one line keep its number, whatever stands in it.
func TestLineNumbers(t *testing.T) {
	text := "x\n{\n   \"dmesg\": [\n      {\n         \"pri\": 3,\n         \"time\":    13.230044,\n         \"msg\": \"remoteproc remoteproc1: recovering a\"\n      }\n   ]\n}\n[   14.000001] remoteproc remoteproc1: a is available [   14.000002] remoteproc remoteproc1: powering up a\n"
	recs, _ := read(t, text)
	var got []int
	for _, r := range recs {
		if r.Kind == traces.Log && strings.HasPrefix(r.Device, "remoteproc") {
			got = append(got, r.Line)
		}
	}
	if diff := cmp.Diff([]int{7, 11, 11}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
